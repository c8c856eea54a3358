/* A line over the steps, a few dots high. */
#include "tui/dots.h"
#include "tui/health.h"

#include <math.h>

struct scale {
    double low, high;
};

static double value_at(const struct ui_health_line *line, size_t point)
{
    double value = (double)line->value[point * line->stride];

    if (line->share || !isfinite(value)) {
        return value;
    }
    return value > 0 ? log10(value) : NAN;
}

static struct scale scale_of(const struct ui_health_line *line)
{
    struct scale scale = {INFINITY, -INFINITY};
    double lacking;

    if (line->share) {
        return (struct scale){0, 1};
    }
    for (size_t i = 0; i < line->count; i++) {
        double value = value_at(line, i);
        if (isfinite(value)) {
            scale.low = fmin(scale.low, value);
            scale.high = fmax(scale.high, value);
        }
    }
    lacking = 1 - (scale.high - scale.low);
    if (lacking > 0) {
        scale.low -= lacking / 2;
        scale.high += lacking / 2;
    }
    return scale;
}

static int column_of(const struct ui_health_line *line, size_t point, int columns)
{
    double step = fmax(1, (double)line->step[point]);
    double begin = line->linear ? 1 : 0, x = line->linear ? step : log(step);
    double at = line->end > begin ? (x - begin) / (line->end - begin) : 0;

    return (int)fmin(columns - 1, fmax(0, at * columns));
}

static int row_of(const struct scale *scale, double value, int rows)
{
    double at = (value - scale->low) / (scale->high - scale->low);

    return (int)lround((1 - fmin(1, fmax(0, at))) * (rows - 1));
}

void ui_health_line(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                    const struct ui_health_line *line, struct ui_style style)
{
    struct scale scale = scale_of(line);
    struct ui_dots dots;
    int before_x = -1, before_y = 0;

    ui_dots_init(&dots, canvas, theme, rect);
    for (size_t i = 0; i < line->count; i++) {
        double value = value_at(line, i);
        if (!isfinite(value)) {
            before_x = -1;
            continue;
        }
        int x = column_of(line, i, dots.columns), y = row_of(&scale, value, dots.rows);
        for (int between = before_x + 1; before_x >= 0 && between < x; between++) {
            int way = (y - before_y) * (between - before_x);
            int row = before_y + (int)lround((double)way / (x - before_x));
            ui_dots_set(&dots, row, between, style);
        }
        ui_dots_stroke(&dots, x, before_x == x ? before_y : y, y, style);
        before_x = x;
        before_y = y;
    }
}
