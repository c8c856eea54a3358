/* skinny.h - the step of a thin dense network with large input or output.
 *
 * Behind tiny.h. Works on the model's packed parameters in place; buffers have
 * strides that keep rows out of each other's cache sets. With one sample and
 * plain SGD the update of the first layer waits for the next step, where it is
 * done in the same pass over the weights as the forward product: the numbers are
 * the same as without waiting, bit for bit.
 */
#ifndef HG_ENGINE_SKINNY_H
#define HG_ENGINE_SKINNY_H

#include "engine/tiny.h"

enum {
    HG__SKINNY_LAYERS = 16,
    HG__SKINNY_SAMPLES = 32,
    HG__SKINNY_WIDTH = 64,
    HG__SKINNY_FROM = 512,
    HG__SKINNY_LAST = 16
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
/* Does the update that waits. */
void hg__skinny_settle(struct hg__skinny *skinny);
/* The weights have been changed from outside. */
void hg__skinny_forget(struct hg__skinny *skinny);

/* One panel of 16 outputs of a waiting layer: w -= rate x_before dy, and y = bias +
 * x w with the new w; one sample. */
struct hg__skinny_pass {
    size_t in;
    const float *x_before, *dy, *x, *bias; /* bias may be NULL */
    float *weight, *y;
    float rate;
};

/* The last layer in one pass over its weights, all samples: y = bias + x W, error
 * and its gradient dy, dx = dy W^T (with the old W), update of W and bias. No
 * activation, unless its derivative is in the loss (bce from logits); any loss but
 * rmse. Panels [panel, panel_end), at most HG__SKINNY_LAST inputs. dx and the
 * errors are sums over the outputs of those panels in 16 lanes each:
 * dx[samples][in][16], errors[samples][16]. */
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
    size_t least; /* inputs a waiting layer must have */
    void (*pass)(const struct hg__skinny_pass *pass, size_t panel);
    void (*last)(const struct hg__skinny_last *job, size_t panel, size_t panel_end, float *dx,
                 float *errors);
    /* sums[i] (in place, i < count) = the 16 lanes at sums + 16 i added over so many
     * shards `apart` floats apart, then together */
    void (*gather)(float *sums, size_t shards, size_t apart, size_t count);
};

extern const struct hg__skinny_kernels hg__skinny_kernels_4, hg__skinny_kernels_8,
    hg__skinny_kernels_16;

#endif
