/* canvas.h - a grid of character cells that everything draws into.
 *
 * Panels draw here and never on the terminal; term.c alone brings a canvas to
 * the screen. So a screen can be drawn, compared and read without a terminal.
 *
 * All text is UTF-8 and clipped to the canvas: rows and columns may lie outside,
 * also negative. Widths are our own table (not the locale's). A wide character
 * takes two cells, the second has width 0; one that only half fits becomes a
 * space. Combining marks join the cell before them (the first one is kept).
 * Controls and bytes that are not UTF-8 become '?': outside text goes through
 * hg_text_sanitize first, this is only the last net.
 *
 * With `ascii` set, everything drawn is plain ASCII: the characters this
 * program uses are spelled differently ("→" becomes "->", "…" "...", "●" "*",
 * "─" "-", "×" "x"), others become '?'.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Colours are xterm-256 indices 0..255, or: */
enum { UI_DEFAULT = -1 };

enum ui_attribute { UI_BOLD = 1, UI_REVERSE = 2, UI_DIM = 4, UI_UNDERLINE = 8 };

struct ui_style {
    int16_t fg, bg;     /* xterm-256 index or UI_DEFAULT */
    uint8_t attributes; /* of enum ui_attribute, or'ed */
};

/* What stands in one cell. */
struct ui_cell {
    uint32_t text[2]; /* character and combining mark (0 = none) */
    struct ui_style style;
    uint8_t width; /* 1, 2, or 0 = second half of the wide character at its left */
};

/* A rectangle of cells; empty when rows or columns is 0. */
struct ui_rect {
    int row, column, rows, columns;
};

static inline bool ui_rect_empty(struct ui_rect rect)
{
    return rect.rows <= 0 || rect.columns <= 0;
}

/* Zero-initialise, then ui_canvas_resize; free with ui_canvas_fini. */
struct ui_canvas {
    int rows, columns;
    bool ascii;            /* set by the owner: draw nothing but ASCII */
    struct ui_cell *cells; /* rows x columns */
    size_t room;
};

/* Gives the canvas a size (at least 1 x 1) and clears it. False: no memory, the
 * canvas stays as it was. */
bool ui_canvas_resize(struct ui_canvas *canvas, int rows, int columns);
void ui_canvas_fini(struct ui_canvas *canvas);
/* Blanks everything: spaces in default colours. */
void ui_canvas_clear(struct ui_canvas *canvas);

/* The cell, or NULL outside. */
struct ui_cell *ui_canvas_at(const struct ui_canvas *canvas, int row, int column);
/* Do they look the same? */
bool ui_cell_same(const struct ui_cell *a, const struct ui_cell *b);

/* Sets one cell to one character of width 1 (others: see above). */
void ui_canvas_set(struct ui_canvas *canvas, int row, int column, struct ui_style style,
                   uint32_t character);
/* Fills a rectangle with one character of width 1. */
void ui_canvas_fill(struct ui_canvas *canvas, struct ui_rect rect, struct ui_style style,
                    uint32_t character);

/* Where text goes: from (row, column), at most `columns` wide; what is longer is
 * cut (ui_put) or ends in "…" (ui_put_cut). Returns the columns used (<= columns). */
struct ui_spot {
    int row, column, columns;
};
int ui_put(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style, const char *text);
int ui_put_cut(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style,
               const char *text);
int ui_putf(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style,
            const char *format, ...) HG_PRINTF(4, 5);
/* Flush right: the text ends at spot.column + spot.columns. */
int ui_put_right(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style,
                 const char *text);

/* Columns a text takes (spelled in ASCII when `ascii`). */
int ui_width(const char *text, bool ascii);
/* Columns of one character: 0, 1 or 2; -1 for a control. */
int ui_char_width(uint32_t character);
/* The next character of a UTF-8 text; *text moves on. 0 at the end, 0xFFFD for a bad byte. */
uint32_t ui_next_char(const char **text);

/* A grey rule over a panel: "─ Title ──────── figure ─". The title is bold. The
 * figure (may be NULL) is left out when there is no room for both, then the title
 * is cut. `style` holds rule, title and figure, in this order. */
struct ui_rule_style {
    struct ui_style line, title, figure;
};
void ui_rule(struct ui_canvas *canvas, struct ui_spot spot, const struct ui_rule_style *style,
             const char *title, const char *figure);

/* The canvas as UTF-8 text, a line a row, blanks at line ends dropped: for tests
 * and scripted screens. NULL = no memory; free() it. */
char *ui_canvas_text(const struct ui_canvas *canvas);
/* The same with styles: before each run of cells of another style "{fg,bg,abc}"
 * (b bold, r reverse, d dim, u underline; "-" for default). */
char *ui_canvas_styled_text(const struct ui_canvas *canvas);

#endif
