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

enum { HG__SKINNY_LAYERS = 16, HG__SKINNY_SAMPLES = 32, HG__SKINNY_WIDTH = 64,
       HG__SKINNY_FROM = 512 };

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

/* The last layer in one pass, one sample, squared error, no activation, plain SGD:
 * y = bias + x W, its error, dx = dy W^T (with the old W), W -= rate x^T dy, bias
 * alike. Panels [panel, panel_end); dx and the error are sums over those panels
 * in 16 lanes each: dx[in][16], error[16]. */
struct hg__skinny_last {
    size_t in, out;
    const float *x, *target;
    float *weight, *bias; /* bias may be NULL */
    float scale;          /* dy = scale (y - target) */
    float rate;
};

struct hg__skinny_kernels {
    size_t least; /* inputs a waiting layer must have */
    void (*pass)(const struct hg__skinny_pass *pass, size_t panel);
    void (*last)(const struct hg__skinny_last *job, size_t panel, size_t panel_end, float *dx,
                 float *error);
};

enum { HG__SKINNY_LAST = 16 }; /* most inputs of a last layer done in one pass */

extern const struct hg__skinny_kernels hg__skinny_kernels_4, hg__skinny_kernels_8,
    hg__skinny_kernels_16;

#endif
