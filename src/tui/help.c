#include "tui/help.h"

#include "tui/action.h"
#include "tui/command.h"
#include "tui/term.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

enum { KEYS_WIDTH = 12, COMMAND_WIDTH = 16, TWO_COLUMNS = 150 };

/* Where the next line goes: only lines from `top` on are drawn. */
struct page {
    struct ui_canvas *canvas;
    const struct ui_theme *theme;
    int line, top, rows, column, columns;
};

static bool spot_of(struct page *page, struct ui_spot *spot)
{
    int row = page->line++ - page->top;

    *spot = (struct ui_spot){row + 1, page->column, page->columns};
    return row >= 0 && row < page->rows;
}

static void put_title(struct page *page, const char *title)
{
    struct ui_spot spot;

    page->line += page->line > 0;
    if (spot_of(page, &spot)) {
        ui_put_cut(page->canvas, spot, ui_theme_style(page->theme, UI_ROLE_TITLE), title);
    }
}

static void put_line(struct page *page, int width, const char *key, const char *text, bool later)
{
    struct ui_spot spot;
    char line[320];

    if (!spot_of(page, &spot)) {
        return;
    }
    struct ui_spot left = {spot.row, spot.column + 2, width};
    struct ui_spot right = {spot.row, spot.column + width + 3, spot.columns - width - 3};
    ui_put_cut(page->canvas, left, ui_theme_style(page->theme, later ? UI_ROLE_WORD : UI_ROLE_KEY),
               key);
    snprintf(line, sizeof line, "%s%s", text, later ? " (later version)" : "");
    ui_put_cut(page->canvas, right,
               ui_theme_style(page->theme, later ? UI_ROLE_WORD : UI_ROLE_VALUE), line);
}

static void put_actions(struct page *page, enum ui_group group)
{
    size_t count;
    const struct ui_action_info *actions = ui_actions(&count);

    put_title(page, ui_group_title(group));
    for (size_t i = 0; i < count; i++) {
        if (actions[i].group == group) {
            put_line(page, KEYS_WIDTH, actions[i].keys, actions[i].help, actions[i].later);
        }
    }
}

static void put_commands(struct page *page)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);

    put_title(page, "Command line");
    for (size_t i = 0; i < count; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, ":%s", commands[i].usage);
        put_line(page, COMMAND_WIDTH, usage, commands[i].help, commands[i].later);
    }
}

static void put_screen(struct page *page)
{
    put_title(page, "Screen");
    put_line(page, KEYS_WIDTH, "dotted line",
             "a floor: mean = the best constant output, PCA-k = "
             "the best linear code of k values",
             false);
    put_line(page, KEYS_WIDTH, "curve", "running mean of the batch losses", false);
    put_line(page, KEYS_WIDTH, "points", "validation loss after each epoch", false);
    put_line(page, KEYS_WIDTH, "difference", "blue: the output is too dark; orange: too bright",
             false);
    put_line(page, KEYS_WIDTH, "code", "where the network places the samples, by label", false);
    put_line(page, KEYS_WIDTH, "weights",
             "view 4: a picture for each unit or kernel; middle grey is 0, brighter is above",
             false);
    put_line(page, KEYS_WIDTH, "flat", "view 4: a picture of one value everywhere", false);
    put_line(page, KEYS_WIDTH, "collapse",
             "spread of the outputs over that of the inputs (C): "
             "0 = the same output for all",
             false);
}

static void put_run(struct page *page, const struct hg_snapshot *snapshot)
{
    if (snapshot == NULL || snapshot->layers_long[0] == '\0') {
        return;
    }
    put_title(page, "This run");
    put_line(page, KEYS_WIDTH, "network", snapshot->layers_long, false);
    for (size_t i = 0; i < snapshot->note_count; i++) {
        put_line(page, KEYS_WIDTH, i == 0 ? "chosen" : "", snapshot->notes[i], false);
    }
}

/* All lines, in one column or two; returns their number. */
static int put_page(struct page *page, const struct hg_snapshot *snapshot)
{
    bool two = page->columns >= TWO_COLUMNS;
    int whole = page->columns, left;

    page->columns = two ? whole / 2 - 2 : whole;
    page->line = 0;
    put_actions(page, UI_GROUP_TRAIN);
    put_actions(page, UI_GROUP_LOOK);
    left = page->line;
    if (two) {
        page->column += whole / 2;
        page->line = 0;
    }
    put_actions(page, UI_GROUP_KEEP);
    put_actions(page, UI_GROUP_PROGRAM);
    put_commands(page);
    if (two) {
        page->column -= whole / 2;
        page->line = page->line > left ? page->line : left;
    }
    page->columns = whole;
    put_screen(page);
    put_run(page, snapshot);
    return page->line;
}

void ui_help_scroll(struct ui_help *help, int lines)
{
    int last = help->lines - help->page;

    help->top += lines;
    if (help->top > last) {
        help->top = last;
    }
    if (help->top < 0) {
        help->top = 0;
    }
}

bool ui_help_key(struct ui_help *help, uint32_t key)
{
    int page = help->page > 2 ? help->page - 1 : 1;

    switch (key) {
    case UI_KEY_ESCAPE:
    case UI_KEY_ENTER:
    case '?':
    case 'q':
    case 'h':
    case UI_KEY_F0 + 1:
    case UI_KEY_F0 + 10:
        help->open = false;
        return true;
    case UI_KEY_UP:
    case 'k':
        ui_help_scroll(help, -1);
        return true;
    case UI_KEY_DOWN:
    case 'j':
        ui_help_scroll(help, 1);
        return true;
    case UI_KEY_PAGE_UP:
    case 'b':
        ui_help_scroll(help, -page);
        return true;
    case UI_KEY_PAGE_DOWN:
    case ' ':
        ui_help_scroll(help, page);
        return true;
    case UI_KEY_HOME:
    case 'g':
        help->top = 0;
        return true;
    case UI_KEY_END:
    case 'G':
        ui_help_scroll(help, help->lines);
        return true;
    default:
        return false;
    }
}

void ui_help_draw(struct ui_help *help, const struct ui_theme *theme,
                  const struct hg_snapshot *snapshot, struct ui_canvas *canvas)
{
    static const struct ui_hint hints[] = {{"↑↓ PageUp PageDown", "scroll", 1},
                                           {"Esc ? q", "close", 0}};
    bool footer = canvas->rows >= 4;
    struct page page = {.canvas = canvas, .theme = theme, .column = canvas->columns > 20 ? 1 : 0};
    char figure[48];

    page.rows = canvas->rows - 1 - (footer ? 1 : 0);
    page.columns = canvas->columns - page.column;
    help->page = page.rows;
    ui_help_scroll(help, 0);
    page.top = help->top;
    help->lines = put_page(&page, snapshot);
    int last = help->top + page.rows < help->lines ? help->top + page.rows : help->lines;
    snprintf(figure, sizeof figure, "lines %d to %d of %d", help->top + 1, last, help->lines);
    ui_rule(canvas, (struct ui_spot){0, 0, canvas->columns}, &theme->rule, "Help", figure);
    if (footer) {
        ui_panel_hints(theme, (struct ui_rect){canvas->rows - 1, 0, 1, canvas->columns}, canvas,
                       hints, sizeof hints / sizeof *hints);
    }
}
