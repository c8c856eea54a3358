/* The chosen unit: its numbers, and the strongest of its weights. */
#include "tui/format.h"
#include "tui/network.h"

#include <math.h>
#include <stdio.h>

/* What is written, from top to bottom. */
struct page {
    const struct ui_scene *scene;
    struct ui_canvas *canvas;
    struct ui_rect left; /* what is free */
};

static bool next_row(struct page *page, struct ui_spot *spot)
{
    if (page->left.rows <= 0) {
        return false;
    }
    *spot = (struct ui_spot){page->left.row, page->left.column, page->left.columns};
    page->left.row++;
    page->left.rows--;
    return true;
}

static void put_fact(struct page *page, const char *word, const char *value)
{
    const struct ui_theme *theme = &page->scene->theme;
    struct ui_spot spot;

    if (next_row(page, &spot)) {
        ui_put_cut(page->canvas, spot, ui_theme_style(theme, UI_ROLE_WORD), word);
        ui_put_right(page->canvas, spot, ui_theme_style(theme, UI_ROLE_VALUE), value);
    }
}

/* "12 ━━━━━━━ -0.803" */
static void put_link(struct page *page, const struct hg_network_link *link, double strongest)
{
    enum { NUMBER = 6, VALUE = 8 };
    const struct ui_theme *theme = &page->scene->theme;
    double share = strongest > 0 ? fabs((double)link->weight) / strongest : 0;
    struct ui_style style = ui_network_style(theme, (double)link->weight, share, true);
    struct ui_spot spot;
    char text[UI_NUMBER];

    if (!next_row(page, &spot)) {
        return;
    }
    int room = spot.columns - NUMBER - VALUE - 2;
    int bar = room > 0 && share <= 1 ? (int)lround(share * room) : 0;
    snprintf(text, sizeof text, "%u", (unsigned)link->unit);
    ui_put_right(page->canvas, (struct ui_spot){spot.row, spot.column, NUMBER},
                 ui_theme_style(theme, UI_ROLE_WORD), text);
    for (int i = 0; i < bar; i++) {
        ui_put(page->canvas, (struct ui_spot){spot.row, spot.column + NUMBER + 1 + i, 1}, style,
               theme->colours == 0 && link->weight < 0 ? "-" : "━");
    }
    ui_put_right(page->canvas, spot, ui_theme_style(theme, UI_ROLE_VALUE),
                 ui_format_code(text, (double)link->weight, 3));
}

static void put_links(struct page *page, const char *title, const struct hg_network_link *links,
                      uint32_t count, uint32_t total)
{
    const struct ui_theme *theme = &page->scene->theme;
    char text[96], number[UI_NUMBER];
    struct ui_spot spot;

    if (total == 0 || page->left.rows < 2) {
        return;
    }
    if (page->left.rows > 12) {
        next_row(page, &spot);
    }
    next_row(page, &spot);
    ui_put_cut(page->canvas, spot, ui_theme_style(theme, UI_ROLE_WORD), title);
    ui_format_count(number, total);
    if (count < total) {
        snprintf(text, sizeof text, "%u of %s", (unsigned)count, number);
    } else {
        snprintf(text, sizeof text, "all %s", number);
    }
    ui_put_right(page->canvas, spot, ui_theme_style(theme, UI_ROLE_WORD), text);
    for (uint32_t i = 0; i < count; i++) {
        put_link(page, &links[i], fabs((double)links[0].weight));
    }
}

/* Half of the room each, what one does not need for the other. */
static void put_both(struct page *page, const struct hg_network *shown)
{
    int room = page->left.rows - 2 - (page->left.rows > 14 ? 2 : 0), ins, outs;

    room = room > 0 ? room : 0;
    ins = (int)shown->top_ins;
    outs = (int)shown->top_outs;
    if (ins + outs > room) {
        int half = room / 2;
        int least = ins < outs ? ins : outs;
        if (least > half) {
            ins = room - half;
            outs = half;
        } else if (ins < outs) {
            outs = room - ins;
        } else {
            ins = room - outs;
        }
    }
    put_links(page, "strongest in", shown->in, (uint32_t)ins, shown->ins);
    put_links(page, "strongest out", shown->out, (uint32_t)outs, shown->outs);
}

static const char *noun_of(const struct hg_network_column *column)
{
    return column != NULL && column->maps ? "map" : "unit";
}

/* Three rows below a small drawing. */
static void put_short(struct page *page, const struct hg_network *shown)
{
    const struct ui_theme *theme = &page->scene->theme;
    char text[200], bias[UI_NUMBER], activation[UI_NUMBER], weight[UI_NUMBER];
    struct ui_spot spot;

    next_row(page, &spot);
    snprintf(text, sizeof text, "bias %s  activation %s",
             isnan(shown->bias) ? "none" : ui_format_code(bias, (double)shown->bias, 3),
             ui_format_code(activation, (double)shown->activation, 3));
    ui_put_cut(page->canvas, spot, ui_theme_style(theme, UI_ROLE_VALUE), text);
    if (!next_row(page, &spot)) {
        return;
    }
    if (shown->top_ins > 0) {
        snprintf(text, sizeof text, "strongest in: %u (%s)", (unsigned)shown->in[0].unit,
                 ui_format_code(weight, (double)shown->in[0].weight, 3));
    } else {
        snprintf(text, sizeof text, "nothing comes in");
    }
    ui_put_cut(page->canvas, spot, ui_theme_style(theme, UI_ROLE_WORD), text);
}

static void draw_title(const struct ui_scene *scene, const struct hg_network_column *column,
                       struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    char title[64];
    const char *figures[] = {column == NULL || column->name[0] == '\0' ? "input" : column->name,
                             NULL};

    snprintf(title, sizeof title, "%s %u", noun_of(column), (unsigned)shown->chosen_unit);
    ui_rule_fitting(&scene->theme, (struct ui_spot){rect.row, rect.column, rect.columns}, canvas,
                    title, figures);
}

void ui_panel_network_unit(const struct ui_scene *scene, struct ui_rect rect,
                           struct ui_canvas *canvas)
{
    const struct hg_network *shown = scene->snapshot->network;
    const struct hg_network_column *column = ui_network_column(shown, shown->chosen_column);
    struct page page = {
        scene, canvas, {rect.row + 1, rect.column + 1, rect.rows - 1, rect.columns - 2}};
    char text[UI_NUMBER];

    ui_blank(canvas, rect);
    draw_title(scene, column, rect, canvas);
    if (rect.rows < 6) {
        put_short(&page, shown);
        return;
    }
    put_fact(&page, "bias",
             isnan(shown->bias) ? "none" : ui_format_code(text, (double)shown->bias, 4));
    put_fact(&page, column != NULL && column->maps ? "activation, mean" : "activation",
             ui_format_code(text, (double)shown->activation, 4));
    put_both(&page, shown);
}
