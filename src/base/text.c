#include "base/text.h"

#include "base/mem.h"
#include "hourglass/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool make_room(struct hg__text *text, size_t extra)
{
    size_t need = text->length + extra + 1, room = text->room ? text->room : 64;
    char *grown;

    if (text->failed)
        return false;
    if (need <= text->room)
        return true;
    while (room < need)
        room *= 2;
    grown = hg__realloc(text->bytes, room, 1);
    if (!grown) {
        text->failed = true;
        return false;
    }
    text->bytes = grown;
    text->room = room;
    return true;
}

void hg__text_add(struct hg__text *text, const char *bytes, size_t length)
{
    if (!make_room(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void hg__text_put(struct hg__text *text, const char *string)
{
    hg__text_add(text, string, strlen(string));
}

void hg__text_vformat(struct hg__text *text, const char *format, va_list arguments)
{
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0 || !make_room(text, (size_t)length)) {
        text->failed = true;
        return;
    }
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
}

void hg__text_format(struct hg__text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    hg__text_vformat(text, format, arguments);
    va_end(arguments);
}

char *hg__text_take(struct hg__text *text)
{
    char *bytes = NULL;

    if (!text->failed)
        bytes = text->bytes ? text->bytes : hg__strdup("");
    if (!bytes)
        hg__free(text->bytes);
    *text = (struct hg__text){0};
    return bytes;
}

void hg__text_fini(struct hg__text *text)
{
    hg__free(text->bytes);
    *text = (struct hg__text){0};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *hg__text_trim(char *string)
{
    char *end;

    while (is_space(*string))
        string++;
    end = string + strlen(string);
    while (end > string && is_space(end[-1]))
        end--;
    *end = '\0';
    return string;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool hg__text_same(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

/* Decodes one UTF-8 character; returns its length, 0 when the bytes are not UTF-8. */
static size_t decode(const unsigned char *s, uint32_t *code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length;

    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] < 0xE0)
        length = 2;
    else if (s[0] >= 0xE0 && s[0] < 0xF0)
        length = 3;
    else if (s[0] >= 0xF0 && s[0] < 0xF5)
        length = 4;
    else
        return 0;
    *code = s[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (s[i] & 0x3F);
    }
    if (*code < least[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000))
        return 0;
    return length;
}

/* Would this character move the cursor, or the text around it? */
static bool disturbs(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x61C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

static size_t escape(char out[12], uint32_t code)
{
    int length;

    if (code == '\n' || code == '\t' || code == '\r')
        length = snprintf(out, 12, "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : 'r');
    else if (code < 0x100)
        length = snprintf(out, 12, "\\x%02x", (unsigned)code);
    else
        length = snprintf(out, 12, "\\u%04x", (unsigned)code);
    return (size_t)length;
}

size_t hg_text_sanitize(char *out, size_t size, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t used = 0;

    if (size == 0)
        return 0;
    while (*s) {
        char shown[12];
        uint32_t code = 0;
        size_t length = decode(s, &code), width = length;

        if (length == 0) {
            width = escape(shown, *s);
            length = 1;
        } else if (disturbs(code)) {
            width = escape(shown, code);
        } else {
            memcpy(shown, s, length);
        }
        if (used + width >= size)
            break;
        memcpy(out + used, shown, width);
        used += width;
        s += length;
    }
    out[used] = '\0';
    return used;
}
