/* Where a key or the mouse goes: to a question, the help page, or an action. */
#include "tui/app.h"

#include <stdlib.h>

enum { CONTROL_C = 3, NEAR = 3 };

void ui_app_key(struct ui_app *app, uint32_t key)
{
    enum ui_action action = ui_keymap_action(&app->keymap, key);

    app->dirty = true;
    if (app->prompt.ask == UI_ASK_NONE) { /* what was asked is answered */
        app->doctor.name[0] = app->doctor.text[0] = '\0';
    }
    if (key == CONTROL_C) {
        ui_app_quit(app, true);
    } else if (app->prompt.ask != UI_ASK_NONE) {
        ui_app_answer(app, key);
    } else if (app->help.open && ui_help_key(&app->help, key)) {
        return;
    } else if (app->help.open && action != UI_ACT_SUSPEND && action != UI_ACT_REDRAW) {
        return;
    } else if (app->doctor.open) {
        ui_app_doctor_key(app, key);
    } else if (app->check.open) {
        ui_app_check_key(app, key);
    } else if (!ui_app_view_key(app, key)) {
        ui_app_act(app, action);
    }
}

static void wheel(struct ui_app *app, int direction)
{
    if (app->help.open) {
        ui_help_scroll(&app->help, 3 * direction);
        app->dirty = true;
    } else if (app->doctor.open) {
        ui_doctor_scroll(&app->doctor, 3 * direction);
        app->dirty = true;
    } else if (app->check.open) {
        app->check.still = true;
        ui_check_scroll(&app->check, 3 * direction);
        app->dirty = true;
    } else if (app->prompt.ask == UI_ASK_NONE) {
        ui_app_act(app, direction > 0 ? UI_ACT_NEXT : UI_ACT_PREVIOUS);
    }
}

/* The nearest glyph within a cell of the click is the sample to show. */
static void click(struct ui_app *app, int row, int column)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    struct ui_rect body = ui_layout_body(&app->layout, UI_PLACE_CODE);
    int best = NEAR, at_row, at_column;
    int64_t found = -1;

    if (app->view != 1 || app->help.open || app->doctor.open || app->check.open ||
        app->prompt.ask != UI_ASK_NONE || snapshot == NULL || snapshot->point == NULL ||
        ui_rect_empty(body)) {
        return;
    }
    for (size_t i = 0; i < snapshot->points; i++) {
        const struct hg_code_point *point = &snapshot->point[i];
        if (!ui_scatter_place(body, &app->scene.code_axes, (double)point->x, (double)point->y,
                              &at_row, &at_column)) {
            continue;
        }
        int away = abs(at_row - row) + abs(at_column - column);
        if (away < best) {
            best = away;
            found = point->sample;
        }
    }
    if (found >= 0) {
        ui_app_send(app, HG_DO_SHOW, found, NULL, NULL);
    }
}

void ui_app_point(struct ui_app *app, const struct ui_pointer *pointer)
{
    if (ui_app_view_point(app, pointer)) {
        return;
    }
    if (pointer->kind == UI_POINTER_WHEEL_UP || pointer->kind == UI_POINTER_WHEEL_DOWN) {
        wheel(app, pointer->kind == UI_POINTER_WHEEL_DOWN ? 1 : -1);
    } else if (pointer->kind == UI_POINTER_PRESS) {
        click(app, pointer->row, pointer->column);
    }
}
