/* conv_back.c - the way back through a convolution: the gradient of its weight, and down. */
#include "engine/conv.h"

/* ---- gradient of the weight ---- */

static struct hg__conv_gradient gradient_of(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    float *partial = walk->partial + stage->partial;

    return (struct hg__conv_gradient){
        .rows = stage->to.rows,
        .columns = stage->to.columns,
        .panels = stage->to.pixel / HG__LANES,
        .dy = hg__walk_d(walk, index) + hg__map_at(&stage->to, 0, 0),
        .dy_pixel = stage->to.pixel,
        .dy_row = stage->to.row,
        .gradient = partial,
        .bias_gradient = partial + hg__conv_gathered(walk->model, stage),
    };
}

static void seen_by(struct hg__conv_gradient *job, const struct hg__map *map, const float *x,
                    size_t taps, size_t before)
{
    job->x = x + (map->border - before) * (map->row + map->pixel);
    job->x_pixel = job->tap_column = map->pixel;
    job->x_row = job->tap_row = map->row;
    job->channels = map->channels;
    job->taps_down = job->taps_across = taps;
}

static void direct_gradient(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    struct hg__conv_gradient job = gradient_of(walk, index);

    seen_by(&job, &stage->from, hg__walk_x_again(walk, index), shape.kernel, shape.kernel / 2);
    job.x_pixel *= shape.stride;
    job.x_row *= shape.stride;
    walk->model->kernels->conv->gradient(&job);
}

static void patch_gradient(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    struct hg__conv_gradient job = gradient_of(walk, index);

    hg__conv_lay_patches(walk, index);
    job.x = hg__conv_memory(walk, index);
    job.channels = job.x_pixel = shape.taps * shape.in;
    job.x_row = job.x_pixel * stage->to.columns;
    job.taps_down = job.taps_across = 1;
    walk->model->kernels->conv->gradient(&job);
}

static void folded_gradient(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    struct hg__conv_gradient job = gradient_of(walk, index);

    job.rows = stage->from.rows;
    job.columns = stage->from.columns;
    job.dy_pixel *= 2;
    job.dy_row *= 2;
    seen_by(&job, &stage->from, hg__walk_x_again(walk, index), 2, 1);
    for (size_t u = 0; u < 2; u++)
        for (size_t v = 0; v < 2; v++) {
            struct hg__conv_gradient phase = job;
            phase.x += u * stage->from.row + v * stage->from.pixel;
            phase.dy += u * stage->to.row + v * stage->to.pixel;
            phase.gradient += (u * 2 + v) * hg__weight_size(4 * shape.in, shape.out);
            walk->model->kernels->conv->gradient(&phase);
        }
}

/* dy is spread over the columns first; the way down uses them, too. */
static void few_gradient(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__map *from = &stage->from;
    struct hg__few spread = hg__conv_few(walk, index);
    struct hg__conv_gradient job = gradient_of(walk, index);
    const float *dy = hg__walk_d(walk, index);
    size_t pixels = from->columns + 2 * from->border, out = stage->to.rows * stage->to.columns;

    walk->model->kernels->maps->few_spread(&spread, dy);
    seen_by(&job, from, hg__walk_x_again(walk, index), 1, 0);
    job.rows = from->rows;
    job.columns = from->columns;
    job.panels = spread.columns / HG__LANES;
    job.dy = spread.t + from->border * (pixels + 1) * spread.columns;
    job.dy_pixel = spread.columns;
    job.dy_row = spread.columns * pixels;
    for (size_t o = 0; o < spread.channels; o++)
        job.bias_gradient[o] += (float)walk->model->kernels->sum(dy + o * out, out);
    job.bias_gradient = NULL;
    walk->model->kernels->conv->gradient(&job);
}

/* ---- the way down ---- */

static void direct_down(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    struct hg__map wide = stage->to;
    const float *d = hg__walk_d(walk, index);

    if (shape.stride > 1) {
        wide = hg__map_of(
            (struct hg_shape){(int)shape.out, (int)stage->from.rows, (int)stage->from.columns},
            stage->from.border);
        walk->model->kernels->maps->spread(&stage->to, &wide, shape.stride, d,
                                           hg__conv_memory(walk, index));
        d = hg__conv_memory(walk, index);
    }
    hg__conv_taps_of(job, shape.kernel, hg__conv_backward_copy(walk->model, stage));
    hg__conv_over(job, &wide, d, shape.kernel / 2);
    walk->model->kernels->conv->forward(job);
}

static void folded_down(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    const struct hg__stage *stage = &walk->stage[index];

    hg__conv_taps_of(job, 4, hg__conv_backward_copy(walk->model, stage));
    hg__conv_over(job, &stage->to, hg__walk_d(walk, index), 1);
    job->x_pixel *= 2;
    job->x_row *= 2;
    walk->model->kernels->conv->forward(job);
}

static void few_down(const struct hg__walk *walk, size_t index, struct hg__conv *job)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__map *from = &stage->from;
    struct hg__conv_shape shape = hg__conv_shape(walk->model, stage);
    size_t columns = hg__pad(shape.columns), pixels = from->columns + 2 * from->border;

    hg__conv_taps_of(job, 1, hg__conv_backward_copy(walk->model, stage));
    job->x = hg__conv_memory(walk, index) + from->border * (pixels + 1) * columns;
    job->x_pixel = columns;
    job->x_row = columns * pixels;
    job->channels = shape.columns;
    walk->model->kernels->conv->forward(job);
}

void hg__conv_backward(const struct hg__walk *walk, size_t index, bool deep)
{
    const struct hg__stage *stage = &walk->stage[index];
    struct hg__fused fused = hg__stage_fused(walk->model, stage);
    struct hg__conv job = {.activation = HG_LINEAR};

    if (fused.activation != HG_LINEAR && !hg__stage_below_norm(walk, index))
        walk->model->kernels->maps->activate_back(&stage->to, fused.activation, fused.slope,
                                                  hg__walk_y(walk, index), hg__walk_d(walk, index));
    if (hg__conv_is_few(stage))
        few_gradient(walk, index);
    else if (stage->way == HG__WAY_FOLDED)
        folded_gradient(walk, index);
    else if (stage->way == HG__WAY_PATCH)
        patch_gradient(walk, index);
    else
        direct_gradient(walk, index);
    if (!deep)
        return;
    hg__conv_into(&job, &stage->from, hg__walk_dx(walk, index));
    if (hg__conv_is_few(stage))
        few_down(walk, index, &job);
    else if (stage->way == HG__WAY_FOLDED)
        folded_down(walk, index, &job);
    else
        direct_down(walk, index, &job);
}
