/* term.h - the terminal: brings a canvas to it, brings keys from it. The only user of curses.
 *
 * One terminal a process; all calls from the main thread, except those marked
 * signal-safe. ui_term_open sets the locale (LC_ALL from the environment, then
 * LC_NUMERIC "C") and takes SIGWINCH, SIGTSTP and SIGCONT; the other signals
 * stay with the caller, who may call ui_term_wake from a handler. Ctrl-C, Ctrl-Z
 * and Ctrl-\ arrive as keys (3, 26, 28), not as signals.
 *
 * Output is measured: what curses writes is collected, counted, and written to
 * the terminal in one piece. A token bucket holds back frames that are not
 * urgent until the bytes of the earlier ones are paid for.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "tui/canvas.h"

#include "hourglass/status.h"

struct ui_term;

struct ui_term_config {
    int colours; /* most colours to use: 256, 16, 8; 0 = none (NO_COLOR, --color never);
                      -1 = what there is */
    bool mouse;
    double budget; /* bytes a second; 0 = no limit; below 0 = auto: 4k up to 80x24,
                      growing with the cells to 12k at 200x50 */
};

/* Takes the terminal over: alternate screen, raw mode, hidden cursor, keypad.
 * HG_USAGE with one line of text and the terminal untouched when there is none
 * (standard input or output is no terminal; TERM unset, empty, dumb, unknown, or
 * one that cannot move its cursor). The text names `hourglass train`. */
enum hg_status ui_term_open(const struct ui_term_config *config, struct ui_term **term,
                            struct hg_error *error);
/* Gives the terminal back as it was. NULL is fine. */
void ui_term_close(struct ui_term *term);

/* What the terminal is; colours is 256, 16, 8 or 0. */
void ui_term_size(const struct ui_term *term, int *rows, int *columns);
int ui_term_colours(const struct ui_term *term);
bool ui_term_utf8(const struct ui_term *term);

/* Bring the canvas (of the terminal's size; parts outside are ignored) to the
 * screen. `urgent` (an answer to a key) is drawn at once and repaid by later
 * frames; `pictures`: the frame holds more than words, and is repaid little by
 * little, as is one after ui_term_redraw; the first frame and those after a resize or a
 * stop cost nothing. All of these are always drawn. A frame goes whole, so
 * that no panel is ever torn. Returns false when it was held back: keep drawing into
 * the canvas and come again after ui_term_wait. */
bool ui_term_flush(struct ui_term *term, const struct ui_canvas *canvas, bool urgent,
                   bool pictures);
/* Are pictures still to be paid for? Then a frame should hold nothing but words. */
bool ui_term_owes(struct ui_term *term);
/* The pictures flushed last were an answer to a key: no more than a few seconds are owed. */
void ui_term_forgive(struct ui_term *term);
/* Milliseconds until a frame that is not urgent may go; 0 = now. Ask before drawing one. */
int ui_term_wait(struct ui_term *term);
/* The next flush paints everything anew (Ctrl-L); `exempt`: and is not repaid. */
void ui_term_redraw(struct ui_term *term, bool exempt);
/* Where the visible cursor stands from the next flush on (a text field); row -1 hides it. */
void ui_term_cursor(struct ui_term *term, int row, int column);
void ui_term_bell(struct ui_term *term);
/* Bytes written to the terminal since ui_term_open. */
unsigned long long ui_term_bytes(const struct ui_term *term);
void ui_term_set_budget(struct ui_term *term, double budget); /* as in the config */
void ui_term_set_mouse(struct ui_term *term, bool on);

/* Keys beyond characters. Characters are their code point; controls are 1..31
 * (Tab 9, Escape 27, Ctrl-C 3); Enter is always 13, whatever the terminal sends. */
enum ui_key {
    UI_KEY_TAB = 9,
    UI_KEY_ENTER = 13,
    UI_KEY_ESCAPE = 27,
    UI_KEY_UP = 0x200000,
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_INSERT,
    UI_KEY_DELETE,
    UI_KEY_BACKSPACE,
    UI_KEY_BACK_TAB,
    UI_KEY_F0 = 0x200100 /* F1 is UI_KEY_F0 + 1, to F12 */
};
enum ui_mouse {
    UI_MOUSE_PRESS,
    UI_MOUSE_DRAG, /* moved with the button held */
    UI_MOUSE_RELEASE,
    UI_MOUSE_WHEEL_UP,
    UI_MOUSE_WHEEL_DOWN
};

enum ui_event_kind {
    UI_EVENT_NONE, /* the time is over */
    UI_EVENT_KEY,
    UI_EVENT_MOUSE,  /* left button or wheel */
    UI_EVENT_RESIZE, /* ask ui_term_size, resize the canvas, draw, flush; also after a stop
                        from outside */
    UI_EVENT_FD,     /* the other descriptor is readable */
    UI_EVENT_WAKE,   /* ui_term_wake was called */
    UI_EVENT_HANGUP  /* the terminal is gone; flush does nothing from now on */
};
struct ui_event {
    enum ui_event_kind kind;
    uint32_t key; /* code point or enum ui_key */
    enum ui_mouse mouse;
    int row, column; /* of the mouse */
};

/* Waits for the next event: at most timeout_ms (0 = look only, -1 = for ever).
 * `fd` (-1 = none) is polled beside the terminal; keys come before it. A SIGTSTP
 * from outside arrives as key 26 (Ctrl-Z). */
void ui_term_read(struct ui_term *term, int timeout_ms, int fd, struct ui_event *event);

/* Ctrl-Z: gives the terminal back, stops the process group, and takes the
 * terminal again when continued (the next flush paints everything; the size may
 * be another: ask). */
void ui_term_suspend(struct ui_term *term);

/* Makes a waiting ui_term_read return UI_EVENT_WAKE. Signal-safe, any thread;
 * does nothing without an open terminal. */
void ui_term_wake(void);

/* Signal-safe: puts the terminal back with bytes rendered beforehand (attributes
 * off, keypad off, mouse off, cursor shown, alternate screen left) and restores
 * its modes. For handlers of SIGSEGV, SIGABRT and the like that then let the
 * process die; curses is not told. Does nothing without an open terminal, and
 * nothing the second time. */
void ui_term_emergency(void);

#endif
