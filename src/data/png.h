/* png.h - PNG pictures; png.c is the only door to libpng. */
#ifndef HG_DATA_PNG_H
#define HG_DATA_PNG_H

#include "base/file.h"
#include "data/image.h"

bool hg__png_is(const unsigned char *data, size_t length);

/* What the header promises: U8 or U16 (16-bit PNGs stay so), 1 channel or 3. */
struct hg__png_header {
    size_t width, height;
    int channels;
    enum hg__type type;
};
/* Reads it from the first bytes, without libpng. False: broken, or no PNG. */
bool hg__png_glance(const unsigned char *data, size_t length, struct hg__png_header *header);

/* Decodes a whole PNG of any colour type, depth and interlace into fresh planes
 * (picture->values: hg__free): 1, 2, 4 and 8 bits as U8 over the full range, 16 as U16; palettes
 * and colour as RGB; alpha and transparent colours are laid over black; gamma and
 * profiles are not applied. HG_DAMAGED: broken, cut short, a wrong checksum, or more than
 * max_pixels. */
struct hg__png_limit {
    const char *name;
    size_t max_pixels, max_bytes;
};
enum hg_status hg__png_decode(const struct hg__bytes *bytes, const struct hg__png_limit *limit,
                              struct hg__picture *picture, struct hg_error *error);

#endif
