/* shape.h - the shape of one sample. */
#ifndef HOURGLASS_SHAPE_H
#define HOURGLASS_SHAPE_H

#include <stddef.h>

/* channels x rows x columns. Values of a sample stand in this order (PyTorch's
 * C, H, W) wherever they leave the engine. A plain vector of n values is
 * 1 x 1 x n. Each is at least 1. */
struct hg_shape {
    int channels, rows, columns;
};

/* Number of values of one sample. */
static inline size_t hg_shape_size(struct hg_shape shape)
{
    return (size_t)shape.channels * (size_t)shape.rows * (size_t)shape.columns;
}

#endif
