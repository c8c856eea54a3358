#include "tui/page_doctor.h"

#include "tui/format.h"
#include "tui/term.h"
#include "tui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 4, WIDEST = 110, DIGITS = 9 };

/* Where the next line goes: only lines from `top` on are drawn. */
struct page {
    struct ui_canvas *canvas;
    const struct ui_theme *theme;
    int line, top, row, rows, columns;
};

static bool spot_of(struct page *page, int indent, struct ui_spot *spot)
{
    int row = page->line++ - page->top;

    *spot = (struct ui_spot){page->row + row, 1 + indent, page->columns - 1 - indent};
    return row >= 0 && row < page->rows && spot->columns > 0;
}

static void put_plain(struct page *page, struct ui_style style, const char *text)
{
    struct ui_spot spot;

    if (spot_of(page, 0, &spot)) {
        ui_put_cut(page->canvas, spot, style, text);
    }
}

/* Bytes of `text` that fit into `columns`, up to a blank; a word that is too long is cut. */
static size_t fitting(const struct page *page, const char *text, int columns)
{
    char part[256];
    size_t best = 0;

    for (size_t end = strcspn(text, " ");; end += 1 + strcspn(text + end + 1, " ")) {
        snprintf(part, sizeof part, "%.*s", (int)end, text);
        if (best > 0 && ui_width(part, page->canvas->ascii) > columns) {
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
    int columns = page->columns - 2 - INDENT;

    columns = columns < WIDEST ? columns : WIDEST;
    while (*text != '\0') {
        size_t length = fitting(page, text, columns);
        struct ui_spot spot;
        char part[256];
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (spot_of(page, INDENT, &spot)) {
            ui_put_cut(page->canvas, spot, style, part);
        }
        text += length;
        text += strspn(text, " ");
    }
}

/* "mean collapse" */
static void name_kind(enum hg_finding_kind kind, char *out, size_t size)
{
    snprintf(out, size, "%s", hg_finding_name(kind));
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '_' ? ' ' : *c;
    }
}

/* What the digit does; "" = nothing. */
static void describe_cure(const struct hg_finding *finding, char *out, size_t size)
{
    const char *dot = strchr(finding->name, '.');
    const char *name = dot != NULL ? dot + 1 : finding->name;
    bool again = strcmp(finding->key, "r") == 0;

    if (finding->name[0] != '\0') {
        snprintf(out, size, again ? "starts again with %s = %s" : "sets %s = %s", name,
                 finding->text);
    } else if (again) {
        snprintf(out, size, "starts again");
    } else if (finding->key[0] != '\0') {
        snprintf(out, size, "does what %s does", finding->key);
    } else {
        out[0] = '\0';
    }
}

static void put_cure(struct page *page, const struct hg_finding *finding, size_t number)
{
    char text[192], digit[8];
    struct ui_spot spot;

    describe_cure(finding, text, sizeof text);
    if (text[0] == '\0' || number > DIGITS || !spot_of(page, INDENT, &spot)) {
        return;
    }
    snprintf(digit, sizeof digit, "%zu", number);
    ui_put(page->canvas, spot, ui_theme_style(page->theme, UI_ROLE_KEY), digit);
    spot.column += 2;
    spot.columns -= 2;
    ui_put_cut(page->canvas, spot, ui_theme_style(page->theme, UI_ROLE_WORD), text);
}

static void put_finding(struct page *page, const struct hg_finding *finding, size_t number)
{
    enum hg_tone tone = number == 1 ? HG_TONE_BAD : HG_TONE_WARN;
    struct ui_style word = ui_theme_style(page->theme, UI_ROLE_WORD);
    struct ui_style title = finding->alarm ? ui_theme_tone(page->theme, tone) : word;
    struct ui_spot spot;
    char kind[48], text[192];

    name_kind(finding->kind, kind, sizeof kind);
    bool place = finding->layer[0] != '\0' && strstr(finding->number, finding->layer) == NULL;
    snprintf(text, sizeof text, "%2zu  %s%s%s", number, kind, place ? " in " : "",
             place ? finding->layer : "");
    if (spot_of(page, 0, &spot)) {
        int used = ui_put_cut(page->canvas, spot, title, text);
        spot.column += used + 2;
        spot.columns -= used + 2;
        ui_put_cut(page->canvas, spot,
                   ui_theme_style(page->theme, finding->alarm ? UI_ROLE_VALUE : UI_ROLE_WORD),
                   finding->number);
    }
    put_wrapped(page, finding->alarm ? ui_theme_style(page->theme, UI_ROLE_VALUE) : word,
                finding->advice);
    put_cure(page, finding, number);
    page->line++;
}

static void put_group(struct page *page, const struct hg_diagnosis *diagnosis, bool alarms)
{
    for (size_t i = 0; i < diagnosis->count; i++) {
        if (diagnosis->finding[i].alarm == alarms) {
            put_finding(page, &diagnosis->finding[i], i + 1);
        }
    }
}

static size_t count_alarms(const struct hg_diagnosis *diagnosis)
{
    size_t alarms = 0;

    for (size_t i = 0; i < diagnosis->count; i++) {
        alarms += diagnosis->finding[i].alarm;
    }
    return alarms;
}

static const struct hg_layer_health *most_updated(const struct hg_health *health)
{
    const struct hg_layer_health *most = NULL;

    for (size_t i = 0; i < health->layers; i++) {
        if (isfinite(health->layer[i].update) &&
            (most == NULL || health->layer[i].update > most->update)) {
            most = &health->layer[i];
        }
    }
    return most;
}

/* The figures that a healthy run rests on. */
static void put_figures(struct page *page, const struct hg_health *health)
{
    struct ui_style style = ui_theme_style(page->theme, UI_ROLE_VALUE);
    const struct hg_layer_health *most = most_updated(health);
    char loss[UI_NUMBER], mean[UI_NUMBER], text[192];

    if (isfinite(health->loss) && health->mean_loss > 0) {
        snprintf(text, sizeof text,
                 "The loss, %s, is %.3g times that of always answering with the mean, %s.",
                 ui_format_loss(loss, health->loss), health->loss / health->mean_loss,
                 ui_format_loss(mean, health->mean_loss));
        put_wrapped(page, style, text);
    }
    if (isfinite(health->collapse)) {
        snprintf(
            text, sizeof text,
            "The spread of the outputs is %.2g times that of the inputs (C; 0 = all the same).",
            health->collapse);
        put_wrapped(page, style, text);
    }
    if (health->layers > 0 && isfinite(health->layer[0].gradient)) {
        const struct hg_layer_health *last = &health->layer[health->layers - 1];
        snprintf(text, sizeof text,
                 "The gradient is %.2g in the first layer (%s) and %.2g in the last (%s).",
                 health->layer[0].gradient, health->layer[0].name, last->gradient, last->name);
        put_wrapped(page, style, text);
    }
    if (most != NULL) {
        snprintf(text, sizeof text,
                 "One update moves the weights of %s by %.2g %%, no others more.", most->name,
                 100 * most->update);
        put_wrapped(page, style, text);
    }
}

static void put_page(struct page *page, const struct hg_visit *visit)
{
    const struct hg_diagnosis *diagnosis = &visit->diagnosis;
    size_t alarms = count_alarms(diagnosis), notes = diagnosis->count - alarms;
    char text[96];

    if (alarms == 0) {
        snprintf(text, sizeof text, "No fault; %zu note%s.", notes, notes == 1 ? "" : "s");
        put_plain(page, ui_theme_tone(page->theme, HG_TONE_GOOD),
                  visit->health.step == 0 ? "Nothing to judge yet: not a step is made."
                  : notes > 0             ? text
                                          : "All is well.");
        if (visit->health.step > 0) {
            put_figures(page, &visit->health);
        }
        page->line++;
    } else {
        snprintf(text, sizeof text, "%zu things are wrong, the cause first.", alarms);
        put_plain(page, ui_theme_style(page->theme, UI_ROLE_TITLE),
                  alarms == 1 ? "One thing is wrong." : text);
        page->line++;
        put_group(page, diagnosis, true);
    }
    if (alarms < diagnosis->count) {
        put_plain(page, ui_theme_style(page->theme, UI_ROLE_WORD), "Worth knowing:");
        put_group(page, diagnosis, false);
    }
    page->line--; /* the blank after the last */
}

static void put_rule(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_visit *visit = &scene->snapshot->visit;
    char step[UI_NUMBER], samples[UI_NUMBER], large[96], small[96];
    const char *figures[] = {large, small, NULL};

    ui_format_count(step, visit->health.step);
    ui_format_count(samples, visit->health.samples);
    snprintf(large, sizeof large, "measured at step %s on %s samples", step, samples);
    snprintf(small, sizeof small, "step %s", step);
    ui_rule_fitting(&scene->theme, (struct ui_spot){rect.row, rect.column, rect.columns}, canvas,
                    "Doctor", visit->known ? figures : figures + 2);
}

void ui_doctor_draw(struct ui_doctor *doctor, const struct ui_scene *scene, struct ui_rect rect,
                    struct ui_canvas *canvas)
{
    const struct hg_visit *visit = &scene->snapshot->visit;
    struct page page = {.canvas = canvas,
                        .theme = &scene->theme,
                        .row = rect.row + 1,
                        .rows = rect.rows - 1,
                        .columns = rect.columns};

    if (ui_rect_empty(rect)) {
        return;
    }
    put_rule(scene, rect, canvas);
    doctor->page = page.rows;
    ui_doctor_scroll(doctor, 0);
    page.top = doctor->top;
    if (visit->known) {
        put_page(&page, visit);
    } else {
        put_plain(&page, ui_theme_style(&scene->theme, UI_ROLE_WORD), "The doctor looks …");
    }
    doctor->lines = page.line;
}

void ui_doctor_footer(const struct ui_doctor *doctor, const struct ui_scene *scene,
                      struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_visit *visit = &scene->snapshot->visit;
    struct ui_hint hints[4];
    size_t count = 0;
    char digits[8];

    snprintf(digits, sizeof digits, visit->diagnosis.count > 1 ? "1-%zu" : "%zu",
             visit->diagnosis.count < DIGITS ? visit->diagnosis.count : DIGITS);
    if (visit->known && visit->diagnosis.count > 0) {
        hints[count++] = (struct ui_hint){digits, "apply", 1};
    }
    hints[count++] = (struct ui_hint){"space", scene->running ? "pause" : "run", 3};
    if (doctor->lines > doctor->page) {
        hints[count++] = (struct ui_hint){"↑↓", "scroll", 2};
    }
    hints[count++] = (struct ui_hint){"Esc d q", "close", 0};
    ui_panel_hints(&scene->theme, rect, canvas, hints, count);
}

void ui_doctor_scroll(struct ui_doctor *doctor, int lines)
{
    int last = doctor->lines - doctor->page;

    doctor->top += lines;
    if (doctor->top > last) {
        doctor->top = last;
    }
    if (doctor->top < 0) {
        doctor->top = 0;
    }
}

bool ui_doctor_key(struct ui_doctor *doctor, uint32_t key)
{
    int page = doctor->page > 2 ? doctor->page - 1 : 1;

    switch (key) {
    case UI_KEY_ESCAPE:
    case 'd':
    case 'q':
    case UI_KEY_F0 + 10:
        doctor->open = false;
        return true;
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        ui_doctor_scroll(doctor, key == UI_KEY_UP ? -1 : 1);
        return true;
    case UI_KEY_PAGE_UP:
    case UI_KEY_PAGE_DOWN:
        ui_doctor_scroll(doctor, key == UI_KEY_PAGE_UP ? -page : page);
        return true;
    case UI_KEY_HOME:
    case UI_KEY_END:
        ui_doctor_scroll(doctor, key == UI_KEY_HOME ? -doctor->lines : doctor->lines);
        return true;
    default:
        return false;
    }
}

const struct hg_finding *ui_doctor_finding(const struct hg_snapshot *snapshot, uint32_t key)
{
    const struct hg_visit *visit = &snapshot->visit;

    if (!visit->known || key < '1' || key > '9' || key - '1' >= visit->diagnosis.count) {
        return NULL;
    }
    return &visit->diagnosis.finding[key - '1'];
}
