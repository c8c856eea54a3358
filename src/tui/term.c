/* term.c - the terminal by way of curses: the only file that knows curses. */
#define NCURSES_WIDECHAR 1
#include "tui/term_private.h"
#include "tui/term_tty.h"
#include "tui/theme.h"

#include <curses.h>

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { ESCAPE_MS = 25, DIRECT = 0x1000000 };

static void set_up_colours(struct ui_term *term, int most)
{
    int have = 0;

    if (most != 0 && has_colors() && start_color() == OK && use_default_colors() == OK) {
        have = COLORS;
    }
    term->direct = have >= DIRECT;
    have = most > 0 && have > most ? most : have;
    term->colours = have >= 256 ? 256 : have >= 16 ? 16 : have >= 8 ? 8 : 0;
    term->most_pairs = COLOR_PAIRS > UINT16_MAX ? UINT16_MAX : COLOR_PAIRS;
}

/* Arrows and their neighbours in the spelling of a keypad that is not switched on:
 * some terminals ignore the switch. */
static void know_plain_keys(void)
{
    static const struct plain {
        const char *sequence;
        int key;
    } keys[] = {
        {"\033[A", KEY_UP},   {"\033[B", KEY_DOWN}, {"\033[C", KEY_RIGHT}, {"\033[D", KEY_LEFT},
        {"\033OA", KEY_UP},   {"\033OB", KEY_DOWN}, {"\033OC", KEY_RIGHT}, {"\033OD", KEY_LEFT},
        {"\033[H", KEY_HOME}, {"\033[F", KEY_END},  {"\033[Z", KEY_BTAB},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (key_defined(keys[i].sequence) <= 0) {
            define_key(keys[i].sequence, keys[i].key);
        }
    }
}

static void set_modes(struct ui_term *term)
{
    raw();
    noecho();
    nonl();
    typeahead(-1);
    set_escdelay(ESCAPE_MS);
    keypad(term->input, TRUE);
    nodelay(term->input, TRUE);
    leaveok(stdscr, TRUE);
    scrollok(stdscr, FALSE);
    curs_set(0);
}

void ui_term_measure(struct ui_term *term)
{
    struct winsize size;
    int rows = LINES, columns = COLS;

    if (ioctl(term->out.tty, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        rows = size.ws_row;
        columns = size.ws_col;
    }
    resize_term(rows, columns);
    term->rows = LINES;
    term->columns = COLS;
    term->full = term->exempt = true;
    ui_term_set_budget(term, term->budget);
}

static bool start(struct ui_term *term)
{
    use_env(FALSE); /* LINES and COLUMNS lie after a resize */
    use_tioctl(TRUE);
    ui_tty_guard(true);
    term->screen = newterm(NULL, term->out.file, stdin);
    ui_tty_guard(false);
    if (term->screen == NULL) {
        return false;
    }
    ui_term_arm();
    term->input = newpad(1, 1);
    return term->input != NULL;
}

enum hg_status ui_term_open(const struct ui_term_config *config, struct ui_term **out,
                            struct hg_error *error)
{
    struct ui_term *term;
    enum hg_status status;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    status = ui_term_check(getenv("TERM"), error);
    if (status != HG_OK) {
        return status;
    }
    term = calloc(1, sizeof *term);
    if (term == NULL) {
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the screen");
    }
    if (!ui_out_open(&term->out, STDOUT_FILENO) || !ui_tty_open(STDIN_FILENO) || !start(term)) {
        ui_term_close(term);
        return ui_term_refuse(error, "the terminal cannot be set up");
    }
    term->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    term->budget = config->budget;
    term->cursor_row = -1;
    ui_pace_init(&term->pace, 0, ui_term_now());
    set_up_colours(term, config->colours);
    set_modes(term);
    ui_term_set_mouse(term, config->mouse);
    know_plain_keys();
    ui_term_measure(term);
    *out = term;
    return HG_OK;
}

/* Leaves curses' mode; the terminal is as it was. */
static void leave(struct ui_term *term)
{
    ui_out_begin(&term->out);
    curs_set(1);
    endwin();
    ui_term_ask_mouse(term, false);
    ui_out_end(&term->out, ui_term_palette_reset());
    ui_tty_disarm();
    ui_tty_restore_modes();
}

void ui_term_close(struct ui_term *term)
{
    if (term == NULL) {
        return;
    }
    if (term->screen != NULL) {
        leave(term);
        if (term->input != NULL) {
            delwin(term->input);
        }
        delscreen(term->screen);
    }
    ui_tty_close();
    ui_out_close(&term->out);
    ui_canvas_fini(&term->shown);
    free(term);
}

void ui_term_resume(struct ui_term *term)
{
    reset_prog_mode();
    set_modes(term);
    ui_term_arm();
    ui_term_measure(term);
}

void ui_term_suspend(struct ui_term *term)
{
    leave(term);
    ui_tty_stop();
    ui_term_resume(term);
}

/* ---- painting ---- */

static int curses_colour(const struct ui_term *term, int16_t colour)
{
    int r, g, b;

    if (colour < 0 || !term->direct || colour < 8) {
        return colour;
    }
    ui_colour_split(colour, &r, &g, &b);
    return r << 16 | g << 8 | (b < 8 && r == 0 && g == 0 ? 8 : b);
}

/* The curses pair of two colours; where there are no more pairs, that of the
 * foreground alone, else the terminal's own colours. */
static int pair_of(struct ui_term *term, int16_t fg, int16_t bg)
{
    uint16_t *slot = &term->pair[fg + 1][bg + 1];

    if (*slot != 0 || (fg == UI_DEFAULT && bg == UI_DEFAULT)) {
        return *slot;
    }
    if (term->pairs + 1 >= term->most_pairs ||
        init_extended_pair(term->pairs + 1, curses_colour(term, fg), curses_colour(term, bg)) ==
            ERR) {
        return bg == UI_DEFAULT ? 0 : pair_of(term, fg, UI_DEFAULT);
    }
    *slot = (uint16_t)++term->pairs;
    return *slot;
}

static attr_t attributes_of(uint8_t attributes)
{
    return (attributes & UI_BOLD ? A_BOLD : 0) | (attributes & UI_REVERSE ? A_REVERSE : 0) |
           (attributes & UI_DIM ? A_DIM : 0) | (attributes & UI_UNDERLINE ? A_UNDERLINE : 0);
}

void ui_term_put_cell(struct ui_term *term, int row, int column, const struct ui_cell *cell)
{
    wchar_t text[3] = {(wchar_t)cell->text[0], (wchar_t)cell->text[1], 0};
    int16_t fg = ui_colour_map(term->colours, cell->style.fg);
    int16_t bg = ui_colour_map(term->colours, cell->style.bg);
    int pair = term->colours == 0 ? 0 : pair_of(term, fg, bg);
    cchar_t curses_cell;

    if (wcwidth(text[0]) != cell->width) { /* the locale has other widths than we, or lacks it */
        text[0] = cell->width == 1 ? L'?' : L' ';
        text[1] = 0;
    }
    if (text[1] != 0 && wcwidth(text[1]) != 0) {
        text[1] = 0;
    }
    if (setcchar(&curses_cell, text, attributes_of(cell->style.attributes), 0, &pair) == OK) {
        mvwadd_wchnstr(stdscr, row, column, &curses_cell, 1);
    }
}

static void place_cursor(struct ui_term *term)
{
    if (term->cursor_moved) {
        leaveok(stdscr, term->cursor_row < 0);
        curs_set(term->cursor_row < 0 ? 0 : 1);
    }
    if (term->cursor_row >= 0) {
        wmove(stdscr, term->cursor_row, term->cursor_column);
    }
    term->cursor_moved = false;
}

bool ui_term_flush(struct ui_term *term, const struct ui_canvas *canvas, bool urgent, bool pictures)
{
    bool full = term->full || term->out.lost;
    size_t bytes;

    if (!full && !urgent && ui_term_wait(term) > 0) {
        return false;
    }
    if (term->out.gone) {
        return true;
    }
    if (full) {
        if (!ui_canvas_resize(&term->shown, term->rows, term->columns)) {
            return false;
        }
        werase(stdscr);
        clearok(curscr, TRUE);
        term->full = term->out.lost = false;
    }
    ui_out_begin(&term->out);
    ui_term_put_changes(term, canvas);
    place_cursor(term);
    wnoutrefresh(stdscr);
    doupdate();
    if (full && term->mouse) {
        ui_term_ask_mouse(term, true);
    }
    bytes = ui_out_end(&term->out, NULL);
    if (full || pictures) {
        ui_pace_lend(&term->pace, full && term->exempt ? 0 : bytes, ui_term_now());
        term->exempt &= !full;
    } else {
        ui_pace_spend(&term->pace, bytes, ui_term_now());
    }
    return true;
}

void ui_term_bell(struct ui_term *term)
{
    ui_out_begin(&term->out);
    beep();
    ui_out_end(&term->out, NULL);
}

void ui_term_set_mouse(struct ui_term *term, bool on)
{
    if (ui_term_reports_mouse()) {
        define_key(NULL, KEY_MOUSE); /* reports are ours to read */
        if (on != term->mouse) {
            ui_term_ask_mouse(term, on);
        }
        term->mouse = on;
        return;
    }
    mouseinterval(0);
    mousemask(on ? BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0,
              NULL);
}

/* ---- keys ---- */

static uint32_t key_of(wint_t code)
{
    static const struct known {
        int curses;
        uint32_t key;
    } keys[] = {
        {KEY_UP, UI_KEY_UP},         {KEY_DOWN, UI_KEY_DOWN},           {KEY_LEFT, UI_KEY_LEFT},
        {KEY_RIGHT, UI_KEY_RIGHT},   {KEY_HOME, UI_KEY_HOME},           {KEY_END, UI_KEY_END},
        {KEY_PPAGE, UI_KEY_PAGE_UP}, {KEY_NPAGE, UI_KEY_PAGE_DOWN},     {KEY_IC, UI_KEY_INSERT},
        {KEY_DC, UI_KEY_DELETE},     {KEY_BACKSPACE, UI_KEY_BACKSPACE}, {KEY_BTAB, UI_KEY_BACK_TAB},
        {KEY_ENTER, UI_KEY_ENTER},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if ((wint_t)keys[i].curses == code) {
            return keys[i].key;
        }
    }
    if (code > (wint_t)KEY_F(0) && code <= (wint_t)KEY_F(12)) {
        return UI_KEY_F0 + (uint32_t)(code - (wint_t)KEY_F(0));
    }
    return 0;
}

/* After an Escape: takes a control sequence away, so that its characters are not keys. 0: none
 * follows; 1: one that nobody knows; 2: the mouse. */
static int read_sequence(struct ui_term *term, struct ui_event *event)
{
    enum { MOST = 40, LEGACY = 4 };
    char text[MOST] = "";
    size_t length = 0;
    bool bracket, ends = false;
    wint_t code;
    int kind = wget_wch(term->input, &code);

    if (kind == ERR) {
        return 0;
    }
    if (kind == KEY_CODE_YES || (code != '[' && code != 'O')) {
        kind == KEY_CODE_YES ? ungetch((int)code) : unget_wch((wchar_t)code);
        return 0;
    }
    bracket = code == '[';
    wtimeout(term->input, ESCAPE_MS); /* it may come in pieces */
    while (!ends && wget_wch(term->input, &code) == OK) {
        text[length] = code < 0x100 ? (char)code : '?';
        length += length + 2 < MOST;
        ends = bracket && text[0] == 'M' ? length == LEGACY : code >= 0x40 && code <= 0x7E;
    }
    nodelay(term->input, TRUE);
    return ends && ui_term_mouse_report(text, event) ? 2 : 1;
}

/* A mouse report that means something; false for the others. */
static bool read_mouse(struct ui_event *event)
{
    MEVENT report;

    if (getmouse(&report) != OK) {
        return false;
    }
    event->kind = UI_EVENT_MOUSE;
    event->row = report.y;
    event->column = report.x;
    event->mouse = report.bstate & BUTTON4_PRESSED   ? UI_MOUSE_WHEEL_UP
                   : report.bstate & BUTTON5_PRESSED ? UI_MOUSE_WHEEL_DOWN
                   : report.bstate & BUTTON1_PRESSED ? UI_MOUSE_PRESS
                                                     : UI_MOUSE_RELEASE;
    return true;
}

bool ui_term_take_key(struct ui_term *term, struct ui_event *event)
{
    wint_t code;
    int kind;

    while ((kind = wget_wch(term->input, &code)) != ERR) {
        event->kind = UI_EVENT_KEY;
        if (kind == KEY_CODE_YES && code == KEY_MOUSE && read_mouse(event)) {
            return true;
        }
        event->key = kind == KEY_CODE_YES ? key_of(code) : (uint32_t)code;
        if (kind != KEY_CODE_YES && (code == '\r' || code == '\n')) {
            event->key = UI_KEY_ENTER;
        } else if (kind != KEY_CODE_YES && (code == 0x7F || code == 8)) {
            event->key = UI_KEY_BACKSPACE;
        }
        kind = event->key == UI_KEY_ESCAPE ? read_sequence(term, event) : 0;
        if (kind == 2 || (kind == 0 && event->key != 0)) {
            return true;
        }
    }
    event->kind = UI_EVENT_NONE;
    return false;
}
