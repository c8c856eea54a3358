/* stack_stages.c - stages without parameters: from rows to maps and back, pools, up-sampling,
 * activations and dropout that stand alone. */
#include "engine/stack.h"

#include "base/rng.h"

#include <string.h>

static const struct hg__map_kernels *maps(const struct hg__walk *walk)
{
    return walk->model->kernels->maps;
}

/* ---- rows ---- */

static void unpack(const struct hg__walk *walk, size_t index)
{
    maps(walk)->unpack(&walk->stage[index].to, hg__walk_row(walk), hg__walk_y(walk, index));
}

static void unpack_back(const struct hg__walk *walk, size_t index, bool deep)
{
    const struct hg__map *map = &walk->stage[index].to;
    size_t n = map->channels * map->rows * map->columns;
    float *dx = hg__walk_dx(walk, index);

    if (!deep)
        return;
    maps(walk)->pack(map, hg__walk_d(walk, index), dx);
    memset(dx + n, 0, (hg__pad(n) - n) * sizeof *dx);
}

const struct hg__stage_ops hg__unpack_stage = {.forward = unpack, .backward = unpack_back};

static void pack(const struct hg__walk *walk, size_t index)
{
    maps(walk)->pack(&walk->stage[index].from, hg__walk_x(walk, index), hg__walk_y(walk, index));
}

static void pack_back(const struct hg__walk *walk, size_t index, bool deep)
{
    if (deep)
        maps(walk)->unpack(&walk->stage[index].from, hg__walk_d(walk, index),
                           hg__walk_dx(walk, index));
}

const struct hg__stage_ops hg__pack_stage = {.forward = pack, .backward = pack_back};

/* The last activation of a stack. A pass that ends below it leaves it out. */
static void row_activate(const struct hg__walk *walk, size_t index)
{
    size_t layer = walk->stage[index].layer;
    const struct hg__layer *activation = &walk->model->plan.layers.layer[layer];
    const struct hg__slot *slot = &walk->model->slot[layer];

    if (layer < walk->pass->end)
        walk->model->kernels->activate(activation->activation, (float)activation->amount,
                                       slot[-1].y + walk->sample * slot[-1].stride,
                                       slot->y + walk->sample * slot->stride, slot->out);
}

static void row_activate_back(const struct hg__walk *walk, size_t index, bool deep)
{
    size_t layer = walk->stage[index].layer;
    const struct hg__layer *activation = &walk->model->plan.layers.layer[layer];
    const struct hg__slot *slot = &walk->model->slot[layer];
    bool input = hg__activation_keeps_input(activation->activation, (float)activation->amount);
    const float *kept = (input ? slot[-1].y : slot->y) + walk->sample * slot->stride;
    float *d = hg__walk_d(walk, index);

    (void)deep;
    if (layer < walk->pass->end)
        walk->model->kernels->activate_back(activation->activation, (float)activation->amount, kept,
                                            d, d, slot->out);
}

const struct hg__stage_ops hg__row_activate_stage = {
    .forward = row_activate,
    .backward = row_activate_back,
};

/* ---- pool and up ---- */

static void pool(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];

    maps(walk)->pool(&stage->from, &stage->to, stage->factor, NULL, hg__walk_x(walk, index),
                     hg__walk_y(walk, index));
}

static void pool_back(const struct hg__walk *walk, size_t index, bool deep)
{
    const struct hg__stage *stage = &walk->stage[index];

    if (deep)
        maps(walk)->pool_back(&stage->from, &stage->to, stage->factor,
                              hg__walk_x_again(walk, index), hg__walk_y(walk, index),
                              hg__walk_d(walk, index), hg__walk_dx(walk, index));
}

const struct hg__stage_ops hg__pool_stage = {.forward = pool, .backward = pool_back};

static void up(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];

    maps(walk)->up(&stage->from, &stage->to, stage->factor, hg__walk_x(walk, index),
                   hg__walk_y(walk, index));
}

static void up_back(const struct hg__walk *walk, size_t index, bool deep)
{
    const struct hg__stage *stage = &walk->stage[index];

    if (deep)
        maps(walk)->up_back(&stage->from, &stage->to, stage->factor, hg__walk_d(walk, index),
                            hg__walk_dx(walk, index));
}

const struct hg__stage_ops hg__up_stage = {.forward = up, .backward = up_back};

/* ---- words ---- */

static void activate(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__layer *layer = &walk->model->plan.layers.layer[stage->layer];

    maps(walk)->activate(&stage->to, layer->activation, (float)layer->amount,
                         hg__walk_x(walk, index), hg__walk_y(walk, index));
}

/* The rows of the inside, one by one. */
static void copy_inside(const struct hg__map *map, const float *from, float *to)
{
    for (size_t r = 0; r < map->rows; r++)
        memcpy(to + hg__map_at(map, r, 0), from + hg__map_at(map, r, 0),
               map->columns * map->pixel * sizeof *to);
}

static void activate_back(const struct hg__walk *walk, size_t index, bool deep)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__layer *layer = &walk->model->plan.layers.layer[stage->layer];
    bool input = hg__activation_keeps_input(layer->activation, (float)layer->amount);
    const float *kept = input ? hg__walk_x_again(walk, index) : hg__walk_y(walk, index);
    float *dx = hg__walk_dx(walk, index);

    if (!deep)
        return;
    copy_inside(&stage->to, hg__walk_d(walk, index), dx);
    maps(walk)->activate_back(&stage->to, layer->activation, (float)layer->amount, kept, dx);
}

const struct hg__stage_ops hg__map_activate_stage = {
    .forward = activate,
    .backward = activate_back,
};

/* Element s S + (row columns + column) pixel + c of the stream is for channel c of that pixel of
 * sample s, S the inside of a map. */
static void drop(const struct hg__walk *walk, size_t index, const float *x, float *y)
{
    const struct hg__stage *stage = &walk->stage[index];
    const struct hg__map *map = &stage->to;
    double share = walk->model->plan.layers.layer[stage->layer].amount;
    size_t row = map->columns * map->pixel;
    struct hg__dropout mask = {.threshold = (uint32_t)(share * 0x1p32),
                               .scale = (float)(1 / (1 - share))};
    struct hg__rng rng;

    hg__rng_start(&rng, walk->pass->seed, HG__RNG_DROPOUT, walk->pass->step, stage->layer);
    memcpy(mask.key, rng.key, sizeof mask.key);
    memcpy(mask.counter, rng.counter, sizeof mask.counter);
    for (size_t r = 0; r < map->rows; r++)
        walk->model->kernels->dropout(&mask, x + hg__map_at(map, r, 0), y + hg__map_at(map, r, 0),
                                      (walk->sample * map->rows + r) * row, row);
}

static void dropout(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];

    if (walk->pass->training)
        drop(walk, index, hg__walk_x(walk, index), hg__walk_y(walk, index));
    else
        copy_inside(&stage->to, hg__walk_x(walk, index), hg__walk_y(walk, index));
}

static void dropout_back(const struct hg__walk *walk, size_t index, bool deep)
{
    if (deep)
        drop(walk, index, hg__walk_d(walk, index), hg__walk_dx(walk, index));
}

const struct hg__stage_ops hg__map_dropout_stage = {.forward = dropout, .backward = dropout_back};
