/* filters_tiles.c - single values, and rows of weights, as coloured tiles with their numbers. */
#include "tui/filters.h"
#include "tui/format.h"

#include <math.h>
#include <stdio.h>

enum { WIDE = 7, HIGH = 3, NARROW = 3, BRIGHT = 120 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int digits(size_t number)
{
    int count = 1;

    for (; number >= 10; number /= 10) {
        count++;
    }
    return count;
}

void ui_tiles_fit(struct ui_tiles *tiles, struct ui_rect rect, size_t total, int per_row)
{
    size_t rows;
    int room;

    *tiles = (struct ui_tiles){.rect = rect};
    if (ui_rect_empty(rect) || total == 0) {
        return;
    }
    tiles->label = digits(total - 1) + 1;
    if (rect.columns < tiles->label + WIDE) {
        tiles->label = 0;
    }
    room = rect.columns - tiles->label;
    if (per_row > 0) {
        tiles->across = least(per_row, room);
        tiles->wide = least(room / tiles->across, WIDE);
        rows = total;
        if (tiles->wide >= NARROW && rect.rows > 2) { /* a row for the columns' numbers */
            tiles->rect.row++;
            tiles->rect.rows--;
        }
    } else {
        tiles->wide = least(room, WIDE);
        tiles->across = room / tiles->wide;
        if ((size_t)tiles->across >= total) {
            tiles->across = (int)total;
        } else if (tiles->across >= 10) {
            tiles->across -= tiles->across % 5;
        }
        rows = (total + (size_t)tiles->across - 1) / (size_t)tiles->across;
    }
    tiles->high = rows >= (size_t)tiles->rect.rows ? 1 : least(tiles->rect.rows / (int)rows, HIGH);
    tiles->down = tiles->rect.rows / tiles->high;
    tiles->room = (size_t)tiles->down * (per_row > 0 ? 1 : (size_t)tiles->across);
}

static bool coloured(const struct ui_theme *theme)
{
    return theme->colours > 0 && theme->palette != HG_PALETTE_MONO;
}

/* -1..1 as a background, with a foreground that can be read on it. */
static struct ui_style tile_style(const struct ui_theme *theme, double share)
{
    struct ui_style style = ui_theme_style(theme, UI_ROLE_VALUE);
    int middle = UI_DIFFERENCE_STEPS / 2, steps = ui_palette_steps(theme), r, g, b;

    if (!coloured(theme)) {
        style.attributes |= fabs(share) > 0.5 ? UI_BOLD : 0;
        return style;
    }
    style.bg = theme->palette == HG_PALETTE_VIRIDIS
                   ? ui_palette_colour(theme, (int)((share + 1) / 2 * (steps - 1) + 0.5))
                   : ui_palette_difference(theme, (int)floor(share * middle + 0.5) + middle);
    ui_colour_split(style.bg, &r, &g, &b);
    if ((3 * r + 6 * g + b) / 10 > BRIGHT) {
        style.fg = theme->colours >= 256 ? 16 : 0;
    } else {
        style.fg = theme->colours >= 256 ? 252 : theme->colours >= 16 ? 15 : 7;
    }
    return style;
}

static void draw_tile(const struct ui_theme *theme, struct ui_rect rect, struct ui_canvas *canvas,
                      double value, double highest)
{
    static const char signs[] = "=- +#";
    double share = highest > 0 ? value / highest : 0;
    struct ui_spot spot = {rect.row + (rect.rows - 1) / 2, rect.column, rect.columns - 1};
    char text[UI_NUMBER];

    share = share > -1 ? fmin(share, 1) : -1; /* NaN: -1 */
    struct ui_style style = tile_style(theme, share);
    bool number = rect.columns >= WIDE;
    ui_canvas_fill(canvas, rect, style,
                   number || coloured(theme)
                       ? ' '
                       : (uint32_t)(unsigned char)signs[(int)floor(share * 2 + 0.5) + 2]);
    if (number) {
        ui_put_right(canvas, spot, style, ui_format_code(text, value, 2));
    }
}

static double mean(const float *values, int first, int last)
{
    double sum = 0;

    for (int i = first; i < last; i++) {
        sum += (double)values[i];
    }
    return sum / (last - first);
}

/* The numbers of the columns, where the first row was left for them. */
static void draw_columns(const struct ui_tiles *tiles, const struct ui_theme *theme,
                         struct ui_canvas *canvas)
{
    char text[24];

    for (int i = 0; i < tiles->across && tiles->wide >= NARROW && tiles->rect.row > 0; i++) {
        struct ui_spot spot = {tiles->rect.row - 1,
                               tiles->rect.column + tiles->label + i * tiles->wide,
                               tiles->wide - 1};
        snprintf(text, sizeof text, "%d", i + 1);
        ui_put_right(canvas, spot, ui_theme_style(theme, UI_ROLE_CHROME), text);
    }
}

static void draw_label(const struct ui_tiles *tiles, const struct ui_theme *theme,
                       struct ui_canvas *canvas, int row, size_t number)
{
    struct ui_spot spot = {tiles->rect.row + row * tiles->high + (tiles->high - 1) / 2,
                           tiles->rect.column, tiles->label - 1};
    char text[24];

    if (tiles->label > 0) {
        snprintf(text, sizeof text, "%zu", number);
        ui_put_right(canvas, spot, ui_theme_style(theme, UI_ROLE_CHROME), text);
    }
}

void ui_tiles_draw(const struct ui_tiles *tiles, const struct ui_theme *theme,
                   struct ui_canvas *canvas, const struct ui_tile_values *values, int per_row)
{
    size_t each = per_row > 0 ? (size_t)per_row : 1;
    size_t count = values->count < tiles->room ? values->count : tiles->room;

    if (per_row > 0) {
        draw_columns(tiles, theme, canvas);
    }
    for (size_t i = 0; i < count; i++) {
        int across = per_row > 0 ? tiles->across : 1;
        int row = (int)(per_row > 0 ? i : i / (size_t)tiles->across);
        int column = per_row > 0 ? 0 : (int)(i % (size_t)tiles->across);
        if (column == 0) {
            draw_label(tiles, theme, canvas, row, values->first + i);
        }
        for (int j = 0; j < across; j++) {
            struct ui_rect rect = {tiles->rect.row + row * tiles->high,
                                   tiles->rect.column + tiles->label + (column + j) * tiles->wide,
                                   tiles->high, tiles->wide};
            int from = j * (int)each / across, to = (j + 1) * (int)each / across;
            draw_tile(theme, rect, canvas, mean(values->values + i * each, from, to),
                      values->highest);
        }
    }
}
