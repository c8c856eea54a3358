/* kernel_gradient.h - pieces of a weight gradient: where they lie and where they go. */
#ifndef HG_ENGINE_KERNEL_GRADIENT_H
#define HG_ENGINE_KERNEL_GRADIENT_H

#include "engine/kernel_transpose.h"
#include "engine/kernel_update.h"

#if HG_VECTOR == 16
enum { TILE_ROWS = 8, TILE_VECTORS = 3, PIECE_PANELS = 3, PARTS = 1 };
#elif HG_VECTOR == 8
enum { TILE_ROWS = 4, TILE_VECTORS = 2, PIECE_PANELS = 1, PARTS = 1 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 2, PIECE_PANELS = 1, PARTS = 2 };
#endif

/* SLABS groups of 16 inputs share each visit to a piece of dy. */
enum { SLAB_SAMPLES = 256, SLABS = 4, PANEL = HG__LANES * HG__LANES, MOST_RUNS = 12 };

/* A piece: [panel][16 inputs][16 outputs]. */
struct piece {
    float sum[PIECE_PANELS * PANEL] __attribute__((aligned(64)));
};

struct slab {
    float x[SLAB_SAMPLES * HG__LANES] __attribute__((aligned(64)));
};

/* Where a piece lies. */
struct place {
    size_t input, inputs, panel, panels;
};

HG_INLINE size_t place_offset(const struct hg__gradient *job, const struct place *at, size_t panel)
{
    return ((at->panel + panel) * job->in + at->input) * HG__LANES;
}

HG_INLINE void slab_fill(struct slab *slab, const struct hg__gradient *job, size_t input,
                         size_t sample, size_t samples)
{
    const float *x = job->x + sample * job->x_stride + input;
    size_t inputs = job->in - input < HG__LANES ? job->in - input : HG__LANES;

    for (size_t r = 0; r < samples; r++, x += job->x_stride)
        for (size_t c = 0; c < HG__LANES; c += VEC) {
            V v = v_all(0);
            if (c + VEC <= inputs)
                v = v_load(x + c);
            else if (c < inputs)
                v = v_load_part(x + c, inputs - c);
            v_store(slab->x + r * HG__LANES + c, v);
        }
}

/* transposed block [16 outputs][16 inputs] from rows [inputs][16]; the inputs
 * that do not exist become 0 */
HG_INLINE void transpose_rows(const float *rows, size_t inputs, size_t outputs, float *out,
                              bool add)
{
    float from[PANEL] __attribute__((aligned(64))), to[PANEL] __attribute__((aligned(64)));

    if (inputs == HG__LANES && outputs == HG__LANES && !add) {
        block_transpose(rows, HG__LANES, out, HG__LANES);
        return;
    }
    memset(from, 0, sizeof from);
    memcpy(from, rows, inputs * HG__LANES * sizeof *rows);
    block_transpose(from, HG__LANES, to, HG__LANES);
    for (size_t k = 0; k < outputs * HG__LANES; k += VEC) {
        V v = v_load(to + k);
        if (add)
            v += v_load(out + k);
        v_store(out + k, v);
    }
}

/* A finished piece goes where it belongs. */
HG_INLINE void piece_finish(const struct hg__gradient *job, const struct place *at,
                            const struct piece *piece)
{
    size_t count = at->inputs * HG__LANES;

    for (size_t p = 0; p < at->panels; p++) {
        size_t offset = place_offset(job, at, p), left = job->out - (at->panel + p) * HG__LANES;
        const float *sum = piece->sum + p * PANEL;

        if (job->gradient)
            memcpy(job->gradient + offset, sum, count * sizeof *sum);
        if (!job->rule)
            continue;
        const struct hg__parameters run = {job->weight + offset, sum,
                                           job->first ? job->first + offset : NULL,
                                           job->second ? job->second + offset : NULL};
        update_run(job->rule, &run, count);
        if (job->transposed)
            transpose_rows(job->weight + offset, at->inputs, left < HG__LANES ? left : HG__LANES,
                           job->transposed + at->input * job->out + (at->panel + p) * PANEL, false);
    }
}

/* Inputs [input, input_end), at most SLABS groups, by panels [panel, panel_end). */
struct strip {
    size_t input, input_end, panel, panel_end;
};

HG_INLINE size_t group_inputs(const struct strip *strip, size_t group)
{
    size_t left = strip->input_end - strip->input - group * HG__LANES;
    return left < HG__LANES ? left : HG__LANES;
}

HG_INLINE void strip_fill(const struct hg__gradient *job, const struct strip *strip,
                          struct slab slab[SLABS], size_t sample, size_t samples)
{
    for (size_t g = 0; strip->input + g * HG__LANES < strip->input_end; g++)
        slab_fill(&slab[g], job, strip->input + g * HG__LANES, sample, samples);
}

#endif
