/* art_grid.h - how the pixels of a picture fall onto the cells of a rectangle. */
#ifndef TUI_ART_GRID_H
#define TUI_ART_GRID_H

#include "tui/canvas.h"

/* What a cell is divided into. */
enum ui_grid_kind {
    UI_GRID_HALVES, /* 1 x 2: half blocks */
    UI_GRID_CELLS,  /* 1 x 1: background colours, characters */
    UI_GRID_DOTS    /* 2 x 4: Braille */
};

struct ui_grid {
    enum ui_grid_kind kind;
    struct ui_rect rect;   /* cells used, centred in what was offered */
    int rows, columns;     /* sub-pixels; the last row of cells may be used in part */
    double step_x, step_y; /* pixels of the picture a sub-pixel covers */
    int source_rows, source_columns;
};

/* Whole-number scaling up where the picture fits at one pixel half a cell (even
 * numbers for UI_GRID_CELLS), else down; the shape is kept. */
void ui_grid_fit(struct ui_grid *grid, enum ui_grid_kind kind, struct ui_rect rect, int rows,
                 int columns);

/* The mean of a plane of source_rows x source_columns values over one sub-pixel. */
double ui_grid_sample(const struct ui_grid *grid, const float *plane, int row, int column);

#endif
