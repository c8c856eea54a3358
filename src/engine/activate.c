/* An activation that stands alone (after batch norm, dropout or another one, or
 * at the end of a network): elsewhere the dense layer below computes it. */
#include "engine/norm.h"

enum { OPERATIONS = 20 }; /* of one element, about */

static struct hg__view kept_of(const struct hg__layer_rows *rows)
{
    const struct hg__layer *layer = &rows->model->plan.layers.layer[rows->index];
    const struct hg__slot *slot = &rows->model->slot[rows->index];

    if (hg__activation_keeps_input(layer->activation, (float)layer->amount))
        return hg__model_input(rows->model, rows->pass, rows->index);
    return (struct hg__view){slot->y, slot->stride};
}

static void forward_rows(const void *argument, size_t row, size_t row_end)
{
    const struct hg__layer_rows *rows = argument;
    const struct hg__layer *layer = &rows->model->plan.layers.layer[rows->index];
    const struct hg__slot *slot = &rows->model->slot[rows->index];
    struct hg__view x = hg__model_input(rows->model, rows->pass, rows->index);

    for (size_t r = row; r < row_end; r++)
        rows->model->kernels->activate(layer->activation, (float)layer->amount, x.at + r * x.stride,
                                       slot->y + r * slot->stride, slot->out);
}

static void backward_rows(const void *argument, size_t row, size_t row_end)
{
    const struct hg__layer_rows *rows = argument;
    const struct hg__layer *layer = &rows->model->plan.layers.layer[rows->index];
    const struct hg__slot *slot = &rows->model->slot[rows->index];
    struct hg__view kept = kept_of(rows);

    for (size_t r = row; r < row_end; r++) {
        float *d = rows->model->d + r * slot->stride;
        rows->model->kernels->activate_back(layer->activation, (float)layer->amount,
                                            kept.at + r * kept.stride, d, d, slot->out);
    }
}

static void forward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    if (index > 0 && hg__norm_folds(model, pass, index - 1))
        return;
    /* A pass that begins here has no dense layer below to do it. */
    if (!model->slot[index].fused || index == pass->begin)
        hg__layer_rows_run(&(struct hg__layer_rows){model, pass, index}, forward_rows, OPERATIONS);
}

static void backward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    if (!model->slot[index].derived)
        hg__layer_rows_run(&(struct hg__layer_rows){model, pass, index}, backward_rows, OPERATIONS);
    model->slot[index].derived = false;
}

const struct hg__layer_ops hg__activate_ops = {forward, backward};
