/* gradcheck.h - is the gradient right?
 *
 * Compares the engine's float32 gradient of one batch with central differences
 * of a plain double-precision twin of the network (naive loops, same formulas,
 * same random numbers), tensor by tensor. Components at whose place the network
 * has a kink (a rectifier at 0, two equals in a max pool) are left out.
 */
#ifndef HOURGLASS_GRADCHECK_H
#define HOURGLASS_GRADCHECK_H

#include "hourglass/model.h"

/* The verdict on one trainable tensor. */
struct hg_gradient_verdict {
    char name[64];
    size_t checked; /* components differentiated numerically (at most `most`) */
    double
        error; /* |analytic - numeric| / (|analytic| + |numeric|), Euclidean norms over the checked */
    double ratio;  /* least-squares numeric / analytic; 1 = right; NaN when both are zero */
    bool zero;     /* both gradients vanish, but for rounding: nothing was proved */
    bool overflow; /* zero, for float32 does not hold such numbers: nothing was compared */
    bool right;
};

/* Checks tensor `index` (of hg_model_tensors, trainable) on `batch`; components
 * are all when count <= most, else `most` chosen by seed. Large networks are
 * checked on the first samples of the batch and on fewer components, so that a
 * tensor takes some tenths of a second. Leaves the model as it was, gradients
 * excepted. HG_NO_MEMORY only. Slow: for checks, not for steps. */
enum hg_status hg_gradient_check(struct hg_model *model, const struct hg_batch *batch, size_t index,
                                 size_t most, struct hg_gradient_verdict *verdict,
                                 struct hg_error *error);

/* What the verdicts on all tensors come to. */
struct hg_gradient_finding {
    bool wrong;          /* a tensor's gradient is not what it should be */
    enum hg_fault fault; /* the known bug that explains every tensor, those that are right too */
    char name[32];       /* its name; "unknown" where none does; "" = all is right */
    char layer[64];      /* of the tensors that are wrong the one that is off most */
    double ratio;        /* its numeric / analytic; NaN where nothing is wrong */
    bool elsewhere;      /* that was found with other weights, drawn at random */
    char words[128];     /* "decoder.0.bias: 16 times too large, its fan-in"; "" = nothing to add */
};

/* Names the bug behind verdicts of hg_gradient_check (any number of them, in any order, on this
 * batch): computes the gradient of each known bug by the twin and compares all tensors
 * with the engine's. Where no verdict is wrong, or nothing explains them, the same is done with
 * weights drawn at random: at special ones (at the start two samples may mirror each
 * other) a wrong gradient may be right. Looks at numbers only, never at the fault that was set.
 * Leaves the model as it was, gradients excepted. */
enum hg_status hg_gradient_name_fault(struct hg_model *model, const struct hg_batch *batch,
                                      const struct hg_gradient_verdict *verdict, size_t count,
                                      struct hg_gradient_finding *finding, struct hg_error *error);

/* The same without verdicts, for looks at a run that is training: the engine's gradient against
 * the twin's chain rule, all tensors at once, at weights drawn at random; only where they
 * differ central differences, and the present weights. */
enum hg_status hg_gradient_look(struct hg_model *model, const struct hg_batch *batch,
                                struct hg_gradient_finding *finding, struct hg_error *error);

/* Does an update do what its formula says? Makes the step that `update` would make next (its count
 * is that before the step) and compares what it did to every parameter with the formula,
 * computed in double precision from values, gradient and moments. Names a known bug as above;
 * `ratio` is update / formula. A wrong gradient is none of its business. Afterwards
 * the model is as it was, to the bit, gradients excepted. */
enum hg_status hg_update_check(struct hg_model *model, const struct hg_batch *batch,
                               const struct hg_update *update, struct hg_gradient_finding *finding,
                               struct hg_error *error);

#endif
