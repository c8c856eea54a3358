/* filters.h - view 4: layers as pages of small pictures. */
#ifndef UI_FILTERS_H
#define UI_FILTERS_H

#include "tui/view.h"

/* ---- how pictures fill a page (filters_page.c), a pure function ---- */
struct ui_page {
    struct ui_rect rect;
    int wide, high;       /* cells of a picture */
    int across, down;     /* pictures */
    int pitch_x, pitch_y; /* cells from one to the next; a row above each holds its number */
    size_t room;          /* pictures of a page; 0 = none fits */
};

struct ui_page_wishes {
    int rows, columns; /* of a picture, in pixels */
    size_t total;      /* pictures there are */
    bool large;        /* few large ones */
    bool extra;        /* a place before the first is taken */
    bool even;         /* what enlarges does so by even numbers (art without half cells) */
};

void ui_page_fit(struct ui_page *page, struct ui_rect rect, const struct ui_page_wishes *wishes);
/* Where picture `index` of a page stands, its number's row not included. */
struct ui_rect ui_page_slot(const struct ui_page *page, size_t index);

/* ---- numbers as coloured tiles (filters_tiles.c) ---- */
struct ui_tiles {
    struct ui_rect rect;
    int label, wide, high; /* cells of the number before a row, and of a tile */
    int across, down;      /* tiles */
    size_t room;
};

/* `per_row` values a row: those of one unit; 0 = as many as fit, single values. */
void ui_tiles_fit(struct ui_tiles *tiles, struct ui_rect rect, size_t total, int per_row);
/* values: count x per_row (1 when 0), the first row's number is `first`. */
struct ui_tile_values {
    const float *values;
    size_t first, count;
    double highest; /* strongest colours at -highest and highest */
};
void ui_tiles_draw(const struct ui_tiles *tiles, const struct ui_theme *theme,
                   struct ui_canvas *canvas, const struct ui_tile_values *values, int per_row);

/* ---- the panel (panel_filters.c) ---- */
/* Draws it; tells how many pictures a page takes. */
size_t ui_panel_filters(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);

#endif
