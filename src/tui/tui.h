/* tui.h - the terminal interface, as the command line calls it.
 *
 * ui_run owns the terminal and the signals from its start to its end. It prints
 * nothing while the screen is up; what must be said afterwards goes to standard
 * error, one line each, beginning "hourglass: ".
 */
#ifndef UI_TUI_H
#define UI_TUI_H

#include "hourglass/experiment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --color. AUTO looks at NO_COLOR and the terminal. */
enum ui_color { UI_COLOR_AUTO, UI_COLOR_ALWAYS, UI_COLOR_NEVER, UI_COLOR_16, UI_COLOR_256 };

/* Everything the command line has found out. Strings and spec are borrowed until
 * ui_run returns. */
struct ui_config {
    struct hg_context *context;
    const struct hg_spec *spec; /* --set and the user's own [screen] applied */
    struct hg_limits limits;
    const char *output;        /* -o; NULL = none */
    struct hg_runfile *resume; /* --resume, --recover or a run as FILE; taken over; NULL */
    const char *resume_path;   /* where it came from: results go back there; --recover: NULL */
    const char *weights;       /* --init; NULL */
    const char *log;           /* --log; NULL */
    uint64_t epochs, steps;    /* ends; 0 = none; HG_NO_STEP */
    enum ui_color color;
    bool ascii, low_bandwidth, quiet, force;
    long holder;              /* the run is only viewed: this process trains it; 0 = not so */
    bool detach;              /* after a hang-up go on without a screen */
    bool paused;              /* do not start training at once */
    const char *const *notes; /* to be shown at the start; may be NULL */
    size_t note_count;
};

/* Runs the interface until the user ends it, a signal does, or nothing could be
 * loaded. Returns the exit status: 0, 1 to 4 as INTERFACE section 1 says, or
 * 128 + N. Consumes config->resume. */
int ui_run(const struct ui_config *config);

/* The newest run kept in the state folder ($XDG_STATE_HOME/hourglass, else
 * ~/.local/state/hourglass): what --recover opens. False: there is none. */
bool ui_state_newest(char *path, size_t size);

#endif
