/* kernel_isa_sum.c - sums over rows in 16 lanes, sums over columns, dropout. */
#include "engine/kernel_isa.h"

#include "base/rng.h"

enum { RUN = 1024 };

/* What is summed. */
enum term { TERM_VALUE, TERM_SQUARE, TERM_PRODUCT };

HG_INLINE V term(enum term what, V x, V y, V sum)
{
    if (what == TERM_VALUE)
        return sum + x;
    return v_fma(x, what == TERM_SQUARE ? x : y, sum);
}

/* One run of at most RUN numbers: lane i takes numbers i, i + 16, ... */
HG_INLINE float run_total(enum term what, const float *x, const float *y, size_t n)
{
    struct lanes lanes;
    size_t i = 0;

    memset(&lanes, 0, sizeof lanes);
    for (; i + HG__LANES <= n; i += HG__LANES)
        HG_UNROLL(4)
    for (int v = 0; v < LANE_VECTORS; v++)
        lanes.v[v] = term(what, v_load(x + i + v * VEC), v_load(y + i + v * VEC), lanes.v[v]);
    if (i < n) {
        float a[HG__LANES] = {0}, b[HG__LANES] = {0};
        memcpy(a, x + i, (n - i) * sizeof *a);
        memcpy(b, y + i, (n - i) * sizeof *b);
        for (int v = 0; v < LANE_VECTORS; v++)
            lanes.v[v] = term(what, v_load(a + v * VEC), v_load(b + v * VEC), lanes.v[v]);
    }
    return lanes_total(&lanes);
}

HG_INLINE double total(enum term what, const float *x, const float *y, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i += RUN)
        sum += (double)run_total(what, x + i, y + i, n - i < RUN ? n - i : RUN);
    return sum;
}

double HG_ISA(hg__sum)(const float *x, size_t n)
{
    return total(TERM_VALUE, x, x, n);
}

double HG_ISA(hg__sum_squares)(const float *x, size_t n)
{
    return total(TERM_SQUARE, x, x, n);
}

double HG_ISA(hg__dot)(const float *x, const float *y, size_t n)
{
    return total(TERM_PRODUCT, x, y, n);
}

/* ---- columns ---- */

HG_INLINE V column_value(const struct hg__columns *job, size_t at, size_t c, size_t n)
{
    V x = n == VEC ? v_load(job->x + at) : v_load_part(job->x + at, n);

    if (!job->shift)
        return x;
    return x - (n == VEC ? v_load(job->shift + c) : v_load_part(job->shift + c, n));
}

static void column_vector(const struct hg__columns *job, size_t c, size_t n)
{
    V sum = v_all(0), squares = v_all(0);

    for (size_t r = 0; r < job->rows; r++) {
        size_t at = r * job->stride + c;
        V x = column_value(job, at, c, n), y = x;
        if (job->other)
            y = n == VEC ? v_load(job->other + at) : v_load_part(job->other + at, n);
        sum += x;
        squares = v_fma(x, y, squares);
    }
    v_store(job->sum + c, sum);
    if (job->squares)
        v_store(job->squares + c, squares);
}

void HG_ISA(hg__column_sums)(const struct hg__columns *job)
{
    for (size_t c = 0; c < job->columns; c += VEC)
        column_vector(job, c, job->columns - c < VEC ? job->columns - c : VEC);
}

void HG_ISA(hg__column_affine)(const struct hg__affine *job)
{
    size_t columns = hg__pad(job->columns) < job->stride ? hg__pad(job->columns) : job->stride;

    for (size_t r = 0; r < job->rows; r++)
        for (size_t c = 0; c < columns; c += VEC) {
            size_t at = r * job->stride + c, n = columns - c < VEC ? columns - c : VEC;
            V x = n == VEC ? v_load(job->x + at) : v_load_part(job->x + at, n), y;
            y = v_fma(x, v_load(job->a + c), v_load(job->b + c));
            if (job->other) {
                V o = n == VEC ? v_load(job->other + at) : v_load_part(job->other + at, n);
                y = v_fma(o, v_load(job->c + c), y);
            }
            if (n == VEC)
                v_store(job->y + at, y);
            else
                v_store_part(job->y + at, y, n);
        }
}

/* ---- dropout ---- */

void HG_ISA(hg__dropout)(const struct hg__dropout *job, const float *x, float *y, size_t first,
                         size_t count)
{
    for (size_t i = 0; i < count; i += 4) {
        uint32_t counter[4], bits[4];
        size_t n = count - i < 4 ? count - i : 4;

        memcpy(counter, job->counter, sizeof counter);
        counter[0] += (uint32_t)((first + i) / 4);
        hg__philox(counter, job->key, bits);
        for (size_t k = 0; k < n; k++)
            y[i + k] = bits[k] < job->threshold ? 0 : x[i + k] * job->scale;
    }
}
