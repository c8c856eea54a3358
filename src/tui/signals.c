#define _GNU_SOURCE
#include "tui/signals.h"

#include "tui/term.h"

#include <stddef.h>
#include <string.h>

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static const int ignored[] = {SIGPIPE, SIGUSR1};

enum {
    ENDING = sizeof ending / sizeof *ending,
    FATAL = sizeof fatal / sizeof *fatal,
    IGNORED = sizeof ignored / sizeof *ignored
};

/* Handlers can reach nothing but file-scope objects. */
static volatile sig_atomic_t caught;
static struct sigaction before[ENDING + FATAL + IGNORED];

static void on_ending(int number)
{
    caught = number;
    ui_term_wake();
}

/* SA_RESETHAND has put the default action back: raising it again ends us as always. */
static void on_fatal(int number)
{
    ui_term_emergency();
    raise(number);
}

static void on_ignored(int number)
{
    (void)number;
    ui_term_wake();
}

static size_t set_all(const int *numbers, size_t count, void (*handler)(int), int flags, size_t at)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < count; i++) {
        sigaction(numbers[i], &action, &before[at++]);
    }
    return at;
}

void ui_signals_open(void)
{
    size_t at = 0;

    caught = 0;
    at = set_all(ending, ENDING, on_ending, 0, at);
    at = set_all(fatal, FATAL, on_fatal, (int)(SA_RESETHAND | SA_NODEFER), at);
    set_all(ignored, IGNORED, on_ignored, SA_RESTART, at);
}

void ui_signals_close(void)
{
    size_t at = 0;

    for (size_t i = 0; i < ENDING; i++) {
        sigaction(ending[i], &before[at++], NULL);
    }
    for (size_t i = 0; i < FATAL; i++) {
        sigaction(fatal[i], &before[at++], NULL);
    }
    for (size_t i = 0; i < IGNORED; i++) {
        sigaction(ignored[i], &before[at++], NULL);
    }
}

int ui_signals_ending(bool clear)
{
    int number = caught;

    if (clear) {
        caught = 0;
    }
    return number;
}
