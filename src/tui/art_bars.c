/* art_bars.c - a row of a table as bars. */
#include "tui/art.h"

#include <math.h>
#include <stdio.h>

enum { WIDE = 26, NARROW = 10, VALUE_COLUMNS = 6, GAP = 1 };

/* How the bars share the rectangle. */
struct plan {
    struct ui_rect rect;
    size_t bars, each; /* each: features a bar stands for */
    int across, pitch; /* columns of bars, and cells from one to the next */
    int label, value;  /* cells of number and value; 0 = left out */
    int down;          /* rows from one bar to the next */
};

static int digits(size_t number)
{
    int count = 1;

    for (; number >= 10; number /= 10) {
        count++;
    }
    return count;
}

static struct plan make_plan(struct ui_rect rect, size_t count)
{
    struct plan plan = {.rect = rect};
    size_t rows = (size_t)rect.rows;
    size_t most = (size_t)(rect.columns < 2 * NARROW ? 1 : rect.columns / NARROW);
    size_t across = (count + rows - 1) / rows;

    across = across > most ? most : across;
    plan.each = (count + rows * across - 1) / (rows * across);
    plan.bars = (count + plan.each - 1) / plan.each;
    plan.across = (int)((plan.bars + rows - 1) / rows);
    plan.pitch = (rect.columns + GAP) / plan.across;
    plan.down = 2 * plan.bars <= rows + 1 ? 2 : 1;
    plan.label = digits(count) + 1;
    plan.value = plan.pitch >= WIDE ? VALUE_COLUMNS + 1 : 0;
    if (plan.pitch - GAP - plan.label - plan.value < NARROW / 2) {
        plan.value = 0;
    }
    if (plan.pitch - GAP - plan.label < NARROW / 2) {
        plan.label = 0;
    }
    return plan;
}

static double mean(const float *values, size_t first, size_t last)
{
    double sum = 0;

    for (size_t i = first; i < last; i++) {
        sum += (double)values[i];
    }
    return sum / (double)(last - first);
}

/* A value's place along `halves` half cells. */
static int place(const struct ui_bars *bars, double value, int halves)
{
    double range = bars->highest - bars->lowest;
    double share = range > 0 ? (value - bars->lowest) / range : 0.5;

    share = share > 0 ? fmin(share, 1) : 0; /* NaN: 0 */
    return (int)(share * halves + 0.5);
}

/* The glyph of a cell of which the half cells from..to-1 are filled. */
static uint32_t glyph(int cell, int from, int to)
{
    bool left = from <= 2 * cell && to > 2 * cell;
    bool right = from <= 2 * cell + 1 && to > 2 * cell + 1;

    return left && right ? 0x2588 : left ? 0x258C : right ? 0x2590 : ' ';
}

static void draw_bar(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_spot spot,
                     const struct ui_bars *bars, const double values[2])
{
    struct ui_style style = ui_theme_style(theme, UI_ROLE_WORD);
    struct ui_style tick = ui_theme_style(theme, UI_ROLE_ACCENT);
    int halves = 2 * spot.columns;
    int zero = place(bars, bars->lowest < 0 && bars->highest > 0 ? 0 : bars->lowest, halves);
    int end = place(bars, values[0], halves);
    int from = zero < end ? zero : end, to = zero < end ? end : zero;

    if (from == to && from > 0 && from == halves) {
        from--;
    } else if (from == to) {
        to++; /* a sliver says that there is a bar */
    }
    for (int cell = 0; cell < spot.columns; cell++) {
        uint32_t character = glyph(cell, from, to);
        if (character != ' ') {
            ui_canvas_set(canvas, spot.row, spot.column + cell, style,
                          canvas->ascii ? '#' : character);
        }
    }
    if (bars->reference != NULL) {
        int cell = place(bars, values[1], halves) / 2;
        cell = cell < spot.columns ? cell : spot.columns - 1;
        ui_canvas_set(canvas, spot.row, spot.column + cell, tick, 0x2502);
    }
}

static void draw_number(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_spot spot,
                        size_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%zu ", number);
    ui_put_right(canvas, spot, ui_theme_style(theme, UI_ROLE_CHROME), text);
}

static void draw_value(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_spot spot,
                       double value)
{
    char text[32];
    double size = fabs(value);

    snprintf(text, sizeof text, size < 10 ? "%.3f" : size < 1000 ? "%.1f" : "%.0e", value);
    ui_put_right(canvas, spot, ui_theme_style(theme, UI_ROLE_VALUE), text);
}

void ui_art_bars(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                 const struct ui_bars *bars)
{
    struct plan plan;

    if (ui_rect_empty(rect) || bars->count == 0 || bars->values == NULL) {
        return;
    }
    if (rect.columns >= NARROW) { /* as wide as a picture would be */
        rect.column++;
        rect.columns -= 2;
    }
    plan = make_plan(rect, bars->count);
    for (size_t i = 0; i < plan.bars; i++) {
        size_t first = i * plan.each;
        size_t last = first + plan.each < bars->count ? first + plan.each : bars->count;
        double values[2] = {mean(bars->values, first, last), 0};
        struct ui_spot spot = {rect.row + (int)(i % (size_t)rect.rows) * plan.down,
                               rect.column + (int)(i / (size_t)rect.rows) * plan.pitch, plan.label};
        if (bars->reference != NULL) {
            values[1] = mean(bars->reference, first, last);
        }
        if (plan.label > 0) {
            draw_number(canvas, theme, spot, first + 1);
        }
        spot.column += plan.label;
        spot.columns = plan.pitch - GAP - plan.label - plan.value;
        spot.columns = spot.columns > 0 ? spot.columns : 1;
        draw_bar(canvas, theme, spot, bars, values);
        if (plan.value > 0) {
            spot.column += spot.columns;
            spot.columns = plan.value;
            draw_value(canvas, theme, spot, values[0]);
        }
    }
}
