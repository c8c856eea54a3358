/* health.h - how every layer is doing: spreads, saturation, dead units, updates.
 *
 * Measured on a few training samples (at most HG_HEALTH_SAMPLES, spread over the set), in
 * evaluation mode, and, for gradients and updates, by differentiating the batch that the next
 * step takes; nothing of the run changes. Costs some training steps, so a session measures now
 * and then within its budget.
 *
 * Owner and threads: the thread that owns the trainer; the structs are plain data.
 */
#ifndef HOURGLASS_HEALTH_H
#define HOURGLASS_HEALTH_H

#include "hourglass/trainer.h"

enum { HG_HEALTH_SAMPLES = 256, HG_HEALTH_LAYERS = 64 };

/* One layer that has a weight (dense, conv, a tied one too), with the activation that follows
 * it. A fraction is 0..1; what cannot be said is NaN. */
struct hg_layer_health {
    size_t layer;            /* of hg_model_layer: the weight's */
    char name[32], text[64]; /* "encoder.0", "dense 64 tanh" */
    enum hg_activation activation;
    size_t units;     /* values or channels */
    double mean;      /* of all outputs (after the activation) over samples */
    double spread;    /* root mean square of (output - the unit's own mean over samples) */
    double deviation; /* of all outputs about `mean` */
    double saturated; /* fraction of outputs where the activation's slope is below 0.05 of its
                        * largest (sigmoid, tanh; else NaN) */
    double dead;      /* fraction of units that are the same for every sample (to 1e-6 of
                        * the layer's deviation), or never above 0 (relu) */
    double gradient;  /* root mean square of the weight's gradient */
    double weight;    /* root mean square of the weight */
    double update;    /* root mean square of one update of the weight / weight */
};

struct hg_health {
    uint64_t epoch, step;
    size_t samples; /* measured on */
    size_t layers;
    struct hg_layer_health layer[HG_HEALTH_LAYERS];
    double loss;                /* evaluated, of the measured samples */
    double mean_loss;           /* theirs if every output were the training mean */
    double unreachable;         /* what the range of the output activation costs at least: sum of
                                  * |x - its nearest value|^2 / sum |x - mean x|^2 */
    double collapse;            /* index C: sum |y - mean y|^2 / sum |x - mean x|^2 */
    double code_spread;         /* mean over code values of their deviation over samples,
                                      * divided by their largest magnitude (0: the code is the
                                      * same for every sample) */
    size_t codes, codes_unused; /* code values; those that hardly change (below 1e-3 of
                                      * the widest) */
    double step_size;           /* lr |x|_1, a mean over samples of the input as the first
                                      * weight sees it: what one update can move a unit */
    double step_centred;        /* the same with center = yes */
};

/* HG_NO_MEMORY only. */
enum hg_status hg_health_measure(struct hg_trainer *trainer, struct hg_health *health,
                                 struct hg_error *error);

#endif
