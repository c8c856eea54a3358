/* The built-in pictures as sources of samples. */
#include "data/glyphs.h"

#include "base/mem.h"
#include "data/raw.h"
#include "data/sources.h"
#include "engine/context.h"

#include <string.h>

enum { SHARE = 64 }; /* samples of one task */

/* What there is to know about one set of pictures. */
struct set {
    const char *name;
    int channels, side;
    size_t samples, classes; /* samples: unless a limit is given */
    void (*draw)(struct hg__page *page, size_t index, uint8_t *pixels);
};

static const struct set digits = {
    "builtin:digits", 1, HG__DIGIT_SIDE, HG__DIGIT_SAMPLES, HG__DIGIT_CLASSES, hg__digit_draw};
static const struct set faces = {
    "builtin:faces", 3, HG__FACE_SIDE, HG__FACE_SAMPLES, HG__FACE_MOODS, hg__face_draw};

struct work {
    const struct set *set;
    struct hg__raw *raw;
    struct hg__page **pages; /* one a thread */
};

static void draw_share(void *argument, size_t index, int worker)
{
    const struct work *work = argument;
    const struct hg__raw *raw = work->raw;
    size_t end = (index + 1) * SHARE < raw->samples ? (index + 1) * SHARE : raw->samples;

    for (size_t i = index * SHARE; i < end; i++)
        work->set->draw(work->pages[worker], i, (uint8_t *)raw->values + i * raw->features);
}

static enum hg_status draw_all(struct hg_context *context, const struct set *set,
                               struct hg__raw *raw, struct hg_error *error)
{
    int threads = hg_context_threads(context), made = 0;
    struct work work = {set, raw, hg__alloc((size_t)threads, sizeof *work.pages)};
    enum hg_status status = HG_OK;

    if (!work.pages)
        return hg_error_set(error, HG_NO_MEMORY, "%s: out of memory", set->name);
    while (made < threads) {
        work.pages[made] = hg__page_create(raw->shape.columns, raw->shape.rows);
        if (!work.pages[made])
            break;
        made++;
    }
    if (made == threads)
        hg__pool_run(hg__context_pool(context), draw_share, &work,
                     (raw->samples + SHARE - 1) / SHARE);
    else
        status = hg_error_set(error, HG_NO_MEMORY, "%s: out of memory", set->name);
    for (int i = 0; i < made; i++)
        hg__page_destroy(work.pages[i]);
    hg__free(work.pages);
    return status;
}

static enum hg_status name_classes(const struct set *set, struct hg__raw *raw,
                                   struct hg_error *error)
{
    enum hg_status status = hg__raw_label_room(raw, set->classes, error);

    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < set->classes; i++) {
        const char digit[2] = {(char)('0' + i), '\0'};
        raw->class_names[i] = hg__strdup(set == &faces ? hg__face_moods[i] : digit);
        if (!raw->class_names[i])
            return hg_error_set(error, HG_NO_MEMORY, "%s: out of memory", set->name);
    }
    for (size_t i = 0; i < raw->samples; i++)
        raw->labels[i] = (int32_t)(i % set->classes);
    return HG_OK;
}

static enum hg_status read_set(struct hg_context *context, const struct hg__wish *wish,
                               const struct set *set, struct hg__raw *raw, const char **key,
                               struct hg_error *error)
{
    struct hg__raw_size size = {.name = set->name,
                                .samples = wish->limit ? wish->limit : set->samples,
                                .shape = {set->channels, set->side, set->side},
                                .image = true,
                                .type = HG__U8};
    enum hg_status status;

    if (wish->height > HG__GLYPH_MOST || wish->width > HG__GLYPH_MOST) {
        *key = "size";
        return hg_error_set(error, HG_USAGE, "size = %dx%d: %s are drawn up to %dx%d", wish->width,
                            wish->height, set->name, HG__GLYPH_MOST, HG__GLYPH_MOST);
    }
    if (wish->height) {
        size.shape.rows = wish->height;
        size.shape.columns = wish->width;
    }
    status = hg__raw_room(context, wish, &size, raw, error);
    if (status == HG_OK)
        status = name_classes(set, raw, error);
    if (status == HG_OK)
        status = draw_all(context, set, raw, error);
    return status;
}

static bool is_digits(const struct hg__peek *peek)
{
    return strcmp(peek->source, digits.name) == 0;
}

static bool is_faces(const struct hg__peek *peek)
{
    return strcmp(peek->source, faces.name) == 0;
}

static enum hg_status read_digits(struct hg_context *context, const struct hg__peek *peek,
                                  const struct hg__wish *wish, struct hg__raw *raw,
                                  const char **key, struct hg_error *error)
{
    (void)peek;
    return read_set(context, wish, &digits, raw, key, error);
}

static enum hg_status read_faces(struct hg_context *context, const struct hg__peek *peek,
                                 const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                                 struct hg_error *error)
{
    (void)peek;
    return read_set(context, wish, &faces, raw, key, error);
}

const struct hg__source_ops hg__source_digits = {"built-in digits", true, is_digits, read_digits};
const struct hg__source_ops hg__source_faces = {"built-in faces", true, is_faces, read_faces};
