/* kernel_isa_gradient.c - weight gradients, updated while they are in the cache.
 *
 * A group of 16 inputs is copied once into a slab [samples][16], contiguous and
 * zero where there is no input, then multiplied with the panels of dy. A
 * finished piece (16 inputs x some panels) goes to memory as gradient, or
 * straight into the optimizer, whose parameters were fetched meanwhile, and from
 * there transposed into the backward copy.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_thin.h"

/* `fetch`: runs of parameters that the update will want, one line a row. */
struct tile {
    const float *x, *dy;
    float *sum;
    size_t dy_stride, samples;
    size_t runs;
    const float *fetch[MOST_RUNS];
};

HG_INLINE float *tile_sum(const struct tile *t, int row, int v)
{
    return t->sum + v * VEC / HG__LANES * PANEL + row * HG__LANES + v * VEC % HG__LANES;
}

HG_INLINE void tile_sample(V sum[TILE_ROWS][TILE_VECTORS], const float *x, const float *dy,
                           const int rows, const int vectors)
{
    V d[TILE_VECTORS];

    HG_UNROLL(3)
    for (int v = 0; v < vectors; v++)
        d[v] = v_load(dy + v * VEC);
    HG_UNROLL(8)
    for (int r = 0; r < rows; r++) {
        V c = v_all(x[r]);
        HG_UNROLL(3)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = v_fma(c, d[v], sum[r][v]);
    }
}

HG_INLINE void tile_product(const struct tile *t, const int rows, const int vectors)
{
    V sum[TILE_ROWS][TILE_VECTORS];
    const float *x = t->x, *dy = t->dy;

    HG_UNROLL(8)
    for (int r = 0; r < rows; r++) {
        HG_UNROLL(3)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = v_load(tile_sum(t, r, v));
    }
    for (size_t k = 0, run = 0; k < t->samples; run++) {
        bool more = run < t->runs;
        const float *fetch = more ? t->fetch[run] : x;
        size_t step = more ? HG__LANES : 0, end = t->samples;
        if (more && k + TILE_ROWS < end)
            end = k + TILE_ROWS;
        for (; k < end; k++) {
            tile_sample(sum, x, dy, rows, vectors);
            __builtin_prefetch(fetch);
            fetch += step;
            x += HG__LANES;
            dy += t->dy_stride;
        }
    }
    HG_UNROLL(8)
    for (int r = 0; r < rows; r++) {
        HG_UNROLL(3)
        for (int v = 0; v < vectors; v++)
            v_store(tile_sum(t, r, v), sum[r][v]);
    }
}

#define TILE_CASE(n)                 \
    case n:                          \
        tile_product(t, n, vectors); \
        return

HG_INLINE void tile_rows(const struct tile *t, size_t rows, const int vectors)
{
    switch (rows) {
        TILE_CASE(1);
        TILE_CASE(2);
        TILE_CASE(3);
        TILE_CASE(4);
#if HG_VECTOR == 16
        TILE_CASE(5);
        TILE_CASE(6);
        TILE_CASE(7);
        TILE_CASE(8);
#endif
    }
}

static void tile_run(const struct tile *t, size_t rows, size_t panels)
{
#if HG_VECTOR == 16
    if (panels == 1)
        tile_rows(t, rows, 1);
    else if (panels == 2)
        tile_rows(t, rows, 2);
    else
        tile_rows(t, rows, 3);
#else
    struct tile part = *t;
    (void)panels;
    for (int i = 0; i < PARTS; i++) {
        tile_rows(&part, rows, TILE_VECTORS);
        part.dy += TILE_VECTORS * VEC;
        part.sum += TILE_VECTORS * VEC;
    }
#endif
}

/* What the update of this piece will read, from row `row` of it on. */
static size_t piece_runs(const struct hg__gradient *job, const struct place *at, size_t row,
                         const float **fetch)
{
    size_t runs = 0;

    for (size_t p = 0; job->rule && p < at->panels; p++) {
        size_t offset = place_offset(job, at, p) + row * HG__LANES;
        fetch[runs++] = job->weight + offset;
        if (keeps_first(job->rule->optimizer))
            fetch[runs++] = job->first + offset;
        if (keeps_second(job->rule->optimizer))
            fetch[runs++] = job->second + offset;
        if (job->transposed)
            fetch[runs++] = job->transposed + at->input * job->out + (at->panel + p) * PANEL +
                            row * HG__LANES;
    }
    return runs;
}

/* Adds samples [sample, sample + samples), which the slab holds, to a piece. */
static void piece_add(const struct hg__gradient *job, const struct place *at, struct piece *piece,
                      const struct slab *slab, size_t sample, size_t samples)
{
    struct tile t = {.x = slab->x,
                     .dy = job->dy + sample * job->dy_stride + at->panel * HG__LANES,
                     .sum = piece->sum,
                     .dy_stride = job->dy_stride,
                     .samples = samples};

    for (size_t r = 0; r < at->inputs; r += TILE_ROWS) {
        size_t rows = at->inputs - r < TILE_ROWS ? at->inputs - r : TILE_ROWS;
        t.runs = piece_runs(job, at, r, t.fetch);
        tile_run(&t, rows, at->panels);
        t.x += TILE_ROWS;
        t.sum += TILE_ROWS * HG__LANES;
    }
}

static void strip_panels(const struct hg__gradient *job, const struct strip *strip,
                         struct slab slab[SLABS], size_t panel)
{
    struct piece piece[SLABS];
    size_t left = strip->panel_end - panel, panels = left < PIECE_PANELS ? left : PIECE_PANELS;
    size_t groups = (strip->input_end - strip->input + HG__LANES - 1) / HG__LANES;
    struct place at[SLABS];

    for (size_t g = 0; g < groups; g++) {
        at[g] = (struct place){strip->input + g * HG__LANES, group_inputs(strip, g), panel, panels};
        memset(&piece[g], 0, panels * PANEL * sizeof *piece->sum);
    }
    for (size_t s = 0; s < job->samples; s += SLAB_SAMPLES) {
        size_t n = job->samples - s < SLAB_SAMPLES ? job->samples - s : SLAB_SAMPLES;
        if (job->samples > SLAB_SAMPLES)
            strip_fill(job, strip, slab, s, n);
        for (size_t g = 0; g < groups; g++) {
            piece_add(job, &at[g], &piece[g], &slab[g], s, n);
            if (s + n == job->samples)
                piece_finish(job, &at[g], &piece[g]);
        }
    }
}

void HG_ISA(hg__gradient)(const struct hg__gradient *job, const struct hg__block *block)
{
    struct slab slab[SLABS];

    if (job->samples <= THIN_SAMPLES) {
        thin_block(job, block);
        return;
    }

    for (size_t input = block->row; input < block->row_end; input += SLABS * HG__LANES) {
        size_t end = input + SLABS * HG__LANES;
        const struct strip strip = {input, end < block->row_end ? end : block->row_end,
                                    block->panel, block->panel_end};
        if (job->samples <= SLAB_SAMPLES)
            strip_fill(job, &strip, slab, 0, job->samples);
        for (size_t panel = strip.panel; panel < strip.panel_end; panel += PIECE_PANELS)
            strip_panels(job, &strip, slab, panel);
    }
}

void HG_ISA(hg__transpose)(size_t in, size_t out, const float *weight, float *transposed, bool add,
                           const struct hg__block *block)
{
    for (size_t input = block->row; input < block->row_end; input += HG__LANES)
        for (size_t panel = block->panel; panel < block->panel_end; panel++) {
            size_t inputs = in - input, outputs = out - panel * HG__LANES;
            transpose_rows(weight + (panel * in + input) * HG__LANES,
                           inputs < HG__LANES ? inputs : HG__LANES,
                           outputs < HG__LANES ? outputs : HG__LANES,
                           transposed + input * out + panel * PANEL, add);
        }
}

/* Column sums of dy, each an ascending chain; four vectors at a time hide the
 * latency of the addition. */
void HG_ISA(hg__bias_gradient)(const struct hg__gradient *job, size_t panel, size_t panel_end)
{
    size_t end = panel_end * HG__LANES;

    for (size_t c = panel * HG__LANES; c < end; c += 4 * VEC) {
        size_t vectors = (end - c) / VEC;
        V sum[4] = {v_all(0), v_all(0), v_all(0), v_all(0)};
        for (size_t r = 0; r < job->samples; r++) {
            const float *dy = job->dy + r * job->dy_stride + c;
            if (vectors >= 4) {
                HG_UNROLL(4)
                for (size_t v = 0; v < 4; v++)
                    sum[v] += v_load(dy + v * VEC);
            } else {
                for (size_t v = 0; v < vectors; v++)
                    sum[v] += v_load(dy + v * VEC);
            }
        }
        for (size_t v = 0; v < 4 && v < vectors; v++)
            v_store(job->bias_gradient + c + v * VEC, sum[v]);
    }
}
