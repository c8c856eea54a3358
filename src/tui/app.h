/* app.h - the interface without terminal and thread: keys and snapshots in, a canvas and commands
 * out. run.c drives it with the real ones, script.c with made-up ones. */
#ifndef UI_APP_H
#define UI_APP_H

#include "tui/command.h"
#include "tui/help.h"
#include "tui/keymap.h"
#include "tui/page_check.h"
#include "tui/page_doctor.h"
#include "tui/prompt.h"
#include "tui/view.h"

#include "hourglass/session.h"

enum { UI_NOTES = 24, UI_MESSAGE = 900, UI_PATH = 512 };

/* How the app wants to be left. */
enum ui_leave {
    UI_STAY,
    UI_LEAVE,        /* saved, or nothing to save, or discarded */
    UI_LEAVE_KEEP,   /* second Ctrl-C: keep the run in the state folder */
    UI_LEAVE_OPEN,   /* go on with `leave_path` */
    UI_LEAVE_SUSPEND /* Ctrl-Z: come back afterwards */
};

/* A line shown for a while; text as in ui_scene.message. */
struct ui_message {
    char text[UI_MESSAGE];
    enum hg_tone tone;
    uint64_t until; /* ms */
    bool greets,
        running; /* says what space does while the run is running, or not: holds no longer */
};

struct ui_app_config {
    /* Hands a command to the trainer; false when its queue is full. */
    bool (*send)(void *self, const struct hg_command *command);
    void *self;
    const struct hg_spec *spec; /* borrowed: [screen] and the experiment's name */
    int colours;
    bool utf8, low_bandwidth;
    const char *const *notes; /* told one after the other at the start */
    size_t note_count;
    bool resumed;     /* the run goes on from a file */
    const char *news; /* told before anything else; NULL */
};

struct ui_app {
    struct ui_app_config config;
    struct hg_spec spec; /* own copy: [screen] may be changed */
    struct ui_scene scene;
    struct ui_layout layout; /* of the last drawing */
    struct ui_keymap keymap;
    struct ui_prompt prompt;
    struct ui_help help;
    struct ui_doctor doctor;
    struct ui_check check; /* never open beside the doctor */
    struct ui_history history;
    int view;     /* 1..6 */
    uint64_t now; /* ms; told by the caller */

    struct ui_wish wish[UI_WISH_COUNT];
    uint64_t figures_at;
    uint32_t figures_sample;
    enum hg_run_state figures_state;

    struct ui_message message; /* the present one */
    uint64_t message_serial;   /* the last one taken from a snapshot */
    uint64_t generation;       /* of data and network */
    uint64_t jumps;            /* of the weights */
    struct ui_message queue[UI_NOTES];
    size_t queued, queue_at;
    bool greeted;

    bool closing; /* leave as soon as the save is done */
    enum ui_leave closing_leave;
    int64_t last_steps;

    enum ui_leave leave;
    char leave_path[UI_PATH];
    bool recover;         /* leave_path is from the state folder */
    bool screen_changed;  /* fps, budget or mouse were set: the caller looks at spec */
    bool repaint;         /* Ctrl-L */
    bool dirty;           /* something on the screen changed */
    bool anew;            /* all of it did */
    bool behind;          /* the view drawn last was of some time ago: see hg_snapshot.aside */
    unsigned stale, turn; /* of enum ui_fresh: panels to draw; the one drawn last */
};

/* False: no memory. */
bool ui_app_init(struct ui_app *app, const struct ui_app_config *config);
void ui_app_fini(struct ui_app *app);
/* Starts over with another run (its name: spec); forgets what belongs to the old one. */
void ui_app_renew(struct ui_app *app, const struct hg_spec *spec);

/* What comes in. Set app->now first. */
void ui_app_take(struct ui_app *app, const struct hg_snapshot *snapshot);
void ui_app_key(struct ui_app *app, uint32_t key);
void ui_app_point(struct ui_app *app, const struct ui_pointer *pointer);
/* Messages come and go with time. Returns the ms until something changes; -1 = never. */
int ui_app_tick(struct ui_app *app);
/* Is it time for what a view wants to be drawn at once? Asked once. */
bool ui_app_woken(struct ui_app *app);

/* How much of a frame. Words, numbers and the chart are always drawn. */
enum ui_draw {
    UI_DRAW_ALL,
    UI_DRAW_TURN, /* of the costly panels the one whose turn it is */
    UI_DRAW_WORDS /* none of them, unless another sample or screen is shown */
};
/* Draws into the canvas that was drawn into before. app->dirty afterwards: panels are still to
 * come. cursor: row and column of a field's cursor, row -1 = nowhere. */
void ui_app_draw(struct ui_app *app, struct ui_canvas *canvas, enum ui_draw amount, int cursor[2]);

/* ---- within the app ---- */
void ui_app_act(struct ui_app *app, enum ui_action action);
void ui_app_order(struct ui_app *app, const struct ui_order *order);
void ui_app_answer(struct ui_app *app, uint32_t key); /* a key while a question is open */
void ui_app_quit(struct ui_app *app, bool again);
void ui_app_save(struct ui_app *app, const char *path); /* "" = where w writes */
/* Saves and then leaves as `leave` says. */
void ui_app_close(struct ui_app *app, enum ui_leave leave);
bool ui_app_unsaved(const struct ui_app *app);
void ui_app_send(struct ui_app *app, enum hg_command_kind kind, int64_t number, const char *name,
                 const char *text);
void ui_app_send_label(struct ui_app *app, int direction, int32_t label);
void ui_app_steps(struct ui_app *app, int64_t steps);
/* Back or forward in the run's history; steps 0: to the next kept state. */
void ui_app_travel(struct ui_app *app, bool back, int64_t steps);
void ui_app_say(struct ui_app *app, enum hg_tone tone, const char *format, ...) HG_PRINTF(3, 4);
void ui_app_wish(struct ui_app *app, enum ui_wish_kind kind, double value);
/* Art, palette and axes. */
void ui_app_look(struct ui_app *app, enum ui_action action);
void ui_app_view(struct ui_app *app, int number);
void ui_app_view_beside(struct ui_app *app, int direction); /* the next that there is */
void ui_app_say_later(struct ui_app *app, const struct ui_action_info *info);

/* F, v and k; Enter and Tab in the field that F opens. */
void ui_app_race(struct ui_app *app, enum ui_action action);
void ui_app_race_enter(struct ui_app *app, const char *text);
void ui_app_race_complete(struct ui_app *app);

/* The view that is shown takes what it has a use for; true = it did. */
bool ui_app_view_key(struct ui_app *app, uint32_t key);
bool ui_app_view_act(struct ui_app *app, enum ui_action action);
bool ui_app_view_point(struct ui_app *app, const struct ui_pointer *pointer);
/* Sets an option: what is live at once, [screen] here, all else with the next restart. */
void ui_app_set(struct ui_app *app, const char *name, const char *text);
void ui_app_take_set(struct ui_app *app); /* what a view wants to have set */
/* Starts again, with all changes of the form; seed 0 = the same. What the question says. */
void ui_app_restart(struct ui_app *app, int64_t seed);
void ui_app_restart_label(struct ui_app *app);
/* The experiment as a file; asks before one is replaced. */
bool ui_app_is_experiment(const char *path);
void ui_app_write_experiment(struct ui_app *app, const char *path, bool replace);
void ui_app_ask_experiment(struct ui_app *app); /* for its name */
void ui_app_ask_views(struct ui_app *app);      /* sends what they ask for */
void ui_app_open_doctor(struct ui_app *app);
/* A key while the doctor's page is open; and tells the trainer whether it is. */
void ui_app_doctor_key(struct ui_app *app, uint32_t key);
void ui_app_ask_doctor(struct ui_app *app);
/* The same for the page of the gradient check. */
void ui_app_open_check(struct ui_app *app);
void ui_app_check_key(struct ui_app *app, uint32_t key);
void ui_app_ask_check(struct ui_app *app);
void ui_app_theme(struct ui_app *app);
void ui_app_show(struct ui_app *app);
/* Is what the snapshot holds for this view of some time ago? */
bool ui_app_is_behind(const struct ui_app *app);

#endif
