/* zip.h - members of a zip archive held in memory; the only door to libzip. */
#ifndef HG_BASE_ZIP_H
#define HG_BASE_ZIP_H

#include "base/file.h"
#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Do these bytes begin a zip archive? (An archive of no members begins otherwise.) */
bool hg__zip_is(const unsigned char *data, size_t length);

struct hg__zip;

/* Opens an archive for reading; `bytes` must stay until it is closed. HG_DAMAGED when it is
 * none. Messages begin with `name`, which is copied. */
enum hg_status hg__zip_open(const struct hg__bytes *bytes, const char *name, struct hg__zip **zip,
                            struct hg_error *error);
void hg__zip_close(struct hg__zip *zip);

size_t hg__zip_members(const struct hg__zip *zip);
/* The member's name; any bytes. Valid until close. */
const char *hg__zip_name(const struct hg__zip *zip, size_t index);
uint64_t hg__zip_size(const struct hg__zip *zip, size_t index); /* decompressed, as declared */

/* Decompresses at most the first `room` bytes of a member, for looking at it. */
enum hg_status hg__zip_head(const struct hg__zip *zip, size_t index, unsigned char *head,
                            size_t room, size_t *length, struct hg_error *error);

/* Decompresses a member whole and checks its CRC. HG_NO_MEMORY beyond `most` bytes. */
enum hg_status hg__zip_read(const struct hg__zip *zip, size_t index, size_t most,
                            struct hg__bytes *bytes, struct hg_error *error);

#endif
