/* Answers to questions, and lines typed behind the colon. */
#include "tui/app.h"

#include "tui/form.h"
#include "tui/format.h"
#include "tui/state.h"
#include "tui/term.h"
#include "tui/tui.h"

#include "hourglass/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *text, int64_t least, int64_t *number)
{
    char *end;

    errno = 0;
    text += strspn(text, " ");
    long long value = strtoll(text, &end, 10);
    end += strspn(end, " ");
    if (errno != 0 || end == text || *end != '\0' || value < least) {
        return false;
    }
    *number = value;
    return true;
}

static void show_sample(struct ui_app *app, int64_t number)
{
    size_t samples = app->scene.snapshot->samples;

    if (number < 0 || (uint64_t)number >= samples) {
        ui_app_say(app, HG_TONE_WARN, "There are samples 0 to %zu.", samples - (samples > 0));
        return;
    }
    ui_app_send(app, HG_DO_SHOW, number, NULL, NULL);
}

/* Whole names first, then beginnings that mean only one. -1 = none, -2 = several. */
static int32_t find_label(const struct hg_snapshot *snapshot, const char *text)
{
    int32_t found = -1;

    for (size_t i = 0; i < snapshot->classes; i++) {
        char name[64];
        ui_label_name(snapshot, (int32_t)i, name, sizeof name);
        if (strcmp(name, text) == 0) {
            return (int32_t)i;
        }
        if (strncmp(name, text, strlen(text)) == 0) {
            found = found == -1 ? (int32_t)i : -2;
        }
    }
    return found;
}

static void filter_label(struct ui_app *app, const char *text)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    char name[64];

    text += strspn(text, " ");
    if (*text == '\0') {
        app->scene.filter = -1;
        ui_app_say(app, HG_TONE_PLAIN, "All samples.");
        return;
    }
    int32_t label = find_label(snapshot, text);
    if (label < 0) {
        hg_text_sanitize(name, sizeof name, text);
        ui_app_say(app, HG_TONE_WARN,
                   label == -1 ? "There is no label '%s' here." : "Several labels begin with '%s'.",
                   name);
        return;
    }
    app->scene.filter = label;
    ui_label_name(snapshot, label, name, sizeof name);
    ui_app_say(app, HG_TONE_PLAIN,
               "Only samples labelled %s: n and p step through them, f with "
               "nothing shows all again.\nOnly label %s.",
               name, name);
    if (snapshot->label != label) {
        ui_app_send_label(app, 1, label);
    }
}

static void forget_axes(struct ui_app *app)
{
    memset(&app->scene.loss_axes, 0, sizeof app->scene.loss_axes);
    memset(&app->scene.code_axes, 0, sizeof app->scene.code_axes);
}

static void restart(struct ui_app *app, int64_t seed)
{
    ui_app_restart(app, seed);
    forget_axes(app);
}

static void open_target(struct ui_app *app, const char *path, bool force)
{
    snprintf(app->leave_path, sizeof app->leave_path, "%s", path);
    if (force || !ui_app_unsaved(app)) {
        app->leave = UI_LEAVE_OPEN;
        return;
    }
    ui_prompt_open(&app->prompt, UI_ASK_OPEN, "");
    snprintf(app->prompt.label, sizeof app->prompt.label,
             "Open another run?  What was learned here is not saved.");
}

static void recover(struct ui_app *app, bool force)
{
    char path[UI_PATH];

    if (!ui_state_newest(path, sizeof path)) {
        ui_app_say(app, HG_TONE_PLAIN, "There is no run to recover.");
        return;
    }
    app->recover = true;
    open_target(app, path, force);
}

/* The value as far as it is known here; the trainer's own answers a change. */
static void tell_option(struct ui_app *app, const char *name)
{
    char value[300] = "", number[UI_NUMBER];

    if (strcmp(name, "train.lr") == 0 && app->scene.snapshot != NULL) {
        snprintf(value, sizeof value, "%s", ui_format_rate(number, app->scene.lr));
    } else if (strcmp(name, "train.optimizer") == 0 && app->scene.snapshot != NULL) {
        snprintf(value, sizeof value, "%s", hg_optimizer_name(app->scene.optimizer));
    } else if (ui_form_find(app->scene.form, name) < app->scene.form->fields) {
        ui_form_shown(app->scene.form, &app->scene, ui_form_find(app->scene.form, name), value,
                      sizeof value);
    } else if (!hg_spec_get(&app->spec, name, value, sizeof value)) {
        return;
    }
    char safe[300];
    hg_text_sanitize(safe, sizeof safe, value);
    ui_app_say(app, HG_TONE_PLAIN, "%s = %s", name, safe);
}

/* Orders that make sense only once there is a run. */
static void order_run(struct ui_app *app, const struct ui_order *order)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    if (snapshot == NULL || snapshot->state == HG_STATE_LOADING ||
        snapshot->state == HG_STATE_FAILED) {
        ui_app_say(app, HG_TONE_PLAIN, "There is no run yet.");
        return;
    }
    switch (order->kind) {
    case UI_ORDER_SET:
        ui_app_set(app, order->name, order->text);
        break;
    case UI_ORDER_WRITE:
        if (ui_app_is_experiment(order->text)) {
            ui_app_write_experiment(app, order->text, order->force);
        } else {
            ui_app_save(app, order->text);
        }
        break;
    case UI_ORDER_STEPS:
        ui_app_steps(app, order->number < 0 ? 1 : order->number);
        break;
    case UI_ORDER_SAMPLE:
        show_sample(app, order->number);
        break;
    case UI_ORDER_LABEL:
        filter_label(app, order->text);
        break;
    case UI_ORDER_BACK:
    case UI_ORDER_FORWARD:
        ui_app_travel(app, order->kind == UI_ORDER_BACK, order->number < 0 ? 0 : order->number);
        break;
    case UI_ORDER_RESTART:
        restart(app, order->number < 0 ? 0 : order->number);
        break;
    default:
        break;
    }
}

void ui_app_order(struct ui_app *app, const struct ui_order *order)
{
    switch (order->kind) {
    case UI_ORDER_NONE:
        break;
    case UI_ORDER_ASK:
        tell_option(app, order->name);
        break;
    case UI_ORDER_OPEN:
        app->recover = false;
        open_target(app, order->text, order->force);
        break;
    case UI_ORDER_RECOVER:
        recover(app, order->force);
        break;
    case UI_ORDER_QUIT:
        if (order->force) {
            app->leave = UI_LEAVE;
        } else {
            ui_app_quit(app, false);
        }
        break;
    case UI_ORDER_ACTION:
        ui_app_act(app, order->action);
        break;
    default:
        order_run(app, order);
        break;
    }
}

static void enter_command(struct ui_app *app, const char *line)
{
    struct ui_order order;
    char error[256];

    ui_history_add(&app->history, line);
    if (ui_command_parse(line, &order, error, sizeof error)) {
        ui_app_order(app, &order);
    } else {
        char safe[300];
        hg_text_sanitize(safe, sizeof safe, error);
        ui_app_say(app, HG_TONE_WARN, "%s", safe);
    }
}

/* Enter in a field. */
static void enter(struct ui_app *app)
{
    enum ui_ask ask = app->prompt.ask;
    char text[UI_FIELD_TEXT];
    int64_t number = 0;

    memcpy(text, app->prompt.field.text, sizeof text);
    ui_prompt_close(&app->prompt);
    bool numeric = ask == UI_ASK_STEPS || ask == UI_ASK_SAMPLE || ask == UI_ASK_RESEED;
    if (numeric && !read_number(text, ask == UI_ASK_SAMPLE ? 0 : 1, &number)) {
        ui_app_say(app, HG_TONE_WARN, "That was no number%s.",
                   ask == UI_ASK_SAMPLE ? "" : " above 0");
    } else if (ask == UI_ASK_COMMAND) {
        enter_command(app, text);
    } else if (ask == UI_ASK_STEPS) {
        app->last_steps = number;
        ui_app_steps(app, number);
    } else if (ask == UI_ASK_SAMPLE) {
        show_sample(app, number);
    } else if (ask == UI_ASK_RESEED) {
        restart(app, number);
    } else if (ask == UI_ASK_LABEL) {
        filter_label(app, text);
    } else if (ask == UI_ASK_FORK) {
        ui_app_race_enter(app, text);
    }
}

static void complete(struct ui_app *app)
{
    struct ui_prompt *prompt = &app->prompt;
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    if (prompt->ask == UI_ASK_COMMAND) {
        ui_command_complete(&prompt->field, &prompt->candidates);
        return;
    }
    if (prompt->ask == UI_ASK_FORK) {
        ui_app_race_complete(app);
    }
    if (prompt->ask != UI_ASK_LABEL || snapshot == NULL) {
        return;
    }
    prompt->candidates.count = 0;
    for (size_t i = 0; i < snapshot->classes && prompt->candidates.count < UI_CANDIDATES; i++) {
        char name[64];
        ui_label_name(snapshot, (int32_t)i, name, sizeof name);
        if (strncmp(name, prompt->field.text, prompt->field.length) == 0) {
            snprintf(prompt->candidates.text[prompt->candidates.count++], UI_CANDIDATE_TEXT, "%s",
                     name);
        }
    }
    if (prompt->candidates.count == 1) {
        ui_field_set(&prompt->field, prompt->candidates.text[0]);
    }
}

static void answer_typed(struct ui_app *app, uint32_t key)
{
    struct ui_prompt *prompt = &app->prompt;

    bool yes = prompt->ask == UI_ASK_RESEED && prompt->field.offered && (key == 'y' || key == 'Y');

    if (key == UI_KEY_ENTER || yes) { /* r takes y, too */
        enter(app);
    } else if (key == UI_KEY_TAB) {
        complete(app);
    } else if (prompt->ask == UI_ASK_COMMAND && (key == UI_KEY_UP || key == UI_KEY_DOWN)) {
        ui_history_move(&app->history, &prompt->field, key == UI_KEY_UP ? -1 : 1);
    } else if (prompt->ask == UI_ASK_COMMAND && prompt->field.length == 0 &&
               (key == UI_KEY_BACKSPACE || key == 8)) {
        ui_prompt_close(prompt);
    } else {
        ui_prompt_edit(prompt, key);
    }
}

/* One key answers: w or Enter keep, y or q discard, the rest is ignored. */
static void answer_key(struct ui_app *app, uint32_t key)
{
    enum ui_ask ask = app->prompt.ask;
    bool plain = ask == UI_ASK_RESTART || ask == UI_ASK_REPLACE || ask == UI_ASK_KEEP;
    bool keep = !plain && (key == 'w' || key == 's' || key == UI_KEY_ENTER);
    bool yes = key == 'y' || key == 'Y' || (ask == UI_ASK_RESTART && key == UI_KEY_ENTER) ||
               (ask == UI_ASK_KEEP && (key == 'k' || key == UI_KEY_ENTER)) ||
               (ask == UI_ASK_QUIT && (key == 'q' || key == UI_KEY_F0 + 10));
    enum ui_leave leave = ask == UI_ASK_OPEN ? UI_LEAVE_OPEN : UI_LEAVE;

    if (key == 'n' || key == 'N' || key == 'c') {
        ui_prompt_close(&app->prompt);
    } else if (keep) {
        ui_prompt_close(&app->prompt);
        ui_app_close(app, leave);
    } else if (yes) {
        ui_prompt_close(&app->prompt);
        if (ask == UI_ASK_RESTART && app->doctor.name[0] == '\0') {
            restart(app, 0);
        } else if (ask == UI_ASK_RESTART) {
            ui_app_send(app, HG_DO_RESTART, 0, app->doctor.name, app->doctor.text);
            forget_axes(app);
        } else if (ask == UI_ASK_KEEP) {
            ui_app_send(app, HG_DO_KEEP, 0, NULL, NULL);
        } else if (ask == UI_ASK_REPLACE) {
            ui_app_write_experiment(app, app->prompt.target, true);
        } else {
            app->leave = leave;
        }
    }
}

void ui_app_answer(struct ui_app *app, uint32_t key)
{
    app->dirty = true;
    if (key == UI_KEY_ESCAPE) {
        ui_prompt_close(&app->prompt);
    } else if (ui_prompt_typed(&app->prompt)) {
        answer_typed(app, key);
    } else {
        answer_key(app, key);
    }
}
