/* check.h - the gradient check of a live model, tensor by tensor, while training waits. */
#ifndef HOURGLASS_CHECK_H
#define HOURGLASS_CHECK_H

#include "hourglass/gradcheck.h"

enum { HG_CHECK_TENSORS = 256 }; /* what a network has more is not checked */

/* Of one fixed point: the weights, and the batch that the next step takes, when it was asked
 * for. Nothing of the run changes. */
struct hg_check {
    bool known;              /* false: not asked for */
    uint64_t serial;         /* changes with all below */
    bool done;               /* else training waits for the rest */
    enum hg_status status;   /* not HG_OK: it had to be given up */
    uint64_t epoch, step;    /* done when it was made */
    size_t batch;            /* samples of the batch */
    size_t tensors, checked; /* all; so far */
    struct hg_gradient_verdict verdict[HG_CHECK_TENSORS];
    struct hg_gradient_finding finding; /* once done */
    struct hg_gradient_finding update;  /* recomputed, once done */
};

#endif
