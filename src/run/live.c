/* Options that change while training runs, and saving. */
#include "run/trainer_state.h"

#include "base/mem.h"
#include "run/travel.h"

#include <string.h>
#include <unistd.h>

enum hg_status hg__trainer_configure(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg_experiment *experiment = trainer->experiment;
    const struct hg_spec *spec = &experiment->spec;
    struct hg_schedule schedule;
    struct hg_corrupt corrupt;
    struct hg_save_every every;
    enum hg_status status;
    size_t batch = hg__trainer_batch(trainer);

    if ((status = hg_schedule_parse(spec->train.schedule, &schedule, error)) ||
        (status = hg_corrupt_parse(spec->train.corrupt, &corrupt, error)) ||
        (status = hg_save_every_parse(spec->train.save_every, &every, error)) ||
        (status = hg__batcher_reserve(&trainer->batcher, batch, corrupt.kind != HG_CORRUPT_NONE,
                                      error)) ||
        (status = hg_model_reserve(experiment->model, batch, error)))
        return status;
    experiment->schedule = schedule;
    experiment->corrupt = corrupt;
    trainer->every = every;
    hg_model_set_penalties(experiment->model, spec->model.beta, spec->train.sparsity);
    trainer->update = (struct hg_update){
        .optimizer = (enum hg_optimizer)spec->train.optimizer,
        .rate = trainer->update.rate,
        .beta1 = spec->train.beta1,
        .beta2 = hg_spec_beta2(spec),
        .epsilon = spec->train.epsilon,
        .weight_decay = spec->train.weight_decay,
        .l1 = spec->train.l1,
        .clip = spec->train.clip,
        .count = trainer->update.count,
    };
    return HG_OK;
}

/* Sets and configures; on failure the old text is put back. */
static enum hg_status change(struct hg_trainer *trainer, const char *name, const char *text,
                             const char *before, struct hg_error *error)
{
    struct hg_spec *spec = &trainer->experiment->spec;
    int optimizer = spec->train.optimizer;
    bool shuffle = spec->train.shuffle;
    enum hg_status status = hg_spec_set(spec, name, text, "live", error);

    if (status)
        return status;
    status = hg__trainer_configure(trainer, error);
    if (status) {
        hg_spec_set(spec, name, before, "live", NULL);
        hg__trainer_configure(trainer, NULL);
        return hg_error_prefix(error, status, "%s", name);
    }
    if (spec->train.optimizer != optimizer) {
        hg__trainer_renew_optimizer(trainer);
        if (trainer->end == HG_END_DIVERGED) /* what is saved holds no moments either */
            trainer->good.progress.updates = 0;
    }
    if (spec->train.shuffle != shuffle)
        trainer->ordered = false;
    return HG_OK;
}

/* What goes with a change of this option beside the option itself. */
static void follow(struct hg_trainer *trainer, const char *name)
{
    if (strcmp(name, "train.epochs") == 0)
        hg_trainer_set_end(trainer, (uint64_t)trainer->experiment->spec.train.epochs,
                           trainer->end_steps);
}

enum hg_status hg__trainer_apply(struct hg_trainer *trainer, const char *key, const char *to,
                                 struct hg_error *error)
{
    char before[512];
    enum hg_status status;

    if (strcmp(key, HG__CHANGE_CONTINUE) == 0) {
        hg_trainer_set_end(trainer, 0, 0);
        return HG_OK;
    }
    if (hg__is_edit(key))
        return hg__trainer_apply_edit(trainer, key, to, error);
    if (!hg_option_find(key))
        return hg_error_set(error, HG_USAGE, "no change is called '%s'", key);
    hg_spec_get(&trainer->experiment->spec, key, before, sizeof before);
    status = change(trainer, key, to, before, error);
    if (status == HG_OK)
        follow(trainer, key);
    return status;
}

enum hg_status hg_trainer_set(struct hg_trainer *trainer, const char *name, const char *text,
                              struct hg_error *error)
{
    struct hg_spec *spec = &trainer->experiment->spec;
    const struct hg_option *option = hg_option_find(name);
    char before[512], after[512];
    bool fresh;
    enum hg_status status;

    if (!option)
        return hg_error_set(error, HG_USAGE, "no option is called '%s'", name);
    if (!option->live)
        return hg_error_set(error, HG_USAGE, "%s takes effect on a new start only", name);
    hg_spec_get(spec, name, before, sizeof before);
    fresh = strcmp(hg_spec_origin(spec, name), "default") == 0;
    status = change(trainer, name, text, before, error);
    if (status)
        return status;
    hg_spec_get(spec, name, after, sizeof after);
    if (strcmp(before, after) == 0)
        return HG_OK;
    hg__travel_commit(trainer);
    follow(trainer, name);
    hg_log_change(trainer->log, trainer->progress.step, name, before, after);
    hg__travel_note(trainer, name, before, after, fresh);
    trainer->changed = true;
    return HG_OK;
}

/* The best weights as the file wants them: through the model, which alone knows
 * its own layout. `kept` holds the present state meanwhile. */
static float **best_tensors(struct hg_trainer *trainer, float *kept)
{
    struct hg_model *model = trainer->experiment->model;
    size_t count = hg_model_tensors(model);
    float **best = hg__alloc(count, sizeof *best);

    if (!best)
        return NULL;
    hg_model_state_save(model, kept);
    hg_model_state_restore(model, trainer->best);
    for (size_t i = 0; i < count; i++) {
        best[i] = hg__alloc(hg_model_tensor(model, i).count, sizeof **best);
        if (best[i])
            hg_model_read(model, i, HG_PART_VALUE, best[i]);
    }
    hg_model_state_restore(model, kept);
    return best;
}

static void free_tensors(float **tensors, size_t count)
{
    for (size_t i = 0; tensors && i < count; i++)
        hg__free(tensors[i]);
    hg__free(tensors);
}

static enum hg_status write_run(struct hg_trainer *trainer, const char *path,
                                struct hg_error *error)
{
    struct hg_experiment *experiment = trainer->experiment;
    size_t count = hg_model_tensors(experiment->model);
    struct hg_history history = {0};
    struct hg_run run = {.spec = &experiment->spec,
                         .model = experiment->model,
                         .dataset = experiment->dataset,
                         .history = &trainer->history,
                         .progress = hg_trainer_standing(trainer)};
    float **best = NULL, *kept = NULL;
    enum hg_status status = HG_OK;

    if (trainer->end == HG_END_DIVERGED) {
        status = hg__trainer_good_history(trainer, &history, error);
        run.history = &history;
    }
    if (status == HG_OK && trainer->best) {
        kept = hg__alloc_aligned(hg_model_state_count(experiment->model), sizeof *kept);
        best = kept ? best_tensors(trainer, kept) : NULL;
        if (!best)
            status = hg_error_set(error, HG_NO_MEMORY, "no memory to save %s", path);
        for (size_t i = 0; best && i < count; i++)
            if (!best[i])
                status = hg_error_set(error, HG_NO_MEMORY, "no memory to save %s", path);
    }
    run.best = best;
    if (status == HG_OK)
        status = hg_runfile_write(path, &run, error);
    free_tensors(best, count);
    hg__free(kept);
    hg_history_fini(&history);
    return status;
}

enum hg_status hg_trainer_save(struct hg_trainer *trainer, const char *path, bool overwrite,
                               struct hg_error *error)
{
    enum hg_status status, sound = HG_OK;
    char *copy;

    if (!path)
        path = trainer->saved ? trainer->saved : trainer->output;
    if (!path)
        return hg_error_set(error, HG_USAGE, "no file name to save to");
    if (!overwrite && !(trainer->saved && strcmp(path, trainer->saved) == 0) &&
        access(path, F_OK) == 0)
        return hg_error_set(error, HG_FAILED, "%s exists already; --force replaces it", path);
    copy = hg__strdup(path);
    if (!copy)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to save %s", path);
    if (trainer->end != HG_END_DIVERGED && !hg__trainer_sound(trainer))
        sound = hg__trainer_diverge(trainer, error);
    trainer->saved_at = hg__now();
    status = write_run(trainer, copy, error);
    if (status) {
        hg__free(copy);
        return status;
    }
    hg__free(trainer->saved);
    trainer->saved = copy;
    trainer->saved_step = trainer->progress.step;
    trainer->saved_epoch = trainer->progress.epoch;
    trainer->changed = false;
    return sound;
}

/* So early that whoever looks finds a file, so late that a short run writes once. */
static const double early = 0.25;

/* The clock is looked at every 16 steps, as a step may take half a microsecond; a
 * slow network is asked at each of its first ones. */
static bool time_is_up(struct hg_trainer *trainer)
{
    const struct hg_save_every *every = &trainer->every;
    bool only_at_end = !every->steps && !every->epochs && every->seconds <= 0;
    double now;

    if (trainer->progress.step % 16 != 0 && !trainer->early)
        return false;
    now = hg__now();
    if (trainer->early && now - trainer->started >= early) {
        trainer->early = false; /* once: a full disk is not told again and again */
        return !trainer->saved && !only_at_end;
    }
    return every->seconds > 0 && now - trainer->saved_at >= every->seconds;
}

enum hg_status hg__trainer_autosave(struct hg_trainer *trainer, struct hg_error *error)
{
    const struct hg_save_every *every = &trainer->every;
    const struct hg_progress *progress = &trainer->progress;
    bool due = false;

    if (every->steps)
        due = progress->step - trainer->saved_step >= every->steps;
    if (every->epochs)
        due = due || (progress->position == 0 && progress->epoch > trainer->saved_epoch &&
                      progress->epoch % every->epochs == 0);
    if (!due)
        due = time_is_up(trainer);
    if (!due)
        return HG_OK;
    return hg_trainer_save(trainer, trainer->output, trainer->overwrite, error);
}
