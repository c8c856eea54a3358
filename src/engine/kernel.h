/* kernel.h - the arithmetic: one table of functions per instruction set.
 *
 * BUILD. Every src/engine/kernel_isa_*.c (and tiny_isa_*.c, skinny_isa_*.c) is
 * compiled three times, nothing else is:
 *   base    -DHG_VECTOR=4
 *   avx2    -DHG_VECTOR=8  -mavx2 -mfma
 *   avx512  -DHG_VECTOR=16 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma
 *           -mprefer-vector-width=512
 * all with -O2 or more and -ffp-contract=off; on other machines than x86-64 only
 * base, and -DHG_ONLY_BASE everywhere (kernel.c then lists that table alone).
 * Symbols end in the width: HG_ISA(hg__forward) is hg__forward_16.
 *
 * LAYOUT. A matrix of activations is row-major, one sample a row; the stride
 * (floats from row to row) of what kernels WRITE is hg__pad(n), 64-byte aligned.
 * Values at n..stride-1 are unspecified but finite; gradients there are zero, and
 * kernels keep it so. What is only read as `x` may have any stride and alignment.
 * A dense weight (in inputs, out outputs) lies in panels of 16 outputs,
 * [pad(out)/16][in][16], zero where o >= out: hg__weight_index. Gradient and
 * moments lie alike. Biases: pad(out) floats, zero padded. Backward needs a
 * transposed copy, the same layout with in and out exchanged (not for the first
 * layer): hg__weight_index(out, i, o). A tied decoder's weight is the encoder's
 * transposed copy, and its transposed copy the encoder's weight.
 *
 * A dense training step:
 *   hg__fp_begin();
 *   for each layer up:   hg__dense_forward      (y = act(x W + b))
 *   hg__loss                                    (errors, dy of the last layer)
 *   output activation's derivative: kernels->activate_back (bce from logits: none)
 *   for each layer down: hg__dense_backward     (dx = dy W^T times act' below; first!)
 *                        hg__dense_gradient     (dW; with a rule: update at once,
 *                                                transposed copy included)
 *                        hg__update on the bias
 *   hg__fp_end
 * backward of a layer must come before its gradient call when that updates.
 *
 * NUMBERS. avx2 and avx512 give the same bits, for every number of threads. Each
 * sum is an ascending chain of fused multiply-adds (from the bias, or from 0);
 * sums over more than HG__CHUNK_FROM inputs (forward) or outputs (backward) are
 * cut in chunks of HG__CHUNK, each a chain from 0, added in ascending order. Sums
 * over samples are one chain. Row sums (losses, norms) run in 16 lanes, combined
 * in a tree. None depends on the batch, the tile or the team.
 */
#ifndef HG_ENGINE_KERNEL_H
#define HG_ENGINE_KERNEL_H

#include "hourglass/context.h"
#include "hourglass/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A chunk is no power of two: several are walked side by side, and addresses a
 * multiple of 4096 bytes apart disturb each other. */
enum { HG__LANES = 16, HG__CHUNK_FROM = 1024, HG__CHUNK = 504 };

/* n rounded up to whole groups of 16. */
static inline size_t hg__pad(size_t n)
{
    return (n + (HG__LANES - 1)) / HG__LANES * HG__LANES;
}

/* Floats of a packed weight; place of weight (o, i) in it. */
static inline size_t hg__weight_size(size_t in, size_t out)
{
    return hg__pad(out) * in;
}

static inline size_t hg__weight_index(size_t in, size_t o, size_t i)
{
    return (o / HG__LANES * in + i) * HG__LANES + o % HG__LANES;
}

/* Does the derivative need the activation's input z (else its output y)? */
static inline bool hg__activation_keeps_input(enum hg_activation activation, float slope)
{
    return activation == HG_GELU || activation == HG_SILU || (activation == HG_LRELU && slope < 0);
}

/* ---- dense layers ---- */

/* y = act(x W + b). With z, that gets x W + b too (stride of y). With a norm that
 * is folded in, y = act((x W + b + shift) factor + add), per column. */
struct hg__forward {
    size_t samples, in, out;
    const float *x;
    size_t x_stride;
    const float *weight, *bias; /* bias may be NULL */
    float *y, *z;               /* z may be NULL */
    size_t y_stride;
    enum hg_activation activation; /* HG_LINEAR: none */
    float slope;
    const float *shift, *factor, *add; /* pad(out); shift may be NULL: no norm */
};

/* dx = (dy W^T) times the derivative of the activation below at `kept` (its
 * output y, or its input z: hg__activation_keeps_input). kept NULL: no factor. */
struct hg__backward {
    size_t samples, in, out;
    const float *dy;
    size_t dy_stride;
    const float *transposed;
    float *dx;
    size_t dx_stride;
    const float *kept; /* samples x in */
    size_t kept_stride;
    enum hg_activation activation; /* of the layer below */
    float slope;
};

/* How to update; prepared once a step by hg__rule_set. */
struct hg__rule {
    enum hg_optimizer optimizer;
    float rate, beta1, beta2, epsilon;
    float rest1, rest2;     /* 1 - beta1, 1 - beta2 */
    float correct;          /* adam: 1 / (1 - beta2^t); rate is divided by 1 - beta1^t already */
    float decay, l1, scale; /* scale: factor on the gradient (clip), 1 = none */
    float shrink;           /* adamw: 1 - rate weight_decay */
};

/* `t` counts from 1. `weights`: a tensor of two or more dimensions (decay and l1
 * apply). `scale` is the factor of clip, 1 without. Clip is applied after decay
 * and l1 in the contract, so with clip the caller adds those to the gradient
 * itself first (kernels->penalize) and passes weights = false (adamw excepted:
 * its decay is no gradient; pass true, with l1 already added the rule adds none
 * when update->l1 is 0 in a copy). */
void hg__rule_set(struct hg__rule *rule, const struct hg_update *update, uint64_t t, bool weights,
                  float scale);

/* dW = x^T dy, and db = column sums of dy. Without a rule the gradient is
 * stored; with a rule `weight` is updated while the block is in the cache (with
 * the moments), its transposed copy refreshed, and nothing else is stored
 * unless `gradient` is given. */
struct hg__gradient {
    size_t samples, in, out;
    const float *x;
    size_t x_stride;
    const float *dy;
    size_t dy_stride;
    float *gradient;      /* packed as the weight; may be NULL with a rule */
    float *bias_gradient; /* pad(out); may be NULL */
    const struct hg__rule *rule;
    float *weight, *first, *second; /* moments NULL where the optimizer has none */
    float *transposed;              /* may be NULL */
};

/* Run on the context's team. */
void hg__dense_forward(const struct hg_context *context, const struct hg__forward *job);
void hg__dense_backward(const struct hg_context *context, const struct hg__backward *job);
void hg__dense_gradient(const struct hg_context *context, const struct hg__gradient *job);
/* transposed = weight (in x out, packed) transposed and packed; add: += */
void hg__dense_transpose(const struct hg_context *context, size_t in, size_t out,
                         const float *weight, float *transposed, bool add);

/* ---- loss ---- */

/* Row errors, and the gradient of the batch mean. errors[r] (double, may be
 * NULL): mse, sse: sum over n of (y - x)^2; rmse: sqrt(mean (y - x)^2); bce: sum
 * over n of the cross entropy. hg__loss_total makes the loss from them, and
 * hg__loss_each one sample's own loss. */
struct hg__loss {
    enum hg_loss loss;
    bool logits; /* bce: y is the input z of the sigmoid; dy is the gradient at z */
    size_t samples, n;
    const float *y;
    size_t y_stride;
    const float *target; /* any stride and alignment */
    size_t target_stride;
    float *dy; /* may be NULL; padding (up to pad(n)) becomes 0 */
    size_t dy_stride;
    double *errors;
};

void hg__loss(const struct hg_context *context, const struct hg__loss *job);
double hg__loss_total(enum hg_loss loss, const double *errors, size_t samples, size_t n);
double hg__loss_each(enum hg_loss loss, double error, size_t n);

/* ---- update ---- */

/* One run of parameters with what belongs to it; moments may be NULL. */
struct hg__parameters {
    float *value;
    const float *gradient;
    float *first, *second;
};

void hg__update(const struct hg_context *context, const struct hg__rule *rule,
                struct hg__parameters parameters, size_t count);

/* Sum of squares on the team, in pieces of fixed size. */
double hg__sum_squares(const struct hg_context *context, const float *x, size_t count);

/* ---- the table: everything below works in the calling thread ---- */

/* Part of a job: rows (samples, or inputs in `gradient`: a multiple of 16 or
 * the end) and panels of 16 columns, both half open. */
struct hg__block {
    size_t row, row_end, panel, panel_end;
};

/* Functions of one number, for hg__kernels.map. */
enum hg__function {
    HG__MAP_EXP,
    HG__MAP_LOG,
    HG__MAP_TANH,
    HG__MAP_ERF,
    HG__MAP_SIGMOID,
    HG__MAP_COUNT
};

/* Column sums over rows of x (shift subtracted when given): sum[c], and squares[c]
 * = sum of (x - shift)^2, or with `other` sum of (x - shift) * other. Chains
 * ascending over the rows. columns: any; buffers have pad(columns) floats. */
struct hg__columns {
    size_t rows, columns;
    const float *x;
    size_t stride;
    const float *other;   /* stride alike; may be NULL */
    const float *shift;   /* may be NULL */
    float *sum, *squares; /* squares may be NULL */
};

/* y = x * a + b (+ other * c), per column; stride for all; in place allowed. */
struct hg__affine {
    size_t rows, columns;
    const float *x, *other; /* other may be NULL */
    float *y;
    size_t stride;
    const float *a, *b, *c; /* pad(columns) floats each */
};

/* Dropout on `count` numbers beginning at element `first` of the stream: element
 * e is zeroed when the e-th number of the stream (hg__rng_start's key and
 * counter) is below `threshold` (P * 2^32), else multiplied by scale. The same
 * call serves forward and backward. first: a multiple of 4. */
struct hg__dropout {
    uint32_t key[2], counter[4];
    uint32_t threshold;
    float scale;
};

struct hg__tiny_kernels;
struct hg__skinny_kernels;
struct hg__conv_kernels;
struct hg__map_kernels;

struct hg__kernels {
    const char *isa; /* "base", "avx2", "avx512" */
    int vector;      /* floats of a vector */

    /* blocks of the jobs above */
    void (*forward)(const struct hg__forward *job, const struct hg__block *block);
    void (*backward)(const struct hg__backward *job, const struct hg__block *block);
    void (*gradient)(const struct hg__gradient *job, const struct hg__block *block);
    void (*bias_gradient)(const struct hg__gradient *job, size_t panel, size_t panel_end);
    /* rows: inputs; panels: of outputs */
    void (*transpose)(size_t in, size_t out, const float *weight, float *transposed, bool add,
                      const struct hg__block *block);
    void (*loss)(const struct hg__loss *job, size_t row, size_t row_end);
    void (*update)(const struct hg__rule *rule, struct hg__parameters parameters, size_t count);

    /* elementwise over n floats, any n and alignment, in place allowed */
    void (*activate)(enum hg_activation activation, float slope, const float *z, float *y,
                     size_t n);
    /* dz = dy * act'(kept) */
    void (*activate_back)(enum hg_activation activation, float slope, const float *kept,
                          const float *dy, float *dz, size_t n);
    void (*map)(enum hg__function map, const float *x, float *y, size_t n);
    void (*add_scaled)(float *y, const float *x, float factor, size_t n);        /* y += factor x */
    void (*multiply)(float *y, const float *x, size_t n);                        /* y *= x */
    void (*scale)(float *y, float factor, size_t n);                             /* y *= factor */
    void (*subtract_rows)(float *y, const float *x, const float *row, size_t n); /* y = x - row */
    /* gradient += decay value + l1 sign(value) */
    void (*penalize)(float *gradient, const float *value, float decay, float l1, size_t n);
    void (*dropout)(const struct hg__dropout *dropout, const float *x, float *y, size_t first,
                    size_t count);

    /* sums: 16 lanes in runs of at most 1024 numbers, the runs added in double */
    double (*sum)(const float *x, size_t n);
    double (*sum_squares)(const float *x, size_t n);
    double (*dot)(const float *x, const float *y, size_t n);

    /* columns (batch norm) */
    void (*column_sums)(const struct hg__columns *columns);
    void (*column_affine)(const struct hg__affine *affine);

    /* inside of tiny.h */
    const struct hg__tiny_kernels *tiny;
    const struct hg__skinny_kernels *skinny;
    const struct hg__conv_kernels *conv; /* kernel_conv.h */
    const struct hg__map_kernels *maps;  /* kernel_map.h */
};

/* The table of an instruction set by name; NULL when unknown or not available
 * on this machine. NULL as name: the best. */
const struct hg__kernels *hg__kernels_find(const char *isa);

#endif
