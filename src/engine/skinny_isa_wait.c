/* skinny_isa_wait.c - the wide first layer for one sample and plain SGD.
 *
 * Then reading the weights is nearly all of the work, and writing them more than
 * twice as much again. So a step only reads them and makes up in registers for
 * the updates of the steps before, which wait; every HG__SKINNY_WAITS-th step writes
 * what it has made. An update is w - (rate dy) x in one rounding, wherever it is
 * done, so it cannot be seen when.
 */
#include "engine/kernel_isa.h"
#include "engine/skinny.h"

void HG_ISA(hg__skinny_pass)(const struct hg__skinny_wait *job, const struct hg__stretch *part,
                             float *sums);
void HG_ISA(hg__skinny_settle)(const struct hg__skinny_wait *job, const struct hg__stretch *part);

/* Chunks of inputs side by side; the most vectors at a time of all panels. */
enum { CHUNK = HG__CHUNK, WAITS = HG__SKINNY_WAITS };
#if HG_VECTOR == 16
enum { SIDE = 2, MOST = 4 };
#else
enum { SIDE = 2, MOST = 2 };
#endif

/* Where vector v of the outputs begins, counted from output `at`. */
HG_INLINE size_t row_of(const struct hg__skinny_wait *job, size_t at, size_t v)
{
    size_t o = at + v * VEC;
    return o / HG__LANES * job->in * HG__LANES + o % HG__LANES;
}

/* `side` chunks of `count` inputs from `input` on, by `vectors` vectors of outputs
 * from output `at` on, with `waits` updates; a chain each, to sums[chunk][pad(out)]. */
HG_INLINE void pass_tile(const struct hg__skinny_wait *job, size_t input, size_t count, size_t at,
                         float *sums, const size_t side, const size_t vectors, const size_t waits)
{
    V sum[SIDE][MOST], step[WAITS][MOST];
    float *w[MOST];

    HG_UNROLL(4)
    for (size_t v = 0; v < vectors; v++) {
        w[v] = job->weight + row_of(job, at, v);
        HG_UNROLL(2)
        for (size_t c = 0; c < side; c++)
            sum[c][v] = v_all(0);
        HG_UNROLL(4)
        for (size_t i = 0; i < waits; i++)
            step[i][v] = v_load(job->step[i] + at + v * VEC);
    }
    for (size_t k = input; k < input + count; k++) {
        HG_UNROLL(2)
        for (size_t c = 0; c < side; c++) {
            size_t row = k + c * CHUNK;
            HG_UNROLL(4)
            for (size_t v = 0; v < vectors; v++) {
                V a = v_load(w[v] + row * HG__LANES);
                HG_UNROLL(4)
                for (size_t i = 0; i < waits; i++)
                    a = v_fnma(step[i][v], v_all(job->x[i][row]), a);
                if (waits == WAITS)
                    v_store(w[v] + row * HG__LANES, a);
                sum[c][v] = v_fma(v_all(job->now[row]), a, sum[c][v]);
            }
        }
    }
    for (size_t c = 0; c < side; c++)
        for (size_t v = 0; v < vectors; v++)
            v_store(sums + c * hg__pad(job->out) + at + v * VEC, sum[c][v]);
}

/* All outputs, as many vectors at a time as are left. */
HG_INLINE void pass_chunks(const struct hg__skinny_wait *job, size_t input, size_t count,
                           float *sums, const size_t side, const size_t waits)
{
    size_t out = hg__pad(job->out), at = 0;

    for (; at + MOST * VEC <= out; at += MOST * VEC)
        pass_tile(job, input, count, at, sums, side, MOST, waits);
    for (; MOST > 2 && at + 2 * VEC <= out; at += 2 * VEC)
        pass_tile(job, input, count, at, sums, side, 2, waits);
    for (; at < out; at += VEC)
        pass_tile(job, input, count, at, sums, side, 1, waits);
}

HG_INLINE void pass_part(const struct hg__skinny_wait *job, const struct hg__stretch *part,
                         float *sums, const size_t waits)
{
    size_t k = part->begin, out = hg__pad(job->out);

    for (; k + SIDE * CHUNK <= part->end; k += SIDE * CHUNK, sums += SIDE * out)
        pass_chunks(job, k, CHUNK, sums, SIDE, waits);
    for (; k < part->end; k += CHUNK, sums += out)
        pass_chunks(job, k, k + CHUNK < part->end ? CHUNK : part->end - k, sums, 1, waits);
}

#define PASS_CASE(n)                   \
    case n:                            \
        pass_part(job, part, sums, n); \
        break

void HG_ISA(hg__skinny_pass)(const struct hg__skinny_wait *job, const struct hg__stretch *part,
                             float *sums)
{
    size_t begin = part->begin, count = part->end - begin;

    if (job->center)
        HG_ISA(hg__subtract_rows)
    (job->now + begin, job->input + begin, job->center + begin, count);
    else memcpy(job->now + begin, job->input + begin, count * sizeof *job->now);
    switch (job->waits) {
        PASS_CASE(0);
        PASS_CASE(1);
        PASS_CASE(2);
        PASS_CASE(3);
        PASS_CASE(4);
    }
}

_Static_assert(WAITS == 4, "the cases of hg__skinny_pass");

void HG_ISA(hg__skinny_settle)(const struct hg__skinny_wait *job, const struct hg__stretch *part)
{
    for (size_t at = 0; at < hg__pad(job->out); at += VEC) {
        float *w = job->weight + row_of(job, at, 0);
        for (size_t k = part->begin; k < part->end; k++) {
            V a = v_load(w + k * HG__LANES);
            for (size_t i = 0; i < job->waits; i++)
                a = v_fnma(v_load(job->step[i] + at), v_all(job->x[i][k]), a);
            v_store(w + k * HG__LANES, a);
        }
    }
}
