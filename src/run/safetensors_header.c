#include "run/safetensors_header.h"

#include "base/mem.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A header is an object of objects with two arrays each: deeper, or more, is none. */
enum { DEPTH_MOST = 3, BOXES_MOST = 300000 };

/* Where the tensors begin in the file. */
struct context {
    struct hg__st_file *file;
    uint64_t data;
    struct hg_error *error;
};

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory to read a run");
}

/* Bounds what the JSON reader may be made to allocate, before it begins. */
static enum hg_status check_shape(const struct hg__st_file *file, const char *text, size_t length,
                                  struct hg_error *error)
{
    size_t depth = 0, boxes = 0;
    bool string = false;

    for (size_t i = 0; i < length; i++) {
        if (string) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                string = false;
        } else if (text[i] == '"') {
            string = true;
        } else if (text[i] == '{' || text[i] == '[') {
            depth++;
            boxes++;
        } else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
            depth--;
        }
        if (depth > DEPTH_MOST || boxes > BOXES_MOST)
            return hg_error_set(error, HG_DAMAGED,
                                "%s: byte %zu: header is nested too deep or too large", file->path,
                                8 + i);
    }
    return HG_OK;
}

static enum hg_status wrong(const struct context *context, const char *name, const char *what)
{
    return hg_error_set(context->error, HG_DAMAGED, "%s: header: tensor %.80s: %s",
                        context->file->path, name, what);
}

/* Bytes of one number; 0 = a type we do not know, of any size. */
static size_t width_of(const char *name, enum hg__st_type *type)
{
    static const struct {
        const char *name;
        enum hg__st_type type;
        size_t width;
    } types[] = {{"F32", HG__ST_F32, 4},   {"F64", HG__ST_F64, 8},   {"F16", HG__ST_F16, 2},
                 {"BF16", HG__ST_BF16, 2}, {"I64", HG__ST_I64, 8},   {"U64", HG__ST_OTHER, 8},
                 {"I32", HG__ST_OTHER, 4}, {"U32", HG__ST_OTHER, 4}, {"I16", HG__ST_OTHER, 2},
                 {"U16", HG__ST_OTHER, 2}, {"I8", HG__ST_OTHER, 1},  {"U8", HG__ST_OTHER, 1},
                 {"BOOL", HG__ST_OTHER, 1}};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].name) == 0) {
            *type = types[i].type;
            return types[i].width;
        }
    *type = HG__ST_OTHER;
    return 0;
}

/* A whole number from 0; false for anything else. */
static bool natural(const json_t *value, uint64_t *number)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

static enum hg_status read_shape(const struct context *context, const json_t *shape,
                                 struct hg__st_entry *entry)
{
    if (!json_is_array(shape))
        return wrong(context, entry->name, "has no shape");
    if (json_array_size(shape) > HG__ST_DIMS)
        return wrong(context, entry->name, "has more than 8 dimensions");
    entry->dims = (int)json_array_size(shape);
    entry->count = 1;
    for (int i = 0; i < entry->dims; i++) {
        if (!natural(json_array_get(shape, (size_t)i), &entry->shape[i]))
            return wrong(context, entry->name, "has a shape that is not of whole numbers");
        if (__builtin_mul_overflow(entry->count, entry->shape[i], &entry->count))
            return wrong(context, entry->name, "is too large to be true");
    }
    return HG_OK;
}

static enum hg_status read_entry(const struct context *context, const char *name,
                                 const json_t *value, struct hg__st_entry *entry)
{
    const json_t *type = json_object_get(value, "dtype");
    const json_t *offsets = json_object_get(value, "data_offsets");
    uint64_t room = context->file->size - context->data, bytes, begin, end;
    enum hg_status status;
    size_t width;

    entry->name = hg__strdup(name);
    if (!entry->name)
        return no_memory(context->error);
    if (!json_is_string(type))
        return wrong(context, name, "has no dtype");
    width = width_of(json_string_value(type), &entry->type);
    status = read_shape(context, json_object_get(value, "shape"), entry);
    if (status != HG_OK)
        return status;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
        !natural(json_array_get(offsets, 0), &begin) || !natural(json_array_get(offsets, 1), &end))
        return wrong(context, name, "has no data_offsets [begin, end]");
    if (begin > end || end > room)
        return hg_error_set(context->error, HG_DAMAGED,
                            "%s: header: tensor %.80s: bytes %" PRIu64 " to %" PRIu64
                            " do not lie in the file's %" PRIu64 " of data: cut off?",
                            context->file->path, name, begin, end, room);
    if (width && (__builtin_mul_overflow(entry->count, width, &bytes) || bytes != end - begin))
        return wrong(context, name, "shape and data_offsets do not agree");
    entry->begin = context->data + begin;
    entry->end = context->data + end;
    return HG_OK;
}

static enum hg_status read_meta(const struct context *context, json_t *meta)
{
    struct hg__st_file *file = context->file;
    const char *key;
    json_t *value;

    if (!json_is_object(meta))
        return hg_error_set(context->error, HG_DAMAGED, "%s: header: __metadata__ is no object",
                            file->path);
    file->meta = hg__alloc(json_object_size(meta), sizeof *file->meta);
    if (!file->meta)
        return no_memory(context->error);
    json_object_foreach(meta, key, value)
    {
        struct hg__st_pair *pair = &file->meta[file->meta_count];
        if (!json_is_string(value))
            return hg_error_set(context->error, HG_DAMAGED,
                                "%s: header: __metadata__ %.80s is no string", file->path, key);
        file->meta_count++;
        pair->key = hg__strdup(key);
        pair->value = hg__strdup(json_string_value(value));
        if (!pair->key || !pair->value)
            return no_memory(context->error);
    }
    return HG_OK;
}

static enum hg_status read_all(const struct context *context, json_t *header)
{
    struct hg__st_file *file = context->file;
    enum hg_status status = HG_OK;
    const char *name;
    json_t *value;

    file->entry = hg__alloc(json_object_size(header), sizeof *file->entry);
    if (!file->entry)
        return no_memory(context->error);
    json_object_foreach(header, name, value)
    {
        if (strcmp(name, "__metadata__") == 0)
            status = read_meta(context, value);
        else
            status = read_entry(context, name, value, &file->entry[file->count++]);
        if (status != HG_OK)
            return status;
    }
    return HG_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct hg__st_entry *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The tensors must fill the file: no gap, no overlap, nothing after the last. */
static enum hg_status check_places(const struct context *context)
{
    struct hg__st_file *file = context->file;
    uint64_t at = context->data;

    qsort(file->entry, file->count, sizeof *file->entry, by_place);
    for (size_t i = 0; i < file->count; i++) {
        if (file->entry[i].begin != at)
            return hg_error_set(context->error, HG_DAMAGED,
                                "%s: byte %" PRIu64 ": tensor %.80s should begin here, but begins "
                                "at byte %" PRIu64,
                                file->path, at, file->entry[i].name, file->entry[i].begin);
        at = file->entry[i].end;
    }
    if (at != file->size)
        return hg_error_set(context->error, HG_DAMAGED,
                            "%s: byte %" PRIu64 ": %" PRIu64 " bytes belong to no tensor",
                            file->path, at, file->size - at);
    return HG_OK;
}

enum hg_status hg__st_parse_header(struct hg__st_file *file, const char *text, size_t length,
                                   struct hg_error *error)
{
    struct context context = {file, 8 + (uint64_t)length, error};
    enum hg_status status = check_shape(file, text, length, error);
    json_error_t place;
    json_t *header;

    if (status != HG_OK)
        return status;
    header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &place);
    if (!header)
        return hg_error_set(error, HG_DAMAGED, "%s: byte %d: header is no JSON: %s", file->path,
                            8 + place.position, place.text);
    if (json_is_object(header))
        status = read_all(&context, header);
    else
        status = hg_error_set(error, HG_DAMAGED, "%s: byte 8: header is no object", file->path);
    json_decref(header);
    return status == HG_OK ? check_places(&context) : status;
}
