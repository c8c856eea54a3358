#include "engine/model.h"

#include "base/mem.h"
#include "engine/activation.h"
#include "engine/init.h"

#include <stdio.h>
#include <string.h>

enum { MOST_TENSORS = 4 }; /* of one layer */

static void add_tensor(struct hg_model *model, size_t layer, const char *name, size_t offset)
{
    const struct hg__layer *from = &model->plan.layers.layer[layer];
    const struct hg__slot *slot = &model->slot[layer];
    struct hg__tensor *tensor = &model->tensor[model->tensors];

    if (offset == HG__NOWHERE)
        return;
    model->tensors++;
    *tensor = (struct hg__tensor){.layer = layer, .offset = offset};
    tensor->packed = from->kind == HG__DENSE && offset == slot->weight;
    tensor->info.trainable = strncmp(name, "running", 7) != 0;
    tensor->info.dims = tensor->packed ? 2 : 1;
    tensor->info.shape[0] = slot->out;
    tensor->info.shape[1] = tensor->packed ? slot->in : 0;
    tensor->info.count = slot->out * (tensor->packed ? slot->in : 1);
    snprintf(tensor->info.name, sizeof tensor->info.name, "%s.%d.%s",
             from->decoder ? "decoder" : "encoder", from->module, name);
}

enum hg_status hg__tensors_make(struct hg_model *model, struct hg_error *error)
{
    model->tensor = hg__alloc(model->plan.layers.count * MOST_TENSORS, sizeof *model->tensor);
    if (!model->tensor)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the list of tensors");
    for (size_t i = 0; i < model->plan.layers.count; i++) {
        add_tensor(model, i, "weight", model->slot[i].weight);
        add_tensor(model, i, "bias", model->slot[i].bias);
        add_tensor(model, i, "running_mean", model->slot[i].mean);
        add_tensor(model, i, "running_var", model->slot[i].variance);
    }
    return HG_OK;
}

size_t hg_model_tensors(const struct hg_model *model)
{
    return model->tensors;
}

struct hg_tensor_info hg_model_tensor(const struct hg_model *model, size_t index)
{
    return model->tensor[index].info;
}

/* The flat vector of a part; NULL where a tensor has none. */
static float *vector_of(const struct hg_model *model, const struct hg__tensor *tensor,
                        enum hg_tensor_part part)
{
    if (!tensor->info.trainable)
        return part == HG_PART_VALUE ? model->running : NULL;
    switch (part) {
    case HG_PART_GRADIENT:
        return model->gradients;
    case HG_PART_FIRST:
        return model->first;
    case HG_PART_SECOND:
        return model->second;
    default:
        return model->values;
    }
}

void hg_model_read(const struct hg_model *model, size_t index, enum hg_tensor_part part, float *out)
{
    const struct hg__tensor *tensor = &model->tensor[index];
    const float *vector = vector_of(model, tensor, part);
    size_t in = tensor->info.shape[1];

    hg__model_settle(model);
    if (!vector)
        memset(out, 0, tensor->info.count * sizeof *out);
    else if (!tensor->packed)
        memcpy(out, vector + tensor->offset, tensor->info.count * sizeof *out);
    else
        for (size_t o = 0; o < tensor->info.shape[0]; o++)
            for (size_t i = 0; i < in; i++)
                out[o * in + i] = vector[tensor->offset + hg__weight_index(in, o, i)];
}

void hg_model_write(struct hg_model *model, size_t index, enum hg_tensor_part part, const float *in)
{
    const struct hg__tensor *tensor = &model->tensor[index];
    float *vector = vector_of(model, tensor, part);
    size_t inputs = tensor->info.shape[1];

    hg__model_settle(model);
    if (!vector)
        return;
    if (!tensor->packed)
        memcpy(vector + tensor->offset, in, tensor->info.count * sizeof *in);
    else
        for (size_t o = 0; o < tensor->info.shape[0]; o++)
            for (size_t i = 0; i < inputs; i++)
                vector[tensor->offset + hg__weight_index(inputs, o, i)] = in[o * inputs + i];
    hg__model_touch(model);
}

void hg_model_reset_moments(struct hg_model *model)
{
    hg__model_settle(model);
    memset(model->first, 0, 2 * model->count * sizeof *model->first);
    hg__model_touch(model);
}

size_t hg_model_state_count(const struct hg_model *model)
{
    return model->count + model->statistics;
}

void hg_model_state_save(const struct hg_model *model, float *state)
{
    hg__model_settle(model);
    memcpy(state, model->values, model->count * sizeof *state);
    memcpy(state + model->count, model->running, model->statistics * sizeof *state);
}

void hg_model_state_restore(struct hg_model *model, const float *state)
{
    hg__model_settle(model);
    memcpy(model->values, state, model->count * sizeof *state);
    memcpy(model->running, state + model->count, model->statistics * sizeof *state);
    hg__model_touch(model);
}

/* ---- beginning values ---- */

static void init_weight(struct hg_model *model, size_t index, const struct hg__init *init,
                        uint64_t seed)
{
    enum { RUN = 256 };
    const struct hg__tensor *tensor = &model->tensor[index];
    float *weight = model->values + tensor->offset, run[RUN];
    size_t out = tensor->info.shape[0], in = tensor->info.shape[1];
    struct hg__init_fan fan = {in, out, model->plan.layers.layer[tensor->layer].follows};
    struct hg__rng rng;

    hg__rng_start(&rng, seed, HG__RNG_INIT, index, 0);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i += RUN) {
            size_t length = in - i < RUN ? in - i : RUN;
            hg__init_fill(init, &fan, &rng, run, length);
            for (size_t k = 0; k < length; k++)
                weight[hg__weight_index(in, o, i + k)] = run[k];
        }
}

static void fill(float *vector, size_t count, float value)
{
    for (size_t i = 0; i < count; i++)
        vector[i] = value;
}

enum hg_status hg_model_init(struct hg_model *model, const char *text, uint64_t seed,
                             struct hg_error *error)
{
    struct hg__init init;
    enum hg_status status = hg__init_parse(text, &init, error);

    if (status)
        return status;
    hg__model_settle(model);
    memset(model->values, 0, model->count * sizeof *model->values);
    memset(model->running, 0, model->statistics * sizeof *model->running);
    for (size_t i = 0; i < model->tensors; i++) {
        const struct hg__tensor *tensor = &model->tensor[i];
        const struct hg__slot *slot = &model->slot[tensor->layer];
        if (tensor->packed)
            init_weight(model, i, &init, seed);
        else if (!tensor->info.trainable && tensor->offset == slot->variance)
            fill(model->running + tensor->offset, tensor->info.count, 1);
        else if (tensor->info.trainable && tensor->offset == slot->weight)
            fill(model->values + tensor->offset, tensor->info.count, 1);
    }
    hg__model_touch(model);
    return HG_OK;
}

/* Back from the output through the activations above the last layer that adds a
 * bias: dense, or the batch norm that would undo it. */
void hg_model_set_output_bias(struct hg_model *model, const float *mean)
{
    const struct hg__layers *layers = &model->plan.layers;
    size_t at = layers->count - 1;

    hg__model_settle(model);
    while (layers->layer[at].kind != HG__DENSE && layers->layer[at].kind != HG__BN)
        at--;
    if (model->slot[at].bias == HG__NOWHERE)
        return;
    for (size_t i = 0; i < model->slot[at].out; i++) {
        double value = mean[i];
        for (size_t l = layers->count - 1; l > at; l--)
            if (layers->layer[l].kind == HG__ACTIVATE)
                value = hg__activation_inverse(layers->layer[l].activation, layers->layer[l].amount,
                                               value);
        model->values[model->slot[at].bias + i] = (float)value;
    }
    hg__model_touch(model);
}
