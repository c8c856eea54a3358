#include "run/session_state.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Training goes on this long between two looks at the clock and the queue's
 * lock, so that a network of half a microsecond a step is not slowed by them. */
static const double slice = 0.001;

void hg__session_tell(struct hg_session *session, enum hg_tone tone, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(session->message, sizeof session->message, format, arguments);
    va_end(arguments);
    session->tone = tone;
    session->message_serial++;
    session->urgent = true;
}

void hg__session_publish(struct hg_session *session)
{
    struct hg_snapshot *snapshot = hg__mailbox_slot(&session->mailbox);

    snapshot->serial = ++session->serial;
    snapshot->state = session->state;
    snapshot->status = session->status;
    snprintf(snapshot->message, sizeof snapshot->message, "%s", session->message);
    snapshot->message_tone = session->tone;
    snapshot->message_serial = session->message_serial;
    snapshot->jumps = session->jumps;
    if (session->watching) {
        hg__background_ladder(&session->background, &snapshot->ladder);
        if (hg__watch_fill(&session->watch, session->trainer, snapshot) ||
            !hg__session_fill_spec(session, snapshot))
            snapshot->state = HG_STATE_FAILED;
        hg__visit_fill(&session->visit, &snapshot->visit);
        hg__fork_fill(session, &snapshot->rival);
        if (hg__network_fill(&session->network, &snapshot->network))
            snapshot->state = HG_STATE_FAILED;
        if (hg__session_health_fill(session, snapshot))
            snapshot->state = HG_STATE_FAILED;
    } else {
        snapshot->sentence_tone = session->tone;
        snprintf(snapshot->sentence, sizeof snapshot->sentence, "%.255s",
                 session->state == HG_STATE_LOADING ? "Reading the data ..." : session->message);
        snprintf(snapshot->sentence_short, sizeof snapshot->sentence_short, "%.95s",
                 snapshot->sentence);
    }
    hg__mailbox_publish(&session->mailbox);
    session->published = hg__now();
    session->urgent = false;
}

static void fail(struct hg_session *session, const struct hg_error *error)
{
    session->state = HG_STATE_FAILED;
    session->status = error->status;
    hg__session_tell(session, HG_TONE_BAD, "%s", error->text);
}

/* With a log the floors stand in its first line, so they come first; without
 * one they are computed while training runs. */
static enum hg_status make_trainer(struct hg_session *session, struct hg_experiment *experiment,
                                   struct hg_error *error)
{
    struct hg_trainer_config config = {.epochs = session->epochs,
                                       .steps = session->steps,
                                       .output = session->named ? session->output : NULL,
                                       .overwrite = session->overwrite,
                                       .ladder = &session->background.ladder};
    enum hg_status status = HG_OK;

    hg__background_start(&session->background, experiment->dataset,
                         hg_model_loss(experiment->model), hg_model_codes(experiment->model));
    if (session->log_path) {
        status = hg_log_open(session->log_path, &session->log, error);
        if (session->background.started)
            pthread_join(session->background.thread, NULL);
        session->background.started = false;
    }
    if (status) {
        hg__background_stop(&session->background);
        hg_experiment_destroy(experiment);
        return status;
    }
    config.log = session->log;
    status = hg_trainer_create(experiment, &config, &session->trainer, error);
    if (status)
        hg__background_stop(&session->background);
    return status;
}

static bool probe(struct hg_session *session, bool idle)
{
    hg__latent_axes_known(&session->watch.latent, hg__background_axes(&session->background));
    return hg__watch_probe(&session->watch, session->trainer, idle);
}

static enum hg_status load(struct hg_session *session, struct hg_error *error)
{
    struct hg_experiment *experiment;
    struct hg_runfile *resume = session->resume;
    enum hg_status status;

    session->resume = NULL;
    status = hg_experiment_create(session->context, &session->spec, &session->limits,
                                  session->weights, resume, &experiment, error);
    if (status == HG_OK)
        status = make_trainer(session, experiment, error);
    if (status)
        return status;
    status = hg__watch_init(&session->watch, session->trainer, error);
    if (status == HG_OK)
        status = hg__session_remember(session, error);
    if (status)
        return status;
    session->watching = true;
    session->state = session->start_paused ? HG_STATE_PAUSED : HG_STATE_RUNNING;
    probe(session, true);
    return HG_OK;
}

/* Did "N steps", "to the end of the epoch" or the run itself come to its end? */
static void note_end(struct hg_session *session, uint64_t epoch_before)
{
    if (session->steps_left && --session->steps_left == 0)
        session->state = HG_STATE_PAUSED;
    if (session->to_epoch_end && session->trainer->progress.epoch != epoch_before)
        session->state = HG_STATE_PAUSED;
    if (hg_trainer_end(session->trainer) != HG_END_NOT)
        session->state = HG_STATE_FINISHED;
    if (session->state != HG_STATE_RUNNING) {
        session->to_epoch_end = false;
        session->urgent = true;
    }
}

static void step(struct hg_session *session)
{
    struct hg_error error;
    uint64_t epoch = session->trainer->progress.epoch;
    enum hg_status status;

    if (hg_trainer_end(session->trainer) != HG_END_NOT) {
        note_end(session, epoch);
        return;
    }
    status = hg_trainer_step(session->trainer, &error);
    hg__watch_stepped(&session->watch, session->trainer);
    hg__pulse_stepped(&session->pulse, session->trainer->progress.step);
    note_end(session, epoch);
    if (status == HG_DIVERGED) {
        session->state = HG_STATE_DIVERGED;
        session->status = status;
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
    } else if (status) { /* a full disk does not stop training */
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
    }
}

/* Steps for about `slice` seconds, or until something waits in the queue; one step
 * at least, so that a watcher who asks without pause does not stop the training. */
static void train_a_slice(struct hg_session *session)
{
    double until = hg__now() + slice;
    uint64_t before = session->trainer->progress.step;
    unsigned done = 0;

    do {
        step(session);
        if ((++done & 15) == 0 || session->watch.speed < 1e6)
            if (hg__now() >= until)
                break;
    } while (session->state == HG_STATE_RUNNING && !hg__queue_pending(&session->queue));
    hg__fork_follow(session, session->trainer->progress.step - before);
}

/* The doctor looks when it is time. */
static void visit(struct hg_session *session, bool idle)
{
    const struct hg_ladder *ladder = NULL;

    if (hg__background_done(&session->background) && session->background.status == HG_OK)
        ladder = &session->background.ladder;
    if (session->watching && hg__visit_due(&session->visit, session->trainer, ladder, idle))
        hg__visit_look(&session->visit, session->trainer, ladder);
}

/* Nobody trains: bring the picture up to date, then sleep. */
static void rest(struct hg_session *session)
{
    bool complete = true;

    if (session->watching) {
        while (!(complete = probe(session, true)))
            if (hg__queue_pending(&session->queue))
                break;
        if (!hg__background_done(&session->background) || isnan(session->watch.collapse))
            complete = false;
        visit(session, true);
        hg__session_network_look(session, true);
        complete &= hg__session_health_look(session, true);
    }
    hg__session_publish(session);
    hg__queue_wait(&session->queue, complete ? 3600 : 0.1);
}

static void live(struct hg_session *session)
{
    struct hg_command command;

    while (hg__queue_leaving(&session->queue) == HG_END_NOT) {
        while (hg__queue_pop(&session->queue, &command)) {
            if (session->watching)
                hg__session_obey(session, &command);
            hg__command_fini(&command);
        }
        if (hg__queue_leaving(&session->queue) != HG_END_NOT)
            break;
        if (hg__queue_poked(&session->queue))
            session->urgent = true;
        if (hg__session_check(session))
            continue;
        if (session->state != HG_STATE_RUNNING) {
            rest(session);
            continue;
        }
        if (session->urgent || hg__now() - session->published >= session->interval) {
            probe(session, false);
            visit(session, false);
            hg__session_network_look(session, false);
            hg__session_publish(session);
        }
        hg__session_health_look(session, false);
        hg_trainer_keep(session->trainer);
        train_a_slice(session);
    }
}

static void *thread_main(void *argument)
{
    struct hg_session *session = argument;
    struct hg_error error;
    double evaluated, validation;

    hg__session_publish(session);
    if (load(session, &error))
        fail(session, &error);
    hg__session_publish(session);
    live(session);
    hg__fork_settle(session);
    if (session->trainer && session->log)
        hg_trainer_finish(session->trainer, hg__queue_leaving(&session->queue), &evaluated,
                          &validation);
    if (session->trainer && !session->saved[0] && hg_trainer_saved(session->trainer))
        snprintf(session->saved, sizeof session->saved, "%s", hg_trainer_saved(session->trainer));
    hg__background_stop(&session->background);
    hg__watch_fini(&session->watch);
    hg__network_fini(&session->network);
    hg__session_health_fini(session);
    hg_trainer_destroy(session->trainer);
    hg_log_close(session->log);
    return NULL;
}

static void destroy(struct hg_session *session)
{
    for (int i = 0; i < 3; i++)
        hg__snapshot_fini(&session->mailbox.slot[i]);
    hg_runfile_close(session->resume);
    hg_spec_fini(&session->spec);
    hg__free(session->weights);
    hg__free(session->output);
    hg__free(session->log_path);
    hg__free(session);
}

static bool copy_text(char **to, const char *from)
{
    if (from)
        *to = hg__strdup(from);
    return !from || *to;
}

static enum hg_status set_up(struct hg_session *session, const struct hg_session_config *config,
                             struct hg_error *error)
{
    double rate = config->snapshots_per_second > 0 ? config->snapshots_per_second : 20;
    enum hg_status status;

    session->context = config->context;
    session->limits = config->limits;
    session->resume = config->resume;
    session->epochs = config->epochs;
    session->steps = config->steps;
    session->named = config->named;
    session->overwrite = config->overwrite;
    session->resumed = config->resume != NULL;
    session->start_paused = config->start_paused;
    session->network.wish.column = -1;
    session->interval = 1 / rate;
    status = hg_spec_copy(&session->spec, config->spec, error);
    if (status)
        return status;
    if (!copy_text(&session->weights, config->weights) ||
        !copy_text(&session->output, config->output) || !copy_text(&session->log_path, config->log))
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a session");
    return HG_OK;
}

/* A thread that no signal reaches. */
static int start_thread(struct hg_session *session)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    failed = pthread_create(&session->thread, NULL, thread_main, session);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

enum hg_status hg_session_start(const struct hg_session_config *config, struct hg_session **session,
                                struct hg_error *error)
{
    struct hg_session *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *session = NULL;
    if (!made) {
        hg_runfile_close(config->resume);
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a session");
    }
    status = set_up(made, config, error);
    if (status == HG_OK)
        status = hg__mailbox_init(&made->mailbox, error);
    if (status) {
        destroy(made);
        return status;
    }
    status = hg__queue_init(&made->queue, error);
    if (status == HG_OK && start_thread(made)) {
        hg__queue_fini(&made->queue);
        status = hg_error_set(error, HG_FAILED, "no thread for training");
    }
    if (status) {
        hg__mailbox_fini(&made->mailbox);
        destroy(made);
        return status;
    }
    *session = made;
    return HG_OK;
}

const struct hg_snapshot *hg_session_take(struct hg_session *session)
{
    return hg__mailbox_take(&session->mailbox);
}

int hg_session_fd(const struct hg_session *session)
{
    return session->mailbox.wake[0];
}

bool hg_session_send(struct hg_session *session, const struct hg_command *command)
{
    return hg__queue_push(&session->queue, command);
}

void hg_session_poke(struct hg_session *session)
{
    hg__queue_poke(&session->queue);
}

enum hg_status hg_session_stop(struct hg_session *session, enum hg_end reason, char *saved_to,
                               struct hg_error *error)
{
    enum hg_status status;

    hg__queue_leave(&session->queue, reason);
    pthread_join(session->thread, NULL);
    status = session->error.status;
    if (status && error)
        *error = session->error;
    if (saved_to)
        memcpy(saved_to, session->saved, sizeof session->saved);
    hg__queue_fini(&session->queue);
    hg__mailbox_fini(&session->mailbox);
    destroy(session);
    return status;
}
