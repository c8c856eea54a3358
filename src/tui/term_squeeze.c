#include "tui/term_squeeze.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { UNKNOWN = -1, ESCAPE = 0x1B };

struct squeeze {
    char *out;
    int fg, bg;           /* what the terminal has */
    int next_fg, next_bg; /* what it is to have before the next character */
};

/* Reads "ESC [ 38 ; 5 ; N m" (or 48); returns its length, 0 when it is something else. */
static size_t colour(const char *at, size_t left, bool *background, int *index)
{
    size_t length = 7;
    int number = 0;

    if (left < 9 || at[0] != ESCAPE || at[1] != '[' || (at[2] != '3' && at[2] != '4') ||
        memcmp(at + 3, "8;5;", 4) != 0) {
        return 0;
    }
    while (length < left && at[length] >= '0' && at[length] <= '9' && length < 10) {
        number = 10 * number + at[length++] - '0';
    }
    if (length == 7 || length >= left || at[length] != 'm') {
        return 0;
    }
    *background = at[2] == '4';
    *index = number;
    return length + 1;
}

/* Length of a control sequence ESC [ ... final, 0 when there is none. */
static size_t control(const char *at, size_t left)
{
    size_t length = 2;

    if (left < 3 || at[0] != ESCAPE || at[1] != '[') {
        return 0;
    }
    while (length < left && (at[length] < 0x40 || at[length] > 0x7E)) {
        length++;
    }
    return length < left ? length + 1 : 0;
}

static void settle(struct squeeze *squeeze)
{
    bool fg = squeeze->next_fg != squeeze->fg, bg = squeeze->next_bg != squeeze->bg;
    char text[32];
    int length = 0;

    if (fg && bg) {
        length = snprintf(text, sizeof text, "\033[38;5;%d;48;5;%dm", squeeze->next_fg,
                          squeeze->next_bg);
    } else if (fg || bg) {
        length = snprintf(text, sizeof text, "\033[%c8;5;%dm", fg ? '3' : '4',
                          fg ? squeeze->next_fg : squeeze->next_bg);
    }
    memcpy(squeeze->out, text, (size_t)length);
    squeeze->out += length;
    squeeze->fg = squeeze->next_fg;
    squeeze->bg = squeeze->next_bg;
}

size_t ui_squeeze(char *bytes, size_t length)
{
    struct squeeze squeeze = {bytes, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
    size_t at = 0;

    while (at < length) {
        bool background;
        int index;
        size_t size = colour(bytes + at, length - at, &background, &index);
        if (size > 0) {
            *(background ? &squeeze.next_bg : &squeeze.next_fg) = index;
            at += size;
            continue;
        }
        settle(&squeeze);
        size = control(bytes + at, length - at);
        if (size > 0 && bytes[at + size - 1] == 'm') { /* another attribute, or a reset */
            squeeze.fg = squeeze.bg = squeeze.next_fg = squeeze.next_bg = UNKNOWN;
        }
        size = size > 0 ? size : 1;
        memmove(squeeze.out, bytes + at, size);
        squeeze.out += size;
        at += size;
    }
    settle(&squeeze);
    return (size_t)(squeeze.out - bytes);
}
