/* The end of an epoch and the end of a run: what is measured, kept and decided. */
#include "run/trainer_state.h"

#include "base/mem.h"
#include "run/checkup.h"
#include "run/travel.h"

#include <math.h>

enum { TRIAL = 64 }; /* samples that prove a state good */

static double validate(const struct hg_trainer *trainer)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;

    if (dataset->validation == 0)
        return NAN;
    return hg_model_evaluate(trainer->experiment->model, dataset->values,
                             dataset->order + dataset->training, dataset->validation, NULL);
}

bool hg__trainer_sound(const struct hg_trainer *trainer)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    size_t count = dataset->training < TRIAL ? dataset->training : TRIAL;

    return isfinite(hg_model_evaluate(trainer->experiment->model, dataset->values, dataset->order,
                                      count, NULL));
}

bool hg__trainer_keep_good(struct hg_trainer *trainer)
{
    const struct hg_model *model = trainer->experiment->model;
    const struct hg_history *history = &trainer->history;
    struct hg__good *good = &trainer->good;
    size_t count = hg_model_whole_count(model, trainer->update.optimizer);

    if (count > good->room) {
        float *state = hg__alloc_aligned(count, sizeof *state);
        if (!state)
            return false;
        hg__free(good->state);
        good->state = state;
        good->room = count;
    }
    good->optimizer = trainer->update.optimizer;
    good->progress = trainer->progress;
    good->newest = history->count ? history->epochs[history->count - 1] : (struct hg_epoch){0};
    hg_model_whole_save(model, good->optimizer, good->state);
    return true;
}

enum hg_status hg__trainer_good_history(const struct hg_trainer *trainer,
                                        struct hg_history *history, struct hg_error *error)
{
    const struct hg_history *whole = &trainer->history;
    const struct hg_epoch *newest = &trainer->good.newest;
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < whole->count && status == HG_OK; i++)
        if (whole->epochs[i].epoch < newest->epoch)
            status = hg_history_add(history, &whole->epochs[i], error);
    if (status == HG_OK && newest->epoch)
        status = hg_history_add(history, newest, error);
    return status;
}

/* The update that made the loss infinite spoilt the moments, too. */
static void put_back(struct hg_trainer *trainer)
{
    struct hg_model *model = trainer->experiment->model;
    struct hg__good *good = &trainer->good;

    if (good->optimizer == trainer->update.optimizer) {
        hg_model_whole_restore(model, good->optimizer, good->state);
    } else {
        hg_model_state_restore(model, good->state);
        hg_model_reset_moments(model);
        good->progress.updates = 0;
    }
    trainer->update.count = trainer->progress.updates = good->progress.updates;
    if (good->progress.best_epoch != trainer->progress.best_epoch) {
        hg__free(trainer->best);
        trainer->best = NULL;
        good->progress.best_validation = NAN;
        good->progress.best_epoch = good->progress.worse_epochs = 0;
    }
}

enum hg_status hg__trainer_diverge(struct hg_trainer *trainer, struct hg_error *error)
{
    put_back(trainer);
    trainer->end = HG_END_DIVERGED;
    trainer->changed = true;
    hg__checkup_last(trainer);
    return hg_error_set(error, HG_DIVERGED,
                        "training diverged at step %llu (the loss is not finite any more); the "
                        "last good state, of step %llu, is kept; a smaller lr (now %g) or "
                        "train.clip helps",
                        (unsigned long long)trainer->progress.step,
                        (unsigned long long)trainer->good.progress.step, trainer->update.rate);
}

static enum hg_status keep_best(struct hg_trainer *trainer, double validation,
                                struct hg_error *error)
{
    struct hg_progress *progress = &trainer->progress;
    struct hg_model *model = trainer->experiment->model;
    long long patience = trainer->experiment->spec.train.patience;

    if (patience == 0 || isnan(validation))
        return HG_OK;
    if (isnan(progress->best_validation) || validation < progress->best_validation) {
        if (!trainer->best)
            trainer->best = hg__alloc_aligned(hg_model_state_count(model), sizeof(float));
        if (!trainer->best)
            return hg_error_set(error, HG_NO_MEMORY, "no memory for the best weights");
        hg_model_state_save(model, trainer->best);
        progress->best_validation = validation;
        progress->best_epoch = progress->epoch;
        progress->worse_epochs = 0;
        return HG_OK;
    }
    progress->worse_epochs++;
    return HG_OK;
}

/* Asked between two epochs. A run that was saved at such an end and is resumed
 * with the same limits has nothing left to do, as if it had never been away. */
enum hg_end hg__trainer_content(struct hg_trainer *trainer)
{
    const struct hg_progress *progress = &trainer->progress;
    const struct hg_spec *spec = &trainer->experiment->spec;

    if (spec->train.patience > 0 && progress->worse_epochs >= (uint64_t)spec->train.patience) {
        if (trainer->best)
            hg_model_state_restore(trainer->experiment->model, trainer->best);
        return HG_END_PATIENCE;
    }
    if (spec->train.stop_epsilon > 0 &&
        fabs(progress->last_train - progress->before_last) < spec->train.stop_epsilon)
        return HG_END_CONVERGED;
    return HG_END_NOT;
}

static void log_epoch(struct hg_trainer *trainer, const struct hg_epoch *epoch)
{
    double seconds = trainer->epoch_seconds;
    double speed = (double)trainer->experiment->dataset->training / (seconds > 0 ? seconds : 1e-9);

    hg_log_epoch(trainer->log, epoch, speed, hg__now() - trainer->started);
    trainer->logged = epoch->epoch;
}

enum hg_status hg__trainer_close_epoch(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg_progress *progress = &trainer->progress;
    struct hg_epoch epoch = {.rate = trainer->update.rate};
    enum hg_status status;
    bool best;

    trainer->epoch_seconds = hg__now() - trainer->epoch_started;
    progress->before_last = progress->last_train;
    progress->last_train = progress->epoch_sum / (double)progress->position;
    progress->epoch++;
    progress->position = 0;
    progress->epoch_sum = 0;
    trainer->ordered = false;
    epoch.epoch = progress->epoch;
    epoch.step = progress->step;
    epoch.train = progress->last_train;
    epoch.validation = validate(trainer);
    status = hg_history_add(&trainer->history, &epoch, error);
    if (status == HG_OK)
        status = keep_best(trainer, epoch.validation, error);
    best = trainer->best && progress->best_epoch == epoch.epoch; /* no good state is older */
    if ((best || hg_history_keeps(epoch.epoch)) && hg__trainer_sound(trainer))
        hg__trainer_keep_good(trainer);
    if (hg_history_keeps(epoch.epoch)) {
        log_epoch(trainer, &epoch);
        hg__checkup_look(trainer);
    }
    return status;
}

void hg_trainer_set_end(struct hg_trainer *trainer, uint64_t epochs, uint64_t steps)
{
    trainer->end_epochs = epochs;
    trainer->end_steps = steps;
    if (trainer->end == HG_END_DIVERGED)
        return;
    trainer->progress.worse_epochs = 0;
    trainer->progress.before_last = NAN;
    trainer->end = HG_END_NOT;
}

void hg_trainer_continue(struct hg_trainer *trainer)
{
    const char *ended = hg_end_name(trainer->end);

    hg__travel_commit(trainer);
    hg_trainer_set_end(trainer, 0, 0);
    hg_log_change(trainer->log, trainer->progress.step, HG__CHANGE_CONTINUE, ended, "");
    hg__travel_note(trainer, HG__CHANGE_CONTINUE, ended, "", false);
}

/* The mean over the last whole epoch; within the first one, over what it has had. */
static double trained(const struct hg_progress *progress)
{
    if (progress->epoch == 0 && progress->position > 0)
        return progress->epoch_sum / (double)progress->position;
    return progress->last_train;
}

void hg_trainer_finish(struct hg_trainer *trainer, enum hg_end reason, double *evaluated,
                       double *validation)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    const struct hg_history *history = &trainer->history;
    const struct hg_progress *standing;
    struct hg_log_end end;

    hg__travel_commit(trainer);
    if (trainer->end == HG_END_NOT)
        trainer->end = reason;
    *evaluated = hg_model_evaluate(trainer->experiment->model, dataset->values, dataset->order,
                                   dataset->training, NULL);
    *validation = validate(trainer);
    if (!trainer->log)
        return;
    hg__checkup_last(trainer);
    if (history->count && history->epochs[history->count - 1].epoch > trainer->logged)
        log_epoch(trainer, &history->epochs[history->count - 1]);
    standing = hg_trainer_standing(trainer);
    end = (struct hg_log_end){.reason = hg_end_name(trainer->end),
                              .epoch = standing->epoch,
                              .step = standing->step,
                              .train = trained(standing),
                              .evaluated = *evaluated,
                              .validation = *validation};
    hg_log_end(trainer->log, &end);
}
