#include "tui/prompt.h"

#include "tui/term.h"
#include "tui/view.h"

#include "hourglass/text.h"

#include <stdio.h>
#include <string.h>

enum { MOST_HINTS = 4 };

/* What each question accepts. */
static const struct {
    bool typed;
    struct ui_hint hints[MOST_HINTS];
} asks[UI_ASK_COUNT] = {
    [UI_ASK_COMMAND] = {true,
                        {{"Enter", "do it", 0},
                         {"Tab", "complete", 1},
                         {"↑↓", "earlier lines", 2},
                         {"Esc", "cancel", 0}}},
    [UI_ASK_STEPS] = {true,
                      {{"Enter", "run", 0}, {"0-9", "another number", 1}, {"Esc", "cancel", 0}}},
    [UI_ASK_SAMPLE] = {true, {{"Enter", "show", 0}, {"Esc", "cancel", 0}}},
    [UI_ASK_LABEL] = {true, {{"Enter", "show", 0}, {"Tab", "complete", 1}, {"Esc", "cancel", 0}}},
    [UI_ASK_RESTART] = {false, {{"y", "start again", 0}, {"n", "go on", 0}, {"Esc", "cancel", 1}}},
    [UI_ASK_RESEED] =
        {true, {{"y Enter", "start again", 0}, {"0-9", "another seed", 1}, {"Esc", "cancel", 0}}},
    [UI_ASK_QUIT] = {false, {{"w", "save and quit", 0}, {"y", "discard", 0}, {"Esc", "cancel", 0}}},
    [UI_ASK_REPLACE] = {false, {{"y", "replace", 0}, {"n", "leave it", 0}, {"Esc", "cancel", 1}}},
    [UI_ASK_FORK] = {true,
                     {{"Enter", "race", 0},
                      {"Tab", "complete", 1},
                      {"empty", "no change yet", 2},
                      {"Esc", "cancel", 0}}},
    [UI_ASK_KEEP] = {false, {{"y", "keep it", 0}, {"n", "race on", 0}, {"Esc", "cancel", 1}}},
    [UI_ASK_OPEN] = {false, {{"w", "save and open", 0}, {"y", "discard", 0}, {"Esc", "cancel", 0}}},
};

void ui_prompt_open(struct ui_prompt *prompt, enum ui_ask ask, const char *field)
{
    prompt->ask = ask;
    prompt->label[0] = '\0';
    prompt->candidates.count = 0;
    ui_field_offer(&prompt->field, field, 0);
}

void ui_prompt_close(struct ui_prompt *prompt)
{
    ui_prompt_open(prompt, UI_ASK_NONE, "");
}

bool ui_prompt_typed(const struct ui_prompt *prompt)
{
    return asks[prompt->ask].typed;
}

bool ui_prompt_edit(struct ui_prompt *prompt, uint32_t key)
{
    prompt->candidates.count = 0;
    return ui_field_key(&prompt->field, key);
}

/* The part behind the last slash says enough about a file. */
static const char *tail_of(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = length > 0 ? length - 1 : 0; i > 0; i--) {
        if (text[i - 1] == '/') {
            return text + i;
        }
    }
    return text;
}

static void draw_candidates(const struct ui_candidates *candidates, const struct ui_theme *theme,
                            struct ui_rect rect, struct ui_canvas *canvas)
{
    struct ui_spot spot = {rect.row, rect.column + 1, rect.columns - 2};

    for (size_t i = 0; i < candidates->count && spot.columns > 3; i++) {
        char text[UI_CANDIDATE_TEXT];
        hg_text_sanitize(text, sizeof text, tail_of(candidates->text[i]));
        int width = ui_width(text, canvas->ascii);
        if (width > spot.columns - 2 && i > 0) {
            ui_put(canvas, spot, ui_theme_style(theme, UI_ROLE_CHROME), "…");
            return;
        }
        ui_put_cut(canvas, spot, ui_theme_style(theme, UI_ROLE_WORD), text);
        spot.column += width + 2;
        spot.columns -= width + 2;
    }
}

void ui_field_draw(const struct ui_field *field, const struct ui_theme *theme, struct ui_spot spot,
                   struct ui_canvas *canvas, int cursor[2])
{
    char before[UI_FIELD_TEXT], kept[UI_FIELD_TEXT];
    const char *from = field->text, *offer = field->text + field->length;
    int used;

    snprintf(before, sizeof before, "%.*s", (int)field->cursor, field->text);
    const char *shown = before;
    while (ui_width(shown, canvas->ascii) >= spot.columns && *shown != '\0') {
        ui_next_char(&shown);
    }
    from += shown - before;
    cursor[0] = spot.row;
    cursor[1] = spot.column + ui_width(shown, canvas->ascii);
    if (field->offered) {
        offer = field->text + field->offer > from ? field->text + field->offer : from;
    }
    snprintf(kept, sizeof kept, "%.*s", (int)(offer - from), from);
    used = ui_put(canvas, spot, ui_theme_style(theme, UI_ROLE_VALUE), kept);
    spot.column += used;
    spot.columns -= used;
    ui_put(canvas, spot, ui_theme_style(theme, UI_ROLE_SELECTED), offer);
}

void ui_prompt_draw(const struct ui_prompt *prompt, const struct ui_theme *theme,
                    struct ui_rect rect, struct ui_rect hints, struct ui_canvas *canvas,
                    int cursor[2])
{
    bool typed = ui_prompt_typed(prompt);
    bool colon = prompt->ask == UI_ASK_COMMAND;
    int margin = rect.columns > 12, room = rect.columns - 2 * margin;
    int label = ui_width(prompt->label, canvas->ascii);

    ui_canvas_fill(canvas, rect, ui_theme_style(theme, UI_ROLE_VALUE), ' ');
    if (typed && label > room - 8) {
        label = room > 16 ? room - 8 : 0;
    }
    struct ui_spot spot = {rect.row, rect.column + margin, typed ? label : room};
    ui_put_cut(canvas, spot, ui_theme_style(theme, typed ? UI_ROLE_KEY : UI_ROLE_WARN),
               prompt->label);
    if (typed) {
        int gap = label + (colon ? 0 : 1);
        struct ui_spot field = {rect.row, spot.column + gap, room - gap};
        ui_field_draw(&prompt->field, theme, field, canvas, cursor);
    }
    if (ui_rect_empty(hints)) {
        return;
    }
    if (prompt->candidates.count > 1) {
        ui_blank(canvas, hints);
        draw_candidates(&prompt->candidates, theme, hints, canvas);
        return;
    }
    size_t count = 0;
    while (count < MOST_HINTS && asks[prompt->ask].hints[count].keys != NULL) {
        count++;
    }
    ui_panel_hints(theme, hints, canvas, asks[prompt->ask].hints, count);
}
