/* dots.h - points finer than a cell: Braille (2 x 4 a cell), or - ' . | in ASCII (1 x 3). */
#ifndef TUI_DOTS_H
#define TUI_DOTS_H

#include "tui/canvas.h"
#include "tui/theme.h"

struct ui_dots {
    struct ui_canvas *canvas;
    struct ui_rect rect;
    bool braille;
    int rows, columns; /* dots */
};

void ui_dots_init(struct ui_dots *dots, struct ui_canvas *canvas, const struct ui_theme *theme,
                  struct ui_rect rect);
/* Adds one dot; the cell takes the style. Outside: nothing. */
void ui_dots_set(const struct ui_dots *dots, int row, int column, struct ui_style style);
/* A vertical stroke, both ends included. */
void ui_dots_stroke(const struct ui_dots *dots, int column, int from, int to,
                    struct ui_style style);

#endif
