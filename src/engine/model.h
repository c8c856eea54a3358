/* model.h - the inside of a model: what layers, training and use share.
 *
 * All numbers of one kind lie in one flat vector in the packed layout of
 * kernel.h; a slot says where those of a layer are. Values, gradients and moments
 * use the same offsets. Padding is always zero.
 */
#ifndef HG_ENGINE_MODEL_H
#define HG_ENGINE_MODEL_H

#include "engine/context.h"
#include "engine/kernel.h"
#include "engine/plan.h"
#include "engine/tiny.h"
#include "hourglass/model.h"

#define HG__NOWHERE SIZE_MAX

/* A layer while it runs. */
struct hg__slot {
    size_t in, out;                /* values of one sample as computed */
    size_t stride;                 /* of y: hg__pad(out) */
    size_t weight, bias;           /* offsets in the flat vectors, or HG__NOWHERE */
    size_t weight_size, bias_size; /* floats there, padding included */
    size_t transposed;             /* offset of the transposed copy, or HG__NOWHERE */
    size_t mean, variance;         /* bn: offsets in `running` and `seen` */
    bool fused;                    /* an activation that the dense layer below computes too */
    bool shares;                   /* y is the y of the layer above */
    bool derived;                  /* during backward: its derivative is already applied */
    float *y;                      /* output, samples x stride */
};

struct hg__stack;
struct hg__reference;

struct hg__tensor {
    struct hg_tensor_info info;
    size_t layer, offset;
    bool packed; /* a dense weight; else plain */
};

struct hg_model {
    struct hg_context *context;
    const struct hg__kernels *kernels;
    struct hg__plan plan;
    enum hg_loss loss;
    double beta, sparsity;

    struct hg__slot *slot;   /* plan.layers.count */
    struct hg__stack *stack; /* runs of image layers (stack.h) */
    size_t stacks;
    size_t lowest; /* first layer with parameters: backward ends there */
    struct hg__tensor *tensor;
    size_t tensors;

    size_t count, transposes, statistics;       /* floats of the vectors below */
    float *values, *gradients, *first, *second; /* count each */
    float *transposed;                          /* transposes */
    float *shared;                              /* tied: gradients of transposed use; transposes */
    float *running;                             /* bn: running mean and variance; statistics */
    float *seen;   /* bn: mean and 1/sd of the last training batch; statistics */
    float *lazy;   /* the area that holds gradients, first, second */
    float *center; /* n, NULL = none */
    float *center_area;
    bool stale; /* transposed copies are behind the values */

    size_t reserved, asked;     /* samples the workspace has room for; the caller's wish */
    size_t code_stride, widest; /* floats a sample of `code`, of `d` and `spare` */
    float *work;                /* one area, cut into the following */
    float *input;               /* centred input, stride hg__pad(n) */
    float *code, *noise;        /* the code as the decoder sees it; its random part */
    float *d, *spare;           /* gradients at the present layer; they change places */
    float *column;              /* bn: scratch, seven numbers for each value of the widest layer */
    double *errors;
    struct hg__tiny *tiny; /* the fast path, NULL = none */

    enum hg_fault fault;        /* a lesson's known bug */
    struct hg__reference *twin; /* computes the gradient of some of them; NULL: not needed */
};

/* One way through the network. */
struct hg__pass {
    size_t samples;
    bool training, counts; /* counts: running statistics move on */
    uint64_t seed, step;
    size_t begin, end; /* layers begin..end-1 */
    const float *x;    /* what layer `begin` sees */
    size_t x_stride;
    const struct hg__rule *weights, *others; /* update while going down; NULL: keep gradients */
    bool first, second;                      /* the optimizer has these moments */
};

struct hg__view {
    const float *at;
    size_t stride;
};

/* What a kind of layer does. backward finds in model->d the gradient at its
 * output (stride of y, padding zero) and leaves there the one at its input,
 * except at model->lowest, where none is needed. */
struct hg__layer_ops {
    void (*forward)(struct hg_model *model, const struct hg__pass *pass, size_t index);
    void (*backward)(struct hg_model *model, const struct hg__pass *pass, size_t index);
};
extern const struct hg__layer_ops hg__dense_ops, hg__activate_ops, hg__bn_ops, hg__dropout_ops,
    hg__map_ops;

/* What layer `index` sees in this pass. */
struct hg__view hg__model_input(const struct hg_model *model, const struct hg__pass *pass,
                                size_t index);

/* model->d and model->spare change places. */
void hg__model_swap(struct hg_model *model);

/* Runs work(argument, row, row_end) over fixed pieces of the rows, on the team
 * when `flops` in all are worth it. */
struct hg__rows {
    void (*work)(const void *argument, size_t row, size_t row_end);
    const void *argument;
    size_t samples;
};
void hg__rows_run(const struct hg_context *context, const struct hg__rows *rows, double flops);

/* The argument of most. */
struct hg__layer_rows {
    const struct hg_model *model;
    const struct hg__pass *pass;
    size_t index; /* layer */
};
/* Runs work(struct hg__layer_rows) over the rows of a layer; `operations`: of one of its outputs,
 * about. */
void hg__layer_rows_run(const struct hg__layer_rows *layer,
                        void (*work)(const void *argument, size_t row, size_t row_end),
                        double operations);

/* Updates `count` plain parameters at `offset` when the pass has rules. */
void hg__model_update(struct hg_model *model, const struct hg__pass *pass, size_t offset,
                      size_t count);

/* ---- variational.c: the gaussian code, between encoder and decoder ---- */
void hg__code_sample(struct hg_model *model, const struct hg__pass *pass);
void hg__code_sample_back(struct hg_model *model, const struct hg__pass *pass);
/* The KL term, beta and the division by n included. */
double hg__code_divergence(const struct hg_model *model, size_t samples);
/* beta / m (/ n for mse and bce). */
double hg__code_weight(const struct hg_model *model, size_t samples);

/* Has this layer a weight of two or more dimensions (decay and l1 apply)? */
static inline bool hg__layer_weighs(const struct hg__layer *layer)
{
    return layer->kind == HG__DENSE || layer->kind == HG__CONV;
}

/* ---- model_pass.c ---- */
/* The layers from pass->begin to pass->end; at the code the sampling of a gaussian one. */
void hg__model_forward(struct hg_model *model, const struct hg__pass *pass);
/* Down to model->lowest, from the gradient in model->d at the output of end-1. */
void hg__model_backward(struct hg_model *model, const struct hg__pass *pass);
/* Centres `samples` rows of `input` (n apart) for layer 0, when needed; chosen by `order`
 * when that is not NULL. Sets pass->x. */
void hg__model_feed(struct hg_model *model, struct hg__pass *pass, const float *input,
                    const uint32_t *order);
/* Is the loss taken from the logits, the final sigmoid left out? */
bool hg__model_logits(const struct hg_model *model);
/* Output of the last layer of the pass. */
struct hg__view hg__model_output(const struct hg_model *model, const struct hg__pass *pass);
/* Brings the packed vectors up to date; and the transposed copies too; and what a
 * forward pass reads. */
void hg__model_settle(const struct hg_model *model);
void hg__model_refresh(struct hg_model *model);
void hg__model_ready(struct hg_model *model);
/* After values were changed: what was derived from them is behind. */
void hg__model_touch(struct hg_model *model);

/* ---- model_tensors.c ---- */
enum hg_status hg__tensors_make(struct hg_model *model, struct hg_error *error);

/* ---- layout.c ---- */
/* Fills slots, offsets and counts of a model whose plan is made; nothing but the
 * slots is allocated. Bytes of everything for batches of `samples` (UINT64_MAX:
 * beyond counting). */
enum hg_status hg__layout_make(struct hg_model *model, struct hg_error *error);
uint64_t hg__layout_bytes(const struct hg_model *model, size_t samples);
/* Floats of the workspace for `samples`; with `base`, its parts are placed there. */
uint64_t hg__layout_work(struct hg_model *model, size_t samples, float *base);
/* The fast path's plan; `layer` has room for plan.layers.count. False: there is none. */
bool hg__layout_tiny(const struct hg_model *model, size_t samples, struct hg__tiny_layer *layer,
                     struct hg__tiny_plan *tiny);

#endif
