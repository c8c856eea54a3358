/* term_events.c - what the terminal says: keys, signals, a hang-up; and what it is. */
#include "tui/term_private.h"
#include "tui/term_tty.h"

#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

double ui_term_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void put_row(struct ui_term *term, const struct ui_canvas *canvas, int row, int columns)
{
    for (int column = 0; column < columns; column++) {
        const struct ui_cell *cell = ui_canvas_at(canvas, row, column);
        struct ui_cell *shown = ui_canvas_at(&term->shown, row, column);
        if (!ui_cell_same(cell, shown)) {
            *shown = *cell;
            if (cell->width > 0 && column + cell->width <= columns) {
                ui_term_put_cell(term, row, column, cell);
            }
        }
    }
}

void ui_term_put_changes(struct ui_term *term, const struct ui_canvas *canvas)
{
    int rows = term->shown.rows < canvas->rows ? term->shown.rows : canvas->rows;
    int columns = term->shown.columns < canvas->columns ? term->shown.columns : canvas->columns;

    for (int row = 0; row < rows; row++) {
        put_row(term, canvas, row, columns);
    }
}

bool ui_term_owes(struct ui_term *term)
{
    return ui_pace_owes(&term->pace, ui_term_now());
}

void ui_term_forgive(struct ui_term *term)
{
    ui_pace_forgive(&term->pace);
}

int ui_term_wait(struct ui_term *term)
{
    double seconds = term->full || term->out.lost ? 0 : ui_pace_wait(&term->pace, ui_term_now());

    return seconds > 0 ? (int)(seconds * 1000) + 1 : 0;
}

void ui_term_size(const struct ui_term *term, int *rows, int *columns)
{
    *rows = term->rows;
    *columns = term->columns;
}

int ui_term_colours(const struct ui_term *term)
{
    return term->colours;
}

bool ui_term_utf8(const struct ui_term *term)
{
    return term->utf8;
}

void ui_term_redraw(struct ui_term *term, bool exempt)
{
    term->full = true;
    term->exempt |= exempt;
}

void ui_term_cursor(struct ui_term *term, int row, int column)
{
    term->cursor_moved |= (row < 0) != (term->cursor_row < 0);
    term->cursor_row = row < 0 ? -1 : row;
    term->cursor_column = column;
}

unsigned long long ui_term_bytes(const struct ui_term *term)
{
    return term->out.bytes;
}

void ui_term_set_budget(struct ui_term *term, double budget)
{
    term->budget = budget;
    ui_pace_set(&term->pace, budget < 0 ? ui_pace_auto(term->rows, term->columns) : budget,
                ui_term_now());
}

/* Signals since the last look, as events. */
static bool take_news(struct ui_term *term, struct ui_event *event)
{
    struct ui_tty_news news = ui_tty_news();

    if (news.cont) { /* stopped and continued from outside: the shell has set its modes */
        ui_term_resume(term);
    } else if (news.resize) {
        ui_term_measure(term);
    }
    if (news.stop) {
        event->kind = UI_EVENT_KEY;
        event->key = 26;
    } else if (news.cont || news.resize) {
        event->kind = UI_EVENT_RESIZE;
    } else if (news.wake) {
        event->kind = UI_EVENT_WAKE;
    }
    return event->kind != UI_EVENT_NONE;
}

/* Readable, yet nothing to read: the other end has hung up. */
static bool hung_up(const struct pollfd *keys)
{
    int waiting = 0;

    if (keys->revents & (POLLERR | POLLNVAL)) {
        return true;
    }
    return (keys->revents & (POLLIN | POLLHUP)) != 0 &&
           (ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0 || waiting == 0);
}

void ui_term_read(struct ui_term *term, int timeout_ms, int fd, struct ui_event *event)
{
    struct pollfd fds[3] = {
        {STDIN_FILENO, POLLIN, 0}, {ui_tty_wake_fd(), POLLIN, 0}, {fd, POLLIN, 0}};

    memset(event, 0, sizeof *event);
    if (term->out.gone) {
        event->kind = UI_EVENT_HANGUP;
        return;
    }
    if (take_news(term, event) || ui_term_take_key(term, event)) {
        return;
    }
    if (poll(fds, 3, timeout_ms) <= 0) { /* over, or a signal: its news come first next time */
        take_news(term, event);
        return;
    }
    if (take_news(term, event)) {
        return;
    }
    if (fds[0].revents != 0) {
        bool hangup = hung_up(&fds[0]);
        if (!ui_term_take_key(term, event) && hangup) {
            term->out.gone = true;
            event->kind = UI_EVENT_HANGUP;
        }
    } else if (fds[2].revents != 0) {
        event->kind = UI_EVENT_FD;
    }
}
