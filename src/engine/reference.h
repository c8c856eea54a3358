/* reference.h - the plain twin of a model: double precision, naive loops.
 *
 * Same formulas, same random numbers, training mode, one batch; parameters in
 * PyTorch's layout, images in channel, row, column order everywhere. Its objective can be evaluated again after a parameter was
 * changed, from the first layer that the change reaches; its gradient is written
 * out by the chain rule, independently of the engine's kernels.
 */
#ifndef HG_ENGINE_REFERENCE_H
#define HG_ENGINE_REFERENCE_H

#include "engine/model.h"

struct hg__reference;

/* Copies values and batch. NULL when memory ran out. */
struct hg__reference *hg__reference_create(const struct hg_model *model,
                                           const struct hg_batch *batch);
/* Room for `samples`, nothing copied yet. And: copies the present values and a batch that
 * is no larger. Nothing is allocated there. */
struct hg__reference *hg__reference_reserve(const struct hg_model *model, size_t samples);
void hg__reference_load(struct hg__reference *reference, const struct hg_batch *batch);
void hg__reference_destroy(struct hg__reference *reference);

/* The numbers of tensor `index` (as hg_model_tensor), to be changed by the caller. */
double *hg__reference_values(struct hg__reference *reference, size_t index);

/* Loss + sparsity + KL after the layers from that of tensor `index` on were
 * computed again; HG__NOWHERE: after all of them. */
double hg__reference_objective(struct hg__reference *reference, size_t index);
double hg__reference_loss(const struct hg__reference *reference); /* of the last evaluation */

/* From now on the objective is counted from that of the last whole evaluation, output by output: a
 * loss that is far larger than what a small step changes would swallow the digits of the
 * change. */
void hg__reference_set_origin(struct hg__reference *reference);

/* A fingerprint of everything that the last evaluation decided: the sides of rectifiers on which
 * values lay, the winners of max pools, the signs of a penalised code. Two evaluations
 * for the same `index` with the same fingerprint: no kink lies between them. */
uint64_t hg__reference_choices(const struct hg__reference *reference);

/* From now on everything that is computed is off by about `grain` of the terms that it is made of,
 * each time anew: what coarser arithmetic would make of it. 0 = exact, as at first. */
void hg__reference_set_grain(struct hg__reference *reference, double grain);

/* Multiply-adds of one sample from the layer of tensor `index` on (HG__NOWHERE: of all). */
double hg__reference_work(const struct hg_model *model, size_t index);

/* Gradients of all tensors at the values of the last whole evaluation, with the bug that was
 * last set (none at first). */
void hg__reference_set_fault(struct hg__reference *reference, enum hg_fault fault);
void hg__reference_differentiate(struct hg__reference *reference);
const double *hg__reference_gradient(const struct hg__reference *reference, size_t index);
/* After that: how far off the objective is for the outputs being rounded to double precision. And
 * whether numbers came up whose squares float32 cannot hold. */
double hg__reference_blur(const struct hg__reference *reference);
bool hg__reference_overflows(const struct hg__reference *reference);
/* They become the model's, rounded. */
void hg__reference_give(struct hg__reference *reference, struct hg_model *model);

#endif
