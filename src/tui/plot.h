/* plot.h - the loss chart and the scatter of codes, drawn into a canvas. */
#ifndef TUI_PLOT_H
#define TUI_PLOT_H

#include "tui/canvas.h"
#include "tui/theme.h"

#include "hourglass/history.h"
#include "hourglass/ladder.h"
#include "hourglass/session.h"

/* The axes last used, kept by the caller: they change by steps, so that the
 * picture does not crawl. Zero-initialise. */
struct ui_axes {
    bool set;
    double low_x, high_x, low_y, high_y; /* of the chart: logarithms where the axis is one */
    bool linear_x, linear_y;             /* the chart's: how it was when these were found */
};

/* The loss chart: running mean of the batch losses as a line, validation after
 * each epoch as points, the ladder dotted across with names and values at the
 * right (where there is room), the losses of the axis at the right otherwise.
 * Losses that are not finite, or not above 0 on a logarithmic axis, are left out. */
struct ui_loss_chart {
    const struct hg_series *series; /* may be NULL */
    const struct hg_epoch *epochs;  /* may be NULL when epoch_count is 0 */
    size_t epoch_count;
    const struct hg_ladder *ladder; /* may be NULL; mean NaN = not known yet */
    bool linear_steps, linear_loss; /* default: both axes logarithmic */

    /* The run's history: a line of lower contrast for what lies ahead or was left, from step
     * branch_from on; a tick along the bottom for each kept state; where one is back. */
    const struct hg_series *branch; /* NULL = none */
    uint64_t branch_from;
    const uint64_t *kept;
    size_t kept_count;
    bool away;
    uint64_t here;

    const struct hg_series *rival; /* of a race: another line, from step rival_from on; NULL */
    uint64_t rival_from;
    const char *rival_name; /* at its end, where there is room */
};
void ui_plot_loss(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                  const struct ui_loss_chart *chart, struct ui_axes *axes);

/* The slider: the chart's lowest row (where there are rows enough) has a tick for each kept
 * state and a mark at the present step. */
enum { UI_SLIDER_ROWS = 5 }; /* of a chart that has one, at least */
bool ui_slider_there(struct ui_rect rect, const struct ui_loss_chart *chart);
void ui_slider_draw(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect row,
                    const struct ui_loss_chart *chart, const struct ui_axes *axes);
/* Is this its row? */
bool ui_slider_hit(struct ui_rect rect, const struct ui_loss_chart *chart, int row, int column);
/* The kept step (ascending) nearest to a column of the chart in `rect`; at the end of them the
 * last. False: nothing is kept or drawn. */
bool ui_slider_step(struct ui_rect rect, const struct ui_loss_chart *chart,
                    const struct ui_axes *axes, int column, uint64_t *step);

/* The scatter: a glyph a point in its label's colour, the commonest label where
 * several meet (bold from 3 on; without labels · • ● by number), the shown sample
 * in reverse on top. A code of one value is a strip: glyphs stacked on an axis. */
struct ui_scatter {
    const struct hg_code_point *points;
    size_t count;
    const char (*names)[24]; /* class names: the first min(classes, 64) */
    size_t classes;          /* 0 = no labels */
    size_t codes;            /* values of the code; 1 = a strip */
    bool here;               /* the shown sample's place is known */
    double here_x, here_y;
    int32_t here_label;
};
void ui_plot_scatter(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                     const struct ui_scatter *scatter, struct ui_axes *axes);
/* The cell of a place of the plane last drawn with these axes; places outside are
 * moved to the edge. False: nothing has been drawn yet, or not finite. */
bool ui_scatter_place(struct ui_rect rect, const struct ui_axes *axes, double x, double y, int *row,
                      int *column);

#endif
