#include "engine/stack.h"

#include <string.h>

/* Copies rows of a view to unpadded rows. */
static void copy_out(struct hg__view from, size_t samples, size_t n, float *to)
{
    for (size_t r = 0; r < samples; r++)
        memcpy(to + r * n, from.at + r * from.stride, n * sizeof *to);
}

static size_t piece_of(const struct hg_model *model, size_t done, size_t samples)
{
    enum { MOST = 256 };
    size_t room = model->reserved < MOST ? model->reserved : MOST;

    return samples - done < room ? samples - done : room;
}

void hg_model_reconstruct(struct hg_model *model, const float *input, size_t samples, float *output,
                          float *codes)
{
    size_t n = hg_model_inputs(model), k = hg_model_codes(model), piece;
    unsigned mode = hg__fp_begin();

    hg__model_ready(model);
    for (size_t done = 0; done < samples; done += piece) {
        struct hg__pass pass = {
            .samples = piece = piece_of(model, done, samples),
            .end = output ? model->plan.layers.count : model->plan.encoder,
        };
        hg__model_feed(model, &pass, input + done * n, NULL);
        hg__model_forward(model, &pass);
        if (codes)
            copy_out(hg__model_input(model, &pass, model->plan.encoder), piece, k,
                     codes + done * k);
        if (output)
            copy_out(hg__model_output(model, &pass), piece, n, output + done * n);
    }
    hg__fp_end(mode);
}

void hg_model_decode(struct hg_model *model, const float *codes, size_t samples, float *output)
{
    size_t n = hg_model_inputs(model), k = hg_model_codes(model), piece;
    unsigned mode = hg__fp_begin();

    hg__model_ready(model);
    for (size_t done = 0; done < samples; done += piece) {
        struct hg__pass pass = {
            .samples = piece = piece_of(model, done, samples),
            .begin = model->plan.encoder,
            .end = model->plan.layers.count,
            .x = model->code,
            .x_stride = model->code_stride,
        };
        memset(model->code, 0, piece * model->code_stride * sizeof *model->code);
        for (size_t r = 0; r < piece; r++)
            memcpy(model->code + r * model->code_stride, codes + (done + r) * k, k * sizeof *codes);
        hg__model_forward(model, &pass);
        copy_out(hg__model_output(model, &pass), piece, n, output + done * n);
    }
    hg__fp_end(mode);
}

/* Nothing above the layer runs, so none of its activations is folded into it. */
void hg_model_activations(struct hg_model *model, const float *input, size_t index, float *out)
{
    const struct hg__stack *stack = hg__stack_of(model, index);
    struct hg__pass pass = {.samples = 1, .end = stack ? stack->begin : index + 1};
    unsigned mode = hg__fp_begin();

    hg__model_ready(model);
    hg__model_feed(model, &pass, input, NULL);
    hg__model_forward(model, &pass);
    if (stack)
        hg__stack_show(model, &pass, stack, index, out);
    else
        copy_out(hg__model_output(model, &pass), 1,
                 hg_shape_size(hg__plan_after(&model->plan, index)), out);
    hg__fp_end(mode);
}

/* The targets of a piece: where they are, or gathered into model->d (which
 * nothing else uses in evaluation). */
static struct hg__view targets(struct hg_model *model, const float *values, const uint32_t *order,
                               size_t samples)
{
    size_t n = hg_model_inputs(model);

    if (!order)
        return (struct hg__view){values, n};
    for (size_t r = 0; r < samples; r++)
        memcpy(model->d + r * n, values + order[r] * n, n * sizeof *values);
    return (struct hg__view){model->d, n};
}

double hg_model_evaluate(struct hg_model *model, const float *values, const uint32_t *order,
                         size_t samples, double *errors)
{
    size_t n = hg_model_inputs(model), piece;
    unsigned mode = hg__fp_begin();
    double sum = 0;

    hg__model_ready(model);
    for (size_t done = 0; done < samples; done += piece) {
        const float *from = order ? values : values + done * n;
        const uint32_t *chosen = order ? order + done : NULL;
        struct hg__pass pass = {
            .samples = piece = piece_of(model, done, samples),
            .end = model->plan.layers.count - (hg__model_logits(model) ? 1 : 0),
        };
        struct hg__view y, target;

        hg__model_feed(model, &pass, from, chosen);
        hg__model_forward(model, &pass);
        y = hg__model_output(model, &pass);
        target = targets(model, from, chosen, piece);
        hg__loss(model->context, &(struct hg__loss){
                                     .loss = model->loss,
                                     .logits = hg__model_logits(model),
                                     .samples = piece,
                                     .n = n,
                                     .y = y.at,
                                     .y_stride = y.stride,
                                     .target = target.at,
                                     .target_stride = target.stride,
                                     .errors = model->errors,
                                 });
        for (size_t r = 0; r < piece; r++) {
            double error = hg__loss_each(model->loss, model->errors[r], n);
            sum += error;
            if (errors)
                errors[done + r] = error;
        }
    }
    hg__fp_end(mode);
    return samples ? sum / (double)samples : 0;
}
