/* What can be asked of a trainer. */
#include "run/trainer_state.h"

const struct hg_experiment *hg_trainer_experiment(const struct hg_trainer *trainer)
{
    return trainer->experiment;
}

const struct hg_progress *hg_trainer_progress(const struct hg_trainer *trainer)
{
    return &trainer->progress;
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
