/* skinny_isa_last.c - forward, loss, backward and update of a wide, shallow last layer.
 *
 * A few panels at a time, while their weights and the gradients of their outputs
 * are in the first cache: each number of the weight is fetched once a step.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_loss.h"
#include "engine/kernel_transpose.h"
#include "engine/kernel_update.h"
#include "engine/skinny.h"

void HG_ISA(hg__skinny_last)(const struct hg__skinny_last *job, const struct hg__stretch *part,
                             float *dx, float *errors);

/* Tiles: samples in forward; samples by inputs in backward; weights of the gradient. */
#if HG_VECTOR == 16
enum { FORWARD = 9, BACK = 5, BACK_INPUTS = 4, GROUP = 16 };
#else
enum { FORWARD = 5, BACK = 4, BACK_INPUTS = 2, GROUP = 8 };
#endif

enum { BLOCK = 8, PAIR = 2, INPUTS = HG__SKINNY_LAST, SAMPLES = HG__SKINNY_SAMPLES };

/* Gradients of the outputs of a block of panels, and this thread's sums in lanes. */
struct block {
    float dy[BLOCK][SAMPLES][HG__LANES] __attribute__((aligned(64)));
    float dx[SAMPLES][INPUTS][HG__LANES], errors[SAMPLES][HG__LANES];
};

/* Where in it: the block's panels, one lane vector of them, samples from `sample` on. */
struct tile {
    struct block *block;
    size_t panel, panels, lane, sample;
};

/* ---- forward and loss ---- */

/* One vector of each of `panels` panels from column `at` of the outputs on. */
HG_INLINE void products(const struct hg__skinny_last *job, const float *w, size_t at, size_t sample,
                        V y[PAIR][FORWARD], const size_t panels, const size_t samples)
{
    const float *x = job->x + sample * job->x_stride;

    HG_UNROLL(2)
    for (size_t p = 0; p < panels; p++) {
        V start = job->bias.value ? v_load(job->bias.value + at + p * HG__LANES) : v_all(0);
        HG_UNROLL(9)
        for (size_t s = 0; s < samples; s++)
            y[p][s] = start;
    }
    for (size_t k = 0; k < job->in; k++) {
        V a[PAIR];
        HG_UNROLL(2)
        for (size_t p = 0; p < panels; p++)
            a[p] = v_load(w + (p * job->in + k) * HG__LANES);
        HG_UNROLL(9)
        for (size_t s = 0; s < samples; s++) {
            V c = v_all(x[s * job->x_stride + k]);
            HG_UNROLL(2)
            for (size_t p = 0; p < panels; p++)
                y[p][s] = v_fma(c, a[p], y[p][s]);
        }
    }
}

/* One lane vector of `panels` panels from `panel` on of the block. */
HG_INLINE void forward_panels(const struct hg__skinny_last *job, const struct tile *t, size_t panel,
                              const size_t panels, const size_t samples)
{
    const float *w = job->weight.value + (t->panel + panel) * job->in * HG__LANES + t->lane;
    size_t at = (t->panel + panel) * HG__LANES + t->lane;
    V y[PAIR][FORWARD];

    products(job, w, at, t->sample, y, panels, samples);
    HG_UNROLL(2)
    for (size_t p = 0; p < panels; p++)
        HG_UNROLL(9)
    for (size_t s = 0; s < samples; s++)
        v_store(&t->block->dy[panel + p][t->sample + s][t->lane], y[p][s]);
}

HG_INLINE void forward_tile(const struct hg__skinny_last *job, const struct tile *t,
                            const size_t samples)
{
    size_t p = 0;

    for (; p + PAIR <= t->panels; p += PAIR)
        forward_panels(job, t, p, PAIR, samples);
    for (; p < t->panels; p++)
        forward_panels(job, t, p, 1, samples);
}

#define FORWARD_CASE(n)           \
    case n:                       \
        forward_tile(job, &t, n); \
        break

/* Samples dealt evenly to as few tiles as hold them. */
static void forward_lanes(const struct hg__skinny_last *job, const struct hg__stretch *part,
                          size_t lane, struct block *block)
{
    struct tile t = {block, part->begin, part->end - part->begin, lane, 0};
    size_t tiles = (job->samples + FORWARD - 1) / FORWARD;

    for (size_t i = 0, next; i < tiles; i++, t.sample = next) {
        next = job->samples * (i + 1) / tiles;
        switch (next - t.sample) {
            FORWARD_CASE(1);
            FORWARD_CASE(2);
            FORWARD_CASE(3);
            FORWARD_CASE(4);
            FORWARD_CASE(5);
#if HG_VECTOR == 16
            FORWARD_CASE(6);
            FORWARD_CASE(7);
            FORWARD_CASE(8);
            FORWARD_CASE(9);
#endif
        }
    }
}

/* y becomes dy for one sample; outputs that do not exist count nothing. */
HG_INLINE void compare(enum kind kind, const struct hg__skinny_last *job,
                       const struct hg__stretch *part, struct block *block, size_t sample)
{
    const float *target = job->target + sample * job->target_stride;

    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        V errors = v_load(&block->errors[sample][lane]), scale = v_all(job->scale);
        for (size_t p = part->begin; p < part->end; p++) {
            size_t at = p * HG__LANES + lane, left = at < job->out ? job->out - at : 0;
            float *y = &block->dy[p - part->begin][sample][lane], rest[2][VEC] = {{0}, {0}};
            V error = v_all(0), d;
            if (left >= VEC) {
                d = loss_vector(kind, v_load(y), v_load(target + at), &errors);
                v_store(y, d * scale);
                continue;
            }
            d = loss_vector(kind, v_load(y), v_load_part(target + at, left), &error);
            v_store_part(rest[0], d * scale, left);
            v_store_part(rest[1], error, left);
            v_store(y, v_load(rest[0]));
            errors += v_load(rest[1]);
        }
        v_store(&block->errors[sample][lane], errors);
    }
}

static void forward_block(const struct hg__skinny_last *job, const struct hg__stretch *part,
                          struct block *block)
{
    for (size_t lane = 0; lane < HG__LANES; lane += VEC)
        forward_lanes(job, part, lane, block);
    for (size_t s = 0; s < job->samples; s++) {
        if (job->loss != HG_LOSS_BCE)
            compare(KIND_SQUARE, job, part, block, s);
        else if (job->logits)
            compare(KIND_LOGITS, job, part, block, s);
        else
            compare(KIND_ENTROPY, job, part, block, s);
    }
}

/* ---- backward ---- */

HG_INLINE void back_tile(const struct hg__skinny_last *job, struct block *block, const float *w,
                         size_t panels, size_t sample, size_t input, const size_t samples,
                         const size_t inputs)
{
    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        V sum[BACK][BACK_INPUTS];

        HG_UNROLL(5)
        for (size_t s = 0; s < samples; s++)
            HG_UNROLL(4)
        for (size_t k = 0; k < inputs; k++)
            sum[s][k] = v_load(&block->dx[sample + s][input + k][lane]);
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
            v_store(&block->dx[sample + s][input + k][lane], sum[s][k]);
    }
}

HG_INLINE void back_samples(const struct hg__skinny_last *job, struct block *block, const float *w,
                            size_t panels, size_t sample, const size_t samples)
{
    size_t k = 0;

    for (; k + BACK_INPUTS <= job->in; k += BACK_INPUTS)
        back_tile(job, block, w, panels, sample, k, samples, BACK_INPUTS);
    for (; k < job->in; k++)
        back_tile(job, block, w, panels, sample, k, samples, 1);
}

#define BACK_CASE(n)                               \
    case n:                                        \
        back_samples(job, block, w, panels, s, n); \
        break

static void back_block(const struct hg__skinny_last *job, struct block *block,
                       const struct hg__stretch *part)
{
    const float *w = job->weight.value + part->begin * job->in * HG__LANES;
    size_t tiles = (job->samples + BACK - 1) / BACK, panels = part->end - part->begin;

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

/* Gradients of `inputs` weights from input k on, one vector of outputs: to `out`,
 * or with `descend` (plain SGD) rate times them is subtracted from what is there.
 * Returns the sum of dy. */
HG_INLINE V gradient_tile(const struct hg__skinny_last *job, const float *dy, size_t k, float *out,
                          const bool descend, const size_t inputs)
{
    V sum[GROUP], rate = v_all(descend ? job->weights->rate : 0), all = v_all(0);
    const float *x = job->x + k;

    HG_UNROLL(16)
    for (size_t i = 0; i < inputs; i++)
        sum[i] = v_all(0);
    for (size_t s = 0; s < job->samples; s++) {
        V d = v_load(dy + s * HG__LANES);
        all += d;
        HG_UNROLL(16)
        for (size_t i = 0; i < inputs; i++)
            sum[i] = v_fma(v_all(x[s * job->x_stride + i]), d, sum[i]);
    }
    HG_UNROLL(16)
    for (size_t i = 0; i < inputs; i++) {
        float *at = out + (k + i) * HG__LANES;
        v_store(at, descend ? v_fnma(rate, sum[i], v_load(at)) : sum[i]);
    }
    return all;
}

/* One lane vector of a panel; `bias` gets the sum of dy. */
HG_INLINE void gradient_lane(const struct hg__skinny_last *job, const float *dy, float *out,
                             float *bias, const bool descend)
{
    V all = v_all(0);
    size_t k = 0;

    for (; k + GROUP <= job->in; k += GROUP)
        all = gradient_tile(job, dy, k, out, descend, GROUP);
    for (; k + 4 <= job->in; k += 4)
        all = gradient_tile(job, dy, k, out, descend, 4);
    for (; k < job->in; k++)
        all = gradient_tile(job, dy, k, out, descend, 1);
    v_store(bias, all);
}

static struct hg__parameters at_offset(const struct hg__parameters *all, const float *gradient,
                                       size_t at)
{
    return (struct hg__parameters){all->value + at, gradient, all->first ? all->first + at : NULL,
                                   all->second ? all->second + at : NULL};
}

static void update_panel(const struct hg__skinny_last *job, const float *dy, size_t panel)
{
    float gradient[INPUTS * HG__LANES] __attribute__((aligned(64)));
    float bias[HG__LANES] __attribute__((aligned(64)));
    struct hg__parameters p = at_offset(&job->weight, gradient, panel * job->in * HG__LANES);
    bool descend = job->weights->optimizer == HG_SGD && rule_is_plain(job->weights);

    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        if (descend)
            gradient_lane(job, dy + lane, p.value + lane, bias + lane, true);
        else
            gradient_lane(job, dy + lane, gradient + lane, bias + lane, false);
    }
    if (!descend)
        update_run(job->weights, &p, job->in * HG__LANES);
    if (job->bias.value) {
        p = at_offset(&job->bias, bias, panel * HG__LANES);
        update_run(job->biases, &p, HG__LANES);
    }
}

/* ---- all of it ---- */

/* Sums in lanes become numbers, in the tree of lanes_total: dx[samples][INPUTS]. */
static void total_up(const struct block *block, size_t samples, float *dx, float *errors)
{
    for (size_t s = 0; s < samples; s++) {
        float turned[HG__LANES][INPUTS] __attribute__((aligned(64)));
        struct lanes lanes;

        block_transpose(block->dx[s][0], HG__LANES, turned[0], INPUTS);
        for (size_t apart = HG__LANES / 2; apart > 0; apart /= 2)
            for (size_t i = 0; i < apart; i++)
                for (size_t k = 0; k < INPUTS; k += VEC)
                    v_store(&turned[i][k], v_load(&turned[i][k]) + v_load(&turned[i + apart][k]));
        memcpy(dx + s * INPUTS, turned[0], sizeof turned[0]);
        memcpy(&lanes, block->errors[s], sizeof lanes);
        errors[s] = lanes_total(&lanes);
    }
}

void HG_ISA(hg__skinny_last)(const struct hg__skinny_last *job, const struct hg__stretch *part,
                             float *dx, float *errors)
{
    struct block block;

    memset(block.dx, 0, job->samples * sizeof block.dx[0]);
    memset(block.errors, 0, job->samples * sizeof block.errors[0]);
    for (size_t p = part->begin; p < part->end; p += BLOCK) {
        const struct hg__stretch some = {p, p + BLOCK < part->end ? p + BLOCK : part->end};
        forward_block(job, &some, &block);
        back_block(job, &block, &some);
        for (size_t i = p; i < some.end; i++)
            update_panel(job, block.dy[i - p][0], i);
    }
    total_up(&block, job->samples, dx, errors);
}
