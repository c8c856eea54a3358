/* skinny_isa_last.c - forward, loss, backward and update of a wide, shallow last layer.
 *
 * A few panels at a time, while their weights and the gradients of their outputs
 * are in the first cache: each number of the weight is fetched once a step.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_loss.h"
#include "engine/kernel_update.h"
#include "engine/skinny.h"

void HG_ISA(hg__skinny_last)(const struct hg__skinny_last *job, size_t panel, size_t panel_end,
                             float *dx, float *errors);

/* Tiles: samples in forward; samples by inputs in backward; weights of the gradient. */
#if HG_VECTOR == 16
enum { FORWARD = 9, BACK = 5, BACK_INPUTS = 4, GROUP = 16 };
#else
enum { FORWARD = 9, BACK = 4, BACK_INPUTS = 2, GROUP = 8 };
#endif

enum { BLOCK = 8, INPUTS = HG__SKINNY_LAST };

/* Gradients of the outputs of a block of panels: [panel][sample][16]. */
struct block {
    float dy[BLOCK][HG__SKINNY_SAMPLES][HG__LANES] __attribute__((aligned(64)));
};

/* ---- forward and loss ---- */

/* One vector of `samples` samples, at column `at` of the outputs. */
HG_INLINE void products(const struct hg__skinny_last *job, const float *w, size_t at, size_t sample,
                        V y[FORWARD], const size_t samples)
{
    const float *x = job->x + sample * job->x_stride;
    V start = job->bias.value ? v_load(job->bias.value + at) : v_all(0);

    HG_UNROLL(9)
    for (size_t s = 0; s < samples; s++)
        y[s] = start;
    for (size_t k = 0; k < job->in; k++) {
        V a = v_load(w + k * HG__LANES);
        HG_UNROLL(9)
        for (size_t s = 0; s < samples; s++)
            y[s] = v_fma(v_all(x[s * job->x_stride + k]), a, y[s]);
    }
}

/* The loss of one vector; outputs that do not exist (n < VEC are left) count nothing. */
HG_INLINE V compare(enum kind kind, const struct hg__skinny_last *job, size_t sample, size_t at,
                    V y, float *errors)
{
    const float *target = job->target + sample * job->target_stride + at;
    size_t left = at < job->out ? job->out - at : 0;
    V error = v_all(0), d;

    if (left >= VEC) {
        d = loss_vector(kind, y, v_load(target), &error);
    } else {
        float rest[2][VEC] = {{0}, {0}};
        d = loss_vector(kind, y, v_load_part(target, left), &error);
        v_store_part(rest[0], d, left);
        v_store_part(rest[1], error, left);
        d = v_load(rest[0]);
        error = v_load(rest[1]);
    }
    v_store(errors, v_load(errors) + error);
    return d * v_all(job->scale);
}

HG_INLINE void forward_tile(enum kind kind, const struct hg__skinny_last *job, size_t panel,
                            size_t lane, size_t sample, float dy[][HG__LANES], float *errors,
                            const size_t samples)
{
    const float *w = job->weight.value + panel * job->in * HG__LANES + lane;
    size_t at = panel * HG__LANES + lane;
    V y[FORWARD];

    products(job, w, at, sample, y, samples);
    HG_UNROLL(9)
    for (size_t s = 0; s < samples; s++) {
        float *sums = errors + (sample + s) * HG__LANES + lane;
        v_store(&dy[sample + s][lane], compare(kind, job, sample + s, at, y[s], sums));
    }
}

#define FORWARD_CASE(n)                                         \
    case n:                                                     \
        forward_tile(kind, job, panel, lane, s, dy, errors, n); \
        break

/* Samples dealt evenly to as few tiles as hold them. */
HG_INLINE void forward_lanes(enum kind kind, const struct hg__skinny_last *job, size_t panel,
                             size_t lane, float dy[][HG__LANES], float *errors)
{
    size_t tiles = (job->samples + FORWARD - 1) / FORWARD;

    for (size_t i = 0, s = 0, next; i < tiles; i++, s = next) {
        next = job->samples * (i + 1) / tiles;
        switch (next - s) {
            FORWARD_CASE(1);
            FORWARD_CASE(2);
            FORWARD_CASE(3);
            FORWARD_CASE(4);
            FORWARD_CASE(5);
            FORWARD_CASE(6);
            FORWARD_CASE(7);
            FORWARD_CASE(8);
            FORWARD_CASE(9);
        }
    }
}

static void forward_panel(const struct hg__skinny_last *job, size_t panel, float dy[][HG__LANES],
                          float *errors)
{
    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        if (job->loss != HG_LOSS_BCE)
            forward_lanes(KIND_SQUARE, job, panel, lane, dy, errors);
        else if (job->logits)
            forward_lanes(KIND_LOGITS, job, panel, lane, dy, errors);
        else
            forward_lanes(KIND_ENTROPY, job, panel, lane, dy, errors);
    }
}

/* ---- backward ---- */

HG_INLINE void back_tile(const struct hg__skinny_last *job, const struct block *block,
                         const float *w, size_t panels, float *dx, size_t sample, size_t input,
                         const size_t samples, const size_t inputs)
{
    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        V sum[BACK][BACK_INPUTS];
        float *at = dx + (sample * job->in + input) * HG__LANES + lane;

        HG_UNROLL(5)
        for (size_t s = 0; s < samples; s++)
            HG_UNROLL(4)
        for (size_t k = 0; k < inputs; k++)
            sum[s][k] = v_load(at + (s * job->in + k) * HG__LANES);
        for (size_t p = 0; p < panels; p++) {
            const float *row = w + (p * job->in + input) * HG__LANES + lane;
            V b[BACK_INPUTS];
            HG_UNROLL(4)
            for (size_t k = 0; k < inputs; k++)
                b[k] = v_load(row + k * HG__LANES);
            HG_UNROLL(5)
            for (size_t s = 0; s < samples; s++) {
                V d = v_load(&block->dy[p][sample + s][lane]);
                HG_UNROLL(4)
                for (size_t k = 0; k < inputs; k++)
                    sum[s][k] = v_fma(d, b[k], sum[s][k]);
            }
        }
        HG_UNROLL(5)
        for (size_t s = 0; s < samples; s++)
            HG_UNROLL(4)
        for (size_t k = 0; k < inputs; k++)
            v_store(at + (s * job->in + k) * HG__LANES, sum[s][k]);
    }
}

HG_INLINE void back_samples(const struct hg__skinny_last *job, const struct block *block,
                            const float *w, size_t panels, float *dx, size_t sample,
                            const size_t samples)
{
    size_t k = 0;

    for (; k + BACK_INPUTS <= job->in; k += BACK_INPUTS)
        back_tile(job, block, w, panels, dx, sample, k, samples, BACK_INPUTS);
    for (; k < job->in; k++)
        back_tile(job, block, w, panels, dx, sample, k, samples, 1);
}

#define BACK_CASE(n)                                   \
    case n:                                            \
        back_samples(job, block, w, panels, dx, s, n); \
        break

static void back_block(const struct hg__skinny_last *job, const struct block *block, size_t panel,
                       size_t panels, float *dx)
{
    const float *w = job->weight.value + panel * job->in * HG__LANES;
    size_t tiles = (job->samples + BACK - 1) / BACK;

    for (size_t i = 0, s = 0, next; i < tiles; i++, s = next) {
        next = job->samples * (i + 1) / tiles;
        switch (next - s) {
            BACK_CASE(1);
            BACK_CASE(2);
            BACK_CASE(3);
            BACK_CASE(4);
#if HG_VECTOR == 16
            BACK_CASE(5);
#endif
        }
    }
}

/* ---- update ---- */

/* Gradients of `inputs` weights from input k on, one vector of outputs. */
HG_INLINE void gradient_tile(const struct hg__skinny_last *job, const float dy[][HG__LANES],
                             size_t lane, size_t k, float *out, const size_t inputs)
{
    V sum[GROUP];
    const float *x = job->x + k;

    HG_UNROLL(16)
    for (size_t i = 0; i < inputs; i++)
        sum[i] = v_all(0);
    for (size_t s = 0; s < job->samples; s++) {
        V d = v_load(&dy[s][lane]);
        HG_UNROLL(16)
        for (size_t i = 0; i < inputs; i++)
            sum[i] = v_fma(v_all(x[s * job->x_stride + i]), d, sum[i]);
    }
    HG_UNROLL(16)
    for (size_t i = 0; i < inputs; i++)
        v_store(out + (k + i) * HG__LANES + lane, sum[i]);
}

static struct hg__parameters at_offset(const struct hg__parameters *all, const float *gradient,
                                       size_t at)
{
    return (struct hg__parameters){all->value + at, gradient, all->first ? all->first + at : NULL,
                                   all->second ? all->second + at : NULL};
}

static void update_panel(const struct hg__skinny_last *job, const float dy[][HG__LANES],
                         size_t panel)
{
    float gradient[INPUTS * HG__LANES] __attribute__((aligned(64)));
    struct hg__parameters p;

    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        size_t k = 0;
        for (; k + GROUP <= job->in; k += GROUP)
            gradient_tile(job, dy, lane, k, gradient, GROUP);
        for (; k + 4 <= job->in; k += 4)
            gradient_tile(job, dy, lane, k, gradient, 4);
        for (; k < job->in; k++)
            gradient_tile(job, dy, lane, k, gradient, 1);
    }
    p = at_offset(&job->weight, gradient, panel * job->in * HG__LANES);
    update_run(job->weights, &p, job->in * HG__LANES);
    if (!job->bias.value)
        return;
    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        V sum = v_all(0);
        for (size_t s = 0; s < job->samples; s++)
            sum += v_load(&dy[s][lane]);
        v_store(gradient + lane, sum);
    }
    p = at_offset(&job->bias, gradient, panel * HG__LANES);
    update_run(job->biases, &p, HG__LANES);
}

void HG_ISA(hg__skinny_last)(const struct hg__skinny_last *job, size_t panel, size_t panel_end,
                             float *dx, float *errors)
{
    struct block block;

    memset(dx, 0, job->samples * job->in * HG__LANES * sizeof *dx);
    memset(errors, 0, job->samples * HG__LANES * sizeof *errors);
    for (size_t p = panel; p < panel_end; p += BLOCK) {
        size_t panels = panel_end - p < BLOCK ? panel_end - p : BLOCK;
        for (size_t i = 0; i < panels; i++)
            forward_panel(job, p + i, block.dy[i], errors);
        back_block(job, &block, p, panels, dx);
        for (size_t i = 0; i < panels; i++)
            update_panel(job, block.dy[i], p + i);
    }
}
