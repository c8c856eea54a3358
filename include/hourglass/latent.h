/* latent.h - view 2: the plane of the codes, a cursor that decodes where it stands, PCA's plane.
 *
 * Everything is measured by the trainer's thread within the watch budget, only while the view is
 * asked for (HG_DO_LATENT), and copied into snapshots; what a key asks for (the cursor) comes at
 * once. Nothing of the run changes.
 *
 * The **sliders** are the code values themselves for codes of one or two values. For more they are
 * the main axes of the codes about their mean, in standard deviations of each: as many as there
 * are values, of codes beyond 64 values the first 8 (a frame of more costs too much). From frame
 * to frame axes keep order and sign; when one has 1.5 times the variance of the one before it,
 * they change places, and with them the cursor's positions.
 *
 * The **plane** is two-dimensional: the code itself (of one value: with y = 0), never turned, as it
 * has axes of its own that do not spin and z1, z2 must stay readable; else the first two sliders,
 * turned or mirrored so that the points lie as near as can be to those of the last frame
 * (Procrustes): what moves on the screen is learning. So the first two sliders are x and y of the
 * plane in their standard deviations, and together span the two main axes.
 *
 * The **cursor** is a whole code, told in slider coordinates, which it keeps while axes and weights
 * move. What a sample's code has beyond the sliders stays with it until it is sent to the mean (all
 * sliders at 0), to another sample or to a random code. It goes as far as the sliders and the
 * bounds do; only a sample's or a random code may lie beyond.
 *
 * **Near** are the codes of the training samples of the scatter (600 at most, 96 at least of large
 * networks, each at most some seconds old) and that of the sample the cursor was sent to last.
 * Usual is what lies between one of the scatter and its next.
 */
#ifndef HOURGLASS_LATENT_H
#define HOURGLASS_LATENT_H

#include "hourglass/dataset.h"

enum {
    HG_LATENT_SLIDERS = 64, /* at most, and not more than samples looked at less one */
    HG_LATENT_POINTS = 600, /* of either plane, at most */
    HG_LATENT_CELLS = 128,  /* of the decoded grid, at most */
    HG_LATENT_SIDE = 32     /* pixels of a cell's side, at most (areas averaged) */
};

/* A place in either plane. */
struct hg_latent_point {
    uint32_t sample;
    int32_t label; /* -1 = none */
    float x, y;
};

/* How near the cursor is to the codes of training samples. */
enum hg_latent_density {
    HG_LATENT_INSIDE, /* as near as nine of ten are to their next, or twice the usual */
    HG_LATENT_EDGE,   /* up to twice as far */
    HG_LATENT_OUTSIDE
};

struct hg_latent {
    bool known;      /* false: not asked for, or not there yet; nothing below holds */
    uint64_t serial; /* changes with anything below */
    size_t codes, sliders;
    bool projected; /* codes > 2: sliders are axes, in standard deviations */
    bool gaussian;  /* variational: codes are about standard normal */

    /* the cursor */
    uint64_t answered;                 /* `number` of the last HG_DO_LATENT_... it obeyed */
    float position[HG_LATENT_SLIDERS]; /* slider coordinates */
    float low[HG_LATENT_SLIDERS], high[HG_LATENT_SLIDERS]; /* reach of the sliders */
    float share[HG_LATENT_SLIDERS]; /* of the codes' variance along it, 0..1 */
    float x, y;                     /* in the plane */
    float *decoded;                 /* features values, scaled */
    uint32_t nearest;               /* of these training samples the one with the nearest code */
    int32_t nearest_label;          /* -1 = none */
    float distance;                 /* to it, in code space (Euclidean) */
    float usual;                    /* median distance of a training code to its next */
    enum hg_latent_density density;

    /* the plane */
    size_t points;
    struct hg_latent_point *point;  /* HG_LATENT_POINTS */
    float left, right, bottom, top; /* round bounds that hold all points; held while they fit */

    /* the decoded grid over the plane: cell (r, c) is the middle of its part of the bounds
     * given by `cell`, top row first; other code values at the mean */
    size_t grid_rows, grid_columns; /* 0 = not asked for, not there yet, or no images */
    struct hg_shape cell;           /* of one picture as copied */
    float *grid;                    /* rows x columns x cell */

    /* PCA's plane of the same samples: on the main axes of all training samples, turned or mirrored
     * to look like the code's, and again when that makes it a tenth more alike */
    size_t pca_points; /* 0 = not there yet */
    struct hg_latent_point *pca;
    float pca_left, pca_right, pca_bottom, pca_top;
    double agreement[2]; /* share of points whose nearest other point in the plane of code, of PCA
                          * has the same label; NaN without labels */
    double angle;        /* largest principal angle (degrees) between what the decoder spans about
                          * the mean code and the PCA subspace of the same size, for linear
                          * networks; NaN else */
    char verdict[160];   /* one sentence that compares the two; "" = nothing to say yet */

    /* the trainer's business: room of the arrays; what was copied last */
    size_t room_features, room_grid;
    uint64_t grid_serial, pca_serial;
};

#endif
