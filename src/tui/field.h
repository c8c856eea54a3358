/* field.h - one line of text being typed. Plain data; UTF-8. */
#ifndef UI_FIELD_H
#define UI_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UI_FIELD_TEXT = 512 };

struct ui_field {
    char text[UI_FIELD_TEXT];
    size_t length, cursor; /* bytes; the cursor stands on a character boundary */
    bool offered;          /* a character typed now replaces all from `offer` on */
    size_t offer;
};

void ui_field_set(struct ui_field *field, const char *text); /* cursor to the end */
/* The same, and from byte `from` on the text is only offered: the first character typed
 * replaces it, any other key of editing keeps it. */
void ui_field_offer(struct ui_field *field, const char *text, size_t from);
/* Inserts a character (a code point above 31) at the cursor; what does not fit is ignored. */
void ui_field_insert(struct ui_field *field, uint32_t character);

enum ui_field_edit {
    UI_EDIT_LEFT,
    UI_EDIT_RIGHT,
    UI_EDIT_HOME,
    UI_EDIT_END,
    UI_EDIT_BACKSPACE,
    UI_EDIT_DELETE,
    UI_EDIT_KILL_WORD,
    UI_EDIT_KILL_LINE,
    UI_EDIT_KILL_REST
};
void ui_field_edit(struct ui_field *field, enum ui_field_edit edit);
/* An editing key, or a character; false when it is none. */
bool ui_field_key(struct ui_field *field, uint32_t key);

#endif
