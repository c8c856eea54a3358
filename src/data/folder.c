/* PNG files: one, or a folder of them. Sub-folders of a folder without PNGs of its own are
 * classes. Two passes: headers first, so that size, channels and memory are known before
 * anything is decoded. */
#include "data/folder.h"

#include "base/gz.h"
#include "base/mem.h"
#include "data/input.h"
#include "data/labels.h"
#include "data/png.h"
#include "data/raw.h"

#include <string.h>

struct tally {
    struct hg__png_header want; /* what all become */
    size_t resampled;
    size_t broken;
    struct hg_error first; /* of the first broken file */
};

/* ---- first pass ---- */

struct size_count {
    size_t width, height, count;
};

/* Files of one folder have few sizes; the list is searched from its end, where the size of the
 * last file stands. */
static enum hg_status count_size(struct size_count **sizes, size_t *used,
                                 const struct hg__png_header *header, struct hg_error *error)
{
    struct size_count *more;

    for (size_t i = *used; i-- > 0;)
        if ((*sizes)[i].width == header->width && (*sizes)[i].height == header->height) {
            (*sizes)[i].count++;
            return HG_OK;
        }
    if (*used >= 4096) /* all different: the first ones decide */
        return HG_OK;
    more = hg__realloc(*sizes, *used + 1, sizeof **sizes);
    if (!more)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the sizes of pictures");
    *sizes = more;
    more[(*used)++] = (struct size_count){header->width, header->height, 1};
    return HG_OK;
}

/* The header of every file; the commonest size, the most channels and bits. */
static enum hg_status survey(const struct hg__listing *listing, const struct hg__wish *wish,
                             struct tally *tally, struct hg_error *error)
{
    struct size_count *sizes = NULL;
    size_t used = 0, best = 0;
    enum hg_status status = HG_OK;

    tally->want = (struct hg__png_header){1, 1, 1, HG__U8};
    for (size_t i = 0; status == HG_OK && i < listing->count; i++) {
        const struct hg__png_header *header = &listing->items[i].header;
        if (header->width == 0 || header->width > wish->max_pixels / header->height)
            continue; /* the second pass says what is wrong */
        if (header->channels == 3)
            tally->want.channels = 3;
        if (header->type == HG__U16)
            tally->want.type = HG__U16;
        status = count_size(&sizes, &used, header, error);
    }
    for (size_t i = 1; i < used; i++)
        if (sizes[i].count > sizes[best].count)
            best = i;
    if (used > 0) {
        tally->want.width = sizes[best].width;
        tally->want.height = sizes[best].height;
    }
    hg__free(sizes);
    if (wish->width) {
        tally->want.width = (size_t)wish->width;
        tally->want.height = (size_t)wish->height;
    }
    if (wish->channels)
        tally->want.channels = wish->channels;
    return status;
}

/* ---- second pass ---- */

/* Brings a decoded picture to what all have, into its place. */
static enum hg_status fit(const struct hg__picture *picture, const struct hg__picture *place,
                          struct tally *tally, struct hg_error *error)
{
    struct hg__picture same = {place->type, picture->shape, place->values};
    struct hg__resizer resizer;
    enum hg_status status;
    void *area;

    same.shape.channels = place->shape.channels;
    if (picture->shape.rows == place->shape.rows &&
        picture->shape.columns == place->shape.columns) {
        hg__picture_convert(picture, &same);
        return HG_OK;
    }
    area = hg__alloc(hg_shape_size(same.shape), hg__type_size(same.type));
    if (!area)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to resample a picture");
    same.values = area;
    hg__picture_convert(picture, &same);
    status = hg__resizer_init(&resizer, same.shape, place->shape, error);
    if (status == HG_OK) {
        hg__resizer_run(&resizer, &same, place);
        hg__resizer_fini(&resizer);
        tally->resampled++;
    }
    hg__free(area);
    return status;
}

static enum hg_status decode(struct hg_context *context, const struct hg__wish *wish,
                             const struct hg__item *item, struct hg__picture *picture,
                             struct hg_error *error)
{
    size_t most = hg_context_max_memory(context);
    struct hg__png_limit limit = {item->path, wish->max_pixels, most};
    struct hg__peek peek = {.path = item->path, .gzip = item->gzip};
    struct hg__bytes bytes = {0};
    enum hg_status status = hg__raw_check_pixels(wish, item->path, item->header.width,
                                                 item->header.height, error);

    if (status == HG_OK)
        status = hg__input_all(context, &peek, &bytes, error);
    if (status == HG_OK)
        status = hg__png_decode(&bytes, &limit, picture, error);
    hg__bytes_fini(&bytes);
    return status;
}

static enum hg_status decode_all(struct hg_context *context, const struct hg__listing *listing,
                                 const struct hg__wish *wish, struct hg__raw *raw,
                                 struct tally *tally)
{
    size_t bytes = raw->features * hg__type_size(raw->type);
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < listing->count && status == HG_OK; i++) {
        struct hg__picture place = {raw->type, raw->shape, (char *)raw->values + i * bytes};
        struct hg__picture picture = {.values = NULL};
        struct hg_error error;
        status = decode(context, wish, &listing->items[i], &picture, &error);
        if (status == HG_OK)
            status = fit(&picture, &place, tally, &error);
        hg__free(picture.values);
        if (status != HG_OK && (tally->broken == 0 || status != HG_DAMAGED))
            tally->first = error;
        if (status == HG_DAMAGED) {
            tally->broken++;
            status = HG_OK;
        }
    }
    return status;
}

static void note(const struct hg__listing *listing, const struct hg__wish *wish,
                 const struct tally *tally, struct hg__raw *raw)
{
    if (tally->resampled && wish->width)
        hg__raw_note(raw, "%zu of %zu resampled to %zux%zu", tally->resampled, listing->count,
                     tally->want.width, tally->want.height);
    else if (tally->resampled)
        hg__raw_note(raw, "sizes differ: %zu of %zu resampled to %zux%zu, the commonest",
                     tally->resampled, listing->count, tally->want.width, tally->want.height);
    if (listing->others)
        hg__raw_note(raw, "%zu file%s that %s no PNG left out", listing->others,
                     listing->others == 1 ? "" : "s", listing->others == 1 ? "is" : "are");
    if (listing->folders_left)
        hg__raw_note(raw, "%zu sub-folder%s left out: the folder has PNGs of its own",
                     listing->folders_left, listing->folders_left == 1 ? "" : "s");
    if (raw->labels && wish->labels == HG__LABELS_AUTO)
        hg__raw_note(raw, "labels are the names of the sub-folders");
}

static enum hg_status label(const struct hg__listing *listing, struct hg__raw *raw,
                            struct hg_error *error)
{
    const char **texts = hg__alloc(listing->count, sizeof *texts);
    enum hg_status status;

    if (!texts)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the labels of %zu pictures",
                            listing->count);
    for (size_t i = 0; i < listing->count; i++)
        texts[i] = listing->items[i].class;
    status = hg__labels_from_texts(raw, texts, error);
    hg__free(texts);
    return status;
}

/* What both kinds do once the files are known. */
static enum hg_status read_listing(struct hg_context *context, const char *name,
                                   const struct hg__listing *listing, const struct hg__wish *wish,
                                   struct hg__raw *raw, struct hg_error *error)
{
    struct tally tally = {.broken = 0};
    struct hg__raw_size size = {name, listing->count, {1, 1, 1}, true, HG__U8};
    enum hg_status status = survey(listing, wish, &tally, error);

    if (status != HG_OK)
        return status;
    size.shape = (struct hg_shape){tally.want.channels, (int)tally.want.height,
                                   (int)tally.want.width};
    size.type = tally.want.type;
    status = hg__raw_room(context, wish, &size, raw, error);
    if (status != HG_OK)
        return status;
    raw->total = listing->total;
    status = decode_all(context, listing, wish, raw, &tally);
    if (status != HG_OK || (tally.broken == 1 && listing->count == 1))
        return hg_error_set(error, tally.first.status, "%s", tally.first.text);
    if (tally.broken)
        return hg_error_set(error, HG_DAMAGED, "%zu of %zu files %s broken; the first: %s",
                            tally.broken, listing->count, tally.broken == 1 ? "is" : "are",
                            tally.first.text);
    if (listing->classes)
        status = label(listing, raw, error);
    if (status == HG_OK)
        note(listing, wish, &tally, raw);
    return status;
}

/* ---- the two kinds ---- */

static bool is_folder(const struct hg__peek *peek)
{
    return peek->folder;
}

static enum hg_status read_folder(struct hg_context *context, const struct hg__peek *peek,
                                  const struct hg__wish *wish, struct hg__raw *raw,
                                  const char **key, struct hg_error *error)
{
    struct hg__listing listing = {0};
    enum hg_status status = hg__listing_make(&listing, peek->path, wish->limit, error);

    (void)key;
    if (status == HG_OK)
        status = read_listing(context, peek->path, &listing, wish, raw, error);
    hg__listing_fini(&listing);
    return status;
}

static bool is_png(const struct hg__peek *peek)
{
    return hg__png_is(peek->head, peek->head_length);
}

static enum hg_status read_png(struct hg_context *context, const struct hg__peek *peek,
                               const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                               struct hg_error *error)
{
    struct hg__item item = {.path = (char *)(uintptr_t)peek->path, .gzip = peek->gzip};
    struct hg__listing listing = {.items = &item, .count = 1, .total = 1};

    (void)key;
    if (!hg__png_glance(peek->head, peek->head_length, &item.header))
        item.header = (struct hg__png_header){0};
    return read_listing(context, peek->path, &listing, wish, raw, error);
}

const struct hg__source_ops hg__source_folder = {"PNG folder", false, is_folder, read_folder};
const struct hg__source_ops hg__source_png = {"PNG", false, is_png, read_png};
