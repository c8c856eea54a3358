#include "engine/stack.h"

#include <string.h>

enum { PIECE = 16 }; /* rows of one task */

/* One line a kind of layer; those of images, and their words, are run by stack.c. */
static const struct hg__layer_ops *const table[HG__KINDS] = {
    [HG__DENSE] = &hg__dense_ops,
    [HG__CONV] = &hg__map_ops,
    [HG__POOL] = &hg__map_ops,
    [HG__UP] = &hg__map_ops,
    [HG__BN] = &hg__bn_ops,
    [HG__DROPOUT] = &hg__dropout_ops,
    [HG__ACTIVATE] = &hg__activate_ops,
};

static const struct hg__layer_ops *ops_of(const struct hg_model *model, size_t index)
{
    const struct hg__layer *layer = &model->plan.layers.layer[index];

    return layer->map ? &hg__map_ops : table[layer->kind];
}

struct hg__view hg__model_input(const struct hg_model *model, const struct hg__pass *pass,
                                size_t index)
{
    if (index == pass->begin)
        return (struct hg__view){pass->x, pass->x_stride};
    if (index == model->plan.encoder && model->plan.gaussian)
        return (struct hg__view){model->code, model->code_stride};
    return (struct hg__view){model->slot[index - 1].y, model->slot[index - 1].stride};
}

struct hg__view hg__model_output(const struct hg_model *model, const struct hg__pass *pass)
{
    return hg__model_input(model, pass, pass->end);
}

void hg__model_swap(struct hg_model *model)
{
    float *kept = model->d;

    model->d = model->spare;
    model->spare = kept;
}

static void rows_task(void *argument, size_t index, int worker)
{
    const struct hg__rows *rows = argument;
    size_t row = index * PIECE;

    (void)worker;
    rows->work(rows->argument, row, row + PIECE < rows->samples ? row + PIECE : rows->samples);
}

void hg__rows_run(const struct hg_context *context, const struct hg__rows *rows, double flops)
{
    struct hg__rows copy = *rows;

    hg__context_run(context, flops, rows_task, &copy, (rows->samples + PIECE - 1) / PIECE);
}

void hg__layer_rows_run(const struct hg__layer_rows *layer,
                        void (*work)(const void *argument, size_t row, size_t row_end),
                        double operations)
{
    struct hg__rows rows = {work, layer, layer->pass->samples};
    double outputs = (double)rows.samples * (double)layer->model->slot[layer->index].out;

    hg__rows_run(layer->model->context, &rows, operations * outputs);
}

void hg__model_update(struct hg_model *model, const struct hg__pass *pass, size_t offset,
                      size_t count)
{
    if (!pass->others)
        return;
    hg__update(model->context, pass->others,
               (struct hg__parameters){
                   .value = model->values + offset,
                   .gradient = model->gradients + offset,
                   .first = pass->first ? model->first + offset : NULL,
                   .second = pass->second ? model->second + offset : NULL,
               },
               count);
}

bool hg__model_logits(const struct hg_model *model)
{
    const struct hg__layers *layers = &model->plan.layers;
    const struct hg__layer *last = &layers->layer[layers->count - 1];

    return model->loss == HG_LOSS_BCE && last->kind == HG__ACTIVATE &&
           last->activation == HG_SIGMOID;
}

/* ---- input ---- */

struct feed {
    const struct hg_model *model;
    const float *input;
    const uint32_t *order;
    size_t n, stride;
};

static void feed_rows(const void *argument, size_t row, size_t row_end)
{
    const struct feed *feed = argument;
    const struct hg_model *model = feed->model;

    for (size_t r = row; r < row_end; r++) {
        const float *from = feed->input + (feed->order ? feed->order[r] : r) * feed->n;
        float *to = model->input + r * feed->stride;
        if (model->center)
            model->kernels->subtract_rows(to, from, model->center, feed->n);
        else
            memcpy(to, from, feed->n * sizeof *to);
    }
}

void hg__model_feed(struct hg_model *model, struct hg__pass *pass, const float *input,
                    const uint32_t *order)
{
    size_t n = hg_shape_size(model->plan.input);
    struct feed feed = {model, input, order, n, hg__pad(n)};
    struct hg__rows rows = {feed_rows, &feed, pass->samples};

    pass->x = model->input;
    pass->x_stride = feed.stride;
    if (model->center || order ||
        (model->plan.layers.layer[0].kind != HG__DENSE && !model->plan.layers.layer[0].map)) {
        hg__rows_run(model->context, &rows, (double)pass->samples * (double)n);
    } else {
        pass->x = input;
        pass->x_stride = n;
    }
}

/* ---- up and down ---- */

void hg__model_forward(struct hg_model *model, const struct hg__pass *pass)
{
    for (size_t i = pass->begin; i < pass->end; i++) {
        ops_of(model, i)->forward(model, pass, i);
        if (i + 1 == model->plan.encoder && model->plan.gaussian)
            hg__code_sample(model, pass);
    }
}

/* The gradient of sparsity x mean over samples of sum |code|. */
static void add_sparsity(struct hg_model *model, const struct hg__pass *pass)
{
    size_t codes = hg_shape_size(model->plan.code);
    struct hg__view code = hg__model_input(model, pass, model->plan.encoder);
    float weight = (float)(model->sparsity / (double)pass->samples);

    for (size_t r = 0; r < pass->samples; r++)
        for (size_t i = 0; i < codes; i++) {
            float value = code.at[r * code.stride + i];
            model->d[r * hg__pad(model->slot[model->plan.encoder].in) + i] += value > 0   ? weight
                                                                              : value < 0 ? -weight
                                                                                          : 0;
        }
}

void hg__model_backward(struct hg_model *model, const struct hg__pass *pass)
{
    for (size_t i = pass->end; i-- > model->lowest;) {
        ops_of(model, i)->backward(model, pass, i);
        if (i != model->plan.encoder || i == model->lowest)
            continue;
        if (model->sparsity > 0)
            add_sparsity(model, pass);
        if (model->plan.gaussian)
            hg__code_sample_back(model, pass);
    }
}

/* ---- derived copies ---- */

static void transpose_all(const struct hg_model *model)
{
    for (size_t i = 0; i < model->plan.layers.count; i++) {
        const struct hg__slot *slot = &model->slot[i];
        if (slot->transposed != HG__NOWHERE && model->plan.layers.layer[i].kind == HG__DENSE)
            hg__dense_transpose(model->context, slot->in, slot->out, model->values + slot->weight,
                                model->transposed + slot->transposed, false);
    }
}

/* Nothing that can be seen of the model changes here, so readers may call it. */
void hg__model_settle(const struct hg_model *model)
{
    struct hg_model *inside = (struct hg_model *)model;

    if (model->tiny && hg__tiny_settle(model->tiny))
        inside->stale = true;
}

void hg__model_refresh(struct hg_model *model)
{
    hg__model_settle(model);
    if (model->stale) {
        transpose_all(model);
        if (model->stacks)
            hg__stacks_derive(model);
    }
    model->stale = false;
}

/* A tied decoder multiplies by transposed copies, convolutions by folded ones; else only
 * backward needs them. */
void hg__model_ready(struct hg_model *model)
{
    if (model->plan.tied || model->stacks)
        hg__model_refresh(model);
    else
        hg__model_settle(model);
}

void hg__model_touch(struct hg_model *model)
{
    if (model->tiny)
        hg__tiny_forget(model->tiny);
    model->stale = true;
}
