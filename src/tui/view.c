#include "tui/view.h"

#include <stdio.h>
#include <string.h>

const struct ui_view_ops *ui_view(int number)
{
    static const struct ui_view_ops *const views[UI_VIEWS + 1] = {
        [1] = &ui_view_train,   [2] = &ui_view_latent, [3] = &ui_view_network,
        [4] = &ui_view_filters, [5] = &ui_view_health, [6] = &ui_view_experiment};

    return number >= 1 && number <= UI_VIEWS ? views[number] : NULL;
}

bool ui_views_begin(struct ui_scene *scene)
{
    for (int i = 1; i <= UI_VIEWS; i++) {
        const struct ui_view_ops *view = ui_view(i);
        if (view != NULL && view->begin != NULL && !view->begin(scene)) {
            return false;
        }
    }
    return true;
}

void ui_views_renew(struct ui_scene *scene)
{
    for (int i = 1; i <= UI_VIEWS; i++) {
        const struct ui_view_ops *view = ui_view(i);
        if (view != NULL && view->renew != NULL) {
            view->renew(scene);
        }
    }
}

void ui_views_forget(struct ui_scene *scene)
{
    for (int i = 1; i <= UI_VIEWS; i++) {
        const struct ui_view_ops *view = ui_view(i);
        if (view != NULL && view->forget != NULL) {
            view->forget(scene);
        }
    }
}

void ui_views_end(struct ui_scene *scene)
{
    for (int i = 1; i <= UI_VIEWS; i++) {
        const struct ui_view_ops *view = ui_view(i);
        if (view != NULL && view->end != NULL) {
            view->end(scene);
        }
    }
}

bool ui_views_take(struct ui_scene *scene)
{
    bool anew = false;

    for (int i = 1; i <= UI_VIEWS; i++) {
        const struct ui_view_ops *view = ui_view(i);
        if (view != NULL && view->take != NULL && view->take(scene)) {
            anew = true;
        }
    }
    return anew;
}

void ui_label_name(const struct hg_snapshot *snapshot, int32_t label, char *out, size_t size)
{
    size_t named = sizeof snapshot->class_names / sizeof snapshot->class_names[0];

    if (label < 0) {
        snprintf(out, size, "%s", "");
    } else if ((size_t)label < named && snapshot->class_names[label][0] != '\0') {
        snprintf(out, size, "%s", snapshot->class_names[label]);
    } else {
        snprintf(out, size, "%d", (int)label);
    }
}

void ui_blank(struct ui_canvas *canvas, struct ui_rect rect)
{
    struct ui_style plain = {UI_DEFAULT, UI_DEFAULT, 0};

    ui_canvas_fill(canvas, rect, plain, ' ');
}

/* "─ Title ─ figure ─": one dash between is enough; so narrow panels keep their figure. */
void ui_rule_fitting(const struct ui_theme *theme, struct ui_spot spot, struct ui_canvas *canvas,
                     const char *title, const char *const *figures)
{
    int room = spot.columns - ui_width(title, canvas->ascii) - 7;
    char text[256];

    ui_rule(canvas, spot, &theme->rule, title, NULL);
    while (*figures != NULL && ui_width(*figures, canvas->ascii) > room) {
        figures++;
    }
    if (*figures != NULL) {
        snprintf(text, sizeof text, " %s ", *figures);
        spot.columns--;
        ui_put_right(canvas, spot, theme->rule.figure, text);
    }
}
