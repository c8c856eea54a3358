/* kernel_isa_gradient.c - weight gradients, updated while they are in the cache.
 *
 * A group of 16 inputs is copied once into a slab [samples][16], contiguous and
 * zero where there is no input, then multiplied with the panels of dy. A
 * finished piece (16 inputs x some panels) goes to memory as gradient, or
 * straight into the optimizer, whose parameters were fetched meanwhile, and from
 * there transposed into the backward copy.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_update.h"

#if HG_VECTOR == 16
enum { TILE_ROWS = 8, TILE_VECTORS = 3, PIECE_PANELS = 3, PARTS = 1 };
#elif HG_VECTOR == 8
enum { TILE_ROWS = 4, TILE_VECTORS = 2, PIECE_PANELS = 1, PARTS = 1 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 2, PIECE_PANELS = 1, PARTS = 2 };
#endif

enum { SLAB_SAMPLES = 512, PANEL = HG__LANES * HG__LANES };

/* A piece: [panel][16 inputs][16 outputs]. */
struct piece {
    float sum[PIECE_PANELS * PANEL] __attribute__((aligned(64)));
};

struct slab {
    float x[SLAB_SAMPLES * HG__LANES] __attribute__((aligned(64)));
};

struct tile {
    const float *x, *dy;
    float *sum;
    size_t dy_stride, samples;
};

HG_INLINE float *tile_sum(const struct tile *t, int row, int v)
{
    return t->sum + v * VEC / HG__LANES * PANEL + row * HG__LANES + v * VEC % HG__LANES;
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
    for (size_t k = 0; k < t->samples; k++) {
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
        x += HG__LANES;
        dy += t->dy_stride;
    }
    HG_UNROLL(8)
    for (int r = 0; r < rows; r++) {
        HG_UNROLL(3)
        for (int v = 0; v < vectors; v++)
            v_store(tile_sum(t, r, v), sum[r][v]);
    }
}

#define TILE_CASE(n)                                                                               \
    case n:                                                                                        \
        tile_product(t, n, vectors);                                                               \
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

/* Adds the samples of the slab to a piece of `inputs` rows. */
static void piece_add(struct piece *piece, const struct slab *slab, const float *dy,
                      size_t dy_stride, size_t samples, size_t inputs, size_t panels)
{
    struct tile t = {slab->x, dy, piece->sum, dy_stride, samples};

    for (size_t r = 0; r < inputs; r += TILE_ROWS) {
        size_t rows = inputs - r < TILE_ROWS ? inputs - r : TILE_ROWS;
        tile_run(&t, rows, panels);
        t.x += TILE_ROWS;
        t.sum += TILE_ROWS * HG__LANES;
    }
}

static void slab_fill(struct slab *slab, const struct hg__gradient *job, size_t input,
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
static void transpose_block(const float *rows, size_t inputs, size_t outputs, float *out, bool add)
{
    float block[PANEL] __attribute__((aligned(64)));

    for (size_t i = 0; i < HG__LANES; i++)
        for (size_t o = 0; o < outputs; o++)
            block[o * HG__LANES + i] = i < inputs ? rows[i * HG__LANES + o] : 0;
    for (size_t k = 0; k < outputs * HG__LANES; k += VEC) {
        V v = v_load(block + k);
        if (add)
            v += v_load(out + k);
        v_store(out + k, v);
    }
}

/* A finished piece goes where it belongs. */
static void piece_finish(const struct hg__gradient *job, const struct piece *piece, size_t input,
                         size_t inputs, size_t panel, size_t panels)
{
    for (size_t p = 0; p < panels; p++) {
        size_t at = ((panel + p) * job->in + input) * HG__LANES, count = inputs * HG__LANES;
        size_t left = job->out - (panel + p) * HG__LANES;
        const float *sum = piece->sum + p * PANEL;

        if (job->gradient)
            memcpy(job->gradient + at, sum, count * sizeof *sum);
        if (job->rule) {
            const struct hg__parameters run = {
                job->weight + at, sum, job->first ? job->first + at : NULL,
                job->second ? job->second + at : NULL};
            update_run(job->rule, &run, count);
        }
        if (job->rule && job->transposed)
            transpose_block(job->weight + at, inputs, left < HG__LANES ? left : HG__LANES,
                            job->transposed + input * job->out + (panel + p) * PANEL, false);
    }
}

static void group_panels(const struct hg__gradient *job, struct slab *slab, size_t input,
                         size_t panel, size_t panels)
{
    struct piece piece;
    size_t inputs = job->in - input < HG__LANES ? job->in - input : HG__LANES;

    memset(&piece, 0, panels * PANEL * sizeof *piece.sum);
    for (size_t s = 0; s < job->samples; s += SLAB_SAMPLES) {
        size_t n = job->samples - s < SLAB_SAMPLES ? job->samples - s : SLAB_SAMPLES;
        if (job->samples > SLAB_SAMPLES)
            slab_fill(slab, job, input, s, n);
        piece_add(&piece, slab, job->dy + s * job->dy_stride + panel * HG__LANES, job->dy_stride,
                  n, inputs, panels);
    }
    piece_finish(job, &piece, input, inputs, panel, panels);
}

void HG_ISA(hg__gradient)(const struct hg__gradient *job, const struct hg__block *block)
{
    struct slab slab;

    for (size_t input = block->row; input < block->row_end; input += HG__LANES) {
        if (job->samples <= SLAB_SAMPLES)
            slab_fill(&slab, job, input, 0, job->samples);
        for (size_t panel = block->panel; panel < block->panel_end; panel += PIECE_PANELS) {
            size_t left = block->panel_end - panel;
            group_panels(job, &slab, input, panel, left < PIECE_PANELS ? left : PIECE_PANELS);
        }
    }
}

void HG_ISA(hg__transpose)(size_t in, size_t out, const float *weight, float *transposed, bool add,
                           const struct hg__block *block)
{
    for (size_t input = block->row; input < block->row_end; input += HG__LANES)
        for (size_t panel = block->panel; panel < block->panel_end; panel++) {
            size_t inputs = in - input, outputs = out - panel * HG__LANES;
            transpose_block(weight + (panel * in + input) * HG__LANES,
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
