/* skinny_state.h - the inside of skinny.h, for its two parts. */
#ifndef HG_ENGINE_SKINNY_STATE_H
#define HG_ENGINE_SKINNY_STATE_H

#include "engine/context.h"
#include "engine/skinny.h"

enum { HG__SKINNY_SHARDS = 4 };

/* Buffers of one layer: stride is off the powers of two. */
struct hg__skinny_stage {
    float *y, *z, *dy, *transposed, *bias_gradient; /* z only where it is kept */
    size_t stride;
};

struct hg__skinny {
    const struct hg_context *context;
    const struct hg__kernels *kernels;
    const struct hg__tiny_plan *plan;
    struct hg__skinny_stage stage[HG__SKINNY_LAYERS];
    double errors[HG__SKINNY_SAMPLES];
    float *x, *x_before, *dy_before; /* center subtracted; those of the waiting update */
    float *shards;                   /* dx and errors of the last layer's shards */
    struct hg__rule waiting;
    bool waits, turned; /* an update waits; transposed copies are right */
    float *memory;
};

/* Floats of a shard: dx and errors in lanes. */
static inline size_t hg__skinny_shard(const struct hg__tiny_plan *plan)
{
    return plan->samples * (HG__SKINNY_LAST + 1) * HG__LANES;
}

/* May the last layer be done in one pass? By shapes only. */
bool hg__skinny_may_last(const struct hg__skinny *skinny);

/* Forward, loss, backward and update of the last layer; leaves dy of the layer
 * below and returns the loss. */
double hg__skinny_last_pass(struct hg__skinny *skinny, const struct hg__tiny_batch *batch,
                            const struct hg__rule *weights, const struct hg__rule *biases);

#endif
