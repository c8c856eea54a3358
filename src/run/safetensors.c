/* Reading safetensors: numbers and checksum. The header is read in safetensors_header.c. */
#include "run/safetensors.h"

#include "base/gz.h"
#include "base/mem.h"
#include "run/safetensors_header.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory to read a run");
}

/* Reads exactly `length` bytes at `at`. */
static enum hg_status read_at(const struct hg__st_file *file, uint64_t at, void *data,
                              size_t length, struct hg_error *error)
{
    unsigned char *out = data;

    while (length > 0) {
        ssize_t got = pread(file->descriptor, out, length, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hg_error_set(error, HG_FAILED, "%s: cannot read: %s", file->path,
                                strerror(errno));
        if (got == 0)
            return hg_error_set(error, HG_DAMAGED, "%s: ends early, at byte %" PRIu64, file->path,
                                at);
        out += got;
        at += (uint64_t)got;
        length -= (size_t)got;
    }
    return HG_OK;
}

static uint64_t little64(const unsigned char *b)
{
    uint64_t value = 0;

    for (int i = 7; i >= 0; i--)
        value = value << 8 | b[i];
    return value;
}

/* ---- opening ---- */

static enum hg_status open_file(struct hg__st_file *file, struct hg_error *error)
{
    struct stat facts;

    /* stat first: to open a pipe or a device can block or have effects */
    if (stat(file->path, &facts) != 0)
        return hg_error_set(error, HG_FAILED, "%s: cannot open: %s", file->path, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return hg_error_set(error, HG_FAILED, "%s: is not a regular file", file->path);
    file->descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->descriptor < 0 || fstat(file->descriptor, &facts) != 0)
        return hg_error_set(error, HG_FAILED, "%s: cannot open: %s", file->path, strerror(errno));
    file->size = (uint64_t)facts.st_size;
    return HG_OK;
}

static enum hg_status read_header(struct hg__st_file *file, struct hg_error *error)
{
    unsigned char head[8];
    uint64_t length;
    char *text;
    enum hg_status status;

    if (file->size < 8 + 2)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: %" PRIu64 " bytes are too few for a safetensors file", file->path,
                            file->size);
    status = read_at(file, 0, head, sizeof head, error);
    if (status != HG_OK)
        return status;
    length = little64(head);
    if (length < 2 || length > file->size - 8)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: byte 0: a header of %" PRIu64 " bytes does not fit the file's "
                            "%" PRIu64 ": cut off, or no safetensors file",
                            file->path, length, file->size);
    if (length > HG__ST_HEADER_MOST)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: byte 0: a header of %" PRIu64 " bytes; at most %d are accepted",
                            file->path, length, HG__ST_HEADER_MOST);
    text = hg__alloc((size_t)length + 1, 1);
    if (!text)
        return no_memory(error);
    status = read_at(file, 8, text, (size_t)length, error);
    if (status == HG_OK)
        status = hg__st_parse_header(file, text, (size_t)length, error);
    hg__free(text);
    return status;
}

enum hg_status hg__st_open(const char *path, struct hg__st_file **file, struct hg_error *error)
{
    struct hg__st_file *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *file = NULL;
    if (!made)
        return no_memory(error);
    made->descriptor = -1;
    made->path = hg__strdup(path);
    status = made->path ? open_file(made, error) : no_memory(error);
    if (status == HG_OK)
        status = read_header(made, error);
    if (status != HG_OK) {
        hg__st_close(made);
        return status;
    }
    *file = made;
    return HG_OK;
}

void hg__st_close(struct hg__st_file *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    for (size_t i = 0; i < file->count; i++)
        hg__free(file->entry[i].name);
    for (size_t i = 0; i < file->meta_count; i++) {
        hg__free(file->meta[i].key);
        hg__free(file->meta[i].value);
    }
    hg__free(file->entry);
    hg__free(file->meta);
    hg__free(file->path);
    hg__free(file);
}

const char *hg__st_meta(const struct hg__st_file *file, const char *key)
{
    for (size_t i = 0; i < file->meta_count; i++)
        if (strcmp(file->meta[i].key, key) == 0)
            return file->meta[i].value;
    return NULL;
}

const struct hg__st_entry *hg__st_find(const struct hg__st_file *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->entry[i].name, name) == 0)
            return &file->entry[i];
    return NULL;
}

bool hg__st_recognise(const char *path)
{
    struct hg__st_file file = {.path = (char *)(uintptr_t)path, .descriptor = -1};
    unsigned char head[9];
    bool known = open_file(&file, NULL) == HG_OK && file.size > sizeof head &&
                 read_at(&file, 0, head, sizeof head, NULL) == HG_OK && little64(head) >= 2 &&
                 little64(head) <= UINT32_MAX && head[8] == '{';

    if (file.descriptor >= 0)
        close(file.descriptor);
    return known;
}

/* ---- checksum ---- */

static enum hg_status sum_file(const struct hg__st_file *file, uint64_t length, uint32_t *crc,
                               struct hg_error *error)
{
    unsigned char *piece = hg__alloc(PIECE, 1);
    enum hg_status status = piece ? HG_OK : no_memory(error);

    *crc = 0;
    for (uint64_t at = 0; at < length && status == HG_OK; at += PIECE) {
        size_t part = length - at < PIECE ? (size_t)(length - at) : PIECE;
        status = read_at(file, at, piece, part, error);
        if (status == HG_OK)
            *crc = hg__crc32(*crc, piece, part);
    }
    hg__free(piece);
    return status;
}

enum hg_status hg__st_verify(const struct hg__st_file *file, struct hg_error *error)
{
    const struct hg__st_entry *last = hg__st_find(file, HG__ST_CHECKSUM);
    unsigned char stored[8];
    uint32_t crc;
    enum hg_status status;

    if (!last)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: has no " HG__ST_CHECKSUM ": no run of hourglass, or damaged "
                            "(weights from elsewhere serve --init only)",
                            file->path);
    if (last->type != HG__ST_I64 || last->count != 1 || last->end != file->size)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: byte %" PRIu64 ": " HG__ST_CHECKSUM " is not one I64 at the end",
                            file->path, last->begin);
    status = sum_file(file, last->begin, &crc, error);
    if (status == HG_OK)
        status = read_at(file, last->begin, stored, sizeof stored, error);
    if (status != HG_OK)
        return status;
    if (little64(stored) != crc)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: damaged: CRC-32 of bytes 0 to %" PRIu64 " is %08x, but %08" PRIx64
                            " is stored at byte %" PRIu64,
                            file->path, last->begin - 1, crc, little64(stored), last->begin);
    return HG_OK;
}

/* ---- numbers ---- */

static float from_half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3FF;
    uint32_t bits;
    float value;

    if (exponent == 0) { /* zero and subnormal */
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = sign | (exponent == 31 ? 0xFFu : exponent + 112) << 23 | fraction << 13;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float hg__st_number(const unsigned char *b, enum hg__st_type type)
{
    uint32_t bits;
    uint64_t wide;
    double real;
    float value;

    switch (type) {
    case HG__ST_F16:
        return from_half((uint16_t)(b[0] | b[1] << 8));
    case HG__ST_F64:
        wide = little64(b);
        memcpy(&real, &wide, sizeof real);
        return (float)real;
    case HG__ST_BF16:
        bits = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 24;
        break;
    default:
        bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

enum hg_status hg__st_read_floats(const struct hg__st_file *file, const struct hg__st_entry *entry,
                                  float *out, struct hg_error *error)
{
    static const size_t widths[] = {[HG__ST_F32] = 4,  [HG__ST_F64] = 8, [HG__ST_F16] = 2,
                                    [HG__ST_BF16] = 2, [HG__ST_I64] = 0, [HG__ST_OTHER] = 0};
    size_t width = widths[entry->type], per = PIECE / 8;
    unsigned char *piece;
    enum hg_status status = HG_OK;

    if (width == 0)
        return hg_error_set(error, HG_DAMAGED, "%s: tensor %s: is not of floating-point numbers",
                            file->path, entry->name);
    piece = hg__alloc(per, width);
    if (!piece)
        return no_memory(error);
    for (uint64_t i = 0; i < entry->count && status == HG_OK; i += per) {
        size_t part = entry->count - i < per ? (size_t)(entry->count - i) : per;
        status = read_at(file, entry->begin + i * width, piece, part * width, error);
        for (size_t k = 0; k < part && status == HG_OK; k++)
            out[i + k] = hg__st_number(piece + k * width, entry->type);
    }
    hg__free(piece);
    return status;
}

enum hg_status hg__st_read_words(const struct hg__st_file *file, const struct hg__st_entry *entry,
                                 void *out, struct hg_error *error)
{
    unsigned char *bytes = out;
    enum hg_status status;

    if (entry->type != HG__ST_F64 && entry->type != HG__ST_I64)
        return hg_error_set(error, HG_DAMAGED, "%s: tensor %s: is not of 64-bit numbers",
                            file->path, entry->name);
    status = read_at(file, entry->begin, out, (size_t)entry->count * 8, error);
    for (uint64_t i = 0; i < entry->count && status == HG_OK; i++) {
        uint64_t word = little64(bytes + i * 8);
        memcpy(bytes + i * 8, &word, sizeof word);
    }
    return status;
}
