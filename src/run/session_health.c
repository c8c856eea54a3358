/* What a session measures of the layers beside training: over time, and by the gradient check. */
#include "run/session_state.h"

#include "run/trainer_state.h"

void hg__session_health_fini(struct hg_session *session)
{
    hg__pulse_fini(&session->pulse);
    hg__extremes_fini(&session->extremes);
}

void hg__session_health_show(struct hg_session *session, bool shown)
{
    hg__pulse_show(&session->pulse, shown);
    hg__extremes_show(&session->extremes, shown);
}

void hg__session_health_heed(struct hg_session *session, enum hg_command_kind kind)
{
    struct hg__pulse *pulse = &session->pulse;
    uint64_t step = session->trainer->progress.step;
    bool other = pulse->of && pulse->of != session->trainer; /* of a fork */

    if (other || (kind == HG_DO_RESTART && step == 0)) /* else it was refused */
        hg__pulse_restarted(pulse, session->trainer);
    else if (step != pulse->at)
        hg__pulse_travelled(pulse, step);
    else if (kind == HG_DO_SET || kind == HG_DO_EDIT)
        hg__pulse_stale(pulse);
    else
        return;
    hg__gradients_stale(&session->gradients);
    if (kind != HG_DO_SET)
        hg__extremes_stale(&session->extremes);
}

bool hg__session_health_look(struct hg_session *session, bool idle)
{
    struct hg_trainer *trainer = session->trainer;

    if (!session->watching)
        return true;
    hg__pulse_begin(&session->pulse, trainer);
    if (hg__pulse_due(&session->pulse, trainer->progress.step, idle))
        hg__pulse_look(&session->pulse, trainer);
    return hg__extremes_probe(&session->extremes, trainer, session->watch.point_sample, idle);
}

bool hg__session_check(struct hg_session *session)
{
    if (!session->watching || !hg__gradients_busy(&session->gradients))
        return false;
    hg__gradients_work(&session->gradients, session->trainer);
    if (session->urgent || !hg__gradients_busy(&session->gradients) ||
        hg__now() - session->published >= session->interval)
        hg__session_publish(session);
    return true;
}

enum hg_status hg__session_health_fill(const struct hg_session *session,
                                       struct hg_snapshot *snapshot)
{
    enum hg_status status = hg__pulse_fill(&session->pulse, session->trainer->progress.step,
                                           &snapshot->pulse);

    hg__gradients_fill(&session->gradients, &snapshot->check);
    return status ? status : hg__extremes_fill(&session->extremes, &snapshot->extremes);
}
