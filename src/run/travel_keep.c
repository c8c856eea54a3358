/* The line of a run: states kept, changes noted, branches left. */
#include "run/travel.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Copying may take this share of the time; beyond the first steps four states a second do. */
static const double share = 0.001, pause = 0.25;
enum { STEPS_PART = 4 }; /* at first one more when the steps have grown by a quarter */

/* ---- keeping ---- */

bool hg__travel_capture(struct hg_trainer *trainer)
{
    struct hg_model *model = trainer->experiment->model;
    struct hg__travel *travel = trainer->travel;
    enum hg_optimizer optimizer = trainer->update.optimizer;
    size_t values = hg_model_state_count(model);
    const struct hg__kept *last = hg__ring_before(&travel->ring, UINT64_MAX);
    struct hg__kept *kept;

    if (last && last->progress.step >= trainer->progress.step)
        return true;
    kept = hg__ring_add(&travel->ring, trainer->progress.step,
                        hg_model_whole_count(model, optimizer), trainer->best ? values : 0);
    if (!kept)
        return false;
    kept->progress = trainer->progress;
    if (trainer->history.count)
        kept->newest = trainer->history.epochs[trainer->history.count - 1];
    kept->end = trainer->end;
    kept->end_epochs = trainer->end_epochs;
    kept->end_steps = trainer->end_steps;
    kept->loss = trainer->loss;
    kept->changes = travel->changes;
    kept->series = trainer->series->count;
    if (kept->series)
        kept->tail = trainer->series->points[kept->series - 1];
    kept->optimizer = optimizer;
    hg_model_whole_save(model, optimizer, kept->state);
    if (kept->best)
        memcpy(kept->best, trainer->best, values * sizeof *kept->best);
    return true;
}

void hg_trainer_keep(struct hg_trainer *trainer)
{
    struct hg__travel *travel = trainer->travel;
    const struct hg__kept *last;
    uint64_t step = trainer->progress.step, before;
    double now;

    if (!travel || travel->away || trainer->end != HG_END_NOT)
        return;
    last = hg__ring_before(&travel->ring, UINT64_MAX);
    now = hg__now();
    if (!last || step <= last->progress.step || now < travel->due)
        return;
    before = last->progress.step;
    if (now < travel->kept_at + pause && step < before + before / STEPS_PART)
        return;
    hg__travel_capture(trainer);
    travel->kept_at = hg__now();
    travel->due = travel->kept_at + (travel->kept_at - now) / share;
}

enum hg_status hg_trainer_remember(struct hg_trainer *trainer, size_t bytes, struct hg_error *error)
{
    struct hg__travel *travel = hg__alloc(1, sizeof *travel);

    if (travel) {
        travel->ahead = hg__alloc(1, sizeof *travel->ahead);
        travel->branch = hg__alloc(1, sizeof *travel->branch);
    }
    if (!travel || !travel->ahead || !travel->branch) {
        hg__travel_destroy(travel);
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the states of the run");
    }
    hg__travel_destroy(trainer->travel);
    trainer->travel = travel;
    travel->ring.budget = bytes;
    if (trainer->progress.step)
        snprintf(travel->born, sizeof travel->born,
                 "the run was taken up here, at step %" PRIu64 ": its past is not kept",
                 trainer->progress.step);
    else
        snprintf(travel->born, sizeof travel->born, "this is where the run began");
    hg__travel_capture(trainer);
    return HG_OK;
}

static void forget_changes(struct hg__travel *travel, size_t from)
{
    for (size_t i = from; i < travel->changes; i++) {
        hg__free(travel->change[i].key);
        hg__free(travel->change[i].from);
        hg__free(travel->change[i].to);
    }
    if (from < travel->changes)
        travel->changes = from;
}

void hg__travel_destroy(struct hg__travel *travel)
{
    if (!travel)
        return;
    hg__ring_clear(&travel->ring);
    forget_changes(travel, 0);
    hg__free(travel->change);
    hg_history_fini(&travel->history);
    hg__free(travel->ahead);
    hg__free(travel->branch);
    hg__free(travel);
}

/* ---- going on from here ---- */

void hg__travel_commit(struct hg_trainer *trainer)
{
    struct hg__travel *travel = trainer->travel;
    uint64_t step = trainer->progress.step;
    struct hg_series *old;
    char from[24], to[24];

    if (!travel || !travel->away)
        return;
    travel->away = travel->again = false;
    travel->serial++;
    if (step == travel->tip && !travel->diverged) /* forward again to where one had been */
        return;
    snprintf(from, sizeof from, "%" PRIu64, travel->tip);
    snprintf(to, sizeof to, "%" PRIu64, step);
    hg_log_change(trainer->log, travel->tip, HG__CHANGE_BACK, from, to);
    hg__ring_cut(&travel->ring, step);
    forget_changes(travel, travel->applied);
    old = travel->branch;
    travel->branch = travel->ahead;
    travel->ahead = old;
    travel->branched = true;
    travel->branch_from = step;
}

static bool append(struct hg__travel *travel, const struct hg__change *change)
{
    if (travel->changes == travel->room) {
        size_t room = travel->room ? 2 * travel->room : 16;
        struct hg__change *grown = hg__realloc(travel->change, room, sizeof *grown);
        if (!grown)
            return false;
        travel->change = grown;
        travel->room = room;
    }
    travel->change[travel->changes++] = *change;
    return change->key && change->from && change->to;
}

void hg__travel_note(struct hg_trainer *trainer, const char *key, const char *from, const char *to,
                     bool fresh)
{
    struct hg__travel *travel = trainer->travel;
    struct hg__change change = {.step = trainer->progress.step, .fresh = fresh};

    if (!travel)
        return;
    change.key = hg__strdup(key);
    change.from = hg__strdup(from);
    change.to = hg__strdup(to);
    if (append(travel, &change)) {
        travel->applied = travel->changes;
        return;
    }
    /* What cannot be repeated cannot be gone back beyond. */
    if (travel->changes && travel->change[travel->changes - 1].key == change.key)
        travel->changes--;
    hg__free(change.key);
    hg__free(change.from);
    hg__free(change.to);
    hg__ring_clear(&travel->ring);
    forget_changes(travel, 0);
    travel->applied = 0;
    snprintf(travel->born, sizeof travel->born, "memory ran out at this step");
    hg__travel_capture(trainer);
}

void hg__travel_restarting(struct hg_trainer *trainer)
{
    hg__travel_commit(trainer);
    if (trainer->travel)
        memcpy(trainer->travel->branch, trainer->series, sizeof *trainer->series);
}

void hg__travel_restarted(struct hg_trainer *trainer, bool same)
{
    struct hg__travel *travel = trainer->travel;

    if (!travel)
        return;
    hg__ring_clear(&travel->ring);
    forget_changes(travel, 0);
    travel->applied = 0;
    travel->due = travel->kept_at = 0;
    travel->away = travel->again = false;
    travel->branched = same && travel->branch->count > 0;
    travel->branch_from = 0;
    travel->serial++;
    snprintf(travel->born, sizeof travel->born,
             "the run started again here: what was before cannot be gone back to");
    hg__travel_capture(trainer);
}

void hg_trainer_travel(const struct hg_trainer *trainer, struct hg_travel *now)
{
    const struct hg__travel *travel = trainer->travel;

    *now = (struct hg_travel){.tip = trainer->progress.step};
    if (!travel)
        return;
    now->away = travel->away && (travel->diverged || trainer->progress.step != travel->tip);
    now->born = travel->born;
    now->serial = travel->serial;
    now->kept = travel->ring.count;
    for (size_t i = 0; i < travel->ring.count; i++)
        now->step[i] = travel->ring.kept[i].progress.step;
    if (now->away) {
        now->tip = travel->tip;
        now->branch = travel->ahead;
        now->branch_from = trainer->progress.step;
    } else if (travel->branched) {
        now->branch = travel->branch;
        now->branch_from = travel->branch_from;
    }
}
