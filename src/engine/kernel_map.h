/* kernel_map.h - what happens to a map (map.h) between convolutions, one sample at a time.
 *
 * Works in the calling thread. All functions write the inside of a map only: the border stays
 * what it was (zero), and so do pad channels (vectors over pad channels may be computed
 * where zero gives zero; factors of pad channels are zero: mean, a, b, k1, k2). x and y of a call
 * never overlap unless it says so. Vectors of "a number a channel" have map->pixel floats.
 *
 * NUMBERS. Sums over pixels are one chain a channel, pixel by pixel, row by row.
 */
#ifndef HG_ENGINE_KERNEL_MAP_H
#define HG_ENGINE_KERNEL_MAP_H

#include "engine/map.h"

/* Batch norm: y = act((x - mean) a + b), a = weight / sd, b = bias. act is HG_LINEAR, HG_RELU or
 * HG_LRELU (slope >= 0). */
struct hg__map_norm {
    const struct hg__map *map;
    const float *mean, *a, *b;
    enum hg_activation activation;
    float slope;
};

/* Its way back. The norm may stand before a max pool of factor `pool`: then it was
 * applied to the pool's choice. */
struct hg__map_norm_back {
    struct hg__map_norm norm; /* norm.map: the map of d, that is after the pool */
    const float *d;           /* gradient at the norm's output (after act) */
    const float *x;           /* input of the norm: norm.map like; with a pool its choices */
    /* for norm_back only: */
    const struct hg__map *wide; /* map of `whole` and `dx`; without a pool norm.map */
    size_t pool;                /* 1: none */
    const float *whole;         /* what the pool chose from; without a pool x */
    const float *k1, *k2;       /* dz = act'(z) (d' a - k1 - (whole - mean) k2) */
    enum hg_activation below;   /* fused activation that gave `whole`: derivative by its */
    float below_slope;          /* output; HG_LINEAR, HG_RELU, HG_LRELU */
    float *dx;
};

/* PyTorch's order inside a patch is channel, row, column; ours is row, column, channel (as a
 * packed weight of kernel_conv.h). */
struct hg__patches {
    size_t channels, rows, columns; /* of the planar image */
    size_t kernel, stride;          /* pad is kernel / 2 */
    const float *x;                 /* planar */
    size_t out_columns;
    float *patches; /* out_columns a row + gap rows of zeros between rows; kernel^2 channels each */
    size_t stride_out; /* floats from patch to patch */
};

/* A convolution to a few channels, taken the other way round: every pixel of x is multiplied by all
 * taps x channels at once (a product of its own, to `t`), then what belongs to an output
 * is gathered. With `fold` x is the map before an up-sampling by 2: an output (2h + u, 2v + w)
 * is then the sum over taps (a, b) in 0..1 of column ((u 2 + w) 4 + a 2 + b) channels + o of pixel
 * (h - 1 + u + a, v - 1 + w + b); without, of column (i kernel + j) channels + o of pixel
 * (r + i - kernel / 2, p + j - kernel / 2). Pixels outside of the image count as zero. */
struct hg__few {
    const struct hg__map *map; /* of x; its border is at least kernel / 2 (fold: 1) */
    size_t channels;           /* of the output */
    size_t kernel;
    bool fold;
    size_t columns; /* floats of t from pixel to pixel: hg__pad(taps channels) */
    float *t;       /* one row of columns for EVERY pixel of the map, border included, in order */
    const float *bias; /* NULL: 0 */
    float *y;          /* planar, channels x out rows x out columns */
};

struct hg__map_kernels {
    /* shift = x's first pixel; sum, squares of x - shift (as kernel_conv.h) */
    void (*stats)(const struct hg__map *map, const float *x, float *shift, float *sum,
                  float *squares);
    void (*norm)(const struct hg__map_norm *norm, const float *x, float *y);
    /* sum = sum of d', product = sum of d' (x - mean); d' = d act'((x - mean) a + b);
     * both vectors are set, not added to */
    void (*norm_sums)(const struct hg__map_norm_back *job, float *sum, float *product);
    /* dx = below'(whole) (d' a - k1 - (whole - mean) k2); with a pool d' counts at the first
     * place of the window where whole == x, elsewhere it is 0 (also in what no window covers) */
    void (*norm_back)(const struct hg__map_norm_back *job);

    /* Any activation over the inside, in place allowed; back: d *= act'(kept), in place */
    void (*activate)(const struct hg__map *map, enum hg_activation activation, float slope,
                     const float *z, float *y);
    void (*activate_back)(const struct hg__map *map, enum hg_activation activation, float slope,
                          const float *kept, float *d);

    /* Windows of factor x factor, floor(size / factor) of them, what is left over is not looked
     * at. y = the largest; with `sign` (a number a channel) the largest where it is positive, the
     * smallest where negative, the first where 0. A NaN wins. */
    void (*pool)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                 const float *sign, const float *x, float *y);
    /* dx = d at the first place of each window where x == y (or both are NaN), else 0; all of
     * dx's inside is written */
    void (*pool_back)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                      const float *x, const float *y, const float *d, float *dx);
    /* y[r][p] = x[r / factor][p / factor]; back: sums, row by row */
    void (*up)(const struct hg__map *from, const struct hg__map *to, size_t factor, const float *x,
               float *y);
    void (*up_back)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                    const float *d, float *dx);
    /* y[r][p] = x at (r / factor, p / factor) where both divide, else 0 (the way back through a
     * stride); `to` may have any size that holds it */
    void (*spread)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                   const float *x, float *y);

    /* planar <-> map */
    void (*unpack)(const struct hg__map *map, const float *planar, float *y);
    void (*pack)(const struct hg__map *map, const float *x, float *planar);

    /* Patches of output rows row..row_end-1, one after the other, `gap` patches of zeros after
     * each output row */
    void (*patches)(const struct hg__patches *job, size_t row, size_t row_end, size_t gap);
    void (*few_gather)(const struct hg__few *job);
    /* The way back: t[pixel][column] = the dy it went to (planar dy), 0 where there is none, for
     * every pixel of the map, border pixels all zero; pad columns zero */
    void (*few_spread)(const struct hg__few *job, const float *dy);
};

#endif
