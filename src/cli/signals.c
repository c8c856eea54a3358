#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

/* A handler has nothing but these; the program (not the library) owns them. */
static volatile sig_atomic_t stop, asked;
static volatile bool stopping;

static void note_stop(int number)
{
    if (stop) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    stop = number;
    stopping = true;
}

/* Nobody reads what we say any more: save and end. It comes again with each message,
 * so the second one must not end us before the run is saved. */
static void note_pipe(int number)
{
    if (!stop)
        stop = number;
    stopping = true;
}

static void note_question(int number)
{
    (void)number;
    asked = 1;
}

/* SIGINT is caught even where a shell started us with it ignored (in the
 * background): whoever sends it to this very process means it. */
void cli_signals_catch(bool detach)
{
    struct sigaction action = {.sa_handler = note_stop}, before;

    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (detach)
        signal(SIGHUP, SIG_IGN);
    else if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file too large is a write that fails, and is told */
    action.sa_handler = note_pipe;
    if (sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGPIPE, &action, NULL);
    action.sa_handler = note_question;
    sigaction(SIGUSR1, &action, NULL);
}

int cli_signals_stop(void)
{
    return stop;
}

const volatile bool *cli_signals_flag(void)
{
    return &stopping;
}

bool cli_signals_asked(void)
{
    bool was = asked;

    asked = 0;
    return was;
}
