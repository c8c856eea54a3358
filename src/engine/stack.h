/* stack.h - a run of image layers (conv, pool, up and their words), worked through sample by sample.
 *
 * Outside, a sample is a row in channel, row, column order, as everywhere; inside it is a map
 * (map.h). A stack is a short program of stages, made once from the layers: some layers need no
 * stage of their own (an activation that the convolution below computes as it stores, an up-sampling
 * folded into the next convolution, a pool taken before the batch norm above it), some stages
 * no layer (from rows to a map and back).
 *
 * Each thread takes one sample through as many stages as it can, so that what one stage wrote the
 * next finds in the second-level cache. Only batch norm must see the whole batch first: it cuts
 * the program into segments. In training the outputs that the way back needs are kept for all
 * samples; the others, and all of them in evaluation, live in the memory of the worker, and the way back
 * computes them again.
 *
 * NUMBERS. Samples are independent but for three sums over the batch, each in a fixed
 * order: batch norm's (one chain a sample, then over the samples in double), and gradients (a
 * chain over the samples of each of `chunks` chunks, which are added in a tree).
 */
#ifndef HG_ENGINE_STACK_H
#define HG_ENGINE_STACK_H

#include "engine/kernel_conv.h"
#include "engine/kernel_map.h"
#include "engine/model.h"

enum { HG__CHUNKS = 8 };

/* How a convolution is done. */
enum hg__way {
    HG__WAY_DIRECT,
    HG__WAY_FOLDED, /* with the up 2 before it */
    HG__WAY_PATCH,  /* from a few channels of the network's input */
    HG__WAY_FEW,    /* to a few channels, the stack's end */
    HG__WAY_FEW_FOLDED
};

struct hg__stage_ops;

struct hg__stage {
    const struct hg__stage_ops *ops;
    size_t layer;      /* whose parameters and numbers these are */
    size_t activation; /* layer of the activation that is part of it, or HG__NOWHERE */
    enum hg__way way;
    struct hg__map from, to; /* input and output; a planar side: its shape, without border */
    struct hg__map wide;     /* norm with a pool: what the pool sees, = from; else = to */
    size_t factor;           /* pool, up; norm: of the pool before it, 1 = none */
    bool kept;               /* training: the output is kept for all samples */
    bool planar;             /* the output is a row of the last layer's slot */
    /* floats: of a worker's memory, from its beginning; of the work area */
    size_t y, d, extra;
    size_t y_size, d_size, extra_size;
    size_t partial, partial_size; /* of a chunk's gradients */
    float *keep;                  /* samples x to.size */
    float *choice;                /* norm with a pool: samples x to.size */
    float *sums;                  /* norm: samples x 3 x to.pixel */
    float *factors;               /* norm: mean, a, b, k1, k2; to.pixel each */
};

struct hg__stack {
    size_t begin, end;       /* layers */
    struct hg__stage *stage; /* what is run */
    struct hg__stage *plain; /* the same without anything merged: one stage a layer */
    size_t stages, plains;
    size_t border, chunks;
    size_t worker_size, plain_size, chunk_size, d_size; /* floats */
    double flops;                                       /* of one sample, one way */
    float *workers, *partials, *plain_memory;
    float *d; /* gradients at the outputs of norms */
};

/* One sample on its way. */
struct hg__walk {
    struct hg_model *model;
    const struct hg__pass *pass;
    const struct hg__stack *stack;
    const struct hg__stage *stage; /* the program */
    size_t stages;
    size_t sample;
    float *memory;  /* the worker's */
    float *partial; /* the chunk's; backward only */
    bool keeps;     /* outputs that are kept go to their place */
};

struct hg__stage_ops {
    /* walk->sample's output from its input */
    void (*forward)(const struct hg__walk *walk, size_t index);
    /* The gradient at its input from that at its output; with `deep` false only its
     * parameters' gradients are wanted. */
    void (*backward)(const struct hg__walk *walk, size_t index, bool deep);
    /* Output that was not kept, once more on the way back; NULL: as forward */
    void (*again)(const struct hg__walk *walk, size_t index);
    /* Parameters: copies of the weight that the passes need; the chunks' gradients added up. */
    void (*derive)(struct hg_model *model, const struct hg__stage *stage);
    void (*collect)(struct hg_model *model, const struct hg__stack *stack,
                    const struct hg__stage *stage);
};
extern const struct hg__stage_ops hg__unpack_stage, hg__pack_stage, hg__row_activate_stage,
    hg__conv_stage, hg__norm_stage, hg__pool_stage, hg__up_stage, hg__map_activate_stage,
    hg__map_dropout_stage;

/* ---- places ---- */
const float *hg__walk_row(
    const struct hg__walk *walk); /* the sample as the stack sees it, planar */
const float *hg__walk_x(const struct hg__walk *walk, size_t index);       /* input; going up */
const float *hg__walk_x_again(const struct hg__walk *walk, size_t index); /* going down */
float *hg__walk_y(const struct hg__walk *walk, size_t index);             /* output */
float *hg__walk_d(const struct hg__walk *walk, size_t index);  /* gradient at the output */
float *hg__walk_dx(const struct hg__walk *walk, size_t index); /* at the input */

/* What an activation that is part of a stage does; HG_LINEAR when there is none. */
struct hg__fused {
    enum hg_activation activation;
    float slope;
};
struct hg__fused hg__stage_fused(const struct hg_model *model, const struct hg__stage *stage);
/* One of those that kernels compute as they store: linear, relu, lrelu. */
bool hg__activation_rides(enum hg_activation activation);
/* Is this convolution's activation's derivative taken by the norm above it? (A norm takes
 * its own.) */
bool hg__stage_below_norm(const struct hg__walk *walk, size_t index);

/* ---- stack_build.c ---- */
/* Finds the stacks of a plan and writes their programs; slots must be there. */
enum hg_status hg__stacks_make(struct hg_model *model, struct hg_error *error);
void hg__stacks_fini(struct hg_model *model);
/* The stack that layer `index` belongs to. */
struct hg__stack *hg__stack_of(const struct hg_model *model, size_t index);

/* ---- conv*.c: numbers of a convolution ---- */
size_t hg__conv_taps(const struct hg__layer *layer); /* K x K */
enum hg__way hg__conv_way(const struct hg_model *model, size_t layer, bool first, bool last,
                          bool folds);
/* Floats of the copies of its weight, of a worker's extra memory, of a chunk's gradient. */
size_t hg__conv_copies(const struct hg_model *model, const struct hg__stage *stage);
size_t hg__conv_extra(const struct hg_model *model, const struct hg__stage *stage);
size_t hg__conv_partial(const struct hg_model *model, const struct hg__stage *stage);

/* ---- norm_map.c: between segments ---- */
/* Means and factors for this pass: of the batch (its sums are there), or the running ones. */
void hg__norm_settle(struct hg_model *model, const struct hg__pass *pass,
                     const struct hg__stage *stage);
void hg__norm_measure(const struct hg__walk *walk, size_t index); /* sums of one sample */
/* Stage `index` is a norm whose sums the convolution below it takes as it stores. */
bool hg__norm_rides(const struct hg__walk *walk, size_t index);
/* Where they go: shift, sum, squares. */
float *hg__norm_sample_sums(const struct hg__walk *walk, size_t index);
void hg__norm_sums(const struct hg__walk *walk, size_t index); /* going down */
/* Gradients and factors from the sums; updates the parameters when the pass has rules. */
void hg__norm_settle_back(struct hg_model *model, const struct hg__pass *pass,
                          const struct hg__stage *stage);

/* ---- stack.c ---- */
void hg__stack_forward(struct hg_model *model, const struct hg__pass *pass,
                       const struct hg__stack *stack);
void hg__stack_backward(struct hg_model *model, const struct hg__pass *pass,
                        const struct hg__stack *stack);
/* The output of layer `index`, planar, of the pass's one sample. */
void hg__stack_show(struct hg_model *model, const struct hg__pass *pass,
                    const struct hg__stack *stack, size_t index, float *out);
/* All copies of convolutions' weights. */
void hg__stacks_derive(struct hg_model *model);

#endif
