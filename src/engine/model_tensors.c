#include "engine/model.h"

#include "base/mem.h"
#include "engine/activation.h"
#include "engine/init.h"

#include <stdio.h>
#include <string.h>

enum { MOST_TENSORS = 4 }; /* of one layer */

/* A weight of two or more dimensions: out rows of `in` channels x `taps` numbers. */
struct rows {
    size_t out, in, taps;
};

static struct rows rows_of(const struct hg__tensor *tensor)
{
    const struct hg_tensor_info *info = &tensor->info;
    size_t taps = info->dims == 4 ? info->shape[2] * info->shape[3] : 1;

    return (struct rows){info->shape[0], info->shape[1], taps};
}

static void shape_tensor(const struct hg_model *model, struct hg__tensor *tensor)
{
    const struct hg__layer *layer = &model->plan.layers.layer[tensor->layer];
    const struct hg__slot *slot = &model->slot[tensor->layer];
    struct hg_tensor_info *info = &tensor->info;

    info->dims = 1;
    info->shape[0] = layer->map ? (size_t)layer->out.channels : slot->out;
    info->count = info->shape[0];
    if (!tensor->packed)
        return;
    info->dims = layer->kind == HG__CONV ? 4 : 2;
    info->shape[1] = layer->kind == HG__CONV ? (size_t)layer->in.channels : slot->in;
    if (layer->kind == HG__CONV)
        info->shape[2] = info->shape[3] = (size_t)layer->kernel;
    info->count *= info->shape[1] * rows_of(tensor).taps;
}

static void add_tensor(struct hg_model *model, size_t layer, const char *name, size_t offset)
{
    const struct hg__layer *from = &model->plan.layers.layer[layer];
    struct hg__tensor *tensor = &model->tensor[model->tensors];

    if (offset == HG__NOWHERE)
        return;
    model->tensors++;
    *tensor = (struct hg__tensor){.layer = layer, .offset = offset};
    tensor->packed = from->kind != HG__BN && offset == model->slot[layer].weight;
    tensor->info.trainable = strncmp(name, "running", 7) != 0;
    shape_tensor(model, tensor);
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

/* One row of a weight in PyTorch's order (channel, then tap) out of the packed one, where
 * each tap has its channels side by side; or into it. */
static void read_row(const struct rows *rows, const float *packed, size_t o, float *row)
{
    for (size_t c = 0; c < rows->in; c++)
        for (size_t t = 0; t < rows->taps; t++)
            *row++ = packed[hg__weight_index(rows->in * rows->taps, o, t * rows->in + c)];
}

static void write_row(const struct rows *rows, float *packed, size_t o, const float *row)
{
    for (size_t c = 0; c < rows->in; c++)
        for (size_t t = 0; t < rows->taps; t++)
            packed[hg__weight_index(rows->in * rows->taps, o, t * rows->in + c)] = *row++;
}

void hg_model_read(const struct hg_model *model, size_t index, enum hg_tensor_part part, float *out)
{
    const struct hg__tensor *tensor = &model->tensor[index];
    const float *vector = vector_of(model, tensor, part);
    struct rows rows = rows_of(tensor);

    hg__model_settle(model);
    if (!vector)
        memset(out, 0, tensor->info.count * sizeof *out);
    else if (!tensor->packed)
        memcpy(out, vector + tensor->offset, tensor->info.count * sizeof *out);
    else
        for (size_t o = 0; o < rows.out; o++)
            read_row(&rows, vector + tensor->offset, o, out + o * rows.in * rows.taps);
}

void hg_model_write(struct hg_model *model, size_t index, enum hg_tensor_part part, const float *in)
{
    const struct hg__tensor *tensor = &model->tensor[index];
    float *vector = vector_of(model, tensor, part);
    struct rows rows = rows_of(tensor);

    hg__model_settle(model);
    if (!vector)
        return;
    if (!tensor->packed)
        memcpy(vector + tensor->offset, in, tensor->info.count * sizeof *in);
    else
        for (size_t o = 0; o < rows.out; o++)
            write_row(&rows, vector + tensor->offset, o, in + o * rows.in * rows.taps);
    hg__model_touch(model);
}

/* Where it lies in the flat vector of its values. */
static float *place_of(const struct hg_model *model, size_t index, size_t at)
{
    const struct hg__tensor *tensor = &model->tensor[index];
    float *vector = vector_of(model, tensor, HG_PART_VALUE) + tensor->offset;
    struct rows rows = rows_of(tensor);
    size_t row = rows.in * rows.taps, in_row;

    hg__model_settle(model);
    if (!tensor->packed)
        return vector + at;
    in_row = at % row;
    return vector +
           hg__weight_index(row, at / row, in_row % rows.taps * rows.in + in_row / rows.taps);
}

float hg_model_value(const struct hg_model *model, size_t index, size_t at)
{
    return *place_of(model, index, at);
}

void hg_model_set_value(struct hg_model *model, size_t index, size_t at, float value)
{
    *place_of(model, index, at) = value;
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

/* What of the two moments an optimizer moves. */
static bool has_first(enum hg_optimizer optimizer)
{
    return optimizer != HG_SGD && optimizer != HG_RMSPROP;
}

static bool has_second(enum hg_optimizer optimizer)
{
    return optimizer == HG_RMSPROP || optimizer == HG_ADAM || optimizer == HG_ADAMW;
}

size_t hg_model_whole_count(const struct hg_model *model, enum hg_optimizer optimizer)
{
    size_t moments = (size_t)has_first(optimizer) + (size_t)has_second(optimizer);

    return hg_model_state_count(model) + moments * model->count;
}

void hg_model_whole_save(const struct hg_model *model, enum hg_optimizer optimizer, float *state)
{
    hg_model_state_save(model, state);
    state += hg_model_state_count(model);
    if (has_first(optimizer)) {
        memcpy(state, model->first, model->count * sizeof *state);
        state += model->count;
    }
    if (has_second(optimizer))
        memcpy(state, model->second, model->count * sizeof *state);
}

void hg_model_whole_restore(struct hg_model *model, enum hg_optimizer optimizer, const float *state)
{
    size_t size = model->count * sizeof *state;

    hg_model_state_restore(model, state);
    state += hg_model_state_count(model);
    if (has_first(optimizer)) {
        memcpy(model->first, state, size);
        state += model->count;
    } else {
        memset(model->first, 0, size);
    }
    if (has_second(optimizer))
        memcpy(model->second, state, size);
    else
        memset(model->second, 0, size);
}

/* ---- beginning values ---- */

/* Drawn in the order of the tensor's shape, so that how it is packed does not matter. */
static void init_weight(struct hg_model *model, size_t index, const struct hg__init *init,
                        uint64_t seed)
{
    enum { RUN = 256 };
    const struct hg__tensor *tensor = &model->tensor[index];
    struct rows rows = rows_of(tensor);
    float *weight = model->values + tensor->offset, run[RUN];
    size_t in = rows.in * rows.taps;
    struct hg__init_fan fan = {in, rows.out * rows.taps,
                               model->plan.layers.layer[tensor->layer].follows};
    struct hg__rng rng;

    hg__rng_start(&rng, seed, HG__RNG_INIT, index, 0);
    for (size_t o = 0; o < rows.out; o++)
        for (size_t i = 0; i < in; i += RUN) {
            size_t length = in - i < RUN ? in - i : RUN;
            hg__init_fill(init, &fan, &rng, run, length);
            for (size_t k = i; k < i + length; k++)
                weight[hg__weight_index(in, o, k % rows.taps * rows.in + k / rows.taps)] =
                    run[k - i];
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

/* Is it a layer that adds a bias of its own? */
static bool biases(const struct hg__layer *layer)
{
    return layer->kind == HG__DENSE || layer->kind == HG__CONV || layer->kind == HG__BN;
}

static double mean_of(const float *from, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += from[i];
    return sum / (double)count;
}

/* Back from the output through the activations above the last layer that adds a
 * bias: dense, conv, or the batch norm that would undo it. A map has one bias for all
 * pixels of a channel: it gets what their mean asks for. */
void hg_model_set_output_bias(struct hg_model *model, const float *mean)
{
    const struct hg__layers *layers = &model->plan.layers;
    size_t at = layers->count - 1, values, each;
    struct hg_shape shape;

    hg__model_settle(model);
    while (!biases(&layers->layer[at]))
        at--;
    if (model->slot[at].bias == HG__NOWHERE)
        return;
    shape = layers->layer[at].out;
    values = layers->layer[at].map ? (size_t)shape.channels : model->slot[at].out;
    each = layers->layer[at].map ? (size_t)shape.rows * (size_t)shape.columns : 1;
    for (size_t i = 0; i < values; i++) {
        double value = mean_of(mean + i * each, each);
        for (size_t l = layers->count - 1; l > at; l--)
            if (layers->layer[l].kind == HG__ACTIVATE)
                value = hg__activation_inverse(layers->layer[l].activation, layers->layer[l].amount,
                                               value);
        model->values[model->slot[at].bias + i] = (float)value;
    }
    hg__model_touch(model);
}
