/* stack.c - samples on their way through a stack. */
#include "engine/stack.h"

#include <string.h>

enum { PIECE = 4096 }; /* floats of gradients that one task adds up */

/* What the tasks of a segment share: stages first..last of a program, up or down. */
struct trip {
    struct hg_model *model;
    const struct hg__pass *pass;
    const struct hg__stack *stack;
    size_t first, last, bottom;
};

static bool is_norm(const struct hg__stack *stack, size_t index)
{
    return index < stack->stages && stack->stage[index].ops == &hg__norm_stage;
}

static struct hg__walk walk_of(const struct trip *trip, size_t sample, int worker)
{
    const struct hg__stack *stack = trip->stack;

    return (struct hg__walk){
        .model = trip->model,
        .pass = trip->pass,
        .stack = stack,
        .stage = stack->stage,
        .stages = stack->stages,
        .sample = sample,
        .memory = stack->workers + (size_t)worker * stack->worker_size,
        .keeps = trip->pass->training,
    };
}

/* ---- places ---- */

const float *hg__walk_row(const struct hg__walk *walk)
{
    struct hg__view x = hg__model_input(walk->model, walk->pass, walk->stack->begin);

    return x.at + walk->sample * x.stride;
}

float *hg__walk_y(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];

    if (stage->planar) {
        const struct hg__slot *slot = &walk->model->slot[stage->layer];
        return slot->y + walk->sample * slot->stride;
    }
    if (walk->keeps && stage->kept)
        return stage->keep + walk->sample * stage->to.size;
    return walk->memory + stage->y;
}

const float *hg__walk_x(const struct hg__walk *walk, size_t index)
{
    return hg__walk_y(walk, index - 1);
}

const float *hg__walk_x_again(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *below = &walk->stage[index - 1];

    if (!below->kept && !below->planar) {
        if (index > 1)
            (void)hg__walk_x_again(walk, index - 1);
        if (below->ops->again)
            below->ops->again(walk, index - 1);
        else
            below->ops->forward(walk, index - 1);
    }
    return hg__walk_y(walk, index - 1);
}

float *hg__walk_d(const struct hg__walk *walk, size_t index)
{
    const struct hg__stage *stage = &walk->stage[index];

    if (stage->planar)
        return walk->model->d + walk->sample * walk->model->slot[stage->layer].stride;
    if (stage->ops == &hg__norm_stage)
        return walk->stack->d + walk->sample * walk->stack->d_size;
    return walk->memory + stage->d;
}

float *hg__walk_dx(const struct hg__walk *walk, size_t index)
{
    if (index > 0)
        return hg__walk_d(walk, index - 1);
    return walk->model->spare +
           walk->sample *
               hg__pad(hg_shape_size(walk->model->plan.layers.layer[walk->stack->begin].in));
}

/* ---- up ---- */

static void sample_up(void *argument, size_t index, int worker)
{
    const struct trip *trip = argument;
    struct hg__walk walk = walk_of(trip, index, worker);

    for (size_t s = trip->first; s <= trip->last; s++)
        walk.stage[s].ops->forward(&walk, s);
    if (walk.keeps && is_norm(trip->stack, trip->last + 1))
        hg__norm_measure(&walk, trip->last + 1);
}

/* The share of the whole work that some of the stages are, about. */
static double share_of(const struct trip *trip)
{
    return trip->stack->flops * (double)trip->pass->samples *
           (double)(trip->last + 1 - trip->first) / (double)trip->stack->stages;
}

void hg__stack_forward(struct hg_model *model, const struct hg__pass *pass,
                       const struct hg__stack *stack)
{
    struct trip trip = {.model = model, .pass = pass, .stack = stack};

    for (size_t s = 0; s < stack->stages; s++)
        if (!pass->training && is_norm(stack, s))
            hg__norm_settle(model, pass, &stack->stage[s]);
    while (trip.first < stack->stages) {
        trip.last = trip.first;
        while (trip.last + 1 < stack->stages && !(pass->training && is_norm(stack, trip.last + 1)))
            trip.last++;
        if (pass->training && is_norm(stack, trip.first))
            hg__norm_settle(model, pass, &stack->stage[trip.first]);
        hg__context_run(model->context, share_of(&trip), sample_up, &trip, pass->samples);
        trip.first = trip.last + 1;
    }
}

/* ---- down ---- */

static bool has_gradient(const struct hg__stage *stage)
{
    return stage->partial_size > 0;
}

/* One chunk of the samples, one after the other, from stage last down to first. */
static void chunk_down(void *argument, size_t index, int worker)
{
    const struct trip *trip = argument;
    const struct hg__stack *stack = trip->stack;
    size_t sample = trip->pass->samples * index / stack->chunks;
    size_t end = trip->pass->samples * (index + 1) / stack->chunks;
    float *partial = stack->partials + index * stack->chunk_size;

    for (size_t s = trip->first; s <= trip->last; s++)
        memset(partial + stack->stage[s].partial, 0,
               stack->stage[s].partial_size * sizeof *partial);
    for (; sample < end; sample++) {
        struct hg__walk walk = walk_of(trip, sample, worker);
        walk.partial = partial;
        for (size_t s = trip->last + 1; s-- > trip->first;)
            stack->stage[s].ops->backward(
                &walk, s, s > trip->bottom || stack->stage[s].ops == &hg__unpack_stage);
        if (trip->first > trip->bottom)
            hg__norm_sums(&walk, trip->first - 1);
    }
}

/* Some floats of all chunks, added in a tree into the first chunk's. */
static void add_piece(void *argument, size_t index, int worker)
{
    const struct trip *trip = argument;
    const struct hg__stack *stack = trip->stack;
    const struct hg__stage *first = &stack->stage[trip->first], *last = &stack->stage[trip->last];
    size_t begin = first->partial + index * PIECE, end = last->partial + last->partial_size;
    size_t count = end - begin < PIECE ? end - begin : PIECE;

    (void)worker;
    for (size_t apart = 1; apart < stack->chunks; apart *= 2)
        for (size_t c = 0; c + apart < stack->chunks; c += 2 * apart) {
            float *to = stack->partials + c * stack->chunk_size + begin;
            trip->model->kernels->add_scaled(to, to + apart * stack->chunk_size, 1, count);
        }
}

static void update_conv(struct hg_model *model, const struct hg__pass *pass,
                        const struct hg__stage *stage)
{
    const struct hg__slot *slot = &model->slot[stage->layer];
    struct hg__pass weights = *pass;

    if (!pass->weights)
        return;
    weights.others = pass->weights;
    hg__model_update(model, &weights, slot->weight, slot->weight_size);
    if (slot->bias != HG__NOWHERE)
        hg__model_update(model, pass, slot->bias, slot->bias_size);
    model->stale = true;
}

/* The gradients of the segment's convolutions are complete. */
static void finish(struct trip *trip)
{
    const struct hg__stack *stack = trip->stack;
    const struct hg__stage *first = &stack->stage[trip->first], *last = &stack->stage[trip->last];
    size_t floats = last->partial + last->partial_size - first->partial;

    if (stack->chunks > 1)
        hg__context_run(trip->model->context, (double)(floats * stack->chunks), add_piece, trip,
                        (floats + PIECE - 1) / PIECE);
    for (size_t s = trip->first; s <= trip->last; s++)
        if (has_gradient(&stack->stage[s])) {
            stack->stage[s].ops->collect(trip->model, stack, &stack->stage[s]);
            update_conv(trip->model, trip->pass, &stack->stage[s]);
        }
}

/* The lowest stage that has something to do. */
static size_t bottom_of(const struct hg_model *model, const struct hg__stack *stack)
{
    size_t s = 0;

    if (stack->stage[0].ops == &hg__unpack_stage && model->lowest >= stack->begin)
        s = 1;
    while (stack->stage[s].layer < model->lowest)
        s++;
    return s;
}

void hg__stack_backward(struct hg_model *model, const struct hg__pass *pass,
                        const struct hg__stack *stack)
{
    struct trip trip = {.model = model,
                        .pass = pass,
                        .stack = stack,
                        .last = stack->stages - 1,
                        .bottom = bottom_of(model, stack)};

    for (;;) {
        trip.first = trip.last;
        while (trip.first > trip.bottom && !is_norm(stack, trip.first - 1))
            trip.first--;
        hg__context_run(model->context, 2 * share_of(&trip), chunk_down, &trip, stack->chunks);
        finish(&trip);
        if (trip.first == trip.bottom)
            break;
        trip.last = trip.first - 1;
        hg__norm_settle_back(model, pass, &stack->stage[trip.last]);
        if (trip.last == trip.bottom)
            break;
    }
    if (model->lowest < stack->begin)
        hg__model_swap(model);
}

/* ---- beside ---- */

void hg__stack_show(struct hg_model *model, const struct hg__pass *pass,
                    const struct hg__stack *stack, size_t index, float *out)
{
    struct hg__walk walk = {
        .model = model,
        .pass = pass,
        .stack = stack,
        .stage = stack->plain,
        .stages = stack->plains,
        .memory = stack->plain_memory,
    };
    size_t s = 0;

    for (;; s++) {
        if (walk.stage[s].ops == &hg__norm_stage)
            hg__norm_settle(model, pass, &walk.stage[s]);
        walk.stage[s].ops->forward(&walk, s);
        if (walk.stage[s].layer == index && walk.stage[s].ops != &hg__unpack_stage)
            break;
    }
    model->kernels->maps->pack(&walk.stage[s].to, hg__walk_y(&walk, s), out);
}

/* Convolution number `index` of all stacks. */
static void derive(void *argument, size_t index, int worker)
{
    struct hg_model *model = argument;
    size_t seen = 0;

    (void)worker;
    for (size_t i = 0; i < model->stacks; i++)
        for (size_t s = 0; s < model->stack[i].stages; s++) {
            const struct hg__stage *stage = &model->stack[i].stage[s];
            if (stage->ops->derive && seen++ == index)
                stage->ops->derive(model, stage);
        }
}

void hg__stacks_derive(struct hg_model *model)
{
    size_t count = 0;

    for (size_t i = 0; i < model->stacks; i++)
        for (size_t s = 0; s < model->stack[i].stages; s++)
            count += model->stack[i].stage[s].ops->derive != NULL;
    hg__context_run(model->context, 4.0 * (double)model->transposes, derive, model, count);
}

/* ---- as layers of the model ---- */

/* The whole stack runs at its lowest layer going up, at its highest one going down. */
static void layer_forward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__stack *stack = hg__stack_of(model, index);

    if (index == stack->begin)
        hg__stack_forward(model, pass, stack);
}

static void layer_backward(struct hg_model *model, const struct hg__pass *pass, size_t index)
{
    const struct hg__stack *stack = hg__stack_of(model, index);

    if (index + 1 == stack->end || index + 1 == pass->end)
        hg__stack_backward(model, pass, stack);
}

const struct hg__layer_ops hg__map_ops = {layer_forward, layer_backward};
