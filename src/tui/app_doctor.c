/* The doctor's page: what its keys do, and when the trainer is to look. */
#include "tui/app.h"

#include <stdio.h>
#include <string.h>

void ui_app_open_doctor(struct ui_app *app)
{
    app->doctor.open = true;
    app->check.open = false;
    app->doctor.top = 0;
    app->anew = true;
}

void ui_app_ask_doctor(struct ui_app *app)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    struct hg_command command = {.kind = HG_DO_DOCTOR, .number = app->doctor.open, .label = -1};

    if (snapshot != NULL && snapshot->state != HG_STATE_LOADING &&
        snapshot->state != HG_STATE_FAILED && app->doctor.open != app->doctor.asked &&
        app->config.send(app->config.self, &command)) {
        app->doctor.asked = app->doctor.open;
    }
}

/* What was learned is lost by it, so it is asked, as r asks. */
static void ask_again(struct ui_app *app, const struct hg_finding *finding)
{
    ui_app_act(app, UI_ACT_RESTART);
    if (app->prompt.ask != UI_ASK_RESTART || finding->name[0] == '\0') {
        return;
    }
    snprintf(app->doctor.name, sizeof app->doctor.name, "%s", finding->name);
    snprintf(app->doctor.text, sizeof app->doctor.text, "%s", finding->text);
    snprintf(app->prompt.label, sizeof app->prompt.label,
             "Start again from seed %lld with %s = %s?", (long long)app->scene.snapshot->seed,
             finding->name, finding->text);
}

static void apply(struct ui_app *app, const struct hg_finding *finding)
{
    const char *key = finding->key;
    uint32_t character = ui_next_char(&key);

    if (strcmp(finding->key, "r") == 0) {
        ask_again(app, finding);
    } else if (finding->name[0] != '\0') {
        ui_app_send(app, HG_DO_SET, 0, finding->name, finding->text);
    } else if (character != 0) {
        ui_app_act(app, ui_keymap_action(&app->keymap, character));
    } else {
        ui_app_say(app, HG_TONE_PLAIN, "This one has no key: it is for you to judge.");
    }
}

/* Training goes on beside the page. */
static bool passes(enum ui_action action)
{
    switch (action) {
    case UI_ACT_RUN:
    case UI_ACT_STEP:
    case UI_ACT_STEPS:
    case UI_ACT_EPOCH:
    case UI_ACT_RESTART:
    case UI_ACT_RESEED:
    case UI_ACT_BACK:
    case UI_ACT_FORWARD:
    case UI_ACT_CHECK:
    case UI_ACT_WRITE:
    case UI_ACT_COMMAND:
    case UI_ACT_HELP:
    case UI_ACT_SUSPEND:
    case UI_ACT_REDRAW:
        return true;
    default:
        return false;
    }
}

void ui_app_doctor_key(struct ui_app *app, uint32_t key)
{
    enum ui_action action = ui_keymap_action(&app->keymap, key);
    const struct hg_finding *finding = ui_doctor_finding(app->scene.snapshot, key);

    if (finding != NULL) {
        apply(app, finding);
    } else if (ui_doctor_key(&app->doctor, key)) {
        app->anew = true;
    } else if (passes(action)) {
        ui_app_act(app, action);
    }
}
