/* canvas_text.c - a canvas read back as text. */
#include "tui/canvas.h"
#include "tui/char.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 8, STYLE_BYTES = 24 };

static char *put_style(char *out, struct ui_style style)
{
    char fg[8] = "-", bg[8] = "-";

    if (style.fg != UI_DEFAULT) {
        snprintf(fg, sizeof fg, "%d", style.fg);
    }
    if (style.bg != UI_DEFAULT) {
        snprintf(bg, sizeof bg, "%d", style.bg);
    }
    out += snprintf(out, STYLE_BYTES, "{%s,%s,%s%s%s%s}", fg, bg,
                    style.attributes & UI_BOLD ? "b" : "", style.attributes & UI_REVERSE ? "r" : "",
                    style.attributes & UI_DIM ? "d" : "",
                    style.attributes & UI_UNDERLINE ? "u" : "");
    return out;
}

static bool same_style(struct ui_style a, struct ui_style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

static bool blank(const struct ui_cell *cell, bool styled)
{
    return cell->text[0] == ' ' &&
           (!styled || (cell->style.bg == UI_DEFAULT && !(cell->style.attributes & UI_REVERSE)));
}

/* Appends one row without the blanks at its end. */
static char *put_row(char *out, const struct ui_canvas *canvas, int row, bool styled)
{
    const struct ui_cell *cells = ui_canvas_at(canvas, row, 0);
    struct ui_style style = {UI_DEFAULT, UI_DEFAULT, 0};
    int end = canvas->columns;

    while (end > 0 && blank(&cells[end - 1], styled)) {
        end--;
    }
    for (int column = 0; column < end; column++) {
        if (cells[column].width == 0) {
            continue;
        }
        if (styled && !same_style(style, cells[column].style)) {
            style = cells[column].style;
            out = put_style(out, style);
        }
        out += ui_char_encode(cells[column].text[0], out);
        if (cells[column].text[1] != 0) {
            out += ui_char_encode(cells[column].text[1], out);
        }
    }
    *out++ = '\n';
    return out;
}

static char *dump(const struct ui_canvas *canvas, bool styled)
{
    size_t cell = CELL_BYTES + (styled ? STYLE_BYTES : 0);
    size_t cells = (size_t)canvas->rows * (size_t)canvas->columns;
    char *text = malloc(cells * cell + (size_t)canvas->rows + 1);
    char *out = text;

    if (text == NULL) {
        return NULL;
    }
    for (int row = 0; row < canvas->rows; row++) {
        out = put_row(out, canvas, row, styled);
    }
    *out = 0;
    return text;
}

char *ui_canvas_text(const struct ui_canvas *canvas)
{
    return dump(canvas, false);
}

char *ui_canvas_styled_text(const struct ui_canvas *canvas)
{
    return dump(canvas, true);
}
