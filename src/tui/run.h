/* run.h - the interface with its terminal and its session: what run.c, keep.c and loop.c share. */
#ifndef UI_RUN_H
#define UI_RUN_H

#include "tui/app.h"
#include "tui/term.h"
#include "tui/tui.h"

#include "hourglass/hold.h"

#include <sys/stat.h>

enum { UI_VIEWING_MS = 500 }; /* from one look at the file of a viewed run to the next */

struct ui_run {
    const struct ui_config *config;
    struct ui_app app;
    struct ui_term *term; /* NULL before it is open and after it is closed */
    struct ui_canvas canvas;
    struct hg_session *session;
    const struct hg_snapshot *snapshot;

    struct hg_spec spec;  /* of the present session (another after :open) */
    char output[UI_PATH]; /* -o, or the run gone on from; "" = none */
    bool opened;          /* by :open, or a first picture was there: failures stay */
    struct hg_hold *hold; /* of a file that w has named */
    char held[256];

    char kept[UI_PATH]; /* saved in the state folder on the way out */
    char discarded[64]; /* "480 steps": what was not saved */
    uint64_t drawn_at, answer_until;
    bool urgent;     /* a frame that does not wait to be paid for */
    bool whole;      /* ... with all pictures */
    uint32_t sample; /* shown by the last snapshot */
    int status;

    long holder; /* the run is only viewed: this process trains it; 0 = not so */
    char news[256];
    struct stat seen; /* its file when it was read */
    uint64_t look_at; /* when to look at it again */
    bool let_go;      /* the holder has ended, and that was told */
};

uint64_t ui_run_now(void); /* ms, monotonic */

/* ---- run.c: sessions ---- */
enum hg_status ui_run_start(struct ui_run *run, struct hg_runfile *resume, const char *output,
                            struct hg_error *error);
/* Ends the session; a failed save is said on standard error. saved: UI_PATH bytes. */
void ui_run_stop(struct ui_run *run, enum hg_end reason, char *saved);
/* Reads what `path` names into a fresh experiment; a run also into *resume, which may be open
 * after a failure, too. */
enum hg_status ui_run_read(const char *path, struct hg_spec *spec, struct hg_runfile **resume,
                           struct hg_error *error);
/* Another session in place of the present one; takes `spec` and `resume` over. False: it could
 * not be started, and the app is to be left. */
bool ui_run_replace(struct ui_run *run, struct hg_spec *spec, struct hg_runfile *resume,
                    const char *output);
/* Goes on with another file. The old run is saved or discarded already. */
void ui_run_open(struct ui_run *run, const char *path, bool recover);

/* ---- viewing.c: a run that another process trains ---- */
void ui_viewing_begin(struct ui_run *run);
/* Only what looks is let through to the session. */
bool ui_viewing_allows(const struct ui_run *run, enum hg_command_kind kind);
void ui_viewing_refuse(struct ui_run *run);
/* Reads the file again when it has been saved. */
void ui_viewing_look(struct ui_run *run);

/* ---- loop.c ---- */
/* Until the user leaves (0), a signal ends us (its number), or the first load failed (-1). */
int ui_run_loop(struct ui_run *run);

/* ---- keep.c: not losing a run ---- */
/* Saves what is unsaved: to the run's own file, else (or with `aside`) to the state folder.
 * Waits for the trainer. False: it could not be saved; *error says why. */
bool ui_run_keep(struct ui_run *run, bool aside, struct hg_error *error);
/* After a hang-up: trains on without a screen until the run ends or a signal comes; returns it. */
int ui_run_detached(struct ui_run *run);
/* The one line on the terminal: which file holds the run, and what resumes it. */
void ui_run_farewell(const struct ui_run *run, const char *saved);

#endif
