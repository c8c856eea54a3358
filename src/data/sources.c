#include "data/sources.h"

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"

#include <string.h>

/* Drawn ones first: their names are not paths. CSV last: it takes any text that has numbers. */
static const struct hg__source_ops *const table[] = {
    &hg__source_digits, &hg__source_faces, &hg__source_gaussians,
    &hg__source_folder, &hg__source_png,   &hg__source_npy,
    &hg__source_npz,    &hg__source_idx,   &hg__source_csv,
};
enum { KINDS = sizeof table / sizeof table[0] };

/* "file.npz:name": the path is what exists. A file whose own name has the colon wins. */
static enum hg_status split(const char *source, struct hg__peek *peek, struct hg_error *error)
{
    const char *colon = strrchr(source, ':');
    char *path;

    peek->path = source;
    if (!colon || colon == source || hg__file_exists(source))
        return HG_OK;
    path = hg__strndup(source, (size_t)(colon - source));
    if (!path)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory", source);
    if (!hg__file_exists(path)) {
        hg__free(path);
        return HG_OK;
    }
    peek->path = peek->owned = path;
    peek->member = colon + 1;
    return HG_OK;
}

static enum hg_status look(struct hg__peek *peek, struct hg_error *error)
{
    enum hg_status status;

    if (hg__file_is_folder(peek->path)) {
        peek->folder = true;
        return HG_OK;
    }
    status = hg__file_head(peek->path, peek->head, sizeof peek->head, &peek->head_length,
                           &peek->file_bytes, error);
    if (status != HG_OK)
        return status;
    if (peek->head_length == 0)
        return hg_error_set(error, HG_DAMAGED, "%s: is empty", peek->path);
    peek->gzip = hg__gz_is(peek->head, peek->head_length);
    if (peek->gzip) {
        unsigned char packed[sizeof peek->head];
        size_t length = peek->head_length;
        memcpy(packed, peek->head, length);
        peek->head_length = hg__gz_head(packed, length, peek->head, sizeof peek->head);
        if (peek->head_length == 0)
            return hg_error_set(error, HG_DAMAGED, "%s: its gzip data are damaged or empty",
                                peek->path);
    }
    return HG_OK;
}

static const struct hg__source_ops *recognise(const struct hg__peek *peek, bool drawn)
{
    for (size_t i = 0; i < KINDS; i++)
        if (table[i]->drawn == drawn && table[i]->recognises(peek))
            return table[i];
    return NULL;
}

enum hg_status hg__source_find(const char *source, struct hg__peek *peek,
                               const struct hg__source_ops **ops, struct hg_error *error)
{
    enum hg_status status;

    memset(peek, 0, sizeof *peek);
    peek->source = peek->path = source;
    *ops = recognise(peek, true);
    if (*ops)
        return HG_OK;
    status = split(source, peek, error);
    if (status == HG_OK)
        status = look(peek, error);
    if (status == HG_OK)
        *ops = recognise(peek, false);
    return status;
}

void hg__peek_fini(struct hg__peek *peek)
{
    hg__free(peek->owned);
    peek->owned = NULL;
}

enum hg_status hg__source_read(struct hg_context *context, const struct hg__source_ops *ops,
                               const struct hg__peek *peek, const struct hg__wish *wish,
                               struct hg__raw *raw, struct hg__place *place)
{
    enum hg_status status;

    if (peek->member && ops && ops != &hg__source_npz) {
        *place->key = "source";
        return hg_error_set(place->error, HG_USAGE,
                            "%s: is %s; only NPZ holds arrays by name (\"%s\")", peek->path,
                            ops->kind, peek->member);
    }
    if (!ops)
        return hg_error_set(place->error, HG_DAMAGED,
                            "%s: of no known kind; accepted are a folder of PNGs, PNG, IDX, CSV, "
                            "NPY and NPZ, each file also gzipped",
                            peek->path);
    status = ops->read(context, peek, wish, raw, place->key, place->error);
    if (status == HG_DAMAGED && ops->drawn) /* beyond a limit: there is no file at fault */
        status = place->error->status = HG_FAILED;
    if (status == HG_OK && raw->total == 0)
        raw->total = raw->samples;
    return status;
}
