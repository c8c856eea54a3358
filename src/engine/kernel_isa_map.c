/* kernel_isa_map.c - maps: batch norm and activations, and the table of the map kernels. */
#include "engine/kernel_isa_map.h"

#include "engine/kernel_isa.h"
#include "engine/kernel_math.h"

/* ---- sums for batch norm ---- */

struct sums {
    float *shift, *sum, *squares;
};

HG_INLINE void stats_group(int vectors, size_t c, const struct hg__map *map, const float *x,
                           struct sums to)
{
    const struct walk at = walk_of(map, c);
    V shift[GROUP], sum[GROUP], squares[GROUP];

    load_group(vectors, shift, x + at.first);
    for (int v = 0; v < vectors; v++)
        sum[v] = squares[v] = v_all(0);
    for (size_t r = 0; r < at.rows; r++) {
        const float *from = x + at.first + r * at.row;
        for (size_t p = 0; p < at.columns; p++, from += at.pixel)
            HG_UNROLL(4)
        for (int v = 0; v < vectors; v++) {
            V t = v_load(from + v * VEC) - shift[v];
            sum[v] += t;
            squares[v] = v_fma(t, t, squares[v]);
        }
    }
    for (int v = 0; v < vectors; v++) {
        v_store(to.shift + c + v * VEC, shift[v]);
        v_store(to.sum + c + v * VEC, sum[v]);
        v_store(to.squares + c + v * VEC, squares[v]);
    }
}

static void stats(const struct hg__map *map, const float *x, float *shift, float *sum,
                  float *squares)
{
    const struct sums to = {shift, sum, squares};

    EACH_GROUP(map->pixel, stats_group, map, x, to)
}

/* ---- batch norm ---- */

struct factors {
    V mean[GROUP], a[GROUP], b[GROUP];
};

HG_INLINE void load_factors(int vectors, struct factors *to, const struct hg__map_norm *norm,
                            size_t c)
{
    load_group(vectors, to->mean, norm->mean + c);
    load_group(vectors, to->a, norm->a + c);
    load_group(vectors, to->b, norm->b + c);
}

/* The input of norm's activation: the way back must find the same. */
HG_INLINE V normed(const struct factors *f, int v, V x)
{
    return v_fma(x - f->mean[v], f->a[v], f->b[v]);
}

HG_INLINE void norm_group(int vectors, size_t c, enum hg_activation activation,
                          const struct hg__map_norm *norm, const float *x, float *y)
{
    const struct walk at = walk_of(norm->map, c);
    const V slope = v_all(norm->slope);
    struct factors f;

    load_factors(vectors, &f, norm, c);
    for (size_t r = 0; r < at.rows; r++) {
        const float *from = x + at.first + r * at.row;
        float *to = y + at.first + r * at.row;
        for (size_t p = 0; p < at.columns; p++, from += at.pixel, to += at.pixel)
            HG_UNROLL(4)
        for (int v = 0; v < vectors; v++)
            v_store(to + v * VEC,
                    v_activate(activation, slope, normed(&f, v, v_load(from + v * VEC))));
    }
}

static void norm(const struct hg__map_norm *job, const float *x, float *y)
{
    size_t floats = job->map->pixel;

    if (job->activation == HG_LINEAR) {
        EACH_GROUP(floats, norm_group, HG_LINEAR, job, x, y)
    } else if (job->activation == HG_RELU) {
        EACH_GROUP(floats, norm_group, HG_RELU, job, x, y)
    } else {
        EACH_GROUP(floats, norm_group, HG_LRELU, job, x, y)
    }
}

/* d' = d times the derivative of norm's activation, where its input is x. */
HG_INLINE V before_activation(const struct factors *f, int v, V slope, V x, V d)
{
    return v_select(v_less(v_all(0), normed(f, v, x)), d, d * slope);
}

HG_INLINE void sums_group(int vectors, size_t c, const struct hg__map_norm_back *job, float *sum_to,
                          float *product_to)
{
    const struct walk at = walk_of(job->norm.map, c);
    const V slope = below_zero(job->norm.activation, job->norm.slope);
    struct factors f;
    V sum[GROUP], product[GROUP];

    load_factors(vectors, &f, &job->norm, c);
    for (int v = 0; v < vectors; v++)
        sum[v] = product[v] = v_all(0);
    for (size_t r = 0; r < at.rows; r++) {
        const float *x = job->x + at.first + r * at.row, *d = job->d + at.first + r * at.row;
        for (size_t p = 0; p < at.columns; p++, x += at.pixel, d += at.pixel)
            HG_UNROLL(4)
        for (int v = 0; v < vectors; v++) {
            V t = v_load(x + v * VEC);
            V dz = before_activation(&f, v, slope, t, v_load(d + v * VEC));
            sum[v] += dz;
            product[v] = v_fma(dz, t - f.mean[v], product[v]);
        }
    }
    for (int v = 0; v < vectors; v++) {
        v_store(sum_to + c + v * VEC, sum[v]);
        v_store(product_to + c + v * VEC, product[v]);
    }
}

static void norm_sums(const struct hg__map_norm_back *job, float *sum, float *product)
{
    EACH_GROUP(job->norm.map->pixel, sums_group, job, sum, product)
}

/* ---- batch norm, the way back ---- */

struct back {
    struct factors f;
    V k1[GROUP], k2[GROUP]; /* k1: negated */
    V slope, below;
    size_t row, pixel; /* of the wide map */
};

HG_INLINE void load_back(int vectors, struct back *to, const struct hg__map_norm_back *job,
                         size_t c)
{
    load_factors(vectors, &to->f, &job->norm, c);
    load_group(vectors, to->k1, job->k1 + c);
    load_group(vectors, to->k2, job->k2 + c);
    for (int v = 0; v < vectors; v++)
        to->k1[v] = -to->k1[v];
    to->slope = below_zero(job->norm.activation, job->norm.slope);
    to->below = below_zero(job->below, job->below_slope);
    to->row = job->wide->row;
    to->pixel = job->wide->pixel;
}

/* The gradient at `whole`; t = d' a - k1. */
HG_INLINE V through_norm(const struct back *s, int v, V whole, V t)
{
    V dz = v_fnma(whole - s->f.mean[v], s->k2[v], t);
    return v_select(v_less(v_all(0), whole), dz, dz * s->below);
}

HG_INLINE void back_group(int vectors, size_t c, const struct hg__map_norm_back *job)
{
    const struct walk at = walk_of(job->norm.map, c);
    struct back s;

    load_back(vectors, &s, job, c);
    for (size_t r = 0; r < at.rows; r++) {
        const float *x = job->x + at.first + r * at.row, *d = job->d + at.first + r * at.row;
        float *dx = job->dx + at.first + r * at.row;
        for (size_t p = 0; p < at.columns; p++, x += at.pixel, d += at.pixel, dx += at.pixel)
            HG_UNROLL(4)
        for (int v = 0; v < vectors; v++) {
            V t = v_load(x + v * VEC);
            V dz = before_activation(&s.f, v, s.slope, t, v_load(d + v * VEC));
            v_store(dx + v * VEC, through_norm(&s, v, t, v_fma(dz, s.f.a[v], s.k1[v])));
        }
    }
}

/* One window: what d brings goes to the first place that was chosen. */
HG_INLINE void back_window(const struct back *s, int v, size_t factor, const float *whole,
                           float *dx, V x, V d)
{
    V dz = before_activation(&s->f, v, s->slope, x, d);
    V chosen = v_fma(dz, s->f.a[v], s->k1[v]);
    M open = m_all();

    for (size_t i = 0; i < factor; i++)
        for (size_t j = 0; j < factor; j++) {
            size_t at = i * s->row + j * s->pixel;
            V w = v_load(whole + at);
            M here = m_and(open, v_equal(w, x));
            open = m_but(open, here);
            v_store(dx + at, through_norm(s, v, w, v_select(here, chosen, s->k1[v])));
        }
}

/* Pixels that no window covers: rows x columns from `first` on. */
HG_INLINE void back_left_over(int vectors, const struct back *s, const float *whole, float *dx,
                              size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t p = 0; p < columns; p++)
            for (int v = 0; v < vectors; v++) {
                size_t at = r * s->row + p * s->pixel + (size_t)v * VEC;
                v_store(dx + at, through_norm(s, v, v_load(whole + at), s->k1[v]));
            }
}

HG_INLINE void back_pool_group(int vectors, size_t c, size_t factor,
                               const struct hg__map_norm_back *job)
{
    const struct walk at = walk_of(job->norm.map, c), wide = walk_of(job->wide, c);
    const float *whole = job->whole + wide.first, *x = job->x + at.first, *d = job->d + at.first;
    float *dx = job->dx + wide.first;
    size_t down = at.rows * factor, across = at.columns * factor;
    struct back s;

    load_back(vectors, &s, job, c);
    for (size_t r = 0; r < at.rows; r++)
        for (size_t p = 0; p < at.columns; p++) {
            size_t small = r * at.row + p * at.pixel;
            size_t large = r * factor * wide.row + p * factor * wide.pixel;
            HG_UNROLL(4)
            for (size_t v = 0; v < (size_t)vectors; v++)
                back_window(&s, (int)v, factor, whole + large + v * VEC, dx + large + v * VEC,
                            v_load(x + small + v * VEC), v_load(d + small + v * VEC));
        }
    if (across < wide.columns)
        back_left_over(vectors, &s, whole + across * wide.pixel, dx + across * wide.pixel, down,
                       wide.columns - across);
    back_left_over(vectors, &s, whole + down * wide.row, dx + down * wide.row, wide.rows - down,
                   wide.columns);
}

static void norm_back(const struct hg__map_norm_back *job)
{
    size_t floats = job->norm.map->pixel, pool = job->pool;

    if (pool == 1) {
        EACH_GROUP(floats, back_group, job)
    } else if (pool == 2) {
        EACH_GROUP(floats, back_pool_group, 2, job)
    } else {
        EACH_GROUP(floats, back_pool_group, pool, job)
    }
}

/* ---- any activation ---- */

/* Those that make something of zero leave it in the pad channels too. */
static void clear_pads(const struct hg__map *map, float *y)
{
    size_t bytes = (map->pixel - map->channels) * sizeof *y;

    for (size_t r = 0; r < map->rows; r++)
        for (size_t p = 0; p < map->columns; p++)
            memset(y + hg__map_at(map, r, p) + map->channels, 0, bytes);
}

static void activate(const struct hg__map *map, enum hg_activation activation, float slope,
                     const float *z, float *y)
{
    for (size_t r = 0; r < map->rows; r++) {
        size_t at = hg__map_at(map, r, 0);
        HG_ISA(hg__activate)(activation, slope, z + at, y + at, map->columns * map->pixel);
    }
    if ((activation == HG_SIGMOID || activation == HG_SOFTPLUS) && map->channels < map->pixel)
        clear_pads(map, y);
}

static void activate_back(const struct hg__map *map, enum hg_activation activation, float slope,
                          const float *kept, float *d)
{
    for (size_t r = 0; r < map->rows; r++) {
        size_t at = hg__map_at(map, r, 0);
        HG_ISA(hg__activate_back)
        (activation, slope, kept + at, d + at, d + at, map->columns * map->pixel);
    }
}

const struct hg__map_kernels HG_ISA(hg__map_kernels) = {
    .stats = stats,
    .norm = norm,
    .norm_sums = norm_sums,
    .norm_back = norm_back,
    .activate = activate,
    .activate_back = activate_back,
    .pool = HG_ISA(hg__map_pool),
    .pool_back = HG_ISA(hg__map_pool_back),
    .up = HG_ISA(hg__map_up),
    .up_back = HG_ISA(hg__map_up_back),
    .spread = HG_ISA(hg__map_spread),
    .unpack = HG_ISA(hg__map_unpack),
    .pack = HG_ISA(hg__map_pack),
    .patches = HG_ISA(hg__map_patches),
    .few_gather = HG_ISA(hg__map_few_gather),
    .few_spread = HG_ISA(hg__map_few_spread),
};
