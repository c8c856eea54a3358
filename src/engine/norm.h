/* norm.h - a batch norm over the values of a dense layer, done by that layer. */
#ifndef HG_ENGINE_NORM_H
#define HG_ENGINE_NORM_H

#include "engine/model.h"

/* When only codes are wanted, the dense layer below a norm does its work, and that
 * of the activation above it: layer `index` is such a norm in this pass. (In other
 * passes somebody may look at what the dense layer gives.) The codes are the same,
 * bit for bit. */
bool hg__norm_folds(const struct hg_model *model, const struct hg__pass *pass, size_t index);
/* Sets what the dense layer needs of norm `index`. */
void hg__norm_fold(struct hg_model *model, size_t index, struct hg__forward *job);

#endif
