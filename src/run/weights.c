#include "run/weights.h"

#include "base/mem.h"
#include "data/npy.h"

#include <stdio.h>
#include <string.h>

enum { HEAD = 4096 };

void hg__weights_close(struct hg__weights *weights)
{
    hg__st_close(weights->st);
    hg__zip_close(weights->zip);
    hg__bytes_fini(&weights->archive);
    hg__free(weights->path);
    memset(weights, 0, sizeof *weights);
}

static enum hg_status open_tensors(struct hg__weights *weights, struct hg_error *error)
{
    const char *format;
    enum hg_status status = hg__st_open(weights->path, &weights->st, error);

    if (status != HG_OK)
        return status;
    format = hg__st_meta(weights->st, "format");
    if ((format && strcmp(format, "hourglass") == 0) || hg__st_find(weights->st, HG__ST_CHECKSUM))
        return hg__st_verify(weights->st, error);
    return HG_OK;
}

enum hg_status hg__weights_open(struct hg__weights *weights, const char *path,
                                struct hg_error *error)
{
    unsigned char head[8];
    size_t length = 0;
    enum hg_status status = hg__file_head(path, head, sizeof head, &length, NULL, error);

    memset(weights, 0, sizeof *weights);
    if (status != HG_OK)
        return status;
    weights->path = hg__strdup(path);
    if (!weights->path)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", path);
    if (hg__zip_is(head, length)) {
        status = hg__file_read(path, SIZE_MAX / 2, &weights->archive, error);
        if (status == HG_OK)
            status = hg__zip_open(&weights->archive, path, &weights->zip, error);
    } else if (hg__st_recognise(path)) {
        status = open_tensors(weights, error);
    } else {
        status = hg_error_set(error, HG_DAMAGED,
                              "%s: holds no weights; accepted: .safetensors, .npz", path);
    }
    if (status != HG_OK)
        hg__weights_close(weights);
    return status;
}

/* ---- archives ---- */

static bool find_member(const struct hg__weights *weights, const char *name, size_t *member)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < hg__zip_members(weights->zip); i++) {
        const char *stored = hg__zip_name(weights->zip, i);
        if (strncmp(stored, name, length) == 0 && strcmp(stored + length, ".npy") == 0) {
            *member = i;
            return true;
        }
    }
    return false;
}

/* Bytes of a number we read; 0 = another type. */
static size_t wire_width(enum hg__wire wire)
{
    return wire == HG__WIRE_F64 ? 8 : wire == HG__WIRE_F32 ? 4 : wire == HG__WIRE_F16 ? 2 : 0;
}

static enum hg_status wrong(const struct hg__weights *weights, const char *name, const char *what,
                            struct hg_error *error)
{
    return hg_error_set(error, HG_DAMAGED, "%s: array %s: %s", weights->path, name, what);
}

static enum hg_status look_at(const struct hg__weights *weights, const char *name,
                              struct hg__weights_entry *entry, struct hg_error *error)
{
    unsigned char head[HEAD];
    char label[512];
    size_t length = 0;
    uint64_t bytes;
    enum hg_status status;

    snprintf(label, sizeof label, "%s:%s", weights->path, name);
    status = hg__zip_head(weights->zip, entry->member, head, sizeof head, &length, error);
    if (status == HG_OK)
        status = hg__npy_parse(head, length, label, &entry->array, error);
    if (status != HG_OK)
        return status;
    if (wire_width(entry->array.wire) == 0)
        return wrong(weights, name, "is not of floating-point numbers", error);
    if (entry->array.dims > HG__ST_DIMS)
        return wrong(weights, name, "has too many dimensions", error);
    entry->dims = entry->array.dims;
    entry->count = 1;
    for (int i = 0; i < entry->dims; i++) {
        entry->shape[i] = entry->array.shape[i];
        if (__builtin_mul_overflow(entry->count, entry->shape[i], &entry->count))
            return wrong(weights, name, "is too large to be true", error);
    }
    if (__builtin_mul_overflow(entry->count, wire_width(entry->array.wire), &bytes) ||
        hg__zip_size(weights->zip, entry->member) != entry->array.header + bytes)
        return wrong(weights, name, "is not as long as its shape says", error);
    return HG_OK;
}

/* The place of number i (rows first) where the first index runs fastest. */
static uint64_t fortran_place(const struct hg__weights_entry *entry, uint64_t i)
{
    uint64_t place = 0, stride = entry->count;

    for (int d = entry->dims - 1; d >= 0; d--) {
        stride /= entry->shape[d];
        place += i % entry->shape[d] * stride;
        i /= entry->shape[d];
    }
    return place;
}

static float number(const unsigned char *from, const struct hg__array *array)
{
    unsigned char b[8];
    size_t width = wire_width(array->wire);
    enum hg__st_type type = width == 8 ? HG__ST_F64 : width == 4 ? HG__ST_F32 : HG__ST_F16;

    for (size_t i = 0; i < width; i++)
        b[i] = from[array->big_endian ? width - 1 - i : i];
    return hg__st_number(b, type);
}

static enum hg_status read_member(const struct hg__weights *weights,
                                  const struct hg__weights_entry *entry, float *out,
                                  struct hg_error *error)
{
    const struct hg__array *array = &entry->array;
    struct hg__bytes bytes = {0};
    enum hg_status status = hg__zip_read(weights->zip, entry->member, SIZE_MAX / 2, &bytes, error);

    for (uint64_t i = 0; i < entry->count && status == HG_OK; i++) {
        uint64_t place = array->fortran ? fortran_place(entry, i) : i;
        out[i] = number(bytes.data + array->header + place * wire_width(array->wire), array);
    }
    hg__bytes_fini(&bytes);
    return status;
}

/* ---- both ---- */

enum hg_status hg__weights_find(const struct hg__weights *weights, const char *name, bool *found,
                                struct hg__weights_entry *entry, struct hg_error *error)
{
    memset(entry, 0, sizeof *entry);
    if (weights->zip) {
        *found = find_member(weights, name, &entry->member);
        return *found ? look_at(weights, name, entry, error) : HG_OK;
    }
    entry->st = hg__st_find(weights->st, name);
    *found = entry->st != NULL;
    if (*found) {
        entry->dims = entry->st->dims;
        entry->count = entry->st->count;
        memcpy(entry->shape, entry->st->shape, sizeof entry->shape);
    }
    return HG_OK;
}

enum hg_status hg__weights_read(const struct hg__weights *weights,
                                const struct hg__weights_entry *entry, float *out,
                                struct hg_error *error)
{
    return entry->st ? hg__st_read_floats(weights->st, entry->st, out, error)
                     : read_member(weights, entry, out, error);
}
