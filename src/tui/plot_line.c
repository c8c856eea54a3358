/* plot_line.c - the loss chart. */
#include "tui/dots.h"
#include "tui/plot.h"
#include "tui/plot_rungs.h"
#include "tui/plot_series.h"

#include <math.h>
#include <stdio.h>

enum { MOST_DOTS = 1024 };

/* Of the steps done, the share the running mean looks back over. */
static const double window = 0.2;
/* A race is shown from this share of the steps before it on. */
static const double before_race = 0.85;
/* Empty space above and below the curve, and what of the frame it must fill. */
static const double margin = 0.05, filled = 0.7;

struct chart {
    const struct ui_theme *theme;
    const struct ui_loss_chart *input;
    struct ui_axes *axes;
    struct ui_dots dots;
    int columns;              /* of dots, at most MOST_DOTS */
    double curve[MOST_DOTS];  /* the running mean by column; NaN = nothing there */
    double branch[MOST_DOTS]; /* of the branch */
    double rival[MOST_DOTS];  /* of the other run of a race */
};

static double last_step(const struct ui_loss_chart *input)
{
    double last = 1;

    if (input->series != NULL && input->series->count > 0) {
        last = (double)input->series->points[input->series->count - 1].last;
    }
    if (input->epoch_count > 0) {
        last = fmax(last, (double)input->epochs[input->epoch_count - 1].step);
    }
    if (input->branch != NULL && input->branch->count > 0) {
        last = fmax(last, (double)input->branch->points[input->branch->count - 1].last);
    }
    if (input->rival != NULL && input->rival->count > 0) {
        last = fmax(last, (double)input->rival->points[input->rival->count - 1].last);
    }
    return last;
}

/* Steps run from 1 to a little beyond the last; the end moves by leaps. Of a race from a little
 * before it began: what counts is where the two part. */
static void fit_steps(struct chart *chart)
{
    struct ui_axes *axes = chart->axes;
    double last = last_step(chart->input), first = 1;
    bool linear = chart->input->linear_steps;

    if (chart->input->rival != NULL) {
        first = fmax(1, floor(before_race * (double)chart->input->rival_from));
    }
    double low = linear ? first : log(first);
    double end = linear ? last : log(last);
    double slack = linear ? 0.75 * axes->high_x : axes->high_x - log(1.6);

    if (axes->set && axes->linear_x == linear && axes->low_x >= low && axes->low_x <= low &&
        end <= axes->high_x && end >= slack) {
        return;
    }
    axes->linear_x = linear;
    axes->low_x = low;
    axes->high_x = linear ? fmax(10, ceil(last * 1.12)) : log(fmax(10, last * 1.12));
}

static double step_at(const struct chart *chart, double column)
{
    const struct ui_axes *axes = chart->axes;
    double x = axes->low_x + (axes->high_x - axes->low_x) * column / chart->columns;

    return axes->linear_x ? x : exp(x);
}

static int column_of(const struct chart *chart, double step)
{
    const struct ui_axes *axes = chart->axes;
    double x = axes->linear_x ? step : log(step);

    return (int)((x - axes->low_x) / (axes->high_x - axes->low_x) * chart->columns);
}

static void find_curve(const struct chart *chart, const struct hg_series *series, double *curve)
{
    double end = series == NULL || series->count == 0
                     ? 0
                     : (double)series->points[series->count - 1].last;
    size_t at = 0;

    for (int i = 0; i < chart->columns; i++) {
        double from = step_at(chart, i), to = step_at(chart, i + 1);
        curve[i] = NAN;
        if (from <= end) {
            to = fmin(to, fmax(end, 1));
            from = fmin(from, to - fmax(1, window * to));
            curve[i] = ui_series_between(series, from, to, &at);
        }
    }
}

/* Another line than the curve only beyond where it parts from it. */
static void find_parted(const struct chart *chart, const struct hg_series *series, uint64_t from,
                        double *curve)
{
    find_curve(chart, series, curve);
    for (int i = 0; i < chart->columns; i++) {
        if (step_at(chart, i + 1) <= (double)from) {
            curve[i] = NAN;
        }
    }
}

/* A loss as the axis has it; NaN where it has no place. */
static double scaled(const struct chart *chart, double loss)
{
    if (!isfinite(loss)) {
        return NAN;
    }
    if (chart->axes->linear_y) {
        return loss;
    }
    return loss > 0 ? log(loss) : NAN;
}

static void widen(double value, double *low, double *high)
{
    *low = fmin(*low, value); /* fmin and fmax pass over NaN */
    *high = fmax(*high, value);
}

/* The mean floor and the next rung below the curve belong to the picture; a curve
 * that begins far above the mean is cut off so that the rest can be seen. */
static void reckon_ladder(const struct chart *chart, double *low, double *high)
{
    const struct hg_ladder *ladder = chart->input->ladder;
    double mean = ladder == NULL ? NAN : scaled(chart, ladder->mean), next = NAN;
    bool linear = chart->axes->linear_y;

    if (isnan(mean)) {
        return;
    }
    for (size_t i = 0; i < ladder->rungs && i < HG_LADDER_MOST; i++) {
        double rung = scaled(chart, ladder->pca[i]);
        if (rung < *low) {
            next = isnan(next) ? rung : fmax(next, rung);
        }
    }
    if (*low > *high) { /* no curve yet: the ladder alone */
        widen(mean, low, high);
    }
    *high = fmin(*high, linear ? 3 * ladder->mean : mean + log(20));
    *low = fmin(*low, *high);
    widen(mean, low, high);
    if (linear || next > *low - log(4)) {
        widen(next, low, high);
    }
}

static bool fit_losses(struct chart *chart)
{
    const struct ui_loss_chart *input = chart->input;
    struct ui_axes *axes = chart->axes;
    double low = INFINITY, high = -INFINITY, size;
    bool kept = axes->set && axes->linear_y == input->linear_loss;

    axes->linear_y = input->linear_loss;
    for (int i = 0; i < chart->columns; i++) {
        widen(scaled(chart, chart->curve[i]), &low, &high);
        widen(scaled(chart, chart->rival[i]), &low, &high);
        if (input->away) {
            widen(scaled(chart, chart->branch[i]), &low, &high);
        }
    }
    for (size_t i = 0; i < input->epoch_count; i++) {
        if (column_of(chart, fmax(1, (double)input->epochs[i].step)) >= 0) {
            widen(scaled(chart, input->epochs[i].validation), &low, &high);
        }
    }
    if (input->rival == NULL || !(low <= high)) {
        reckon_ladder(chart, &low, &high);
    }
    if (!(low <= high)) {
        return false;
    }
    size = high - low;
    if (kept && low >= axes->low_y && high <= axes->high_y &&
        size >= filled * (axes->high_y - axes->low_y)) {
        return true;
    }
    if (!(size > 1e-9 * fmax(fabs(low), fabs(high)))) {
        size = fmax(1e-9, 0.1 * fmax(fabs(low), fabs(high)));
    }
    axes->low_y = low - margin * size;
    axes->high_y = high + margin * size;
    return true;
}

/* The row of dots of a loss; -1 = not on the chart. A curve above the frame runs
 * along its top. */
static int row_of(const struct chart *chart, double loss, bool clip)
{
    const struct ui_axes *axes = chart->axes;
    double y = (scaled(chart, loss) - axes->low_y) / (axes->high_y - axes->low_y);

    if (isnan(y) || (!clip && (y < 0 || y > 1))) {
        return -1;
    }
    y = fmin(fmax(y, 0), 1);
    return (int)((1 - y) * (chart->dots.rows - 1) + 0.5);
}

static void draw_curve(const struct chart *chart, const double *curve, struct ui_style style)
{
    int before = -1;

    for (int i = 0; i < chart->columns; i++) {
        int row = row_of(chart, curve[i], true);
        if (row >= 0) {
            int from = before < 0 || before == row ? row : before < row ? before + 1 : before - 1;
            ui_dots_stroke(&chart->dots, i, from, row, style);
        }
        before = row;
    }
}

static void draw_validation(const struct chart *chart)
{
    struct ui_style style = ui_theme_style(chart->theme, UI_ROLE_VALIDATION);
    int cell = chart->dots.braille ? 2 : 1, free = 0;

    for (size_t i = 0; i < chart->input->epoch_count; i++) {
        const struct hg_epoch *epoch = &chart->input->epochs[i];
        int row = row_of(chart, epoch->validation, false);
        int column = column_of(chart, fmax(1, (double)epoch->step));
        column -= column % cell;
        if (row < 0 || column < free) { /* every second cell, so that the curve stays visible */
            continue;
        }
        ui_dots_set(&chart->dots, row, column, style);
        if (cell > 1) {
            ui_dots_set(&chart->dots, row, column + 1, style);
        }
        free = column + 2 * cell;
    }
}

/* A line where one is back. */
static void draw_here(const struct chart *chart)
{
    int column = column_of(chart, fmax(1, (double)chart->input->here));

    for (int row = 0; chart->input->away && row < chart->dots.rows; row += 2) {
        ui_dots_set(&chart->dots, row, column, ui_theme_style(chart->theme, UI_ROLE_CHROME));
    }
}

/* The other run's name where its curve ends, on the row beside it that is free. */
static void name_rival(const struct chart *chart, struct ui_canvas *canvas, struct ui_rect labels,
                       const struct ui_rungs *rungs)
{
    static const int beside[] = {0, 1, -1, 2, -2};
    int row = -1, cell = chart->dots.braille ? 4 : 3;

    for (int i = 0; i < chart->columns; i++) {
        int there = row_of(chart, chart->rival[i], true);
        row = there < 0 ? row : there / cell;
    }
    for (size_t i = 0; row >= 0 && i < sizeof beside / sizeof *beside; i++) {
        int at = row + beside[i];
        struct ui_spot spot = {labels.row + at, labels.column, labels.columns};
        if (at < 0 || at >= labels.rows || ui_rungs_on(rungs, at)) {
            continue;
        }
        char name[UI_RUNG_COLUMNS]; /* over the axis's own number: that is not its loss */
        snprintf(name, sizeof name, "%-*s", UI_RUNG_COLUMNS - 1, chart->input->rival_name);
        ui_put(canvas, spot, ui_theme_style(chart->theme, UI_ROLE_RIVAL), name);
        return;
    }
}

/* Values of the axis where no rung stands. */
static void draw_scale(const struct chart *chart, struct ui_canvas *canvas, struct ui_rect labels,
                       const struct ui_rungs *rungs)
{
    const struct ui_axes *axes = chart->axes;

    for (int end = 0; end < 2; end++) {
        int row = end == 0 ? 0 : labels.rows - 1;
        double y = end == 0 ? axes->high_y : axes->low_y;
        struct ui_spot spot = {labels.row + row, labels.column, labels.columns};
        char text[32];
        if (ui_rungs_near(rungs, row)) {
            continue;
        }
        ui_loss_text(text, sizeof text, axes->linear_y ? y : exp(y));
        spot.column += UI_RUNG_NAME;
        spot.columns -= UI_RUNG_NAME;
        ui_put(canvas, spot, ui_theme_style(chart->theme, UI_ROLE_CHROME), text);
    }
}

static void draw_rungs(const struct chart *chart, struct ui_canvas *canvas, struct ui_rect labels)
{
    struct ui_style style = ui_theme_style(chart->theme, UI_ROLE_RUNG);
    const struct hg_ladder *ladder = chart->input->ladder;
    struct ui_rungs rungs = {0};
    int each = chart->dots.braille ? 4 : 1;
    int gap = chart->dots.braille ? 6 : 4;

    if (ladder != NULL && isfinite(ladder->mean)) {
        ui_rungs_list(&rungs, ladder);
    }
    for (size_t i = 0; i < rungs.count; i++) {
        struct ui_rung *rung = &rungs.rung[i];
        int row = row_of(chart, rung->value, false);
        rung->row = row < 0 ? -1 : row / (chart->dots.braille ? each : 3);
        if (rung->row < 0 || ui_rungs_taken(&rungs, i)) {
            rung->row = -1;
            continue;
        }
        for (int column = 0; column < chart->columns; column += gap) {
            ui_dots_set(&chart->dots, row, column, style);
        }
        if (labels.columns > 0) {
            struct ui_spot spot = {labels.row + rung->row, labels.column, labels.columns};
            ui_put(canvas, spot, style, rung->text);
        }
    }
    if (labels.columns > 0 && labels.rows >= 4) {
        draw_scale(chart, canvas, labels, &rungs);
    }
    if (labels.columns > 0 && chart->input->rival != NULL) {
        name_rival(chart, canvas, labels, &rungs);
    }
}

void ui_plot_loss(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                  const struct ui_loss_chart *chart, struct ui_axes *axes)
{
    struct chart job = {.theme = theme, .input = chart};
    struct ui_axes own = {0};
    struct ui_rect labels = {rect.row, 0, rect.rows, 0};

    if (ui_rect_empty(rect)) {
        return;
    }
    job.axes = axes == NULL ? &own : axes;
    bool slider = ui_slider_there(rect, chart);
    struct ui_rect row = {rect.row + rect.rows - 1, rect.column, 1, rect.columns};
    rect.rows -= slider;
    labels.rows -= slider;
    if (rect.columns >= 3 * UI_RUNG_COLUMNS) {
        labels.columns = UI_RUNG_COLUMNS - 1;
        labels.column = rect.column + rect.columns - labels.columns;
        rect.columns -= UI_RUNG_COLUMNS;
    }
    ui_dots_init(&job.dots, canvas, theme, rect);
    job.columns = job.dots.columns < MOST_DOTS ? job.dots.columns : MOST_DOTS;
    fit_steps(&job);
    find_curve(&job, chart->series, job.curve);
    find_parted(&job, chart->branch, chart->branch_from, job.branch);
    find_parted(&job, chart->rival, chart->rival_from, job.rival);
    if (!fit_losses(&job)) {
        job.axes->set = false;
        return;
    }
    job.axes->set = true;
    draw_rungs(&job, canvas, labels);
    draw_here(&job);
    if (slider) {
        ui_slider_draw(canvas, theme, row, chart, job.axes);
    }
    draw_curve(&job, job.branch, ui_theme_style(theme, UI_ROLE_CHROME));
    draw_curve(&job, job.rival, ui_theme_style(theme, UI_ROLE_RIVAL));
    draw_curve(&job, job.curve, ui_theme_style(theme, UI_ROLE_ACCENT));
    draw_validation(&job);
}
