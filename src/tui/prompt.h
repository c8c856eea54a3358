/* prompt.h - a question on the sentence's row, with its answer's keys on the footer. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "tui/command.h"
#include "tui/field.h"
#include "tui/theme.h"

enum ui_ask {
    UI_ASK_NONE,
    UI_ASK_COMMAND,
    UI_ASK_STEPS,
    UI_ASK_SAMPLE,
    UI_ASK_LABEL,
    UI_ASK_RESTART,
    UI_ASK_RESEED,
    UI_ASK_QUIT,
    UI_ASK_OPEN,
    UI_ASK_FORK,
    UI_ASK_KEEP,
    UI_ASK_REPLACE,
    UI_ASK_COUNT
};

struct ui_prompt {
    enum ui_ask ask;
    char label[192];
    struct ui_field field;
    struct ui_candidates candidates;
    char target[UI_FIELD_TEXT]; /* ASK_REPLACE: what is to be written */
};

/* Opens a question; `field` is what the field begins with, offered to be typed over. */
void ui_prompt_open(struct ui_prompt *prompt, enum ui_ask ask, const char *field);
void ui_prompt_close(struct ui_prompt *prompt);
/* Is text typed (else the answer is a key)? */
bool ui_prompt_typed(const struct ui_prompt *prompt);
/* An editing key; false when it is none. */
bool ui_prompt_edit(struct ui_prompt *prompt, uint32_t key);

/* Draws a field, what is offered reversed; it scrolls so that its cursor is always seen. */
void ui_field_draw(const struct ui_field *field, const struct ui_theme *theme, struct ui_spot spot,
                   struct ui_canvas *canvas, int cursor[2]);

/* Draws question and hints; *row, *column: the cursor, row -1 = none. `hints` may be empty. */
void ui_prompt_draw(const struct ui_prompt *prompt, const struct ui_theme *theme,
                    struct ui_rect rect, struct ui_rect hints, struct ui_canvas *canvas,
                    int cursor[2]);

#endif
