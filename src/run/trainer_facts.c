/* What can be asked of a trainer. */
#include "run/trainer_state.h"

#include <time.h>

const struct hg_experiment *hg_trainer_experiment(const struct hg_trainer *trainer)
{
    return trainer->experiment;
}

const struct hg_progress *hg_trainer_progress(const struct hg_trainer *trainer)
{
    return &trainer->progress;
}

const struct hg_progress *hg_trainer_standing(const struct hg_trainer *trainer)
{
    return trainer->end == HG_END_DIVERGED ? &trainer->good.progress : &trainer->progress;
}

const struct hg_history *hg_trainer_history(const struct hg_trainer *trainer)
{
    return &trainer->history;
}

const struct hg_series *hg_trainer_series(const struct hg_trainer *trainer)
{
    return trainer->series;
}

enum hg_end hg_trainer_end(const struct hg_trainer *trainer)
{
    return trainer->end;
}

double hg_trainer_rate(const struct hg_trainer *trainer)
{
    return hg_schedule_rate(&trainer->experiment->schedule, trainer->experiment->spec.train.lr,
                            trainer->progress.epoch, trainer->progress.step);
}

double hg_trainer_loss(const struct hg_trainer *trainer)
{
    return trainer->loss;
}

bool hg_trainer_unsaved(const struct hg_trainer *trainer)
{
    return trainer->progress.step != trainer->saved_step || trainer->changed;
}

uint64_t hg_trainer_samples(const struct hg_trainer *trainer)
{
    return trainer->samples;
}

const char *hg_trainer_saved(const struct hg_trainer *trainer)
{
    return trainer->saved;
}

double hg__spent(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void hg__trainer_next_batch(struct hg_trainer *trainer, struct hg_batch *batch)
{
    const struct hg_experiment *experiment = trainer->experiment;
    const struct hg_progress *progress = &trainer->progress;
    size_t left = experiment->dataset->training - progress->position;

    *batch = (struct hg_batch){
        .samples = hg__trainer_batch(trainer),
        .seed = (uint64_t)experiment->spec.model.seed,
        .step = progress->step,
    };
    if (batch->samples > left)
        batch->samples = left;
    if (!trainer->ordered)
        hg__batcher_start(&trainer->batcher, progress->epoch, experiment->spec.train.shuffle);
    hg__batcher_take(&trainer->batcher, progress->position, batch->samples, &experiment->corrupt,
                     progress->step, &batch->input, &batch->target);
}
