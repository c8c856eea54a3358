/* kernel_thin.h - weight gradients of few samples (at most THIN_SAMPLES): reading and
 * writing the parameters is the work. Part of kernel_isa_gradient.c. */
#ifndef HG_ENGINE_KERNEL_THIN_H
#define HG_ENGINE_KERNEL_THIN_H

#include "engine/kernel_gradient.h"

enum { THIN_SAMPLES = 32 };

#if HG_VECTOR == 16
enum { THIN_ROWS = 16 };
#else
enum { THIN_ROWS = 16 / HG_VECTOR };
#endif

/* Sixteen inputs by one panel from zero; `step` > 0 subtracts step times the
 * gradient from `out` at once (plain SGD), else the gradient is written there. */
HG_INLINE void thin_product(const struct slab *slab, const float *dy, size_t dy_stride,
                            size_t samples, V step, const bool descend, float *out)
{
    for (size_t row = 0; row < HG__LANES; row += THIN_ROWS) {
        V sum[THIN_ROWS][LANE_VECTORS];
        HG_UNROLL(16)
        for (size_t r = 0; r < THIN_ROWS; r++)
            HG_UNROLL(4)
        for (size_t v = 0; v < LANE_VECTORS; v++)
            sum[r][v] = v_all(0);
        for (size_t s = 0; s < samples; s++) {
            V d[LANE_VECTORS];
            HG_UNROLL(4)
            for (size_t v = 0; v < LANE_VECTORS; v++)
                d[v] = v_load(dy + s * dy_stride + v * VEC);
            HG_UNROLL(16)
            for (size_t r = 0; r < THIN_ROWS; r++) {
                V c = v_all(slab->x[s * HG__LANES + row + r]);
                HG_UNROLL(4)
                for (size_t v = 0; v < LANE_VECTORS; v++)
                    sum[r][v] = v_fma(c, d[v], sum[r][v]);
            }
        }
        HG_UNROLL(16)
        for (size_t r = 0; r < THIN_ROWS; r++)
            HG_UNROLL(4)
        for (size_t v = 0; v < LANE_VECTORS; v++) {
            float *at = out + (row + r) * HG__LANES + v * VEC;
            v_store(at, descend ? v_fnma(step, sum[r][v], v_load(at)) : sum[r][v]);
        }
    }
}

static void thin_group(const struct hg__gradient *job, const struct slab *slab, size_t input,
                       size_t panel)
{
    struct piece piece;
    size_t left = job->in - input;
    const struct place at = {input, left < HG__LANES ? left : HG__LANES, panel, 1};
    const float *dy = job->dy + panel * HG__LANES;
    float *weight = job->weight + place_offset(job, &at, 0);
    bool descend = job->rule && job->rule->optimizer == HG_SGD && rule_is_plain(job->rule) &&
                   !job->gradient && !job->transposed && at.inputs == HG__LANES;

    if (descend) {
        thin_product(slab, dy, job->dy_stride, job->samples, v_all(job->rule->rate), true, weight);
        return;
    }
    thin_product(slab, dy, job->dy_stride, job->samples, v_all(0), false, piece.sum);
    piece_finish(job, &at, &piece);
}

/* Along the memory: panels one after the other, and inputs in each. */
static void thin_block(const struct hg__gradient *job, const struct hg__block *block)
{
    struct slab slab[SLABS];
    const struct strip strip = {block->row, block->row_end, 0, 0};
    bool all = block->row_end - block->row <= SLABS * HG__LANES;

    if (all)
        strip_fill(job, &strip, slab, 0, job->samples);
    for (size_t panel = block->panel; panel < block->panel_end; panel++)
        for (size_t input = block->row; input < block->row_end; input += HG__LANES) {
            size_t group = all ? (input - block->row) / HG__LANES : 0;
            if (!all)
                slab_fill(&slab[0], job, input, 0, job->samples);
            thin_group(job, &slab[group], input, panel);
        }
}

#endif
