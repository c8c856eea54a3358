/* plot_slider.c - the row under the loss chart on which one goes back in the run's history. */
#include "tui/plot.h"
#include "tui/plot_rungs.h"

#include <math.h>

enum { HINT = 12 }; /* columns of the keys that do the same */

/* Columns of the chart in its rectangle: the names at the right have the rest. */
static int columns_of(struct ui_rect rect)
{
    return rect.columns >= 3 * UI_RUNG_COLUMNS ? rect.columns - UI_RUNG_COLUMNS : rect.columns;
}

static int column_of(const struct ui_axes *axes, int columns, uint64_t step)
{
    double at = step > 1 ? (double)step : 1, x = axes->linear_x ? at : log(at);
    int column = (int)((x - axes->low_x) / (axes->high_x - axes->low_x) * columns);

    return column < 0 ? 0 : column < columns ? column : columns - 1;
}

/* A race is shown from where it began on only. */
static bool beyond(const struct ui_axes *axes, uint64_t step)
{
    double at = step > 1 ? (double)step : 1;

    return (axes->linear_x ? at : log(at)) >= axes->low_x;
}

bool ui_slider_there(struct ui_rect rect, const struct ui_loss_chart *chart)
{
    return rect.rows >= UI_SLIDER_ROWS && chart->kept_count > 0;
}

static void put(struct ui_canvas *canvas, struct ui_rect rect, int column, struct ui_style style,
                const char *text)
{
    struct ui_spot spot = {rect.row, rect.column + column, 1};

    ui_put(canvas, spot, style, text);
}

static void put_hint(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_spot spot)
{
    static const char *const words[] = {"u", " back  ", "U", " on"};

    for (int i = 0; i < 4; i++) {
        struct ui_style style = ui_theme_style(theme, i % 2 == 0 ? UI_ROLE_KEY : UI_ROLE_WORD);
        int used = ui_put(canvas, spot, style, words[i]);
        spot.column += used;
        spot.columns -= used;
    }
}

void ui_slider_draw(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect row,
                    const struct ui_loss_chart *chart, const struct ui_axes *axes)
{
    struct ui_style line = ui_theme_style(theme, UI_ROLE_CHROME);
    struct ui_style tick = ui_theme_style(theme, UI_ROLE_WORD);
    int columns = columns_of(row), here = column_of(axes, columns, chart->here), last = here;

    for (size_t i = 0; i < chart->kept_count; i++) {
        int column = column_of(axes, columns, chart->kept[i]);
        last = column > last ? column : last;
    }
    for (int column = 0; column <= last; column++) {
        put(canvas, row, column, line, theme->utf8 ? "─" : "-");
    }
    for (size_t i = 0; i < chart->kept_count; i++) {
        if (!beyond(axes, chart->kept[i])) {
            continue;
        }
        put(canvas, row, column_of(axes, columns, chart->kept[i]), tick, theme->utf8 ? "┴" : "+");
    }
    put(canvas, row, here, ui_theme_style(theme, UI_ROLE_KEY), theme->utf8 ? "▲" : "^");
    if (columns + 1 + HINT <= row.columns && chart->kept_count > 1) {
        struct ui_spot spot = {row.row, row.column + columns + 1, row.columns - columns - 1};
        put_hint(canvas, theme, spot);
    }
}

bool ui_slider_hit(struct ui_rect rect, const struct ui_loss_chart *chart, int row, int column)
{
    return ui_slider_there(rect, chart) && row == rect.row + rect.rows - 1 &&
           column >= rect.column && column < rect.column + columns_of(rect);
}

bool ui_slider_step(struct ui_rect rect, const struct ui_loss_chart *chart,
                    const struct ui_axes *axes, int column, uint64_t *step)
{
    size_t end = chart->kept_count;
    int columns = columns_of(rect), best = -1;
    double x, at;

    if (!axes->set || columns < 1) {
        return false;
    }
    column -= rect.column;
    if (end > 0 && column >= column_of(axes, columns, chart->kept[end - 1])) {
        *step = chart->kept[end - 1]; /* the end of the line is the newest of its column */
        return true;
    }
    x = axes->low_x + (axes->high_x - axes->low_x) * (column + 0.5) / columns;
    at = axes->linear_x ? x : exp(x);
    for (size_t i = 0; i < chart->kept_count; i++) {
        if (!beyond(axes, chart->kept[i])) {
            continue;
        }
        int away = column_of(axes, columns, chart->kept[i]) - column;
        away = away < 0 ? -away : away;
        /* of those in one column the nearest step */
        if (best < 0 || away < best ||
            (away == best && fabs((double)chart->kept[i] - at) < fabs((double)*step - at))) {
            best = away;
            *step = chart->kept[i];
        }
    }
    return best >= 0;
}
