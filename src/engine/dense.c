#include "engine/norm.h"

/* Where the weight of a layer is, and its transposed copy: a tied layer uses the
 * encoder's the other way round. */
struct matrix {
    float *straight, *transposed;
};

static struct matrix matrix_of(const struct hg_model *model, size_t index)
{
    int tied = model->plan.layers.layer[index].tied;
    const struct hg__slot *slot = &model->slot[tied == HG__UNTIED ? index : (size_t)tied];
    float *value = model->values + slot->weight;
    float *copy = slot->transposed == HG__NOWHERE ? NULL : model->transposed + slot->transposed;

    return tied == HG__UNTIED ? (struct matrix){value, copy} : (struct matrix){copy, value};
}

static void forward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__slot *slot = &model->slot[index];
    const struct hg__layer *layer = &model->plan.layers.layer[index];
    struct hg__view x = hg__model_input(model, pass, index);
    struct hg__forward job = {
        .samples = pass->samples,
        .in = slot->in,
        .out = slot->out,
        .x = x.at,
        .x_stride = x.stride,
        .weight = matrix_of(model, index).straight,
        .bias = slot->bias == HG__NOWHERE ? NULL : model->values + slot->bias,
        .y = slot->y,
        .y_stride = slot->stride,
        .activation = HG_LINEAR,
    };

    if (index + 1 < pass->end && slot[1].fused) {
        job.activation = layer[1].activation;
        job.slope = (float)layer[1].amount;
        job.y = slot[1].y;
        job.z = slot[1].shares ? NULL : slot->y;
    }
    if (index + 1 < pass->end && hg__norm_folds(model, pass, index + 1)) {
        hg__norm_fold(model, index + 1, &job);
        job.y = slot[1].y;
        if (index + 2 < pass->end && layer[2].kind == HG__ACTIVATE) {
            job.activation = layer[2].activation;
            job.slope = (float)layer[2].amount;
            job.y = slot[2].y;
        }
    }
    hg__dense_forward(model->context, &job);
}

/* Does something come between this layer's input and the layer below, so that
 * the activation below must wait for its derivative? */
static bool interrupted(const struct hg_model *model, size_t index)
{
    return index == model->plan.encoder && (model->plan.gaussian || model->sparsity > 0);
}

static void pass_down(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__slot *slot = &model->slot[index];
    const struct hg__layer *below = &model->plan.layers.layer[index - 1];
    struct hg__backward job = {
        .samples = pass->samples,
        .in = slot->in,
        .out = slot->out,
        .dy = model->d,
        .dy_stride = slot->stride,
        .transposed = matrix_of(model, index).transposed,
        .dx = model->spare,
        .dx_stride = hg__pad(slot->in),
        .activation = HG_LINEAR,
    };

    if (below->kind == HG__ACTIVATE && !below->map && !interrupted(model, index)) {
        bool input = hg__activation_keeps_input(below->activation, (float)below->amount);
        struct hg__view kept = hg__model_input(model, pass, input ? index - 1 : index);
        job.kept = kept.at;
        job.kept_stride = kept.stride;
        job.activation = below->activation;
        job.slope = (float)below->amount;
        model->slot[index - 1].derived = true;
    }
    hg__dense_backward(model->context, &job);
}

/* The weight's gradient; with rules and nobody to share it, its update too. */
static void gradient(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__slot *slot = &model->slot[index];
    int tied = model->plan.layers.layer[index].tied;
    struct hg__view x = hg__model_input(model, pass, index);
    struct hg__gradient job = {
        .samples = pass->samples,
        .in = slot->in,
        .out = slot->out,
        .x = x.at,
        .x_stride = x.stride,
        .dy = model->d,
        .dy_stride = slot->stride,
        .bias_gradient = slot->bias == HG__NOWHERE ? NULL : model->gradients + slot->bias,
    };

    if (tied != HG__UNTIED) {
        job.gradient = model->shared + model->slot[tied].transposed;
    } else if (pass->weights) {
        job.rule = pass->weights;
        job.weight = model->values + slot->weight;
        job.first = pass->first ? model->first + slot->weight : NULL;
        job.second = pass->second ? model->second + slot->weight : NULL;
        job.transposed = matrix_of(model, index).transposed;
    } else {
        job.gradient = model->gradients + slot->weight;
    }
    hg__dense_gradient(model->context, &job);
    if (slot->bias != HG__NOWHERE)
        hg__model_update(model, pass, slot->bias, slot->stride);
}

/* Backward before gradient: the second may update the weight. In between, d is
 * still the gradient at this layer's output. */
static void backward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    if (index > model->lowest)
        pass_down(model, pass, index);
    gradient(model, pass, index);
    if (index > model->lowest)
        hg__model_swap(model);
}

const struct hg__layer_ops hg__dense_ops = {forward, backward};
