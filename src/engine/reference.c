#include "engine/reference_state.h"

#include "base/mem.h"
#include "base/rng.h"

#include <string.h>

static double *numbers(struct hg__reference *r, size_t count)
{
    double *area = hg__alloc(count, sizeof *area);

    r->whole = r->whole && area;
    return area;
}

/* ---- building ---- */

static void make_tensors(struct hg__reference *r)
{
    size_t tensors = hg_model_tensors(r->model), largest = 0;

    r->value = hg__alloc(tensors, sizeof *r->value);
    r->gradient = hg__alloc(tensors, sizeof *r->gradient);
    r->whole = r->value && r->gradient;
    for (size_t i = 0; r->whole && i < tensors; i++) {
        size_t count = hg_model_tensor(r->model, i).count;
        largest = count > largest ? count : largest;
        r->value[i] = numbers(r, count);
        r->gradient[i] = numbers(r, count);
    }
    r->raw = hg__alloc(largest, sizeof *r->raw);
    r->whole = r->whole && r->raw;
}

static void copy_tensors(struct hg__reference *r)
{
    for (size_t i = 0; i < hg_model_tensors(r->model); i++) {
        size_t count = r->model->tensor[i].info.count;
        hg_model_read(r->model, i, HG_PART_VALUE, r->raw);
        for (size_t k = 0; k < count; k++)
            r->value[i][k] = r->raw[k];
    }
}

/* Which tensors are this layer's own. */
static void own_tensors(struct hg__reference *r, size_t index)
{
    struct hg__node *node = &r->node[index];
    const struct hg__slot *slot = &r->model->slot[index];

    for (size_t i = 0; i < hg_model_tensors(r->model); i++) {
        const struct hg__tensor *tensor = &r->model->tensor[i];
        int role = tensor->offset == slot->weight ? 0 : 1;
        if (tensor->layer != index || !tensor->info.trainable)
            continue;
        node->value[role] = r->value[i];
        node->gradient[role] = r->gradient[i];
    }
}

static void build_node(struct hg__reference *r, size_t index)
{
    struct hg__node *node = &r->node[index];

    node->layer = &r->model->plan.layers.layer[index];
    node->in = hg_shape_size(node->layer->in);
    node->out = hg_shape_size(node->layer->out);
    node->columns = node->in;
    node->y = numbers(r, r->samples * node->out);
    node->dy = numbers(r, r->samples * node->out);
    node->mean = numbers(r, node->out);
    node->scale = numbers(r, node->out);
    node->taps = numbers(r, hg__reference_taps(node->layer));
    node->hidden = hg__layer_weighs(node->layer) && index < r->last;
    node->end = hg__layers_end_of_group(&r->model->plan.layers, r->encoder, index);
    own_tensors(r, index);
    if (node->layer->kind == HG__DENSE && node->layer->tied != HG__UNTIED) {
        const struct hg__node *other = &r->node[node->layer->tied];
        node->value[0] = other->value[0];
        node->gradient[0] = other->gradient[0];
        node->columns = other->in;
    }
}

static void copy_batch(struct hg__reference *r, const struct hg_batch *batch)
{
    size_t n = hg_model_inputs(r->model);
    struct hg__rng rng;

    for (size_t i = 0; i < r->samples * n; i++) {
        r->input[i] = batch->input[i];
        r->target[i] = batch->target[i];
        if (r->model->center)
            r->input[i] -= r->model->center[i % n];
    }
    hg__rng_start(&rng, r->seed, HG__RNG_CODE, r->step, 0);
    for (size_t i = 0; r->model->plan.gaussian && i < r->samples * r->codes; i++)
        r->noise[i] = (float)hg__rng_normal(&rng);
}

static size_t widest(const struct hg__layers *layers)
{
    size_t most = 0;

    for (size_t i = 0; i < layers->count; i++) {
        size_t out = hg_shape_size(layers->layer[i].out);
        most = out > most ? out : most;
    }
    return most;
}

struct hg__reference *hg__reference_reserve(const struct hg_model *model, size_t samples)
{
    struct hg__reference *r = hg__alloc(1, sizeof *r);
    size_t n = hg_model_inputs(model);

    if (!r)
        return NULL;
    r->model = model;
    r->samples = samples;
    r->layers = model->plan.layers.count;
    r->codes = hg_model_codes(model);
    r->encoder = model->plan.encoder;
    r->last = hg__layers_last_weight(&model->plan.layers);
    make_tensors(r);
    r->node = hg__alloc(r->layers, sizeof *r->node);
    r->whole = r->whole && r->node;
    r->input = numbers(r, r->samples * n);
    r->dinput = numbers(r, r->samples * n);
    r->target = numbers(r, r->samples * n);
    r->code = numbers(r, r->samples * r->codes);
    r->dcode = numbers(r, r->samples * r->codes);
    r->noise = numbers(r, r->samples * r->codes);
    r->origin_room = numbers(r, r->samples * n);
    r->own = numbers(r, r->samples * widest(&model->plan.layers));
    r->down = numbers(r, r->samples * widest(&model->plan.layers));
    for (size_t i = 0; r->whole && i < r->layers; i++)
        build_node(r, i);
    if (r->whole)
        return r;
    hg__reference_destroy(r);
    return NULL;
}

void hg__reference_load(struct hg__reference *r, const struct hg_batch *batch)
{
    r->samples = batch->samples;
    r->seed = batch->seed;
    r->step = batch->step;
    r->origin = NULL;
    r->origin_penalty = 0;
    copy_tensors(r);
    copy_batch(r, batch);
}

struct hg__reference *hg__reference_create(const struct hg_model *model,
                                           const struct hg_batch *batch)
{
    struct hg__reference *r = hg__reference_reserve(model, batch->samples);

    if (r)
        hg__reference_load(r, batch);
    return r;
}

void hg__reference_set_grain(struct hg__reference *r, double grain)
{
    r->grain = grain;
}

void hg__reference_set_fault(struct hg__reference *r, enum hg_fault fault)
{
    r->fault = fault;
}

void hg__reference_destroy(struct hg__reference *r)
{
    if (!r)
        return;
    for (size_t i = 0; r->value && r->gradient && i < hg_model_tensors(r->model); i++) {
        hg__free(r->value[i]);
        hg__free(r->gradient[i]);
    }
    for (size_t i = 0; r->node && i < r->layers; i++) {
        hg__free(r->node[i].y);
        hg__free(r->node[i].dy);
        hg__free(r->node[i].mean);
        hg__free(r->node[i].scale);
        hg__free(r->node[i].taps);
    }
    hg__free(r->value);
    hg__free(r->gradient);
    hg__free(r->node);
    hg__free(r->input);
    hg__free(r->dinput);
    hg__free(r->target);
    hg__free(r->code);
    hg__free(r->dcode);
    hg__free(r->noise);
    hg__free(r->origin_room);
    hg__free(r->own);
    hg__free(r->down);
    hg__free(r->raw);
    hg__free(r);
}

double *hg__reference_values(struct hg__reference *r, size_t index)
{
    return r->value[index];
}

const double *hg__reference_gradient(const struct hg__reference *r, size_t index)
{
    return r->gradient[index];
}

void hg__reference_give(struct hg__reference *r, struct hg_model *model)
{
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        const struct hg_tensor_info *info = &model->tensor[i].info;
        if (!info->trainable)
            continue;
        for (size_t k = 0; k < info->count; k++)
            r->raw[k] = (float)r->gradient[i][k];
        hg_model_write(model, i, HG_PART_GRADIENT, r->raw);
    }
}

double hg__reference_loss(const struct hg__reference *r)
{
    return r->loss;
}

uint64_t hg__reference_choices(const struct hg__reference *r)
{
    return r->choices;
}
