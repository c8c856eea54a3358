/* tiny_take.h - a batch turned unit-major, for the tiny step. */
#ifndef HG_ENGINE_TINY_TAKE_H
#define HG_ENGINE_TINY_TAKE_H

#include "engine/kernel_transpose.h"
#include "engine/tiny_state.h"

/* Turns 16 rows of n < 16 numbers into units. A row is read as a whole vector, so
 * rows too near the end of the batch (`left` numbers from here) come from a copy. */
static void take_narrow(const float *rows, size_t n, size_t left, float *units, size_t stride)
{
    float copy[HG__LANES * HG__LANES + HG__LANES], turned[HG__LANES * HG__LANES];

    if (left < (HG__LANES - 1) * n + HG__LANES) {
        memcpy(copy, rows, HG__LANES * n * sizeof *rows);
        memset(copy + HG__LANES * n, 0, HG__LANES * sizeof *rows);
        rows = copy;
    }
    block_transpose(rows, n, turned, HG__LANES);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < HG__LANES; k += VEC)
            v_store(units + i * stride + k, v_load(turned + i * HG__LANES + k));
}

/* Turns rows into units. Blocks of 16 x 16 where they fit, else number by number. */
static void take(const float *rows, size_t n, size_t samples, float *units, size_t stride)
{
    size_t whole = n / HG__LANES * HG__LANES, some = samples / HG__LANES * HG__LANES;

    for (size_t s = 0; s < some; s += HG__LANES) {
        for (size_t i = 0; i < whole; i += HG__LANES)
            block_transpose(rows + s * n + i, n, units + i * stride + s, stride);
        if (whole == 0)
            take_narrow(rows + s * n, n, (samples - s) * n, units + s, stride);
    }
    if (whole == 0)
        whole = n;
    for (size_t s = 0; s < samples; s++)
        for (size_t i = s < some ? whole : 0; i < n; i++)
            units[i * stride + s] = rows[s * n + i];
}

/* Subtracts the centre, leaving zeros where no sample is. */
static void center_input(struct hg__tiny *tiny, size_t samples)
{
    const float *center = tiny->plan.center;

    for (size_t i = 0; center && i < tiny->layer[0].in; i++)
        for (size_t s = 0; s < samples; s += VEC) {
            float *x = tiny->x + i * tiny->stride + s;
            v_store(x, (v_load(x) - v_all(center[i])) * v_load(tiny->mask + s));
        }
}

/* 1 for the samples of this batch, 0 up to a whole number of lanes; the input is
 * zero there. Nothing to do when the batch before had as many. Returns the samples
 * rounded up. */
static size_t open_batch(struct hg__tiny *tiny, size_t samples)
{
    size_t up = hg__pad(samples), n = tiny->plan.layer[0].in;
    size_t out = tiny->plan.layer[tiny->plan.layers - 1].out;

    if (tiny->opened == samples)
        return up;
    tiny->opened = samples;
    for (size_t s = 0; s < up; s++)
        tiny->mask[s] = s < samples ? 1 : 0;
    for (size_t s = samples; s < up; s++) {
        for (size_t i = 0; i < n; i++)
            tiny->x[i * tiny->stride + s] = 0;
        for (size_t i = 0; i < out; i++)
            tiny->target[i * tiny->stride + s] = 0;
    }
    return up;
}

#endif
