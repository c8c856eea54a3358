/* The drawn network: heads of the columns, nodes, a key to the colours. */
#include "tui/format.h"
#include "tui/network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct hg_network_column *ui_network_column(const struct hg_network *shown, uint32_t number)
{
    return number >= shown->first && number - shown->first < shown->count
               ? &shown->column[number - shown->first]
               : NULL;
}

/* ---- heads ---- */

static void first_line(const struct hg_network_column *column, bool input, char *out, size_t size)
{
    char text[80];

    snprintf(text, sizeof text, "%s", column->text);
    char *kernel = strstr(text, " 3x3"); /* goes without saying */
    if (kernel != NULL) {
        memmove(kernel, kernel + 4, strlen(kernel + 4) + 1);
    }
    snprintf(out, size, "%s%s%s", input ? "input" : "", input && text[0] != '\0' ? " " : "", text);
}

/* "128 units", "12 of 128, most active", "units 20-27 of 128", "64 maps 14x14". */
static void second_line(const struct hg_network_column *column, char *out, size_t size)
{
    char maps[48] = "";
    const char *noun = column->maps ? "map" : "unit";

    if (column->maps) {
        snprintf(maps, sizeof maps, " %d×%d", column->shape.rows, column->shape.columns);
    }
    if (column->choice == HG_NETWORK_ALL) {
        snprintf(out, size, "%u %s%s%s", (unsigned)column->units, noun,
                 column->units == 1 ? "" : "s", maps);
    } else if (column->choice == HG_NETWORK_RANGE) {
        snprintf(out, size, "%u–%u of %u%s%s", (unsigned)column->unit[0].unit,
                 (unsigned)column->unit[column->count - 1].unit, (unsigned)column->units,
                 column->maps ? " maps" : "", maps);
    } else {
        snprintf(out, size, "%u of %u%s%s", (unsigned)column->count, (unsigned)column->units,
                 column->maps ? " maps" : "", maps);
    }
}

/* The longest of `texts` (longest first, ended by NULL) that fits; the last one is cut. */
static void put_head(struct ui_spot spot, struct ui_canvas *canvas, struct ui_style style,
                     const char *const *texts)
{
    while (texts[1] != NULL && ui_width(*texts, canvas->ascii) > spot.columns) {
        texts++;
    }
    ui_put_cut(canvas, spot, style, *texts);
}

/* "code 2 units", "output 784". */
static void put_amount(const struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas,
                       const struct hg_network_column *column, const char *mark)
{
    bool plain = mark[0] == '\0';
    char all[160], amount[128], brief[160];
    const char *texts[] = {all, brief, plain ? NULL : mark, NULL};

    second_line(column, amount, sizeof amount);
    snprintf(all, sizeof all, "%s%s%s", mark, plain ? "" : " ", amount);
    snprintf(brief, sizeof brief, "%s%s%u", mark, plain ? "" : " ", (unsigned)column->units);
    if (column->choice != HG_NETWORK_ALL) {
        snprintf(brief, sizeof brief, "%s%s%u/%u", mark, plain ? "" : " ", (unsigned)column->count,
                 (unsigned)column->units);
    }
    put_head(spot, canvas, ui_theme_style(&scene->theme, plain ? UI_ROLE_WORD : UI_ROLE_VALIDATION),
             texts);
}

/* Why these units, and what comes behind them: "most active, pool 2". */
static void put_marks(const struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas,
                      const struct hg_network_column *column)
{
    bool active = column->choice == HG_NETWORK_ACTIVE, whole = column->choice == HG_NETWORK_ALL;
    bool behind = column->after[0] != '\0';
    const char *why = whole ? "" : active ? "most active" : "in order";
    char all[96], less[96];
    const char *texts[] = {all, less, column->after, "", NULL};

    snprintf(all, sizeof all, "%s%s%s", why, behind && !whole ? ", " : "", column->after);
    snprintf(less, sizeof less, "%s%s%s", active ? "active" : "", active && behind ? ", " : "",
             column->after);
    put_head(spot, canvas, ui_theme_style(&scene->theme, UI_ROLE_CHROME), texts);
}

static void draw_head(const struct ui_scene *scene, const struct ui_network_place *place,
                      const struct ui_network_columns *columns, struct ui_canvas *canvas, int index)
{
    const struct hg_network *shown = scene->snapshot->network;
    int at = columns->first + index, end = place->drawing.column + place->drawing.columns;
    const struct hg_network_column *column = &shown->column[at];
    uint32_t number = shown->first + (uint32_t)at;
    bool chosen = number == scene->network->column, last = index + 1 == columns->count;
    int room = last ? end - columns->x[index] : columns->pitch - 1;
    struct ui_spot spot = {place->drawing.row + 1, columns->x[index], room};
    char text[160], first[160];
    const char *texts[] = {text, text, first, NULL};

    if (place->heads == 0) {
        return;
    }
    first_line(column, number == 0, text, sizeof text);
    texts[1] = strncmp(text, "dense ", 6) == 0 ? text + 6 : text;
    snprintf(first, sizeof first, "%.*s", (int)strcspn(texts[1], " "), texts[1]);
    put_head(spot, canvas, ui_theme_style(&scene->theme, chosen ? UI_ROLE_KEY : UI_ROLE_VALUE),
             texts);
    spot.row++;
    put_amount(scene, spot, canvas, column,
               column->code                   ? "code"
               : number + 1 == shown->columns ? "output"
                                              : "");
    if (place->heads > 2) {
        spot.row++;
        put_marks(scene, spot, canvas, column);
    }
}

/* ---- nodes ---- */

/* The greater the activation, the larger and the brighter. */
static const char *glyph_of(double share)
{
    return share > 0.5 ? "●" : share > 0.1 ? "○" : "·";
}

static struct ui_style lit(const struct ui_theme *theme, double share)
{
    struct ui_style style = ui_theme_style(theme, UI_ROLE_VALUE);

    if (theme->colours >= 256) {
        style.fg = share > 0.7 ? 16 : 252;
        style.bg = share < 0.05 ? UI_DEFAULT : (int16_t)(234 + (int)(share * 12));
    } else if (theme->colours >= 16) {
        style.fg = share > 0.5 ? 0 : share > 0.15 ? 15 : 7;
        style.bg = share > 0.5 ? 7 : share > 0.15 ? 8 : UI_DEFAULT;
    } else {
        style.attributes |= share > 0.5 ? UI_BOLD : share < 0.1 ? UI_DIM : 0;
    }
    return style;
}

static void draw_node(const struct ui_scene *scene, const struct ui_network_columns *columns,
                      struct ui_canvas *canvas, struct ui_spot spot,
                      const struct hg_network_column *column, const struct hg_network_unit *unit,
                      bool chosen)
{
    double share = column->most_active > 0
                       ? fabs((double)unit->activation) / (double)column->most_active
                       : 0;
    double bias = column->most_biased > 0 ? fabs((double)unit->bias) / (double)column->most_biased
                                          : 0;
    struct ui_style style = ui_theme_style(&scene->theme, UI_ROLE_WORD);
    char text[UI_NUMBER];

    share = share < 1 ? share : 1; /* NaN: 1 */
    if (columns->label > 0) {
        snprintf(text, sizeof text, "%u", (unsigned)unit->unit);
        ui_blank(canvas, (struct ui_rect){spot.row, spot.column, 1, columns->wide});
        ui_put_right(canvas, (struct ui_spot){spot.row, spot.column, columns->label - 1},
                     ui_theme_style(&scene->theme, chosen ? UI_ROLE_KEY : UI_ROLE_CHROME), text);
        spot.column += columns->label;
    }
    if (!columns->values) {
        style.fg = lit(&scene->theme, share).fg;
    }
    if (bias > 0.02) {
        style = ui_network_style(&scene->theme, (double)unit->bias, bias, true);
    }
    if (chosen) {
        style = ui_theme_style(&scene->theme, UI_ROLE_KEY);
        style.attributes = UI_REVERSE;
    } else if (!columns->values) {
        style.bg = lit(&scene->theme, share).bg;
    }
    ui_put(canvas, spot, style, glyph_of(share));
    if (columns->values) {
        spot.column++;
        spot.columns = columns->wide - columns->label - 1;
        style = lit(&scene->theme, share);
        if (chosen) {
            style = ui_theme_style(&scene->theme, UI_ROLE_KEY);
            style.attributes = UI_REVERSE;
        }
        ui_canvas_fill(canvas, (struct ui_rect){spot.row, spot.column, 1, spot.columns}, style,
                       ' ');
        ui_put_right(canvas, spot, style, ui_format_code(text, (double)unit->activation, 2));
    }
}

static void draw_nodes(const struct ui_scene *scene, const struct ui_network_place *place,
                       const struct ui_network_columns *columns, struct ui_canvas *canvas,
                       int index)
{
    const struct hg_network *shown = scene->snapshot->network;
    const struct ui_network *network = scene->network;
    int at = columns->first + index, count;
    const struct hg_network_column *column = &shown->column[at];
    bool here = shown->first + (uint32_t)at == network->column;

    count = (int)column->count;
    for (int i = 0; i < count; i++) {
        struct ui_spot spot = {ui_network_row(place, count, i), columns->x[index], columns->wide};
        draw_node(scene, columns, canvas, spot, column, &column->unit[i],
                  here && column->unit[i].unit == network->unit);
    }
}

/* ---- rule and key ---- */

static void draw_rule(const struct ui_scene *scene, const struct ui_network_place *place,
                      const struct ui_network_columns *columns, struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    char sample[96], all[200], part[80] = "", label[32];
    const char *figures[] = {all, sample, part, NULL};

    ui_label_name(scene->snapshot, scene->snapshot->label, label, sizeof label);
    snprintf(sample, sizeof sample, label[0] != '\0' ? "sample #%u \"%s\"" : "sample #%u",
             (unsigned)shown->sample, label);
    if ((uint32_t)columns->count < shown->columns) {
        snprintf(part, sizeof part, "layers %u–%u of %u",
                 (unsigned)(shown->first + (uint32_t)columns->first),
                 (unsigned)(shown->first + (uint32_t)(columns->first + columns->count - 1)),
                 (unsigned)shown->columns - 1);
    }
    snprintf(all, sizeof all, "%s%s%s", part, part[0] != '\0' ? "  " : "", sample);
    ui_rule_fitting(
        &scene->theme,
        (struct ui_spot){place->drawing.row, place->drawing.column, place->drawing.columns}, canvas,
        "network", figures);
}

/* Words and samples of colour, as many as fit. */
struct entry {
    const char *sample, *word;
    struct ui_style style;
};

static void draw_key(const struct ui_scene *scene, const struct ui_network_place *place,
                     struct ui_canvas *canvas, bool all)
{
    static const char *const some[] = {"most active units, strongest weights", "strongest only",
                                       "strongest", NULL};
    const struct ui_theme *theme = &scene->theme;
    bool coloured = theme->colours > 0;
    const struct entry entries[] = {
        {coloured ? "━━" : "- -", "weight < 0", ui_network_style(theme, -1, 1, true)},
        {"━━", "> 0", ui_network_style(theme, 1, 1, true)},
        {"●", "bias < 0", ui_network_style(theme, -1, 1, true)},
        {"●", "> 0", ui_network_style(theme, 1, 1, true)},
        {" 0.8 ", "activation", lit(theme, 0.8)},
    };
    struct ui_rect rect = place->drawing;
    struct ui_spot spot = {rect.row + rect.rows - 1, rect.column + 1, rect.columns - 2};
    size_t first = 0, last = sizeof entries / sizeof *entries;

    if (place->rows + place->heads + 1 >= rect.rows) {
        return;
    }
    if (!coloured) { /* there a dot has no colour */
        last = 2;
    }
    for (size_t i = first; i < last; i++) {
        int wide = ui_width(entries[i].sample, canvas->ascii) + 1 +
                   ui_width(entries[i].word, canvas->ascii) + 2;
        if (wide > spot.columns) {
            break;
        }
        int used = ui_put(canvas, spot, entries[i].style, entries[i].sample) + 1;
        ui_put(canvas, (struct ui_spot){spot.row, spot.column + used, spot.columns - used},
               ui_theme_style(theme, UI_ROLE_WORD), entries[i].word);
        spot.column += wide;
        spot.columns -= wide;
    }
    for (size_t i = 0; !all && some[i] != NULL; i++) {
        if (ui_width(some[i], canvas->ascii) <= spot.columns) {
            ui_put_right(canvas, spot, ui_theme_style(theme, UI_ROLE_CHROME), some[i]);
            return;
        }
    }
}

void ui_panel_network(struct ui_scene *scene, const struct ui_network_place *place,
                      struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    struct ui_rect rect = place->drawing;
    struct ui_network_columns columns;

    if (place->rows < 1 || rect.columns < 12) {
        return;
    }
    ui_network_columns(&columns, place, shown);
    ui_blank(canvas, (struct ui_rect){rect.row + 1, rect.column, rect.rows - 1, rect.columns});
    draw_rule(scene, place, &columns, canvas);
    bool all = ui_network_edges(scene, place, &columns, canvas);
    for (int i = 0; i < columns.count; i++) {
        draw_head(scene, place, &columns, canvas, i);
        draw_nodes(scene, place, &columns, canvas, i);
    }
    draw_key(scene, place, canvas, all);
}
