/* tiny_state.h - the inside of tiny.h, for its three parts (tiny.c, the step of
 * tiny networks, the step of skinny ones). */
#ifndef HG_ENGINE_TINY_STATE_H
#define HG_ENGINE_TINY_STATE_H

#include "engine/context.h"
#include "engine/tiny.h"

enum { HG__TINY_LAYERS = 16, HG__TINY_SIZE = 32, HG__TINY_SAMPLES = 256 };

/* One layer of a tiny network. Activations and their gradients are unit-major:
 * [unit][stride], a unit's numbers for all samples side by side. */
struct hg__tiny_stage {
    size_t in, out;
    enum hg_activation activation;
    float slope;
    size_t weight, bias; /* where its parameters begin; weights [out][in] */
    float *z;            /* input of the activation when that is kept, else = y */
    float *y, *dy;       /* out units */
};

struct hg__tiny {
    const struct hg_context *context;
    struct hg__tiny_plan plan;
    struct hg__tiny_layer layer[HG__TINY_LAYERS];
    bool loaded;               /* what is here is as new as the model's vectors, or newer */
    bool settled;              /* the model's vectors are as new as what is here */
    struct hg__skinny *skinny; /* that path instead of the tiny one */

    /* tiny: all weights, then (from `biases` on) all biases, both rounded up to 16 */
    struct hg__tiny_stage stage[HG__TINY_LAYERS];
    size_t stride, parameters, biases;
    size_t opened; /* samples of the last batch */
    float *value, *gradient, *first, *second;
    float *x, *target, *mask;    /* input and target unit-major; 1 where a sample is */
    const float *aim;            /* x or target: what the output is compared with */
    const float **left, **right; /* whose product summed over samples is gradient k */
    float *memory;
};

/* The per-instruction-set steps. */
struct hg__tiny_kernels {
    double (*step)(struct hg__tiny *tiny, const struct hg__tiny_batch *batch,
                   const struct hg__rule *weights, const struct hg__rule *biases);
};

extern const struct hg__tiny_kernels hg__tiny_kernels_4, hg__tiny_kernels_8, hg__tiny_kernels_16;

#endif
