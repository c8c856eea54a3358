/* tiny.h - the training step of a plain dense network in one piece.
 *
 * For networks of dense layers only (any size, activation, loss and optimizer;
 * no batch norm, dropout, gaussian code, tied weights or sparsity) whose step is
 * over before a general one has called its functions (tiny), or whose large
 * layers are so thin that reading the weights is the work (skinny: the update of
 * one step is done together with the next forward pass). Which path is taken
 * depends on the shapes and the batch alone, never on threads or processor.
 *
 * Such a path keeps parameters and moments in a form of its own while steps
 * follow each other. The packed ones of the model (kernel.h) are the master for
 * everything else, so the model calls
 *     hg__tiny_settle  before it reads value, gradient or moments, or computes
 *                      with them in any other way; cheap when nothing is to do
 *     hg__tiny_forget  after it has changed value or moments (write, init, ...)
 * Transposed copies are the model's: refresh them after a settle that returned
 * true. Gradients are settled by the tiny path only; a skinny step never has them
 * in memory.
 */
#ifndef HG_ENGINE_TINY_H
#define HG_ENGINE_TINY_H

#include "engine/kernel.h"

struct hg__tiny;

/* One layer; the pointers are into the model's flat vectors (packed). */
struct hg__tiny_layer {
    size_t in, out;
    enum hg_activation activation;
    float slope;
    struct hg__tiny_tensor {
        float *value, *gradient, *first, *second; /* value NULL: no bias */
    } weight, bias;
};

struct hg__tiny_plan {
    size_t layers;
    const struct hg__tiny_layer *layer;
    enum hg_loss loss;
    bool logits;         /* bce with a sigmoid output: loss from the logits */
    const float *center; /* subtracted from the input; may be NULL; read at each step */
    size_t samples;      /* the largest batch */
};

/* Is there a faster path for this plan? By shapes and samples only. */
bool hg__tiny_fits(const struct hg__tiny_plan *plan);

/* Its memory in bytes, and the thing itself (plan and layers are copied); NULL
 * when memory ran out. Call it where the model reserves. */
size_t hg__tiny_bytes(const struct hg__tiny_plan *plan);
struct hg__tiny *hg__tiny_create(const struct hg_context *context,
                                 const struct hg__tiny_plan *plan);
void hg__tiny_destroy(struct hg__tiny *tiny);

/* One batch, unpadded rows of n = inputs of the first layer. */
struct hg__tiny_batch {
    const float *input, *target;
    size_t samples;
};

/* Can this step be taken (samples within the plan's)? Then forward, loss,
 * backward, update; returns the loss before the update. weights and biases are
 * the rules of hg__rule_set with scale 1; clip > 0 is not done here (use the
 * general path). */
bool hg__tiny_takes(const struct hg__tiny *tiny, size_t samples, const struct hg_update *update);
double hg__tiny_step(struct hg__tiny *tiny, const struct hg__tiny_batch *batch,
                     const struct hg__rule *weights, const struct hg__rule *biases);

/* Writes all back into the model's vectors; true when values changed there. */
bool hg__tiny_settle(struct hg__tiny *tiny);
void hg__tiny_forget(struct hg__tiny *tiny);

#endif
