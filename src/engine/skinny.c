/* skinny.c - the order of a skinny step; the work is in the kernels. */
#include "engine/skinny_last.h"

#include "base/mem.h"

#include <string.h>

enum { PAGE_FLOATS = 512 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

bool hg__skinny_fits(const struct hg__tiny_plan *plan)
{
    bool large = false;

    if (plan->layers < 2 || plan->layers > HG__SKINNY_LAYERS || plan->samples > HG__SKINNY_SAMPLES)
        return false;
    for (size_t l = 0; l < plan->layers; l++) {
        const struct hg__tiny_layer *layer = &plan->layer[l];
        if (smaller(layer->in, layer->out) > HG__SKINNY_WIDTH)
            return false;
        large |= larger(layer->in, layer->out) >= HG__SKINNY_FROM;
    }
    return large;
}

/* Rows a multiple of 2 KiB apart would share a few sets of the first cache. */
static size_t stride_of(size_t n)
{
    size_t stride = hg__pad(n);
    return stride % PAGE_FLOATS == 0 ? stride + HG__LANES : stride;
}

static float *cut(float **rest, size_t count)
{
    float *part = *rest;
    if (part)
        *rest += hg__pad(count);
    return part;
}

/* Deals memory to the buffers when `rest` has some; returns the floats needed. */
static size_t deal(struct hg__skinny *skinny, const struct hg__tiny_plan *plan, float *rest)
{
    size_t n = plan->layer[0].in, count = 2 * hg__pad(plan->samples * n) +
                                          hg__pad(HG__SKINNY_WIDTH) + SHARDS * shard_size(plan);

    skinny->x = cut(&rest, plan->samples * n);
    skinny->x_before = cut(&rest, plan->samples * n);
    skinny->dy_before = cut(&rest, HG__SKINNY_WIDTH);
    skinny->shards = cut(&rest, SHARDS * shard_size(plan));
    for (size_t l = 0; l < plan->layers; l++) {
        const struct hg__tiny_layer *layer = &plan->layer[l];
        struct stage *stage = &skinny->stage[l];
        size_t rows = plan->samples * stride_of(layer->out);
        size_t turned = l ? hg__weight_size(layer->out, layer->in) : 0;

        stage->stride = stride_of(layer->out);
        stage->y = cut(&rest, rows);
        stage->dy = cut(&rest, rows);
        stage->z = cut(&rest, rows);
        stage->transposed = cut(&rest, turned);
        stage->bias_gradient = cut(&rest, hg__pad(layer->out));
        if (!hg__activation_keeps_input(layer->activation, layer->slope))
            stage->z = NULL;
        count += 3 * hg__pad(rows) + hg__pad(turned) + hg__pad(layer->out);
    }
    return count;
}

size_t hg__skinny_bytes(const struct hg__tiny_plan *plan)
{
    struct hg__skinny skinny;
    return sizeof skinny + deal(&skinny, plan, NULL) * sizeof(float);
}

struct hg__skinny *hg__skinny_create(const struct hg_context *context,
                                     const struct hg__tiny_plan *plan)
{
    struct hg__skinny *skinny = hg__alloc(1, sizeof *skinny);

    if (!skinny)
        return NULL;
    skinny->context = context;
    skinny->kernels = hg__context_kernels(context);
    skinny->plan = plan;
    skinny->memory = hg__alloc_aligned(deal(skinny, plan, NULL), sizeof *skinny->memory);
    if (!skinny->memory) {
        hg__free(skinny);
        return NULL;
    }
    (void)deal(skinny, plan, skinny->memory);
    return skinny;
}

void hg__skinny_destroy(struct hg__skinny *skinny)
{
    if (!skinny)
        return;
    hg__free(skinny->memory);
    hg__free(skinny);
}

/* ---- the update that waits ---- */

static struct hg__gradient first_gradient(const struct hg__skinny *skinny, const float *x,
                                          const float *dy, size_t samples)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    return (struct hg__gradient){.samples = samples,
                                 .in = layer->in,
                                 .out = layer->out,
                                 .x = x,
                                 .x_stride = layer->in,
                                 .dy = dy,
                                 .dy_stride = skinny->stage[0].stride,
                                 .weight = layer->weight.value,
                                 .first = layer->weight.first,
                                 .second = layer->weight.second};
}

void hg__skinny_settle(struct hg__skinny *skinny)
{
    struct hg__gradient job;

    if (!skinny->waits)
        return;
    job = first_gradient(skinny, skinny->x_before, skinny->dy_before, 1);
    job.rule = &skinny->waiting;
    hg__dense_gradient(skinny->context, &job);
    skinny->waits = false;
}

void hg__skinny_forget(struct hg__skinny *skinny)
{
    skinny->waits = false;
    skinny->turned = false;
}

static bool may_wait(const struct hg__skinny *skinny, const struct hg__rule *rule, size_t samples)
{
    return samples == 1 && skinny->plan->layer[0].in >= skinny->kernels->skinny->least &&
           skinny->plan->layer[0].out <= HG__SKINNY_WIDTH && rule->optimizer == HG_SGD &&
           rule->decay == 0 && rule->l1 == 0 && rule->scale == 1 && rule->shrink == 1;
}

/* ---- forward ---- */

struct pass_job {
    const struct hg__skinny_kernels *kernels;
    struct hg__skinny_pass pass;
};

static void pass_task(void *argument, size_t index, int worker)
{
    const struct pass_job *job = argument;
    (void)worker;
    job->kernels->pass(&job->pass, index);
}

/* The waiting update and the product of the first layer in one pass. */
static void first_pass(struct hg__skinny *skinny, const float *x)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    struct stage *stage = &skinny->stage[0];
    struct pass_job job = {skinny->kernels->skinny,
                           {.in = layer->in,
                            .x_before = skinny->x_before,
                            .dy = skinny->dy_before,
                            .x = x,
                            .bias = layer->bias.value,
                            .weight = layer->weight.value,
                            .y = stage->z ? stage->z : stage->y,
                            .rate = skinny->waiting.rate}};

    hg__context_run(skinny->context, 8.0 * (double)layer->in * (double)layer->out, pass_task, &job,
                    hg__pad(layer->out) / HG__LANES);
    skinny->kernels->activate(layer->activation, layer->slope, job.pass.y, stage->y,
                              hg__pad(layer->out));
    skinny->waits = false;
}

static bool is_logits(const struct hg__skinny *skinny, size_t l)
{
    return skinny->plan->logits && l + 1 == skinny->plan->layers;
}

static void layer_forward(struct hg__skinny *skinny, size_t l, const float *x, size_t samples)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
    struct stage *stage = &skinny->stage[l];
    const struct hg__forward job = {
        .samples = samples,
        .in = layer->in,
        .out = layer->out,
        .x = l ? skinny->stage[l - 1].y : x,
        .x_stride = l ? skinny->stage[l - 1].stride : layer->in,
        .weight = layer->weight.value,
        .bias = layer->bias.value,
        .y = stage->y,
        .z = stage->z,
        .y_stride = stage->stride,
        .activation = is_logits(skinny, l) ? HG_LINEAR : layer->activation,
        .slope = layer->slope,
    };

    hg__dense_forward(skinny->context, &job);
}

static const float *centered(struct hg__skinny *skinny, const struct hg__tiny_batch *batch)
{
    size_t n = skinny->plan->layer[0].in;

    if (!skinny->plan->center)
        return batch->input;
    for (size_t r = 0; r < batch->samples; r++)
        skinny->kernels->subtract_rows(skinny->x + r * n, batch->input + r * n,
                                       skinny->plan->center, n);
    return skinny->x;
}

/* ---- backward ---- */

static double loss_run(struct hg__skinny *skinny, const struct hg__tiny_batch *batch)
{
    size_t last = skinny->plan->layers - 1, n = skinny->plan->layer[last].out;
    const struct stage *stage = &skinny->stage[last];
    const struct hg__loss job = {.loss = skinny->plan->loss,
                                 .logits = skinny->plan->logits,
                                 .samples = batch->samples,
                                 .n = n,
                                 .y = stage->y,
                                 .y_stride = stage->stride,
                                 .target = batch->target,
                                 .target_stride = n,
                                 .dy = stage->dy,
                                 .dy_stride = stage->stride,
                                 .errors = skinny->errors};

    hg__loss(skinny->context, &job);
    return hg__loss_total(job.loss, skinny->errors, batch->samples, n);
}

static void through_activation(struct hg__skinny *skinny, size_t l, size_t samples)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
    struct stage *stage = &skinny->stage[l];
    const float *kept = stage->z ? stage->z : stage->y;

    if (layer->activation == HG_LINEAR || is_logits(skinny, l))
        return;
    for (size_t r = 0; r < samples; r++) {
        size_t at = r * stage->stride;
        skinny->kernels->activate_back(layer->activation, layer->slope, kept + at, stage->dy + at,
                                       stage->dy + at, hg__pad(layer->out));
    }
}

static void bias_update(struct hg__skinny *skinny, size_t l, const struct hg__gradient *job,
                        const struct hg__rule *rule)
{
    const struct hg__tiny_tensor *bias = &skinny->plan->layer[l].bias;
    const struct hg__parameters p = {bias->value, job->bias_gradient, bias->first, bias->second};
    skinny->kernels->update(rule, p, hg__pad(job->out));
}

static void layer_backward(struct hg__skinny *skinny, size_t l, size_t samples)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
    const struct hg__backward job = {
        .samples = samples,
        .in = layer->in,
        .out = layer->out,
        .dy = skinny->stage[l].dy,
        .dy_stride = skinny->stage[l].stride,
        .transposed = skinny->stage[l].transposed,
        .dx = skinny->stage[l - 1].dy,
        .dx_stride = skinny->stage[l - 1].stride,
    };
    hg__dense_backward(skinny->context, &job);
}

static void layer_update(struct hg__skinny *skinny, size_t l, const float *x, size_t samples,
                         const struct hg__rule *weights, const struct hg__rule *biases)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
    struct stage *stage = &skinny->stage[l];
    struct hg__gradient job = first_gradient(skinny, x, stage->dy, samples);

    job.in = layer->in;
    job.out = layer->out;
    job.dy_stride = stage->stride;
    if (l) {
        job.x = skinny->stage[l - 1].y;
        job.x_stride = skinny->stage[l - 1].stride;
        job.weight = layer->weight.value;
        job.first = layer->weight.first;
        job.second = layer->weight.second;
        job.transposed = stage->transposed;
    }
    job.rule = weights;
    job.bias_gradient = layer->bias.value ? stage->bias_gradient : NULL;
    if (l == 0 && may_wait(skinny, weights, samples)) {
        memcpy(skinny->x_before, x, layer->in * sizeof *x);
        memcpy(skinny->dy_before, stage->dy, hg__pad(layer->out) * sizeof *x);
        skinny->waiting = *weights;
        skinny->waits = true;
        if (job.bias_gradient)
            skinny->kernels->bias_gradient(&job, 0, hg__pad(layer->out) / HG__LANES);
    } else {
        hg__dense_gradient(skinny->context, &job);
    }
    if (job.bias_gradient)
        bias_update(skinny, l, &job, biases);
}

/* Transposed copies of the layers that are not done in one pass. */
static void turn_weights(struct hg__skinny *skinny, size_t layers)
{
    for (size_t l = 1; l < layers && !skinny->turned; l++) {
        const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
        hg__dense_transpose(skinny->context, layer->in, layer->out, layer->weight.value,
                            skinny->stage[l].transposed, false);
    }
    skinny->turned = true;
}

double hg__skinny_step(struct hg__skinny *skinny, const struct hg__tiny_batch *batch,
                       const struct hg__rule *weights, const struct hg__rule *biases)
{
    bool last = may_pass_last(skinny);
    size_t samples = batch->samples, layers = skinny->plan->layers - last;
    const float *x = centered(skinny, batch);
    double loss;

    turn_weights(skinny, layers);
    if (skinny->waits && samples == 1) {
        first_pass(skinny, x);
    } else {
        hg__skinny_settle(skinny);
        layer_forward(skinny, 0, x, samples);
    }
    for (size_t l = 1; l < layers; l++)
        layer_forward(skinny, l, x, samples);
    loss = last ? last_pass(skinny, batch, weights, biases) : loss_run(skinny, batch);
    for (size_t l = layers; l-- > 0;) {
        through_activation(skinny, l, samples);
        if (l)
            layer_backward(skinny, l, samples);
        layer_update(skinny, l, x, samples, weights, biases);
    }
    return loss;
}
