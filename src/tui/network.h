/* network.h - view 3: the network drawn, a unit of it chosen, its weights read and changed. */
#ifndef UI_NETWORK_H
#define UI_NETWORK_H

#include "tui/field.h"
#include "tui/view.h"

/* ---- where everything stands (network_layout.c), a pure function ---- */
struct ui_network_place {
    struct ui_rect drawing; /* columns and edges, their heads and the key included */
    struct ui_rect side;    /* the chosen unit; empty = no room */
    int heads;              /* rows above the nodes */
    int top, rows;          /* of the nodes */
    int most, few;          /* units of a column that is shown whole; of others */
};

void ui_network_place(struct ui_network_place *place, struct ui_rect rect);

/* The columns that fit, and where; the chosen one is among them. */
struct ui_network_columns {
    int first, count;          /* of those copied */
    int x[HG_NETWORK_COLUMNS]; /* of their nodes; the first is that of column `first` */
    int pitch;
    int label, wide; /* cells of a node's number; of the whole node */
    bool values;     /* activations are written */
};

void ui_network_columns(struct ui_network_columns *columns, const struct ui_network_place *place,
                        const struct hg_network *shown);
/* The row of a node: one of `count` of its column. */
int ui_network_row(const struct ui_network_place *place, int count, int index);

/* ---- what the view remembers ---- */
enum ui_network_mode {
    UI_NETWORK_LOOK,
    UI_NETWORK_LIST,   /* of the chosen unit's parameters */
    UI_NETWORK_FIELD,  /* one of them is typed */
    UI_NETWORK_CONFIRM /* and is to be confirmed */
};

struct ui_network {
    uint32_t column, unit;             /* chosen */
    uint32_t last[HG_NETWORK_COLUMNS]; /* of each of the first columns: the unit chosen last */
    bool visited[HG_NETWORK_COLUMNS];
    enum ui_network_mode mode;
    uint32_t row, top, rows; /* of the list: chosen, first shown, rows shown */
    struct ui_field field;
    struct hg_network_weight edited; /* as it was when the field was opened */
    bool waiting;                    /* the field is to open when the row has come */
    bool send;                       /* what was typed is confirmed */
    struct {
        int column; /* -1: nothing */
        uint32_t unit, most, few;
        int32_t page;
    } asked;
    uint32_t most, few;                /* units that there is room for */
    uint32_t shown_column, shown_unit; /* on the canvas */
    uint32_t shown_sample, shown_page;
    bool shown;
    struct ui_network_place place; /* of the last drawing */
    int cursor[2];                 /* of the open field; row -1 = none */
};

/* What the trainer measured; NULL: nothing yet. Is it that of the chosen unit? */
const struct hg_network *ui_network_shown(const struct ui_scene *scene);
bool ui_network_settled(const struct ui_scene *scene);

/* ---- keys and the mouse (network_keys.c) ---- */
bool ui_network_key(struct ui_scene *scene, uint32_t pressed);
void ui_network_open_field(struct ui_scene *scene); /* of the chosen row */
bool ui_network_point(struct ui_scene *scene, const struct ui_pointer *pointer);

/* ---- panels ---- */
void ui_panel_network(struct ui_scene *scene, const struct ui_network_place *place,
                      struct ui_canvas *canvas);
/* Edges of the gaps (network_edges.c); false: not all of them. */
bool ui_network_edges(const struct ui_scene *scene, const struct ui_network_place *place,
                      const struct ui_network_columns *columns, struct ui_canvas *canvas);
/* The chosen unit, or the list of its parameters (panel_network_unit.c, panel_network_list.c). */
void ui_panel_network_unit(const struct ui_scene *scene, struct ui_rect rect,
                           struct ui_canvas *canvas);
void ui_panel_network_list(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas);

/* The style of a weight or bias: colour for its sign, brighter with `share` 0..1; `strong`: among
 * those that matter now. */
struct ui_style ui_network_style(const struct ui_theme *theme, double value, double share,
                                 bool strong);

/* The column with number `number`, if it is among those copied. */
const struct hg_network_column *ui_network_column(const struct hg_network *shown, uint32_t number);

#endif
