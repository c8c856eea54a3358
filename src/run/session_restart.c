/* Starting again, also as another experiment. */
#include "run/session_state.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <stdio.h>

/* Is nothing changed but live options, or nothing at all? Then data and network stay. */
static bool stays(const struct hg_session *session, const struct hg_command *command)
{
    const struct hg_option *option = hg_option_find(command->name);
    int64_t seed = session->trainer->experiment->spec.model.seed;

    if (command->spec)
        return false;
    if (command->name[0])
        return option && option->live;
    return !command->number || command->number == seed;
}

/* The experiment that is asked for, made while the present one waits. */
static enum hg_status make(struct hg_session *session, const struct hg_command *command,
                           struct hg_experiment **fresh, struct hg_error *error)
{
    struct hg_trainer *trainer = session->trainer;
    struct hg_spec spec;
    enum hg_status status;

    *fresh = NULL;
    status = hg_spec_copy(&spec, command->spec ? command->spec : &trainer->experiment->spec, error);
    if (status)
        return status;
    if (command->number)
        spec.model.seed = command->number;
    if (command->name[0])
        status = hg_spec_set(&spec, command->name, command->text, "live", error);
    if (status == HG_OK)
        status = hg__trainer_remake(trainer, &spec, fresh, error);
    hg_spec_fini(&spec);
    return status;
}

/* What was looked at belongs to data and network that are gone. */
static enum hg_status watch_anew(struct hg_session *session, struct hg_error *error)
{
    const struct hg_experiment *experiment = session->trainer->experiment;
    uint32_t sample = session->watch.sample;
    struct hg__filters filters = session->watch.filters; /* what is asked for stays */
    enum hg_status status;

    session->watch.filters = (struct hg__filters){0};
    hg__watch_fini(&session->watch);
    status = hg__watch_init(&session->watch, session->trainer, error);
    session->watch.filters = filters;
    session->watch.filters.facts.known = false;
    if (status)
        return status;
    session->watch.sample = sample < experiment->dataset->samples ? sample : 0;
    hg__background_start(&session->background, experiment->dataset,
                         hg_model_loss(experiment->model), hg_model_codes(experiment->model));
    return HG_OK;
}

static enum hg_status begin(struct hg_session *session, const struct hg_command *command,
                            struct hg_experiment *fresh, struct hg_error *error)
{
    struct hg_trainer *trainer = session->trainer;
    enum hg_status status;

    if (!fresh && command->name[0])
        return hg_trainer_restart_with(trainer, command->name, command->text, error);
    if (!fresh)
        return hg_trainer_restart(trainer, (uint64_t)trainer->experiment->spec.model.seed, error);
    hg__background_stop(&session->background); /* it reads the old data */
    status = hg__trainer_begin(trainer, fresh, error);
    if (status) { /* no memory: the old data are still there */
        const struct hg_experiment *old = trainer->experiment;
        hg__background_start(&session->background, old->dataset, hg_model_loss(old->model),
                             hg_model_codes(old->model));
    }
    return status;
}

/* A file that was left to the old experiment is not the session's any more. */
static void follow_file(struct hg_session *session)
{
    if (hg_trainer_saved(session->trainer) == NULL)
        session->saved[0] = '\0';
    if (session->trainer->output || !session->resumed)
        return;
    hg__free(session->output);
    session->output = NULL;
    session->overwrite = session->named = session->resumed = false;
}

static void tell(struct hg_session *session, const struct hg_command *command)
{
    long long seed = session->trainer->experiment->spec.model.seed;

    if (command->name[0])
        hg__session_tell(session, HG_TONE_PLAIN, "started again from seed %lld with %s = %s", seed,
                         command->name, command->text);
    else if (command->spec)
        hg__session_tell(session, HG_TONE_PLAIN, "started again from seed %lld, as changed", seed);
    else
        hg__session_tell(session, HG_TONE_PLAIN, "started again from seed %lld", seed);
}

void hg__session_restart(struct hg_session *session, const struct hg_command *command)
{
    struct hg_experiment *fresh = NULL;
    struct hg_error error;
    bool same = stays(session, command);

    if (!same) {
        hg__session_tell(session, HG_TONE_PLAIN, "making data and network anew ...");
        hg__session_publish(session);
    }
    if ((!same && make(session, command, &fresh, &error)) ||
        begin(session, command, fresh, &error)) {
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
        return;
    }
    session->state = HG_STATE_RUNNING;
    session->steps_left = 0;
    session->to_epoch_end = false;
    tell(session, command);
    if (fresh) {
        session->generation++;
        follow_file(session);
        if (watch_anew(session, &error)) {
            session->watching = false;
            session->state = HG_STATE_FAILED;
            hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
            return;
        }
    }
    hg__watch_restarted(&session->watch);
    session->jumps++;
    hg__visit_stale(&session->visit);
}

bool hg__session_fill_spec(const struct hg_session *session, struct hg_snapshot *snapshot)
{
    const struct hg_spec *spec = &session->trainer->experiment->spec;

    snapshot->generation = session->generation;
    if (snapshot->spec && snapshot->spec_serial == session->spec_serial)
        return true;
    if (snapshot->spec)
        hg_spec_fini(snapshot->spec);
    else
        snapshot->spec = hg__alloc(1, sizeof *snapshot->spec);
    if (!snapshot->spec || hg_spec_copy(snapshot->spec, spec, NULL)) {
        hg__free(snapshot->spec);
        snapshot->spec = NULL;
        return false;
    }
    snapshot->spec_serial = session->spec_serial;
    return true;
}
