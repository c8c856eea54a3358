/* reference_state.h - the inside of the twin, for its three parts (reference.c builds,
 * reference_forward.c and reference_gradient.c compute). */
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
    double *mean, *scale; /* bn */
};

struct hg__reference {
    const struct hg_model *model;
    size_t samples, layers, codes, encoder;
    struct hg__node *node;
    double **value, **gradient; /* by tensor */
    double *input, *target, *code, *dcode, *noise, *dinput;
    uint64_t seed, step;
    double loss;
    bool whole; /* every allocation succeeded */
};

/* What layer `index` sees, and where the gradient at it goes. */
double *hg__reference_input(const struct hg__reference *r, size_t index);
double *hg__reference_down(const struct hg__reference *r, size_t index);

/* Where in its matrix is the weight from input i to output o? It is stored out x in;
 * a tied layer reads the other's matrix with the roles exchanged. */
size_t hg__reference_place(const struct hg__node *node, size_t o, size_t i);

/* The factor of element `e` of the stream of dropout layer `index`. */
double hg__reference_kept(const struct hg__reference *r, size_t index, size_t e);

/* Layers in use: all, but for a final sigmoid when the loss takes the logits. */
size_t hg__reference_end(const struct hg__reference *r);

/* The loss of the batch; its gradient at the last layer in use to dy (may be NULL). */
double hg__reference_descent(const struct hg__reference *r, double *dy);

#endif
