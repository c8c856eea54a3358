/* gradients.h - the gradient check of a live model: a tensor at a time, training waits.
 *
 * Used by the trainer thread between batches: keys are answered between two tensors. Leaves
 * the run as it was, to the bit.
 */
#ifndef HG_RUN_GRADIENTS_H
#define HG_RUN_GRADIENTS_H

#include "hourglass/check.h"
#include "hourglass/trainer.h"

/* Zero-initialise. */
struct hg__gradients {
    bool wished; /* the page is open */
    size_t next; /* tensor of the model */
    struct hg_check facts;
};

/* HG_DO_CHECK: from its beginning; or no more. */
void hg__gradients_wish(struct hg__gradients *gradients, bool wished);
/* Weights or batch are others in the middle of it: it begins anew. What is done stays. */
void hg__gradients_stale(struct hg__gradients *gradients);
/* Is there something left to do? */
bool hg__gradients_busy(const struct hg__gradients *gradients);
void hg__gradients_work(struct hg__gradients *gradients, struct hg_trainer *trainer);
/* Copies what is new. */
void hg__gradients_fill(const struct hg__gradients *gradients, struct hg_check *out);

#endif
