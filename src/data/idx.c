/* IDX, the format of MNIST: two zero bytes, a type, the number of dimensions, the dimensions
 * as 32-bit integers, then the numbers; all big-endian (http://yann.lecun.com/exdb/mnist). */
#include "data/array.h"

static bool wire_of(unsigned code, enum hg__wire *wire)
{
    switch (code) {
    case 0x08:
        *wire = HG__WIRE_U8;
        return true;
    case 0x09:
        *wire = HG__WIRE_I8;
        return true;
    case 0x0B:
        *wire = HG__WIRE_I16;
        return true;
    case 0x0C:
        *wire = HG__WIRE_I32;
        return true;
    case 0x0D:
        *wire = HG__WIRE_F32;
        return true;
    case 0x0E:
        *wire = HG__WIRE_F64;
        return true;
    default:
        return false;
    }
}

static bool recognises(const struct hg__peek *peek)
{
    const unsigned char *h = peek->head;
    enum hg__wire wire;

    return peek->head_length >= 4 && h[0] == 0 && h[1] == 0 && wire_of(h[2], &wire) && h[3] > 0;
}

static enum hg_status parse(const struct hg__peek *peek, struct hg__array *array,
                            struct hg_error *error)
{
    const unsigned char *next = peek->head + 4;

    *array = (struct hg__array){.name = peek->path, .big_endian = true, .dims = peek->head[3]};
    wire_of(peek->head[2], &array->wire);
    array->header = 4 + 4 * (size_t)array->dims;
    if (array->dims > HG__ARRAY_DIMS)
        return hg_error_set(error, HG_DAMAGED, "%s: IDX with %d dimensions; at most 4 are accepted",
                            peek->path, array->dims);
    if (peek->head_length < array->header)
        return hg_error_set(error, HG_DAMAGED, "%s: ends inside the IDX header, at byte %zu",
                            peek->path, peek->head_length);
    for (int i = 0; i < array->dims; i++, next += 4)
        array->shape[i] = (size_t)next[0] << 24 | (size_t)next[1] << 16 | (size_t)next[2] << 8 |
                          next[3];
    return HG_OK;
}

static enum hg_status read(struct hg_context *context, const struct hg__peek *peek,
                           const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                           struct hg_error *error)
{
    struct hg__bytes bytes = {0};
    struct hg__extent extent;
    struct hg__array array;
    enum hg_status status = parse(peek, &array, error);

    (void)key;
    if (status == HG_OK)
        status = hg__array_layout(&array, wish, &extent, error);
    if (status == HG_OK)
        status = hg__input_declared(context, peek, &extent, &bytes, error);
    if (status == HG_OK)
        status = hg__array_read(context, wish, &array, &bytes, raw, error);
    hg__bytes_fini(&bytes);
    return status;
}

const struct hg__source_ops hg__source_idx = {"IDX", false, recognises, read};
