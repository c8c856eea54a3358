#include "base/gz.h"

#include "base/mem.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, STEP = 1 << 30 };

bool hg__gz_is(const unsigned char *data, size_t length)
{
    return length >= 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8;
}

/* zlib asks for its 40 KiB here, so that tests can make it fail. */
static void *take(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    return hg__alloc(items, size);
}

static void give(void *opaque, void *area)
{
    (void)opaque;
    hg__free(area);
}

/* A gzip file being decompressed: zlib counts in 32 bits, files do not. */
struct reader {
    z_stream stream;
    const unsigned char *next;
    size_t left;
    size_t given; /* bytes decompressed so far */
    bool ended;   /* the last member is complete and nothing follows */
};

static bool reader_init(struct reader *reader, const unsigned char *data, size_t length)
{
    memset(reader, 0, sizeof *reader);
    reader->stream.zalloc = take;
    reader->stream.zfree = give;
    reader->next = data;
    reader->left = length;
    return inflateInit2(&reader->stream, GZIP_WINDOW) == Z_OK;
}

static void feed(struct reader *reader)
{
    size_t n = reader->left < STEP ? reader->left : STEP;

    if (reader->stream.avail_in > 0)
        return;
    reader->stream.next_in = (Bytef *)(uintptr_t)reader->next;
    reader->stream.avail_in = (uInt)n;
    reader->next += n;
    reader->left -= n;
}

/* After a member: another one begins, or the file ends (zero padding is allowed, as gzip
 * does). False when something else follows. */
static bool next_member(struct reader *reader)
{
    feed(reader);
    while (reader->stream.avail_in > 0 && *reader->stream.next_in == 0) {
        reader->stream.next_in++;
        reader->stream.avail_in--;
        feed(reader);
    }
    if (reader->stream.avail_in == 0) {
        reader->ended = true;
        return true;
    }
    return *reader->stream.next_in == 0x1f && inflateReset(&reader->stream) == Z_OK;
}

/* Decompresses up to `room` bytes; less only at the end or at damage, and then *wrong is
 * a text when it is damage. */
static size_t reader_get(struct reader *reader, unsigned char *out, size_t room, const char **wrong)
{
    size_t got = 0;

    *wrong = NULL;
    while (!reader->ended && (got < room || room == 0)) {
        unsigned char spare;
        size_t n = room - got < STEP ? room - got : STEP;
        int code;
        feed(reader);
        reader->stream.next_out = room ? out + got : &spare;
        reader->stream.avail_out = room ? (uInt)n : 1;
        code = inflate(&reader->stream, Z_NO_FLUSH);
        if (room == 0 && reader->stream.avail_out == 0)
            return 1; /* asked whether anything is left: yes */
        if (room > 0) {
            got += n - reader->stream.avail_out;
            reader->given += n - reader->stream.avail_out;
        }
        if (code == Z_STREAM_END) {
            if (!next_member(reader))
                *wrong = "something else follows the compressed data";
        } else if (code == Z_MEM_ERROR) {
            *wrong = "no memory";
        } else if (code == Z_BUF_ERROR && reader->left == 0) {
            *wrong = "the compressed data end early";
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            *wrong = reader->stream.msg ? reader->stream.msg : "the compressed data are damaged";
        }
        if (*wrong)
            break;
    }
    return got;
}

size_t hg__gz_head(const unsigned char *data, size_t length, unsigned char *out, size_t room)
{
    struct reader reader;
    const char *wrong;
    size_t got = 0;

    if (reader_init(&reader, data, length))
        got = reader_get(&reader, out, room, &wrong);
    inflateEnd(&reader.stream);
    return got;
}

static enum hg_status damaged(struct hg_error *error, const char *name, const char *wrong,
                              const struct reader *reader)
{
    if (strcmp(wrong, "no memory") == 0)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to decompress", name);
    return hg_error_set(error, HG_DAMAGED, "%s: gzip: %s, after %zu bytes decompressed", name,
                        wrong, reader->given);
}

enum hg_status hg__gz_exact(const struct hg__bytes *in, const struct hg__gz_want *want,
                            unsigned char *out, struct hg_error *error)
{
    enum hg_status status = HG_OK;
    struct reader reader;
    const char *wrong = "no memory";
    size_t got = 0;

    if (reader_init(&reader, in->data, in->length))
        got = want->want ? reader_get(&reader, out, want->want, &wrong) : 0;
    if (got == want->want && got > 0)
        wrong = NULL;
    if (!wrong && want->end && reader_get(&reader, NULL, 0, &wrong) > 0)
        status = hg_error_set(error, HG_DAMAGED,
                              "%s: holds more than the %zu bytes that its header declares",
                              want->name, want->want);
    else if (wrong)
        status = damaged(error, want->name, wrong, &reader);
    else if (got < want->want)
        status = hg_error_set(error, HG_DAMAGED, "%s: holds %zu bytes, its header declares %zu",
                              want->name, got, want->want);
    inflateEnd(&reader.stream);
    return status;
}

enum hg_status hg__gz_all(const struct hg__bytes *in, const char *name, size_t most,
                          struct hg__bytes *out, struct hg_error *error)
{
    enum hg_status status = HG_OK;
    struct reader reader;
    const char *wrong = NULL;
    size_t room = in->length > (1 << 20) / 4 ? in->length * 4 : 1 << 20;

    if (most > SIZE_MAX / 2)
        most = SIZE_MAX / 2;
    if (room > most)
        room = most + 1;
    out->data = NULL;
    out->length = 0;
    if (!reader_init(&reader, in->data, in->length))
        wrong = "no memory";
    while (!wrong && !reader.ended && status == HG_OK) {
        unsigned char *more = hg__realloc(out->data, room + 1, 1);
        if (!more) {
            wrong = "no memory";
            break;
        }
        out->data = more;
        out->length += reader_get(&reader, more + out->length, room - out->length, &wrong);
        if (out->length > most)
            status = hg_error_set(
                error, HG_NO_MEMORY,
                "%s: decompresses to more than the limit of %zu bytes (--max-memory)", name, most);
        room = room <= SIZE_MAX / 4 ? room * 2 : room;
        if (room > most)
            room = most + 1;
    }
    if (wrong && status == HG_OK)
        status = damaged(error, name, wrong, &reader);
    inflateEnd(&reader.stream);
    if (status != HG_OK)
        hg__bytes_fini(out);
    else
        out->data[out->length] = 0;
    return status;
}

uint64_t hg__gz_most(uint64_t length)
{
    return length > UINT64_MAX / 1032 ? UINT64_MAX : length * 1032;
}

uint32_t hg__crc32(uint32_t crc, const void *data, size_t length)
{
    const unsigned char *next = data;

    while (length > 0) {
        size_t n = length < STEP ? length : STEP;
        crc = (uint32_t)crc32(crc, next, (uInt)n);
        next += n;
        length -= n;
    }
    return crc;
}
