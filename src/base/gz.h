/* gz.h - gzip files and checksums; the only door to zlib. */
#ifndef HG_BASE_GZ_H
#define HG_BASE_GZ_H

#include "base/file.h"
#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Do these bytes begin a gzip file? */
bool hg__gz_is(const unsigned char *data, size_t length);

/* Decompresses the beginning of a gzip file, itself perhaps cut off: at most `room`
 * bytes. Returns how many; damage simply ends it. For looking at a file. */
size_t hg__gz_head(const unsigned char *data, size_t length, unsigned char *out, size_t room);

/* Decompresses exactly `want` bytes into out. With `end` the file must end there
 * and its checksums be right; without, what follows is not looked at.
 * HG_DAMAGED otherwise; the message begins with `name`. */
struct hg__gz_want {
    const char *name;
    size_t want;
    bool end;
};
enum hg_status hg__gz_exact(const struct hg__bytes *in, const struct hg__gz_want *want,
                            unsigned char *out, struct hg_error *error);

/* Decompresses all of a gzip file (one or several members) into fresh memory of
 * which one byte more than out->length is there, and zero. More than `most` bytes is
 * HG_NO_MEMORY. */
enum hg_status hg__gz_all(const struct hg__bytes *in, const char *name, size_t most,
                          struct hg__bytes *out, struct hg_error *error);

/* The most bytes that `length` bytes of gzip can decompress to: deflate never does
 * better than 1032 to 1. A header that promises more lies. */
uint64_t hg__gz_most(uint64_t length);

/* CRC-32 (IEEE 802.3) of data, going on from `crc`; begin with 0. Any length. */
uint32_t hg__crc32(uint32_t crc, const void *data, size_t length);

#endif
