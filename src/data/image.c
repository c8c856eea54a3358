#include "data/image.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* ---- values of any type ---- */

static double get(const struct hg__picture *picture, size_t i)
{
    switch (picture->type) {
    case HG__U8:
        return ((const uint8_t *)picture->values)[i];
    case HG__U16:
        return ((const uint16_t *)picture->values)[i];
    case HG__F32:
        return (double)((const float *)picture->values)[i];
    case HG__F64:
    default:
        return ((const double *)picture->values)[i];
    }
}

/* Averages never leave the range of what they average, so rounding needs no clamp. */
static void put(const struct hg__picture *picture, size_t i, double value)
{
    switch (picture->type) {
    case HG__U8:
        ((uint8_t *)picture->values)[i] = (uint8_t)(value + 0.5);
        break;
    case HG__U16:
        ((uint16_t *)picture->values)[i] = (uint16_t)(value + 0.5);
        break;
    case HG__F32:
        ((float *)picture->values)[i] = (float)value;
        break;
    case HG__F64:
        ((double *)picture->values)[i] = value;
        break;
    }
}

void hg__picture_convert(const struct hg__picture *from, const struct hg__picture *to)
{
    size_t pixels = (size_t)from->shape.rows * (size_t)from->shape.columns;
    double factor = from->type == HG__U8 && to->type == HG__U16 ? 257 : 1;

    for (size_t i = 0; i < pixels; i++) {
        double value[3];
        for (int c = 0; c < 3; c++)
            value[c] = get(from, i + (from->shape.channels == 3 ? (size_t)c * pixels : 0));
        if (to->shape.channels == 1 && from->shape.channels == 3)
            value[0] = 0.299 * value[0] + 0.587 * value[1] + 0.114 * value[2];
        for (int c = 0; c < to->shape.channels; c++)
            put(to, (size_t)c * pixels + i, value[c] * factor);
    }
}

/* ---- one axis ---- */

/* Output place i covers [i, i+1) * in/out: each input counts by the part covered. */
static size_t area(const struct hg__axis *axis, size_t i, double *weights, size_t *start)
{
    double ratio = (double)axis->in / (double)axis->out;
    double low = (double)i * ratio, high = (double)(i + 1) * ratio, sum = 0;
    size_t first = (size_t)low, last = (size_t)ceil(high - 1e-9), count;

    if (last > axis->in)
        last = axis->in;
    count = last > first ? last - first : 1;
    for (size_t k = 0; k < count; k++) {
        double from = fmax(low, (double)(first + k)), to = fmin(high, (double)(first + k + 1));
        weights[k] = fmax(to - from, 0);
        sum += weights[k];
    }
    for (size_t k = 0; k < count; k++)
        weights[k] /= sum;
    *start = first;
    return count;
}

static size_t bilinear(const struct hg__axis *axis, size_t i, double *weights, size_t *start)
{
    double at = ((double)i + 0.5) * (double)axis->in / (double)axis->out - 0.5;

    at = fmin(fmax(at, 0), (double)(axis->in - 1));
    *start = (size_t)at;
    if (*start + 1 >= axis->in) {
        weights[0] = 1;
        return 1;
    }
    weights[1] = at - (double)*start;
    weights[0] = 1 - weights[1];
    return 2;
}

static void axis_fini(struct hg__axis *axis)
{
    hg__free(axis->start);
    hg__free(axis->count);
    hg__free(axis->weights);
    memset(axis, 0, sizeof *axis);
}

static bool axis_init(struct hg__axis *axis, int in, int out)
{
    double *next;

    *axis = (struct hg__axis){.in = (size_t)in, .out = (size_t)out};
    axis->start = hg__alloc(axis->out, sizeof *axis->start);
    axis->count = hg__alloc(axis->out, sizeof *axis->count);
    axis->weights = hg__alloc(axis->in + 3 * axis->out, sizeof *axis->weights);
    if (!axis->start || !axis->count || !axis->weights)
        return false;
    next = axis->weights;
    for (size_t i = 0; i < axis->out; i++) {
        axis->count[i] = axis->out < axis->in ? area(axis, i, next, &axis->start[i])
                                              : bilinear(axis, i, next, &axis->start[i]);
        next += axis->count[i];
    }
    return true;
}

/* ---- both ---- */

void hg__resizer_fini(struct hg__resizer *resizer)
{
    axis_fini(&resizer->across);
    axis_fini(&resizer->down);
    hg__free(resizer->plane);
    hg__free(resizer->between);
    memset(resizer, 0, sizeof *resizer);
}

enum hg_status hg__resizer_init(struct hg__resizer *resizer, struct hg_shape from,
                                struct hg_shape to, struct hg_error *error)
{
    bool right;

    memset(resizer, 0, sizeof *resizer);
    right = axis_init(&resizer->across, from.columns, to.columns) &&
            axis_init(&resizer->down, from.rows, to.rows);
    resizer->plane = hg__alloc((size_t)from.rows * (size_t)from.columns, sizeof(double));
    resizer->between = hg__alloc((size_t)from.rows * (size_t)to.columns, sizeof(double));
    if (right && resizer->plane && resizer->between)
        return HG_OK;
    hg__resizer_fini(resizer);
    return hg_error_set(error, HG_NO_MEMORY, "no memory to resample %dx%d to %dx%d", from.columns,
                        from.rows, to.columns, to.rows);
}

/* Every row of the plane to the new width. */
static void run_across(struct hg__resizer *resizer)
{
    const struct hg__axis *axis = &resizer->across;

    for (size_t row = 0; row < resizer->down.in; row++) {
        const double *in = resizer->plane + row * axis->in, *weight = axis->weights;
        double *out = resizer->between + row * axis->out;
        for (size_t i = 0; i < axis->out; i++) {
            double sum = 0;
            for (size_t k = 0; k < axis->count[i]; k++)
                sum += *weight++ * in[axis->start[i] + k];
            out[i] = sum;
        }
    }
}

static void run_down(struct hg__resizer *resizer, const struct hg__picture *to, size_t offset)
{
    const struct hg__axis *axis = &resizer->down;
    size_t width = resizer->across.out;
    const double *weight = axis->weights;

    for (size_t row = 0; row < axis->out; row++) {
        for (size_t i = 0; i < width; i++) {
            double sum = 0;
            for (size_t k = 0; k < axis->count[row]; k++)
                sum += weight[k] * resizer->between[(axis->start[row] + k) * width + i];
            put(to, offset + row * width + i, sum);
        }
        weight += axis->count[row];
    }
}

void hg__resizer_run(struct hg__resizer *resizer, const struct hg__picture *from,
                     const struct hg__picture *to)
{
    size_t in = resizer->across.in * resizer->down.in;
    size_t out = resizer->across.out * resizer->down.out;

    for (size_t c = 0; c < (size_t)from->shape.channels; c++) {
        for (size_t i = 0; i < in; i++)
            resizer->plane[i] = get(from, c * in + i);
        run_across(resizer);
        run_down(resizer, to, c * out);
    }
}
