/* latent.h - view 2: the plane of the codes, a cursor in it, and what the decoder makes of it. */
#ifndef UI_LATENT_H
#define UI_LATENT_H

#include "tui/view.h"

/* ---- where its panels stand (layout_latent.c), a pure function ---- */
enum ui_latent_place {
    UI_LATENT_PLANE,   /* with a rule */
    UI_LATENT_DECODED, /* with a rule */
    UI_LATENT_SLIDERS, /* a line each */
    UI_LATENT_FACTS,   /* a line each */
    UI_LATENT_GRID,    /* with a rule */
    UI_LATENT_PCA,     /* with a rule */
    UI_LATENT_PLACES
};

struct ui_latent_wishes {
    bool image;        /* else a table row, drawn as bars */
    int rows, columns; /* of the picture, in pixels */
    size_t features;   /* of the table row */
    size_t sliders;
};

/* The decoded grid: pictures, and the cells of one. */
struct ui_latent_grid {
    int across, down, wide, high;
};

/* Each rectangle is empty (hidden) or lies between header and sentence; no two overlap; a panel
 * with a rule has at least one row below it. The plane outlives all others. */
struct ui_latent_layout {
    struct ui_rect place[UI_LATENT_PLACES];
    struct ui_latent_grid grid; /* across 0: none */
};

void ui_layout_latent(int rows, int columns, const struct ui_latent_wishes *wishes,
                      struct ui_latent_layout *layout);
/* Without the rule, for places that have one. */
struct ui_rect ui_latent_body(const struct ui_latent_layout *layout, enum ui_latent_place place);
/* Where a picture of the grid stands in its body: in the middle of its part of the plane. */
struct ui_rect ui_latent_slot(const struct ui_latent_grid *grid, struct ui_rect body, int row,
                              int column);

/* ---- points on cells (latent_plane.c) ---- */

/* Points keep their cell until they have clearly left it: a plane that trembles cannot be read,
 * and costs bytes. Zero-initialise; free with ui_plane_fini. */
enum { UI_PLANE_EMPTY = -2 };
struct ui_plane {
    int rows, columns;
    int32_t *cell; /* label a cell; -1 = a point without one, UI_PLANE_EMPTY */
    size_t room, count;
    float left, right, bottom, top;
    struct ui_plane_point {
        uint32_t sample;
        int32_t label;
        int16_t row, column;
    } point[HG_LATENT_POINTS];
};

struct ui_plane_points {
    const struct hg_latent_point *point;
    size_t count;
    float left, right, bottom, top;
    bool strip; /* a code of one value: points stacked on an axis */
};

/* False: no memory. */
bool ui_plane_update(struct ui_plane *plane, struct ui_rect rect,
                     const struct ui_plane_points *points);
/* The cells as they are, glyphs of labels; blanks where nothing is. */
void ui_plane_draw(const struct ui_plane *plane, const struct ui_scene *scene, struct ui_rect rect,
                   struct ui_canvas *canvas);
/* Where a sample stands in the plane last updated. */
bool ui_plane_find(const struct ui_plane *plane, uint32_t sample, int *row, int *column);
/* The nearest point's sample within a cell of (row, column); -1 = none. */
int64_t ui_plane_near(const struct ui_plane *plane, int row, int column);
void ui_plane_fini(struct ui_plane *plane);

/* ---- the view's memory ---- */

/* What the mouse holds while its button is down. */
enum ui_latent_grip { UI_GRIP_NONE, UI_GRIP_PLANE, UI_GRIP_SLIDER, UI_GRIP_GRID };

struct ui_latent {
    struct ui_latent_layout layout; /* of the last drawing */
    struct ui_plane plane, pca;
    struct ui_art_memory decoded, cell[HG_LATENT_CELLS];

    bool shown; /* asked of the trainer: the view, and a grid of this size */
    int across, down;
    bool begun;            /* the cursor has been put onto the shown sample once */
    size_t codes, samples; /* of what was taken last */
    bool known, known_pca; /* what the trainer has told so far */
    uint64_t answered;     /* command whose picture is on the screen, and since when (ms) */
    uint64_t answered_at;
    uint64_t taken;       /* the last answer that came */
    int64_t show;         /* sample to be shown; -1 = none */
    uint64_t number;      /* of the last command for the cursor */
    uint64_t sent;        /* of the last one sent */
    uint64_t sent_at;     /* ms */
    struct hg_command at; /* that command */
    float x, y;           /* where it puts the cursor, and the sliders, until it is answered */
    bool placed;          /* x and y are known */
    float position[HG_LATENT_SLIDERS];
    bool slid; /* position is */

    int slider;      /* chosen; -1: the plane */
    int first, rows; /* sliders seen */
    int64_t mark[2]; /* samples A and B; -1 = none */
    int32_t mark_label[2];
    uint64_t walk; /* ms at which a walk began; 0 = none */
    uint32_t draws;
    enum ui_latent_grip grip;
};

/* ---- the cursor (latent_cursor.c) ---- */
/* Is there anything to move in? */
bool ui_latent_ready(const struct ui_scene *scene);
/* What stands on the screen: the cursor's place and values, own ones until they are answered. */
void ui_latent_here(const struct ui_scene *scene, float *x, float *y);
float ui_latent_value(const struct ui_scene *scene, size_t slider);
/* The cell of a place of the plane in a rectangle, and back: its middle. */
void ui_latent_cell(const struct hg_latent *latent, struct ui_rect rect, float x, float y, int *row,
                    int *column);
void ui_latent_middle(const struct hg_latent *latent, struct ui_rect rect, int row, int column,
                      float *x, float *y);

void ui_latent_to_plane(struct ui_scene *scene, float x, float y);
void ui_latent_to_value(struct ui_scene *scene, size_t slider, float value);
void ui_latent_to_sample(struct ui_scene *scene, uint32_t sample);
void ui_latent_to_random(struct ui_scene *scene);
void ui_latent_mark(struct ui_scene *scene);
void ui_latent_walk(struct ui_scene *scene);
/* How far the walk is, 0 to 1. */
double ui_latent_walked(const struct ui_scene *scene);
/* The next command for the trainer; see ui_view_ops. */
bool ui_latent_ask(struct ui_scene *scene, struct hg_command *command);
void ui_latent_asked(struct ui_scene *scene, const struct hg_command *command);

/* ---- the mouse (latent_mouse.c) ---- */
bool ui_latent_point(struct ui_scene *scene, const struct ui_pointer *pointer);
/* Chooses a slider (-1: the plane) and brings it into sight. */
void ui_latent_choose(struct ui_scene *scene, int slider);

/* ---- the panels (panel_latent.c, panel_latent_side.c) ---- */
void ui_panel_plane(struct ui_scene *scene, struct ui_canvas *canvas);
void ui_panel_grid(struct ui_scene *scene, struct ui_canvas *canvas);
void ui_panel_pca(struct ui_scene *scene, struct ui_canvas *canvas);
void ui_panel_decoded(struct ui_scene *scene, struct ui_canvas *canvas);
void ui_panel_sliders(struct ui_scene *scene, struct ui_canvas *canvas);
void ui_panel_nearest(struct ui_scene *scene, struct ui_canvas *canvas);
/* The columns of a slider's line that are its track. */
struct ui_spot ui_latent_track(const struct hg_latent *latent, struct ui_rect rect);

#endif
