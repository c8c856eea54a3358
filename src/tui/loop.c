/* Terminal and session in, screen out. */
#include "tui/run.h"
#include "tui/signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* A slow line is promised 1,000 bytes a second; keys come on top of the pictures. */
enum { ANSWER_MS = 300, IDLE_MS = 60000, SLOW_LINE = 850 };

static void apply_screen(struct ui_run *run)
{
    const struct hg_spec *spec = &run->app.spec;
    double budget = spec->screen.budget < 0 ? -1 : (double)spec->screen.budget;

    if (run->config->low_bandwidth && (budget <= 0 || budget > SLOW_LINE)) {
        budget = SLOW_LINE;
    }
    ui_term_set_budget(run->term, budget);
    ui_term_set_mouse(run->term, spec->screen.mouse);
    run->app.screen_changed = false;
}

static void fit_canvas(struct ui_run *run)
{
    int rows, columns;

    ui_term_size(run->term, &rows, &columns);
    ui_canvas_resize(&run->canvas, rows, columns);
    run->app.dirty = run->urgent = true;
}

/* What the trainer says to a key is drawn at once, too. */
static void expect_answer(struct ui_run *run)
{
    hg_session_poke(run->session);
    run->answer_until = run->app.now + ANSWER_MS;
    run->urgent = true;
}

static void take_mouse(struct ui_run *run, const struct ui_event *event)
{
    static const enum ui_pointer_kind kinds[] = {[UI_MOUSE_PRESS] = UI_POINTER_PRESS,
                                                 [UI_MOUSE_DRAG] = UI_POINTER_DRAG,
                                                 [UI_MOUSE_RELEASE] = UI_POINTER_RELEASE,
                                                 [UI_MOUSE_WHEEL_UP] = UI_POINTER_WHEEL_UP,
                                                 [UI_MOUSE_WHEEL_DOWN] = UI_POINTER_WHEEL_DOWN};
    struct ui_pointer pointer = {kinds[event->mouse], event->row, event->column};

    ui_app_point(&run->app, &pointer);
    if (event->mouse != UI_MOUSE_RELEASE) {
        expect_answer(run);
    }
}

static void take_event(struct ui_run *run, const struct ui_event *event)
{
    switch (event->kind) {
    case UI_EVENT_KEY:
        ui_app_key(&run->app, event->key);
        expect_answer(run);
        break;
    case UI_EVENT_MOUSE:
        take_mouse(run, event);
        break;
    case UI_EVENT_RESIZE:
        fit_canvas(run);
        break;
    default:
        break;
    }
}

/* A file that w has named is held like one given with -o. */
static void hold_saved(struct ui_run *run)
{
    if (run->holder == 0 && strcmp(run->held, run->snapshot->saved) != 0) {
        hg_hold_release(run->hold);
        run->hold = NULL;
        memcpy(run->held, run->snapshot->saved, sizeof run->held);
        if (strcmp(run->held, run->output) != 0 && run->held[0] != '\0' &&
            hg_hold_take(run->held, &run->hold, NULL, NULL) != HG_OK) {
            run->hold = NULL;
        }
    }
}

static void take_snapshot(struct ui_run *run)
{
    const struct hg_snapshot *snapshot = hg_session_take(run->session);

    if (snapshot == NULL) {
        return;
    }
    /* An end or a message waits for no picture. */
    if (snapshot->state != run->app.figures_state ||
        snapshot->message_serial != run->app.message_serial) {
        run->urgent = true;
    }
    run->snapshot = snapshot;
    ui_app_take(&run->app, snapshot);
    hold_saved(run);
    if (!run->opened && snapshot->state != HG_STATE_LOADING && snapshot->state != HG_STATE_FAILED) {
        run->opened = run->app.dirty = run->urgent = run->whole = true;
        ui_term_redraw(run->term, true); /* the first picture costs nothing */
    }
    if (run->app.now < run->answer_until) { /* the answer to a key */
        run->answer_until = 0;
        run->urgent = true;
    }
    /* Another sample or page was asked for: its pictures are the answer. */
    run->whole |= snapshot->sample != run->sample || run->app.anew;
    run->urgent |= run->whole;
    run->sample = snapshot->sample;
}

/* Milliseconds until a frame may go; 0 = now. */
static int frame_wait(const struct ui_run *run)
{
    long long fps = run->app.spec.screen.fps > 0 ? run->app.spec.screen.fps : 1;
    uint64_t next = run->drawn_at + (uint64_t)(1000 / fps);
    int pace = next > run->app.now ? (int)(next - run->app.now) : 0;
    int paid = ui_term_wait(run->term);

    return run->urgent ? 0 : pace > paid ? pace : paid;
}

static void draw(struct ui_run *run)
{
    int cursor[2];

    if (ui_app_woken(&run->app)) {
        run->urgent = true;
    }
    /* What is owed holds pictures up only while new ones keep coming. */
    bool moving = run->snapshot != NULL && run->snapshot->state == HG_STATE_RUNNING;
    bool words = run->urgent || (moving && ui_term_owes(run->term));
    enum ui_draw amount = run->whole ? UI_DRAW_ALL : words ? UI_DRAW_WORDS : UI_DRAW_TURN;

    if (run->app.repaint) {
        ui_term_redraw(run->term, false);
        run->app.repaint = false;
        run->app.dirty = run->urgent = true;
        amount = UI_DRAW_ALL;
    }
    if (!run->app.dirty || frame_wait(run) > 0) {
        return;
    }
    ui_app_draw(&run->app, &run->canvas, amount, cursor);
    ui_term_cursor(run->term, cursor[0], cursor[1]);
    run->drawn_at = run->app.now;
    if (!ui_term_flush(run->term, &run->canvas, run->urgent, run->app.scene.fresh != 0)) {
        run->app.dirty = true;
    }
    if (run->app.scene.answer) {
        ui_term_forgive(run->term);
        run->app.scene.answer = false;
    }
    run->urgent = run->whole = false;
}

static void suspend(struct ui_run *run)
{
    run->app.leave = UI_STAY;
    ui_term_suspend(run->term);
    run->app.now = ui_run_now();
    fit_canvas(run);
}

/* What the app or the system wants. 0 = go on, 1 = leave, above = leave with that signal. */
static int look_around(struct ui_run *run, const struct ui_event *event)
{
    struct ui_app *app = &run->app;
    int ending = ui_signals_ending(false);

    if (event->kind == UI_EVENT_HANGUP && ending == 0) {
        ending = SIGHUP;
    }
    if (ending != 0) {
        return ending;
    }
    if (app->leave == UI_LEAVE_SUSPEND) {
        suspend(run);
    } else if (app->leave == UI_LEAVE_OPEN) {
        ui_run_open(run, app->leave_path, app->recover);
    }
    if (app->screen_changed) {
        apply_screen(run);
    }
    return 0;
}

static int timeout(struct ui_run *run)
{
    int tick = ui_app_tick(&run->app);
    int wait = run->app.dirty || run->app.repaint ? frame_wait(run) : IDLE_MS;

    if (run->holder != 0 && wait > UI_VIEWING_MS) {
        wait = UI_VIEWING_MS;
    }

    return tick >= 0 && tick < wait ? tick : wait;
}

int ui_run_loop(struct ui_run *run)
{
    struct ui_event event = {.kind = UI_EVENT_NONE};

    apply_screen(run);
    fit_canvas(run);
    for (;;) {
        run->app.now = ui_run_now();
        take_event(run, &event);
        take_snapshot(run);
        ui_viewing_look(run);
        if (!run->opened && run->snapshot != NULL && run->snapshot->state == HG_STATE_FAILED) {
            return -1;
        }
        int ending = look_around(run, &event);
        if (ending != 0 || run->app.leave == UI_LEAVE || run->app.leave == UI_LEAVE_KEEP) {
            return ending;
        }
        int wait = timeout(run);
        draw(run);
        if (run->app.dirty && wait > frame_wait(run)) {
            wait = frame_wait(run);
        } else if (!run->app.dirty) {
            wait = timeout(run);
        }
        ui_term_read(run->term, wait, hg_session_fd(run->session), &event);
    }
}
