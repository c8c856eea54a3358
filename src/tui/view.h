/* view.h - what a view is, and what it may look at. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "tui/action.h"
#include "tui/art.h"
#include "tui/canvas.h"
#include "tui/layout.h"
#include "tui/plot.h"
#include "tui/theme.h"

#include "hourglass/session.h"

/* The numbers on the screen. Copied from a snapshot at most four times a second,
 * so that they can be read; at once when the state or the shown sample changes. */
struct ui_figures {
    uint64_t epoch, step, epoch_steps, epoch_position;
    double train, validation, running, samples_per_s, sample_loss, rate, collapse;
    double ran, copied; /* losses of a race: the run as it was, the copy */
    uint64_t raced_at;  /* the epoch or step they are of */
    float code[HG_SNAPSHOT_CODES];
};

/* What the user has just asked for and the trainer may not have answered yet: shown
 * at once, and what further keys count from. */
struct ui_wish {
    uint64_t until; /* ms; 0 = none */
    double value;
};

enum ui_wish_kind { UI_WISH_RUN, UI_WISH_LR, UI_WISH_OPTIMIZER, UI_WISH_BATCH, UI_WISH_COUNT };

/* Where pictures are shown, each with its memory. */
enum ui_picture_place {
    UI_PICTURE_INPUT,
    UI_PICTURE_OUTPUT,
    UI_PICTURE_DIFFERENCE,
    UI_PICTURE_COUNT
};

/* Bodies of panels that cost many bytes. On a slow line they are drawn in turn; what is not
 * drawn stays on the canvas as it was. */
enum ui_fresh {
    UI_FRESH_PICTURES = 1,
    UI_FRESH_CODE = 2,
    UI_FRESH_MORE = 4, /* view 2: the decoded grid, PCA's plane */
    UI_FRESH_ALL = 7
};

/* View 4: what is asked for, and how what came is drawn. */
struct ui_filters {
    int level;    /* 0: weights of the first layer, i: what layer i - 1 gives */
    size_t first; /* picture of the page */
    size_t count; /* pictures of a page, as many as were drawn last */
    bool large;   /* few large pictures instead of many */
    struct {
        int level; /* -1: nothing */
        size_t first, count;
    } asked;         /* of the trainer */
    int shown_level; /* of the pictures on the canvas; -1 = none */
    size_t shown_first, shown_count;
    uint32_t shown_sample;
    int scale_level;        /* of the scale; -1 = none */
    double lowest, highest; /* scale of colours: round numbers, held while the values fit well */
    struct ui_art_memory memory[HG_FILTER_PICTURES], input;
};

/* What a view remembers between frames: known to its own files only (heap; see ui_view_ops). */
struct ui_latent;
struct ui_network;
struct ui_health;
struct ui_form;

/* The mouse on the loss chart's slider. */
struct ui_slide {
    struct ui_rect rect; /* of the chart, as drawn last */
    bool held, wanted;   /* pressed; there is a step to be asked for */
    uint64_t step;
};

/* All that views and panels may look at. */
struct ui_scene {
    int view;                           /* 1..6 */
    uint64_t now;                       /* ms */
    const struct hg_snapshot *snapshot; /* NULL before the first */
    struct ui_theme theme;
    struct ui_figures figures;

    unsigned fresh; /* of enum ui_fresh: bodies to draw now */

    bool viewed;  /* another process trains the run: it is only looked at */
    bool running; /* state and settings as shown: the snapshot's, or the wish */
    double lr;
    enum hg_optimizer optimizer;
    uint64_t batch;

    bool linear_loss, linear_steps;
    int32_t filter; /* only this label; -1 = all */
    int channel;    /* shown, of data with neither 1 nor 3 channels */

    const char *message; /* shadows the sentence; NULL = none. Several lines: the same
                                 * in fewer words each time, the first that fits is shown */
    enum hg_tone message_tone;

    struct ui_art_memory memory[UI_PICTURE_COUNT];
    bool unseen; /* view 1: the trainer was told so */
    struct ui_filters filters;
    struct ui_latent *latent;
    struct ui_network *network;
    struct ui_health *health;
    struct ui_form *form;
    bool still;    /* set by a view that took a key: no more than words are to be drawn for it */
    bool answer;   /* set by a view: a picture was drawn that answers a key */
    uint64_t wake; /* ms: a view wants to be drawn then, at once; 0 = not */
    char say[160]; /* what a view wants to have told, "" = nothing: the app takes it */
    enum hg_tone say_tone;
    const struct hg_spec *own; /* the app's: [screen] as it is */
    /* What a view wants to have set at once, "" = nothing: the app takes it. */
    char set_name[48], set_text[512];
    int go; /* the view that a view wants to be shown instead, 0 = none: the app takes it */
    struct ui_axes loss_axes, code_axes;
    struct ui_slide slide;
    struct hg_series merged; /* of the loss chart of a resumed run */
};

/* Keys and words of a footer. */
enum { UI_HINT_ALONE = -1 };
struct ui_hint {
    const char *keys, *word;
    int rank; /* 0 = always there; else the greater gives way first */
};

/* The mouse in a view: a press, its way, its end; the wheel. */
enum ui_pointer_kind {
    UI_POINTER_PRESS,
    UI_POINTER_DRAG,
    UI_POINTER_RELEASE,
    UI_POINTER_WHEEL_UP,
    UI_POINTER_WHEEL_DOWN
};
struct ui_pointer {
    enum ui_pointer_kind kind;
    int row, column; /* of the screen */
};

/* A view: the part of the screen between header and sentence. All but name and draw may be
 * NULL. What changes training, or is to be looked at, is asked for by commands. */
struct ui_view_ops {
    const char *name;
    /* Draws its panels where the layout says. Called with a snapshot beyond LOADING. */
    void (*draw)(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas);
    /* A key before the keymap sees it (never Ctrl-C), with a snapshot beyond LOADING; true =
     * done. A view with an open field takes all keys. */
    bool (*key)(struct ui_scene *scene, uint32_t key);
    /* Takes an action (Enter, pages) meant for the inside of the view; true = done. */
    bool (*act)(struct ui_scene *scene, enum ui_action action);
    /* The mouse; true = done. */
    bool (*point)(struct ui_scene *scene, const struct ui_pointer *pointer);

    /* The next command for the trainer, false = none; asked of every view, shown or not
     * (scene->view says), whenever the screen is drawn, until it says false. `asked`: the queue has taken it. */
    bool (*ask)(struct ui_scene *scene, struct hg_command *command);
    void (*asked)(struct ui_scene *scene, const struct hg_command *command);
    /* Another snapshot came; true: the whole screen is to be drawn. */
    bool (*take)(struct ui_scene *scene);

    /* Its memory: made once (false: none left), emptied for another run, art forgotten (theme
     * or screen are others), freed. */
    bool (*begin)(struct ui_scene *scene);
    void (*renew)(struct ui_scene *scene);
    void (*forget)(struct ui_scene *scene);
    void (*end)(struct ui_scene *scene);

    /* Keys of its own for the footer, before the common ones; ended by keys NULL, with rank
     * UI_HINT_ALONE: no others do anything now. */
    const struct ui_hint *(*hints)(const struct ui_scene *scene);
    /* Where the cursor of an open field stands; false = there is none. */
    bool (*cursor)(const struct ui_scene *scene, int cursor[2]);
    /* Of enum ui_fresh: what it draws in turn; 0 = pictures and code. */
    unsigned turns;
};

enum { UI_VIEWS = 6 };
/* View `number` (1..6); NULL: it comes with a later version. */
const struct ui_view_ops *ui_view(int number);

/* Of all views, in turn: see ui_view_ops. */
bool ui_views_begin(struct ui_scene *scene);
void ui_views_renew(struct ui_scene *scene);
void ui_views_forget(struct ui_scene *scene);
void ui_views_end(struct ui_scene *scene);
bool ui_views_take(struct ui_scene *scene);

extern const struct ui_view_ops ui_view_train;
extern const struct ui_view_ops ui_view_latent;
extern const struct ui_view_ops ui_view_network;
extern const struct ui_view_ops ui_view_filters;
extern const struct ui_view_ops ui_view_health;
extern const struct ui_view_ops ui_view_experiment;
extern const struct ui_view_ops ui_view_health;

/* ---- panels of view 1, a file each ---- */
void ui_panel_pictures(struct ui_scene *scene, const struct ui_layout *layout,
                       struct ui_canvas *canvas);
void ui_panel_now(const struct ui_scene *scene, const struct ui_layout *layout,
                  struct ui_canvas *canvas);
void ui_panel_loss(struct ui_scene *scene, const struct ui_layout *layout,
                   struct ui_canvas *canvas);
void ui_panel_code(struct ui_scene *scene, const struct ui_layout *layout,
                   struct ui_canvas *canvas);

/* ---- the frame around every view ---- */
void ui_panel_header(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);
void ui_panel_sentence(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);

void ui_panel_hints(const struct ui_theme *theme, struct ui_rect rect, struct ui_canvas *canvas,
                    const struct ui_hint *hints, size_t count);
/* The hints of a running view, from the table of actions. */
void ui_panel_footer(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);

/* ---- words several panels need ---- */
/* The name of a label: "3", "cat"; "" for -1. */
void ui_label_name(const struct hg_snapshot *snapshot, int32_t label, char *out, size_t size);
/* Blanks a rectangle. */
void ui_blank(struct ui_canvas *canvas, struct ui_rect rect);
/* Draws a rule with the longest of `figures` (longest first, ended by NULL) that fits. */
void ui_rule_fitting(const struct ui_theme *theme, struct ui_spot spot, struct ui_canvas *canvas,
                     const char *title, const char *const *figures);

#endif
