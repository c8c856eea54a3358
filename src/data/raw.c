#include "data/raw.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdarg.h>
#include <string.h>

size_t hg__type_size(enum hg__type type)
{
    static const size_t sizes[] = {1, 2, 4, 8};
    return sizes[type];
}

double hg__raw_value(const struct hg__raw *raw, size_t index)
{
    switch (raw->type) {
    case HG__U8:
        return ((const uint8_t *)raw->values)[index];
    case HG__U16:
        return ((const uint16_t *)raw->values)[index];
    case HG__F32:
        return (double)((const float *)raw->values)[index];
    case HG__F64:
    default:
        return ((const double *)raw->values)[index];
    }
}

enum hg_status hg__raw_check_pixels(const struct hg__wish *wish, const char *name, size_t width,
                                    size_t height, struct hg_error *error)
{
    if (wish->max_pixels == 0 || height == 0 || width <= wish->max_pixels / height)
        return HG_OK;
    return hg_error_set(error, HG_DAMAGED,
                        "%s: %zux%zu pixels; the limit is %zu pixels (--max-pixels)", name, width,
                        height, wish->max_pixels);
}

enum hg_status hg__raw_check(struct hg_context *context, const struct hg__wish *wish,
                             const struct hg__raw_size *size, struct hg__raw *raw,
                             struct hg_error *error)
{
    size_t features = hg_shape_size(size->shape);
    size_t each = hg__type_size(size->type) + sizeof(float), bytes;
    size_t most = hg_context_max_memory(context);
    enum hg_status status = HG_OK;

    if (wish->max_samples && size->samples > wish->max_samples)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: %zu samples; the limit is %zu (--max-samples, or take fewer with "
                            "data.limit)",
                            size->name, size->samples, wish->max_samples);
    if (size->image)
        status = hg__raw_check_pixels(wish, size->name, (size_t)size->shape.columns,
                                      (size_t)size->shape.rows, error);
    if (status != HG_OK)
        return status;
    if (size->samples > UINT32_MAX)
        return hg_error_set(error, HG_DAMAGED, "%s: %zu samples; more than %u are not supported",
                            size->name, size->samples, UINT32_MAX);
    if (__builtin_mul_overflow(size->samples, features, &bytes) ||
        __builtin_mul_overflow(bytes, each, &bytes) || bytes > most)
        return hg_error_set(error, HG_NO_MEMORY,
                            "%s: %zu samples of %zu values need %.3g MiB; the limit is %.3g MiB "
                            "(--max-memory, or take fewer with data.limit)",
                            size->name, size->samples, features,
                            (double)size->samples * (double)features * (double)each / 0x1p20,
                            (double)most / 0x1p20);
    raw->samples = size->samples;
    raw->features = features;
    raw->shape = size->shape;
    raw->image = size->image;
    raw->type = size->type;
    if (size->type == HG__U8 || size->type == HG__U16) {
        raw->bounded = true;
        raw->lowest = 0;
        raw->highest = size->type == HG__U8 ? 255 : 65535;
    }
    return HG_OK;
}

enum hg_status hg__raw_room(struct hg_context *context, const struct hg__wish *wish,
                            const struct hg__raw_size *size, struct hg__raw *raw,
                            struct hg_error *error)
{
    enum hg_status status = hg__raw_check(context, wish, size, raw, error);

    if (status != HG_OK)
        return status;
    raw->area = hg__alloc(raw->samples * raw->features, hg__type_size(raw->type));
    raw->values = raw->area;
    if (!raw->area)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory for %zu samples of %zu values",
                            size->name, raw->samples, raw->features);
    return HG_OK;
}

enum hg_status hg__raw_label_room(struct hg__raw *raw, size_t classes, struct hg_error *error)
{
    raw->labels = hg__alloc(raw->samples, sizeof *raw->labels);
    raw->class_names = hg__alloc(classes, sizeof *raw->class_names);
    if (!raw->labels || !raw->class_names)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the labels of %zu samples",
                            raw->samples);
    raw->classes = classes;
    return HG_OK;
}

void hg__raw_note(struct hg__raw *raw, const char *format, ...)
{
    struct hg__text text = {0};
    va_list arguments;
    char **notes;
    char *line;

    va_start(arguments, format);
    hg__text_vformat(&text, format, arguments);
    va_end(arguments);
    line = hg__text_take(&text);
    hg__text_fini(&text);
    notes = line ? hg__realloc(raw->notes, raw->note_count + 1, sizeof *notes) : NULL;
    if (!notes) {
        hg__free(line);
        return;
    }
    raw->notes = notes;
    raw->notes[raw->note_count++] = line;
}

void hg__raw_drop_labels(struct hg__raw *raw)
{
    for (size_t i = 0; i < raw->classes; i++)
        hg__free(raw->class_names[i]);
    hg__free(raw->class_names);
    hg__free(raw->labels);
    raw->class_names = NULL;
    raw->labels = NULL;
    raw->classes = 0;
}

void hg__raw_fini(struct hg__raw *raw)
{
    hg__raw_drop_labels(raw);
    for (size_t i = 0; i < raw->note_count; i++)
        hg__free(raw->notes[i]);
    hg__free(raw->notes);
    hg__free(raw->area);
    memset(raw, 0, sizeof *raw);
}
