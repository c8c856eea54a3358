/* tiny_isa_step.c - a whole training step of a tiny network.
 *
 * Vectors run over the samples: activations are [unit][sample], so small layers
 * waste nothing and one weight is one broadcast. Gradients are sums over samples
 * in 16 lanes (sample s in lane s mod 16), sixteen parameters reduced at a time.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_loss.h"
#include "engine/kernel_update.h"
#include "engine/tiny_take.h"

enum { TILE_UNITS = 4, TILE_VECTORS = 2 };

/* out[u] = start[u] + sum over k of w(u, k) in[k], for all samples. */
struct mix {
    const float *w, *start, *in;
    float *out;
    size_t unit_step, k_step; /* of w */
    size_t units, k, stride, samples;
};

HG_INLINE void mix_tile(const struct mix *mix, size_t unit, size_t sample, const size_t units,
                        const size_t vectors)
{
    V sum[TILE_UNITS][TILE_VECTORS];
    const float *w = mix->w + unit * mix->unit_step, *in = mix->in + sample;
    float *out = mix->out + unit * mix->stride + sample;

    HG_UNROLL(4)
    for (size_t u = 0; u < units; u++) {
        V start = v_all(mix->start ? mix->start[unit + u] : 0);
        HG_UNROLL(2)
        for (size_t v = 0; v < vectors; v++)
            sum[u][v] = start;
    }
    for (size_t k = 0; k < mix->k; k++) {
        HG_UNROLL(4)
        for (size_t u = 0; u < units; u++) {
            V c = v_all(w[u * mix->unit_step]);
            HG_UNROLL(2)
            for (size_t v = 0; v < vectors; v++)
                sum[u][v] = v_fma(c, v_load(in + v * VEC), sum[u][v]);
        }
        w += mix->k_step;
        in += mix->stride;
    }
    HG_UNROLL(4)
    for (size_t u = 0; u < units; u++) {
        HG_UNROLL(2)
        for (size_t v = 0; v < vectors; v++)
            v_store(out + u * mix->stride + v * VEC, sum[u][v]);
    }
}

HG_INLINE void mix_samples(const struct mix *mix, size_t unit, const size_t units)
{
    size_t s = 0;

    for (; s + TILE_VECTORS * VEC <= mix->samples; s += TILE_VECTORS * VEC)
        mix_tile(mix, unit, s, units, TILE_VECTORS);
    if (s < mix->samples)
        mix_tile(mix, unit, s, units, 1);
}

static void mix_run(const struct mix *mix)
{
    size_t unit = 0;

    for (; unit + TILE_UNITS <= mix->units; unit += TILE_UNITS)
        mix_samples(mix, unit, TILE_UNITS);
    switch (mix->units - unit) {
    case 3:
        mix_samples(mix, unit, 3);
        return;
    case 2:
        mix_samples(mix, unit, 2);
        return;
    case 1:
        mix_samples(mix, unit, 1);
        return;
    }
}

/* ---- loss ---- */

HG_INLINE double loss_units(enum kind kind, struct hg__tiny *tiny, size_t samples, float factor)
{
    const struct hg__tiny_stage *last = &tiny->stage[tiny->plan.layers - 1];
    const float *y = tiny->plan.logits ? last->z : last->y;
    const V scale = v_all(factor);
    struct lanes lanes;

    memset(&lanes, 0, sizeof lanes);
    for (size_t o = 0; o < last->out; o++)
        for (size_t s = 0; s < samples; s += HG__LANES)
            HG_UNROLL(4)
    for (size_t v = 0; v < LANE_VECTORS; v++) {
        size_t at = o * tiny->stride + s + v * VEC;
        V mask = v_load(tiny->mask + s + v * VEC), error = v_all(0);
        V g = loss_vector(kind, v_load(y + at), v_load(tiny->aim + at), &error);
        lanes.v[v] = v_fma(mask, error, lanes.v[v]);
        v_store(last->dy + at, g * scale * mask);
    }
    return (double)lanes_total(&lanes);
}

/* rmse: the root is of each sample. Returns the sum of the roots. */
static double loss_roots(struct hg__tiny *tiny, size_t samples, double m)
{
    const struct hg__tiny_stage *last = &tiny->stage[tiny->plan.layers - 1];
    const V n = v_all((float)last->out), nm = v_all((float)((double)last->out * m));
    const V zero = v_all(0);
    struct lanes lanes;

    memset(&lanes, 0, sizeof lanes);
    for (size_t s = 0; s < samples; s += VEC) {
        V sum = zero, root, factor, mask = v_load(tiny->mask + s);
        for (size_t o = 0; o < last->out; o++) {
            size_t at = o * tiny->stride + s;
            V e = v_load(last->y + at) - v_load(tiny->aim + at);
            sum = v_fma(e, e, sum);
        }
        root = v_sqrt(sum / n);
        factor = v_select(v_less(zero, root), mask / (root * nm), zero);
        lanes.v[s / VEC % LANE_VECTORS] += root * mask;
        for (size_t o = 0; o < last->out; o++) {
            size_t at = o * tiny->stride + s;
            v_store(last->dy + at, (v_load(last->y + at) - v_load(tiny->aim + at)) * factor);
        }
    }
    return (double)lanes_total(&lanes);
}

static double loss_run(struct hg__tiny *tiny, size_t up, size_t samples)
{
    double m = (double)samples, n = (double)tiny->stage[tiny->plan.layers - 1].out;

    switch (tiny->plan.loss) {
    case HG_LOSS_RMSE:
        return loss_roots(tiny, up, m) / m;
    case HG_LOSS_SSE:
        return loss_units(KIND_SQUARE, tiny, up, (float)(1 / m)) / (2 * m);
    case HG_LOSS_BCE:
        if (tiny->plan.logits)
            return loss_units(KIND_LOGITS, tiny, up, (float)(1 / (m * n))) / (m * n);
        return loss_units(KIND_ENTROPY, tiny, up, (float)(1 / (m * n))) / (m * n);
    case HG_LOSS_MSE:
    case HG_LOSS_COUNT:
        break;
    }
    return loss_units(KIND_SQUARE, tiny, up, (float)(2 / (m * n))) / (m * n);
}

/* ---- gradients ---- */

/* Sums of products over samples of GROUP parameters, each in its 16 lanes, and
 * the lanes of all in the tree of lanes_total at once: every stage packs two
 * vectors of partial sums into one. ORDER undoes the order that leaves them in. */
#if HG_VECTOR == 16
enum { GROUP = 16 };
static const int ORDER[GROUP] = {0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15};

HG_INLINE V group_total(V r[GROUP])
{
    HG_UNROLL(8)
    for (int i = 0; i < 8; i++)
        r[i] = (V)_mm512_shuffle_f32x4((__m512)r[i], (__m512)r[i + 8], 0x44) +
               (V)_mm512_shuffle_f32x4((__m512)r[i], (__m512)r[i + 8], 0xEE);
    HG_UNROLL(4)
    for (int i = 0; i < 4; i++)
        r[i] = (V)_mm512_shuffle_f32x4((__m512)r[i], (__m512)r[i + 4], 0x88) +
               (V)_mm512_shuffle_f32x4((__m512)r[i], (__m512)r[i + 4], 0xDD);
    HG_UNROLL(2)
    for (int i = 0; i < 2; i++)
        r[i] = (V)_mm512_shuffle_ps((__m512)r[i], (__m512)r[i + 2], 0x44) +
               (V)_mm512_shuffle_ps((__m512)r[i], (__m512)r[i + 2], 0xEE);
    return (V)_mm512_shuffle_ps((__m512)r[0], (__m512)r[1], 0x88) +
           (V)_mm512_shuffle_ps((__m512)r[0], (__m512)r[1], 0xDD);
}
#elif HG_VECTOR == 8
enum { GROUP = 8 };
static const int ORDER[GROUP] = {0, 2, 1, 3, 4, 6, 5, 7};

HG_INLINE V group_total(V r[GROUP])
{
    HG_UNROLL(4)
    for (int i = 0; i < 4; i++)
        r[i] = (V)_mm256_permute2f128_ps((__m256)r[i], (__m256)r[i + 4], 0x20) +
               (V)_mm256_permute2f128_ps((__m256)r[i], (__m256)r[i + 4], 0x31);
    HG_UNROLL(2)
    for (int i = 0; i < 2; i++)
        r[i] = (V)_mm256_shuffle_ps((__m256)r[i], (__m256)r[i + 2], 0x44) +
               (V)_mm256_shuffle_ps((__m256)r[i], (__m256)r[i + 2], 0xEE);
    return (V)_mm256_shuffle_ps((__m256)r[0], (__m256)r[1], 0x88) +
           (V)_mm256_shuffle_ps((__m256)r[0], (__m256)r[1], 0xDD);
}
#else
enum { GROUP = 4 };
static const int ORDER[GROUP] = {0, 1, 2, 3};

HG_INLINE V group_total(V r[GROUP])
{
    V t;
    for (int i = 0; i < GROUP; i++)
        t[i] = (r[i][0] + r[i][2]) + (r[i][1] + r[i][3]);
    return t;
}
#endif

/* One of the LANE_VECTORS parts of the lanes of GROUP parameters from k on. */
HG_INLINE void group_products(const struct hg__tiny *tiny, size_t k, size_t part, size_t samples,
                              V r[GROUP])
{
    HG_UNROLL(16)
    for (size_t p = 0; p < GROUP; p++)
        r[p] = v_all(0);
    for (size_t s = part * VEC; s < samples; s += HG__LANES) {
        HG_UNROLL(16)
        for (size_t p = 0; p < GROUP; p++) {
            V *sum = &r[ORDER[p]];
            *sum = v_fma(v_load(tiny->left[k + p] + s), v_load(tiny->right[k + p] + s), *sum);
        }
    }
}

static V group_sum(const struct hg__tiny *tiny, size_t k, size_t samples)
{
    V part[LANE_VECTORS][GROUP];

    HG_UNROLL(4)
    for (size_t i = 0; i < LANE_VECTORS; i++)
        group_products(tiny, k, i, samples, part[i]);
    HG_UNROLL(4)
    for (size_t apart = LANE_VECTORS / 2; apart > 0; apart /= 2)
        for (size_t i = 0; i < apart; i++)
            for (size_t p = 0; p < GROUP; p++)
                part[i][p] += part[i + apart][p];
    return group_total(part[0]);
}

static void gradients(struct hg__tiny *tiny, size_t samples)
{
    for (size_t k = 0; k < tiny->parameters; k += GROUP)
        v_store(tiny->gradient + k, group_sum(tiny, k, samples));
}

/* ---- the step ---- */

static void forward(struct hg__tiny *tiny, size_t samples)
{
    const float *x = tiny->x;

    for (size_t l = 0; l < tiny->plan.layers; l++) {
        const struct hg__tiny_stage *stage = &tiny->stage[l];
        bool biased = tiny->layer[l].bias.value != NULL;
        const struct mix mix = {.w = tiny->value + stage->weight,
                                .start = biased ? tiny->value + stage->bias : NULL,
                                .in = x,
                                .out = stage->z,
                                .unit_step = stage->in,
                                .k_step = 1,
                                .units = stage->out,
                                .k = stage->in,
                                .stride = tiny->stride,
                                .samples = samples};
        mix_run(&mix);
        x = stage->y;
        if (stage->activation == HG_LINEAR || (tiny->plan.logits && l + 1 == tiny->plan.layers))
            continue;
        if (samples == tiny->stride) {
            HG_ISA(hg__activate)
            (stage->activation, stage->slope, stage->z, stage->y, stage->out * samples);
            continue;
        }
        for (size_t o = 0; o < stage->out; o++)
            HG_ISA(hg__activate)
        (stage->activation, stage->slope, stage->z + o * tiny->stride, stage->y + o * tiny->stride,
         samples);
    }
}

/* dy becomes the gradient before the activation. */
static void through_activation(const struct hg__tiny *tiny, const struct hg__tiny_stage *stage,
                               size_t samples)
{
    bool input = hg__activation_keeps_input(stage->activation, stage->slope);
    const float *kept = input ? stage->z : stage->y;

    if (stage->activation == HG_LINEAR)
        return;
    if (samples == tiny->stride) {
        HG_ISA(hg__activate_back)
        (stage->activation, stage->slope, kept, stage->dy, stage->dy, stage->out * samples);
        return;
    }
    for (size_t o = 0; o < stage->out; o++) {
        size_t at = o * tiny->stride;
        HG_ISA(hg__activate_back)
        (stage->activation, stage->slope, kept + at, stage->dy + at, stage->dy + at, samples);
    }
}

static void backward(struct hg__tiny *tiny, size_t samples)
{
    for (size_t l = tiny->plan.layers; l-- > 0;) {
        const struct hg__tiny_stage *stage = &tiny->stage[l];

        if (!(tiny->plan.logits && l + 1 == tiny->plan.layers))
            through_activation(tiny, stage, samples);
        if (l == 0)
            return;
        const struct mix mix = {.w = tiny->value + stage->weight,
                                .in = stage->dy,
                                .out = tiny->stage[l - 1].dy,
                                .unit_step = 1,
                                .k_step = stage->in,
                                .units = stage->in,
                                .k = stage->out,
                                .stride = tiny->stride,
                                .samples = samples};
        mix_run(&mix);
    }
}

static void update(struct hg__tiny *tiny, size_t from, size_t count, const struct hg__rule *rule)
{
    const struct hg__parameters p = {tiny->value + from, tiny->gradient + from, tiny->first + from,
                                     tiny->second + from};
    update_run(rule, &p, count);
}

static double step(struct hg__tiny *tiny, const struct hg__tiny_batch *batch,
                   const struct hg__rule *weights, const struct hg__rule *biases)
{
    const struct hg__tiny_plan *plan = &tiny->plan;
    size_t n = plan->layer[0].in, samples = open_batch(tiny, batch->samples);
    double loss;

    take(batch->input, n, batch->samples, tiny->x, tiny->stride);
    center_input(tiny, samples);
    tiny->aim = tiny->x;
    if (batch->target != batch->input || plan->center) {
        take(batch->target, plan->layer[plan->layers - 1].out, batch->samples, tiny->target,
             tiny->stride);
        tiny->aim = tiny->target;
    }
    forward(tiny, samples);
    loss = loss_run(tiny, samples, batch->samples);
    backward(tiny, samples);
    gradients(tiny, samples);
    update(tiny, 0, tiny->biases, weights);
    update(tiny, tiny->biases, tiny->parameters - tiny->biases, biases);
    return loss;
}

const struct hg__tiny_kernels HG_ISA(hg__tiny_kernels) = {step};
