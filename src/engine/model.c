#include "engine/fault.h"
#include "engine/reference.h"
#include "engine/stack.h"

#include "base/mem.h"
#include "base/number.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LEAST_ROOM = 16 }; /* samples: so that evaluation need not go one by one */

/* Fills slots and offsets; with `model` zero before. */
static enum hg_status sketch(struct hg_model *model, const struct hg_model_config *config,
                             struct hg_model_fault *fault, struct hg_error *error)
{
    enum hg_status status = hg__plan_make(config, &model->plan, fault, error);

    if (status)
        return status;
    model->loss = config->loss;
    model->beta = config->beta;
    model->sparsity = config->sparsity;
    return hg__layout_make(model, error);
}

static void erase(struct hg_model *model)
{
    hg__tiny_destroy(model->tiny);
    hg__reference_destroy(model->twin);
    hg__free(model->work);
    hg__free(model->values);
    hg__free(model->transposed);
    hg__free(model->shared);
    hg__free(model->running);
    hg__free(model->seen);
    hg__free(model->lazy);
    hg__free(model->center_area);
    hg__free(model->tensor);
    hg__free(model->slot);
    hg__stacks_fini(model);
    hg__plan_fini(&model->plan);
}

enum hg_status hg_model_measure(const struct hg_model_config *config, size_t batch,
                                uint64_t *parameters, uint64_t *bytes, struct hg_model_fault *fault,
                                struct hg_error *error)
{
    struct hg_model model = {0};
    enum hg_status status = sketch(&model, config, fault, error);

    if (!status) {
        *parameters = model.plan.parameters;
        *bytes = hg__layout_bytes(&model, batch > LEAST_ROOM ? batch : LEAST_ROOM);
    }
    erase(&model);
    return status;
}

static enum hg_status check_memory(const struct hg_model *model, size_t samples,
                                   struct hg_error *error)
{
    uint64_t bytes = hg__layout_bytes(model, samples);
    uint64_t most = hg_context_max_memory(model->context);
    char needs[32], has[32];

    if (bytes <= most)
        return HG_OK;
    hg__print_bytes(bytes, needs);
    hg__print_bytes(most, has);
    return hg_error_set(error, HG_NO_MEMORY,
                        "the network needs %s%s for %llu parameters and batches of %zu, "
                        "this machine has %s",
                        bytes == UINT64_MAX ? "more than " : "", needs,
                        (unsigned long long)model->plan.parameters, samples, has);
}

static enum hg_status no_memory(const struct hg_model *model, size_t samples,
                                struct hg_error *error)
{
    char needs[32];

    hg__print_bytes(hg__layout_bytes(model, samples), needs);
    return hg_error_set(error, HG_NO_MEMORY, "no memory for the network, which needs %s", needs);
}

/* The first cache line in an area of hg__alloc that has HG__LANES floats more. */
static float *align(float *area)
{
    uintptr_t at = (uintptr_t)area, line = HG__LANES * sizeof(float);

    return area + ((at + line - 1) / line * line - at) / sizeof(float);
}

/* Gradients and moments are not touched before something needs them: sgd with
 * fused updates never does, and memory that is never touched is never used. */
static bool allocate(struct hg_model *model)
{
    size_t n = hg_shape_size(model->plan.input);

    model->values = hg__alloc_aligned(model->count, sizeof(float));
    model->transposed = hg__alloc_aligned(model->transposes, sizeof(float));
    model->shared = hg__alloc_aligned(model->plan.tied ? model->transposes : 0, sizeof(float));
    model->running = hg__alloc_aligned(model->statistics, sizeof(float));
    model->seen = hg__alloc_aligned(model->statistics, sizeof(float));
    model->center_area = hg__alloc_aligned(hg__pad(n), sizeof(float));
    model->lazy = hg__alloc(3 * model->count + HG__LANES, sizeof(float));
    if (!model->values || !model->transposed || !model->shared || !model->running || !model->seen ||
        !model->center_area || !model->lazy)
        return false;
    model->gradients = align(model->lazy);
    model->first = model->gradients + model->count;
    model->second = model->first + model->count;
    return true;
}

enum hg_status hg_model_create(struct hg_context *context, const struct hg_model_config *config,
                               struct hg_model **model, struct hg_model_fault *fault,
                               struct hg_error *error)
{
    struct hg_model *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *model = NULL;
    if (!made)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a network");
    made->context = context;
    made->kernels = hg__context_kernels(context);
    status = sketch(made, config, fault, error);
    if (!status)
        status = check_memory(made, LEAST_ROOM, error);
    if (!status && !allocate(made))
        status = no_memory(made, LEAST_ROOM, error);
    if (!status)
        status = hg__tensors_make(made, error);
    if (!status)
        status = hg_model_reserve(made, 1, error);
    if (status) {
        hg_model_destroy(made);
        return status;
    }
    made->stale = true;
    *model = made;
    return HG_OK;
}

void hg_model_destroy(struct hg_model *model)
{
    if (!model)
        return;
    erase(model);
    hg__free(model);
}

/* The fast path, where there is one; without memory the general path serves. */
static void make_tiny(struct hg_model *model, size_t samples)
{
    struct hg__tiny_layer *layer = hg__alloc(model->plan.layers.count, sizeof *layer);
    struct hg__tiny_plan tiny;

    hg__model_settle(model);
    hg__tiny_destroy(model->tiny);
    model->tiny = NULL;
    model->stale = true;
    if (layer && hg__layout_tiny(model, samples, layer, &tiny))
        model->tiny = hg__tiny_create(model->context, &tiny);
    hg__free(layer);
}

enum hg_status hg_model_reserve(struct hg_model *model, size_t samples, struct hg_error *error)
{
    size_t room = samples > LEAST_ROOM ? samples : LEAST_ROOM;
    enum hg_status status;
    float *work;

    if (model->work && samples <= model->asked)
        return HG_OK;
    if ((status = check_memory(model, room, error)))
        return status;
    if (room > model->reserved) {
        work = hg__alloc_aligned((size_t)hg__layout_work(model, room, NULL), sizeof(float));
        if (!work) {
            (void)hg__layout_work(model, model->reserved, model->work);
            return no_memory(model, room, error);
        }
        (void)hg__layout_work(model, room, work);
        hg__free(model->work);
        model->work = work;
        model->reserved = room;
        if ((status = hg__fault_reserve(model, error)))
            return status;
    }
    model->asked = samples;
    make_tiny(model, samples);
    return HG_OK;
}

void hg_model_set_center(struct hg_model *model, const float *mean)
{
    bool had = model->center != NULL;

    model->center = mean ? model->center_area : NULL;
    if (mean)
        memcpy(model->center_area, mean, hg_model_inputs(model) * sizeof *mean);
    if (had != (mean != NULL))
        make_tiny(model, model->asked);
}

void hg_model_set_penalties(struct hg_model *model, double beta, double sparsity)
{
    model->beta = beta;
    model->sparsity = sparsity;
}

/* ---- facts ---- */

size_t hg_model_inputs(const struct hg_model *model)
{
    return hg_shape_size(model->plan.input);
}

size_t hg_model_codes(const struct hg_model *model)
{
    return hg_shape_size(model->plan.code);
}

uint64_t hg_model_parameters(const struct hg_model *model)
{
    return model->plan.parameters;
}

/* A multiply-add is two operations; forward, weight gradient, and input gradient
 * of every layer but the first. */
uint64_t hg_model_flops(const struct hg_model *model)
{
    return 2 * (3 * model->plan.macs - model->plan.first_macs);
}

uint64_t hg_model_encode_flops(const struct hg_model *model)
{
    return 2 * model->plan.encoder_macs;
}

bool hg_model_gaussian(const struct hg_model *model)
{
    return model->plan.gaussian;
}

enum hg_loss hg_model_loss(const struct hg_model *model)
{
    return model->loss;
}

enum hg_activation hg_model_output_activation(const struct hg_model *model)
{
    const struct hg__layers *layers = &model->plan.layers;
    const struct hg__layer *last = &layers->layer[layers->count - 1];

    return last->kind == HG__ACTIVATE ? last->activation : HG_LINEAR;
}

size_t hg_model_layers(const struct hg_model *model)
{
    return model->plan.layers.count;
}

struct hg_layer_info hg_model_layer(const struct hg_model *model, size_t index)
{
    const struct hg__layer *layer = &model->plan.layers.layer[index];
    struct hg_layer_info info = {.shape = hg__plan_after(&model->plan, index)};

    info.parameters = hg__layer_parameters(&model->plan, index);
    snprintf(info.name, sizeof info.name, "%s.%d", layer->decoder ? "decoder" : "encoder",
             layer->module);
    hg__layer_describe(layer, info.text, sizeof info.text);
    return info;
}

enum hg_status hg_model_sketch(const struct hg_model_config *config, struct hg_sketch *out,
                               struct hg_model_fault *fault, struct hg_error *error)
{
    struct hg_model model = {0};
    enum hg_status status = sketch(&model, config, fault, error);

    *out = (struct hg_sketch){0};
    if (status == HG_OK) {
        out->layers = hg_model_layers(&model);
        out->parameters = model.plan.parameters;
        for (size_t i = 0; i < out->layers && i < HG_SKETCH_LAYERS; i++)
            out->layer[i] = hg_model_layer(&model, i);
    }
    erase(&model);
    return status;
}
