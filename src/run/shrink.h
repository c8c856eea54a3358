/* shrink.h - pictures made small enough to be shown many at a time: areas of factor x factor
 * pixels become one, their average; the last of a row or a column may be narrower.
 *
 * Used by the trainer thread; no state, no allocation. */
#ifndef HG_RUN_SHRINK_H
#define HG_RUN_SHRINK_H

#include "hourglass/dataset.h"

/* The least factor with which no side is longer than `most`. */
int hg__shrink_factor(struct hg_shape shape, int most);
/* What becomes of a picture of this shape; channels stay. */
struct hg_shape hg__shrink_shape(struct hg_shape shape, int factor);
/* All channels of `from`, which has this shape. */
void hg__shrink(const float *from, struct hg_shape shape, int factor, float *to);

#endif
