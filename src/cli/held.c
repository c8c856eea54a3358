#define _GNU_SOURCE
#include "cli/held.h"

#include "cli/say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A step may be long, and so may a save; Ctrl-C ends the waiting. */
enum { WAIT_MS = 120000, LOOK_MS = 100, ANSWER_MOST = 80 };

bool cli_held_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* A line without its end; false when there is no more. Not through stdio: what is typed after
 * the line belongs to the screen that comes. */
static bool read_line(char *line, size_t size)
{
    size_t length = 0;
    char c = '\0';
    ssize_t got;

    while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        if (length + 1 < size)
            line[length++] = c;
    }
    line[length] = '\0';
    return got == 1;
}

enum cli_held cli_held_ask(const char *path, long holder)
{
    static const char *const words[] = {"take", "view", "quit"};
    char line[ANSWER_MOST];

    cli_say("%s: process %ld is training this run", path, holder);
    fprintf(stderr, "  t  take over: it saves and ends, and training goes on here\n"
                    "  v  view: only look at it, and again at each save\n"
                    "  q  quit\n");
    for (;;) {
        fprintf(stderr, "t, v or q, then Enter: ");
        if (!read_line(line, sizeof line))
            return CLI_HELD_QUIT;
        for (int i = 0; i < 3; i++) {
            size_t length = strlen(line);
            if (length > 0 && strncmp(line, words[i], length) == 0)
                return (enum cli_held)i;
        }
    }
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
