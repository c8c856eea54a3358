/* Commands, applied between two batches. */
#include "run/session_state.h"

#include "run/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void run(struct hg_session *session, uint64_t steps, bool epoch)
{
    if (session->state == HG_STATE_FAILED || session->state == HG_STATE_LOADING)
        return;
    if (session->state == HG_STATE_DIVERGED) {
        hg__session_tell(session, HG_TONE_BAD,
                         "training diverged: u goes back to before it, r starts again");
        return;
    }
    if (session->state == HG_STATE_FINISHED)
        hg_trainer_continue(session->trainer);
    session->steps_left = steps;
    session->to_epoch_end = epoch;
    session->state = HG_STATE_RUNNING;
}

static void set(struct hg_session *session, const struct hg_command *command)
{
    struct hg_error error;
    char value[256];

    if (hg_trainer_set(session->trainer, command->name, command->text, &error)) {
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
        return;
    }
    hg_spec_get(&session->trainer->experiment->spec, command->name, value, sizeof value);
    hg__session_tell(session, HG_TONE_PLAIN, "%s = %s", command->name, value);
    hg__visit_stale(&session->visit);
    if (session->state == HG_STATE_FINISHED && hg_trainer_end(session->trainer) == HG_END_NOT)
        session->state = HG_STATE_PAUSED;
}

static void show(struct hg_session *session, int64_t number)
{
    size_t samples = session->trainer->experiment->dataset->samples;

    if (number < 0 || (uint64_t)number >= samples) {
        hg__session_tell(session, HG_TONE_WARN, "there are samples 0 to %zu", samples - 1);
        return;
    }
    hg__watch_show(&session->watch, (uint32_t)number);
}

static void show_label(struct hg_session *session, const struct hg_command *command)
{
    const struct hg_dataset *dataset = session->trainer->experiment->dataset;
    size_t samples = dataset->samples, at = session->watch.sample;

    for (size_t i = 0; i < samples; i++) {
        at = command->number >= 0 ? (at + 1) % samples : (at + samples - 1) % samples;
        if (command->label < 0 || (dataset->labels && dataset->labels[at] == command->label)) {
            show(session, (int64_t)at);
            return;
        }
    }
    hg__session_tell(session, HG_TONE_WARN, "no sample has this label");
}

/* From the seed `number`, 0 = the same; with an option changed. */
static enum hg_status begin_again(struct hg_session *session, const struct hg_command *command,
                                  struct hg_error *error)
{
    struct hg_trainer *trainer = session->trainer;
    uint64_t seed = (uint64_t)trainer->experiment->spec.model.seed;

    if (command->name[0])
        return hg_trainer_restart_with(trainer, command->name, command->text, error);
    return hg_trainer_restart(trainer, command->number ? (uint64_t)command->number : seed, error);
}

static void restart(struct hg_session *session, const struct hg_command *command)
{
    struct hg_trainer *trainer = session->trainer;
    struct hg_error error;
    int64_t seed = trainer->experiment->spec.model.seed;
    bool anew = command->name[0] || (command->number && command->number != seed);
    uint32_t sample = session->watch.sample;

    if (anew) /* the data are made anew, too */
        hg__background_stop(&session->background);
    if (begin_again(session, command, &error)) {
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
    } else {
        hg__session_tell(session, HG_TONE_PLAIN, "started again from seed %lld%s%s%s%s",
                         trainer->experiment->spec.model.seed, command->name[0] ? " with " : "",
                         command->name, command->name[0] ? " = " : "", command->text);
        session->state = HG_STATE_RUNNING;
        session->steps_left = 0;
        session->to_epoch_end = false;
    }
    if (anew) {
        const struct hg_dataset *dataset = trainer->experiment->dataset;
        struct hg__filters filters = session->watch.filters; /* what is asked for stays */
        enum hg_status status;
        session->watch.filters = (struct hg__filters){0};
        hg__watch_fini(&session->watch);
        status = hg__watch_init(&session->watch, trainer, &error);
        session->watch.filters = filters;
        if (status) {
            session->watching = false;
            session->state = HG_STATE_FAILED;
            hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
            return;
        }
        session->watch.sample = sample < dataset->samples ? sample : 0;
        hg__background_start(&session->background, dataset,
                             hg_model_loss(trainer->experiment->model),
                             hg_model_codes(trainer->experiment->model));
    }
    hg__watch_restarted(&session->watch);
    hg__visit_stale(&session->visit);
}

/* The first of NAME, NAME-2, ... that is free in the current folder. */
static void free_name(const struct hg_session *session, char *path, size_t size)
{
    const char *name = session->spec.name[0] ? session->spec.name : "run";

    snprintf(path, size, "%.200s.safetensors", name);
    for (int n = 2; access(path, F_OK) == 0 && n < 10000; n++)
        snprintf(path, size, "%.200s-%d.safetensors", name, n);
}

static void save(struct hg_session *session, const char *text)
{
    struct hg_trainer *trainer = session->trainer;
    bool overwrite = session->overwrite && session->output &&
                     (text[0] == '\0' || strcmp(text, session->output) == 0);
    char path[512];

    if (text[0])
        snprintf(path, sizeof path, "%s", text);
    else if (hg_trainer_saved(trainer))
        snprintf(path, sizeof path, "%s", hg_trainer_saved(trainer));
    else if (session->output)
        snprintf(path, sizeof path, "%s", session->output);
    else
        free_name(session, path, sizeof path);
    if (hg_trainer_save(trainer, path, overwrite, &session->error)) {
        hg__session_tell(session, HG_TONE_BAD, "not saved: %s", session->error.text);
        return;
    }
    session->error = (struct hg_error){0};
    snprintf(session->saved, sizeof session->saved, "%s", path);
    hg__session_tell(session, HG_TONE_GOOD, "saved to %s", path);
}

void hg__session_obey(struct hg_session *session, const struct hg_command *command)
{
    session->urgent = true;
    hg__network_stale(&session->network);
    switch (command->kind) {
    case HG_DO_RUN:
        run(session, 0, false);
        break;
    case HG_DO_PAUSE:
        if (session->state == HG_STATE_RUNNING)
            session->state = HG_STATE_PAUSED;
        break;
    case HG_DO_STEPS:
        run(session, command->number > 0 ? (uint64_t)command->number : 1, false);
        break;
    case HG_DO_EPOCH:
        run(session, 0, true);
        break;
    case HG_DO_SET:
        set(session, command);
        break;
    case HG_DO_SHOW:
        show(session, command->number);
        break;
    case HG_DO_SHOW_LABEL:
        show_label(session, command);
        break;
    case HG_DO_RESTART:
        restart(session, command);
        break;
    case HG_DO_BACK:
    case HG_DO_FORWARD:
        hg__session_travel(session, command);
        break;
    case HG_DO_SAVE:
        save(session, command->text);
        break;
    case HG_DO_QUIT:
        if (command->text[0])
            save(session, command->text);
        hg__queue_leave(&session->queue, HG_END_USER);
        break;
    case HG_DO_EDIT:
        hg__session_edit(session, command);
        break;
    case HG_DO_NETWORK:
        hg__session_network_show(session, command);
        break;
    case HG_DO_DOCTOR:
        hg__visit_wish(&session->visit, command->number != 0);
        break;
    case HG_DO_HEALTH:
    case HG_DO_CHECK:
        break;
    case HG_DO_LATENT:
    case HG_DO_LATENT_AT:
    case HG_DO_LATENT_PLANE:
    case HG_DO_LATENT_SAMPLE:
    case HG_DO_LATENT_MIX:
    case HG_DO_LATENT_RANDOM:
        hg__watch_latent(&session->watch, session->trainer, command);
        break;
    case HG_DO_FILTERS:
        hg__watch_filters(&session->watch, (struct hg__filters_wish){.level = (int)command->number,
                                                                     .first = command->first,
                                                                     .count = command->count});
        break;
    }
}
