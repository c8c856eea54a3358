/* The shown sample, what the network makes of it, and the difference. */
#include "tui/format.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

enum { TITLE = 96 };

static int channel_of(const struct ui_scene *scene)
{
    int channels = scene->snapshot->shape.channels;

    return channels == 1 || channels == 3 ? -1 : scene->channel;
}

/* `input #7 "3"`, shorter where there is less room. */
static void input_title(const struct ui_scene *scene, int columns, char title[TITLE], bool ascii)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    char name[32];

    ui_label_name(snapshot, snapshot->label, name, sizeof name);
    if (name[0] != '\0') {
        snprintf(title, TITLE, "input #%u \"%s\"", (unsigned)snapshot->sample, name);
    } else {
        snprintf(title, TITLE, "input #%u", (unsigned)snapshot->sample);
    }
    if (ui_width(title, ascii) + 4 > columns) {
        snprintf(title, TITLE, "#%u", (unsigned)snapshot->sample);
    }
}

static void draw_input_rule(const struct ui_scene *scene, const struct ui_layout *layout,
                            struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_spot spot = ui_layout_rule(layout, UI_PLACE_INPUT);
    const char *figures[3] = {NULL, NULL, NULL};
    char title[TITLE], name[32], filter[64], channel[48];
    size_t count = 0;

    input_title(scene, spot.columns, title, canvas->ascii);
    if (snapshot->held_out) {
        figures[count++] = "held out";
    }
    if (scene->filter >= 0) {
        ui_label_name(snapshot, scene->filter, name, sizeof name);
        snprintf(filter, sizeof filter, "only %s", name);
        figures[0] = filter;
        count = 1;
    }
    if (snapshot->image && channel_of(scene) >= 0) {
        snprintf(channel, sizeof channel, "channel %d of %d", scene->channel + 1,
                 snapshot->shape.channels);
        figures[0] = channel;
    }
    ui_rule_fitting(&scene->theme, spot, canvas, title, figures);
}

static void draw_output_rule(const struct ui_scene *scene, const struct ui_layout *layout,
                             struct ui_canvas *canvas)
{
    char loss[UI_NUMBER], figure[64];
    const char *figures[] = {figure, loss, NULL};

    ui_format_loss(loss, scene->figures.sample_loss);
    snprintf(figure, sizeof figure, "%s %s", hg_loss_name(scene->snapshot->loss), loss);
    ui_rule_fitting(&scene->theme, ui_layout_rule(layout, UI_PLACE_OUTPUT), canvas, "output",
                    figures);
}

static void draw_body(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas,
                      enum ui_picture_place place)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    const float *values = place == UI_PICTURE_INPUT ? snapshot->input : snapshot->output;

    if ((scene->fresh & UI_FRESH_PICTURES) == 0) {
        return;
    }
    ui_blank(canvas, rect);
    if (!snapshot->image) {
        struct ui_bars bars = {.values = values,
                               .reference = place == UI_PICTURE_INPUT ? NULL : snapshot->input,
                               .count = snapshot->features,
                               .lowest = snapshot->lowest,
                               .highest = snapshot->highest};
        ui_art_bars(canvas, &scene->theme, rect, &bars);
        return;
    }
    struct ui_picture picture = {.values = values,
                                 .shape = snapshot->shape,
                                 .channel = channel_of(scene),
                                 .lowest = snapshot->lowest,
                                 .highest = snapshot->highest};
    if (place == UI_PICTURE_DIFFERENCE) {
        picture.reference = snapshot->input;
    }
    ui_art_picture(canvas, &scene->theme, rect, &picture, &scene->memory[place]);
}

void ui_panel_pictures(struct ui_scene *scene, const struct ui_layout *layout,
                       struct ui_canvas *canvas)
{
    static const char *const none[] = {NULL};

    if (scene->snapshot->input == NULL || scene->snapshot->output == NULL) {
        return;
    }
    if (!ui_rect_empty(layout->place[UI_PLACE_INPUT])) {
        draw_input_rule(scene, layout, canvas);
        draw_body(scene, ui_layout_body(layout, UI_PLACE_INPUT), canvas, UI_PICTURE_INPUT);
    }
    if (!ui_rect_empty(layout->place[UI_PLACE_OUTPUT])) {
        draw_output_rule(scene, layout, canvas);
        draw_body(scene, ui_layout_body(layout, UI_PLACE_OUTPUT), canvas, UI_PICTURE_OUTPUT);
    }
    if (!ui_rect_empty(layout->place[UI_PLACE_DIFFERENCE]) && scene->snapshot->image) {
        ui_rule_fitting(&scene->theme, ui_layout_rule(layout, UI_PLACE_DIFFERENCE), canvas,
                        "difference", none);
        draw_body(scene, ui_layout_body(layout, UI_PLACE_DIFFERENCE), canvas,
                  UI_PICTURE_DIFFERENCE);
    }
}
