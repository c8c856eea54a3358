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
                             .w = job->weight + panel * job->in * HG__LANES +
                                  part * VECTORS * VEC};
        for (size_t v = 0; v < VECTORS; v++) {
            o.d[v] = v_load(job->dy + at + v * VEC);
            v_store(job->y + at + v * VEC,
                    job->bias ? v_load(job->bias + at + v * VEC) : v_all(0));
        }
        pass_part(&o, job->in, job->y + at);
    }
}

/* ---- the last layer ---- */

/* One vector of outputs at column `at` (16 lanes: part `lane`). */
struct outputs {
    V y, d;
};

HG_INLINE struct outputs last_outputs(const struct hg__skinny_last *job, const float *w, size_t at,
                                      V *error)
{
    struct outputs o = {v_all(0), v_all(0)};
    size_t left = job->out - at;
    V target, e;

    if (job->bias)
        o.y = v_load(job->bias + at);
    for (size_t k = 0; k < job->in; k++)
        o.y = v_fma(v_all(job->x[k]), v_load(w + k * HG__LANES), o.y);
    if (at >= job->out)
        return o;
    target = left >= VEC ? v_load(job->target + at) : v_load_part(job->target + at, left);
    e = o.y - target;
    if (left < VEC) {
        V rest = v_all(0);
        v_store_part((float *)&rest, e, left);
        e = rest;
    }
    *error = v_fma(e, e, *error);
    o.d = e * v_all(job->scale);
    return o;
}

/* Adds to dx and error what one vector of outputs gives, and updates its weights. */
HG_INLINE void last_vector(const struct hg__skinny_last *job, size_t panel, size_t lane, float *dx,
                           float *error)
{
    const V rate = v_all(job->rate);
    size_t at = panel * HG__LANES + lane;
    float *w = job->weight + panel * job->in * HG__LANES + lane;
    V errors = v_load(error + lane);
    struct outputs o = last_outputs(job, w, at, &errors);

    v_store(error + lane, errors);
    for (size_t k = 0; k < job->in; k++) {
        V old = v_load(w + k * HG__LANES);
        float *back = dx + k * HG__LANES + lane;
        v_store(back, v_fma(o.d, old, v_load(back)));
        v_store(w + k * HG__LANES, v_fnma(rate, v_all(job->x[k]) * o.d, old));
    }
    if (job->bias)
        v_store(job->bias + at, v_fnma(rate, o.d, v_load(job->bias + at)));
}

static void last(const struct hg__skinny_last *job, size_t panel, size_t panel_end, float *dx,
                 float *error)
{
    memset(dx, 0, job->in * HG__LANES * sizeof *dx);
    memset(error, 0, HG__LANES * sizeof *error);
    for (size_t p = panel; p < panel_end; p++)
        for (size_t lane = 0; lane < HG__LANES; lane += VEC)
            last_vector(job, p, lane, dx, error);
}

const struct hg__skinny_kernels HG_ISA(hg__skinny_kernels) = {HG__CHUNK_FROM + 1, pass, last};
