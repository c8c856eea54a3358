#define _GNU_SOURCE
#include "tui/run.h"
#include "tui/signals.h"
#include "tui/state.h"

#include "hourglass/text.h"

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* So long a quick load is waited for before the screen comes up, so that a file
 * that cannot be read is told in one line instead. */
enum { HEAD_START_MS = 40, SLOW_SNAPSHOTS = 4 };

uint64_t ui_run_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

static bool send(void *self, const struct hg_command *command)
{
    struct ui_run *run = self;

    if (!ui_viewing_allows(run, command->kind)) {
        ui_viewing_refuse(run);
        return true;
    }
    return hg_session_send(run->session, command);
}

enum hg_status ui_run_start(struct ui_run *run, struct hg_runfile *resume, const char *output,
                            struct hg_error *error)
{
    const struct ui_config *config = run->config;
    double fps = (double)run->spec.screen.fps;
    bool first = !run->opened;
    struct hg_session_config session = {
        .context = config->context,
        .spec = &run->spec,
        .limits = config->limits,
        .weights = first ? config->weights : NULL,
        .resume = resume,
        .epochs = first ? config->epochs : 0,
        .steps = first ? config->steps : 0,
        .output = output[0] == '\0' ? NULL : output,
        .named = output[0] != '\0',
        .overwrite = config->force || resume != NULL,
        .log = first ? config->log : NULL,
        .start_paused = (first && config->paused) || run->holder != 0,
        .snapshots_per_second = config->low_bandwidth ? SLOW_SNAPSHOTS : fps,
    };

    if (output != run->output) {
        snprintf(run->output, sizeof run->output, "%s", output);
    }
    run->snapshot = NULL;
    return hg_session_start(&session, &run->session, error);
}

void ui_run_stop(struct ui_run *run, enum hg_end reason, char *saved)
{
    struct hg_error error = {.status = HG_OK};

    saved[0] = '\0';
    if (run->session == NULL) {
        return;
    }
    /* A save that failed long ago has been told on the screen. */
    hg_session_stop(run->session, reason, saved, &error);
    run->session = NULL;
    run->snapshot = NULL;
    run->app.scene.snapshot = NULL;
    hg_hold_release(run->hold);
    run->hold = NULL;
    run->held[0] = '\0';
}

enum hg_status ui_run_read(const char *path, struct hg_spec *spec, struct hg_runfile **resume,
                           struct hg_error *error)
{
    *resume = NULL;
    if (hg_operand_kind(path) != HG_OPERAND_RUN) {
        return hg_spec_open(spec, path, error);
    }
    enum hg_status status = hg_runfile_open(path, false, resume, error);
    if (status == HG_OK) {
        status = hg_runfile_read_config(*resume, spec, error);
    }
    if (status == HG_OK) {
        status = hg_spec_name_after(spec, path, error);
    }
    if (status == HG_OK) {
        status = hg_spec_find_data(spec, path, error);
    }
    return status;
}

/* "digits" of "digits-20261121-090035-32163", which is how the state folder calls it. */
static void shorten_name(char *name)
{
    char *end = name + strlen(name);

    for (int group = 0; group < 3; group++) {
        char *digits = end;
        while (digits > name && digits[-1] >= '0' && digits[-1] <= '9') {
            digits--;
        }
        if (digits == end || digits - 1 <= name || digits[-1] != '-') {
            return;
        }
        end = digits - 1;
    }
    *end = '\0';
}

bool ui_run_replace(struct ui_run *run, struct hg_spec *spec, struct hg_runfile *resume,
                    const char *output)
{
    struct hg_error error;
    char saved[UI_PATH];

    ui_run_stop(run, HG_END_USER, saved);
    spec->screen = run->app.spec.screen;
    hg_spec_fini(&run->spec);
    run->spec = *spec;
    run->opened = true;
    ui_app_renew(&run->app, &run->spec);
    run->app.config.resumed = resume != NULL;
    enum hg_status status = ui_run_start(run, resume, output, &error);
    if (status != HG_OK) { /* no thread, no memory: there is nothing to go on with */
        ui_app_say(&run->app, HG_TONE_BAD, "%s", error.text);
        run->app.leave = UI_LEAVE;
        run->status = hg_status_exit(status);
    }
    return status == HG_OK;
}

/* Does another process train what is to be opened? It is asked about where the program begins. */
static bool is_held(struct ui_run *run, const char *path)
{
    long holder = hg_operand_kind(path) == HG_OPERAND_RUN ? hg_hold_find(path) : 0;

    if (holder > 0 && holder != (long)getpid()) {
        ui_app_say(&run->app, HG_TONE_WARN,
                   "Process %ld is training that run: hourglass FILE takes it over or views it.\n"
                   "Process %ld is training that run.",
                   holder, holder);
        return true;
    }
    return false;
}

void ui_run_open(struct ui_run *run, const char *path, bool recover)
{
    struct hg_spec spec;
    struct hg_runfile *resume = NULL;
    struct hg_error error;
    char own[UI_PATH];

    snprintf(own, sizeof own, "%s", path);
    run->app.leave = UI_STAY;
    if (is_held(run, own)) {
        return;
    }
    if (hg_spec_init(&spec, &error) != HG_OK) {
        ui_app_say(&run->app, HG_TONE_BAD, "%s", error.text);
        return;
    }
    enum hg_status status = ui_run_read(own, &spec, &resume, &error);
    if (status == HG_OK) {
        status = hg_spec_check(&spec, &error);
    }
    if (status != HG_OK) {
        ui_app_say(&run->app, HG_TONE_BAD, "%s", error.text);
        hg_runfile_close(resume);
        hg_spec_fini(&spec);
        return;
    }
    if (recover) {
        shorten_name(spec.name);
    }
    run->holder = 0; /* it is another run */
    run->app.scene.viewed = false;
    ui_run_replace(run, &spec, resume, resume != NULL && !recover ? own : "");
}

/* Gives a file that cannot be read the time to say so. True: it has failed. */
static bool fails_at_once(struct ui_run *run)
{
    uint64_t until = ui_run_now() + HEAD_START_MS;

    for (;;) {
        uint64_t now = ui_run_now();
        struct pollfd fd = {.fd = hg_session_fd(run->session), .events = POLLIN};
        if (now >= until || poll(&fd, 1, (int)(until - now)) <= 0) {
            return false;
        }
        const struct hg_snapshot *snapshot = hg_session_take(run->session);
        if (snapshot == NULL || snapshot->state == HG_STATE_LOADING) {
            continue;
        }
        run->snapshot = snapshot;
        run->app.now = ui_run_now();
        ui_app_take(&run->app, snapshot);
        return snapshot->state == HG_STATE_FAILED;
    }
}

/* NO_COLOR and --color. */
static int most_colours(const struct ui_config *config)
{
    const char *no_color = getenv("NO_COLOR");

    switch (config->color) {
    case UI_COLOR_NEVER:
        return 0;
    case UI_COLOR_16:
        return 16;
    case UI_COLOR_256:
        return 256;
    case UI_COLOR_AUTO:
        return no_color != NULL && no_color[0] != '\0' ? 0 : -1;
    default:
        return -1;
    }
}

static void say(const char *text)
{
    fprintf(stderr, "hourglass: %s\n", text);
}

/* What the app needs to know before the terminal is open. */
static bool make_app(struct ui_run *run)
{
    char path[UI_PATH];
    const char *notes[UI_NOTES];
    struct ui_app_config app = {.send = send,
                                .self = run,
                                .spec = &run->spec,
                                .colours = 256,
                                .utf8 = true,
                                .resumed = run->config->resume != NULL,
                                .notes = notes};

    if (run->config->resume == NULL && ui_state_news(path, sizeof path)) {
        app.news = "The last run was cut off and kept: :recover opens it.  ? shows all keys, q "
                   "quits.\nA cut-off run was kept: :recover opens it.\n"
                   "A run was kept: :recover opens it.";
    }
    for (size_t i = 0; i < run->config->note_count && app.note_count < UI_NOTES; i++) {
        notes[app.note_count++] = run->config->notes[i];
    }
    return ui_app_init(&run->app, &app);
}

static enum hg_status open_screen(struct ui_run *run, struct hg_error *error)
{
    struct ui_term_config config = {.colours = most_colours(run->config),
                                    .mouse = run->app.spec.screen.mouse,
                                    .budget = (double)run->app.spec.screen.budget};
    enum hg_status status = ui_term_open(&config, &run->term, error);

    if (status == HG_OK) {
        run->app.config.colours = ui_term_colours(run->term);
        run->app.config.utf8 = ui_term_utf8(run->term) && !run->config->ascii;
        run->canvas.ascii = !run->app.config.utf8;
        ui_app_theme(&run->app);
    }
    return status;
}

static void note_loss(struct ui_run *run)
{
    if (run->snapshot != NULL && run->snapshot->unsaved) {
        snprintf(run->discarded, sizeof run->discarded, "yes");
    }
}

/* The way out: the terminal first, then the run, then the last words. */
static void leave(struct ui_run *run, int ending)
{
    bool aside = run->app.leave == UI_LEAVE_KEEP;
    bool diverged = run->snapshot != NULL && run->snapshot->state == HG_STATE_DIVERGED;
    struct hg_error error;
    char saved[UI_PATH];

    ui_term_close(run->term);
    run->term = NULL;
    bool detached = ending == SIGHUP && run->config->detach;
    if (detached) {
        ending = ui_run_detached(run);
    }
    if (ending == 0 && !aside && !detached) {
        note_loss(run);
    } else if (!ui_run_keep(run, aside, &error)) {
        say(error.text);
    }
    if (run->status == 0) {
        run->status = ending > 0 ? 128 + ending : aside ? 128 + SIGINT : diverged ? 4 : 0;
    }
    ui_run_stop(run, ending > 0 || aside ? HG_END_SIGNAL : HG_END_USER, saved);
    ui_run_farewell(run, saved);
}

/* Nothing could be loaded: one line, no screen. */
static int fail(struct ui_run *run)
{
    struct hg_error error;
    char saved[UI_PATH];

    error.status = run->snapshot->status;
    memcpy(error.text, run->snapshot->message, sizeof error.text);
    ui_term_close(run->term);
    run->term = NULL;
    ui_run_stop(run, HG_END_USER, saved);
    say(error.text);
    return hg_status_exit(error.status);
}

static int run_screen(struct ui_run *run)
{
    struct hg_error error;
    char saved[UI_PATH];

    if (open_screen(run, &error) != HG_OK) {
        ui_run_stop(run, HG_END_USER, saved);
        say(error.text);
        return hg_status_exit(error.status);
    }
    int ending = ui_run_loop(run);
    if (ending < 0) {
        return fail(run);
    }
    leave(run, ending);
    return run->status;
}

static int run_session(struct ui_run *run)
{
    struct hg_error error;
    const struct ui_config *config = run->config;
    const char *output = run->holder != 0              ? ""
                         : config->output != NULL      ? config->output
                         : config->resume_path != NULL ? config->resume_path
                                                       : "";
    int status;

    if (ui_run_start(run, config->resume, output, &error) != HG_OK) {
        say(error.text);
        return hg_status_exit(error.status);
    }
    status = fails_at_once(run) ? fail(run) : run_screen(run);
    ui_canvas_fini(&run->canvas);
    return status;
}

int ui_run(const struct ui_config *config)
{
    struct ui_run *run = calloc(1, sizeof *run);
    struct hg_error error;
    int status = 1;

    if (run == NULL || hg_spec_copy(&run->spec, config->spec, &error) != HG_OK) {
        say("no memory for the interface");
        hg_runfile_close(config->resume);
        free(run);
        return status;
    }
    run->config = config;
    if (config->resume != NULL && config->resume_path == NULL) {
        shorten_name(run->spec.name);
    }
    if (make_app(run)) {
        ui_viewing_begin(run);
        ui_signals_open();
        status = run_session(run);
        ui_signals_close();
        ui_app_fini(&run->app);
    } else {
        say("no memory for the interface");
        hg_runfile_close(config->resume);
    }
    hg_spec_fini(&run->spec);
    free(run);
    return status;
}
