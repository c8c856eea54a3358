/* What goes between the app and the view that is shown: keys, the mouse, commands. */
#include "tui/app.h"

enum { AT_ONCE = 8 }; /* commands of one view between two drawings */

static bool loaded(const struct ui_app *app)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    return snapshot != NULL && snapshot->state != HG_STATE_LOADING &&
           snapshot->state != HG_STATE_FAILED;
}

static void ask_view(struct ui_app *app, const struct ui_view_ops *view)
{
    struct hg_command command;

    for (int i = 0; i < AT_ONCE && view->ask(&app->scene, &command); i++) {
        if (!app->config.send(app->config.self, &command)) {
            return; /* the queue is full: it asks again */
        }
        if (view->asked != NULL) {
            view->asked(&app->scene, &command);
        }
    }
}

/* When drawing, so that many keys or a long way of the mouse make one command. */
void ui_app_ask_views(struct ui_app *app)
{
    if (!loaded(app)) {
        return;
    }
    app->scene.view = app->view;
    for (int i = 1; i <= UI_VIEWS; i++) {
        const struct ui_view_ops *view = ui_view(i);
        if (view != NULL && view->ask != NULL) {
            ask_view(app, view);
        }
    }
}

static void take_changes(struct ui_app *app)
{
    app->dirty = true;
    app->anew |= !app->scene.still;
    app->scene.still = false;
    ui_app_take_set(app);
    if (app->scene.say[0] != '\0') {
        ui_app_say(app, app->scene.say_tone, "%s", app->scene.say);
        app->scene.say[0] = '\0';
    }
    if (app->scene.go != 0) {
        app->view = app->scene.go;
        app->scene.go = 0;
        app->anew = true;
    }
}

bool ui_app_view_key(struct ui_app *app, uint32_t key)
{
    const struct ui_view_ops *view = ui_view(app->view);

    app->scene.view = app->view;
    app->scene.now = app->now;
    if (!loaded(app) || view->key == NULL || !view->key(&app->scene, key)) {
        return false;
    }
    take_changes(app);
    return true;
}

bool ui_app_view_act(struct ui_app *app, enum ui_action action)
{
    const struct ui_view_ops *view = ui_view(app->view);

    app->scene.view = app->view;
    app->scene.now = app->now;
    if (view->act == NULL || !view->act(&app->scene, action)) {
        return false;
    }
    take_changes(app);
    return true;
}

bool ui_app_view_point(struct ui_app *app, const struct ui_pointer *pointer)
{
    const struct ui_view_ops *view = ui_view(app->view);

    app->scene.view = app->view;
    app->scene.now = app->now;
    if (!loaded(app) || view->point == NULL || app->help.open || app->doctor.open ||
        app->check.open || app->prompt.ask != UI_ASK_NONE || !view->point(&app->scene, pointer)) {
        return false;
    }
    take_changes(app);
    return true;
}
