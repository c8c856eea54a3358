/* skinny_last.c - the wide last layer of a thin network in shards of its outputs. */
#include "engine/skinny_state.h"

bool hg__skinny_last_wide(const struct hg__tiny_plan *plan)
{
    const struct hg__tiny_layer *layer = &plan->layer[plan->layers - 1];

    return layer->in <= HG__SKINNY_LAST && layer->out >= HG__SKINNY_FROM &&
           (layer->activation == HG_LINEAR || plan->logits) && plan->loss != HG_LOSS_RMSE;
}

struct last_job {
    const struct hg__skinny *skinny;
    bool one;
    struct hg__skinny_last last;
};

static void last_task(void *argument, size_t index, int worker)
{
    const struct last_job *job = argument;
    const struct hg__skinny_kernels *kernels = job->skinny->kernels->skinny;
    struct hg__stretch part = hg__skinny_stretch(hg__pad(job->last.out) / HG__LANES, index);
    float *dx = job->skinny->shards + index * job->skinny->shard;
    float *errors = dx + job->last.samples * HG__SKINNY_LAST;

    (void)worker;
    if (job->one)
        kernels->last_one(&job->last, &part, dx, errors);
    else
        kernels->last(&job->last, &part, dx, errors);
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

static struct last_job job_of(const struct hg__skinny *skinny, const struct hg__skinny_now *now)
{
    const struct hg__tiny_plan *plan = skinny->plan;
    const struct hg__tiny_layer *layer = &plan->layer[plan->layers - 1];
    const struct hg__skinny_stage *lower = &skinny->stage[plan->layers - 2];

    return (struct last_job){
        skinny,
        now->descends,
        {
            .samples = now->batch->samples,
            .in = layer->in,
            .out = layer->out,
            .x = lower->y,
            .target = now->batch->target,
            .x_stride = lower->stride,
            .target_stride = layer->out,
            .weight = parameters_of(&layer->weight),
            .bias = parameters_of(&layer->bias),
            .loss = plan->loss,
            .logits = plan->logits,
            .scale = gradient_scale(plan->loss, now->batch->samples, layer->out),
            .weights = now->weights,
            .biases = now->biases,
        },
    };
}

double hg__skinny_last_pass(struct hg__skinny *skinny, const struct hg__skinny_now *now)
{
    struct last_job job = job_of(skinny, now);
    const struct hg__skinny_stage *lower = &skinny->stage[skinny->plan->layers - 2];
    const struct hg__skinny_kernels *kernels = skinny->kernels->skinny;
    size_t m = job.last.samples;

    hg__context_run(skinny->context,
                    8.0 * (double)(m + 1) * (double)job.last.in * (double)job.last.out, last_task,
                    &job, HG__SKINNY_SHARDS);
    for (size_t r = 0; r < m; r++) {
        kernels->add_up(lower->dy + r * lower->stride, NULL, skinny->shards + r * HG__SKINNY_LAST,
                        HG__SKINNY_SHARDS, skinny->shard, HG__SKINNY_LAST);
        skinny->errors[r] = 0;
        for (size_t s = 0; s < HG__SKINNY_SHARDS; s++)
            skinny->errors[r] += (double)
                                     skinny->shards[s * skinny->shard + m * HG__SKINNY_LAST + r];
    }
    return hg__loss_total(skinny->plan->loss, skinny->errors, m, job.last.out);
}
