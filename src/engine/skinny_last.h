/* skinny_last.h - the state of a skinny network and its last layer done in shards;
 * the first half of skinny.c. */
#ifndef HG_ENGINE_SKINNY_LAST_H
#define HG_ENGINE_SKINNY_LAST_H

#include "engine/context.h"
#include "engine/skinny.h"

#include <string.h>

enum { SHARDS = 4 };

/* Buffers of one layer: stride is off the powers of two. */
struct stage {
    float *y, *z, *dy, *transposed, *bias_gradient; /* z only where it is kept */
    size_t stride;
};

struct hg__skinny {
    const struct hg_context *context;
    const struct hg__kernels *kernels;
    const struct hg__tiny_plan *plan;
    struct stage stage[HG__SKINNY_LAYERS];
    double errors[HG__SKINNY_SAMPLES];
    float *x, *x_before, *dy_before; /* center subtracted; those of the waiting update */
    float *shards;                   /* dx and errors of the last layer's shards */
    struct hg__rule waiting;
    bool waits, turned; /* an update waits; transposed copies are right */
    float *memory;
};

/* Floats of a shard: dx and errors in lanes. */
static size_t shard_size(const struct hg__tiny_plan *plan)
{
    return plan->samples * (HG__SKINNY_LAST + 1) * HG__LANES;
}

struct last_job {
    const struct hg__skinny_kernels *kernels;
    struct hg__skinny_last last;
    size_t panels, shard; /* floats of a shard */
    float *shards;
};

static void last_task(void *argument, size_t index, int worker)
{
    const struct last_job *job = argument;
    float *dx = job->shards + index * job->shard;
    (void)worker;
    job->kernels->last(&job->last, job->panels * index / SHARDS, job->panels * (index + 1) / SHARDS,
                       dx, dx + job->last.samples * HG__SKINNY_LAST * HG__LANES);
}

/* By shapes only. */
static bool may_pass_last(const struct hg__skinny *skinny)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[skinny->plan->layers - 1];

    return layer->in <= HG__SKINNY_LAST && layer->out >= HG__SKINNY_FROM &&
           (layer->activation == HG_LINEAR || skinny->plan->logits) &&
           skinny->plan->loss != HG_LOSS_RMSE;
}

static float gradient_scale(enum hg_loss loss, size_t samples, size_t n)
{
    double m = (double)samples;

    if (loss == HG_LOSS_SSE)
        return (float)(1 / m);
    return (float)((loss == HG_LOSS_MSE ? 2 : 1) / (m * (double)n));
}

static struct hg__parameters parameters_of(const struct hg__tiny_tensor *tensor)
{
    return (struct hg__parameters){tensor->value, NULL, tensor->first, tensor->second};
}

/* Forward, loss, backward and update of the last layer; leaves dy of the layer below. */
static double last_pass(struct hg__skinny *skinny, const struct hg__tiny_batch *batch,
                        const struct hg__rule *weights, const struct hg__rule *biases)
{
    const struct hg__tiny_plan *plan = skinny->plan;
    const struct hg__tiny_layer *layer = &plan->layer[plan->layers - 1];
    struct stage *lower = &skinny->stage[plan->layers - 2];
    size_t m = batch->samples, errors = m * HG__SKINNY_LAST * HG__LANES;
    struct last_job job = {skinny->kernels->skinny,
                           {.samples = m,
                            .in = layer->in,
                            .out = layer->out,
                            .x = lower->y,
                            .target = batch->target,
                            .x_stride = lower->stride,
                            .target_stride = layer->out,
                            .weight = parameters_of(&layer->weight),
                            .bias = parameters_of(&layer->bias),
                            .loss = plan->loss,
                            .logits = plan->logits,
                            .scale = gradient_scale(plan->loss, m, layer->out),
                            .weights = weights,
                            .biases = biases},
                           hg__pad(layer->out) / HG__LANES,
                           shard_size(plan),
                           skinny->shards};

    hg__context_run(skinny->context, 8.0 * (double)(m + 1) * (double)layer->in * (double)layer->out,
                    last_task, &job, SHARDS);
    job.kernels->gather(skinny->shards, SHARDS, job.shard, m * layer->in);
    job.kernels->gather(skinny->shards + errors, SHARDS, job.shard, m);
    for (size_t r = 0; r < m; r++) {
        float *dy = lower->dy + r * lower->stride;
        memset(dy, 0, hg__pad(layer->in) * sizeof *dy);
        memcpy(dy, skinny->shards + r * layer->in, layer->in * sizeof *dy);
        skinny->errors[r] = (double)skinny->shards[errors + r];
    }
    return hg__loss_total(plan->loss, skinny->errors, m, layer->out);
}

#endif
