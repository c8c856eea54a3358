/* term_private.h - the terminal's state, shared by term.c (which alone knows curses)
 * and term_events.c. */
#ifndef TUI_TERM_PRIVATE_H
#define TUI_TERM_PRIVATE_H

#include "tui/term.h"
#include "tui/term_out.h"
#include "tui/term_pace.h"

enum { UI_TERM_COLOURS = 257 };

struct ui_term {
    void *screen, *input; /* SCREEN; WINDOW: a pad, because reading from it paints nothing */
    struct ui_out out;
    int rows, columns, colours, pairs, most_pairs;
    bool direct, utf8, mouse;
    bool full;                     /* the next frame paints everything */
    bool exempt;                   /* and that costs nothing */
    int cursor_row, cursor_column; /* row -1: hidden */
    bool cursor_moved;
    struct ui_canvas shown; /* what the terminal has */
    struct ui_pace pace;
    double budget;                                   /* as asked for: below 0 = auto */
    uint16_t pair[UI_TERM_COLOURS][UI_TERM_COLOURS]; /* by fg and bg + 1; 0 = not made yet */
};

/* HG_USAGE with the text that names what works without a screen. */
enum hg_status ui_term_refuse(struct hg_error *error, const char *what);
/* No terminal, or one that is not known or cannot move its cursor. */
enum hg_status ui_term_check(const char *name, struct hg_error *error);
/* What curses sends at the end to reset the palette, which is not ours to reset; or NULL. */
const char *ui_term_palette_reset(void);
/* Renders what ui_term_emergency writes. */
void ui_term_arm(void);
/* Does the mouse report by escape sequences? How to ask for them, or for no more; asks. */
bool ui_term_reports_mouse(void);
const char *ui_term_mouse_mode(bool on);
void ui_term_ask_mouse(struct ui_term *term, bool on);
/* A report, without the "ESC [" before it. False: none, or one that means nothing here. */
bool ui_term_mouse_report(const char *text, struct ui_event *event);
/* Gives curses one cell; all cells that differ from what the terminal shows. */
void ui_term_put_cell(struct ui_term *term, int row, int column, const struct ui_cell *cell);
void ui_term_put_changes(struct ui_term *term, const struct ui_canvas *canvas);
double ui_term_now(void);
/* Asks the terminal for its size and tells curses. */
void ui_term_measure(struct ui_term *term);
/* Takes the terminal again after a stop. */
void ui_term_resume(struct ui_term *term);
/* Takes one key or mouse report that is there already; false when there is none. */
bool ui_term_take_key(struct ui_term *term, struct ui_event *event);

#endif
