/* All parameters of the chosen unit, one of them changed. */
#include "tui/format.h"
#include "tui/network.h"
#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

enum { FOOT = 2, MOST = 112 }; /* rows below the list, for a question; of it */

/* Of a value in a list: 6 digits, always with its sign. */
static void format_value(char out[UI_NUMBER], float value)
{
    snprintf(out, UI_NUMBER, "%+.6g", (double)value);
}

static void draw_row(struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas,
                     const struct hg_network_weight *weight, bool chosen)
{
    const struct ui_theme *theme = &scene->theme;
    struct ui_network *network = scene->network;
    struct ui_style word = ui_theme_style(theme, chosen ? UI_ROLE_SELECTED : UI_ROLE_WORD);
    struct ui_style value = chosen                   ? word
                            : weight->key[0] == '\0' ? word
                                                     : ui_theme_style(theme, UI_ROLE_VALUE);
    char text[UI_NUMBER];

    if (chosen) {
        ui_canvas_fill(canvas, (struct ui_rect){spot.row, spot.column, 1, spot.columns}, word, ' ');
    }
    format_value(text, weight->value);
    int room = spot.columns - ui_width(text, canvas->ascii) - 1;
    ui_put_cut(canvas, (struct ui_spot){spot.row, spot.column, room > 0 ? room : 0}, word,
               weight->what);
    ui_put_right(canvas, spot, value, text);
    if (chosen && network->mode == UI_NETWORK_FIELD) {
        int used = ui_width(network->edited.what, canvas->ascii) + 1;
        if (used > spot.columns - 10) {
            used = spot.columns > 20 ? spot.columns - 14 : 0;
        }
        struct ui_rect line = {spot.row, spot.column + used, 1, spot.columns - used};
        struct ui_spot field = {line.row, line.column, line.columns};
        ui_canvas_fill(canvas, line, ui_theme_style(theme, UI_ROLE_VALUE), ' ');
        ui_field_draw(&network->field, theme, field, canvas, network->cursor);
    }
}

static void scroll(struct ui_network *network, uint32_t rows, uint32_t total)
{
    rows = rows < MOST ? rows : MOST;
    network->rows = rows;
    if (network->row >= total) {
        network->row = total > 0 ? total - 1 : 0;
    }
    if (network->top > network->row) {
        network->top = network->row;
    }
    if (network->row - network->top >= rows) {
        network->top = network->row - rows + 1;
    }
    if (total >= rows && network->top > total - rows) {
        network->top = total - rows;
    }
}

/* "-0.4031 becomes 0.5?" */
static void draw_question(const struct ui_scene *scene, struct ui_spot spot,
                          struct ui_canvas *canvas)
{
    const struct ui_network *network = scene->network;
    char text[UI_FIELD_TEXT + 64], value[UI_NUMBER];

    if (network->mode != UI_NETWORK_CONFIRM) {
        return;
    }
    format_value(value, network->edited.value);
    snprintf(text, sizeof text, "%s → %s ?", value, network->field.text);
    ui_put_cut(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_WARN), text);
    spot.row++;
    ui_put_cut(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_WARN),
               "y or Enter: yes, Esc: no");
}

static void draw_title(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    const struct hg_network_column *column = ui_network_column(shown, shown->chosen_column);
    char title[64], figure[64], brief[64], number[UI_NUMBER];
    const char *figures[] = {figure, brief, NULL};
    uint32_t row = scene->network->row + (shown->weights > 0);

    snprintf(title, sizeof title, "into %s %u", column != NULL && column->maps ? "map" : "unit",
             (unsigned)shown->chosen_unit);
    snprintf(figure, sizeof figure, "%u of %s", (unsigned)row,
             ui_format_count(number, shown->weights));
    snprintf(brief, sizeof brief, "%u/%u", (unsigned)row, (unsigned)shown->weights);
    ui_rule_fitting(&scene->theme, (struct ui_spot){rect.row, rect.column, rect.columns}, canvas,
                    title, figures);
}

void ui_panel_network_list(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    struct ui_network *network = scene->network;
    int foot = rect.rows > 2 * FOOT ? FOOT : 0;
    struct ui_spot spot = {rect.row + 1, rect.column + 1, rect.columns - 2};

    ui_blank(canvas, rect);
    network->cursor[0] = -1;
    if (rect.rows < 2) {
        return;
    }
    scroll(network, (uint32_t)(rect.rows - 1 - foot), shown->weights);
    draw_title(scene, rect, canvas);
    if (shown->weights == 0) {
        ui_put_cut(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_WORD),
                   "Nothing comes in here.");
    }
    for (uint32_t i = network->top; i < shown->weights && i - network->top < network->rows; i++) {
        spot.row = rect.row + 1 + (int)(i - network->top);
        if (i < shown->page_first || i - shown->page_first >= shown->page_count) {
            ui_put(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_CHROME), "…");
            continue;
        }
        draw_row(scene, spot, canvas, &shown->page[i - shown->page_first], i == network->row);
    }
    spot.row = rect.row + rect.rows - FOOT;
    if (foot > 0) {
        draw_question(scene, spot, canvas);
    }
}
