/* Where the network places the samples. */
#include "tui/format.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

/* "+0.4 +2.0": as many values as there is room for. */
static void values(const struct ui_scene *scene, size_t most, int digits, char *out, size_t size)
{
    size_t count = scene->snapshot->codes, length = 0;

    out[0] = '\0';
    count = count < most ? count : most;
    count = count < HG_SNAPSHOT_CODES ? count : HG_SNAPSHOT_CODES;
    for (size_t i = 0; i < count && length + UI_NUMBER + 1 < size; i++) {
        char number[UI_NUMBER];
        ui_format_code(number, scene->figures.code[i], digits);
        length += (size_t)snprintf(out + length, size - length, "%s%s", i > 0 ? " " : "", number);
    }
}

static void draw_rule(const struct ui_scene *scene, const struct ui_layout *layout,
                      struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    char axes[64], of[96], both[192], short_of[64], code[64];
    char points[UI_NUMBER], samples[UI_NUMBER];
    const char *figures[] = {both, of, short_of, code, NULL};
    bool now = !ui_rect_empty(layout->place[UI_PLACE_NOW]);

    snprintf(of, sizeof of, "%s of %s samples", ui_format_count(points, snapshot->points),
             ui_format_count(samples, snapshot->samples));
    if (snapshot->codes > 2) {
        snprintf(axes, sizeof axes, "2 main axes of %zu values", snapshot->codes);
        snprintf(both, sizeof both, "%s, %s", axes, of);
        snprintf(of, sizeof of, "%s", axes);
        snprintf(short_of, sizeof short_of, "2 of %zu axes", snapshot->codes);
        snprintf(code, sizeof code, "2 of %zu", snapshot->codes);
    } else {
        values(scene, 2, 1, code, sizeof code);
        snprintf(both, sizeof both, "%s", now ? of : code);
        snprintf(short_of, sizeof short_of, "%s", code);
    }
    ui_rule_fitting(&scene->theme, ui_layout_rule(layout, UI_PLACE_CODE), canvas, "code", figures);
}

void ui_panel_code(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;

    if (ui_rect_empty(layout->place[UI_PLACE_CODE])) {
        return;
    }
    draw_rule(scene, layout, canvas);
    if (snapshot->point == NULL || (scene->fresh & UI_FRESH_CODE) == 0) {
        return;
    }
    ui_blank(canvas, ui_layout_body(layout, UI_PLACE_CODE));
    struct ui_scatter scatter = {.points = snapshot->point,
                                 .count = snapshot->points,
                                 .names = snapshot->class_names,
                                 .classes = snapshot->classes,
                                 .codes = snapshot->codes,
                                 .here = true,
                                 .here_x = (double)snapshot->here_x,
                                 .here_y = (double)snapshot->here_y,
                                 .here_label = snapshot->label};
    ui_plot_scatter(canvas, &scene->theme, ui_layout_body(layout, UI_PLACE_CODE), &scatter,
                    &scene->code_axes);
}
