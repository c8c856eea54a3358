#include "tui/dots.h"

void ui_dots_init(struct ui_dots *dots, struct ui_canvas *canvas, const struct ui_theme *theme,
                  struct ui_rect rect)
{
    dots->canvas = canvas;
    dots->rect = rect;
    dots->braille = theme->utf8 && theme->art != HG_ART_ASCII;
    dots->rows = rect.rows * (dots->braille ? 4 : 3);
    dots->columns = rect.columns * (dots->braille ? 2 : 1);
}

static void set_braille(struct ui_cell *cell, int row, int column)
{
    static const unsigned char bits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    uint32_t before = cell->text[0] - 0x2800; /* wraps for other characters */

    cell->text[0] = 0x2800 + ((before < 0x100 ? before : 0) | bits[row][column]);
}

static void set_ascii(struct ui_cell *cell, int row)
{
    static const char marks[3] = {'\'', '-', '.'};
    uint32_t mark = (uint32_t)(unsigned char)marks[row];

    if (cell->text[0] == ' ' || cell->text[0] == mark) {
        cell->text[0] = mark;
    } else {
        cell->text[0] = '|';
    }
}

void ui_dots_set(const struct ui_dots *dots, int row, int column, struct ui_style style)
{
    struct ui_cell *cell;

    if (row < 0 || column < 0 || row >= dots->rows || column >= dots->columns) {
        return;
    }
    if (dots->braille) {
        cell = ui_canvas_at(dots->canvas, dots->rect.row + row / 4, dots->rect.column + column / 2);
    } else {
        cell = ui_canvas_at(dots->canvas, dots->rect.row + row / 3, dots->rect.column + column);
    }
    if (cell == NULL || cell->width != 1) {
        return;
    }
    if (dots->braille) {
        set_braille(cell, row % 4, column % 2);
    } else {
        if (cell->style.fg != style.fg || cell->style.attributes != style.attributes) {
            cell->text[0] = ' '; /* of another line: this one stands above it */
        }
        set_ascii(cell, row % 3);
    }
    cell->style = style;
}

void ui_dots_stroke(const struct ui_dots *dots, int column, int from, int to, struct ui_style style)
{
    int top = from < to ? from : to, bottom = from < to ? to : from;

    top = top < 0 ? 0 : top;
    bottom = bottom < dots->rows ? bottom : dots->rows - 1;
    for (int row = top; row <= bottom; row++) {
        ui_dots_set(dots, row, column, style);
    }
}
