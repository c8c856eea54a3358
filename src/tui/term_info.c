/* term_info.c - what terminfo knows about the terminal. Functions of <term.h> are declared here:
 * its macros would take words like `columns`. */
#include "tui/term_private.h"
#include "tui/term_tty.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern int setupterm(const char *name, int fd, int *error);
extern char *tigetstr(const char *name);

enum hg_status ui_term_refuse(struct hg_error *error, const char *what)
{
    const char *name = getenv("TERM");

    return hg_error_set(error, HG_USAGE,
                        "no screen can be drawn: %s (TERM=%.60s); 'hourglass train' needs none",
                        what, name == NULL ? "" : name);
}

enum hg_status ui_term_check(const char *name, struct hg_error *error)
{
    const char *move;
    int found = 0;

    if (!isatty(STDIN_FILENO)) {
        return ui_term_refuse(error, "standard input is no terminal");
    }
    if (!isatty(STDOUT_FILENO)) {
        return ui_term_refuse(error, "standard output is no terminal");
    }
    if (name == NULL || *name == 0) {
        return ui_term_refuse(error, "TERM is not set");
    }
    if (strcmp(name, "dumb") == 0 || strcmp(name, "unknown") == 0) {
        return ui_term_refuse(error, "a terminal without a movable cursor");
    }
    if (setupterm(name, STDOUT_FILENO, &found) != 0) {
        return ui_term_refuse(error, "TERM names a terminal that is not known here");
    }
    move = tigetstr("cup");
    return move == NULL || move == (char *)-1
               ? ui_term_refuse(error, "TERM names a terminal without a movable cursor")
               : HG_OK;
}

const char *ui_term_palette_reset(void)
{
    const char *reset = tigetstr("oc");

    return reset == (char *)-1 ? NULL : reset;
}

static void append(char *bytes, size_t *length, const char *name)
{
    const char *text = tigetstr(name);
    size_t size = text == NULL || text == (char *)-1 ? 0 : strlen(text);

    if (*length + size <= UI_TTY_RESTORE && (size == 0 || strchr(text, '$') == NULL)) {
        memcpy(bytes + *length, text == NULL ? "" : text, size);
        *length += size;
    }
}

void ui_term_arm(void)
{
    static const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};
    const char *mouse = ui_term_mouse_mode(false);
    char bytes[UI_TTY_RESTORE];
    size_t length = 0;

    if (ui_term_reports_mouse()) {
        length = strlen(mouse);
        memcpy(bytes, mouse, length);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        append(bytes, &length, names[i]);
    }
    ui_tty_arm(bytes, length);
}
