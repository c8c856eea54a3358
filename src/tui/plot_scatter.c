/* plot_scatter.c - codes of many samples as glyphs on a plane, or stacked on an axis. */
#include "tui/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VOTERS = 64, CROWD = 3 };

/* Share of the points that may lie outside the frame at each end of an axis. */
static const double outside = 0.005;
/* Empty space kept around the points, and what of the frame they must fill. */
static const double margin = 0.04, filled = 0.75;

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The interval that holds nearly all of one coordinate; false when there is none. */
static bool spread(const struct ui_scatter *scatter, bool vertical, double *low, double *high)
{
    float *values = malloc((scatter->count + 1) * sizeof *values);
    size_t count = 0, cut;

    if (values == NULL) {
        return false;
    }
    for (size_t i = 0; i < scatter->count; i++) {
        float value = vertical ? scatter->points[i].y : scatter->points[i].x;
        if (isfinite(value)) {
            values[count++] = value;
        }
    }
    if (count == 0) {
        free(values);
        return false;
    }
    qsort(values, count, sizeof *values, by_value);
    cut = (size_t)((double)count * outside);
    *low = (double)values[cut];
    *high = (double)values[count - 1 - cut];
    free(values);
    return true;
}

/* Keeps the old interval while the new one lies in it and fills most of it. */
static void settle(double low, double high, double *kept_low, double *kept_high, bool set)
{
    double size = high - low;

    if (set && low >= *kept_low && high <= *kept_high &&
        size >= filled * (*kept_high - *kept_low) * (1 - 2 * margin)) {
        return;
    }
    if (!(size > 1e-9 * fmax(fabs(low), fabs(high)))) { /* one place: put it in the middle */
        size = fmax(1e-6, 0.1 * fmax(fabs(low), fabs(high)));
        low -= size / 2;
        high += size / 2;
    }
    *kept_low = low - margin * size;
    *kept_high = high + margin * size;
}

static bool frame(const struct ui_scatter *scatter, struct ui_axes *axes)
{
    double low = 0, high = 0;

    if (!spread(scatter, false, &low, &high)) {
        return false;
    }
    settle(low, high, &axes->low_x, &axes->high_x, axes->set);
    if (spread(scatter, true, &low, &high)) {
        settle(low, high, &axes->low_y, &axes->high_y, axes->set);
    }
    axes->set = true;
    return true;
}

/* The cell of a value on an axis of `cells`; the ends hold what lies beyond them. */
static int place(double value, double low, double high, int cells)
{
    double at = (value - low) / (high - low) * cells;

    return at > 0 ? (at < cells ? (int)at : cells - 1) : 0;
}

bool ui_scatter_place(struct ui_rect rect, const struct ui_axes *axes, double x, double y, int *row,
                      int *column)
{
    if (!axes->set || ui_rect_empty(rect) || !isfinite(x) || !isfinite(y)) {
        return false;
    }
    *column = rect.column + place(x, axes->low_x, axes->high_x, rect.columns);
    *row = rect.row + rect.rows - 1 - place(y, axes->low_y, axes->high_y, rect.rows);
    return true;
}

/* The points of one cell, counted by label. */
struct votes {
    uint16_t all, best;
    int32_t label;
    uint16_t by_label[VOTERS];
};

/* What is drawn, and the cells of the rectangle. */
struct field {
    struct ui_canvas *canvas;
    const struct ui_theme *theme;
    const struct ui_scatter *scatter;
    struct ui_rect rect;
    struct votes *cells;
};

static void vote(struct votes *cell, int32_t label)
{
    size_t slot = label < 0 ? VOTERS - 1 : (size_t)label % VOTERS;

    if (cell->all == UINT16_MAX) {
        return;
    }
    cell->all++;
    cell->by_label[slot]++;
    if (cell->by_label[slot] > cell->best) {
        cell->best = cell->by_label[slot];
        cell->label = label;
    }
}

static void draw_glyph(const struct field *field, int row, int column, const struct votes *cell,
                       bool shown)
{
    struct ui_style style = ui_theme_label(field->theme, cell->label, shown);
    uint32_t glyph = ui_theme_glyph(field->theme, field->scatter->names, field->scatter->classes,
                                    cell->label);

    if (cell->label < 0 && !shown) {
        glyph = cell->all >= CROWD ? 0x25CF : cell->all == 2 ? 0x2022 : 0x00B7;
        style = ui_theme_style(field->theme, UI_ROLE_ACCENT);
    } else if (cell->all >= CROWD && !shown) {
        style.attributes |= UI_BOLD;
    }
    ui_canvas_set(field->canvas, row, column, style, glyph);
}

static void draw_plane(const struct field *field, const struct ui_axes *axes)
{
    const struct ui_scatter *scatter = field->scatter;
    int row, column;

    for (size_t i = 0; i < scatter->count; i++) {
        const struct hg_code_point *point = &scatter->points[i];
        if (ui_scatter_place(field->rect, axes, (double)point->x, (double)point->y, &row,
                             &column)) {
            size_t at = (size_t)(row - field->rect.row) * (size_t)field->rect.columns +
                        (size_t)(column - field->rect.column);
            vote(&field->cells[at], point->label);
        }
    }
    for (int y = 0; y < field->rect.rows; y++) {
        for (int x = 0; x < field->rect.columns; x++) {
            const struct votes *cell =
                &field->cells[(size_t)y * (size_t)field->rect.columns + (size_t)x];
            if (cell->all > 0) {
                draw_glyph(field, field->rect.row + y, field->rect.column + x, cell, false);
            }
        }
    }
}

/* Each column's points stacked on the axis, in the order of the labels; where the
 * highest stack would leave the rectangle, a glyph stands for several points. */
static void draw_strip(const struct field *field, const struct ui_axes *axes)
{
    const struct ui_scatter *scatter = field->scatter;
    int columns = field->rect.columns, rows = field->rect.rows, highest = 0;
    int base = field->rect.row + rows - 1;

    for (size_t i = 0; i < scatter->count; i++) {
        double x = (double)scatter->points[i].x;
        if (isfinite(x)) {
            struct votes *cell = &field->cells[place(x, axes->low_x, axes->high_x, columns)];
            vote(cell, scatter->points[i].label);
            highest = cell->all > highest ? cell->all : highest;
        }
    }
    rows = rows > 1 ? rows - 1 : 1;
    for (int x = 0; x < columns; x++) {
        const struct votes *cell = &field->cells[x];
        double each = highest > rows ? (double)highest / rows : 1;
        int label = 0, below = 0, stack = (int)ceil(cell->all / each);
        for (int y = 0; y < stack; y++) {
            struct votes one = {1, 1, 0, {0}};
            int point = (int)((y + 0.5) * each);
            point = point < cell->all ? point : cell->all - 1;
            while (label < VOTERS - 1 && below + cell->by_label[label] <= point) {
                below += cell->by_label[label++];
            }
            one.label = label == VOTERS - 1 ? -1 : label;
            draw_glyph(field, base - (field->rect.rows > 1) - y, field->rect.column + x, &one,
                       false);
        }
    }
    if (field->rect.rows > 1) {
        struct ui_rect axis = {base, field->rect.column, 1, columns};
        ui_canvas_fill(field->canvas, axis, ui_theme_style(field->theme, UI_ROLE_CHROME), 0x2500);
    }
}

static void draw_here(const struct field *field, const struct ui_axes *axes)
{
    const struct ui_scatter *scatter = field->scatter;
    struct votes cell = {1, 1, scatter->here_label, {0}};
    int row, column;

    if (scatter->here &&
        ui_scatter_place(field->rect, axes, scatter->here_x,
                         scatter->codes == 1 ? axes->low_y : scatter->here_y, &row, &column)) {
        draw_glyph(field, row, column, &cell, true);
    }
}

void ui_plot_scatter(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                     const struct ui_scatter *scatter, struct ui_axes *axes)
{
    struct field field = {canvas, theme, scatter, rect, NULL};
    struct ui_axes own = {0};

    axes = axes == NULL ? &own : axes;
    if (ui_rect_empty(rect) || scatter->count == 0 || !frame(scatter, axes)) {
        return;
    }
    field.cells = calloc((size_t)rect.rows * (size_t)rect.columns, sizeof *field.cells);
    if (field.cells == NULL) {
        return; /* an empty panel, until there is memory again */
    }
    if (scatter->codes == 1) {
        draw_strip(&field, axes);
    } else {
        draw_plane(&field, axes);
    }
    draw_here(&field, axes);
    free(field.cells);
}
