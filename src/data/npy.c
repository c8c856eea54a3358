/* NPY: "\x93NUMPY", version, header length, a Python dictionary with descr, fortran_order and
 * shape, then the numbers (numpy/lib/format.py). */
#include "data/npy.h"

#include <ctype.h>
#include <string.h>

bool hg__npy_is(const unsigned char *head, size_t length)
{
    return length >= 8 && memcmp(head, "\x93NUMPY", 6) == 0;
}

/* The dictionary's text, being read. */
struct text {
    const char *next, *end;
};

static void skip_space(struct text *text)
{
    while (text->next < text->end && isspace((unsigned char)*text->next))
        text->next++;
}

static bool take(struct text *text, char c)
{
    skip_space(text);
    if (text->next >= text->end || *text->next != c)
        return false;
    text->next++;
    return true;
}

/* A quoted word without escapes, of fewer than `room` bytes. */
static bool take_word(struct text *text, char *word, size_t room)
{
    size_t length = 0;
    char quote;

    skip_space(text);
    if (text->next >= text->end || (*text->next != '\'' && *text->next != '"'))
        return false;
    quote = *text->next++;
    while (text->next < text->end && *text->next != quote && length + 1 < room)
        word[length++] = *text->next++;
    word[length] = '\0';
    return take(text, quote);
}

static bool take_size(struct text *text, size_t *value)
{
    const char *before;

    skip_space(text);
    *value = 0;
    for (before = text->next; text->next < text->end && isdigit((unsigned char)*text->next);
         text->next++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (size_t)(*text->next - '0'), value))
            return false;
    if (text->next == before)
        return false;
    if (text->next < text->end && *text->next == 'L') /* Python 2 on Windows */
        text->next++;
    return true;
}

static bool take_shape(struct text *text, struct hg__array *array)
{
    if (!take(text, '('))
        return false;
    array->dims = 0;
    while (!take(text, ')')) {
        if (array->dims == HG__ARRAY_DIMS || !take_size(text, &array->shape[array->dims]))
            return false;
        array->dims++;
        if (!take(text, ',')) {
            return take(text, ')');
        }
    }
    return true;
}

static bool take_bool(struct text *text, bool *value)
{
    skip_space(text);
    *value = text->end - text->next >= 4 && memcmp(text->next, "True", 4) == 0;
    if (*value)
        text->next += 4;
    else if (text->end - text->next >= 5 && memcmp(text->next, "False", 5) == 0)
        text->next += 5;
    else
        return false;
    return true;
}

/* "<f8": byte order, kind, bytes (characters for U). */
static bool wire_of(const char *type, struct hg__array *array)
{
    static const struct {
        const char *text;
        enum hg__wire wire;
    } known[] = {{"b1", HG__WIRE_BOOL}, {"u1", HG__WIRE_U8},  {"i1", HG__WIRE_I8},
                 {"u2", HG__WIRE_U16},  {"i2", HG__WIRE_I16}, {"u4", HG__WIRE_U32},
                 {"i4", HG__WIRE_I32},  {"u8", HG__WIRE_U64}, {"i8", HG__WIRE_I64},
                 {"f2", HG__WIRE_F16},  {"f4", HG__WIRE_F32}, {"f8", HG__WIRE_F64}};
    struct text width;

    array->big_endian = type[0] == '>';
    if (strchr("<>|=", type[0]) && type[0])
        type++;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(type, known[i].text) == 0) {
            array->wire = known[i].wire;
            return true;
        }
    if (type[0] != 'S' && type[0] != 'U' && type[0] != 'a')
        return false;
    width = (struct text){type + 1, type + strlen(type)};
    array->wire = type[0] == 'U' ? HG__WIRE_UCS4 : HG__WIRE_BYTES;
    return take_size(&width, &array->width) && width.next == width.end && array->width > 0 &&
           array->width <= 65536;
}

static enum hg_status take_type(struct text *text, const char *name, struct hg__array *array,
                                struct hg_error *error)
{
    char type[16];

    skip_space(text);
    if (text->next < text->end && *text->next == '[')
        return hg_error_set(error, HG_DAMAGED,
                            "%s: an array of records; plain numbers are accepted", name);
    if (!take_word(text, type, sizeof type))
        return hg_error_set(error, HG_DAMAGED, "%s: NPY header: descr is damaged", name);
    if (strchr(type, 'O'))
        return hg_error_set(error, HG_DAMAGED,
                            "%s: an array of Python objects (a pickle), which is never opened; "
                            "plain numbers are accepted",
                            name);
    if (!wire_of(type, array))
        return hg_error_set(error, HG_DAMAGED,
                            "%s: numbers of type %s; accepted are b1, u1, i1, u2, i2, u4, i4, u8, "
                            "i8, f2, f4, f8",
                            name, type);
    return HG_OK;
}

static enum hg_status dictionary(struct text *text, const char *name, struct hg__array *array,
                                 struct hg_error *error)
{
    unsigned seen = 0;
    char key[16];
    bool right = take(text, '{');

    while (right && !take(text, '}')) {
        right = take_word(text, key, sizeof key) && take(text, ':');
        if (right && strcmp(key, "descr") == 0) {
            enum hg_status status = take_type(text, name, array, error);
            if (status != HG_OK)
                return status;
            seen |= 1;
        } else if (right && strcmp(key, "fortran_order") == 0) {
            right = take_bool(text, &array->fortran);
            seen |= 2;
        } else if (right && strcmp(key, "shape") == 0) {
            right = take_shape(text, array);
            seen |= 4;
        } else {
            right = false;
        }
        if (right && !take(text, ',')) {
            right = take(text, '}');
            break;
        }
    }
    if (!right || seen != 7)
        return hg_error_set(error, HG_DAMAGED, "%s: the NPY header is damaged", name);
    return HG_OK;
}

enum hg_status hg__npy_parse(const unsigned char *head, size_t length, const char *name,
                             struct hg__array *array, struct hg_error *error)
{
    struct text text;
    size_t fixed, size;
    enum hg_status status;

    *array = (struct hg__array){.name = name};
    if (!hg__npy_is(head, length))
        return hg_error_set(error, HG_DAMAGED, "%s: is no NPY array", name);
    if (head[6] < 1 || head[6] > 3)
        return hg_error_set(error, HG_DAMAGED, "%s: NPY version %d; accepted are 1, 2 and 3", name,
                            head[6]);
    fixed = head[6] == 1 ? 10 : 12;
    if (length < fixed)
        return hg_error_set(error, HG_DAMAGED, "%s: ends inside the NPY header", name);
    size = (size_t)head[8] | (size_t)head[9] << 8;
    if (head[6] > 1)
        size |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    /* A header of plain numbers is short; a list of record fields may be longer than the part
     * we see, and is refused by its first character. */
    text.next = (const char *)head + fixed;
    text.end = text.next + (size < length - fixed ? size : length - fixed);
    status = dictionary(&text, name, array, error);
    if (status == HG_OK && size > length - fixed)
        status = hg_error_set(error, HG_DAMAGED, "%s: ends inside the NPY header", name);
    array->header = fixed + size;
    return status;
}

static bool recognises(const struct hg__peek *peek)
{
    return hg__npy_is(peek->head, peek->head_length);
}

static enum hg_status read(struct hg_context *context, const struct hg__peek *peek,
                           const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                           struct hg_error *error)
{
    struct hg__bytes bytes = {0};
    struct hg__extent extent;
    struct hg__array array;
    enum hg_status status = hg__npy_parse(peek->head, peek->head_length, peek->path, &array, error);

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

const struct hg__source_ops hg__source_npy = {"NPY", false, recognises, read};
