/* skinny.h - the step of a thin dense network with large input or output.
 *
 * Behind tiny.h. Works on the model's packed parameters in place. The wide layers
 * are cut in the same shards whatever the team: a wide first layer by its inputs, in
 * the chunks of kernel.h, a wide last one by its outputs; so in every step a thread
 * has the same weights, and what it hands over is small. The layers between them are done by
 * the calling thread. With one sample and plain SGD updates of the first layer
 * wait for later steps (skinny_isa_wait.c): the numbers are the same as without
 * waiting, bit for bit.
 */
#ifndef HG_ENGINE_SKINNY_H
#define HG_ENGINE_SKINNY_H

#include "engine/tiny.h"

enum {
    HG__SKINNY_LAYERS = 16,
    HG__SKINNY_SAMPLES = 32,
    HG__SKINNY_WIDTH = 64,
    HG__SKINNY_FROM = 512,
    HG__SKINNY_LAST = 16,
    HG__SKINNY_SHARDS = 8,
    HG__SKINNY_PART = 2 * HG__CHUNK,
    HG__SKINNY_WAITS = 4
};

struct hg__skinny;

bool hg__skinny_fits(const struct hg__tiny_plan *plan);
size_t hg__skinny_bytes(const struct hg__tiny_plan *plan);

/* `plan` and its layers must stay where they are. */
struct hg__skinny *hg__skinny_create(const struct hg_context *context,
                                     const struct hg__tiny_plan *plan);
void hg__skinny_destroy(struct hg__skinny *skinny);

double hg__skinny_step(struct hg__skinny *skinny, const struct hg__tiny_batch *batch,
                       const struct hg__rule *weights, const struct hg__rule *biases);
/* Does the updates that wait. */
void hg__skinny_settle(struct hg__skinny *skinny);
/* The weights have been changed from outside. */
void hg__skinny_forget(struct hg__skinny *skinny);

/* Part of a layer, half open: inputs (from a multiple of HG__SKINNY_PART on, at most
 * that many), or panels of 16 outputs. */
struct hg__stretch {
    size_t begin, end;
};

/* The first layer, all samples. */
struct hg__skinny_first {
    size_t samples, in, out;
    const float *x, *center; /* center may be NULL */
    size_t x_stride;
    struct hg__parameters weight;
    const float *dy; /* learn only, and the rule */
    size_t dy_stride;
    const struct hg__rule *rule;
};

/* The first layer, one sample, plain SGD. */
struct hg__skinny_wait {
    size_t in, out;
    const float *input, *center; /* center may be NULL */
    float *weight;
    size_t waits; /* updates w -= step x, oldest first */
    const float *x[HG__SKINNY_WAITS], *step[HG__SKINNY_WAITS];
    float *now; /* becomes the input, centred */
};

/* The last layer in one pass over its weights, all samples: y = bias + x W, error
 * and its gradient dy, dx = dy W^T (with the old W), update of W and bias. No
 * activation, unless its derivative is in the loss (bce from logits); any loss but
 * rmse. At most HG__SKINNY_LAST inputs. */
struct hg__skinny_last {
    size_t samples, in, out;
    const float *x, *target;
    size_t x_stride, target_stride;
    struct hg__parameters weight, bias; /* gradients not used; bias.value may be NULL */
    enum hg_loss loss;
    bool logits;
    float scale; /* on the gradient */
    const struct hg__rule *weights, *biases;
};

struct hg__skinny_kernels {
    /* sums[chunk][samples][pad(out)] = x W of each chunk of these inputs; update of W;
     * the sums of one sample, with the updates that wait; those updates */
    void (*enter)(const struct hg__skinny_first *job, const struct hg__stretch *inputs,
                  float *sums);
    void (*learn)(const struct hg__skinny_first *job, const struct hg__stretch *inputs);
    void (*pass)(const struct hg__skinny_wait *job, const struct hg__stretch *inputs, float *sums);
    void (*settle)(const struct hg__skinny_wait *job, const struct hg__stretch *inputs);
    /* dx[samples][HG__SKINNY_LAST] and errors[samples] of these panels; for one
     * sample with plain SGD too */
    void (*last)(const struct hg__skinny_last *job, const struct hg__stretch *panels, float *dx,
                 float *errors);
    void (*last_one)(const struct hg__skinny_last *job, const struct hg__stretch *panels, float *dx,
                     float *errors);
    /* y[i] = start[i] (NULL: 0) + sums[i] + sums[apart + i] + ..., in this order;
     * count: a multiple of 16 */
    void (*add_up)(float *y, const float *start, const float *sums, size_t shards, size_t apart,
                   size_t count);
};

extern const struct hg__skinny_kernels hg__skinny_kernels_4, hg__skinny_kernels_8,
    hg__skinny_kernels_16;

#endif
