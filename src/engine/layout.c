#include "engine/stack.h"

#include "base/mem.h"

#include <string.h>

enum { ALIGN = HG__LANES };

/* Unsigned arithmetic that sticks at its end instead of wrapping. */
static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* Takes `floats` off a vector that has *count so far. */
static size_t take(uint64_t *count, uint64_t floats)
{
    size_t at = (size_t)*count;
    *count = plus(*count, floats);
    return at;
}

static bool has_parameters(const struct hg__slot *slot)
{
    return slot->weight != HG__NOWHERE || slot->bias != HG__NOWHERE;
}

/* A gaussian code with a tied decoder: the decoder's first layer sees N code
 * values and N zeros, so that it can use the whole transposed matrix. */
static size_t inputs_of(const struct hg__plan *plan, size_t index)
{
    const struct hg__layer *layer = &plan->layers.layer[index];

    if (layer->kind == HG__DENSE && layer->tied != HG__UNTIED)
        return hg_shape_size(plan->layers.layer[layer->tied].out);
    return hg_shape_size(layer->in);
}

/* Can the dense layer below compute this activation as it stores? */
static bool can_fuse(const struct hg__plan *plan, size_t index)
{
    const struct hg__layer *layer = &plan->layers.layer[index];

    return layer->kind == HG__ACTIVATE && !layer->map && index > 0 && index != plan->encoder &&
           layer[-1].kind == HG__DENSE;
}

struct totals {
    uint64_t count, transposes, statistics;
};

static void place_layer(struct hg_model *model, size_t index, struct totals *totals)
{
    const struct hg__plan *plan = &model->plan;
    const struct hg__layer *layer = &plan->layers.layer[index];
    struct hg__slot *slot = &model->slot[index];
    size_t per; /* numbers of a bias or a norm, padded: channels of a map, else values */

    slot->in = inputs_of(plan, index);
    slot->out = hg_shape_size(layer->out);
    slot->stride = hg__pad(slot->out);
    per = layer->map ? hg__pad((size_t)layer->out.channels) : slot->stride;
    slot->weight = slot->bias = slot->transposed = slot->mean = slot->variance = HG__NOWHERE;
    slot->fused = can_fuse(plan, index);
    if (layer->kind == HG__DENSE && layer->tied == HG__UNTIED) {
        slot->weight_size = (size_t)times(slot->stride, slot->in);
        slot->transposed = take(&totals->transposes, times(hg__pad(slot->in), slot->out));
    } else if (layer->kind == HG__CONV) {
        slot->weight_size = (size_t)times(
            per, times(hg__conv_taps(layer), (uint64_t)layer->in.channels));
    } else if (layer->kind == HG__BN) {
        slot->weight_size = per;
        slot->mean = take(&totals->statistics, per);
        slot->variance = take(&totals->statistics, per);
    }
    if (slot->weight_size)
        slot->weight = take(&totals->count, slot->weight_size);
    if ((hg__layer_weighs(layer) || layer->kind == HG__BN) && plan->bias)
        slot->bias = take(&totals->count, slot->bias_size = per);
    slot->shares = (slot->fused || (layer->map && layer->kind == HG__ACTIVATE && index > 0 &&
                                    index != plan->encoder)) &&
                   !hg__activation_keeps_input(layer->activation, (float)layer->amount);
}

/* Copies of convolutions' weights. */
static void place_copies(struct hg_model *model, struct totals *totals)
{
    for (size_t i = 0; i < model->stacks; i++)
        for (size_t s = 0; s < model->stack[i].stages; s++) {
            const struct hg__stage *stage = &model->stack[i].stage[s];
            if (stage->ops == &hg__conv_stage)
                model->slot[stage->layer].transposed = take(&totals->transposes,
                                                            hg__conv_copies(model, stage));
        }
}

/* Has the layer rows of its own? Those inside of a stack have maps. */
static bool has_rows(const struct hg_model *model, size_t index)
{
    const struct hg__stack *stack = hg__stack_of(model, index);
    const struct hg__layer *layer = &model->plan.layers.layer[index];

    return !stack || index + 1 == stack->end ||
           (index + 2 == stack->end && layer[1].kind == HG__ACTIVATE);
}

/* The transposed copy of a first layer that nobody shares is never used. */
static void drop_first(struct hg_model *model, struct totals *totals)
{
    struct hg__slot *slot = &model->slot[0];

    if (model->plan.layers.layer[0].kind != HG__DENSE || model->plan.tied ||
        slot->transposed == HG__NOWHERE)
        return;
    for (size_t i = 1; i < model->plan.layers.count; i++)
        if (model->slot[i].transposed != HG__NOWHERE)
            model->slot[i].transposed -= hg__pad(slot->in) * slot->out;
    totals->transposes -= hg__pad(slot->in) * slot->out;
    slot->transposed = HG__NOWHERE;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

enum hg_status hg__layout_make(struct hg_model *model, struct hg_error *error)
{
    size_t layers = model->plan.layers.count;
    struct totals totals = {0, 0, 0};
    enum hg_status status;

    model->slot = hg__alloc(layers, sizeof *model->slot);
    if (!model->slot)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for %zu layers", layers);
    for (size_t i = 0; i < layers; i++)
        place_layer(model, i, &totals);
    drop_first(model, &totals);
    if ((status = hg__stacks_make(model, error)))
        return status;
    place_copies(model, &totals);
    model->count = (size_t)totals.count;
    model->transposes = (size_t)totals.transposes;
    model->statistics = (size_t)totals.statistics;
    model->widest = hg__pad(hg_shape_size(model->plan.input));
    for (size_t i = 0; i < layers; i++) {
        if (has_rows(model, i))
            model->widest = larger(model->widest, model->slot[i].stride);
        if (i == 0 || has_rows(model, i - 1))
            model->widest = larger(model->widest, hg__pad(model->slot[i].in));
    }
    model->code_stride = hg__pad(
        larger(hg_shape_size(model->plan.code), model->slot[model->plan.encoder].in));
    while (!has_parameters(&model->slot[model->lowest]))
        model->lowest++;
    return HG_OK;
}

/* Hands out parts of the workspace; counts only, while `base` is NULL. */
struct cutter {
    float *base;
    uint64_t used;
};

static float *cut(struct cutter *cutter, uint64_t floats)
{
    float *part = cutter->base ? cutter->base + cutter->used : NULL;

    cutter->used = plus(cutter->used, floats > UINT64_MAX - ALIGN
                                          ? UINT64_MAX
                                          : (floats + ALIGN - 1) / ALIGN * ALIGN);
    return part;
}

/* Where a stage keeps what it keeps. `program` of one sample or of all. */
static void place_stages(struct hg__stage *stage, size_t stages, size_t samples,
                         struct cutter *cutter)
{
    for (size_t s = 0; s < stages; s++) {
        bool norm = stage[s].ops == &hg__norm_stage;
        size_t size = stage[s].to.size, pixel = stage[s].to.pixel;
        float *keep = cut(cutter, stage[s].kept && !stage[s].planar ? times(samples, size) : 0);
        float *choice = cut(cutter, norm && stage[s].factor > 1 ? times(samples, size) : 0);
        float *sums = cut(cutter, norm ? times(samples, 3 * pixel) : 0);
        float *factors = cut(cutter, norm ? 5 * pixel : 0);

        if (!cutter->base)
            continue;
        stage[s].keep = keep;
        stage[s].choice = choice;
        stage[s].sums = sums;
        stage[s].factors = factors;
    }
}

/* Only one stack at a time goes down, so all share what lies between its segments. */
static void place_stacks(struct hg_model *model, size_t samples, struct cutter *cutter)
{
    size_t threads = model->context ? (size_t)hg_context_threads(model->context) : 1;
    size_t d_size = 0, chunk_size = 0;
    float *d, *partials;

    for (size_t i = 0; i < model->stacks; i++) {
        d_size = larger(d_size, model->stack[i].d_size);
        chunk_size = larger(chunk_size, model->stack[i].chunks * model->stack[i].chunk_size);
    }
    d = cut(cutter, times(samples, d_size));
    partials = cut(cutter, chunk_size);
    for (size_t i = 0; i < model->stacks; i++) {
        struct hg__stack *stack = &model->stack[i];
        float *workers = cut(cutter, times(threads, stack->worker_size));
        float *plain = cut(cutter, stack->plain_size);

        place_stages(stack->stage, stack->stages, samples, cutter);
        place_stages(stack->plain, stack->plains, 1, cutter);
        if (!cutter->base)
            continue;
        stack->workers = workers;
        stack->partials = partials;
        stack->plain_memory = plain;
        stack->d = d;
    }
}

uint64_t hg__layout_work(struct hg_model *model, size_t samples, float *base)
{
    struct cutter cutter = {base, 0};
    size_t layers = model->plan.layers.count;
    float *errors;

    for (size_t i = layers; i-- > 0;) {
        struct hg__slot *slot = &model->slot[i];
        if (i + 1 < layers && slot[1].shares)
            slot->y = slot[1].y;
        else if (has_rows(model, i))
            slot->y = cut(&cutter, times(samples, slot->stride));
    }
    model->input = cut(&cutter, times(samples, hg__pad(hg_shape_size(model->plan.input))));
    model->code = cut(&cutter, times(samples, model->code_stride));
    model->noise = cut(&cutter, model->plan.gaussian ? times(samples, model->code_stride) : 0);
    model->d = cut(&cutter, times(samples, model->widest));
    model->spare = cut(&cutter, times(samples, model->widest));
    model->column = cut(&cutter, times(7, model->widest));
    errors = cut(&cutter, times(samples, sizeof(double) / sizeof(float)));
    model->errors = (double *)(void *)errors;
    place_stacks(model, samples, &cutter);
    return cutter.used;
}

static bool tiny_layer(const struct hg_model *model, size_t index, struct hg__tiny_layer *layer)
{
    float *unplaced = (float *)(void *)layer; /* while measuring: only says "there is one" */
    const struct hg__slot *slot = &model->slot[index];
    const struct hg__layer *dense = &model->plan.layers.layer[index];
    bool placed = model->values != NULL;

    if (dense->kind != HG__DENSE || dense->tied != HG__UNTIED || dense->gaussian)
        return false;
    memset(layer, 0, sizeof *layer);
    layer->in = slot->in;
    layer->out = slot->out;
    layer->activation = HG_LINEAR;
    layer->weight.value = placed ? model->values + slot->weight : unplaced;
    layer->weight.first = placed ? model->first + slot->weight : NULL;
    layer->weight.second = placed ? model->second + slot->weight : NULL;
    if (slot->bias != HG__NOWHERE) {
        layer->bias.value = placed ? model->values + slot->bias : unplaced;
        layer->bias.first = placed ? model->first + slot->bias : NULL;
        layer->bias.second = placed ? model->second + slot->bias : NULL;
    }
    if (index + 1 < model->plan.layers.count && slot[1].fused) {
        layer->activation = dense[1].activation;
        layer->slope = (float)dense[1].amount;
    }
    return true;
}

/* The most samples up to `samples` that the fast path takes. So a batch of some
 * size goes the same way however many samples were reserved: a run that was
 * resumed with less room must not differ. */
static bool most_samples(struct hg__tiny_plan *tiny, size_t samples)
{
    size_t good = 0, bad = samples + 1;

    while (bad - good > 1) {
        tiny->samples = good + (bad - good) / 2;
        if (hg__tiny_fits(tiny))
            good = tiny->samples;
        else
            bad = tiny->samples;
    }
    tiny->samples = good;
    return good > 0;
}

bool hg__layout_tiny(const struct hg_model *model, size_t samples, struct hg__tiny_layer *layer,
                     struct hg__tiny_plan *tiny)
{
    size_t count = 0;

    for (size_t i = 0; i < model->plan.layers.count; i++) {
        if (model->slot[i].fused)
            continue;
        if (!tiny_layer(model, i, &layer[count++]))
            return false;
    }
    *tiny = (struct hg__tiny_plan){
        .layers = count,
        .layer = layer,
        .loss = model->loss,
        .logits = hg__model_logits(model),
        .center = model->center,
    };
    return most_samples(tiny, samples);
}

static uint64_t tiny_bytes(const struct hg_model *model, size_t samples)
{
    struct hg__tiny_layer *layer = hg__alloc(model->plan.layers.count, sizeof *layer);
    struct hg__tiny_plan tiny;
    uint64_t bytes = 0;

    if (layer && hg__layout_tiny(model, samples, layer, &tiny))
        bytes = hg__tiny_bytes(&tiny);
    hg__free(layer);
    return bytes;
}

uint64_t hg__layout_bytes(const struct hg_model *model, size_t samples)
{
    struct hg_model copy = *model; /* layout_work writes where parts are, to NULL here */
    uint64_t floats = plus(times(model->count, 4),
                           times(model->transposes, model->plan.tied ? 2 : 1));
    uint64_t bytes;

    copy.slot = hg__alloc(model->plan.layers.count, sizeof *copy.slot);
    if (!copy.slot)
        return UINT64_MAX;
    memcpy(copy.slot, model->slot, model->plan.layers.count * sizeof *copy.slot);
    floats = plus(floats, hg__layout_work(&copy, samples, NULL));
    floats = plus(floats, times(model->statistics, 2));
    floats = plus(floats, hg_shape_size(model->plan.input));
    hg__free(copy.slot);
    bytes = times(floats, sizeof(float));
    if (bytes < (uint64_t)1 << 40)
        bytes = plus(bytes, tiny_bytes(model, samples));
    return bytes;
}
