/* image.h - pictures made larger, smaller, grey or colour. */
#ifndef HG_DATA_IMAGE_H
#define HG_DATA_IMAGE_H

#include "data/sources.h"

/* One picture: planes of rows. Who allocates `values` is up to the user of it. */
struct hg__picture {
    enum hg__type type;
    struct hg_shape shape;
    void *values;
};

/* The same size in another number of channels (1 or 3) and, from U8 to U16, depth. Grey is
 * 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601); colour from grey repeats it. `to` has room and
 * says what is wanted. */
void hg__picture_convert(const struct hg__picture *from, const struct hg__picture *to);

/* Resampling from one size to another: each axis by area average where it shrinks, bilinear
 * where it grows (pixels are areas: centres at 1/2, edges held). */
struct hg__axis {
    size_t in, out;
    size_t *start, *count; /* of the weights of each output place: first input, how many */
    double *weights;       /* one after the other */
};
struct hg__resizer {
    struct hg__axis across, down;
    double *plane, *between; /* input plane; rows already resampled across */
};
enum hg_status hg__resizer_init(struct hg__resizer *resizer, struct hg_shape from,
                                struct hg_shape to, struct hg_error *error);
/* Same type and channels on both sides; whole numbers are rounded. */
void hg__resizer_run(struct hg__resizer *resizer, const struct hg__picture *from,
                     const struct hg__picture *to);
void hg__resizer_fini(struct hg__resizer *resizer);

/* Brings all samples of `raw` to the size and channels that the wish asks for. */
enum hg_status hg__raw_resample(struct hg_context *context, const struct hg__wish *wish,
                                struct hg__raw *raw, struct hg__place *place);

#endif
