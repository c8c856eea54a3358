/* skinny_isa_first.c - the wide first layer of a thin network, some of its inputs at
 * a time.
 *
 * A thread has the same inputs in every step, so their weights stay in its cache.
 * Groups of 16 inputs are copied side by side for all samples ([sample][16], the
 * center subtracted): rows of a wide input are a power of two apart and would
 * throw each other out of the first cache.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_update.h"
#include "engine/skinny.h"

void HG_ISA(hg__skinny_enter)(const struct hg__skinny_first *job, const struct hg__stretch *part,
                              float *sums);
void HG_ISA(hg__skinny_learn)(const struct hg__skinny_first *job, const struct hg__stretch *part);

enum { GROUP = HG__LANES, BLOCK = 16 * GROUP, PANEL = GROUP * HG__LANES };

/* Tiles: samples by vectors of one panel in the product; inputs by vectors in the
 * gradient. */
#if HG_VECTOR == 16
enum { ROWS = 18, VECTORS = 1, INPUTS = 16 };
#else
enum { ROWS = 6, VECTORS = 2, INPUTS = 4 };
#endif

/* Inputs [begin, end) side by side: to[group][sample][16]. */
static void pack(const struct hg__skinny_first *job, size_t begin, size_t end, float *to)
{
    for (size_t k = begin; k < end; k += GROUP) {
        const float *from = job->x + k, *center = job->center ? job->center + k : NULL;
        for (size_t s = 0; s < job->samples; s++, to += GROUP, from += job->x_stride)
            for (size_t i = 0; i < GROUP; i += VEC) {
                size_t left = k + i < end ? end - k - i : 0;
                V v = left >= VEC ? v_load(from + i) : v_load_part(from + i, left);
                if (center)
                    v -= left >= VEC ? v_load(center + i) : v_load_part(center + i, left);
                v_store(to + i, v);
            }
    }
}

/* ---- forward ---- */

/* One panel's VECTORS vectors by `samples` samples. */
struct tile {
    const float *x, *w;           /* packed; of the first input */
    float *sums;                  /* the chains go on from here */
    size_t inputs, group, stride; /* floats of a packed group, of a row of sums */
};

HG_INLINE void enter_tile(const struct tile *t, const size_t samples)
{
    V sum[ROWS][VECTORS];

    HG_UNROLL(18)
    for (size_t s = 0; s < samples; s++)
        for (size_t v = 0; v < VECTORS; v++)
            sum[s][v] = v_load(t->sums + s * t->stride + v * VEC);
    for (size_t k = 0; k < t->inputs; k += GROUP) {
        const float *x = t->x + k / GROUP * t->group, *w = t->w + k * HG__LANES;
        size_t inputs = k + GROUP < t->inputs ? GROUP : t->inputs - k;
        for (size_t i = 0; i < inputs; i++) {
            V a[VECTORS];
            for (size_t v = 0; v < VECTORS; v++)
                a[v] = v_load(w + i * HG__LANES + v * VEC);
            HG_UNROLL(18)
            for (size_t s = 0; s < samples; s++) {
                V c = v_all(x[s * GROUP + i]);
                HG_UNROLL(2)
                for (size_t v = 0; v < VECTORS; v++)
                    sum[s][v] = v_fma(c, a[v], sum[s][v]);
            }
        }
    }
    HG_UNROLL(18)
    for (size_t s = 0; s < samples; s++)
        for (size_t v = 0; v < VECTORS; v++)
            v_store(t->sums + s * t->stride + v * VEC, sum[s][v]);
}

#define ENTER_CASE(n)      \
    case n:                \
        enter_tile(&t, n); \
        break

/* All samples, dealt evenly to as few tiles as hold them. */
static void enter_samples(const struct tile *all, size_t samples)
{
    size_t tiles = (samples + ROWS - 1) / ROWS;
    struct tile t = *all;

    for (size_t i = 0, s = 0, next; i < tiles; i++, s = next) {
        next = samples * (i + 1) / tiles;
        t.x = all->x + s * GROUP;
        t.sums = all->sums + s * all->stride;
        switch (next - s) {
            ENTER_CASE(1);
            ENTER_CASE(2);
            ENTER_CASE(3);
            ENTER_CASE(4);
            ENTER_CASE(5);
            ENTER_CASE(6);
#if HG_VECTOR == 16
            ENTER_CASE(7);
            ENTER_CASE(8);
            ENTER_CASE(9);
            ENTER_CASE(10);
            ENTER_CASE(11);
            ENTER_CASE(12);
            ENTER_CASE(13);
            ENTER_CASE(14);
            ENTER_CASE(15);
            ENTER_CASE(16);
            ENTER_CASE(17);
            ENTER_CASE(18);
#endif
        }
    }
}

/* Chunk [begin, end), in blocks that stay in the first cache. */
static void enter_chunk(const struct hg__skinny_first *job, size_t begin, size_t end, float *sums)
{
    float x[BLOCK * HG__SKINNY_SAMPLES] __attribute__((aligned(64)));
    size_t out = hg__pad(job->out);

    memset(sums, 0, job->samples * out * sizeof *sums);
    for (size_t k = begin; k < end; k += BLOCK) {
        size_t stop = k + BLOCK < end ? k + BLOCK : end;
        pack(job, k, stop, x);
        for (size_t o = 0; o < out; o += VECTORS * VEC) {
            const struct tile t = {
                .x = x,
                .w = job->weight.value + (o / HG__LANES * job->in + k) * HG__LANES + o % HG__LANES,
                .sums = sums + o,
                .inputs = stop - k,
                .group = job->samples * GROUP,
                .stride = out,
            };
            enter_samples(&t, job->samples);
        }
    }
}

void HG_ISA(hg__skinny_enter)(const struct hg__skinny_first *job, const struct hg__stretch *part,
                              float *sums)
{
    size_t size = job->samples * hg__pad(job->out);

    for (size_t k = part->begin; k < part->end; k += HG__CHUNK, sums += size)
        enter_chunk(job, k, k + HG__CHUNK < part->end ? k + HG__CHUNK : part->end, sums);
}

/* ---- update ---- */

/* The gradient of INPUTS inputs by VECTORS vectors, from zero: to `out`, or with
 * `descend` (plain SGD) rate times it is subtracted from what is there. */
HG_INLINE void learn_tile(const struct hg__skinny_first *job, const float *x, const float *dy,
                          float *out, const bool descend)
{
    V sum[INPUTS][VECTORS], rate = v_all(descend ? job->rule->rate : 0);

    HG_UNROLL(16)
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t v = 0; v < VECTORS; v++)
            sum[i][v] = v_all(0);
    for (size_t s = 0; s < job->samples; s++) {
        V d[VECTORS];
        for (size_t v = 0; v < VECTORS; v++)
            d[v] = v_load(dy + s * job->dy_stride + v * VEC);
        HG_UNROLL(16)
        for (size_t i = 0; i < INPUTS; i++) {
            V c = v_all(x[s * GROUP + i]);
            HG_UNROLL(2)
            for (size_t v = 0; v < VECTORS; v++)
                sum[i][v] = v_fma(c, d[v], sum[i][v]);
        }
    }
    HG_UNROLL(16)
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t v = 0; v < VECTORS; v++) {
            float *at = out + i * HG__LANES + v * VEC;
            v_store(at, descend ? v_fnma(rate, sum[i][v], v_load(at)) : sum[i][v]);
        }
}

/* `inputs` inputs from `input` on, packed in x, and one panel. */
static void learn_group(const struct hg__skinny_first *job, const float *x, size_t input,
                        size_t inputs, size_t panel)
{
    float gradient[PANEL] __attribute__((aligned(64)));
    const float *dy = job->dy + panel * HG__LANES;
    size_t offset = (panel * job->in + input) * HG__LANES;
    float *weight = job->weight.value + offset;
    bool descend = job->rule->optimizer == HG_SGD && rule_is_plain(job->rule) && inputs == GROUP;
    const struct hg__parameters run = {weight, gradient,
                                       job->weight.first ? job->weight.first + offset : NULL,
                                       job->weight.second ? job->weight.second + offset : NULL};

    for (size_t i = 0; i < GROUP; i += INPUTS)
        for (size_t v = 0; v < HG__LANES; v += VECTORS * VEC) {
            if (descend)
                learn_tile(job, x + i, dy + v, weight + i * HG__LANES + v, true);
            else
                learn_tile(job, x + i, dy + v, gradient + i * HG__LANES + v, false);
        }
    if (!descend)
        update_run(job->rule, &run, inputs * HG__LANES);
}

void HG_ISA(hg__skinny_learn)(const struct hg__skinny_first *job, const struct hg__stretch *part)
{
    float x[HG__SKINNY_SAMPLES * GROUP] __attribute__((aligned(64)));

    for (size_t k = part->begin; k < part->end; k += GROUP) {
        size_t inputs = k + GROUP < part->end ? GROUP : part->end - k;
        pack(job, k, k + inputs, x);
        for (size_t panel = 0; panel < hg__pad(job->out) / HG__LANES; panel++)
            learn_group(job, x, k, inputs, panel);
    }
}
