#include "run/trainer_state.h"

#include "base/file.h"
#include "base/mem.h"
#include "run/checkup.h"
#include "run/travel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const end_names[HG_END_COUNT] = {
    [HG_END_NOT] = "none",          [HG_END_EPOCHS] = "epochs",
    [HG_END_STEPS] = "steps",       [HG_END_CONVERGED] = "converged",
    [HG_END_PATIENCE] = "patience", [HG_END_DIVERGED] = "diverged",
    [HG_END_SIGNAL] = "signal",     [HG_END_USER] = "user",
};

const char *hg_end_name(enum hg_end end)
{
    return (unsigned)end < HG_END_COUNT ? end_names[end] : "unknown";
}

double hg__now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

size_t hg__trainer_batch(const struct hg_trainer *trainer)
{
    size_t training = trainer->experiment->dataset->training;
    long long batch = trainer->experiment->spec.train.batch;

    return batch > 0 && (unsigned long long)batch < training ? (size_t)batch : training;
}

void hg__progress_empty(struct hg_progress *progress)
{
    *progress = (struct hg_progress){.last_train = NAN, .before_last = NAN, .best_validation = NAN};
}

void hg__trainer_renew_optimizer(struct hg_trainer *trainer)
{
    hg_model_reset_moments(trainer->experiment->model);
    trainer->update.count = trainer->progress.updates = 0;
}

/* Another optimizer on resume is as one changed live. */
static enum hg_status compare_optimizers(struct hg_trainer *trainer, const struct hg_runfile *file,
                                         struct hg_error *error)
{
    struct hg_spec was;
    enum hg_status status = hg_spec_init(&was, error);

    if (status)
        return status;
    status = hg_runfile_read_config(file, &was, error);
    if (status == HG_OK && was.train.optimizer != trainer->experiment->spec.train.optimizer)
        hg__trainer_renew_optimizer(trainer);
    hg_spec_fini(&was);
    return status;
}

/* A resumed run begins where its file stopped. */
static enum hg_status take_up(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg_experiment *experiment = trainer->experiment;
    const struct hg_history *history;
    enum hg_status status;

    hg__progress_empty(&trainer->progress);
    if (!experiment->resumed)
        return HG_OK;
    trainer->progress = *hg_runfile_progress(experiment->resumed);
    history = hg_runfile_history(experiment->resumed);
    status = compare_optimizers(trainer, experiment->resumed, error);
    if (status)
        return status;
    for (size_t i = 0; i < history->count; i++) {
        status = hg_history_add(&trainer->history, &history->epochs[i], error);
        if (status)
            return status;
        hg_series_add(trainer->series, history->epochs[i].step, history->epochs[i].train);
    }
    if (trainer->progress.position > experiment->dataset->training)
        return hg_error_set(error, HG_USAGE,
                            "the run stopped at sample %llu of an epoch, but the "
                            "data now have %zu training samples",
                            (unsigned long long)trainer->progress.position,
                            experiment->dataset->training);
    trainer->saved_step = trainer->progress.step;
    trainer->saved_epoch = trainer->progress.epoch;
    trainer->logged = trainer->progress.epoch;
    trainer->saved = hg__strdup(hg_runfile_path(experiment->resumed));
    return HG_OK;
}

/* The best weights of a run with patience come back through the model, which
 * alone knows its own layout. */
static enum hg_status take_up_best(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg_model *model = trainer->experiment->model;
    size_t count = hg_model_tensors(model);
    float **best;
    bool kept = false, memory = true;

    if (!trainer->experiment->resumed || isnan(trainer->progress.best_validation))
        return HG_OK;
    best = hg__alloc(count, sizeof *best);
    for (size_t i = 0; best && i < count; i++)
        memory &= (best[i] = hg__alloc(hg_model_tensor(model, i).count, sizeof **best)) != NULL;
    trainer->best = hg__alloc_aligned(hg_model_state_count(model), sizeof *trainer->best);
    if (best && memory && trainer->best)
        kept = hg_runfile_best(trainer->experiment->resumed, model, best);
    if (kept) {
        for (size_t i = 0; i < count; i++)
            hg_model_write(model, i, HG_PART_VALUE, best[i]);
        hg_model_state_save(model, trainer->best);
        hg_model_state_restore(model, trainer->good.state);
    }
    for (size_t i = 0; best && i < count; i++)
        hg__free(best[i]);
    hg__free(best);
    if (!best || !memory || !trainer->best)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the best weights");
    if (!kept) {
        hg__free(trainer->best);
        trainer->best = NULL;
    }
    return HG_OK;
}

static enum hg_status set_up(struct hg_trainer *trainer, const struct hg_trainer_config *config,
                             struct hg_error *error)
{
    struct hg_experiment *experiment = trainer->experiment;
    enum hg_status status;

    trainer->series = hg__alloc(1, sizeof *trainer->series);
    if (config->output)
        trainer->output = hg__strdup(config->output);
    if (!trainer->series || (config->output && !trainer->output))
        return hg_error_set(error, HG_NO_MEMORY, "no memory for training");
    status = take_up(trainer, error);
    if (status == HG_OK)
        status = hg__batcher_init(&trainer->batcher, experiment->dataset,
                                  (uint64_t)experiment->spec.model.seed, error);
    if (status == HG_OK)
        status = hg__trainer_configure(trainer, error);
    if (status)
        return status;
    trainer->update.count = trainer->progress.updates;
    if (!hg__trainer_keep_good(trainer))
        return hg_error_set(error, HG_NO_MEMORY, "no memory for training");
    return take_up_best(trainer, error);
}

/* What the weights began with, where that is not the experiment's, is told as a change: a
 * replay needs it. */
static void log_start(struct hg_trainer *trainer, const struct hg_ladder *ladder)
{
    const struct hg_experiment *experiment = trainer->experiment;
    const char *began = experiment->resumed ? hg_runfile_path(experiment->resumed)
                                            : experiment->weights;
    char *path = began ? hg__path_absolute(began) : NULL;
    struct hg_ladder whole = *ladder;

    /* With more code values than the data have features nothing is left to win. */
    while (whole.rungs > 0 && whole.rungs < hg_model_codes(experiment->model) &&
           whole.rungs < HG_LADDER_MOST) {
        whole.pca[whole.rungs] = whole.pca[whole.rungs - 1];
        whole.rungs++;
    }
    hg_log_start(trainer->log, &experiment->spec, hg_model_parameters(experiment->model),
                 experiment->dataset->training, &whole);
    if (path)
        hg_log_change(trainer->log, trainer->progress.step,
                      experiment->resumed ? HG__CHANGE_RESUME : HG__CHANGE_INIT, "", path);
    hg__free(path);
}

enum hg_status hg_trainer_create(struct hg_experiment *experiment,
                                 const struct hg_trainer_config *config,
                                 struct hg_trainer **trainer, struct hg_error *error)
{
    struct hg_trainer *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *trainer = NULL;
    if (!made) {
        hg_experiment_destroy(experiment);
        return hg_error_set(error, HG_NO_MEMORY, "no memory for training");
    }
    made->experiment = experiment;
    made->loss = NAN;
    made->end_epochs = config->epochs;
    made->end_steps = config->steps;
    made->overwrite = config->overwrite;
    made->taken_up = experiment->resumed != NULL;
    made->early = config->early;
    made->log = config->log;
    made->started = made->epoch_started = made->saved_at = hg__now();
    status = set_up(made, config, error);
    if (status) {
        hg_trainer_destroy(made);
        return status;
    }
    if (made->log && config->ladder)
        log_start(made, config->ladder);
    if (made->log)
        made->checkup = hg__checkup_create(config->ladder);
    *trainer = made;
    return HG_OK;
}

void hg_trainer_destroy(struct hg_trainer *trainer)
{
    if (!trainer)
        return;
    hg__batcher_fini(&trainer->batcher);
    hg_history_fini(&trainer->history);
    hg__travel_destroy(trainer->travel);
    hg__checkup_destroy(trainer->checkup);
    hg__free(trainer->series);
    hg__free(trainer->good.state);
    hg__free(trainer->best);
    hg__free(trainer->output);
    hg__free(trainer->saved);
    hg_experiment_destroy(trainer->experiment);
    hg__free(trainer);
}

static bool made_all_steps(const struct hg_trainer *trainer)
{
    return trainer->end_steps == HG_NO_STEP ||
           (trainer->end_steps && trainer->progress.step >= trainer->end_steps);
}

/* Ends that were reached before this step (a resumed run, a new limit). */
static bool at_end(struct hg_trainer *trainer)
{
    const struct hg_progress *progress = &trainer->progress;

    if (trainer->end != HG_END_NOT)
        return true;
    if (progress->position == 0 && progress->epoch > 0)
        trainer->end = hg__trainer_content(trainer);
    if (trainer->end != HG_END_NOT)
        return true;
    if (trainer->end_epochs && progress->epoch >= trainer->end_epochs)
        trainer->end = HG_END_EPOCHS;
    else if (made_all_steps(trainer))
        trainer->end = HG_END_STEPS;
    return trainer->end != HG_END_NOT;
}

static void train_batch(struct hg_trainer *trainer, size_t count)
{
    struct hg_experiment *experiment = trainer->experiment;
    struct hg_progress *progress = &trainer->progress;
    struct hg_batch batch = {
        .samples = count, .seed = (uint64_t)experiment->spec.model.seed, .step = progress->step};

    if (!trainer->ordered) {
        hg__batcher_start(&trainer->batcher, progress->epoch, experiment->spec.train.shuffle);
        trainer->ordered = true;
        if (progress->position == 0)
            trainer->epoch_started = hg__now();
    }
    hg__batcher_take(&trainer->batcher, progress->position, count, &experiment->corrupt,
                     progress->step, &batch.input, &batch.target);
    trainer->update.rate = hg_trainer_rate(trainer);
    trainer->update.epoch = progress->epoch + 1;
    hg_model_train(experiment->model, &batch, &trainer->update, &trainer->loss);
}

enum hg_status hg_trainer_step(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg_progress *progress = &trainer->progress;
    size_t training = trainer->experiment->dataset->training;
    size_t count = hg__trainer_batch(trainer);
    enum hg_status status = HG_OK;

    if (trainer->travel && !trainer->travel->again)
        hg__travel_commit(trainer);
    if (at_end(trainer))
        return HG_OK;
    if (count > training - progress->position)
        count = training - progress->position;
    train_batch(trainer, count);
    if (!isfinite(trainer->loss))
        return hg__trainer_diverge(trainer, error);
    progress->step++;
    progress->updates = trainer->update.count;
    progress->position += count;
    progress->epoch_sum += trainer->loss * (double)count;
    trainer->samples += count;
    hg_series_add(trainer->series, progress->step, trainer->loss);
    if (progress->position >= training)
        status = hg__trainer_close_epoch(trainer, error);
    if (status == HG_OK && trainer->output)
        status = hg__trainer_autosave(trainer, error);
    if (status != HG_DIVERGED && at_end(trainer) && !hg__trainer_sound(trainer))
        status = hg__trainer_diverge(trainer, error);
    return status;
}
