/* kernel_isa_conv.c - convolution forward: a tile of pixels by some panels of output channels
 * stays in registers over all taps and channels.
 *
 * The pixels of a sample are dealt to tiles in ascending order, each to one, so that batch
 * norm's sums are one chain from tile to tile; the weights of the panels at work are walked
 * through once a tile and stay in the nearest caches for all of them.
 */
#include "engine/kernel_conv_tile.h"
#include "engine/kernel_isa.h"

/* A tile is TILE_PIXELS by TILE_VECTORS vectors, which are TILE_PANELS panels (base does a
 * panel in PARTS). Its pixels lie in SEGMENTS segments, each a run of neighbours in one row:
 * few registers then hold all the addresses, and narrow maps fill a tile by two rows. */
#if HG_VECTOR == 16
enum { TILE_PIXELS = 14, TILE_VECTORS = 2, TILE_PANELS = 2, PARTS = 1, SEGMENTS = 2 };
#elif HG_VECTOR == 8
enum { TILE_PIXELS = 6, TILE_VECTORS = 2, TILE_PANELS = 1, PARTS = 1, SEGMENTS = 6 };
#else
enum { TILE_PIXELS = 6, TILE_VECTORS = 2, TILE_PANELS = 1, PARTS = 2, SEGMENTS = 6 };
#endif

enum { SEGMENT_PIXELS = TILE_PIXELS / SEGMENTS };

static const float zeros[TILE_PANELS * HG__LANES];

/* One tile's operands; segment s begins at x[s] and y[s]. Taps across that lie one after
 * the other are one long tap. `first`: the sums begin here. */
struct tile {
    const struct hg__conv *job;
    size_t taps_across, channels;
    const float *x[SEGMENTS];
    float *y[SEGMENTS];
    const float *w, *bias;
    size_t panel; /* floats from panel to panel of w */
    float *shift, *sum, *squares;
    bool first, new_shift;
};

/* Strides 1, 3 and 5 reach seven pixels: the processor multiplies by 2 and 4. */
struct strides {
    size_t one, three, five;
};

HG_INLINE const float *neighbour(const float *x, const struct strides *by, const int n)
{
    switch (n) {
    case 0:
        return x;
    case 3:
        return x + by->three;
    case 5:
        return x + by->five;
    case 6:
        return x + 2 * by->three;
    default:
        return x + (size_t)n * by->one;
    }
}

/* All channels of one tap. */
HG_INLINE const float *tile_tap(V sum[TILE_PIXELS][TILE_VECTORS], const struct tile *t,
                                const float *w, size_t offset, const struct strides *by,
                                const int pixels, const int vectors)
{
    const int each = (pixels + SEGMENTS - 1) / SEGMENTS;
    const float *x[SEGMENTS], *end = w + t->channels * HG__LANES;
    const size_t panel = t->panel;

    HG_UNROLL(6)
    for (int s = 0; s < SEGMENTS; s++)
        x[s] = t->x[s] + offset;
    for (; w != end; w += HG__LANES) {
        V a[TILE_VECTORS];
        HG_UNROLL(2)
        for (int v = 0; v < vectors; v++) {
            size_t at = v * VEC / HG__LANES ? panel : 0;
            a[v] = v_load(w + at + v * VEC % HG__LANES);
        }
        HG_UNROLL(14)
        for (int p = 0; p < pixels; p++) {
            V c = v_all(*neighbour(x[p / each], by, p % each));
            HG_UNROLL(2)
            for (int v = 0; v < vectors; v++)
                sum[p][v] = v_fma(c, a[v], sum[p][v]);
        }
        HG_UNROLL(6)
        for (int s = 0; s < SEGMENTS; s++)
            x[s]++;
    }
    return w;
}

HG_INLINE void tile_activate(V sum[TILE_PIXELS][TILE_VECTORS], const struct hg__conv *job,
                             const int pixels, const int vectors)
{
    const V zero = v_all(0), slope = v_all(job->slope);

    if (job->activation == HG_RELU) {
        HG_UNROLL(14)
        for (int p = 0; p < pixels; p++)
            HG_UNROLL(2)
        for (int v = 0; v < vectors; v++)
            sum[p][v] = v_max(zero, sum[p][v]);
    } else if (job->activation == HG_LRELU) {
        HG_UNROLL(14)
        for (int p = 0; p < pixels; p++)
            HG_UNROLL(2)
        for (int v = 0; v < vectors; v++)
            sum[p][v] = v_select(v_less(sum[p][v], zero), sum[p][v] * slope, sum[p][v]);
    }
}

/* What batch norm wants to know. */
HG_INLINE void tile_sums(V y[TILE_PIXELS][TILE_VECTORS], const struct tile *t, const int pixels,
                         const int vectors)
{
    V shift[TILE_VECTORS], sum[TILE_VECTORS], squares[TILE_VECTORS];

    HG_UNROLL(2)
    for (int v = 0; v < vectors; v++) {
        if (t->new_shift)
            v_store(t->shift + v * VEC, y[0][v]);
        shift[v] = v_load(t->shift + v * VEC);
        sum[v] = t->first ? v_all(0) : v_load(t->sum + v * VEC);
        squares[v] = t->first ? v_all(0) : v_load(t->squares + v * VEC);
    }
    HG_UNROLL(14)
    for (int p = 0; p < pixels; p++)
        HG_UNROLL(2)
    for (int v = 0; v < vectors; v++) {
        V d = y[p][v] - shift[v];
        sum[v] += d;
        squares[v] = v_fma(d, d, squares[v]);
    }
    HG_UNROLL(2)
    for (int v = 0; v < vectors; v++) {
        v_store(t->sum + v * VEC, sum[v]);
        v_store(t->squares + v * VEC, squares[v]);
    }
}

HG_INLINE void tile_product(const struct tile *t, const int pixels, const int vectors)
{
    const int each = (pixels + SEGMENTS - 1) / SEGMENTS;
    const struct hg__conv *job = t->job;
    const struct strides by = {opaque(job->x_pixel), opaque(3 * job->x_pixel),
                               opaque(5 * job->x_pixel)};
    V sum[TILE_PIXELS][TILE_VECTORS];
    const float *w = t->w;

    HG_UNROLL(14)
    for (int p = 0; p < pixels; p++)
        HG_UNROLL(2)
    for (int v = 0; v < vectors; v++)
        sum[p][v] = v_load(t->bias + v * VEC);
    for (size_t i = 0; i < job->taps_down; i++)
        for (size_t j = 0; j < t->taps_across; j++)
            w = tile_tap(sum, t, w, i * job->tap_row + j * job->tap_column, &by, pixels, vectors);
    tile_activate(sum, job, pixels, vectors);
    HG_UNROLL(14)
    for (int p = 0; p < pixels; p++)
        HG_UNROLL(2)
    for (int v = 0; v < vectors; v++)
        v_store(t->y[p / each] + (size_t)(p % each) * job->y_pixel + v * VEC, sum[p][v]);
    if (t->sum)
        tile_sums(sum, t, pixels, vectors);
}

/* A function for each size, so that each has the registers to itself. */
#define TILE(n)                                \
    static void tile_##n(const struct tile *t) \
    {                                          \
        tile_product(t, n, TILE_VECTORS);      \
    }
#define NARROW_TILE(n)                                \
    static void narrow_tile_##n(const struct tile *t) \
    {                                                 \
        tile_product(t, n, 1);                        \
    }

TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
#if HG_VECTOR == 16
TILE(7)
TILE(8)
TILE(9)
TILE(10)
TILE(11)
TILE(12)
TILE(13)
TILE(14)
NARROW_TILE(1)
NARROW_TILE(2)
NARROW_TILE(3)
NARROW_TILE(4)
NARROW_TILE(5)
NARROW_TILE(6)
NARROW_TILE(7)
NARROW_TILE(8)
NARROW_TILE(9)
NARROW_TILE(10)
NARROW_TILE(11)
NARROW_TILE(12)
NARROW_TILE(13)
NARROW_TILE(14)
#endif

typedef void tile_function(const struct tile *t);

#if HG_VECTOR == 16
static tile_function *const wide[] = {NULL,    tile_1,  tile_2,  tile_3,  tile_4,
                                      tile_5,  tile_6,  tile_7,  tile_8,  tile_9,
                                      tile_10, tile_11, tile_12, tile_13, tile_14};
static tile_function *const narrow[] = {
    NULL,           narrow_tile_1,  narrow_tile_2,  narrow_tile_3,  narrow_tile_4,
    narrow_tile_5,  narrow_tile_6,  narrow_tile_7,  narrow_tile_8,  narrow_tile_9,
    narrow_tile_10, narrow_tile_11, narrow_tile_12, narrow_tile_13, narrow_tile_14};
#else
static tile_function *const wide[] = {NULL, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6};
static tile_function *const *const narrow = wide;
#endif

/* Moves a tile by so many output channels. */
static void tile_move(struct tile *t, ptrdiff_t by)
{
    t->w += by;
    t->bias += by;
    for (int s = 0; s < SEGMENTS; s++)
        t->y[s] += by;
    if (t->sum) {
        t->shift += by;
        t->sum += by;
        t->squares += by;
    }
}

static void tile_run(struct tile *t, size_t pixels, size_t panels)
{
    const ptrdiff_t part = TILE_VECTORS * VEC;

    if (panels < TILE_PANELS) {
        narrow[pixels](t);
        return;
    }
    wide[pixels](t);
    if (PARTS == 1)
        return;
    tile_move(t, part);
    wide[pixels](t);
    tile_move(t, -part);
}

/* Where the walk over the pixels is. */
struct place {
    size_t row, column;
};

/* The next `pixels` pixels in segments; those without a pixel stay where they were. */
static void tile_place(struct tile *t, struct place *at, size_t panel, size_t pixels)
{
    const struct hg__conv *job = t->job;
    const size_t each = (pixels + SEGMENTS - 1) / SEGMENTS;

    for (size_t s = 0; s < SEGMENTS && pixels > 0; s++) {
        size_t n = pixels < each ? pixels : each;
        t->x[s] = job->x + at->row * job->x_row + at->column * job->x_pixel;
        t->y[s] = job->y + at->row * job->y_row + at->column * job->y_pixel + panel * HG__LANES;
        pixels -= n;
        at->column += n;
        if (at->column == job->columns) {
            at->column = 0;
            at->row++;
        }
    }
}

/* Pixels that are dealt evenly to as few tiles as can hold them. Where a segment is more
 * than a pixel that is a row, or several narrow ones that make one tile. */
static size_t run_length(const struct hg__conv *job)
{
    if (SEGMENT_PIXELS == 1)
        return job->rows * job->columns;
    return job->columns <= SEGMENT_PIXELS ? SEGMENTS * job->columns : job->columns;
}

static void conv_panels(const struct hg__conv *job, size_t panel, size_t panels)
{
    const bool joined = job->tap_column == job->channels;
    const size_t pixels = job->rows * job->columns, run = run_length(job);
    const size_t size = job->taps_down * job->taps_across * job->channels * HG__LANES;
    struct place at = {0, 0};
    struct tile t = {
        .job = job,
        .taps_across = joined ? 1 : job->taps_across,
        .channels = joined ? job->taps_across * job->channels : job->channels,
        .w = job->weight + panel * size,
        .bias = job->bias ? job->bias + panel * HG__LANES : zeros,
        .panel = size,
        .first = !job->onward,
        .new_shift = !job->onward,
    };

    for (size_t s = 0; s < SEGMENTS; s++) {
        t.x[s] = job->x;
        t.y[s] = job->y;
    }
    if (job->shift) {
        t.shift = job->shift + panel * HG__LANES;
        t.sum = job->sum + panel * HG__LANES;
        t.squares = job->squares + panel * HG__LANES;
    }
    for (size_t done = 0; done < pixels; done += run) {
        size_t left = pixels - done < run ? pixels - done : run;
        size_t tiles = (left + TILE_PIXELS - 1) / TILE_PIXELS;
        for (size_t i = 0; i < tiles; i++) {
            size_t n = left * (i + 1) / tiles - left * i / tiles;
            tile_place(&t, &at, panel, n);
            tile_run(&t, n, panels);
            t.first = t.new_shift = false;
        }
    }
}

static void conv_forward(const struct hg__conv *job)
{
    size_t panels;

    for (size_t panel = 0; panel < job->panels; panel += panels) {
        panels = job->panels - panel < TILE_PANELS ? job->panels - panel : TILE_PANELS;
        conv_panels(job, panel, panels);
    }
}

const struct hg__conv_kernels HG_ISA(hg__conv_kernels) = {
    .forward = conv_forward,
    .gradient = HG_ISA(hg__conv_gradient),
};
