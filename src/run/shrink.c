#include "run/shrink.h"

int hg__shrink_factor(struct hg_shape shape, int most)
{
    int side = shape.rows > shape.columns ? shape.rows : shape.columns;

    return (side + most - 1) / most;
}

struct hg_shape hg__shrink_shape(struct hg_shape shape, int factor)
{
    shape.rows = (shape.rows + factor - 1) / factor;
    shape.columns = (shape.columns + factor - 1) / factor;
    return shape;
}

static float *shrink_plane(const float *from, struct hg_shape shape, int factor, float *to)
{
    for (int top = 0; top < shape.rows; top += factor)
        for (int left = 0; left < shape.columns; left += factor) {
            int bottom = top + factor < shape.rows ? top + factor : shape.rows;
            int right = left + factor < shape.columns ? left + factor : shape.columns;
            double sum = 0;
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++)
                    sum += (double)from[(size_t)y * (size_t)shape.columns + (size_t)x];
            *to++ = (float)(sum / ((bottom - top) * (right - left)));
        }
    return to;
}

void hg__shrink(const float *from, struct hg_shape shape, int factor, float *to)
{
    size_t plane = (size_t)shape.rows * (size_t)shape.columns;

    for (int c = 0; c < shape.channels; c++)
        to = shrink_plane(from + (size_t)c * plane, shape, factor, to);
}
