/* skinny_state.h - the inside of skinny.h, for its parts: skinny.c (memory, the
 * order of a step), skinny_first.c and skinny_last.c (the wide layers in shards).
 */
#ifndef HG_ENGINE_SKINNY_STATE_H
#define HG_ENGINE_SKINNY_STATE_H

#include "engine/context.h"
#include "engine/skinny.h"

enum { HG__SKINNY_SLOTS = HG__SKINNY_WAITS + 1 };

/* Buffers of one layer: stride is off the powers of two. None of a last layer that
 * is done in one pass; z only where it is kept. */
struct hg__skinny_stage {
    float *y, *z, *dy, *transposed, *bias_gradient;
    size_t stride;
};

struct hg__skinny {
    const struct hg_context *context;
    const struct hg__kernels *kernels;
    const struct hg__tiny_plan *plan;
    struct hg__skinny_stage stage[HG__SKINNY_LAYERS];
    double errors[HG__SKINNY_SAMPLES];
    float *x;      /* the centred input of a first layer that is not wide */
    float *shards; /* what shards hand over */
    size_t shard;  /* floats of one */

    /* updates of a wide first layer that wait: `waits` of them from slot `oldest` on;
     * the slot after them is for this step's input */
    float *slot[HG__SKINNY_SLOTS], *step[HG__SKINNY_SLOTS];
    size_t oldest, waits;

    bool turned; /* transposed copies are right */
    float *memory;
};

/* One step. */
struct hg__skinny_now {
    const struct hg__tiny_batch *batch;
    const struct hg__rule *weights, *biases;
    const float *x; /* what a first layer that is not wide reads */
    bool descends;  /* one sample, plain SGD */
};

/* Shard `index` of `whole` groups or panels. */
struct hg__stretch hg__skinny_stretch(size_t whole, size_t index);
/* Column sums of the layer's dy to its bias. */
void hg__skinny_bias(struct hg__skinny *skinny, size_t l, const struct hg__skinny_now *now);

/* By shapes and loss only: is the first layer cut by inputs, the last done in one pass? */
bool hg__skinny_first_wide(const struct hg__tiny_plan *plan);
bool hg__skinny_last_wide(const struct hg__tiny_plan *plan);

/* skinny_first.c: y of a wide first layer before its activation (z where that is
 * kept, else y); its update, now or later */
void hg__skinny_first_forward(struct hg__skinny *skinny, const struct hg__skinny_now *now);
void hg__skinny_first_update(struct hg__skinny *skinny, const struct hg__skinny_now *now);

/* skinny_last.c: everything of a wide last layer; leaves dy of the layer below and
 * returns the loss */
double hg__skinny_last_pass(struct hg__skinny *skinny, const struct hg__skinny_now *now);

#endif
