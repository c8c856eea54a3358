/* norm_map.c - batch norm over the channels of maps, as PyTorch's BatchNorm2d: epsilon 1e-5,
 * momentum 0.1, biased variance to normalise, unbiased for the running estimate.
 *
 * Each sample gives its sums about its own first pixel, so that nothing cancels; they are put
 * together in double (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for
 * computing sample variances", 1979). A max pool above is taken first, of the numbers before
 * the norm: as the norm is monotone in each channel, rising or falling with its weight's sign, the
 * choice is the same, and the norm has fewer numbers to work on. */
#include "engine/stack.h"

#include <math.h>
#include <string.h>

#define EPSILON  1e-5
#define MOMENTUM 0.1

enum { SUMS = 3 };

/* Parts of stage->factors. */
struct factors {
    float *mean, *a, *b, *k1, *k2;
};

static struct factors factors_of(const struct hg__stage *stage)
{
    size_t pixel = stage->to.pixel;
    float *at = stage->factors;

    return (struct factors){at, at + pixel, at + 2 * pixel, at + 3 * pixel, at + 4 * pixel};
}

bool hg__norm_rides(const struct hg__walk *walk, size_t index)
{
    return walk->keeps && index < walk->stages && walk->stage[index].ops == &hg__norm_stage &&
           walk->stage[index - 1].ops == &hg__conv_stage &&
           hg__activation_rides(hg__stage_fused(walk->model, &walk->stage[index - 1]).activation);
}

float *hg__norm_sample_sums(const struct hg__walk *walk, size_t index)
{
    return walk->stage[index].sums + walk->sample * SUMS * walk->stage[index].to.pixel;
}

void hg__norm_measure(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    float *sums = hg__norm_sample_sums(walk, index);
    size_t pixel = stage->to.pixel;

    if (!hg__norm_rides(walk, index))
        walk->model->kernels->maps->stats(&stage->wide, hg__walk_x(walk, index), sums, sums + pixel,
                                          sums + 2 * pixel);
}

/* ---- between segments ---- */

/* Channels that go through the sums of the samples together: a cache line of each. */
enum { GROUP = HG__LANES };

struct moments {
    double mean[GROUP], variance[GROUP];
};

/* Mean and variance of a group of channels from `c` on over the batch, from the samples' sums. */
static void combine(const struct hg__stage *stage, size_t samples, size_t c, struct moments *m)
{
    size_t pixel = stage->to.pixel;
    double pixels = (double)(stage->wide.rows * stage->wide.columns);
    const float *sums = stage->sums + c;

    memset(m, 0, sizeof *m);
    for (size_t s = 0; s < samples; s++, sums += SUMS * pixel)
        for (size_t i = 0; i < GROUP; i++)
            m->mean[i] += (double)sums[i] + (double)sums[pixel + i] / pixels;
    for (size_t i = 0; i < GROUP; i++)
        m->mean[i] /= (double)samples;
    sums = stage->sums + c;
    for (size_t s = 0; s < samples; s++, sums += SUMS * pixel)
        for (size_t i = 0; i < GROUP; i++) {
            double away = (double)sums[pixel + i] / pixels;
            double off = (double)sums[i] + away - m->mean[i];
            double own = (double)sums[2 * pixel + i] - pixels * away * away;
            m->variance[i] += (own > 0 ? own : 0) + pixels * off * off;
        }
    for (size_t i = 0; i < GROUP; i++)
        m->variance[i] /= pixels * (double)samples;
}

static void count_in(struct hg_model *model, const struct hg__slot *slot, size_t c, double mean,
                     double variance)
{
    float *running = model->running;

    running[slot->mean + c] += (float)(MOMENTUM * (mean - (double)running[slot->mean + c]));
    running[slot->variance + c] += (float)(MOMENTUM *
                                           (variance - (double)running[slot->variance + c]));
}

/* One channel's numbers for this pass. */
static void set_channel(struct hg_model *model, const struct hg__stage *stage, size_t c,
                        double mean, double variance)
{
    const struct hg__slot *slot = &model->slot[stage->layer];
    struct factors f = factors_of(stage);
    double scale = 1 / sqrt(variance + EPSILON);

    model->seen[slot->mean + c] = f.mean[c] = (float)mean;
    model->seen[slot->variance + c] = (float)scale;
    f.a[c] = (float)(scale * (double)model->values[slot->weight + c]);
    f.b[c] = slot->bias == HG__NOWHERE ? 0 : model->values[slot->bias + c];
}

void hg__norm_settle(struct hg_model *model, const struct hg__pass *pass,
                     const struct hg__stage *stage)
{
    const struct hg__slot *slot = &model->slot[stage->layer];
    const float *running = model->running;
    double numbers = (double)(stage->wide.rows * stage->wide.columns * pass->samples);
    struct moments m;

    memset(stage->factors, 0, 5 * stage->to.pixel * sizeof *stage->factors);
    for (size_t c = 0; c < stage->to.channels; c++) {
        double mean = running[slot->mean + c], variance = running[slot->variance + c];

        if (pass->training) {
            if (c % GROUP == 0)
                combine(stage, pass->samples, c, &m);
            mean = m.mean[c % GROUP];
            variance = m.variance[c % GROUP];
            if (pass->counts)
                count_in(model, slot, c, mean,
                         numbers > 1 ? variance * numbers / (numbers - 1) : variance);
        }
        set_channel(model, stage, c, mean, variance);
    }
}

struct sums {
    double sum[GROUP], product[GROUP];
};

static void add_up(const struct hg__stage *stage, size_t samples, size_t c, struct sums *total)
{
    size_t pixel = stage->to.pixel;
    const float *sums = stage->sums + c;

    memset(total, 0, sizeof *total);
    for (size_t s = 0; s < samples; s++, sums += SUMS * pixel)
        for (size_t i = 0; i < GROUP; i++) {
            total->sum[i] += (double)sums[i];
            total->product[i] += (double)sums[pixel + i];
        }
}

/* The samples' sums of d and of d (x - mean) become the gradients of weight and bias, and
 * the two factors of the way down: dx = a (d - sum d / N - h sum (d h) / N), h = (x - mean) s. */
void hg__norm_settle_back(struct hg_model *model, const struct hg__pass *pass,
                          const struct hg__stage *stage)
{
    const struct hg__slot *slot = &model->slot[stage->layer];
    struct factors f = factors_of(stage);
    size_t pixel = stage->to.pixel;
    double numbers = (double)(stage->wide.rows * stage->wide.columns * pass->samples);
    struct sums total;

    for (size_t c = 0; c < stage->to.channels; c++) {
        double a = f.a[c], scale = model->seen[slot->variance + c], sum, product;

        if (c % GROUP == 0)
            add_up(stage, pass->samples, c, &total);
        sum = total.sum[c % GROUP];
        product = total.product[c % GROUP];
        model->gradients[slot->weight + c] = (float)(product * scale);
        if (slot->bias != HG__NOWHERE)
            model->gradients[slot->bias + c] = (float)sum;
        f.k1[c] = (float)(a * sum / numbers);
        f.k2[c] = (float)(a * scale * scale * product / numbers);
    }
    hg__model_update(model, pass, slot->weight, pixel);
    if (slot->bias != HG__NOWHERE)
        hg__model_update(model, pass, slot->bias, pixel);
}

/* ---- of one sample ---- */

static struct hg__map_norm norm_of(const struct hg__walk *walk, const struct hg__stage *stage)
{
    struct hg__fused fused = hg__stage_fused(walk->model, stage);
    struct factors f = factors_of(stage);

    return (struct hg__map_norm){.map = &stage->to,
                                 .mean = f.mean,
                                 .a = f.a,
                                 .b = f.b,
                                 .activation = fused.activation,
                                 .slope = fused.slope};
}

/* The pool's choices: kept for the way back, else in the worker's memory. */
static float *choice_of(const struct hg__walk *walk, const struct hg__stage *stage)
{
    if (walk->keeps)
        return stage->choice + walk->sample * stage->to.size;
    return walk->memory + stage->extra;
}

static void again(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__map_norm norm = norm_of(walk, stage);
    const float *x = stage->factor > 1 ? choice_of(walk, stage) : hg__walk_x(walk, index);

    walk->model->kernels->maps->norm(&norm, x, hg__walk_y(walk, index));
}

static void forward(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];

    if (stage->factor > 1)
        walk->model->kernels->maps->pool(&stage->wide, &stage->to, stage->factor,
                                         factors_of(stage).a, hg__walk_x(walk, index),
                                         choice_of(walk, stage));
    again(walk, index);
}

static struct hg__map_norm_back back_of(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct factors f = factors_of(stage);
    const float *x = hg__walk_x(walk, index);

    return (struct hg__map_norm_back){
        .norm = norm_of(walk, stage),
        .d = hg__walk_d(walk, index),
        .x = stage->factor > 1 ? choice_of(walk, stage) : x,
        .wide = &stage->wide,
        .pool = stage->factor,
        .whole = x,
        .k1 = f.k1,
        .k2 = f.k2,
        .below = HG_LINEAR,
    };
}

void hg__norm_sums(const struct hg__walk *walk, size_t index)
{
    struct hg__map_norm_back job = back_of(walk, index);
    float *sums = hg__norm_sample_sums(walk, index);

    walk->model->kernels->maps->norm_sums(&job, sums, sums + walk->stage[index].to.pixel);
}

/* The gradients of all norms have one place a sample. Where one norm stands on another, and has
 * fewer numbers because of a pool, it would write over what it still has to read. */
static const float *set_aside(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    float *aside = walk->memory + stage->extra;

    memcpy(aside, hg__walk_d(walk, index), stage->to.size * sizeof *aside);
    return aside;
}

static void backward(const struct hg__walk *walk, size_t index, bool deep)
{
    struct hg__map_norm_back job = back_of(walk, index);

    if (!deep)
        return;
    if (job.pool > 1 && walk->stage[index - 1].ops == &hg__norm_stage)
        job.d = set_aside(walk, index);
    if (hg__stage_below_norm(walk, index - 1)) {
        struct hg__fused fused = hg__stage_fused(walk->model, &walk->stage[index - 1]);
        job.below = fused.activation;
        job.below_slope = fused.slope;
    }
    job.dx = hg__walk_dx(walk, index);
    walk->model->kernels->maps->norm_back(&job);
}

const struct hg__stage_ops hg__norm_stage = {
    .forward = forward,
    .backward = backward,
    .again = again,
};
