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

static void run(struct hg_model *model, const struct hg__pass *pass, size_t index,
                void (*work)(const void *, size_t, size_t))
{
    struct hg__layer_rows argument = {model, pass, index};
    struct hg__rows rows = {work, &argument, pass->samples};

    hg__rows_run(model->context, &rows,
                 OPERATIONS * (double)pass->samples * (double)model->slot[index].out);
}

static void forward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    run(model, pass, index, forward_rows);
}

static void backward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    run(model, pass, index, backward_rows);
}

const struct hg__layer_ops hg__dropout_ops = {forward, backward};
