/* art.h - pictures and table rows drawn into rectangles of a canvas.
 *
 * How a picture is drawn follows theme->art:
 *   blocks   half blocks, one pixel half a cell; where it fits, two columns a
 *            pixel with background colours. Without UTF-8: background colours only.
 *   braille  2 x 4 dots a cell, ordered dither
 *   ascii    a ramp of characters, two columns a pixel where there is room
 * A picture keeps its shape and is centred: scaled up by whole numbers, down by
 * area averages. Values map linearly from lowest..highest to the palette;
 * outside is clipped, NaN is drawn as lowest.
 */
#ifndef TUI_ART_H
#define TUI_ART_H

#include "tui/canvas.h"
#include "tui/theme.h"

#include "hourglass/shape.h"

/* What was drawn last, kept by the caller for each place where a picture is
 * shown: a pixel keeps its step of the palette until its value has moved clearly
 * past the step's border, so that pictures of a slowly changing network change
 * few cells. Zero-initialise; free with ui_art_memory_fini. */
struct ui_art_memory {
    int16_t *steps; /* a step each sub-pixel, -1 = none yet */
    size_t room;
    int rows, columns, kind;
};
void ui_art_memory_fini(struct ui_art_memory *memory);
/* Forget (another sample is shown: draw it as it is). */
void ui_art_memory_reset(struct ui_art_memory *memory);

struct ui_picture {
    const float *values;    /* channels x rows x columns */
    const float *reference; /* NULL, or: draw the signed difference values - reference */
    struct hg_shape shape;
    int channel; /* the one to show; -1: RGB of 3 channels, else the first */
    double lowest, highest;
    bool diverging; /* values have signs (lowest = -highest): 0 is the palette's middle, or, where
                     * that has few steps, dark between two colours */
};

/* Draws; `memory` may be NULL. Nothing happens in an empty rectangle. */
void ui_art_picture(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                    const struct ui_picture *picture, struct ui_art_memory *memory);

/* Cells a picture of rows x columns pixels would take in `rect` (centred). */
struct ui_rect ui_art_fit(const struct ui_theme *theme, struct ui_rect rect, int rows, int columns);

/* A table row: one bar a feature, from lowest to highest (from 0 where that lies
 * between), with the value at its right and the feature's number (from 1) at its
 * left where there is room. More features than rows: several columns of bars;
 * still more: a bar is the average of neighbours, with the number of the first.
 * With a reference the bar is the value and a tick (│) the reference. */
struct ui_bars {
    const float *values;
    const float *reference; /* may be NULL */
    size_t count;
    double lowest, highest;
};
void ui_art_bars(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                 const struct ui_bars *bars);

#endif
