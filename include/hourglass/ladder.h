/* ladder.h - the floors every plateau rests on.
 *
 * The mean floor (best constant output) and the PCA-1..PCA-k floors (best affine
 * code of that size), in the units of a loss, over the training samples. Exact
 * for mse and sse; rmse: of the mean and of the PCA reconstructions; bce: mean
 * and entropy exact, PCA reconstructions clipped to 0.001..0.999 (approximate).
 */
#ifndef HOURGLASS_LADDER_H
#define HOURGLASS_LADDER_H

#include "hourglass/dataset.h"
#include "hourglass/model.h"

enum { HG_LADDER_MOST = 64 };

struct hg_ladder {
    enum hg_loss loss;
    double mean;
    size_t rungs;               /* PCA floors known: min(code, features, 64) */
    double pca[HG_LADDER_MOST]; /* pca[0] = PCA-1 */
    bool approximate;           /* the PCA floors are (rmse, bce) */
    bool has_entropy;
    double entropy; /* bce only: no output can be below this */
};

/* Computes the ladder with `rungs` PCA floors. May run in any thread: reads only
 * the dataset. *cancel (may be NULL) is polled; when it becomes true the call
 * returns HG_FAILED early. */
enum hg_status hg_ladder_compute(const struct hg_dataset *dataset, enum hg_loss loss, size_t rungs,
                                 struct hg_ladder *ladder, const volatile bool *cancel,
                                 struct hg_error *error);

#endif
