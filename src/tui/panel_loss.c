/* The loss chart, and the numbers on its rule. */
#include "tui/format.h"
#include "tui/race.h"

#include <math.h>
#include <stdio.h>

/* Before the first epoch is over the running mean is all there is. */
static double train_loss(const struct ui_figures *figures)
{
    return isnan(figures->train) ? figures->running : figures->train;
}

/* "train 0.0374  validation 0.0443  epoch 40  118k/s", for when "now" is not there. */
static void numbers(const struct ui_scene *scene, const char *validation, char *out, size_t size)
{
    char train[UI_NUMBER], held[UI_NUMBER], epoch[UI_NUMBER], middle[64] = "";
    char speed[UI_NUMBER], rate[UI_NUMBER + 8] = "      –"; /* as wide as a speed */
    const struct ui_figures *figures = &scene->figures;

    ui_format_loss(train, train_loss(figures));
    ui_format_count(epoch, figures->epoch);
    if (figures->samples_per_s > 0) {
        snprintf(rate, sizeof rate, "%5s/s", ui_format_speed(speed, figures->samples_per_s));
    }
    if (!isnan(figures->validation)) {
        snprintf(middle, sizeof middle, "  %s %s", validation,
                 ui_format_loss(held, figures->validation));
    }
    snprintf(out, size, "train %-6s%s  epoch %s  %s", train, middle, epoch, rate);
}

static void draw_rule(const struct ui_scene *scene, const struct ui_layout *layout,
                      struct ui_canvas *canvas)
{
    char first[160], second[160], third[64], fourth[64], number[UI_NUMBER], step[UI_NUMBER];
    const char *figures[] = {first, second, third, fourth, NULL};
    bool now = !ui_rect_empty(layout->place[UI_PLACE_NOW]);
    const struct hg_snapshot *snapshot = scene->snapshot;

    if (ui_race_rule(scene, ui_layout_rule(layout, UI_PLACE_LOSS), canvas)) {
        return;
    }
    if (snapshot->away) {
        char tip[UI_NUMBER];
        ui_format_count(step, snapshot->step);
        ui_format_count(tip, snapshot->tip);
        snprintf(first, sizeof first, "back at step %s of %s: u U go on, space branches off", step,
                 tip);
        snprintf(second, sizeof second, "back at step %s of %s", step, tip);
    } else if (now) {
        snprintf(first, sizeof first, "steps 1 … %s, %s%s",
                 ui_format_count(step, scene->figures.step), scene->linear_steps ? "linear" : "log",
                 scene->linear_loss ? "; loss linear" : "");
        snprintf(second, sizeof second, "steps 1 … %s", step);
    } else {
        numbers(scene, "validation", first, sizeof first);
        numbers(scene, "val", second, sizeof second);
    }
    snprintf(third, sizeof third, "train %-6s  epoch %s",
             ui_format_loss(number, train_loss(&scene->figures)),
             ui_format_count(step, scene->figures.epoch));
    snprintf(fourth, sizeof fourth, "%s", number);
    ui_rule_fitting(&scene->theme, ui_layout_rule(layout, UI_PLACE_LOSS), canvas, "loss", figures);
}

/* A resumed run has its batch losses from the resumption on; before it there are the epochs. */
static const struct hg_series *whole_series(struct ui_scene *scene)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    const struct hg_series *series = snapshot->series;
    struct hg_series *merged = &scene->merged;
    uint64_t first, last = 0;

    if (series == NULL || snapshot->history == NULL || snapshot->epochs == 0) {
        return series;
    }
    first = series->count > 0 ? series->points[0].first : UINT64_MAX;
    merged->count = 0;
    for (size_t i = 0; i < snapshot->epochs && snapshot->history[i].step < first; i++) {
        const struct hg_epoch *epoch = &snapshot->history[i];
        merged->points[merged->count++] = (struct hg_series_point){last + 1, epoch->step,
                                                                   epoch->train};
        last = epoch->step;
    }
    if (merged->count == 0) {
        return series;
    }
    for (size_t i = 0; i < series->count && merged->count < HG_SERIES_MOST; i++) {
        merged->points[merged->count++] = series->points[i];
    }
    return merged;
}

void ui_panel_loss(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;

    if (ui_rect_empty(layout->place[UI_PLACE_LOSS])) {
        return;
    }
    draw_rule(scene, layout, canvas);
    ui_blank(canvas, ui_layout_body(layout, UI_PLACE_LOSS));
    struct ui_loss_chart chart = {.series = whole_series(scene),
                                  .epochs = snapshot->history,
                                  .epoch_count = snapshot->history == NULL ? 0 : snapshot->epochs,
                                  .ladder = &snapshot->ladder,
                                  .linear_steps = scene->linear_steps,
                                  .linear_loss = scene->linear_loss,
                                  .branch = snapshot->branch,
                                  .branch_from = snapshot->branch_from,
                                  .kept = snapshot->kept_step,
                                  .kept_count = snapshot->kept,
                                  .away = snapshot->away,
                                  .here = snapshot->step};
    if (snapshot->rival.racing) {
        chart.rival = snapshot->rival.series;
        chart.rival_from = snapshot->rival.from;
        chart.rival_name = ui_race_other(&snapshot->rival);
    }
    scene->slide.rect = ui_layout_body(layout, UI_PLACE_LOSS);
    ui_plot_loss(canvas, &scene->theme, ui_layout_body(layout, UI_PLACE_LOSS), &chart,
                 &scene->loss_axes);
}
