/* Going to a kept state, and recomputing from there. */
#include "run/travel.h"

#include "base/mem.h"
#include "run/origins.h"
#include "run/spec_parts.h"
#include "run/trainer_state.h"

#include <inttypes.h>
#include <string.h>

static struct hg_model *model_of(const struct hg_trainer *trainer)
{
    return trainer->experiment->model;
}

/* ---- a state back into the trainer ---- */

/* The options as they were when `changes` of the line's had been made. */
static void settle_options(struct hg_trainer *trainer, size_t changes)
{
    struct hg__travel *travel = trainer->travel;
    struct hg_spec *spec = &trainer->experiment->spec;

    while (travel->applied > changes) {
        const struct hg__change *change = &travel->change[--travel->applied];
        const struct hg_option *option = hg_option_find(change->key);
        if (!option)
            continue;
        hg_spec_set(spec, change->key, change->from, "live", NULL);
        if (change->fresh)
            hg__origins_note(spec->origins, hg__option_index(option), NULL, NULL);
    }
    while (travel->applied < changes) {
        const struct hg__change *change = &travel->change[travel->applied++];
        if (hg_option_find(change->key))
            hg_spec_set(spec, change->key, change->to, "live", NULL);
    }
}

static enum hg_status restore_history(struct hg_trainer *trainer, const struct hg__kept *kept,
                                      struct hg_error *error)
{
    const struct hg_history *whole = &trainer->travel->history;
    struct hg_history made = {0};
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < whole->count && status == HG_OK; i++)
        if (whole->epochs[i].epoch < kept->newest.epoch)
            status = hg_history_add(&made, &whole->epochs[i], error);
    if (status == HG_OK && kept->newest.epoch)
        status = hg_history_add(&made, &kept->newest, error);
    if (status) {
        hg_history_fini(&made);
        return status;
    }
    hg_history_fini(&trainer->history);
    trainer->history = made;
    return HG_OK;
}

static void restore_series(struct hg_trainer *trainer, const struct hg__kept *kept)
{
    const struct hg_series *whole = trainer->travel->ahead;

    memcpy(trainer->series->points, whole->points, kept->series * sizeof whole->points[0]);
    trainer->series->count = kept->series;
    if (kept->series)
        trainer->series->points[kept->series - 1] = kept->tail;
}

static enum hg_status restore_best(struct hg_trainer *trainer, const struct hg__kept *kept,
                                   struct hg_error *error)
{
    size_t values = hg_model_state_count(model_of(trainer));

    if (!kept->best) {
        hg__free(trainer->best);
        trainer->best = NULL;
        return HG_OK;
    }
    if (!trainer->best)
        trainer->best = hg__alloc_aligned(values, sizeof *trainer->best);
    if (!trainer->best)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the best weights");
    memcpy(trainer->best, kept->best, values * sizeof *trainer->best);
    return HG_OK;
}

static enum hg_status restore(struct hg_trainer *trainer, const struct hg__kept *kept,
                              struct hg_error *error)
{
    enum hg_status status = restore_history(trainer, kept, error);

    if (status == HG_OK)
        status = restore_best(trainer, kept, error);
    if (status)
        return status;
    settle_options(trainer, kept->changes);
    status = hg__trainer_configure(trainer, error);
    if (status)
        return status;
    hg_model_whole_restore(model_of(trainer), kept->optimizer, kept->state);
    restore_series(trainer, kept);
    trainer->progress = kept->progress;
    trainer->update.count = kept->progress.updates;
    trainer->end = kept->end;
    trainer->end_epochs = kept->end_epochs;
    trainer->end_steps = kept->end_steps;
    trainer->loss = kept->loss;
    trainer->ordered = false;
    hg__trainer_keep_good(trainer);
    trainer->changed = true;
    trainer->epoch_started = hg__now();
    if (trainer->logged > kept->progress.epoch)
        trainer->logged = kept->progress.epoch;
    if (trainer->saved_step > kept->progress.step)
        trainer->saved_step = kept->progress.step;
    if (trainer->saved_epoch > kept->progress.epoch)
        trainer->saved_epoch = kept->progress.epoch;
    return HG_OK;
}

/* ---- going ---- */

/* The tip and all that belongs to it stays, to be gone back to. */
static enum hg_status leave_tip(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg__travel *travel = trainer->travel;
    struct hg_history copy = {0};

    for (size_t i = 0; i < trainer->history.count; i++)
        if (hg_history_add(&copy, &trainer->history.epochs[i], error)) {
            hg_history_fini(&copy);
            return HG_NO_MEMORY;
        }
    hg_history_fini(&travel->history);
    travel->history = copy;
    memcpy(travel->ahead, trainer->series, sizeof *travel->ahead);
    travel->applied = travel->changes;
    travel->tip = trainer->progress.step;
    travel->diverged = trainer->end == HG_END_DIVERGED;
    if (!travel->diverged)
        hg__travel_capture(trainer);
    travel->away = true;
    travel->serial++;
    return HG_OK;
}

/* The changes of the line that were made at this very step. */
static enum hg_status apply_due(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg__travel *travel = trainer->travel;
    enum hg_status status = HG_OK;

    while (status == HG_OK && travel->applied < travel->changes &&
           travel->change[travel->applied].step <= trainer->progress.step) {
        const struct hg__change *change = &travel->change[travel->applied++];
        status = hg__trainer_apply(trainer, change->key, change->to, error);
    }
    return status;
}

static enum hg_status refuse(const struct hg_trainer *trainer, uint64_t step,
                             struct hg_error *error)
{
    const struct hg__travel *travel = trainer->travel;
    size_t bytes;

    if (!travel)
        return hg_error_set(error, HG_USAGE, "no states of this run are kept");
    bytes = hg_model_whole_count(model_of(trainer), trainer->update.optimizer) * sizeof(float);
    if (!travel->ring.count)
        return hg_error_set(error, HG_USAGE,
                            "no states are kept: two take %.0f MiB, and %.0f MiB may be used "
                            "(--max-memory)",
                            2 * (double)bytes / 0x1p20, (double)travel->ring.budget / 0x1p20);
    if (step > trainer->progress.step)
        return hg_error_set(error, HG_USAGE, "nothing lies ahead: this is the newest step");
    return hg_error_set(error, HG_USAGE, "%s", travel->born);
}

enum hg_status hg_trainer_go(struct hg_trainer *trainer, uint64_t step, struct hg_error *error)
{
    struct hg__travel *travel = trainer->travel;
    const struct hg__kept *kept;
    enum hg_status status = HG_OK;

    if (!travel || step > (travel->away ? travel->tip : trainer->progress.step) ||
        !hg__ring_before(&travel->ring, step))
        return refuse(trainer, step, error);
    if (step == trainer->progress.step && trainer->end != HG_END_DIVERGED)
        return HG_OK;
    if (!travel->away)
        status = leave_tip(trainer, error);
    kept = hg__ring_before(&travel->ring, step);
    if (status == HG_OK)
        status = restore(trainer, kept, error);
    travel->again = status == HG_OK;
    travel->target = step;
    travel->serial++;
    return status ? status : hg_trainer_go_on(trainer, error);
}

bool hg_trainer_going(const struct hg_trainer *trainer)
{
    return trainer->travel && trainer->travel->again;
}

/* A step that was done before: nothing is logged or saved, and no end stops it that was gone
 * beyond; that patience puts the best weights back is repeated, too. */
static enum hg_status repeat(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg_log *log = trainer->log;
    struct hg__checkup *checkup = trainer->checkup;
    char *output = trainer->output;
    uint64_t epochs = trainer->end_epochs, steps = trainer->end_steps, samples = trainer->samples;
    uint64_t before = trainer->progress.step, logged = trainer->logged;
    enum hg_status status;

    trainer->log = NULL;
    trainer->checkup = NULL;
    trainer->output = NULL;
    trainer->end_epochs = trainer->end_steps = 0;
    status = hg_trainer_step(trainer, error);
    trainer->log = log;
    trainer->checkup = checkup;
    trainer->output = output;
    trainer->end_epochs = epochs;
    trainer->end_steps = steps;
    trainer->samples = samples;
    trainer->logged = logged;
    if (status == HG_OK && trainer->progress.step == before)
        return hg_error_set(error, HG_FAILED, "the run ended at step %" PRIu64 " already", before);
    return status;
}

enum hg_status hg_trainer_go_on(struct hg_trainer *trainer, struct hg_error *error)
{
    struct hg__travel *travel = trainer->travel;
    enum hg_status status;

    if (!hg_trainer_going(trainer))
        return HG_OK;
    status = apply_due(trainer, error);
    if (status == HG_OK && trainer->progress.step < travel->target) {
        status = repeat(trainer, error);
        if (status == HG_OK && trainer->progress.step == travel->target)
            status = apply_due(trainer, error);
    }
    if (status || trainer->progress.step >= travel->target)
        travel->again = false;
    return status;
}
