/* axes.h - the two main axes of a cloud of codes, for codes above two values. */
#ifndef HG_RUN_AXES_H
#define HG_RUN_AXES_H

#include <stdbool.h>
#include <stddef.h>

/* Orthonormal directions in code space. They begin where they were the last time
 * (few iterations each time, and no flips), so points move because the network
 * learns, not because the picture spins. */
struct hg__axes {
    size_t codes;
    bool known;
    double *mean, *axis[2], *work[2]; /* `codes` each, one allocation at `mean` */
};

bool hg__axes_init(struct hg__axes *axes, size_t codes); /* false: no memory */
void hg__axes_fini(struct hg__axes *axes);

/* Follows the cloud of `count` codes (count x codes). */
void hg__axes_follow(struct hg__axes *axes, const float *cloud, size_t count);

/* Where one code lies on them. */
void hg__axes_project(const struct hg__axes *axes, const float *code, float *x, float *y);

#endif
