/* Dropout: in training each number is zeroed with probability P, the others are
 * multiplied by 1 / (1 - P). The mask is not stored: backward draws it again. */
#include "engine/model.h"

#include "base/rng.h"

#include <string.h>

enum { OPERATIONS = 16 };

/* Element r * stride + c of the stream (step, layer) is for value c of sample r. */
static struct hg__dropout mask_of(const struct hg__layer_rows *rows)
{
    double share = rows->model->plan.layers.layer[rows->index].amount;
    struct hg__dropout mask;
    struct hg__rng rng;

    hg__rng_start(&rng, rows->pass->seed, HG__RNG_DROPOUT, rows->pass->step, rows->index);
    memcpy(mask.key, rng.key, sizeof mask.key);
    memcpy(mask.counter, rng.counter, sizeof mask.counter);
    mask.threshold = (uint32_t)(share * 0x1p32);
    mask.scale = (float)(1 / (1 - share));
    return mask;
}

static void forward_rows(const void *argument, size_t row, size_t row_end)
{
    const struct hg__layer_rows *rows = argument;
    const struct hg__slot *slot = &rows->model->slot[rows->index];
    struct hg__view x = hg__model_input(rows->model, rows->pass, rows->index);
    struct hg__dropout mask = mask_of(rows);

    for (size_t r = row; r < row_end; r++) {
        float *y = slot->y + r * slot->stride;
        if (rows->pass->training)
            rows->model->kernels->dropout(&mask, x.at + r * x.stride, y, r * slot->stride,
                                          slot->out);
        else
            memcpy(y, x.at + r * x.stride, slot->out * sizeof *y);
    }
}

static void backward_rows(const void *argument, size_t row, size_t row_end)
{
    const struct hg__layer_rows *rows = argument;
    const struct hg__slot *slot = &rows->model->slot[rows->index];
    struct hg__dropout mask = mask_of(rows);

    for (size_t r = row; r < row_end; r++) {
        float *d = rows->model->d + r * slot->stride;
        rows->model->kernels->dropout(&mask, d, d, r * slot->stride, slot->out);
    }
}

static void forward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    hg__layer_rows_run(&(struct hg__layer_rows){model, pass, index}, forward_rows, OPERATIONS);
}

static void backward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    hg__layer_rows_run(&(struct hg__layer_rows){model, pass, index}, backward_rows, OPERATIONS);
}

const struct hg__layer_ops hg__dropout_ops = {forward, backward};
