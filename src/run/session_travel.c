/* Back in the run's history and forward again. */
#include "run/session_state.h"

#include "run/trainer_state.h"

#include <inttypes.h>
#include <stdio.h>

static const size_t memory = (size_t)256 << 20; /* bytes for kept states, or ... */
enum { MEMORY_PART = 4 };                       /* ... this part of what may be used */
static const double look = 0.1; /* seconds between two looks at what waits, and pictures */

enum hg_status hg__session_remember(struct hg_session *session, struct hg_error *error)
{
    size_t most = hg_context_max_memory(session->context) / MEMORY_PART;

    return hg_trainer_remember(session->trainer, most < memory ? most : memory, error);
}

/* The step `steps` before this one, 0: that of the kept state before. False: there is none. */
static bool before(const struct hg_travel *travel, uint64_t here, uint64_t steps, uint64_t *step)
{
    if (steps) {
        *step = steps <= here ? here - steps : 0;
        return !travel->kept || (steps <= here && *step >= travel->step[0]);
    }
    *step = 0;
    for (size_t i = travel->kept; i > 0; i--)
        if (travel->step[i - 1] < here) {
            *step = travel->step[i - 1];
            return true;
        }
    return !travel->kept;
}

/* The same ahead; beyond what there is when there is nothing. */
static uint64_t after(const struct hg_travel *travel, uint64_t here, uint64_t steps)
{
    if (steps)
        return steps <= UINT64_MAX - here ? here + steps : UINT64_MAX;
    for (size_t i = 0; i < travel->kept; i++)
        if (travel->step[i] > here)
            return travel->step[i];
    return travel->tip > here ? travel->tip : here + 1;
}

/* Recomputes up to the step that was asked for. Who wants to leave need not wait for it;
 * what else is asked for comes after it. */
static enum hg_status recompute(struct hg_session *session, struct hg_error *error)
{
    double looked = hg__now();
    enum hg_status status = HG_OK;

    while (status == HG_OK && hg_trainer_going(session->trainer)) {
        status = hg_trainer_go_on(session->trainer, error);
        if (hg__now() - looked < look)
            continue;
        if (hg__queue_leaving(&session->queue) != HG_END_NOT)
            break;
        hg__session_tell(session, HG_TONE_PLAIN,
                         "computing again what lies between: step %" PRIu64 " ...",
                         session->trainer->progress.step);
        hg__session_publish(session);
        looked = hg__now();
    }
    return status;
}

static void tell(struct hg_session *session)
{
    struct hg_travel travel;
    uint64_t here = session->trainer->progress.step;

    hg_trainer_travel(session->trainer, &travel);
    if (travel.away && here < travel.tip)
        hg__session_tell(session, HG_TONE_PLAIN,
                         "Step %" PRIu64 " of %" PRIu64
                         ": u further back, U forward; training branches off from here.\n"
                         "Step %" PRIu64 " of %" PRIu64 ": u back, U forward.",
                         here, travel.tip, here, travel.tip);
    else
        hg__session_tell(session, HG_TONE_PLAIN, "Step %" PRIu64 ", the newest one.", here);
}

void hg__session_travel(struct hg_session *session, const struct hg_command *command)
{
    struct hg_trainer *trainer = session->trainer;
    struct hg_travel travel;
    struct hg_error error;
    enum hg_status status;
    uint64_t here = trainer->progress.step, step;
    uint64_t steps = command->number > 0 ? (uint64_t)command->number : 0;

    hg_trainer_travel(trainer, &travel);
    if (command->kind == HG_DO_TRAVEL) {
        step = steps;
    } else if (command->kind == HG_DO_FORWARD) {
        step = after(&travel, here, steps);
    } else if (!before(&travel, here, steps, &step)) {
        hg__session_tell(session, HG_TONE_WARN, "%s", travel.born);
        return;
    }
    if (hg__fork_forbids(session, step))
        return;
    status = hg_trainer_go(trainer, step, &error);
    if (status == HG_USAGE) { /* nothing was done */
        hg__session_tell(session, HG_TONE_WARN, "%s", error.text);
        return;
    }
    session->state = HG_STATE_PAUSED;
    if (status == HG_OK)
        status = recompute(session, &error);
    session->steps_left = 0;
    session->to_epoch_end = false;
    session->state = hg_trainer_end(trainer) == HG_END_NOT ? HG_STATE_PAUSED : HG_STATE_FINISHED;
    hg__watch_travelled(&session->watch, trainer);
    if (status)
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
    else
        tell(session);
}
