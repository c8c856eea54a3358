/* Labels from a file of their own: one named by the user, or the sibling of IDX images. */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "data/labels.h"
#include "data/raw.h"

#include <string.h>

/* The count is checked against all that the source holds, also when only the first are read. */
static enum hg_status take_over(struct hg__raw *raw, struct hg__raw *file, const char *path,
                                struct hg_error *error)
{
    enum hg_status status = HG_OK;

    if (file->total != raw->total)
        return hg_error_set(error, HG_DAMAGED, "%s: %zu labels for %zu samples", path, file->total,
                            raw->total);
    if (file->labels) {
        raw->labels = file->labels;
        raw->class_names = file->class_names;
        raw->classes = file->classes;
        file->labels = NULL;
        file->class_names = NULL;
        file->classes = 0;
    } else if (file->features != 1) {
        status = hg_error_set(error, HG_DAMAGED, "%s: %zu values a sample; labels are one", path,
                              file->features);
    } else {
        status = hg__labels_from_numbers(raw, file, error);
    }
    return status;
}

static enum hg_status read_file(struct hg_context *context, const char *path,
                                const struct hg__wish *wish, struct hg__raw *raw,
                                struct hg__place *place)
{
    struct hg__wish only_labels = *wish;
    const struct hg__source_ops *ops;
    struct hg__peek peek;
    struct hg__raw file = {0};
    enum hg_status status = hg__source_find(path, &peek, &ops, place->error);

    only_labels.labels = HG__LABELS_NONE;
    only_labels.labels_of = raw->total;
    only_labels.limit = raw->samples < raw->total ? raw->samples : 0;
    only_labels.max_samples = 0;
    only_labels.as_is = false;
    /* A list of words is no data, but it can be labels. */
    if (status == HG_OK && !ops && !peek.folder && hg__csv_is_text(&peek))
        ops = &hg__source_csv;
    if (status == HG_OK && (peek.folder || (ops && ops->drawn)))
        status = hg_error_set(place->error, HG_DAMAGED,
                              "%s: is no file of labels; accepted are IDX, CSV, NPY and NPZ", path);
    if (status == HG_OK)
        status = hg__source_read(context, ops, &peek, &only_labels, &file, place);
    if (status == HG_OK)
        status = take_over(raw, &file, path, place->error);
    if (status == HG_USAGE)
        *place->key = "labels";
    if (status == HG_OK)
        hg__raw_note(raw, "labels from %s", hg__path_base(path));
    hg__raw_fini(&file);
    hg__peek_fini(&peek);
    return status;
}

/* "…-images-idx3…" -> "…-labels-idx1…", and with or without ".gz". NULL = no such name. */
static char *sibling_name(const char *path, bool other)
{
    const char *base = hg__path_base(path), *images = strstr(base, "images");
    struct hg__text name = {0};
    const char *idx = images ? strstr(images, "idx") : NULL;
    bool gz = hg__path_ends(path, ".gz");
    char *text;

    if (!images)
        return NULL;
    hg__text_add(&name, path, (size_t)(images - path));
    hg__text_put(&name, "labels");
    images += strlen("images");
    if (idx && idx[3] >= '1' && idx[3] <= '9') {
        hg__text_add(&name, images, (size_t)(idx + 3 - images));
        hg__text_put(&name, "1");
        images = idx + 4;
    }
    hg__text_add(&name, images, strlen(images) - (gz && other ? 3 : 0));
    if (other && !gz)
        hg__text_put(&name, ".gz");
    text = hg__text_take(&name);
    hg__text_fini(&name);
    return text;
}

static enum hg_status sibling(struct hg_context *context, const struct hg__peek *peek,
                              const struct hg__wish *wish, struct hg__raw *raw,
                              struct hg__place *place)
{
    enum hg_status status = HG_OK;
    bool found = false;

    for (int other = 0; other < 2 && !found; other++) {
        char *name = sibling_name(peek->path, other);
        found = name && hg__file_exists(name);
        if (found)
            status = read_file(context, name, wish, raw, place);
        hg__free(name);
    }
    return status;
}

enum hg_status hg__labels_settle(struct hg_context *context, const struct hg__peek *peek,
                                 const struct hg__source_ops *ops, const struct hg__wish *wish,
                                 struct hg__raw *raw, struct hg__place *place)
{
    switch (wish->labels) {
    case HG__LABELS_NONE:
        hg__raw_drop_labels(raw);
        return HG_OK;
    case HG__LABELS_PATH:
        hg__raw_drop_labels(raw);
        return read_file(context, wish->label_text, wish, raw, place);
    case HG__LABELS_NAME:
    case HG__LABELS_COLUMN:
        if (ops == &hg__source_csv)
            return HG_OK;
        *place->key = "labels";
        return hg_error_set(place->error, HG_USAGE, "%s is %s and has no columns; only CSV has",
                            peek->source, ops->kind);
    case HG__LABELS_AUTO:
    default:
        if (!raw->labels && ops == &hg__source_idx)
            return sibling(context, peek, wish, raw, place);
        return HG_OK;
    }
}
