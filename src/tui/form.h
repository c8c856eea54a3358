/* form.h - view 6: the experiment as a form, a line each option of the table.
 *
 * Fields, their help and ranges come from hg_options; values from the snapshot's experiment.
 * Live options are handed on at once, all others wait as changes for a restart.
 */
#ifndef UI_FORM_H
#define UI_FORM_H

#include "tui/field.h"
#include "tui/view.h"

#include "hourglass/spec.h"

enum { UI_FORM_NAME = 48, UI_FORM_CLUSTERS = 200 };

/* One line. */
struct ui_form_field {
    const struct hg_option *option; /* of a cluster's centre or deviations: gaussians.spread */
    size_t cluster;                 /* 0 = the option itself */
    bool is_spread;
    int column, line; /* where it was placed */
};

/* What is to be another with the next start. */
struct ui_form_change {
    char name[UI_FORM_NAME];
    char text[UI_FIELD_TEXT]; /* "" = the cluster's own values are dropped */
};

struct ui_form_page {
    struct ui_rect rect; /* of the fields */
    int columns, wide, lines, top;
};

struct ui_form {
    bool known;            /* there are specs and fields */
    uint64_t serial;       /* of the snapshot's experiment */
    struct hg_spec now;    /* the run's; what was chosen for the user is "auto" again */
    struct hg_spec next;   /* with the changes */
    struct hg_spec chosen; /* the run's, as the snapshot has it */
    struct hg_spec start;  /* what the last restart was asked with */
    struct ui_form_field *field;
    size_t fields, field_room;
    struct ui_form_change *change;
    size_t changes, change_room;

    size_t at;   /* the field under the cursor */
    bool follow; /* it must be seen (the wheel looks elsewhere) */
    struct ui_form_page page;

    bool open; /* it is typed into */
    struct ui_field edit;
    char began[UI_FIELD_TEXT];
    int cursor[2];

    char error[HG_ERROR_TEXT]; /* what is wrong with the field under the cursor; "" = nothing */
    struct {                   /* a live change on its way */
        char name[UI_FORM_NAME], text[UI_FIELD_TEXT];
        uint64_t until, serial;
    } sent;
    bool started, restarting; /* there is `start`; its answer is awaited */
    uint64_t message_serial;
};

/* ---- the model of it (form.c) ---- */
bool ui_form_begin(struct ui_form *form);
void ui_form_end(struct ui_form *form);
/* Another run: nothing is changed, the cursor stands at the beginning. */
void ui_form_renew(struct ui_form *form);
/* Takes the experiment from a snapshot; false: there is none, or no memory. */
bool ui_form_take(struct ui_form *form, const struct hg_snapshot *snapshot);

void ui_form_name(const struct ui_form_field *field, char out[UI_FORM_NAME]);
/* The field called so ("train.lr"); `fields` when there is none. */
size_t ui_form_find(const struct ui_form *form, const char *name);
/* Its change; NULL = none. */
const struct ui_form_change *ui_form_changed(const struct ui_form *form, const char *name);
/* Changes that a restart puts into force. */
size_t ui_form_waiting(const struct ui_form *form);
/* Does it take effect at once, at the next start, or only when the program starts anew? */
enum ui_form_effect { UI_FORM_AT_ONCE, UI_FORM_RESTART, UI_FORM_PROGRAM };
enum ui_form_effect ui_form_effect(const struct hg_option *option);

/* Its value as text that can be set again, with the change or what is on its way. */
void ui_form_value(const struct ui_form *form, const struct ui_scene *scene, size_t index,
                   char *out, size_t size);
/* The same as it is shown: "auto: dense 32 tanh". */
void ui_form_shown(const struct ui_form *form, const struct ui_scene *scene, size_t index,
                   char *out, size_t size);

/* Sets an option: scene->set for what takes effect at once, else a change. False: refused, and
 * `error` (HG_ERROR_TEXT) says why. */
bool ui_form_set(struct ui_scene *scene, const char *name, const char *text, char *error);
/* Drops a change; false: there was none. */
bool ui_form_drop(struct ui_form *form, const char *name);
/* The experiment to start again with; NULL when nothing waits. It stays the form's. */
const struct hg_spec *ui_form_next(struct ui_form *form);

/* ---- keys (form_edit.c) ---- */
/* The value after (direction > 0) or before this one; false: there is none of the kind. */
bool ui_form_step(const struct hg_option *option, const char *text, int direction, char *out,
                  size_t size);
bool ui_form_key(struct ui_scene *scene, uint32_t key);
bool ui_form_point(struct ui_scene *scene, const struct ui_pointer *pointer);

/* ---- drawing (form_page.c, form_foot.c) ---- */
/* "> 0", "0 to 1", "adam, sgd": what a line has room for; "" = nothing. */
void ui_form_range(const struct hg_option *option, char *out, size_t size);
void ui_form_draw(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);
void ui_form_foot(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);
/* The network as `next` has it, on the present data: "64 → 32 tanh → 2 → …"; false: it is none,
 * and `out` says why, and `key` where ("encoder"). */
bool ui_form_network(const struct ui_form *form, const struct hg_snapshot *snapshot, char *out,
                     size_t size, const char **key);

#endif
