/* What the keys do. */
#include "tui/app.h"

#include "tui/format.h"
#include "tui/state.h"
#include "tui/term.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double rate_factor = 1.25;

void ui_app_send(struct ui_app *app, enum hg_command_kind kind, int64_t number, const char *name,
                 const char *text)
{
    struct hg_command command = {.kind = kind, .number = number, .label = -1};

    snprintf(command.name, sizeof command.name, "%s", name == NULL ? "" : name);
    snprintf(command.text, sizeof command.text, "%s", text == NULL ? "" : text);
    if (!app->config.send(app->config.self, &command)) {
        ui_app_say(app, HG_TONE_WARN, "The trainer is busy: please press it again.");
    }
}

void ui_app_send_label(struct ui_app *app, int direction, int32_t label)
{
    struct hg_command command = {.kind = HG_DO_SHOW_LABEL, .number = direction, .label = label};

    app->config.send(app->config.self, &command);
}

bool ui_app_unsaved(const struct ui_app *app)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    return snapshot != NULL && snapshot->state != HG_STATE_LOADING &&
           snapshot->state != HG_STATE_FAILED &&
           (snapshot->unsaved || app->scene.running ||
            (snapshot->rival.racing && snapshot->rival.unsaved));
}

/* "~/x" as a shell would read it. */
static void expand(const char *path, char *out, size_t size)
{
    const char *home = getenv("HOME");

    if (path[0] == '~' && path[1] == '/' && home != NULL) {
        snprintf(out, size, "%s%s", home, path + 1);
    } else {
        snprintf(out, size, "%s", path);
    }
}

void ui_app_save(struct ui_app *app, const char *path)
{
    char name[UI_PATH];

    /* a run taken out of the state folder gets a name of its own here */
    if (*path != '\0' || !ui_state_holds(app->scene.snapshot->saved) ||
        !ui_state_free_name(app->spec.name, name, sizeof name)) {
        expand(path, name, sizeof name);
    }
    ui_app_send(app, HG_DO_SAVE, 0, NULL, name);
}

/* Saves, then leaves. Training pauses first, or it would be unsaved again at once. */
void ui_app_close(struct ui_app *app, enum ui_leave leave)
{
    app->closing = true;
    app->closing_leave = leave;
    ui_app_send(app, HG_DO_PAUSE, 0, NULL, NULL);
    ui_app_say(app, HG_TONE_PLAIN, "Saving …");
    ui_app_save(app, "");
}

void ui_app_quit(struct ui_app *app, bool again)
{
    if (again && (app->prompt.ask == UI_ASK_QUIT || app->closing)) {
        app->leave = UI_LEAVE_KEEP;
    } else if (ui_app_unsaved(app)) {
        app->help.open = false;
        ui_prompt_open(&app->prompt, UI_ASK_QUIT, "");
        if (app->scene.snapshot->rival.racing) {
            snprintf(app->prompt.label, sizeof app->prompt.label,
                     "Quit?  w saves the run shown (%s); the other is dropped.",
                     app->scene.snapshot->rival.copy ? "the copy" : "as it was");
        } else {
            snprintf(app->prompt.label, sizeof app->prompt.label,
                     "Quit?  What was learned %s is not saved.",
                     app->scene.snapshot->saved[0] == '\0' ? "here" : "since the last save");
        }
    } else {
        app->leave = UI_LEAVE;
    }
    app->dirty = true;
}

void ui_app_steps(struct ui_app *app, int64_t steps)
{
    if (steps > 0) {
        ui_app_send(app, HG_DO_STEPS, steps, NULL, NULL);
    }
}

void ui_app_travel(struct ui_app *app, bool back, int64_t steps)
{
    ui_app_send(app, back ? HG_DO_BACK : HG_DO_FORWARD, steps, NULL, NULL);
    ui_app_wish(app, UI_WISH_RUN, false);
}

static void act_run(struct ui_app *app)
{
    if (app->scene.snapshot->state == HG_STATE_DIVERGED) {
        ui_app_say(app, HG_TONE_WARN,
                   "The run has diverged: u goes back to before it, r starts it again, Down "
                   "first lowers the rate.\nDiverged: u goes back, r starts again.");
        return;
    }
    bool run = !app->scene.running;
    ui_app_send(app, run ? HG_DO_RUN : HG_DO_PAUSE, 0, NULL, NULL);
    ui_app_wish(app, UI_WISH_RUN, run);
}

/* Rounded to 6 digits so that it reads well in file, log and header. */
static void act_rate(struct ui_app *app, double factor)
{
    char text[UI_NUMBER];

    snprintf(text, sizeof text, "%.6g", app->scene.lr * factor);
    ui_app_send(app, HG_DO_SET, 0, "train.lr", text);
    ui_app_wish(app, UI_WISH_LR, strtod(text, NULL));
}

static void act_optimizer(struct ui_app *app, int direction)
{
    int next = ((int)app->scene.optimizer + direction + HG_OPTIMIZER_COUNT) % HG_OPTIMIZER_COUNT;

    ui_app_send(app, HG_DO_SET, 0, "train.optimizer", hg_optimizer_name((enum hg_optimizer)next));
    ui_app_wish(app, UI_WISH_OPTIMIZER, next);
}

static void act_batch(struct ui_app *app, bool twice)
{
    char text[UI_NUMBER];
    uint64_t batch = app->scene.batch, most = app->scene.snapshot->training;

    if (twice ? batch >= most : batch <= 1) {
        ui_app_say(app, HG_TONE_PLAIN,
                   twice ? "The batch already holds all training samples."
                         : "The batch is one sample already.");
        return;
    }
    batch = twice ? batch * 2 : batch / 2;
    snprintf(text, sizeof text, "%llu", (unsigned long long)batch);
    ui_app_send(app, HG_DO_SET, 0, "train.batch", text);
    ui_app_wish(app, UI_WISH_BATCH, (double)batch);
}

static void act_filter(struct ui_app *app)
{
    if (app->scene.snapshot->classes == 0) {
        ui_app_say(app, HG_TONE_PLAIN, "These samples have no labels.");
        return;
    }
    ui_prompt_open(&app->prompt, UI_ASK_LABEL, "");
    snprintf(app->prompt.label, sizeof app->prompt.label, "Only label (empty: all):");
}

static void ask_number(struct ui_app *app, enum ui_ask ask)
{
    char text[UI_NUMBER] = "";
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    if (ask == UI_ASK_STEPS) {
        snprintf(text, sizeof text, "%lld", (long long)app->last_steps);
    } else if (ask == UI_ASK_RESEED) {
        snprintf(text, sizeof text, "%lld", (long long)snapshot->seed + 1);
    }
    ui_prompt_open(&app->prompt, ask, text);
    if (ask == UI_ASK_SAMPLE) {
        snprintf(app->prompt.label, sizeof app->prompt.label,
                 "Go to sample (0 to %zu):", snapshot->samples - (snapshot->samples > 0));
    } else {
        snprintf(app->prompt.label, sizeof app->prompt.label, "%s",
                 ask == UI_ASK_STEPS ? "How many steps?" : "Start again with the new seed:");
    }
}

static void ask_restart(struct ui_app *app)
{
    ui_prompt_open(&app->prompt, UI_ASK_RESTART, "");
    ui_app_restart_label(app);
}

/* What needs no run. True = done. */
static bool act_program(struct ui_app *app, enum ui_action action)
{
    switch (action) {
    case UI_ACT_COMMAND:
        ui_prompt_open(&app->prompt, UI_ASK_COMMAND, "");
        snprintf(app->prompt.label, sizeof app->prompt.label, ":");
        app->history.at = app->history.count;
        break;
    case UI_ACT_HELP:
        app->help.open = true;
        app->help.top = 0;
        break;
    case UI_ACT_QUIT:
        ui_app_quit(app, false);
        break;
    case UI_ACT_SUSPEND:
        app->leave = UI_LEAVE_SUSPEND;
        break;
    case UI_ACT_REDRAW:
        app->repaint = true;
        break;
    case UI_ACT_CANCEL:
        app->message.until = 0;
        break;
    default:
        return false;
    }
    app->dirty = true;
    return true;
}

static void act_train(struct ui_app *app, enum ui_action action)
{
    switch (action) {
    case UI_ACT_RUN:
        act_run(app);
        break;
    case UI_ACT_STEP:
        ui_app_steps(app, 1);
        break;
    case UI_ACT_STEPS:
        ask_number(app, UI_ASK_STEPS);
        break;
    case UI_ACT_EPOCH:
        ui_app_send(app, HG_DO_EPOCH, 0, NULL, NULL);
        break;
    case UI_ACT_FASTER:
        act_rate(app, rate_factor);
        break;
    case UI_ACT_SLOWER:
        act_rate(app, 1 / rate_factor);
        break;
    case UI_ACT_OPTIMIZER_NEXT:
    case UI_ACT_OPTIMIZER_PREVIOUS:
        act_optimizer(app, action == UI_ACT_OPTIMIZER_NEXT ? 1 : -1);
        break;
    case UI_ACT_BATCH_HALVE:
    case UI_ACT_BATCH_DOUBLE:
        act_batch(app, action == UI_ACT_BATCH_DOUBLE);
        break;
    case UI_ACT_BACK:
    case UI_ACT_FORWARD:
        ui_app_travel(app, action == UI_ACT_BACK, 0);
        break;
    case UI_ACT_RESTART:
        ask_restart(app);
        break;
    case UI_ACT_RESEED:
        ask_number(app, UI_ASK_RESEED);
        break;
    default:
        break;
    }
}

static void act_run_needed(struct ui_app *app, enum ui_action action)
{
    if (ui_app_view_act(app, action)) {
        return;
    }
    switch (action) {
    case UI_ACT_LAYER_NEXT:
    case UI_ACT_LAYER_PREVIOUS:
    case UI_ACT_PAGE_NEXT:
    case UI_ACT_PAGE_PREVIOUS:
        ui_app_say(app, HG_TONE_PLAIN, "Layers and their pages are turned in view 4: press 4.");
        break;
    case UI_ACT_MARK:
    case UI_ACT_WALK:
    case UI_ACT_RANDOM_CODE:
    case UI_ACT_SAMPLE_CODE:
        ui_app_say(app, HG_TONE_PLAIN, "Codes are walked in view 2: press 2.");
        break;
    case UI_ACT_NEXT:
    case UI_ACT_PREVIOUS:
        ui_app_send_label(app, action == UI_ACT_NEXT ? 1 : -1, app->scene.filter);
        break;
    case UI_ACT_GOTO:
        ask_number(app, UI_ASK_SAMPLE);
        break;
    case UI_ACT_FILTER:
        act_filter(app);
        break;
    case UI_ACT_WRITE_EXPERIMENT:
        ui_app_ask_experiment(app);
        break;
    case UI_ACT_WRITE:
        ui_app_save(app, "");
        break;
    case UI_ACT_FORK:
    case UI_ACT_SWAP:
    case UI_ACT_KEEP:
        ui_app_race(app, action);
        break;
    case UI_ACT_DOCTOR:
        ui_app_open_doctor(app);
        break;
    case UI_ACT_CHECK:
        ui_app_open_check(app);
        break;
    case UI_ACT_ART:
    case UI_ACT_PALETTE:
    case UI_ACT_LOSS_AXIS:
    case UI_ACT_STEP_AXIS:
        ui_app_look(app, action);
        break;
    default:
        act_train(app, action);
        break;
    }
}

void ui_app_act(struct ui_app *app, enum ui_action action)
{
    const struct ui_action_info *info = ui_action_find(action);
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    app->dirty = true;
    if (info == NULL || act_program(app, action)) {
        return;
    }
    if (action >= UI_ACT_VIEW_1 && action <= UI_ACT_VIEW_6) {
        ui_app_view(app, (int)action - (int)UI_ACT_VIEW_1 + 1);
    } else if (action == UI_ACT_VIEW_NEXT || action == UI_ACT_VIEW_PREVIOUS) {
        ui_app_view_beside(app, action == UI_ACT_VIEW_NEXT ? 1 : -1);
    } else if (info->later) {
        ui_app_say_later(app, info);
    } else if (snapshot == NULL || snapshot->state == HG_STATE_LOADING) {
        ui_app_say(app, HG_TONE_PLAIN, "Still loading.");
    } else if (snapshot->state == HG_STATE_FAILED) {
        ui_app_say(app, HG_TONE_PLAIN, "Nothing is loaded: :open FILE, or q.");
    } else {
        act_run_needed(app, action);
    }
}
