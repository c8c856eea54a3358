/* pulse.h - how every layer did over time, and which samples come out worst and best: view 5.
 *
 * A session measures now and then (hg_health_measure) within a small share of the time, also
 * while nobody looks, so that the past is there when someone does. Plain data.
 */
#ifndef HOURGLASS_PULSE_H
#define HOURGLASS_PULSE_H

#include "hourglass/health.h"
#include "hourglass/shape.h"

/* The most telling first. */
enum hg_pulse_kind {
    HG_PULSE_UPDATE,    /* hg_layer_health.update */
    HG_PULSE_GRADIENT,  /* .gradient */
    HG_PULSE_SPREAD,    /* .spread */
    HG_PULSE_SATURATED, /* .saturated */
    HG_PULSE_DEAD,      /* .dead */
    HG_PULSE_KINDS
};

/* Outside of the healthy band: an update of less than 1e-5 or more than a tenth of the weight;
 * a gradient below a thousandth of the largest; a spread below a thousandth of the layer's
 * deviation (every sample gives the same); saturated by 90 % or more (not the last layer);
 * a quarter dead or more. `layer` of health->layer; what is not known is not outside. */
bool hg_pulse_outside(const struct hg_health *health, size_t layer, enum hg_pulse_kind kind);

enum { HG_PULSE_POINTS = 256, HG_EXTREMES = 12, HG_EXTREME_SIDE = 32 };

/* Looks at the layers, oldest first, up to the present step. */
struct hg_pulse {
    bool known;           /* false: not asked for, or no look yet */
    uint64_t serial;      /* changes with all below */
    struct hg_health now; /* the newest look */
    size_t points;
    uint64_t step[HG_PULSE_POINTS];
    float *value; /* points x now.layers x HG_PULSE_KINDS; NaN where it cannot be said */
    size_t room;  /* of `value`: the trainer's business */
};

/* One sample and what the network makes of it. */
struct hg_extreme {
    uint32_t sample;
    int32_t label; /* -1 = none */
    bool held_out;
    double loss;
};

/* The samples that are reconstructed worst and best, while view 5 is shown. */
struct hg_extremes {
    bool known;           /* false: not asked for, or not all looked at yet */
    uint64_t serial;      /* changes with all below */
    size_t looked, among; /* so far at so many, of those that are looked at in turn */
    size_t count;         /* of each kind; the worst, and the best, first */
    struct hg_extreme worst[HG_EXTREMES], best[HG_EXTREMES];
    struct hg_shape picture; /* of images, areas averaged by whole numbers: sides of at most
                              * HG_EXTREME_SIDE; 1 or 3 channels, of others the first */
    float *values; /* input, output of each of the worst, then of the best; NULL: no image */
    size_t room;
};

#endif
