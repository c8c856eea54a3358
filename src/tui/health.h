/* health.h - view 5: the layers over time, the samples that come out worst and best. */
#ifndef UI_HEALTH_H
#define UI_HEALTH_H

#include "tui/format.h"
#include "tui/view.h"

/* What the view remembers between frames. */
struct ui_health {
    bool asked;       /* the trainer knows that it is shown */
    size_t top, page; /* the first layer shown; so many at a time */
    int64_t show;     /* a sample to be shown, -1 = none: the trainer is not told yet */
    size_t chosen;    /* of the samples shown: first the worst, then the best */
    size_t slots;     /* samples on the canvas, and where */
    struct ui_rect slot[2 * HG_EXTREMES];
    uint32_t sample[2 * HG_EXTREMES];
    bool known[2];    /* layers, samples: they are on the canvas */
    uint64_t serial;  /* of those samples */
    bool set, linear; /* the axis of steps: it moves by leaps */
    double end;       /* its right end; a logarithm where the axis is one */
    struct ui_art_memory memory[4 * HG_EXTREMES];
};

/* ---- how it fills the screen (health_page.c), a pure function ---- */
struct ui_health_wishes {
    size_t layers;
    bool image;        /* the samples are pictures */
    int rows, columns; /* of one, in pixels */
    bool half;         /* two pixels a cell, one above the other; else a pixel is two cells wide */
};
struct ui_health_page {
    struct ui_rect layers, samples; /* whole panels with their rules; empty = hidden */
    int lines;                      /* rows of a layer */
    size_t page;                    /* layers at a time */
    bool bands;                     /* a row for what is healthy */
    int high, wide;                 /* cells of a picture, 0 = a list of lines */
    int pitch;                      /* columns from one sample to the next */
    size_t each;                    /* samples of each kind */
};
void ui_health_fit(struct ui_rect rect, const struct ui_health_wishes *wishes,
                   struct ui_health_page *page);

/* ---- one quantity of a layer over time (health_line.c) ---- */
struct ui_health_line {
    const uint64_t *step;
    const float *value; /* the first; the next lies `stride` after it */
    size_t count, stride;
    bool share;  /* 0..1; else its own scale, logarithmic, a decade at least */
    bool linear; /* axis of steps from 1 to `end` */
    double end;
};
void ui_health_line(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                    const struct ui_health_line *line, struct ui_style style);

/* Two digits in six columns: 0.0012, 1.2e-5, 340. */
char *ui_health_number(char out[UI_NUMBER], double value);

/* ---- the panels ---- */
void ui_panel_health(struct ui_scene *scene, const struct ui_health_page *page,
                     struct ui_canvas *canvas);
void ui_panel_health_samples(struct ui_scene *scene, const struct ui_health_page *page,
                             struct ui_canvas *canvas);

#endif
