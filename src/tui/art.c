/* art.c - the geometry of pictures and the memory of what was drawn. */
#include "tui/art.h"
#include "tui/art_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int at_least(double value, int low)
{
    return value < low ? low : (int)value;
}

/* Columns and half rows a picture takes: a cell is about twice as high as wide. */
static void size_in_halves(struct ui_grid *grid, struct ui_rect rect, int *columns, int *halves)
{
    int wide = grid->source_columns, high = grid->source_rows;
    int scale = least(rect.columns / wide, 2 * rect.rows / high);
    double shrink;

    if (scale >= 1) {
        if (grid->kind == UI_GRID_CELLS && scale > 1) {
            scale -= scale % 2;
        }
        *columns = wide * scale;
        *halves = high * scale;
    } else {
        shrink = fmin((double)rect.columns / wide, 2.0 * rect.rows / high);
        *columns = least(at_least(wide * shrink + 0.5, 1), rect.columns);
        *halves = least(at_least(high * shrink + 0.5, 1), 2 * rect.rows);
    }
    grid->step_x = (double)wide / *columns;
    grid->step_y = (double)high / *halves;
}

void ui_grid_fit(struct ui_grid *grid, enum ui_grid_kind kind, struct ui_rect rect, int rows,
                 int columns)
{
    int wide, halves;

    memset(grid, 0, sizeof *grid);
    grid->kind = kind;
    if (ui_rect_empty(rect) || rows < 1 || columns < 1) {
        return;
    }
    grid->source_rows = rows;
    grid->source_columns = columns;
    size_in_halves(grid, rect, &wide, &halves);
    grid->rect.columns = wide;
    grid->rect.rows = (halves + 1) / 2;
    grid->rect.row = rect.row + (rect.rows - grid->rect.rows) / 2;
    grid->rect.column = rect.column + (rect.columns - wide) / 2;
    grid->columns = wide;
    grid->rows = halves;
    if (kind == UI_GRID_CELLS) {
        grid->rows = grid->rect.rows;
        grid->step_y *= 2;
    } else if (kind == UI_GRID_DOTS) {
        grid->columns *= 2;
        grid->rows *= 2;
        grid->step_x /= 2;
        grid->step_y /= 2;
    }
}

/* The pixels first..last-1 that an interval touches. */
static void touched(double from, double to, int end, int *first, int *last)
{
    *first = least(at_least(from + 1e-9, 0), end - 1);
    *last = least(at_least(ceil(to - 1e-9), *first + 1), end);
}

static double overlap(double from, double to, int pixel)
{
    double share = fmin(to, pixel + 1.0) - fmax(from, pixel);

    return share > 0 ? share : 0;
}

double ui_grid_sample(const struct ui_grid *grid, const float *plane, int row, int column)
{
    double top = row * grid->step_y, bottom = top + grid->step_y;
    double left = column * grid->step_x, right = left + grid->step_x;
    double sum = 0, weight = 0;
    int first_row, last_row, first, last;

    touched(top, bottom, grid->source_rows, &first_row, &last_row);
    touched(left, right, grid->source_columns, &first, &last);
    if (last_row - first_row == 1 && last - first == 1) {
        return (double)plane[(size_t)first_row * (size_t)grid->source_columns + (size_t)first];
    }
    for (int y = first_row; y < last_row; y++) {
        const float *pixels = &plane[(size_t)y * (size_t)grid->source_columns];
        double share = overlap(top, bottom, y);
        for (int x = first; x < last; x++) {
            double part = share * overlap(left, right, x);
            sum += part * (double)pixels[x];
            weight += part;
        }
    }
    return weight > 0 ? sum / weight : 0;
}

struct ui_rect ui_art_fit(const struct ui_theme *theme, struct ui_rect rect, int rows, int columns)
{
    struct ui_grid grid;
    enum ui_grid_kind kind = theme->art == HG_ART_ASCII || !theme->utf8 ? UI_GRID_CELLS
                                                                        : UI_GRID_HALVES;

    ui_grid_fit(&grid, kind, rect, rows, columns);
    return grid.rect;
}

void ui_art_memory_fini(struct ui_art_memory *memory)
{
    free(memory->steps);
    memset(memory, 0, sizeof *memory);
}

void ui_art_memory_reset(struct ui_art_memory *memory)
{
    memory->rows = memory->columns = 0;
}
