#include "engine/fault.h"

#include <math.h>
#include <string.h>

static struct hg__pass training_pass(const struct hg_model *model, const struct hg_batch *batch)
{
    return (struct hg__pass){
        .samples = batch->samples,
        .training = true,
        .seed = batch->seed,
        .step = batch->step,
        .begin = 0,
        .end = model->plan.layers.count - (hg__model_logits(model) ? 1 : 0),
    };
}

/* Forward, and the loss with its gradient at the network's end in model->d. */
static double ascend(struct hg_model *model, struct hg__pass *pass, const struct hg_batch *batch)
{
    size_t n = hg_model_inputs(model);
    struct hg__view y;
    struct hg__loss loss;

    hg__model_feed(model, pass, batch->input, NULL);
    hg__model_forward(model, pass);
    y = hg__model_output(model, pass);
    loss = (struct hg__loss){
        .loss = model->loss,
        .logits = hg__model_logits(model),
        .samples = batch->samples,
        .n = n,
        .y = y.at,
        .y_stride = y.stride,
        .target = batch->target,
        .target_stride = n,
        .dy = model->d,
        .dy_stride = hg__pad(n),
        .errors = model->errors,
    };
    hg__loss(model->context, &loss);
    return hg__loss_total(model->loss, model->errors, batch->samples, n);
}

/* A tied decoder's share of the encoder's gradients. */
static void add_shared(struct hg_model *model)
{
    for (size_t i = 0; i < model->plan.layers.count; i++) {
        int tied = model->plan.layers.layer[i].tied;
        const struct hg__slot *slot;
        if (model->plan.layers.layer[i].kind != HG__DENSE || tied == HG__UNTIED)
            continue;
        slot = &model->slot[tied];
        hg__dense_transpose(model->context, slot->out, slot->in, model->shared + slot->transposed,
                            model->gradients + slot->weight, true);
    }
}

/* Weight decay and l1 into the gradients, before they are clipped; returns the
 * factor of the clip. */
static float clip(struct hg_model *model, const struct hg_update *update)
{
    float decay = update->optimizer == HG_ADAMW ? 0 : (float)update->weight_decay;
    double norm;

    for (size_t i = 0; i < model->plan.layers.count; i++) {
        const struct hg__slot *slot = &model->slot[i];
        if (hg__layer_weighs(&model->plan.layers.layer[i]) && slot->weight != HG__NOWHERE)
            model->kernels->penalize(model->gradients + slot->weight, model->values + slot->weight,
                                     decay, (float)update->l1, slot->weight_size);
    }
    norm = sqrt(hg__sum_squares(model->context, model->gradients, model->count));
    return norm > update->clip ? (float)(update->clip / norm) : 1;
}

static void update_layer(struct hg_model *model, struct hg__pass *pass, size_t index,
                         const struct hg__rule *weights, const struct hg__rule *others)
{
    const struct hg__slot *slot = &model->slot[index];

    if (slot->weight != HG__NOWHERE) {
        pass->others = hg__layer_weighs(&model->plan.layers.layer[index]) ? weights : others;
        hg__model_update(model, pass, slot->weight, slot->weight_size);
    }
    if (slot->bias != HG__NOWHERE) {
        pass->others = others;
        hg__model_update(model, pass, slot->bias, slot->bias_size);
    }
}

/* The update by itself, when it must wait for all gradients. */
static void update_all(struct hg_model *model, const struct hg__pass *done,
                       const struct hg_batch *batch, const struct hg_update *update)
{
    struct hg__pass pass = *done;
    struct hg_update rest = *update;
    struct hg__rule weights, others;
    float scale = 1;

    if (model->plan.tied)
        add_shared(model);
    hg__fault_spoil(model, batch);
    if (update->clip > 0) {
        scale = clip(model, update);
        rest.l1 = 0;
        if (update->optimizer != HG_ADAMW)
            rest.weight_decay = 0;
    }
    hg__fault_rule(model, &weights, &rest, true, scale);
    hg__fault_rule(model, &others, &rest, false, scale);
    for (size_t i = 0; i < model->plan.layers.count; i++)
        update_layer(model, &pass, i, &weights, &others);
    model->stale = true;
}

/* Is there a bug that must wait for all gradients? */
static bool spoils(const struct hg_model *model)
{
    return model->fault != HG_FAULT_NONE && !hg_fault_updates(model->fault);
}

static double general_step(struct hg_model *model, const struct hg_batch *batch,
                           const struct hg_update *update)
{
    struct hg__pass pass = training_pass(model, batch);
    bool fused = update->clip <= 0 && !model->plan.tied && !spoils(model);
    struct hg__rule weights, others;
    double loss;

    hg__model_refresh(model);
    pass.counts = true;
    pass.first = update->optimizer != HG_SGD && update->optimizer != HG_RMSPROP;
    pass.second = update->optimizer == HG_RMSPROP || update->optimizer == HG_ADAM ||
                  update->optimizer == HG_ADAMW;
    loss = ascend(model, &pass, batch);
    if (fused) {
        hg__fault_rule(model, &weights, update, true, 1);
        hg__fault_rule(model, &others, update, false, 1);
        pass.weights = &weights;
        pass.others = &others;
    }
    hg__model_backward(model, &pass);
    if (!fused)
        update_all(model, &pass, batch, update);
    if (model->tiny)
        hg__tiny_forget(model->tiny);
    return loss;
}

void hg_model_train(struct hg_model *model, const struct hg_batch *batch, struct hg_update *update,
                    double *loss)
{
    unsigned mode = hg__fp_begin();

    update->count++;
    if (model->tiny && !(model->sparsity > 0) && !spoils(model) &&
        hg__tiny_takes(model->tiny, batch->samples, update)) {
        struct hg__tiny_batch tiny = {batch->input, batch->target, batch->samples};
        struct hg__rule weights, others;
        hg__fault_rule(model, &weights, update, true, 1);
        hg__fault_rule(model, &others, update, false, 1);
        *loss = hg__tiny_step(model->tiny, &tiny, &weights, &others);
    } else {
        *loss = general_step(model, batch, update);
    }
    hg__fp_end(mode);
}

/* sparsity x mean over samples of the sum of |code|. */
static double sparsity(const struct hg_model *model, const struct hg__pass *pass)
{
    struct hg__view code = hg__model_input(model, pass, model->plan.encoder);
    size_t codes = hg_model_codes(model);
    double sum = 0;

    for (size_t r = 0; r < pass->samples; r++)
        for (size_t i = 0; i < codes; i++)
            sum += fabs((double)code.at[r * code.stride + i]);
    return model->sparsity * sum / (double)pass->samples;
}

void hg_model_differentiate(struct hg_model *model, const struct hg_batch *batch, double *loss,
                            double *objective)
{
    struct hg__pass pass = training_pass(model, batch);
    unsigned mode = hg__fp_begin();
    double value;

    hg__model_refresh(model);
    value = ascend(model, &pass, batch);
    if (loss)
        *loss = value;
    if (model->sparsity > 0)
        value += sparsity(model, &pass);
    if (model->plan.gaussian)
        value += hg__code_divergence(model, batch->samples);
    if (objective)
        *objective = value;
    hg__model_backward(model, &pass);
    if (model->plan.tied)
        add_shared(model);
    hg__fault_spoil(model, batch);
    hg__fp_end(mode);
}
