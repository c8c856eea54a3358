/* reference_state.h - the inside of the twin, for its four parts (reference.c builds,
 * reference_forward.c, reference_gradient.c and reference_conv.c compute). */
#ifndef HG_ENGINE_REFERENCE_STATE_H
#define HG_ENGINE_REFERENCE_STATE_H

#include "engine/reference.h"

enum { HG__ROLES = 2 }; /* of a layer: weight, bias */

struct hg__node {
    const struct hg__layer *layer;
    size_t in, out;                                 /* values of one sample */
    double *y, *dy;                                 /* samples x out */
    double *value[HG__ROLES], *gradient[HG__ROLES]; /* NULL where there is none */
    size_t columns;       /* of the weight matrix (a tied one: its rows) */
    double *mean, *scale; /* bn: a number a feature */
    double *taps;         /* conv: room for what each tap sees of a channel */
    bool hidden;          /* a dense or conv layer, but not the last of them */
    size_t end;           /* dense, conv: where its own words end */
};

struct hg__reference {
    const struct hg_model *model;
    size_t samples, layers, codes, encoder;
    struct hg__node *node;
    double **value, **gradient; /* by tensor */
    double *input, *target, *code, *dcode, *noise, *dinput;
    double *origin; /* outputs from which the objective is counted; NULL: from 0 */
    double *origin_room, origin_penalty;
    double *own, *down; /* what a known bug makes of a layer's dy; samples x widest layer */
    float *raw;         /* room for the largest tensor */
    enum hg_fault fault;
    size_t last;   /* the last layer with a weight: what lies before it is hidden */
    double grain;  /* see hg__reference_set_grain */
    uint64_t draw; /* of the noise that comes next */
    uint64_t seed, step;
    double loss;
    uint64_t choices; /* fingerprint of those of the evaluation that runs, or ran last */
    bool whole;       /* every allocation succeeded */
};

/* What layer `index` sees, and where the gradient at it goes. */
double *hg__reference_input(const struct hg__reference *r, size_t index);
double *hg__reference_down(const struct hg__reference *r, size_t index);

/* Where in its matrix is the weight from input i to output o? It is stored out x in;
 * a tied layer reads the other's matrix with the roles exchanged. */
size_t hg__reference_place(const struct hg__node *node, size_t o, size_t i);

/* Batch norm: in a stack a channel is a feature, and each of its `plane` pixels one more sample
 * of it; elsewhere every value is. Feature f of sample s begins at hg__reference_at. */
struct hg__features {
    size_t count, plane;
};
struct hg__features hg__reference_features(const struct hg__node *node);
static inline size_t hg__reference_at(const struct hg__features *features, size_t s, size_t f)
{
    return (s * features->count + f) * features->plane;
}

/* The factor of number k (of samples x out) of dropout layer `index`. */
double hg__reference_kept(const struct hg__reference *r, size_t index, size_t k);

/* Coarsens `width` numbers of each sample; one number from -1..1 of that noise. */
void hg__reference_coarsen(struct hg__reference *r, double *rows, size_t width);
double hg__reference_noise(struct hg__reference *r);

/* Layers in use: all, but for a final sigmoid when the loss takes the logits. */
size_t hg__reference_end(const struct hg__reference *r);

/* The loss of the batch; its gradient at the last layer in use to dy (may be NULL). */
double hg__reference_descent(const struct hg__reference *r, double *dy);

/* y += w x */
static inline void hg__reference_add(double *restrict y, const double *restrict x, double w,
                                     size_t count)
{
    size_t i = 0;

    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            y[i + k] += w * x[i + k];
    for (; i < count; i++)
        y[i] += w * x[i];
}

static inline double hg__reference_dot(const double *x, const double *y, size_t count)
{
    double sum[4] = {0};
    size_t i = 0;

    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            sum[k] += x[i + k] * y[i + k];
    for (; i < count; i++)
        sum[0] += x[i] * y[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Notes one choice in the fingerprint. */
static inline void hg__reference_chose(struct hg__reference *r, size_t choice)
{
    r->choices = (r->choices ^ choice) * 0x100000001b3u;
}

/* ---- reference_conv.c ---- */
size_t hg__reference_taps(const struct hg__layer *layer); /* numbers of node->taps */
void hg__reference_conv(const struct hg__reference *r, const struct hg__node *node, double *x);
/* Adds to its own gradients, from the gradient dy at its output; and to that at its input. */
void hg__reference_conv_own(const struct hg__reference *r, const struct hg__node *node, double *x,
                            const double *dy);
void hg__reference_conv_down(const struct hg__reference *r, const struct hg__node *node,
                             const double *dy, double *dx);
void hg__reference_pool(struct hg__reference *r, const struct hg__node *node, const double *x);
void hg__reference_pool_back(const struct hg__reference *r, const struct hg__node *node,
                             const double *x, double *dx);
void hg__reference_up(const struct hg__reference *r, const struct hg__node *node, const double *x);
void hg__reference_up_back(const struct hg__reference *r, const struct hg__node *node, double *dx);

#endif
