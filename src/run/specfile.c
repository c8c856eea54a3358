#include "run/specfile.h"

#include <ini.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_ROOM = 50,   /* inih keeps 49 bytes of a section's or key's name */
    BUFFER_LEAST = 64 /* a line buffer below this would be no inih */
};

/* How the next piece joins what the value has so far: with so many spaces. */
enum { BEGINS = -1 };

/* The state of one reading. inih asks `next_line` for lines and calls `take_pair`;
 * both see this. A line longer than inih's buffer (200 bytes as Debian builds it,
 * silently cut) is handed over in indented pieces, which inih takes for
 * continuations. */
struct state {
    const char *at, *end, *label;
    const struct hg__ini_reader *reader;
    struct hg_error *error;
    enum hg_status status;

    size_t line;      /* number of the line at hand */
    const char *rest; /* what is left of it to hand over */
    size_t rest_length;
    long join, next_join; /* BEGINS: the piece begins a key */
    bool expected, taken; /* a handler call is due for the line; has come */

    char section[NAME_ROOM], key[NAME_ROOM];
    struct hg__text value; /* of the pending key */
    size_t key_line;
    bool pending;
};

static bool space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum hg_status fail(struct state *state, const char *what)
{
    return state->status = hg_error_set(state->error, HG_USAGE, "%s:%zu: %s", state->label,
                                        state->line, what);
}

/* ---- escapes ---- */

/* Length of the UTF-8 character at s, 0 when the bytes are none. */
static size_t utf8(const unsigned char *s)
{
    size_t length = *s < 0x80   ? 1
                    : *s < 0xC2 ? 0
                    : *s < 0xE0 ? 2
                    : *s < 0xF0 ? 3
                    : *s < 0xF5 ? 4
                                : 0;

    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((*s == 0xE0 && s[1] < 0xA0) || (*s == 0xED && s[1] > 0x9F) || (*s == 0xF0 && s[1] < 0x90) ||
        (*s == 0xF4 && s[1] > 0x8F))
        return 0;
    return length;
}

void hg__ini_escape(struct hg__text *out, const char *value)
{
    static const char named[] = "\n\r\t\\", letters[] = "nrt\\";
    size_t length = strlen(value);

    for (size_t i = 0; i < length;) {
        size_t width = utf8((const unsigned char *)value + i);
        const char *name = strchr(named, value[i]);

        if (name)
            hg__text_format(out, "\\%c", letters[name - named]);
        else if (value[i] == ' ' && (i == 0 || i + 1 == length))
            hg__text_put(out, "\\s");
        else if (value[i] == ';' && (i == 0 || space(value[i - 1])))
            hg__text_put(out, "\\;");
        else if (width == 0 || (unsigned char)value[i] < 0x20 || value[i] == 0x7F)
            hg__text_format(out, "\\x%02x", (unsigned char)value[i]);
        else
            hg__text_add(out, value + i, width);
        i += width ? width : 1;
    }
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* In place; what is not one of our escapes stays as it stands. */
static void unescape(char *s)
{
    static const char letters[] = "nrts\\;", values[] = "\n\r\t \\;";
    char *out = s;

    while (*s) {
        const char *letter = *s == '\\' && s[1] ? strchr(letters, s[1]) : NULL;
        if (letter) {
            *out++ = values[letter - letters];
            s += 2;
        } else if (*s == '\\' && s[1] == 'x' && hex(s[2]) >= 0 && hex(s[3]) >= 0 &&
                   hex(s[2]) + hex(s[3]) > 0) {
            *out++ = (char)(hex(s[2]) * 16 + hex(s[3]));
            s += 4;
        } else {
            *out++ = *s++;
        }
    }
    *out = '\0';
}

/* ---- pairs ---- */

/* Hands the pending key over, now that its value is complete. */
static void flush(struct state *state)
{
    struct hg__ini_line line = {state->section, state->key, NULL, state->key_line};
    char *value;

    if (!state->pending || state->status != HG_OK)
        return;
    state->pending = false;
    value = state->value.failed ? NULL : hg__text_trim(state->value.bytes);
    if (!value) {
        state->status = hg_error_set(state->error, HG_NO_MEMORY, "%s: no memory to read it",
                                     state->label);
        return;
    }
    unescape(value);
    line.value = value;
    state->status = state->reader->take(state->reader->self, &line, state->error);
    state->value.length = 0;
}

static int take_pair(void *self, const char *section, const char *name, const char *value)
{
    struct state *state = self;

    state->taken = true;
    if (state->join == BEGINS) {
        flush(state);
        snprintf(state->section, sizeof state->section, "%s", section);
        snprintf(state->key, sizeof state->key, "%s", name);
        state->key_line = state->line;
        state->pending = true;
        state->value.length = 0;
    }
    for (long i = 0; i < state->join; i++)
        hg__text_add(&state->value, " ", 1);
    hg__text_put(&state->value, value);
    return state->status == HG_OK;
}

/* ---- lines ---- */

/* Copies a piece to inih's buffer, indented when it goes on with a key. */
static char *emit(char *buffer, const char *text, size_t length, bool indented)
{
    if (indented)
        *buffer = ' ';
    memcpy(buffer + indented, text, length);
    buffer[length + indented] = '\0';
    return buffer;
}

/* May a piece begin here? inih would take ; and # for comments. */
static bool may_begin(char c)
{
    return !space(c) && c != ';' && c != '#';
}

/* Gives the next piece of the line, at most `room` bytes of it. */
static char *next_piece(struct state *state, char *buffer, size_t room)
{
    bool indented = state->next_join != BEGINS;
    const char *text = state->rest;
    size_t length = state->rest_length, cut = room, spaces = 0;

    state->join = state->next_join;
    state->expected = true;
    state->taken = false;
    if (length <= room) {
        state->rest_length = 0;
        return emit(buffer, text, length, indented);
    }
    while (cut > 0 && !may_begin(text[cut]))
        cut--;
    if (cut == 0) {
        fail(state, "cannot be read: too long a row of blanks, ; or #");
        return NULL;
    }
    while (spaces < cut && space(text[cut - 1 - spaces]))
        spaces++;
    state->rest = text + cut;
    state->rest_length = length - cut;
    state->next_join = (long)spaces;
    return emit(buffer, text, cut - spaces, indented);
}

/* `[name]`, then nothing but a comment. */
static char *section_line(struct state *state, const char *text, size_t length, char *buffer)
{
    const char *close = memchr(text, ']', length);
    struct hg__ini_line line = {state->section, NULL, NULL, state->line};
    size_t width;

    flush(state);
    if (state->status != HG_OK)
        return NULL;
    if (!close) {
        fail(state, "a section is written [name]");
        return NULL;
    }
    width = (size_t)(close - text) - 1;
    while (++close < text + length && space(*close))
        ;
    if (close < text + length && *close != ';' && *close != '#') {
        fail(state, "nothing may follow [section] but a comment");
        return NULL;
    }
    if (width >= NAME_ROOM - 1)
        width = NAME_ROOM - 2;
    memcpy(state->section, text + 1, width);
    state->section[width] = '\0';
    state->expected = false;
    state->status = state->reader->take(state->reader->self, &line, state->error);
    snprintf(buffer, NAME_ROOM + 2, "[%s]", state->section);
    return state->status == HG_OK ? buffer : NULL;
}

/* Does it begin `name =`? */
static bool begins_key(const char *text, size_t length)
{
    size_t i = 0;

    while (i < length && (text[i] == '_' || text[i] == '.' || (text[i] >= '0' && text[i] <= '9') ||
                          (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')))
        i++;
    if (i == 0)
        return false;
    while (i < length && space(text[i]))
        i++;
    return i < length && text[i] == '=';
}

/* The line without its comment and the blanks at its end. inih's rule: ; after a blank. */
static size_t without_comment(const char *text, size_t length)
{
    for (size_t i = 1; i < length; i++)
        if (text[i] == ';' && space(text[i - 1])) {
            length = i;
            break;
        }
    while (length > 0 && space(text[length - 1]))
        length--;
    return length;
}

static bool has_controls(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7F)
            return true;
    return false;
}

/* inih's fgets. */
static char *next_line(char *buffer, int size, void *self)
{
    struct state *state = self;
    const char *text = state->at, *newline;
    size_t length, indent = 0;

    if (state->status != HG_OK)
        return NULL;
    if (state->expected && !state->taken) {
        fail(state, "neither `key = value` nor [section] nor a comment (; or #)");
        return NULL;
    }
    if (size < BUFFER_LEAST) {
        fail(state, "cannot be read: inih's line buffer is too small");
        return NULL;
    }
    if (state->rest_length)
        return next_piece(state, buffer, (size_t)size - 2);
    if (state->at == state->end)
        return NULL;
    newline = memchr(text, '\n', (size_t)(state->end - text));
    state->at = newline ? newline + 1 : state->end;
    state->line++;
    state->expected = false;
    length = without_comment(text, (size_t)((newline ? newline : state->end) - text));
    while (indent < length && space(text[indent]))
        indent++;
    text += indent;
    length -= indent;
    if (length == 0 || *text == ';' || *text == '#')
        return strcpy(buffer, "\n");
    if (has_controls(text, length)) {
        fail(state, "holds a control character");
        return NULL;
    }
    if (*text == '[')
        return section_line(state, text, length, buffer);
    state->rest = text;
    state->rest_length = length;
    state->next_join = indent && state->pending && !begins_key(text, length) ? 1 : BEGINS;
    return next_piece(state, buffer, (size_t)size - 2);
}

enum hg_status hg__ini_read(const char *text, size_t length, const char *label,
                            const struct hg__ini_reader *reader, struct hg_error *error)
{
    struct state state = {.at = text,
                          .end = text + length,
                          .label = label,
                          .reader = reader,
                          .error = error,
                          .status = HG_OK};
    const char *nul = memchr(text, '\0', length);

    if (nul)
        return hg_error_set(error, HG_DAMAGED, "%s: not an experiment file: byte %zu is NUL", label,
                            (size_t)(nul - text));
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        state.at += 3;
    ini_parse_stream(next_line, &state, take_pair, &state);
    if (state.status == HG_OK && state.expected && !state.taken)
        fail(&state, "neither `key = value` nor [section] nor a comment (; or #)");
    flush(&state);
    hg__text_fini(&state.value);
    return state.status;
}
