/* A run that another process trains is only looked at, and read again at each of its saves. */
#define _GNU_SOURCE
#include "tui/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LOAD_MS = 300 };

bool ui_viewing_allows(const struct ui_run *run, enum hg_command_kind kind)
{
    return run->holder == 0 || kind == HG_DO_PAUSE || kind == HG_DO_SHOW ||
           kind == HG_DO_SHOW_LABEL || kind >= HG_DO_FILTERS;
}

void ui_viewing_refuse(struct ui_run *run)
{
    ui_app_say(&run->app, HG_TONE_WARN,
               "Process %ld trains this run: here it is only looked at.\nOnly looked at here.",
               run->holder);
}

/* Is the file another than the one that was read? Remembers it. */
static bool is_new(struct ui_run *run)
{
    struct stat facts;

    if (stat(run->config->resume_path, &facts) != 0 ||
        (facts.st_ino == run->seen.st_ino && facts.st_size == run->seen.st_size &&
         facts.st_mtim.tv_sec == run->seen.st_mtim.tv_sec &&
         facts.st_mtim.tv_nsec == run->seen.st_mtim.tv_nsec)) {
        return false;
    }
    run->seen = facts;
    return true;
}

void ui_viewing_begin(struct ui_run *run)
{
    run->holder = run->config->holder;
    run->app.scene.viewed = run->holder != 0;
    if (run->holder == 0) {
        return;
    }
    snprintf(run->news, sizeof run->news,
             "Process %ld trains this run: here it is looked at, and read again at each save.  "
             "q quits.\nLooked at, and read again at each save.  q quits.\nOnly looked at.",
             run->holder);
    run->app.config.news = run->news;
    /* It may have been saved since it was read: then it is read once more. */
    if (is_new(run) && time(NULL) - run->seen.st_mtim.tv_sec < 2) {
        memset(&run->seen, 0, sizeof run->seen);
    }
}

/* The experiment as it is in the file now; where its data lie is known here already. */
static enum hg_status read_again(struct ui_run *run, struct hg_spec *spec,
                                 struct hg_runfile **resume, struct hg_error *error)
{
    static const char *const kept[] = {"data.source", "data.labels"};
    const char *path = run->config->resume_path;
    char value[4096];
    enum hg_status status = hg_spec_init(spec, error);

    *resume = NULL;
    if (status != HG_OK) {
        return status;
    }
    status = ui_run_read(path, spec, resume, error);
    if (status != HG_OK && *resume != NULL) {
        status = HG_OK;
        for (size_t i = 0; i < 2 && status == HG_OK; i++) {
            if (hg_spec_get(&run->spec, kept[i], value, sizeof value)) {
                status = hg_spec_set(spec, kept[i], value, "before", error);
            }
        }
    }
    return status == HG_OK ? hg_spec_check(spec, error) : status;
}

/* Waits a moment for the new one, so that a small run does not flicker. */
static void wait_for_it(struct ui_run *run)
{
    uint64_t until = ui_run_now() + LOAD_MS;

    while (ui_run_now() < until) {
        struct pollfd fd = {.fd = hg_session_fd(run->session), .events = POLLIN};
        poll(&fd, 1, (int)(until - ui_run_now()));
        const struct hg_snapshot *snapshot = hg_session_take(run->session);
        if (snapshot != NULL && snapshot->state != HG_STATE_LOADING) {
            run->snapshot = snapshot;
            ui_app_take(&run->app, snapshot);
            return;
        }
    }
}

static void read_file(struct ui_run *run)
{
    struct hg_command show = {.kind = HG_DO_SHOW, .number = run->sample, .label = -1};
    struct hg_spec spec;
    struct hg_runfile *resume;
    struct hg_error error;

    if (read_again(run, &spec, &resume, &error) != HG_OK) {
        ui_app_say(&run->app, HG_TONE_BAD, "not read again: %s", error.text);
        hg_runfile_close(resume);
        hg_spec_fini(&spec);
        return;
    }
    if (run->app.message.until > run->app.now) { /* it goes with what belongs to the old one */
        run->app.config.news = run->news;
    }
    if (ui_run_replace(run, &spec, resume, "")) {
        hg_session_send(run->session, &show);
        wait_for_it(run);
    }
}

void ui_viewing_look(struct ui_run *run)
{
    if (run->holder == 0 || run->app.now < run->look_at) {
        return;
    }
    run->look_at = run->app.now + UI_VIEWING_MS;
    if (is_new(run)) {
        read_file(run);
    } else if (!run->let_go && kill((pid_t)run->holder, 0) != 0 && errno == ESRCH) {
        run->let_go = true;
        ui_app_say(&run->app, HG_TONE_PLAIN,
                   "Process %ld has ended: q, and --resume goes on with the run.\n"
                   "Process %ld has ended.",
                   run->holder, run->holder);
    }
}
