/* tiny.c - where the parameters of the short cuts live, and which one serves. */
#include "engine/tiny_state.h"

#include "base/mem.h"
#include "engine/skinny.h"

#include <string.h>

static bool is_tiny(const struct hg__tiny_plan *plan)
{
    if (plan->layers > HG__TINY_LAYERS || plan->samples > HG__TINY_SAMPLES)
        return false;
    for (size_t l = 0; l < plan->layers; l++)
        if (plan->layer[l].in > HG__TINY_SIZE || plan->layer[l].out > HG__TINY_SIZE)
            return false;
    return plan->layers > 0;
}

bool hg__tiny_fits(const struct hg__tiny_plan *plan)
{
    return is_tiny(plan) || hg__skinny_fits(plan);
}

/* Parameters: weights up to *biases, then biases; each part rounded up. */
static size_t count_parameters(const struct hg__tiny_plan *plan, size_t *biases)
{
    size_t weights = 0, rest = 0;

    for (size_t l = 0; l < plan->layers; l++) {
        weights += plan->layer[l].in * plan->layer[l].out;
        rest += plan->layer[l].bias.value ? plan->layer[l].out : 0;
    }
    *biases = hg__pad(weights);
    return *biases + hg__pad(rest);
}

/* Floats of all buffers: four vectors of parameters, input, target, mask, ones
 * (with a row of zeros: see below), and y, z, dy of each layer. */
static size_t count_floats(const struct hg__tiny_plan *plan)
{
    size_t biases, stride = hg__pad(plan->samples), units = 0, out = 0;

    for (size_t l = 0; l < plan->layers; l++) {
        out = plan->layer[l].out;
        units += 3 * out;
    }
    return 4 * count_parameters(plan, &biases) + stride * (plan->layer[0].in + out + units + 3);
}

size_t hg__tiny_bytes(const struct hg__tiny_plan *plan)
{
    size_t biases;

    if (!is_tiny(plan))
        return sizeof(struct hg__tiny) + hg__skinny_bytes(plan);
    return sizeof(struct hg__tiny) + count_floats(plan) * sizeof(float) +
           2 * count_parameters(plan, &biases) * sizeof(float *);
}

static float *cut(float **rest, size_t count)
{
    float *part = *rest;
    *rest += count;
    return part;
}

static void lay_stages(struct hg__tiny *tiny, float **rest)
{
    size_t weight = 0, bias = tiny->biases;

    for (size_t l = 0; l < tiny->plan.layers; l++) {
        const struct hg__tiny_layer *layer = &tiny->layer[l];
        struct hg__tiny_stage *stage = &tiny->stage[l];

        stage->in = layer->in;
        stage->out = layer->out;
        stage->activation = layer->activation;
        stage->slope = layer->slope;
        stage->weight = weight;
        stage->bias = bias;
        stage->y = cut(rest, layer->out * tiny->stride);
        stage->dy = cut(rest, layer->out * tiny->stride);
        stage->z = cut(rest, layer->out * tiny->stride);
        if (!hg__activation_keeps_input(layer->activation, layer->slope))
            stage->z = stage->y;
        weight += layer->in * layer->out;
        bias += layer->bias.value ? layer->out : 0;
    }
}

/* The table of products: weight (o, i) is dy of unit o with input unit i, a bias
 * is dy with ones, and what only fills up is zeros with zeros. */
static void lay_products(struct hg__tiny *tiny, const float *ones, const float *zeros)
{
    for (size_t k = 0; k < tiny->parameters; k++)
        tiny->left[k] = tiny->right[k] = zeros;
    for (size_t l = 0; l < tiny->plan.layers; l++) {
        const struct hg__tiny_stage *stage = &tiny->stage[l];
        const float *x = l ? tiny->stage[l - 1].y : tiny->x;

        for (size_t o = 0; o < stage->out; o++) {
            const float *dy = stage->dy + o * tiny->stride;
            for (size_t i = 0; i < stage->in; i++) {
                tiny->left[stage->weight + o * stage->in + i] = dy;
                tiny->right[stage->weight + o * stage->in + i] = x + i * tiny->stride;
            }
            if (tiny->layer[l].bias.value) {
                tiny->left[stage->bias + o] = dy;
                tiny->right[stage->bias + o] = ones;
            }
        }
    }
}

static bool lay_out(struct hg__tiny *tiny)
{
    const struct hg__tiny_plan *plan = &tiny->plan;
    float *rest, *ones, *zeros;

    tiny->stride = hg__pad(plan->samples);
    tiny->parameters = count_parameters(plan, &tiny->biases);
    tiny->memory = rest = hg__alloc_aligned(count_floats(plan), sizeof *rest);
    tiny->left = hg__alloc(2 * tiny->parameters, sizeof *tiny->left);
    if (!rest || !tiny->left)
        return false;
    tiny->right = tiny->left + tiny->parameters;
    tiny->value = cut(&rest, tiny->parameters);
    tiny->gradient = cut(&rest, tiny->parameters);
    tiny->first = cut(&rest, tiny->parameters);
    tiny->second = cut(&rest, tiny->parameters);
    tiny->x = cut(&rest, plan->layer[0].in * tiny->stride);
    tiny->target = cut(&rest, plan->layer[plan->layers - 1].out * tiny->stride);
    tiny->mask = cut(&rest, tiny->stride);
    ones = cut(&rest, tiny->stride);
    zeros = cut(&rest, tiny->stride);
    for (size_t s = 0; s < tiny->stride; s++)
        ones[s] = 1;
    lay_stages(tiny, &rest);
    lay_products(tiny, ones, zeros);
    return true;
}

struct hg__tiny *hg__tiny_create(const struct hg_context *context, const struct hg__tiny_plan *plan)
{
    struct hg__tiny *tiny = hg__alloc(1, sizeof *tiny);

    if (!tiny)
        return NULL;
    tiny->context = context;
    tiny->plan = *plan;
    memcpy(tiny->layer, plan->layer, plan->layers * sizeof *plan->layer);
    tiny->plan.layer = tiny->layer;
    tiny->settled = true;
    if (!is_tiny(plan))
        tiny->skinny = hg__skinny_create(context, &tiny->plan);
    else if (lay_out(tiny))
        return tiny;
    if (tiny->skinny)
        return tiny;
    hg__tiny_destroy(tiny);
    return NULL;
}

void hg__tiny_destroy(struct hg__tiny *tiny)
{
    if (!tiny)
        return;
    hg__skinny_destroy(tiny->skinny);
    hg__free(tiny->left);
    hg__free(tiny->memory);
    hg__free(tiny);
}

bool hg__tiny_takes(const struct hg__tiny *tiny, size_t samples, const struct hg_update *update)
{
    return samples <= tiny->plan.samples && update->clip <= 0;
}

/* ---- between the model's packed vectors and the dense ones here ---- */

enum direction { INWARD, OUTWARD };

static void move(enum direction direction, float *here, float *there)
{
    if (direction == INWARD)
        *here = *there;
    else
        *there = *here;
}

/* One kind of number (value, gradient or a moment) of all layers. `which` picks
 * it from a tensor; NULL where the model has none. */
static void move_all(struct hg__tiny *tiny, enum direction direction, float *here,
                     float *(*which)(const struct hg__tiny_tensor *tensor))
{
    for (size_t l = 0; l < tiny->plan.layers; l++) {
        const struct hg__tiny_layer *layer = &tiny->layer[l];
        const struct hg__tiny_stage *stage = &tiny->stage[l];
        float *weight = which(&layer->weight), *bias = which(&layer->bias);

        for (size_t o = 0; weight && o < layer->out; o++)
            for (size_t i = 0; i < layer->in; i++)
                move(direction, &here[stage->weight + o * layer->in + i],
                     &weight[hg__weight_index(layer->in, o, i)]);
        for (size_t o = 0; layer->bias.value && bias && o < layer->out; o++)
            move(direction, &here[stage->bias + o], &bias[o]);
    }
}

static float *pick_value(const struct hg__tiny_tensor *tensor)
{
    return tensor->value;
}

static float *pick_gradient(const struct hg__tiny_tensor *tensor)
{
    return tensor->gradient;
}

static float *pick_first(const struct hg__tiny_tensor *tensor)
{
    return tensor->first;
}

static float *pick_second(const struct hg__tiny_tensor *tensor)
{
    return tensor->second;
}

static void load(struct hg__tiny *tiny)
{
    move_all(tiny, INWARD, tiny->value, pick_value);
    move_all(tiny, INWARD, tiny->first, pick_first);
    move_all(tiny, INWARD, tiny->second, pick_second);
    tiny->loaded = true;
}

bool hg__tiny_settle(struct hg__tiny *tiny)
{
    if (tiny->settled)
        return false;
    tiny->settled = true;
    if (tiny->skinny) {
        hg__skinny_settle(tiny->skinny);
        return true;
    }
    move_all(tiny, OUTWARD, tiny->value, pick_value);
    move_all(tiny, OUTWARD, tiny->gradient, pick_gradient);
    move_all(tiny, OUTWARD, tiny->first, pick_first);
    move_all(tiny, OUTWARD, tiny->second, pick_second);
    return true;
}

void hg__tiny_forget(struct hg__tiny *tiny)
{
    tiny->loaded = false;
    tiny->settled = true;
    if (tiny->skinny)
        hg__skinny_forget(tiny->skinny);
}

double hg__tiny_step(struct hg__tiny *tiny, const struct hg__tiny_batch *batch,
                     const struct hg__rule *weights, const struct hg__rule *biases)
{
    tiny->settled = false;
    if (tiny->skinny)
        return hg__skinny_step(tiny->skinny, batch, weights, biases);
    if (!tiny->loaded)
        load(tiny);
    return hg__context_kernels(tiny->context)->tiny->step(tiny, batch, weights, biases);
}
