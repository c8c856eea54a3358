/* latent_axes.h - what the sliders of view 2 move along. Private to latent*.c.
 *
 * Codes of one or two values: the values themselves, and nothing turns. Longer codes: their main
 * axes about their mean, so many as HG_LATENT_SLIDERS, codes and samples allow (of codes beyond
 * LARGE values only FEW: each costs a pass over all codes). From frame to frame an axis is matched
 * in order and sign to the last one, and the first two, which span the plane, are turned (and
 * mirrored) so that the points move as little as can be: Procrustes.
 */
#ifndef HG_RUN_LATENT_AXES_H
#define HG_RUN_LATENT_AXES_H

#include "hourglass/latent.h"

struct hg__latent_axes {
    size_t codes, count, room; /* count: axes; room: points */
    bool fixed;                /* the code values themselves */
    bool known;
    double *mean;                     /* codes */
    double *axis;                     /* count x codes, orthonormal */
    double *work;                     /* the same */
    double *row;                      /* codes */
    double *deviation;                /* count: standard deviations along them; 1 where fixed */
    double *variance;                 /* count */
    double *score;                    /* room x count: where the points lie, from the mean */
    double *small;                    /* three squares and a row, for the turning */
    double total;                     /* variance of the codes */
    size_t origin[HG_LATENT_SLIDERS]; /* where axis i was at the last frame */
};

/* For at most `points` points. False: no memory. */
bool hg__latent_axes_init(struct hg__latent_axes *axes, size_t codes, size_t points);
void hg__latent_axes_fini(struct hg__latent_axes *axes);

/* Follows a cloud of `count` codes (at most room); where the axes do not span all codes, by some
 * subspace iteration. `last`: the points of the last frame, of which as many as `held` are the same
 * as now. False: the codes are not finite, all is as it was. */
bool hg__latent_axes_follow(struct hg__latent_axes *axes, const float *cloud, size_t count,
                            const struct hg_latent_point *last, size_t held);

/* Forgets: the next frame is the first. */
void hg__latent_axes_forget(struct hg__latent_axes *axes);

#endif
