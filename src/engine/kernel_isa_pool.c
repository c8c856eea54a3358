/* kernel_isa_pool.c - maps change their size: max pooling, up-sampling, and back. */
#include "engine/kernel_isa_map.h"

/* What the loops of this file go over: pixels of the small map, each with its window of
 * factor x factor pixels of the large one. */
struct grid {
    struct walk small, large;
    size_t factor;
};

HG_INLINE struct grid grid_of(const struct hg__map *small, const struct hg__map *large,
                              size_t factor, size_t c)
{
    return (struct grid){walk_of(small, c), walk_of(large, c), factor};
}

/* ---- max pooling ---- */

/* The largest, the first of equal ones; with the signs of x and y changed where `flip` has the sign
 * bit, the smallest. */
HG_INLINE V best_of_window(const struct walk *large, size_t factor, const float *x, I flip, M *nan)
{
    V best = (V)((I)v_load(x) ^ flip);

    *nan = m_none();
    for (size_t i = 0; i < factor; i++)
        for (size_t j = 0; j < factor; j++) {
            V t = (V)((I)v_load(x + i * large->row + j * large->pixel) ^ flip);
            best = v_max(t, best);
            *nan = m_or(*nan, v_is_nan(t));
        }
    return (V)((I)best ^ flip);
}

HG_INLINE void pool_group(int vectors, size_t c, const struct grid *grid, const float *sign,
                          const float *x, float *y)
{
    const struct walk small = grid->small, large = grid->large;
    const V not = v_all(__builtin_nanf(""));
    const size_t factor = grid->factor;
    V signs[GROUP];
    I flip[GROUP];

    for (int v = 0; v < vectors; v++) {
        signs[v] = sign ? v_load(sign + c + v * VEC) : v_all(1);
        flip[v] = (I)signs[v] & i_all(INT32_MIN);
    }
    for (size_t r = 0; r < small.rows; r++)
        for (size_t p = 0; p < small.columns; p++) {
            const float *from = x + large.first + c + r * factor * large.row +
                                p * factor * large.pixel;
            float *to = y + small.first + c + r * small.row + p * small.pixel;
            HG_UNROLL(4)
            for (int v = 0; v < vectors; v++) {
                M nan;
                V best = best_of_window(&large, factor, from + v * VEC, flip[v], &nan);
                if (sign)
                    best = v_select(v_equal(signs[v], v_all(0)), v_load(from + v * VEC), best);
                v_store(to + v * VEC, v_select(nan, not, best));
            }
        }
}

void HG_ISA(hg__map_pool)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                          const float *sign, const float *x, float *y)
{
    const struct grid pairs = grid_of(to, from, 2, 0), any = grid_of(to, from, factor, 0);

    if (factor == 2 && !sign) {
        EACH_GROUP(from->pixel, pool_group, &pairs, NULL, x, y)
    } else if (factor == 2) {
        EACH_GROUP(from->pixel, pool_group, &pairs, sign, x, y)
    } else {
        EACH_GROUP(from->pixel, pool_group, &any, sign, x, y)
    }
}

/* The inside of the large map beyond the windows. */
static void clear_left_over(const struct hg__map *large, size_t rows, size_t columns, float *x)
{
    size_t left = (large->columns - columns) * large->pixel * sizeof *x;

    for (size_t r = 0; r < rows && left; r++)
        memset(x + hg__map_at(large, r, columns), 0, left);
    for (size_t r = rows; r < large->rows; r++)
        memset(x + hg__map_at(large, r, 0), 0, large->columns * large->pixel * sizeof *x);
}

struct pool_back {
    const float *x, *y, *d;
    float *dx;
};

HG_INLINE void pool_back_window(const struct walk *large, size_t factor, const float *x, float *dx,
                                V y, V d)
{
    const M no_number = v_is_nan(y);
    M open = m_all();

    for (size_t i = 0; i < factor; i++)
        for (size_t j = 0; j < factor; j++) {
            V t = v_load(x + i * large->row + j * large->pixel);
            M same = m_or(v_equal(t, y), m_and(no_number, v_is_nan(t)));
            M here = m_and(open, same);
            open = m_but(open, here);
            v_store(dx + i * large->row + j * large->pixel, v_select(here, d, v_all(0)));
        }
}

HG_INLINE void pool_back_group(int vectors, size_t c, const struct grid *grid,
                               const struct pool_back *job)
{
    const struct walk small = grid->small, large = grid->large;
    const struct pool_back to = *job;
    const size_t factor = grid->factor;

    for (size_t r = 0; r < small.rows; r++)
        for (size_t p = 0; p < small.columns; p++) {
            size_t one = small.first + c + r * small.row + p * small.pixel;
            size_t many = large.first + c + r * factor * large.row + p * factor * large.pixel;
            HG_UNROLL(4)
            for (size_t v = 0; v < (size_t)vectors; v++, one += VEC, many += VEC)
                pool_back_window(&large, factor, to.x + many, to.dx + many, v_load(to.y + one),
                                 v_load(to.d + one));
        }
}

void HG_ISA(hg__map_pool_back)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                               const float *x, const float *y, const float *d, float *dx)
{
    const struct grid pairs = grid_of(to, from, 2, 0), any = grid_of(to, from, factor, 0);
    const struct pool_back job = {x, y, d, dx};

    if (factor == 2) {
        EACH_GROUP(from->pixel, pool_back_group, &pairs, &job)
    } else {
        EACH_GROUP(from->pixel, pool_back_group, &any, &job)
    }
    clear_left_over(from, to->rows * factor, to->columns * factor, dx);
}

/* ---- up-sampling ---- */

HG_INLINE void up_row(const struct walk *from, const struct walk *to, size_t factor, const float *x,
                      float *y)
{
    for (size_t p = 0; p < from->columns; p++)
        for (size_t c = 0; c < from->pixel; c += VEC) {
            V t = v_load(x + p * from->pixel + c);
            for (size_t j = 0; j < factor; j++)
                v_store(y + (p * factor + j) * to->pixel + c, t);
        }
}

void HG_ISA(hg__map_up)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                        const float *x, float *y)
{
    const struct grid grid = grid_of(from, to, factor, 0);
    const struct walk small = grid.small, large = grid.large;
    size_t bytes = to->columns * to->pixel * sizeof *y;

    for (size_t r = 0; r < small.rows; r++) {
        const float *in = x + small.first + r * small.row;
        float *out = y + large.first + r * factor * large.row;
        if (factor == 2)
            up_row(&small, &large, 2, in, out);
        else
            up_row(&small, &large, factor, in, out);
        for (size_t i = 1; i < factor; i++)
            memcpy(out + i * large.row, out, bytes);
    }
}

HG_INLINE void up_back_group(int vectors, size_t c, const struct grid *grid, const float *d,
                             float *dx)
{
    const struct walk small = grid->small, large = grid->large;
    const size_t factor = grid->factor;

    for (size_t r = 0; r < small.rows; r++)
        for (size_t p = 0; p < small.columns; p++) {
            const float *from = d + large.first + c + r * factor * large.row +
                                p * factor * large.pixel;
            float *to = dx + small.first + c + r * small.row + p * small.pixel;
            HG_UNROLL(4)
            for (int v = 0; v < vectors; v++, from += VEC, to += VEC) {
                V sum = v_all(0);
                for (size_t i = 0; i < factor; i++)
                    for (size_t j = 0; j < factor; j++)
                        sum += v_load(from + i * large.row + j * large.pixel);
                v_store(to, sum);
            }
        }
}

void HG_ISA(hg__map_up_back)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                             const float *d, float *dx)
{
    const struct grid pairs = grid_of(from, to, 2, 0), any = grid_of(from, to, factor, 0);

    if (factor == 2) {
        EACH_GROUP(from->pixel, up_back_group, &pairs, d, dx)
    } else {
        EACH_GROUP(from->pixel, up_back_group, &any, d, dx)
    }
}

/* The way back through a stride. */
void HG_ISA(hg__map_spread)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                            const float *x, float *y)
{
    size_t bytes = from->pixel * sizeof *x;

    for (size_t r = 0; r < to->rows; r++)
        memset(y + hg__map_at(to, r, 0), 0, to->columns * to->pixel * sizeof *y);
    for (size_t r = 0; r < from->rows; r++)
        for (size_t p = 0; p < from->columns; p++)
            memcpy(y + hg__map_at(to, r * factor, p * factor), x + hg__map_at(from, r, p), bytes);
}
