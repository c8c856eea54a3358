#include "tui/canvas.h"
#include "tui/char.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SIDE = 4096, TEXT_MOST = 1024 };

static const struct ui_style plain = {UI_DEFAULT, UI_DEFAULT, 0};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

bool ui_canvas_resize(struct ui_canvas *canvas, int rows, int columns)
{
    size_t cells;

    rows = least(most(rows, 1), MOST_SIDE);
    columns = least(most(columns, 1), MOST_SIDE);
    cells = (size_t)rows * (size_t)columns;
    if (cells > canvas->room) {
        struct ui_cell *grown = realloc(canvas->cells, cells * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        canvas->cells = grown;
        canvas->room = cells;
    }
    canvas->rows = rows;
    canvas->columns = columns;
    ui_canvas_clear(canvas);
    return true;
}

void ui_canvas_fini(struct ui_canvas *canvas)
{
    free(canvas->cells);
    memset(canvas, 0, sizeof *canvas);
}

void ui_canvas_clear(struct ui_canvas *canvas)
{
    struct ui_rect all = {0, 0, canvas->rows, canvas->columns};

    ui_canvas_fill(canvas, all, plain, ' ');
}

struct ui_cell *ui_canvas_at(const struct ui_canvas *canvas, int row, int column)
{
    if (row < 0 || column < 0 || row >= canvas->rows || column >= canvas->columns) {
        return NULL;
    }
    return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

bool ui_cell_same(const struct ui_cell *a, const struct ui_cell *b)
{
    if (a->text[0] == ' ' && b->text[0] == ' ' && a->text[1] == 0 && b->text[1] == 0 &&
        a->style.bg == b->style.bg && a->style.attributes == b->style.attributes &&
        (a->style.attributes & (UI_REVERSE | UI_UNDERLINE)) == 0) {
        return a->width == b->width; /* a blank has no foreground */
    }
    return a->text[0] == b->text[0] && a->text[1] == b->text[1] && a->width == b->width &&
           a->style.fg == b->style.fg && a->style.bg == b->style.bg &&
           a->style.attributes == b->style.attributes;
}

/* A wide character of which one half is about to be overwritten loses the other. */
static void part(struct ui_canvas *canvas, int row, int column)
{
    struct ui_cell *cell = ui_canvas_at(canvas, row, column);
    struct ui_cell *other;

    if (cell->width == 1) {
        return;
    }
    other = ui_canvas_at(canvas, row, cell->width == 2 ? column + 1 : column - 1);
    if (other != NULL) {
        other->text[0] = ' ';
        other->text[1] = 0;
        other->width = 1;
    }
    cell->width = 1;
}

static void store(struct ui_canvas *canvas, int row, int column, struct ui_style style,
                  uint32_t character)
{
    struct ui_cell *cell = ui_canvas_at(canvas, row, column);

    if (cell == NULL) {
        return;
    }
    part(canvas, row, column);
    cell->text[0] = character;
    cell->text[1] = 0;
    cell->style = style;
    cell->width = 1;
}

/* What of `character` may stand in a single cell of this canvas. */
static uint32_t single(const struct ui_canvas *canvas, uint32_t character)
{
    if (ui_char_width(character) != 1 || character == 0xFFFD) {
        return '?';
    }
    if (canvas->ascii && character >= 0x80) {
        return (uint32_t)(unsigned char)ui_char_ascii(character)[0];
    }
    return character;
}

void ui_canvas_set(struct ui_canvas *canvas, int row, int column, struct ui_style style,
                   uint32_t character)
{
    store(canvas, row, column, style, single(canvas, character));
}

void ui_canvas_fill(struct ui_canvas *canvas, struct ui_rect rect, struct ui_style style,
                    uint32_t character)
{
    int first_row = most(rect.row, 0), first_column = most(rect.column, 0);
    int last_row, last_column;
    struct ui_cell cell = {{single(canvas, character), 0}, style, 1};

    if (ui_rect_empty(rect) || rect.row >= canvas->rows || rect.column >= canvas->columns) {
        return;
    }
    last_row = least(rect.rows > INT_MAX / 2 ? canvas->rows : rect.row + rect.rows, canvas->rows);
    last_column = least(rect.columns > INT_MAX / 2 ? canvas->columns : rect.column + rect.columns,
                        canvas->columns);
    for (int row = first_row; row < last_row; row++) {
        if (first_column < last_column && canvas->cells != NULL) {
            struct ui_cell *cells = ui_canvas_at(canvas, row, 0);
            if (first_column > 0 && cells[first_column].width == 0) {
                part(canvas, row, first_column);
            }
            if (last_column < canvas->columns && cells[last_column].width == 0) {
                part(canvas, row, last_column);
            }
        }
        for (int column = first_column; column < last_column; column++) {
            *ui_canvas_at(canvas, row, column) = cell;
        }
    }
}

/* Where writing stands: the next column, and the first one not to be used. */
struct pen {
    struct ui_canvas *canvas;
    int row, column, end;
    struct ui_style style;
};

static void join(const struct pen *pen, int first, uint32_t mark)
{
    struct ui_cell *cell;
    int column = pen->column - 1;

    if (column < first || pen->canvas->ascii) {
        return;
    }
    cell = ui_canvas_at(pen->canvas, pen->row, column);
    if (cell != NULL && cell->width == 0) {
        cell = ui_canvas_at(pen->canvas, pen->row, column - 1);
    }
    if (cell != NULL && cell->text[1] == 0 && mark != 0x200D) {
        cell->text[1] = mark;
    }
}

/* One character of width 1 or 2; false when it does not fit. */
static bool write_char(struct pen *pen, uint32_t character, int width)
{
    struct ui_cell *second;

    if (pen->column + width > pen->end) {
        if (pen->column < pen->end) { /* half a wide one */
            store(pen->canvas, pen->row, pen->column++, pen->style, ' ');
        }
        return false;
    }
    store(pen->canvas, pen->row, pen->column, pen->style, character);
    if (width == 2) {
        store(pen->canvas, pen->row, pen->column + 1, pen->style, ' ');
        second = ui_canvas_at(pen->canvas, pen->row, pen->column + 1);
        if (second != NULL && pen->column >= 0) {
            second->text[0] = 0;
            second->width = 0;
            ui_canvas_at(pen->canvas, pen->row, pen->column)->width = 2;
        } else if (second == NULL) { /* cut by the edge of the canvas */
            store(pen->canvas, pen->row, pen->column, pen->style, ' ');
        }
    }
    pen->column += width;
    return true;
}

static bool write_next(struct pen *pen, int first, uint32_t character)
{
    int width = ui_char_width(character);

    if (width == 0) {
        join(pen, first, character);
        return true;
    }
    if (width < 0 || character == 0xFFFD) {
        return write_char(pen, '?', 1);
    }
    if (pen->canvas->ascii && character >= 0x80) {
        for (const char *at = ui_char_ascii(character); *at != 0; at++) {
            if (!write_char(pen, (uint32_t)(unsigned char)*at, 1)) {
                return false;
            }
        }
        return true;
    }
    return write_char(pen, character, width);
}

int ui_put(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style, const char *text)
{
    struct pen pen = {canvas, spot.row, spot.column, spot.column + most(spot.columns, 0), style};
    uint32_t character;

    while (pen.column < pen.end && (character = ui_next_char(&text)) != 0) {
        if (!write_next(&pen, spot.column, character)) {
            break;
        }
    }
    return pen.column - spot.column;
}

int ui_put_cut(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style,
               const char *text)
{
    int dots = ui_width("…", canvas->ascii), used;

    if (ui_width(text, canvas->ascii) <= spot.columns || spot.columns < 2 * dots) {
        return ui_put(canvas, spot, style, text);
    }
    spot.columns -= dots;
    used = ui_put(canvas, spot, style, text);
    spot.column += used;
    spot.columns = dots;
    return used + ui_put(canvas, spot, style, "…");
}

int ui_putf(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style,
            const char *format, ...)
{
    char text[TEXT_MOST];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ui_put(canvas, spot, style, text);
}

int ui_put_right(struct ui_canvas *canvas, struct ui_spot spot, struct ui_style style,
                 const char *text)
{
    int width = ui_width(text, canvas->ascii);

    if (width < spot.columns) {
        spot.column += spot.columns - width;
        spot.columns = width;
    }
    return ui_put(canvas, spot, style, text);
}

void ui_rule(struct ui_canvas *canvas, struct ui_spot spot, const struct ui_rule_style *style,
             const char *title, const char *figure)
{
    struct ui_rect line = {spot.row, spot.column, 1, spot.columns};
    int wide = ui_width(title, canvas->ascii);
    int right = figure == NULL ? 0 : ui_width(figure, canvas->ascii);
    struct ui_spot at = {spot.row, spot.column + 1, 0};

    ui_canvas_fill(canvas, line, style->line, 0x2500);
    if (spot.columns < 4) {
        return;
    }
    if (right > 0 && wide + right + 8 <= spot.columns) {
        at.column = spot.column + spot.columns - right - 3;
        at.columns = right + 2;
        ui_put(canvas, at, style->figure, " ");
        at.column++;
        at.columns--;
        ui_put(canvas, at, style->figure, figure);
        at.column += right;
        at.columns = 1;
        ui_put(canvas, at, style->figure, " ");
    }
    at.column = spot.column + 1;
    at.columns = 1;
    ui_put(canvas, at, style->title, " ");
    at.column++;
    at.columns = least(wide, spot.columns - 3);
    at.column += ui_put_cut(canvas, at, style->title, title);
    at.columns = spot.column + spot.columns > at.column ? 1 : 0;
    ui_put(canvas, at, style->title, " ");
}
