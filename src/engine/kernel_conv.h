/* kernel_conv.h - convolution: products over the taps of a kernel, one sample at a time.
 *
 * Works in the calling thread. x and y are maps (map.h) or parts of them; the
 * caller gives the strides, so the same two functions serve a plain convolution of
 * any odd kernel and stride, the backward pass (flipped, transposed weights), the four
 * phases of an up-sampling folded into a 3x3 kernel (each a 2x2 kernel whose
 * outputs lie two pixels apart), and that one's backward pass (4x4, stride 2).
 *
 * A weight is packed as a dense one (kernel.h) with in = taps x channels: number
 * ((i across + j) channels + c) is for tap (row i, column j) and channel c:
 * [panel][taps_down * taps_across * channels][16].
 *
 * NUMBERS. Each output is one ascending chain of fused multiply-adds over (i, j, c)
 * from the bias (or 0). Each gradient is one chain over the pixels, row by row,
 * that goes on from what the gradient holds. Neither depends on the tile.
 */
#ifndef HG_ENGINE_KERNEL_CONV_H
#define HG_ENGINE_KERNEL_CONV_H

#include "engine/map.h"

/* y[r][p][o] = act(bias[o] + sum over taps i, j and channels c of
 * x[r x_row + p x_pixel + i tap_row + j tap_column + c] weight[o; i, j, c]) */
struct hg__conv {
    size_t rows, columns, panels; /* of the output; panels of 16 channels */
    const float *x;               /* what tap (0, 0) of output pixel (0, 0) sees */
    size_t x_pixel, x_row;        /* floats in x from one output pixel / row to the next */
    size_t taps_down, taps_across;
    size_t tap_row, tap_column; /* floats in x from tap to tap */
    size_t channels;            /* summed at each tap; any number, pads of x not read */
    const float *weight;
    const float *bias; /* 16 panels floats; NULL: 0 */
    float *y;          /* output pixel (0, 0) */
    size_t y_pixel, y_row;
    enum hg_activation activation; /* HG_LINEAR, HG_RELU, HG_LRELU (slope >= 0) only */
    float slope;
    /* Sums for batch norm over all outputs, 16 panels floats each; shift NULL: none.
     * shift becomes y's first pixel (unless `onward`: then the given one holds), so that
     * nothing cancels; sum = sum of (y - shift), squares = sum of (y - shift)^2, each one
     * chain, pixel by pixel and row by row; with `onward` they go on. */
    float *shift, *sum, *squares;
    bool onward;
};

/* gradient[o; i, j, c] += sum over r, p of x[...as above] dy[r dy_row + p dy_pixel + o] */
struct hg__conv_gradient {
    size_t rows, columns, panels; /* of dy */
    const float *x;
    size_t x_pixel, x_row;
    size_t taps_down, taps_across;
    size_t tap_row, tap_column;
    size_t channels;
    const float *dy;
    size_t dy_pixel, dy_row;
    float *gradient;      /* packed as the weight */
    float *bias_gradient; /* += sum of dy over pixels, 16 panels floats; NULL: not wanted */
};

struct hg__conv_kernels {
    void (*forward)(const struct hg__conv *job);
    void (*gradient)(const struct hg__conv_gradient *job);
};

#endif
