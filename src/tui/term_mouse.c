/* term_mouse.c - the mouse's reports, read and asked for by ourselves: curses knows no drags, and
 * loses presses that come together with their release. */
#include "tui/term_private.h"
#include "tui/term_tty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char *tigetstr(const char *name);

enum { MOVED = 32, WHEEL = 64, BUTTONS = 3, LEGACY = 32 };

/* What has reports by escape sequences; on a console they come another way, to curses. */
bool ui_term_reports_mouse(void)
{
    const char *sequence = tigetstr("kmous"), *name = getenv("TERM");

    return sequence != NULL && sequence != (char *)-1 && name != NULL &&
           strncmp(name, "linux", 5) != 0;
}

/* Oldest first: a terminal keeps the last that it knows. */
const char *ui_term_mouse_mode(bool on)
{
    return on ? "\033[?1000h\033[?1002h\033[?1006h" : "\033[?1006l\033[?1002l\033[?1000l";
}

void ui_term_ask_mouse(struct ui_term *term, bool on)
{
    if (ui_term_reports_mouse()) {
        fputs(ui_term_mouse_mode(on), term->out.file);
        fflush(term->out.file);
    }
}

static bool set_event(struct ui_event *event, int code, bool release)
{
    int button = code & BUTTONS;

    event->kind = UI_EVENT_MOUSE;
    if (code & WHEEL) {
        event->mouse = button == 0 ? UI_MOUSE_WHEEL_UP : UI_MOUSE_WHEEL_DOWN;
        return button < 2 && !release;
    }
    event->mouse = release ? UI_MOUSE_RELEASE : code & MOVED ? UI_MOUSE_DRAG : UI_MOUSE_PRESS;
    return button == 0;
}

bool ui_term_mouse_report(const char *text, struct ui_event *event)
{
    int code, row, column, used = 0;
    char last;

    if (text[0] == 'M' && strlen(text) == 4) { /* three bytes; 3 = some button let go */
        code = (unsigned char)text[1] - LEGACY;
        event->column = (unsigned char)text[2] - LEGACY - 1;
        event->row = (unsigned char)text[3] - LEGACY - 1;
        bool release = (code & BUTTONS) == BUTTONS && !(code & (WHEEL | MOVED));
        return event->row >= 0 && event->column >= 0 &&
               set_event(event, release ? code & ~BUTTONS : code, release);
    }
    if (sscanf(text, "<%6d;%6d;%6d%c%n", &code, &column, &row, &last, &used) != 4 ||
        text[used] != '\0' || (last != 'M' && last != 'm') || code < 0 || row < 1 || column < 1) {
        return false;
    }
    event->row = row - 1;
    event->column = column - 1;
    return set_event(event, code, last == 'm');
}
