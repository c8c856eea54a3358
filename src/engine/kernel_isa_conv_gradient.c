/* kernel_isa_conv_gradient.c - weight gradients of a convolution: a tile of input channels by
 * neighbouring taps by panels of output channels stays in registers over many pixels.
 *
 * A sample is taken in bands that fit the nearest cache together with what the taps see of
 * x; from band to band the sums rest in the gradient itself and go on from there.
 */
#include "engine/kernel_conv_tile.h"
#include "engine/kernel_isa.h"

/* A tile is at most MOST_VECTORS vectors wide, which are so many panels on avx512 (base does
 * a panel in PARTS), and MOST_SUMS accumulators in all. */
#if HG_VECTOR == 16
enum { MOST_SUMS = 24, MOST_VECTORS = 4, MOST_PANELS = 4, PARTS = 1 };
#elif HG_VECTOR == 8
enum { MOST_SUMS = 12, MOST_VECTORS = 2, MOST_PANELS = 1, PARTS = 1 };
#else
enum { MOST_SUMS = 12, MOST_VECTORS = 2, MOST_PANELS = 1, PARTS = 2 };
#endif

enum { MOST_TAPS = 3, MOST_CHANNELS = 8 };

/* Lines of memory that a band may touch, of dy and of x, once for each tile. */
enum { BAND_LINES = 512 };

/* One tile's operands: x as its first tap and channel see it, and the gradient there. */
struct tile {
    const struct hg__conv_gradient *job;
    size_t rows, columns;
    const float *x, *dy;
    float *gradient;
    size_t panel; /* floats from panel to panel of the gradient */
};

typedef V tile_sums[MOST_CHANNELS][MOST_TAPS][MOST_VECTORS];

HG_INLINE float *sum_place(const struct tile *t, int c, int j, int v)
{
    return t->gradient + (size_t)(v * VEC / HG__LANES) * t->panel +
           ((size_t)j * t->job->channels + (size_t)c) * HG__LANES + v * VEC % HG__LANES;
}

HG_INLINE void tile_pixel(tile_sums sum, const float *x, const float *dy, size_t tap,
                          const int channels, const int taps, const int vectors)
{
    V d[MOST_VECTORS];

    HG_UNROLL(4)
    for (int v = 0; v < vectors; v++)
        d[v] = v_load(dy + v * VEC);
    HG_UNROLL(3)
    for (int j = 0; j < taps; j++)
        HG_UNROLL(8)
    for (int c = 0; c < channels; c++) {
        V a = v_all(x[(size_t)j * tap + (size_t)c]);
        HG_UNROLL(4)
        for (int v = 0; v < vectors; v++)
            sum[c][j][v] = v_fma(a, d[v], sum[c][j][v]);
    }
}

HG_INLINE void fetch_sums(const struct tile *t, const int channels, const int taps,
                          const int vectors)
{
    HG_UNROLL(8)
    for (int c = 0; c < channels; c++)
        HG_UNROLL(3)
    for (int j = 0; j < taps; j++)
        HG_UNROLL(4)
    for (int v = 0; v < vectors; v += LANE_VECTORS)
        __builtin_prefetch(sum_place(t, channels + c, j, v));
}

/* While the last row is at work the sums of the next tile are fetched. */
HG_INLINE void tile_product(const struct tile *t, const int channels, const int taps,
                            const int vectors)
{
    const struct hg__conv_gradient *job = t->job;
    const size_t tap = job->tap_column, x_pixel = job->x_pixel, dy_pixel = job->dy_pixel;
    tile_sums sum;

    HG_UNROLL(8)
    for (int c = 0; c < channels; c++)
        HG_UNROLL(3)
    for (int j = 0; j < taps; j++)
        HG_UNROLL(4)
    for (int v = 0; v < vectors; v++)
        sum[c][j][v] = v_load(sum_place(t, c, j, v));
    for (size_t r = 0; r < t->rows; r++) {
        const float *x = t->x + r * job->x_row, *dy = t->dy + r * job->dy_row;
        if (r + 1 == t->rows)
            fetch_sums(t, channels, taps, vectors);
        for (size_t left = t->columns; left > 0; left--) {
            tile_pixel(sum, x, dy, tap, channels, taps, vectors);
            x += x_pixel;
            dy += dy_pixel;
        }
    }
    HG_UNROLL(8)
    for (int c = 0; c < channels; c++)
        HG_UNROLL(3)
    for (int j = 0; j < taps; j++)
        HG_UNROLL(4)
    for (int v = 0; v < vectors; v++)
        v_store(sum_place(t, c, j, v), sum[c][j][v]);
}

/* Tiles of more accumulators than there are do not come to be. */
#define TILE_CASE(n)                           \
    case n:                                    \
        if ((n)*taps * vectors <= MOST_SUMS)   \
            tile_product(t, n, taps, vectors); \
        return

HG_INLINE void tile_channels(const struct tile *t, size_t channels, const int taps,
                             const int vectors)
{
    switch (channels) {
        TILE_CASE(1);
        TILE_CASE(2);
        TILE_CASE(3);
        TILE_CASE(4);
        TILE_CASE(5);
        TILE_CASE(6);
        TILE_CASE(7);
        TILE_CASE(8);
    }
}

HG_INLINE void tile_taps(const struct tile *t, size_t channels, size_t taps, const int vectors)
{
    if (taps == 1)
        tile_channels(t, channels, 1, vectors);
    else if (taps == 2)
        tile_channels(t, channels, 2, vectors);
    else
        tile_channels(t, channels, 3, vectors);
}

static void tile_run(const struct tile *t, size_t channels, size_t taps, size_t panels)
{
#if HG_VECTOR == 16
    if (panels == 1)
        tile_taps(t, channels, taps, 1);
    else if (panels == 2)
        tile_taps(t, channels, taps, 2);
    else if (panels == 3)
        tile_taps(t, channels, taps, 3);
    else
        tile_taps(t, channels, taps, 4);
#else
    struct tile part = *t;
    (void)panels;
    for (int i = 0; i < PARTS; i++) {
        tile_taps(&part, channels, taps, MOST_VECTORS);
        part.dy += MOST_VECTORS * VEC;
        part.gradient += MOST_VECTORS * VEC;
    }
#endif
}

/* Part i of n things dealt evenly to `parts`. */
static size_t dealt(size_t n, size_t parts, size_t i)
{
    return n * (i + 1) / parts - n * i / parts;
}

static size_t parts_of(size_t n, size_t most)
{
    return (n + most - 1) / most;
}

/* All channels of some taps of one row. */
static void band_channels(const struct tile *band, size_t taps, size_t panels)
{
    struct tile t = *band;
    const size_t vectors = panels * HG__LANES / VEC / PARTS, channels = band->job->channels;
    const size_t room = MOST_SUMS / (taps * vectors);
    const size_t tiles = parts_of(channels, room < MOST_CHANNELS ? room : MOST_CHANNELS);

    for (size_t i = 0; i < tiles; i++) {
        size_t n = dealt(channels, tiles, i);
        tile_run(&t, n, taps, panels);
        t.x += n;
        t.gradient += n * HG__LANES;
    }
}

/* A band is given as a tile at the first tap of the first panel. */
static void band_panels(const struct tile *band, size_t panel, size_t panels)
{
    const struct hg__conv_gradient *job = band->job;
    const size_t groups = parts_of(job->taps_across, MOST_TAPS);
    struct tile t = *band;

    t.dy += panel * HG__LANES;
    t.gradient += panel * t.panel;
    for (size_t i = 0; i < job->taps_down; i++) {
        t.x = band->x + i * job->tap_row;
        for (size_t g = 0; g < groups; g++) {
            size_t taps = dealt(job->taps_across, groups, g);
            band_channels(&t, taps, panels);
            t.x += taps * job->tap_column;
            t.gradient += taps * job->channels * HG__LANES;
        }
    }
}

static void all_bands(const struct hg__conv_gradient *job, size_t panel, size_t panels)
{
    const size_t most = BAND_LINES / (panels + 1);
    const size_t columns = job->columns < most ? job->columns : most;
    const size_t rows = parts_of(job->rows, parts_of(job->rows, most / columns));
    struct tile band = {.job = job,
                        .gradient = job->gradient,
                        .panel = job->taps_down * job->taps_across * job->channels * HG__LANES};

    for (size_t r = 0; r < job->rows; r += rows)
        for (size_t p = 0; p < job->columns; p += columns) {
            band.rows = job->rows - r < rows ? job->rows - r : rows;
            band.columns = job->columns - p < columns ? job->columns - p : columns;
            band.x = job->x + r * job->x_row + p * job->x_pixel;
            band.dy = job->dy + r * job->dy_row + p * job->dy_pixel;
            band_panels(&band, panel, panels);
        }
}

/* Column sums of dy; four vectors at a time hide the latency of the addition. */
static void bias_gradient(const struct hg__conv_gradient *job)
{
    enum { SIDE = 4 };
    const size_t end = job->panels * HG__LANES;

    for (size_t o = 0; o < end; o += SIDE * VEC) {
        const size_t vectors = (end - o) / VEC < SIDE ? (end - o) / VEC : SIDE;
        float *out = job->bias_gradient + o;
        V sum[SIDE] = {0};
        for (size_t v = 0; v < vectors; v++)
            sum[v] = v_load(out + v * VEC);
        for (size_t r = 0; r < job->rows; r++) {
            const float *dy = job->dy + r * job->dy_row + o;
            for (size_t p = 0; p < job->columns; p++, dy += job->dy_pixel)
                for (size_t v = 0; v < vectors; v++)
                    sum[v] += v_load(dy + v * VEC);
        }
        for (size_t v = 0; v < vectors; v++)
            v_store(out + v * VEC, sum[v]);
    }
}

void HG_ISA(hg__conv_gradient)(const struct hg__conv_gradient *job)
{
    const size_t groups = parts_of(job->panels, MOST_PANELS);

    for (size_t g = 0, panel = 0; g < groups; g++) {
        size_t panels = dealt(job->panels, groups, g);
        all_bands(job, panel, panels);
        panel += panels;
    }
    if (job->bias_gradient)
        bias_gradient(job);
}
