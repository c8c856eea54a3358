/* plot_rungs.h - the ladder's rungs on the loss chart: which are named, and how. */
#ifndef TUI_PLOT_RUNGS_H
#define TUI_PLOT_RUNGS_H

#include "hourglass/ladder.h"

#include <stdbool.h>
#include <stddef.h>

/* Columns of the names at the chart's right, a blank before them included; those
 * of the name alone. */
enum { UI_RUNG_COLUMNS = 15, UI_RUNG_NAME = 6 };

struct ui_rung {
    double value;
    int row; /* of cells; -1 = not shown */
    char text[32];
};

/* By importance: mean, the last PCA floor, entropy, then PCA-1, PCA-2 ... */
struct ui_rungs {
    struct ui_rung rung[HG_LADDER_MOST + 2];
    size_t count;
};

void ui_rungs_list(struct ui_rungs *rungs, const struct hg_ladder *ladder);
/* Has a more important rung than `index` its row already? */
bool ui_rungs_taken(const struct ui_rungs *rungs, size_t index);
/* Does any rung stand on this row? On it or beside it? */
bool ui_rungs_on(const struct ui_rungs *rungs, int row);
bool ui_rungs_near(const struct ui_rungs *rungs, int row);

/* A loss in at most 8 columns: "0.0551", "12.35", "3.2e-07". */
void ui_loss_text(char *text, size_t size, double loss);

#endif
