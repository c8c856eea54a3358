/* The page of the gradient check: what its keys do, and when the trainer is to check. */
#include "tui/app.h"

#include <string.h>

void ui_app_open_check(struct ui_app *app)
{
    bool asked = app->check.asked;

    memset(&app->check, 0, sizeof app->check);
    app->check.asked = asked;
    app->check.open = app->check.again = true;
    app->doctor.open = false;
    app->anew = true;
}

/* Every opening is a check of its own; closed, it is forgotten. */
void ui_app_ask_check(struct ui_app *app)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    struct ui_check *check = &app->check;
    struct hg_command command = {.kind = HG_DO_CHECK, .number = check->open, .label = -1};

    if (snapshot == NULL || snapshot->state == HG_STATE_LOADING ||
        snapshot->state == HG_STATE_FAILED ||
        (check->open == check->asked && !(check->open && check->again))) {
        return;
    }
    if (app->config.send(app->config.self, &command)) {
        check->asked = check->open;
        check->again = false;
    }
}

/* What does not change the point that is checked. */
static bool passes(enum ui_action action)
{
    switch (action) {
    case UI_ACT_RUN:
    case UI_ACT_STEP:
    case UI_ACT_EPOCH:
    case UI_ACT_DOCTOR:
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

void ui_app_check_key(struct ui_app *app, uint32_t key)
{
    enum ui_action action = ui_keymap_action(&app->keymap, key);

    if (ui_check_key(&app->check, key)) {
        app->anew = true;
    } else if (passes(action)) {
        ui_app_act(app, action);
    }
}
