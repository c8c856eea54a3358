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
        hg__fork_continue(session);
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
    else if (session->output && !(session->fork.other && session->fork.copy))
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

/* Commands that only look leave the experiment as it is. */
static bool only_looks(enum hg_command_kind kind)
{
    return kind == HG_DO_SHOW || kind == HG_DO_SHOW_LABEL || kind >= HG_DO_FILTERS;
}

/* Commands of one view or page. */
static void look(struct hg_session *session, const struct hg_command *command)
{
    switch (command->kind) {
    case HG_DO_NETWORK:
        hg__session_network_show(session, command);
        break;
    case HG_DO_DOCTOR:
        hg__visit_wish(&session->visit, command->number != 0);
        break;
    case HG_DO_HEALTH:
        hg__session_health_show(session, command->number != 0);
        break;
    case HG_DO_TRAIN:
        hg__watch_put_aside(&session->watch, command->number == 0);
        break;
    case HG_DO_CHECK:
        hg__gradients_wish(&session->gradients, command->number != 0);
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
    default:
        break;
    }
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
        if (!hg__fork_obey(session, command))
            hg__session_restart(session, command);
        break;
    case HG_DO_BACK:
    case HG_DO_FORWARD:
    case HG_DO_TRAVEL:
        hg__session_travel(session, command);
        break;
    case HG_DO_FORK:
    case HG_DO_SWAP:
    case HG_DO_KEEP:
        hg__fork_obey(session, command);
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
    default:
        look(session, command);
        break;
    }
    hg__session_health_heed(session, command->kind);
    if (!only_looks(command->kind))
        session->spec_serial++;
}
