#define _GNU_SOURCE
#include "cli/held.h"

#include "cli/say.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* A step may be long, and so may a save; Ctrl-C ends the waiting. */
enum { WAIT_MS = 120000, LOOK_MS = 100, REST_MS = 50, CTRL_C = 3, CTRL_D = 4 };

bool cli_held_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* What else was typed with the answer (its other letters, Enter) is not for the screen that
 * comes. */
static void drop_rest(void)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    char c = '\0';

    while (c != '\n' && poll(&fd, 1, REST_MS) == 1 && read(STDIN_FILENO, &c, 1) == 1)
        ;
}

/* The first key that is an answer; Ctrl-C, Ctrl-D and the end of the input are to quit. Not
 * through stdio, which would read ahead of the screen. */
static enum cli_held read_answer(void)
{
    static const char keys[] = "tvq";
    const char *found;
    char c;

    while (read(STDIN_FILENO, &c, 1) == 1 && c != CTRL_C && c != CTRL_D) {
        found = strchr(keys, c | 0x20); /* also as a capital */
        if (found && *found) {
            drop_rest();
            return (enum cli_held)(found - keys);
        }
    }
    return CLI_HELD_QUIT;
}

enum cli_held cli_held_ask(const char *path, long holder)
{
    struct termios modes, by_key;
    bool changed = tcgetattr(STDIN_FILENO, &modes) == 0;
    enum cli_held answer;

    cli_say("%s: process %ld is training this run", path, holder);
    fprintf(stderr, "  t  take over: it saves and ends, and training goes on here\n"
                    "  v  view: only look at it, and again at each save\n"
                    "  q  quit\n"
                    "t, v or q: ");
    if (changed) {
        by_key = modes;
        by_key.c_lflag &= ~(tcflag_t)(ICANON | ISIG);
        by_key.c_cc[VMIN] = 1;
        by_key.c_cc[VTIME] = 0;
        changed = tcsetattr(STDIN_FILENO, TCSANOW, &by_key) == 0;
    }
    answer = read_answer();
    if (changed)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    fputc('\n', stderr);
    return answer;
}

enum hg_status cli_held_take(const char *path, long holder, struct hg_hold **hold,
                             struct hg_error *error)
{
    const struct timespec moment = {0, LOOK_MS * 1000000L};
    enum hg_status status;
    long now = holder;

    if (kill((pid_t)holder, SIGTERM) != 0 && errno != ESRCH)
        return hg_error_set(error, HG_FAILED, "%s: process %ld cannot be told to end: %s", path,
                            holder, strerror(errno));
    cli_say("process %ld saves and ends", holder);
    for (int waited = 0;; waited += LOOK_MS) {
        status = hg_hold_take(path, hold, &now, error);
        if (status == HG_OK || now != holder || waited >= WAIT_MS)
            return status; /* another one was quicker, or it does not end: the message says who */
        nanosleep(&moment, NULL);
    }
}
