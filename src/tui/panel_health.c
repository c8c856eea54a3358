/* The layers over time: a row a layer, a column a quantity. */
#include "tui/health.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME = 10,
    LONG_NAME = 30,
    LONG_FROM = 110,
    LEAST_LINE = 6,
    WIDE_LINE = 8,
    SHARES_FROM = 100
};

/* One line a quantity: its titles, what is healthy, the columns that its number takes. */
static const struct quantity {
    enum hg_pulse_kind kind;
    const char *title, *long_title, *band, *long_band;
    int digits;
    bool share;
} quantities[HG_PULSE_KINDS] = {
    {HG_PULSE_UPDATE, "update", "update / weight", "1e-5 … 0.1", "0.00001 … 0.1", 6, false},
    {HG_PULSE_GRADIENT, "gradient", "gradient", "≥ max/1000", "≥ the largest / 1000", 6, false},
    {HG_PULSE_SPREAD, "spread", "spread of outputs", "≥ size/1000", "≥ their size / 1000", 6,
     false},
    {HG_PULSE_SATURATED, "saturated", "saturated", "< 90 %", "< 90 %", 5, true},
    {HG_PULSE_DEAD, "dead", "dead units", "< 25 %", "< 25 %", 5, true},
};

/* Where the columns stand. */
struct columns {
    int name;
    size_t count;
    struct {
        const struct quantity *what;
        int column, line, wide; /* line: columns of the chart, 0 = the number alone */
    } at[HG_PULSE_KINDS];
};

/* A quantity that no layer has is left out. */
static bool present(const struct hg_health *health, enum hg_pulse_kind kind)
{
    for (size_t i = 0; i < health->layers; i++) {
        if (kind != HG_PULSE_SATURATED || !isnan(health->layer[i].saturated)) {
            return true;
        }
    }
    return false;
}

static int least_width(const struct quantity *what, bool shares, bool ascii)
{
    int line = what->share && !shares ? 0 : LEAST_LINE + 1, title = ui_width(what->title, ascii);
    int band = ui_width(what->band, ascii), wide = line + what->digits;

    title = title > band ? title : band;
    return 1 + (wide > title ? wide : title);
}

static void spread_room(struct columns *columns, int room, bool shares)
{
    int lines = 0, column = columns->name;

    for (size_t i = 0; i < columns->count; i++) {
        lines += !columns->at[i].what->share || shares;
    }
    for (size_t i = 0; i < columns->count; i++) {
        bool line = !columns->at[i].what->share || shares;
        int more = line && lines > 0 ? room / lines : 0;
        if (line) {
            room -= more;
            lines--;
        }
        columns->at[i].wide += more;
        columns->at[i].column = column + 1;
        columns->at[i].line = line ? columns->at[i].wide - 2 - columns->at[i].what->digits : 0;
        column += columns->at[i].wide;
    }
}

static void fit_columns(const struct hg_health *health, int room, bool ascii,
                        struct columns *columns)
{
    bool shares = room >= SHARES_FROM;

    int name = NAME;

    columns->count = 0;
    for (size_t i = 0; i < health->layers; i++) {
        int wide = ui_width(health->layer[i].name, ascii) + 1;
        name = wide > name ? wide : name;
    }
    columns->name = room >= LONG_FROM ? LONG_NAME : room >= 3 * name ? name : room;
    room -= columns->name;
    for (size_t i = 0; i < HG_PULSE_KINDS; i++) {
        int least = least_width(&quantities[i], shares, ascii);
        if (!present(health, quantities[i].kind)) {
            continue;
        }
        if (least > room) {
            break;
        }
        columns->at[columns->count].what = &quantities[i];
        columns->at[columns->count++].wide = least;
        room -= least;
    }
    spread_room(columns, room, shares);
}

/* ---- words ---- */

char *ui_health_number(char out[UI_NUMBER], double value)
{
    if (!isfinite(value)) {
        snprintf(out, UI_NUMBER, "%s", isnan(value) ? "–" : "inf");
    } else if (value == 0) {
        snprintf(out, UI_NUMBER, "0");
    } else if (value >= 0.000995 && value < 1e5) {
        snprintf(out, UI_NUMBER, value < 9.5 ? "%#.2g" : "%.0f", value);
    } else { /* "1.2e-05" has a digit too much */
        snprintf(out, UI_NUMBER, value < 9.95e-10 || value >= 9.95e9 ? "%.0e" : "%.1e", value);
        char *sign = strchr(out, 'e') + 1, *from = sign + 1 + (sign[1] == '0');
        memmove(sign + (*sign == '-'), from, strlen(from) + 1);
    }
    return out;
}

static void format_share(char *out, size_t size, double share)
{
    if (isnan(share)) {
        snprintf(out, size, "–");
    } else if (share > 0 && share < 0.005) {
        snprintf(out, size, "<1 %%");
    } else {
        snprintf(out, size, "%.0f %%", 100 * share);
    }
}

static double present_value(const struct hg_layer_health *layer, enum hg_pulse_kind kind)
{
    switch (kind) {
    case HG_PULSE_UPDATE:
        return layer->update;
    case HG_PULSE_GRADIENT:
        return layer->gradient;
    case HG_PULSE_SPREAD:
        return layer->spread;
    case HG_PULSE_SATURATED:
        return layer->saturated;
    default:
        return layer->dead;
    }
}

/* ---- drawing ---- */

static void put_name(const struct ui_scene *scene, struct ui_spot spot,
                     const struct hg_layer_health *layer, struct ui_canvas *canvas)
{
    char text[160];

    ui_blank(canvas, (struct ui_rect){spot.row, spot.column, 1, spot.columns});
    spot.columns--;
    int used = ui_put_cut(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_VALUE), layer->name);
    spot.column += used + 1;
    spot.columns -= used + 1;
    snprintf(text, sizeof text, "%s", layer->text);
    char *kernel = strstr(text, " 3x3"); /* goes without saying */
    if (kernel != NULL) {
        memmove(kernel, kernel + 4, strlen(kernel + 4) + 1);
    }
    if (spot.columns >= 8) {
        ui_put_cut(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_WORD), text);
    }
}

/* Out of the healthy band: the number and its line in colour, a mark where there is none. */
static void put_cell(const struct ui_scene *scene, const struct columns *columns, size_t at,
                     struct ui_rect rect, struct ui_canvas *canvas, size_t layer)
{
    const struct hg_pulse *pulse = &scene->snapshot->pulse;
    const struct quantity *what = columns->at[at].what;
    bool outside = hg_pulse_outside(&pulse->now, layer, what->kind);
    double value = present_value(&pulse->now.layer[layer], what->kind);
    struct ui_style style = ui_theme_style(&scene->theme, outside ? UI_ROLE_WARN : UI_ROLE_VALUE);
    int line = columns->at[at].line, width = columns->at[at].wide - 1;
    struct ui_spot spot = {rect.row + (rect.rows - 1) / 2, columns->at[at].column, width};
    char text[UI_NUMBER];

    if (what->share) {
        format_share(text, sizeof text, value);
    } else {
        ui_health_number(text, value);
    }
    ui_blank(canvas, (struct ui_rect){spot.row, spot.column + line, 1, width - line + 1});
    if (line == 0) { /* below the first letter of its title */
        spot.columns = what->digits;
    }
    ui_put_right(canvas, spot, style, text);
    if (outside) {
        ui_put(canvas, (struct ui_spot){spot.row, spot.column + spot.columns, 1}, style, "!");
    }
    if (line > 0 && (scene->fresh & UI_FRESH_CODE) != 0) {
        struct ui_rect place = {rect.row, spot.column, rect.rows, line};
        struct ui_health_line drawn = {.step = pulse->step,
                                       .value = pulse->value + layer * HG_PULSE_KINDS +
                                                (size_t)what->kind,
                                       .count = pulse->points,
                                       .stride = pulse->now.layers * HG_PULSE_KINDS,
                                       .share = what->share,
                                       .linear = scene->health->linear,
                                       .end = scene->health->end};
        ui_blank(canvas, place);
        ui_health_line(canvas, &scene->theme, place, &drawn,
                       outside ? style : ui_theme_style(&scene->theme, UI_ROLE_WORD));
    }
}

static void put_heads(const struct ui_scene *scene, const struct columns *columns, int row,
                      bool bands, struct ui_canvas *canvas)
{
    struct ui_style word = ui_theme_style(&scene->theme, UI_ROLE_WORD);
    struct ui_style chrome = ui_theme_style(&scene->theme, UI_ROLE_CHROME);

    ui_put_cut(canvas, (struct ui_spot){row, 1, columns->name - 1}, word, "layer");
    if (bands) {
        ui_put_cut(canvas, (struct ui_spot){row + 1, 1, columns->name - 1}, chrome, "healthy");
    }
    for (size_t i = 0; i < columns->count; i++) {
        const struct quantity *what = columns->at[i].what;
        struct ui_spot spot = {row, columns->at[i].column, columns->at[i].wide - 1};
        bool large = ui_width(what->long_title, canvas->ascii) < spot.columns;
        ui_put(canvas, spot, word, large ? what->long_title : what->title);
        spot.row++;
        large = ui_width(what->long_band, canvas->ascii) < spot.columns;
        if (bands) {
            ui_put(canvas, spot, chrome, large ? what->long_band : what->band);
        }
    }
}

static void put_rule(const struct ui_scene *scene, const struct ui_health_page *page,
                     struct ui_canvas *canvas)
{
    const struct hg_pulse *pulse = &scene->snapshot->pulse;
    const struct ui_health *health = scene->health;
    char first[UI_NUMBER], last[UI_NUMBER], samples[UI_NUMBER];
    char steps[192], all[256], layers[64] = "";
    const char *figures[] = {all, steps, NULL, NULL};

    ui_format_count(first, pulse->step[0] > 0 ? pulse->step[0] : 1);
    ui_format_count(last, pulse->now.step);
    ui_format_count(samples, pulse->now.samples);
    if (page->page < pulse->now.layers) {
        snprintf(layers, sizeof layers, "layers %zu to %zu of %zu", health->top + 1,
                 health->top + page->page, pulse->now.layers);
    }
    snprintf(steps, sizeof steps, "%s%ssteps %s … %s%s", layers, layers[0] != '\0' ? "  " : "",
             first, last, health->linear ? "" : ", log");
    figures[2] = layers[0] != '\0' ? layers : NULL;
    snprintf(all, sizeof all, "%s  measured on %s samples", steps, samples);
    ui_rule_fitting(&scene->theme,
                    (struct ui_spot){page->layers.row, page->layers.column, page->layers.columns},
                    canvas, "health of the layers", figures);
}

/* Steps run from 1 to a little beyond the last; the end moves by leaps. */
static void follow_axis(struct ui_health *health, const struct hg_pulse *pulse, bool linear)
{
    double last = fmax(10, (double)pulse->step[pulse->points - 1]);
    double end = linear ? last : log(last);
    double slack = linear ? 0.75 * health->end : health->end - log(1.6);

    if (health->set && health->linear == linear && end <= health->end && end >= slack) {
        return;
    }
    health->set = true;
    health->linear = linear;
    health->end = linear ? last * 1.12 : log(last * 1.12);
}

void ui_panel_health(struct ui_scene *scene, const struct ui_health_page *page,
                     struct ui_canvas *canvas)
{
    const struct hg_pulse *pulse = &scene->snapshot->pulse;
    struct ui_rect rect = page->layers;
    struct columns columns;

    if (ui_rect_empty(rect)) {
        return;
    }
    if (!pulse->known || pulse->points == 0) {
        ui_put_cut(canvas, (struct ui_spot){rect.row, rect.column + 1, rect.columns - 2},
                   ui_theme_style(&scene->theme, UI_ROLE_WORD), "Measuring the layers …");
        return;
    }
    follow_axis(scene->health, pulse, scene->linear_steps);
    put_rule(scene, page, canvas);
    fit_columns(&pulse->now, rect.columns - 1, canvas->ascii, &columns);
    if (rect.rows > 2) {
        put_heads(scene, &columns, rect.row + 1, page->bands, canvas);
    }
    for (size_t i = 0; i < page->page && scene->health->top + i < pulse->now.layers; i++) {
        size_t layer = scene->health->top + i;
        struct ui_rect row = {rect.row + 2 + page->bands + (int)i * page->lines, 1, page->lines,
                              rect.columns - 1};
        put_name(scene, (struct ui_spot){row.row + (row.rows - 1) / 2, 1, columns.name - 1 + 1},
                 &pulse->now.layer[layer], canvas);
        for (size_t at = 0; at < columns.count; at++) {
            put_cell(scene, &columns, at, row, canvas, layer);
        }
    }
}
