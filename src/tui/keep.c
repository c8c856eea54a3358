#define _GNU_SOURCE
#include "tui/run.h"
#include "tui/signals.h"
#include "tui/state.h"

#include "hourglass/text.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SAVE_MS = 60000, LOOK_MS = 100 };

static void send(struct ui_run *run, enum hg_command_kind kind, const char *text)
{
    struct hg_command command = {.kind = kind, .label = -1};

    snprintf(command.text, sizeof command.text, "%s", text);
    hg_session_send(run->session, &command);
}

/* Waits up to `ms` for something new from the trainer. */
static void look(struct ui_run *run, int ms)
{
    struct pollfd poll_fd = {.fd = hg_session_fd(run->session), .events = POLLIN};

    poll(&poll_fd, 1, ms);
    const struct hg_snapshot *snapshot = hg_session_take(run->session);
    if (snapshot != NULL) {
        run->snapshot = snapshot;
    }
}

static bool is_loaded(const struct ui_run *run)
{
    return run->snapshot != NULL && run->snapshot->state != HG_STATE_LOADING &&
           run->snapshot->state != HG_STATE_FAILED;
}

/* The trainer answers every save with a message. A second signal ends the waiting. */
static bool wait_for_save(struct ui_run *run, uint64_t serial)
{
    uint64_t until = ui_run_now() + SAVE_MS;

    ui_signals_ending(true);
    while (ui_run_now() < until && ui_signals_ending(false) == 0) {
        look(run, LOOK_MS);
        if (run->snapshot->message_serial != serial && !run->snapshot->unsaved) {
            return true;
        }
        if (run->snapshot->message_serial != serial && run->snapshot->message_tone == HG_TONE_BAD) {
            return false;
        }
    }
    return false;
}

/* Saves to `path` ("" = where w would), and waits for the answer. */
static bool save(struct ui_run *run, const char *path, struct hg_error *error)
{
    uint64_t serial = run->snapshot->message_serial;

    send(run, HG_DO_SAVE, path);
    if (wait_for_save(run, serial)) {
        return true;
    }
    hg_error_set(error, HG_FAILED, "%s",
                 run->snapshot->message_serial != serial ? run->snapshot->message
                                                         : "the run could not be saved");
    return false;
}

static bool save_aside(struct ui_run *run, struct hg_error *error)
{
    char path[UI_PATH];

    if (!ui_state_path(run->spec.name, path, sizeof path)) {
        hg_error_set(error, HG_FAILED, "the state folder cannot be made: the run is lost");
        return false;
    }
    if (!save(run, path, error)) {
        return false;
    }
    memcpy(run->kept, path, sizeof run->kept);
    ui_state_prune();
    return true;
}

/* When the run's own file cannot be written the state folder is still better than nothing. */
bool ui_run_keep(struct ui_run *run, bool aside, struct hg_error *error)
{
    if (!is_loaded(run)) {
        return true;
    }
    look(run, 0);
    send(run, HG_DO_PAUSE, "");
    if (!run->snapshot->unsaved && run->snapshot->state != HG_STATE_RUNNING) {
        return true;
    }
    bool named = run->output[0] != '\0' || run->snapshot->saved[0] != '\0';
    if (!aside && named && !ui_state_holds(run->snapshot->saved) && save(run, "", error)) {
        return true;
    }
    return save_aside(run, error);
}

/* The terminal is gone: nothing may be written to it by mistake. */
static void let_go(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; null >= 0 && fd <= 2; fd++) {
        dup2(null, fd);
    }
    if (null > 2) {
        close(null);
    }
}

int ui_run_detached(struct ui_run *run)
{
    int ending = 0;

    let_go();
    ui_signals_ending(true);
    while (ending == 0 && (run->snapshot == NULL || run->snapshot->state == HG_STATE_RUNNING ||
                           run->snapshot->state == HG_STATE_LOADING)) {
        look(run, 1000);
        ending = ui_signals_ending(false);
        if (ending == SIGHUP) { /* once more, from a dying shell */
            ui_signals_ending(true);
            ending = 0;
        }
    }
    return ending;
}

/* As a shell would want it typed. */
static void quote(const char *path, char *out, size_t size)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+-,:@%";
    char safe[UI_PATH];

    hg_text_sanitize(safe, sizeof safe, path);
    bool needs = path[strspn(path, plain)] != '\0' || path[0] == '-';
    snprintf(out, size, needs && strchr(safe, '\'') == NULL ? "'%s'" : "%s", safe);
}

void ui_run_farewell(const struct ui_run *run, const char *saved)
{
    char path[UI_PATH + 2];
    bool lost = run->discarded[0] != '\0';

    if (run->holder != 0) {
        saved = run->config->resume_path;
    }
    if (run->config->quiet || run->status == 1) {
        return;
    }
    if (run->kept[0] != '\0') {
        quote(run->kept, path, sizeof path);
        fprintf(stderr, "hourglass: the run is kept in %s; hourglass --recover goes on with it\n",
                path);
        return;
    }
    if (saved[0] == '\0') {
        fprintf(stderr, "hourglass: %s saved\n", lost ? "the run was not" : "nothing was");
        return;
    }
    quote(saved, path, sizeof path);
    fprintf(stderr, "hourglass: %s holds the run%s; hourglass --resume %s goes on with it\n", path,
            lost ? " as last saved" : "", path);
}
