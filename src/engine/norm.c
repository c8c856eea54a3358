/* Batch norm over the values of a dense layer, as PyTorch's BatchNorm1d: epsilon
 * 1e-5, momentum 0.1, biased variance to normalise, unbiased for the running
 * estimate. A batch of one sample has variance 0, so it gives the bias.
 *
 * A task is a block of columns and does everything for it, so that each sum over
 * the batch is one chain whatever the team. Sums are taken of x minus the running
 * mean for the mean, then of x minus that for the variance: no cancellation, also
 * before the running mean has come near. */
#include "engine/norm.h"

#include <math.h>

enum { BLOCK = 64, OPERATIONS = 16, SCRATCH = 7 };

#define EPSILON  1e-5
#define MOMENTUM 0.1

/* Columns begin..begin+count-1 of one bn layer; all pointers are at `begin`. */
struct block {
    struct hg__view x;
    float *y, *d;
    size_t stride, samples, count;
    float *mean, *variance, *seen_mean, *seen_scale;
    float *weight, *bias, *weight_gradient, *bias_gradient; /* bias may be NULL */
    float *scratch[SCRATCH];
};

static struct block block_of(const struct hg__layer_rows *rows, size_t index)
{
    const struct hg_model *model = rows->model;
    const struct hg__slot *slot = &model->slot[rows->index];
    size_t begin = index * BLOCK;
    bool biased = slot->bias != HG__NOWHERE;
    struct block block = {
        .x = hg__model_input(model, rows->pass, rows->index),
        .y = slot->y + begin,
        .d = model->d + begin,
        .stride = slot->stride,
        .samples = rows->pass->samples,
        .count = slot->out - begin < BLOCK ? slot->out - begin : BLOCK,
        .mean = model->running + slot->mean + begin,
        .variance = model->running + slot->variance + begin,
        .seen_mean = model->seen + slot->mean + begin,
        .seen_scale = model->seen + slot->variance + begin,
        .weight = model->values + slot->weight + begin,
        .bias = biased ? model->values + slot->bias + begin : NULL,
        .weight_gradient = model->gradients + slot->weight + begin,
        .bias_gradient = biased ? model->gradients + slot->bias + begin : NULL,
    };

    block.x.at += begin;
    for (size_t i = 0; i < SCRATCH; i++) {
        block.scratch[i] = model->column + i * model->widest + begin;
        /* factors of padding: zero, so that padding stays zero */
        for (size_t c = block.count; c < hg__pad(block.count); c++)
            block.scratch[i][c] = 0;
    }
    return block;
}

/* Mean and 1/sd of the batch; the running estimates when this step counts. */
static void measure(const struct hg__layer_rows *rows, const struct block *b)
{
    float *sum = b->scratch[0], *squares = b->scratch[1];
    double m = (double)b->samples;
    struct hg__columns columns = {
        .rows = b->samples,
        .columns = b->count,
        .x = b->x.at,
        .stride = b->x.stride,
        .shift = b->mean,
        .sum = sum,
        .squares = squares,
    };

    rows->model->kernels->column_sums(&columns);
    for (size_t i = 0; i < b->count; i++)
        b->seen_mean[i] = (float)(b->mean[i] + sum[i] / m);
    columns.shift = b->seen_mean;
    rows->model->kernels->column_sums(&columns);
    for (size_t i = 0; i < b->count; i++) {
        double away = sum[i] / m, mean = b->seen_mean[i] + away;
        double variance = fmax(0, squares[i] / m - away * away);
        double unbiased = b->samples > 1 ? variance * m / (m - 1) : variance;

        b->seen_mean[i] = (float)mean;
        b->seen_scale[i] = (float)(1 / sqrt(variance + EPSILON));
        if (!rows->pass->counts)
            continue;
        b->mean[i] = (float)(b->mean[i] + MOMENTUM * (mean - b->mean[i]));
        b->variance[i] = (float)(b->variance[i] + MOMENTUM * (unbiased - b->variance[i]));
    }
}

/* y = (x a + b + other c) e + f with a, b, c, e, f = scratch 2, 3, 6, 4, 5: what
 * is in the brackets may nearly vanish (a constant value, one sample), so it must
 * be there before it is multiplied by a large 1/sd. */
static void affine_twice(const struct hg__layer_rows *rows, struct hg__affine *affine,
                         const struct block *b)
{
    affine->rows = b->samples;
    affine->columns = b->count;
    affine->stride = b->stride;
    affine->a = b->scratch[2];
    affine->b = b->scratch[3];
    affine->c = affine->other ? b->scratch[6] : NULL;
    rows->model->kernels->column_affine(affine);
    affine->x = affine->y;
    affine->other = NULL;
    affine->a = b->scratch[4];
    affine->b = b->scratch[5];
    affine->c = NULL;
    rows->model->kernels->column_affine(affine);
}

static void forward_block(void *argument, size_t index, int worker)
{
    const struct hg__layer_rows *rows = argument;
    struct block b = block_of(rows, index);
    struct hg__affine affine = {.x = b.x.at, .y = b.y};

    (void)worker;
    if (rows->pass->training)
        measure(rows, &b);
    for (size_t i = 0; i < b.count; i++) {
        bool training = rows->pass->training;
        double factor = training ? b.seen_scale[i] : 1 / sqrt(b.variance[i] + EPSILON);

        b.scratch[2][i] = 1;
        b.scratch[3][i] = training ? -b.seen_mean[i] : -b.mean[i];
        b.scratch[4][i] = (float)(factor * b.weight[i]);
        b.scratch[5][i] = b.bias ? b.bias[i] : 0;
    }
    affine_twice(rows, &affine, &b);
}

/* With h = (x - mean) s: dw = sum dy h, db = sum dy,
 * dx = w s (dy - db / m - h dw / m). */
static void backward_block(void *argument, size_t index, int worker)
{
    const struct hg__layer_rows *rows = argument;
    struct block b = block_of(rows, index);
    float *sum = b.scratch[0], *product = b.scratch[1];
    struct hg__columns columns = {
        .rows = b.samples,
        .columns = b.count,
        .x = b.x.at,
        .other = b.d,
        .stride = b.stride,
        .shift = b.seen_mean,
        .sum = sum,
        .squares = product,
    };
    struct hg__affine affine = {.x = b.d, .other = b.x.at, .y = b.d};

    (void)worker;
    rows->model->kernels->column_sums(&columns);
    columns.x = b.d;
    columns.other = columns.shift = NULL;
    columns.squares = NULL;
    rows->model->kernels->column_sums(&columns);
    for (size_t i = 0; i < b.count; i++) {
        double m = (double)b.samples, s = b.seen_scale[i], w = b.weight[i];
        double dw = product[i] * s, slope = -s * dw / m;

        b.weight_gradient[i] = (float)dw;
        if (b.bias_gradient)
            b.bias_gradient[i] = sum[i];
        b.scratch[2][i] = 1;
        b.scratch[3][i] = (float)(-sum[i] / m - slope * b.seen_mean[i]);
        b.scratch[6][i] = (float)slope;
        b.scratch[4][i] = (float)(w * s);
        b.scratch[5][i] = 0;
    }
    affine_twice(rows, &affine, &b);
}

static void run(struct hg_model *model, const struct hg__pass *pass, size_t index, hg__task *task)
{
    struct hg__layer_rows rows = {model, pass, index};
    size_t out = model->slot[index].out;

    hg__context_run(model->context, OPERATIONS * (double)pass->samples * (double)out, task, &rows,
                    (out + BLOCK - 1) / BLOCK);
}

bool hg__norm_folds(const struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__layer *layer = &model->plan.layers.layer[index];

    return !pass->training && pass->end <= model->plan.encoder && index > pass->begin &&
           index < pass->end && layer->kind == HG__BN && !layer->map && layer[-1].kind == HG__DENSE;
}

void hg__norm_fold(struct hg_model *model, size_t index, struct hg__forward *job)
{
    const struct hg__slot *slot = &model->slot[index];
    const float *mean = model->running + slot->mean, *variance = model->running + slot->variance;
    const float *weight = model->values + slot->weight;
    float *shift = model->column, *factor = shift + model->widest, *add = factor + model->widest;

    for (size_t i = 0; i < hg__pad(slot->out); i++) {
        bool real = i < slot->out;
        shift[i] = real ? -mean[i] : 0;
        factor[i] = real ? (float)(1 / sqrt(variance[i] + EPSILON) * weight[i]) : 0;
        add[i] = real && slot->bias != HG__NOWHERE ? model->values[slot->bias + i] : 0;
    }
    job->shift = shift;
    job->factor = factor;
    job->add = add;
}

static void forward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    if (hg__norm_folds(model, pass, index))
        return;
    run(model, pass, index, forward_block);
}

static void backward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__slot *slot = &model->slot[index];

    run(model, pass, index, backward_block);
    hg__model_update(model, pass, slot->weight, slot->stride);
    if (slot->bias != HG__NOWHERE)
        hg__model_update(model, pass, slot->bias, slot->stride);
}

const struct hg__layer_ops hg__bn_ops = {forward, backward};
