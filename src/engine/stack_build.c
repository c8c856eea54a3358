/* stack_build.c - from layers to the program of a stack. */
#include "engine/stack.h"

#include "base/mem.h"

enum { MORE_STAGES = 3 }; /* than layers: rows to maps, maps to rows, a last activation */

/* A program while it is written. */
struct writer {
    const struct hg_model *model;
    struct hg__stack *stack;
    struct hg__stage *stage;
    size_t count;
    bool merges;
    struct hg__map now; /* what the last stage gives */
};

static const struct hg__layer *layer_at(const struct writer *w, size_t index)
{
    return &w->model->plan.layers.layer[index];
}

static bool is_kind(const struct writer *w, size_t index, enum hg__kind kind)
{
    return index < w->stack->end && layer_at(w, index)->kind == kind;
}

bool hg__activation_rides(enum hg_activation activation)
{
    return activation == HG_LINEAR || activation == HG_RELU || activation == HG_LRELU;
}

struct hg__fused hg__stage_fused(const struct hg_model *model, const struct hg__stage *stage)
{
    const struct hg__layer *layer;

    if (stage->activation == HG__NOWHERE)
        return (struct hg__fused){HG_LINEAR, 0};
    layer = &model->plan.layers.layer[stage->activation];
    return (struct hg__fused){layer->activation, (float)layer->amount};
}

bool hg__stage_below_norm(const struct hg__walk *walk, size_t index)
{
    return index + 1 < walk->stages && walk->stage[index + 1].ops == &hg__norm_stage &&
           walk->stage[index].ops == &hg__conv_stage &&
           hg__activation_rides(hg__stage_fused(walk->model, &walk->stage[index]).activation);
}

static struct hg__stage *add(struct writer *w, const struct hg__stage_ops *ops, size_t layer)
{
    struct hg__stage *stage = &w->stage[w->count++];

    *stage = (struct hg__stage){
        .ops = ops,
        .layer = layer,
        .activation = HG__NOWHERE,
        .from = w->now,
        .to = w->now,
        .wide = w->now,
        .factor = 1,
        .kept = true,
    };
    return stage;
}

/* The layer's activation rides on the stage below it, unless it ends the stack: then
 * it works on rows, since a loss from logits leaves it out. */
static bool takes_activation(const struct writer *w, size_t index)
{
    const struct hg__layer *layer;

    if (!w->merges || !is_kind(w, index, HG__ACTIVATE) || index + 1 == w->stack->end)
        return false;
    layer = layer_at(w, index);
    return !hg__activation_keeps_input(layer->activation, (float)layer->amount);
}

/* Is what layer `index` gives the last map of the stack? */
static bool ends_maps(const struct writer *w, size_t index)
{
    return index + 1 == w->stack->end ||
           (index + 2 == w->stack->end && is_kind(w, index + 1, HG__ACTIVATE));
}

/* All add_ functions return how many layers they took. */
static size_t add_conv(struct writer *w, size_t index, bool folds)
{
    const struct hg__layer *layer = layer_at(w, index);
    bool first = w->count == 0, last = w->merges && ends_maps(w, index);
    enum hg__way way = hg__conv_way(w->model, index, first && w->merges, last, folds);
    struct hg__stage *stage;

    if (first && way != HG__WAY_PATCH) {
        add(w, &hg__unpack_stage, w->stack->begin)->kept = false;
    }
    stage = add(w, &hg__conv_stage, index);
    stage->way = way;
    w->now = stage->to = stage->wide = hg__map_of(layer->out, w->stack->border);
    stage->planar = way == HG__WAY_FEW || way == HG__WAY_FEW_FOLDED;
    if (stage->planar || !takes_activation(w, index + 1))
        return 1;
    stage->activation = index + 1;
    return 2;
}

/* bn, an activation that rides, a pool: the pool is taken first, of fewer numbers. */
static size_t add_norm(struct writer *w, size_t index)
{
    struct hg__stage *stage = add(w, &hg__norm_stage, index);
    size_t taken = 1;

    w->stage[w->count - 2].kept = true;
    stage->kept = false;
    if (takes_activation(w, index + 1) && hg__activation_rides(layer_at(w, index + 1)->activation))
        stage->activation = index + taken++;
    if (w->merges && is_kind(w, index + taken, HG__POOL)) {
        stage->factor = (size_t)layer_at(w, index + taken)->stride;
        w->now = stage->to = hg__map_of(layer_at(w, index + taken)->out, w->stack->border);
        taken++;
    }
    return taken;
}

static size_t add_resize(struct writer *w, size_t index)
{
    const struct hg__layer *layer = layer_at(w, index);
    bool pool = layer->kind == HG__POOL;
    const struct hg__layer *next = layer + 1;
    struct hg__stage *stage;

    if (w->merges && !pool && layer->stride == 2 && is_kind(w, index + 1, HG__CONV) &&
        next->kernel == 3 && next->stride == 1)
        return 1 + add_conv(w, index + 1, true);
    stage = add(w, pool ? &hg__pool_stage : &hg__up_stage, index);
    stage->factor = (size_t)layer->stride;
    stage->kept = pool;
    w->now = stage->to = stage->wide = hg__map_of(layer->out, w->stack->border);
    return 1;
}

/* An activation that ends the stack works on the rows that the layer below it gave; alone in
 * its stack it has none below. */
static bool activates_rows(const struct writer *w)
{
    size_t last = w->stack->end - 1;

    return w->merges && is_kind(w, last, HG__ACTIVATE) && last > w->stack->begin;
}

static size_t add_layer(struct writer *w, size_t index)
{
    const struct hg__layer *layer = layer_at(w, index);

    if (layer->kind == HG__CONV)
        return add_conv(w, index, false);
    if (w->count == 0)
        add(w, &hg__unpack_stage, w->stack->begin)->kept = false;
    if (layer->kind == HG__BN)
        return add_norm(w, index);
    if (layer->kind == HG__POOL || layer->kind == HG__UP)
        return add_resize(w, index);
    if (layer->kind == HG__DROPOUT)
        add(w, &hg__map_dropout_stage, index);
    else if (index + 1 < w->stack->end || !activates_rows(w))
        add(w, &hg__map_activate_stage, index);
    return 1;
}

static void write(struct writer *w)
{
    struct hg__stack *stack = w->stack;
    size_t last = stack->end - 1;
    bool activates = activates_rows(w);

    w->now = hg__map_of(layer_at(w, stack->begin)->in, stack->border);
    for (size_t i = stack->begin; i < stack->end;)
        i += add_layer(w, i);
    if (!w->merges)
        return;
    if (!w->stage[w->count - 1].planar)
        add(w, &hg__pack_stage, last - activates)->planar = true;
    if (activates)
        add(w, &hg__row_activate_stage, last)->planar = true;
}

/* Gives every stage its part of a worker's memory and of a chunk's gradients. */
static size_t place(const struct hg_model *model, struct hg__stage *program, size_t stages,
                    struct hg__stack *stack)
{
    size_t used = 0;

    stack->chunk_size = 0;
    for (size_t i = 0; i < stages; i++) {
        struct hg__stage *s = &program[i];
        bool conv = s->ops == &hg__conv_stage, norm = s->ops == &hg__norm_stage;

        if (norm && s->to.size > stack->d_size)
            stack->d_size = s->to.size;
        s->y_size = s->planar ? 0 : s->to.size;
        s->d_size = s->planar || norm ? 0 : s->to.size;
        s->extra_size = conv ? hg__pad(hg__conv_extra(model, s)) : norm ? s->to.size : 0;
        s->partial_size = conv ? hg__pad(hg__conv_partial(model, s)) : 0;
        s->y = used;
        s->d = s->y + s->y_size;
        s->extra = s->d + s->d_size;
        used = s->extra + s->extra_size;
        s->partial = stack->chunk_size;
        stack->chunk_size += s->partial_size;
    }
    return used;
}

static double flops_of(const struct hg_model *model, const struct hg__stack *stack)
{
    enum { BESIDE = 8 }; /* operations of an element beside its products */
    double flops = 0;

    for (size_t i = stack->begin; i < stack->end; i++) {
        const struct hg__layer *layer = &model->plan.layers.layer[i];
        double out = (double)hg_shape_size(layer->out);
        flops += BESIDE * out;
        if (layer->kind == HG__CONV)
            flops += 2 * out * (double)hg__conv_taps(layer) * layer->in.channels;
    }
    return flops;
}

/* Fewer chunks where their gradients would fill the memory. */
static size_t chunks_for(size_t floats)
{
    enum { MOST = 1 << 22 };
    size_t chunks = HG__CHUNKS;

    while (chunks > 1 && floats > MOST * (size_t)HG__CHUNKS / chunks)
        chunks /= 2;
    return chunks;
}

static enum hg_status make(struct hg_model *model, struct hg__stack *stack, struct hg_error *error)
{
    size_t room = stack->end - stack->begin + MORE_STAGES;
    struct writer w = {.model = model, .stack = stack, .merges = true};

    stack->stage = hg__alloc(room, sizeof *stack->stage);
    stack->plain = hg__alloc(room, sizeof *stack->plain);
    if (!stack->stage || !stack->plain)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the program of %zu layers", room);
    stack->border = 1;
    for (size_t i = stack->begin; i < stack->end; i++) {
        const struct hg__layer *layer = &model->plan.layers.layer[i];
        if (layer->kind == HG__CONV && (size_t)layer->kernel / 2 > stack->border)
            stack->border = (size_t)layer->kernel / 2;
    }
    w.merges = false;
    w.stage = stack->plain;
    write(&w);
    stack->plains = w.count;
    stack->plain_size = place(model, stack->plain, stack->plains, stack);
    stack->d_size = 0;
    w = (struct writer){.model = model, .stack = stack, .stage = stack->stage, .merges = true};
    write(&w);
    stack->stages = w.count;
    stack->worker_size = place(model, stack->stage, stack->stages, stack);
    stack->chunks = chunks_for(stack->chunk_size);
    stack->flops = flops_of(model, stack);
    return HG_OK;
}

enum hg_status hg__stacks_make(struct hg_model *model, struct hg_error *error)
{
    const struct hg__plan *plan = &model->plan;
    enum hg_status status = HG_OK;

    model->stack = hg__alloc(plan->layers.count, sizeof *model->stack);
    if (!model->stack)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for %zu layers", plan->layers.count);
    for (size_t i = 0; !status && i < plan->layers.count;) {
        struct hg__stack *stack = &model->stack[model->stacks];
        size_t end = i;

        while (end < plan->layers.count && plan->layers.layer[end].map &&
               (end == i || end != plan->encoder))
            end++;
        if (end > i) {
            stack->begin = i;
            stack->end = end;
            model->stacks++;
            status = make(model, stack, error);
        }
        i = end > i ? end : i + 1;
    }
    return status;
}

void hg__stacks_fini(struct hg_model *model)
{
    for (size_t i = 0; i < model->stacks; i++) {
        hg__free(model->stack[i].stage);
        hg__free(model->stack[i].plain);
    }
    hg__free(model->stack);
}

struct hg__stack *hg__stack_of(const struct hg_model *model, size_t index)
{
    for (size_t i = 0; i < model->stacks; i++)
        if (index >= model->stack[i].begin && index < model->stack[i].end)
            return &model->stack[i];
    return NULL;
}
