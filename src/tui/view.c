#include "tui/view.h"

#include <stdio.h>
#include <string.h>

const struct ui_view_ops *ui_view(int number)
{
    static const struct ui_view_ops *const views[UI_VIEWS + 1] = {[1] = &ui_view_train};

    return number >= 1 && number <= UI_VIEWS ? views[number] : NULL;
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

void ui_rule_fitting(const struct ui_theme *theme, struct ui_spot spot, struct ui_canvas *canvas,
                     const char *title, const char *const *figures)
{
    /* a rule's own marks: "─ Title ─ figure ─" */
    int room = spot.columns - ui_width(title, canvas->ascii) - 7;

    while (*figures != NULL && ui_width(*figures, canvas->ascii) > room) {
        figures++;
    }
    ui_rule(canvas, spot, &theme->rule, title, *figures);
}
