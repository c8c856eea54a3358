/* A frame: the view, the frame around it, a question or the help page. */
#include "tui/app.h"

#include "hourglass/text.h"

#include <stdio.h>

static void draw_waiting(struct ui_app *app, struct ui_canvas *canvas)
{
    const struct ui_theme *theme = &app->scene.theme;
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    bool failed = snapshot != NULL && snapshot->state == HG_STATE_FAILED;
    int row = canvas->rows / 2 - (canvas->rows > 2);
    struct ui_spot spot = {row, 2, canvas->columns - 4};

    app->anew = true; /* what comes next is another screen */
    if (canvas->columns < 8) {
        spot.column = 0;
        spot.columns = canvas->columns;
    }
    if (failed) {
        ui_put_cut(canvas, spot, ui_theme_tone(theme, HG_TONE_BAD), snapshot->message);
        spot.row += 2;
        if (spot.row < canvas->rows - 1) {
            ui_put_cut(canvas, spot, ui_theme_style(theme, UI_ROLE_WORD),
                       ":open FILE opens something else, q quits.");
        }
    } else {
        char name[128], text[160];
        hg_text_sanitize(name, sizeof name, app->spec.name);
        snprintf(text, sizeof text, "Loading %s …", name);
        ui_put_cut(canvas, spot, ui_theme_style(theme, UI_ROLE_WORD), text);
    }
}

static void draw_view(struct ui_app *app, struct ui_layout *layout, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    struct ui_wishes wishes = {.image = true, .rows = 28, .columns = 28, .codes = 2};

    if (snapshot == NULL || snapshot->state == HG_STATE_LOADING ||
        snapshot->state == HG_STATE_FAILED) {
        ui_layout(canvas->rows, canvas->columns, &wishes, layout);
        draw_waiting(app, canvas);
        return;
    }
    wishes.image = snapshot->image;
    wishes.rows = snapshot->shape.rows;
    wishes.columns = snapshot->shape.columns;
    wishes.features = snapshot->features;
    wishes.codes = snapshot->codes;
    ui_layout(canvas->rows, canvas->columns, &wishes, layout);
    if (app->doctor.open) {
        struct ui_rect page = {1, 0, canvas->rows - 3, canvas->columns};
        ui_doctor_draw(&app->doctor, &app->scene, page, canvas);
    } else if (app->check.open) {
        struct ui_rect page = {1, 0, canvas->rows - 3, canvas->columns};
        ui_check_draw(&app->check, &app->scene, page, canvas);
    } else {
        ui_view(app->view)->draw(&app->scene, layout, canvas);
    }
}

/* A question must be seen even where there is no room for the sentence. */
static struct ui_rect prompt_place(const struct ui_layout *layout, struct ui_rect *hints)
{
    struct ui_rect rect = layout->place[UI_PLACE_SENTENCE];

    *hints = layout->place[UI_PLACE_FOOTER];
    if (ui_rect_empty(rect)) {
        rect = *hints;
        hints->rows = 0;
    }
    if (ui_rect_empty(rect)) {
        rect = (struct ui_rect){layout->rows - 1, 0, 1, layout->columns};
    }
    return rect;
}

/* Which costly panels this frame draws: in turn, one a frame. */
static unsigned choose_fresh(struct ui_app *app, enum ui_draw amount)
{
    const struct ui_view_ops *view = ui_view(app->view);
    unsigned all = view->turns != 0 ? view->turns : UI_FRESH_PICTURES | UI_FRESH_CODE;
    unsigned stale = app->stale & all, later;

    if (amount == UI_DRAW_ALL) {
        return UI_FRESH_ALL;
    }
    if (amount == UI_DRAW_WORDS) {
        return 0;
    }
    app->stale = stale;
    later = stale & ~(2 * app->turn - 1); /* bits above the one drawn last */
    stale = later != 0 ? later : stale;
    app->turn = stale & -stale; /* the lowest */
    return app->turn;
}

void ui_app_draw(struct ui_app *app, struct ui_canvas *canvas, enum ui_draw amount, int cursor[2])
{
    struct ui_layout *layout = &app->layout;

    app->scene.view = app->view;
    app->scene.now = app->now;
    if (app->anew || app->help.open || app->doctor.open || app->check.open ||
        layout->rows != canvas->rows || layout->columns != canvas->columns) {
        amount = UI_DRAW_ALL;
    }
    cursor[0] = cursor[1] = -1;
    ui_app_show(app);
    app->scene.fresh = choose_fresh(app, amount);
    app->stale &= ~app->scene.fresh;
    app->dirty = app->stale != 0;
    app->anew = app->help.open || app->doctor.open || app->check.open;
    if (amount == UI_DRAW_ALL) {
        ui_canvas_clear(canvas);
    }
    if (app->help.open) {
        ui_help_draw(&app->help, &app->scene.theme, app->scene.snapshot, canvas);
        return;
    }
    draw_view(app, layout, canvas);
    app->behind = ui_app_is_behind(app);
    ui_app_ask_views(app);
    ui_app_ask_doctor(app);
    ui_app_ask_check(app);
    ui_panel_header(&app->scene, layout->place[UI_PLACE_HEADER], canvas);
    if (app->prompt.ask != UI_ASK_NONE) {
        struct ui_rect hints, rect = prompt_place(layout, &hints);
        ui_prompt_draw(&app->prompt, &app->scene.theme, rect, hints, canvas, cursor);
        return;
    }
    ui_panel_sentence(&app->scene, layout->place[UI_PLACE_SENTENCE], canvas);
    if (app->doctor.open && app->scene.snapshot != NULL) {
        ui_doctor_footer(&app->doctor, &app->scene, layout->place[UI_PLACE_FOOTER], canvas);
    } else if (app->check.open && app->scene.snapshot != NULL) {
        ui_check_footer(&app->check, &app->scene, layout->place[UI_PLACE_FOOTER], canvas);
    } else {
        const struct ui_view_ops *view = ui_view(app->view);
        ui_panel_footer(&app->scene, layout->place[UI_PLACE_FOOTER], canvas);
        if (app->scene.snapshot != NULL && view->cursor != NULL) {
            view->cursor(&app->scene, cursor);
        }
    }
}
