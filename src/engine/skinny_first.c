/* skinny_first.c - the wide first layer of a thin network in shards of its inputs. */
#include "engine/skinny_state.h"

bool hg__skinny_first_wide(const struct hg__tiny_plan *plan)
{
    return plan->layer[0].in > HG__CHUNK_FROM;
}

struct first_job {
    const struct hg__skinny *skinny;
    size_t in, chunk; /* floats of a chunk's sums */
    struct hg__skinny_first all;
    struct hg__skinny_wait wait;
};

static struct first_job job_of(const struct hg__skinny *skinny, size_t samples)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    return (struct first_job){
        .skinny = skinny, .in = layer->in, .chunk = samples * hg__pad(layer->out)};
}

static struct hg__stretch part_of(const struct first_job *job, size_t index)
{
    size_t begin = index * HG__SKINNY_PART, end = begin + HG__SKINNY_PART;
    return (struct hg__stretch){begin, end < job->in ? end : job->in};
}

static void run(struct first_job *job, hg__task *task, size_t samples)
{
    double weights = (double)job->in * (double)job->skinny->plan->layer[0].out;
    hg__context_run(job->skinny->context, 2.0 * (double)(samples + 3) * weights, task, job,
                    (job->in + HG__SKINNY_PART - 1) / HG__SKINNY_PART);
}

static struct hg__skinny_first all_samples(const struct hg__skinny *skinny,
                                           const struct hg__skinny_now *now)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];

    return (struct hg__skinny_first){
        .samples = now->batch->samples,
        .in = layer->in,
        .out = layer->out,
        .x = now->batch->input,
        .center = skinny->plan->center,
        .x_stride = layer->in,
        .weight = {layer->weight.value, NULL, layer->weight.first, layer->weight.second},
        .dy = skinny->stage[0].dy,
        .dy_stride = skinny->stage[0].stride,
        .rule = now->weights,
    };
}

static size_t slot_of(const struct hg__skinny *skinny, size_t index)
{
    return (skinny->oldest + index) % HG__SKINNY_SLOTS;
}

static struct hg__skinny_wait one_sample(const struct hg__skinny *skinny, const float *input)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    struct hg__skinny_wait wait = {
        .in = layer->in,
        .out = layer->out,
        .input = input,
        .center = skinny->plan->center,
        .weight = layer->weight.value,
        .waits = skinny->waits,
        .now = skinny->slot[slot_of(skinny, skinny->waits)],
    };

    for (size_t i = 0; i < skinny->waits; i++) {
        wait.x[i] = skinny->slot[slot_of(skinny, i)];
        wait.step[i] = skinny->step[slot_of(skinny, i)];
    }
    return wait;
}

/* ---- forward ---- */

static void enter_task(void *argument, size_t index, int worker)
{
    const struct first_job *job = argument;
    struct hg__stretch part = part_of(job, index);
    float *sums = job->skinny->shards + index * (HG__SKINNY_PART / HG__CHUNK) * job->chunk;

    (void)worker;
    if (job->wait.weight)
        job->skinny->kernels->skinny->pass(&job->wait, &part, sums);
    else
        job->skinny->kernels->skinny->enter(&job->all, &part, sums);
}

void hg__skinny_first_forward(struct hg__skinny *skinny, const struct hg__skinny_now *now)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    struct hg__skinny_stage *stage = &skinny->stage[0];
    size_t out = hg__pad(layer->out), samples = now->batch->samples;
    struct first_job job = job_of(skinny, samples);

    if (now->descends)
        job.wait = one_sample(skinny, now->batch->input);
    else
        job.all = all_samples(skinny, now);
    run(&job, enter_task, samples);
    if (now->descends && skinny->waits == HG__SKINNY_WAITS) {
        skinny->oldest = slot_of(skinny, HG__SKINNY_WAITS);
        skinny->waits = 0;
    }
    for (size_t s = 0; s < samples; s++)
        skinny->kernels->skinny->add_up((stage->z ? stage->z : stage->y) + s * stage->stride,
                                        layer->bias.value, skinny->shards + s * out,
                                        (layer->in + HG__CHUNK - 1) / HG__CHUNK, job.chunk, out);
}

/* ---- update ---- */

static void learn_task(void *argument, size_t index, int worker)
{
    const struct first_job *job = argument;
    struct hg__stretch part = part_of(job, index);

    (void)worker;
    if (job->wait.weight)
        job->skinny->kernels->skinny->settle(&job->wait, &part);
    else
        job->skinny->kernels->skinny->learn(&job->all, &part);
}

void hg__skinny_first_update(struct hg__skinny *skinny, const struct hg__skinny_now *now)
{
    const struct hg__tiny_layer *layer = &skinny->plan->layer[0];
    struct first_job job = job_of(skinny, now->batch->samples);

    if (now->descends) {
        float *step = skinny->step[slot_of(skinny, skinny->waits++)];
        for (size_t o = 0; o < hg__pad(layer->out); o++)
            step[o] = now->weights->rate * skinny->stage[0].dy[o];
    } else {
        job.all = all_samples(skinny, now);
        run(&job, learn_task, job.all.samples);
    }
    hg__skinny_bias(skinny, 0, now);
}

void hg__skinny_settle(struct hg__skinny *skinny)
{
    struct first_job job = job_of(skinny, 1);

    if (skinny->waits == 0)
        return;
    job.wait = one_sample(skinny, NULL);
    run(&job, learn_task, 1);
    skinny->waits = 0;
}
