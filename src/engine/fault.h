/* fault.h - known bugs in the training of a model (hourglass/fault.h says which). */
#ifndef HG_ENGINE_FAULT_H
#define HG_ENGINE_FAULT_H

#include "engine/model.h"

/* What a bug multiplies the bias gradient of this layer by; 1 = nothing. */
double hg__fault_bias(enum hg_fault fault, const struct hg__layer *layer, size_t samples);

/* Room for what the model's bug needs, for as many samples as the model has. */
enum hg_status hg__fault_reserve(struct hg_model *model, struct hg_error *error);

/* The model's gradients of this batch, which are right and complete: as the bug has them. */
void hg__fault_spoil(struct hg_model *model, const struct hg_batch *batch);

/* hg__rule_set with the model's bug. */
void hg__fault_rule(const struct hg_model *model, struct hg__rule *rule,
                    const struct hg_update *update, bool weights, float scale);

#endif
