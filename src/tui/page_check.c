#include "tui/page_check.h"

#include "tui/format.h"
#include "tui/term.h"
#include "tui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Columns of the table; from FULL on all of them. */
enum { NAME = 22, CHECKED = 9, ERROR = 10, RATIO = 18, GAP = 2, FULL = 72, TEXT = 512 };

/* Where the next line goes: only lines from `top` on are drawn. */
struct page {
    struct ui_canvas *canvas;
    const struct ui_theme *theme;
    int line, top, row, rows, columns;
};

static bool spot_of(struct page *page, struct ui_spot *spot)
{
    int row = page->line++ - page->top;

    *spot = (struct ui_spot){page->row + row, 1, page->columns - 2};
    return row >= 0 && row < page->rows && spot->columns > 0;
}

/* Words up to the last blank that fits; a word that is too long is cut. */
static size_t fitting(const char *text, int columns, bool ascii)
{
    char part[TEXT];
    size_t best = 0;

    for (size_t end = strcspn(text, " ");; end += 1 + strcspn(text + end + 1, " ")) {
        snprintf(part, sizeof part, "%.*s", (int)end, text);
        if (best > 0 && ui_width(part, ascii) > columns) {
            return best;
        }
        best = end;
        if (text[end] == '\0' || end + 1 >= sizeof part) {
            return best;
        }
    }
}

static void put_wrapped(struct page *page, struct ui_style style, const char *text)
{
    while (*text != '\0') {
        size_t length = fitting(text, page->columns - 2, page->canvas->ascii);
        struct ui_spot spot;
        char part[TEXT];
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (spot_of(page, &spot)) {
            ui_put_cut(page->canvas, spot, style, part);
        }
        text += length;
        text += strspn(text, " ");
    }
}

/* ---- the table ---- */

/* One line: name, then what has room from the right, the verdict last. */
struct line {
    const char *name, *checked, *error, *ratio, *verdict;
    struct ui_style style, verdict_style;
};

static void put_line(struct page *page, const struct line *line)
{
    bool full = page->columns - 2 >= FULL;
    struct ui_spot spot, cell;
    int column;

    if (!spot_of(page, &spot)) {
        return;
    }
    column = spot.column;
    ui_put_cut(page->canvas,
               (struct ui_spot){spot.row, column, NAME < spot.columns ? NAME : spot.columns},
               line->style, line->name);
    column += NAME;
    if (full) {
        ui_put_right(page->canvas, (struct ui_spot){spot.row, column, CHECKED}, line->style,
                     line->checked);
        column += CHECKED;
        ui_put_right(page->canvas, (struct ui_spot){spot.row, column, ERROR}, line->style,
                     line->error);
        column += ERROR;
    }
    cell = (struct ui_spot){spot.row, column, full ? RATIO : 10};
    if (cell.column + cell.columns <= spot.column + spot.columns) {
        ui_put_right(page->canvas, cell, line->style, line->ratio);
        column += cell.columns;
    }
    column += GAP;
    cell = (struct ui_spot){spot.row, column, spot.column + spot.columns - column};
    if (cell.columns >= 5) {
        ui_put(page->canvas, cell, line->verdict_style, line->verdict);
    }
}

static void put_heads(struct page *page)
{
    struct ui_style style = ui_theme_style(page->theme, UI_ROLE_WORD);
    bool full = page->columns - 2 >= FULL;
    struct line line = {"gradient of", "checked", "error", full ? "numeric/analytic" : "ratio",
                        "verdict",     style,     style};

    put_line(page, &line);
}

static void put_verdict(struct page *page, const struct hg_gradient_verdict *verdict)
{
    bool wrong = !verdict->right && !verdict->zero;
    enum hg_tone tone = wrong ? HG_TONE_BAD : verdict->zero ? HG_TONE_PLAIN : HG_TONE_GOOD;
    char checked[UI_NUMBER], error[UI_NUMBER], ratio[UI_NUMBER];
    struct line line = {verdict->name,
                        checked,
                        error,
                        ratio,
                        wrong               ? "wrong"
                        : verdict->overflow ? "overflow"
                        : verdict->zero     ? "zero"
                                            : "right",
                        ui_theme_style(page->theme, wrong ? UI_ROLE_BAD : UI_ROLE_VALUE),
                        ui_theme_tone(page->theme, tone)};

    snprintf(checked, sizeof checked, "%zu", verdict->checked);
    snprintf(error, sizeof error, "%.1e", verdict->error);
    snprintf(ratio, sizeof ratio, "%.4f", verdict->ratio);
    if (isnan(verdict->ratio)) {
        snprintf(ratio, sizeof ratio, "–");
    }
    if (isnan(verdict->error)) {
        snprintf(error, sizeof error, "–");
    }
    put_line(page, &line);
}

/* ---- what it comes to ---- */

static size_t count_zero(const struct hg_check *check, bool overflow)
{
    size_t zero = 0;

    for (size_t i = 0; i < check->checked; i++) {
        zero += check->verdict[i].zero && check->verdict[i].overflow == overflow;
    }
    return zero;
}

/* "The gradient is wrong: bias-per-weight. decoder.0.bias: 16 times too large, its fan-in." */
static void put_wrong(struct page *page, const struct hg_gradient_finding *finding,
                      const char *what)
{
    bool unknown = strcmp(finding->name, "unknown") == 0;
    char text[TEXT];

    snprintf(text, sizeof text, "The %s is wrong: %s%s%s%s%s.", what,
             unknown ? "none of the known bugs explains it" : finding->name,
             finding->words[0] != '\0' ? " (" : "", finding->words,
             finding->words[0] != '\0' ? ")" : "",
             finding->elsewhere ? ", seen with other weights, drawn at random" : "");
    put_wrapped(page, ui_theme_tone(page->theme, HG_TONE_BAD), text);
    if (finding->words[0] == '\0' && finding->layer[0] != '\0') {
        snprintf(text, sizeof text, "Most in %s: it should be %.4g times what it is.",
                 finding->layer, finding->ratio);
        put_wrapped(page, ui_theme_style(page->theme, UI_ROLE_VALUE), text);
    }
}

static void put_result(struct page *page, const struct hg_check *check)
{
    struct ui_style plain = ui_theme_style(page->theme, UI_ROLE_VALUE);
    struct ui_style good = ui_theme_tone(page->theme, HG_TONE_GOOD);
    size_t zero = count_zero(check, false), overflow = count_zero(check, true);
    char text[TEXT];

    if (check->status != HG_OK) {
        put_wrapped(page, ui_theme_tone(page->theme, HG_TONE_BAD),
                    "There was not enough memory to check the rest.");
        return;
    }
    if (check->finding.wrong) {
        put_wrong(page, &check->finding, "gradient");
    } else if (zero + overflow < check->checked) {
        put_wrapped(page, good, "All right: every gradient is what central differences say.");
    }
    if (zero > 0) {
        snprintf(text, sizeof text,
                 "Of %zu tensor%s both gradients vanish here, which proves nothing.", zero,
                 zero == 1 ? "" : "s");
        put_wrapped(page, plain, text);
    }
    if (overflow > 0) {
        snprintf(text, sizeof text,
                 "Of %zu tensor%s nothing was compared: float32 does not hold such numbers.",
                 overflow, overflow == 1 ? "" : "s");
        put_wrapped(page, plain, text);
    }
    if (check->checked < check->tensors) {
        snprintf(text, sizeof text, "The first %zu of %zu tensors were checked.", check->checked,
                 check->tensors);
        put_wrapped(page, plain, text);
    }
    if (check->update.wrong) {
        put_wrong(page, &check->update, "update");
    } else {
        put_wrapped(page, check->finding.wrong ? plain : good,
                    "The update: right, it does with that gradient what its formula says.");
    }
}

static void put_progress(struct page *page, const struct hg_check *check)
{
    char text[96];

    if (!check->known) {
        snprintf(text, sizeof text, "The check begins …");
    } else if (check->checked < check->tensors) {
        snprintf(text, sizeof text, "Checking %zu of %zu tensors …  Training waits.",
                 check->checked + 1, check->tensors);
    } else {
        snprintf(text, sizeof text, "Judging, and computing one update again …  Training waits.");
    }
    put_wrapped(page, ui_theme_style(page->theme, UI_ROLE_WORD), text);
}

static void put_page(struct page *page, const struct hg_check *check)
{
    put_heads(page);
    for (size_t i = 0; check->known && i < check->checked; i++) {
        put_verdict(page, &check->verdict[i]);
    }
    page->line++;
    if (check->known && check->done) {
        put_result(page, check);
    } else {
        put_progress(page, check);
    }
}

static void put_rule(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_check *check = &scene->snapshot->check;
    char step[UI_NUMBER], batch[UI_NUMBER], large[128], small[64];
    const char *figures[] = {large, small, NULL};

    ui_format_count(step, check->step);
    ui_format_count(batch, check->batch);
    snprintf(large, sizeof large, "weights of step %s, its next batch of %s", step, batch);
    snprintf(small, sizeof small, "step %s", step);
    ui_rule_fitting(&scene->theme, (struct ui_spot){rect.row, rect.column, rect.columns}, canvas,
                    "Gradient check", check->known ? figures : figures + 2);
}

void ui_check_draw(struct ui_check *check, const struct ui_scene *scene, struct ui_rect rect,
                   struct ui_canvas *canvas)
{
    const struct hg_check *facts = &scene->snapshot->check;
    struct page page = {.canvas = canvas,
                        .theme = &scene->theme,
                        .row = rect.row + 1,
                        .rows = rect.rows - 1,
                        .columns = rect.columns};

    if (ui_rect_empty(rect)) {
        return;
    }
    put_rule(scene, rect, canvas);
    page.top = page.rows * 1000; /* counts the lines, draws none */
    put_page(&page, facts);
    check->lines = page.line;
    check->page = page.rows;
    ui_check_scroll(check, check->still ? 0 : check->lines);
    page.line = 0;
    page.top = check->top;
    put_page(&page, facts);
}

void ui_check_footer(const struct ui_check *check, const struct ui_scene *scene,
                     struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_check *facts = &scene->snapshot->check;
    bool done = facts->known && facts->done;
    struct ui_hint hints[4];
    size_t count = 0;

    if (done) {
        hints[count++] = (struct ui_hint){"Enter", "check again", 1};
        hints[count++] = (struct ui_hint){"space", scene->running ? "pause" : "run", 3};
    }
    if (check->lines > check->page) {
        hints[count++] = (struct ui_hint){"↑↓", "scroll", 2};
    }
    hints[count++] = (struct ui_hint){"Esc G q", done ? "close" : "cancel", 0};
    ui_panel_hints(&scene->theme, rect, canvas, hints, count);
}

void ui_check_scroll(struct ui_check *check, int lines)
{
    int last = check->lines - check->page;

    check->top += lines;
    if (check->top > last) {
        check->top = last;
    }
    if (check->top < 0) {
        check->top = 0;
    }
}

static void scroll(struct ui_check *check, int lines)
{
    check->still = true;
    ui_check_scroll(check, lines);
}

bool ui_check_key(struct ui_check *check, uint32_t key)
{
    int page = check->page > 2 ? check->page - 1 : 1;

    switch (key) {
    case UI_KEY_ESCAPE:
    case 'G':
    case 'q':
    case UI_KEY_F0 + 10:
        check->open = false;
        return true;
    case UI_KEY_ENTER:
        check->again = true;
        check->still = false;
        return true;
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        scroll(check, key == UI_KEY_UP ? -1 : 1);
        return true;
    case UI_KEY_PAGE_UP:
    case UI_KEY_PAGE_DOWN:
        scroll(check, key == UI_KEY_PAGE_UP ? -page : page);
        return true;
    case UI_KEY_HOME:
    case UI_KEY_END:
        scroll(check, key == UI_KEY_HOME ? -check->lines : check->lines);
        return true;
    default:
        return false;
    }
}
