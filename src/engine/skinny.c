/* skinny.c - the order of a skinny step; the work is in the kernels. */
#include "engine/skinny_state.h"

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

/* Hands out parts of the memory; counts only, while there is none. */
struct cutter {
    float *memory;
    size_t used;
};

static float *cut(struct cutter *cutter, size_t count)
{
    float *part = cutter->memory ? cutter->memory + cutter->used : NULL;

    cutter->used += hg__pad(count);
    return part;
}

static void deal_stage(struct hg__skinny *skinny, const struct hg__tiny_plan *plan, size_t l,
                       struct cutter *cutter)
{
    const struct hg__tiny_layer *layer = &plan->layer[l];
    struct hg__skinny_stage *stage = &skinny->stage[l];
    size_t rows = plan->samples * stride_of(layer->out);

    if (l + 1 == plan->layers && hg__skinny_last_wide(plan))
        return;
    stage->stride = stride_of(layer->out);
    stage->y = cut(cutter, rows);
    stage->dy = cut(cutter, rows);
    if (hg__activation_keeps_input(layer->activation, layer->slope))
        stage->z = cut(cutter, rows);
    if (l)
        stage->transposed = cut(cutter, hg__weight_size(layer->out, layer->in));
    stage->bias_gradient = cut(cutter, hg__pad(layer->out));
}

/* Deals memory to the buffers when `memory` is some; returns the floats needed. */
static size_t deal(struct hg__skinny *skinny, const struct hg__tiny_plan *plan, float *memory)
{
    struct cutter cutter = {memory, 0};
    size_t n = hg__pad(plan->layer[0].in), m = plan->samples, shards;
    bool wide = hg__skinny_first_wide(plan);

    skinny->x = cut(&cutter, plan->center && !wide ? m * n : 0);
    for (size_t i = 0; i < HG__SKINNY_SLOTS && wide; i++) {
        skinny->slot[i] = cut(&cutter, n);
        skinny->step[i] = cut(&cutter, hg__pad(plan->layer[0].out));
    }
    skinny->shard = m * HG__SKINNY_LAST + hg__pad(m);
    shards = HG__SKINNY_SHARDS * skinny->shard;
    if (wide)
        shards = larger(shards, (n / HG__CHUNK + 1) * m * hg__pad(plan->layer[0].out));
    skinny->shards = cut(&cutter, shards);
    for (size_t l = 0; l < plan->layers; l++)
        deal_stage(skinny, plan, l, &cutter);
    return cutter.used;
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

void hg__skinny_forget(struct hg__skinny *skinny)
{
    skinny->waits = 0;
    skinny->turned = false;
}

struct hg__stretch hg__skinny_stretch(size_t whole, size_t index)
{
    return (struct hg__stretch){whole * index / HG__SKINNY_SHARDS,
                                whole * (index + 1) / HG__SKINNY_SHARDS};
}

/* ---- forward ---- */

static bool is_logits(const struct hg__skinny *skinny, size_t l)
{
    return skinny->plan->logits && l + 1 == skinny->plan->layers;
}

static void layer_forward(struct hg__skinny *skinny, size_t l, const struct hg__skinny_now *now)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
    struct hg__skinny_stage *stage = &skinny->stage[l];
    const struct hg__forward job = {
        .samples = now->batch->samples,
        .in = layer->in,
        .out = layer->out,
        .x = l ? skinny->stage[l - 1].y : now->x,
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
    const struct hg__skinny_stage *stage = &skinny->stage[last];
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
    struct hg__skinny_stage *stage = &skinny->stage[l];
    const float *kept = stage->z ? stage->z : stage->y;

    if (layer->activation == HG_LINEAR || is_logits(skinny, l))
        return;
    for (size_t r = 0; r < samples; r++) {
        size_t at = r * stage->stride;
        skinny->kernels->activate_back(layer->activation, layer->slope, kept + at, stage->dy + at,
                                       stage->dy + at, hg__pad(layer->out));
    }
}

static struct hg__gradient gradient_of(const struct hg__skinny *skinny, size_t l,
                                       const struct hg__skinny_now *now)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[l];
    const struct hg__skinny_stage *stage = &skinny->stage[l];

    return (struct hg__gradient){
        .samples = now->batch->samples,
        .in = layer->in,
        .out = layer->out,
        .x = l ? skinny->stage[l - 1].y : now->x,
        .x_stride = l ? skinny->stage[l - 1].stride : layer->in,
        .dy = stage->dy,
        .dy_stride = stage->stride,
        .rule = now->weights,
        .weight = layer->weight.value,
        .first = layer->weight.first,
        .second = layer->weight.second,
        .transposed = stage->transposed,
    };
}

void hg__skinny_bias(struct hg__skinny *skinny, size_t l, const struct hg__skinny_now *now)
{
    const struct hg__tiny_tensor *bias = &skinny->plan->layer[l].bias;
    struct hg__gradient job = gradient_of(skinny, l, now);
    struct hg__parameters p = {bias->value, skinny->stage[l].bias_gradient, bias->first,
                               bias->second};

    if (!bias->value)
        return;
    job.bias_gradient = skinny->stage[l].bias_gradient;
    skinny->kernels->bias_gradient(&job, 0, hg__pad(job.out) / HG__LANES);
    skinny->kernels->update(now->biases, p, hg__pad(job.out));
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

static void layer_update(struct hg__skinny *skinny, size_t l, const struct hg__skinny_now *now)
{
    struct hg__gradient job = gradient_of(skinny, l, now);

    hg__dense_gradient(skinny->context, &job);
    hg__skinny_bias(skinny, l, now);
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

static void first_forward(struct hg__skinny *skinny, struct hg__skinny_now *now)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    struct hg__skinny_stage *stage = &skinny->stage[0];

    if (!now->descends)
        hg__skinny_settle(skinny);
    if (!hg__skinny_first_wide(skinny->plan)) {
        now->x = centered(skinny, now->batch);
        layer_forward(skinny, 0, now);
        return;
    }
    hg__skinny_first_forward(skinny, now);
    for (size_t s = 0; s < now->batch->samples; s++) {
        size_t at = s * stage->stride;
        skinny->kernels->activate(layer->activation, layer->slope,
                                  (stage->z ? stage->z : stage->y) + at, stage->y + at,
                                  hg__pad(layer->out));
    }
}

static void descend(struct hg__skinny *skinny, size_t layers, const struct hg__skinny_now *now)
{
    for (size_t l = layers; l-- > 0;) {
        through_activation(skinny, l, now->batch->samples);
        if (l)
            layer_backward(skinny, l, now->batch->samples);
        if (l == 0 && hg__skinny_first_wide(skinny->plan))
            hg__skinny_first_update(skinny, now);
        else
            layer_update(skinny, l, now);
    }
}

/* w -= rate gradient, and nothing else? */
static bool is_plain(const struct hg__rule *rule)
{
    return rule->optimizer == HG_SGD && rule->decay == 0 && rule->l1 == 0 && rule->scale == 1 &&
           rule->shrink == 1;
}

double hg__skinny_step(struct hg__skinny *skinny, const struct hg__tiny_batch *batch,
                       const struct hg__rule *weights, const struct hg__rule *biases)
{
    bool last = hg__skinny_last_wide(skinny->plan);
    size_t layers = skinny->plan->layers - last;
    struct hg__skinny_now now = {batch, weights, biases, NULL,
                                 batch->samples == 1 && is_plain(weights) && is_plain(biases)};
    double loss;

    turn_weights(skinny, layers);
    first_forward(skinny, &now);
    for (size_t l = 1; l < layers; l++)
        layer_forward(skinny, l, &now);
    loss = last ? hg__skinny_last_pass(skinny, &now) : loss_run(skinny, batch);
    descend(skinny, layers, &now);
    return loss;
}
