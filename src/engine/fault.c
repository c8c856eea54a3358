/* Known bugs. Two only scale biases, two only change a rule of the update; the others are computed
 * by the twin, so that no kernel knows of them. */
#include "engine/fault.h"

#include "engine/reference.h"

#include <math.h>

static const char *const names[HG_FAULT_COUNT] = {
    [HG_FAULT_NONE] = "none",
    [HG_FAULT_BIAS_PER_WEIGHT] = "bias-per-weight",
    [HG_FAULT_MISSING_DERIVATIVE] = "missing-derivative",
    [HG_FAULT_LAST_SILENT] = "last-neuron-silent",
    [HG_FAULT_ROW0_DERIVATIVE] = "row0-derivative",
    [HG_FAULT_BIAS_MEAN] = "bias-mean-not-sum",
    [HG_FAULT_ADAM_CORRECTION] = "adam-multiplies-correction",
    [HG_FAULT_ADAM_EPOCHS] = "adam-counts-epochs",
};

const char *hg_fault_name(enum hg_fault fault)
{
    return (unsigned)fault < HG_FAULT_COUNT ? names[fault] : NULL;
}

bool hg_fault_updates(enum hg_fault fault)
{
    return fault == HG_FAULT_ADAM_CORRECTION || fault == HG_FAULT_ADAM_EPOCHS;
}

static bool derives(enum hg_fault fault)
{
    return fault == HG_FAULT_MISSING_DERIVATIVE || fault == HG_FAULT_LAST_SILENT ||
           fault == HG_FAULT_ROW0_DERIVATIVE;
}

/* ---- gradients ---- */

double hg__fault_bias(enum hg_fault fault, const struct hg__layer *layer, size_t samples)
{
    if (fault == HG_FAULT_BIAS_MEAN)
        return 1 / (double)samples;
    if (fault != HG_FAULT_BIAS_PER_WEIGHT)
        return 1;
    if (layer->kind == HG__CONV)
        return (double)layer->kernel * layer->kernel * layer->in.channels;
    return (double)hg_shape_size(layer->in);
}

enum hg_status hg__fault_reserve(struct hg_model *model, struct hg_error *error)
{
    hg__reference_destroy(model->twin);
    model->twin = NULL;
    if (!derives(model->fault))
        return HG_OK;
    model->twin = hg__reference_reserve(model, model->reserved);
    if (!model->twin)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a gradient with a bug");
    hg__reference_set_fault(model->twin, model->fault);
    return HG_OK;
}

enum hg_status hg_model_set_fault(struct hg_model *model, enum hg_fault fault,
                                  struct hg_error *error)
{
    enum hg_status status;

    hg__model_settle(model);
    model->fault = fault;
    status = hg__fault_reserve(model, error);
    if (status)
        model->fault = HG_FAULT_NONE;
    return status;
}

static void scale_biases(struct hg_model *model, size_t samples)
{
    for (size_t i = 0; i < model->plan.layers.count; i++) {
        const struct hg__slot *slot = &model->slot[i];
        const struct hg__layer *layer = &model->plan.layers.layer[i];
        float factor = (float)hg__fault_bias(model->fault, layer, samples);
        if (!hg__layer_weighs(layer) || slot->bias == HG__NOWHERE)
            continue;
        for (size_t k = 0; k < slot->bias_size; k++)
            model->gradients[slot->bias + k] *= factor;
    }
}

void hg__fault_spoil(struct hg_model *model, const struct hg_batch *batch)
{
    if (model->fault == HG_FAULT_BIAS_PER_WEIGHT || model->fault == HG_FAULT_BIAS_MEAN)
        scale_biases(model, batch->samples);
    if (!model->twin)
        return;
    hg__reference_load(model->twin, batch);
    (void)hg__reference_objective(model->twin, HG__NOWHERE);
    hg__reference_differentiate(model->twin);
    hg__reference_give(model->twin, model);
}

/* ---- updates ---- */

void hg__fault_rule(const struct hg_model *model, struct hg__rule *rule,
                    const struct hg_update *update, bool weights, float scale)
{
    bool adam = update->optimizer == HG_ADAM || update->optimizer == HG_ADAMW;
    uint64_t t = update->count;

    if (model->fault == HG_FAULT_ADAM_EPOCHS)
        t = update->epoch ? update->epoch : 1;
    hg__rule_set(rule, update, t, weights, scale);
    if (model->fault != HG_FAULT_ADAM_CORRECTION || !adam)
        return;
    rule->rate = (float)(update->rate * (1 - pow(update->beta1, (double)t)));
    rule->correct = (float)(1 - pow(update->beta2, (double)t));
}
