/* latent_plane.c - points of a plane on the cells of a panel. */
#include "tui/latent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far beyond the border of its cell a point may be and still stay, in cells. */
static const float slack = 0.35F;

static int clamp(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

/* The cell of `value` on an axis; the one it was in while it is near. */
static int16_t settle(float value, float low, float high, int cells, int held)
{
    float at = high > low ? (value - low) / (high - low) * (float)cells : (float)cells / 2;

    if (!isfinite(at)) {
        return (int16_t)(held >= 0 ? held : cells / 2);
    }
    if (held >= 0 && at >= (float)held - slack && at <= (float)held + 1 + slack) {
        return (int16_t)held;
    }
    return (int16_t)clamp((int)fminf(fmaxf(floorf(at), -1), 30000), cells - 1);
}

static bool make_room(struct ui_plane *plane, struct ui_rect rect)
{
    size_t cells = (size_t)rect.rows * (size_t)rect.columns;

    if (cells > plane->room) {
        int32_t *cell = realloc(plane->cell, cells * sizeof *cell);
        if (cell == NULL) {
            return false;
        }
        plane->cell = cell;
        plane->room = cells;
    }
    return true;
}

/* Is the frame the one the points' cells were found in? */
static bool same_frame(const struct ui_plane *plane, struct ui_rect rect,
                       const struct ui_plane_points *points)
{
    return plane->rows == rect.rows && plane->columns == rect.columns &&
           plane->left == points->left && plane->right == points->right &&
           plane->bottom == points->bottom && plane->top == points->top;
}

static void place_points(struct ui_plane *plane, const struct ui_plane_points *points, bool held)
{
    size_t count = points->count < HG_LATENT_POINTS ? points->count : HG_LATENT_POINTS;

    for (size_t i = 0; i < count; i++) {
        const struct hg_latent_point *from = &points->point[i];
        struct ui_plane_point *to = &plane->point[i];
        bool stays = held && i < plane->count && to->sample == from->sample;
        int row = stays ? plane->rows - 1 - to->row : -1;
        to->column = settle(from->x, points->left, points->right, plane->columns,
                            stays ? to->column : -1);
        row = settle(from->y, points->bottom, points->top, plane->rows, row);
        to->row = (int16_t)(plane->rows - 1 - row);
        to->sample = from->sample;
        to->label = from->label;
    }
    plane->count = count;
}

struct vote {
    int32_t cell, label;
};

static int by_cell(const void *a, const void *b)
{
    const struct vote *x = a, *y = b;

    return x->cell != y->cell ? (x->cell > y->cell) - (x->cell < y->cell)
                              : (x->label > y->label) - (x->label < y->label);
}

static size_t collect(const struct ui_plane *plane, struct vote votes[HG_LATENT_POINTS])
{
    for (size_t i = 0; i < plane->count; i++) {
        votes[i].cell = plane->point[i].row * plane->columns + plane->point[i].column;
        votes[i].label = plane->point[i].label;
    }
    qsort(votes, plane->count, sizeof *votes, by_cell);
    return plane->count;
}

/* Each cell shows the commonest label of its points; of several the one it showed before. */
static void count_votes(struct ui_plane *plane)
{
    struct vote votes[HG_LATENT_POINTS];
    size_t count = collect(plane, votes), cells = (size_t)plane->rows * (size_t)plane->columns;
    size_t filled = 0;

    for (size_t first = 0, last; first < count; first = last) {
        int32_t cell = votes[first].cell, before = plane->cell[cell], best = -1;
        size_t most = 0;
        for (last = first; last < count && votes[last].cell == cell;) {
            size_t run = last;
            while (run < count && votes[run].cell == cell &&
                   votes[run].label == votes[last].label) {
                run++;
            }
            if (run - last > most || (run - last == most && votes[last].label == before)) {
                most = run - last;
                best = votes[last].label;
            }
            last = run;
        }
        votes[filled++] = (struct vote){cell, best};
    }
    for (size_t i = 0; i < cells; i++) {
        plane->cell[i] = UI_PLANE_EMPTY;
    }
    for (size_t i = 0; i < filled; i++) {
        plane->cell[votes[i].cell] = votes[i].label;
    }
}

static int by_column(const void *a, const void *b)
{
    const struct ui_plane_point *x = *(const struct ui_plane_point *const *)a;
    const struct ui_plane_point *y = *(const struct ui_plane_point *const *)b;

    return x->column != y->column ? (x->column > y->column) - (x->column < y->column)
                                  : (x->label > y->label) - (x->label < y->label);
}

/* Points of a column stand on the axis, by label; where the highest stack would not fit, one glyph
 * stands for several of them. */
static void stack_points(struct ui_plane *plane)
{
    struct ui_plane_point *order[HG_LATENT_POINTS];
    size_t cells = (size_t)plane->rows * (size_t)plane->columns, highest = 1, height = 0;
    size_t rows = (size_t)(plane->rows > 1 ? plane->rows - 1 : 1), each;

    for (size_t i = 0; i < cells; i++) {
        plane->cell[i] = UI_PLANE_EMPTY;
    }
    for (size_t i = 0; i < plane->count; i++) {
        order[i] = &plane->point[i];
    }
    qsort(order, plane->count, sizeof *order, by_column);
    for (size_t i = 0; i < plane->count; i++) {
        height = i > 0 && order[i]->column == order[i - 1]->column ? height + 1 : 1;
        highest = height > highest ? height : highest;
    }
    each = (highest + rows - 1) / rows;
    for (size_t i = 0; i < plane->count; i++) {
        height = i > 0 && order[i]->column == order[i - 1]->column ? height + 1 : 0;
        order[i]->row = (int16_t)(rows - 1 - height / each);
        plane->cell[(size_t)order[i]->row * (size_t)plane->columns + (size_t)order[i]->column] =
            order[i]->label;
    }
}

bool ui_plane_update(struct ui_plane *plane, struct ui_rect rect,
                     const struct ui_plane_points *points)
{
    bool held = same_frame(plane, rect, points);

    if (ui_rect_empty(rect) || !make_room(plane, rect)) {
        plane->rows = plane->columns = 0;
        plane->count = 0;
        return false;
    }
    if (!held) {
        plane->count = 0;
        for (size_t i = 0; i < (size_t)rect.rows * (size_t)rect.columns; i++) {
            plane->cell[i] = UI_PLANE_EMPTY;
        }
    }
    plane->rows = rect.rows;
    plane->columns = rect.columns;
    plane->left = points->left;
    plane->right = points->right;
    plane->bottom = points->bottom;
    plane->top = points->top;
    place_points(plane, points, held);
    if (points->strip) {
        stack_points(plane);
    } else {
        count_votes(plane);
    }
    return true;
}

void ui_plane_draw(const struct ui_plane *plane, const struct ui_scene *scene, struct ui_rect rect,
                   struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_style plain = {UI_DEFAULT, UI_DEFAULT, 0};

    if (plane->rows != rect.rows || plane->columns != rect.columns) {
        return;
    }
    for (int row = 0; row < rect.rows; row++) {
        for (int column = 0; column < rect.columns; column++) {
            int32_t label = plane->cell[row * rect.columns + column];
            uint32_t glyph = ' ';
            struct ui_style style = plain;
            if (label != UI_PLANE_EMPTY) {
                glyph = ui_theme_glyph(&scene->theme, snapshot->class_names, snapshot->classes,
                                       label);
                style = label < 0 ? ui_theme_style(&scene->theme, UI_ROLE_ACCENT)
                                  : ui_theme_label(&scene->theme, label, false);
            }
            ui_canvas_set(canvas, rect.row + row, rect.column + column, style, glyph);
        }
    }
}

bool ui_plane_find(const struct ui_plane *plane, uint32_t sample, int *row, int *column)
{
    for (size_t i = 0; i < plane->count; i++) {
        if (plane->point[i].sample == sample) {
            *row = plane->point[i].row;
            *column = plane->point[i].column;
            return true;
        }
    }
    return false;
}

int64_t ui_plane_near(const struct ui_plane *plane, int row, int column)
{
    int64_t found = -1;
    int best = 3;

    for (size_t i = 0; i < plane->count; i++) {
        int away = abs(plane->point[i].row - row) + abs(plane->point[i].column - column);
        if (away < best) {
            best = away;
            found = plane->point[i].sample;
        }
    }
    return found;
}

void ui_plane_fini(struct ui_plane *plane)
{
    free(plane->cell);
    plane->cell = NULL;
    plane->room = plane->count = 0;
    plane->rows = plane->columns = 0;
}
