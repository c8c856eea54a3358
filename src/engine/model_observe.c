/* What every layer gives, for many samples in one go. */
#include "engine/stack.h"

/* Evaluation goes through a batch in pieces of at most so many samples. */
enum { PIECE = 64 };

/* Inside a stack only the sample's own way through the plain program has every layer's output. */
static void see_stack(struct hg_model *model, const struct hg__pass *pass,
                      const struct hg__stack *stack, const struct hg_observer *observer,
                      size_t first)
{
    struct hg__walk walk = {
        .model = model,
        .pass = pass,
        .stack = stack,
        .stage = stack->plain,
        .stages = stack->plains,
        .memory = stack->plain_memory,
    };

    for (size_t s = 0; s < stack->plains; s++)
        if (walk.stage[s].ops == &hg__norm_stage)
            hg__norm_settle(model, pass, &walk.stage[s]);
    for (walk.sample = 0; walk.sample < pass->samples; walk.sample++)
        for (size_t s = 0; s < stack->plains; s++) {
            const struct hg__stage *stage = &walk.stage[s];
            struct hg_observation seen = {
                .layer = stage->layer,
                .first = first + walk.sample,
                .samples = 1,
                .values = hg_shape_size(model->plan.layers.layer[stage->layer].out),
                .rows = observer->scratch,
            };
            stage->ops->forward(&walk, s);
            if (stage->ops == &hg__unpack_stage)
                continue;
            model->kernels->maps->pack(&stage->to, hg__walk_y(&walk, s), observer->scratch);
            observer->see(observer->self, &seen);
        }
}

static void see_rows(const struct hg_model *model, const struct hg_observer *observer,
                     const struct hg__pass *pass, size_t index, size_t first)
{
    const struct hg__slot *slot = &model->slot[index];
    struct hg_observation seen = {
        .layer = index,
        .first = first,
        .samples = pass->samples,
        .values = slot->out,
        .stride = slot->stride,
        .rows = slot->y,
    };

    observer->see(observer->self, &seen);
}

/* A layer whose place its activation has taken is not seen: what it gave is gone. */
static void see_all(struct hg_model *model, const struct hg_observer *observer,
                    const struct hg__pass *pass, size_t first)
{
    for (size_t i = 0; i < pass->end; i++) {
        const struct hg__stack *stack = hg__stack_of(model, i);
        if (stack && i == stack->begin)
            see_stack(model, pass, stack, observer, first);
        if (!stack && !(i + 1 < pass->end && model->slot[i + 1].shares))
            see_rows(model, observer, pass, i, first);
    }
}

void hg_model_observe(struct hg_model *model, const float *values, const uint32_t *order,
                      size_t samples, const struct hg_observer *observer)
{
    size_t n = hg_model_inputs(model), room = model->reserved < PIECE ? model->reserved : PIECE;
    unsigned mode = hg__fp_begin();

    hg__model_ready(model);
    for (size_t done = 0; done < samples;) {
        struct hg__pass pass = {
            .samples = samples - done < room ? samples - done : room,
            .end = model->plan.layers.count,
        };
        hg__model_feed(model, &pass, order ? values : values + done * n,
                       order ? order + done : NULL);
        hg__model_forward(model, &pass);
        see_all(model, observer, &pass, done);
        done += pass.samples;
    }
    hg__fp_end(mode);
}
