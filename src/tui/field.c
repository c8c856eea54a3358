#include "tui/field.h"

#include "tui/term.h"

#include <string.h>

static bool is_tail(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static size_t before(const struct ui_field *field, size_t at)
{
    while (at > 0 && is_tail(field->text[--at])) {
    }
    return at;
}

static size_t after(const struct ui_field *field, size_t at)
{
    if (at < field->length) {
        at++;
    }
    while (at < field->length && is_tail(field->text[at])) {
        at++;
    }
    return at;
}

/* Takes out the bytes from..to. */
static void cut(struct ui_field *field, size_t from, size_t to)
{
    memmove(field->text + from, field->text + to, field->length - to + 1);
    field->length -= to - from;
    field->cursor = from;
}

void ui_field_set(struct ui_field *field, const char *text)
{
    size_t length = strlen(text);

    if (length >= sizeof field->text) {
        length = sizeof field->text - 1;
        while (length > 0 && is_tail(text[length])) {
            length--;
        }
    }
    memmove(field->text, text, length);
    field->text[length] = '\0';
    field->length = field->cursor = length;
    field->offered = false;
}

void ui_field_offer(struct ui_field *field, const char *text, size_t from)
{
    ui_field_set(field, text);
    field->offered = from < field->length;
    field->offer = from;
}

static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

void ui_field_insert(struct ui_field *field, uint32_t character)
{
    char bytes[4];

    if (character < 0x20 || (character >= 0x7F && character < 0xA0) || character > 0x10FFFF ||
        (character >= 0xD800 && character < 0xE000)) {
        return;
    }
    size_t count = encode(character, bytes);
    if (field->length + count >= sizeof field->text) {
        return;
    }
    memmove(field->text + field->cursor + count, field->text + field->cursor,
            field->length - field->cursor + 1);
    memcpy(field->text + field->cursor, bytes, count);
    field->length += count;
    field->cursor += count;
}

static size_t word_before(const struct ui_field *field)
{
    size_t at = field->cursor;

    while (at > 0 && field->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && field->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

void ui_field_edit(struct ui_field *field, enum ui_field_edit edit)
{
    switch (edit) {
    case UI_EDIT_LEFT:
        field->cursor = before(field, field->cursor);
        break;
    case UI_EDIT_RIGHT:
        field->cursor = after(field, field->cursor);
        break;
    case UI_EDIT_HOME:
        field->cursor = 0;
        break;
    case UI_EDIT_END:
        field->cursor = field->length;
        break;
    case UI_EDIT_BACKSPACE:
        cut(field, before(field, field->cursor), field->cursor);
        break;
    case UI_EDIT_DELETE:
        cut(field, field->cursor, after(field, field->cursor));
        break;
    case UI_EDIT_KILL_WORD:
        cut(field, word_before(field), field->cursor);
        break;
    case UI_EDIT_KILL_LINE:
        cut(field, 0, field->cursor);
        break;
    case UI_EDIT_KILL_REST:
        cut(field, field->cursor, field->length);
        break;
    }
}

bool ui_field_key(struct ui_field *field, uint32_t key)
{
    static const struct {
        uint32_t key;
        enum ui_field_edit edit;
    } edits[] = {
        {UI_KEY_LEFT, UI_EDIT_LEFT},
        {UI_KEY_RIGHT, UI_EDIT_RIGHT},
        {UI_KEY_HOME, UI_EDIT_HOME},
        {UI_KEY_END, UI_EDIT_END},
        {UI_KEY_BACKSPACE, UI_EDIT_BACKSPACE},
        {UI_KEY_DELETE, UI_EDIT_DELETE},
        {1, UI_EDIT_HOME},       /* Ctrl-A */
        {2, UI_EDIT_LEFT},       /* Ctrl-B */
        {4, UI_EDIT_DELETE},     /* Ctrl-D */
        {5, UI_EDIT_END},        /* Ctrl-E */
        {6, UI_EDIT_RIGHT},      /* Ctrl-F */
        {8, UI_EDIT_BACKSPACE},  /* Ctrl-H */
        {11, UI_EDIT_KILL_REST}, /* Ctrl-K */
        {21, UI_EDIT_KILL_LINE}, /* Ctrl-U */
        {23, UI_EDIT_KILL_WORD}, /* Ctrl-W */
    };

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        if (edits[i].key == key) {
            field->offered = false;
            ui_field_edit(field, edits[i].edit);
            return true;
        }
    }
    if (key >= ' ' && key < UI_KEY_UP) {
        if (field->offered) {
            cut(field, field->offer, field->length);
            field->offered = false;
        }
        ui_field_insert(field, key);
        return true;
    }
    return false;
}
