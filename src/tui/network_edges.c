/* network_edges.c - weights as strokes between the nodes: colour for the sign, heavier for more. */
#include "tui/network.h"

#include "tui/dots.h"

#include <math.h>
#include <stdlib.h>

/* From dot to dot, `weight` dots wide; `dashed`: every other two. */
struct stroke {
    int x0, y0, x1, y1;
    int weight;
    bool dashed;
    struct ui_style style;
};

static void draw_stroke(const struct ui_dots *dots, const struct stroke *stroke)
{
    int wide = abs(stroke->x1 - stroke->x0), high = abs(stroke->y1 - stroke->y0);
    int steps = wide > high ? wide : high;

    for (int i = 0; i <= steps; i++) {
        int x = stroke->x0 + (steps ? (stroke->x1 - stroke->x0) * i / steps : 0);
        int y = stroke->y0 +
                (steps ? (int)lround((double)(stroke->y1 - stroke->y0) * i / steps) : 0);
        if (stroke->dashed && i / 2 % 2 != 0) {
            continue;
        }
        for (int k = 0; k < stroke->weight; k++) {
            ui_dots_set(dots, y - stroke->weight / 2 + k, x, stroke->style);
        }
    }
}

/* The same in whole cells: - / | and the like. */
static void draw_letters(struct ui_canvas *canvas, const struct stroke *stroke)
{
    int wide = stroke->x1 - stroke->x0, before = stroke->y0;

    for (int x = stroke->x0; x <= stroke->x1; x++) {
        double share = wide > 0 ? (double)(x - stroke->x0 + 1) / (wide + 1) : 1;
        int y = stroke->y0 + (int)lround(share * (stroke->y1 - stroke->y0));
        int step = y > before ? 1 : -1;
        char slope = y > before ? '\\' : '/';
        if (stroke->dashed && x % 2 != 0) {
            before = y;
            continue;
        }
        if (y == before) {
            ui_canvas_set(canvas, y, x, stroke->style, '-');
        }
        for (int row = before; row != y; row += step) {
            bool end = row + step == y;
            ui_canvas_set(canvas, row + (step > 0), x, stroke->style,
                          (uint32_t)(unsigned char)(end ? slope : '|'));
        }
        before = y;
    }
}

struct ui_style ui_network_style(const struct ui_theme *theme, double value, double share,
                                 bool strong)
{
    struct ui_style style = ui_theme_style(theme, UI_ROLE_VALUE);
    int middle = UI_DIFFERENCE_STEPS / 2, step;

    if (theme->colours == 0) {
        style.attributes = strong ? UI_BOLD : share < 0.34 ? UI_DIM : 0;
        return style;
    }
    step = strong ? 4 + (share > 0.5) : 3 + (share > 0.6);
    style.fg = ui_palette_difference(theme, value < 0 ? middle - step : middle + step);
    return style;
}

/* More strokes than this could not be told apart. */
static int most_of(const struct ui_network_place *place, const struct hg_network *shown, int right)
{
    enum { WHOLE = 42 };
    int pairs = (int)(shown->column[right - 1].count * shown->column[right].count);

    return pairs <= WHOLE ? pairs : place->rows * 2 / 3;
}

static void draw_edge(const struct ui_scene *scene, const struct ui_network_place *place,
                      const struct ui_network_columns *columns, const struct ui_dots *dots,
                      const struct hg_network_edge *edge)
{
    const struct hg_network *shown = scene->snapshot->network;
    const struct hg_network_column *left = &shown->column[edge->column - 1];
    const struct hg_network_column *right = &shown->column[edge->column];
    int across = dots->braille ? 2 : 1, down = dots->braille ? 4 : 1, at;
    double share = right->strongest > 0 ? fabs((double)edge->weight) / (double)right->strongest : 0;
    struct ui_rect rect = dots->rect;

    at = edge->column - columns->first;
    if (!dots->braille) { /* cells of the canvas, no dots */
        rect.row = rect.column = 0;
    }
    struct stroke stroke = {
        .x0 = (columns->x[at - 1] + columns->wide - rect.column) * across,
        .x1 = (columns->x[at] - rect.column) * across - 1,
        .y0 = (ui_network_row(place, (int)left->count, edge->from) - rect.row) * down + down / 2,
        .y1 = (ui_network_row(place, (int)right->count, edge->to) - rect.row) * down + down / 2,
        .weight = 1 + (share > 0.6) + (edge->chosen && share > 0.3),
        .dashed = scene->theme.colours == 0 && edge->weight < 0,
        .style = ui_network_style(&scene->theme, (double)edge->weight, share, edge->chosen)};

    if (dots->braille) {
        draw_stroke(dots, &stroke);
    } else {
        draw_letters(dots->canvas, &stroke);
    }
}

bool ui_network_edges(const struct ui_scene *scene, const struct ui_network_place *place,
                      const struct ui_network_columns *columns, struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    struct ui_rect rect = {place->top, place->drawing.column, place->rows, place->drawing.columns};
    int left[HG_NETWORK_COLUMNS] = {0};
    bool all = true;
    struct ui_dots dots;

    ui_dots_init(&dots, canvas, &scene->theme, rect);
    for (uint32_t i = 0; i < shown->edges; i++) {
        left[shown->edge[i].column] += !shown->edge[i].chosen;
    }
    for (uint32_t i = 0; i < shown->edges; i++) {
        const struct hg_network_edge *edge = &shown->edge[i];
        bool weak = !edge->chosen && left[edge->column]-- > most_of(place, shown, edge->column);
        if (!weak && edge->column > columns->first &&
            edge->column < columns->first + columns->count) {
            draw_edge(scene, place, columns, &dots, edge);
        }
        all = all && !weak;
    }
    for (int i = columns->first; i < columns->first + columns->count; i++) {
        all = all && shown->column[i].choice == HG_NETWORK_ALL;
    }
    return all;
}
