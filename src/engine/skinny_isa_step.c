/* skinny_isa_step.c - passes over large thin weights that do several things at once.
 *
 * A weight that does not fit the first cache costs what it weighs, however much
 * is done with it on the way. Sums are those of kernel_isa_dense.c (chunks of
 * HG__CHUNK, each an ascending chain, added in order), so that doing an update
 * late changes no bit.
 */
#include "engine/kernel_isa.h"
#include "engine/skinny.h"

/* Chunks side by side, and vectors of each. */
enum { WIDE = VEC == 16 ? 8 : 4, PARTS = VEC == 4 ? 2 : 1, VECTORS = HG__LANES / VEC / PARTS };

void HG_ISA(hg__skinny_last)(const struct hg__skinny_last *job, size_t panel, size_t panel_end,
                             float *dx, float *errors);

struct operands {
    const float *x_before, *x;
    V d[VECTORS], rate;
    float *w;
};

/* Updates weight row k and returns what it adds to the sum. */
HG_INLINE void meet(const struct operands *o, size_t k, V sum[VECTORS])
{
    V before = v_all(o->x_before[k]), now = v_all(o->x[k]), zero = v_all(0);

    HG_UNROLL(2)
    for (size_t v = 0; v < VECTORS; v++) {
        float *at = o->w + k * HG__LANES + v * VEC;
        V w = v_fnma(o->rate, v_fma(before, o->d[v], zero), v_load(at));
        v_store(at, w);
        sum[v] = v_fma(now, w, sum[v]);
    }
}

HG_INLINE void add_sum(float *y, V sum[VECTORS])
{
    for (size_t v = 0; v < VECTORS; v++)
        v_store(y + v * VEC, v_load(y + v * VEC) + sum[v]);
}

static void pass_part(const struct operands *o, size_t in, float *y)
{
    size_t k = 0;

    for (; k + WIDE * HG__CHUNK <= in; k += WIDE * HG__CHUNK) {
        V sum[WIDE][VECTORS];
        memset(sum, 0, sizeof sum);
        for (size_t i = k; i < k + HG__CHUNK; i++) {
            HG_UNROLL(8)
            for (size_t c = 0; c < WIDE; c++)
                meet(o, c * HG__CHUNK + i, sum[c]);
        }
        for (size_t c = 0; c < WIDE; c++)
            add_sum(y, sum[c]);
    }
    for (; k < in; k += HG__CHUNK) {
        size_t end = k + HG__CHUNK < in ? k + HG__CHUNK : in;
        V sum[VECTORS];
        memset(sum, 0, sizeof sum);
        for (size_t i = k; i < end; i++)
            meet(o, i, sum);
        add_sum(y, sum);
    }
}

static void pass(const struct hg__skinny_pass *job, size_t panel)
{
    for (size_t part = 0; part < PARTS; part++) {
        size_t at = panel * HG__LANES + part * VECTORS * VEC;
        struct operands o = {.x_before = job->x_before,
                             .x = job->x,
                             .rate = v_all(job->rate),
                             .w = job->weight + panel * job->in * HG__LANES + part * VECTORS * VEC};
        for (size_t v = 0; v < VECTORS; v++) {
            o.d[v] = v_load(job->dy + at + v * VEC);
            v_store(job->y + at + v * VEC, job->bias ? v_load(job->bias + at + v * VEC) : v_all(0));
        }
        pass_part(&o, job->in, job->y + at);
    }
}

static void gather(float *sums, size_t shards, size_t apart, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lanes lanes;
        memcpy(&lanes, sums + i * HG__LANES, sizeof lanes);
        for (size_t s = 1; s < shards; s++) {
            const float *more = sums + s * apart + i * HG__LANES;
            HG_UNROLL(4)
            for (size_t v = 0; v < LANE_VECTORS; v++)
                lanes.v[v] += v_load(more + v * VEC);
        }
        sums[i] = lanes_total(&lanes);
    }
}

const struct hg__skinny_kernels HG_ISA(hg__skinny_kernels) = {HG__CHUNK_FROM + 1, pass,
                                                              HG_ISA(hg__skinny_last), gather};
