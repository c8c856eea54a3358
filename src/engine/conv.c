/* conv.c - convolutions, one sample at a time; each of the ways is exact.
 *
 * direct  the kernel's taps over the map; on the way back the same with flipped, transposed
 *         weights (after a stride: over the gradient spread out with zeros).
 * folded  nearest up-sampling by 2 and a 3x3 kernel: each of the four outputs that grow from
 *         a pixel sees 2x2 pixels of the small map, whose weights are sums of the nine. The large
 *         map never exists, and 16 products stand for 36.
 * patch   from 1 to 4 channels: a map would be mostly padding, so the taps' numbers are
 *         laid side by side and are the channels of a 1x1 convolution.
 * few     to 1 to 4 channels: vectors of outputs would be mostly padding, so every pixel is
 *         multiplied by all taps at once and the outputs gather what is theirs. */
#include "engine/conv.h"

enum { FEW_CHANNELS = 4, FEW_COLUMNS = 128 };

size_t hg__conv_taps(const struct hg__layer *layer)
{
    return (size_t)layer->kernel * (size_t)layer->kernel;
}

enum hg__way hg__conv_way(const struct hg_model *model, size_t index, bool first, bool last,
                          bool folds)
{
    const struct hg__layer *layer = &model->plan.layers.layer[index];
    size_t taps = folds ? 16 : hg__conv_taps(layer), out = (size_t)layer->out.channels;

    if (last && layer->stride == 1 && out <= FEW_CHANNELS && taps * out <= FEW_COLUMNS)
        return folds ? HG__WAY_FEW_FOLDED : HG__WAY_FEW;
    if (folds)
        return HG__WAY_FOLDED;
    if (first && index == 0 && layer->in.channels <= FEW_CHANNELS &&
        taps * (size_t)layer->in.channels <= FEW_COLUMNS)
        return HG__WAY_PATCH;
    return HG__WAY_DIRECT;
}

struct hg__conv_shape hg__conv_shape(const struct hg_model *model, const struct hg__stage *stage)
{
    const struct hg__layer *layer = &model->plan.layers.layer[stage->layer];
    struct hg__conv_shape shape = {
        .in = (size_t)layer->in.channels,
        .out = (size_t)layer->out.channels,
        .kernel = (size_t)layer->kernel,
        .taps = hg__conv_taps(layer),
        .stride = (size_t)layer->stride,
    };

    if (stage->way == HG__WAY_FEW)
        shape.columns = shape.taps * shape.out;
    if (stage->way == HG__WAY_FEW_FOLDED)
        shape.columns = 16 * shape.out;
    return shape;
}

bool hg__conv_is_few(const struct hg__stage *stage)
{
    return stage->way == HG__WAY_FEW || stage->way == HG__WAY_FEW_FOLDED;
}

size_t hg__conv_extra(const struct hg_model *model, const struct hg__stage *stage)
{
    struct hg__conv_shape shape = hg__conv_shape(model, stage);
    const struct hg__map *from = &stage->from, *to = &stage->to;

    if (stage->way == HG__WAY_PATCH)
        return to->rows * to->columns * shape.taps * shape.in;
    if (hg__conv_is_few(stage))
        return from->size / from->pixel * hg__pad(shape.columns);
    if (shape.stride > 1)
        return from->size / from->pixel * to->pixel;
    return 0;
}

/* Geometry of a product over the pixels of `map`: taps begin `before` pixels up and left. */
void hg__conv_over(struct hg__conv *job, const struct hg__map *map, const float *x, size_t before)
{
    job->x = x + (map->border - before) * (map->row + map->pixel);
    job->x_pixel = job->tap_column = map->pixel;
    job->x_row = job->tap_row = map->row;
    job->channels = map->channels;
}

void hg__conv_into(struct hg__conv *job, const struct hg__map *map, float *y)
{
    job->rows = map->rows;
    job->columns = map->columns;
    job->panels = map->pixel / HG__LANES;
    job->y = y + hg__map_at(map, 0, 0);
    job->y_pixel = map->pixel;
    job->y_row = map->row;
}

void hg__conv_taps_of(struct hg__conv *job, size_t size, const float *weight)
{
    job->taps_down = job->taps_across = size;
    job->weight = weight;
}

static void run(const struct hg__walk *walk, const struct hg__conv *job)
{
    walk->model->kernels->conv->forward(job);
}

float *hg__conv_memory(const struct hg__walk *walk, size_t index)
{
    return walk->memory + walk->stage[index].extra;
}

/* The taps' numbers side by side, of every output pixel. */
void hg__conv_lay_patches(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    struct hg__patches job = {
        .channels = shape.in,
        .rows = stage->from.rows,
        .columns = stage->from.columns,
        .kernel = shape.kernel,
        .stride = shape.stride,
        .x = hg__walk_row(walk),
        .out_columns = stage->to.columns,
        .patches = hg__conv_memory(walk, index),
        .stride_out = shape.taps * shape.in,
    };

    walk->model->kernels->maps->patches(&job, 0, stage->to.rows, 0);
}

/* ---- forward ---- */

/* Sums for a batch norm above are taken as the outputs are stored. */
static void measure(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    if (!hg__norm_rides(walk, index + 1))
        return;
    job->shift = hg__norm_sample_sums(walk, index + 1);
    job->sum = job->shift + walk->stage[index].to.pixel;
    job->squares = job->sum + walk->stage[index].to.pixel;
}

static void direct(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);

    hg__conv_taps_of(job, shape.kernel,
                     walk->model->values + walk->model->slot[stage->layer].weight);
    hg__conv_over(job, &stage->from, hg__walk_x(walk, index), shape.kernel / 2);
    job->x_pixel *= shape.stride;
    job->x_row *= shape.stride;
    run(walk, job);
}

static void patch(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);

    hg__conv_lay_patches(walk, index);
    hg__conv_taps_of(job, 1, walk->model->values + walk->model->slot[stage->layer].weight);
    job->channels = job->x_pixel = shape.taps * shape.in;
    job->x_row = job->x_pixel * stage->to.columns;
    job->x = hg__conv_memory(walk, index);
    run(walk, job);
}

/* Phase (u, v) gives the outputs in rows 2h + u and columns 2w + v. */
static void folded(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    const float *copy = hg__conv_forward_copy(walk->model, stage);

    job->rows = stage->from.rows;
    job->columns = stage->from.columns;
    job->y_pixel = 2 * stage->to.pixel;
    job->y_row = 2 * stage->to.row;
    for (size_t u = 0; u < 2; u++)
        for (size_t v = 0; v < 2; v++) {
            struct hg__conv phase = *job;
            hg__conv_taps_of(&phase, 2,
                             copy + (u * 2 + v) * hg__weight_size(4 * shape.in, shape.out));
            hg__conv_over(&phase, &stage->from, hg__walk_x(walk, index), 1);
            phase.x += u * stage->from.row + v * stage->from.pixel;
            phase.y += u * stage->to.row + v * stage->to.pixel;
            phase.onward = u + v > 0;
            run(walk, &phase);
        }
}

struct hg__few hg__conv_few(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__slot *slot = &walk->model->slot[stage->layer];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);

    return (struct hg__few){
        .map = &stage->from,
        .channels = shape.out,
        .kernel = shape.kernel,
        .fold = stage->way == HG__WAY_FEW_FOLDED,
        .columns = hg__pad(shape.columns),
        .t = hg__conv_memory(walk, index),
        .bias = slot->bias == HG__NOWHERE ? NULL : walk->model->values + slot->bias,
    };
}

static void few(const struct hg__walk *walk, size_t index)
{
    const struct hg__map *from = &walk->stage[index].from;
    struct hg__few job = hg__conv_few(walk, index);
    size_t pixels = from->columns + 2 * from->border;
    struct hg__conv product = {
        .rows = from->rows + 2 * from->border,
        .columns = pixels,
        .panels = job.columns / HG__LANES,
        .y = job.t,
        .y_pixel = job.columns,
        .y_row = job.columns * pixels,
    };

    hg__conv_taps_of(&product, 1, hg__conv_forward_copy(walk->model, &walk->stage[index]));
    hg__conv_over(&product, from, hg__walk_x(walk, index), from->border);
    run(walk, &product);
    job.y = hg__walk_y(walk, index);
    walk->model->kernels->maps->few_gather(&job);
}

static void forward(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__slot *slot = &walk->model->slot[stage->layer];
    struct hg__fused fused = hg__stage_fused(walk->model, stage);
    struct hg__conv job = {
        .bias = slot->bias == HG__NOWHERE ? NULL : walk->model->values + slot->bias,
        .slope = fused.slope,
    };

    if (hg__conv_is_few(stage)) {
        few(walk, index);
        return;
    }
    job.activation = hg__activation_rides(fused.activation) ? fused.activation : HG_LINEAR;
    hg__conv_into(&job, &stage->to, hg__walk_y(walk, index));
    measure(walk, index, &job);
    if (stage->way == HG__WAY_FOLDED)
        folded(walk, index, &job);
    else if (stage->way == HG__WAY_PATCH)
        patch(walk, index, &job);
    else
        direct(walk, index, &job);
    if (!hg__activation_rides(fused.activation))
        walk->model->kernels->maps->activate(&stage->to, fused.activation, fused.slope,
                                             hg__walk_y(walk, index), hg__walk_y(walk, index));
}

const struct hg__stage_ops hg__conv_stage = {
    .forward = forward,
    .backward = hg__conv_backward,
    .derive = hg__conv_derive,
    .collect = hg__conv_collect,
};
