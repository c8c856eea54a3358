/* kernel_isa_dense.c - matrix products of dense layers, one block at a time.
 *
 * Both products go forward the same way: rows of the left matrix are broadcast
 * number by number against panels of the packed weight (kernel.h), a tile of
 * accumulators in registers. Every accumulator is one ascending chain over k, so
 * the size of a tile cannot be seen in the result.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_math.h"

/* Tile: up to TILE_ROWS rows by TILE_VECTORS vectors, which are TILE_PANELS panels
 * (base does a panel in two parts). One or two rows alone could not keep the
 * adders busy: they go with more panels at a time. */
#if HG_VECTOR == 16
enum { TILE_ROWS = 14, TILE_VECTORS = 2, TILE_PANELS = 2, TILE_PARTS = 1, FEW_VECTORS = 8 };
#elif HG_VECTOR == 8
enum { TILE_ROWS = 6, TILE_VECTORS = 2, TILE_PANELS = 1, TILE_PARTS = 1, FEW_VECTORS = 4 };
#else
enum { TILE_ROWS = 6, TILE_VECTORS = 2, TILE_PANELS = 1, TILE_PARTS = 2, FEW_VECTORS = 4 };
#endif

enum { FEW_ROWS = 2, FEW_PANELS = FEW_VECTORS * VEC / HG__LANES, FEW = HG_VECTOR > 4 };

/* The k loop is cut here so that the weights of a tile stay in the first cache
 * for all rows. Accumulators are stored and loaded again: the chain goes on. */
enum { K_BLOCK = 256 };

static const float zeros[FEW_PANELS * HG__LANES];

/* One tile's operands. Sums begin at `start` (a row), or NULL: at what y holds. */
struct tile {
    const float *x, *w, *start;
    float *y;
    size_t x_stride, y_stride, panel; /* floats from panel to panel of w */
    size_t k;
    const float *fetch; /* weights that will be wanted next; NULL: no more */
};

HG_INLINE void tile_product(const struct tile *t, const int rows, const int vectors)
{
    V sum[TILE_ROWS][FEW_VECTORS];
    const float *x = t->x, *w[FEW_VECTORS], *fetch = t->fetch ? t->fetch : x;
    const size_t stride = t->x_stride, step = t->fetch ? HG__LANES : 0;

    HG_UNROLL(8)
    for (int v = 0; v < vectors; v++)
        w[v] = t->w + (size_t)(v * VEC / HG__LANES) * t->panel + v * VEC % HG__LANES;
    HG_UNROLL(14)
    for (int r = 0; r < rows; r++) {
        const float *from = t->start ? t->start : t->y + (size_t)r * t->y_stride;
        HG_UNROLL(8)
        for (int v = 0; v < vectors; v++)
            sum[r][v] = v_load(from + v * VEC);
    }
    for (size_t k = 0; k < t->k; k++, fetch += step) {
        V a[FEW_VECTORS];
        __builtin_prefetch(fetch, 0, 2);
        HG_UNROLL(8)
        for (int v = 0; v < vectors; v++)
            a[v] = v_load(w[v] + k * HG__LANES);
        HG_UNROLL(14)
        for (int r = 0; r < rows; r++) {
            V c = v_all(x[(size_t)r * stride + k]);
            HG_UNROLL(8)
            for (int v = 0; v < vectors; v++)
                sum[r][v] = v_fma(c, a[v], sum[r][v]);
        }
    }
    HG_UNROLL(14)
    for (int r = 0; r < rows; r++) {
        HG_UNROLL(8)
        for (int v = 0; v < vectors; v++)
            v_store(t->y + (size_t)r * t->y_stride + v * VEC, sum[r][v]);
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
        TILE_CASE(5);
        TILE_CASE(6);
#if HG_VECTOR == 16
        TILE_CASE(7);
        TILE_CASE(8);
        TILE_CASE(9);
        TILE_CASE(10);
        TILE_CASE(11);
        TILE_CASE(12);
        TILE_CASE(13);
        TILE_CASE(14);
#endif
    }
}

static void tile_run(const struct tile *t, size_t rows, size_t panels)
{
    struct tile part = *t;

    if (FEW && panels == FEW_PANELS) {
        if (rows == 1)
            tile_product(t, 1, FEW_VECTORS);
        else
            tile_product(t, 2, FEW_VECTORS);
        return;
    }
    if (TILE_PANELS == 2 && panels == 1) {
        tile_rows(t, rows, 1);
        return;
    }
    for (int i = 0; i < TILE_PARTS; i++) {
        tile_rows(&part, rows, TILE_VECTORS);
        part.w += TILE_VECTORS * VEC;
        part.y += TILE_VECTORS * VEC;
        part.start = t->start ? part.start + TILE_VECTORS * VEC : NULL;
    }
}

/* A left matrix times some panels: everything a block of either product needs. */
struct product {
    const float *x, *weight, *bias;
    float *y;
    size_t x_stride, y_stride, panel; /* panel: floats from panel to panel of weight */
    size_t k;
};

/* y rows [row, row + rows) x panels [panel, panel + panels) for k in [k0, k1):
 * rows are dealt evenly to as few tiles as can hold them. The first tiles fetch
 * the weights of the next strip, panel by panel. */
static void product_strip(const struct product *p, size_t row, size_t row_end, size_t panel,
                          size_t panels, size_t k0, size_t k1)
{
    size_t rows = row_end - row, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    struct tile t = {
        .x = p->x + row * p->x_stride + k0,
        .w = p->weight + panel * p->panel + k0 * HG__LANES,
        .start = k0        ? NULL
                 : p->bias ? p->bias + panel * HG__LANES
                           : zeros,
        .y = p->y + row * p->y_stride + panel * HG__LANES,
        .x_stride = p->x_stride,
        .y_stride = p->y_stride,
        .panel = p->panel,
        .k = k1 - k0,
    };
    const float *next = t.w + (k1 - k0) * HG__LANES;

    if (k1 == p->k)
        next = p->weight + (panel + panels) * p->panel;
    for (size_t i = 0; i < tiles; i++) {
        size_t n = rows * (i + 1) / tiles - rows * i / tiles;
        t.fetch = i < panels ? next + i * p->panel : NULL;
        tile_run(&t, n, panels);
        t.x += n * p->x_stride;
        t.y += n * p->y_stride;
    }
}

/* Fills a strip with the bias, or zeros. */
static void start_strip(float *y, size_t stride, size_t rows, size_t panels, const float *bias)
{
    size_t columns = panels * HG__LANES;

    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c += VEC)
            v_store(y + r * stride + c, bias ? v_load(bias + c) : v_all(0));
}

static void add_rows(float *y, size_t stride, const float *x, size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c += VEC)
            v_store(y + r * stride + c, v_load(y + r * stride + c) + v_load(x + r * columns + c));
}

/* A long sum: chunks, each a chain from 0 in a small buffer, then added. */
enum { CHUNK_ROWS = 2 * TILE_ROWS };

static void long_strip(const struct product *p, size_t row, size_t row_end, size_t panel,
                       size_t panels)
{
    float buffer[CHUNK_ROWS * FEW_PANELS * HG__LANES] __attribute__((aligned(64)));
    size_t columns = panels * HG__LANES;

    for (size_t k = 0; k < p->k; k += HG__CHUNK)
        for (size_t r = row; r < row_end; r += CHUNK_ROWS) {
            size_t end = r + CHUNK_ROWS < row_end ? r + CHUNK_ROWS : row_end;
            struct product chunk = {.x = p->x + r * p->x_stride + k,
                                    .weight = p->weight + panel * p->panel + k * HG__LANES,
                                    .y = buffer,
                                    .x_stride = p->x_stride,
                                    .y_stride = columns,
                                    .panel = p->panel,
                                    .k = k + HG__CHUNK < p->k ? HG__CHUNK : p->k - k};
            product_strip(&chunk, 0, end - r, 0, panels, 0, chunk.k);
            add_rows(p->y + r * p->y_stride + panel * HG__LANES, p->y_stride, buffer, end - r,
                     columns);
        }
}

/* One row of a long sum with one panel: WIDE chunks side by side, since one chain
 * alone would wait for its adder most of the time. */
enum { WIDE = VEC == 16 ? 8 : 4, WIDE_VECTORS = VEC == 16 ? 1 : 2 };

HG_INLINE void wide_chunks(const float *x, const float *w, float *y)
{
    V sum[WIDE][WIDE_VECTORS];

    HG_UNROLL(8)
    for (int c = 0; c < WIDE; c++)
        for (int v = 0; v < WIDE_VECTORS; v++)
            sum[c][v] = v_all(0);
    for (size_t k = 0; k < HG__CHUNK; k++) {
        HG_UNROLL(8)
        for (size_t c = 0; c < WIDE; c++) {
            V a = v_all(x[c * HG__CHUNK + k]);
            HG_UNROLL(2)
            for (size_t v = 0; v < WIDE_VECTORS; v++) {
                V b = v_load(w + (c * HG__CHUNK + k) * HG__LANES + v * VEC);
                sum[c][v] = v_fma(a, b, sum[c][v]);
            }
        }
    }
    HG_UNROLL(8)
    for (int c = 0; c < WIDE; c++)
        for (int v = 0; v < WIDE_VECTORS; v++)
            v_store(y + v * VEC, v_load(y + v * VEC) + sum[c][v]);
}

static void long_row(const struct product *p, size_t row, size_t panel)
{
    const float *x = p->x + row * p->x_stride, *w = p->weight + panel * p->panel;
    float *y = p->y + row * p->y_stride + panel * HG__LANES;
    size_t k = 0;

    for (; k + WIDE * HG__CHUNK <= p->k; k += WIDE * HG__CHUNK)
        for (int part = 0; part < HG__LANES; part += WIDE_VECTORS * VEC)
            wide_chunks(x + k, w + k * HG__LANES + part, y + part);
    if (k < p->k) {
        const struct product rest = {
            .x = x + k, .weight = w + k * HG__LANES, .y = y, .panel = p->panel, .k = p->k - k};
        long_strip(&rest, 0, 1, 0, 1);
    }
}

static void product_panels(const struct product *p, const struct hg__block *block, size_t panel,
                           size_t panels)
{
    float *y = p->y + block->row * p->y_stride + panel * HG__LANES;
    size_t rows = block->row_end - block->row;

    if (p->k <= HG__CHUNK_FROM) {
        for (size_t k = 0; k < p->k; k += K_BLOCK)
            product_strip(p, block->row, block->row_end, panel, panels, k,
                          k + K_BLOCK < p->k ? k + K_BLOCK : p->k);
        return;
    }
    start_strip(y, p->y_stride, rows, panels, p->bias ? p->bias + panel * HG__LANES : NULL);
    if (rows > 1)
        long_strip(p, block->row, block->row_end, panel, panels);
    for (size_t i = 0; rows == 1 && i < panels; i++)
        long_row(p, block->row, panel + i);
}

/* How many of the `left` panels to do at once for so many rows. */
static size_t panels_at_once(size_t rows, size_t left)
{
    if (rows <= FEW_ROWS && left >= FEW_PANELS)
        return FEW_PANELS;
    return left < TILE_PANELS ? left : TILE_PANELS;
}

/* ---- the two products ---- */

/* As hg__column_affine twice, so that nobody sees where it was done. */
HG_INLINE void norm_row(const struct hg__forward *job, float *y, size_t column, size_t columns)
{
    for (size_t c = 0; c < columns; c += VEC) {
        V v = v_fma(v_load(y + c), v_all(1), v_load(job->shift + column + c));
        v_store(y + c, v_fma(v, v_load(job->factor + column + c), v_load(job->add + column + c)));
    }
}

static void activate_strip(const struct hg__forward *job, const struct hg__block *block,
                           size_t panel, size_t panels)
{
    if (job->activation == HG_LINEAR && !job->z && !job->shift)
        return;
    for (size_t r = block->row; r < block->row_end; r++) {
        size_t at = r * job->y_stride + panel * HG__LANES;
        if (job->shift)
            norm_row(job, job->y + at, panel * HG__LANES, panels * HG__LANES);
        if (job->z)
            memcpy(job->z + at, job->y + at, panels * HG__LANES * sizeof *job->y);
        HG_ISA(hg__activate)
        (job->activation, job->slope, job->y + at, job->y + at, panels * HG__LANES);
    }
}

void HG_ISA(hg__forward)(const struct hg__forward *job, const struct hg__block *block)
{
    const struct product p = {job->x,        job->weight,   job->bias,           job->y,
                              job->x_stride, job->y_stride, job->in * HG__LANES, job->in};
    size_t panels;

    for (size_t panel = block->panel; panel < block->panel_end; panel += panels) {
        panels = panels_at_once(block->row_end - block->row, block->panel_end - panel);
        product_panels(&p, block, panel, panels);
        activate_strip(job, block, panel, panels);
    }
}

static void back_strip(const struct hg__backward *job, const struct hg__block *block, size_t panel,
                       size_t panels)
{
    if (!job->kept || job->activation == HG_LINEAR)
        return;
    for (size_t r = block->row; r < block->row_end; r++) {
        float *dx = job->dx + r * job->dx_stride + panel * HG__LANES;
        const float *kept = job->kept + r * job->kept_stride + panel * HG__LANES;
        HG_ISA(hg__activate_back)(job->activation, job->slope, kept, dx, dx, panels * HG__LANES);
    }
}

void HG_ISA(hg__backward)(const struct hg__backward *job, const struct hg__block *block)
{
    const struct product p = {
        job->dy,        job->transposed,      NULL,    job->dx, job->dy_stride,
        job->dx_stride, job->out * HG__LANES, job->out};
    size_t panels;

    for (size_t panel = block->panel; panel < block->panel_end; panel += panels) {
        panels = panels_at_once(block->row_end - block->row, block->panel_end - panel);
        product_panels(&p, block, panel, panels);
        back_strip(job, block, panel, panels);
    }
}
