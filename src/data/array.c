#include "data/array.h"

#include "base/mem.h"
#include "data/labels.h"
#include "data/raw.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    size_t bytes; /* of one number or character */
    enum hg__type type;
} wires[HG__WIRE_COUNT] = {
    [HG__WIRE_BOOL] = {"yes or no", 1, HG__U8},
    [HG__WIRE_U8] = {"8-bit", 1, HG__U8},
    [HG__WIRE_I8] = {"signed 8-bit integers", 1, HG__F32},
    [HG__WIRE_U16] = {"16-bit", 2, HG__U16},
    [HG__WIRE_I16] = {"signed 16-bit integers", 2, HG__F32},
    [HG__WIRE_U32] = {"32-bit integers", 4, HG__F64},
    [HG__WIRE_I32] = {"signed 32-bit integers", 4, HG__F64},
    [HG__WIRE_U64] = {"64-bit integers", 8, HG__F64},
    [HG__WIRE_I64] = {"signed 64-bit integers", 8, HG__F64},
    [HG__WIRE_F16] = {"16-bit floats", 2, HG__F32},
    [HG__WIRE_F32] = {"32-bit floats", 4, HG__F32},
    [HG__WIRE_F64] = {"64-bit floats", 8, HG__F64},
    [HG__WIRE_BYTES] = {"texts", 1, HG__U8},
    [HG__WIRE_UCS4] = {"texts", 4, HG__U8},
};

const char *hg__wire_name(enum hg__wire wire)
{
    return wires[wire].name;
}

static bool is_text(enum hg__wire wire)
{
    return wire == HG__WIRE_BYTES || wire == HG__WIRE_UCS4;
}

static enum hg_status check_shape(const struct hg__array *array, const struct hg__wish *wish,
                                  struct hg_error *error)
{
    const char *name = array->name;

    if (array->dims < 1)
        return hg_error_set(error, HG_DAMAGED, "%s: holds a single number, not samples", name);
    if (array->dims > 4)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: has %d dimensions; accepted are (N), (N,n), (N,H,W), (N,H,W,C)",
                            name, array->dims);
    for (int i = 0; i < array->dims; i++) {
        if (array->shape[i] == 0)
            return hg_error_set(error, HG_DAMAGED, "%s: holds no samples: dimension %d is 0", name,
                                i + 1);
        if (i > 0 && array->shape[i] > INT_MAX)
            return hg_error_set(error, HG_DAMAGED, "%s: dimension %d is %zu, too large", name,
                                i + 1, array->shape[i]);
    }
    if (is_text(array->wire) && !wish->labels_of)
        return hg_error_set(error, HG_DAMAGED, "%s: holds texts, not numbers", name);
    if (array->dims >= 3)
        return hg__raw_check_pixels(wish, name, array->shape[2], array->shape[1], error);
    return HG_OK;
}

enum hg_status hg__array_layout(struct hg__array *array, const struct hg__wish *wish,
                                struct hg__extent *extent, struct hg_error *error)
{
    enum hg_status status = check_shape(array, wish, error);
    uint64_t all, sample;
    bool over;

    if (status != HG_OK)
        return status;
    array->samples = array->shape[0];
    if (wish->limit && wish->limit < array->samples)
        array->samples = wish->limit;
    array->features = 1;
    array->element = wires[array->wire].bytes * (is_text(array->wire) ? array->width : 1);
    over = __builtin_add_overflow(array->element, 0, &sample);
    for (int i = 1; i < array->dims; i++) {
        over = over || __builtin_mul_overflow(sample, array->shape[i], &sample);
        array->features *= array->shape[i];
    }
    over = over || __builtin_mul_overflow(sample, array->shape[0], &all) ||
           __builtin_add_overflow(all, array->header, &extent->declared);
    if (over || sample > INT_MAX)
        return hg_error_set(error, HG_DAMAGED, "%s: its header declares impossibly many numbers",
                            array->name);
    extent->want = array->fortran ? extent->declared : array->header + sample * array->samples;
    return HG_OK;
}

/* ---- one number ---- */

static uint64_t bits(const unsigned char *from, size_t bytes, bool big_endian)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | from[big_endian ? i : bytes - 1 - i];
    return value;
}

static double half(uint64_t word)
{
    int exponent = (int)(word >> 10 & 31);
    double fraction = (double)(word & 1023), value;

    if (exponent == 31)
        value = fraction != 0 ? (double)NAN : (double)INFINITY;
    else
        value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return word & 0x8000 ? -value : value;
}

static double number(const struct hg__array *array, const unsigned char *from)
{
    uint64_t word = bits(from, array->element, array->big_endian);
    uint32_t word32 = (uint32_t)word;
    double real;
    float single;

    switch (array->wire) {
    case HG__WIRE_I8:
        return (int8_t)word;
    case HG__WIRE_I16:
        return (int16_t)word;
    case HG__WIRE_I32:
        return (int32_t)word;
    case HG__WIRE_I64:
        return (double)(int64_t)word;
    case HG__WIRE_F16:
        return half(word);
    case HG__WIRE_F32:
        memcpy(&single, &word32, sizeof single);
        return (double)single;
    case HG__WIRE_F64:
        memcpy(&real, &word, sizeof real);
        return real;
    default:
        return (double)word;
    }
}

static void store(struct hg__raw *raw, size_t index, double value)
{
    switch (raw->type) {
    case HG__U8:
        ((uint8_t *)raw->values)[index] = (uint8_t)value;
        break;
    case HG__U16:
        ((uint16_t *)raw->values)[index] = (uint16_t)value;
        break;
    case HG__F32:
        ((float *)raw->values)[index] = (float)value;
        break;
    case HG__F64:
        ((double *)raw->values)[index] = value;
        break;
    }
}

/* ---- the block ---- */

/* How far apart neighbours stand in the file, in numbers. */
struct strides {
    size_t sample, channel, row, column;
};

static struct strides strides_of(const struct hg__array *array)
{
    size_t stride[4] = {0}, run = 1;
    struct strides s = {0};

    for (int k = 0; k < array->dims; k++) {
        int i = array->fortran ? k : array->dims - 1 - k;
        stride[i] = run;
        run *= array->shape[i];
    }
    s.sample = stride[0];
    if (array->dims == 2) {
        s.column = stride[1];
    } else if (array->dims > 2) {
        s.row = stride[1];
        s.column = stride[2];
        s.channel = stride[3];
    }
    return s;
}

static struct hg_shape sample_shape(const struct hg__array *array)
{
    struct hg_shape shape = {1, 1, 1};

    if (array->dims == 2) {
        shape.columns = (int)array->shape[1];
    } else if (array->dims > 2) {
        shape.rows = (int)array->shape[1];
        shape.columns = (int)array->shape[2];
        shape.channels = array->dims > 3 ? (int)array->shape[3] : 1;
    }
    return shape;
}

static void copy_row(const struct hg__array *array, const unsigned char *from, size_t stride,
                     struct hg__raw *raw, size_t to)
{
    size_t count = (size_t)raw->shape.columns, step = stride * array->element;

    if (raw->type == HG__U8) {
        uint8_t *out = (uint8_t *)raw->values + to;
        for (size_t i = 0; i < count; i++)
            out[i] = from[i * step];
        return;
    }
    for (size_t i = 0; i < count; i++)
        store(raw, to + i, number(array, from + i * step));
}

static void copy_all(const struct hg__array *array, const unsigned char *from, struct hg__raw *raw)
{
    struct strides s = strides_of(array);
    size_t rows = (size_t)raw->shape.rows, channels = (size_t)raw->shape.channels, to = 0;

    for (size_t n = 0; n < raw->samples; n++)
        for (size_t line = 0; line < channels * rows; line++) {
            size_t c = line / rows, r = line % rows;
            size_t at = n * s.sample + c * s.channel + r * s.row;
            copy_row(array, from + at * array->element, s.column, raw, to);
            to += (size_t)raw->shape.columns;
        }
}

/* Numbers that this machine can use where they are. */
static bool in_place(const struct hg__array *array)
{
    bool native = array->element == 1 ||
                  array->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    bool same = array->wire == HG__WIRE_U8 || array->wire == HG__WIRE_BOOL ||
                array->wire == HG__WIRE_U16 || array->wire == HG__WIRE_F32 ||
                array->wire == HG__WIRE_F64;
    bool order = (!array->fortran || array->dims == 1) && (array->dims < 4 || array->shape[3] == 1);

    return native && same && order && array->header % array->element == 0;
}

/* A yes is any byte but 0. */
static void settle_bool(struct hg__raw *raw)
{
    uint8_t *values = raw->values;

    for (size_t i = 0; i < raw->samples * raw->features; i++)
        values[i] = values[i] != 0;
    raw->highest = 1;
}

static enum hg_status check_finite(const struct hg__wish *wish, const struct hg__raw *raw,
                                   const char *name, struct hg_error *error)
{
    double most = wish->as_is ? HG__SINGLE_MOST : HUGE_VAL;
    size_t count = raw->samples * raw->features;

    for (size_t i = 0; i < count; i++) {
        double value = hg__raw_value(raw, i);
        if (fabs(value) < most)
            continue;
        return hg_error_set(error, HG_DAMAGED, "%s: sample %zu, value %zu: %s", name,
                            i / raw->features + 1, i % raw->features + 1,
                            isnan(value)      ? "not a number (NaN)"
                            : isfinite(value) ? "too large; single precision holds up to 3.4e38"
                                              : "infinite");
    }
    return HG_OK;
}

/* ---- texts ---- */

static size_t put_utf8(char *out, uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static void put_text(const struct hg__array *array, const unsigned char *from, char *out)
{
    size_t bytes = wires[array->wire].bytes;

    for (size_t i = 0; i < array->width; i++) {
        uint64_t c = bits(from + i * bytes, bytes, array->big_endian);
        if (c == 0)
            break;
        if (bytes == 1)
            *out++ = (char)c;
        else
            out += put_utf8(out, (uint32_t)c);
    }
    *out = '\0';
}

static enum hg_status read_texts(const struct hg__array *array, const unsigned char *from,
                                 struct hg__raw *raw, struct hg_error *error)
{
    size_t room = array->width * 4 + 1;
    char *area = hg__alloc(array->samples, room);
    const char **texts = hg__alloc(array->samples, sizeof *texts);
    enum hg_status status;

    if (area && texts) {
        for (size_t i = 0; i < array->samples; i++) {
            put_text(array, from + i * array->element, area + i * room);
            texts[i] = area + i * room;
        }
        raw->samples = array->samples;
        status = hg__labels_from_texts(raw, texts, error);
    } else {
        status = hg_error_set(error, HG_NO_MEMORY, "%s: no memory for %zu texts", array->name,
                              array->samples);
    }
    hg__free(area);
    hg__free(texts);
    return status;
}

enum hg_status hg__array_read(struct hg_context *context, const struct hg__wish *wish,
                              const struct hg__array *array, struct hg__bytes *bytes,
                              struct hg__raw *raw, struct hg_error *error)
{
    struct hg__raw_size size = {array->name, array->samples, sample_shape(array), array->dims > 2,
                                wires[array->wire].type};
    enum hg_status status;

    if (is_text(array->wire))
        return read_texts(array, bytes->data + array->header, raw, error);
    if (in_place(array)) {
        status = hg__raw_check(context, wish, &size, raw, error);
        if (status != HG_OK)
            return status;
        raw->area = bytes->data;
        raw->values = bytes->data + array->header;
        bytes->data = NULL;
    } else {
        status = hg__raw_room(context, wish, &size, raw, error);
        if (status != HG_OK)
            return status;
        copy_all(array, bytes->data + array->header, raw);
    }
    raw->total = array->shape[0];
    raw->flat = array->dims < 3;
    if (array->wire == HG__WIRE_BOOL)
        settle_bool(raw);
    return raw->bounded ? HG_OK : check_finite(wish, raw, array->name, error);
}
