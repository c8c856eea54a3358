/* A run and a copy of it race: made, swapped, kept. */
#include "run/fork.h"

#include "run/log.h"
#include "run/session_state.h"
#include "run/trainer_state.h"
#include "run/travel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is shown is another run: all that was probed is stale. */
static void show_anew(struct hg_session *session)
{
    hg__watch_travelled(&session->watch, session->trainer);
    session->jumps++;
    session->watch.speed_samples = session->trainer->samples;
    hg__visit_stale(&session->visit);
}

/* ---- making ---- */

static enum hg_status change(struct hg_session *session, struct hg_trainer *copy,
                             const struct hg_command *command, struct hg_error *error)
{
    struct hg__fork *fork = &session->fork;
    char value[64];
    enum hg_status status;

    fork->change[0] = '\0';
    if (!command->name[0])
        return HG_OK;
    if (hg__is_edit(command->name)) {
        status = hg_trainer_edit(copy, command->name, command->text, error);
        snprintf(value, sizeof value, "%.32s", command->text);
    } else {
        status = hg_trainer_set(copy, command->name, command->text, error);
        if (status == HG_OK)
            hg_spec_get(&copy->experiment->spec, command->name, value, sizeof value);
    }
    if (status == HG_OK)
        snprintf(fork->change, sizeof fork->change, "%.47s = %.40s", command->name, value);
    return status;
}

static enum hg_status make(struct hg_session *session, const struct hg_command *command,
                           struct hg_trainer **copy, struct hg_error *error)
{
    struct hg__fork *fork = &session->fork;
    struct hg_trainer *run = session->trainer;
    enum hg_status status;

    fork->held = run->log ? hg__log_hold() : NULL;
    if (run->log && !fork->held)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the log of a copy");
    fork->budget = run->travel->ring.budget;
    status = hg__trainer_twin(run, fork->held, fork->budget / 2, copy, error);
    if (status == HG_OK)
        status = change(session, *copy, command, error);
    if (status) {
        hg__trainer_drop(*copy);
        hg_log_close(fork->held);
        fork->held = NULL;
    }
    return status;
}

static void begin(struct hg_session *session, const struct hg_command *command)
{
    struct hg__fork *fork = &session->fork;
    struct hg_trainer *run = session->trainer, *copy = NULL;
    struct hg_error error;

    if (session->state == HG_STATE_DIVERGED) {
        hg__session_tell(session, HG_TONE_WARN,
                         "the run has diverged: u goes back to before it, then F makes a copy");
        return;
    }
    if (make(session, command, &copy, &error)) {
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
        return;
    }
    fork->step = run->progress.step;
    fork->epoch = run->progress.epoch;
    fork->changes = run->travel->away ? run->travel->applied : run->travel->changes;
    fork->serial++;
    run->travel->ring.budget = fork->budget / 2;
    hg_log_change(run->log, fork->step, HG__CHANGE_FORK, "", fork->change);
    fork->other = run;
    session->trainer = copy;
    fork->copy = true;
    fork->going = false;
    show_anew(session);
    hg__session_tell(session, HG_TONE_PLAIN,
                     "You look at the copy%s%s: v shows the run as it was, k keeps the one shown.\n"
                     "You look at the copy: v swaps, k keeps the one shown.",
                     fork->change[0] ? " with " : "", fork->change);
}

/* ---- swapping ---- */

static enum hg_run_state ended_state(const struct hg_trainer *trainer)
{
    return trainer->end == HG_END_DIVERGED ? HG_STATE_DIVERGED : HG_STATE_FINISHED;
}

/* A run that has ended does not go on because it is shown; the race does when the other is. */
static void settle_state(struct hg_session *session)
{
    struct hg__fork *fork = &session->fork;

    if (session->trainer->end != HG_END_NOT) {
        fork->going |= session->state == HG_STATE_RUNNING;
        session->state = ended_state(session->trainer);
    } else if (session->state == HG_STATE_DIVERGED || session->state == HG_STATE_FINISHED) {
        session->state = fork->going ? HG_STATE_RUNNING : HG_STATE_PAUSED;
        fork->going = false;
    }
}

static void swap(struct hg_session *session)
{
    struct hg__fork *fork = &session->fork;
    struct hg_trainer *shown = session->trainer;

    session->trainer = fork->other;
    fork->other = shown;
    fork->copy = !fork->copy;
    fork->serial++;
    settle_state(session);
    show_anew(session);
    if (fork->copy)
        hg__session_tell(session, HG_TONE_PLAIN, "You look at the copy%s%s.",
                         fork->change[0] ? " with " : "", fork->change);
    else
        hg__session_tell(session, HG_TONE_PLAIN, "You look at the run as it was.");
}

/* ---- keeping ---- */

/* What belongs to the run, whichever of the two it is from now on: the file it is saved to, and
 * the log. */
static void hand_over(struct hg_trainer *to, struct hg_trainer *from, struct hg__fork *fork)
{
    char *saved = to->saved;
    char tip[24], step[24];

    to->output = from->output;
    from->output = NULL;
    to->overwrite = from->overwrite;
    to->early = from->early;
    if (!saved) {
        to->saved = from->saved;
        from->saved = NULL;
    }
    if (!from->log)
        return;
    snprintf(tip, sizeof tip, "%" PRIu64, from->progress.step);
    snprintf(step, sizeof step, "%" PRIu64, fork->step);
    hg_log_change(from->log, from->progress.step, HG__CHANGE_KEEP, tip, step);
    hg__log_release(fork->held, from->log);
    to->log = from->log;
}

/* The race ends with the shown one. */
static void keep(struct hg_session *session)
{
    struct hg__fork *fork = &session->fork;
    struct hg_trainer *kept = session->trainer, *lost = fork->other;

    if (fork->copy) {
        hand_over(kept, lost, fork);
        hg__travel_inherit(kept, lost, fork->step, fork->changes);
    }
    kept->travel->ring.budget = fork->budget;
    hg__travel_remains(kept, lost, fork->step);
    hg__trainer_drop(lost);
    hg_log_close(fork->held);
    fork->held = NULL;
    fork->other = NULL;
    hg__visit_stale(&session->visit);
}

void hg__fork_settle(struct hg_session *session)
{
    if (session->fork.other)
        keep(session);
}

/* ---- commands ---- */

static void refuse(struct hg_session *session, const char *what)
{
    hg__session_tell(session, HG_TONE_WARN, "Two runs race: k keeps the one shown, then %s.", what);
}

bool hg__fork_forbids(struct hg_session *session, uint64_t step)
{
    const struct hg__fork *fork = &session->fork;

    if (!fork->other || step >= fork->step)
        return false;
    hg__session_tell(session, HG_TONE_WARN,
                     "The race began at step %" PRIu64 ": k keeps the one shown, then u goes "
                     "further back.",
                     fork->step);
    return true;
}

bool hg__fork_obey(struct hg_session *session, const struct hg_command *command)
{
    bool racing = session->fork.other != NULL;

    switch (command->kind) {
    case HG_DO_FORK:
        if (racing)
            refuse(session, "F makes another copy");
        else
            begin(session, command);
        return true;
    case HG_DO_SWAP:
    case HG_DO_KEEP:
        if (!racing) {
            hg__session_tell(session, HG_TONE_PLAIN, "No copy races: F makes one.");
        } else if (command->kind == HG_DO_SWAP) {
            swap(session);
        } else {
            keep(session);
            hg__session_tell(session, HG_TONE_PLAIN, "%s is kept.",
                             session->fork.copy ? "The copy" : "The run as it was");
        }
        return true;
    case HG_DO_RESTART:
        if (racing)
            refuse(session, "start again");
        return racing;
    default:
        return false;
    }
}

void hg__fork_continue(struct hg_session *session)
{
    struct hg_trainer *other = session->fork.other;

    if (session->trainer->end != HG_END_NOT)
        hg_trainer_continue(session->trainer);
    if (other && other->end != HG_END_NOT && other->end != HG_END_DIVERGED)
        hg_trainer_continue(other);
}

void hg__fork_follow(struct hg_session *session, uint64_t steps)
{
    struct hg_trainer *other = session->fork.other;
    struct hg_error error;

    for (uint64_t i = 0; other && i < steps && other->end == HG_END_NOT; i++) {
        enum hg_status status = hg_trainer_step(other, &error);
        if (status == HG_DIVERGED)
            hg__session_tell(session, HG_TONE_WARN,
                             "%s diverged at step %" PRIu64 " and rests: k keeps the one shown.",
                             session->fork.copy ? "The run as it was" : "The copy",
                             other->progress.step);
        else if (status)
            hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
    }
    if (other)
        hg_trainer_keep(other);
}
