/* layout.h - where the panels of view 1 stand. A pure function of the screen's size and wishes.
 *
 * Promises, at every size from 1 x 1 on: each rectangle is empty (hidden) or
 * lies inside the screen; no two overlap; a panel with a rule has the rule in its
 * first row and at least one row below it; input and output have equal sizes; a
 * smaller screen hides what matters less (difference, now, code, loss, in this
 * order) rather than squeezing it.
 */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include "tui/canvas.h"

enum ui_place {
    UI_PLACE_HEADER, /* one row, the bar */
    UI_PLACE_INPUT,
    UI_PLACE_OUTPUT,
    UI_PLACE_DIFFERENCE,
    UI_PLACE_NOW, /* facts, a line each */
    UI_PLACE_LOSS,
    UI_PLACE_CODE,
    UI_PLACE_SENTENCE, /* one row */
    UI_PLACE_FOOTER,   /* one row */
    UI_PLACE_COUNT
};

struct ui_wishes {
    bool image;        /* a picture; else a table row, drawn as bars */
    int rows, columns; /* of the picture, in pixels */
    size_t features;   /* of the table row */
    size_t codes;      /* values of the code */
};

struct ui_layout {
    int rows, columns;
    struct ui_rect place[UI_PLACE_COUNT]; /* whole panels, the rule's row included */
};

void ui_layout(int rows, int columns, const struct ui_wishes *wishes, struct ui_layout *layout);

/* The panel without its rule (all panels but header, sentence and footer have one). */
struct ui_rect ui_layout_body(const struct ui_layout *layout, enum ui_place place);
/* The panel's rule: for ui_rule. */
struct ui_spot ui_layout_rule(const struct ui_layout *layout, enum ui_place place);

#endif
