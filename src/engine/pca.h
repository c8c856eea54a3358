/* pca.h - principal component analysis of samples.
 *
 * Computed in double with our own code: directly for up to 96 samples or
 * features, else by Chebyshev-filtered subspace iteration (Zhou, Saad: "A
 * Chebyshev-Davidson algorithm", SIAM J. Matrix Anal. Appl. 29, 2007) until the
 * residual trace is known to about 1e-8 of itself. The same bytes for the same
 * data on one machine.
 */
#ifndef HG_ENGINE_PCA_H
#define HG_ENGINE_PCA_H

#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HG__PCA_MOST = 64 };

/* The leading axes of a cloud of samples. Variances are divided by the number of
 * samples (not one less), summed over features: the residual of an affine code
 * of k values is `total` minus the first k of `variance`, for one sample. */
struct hg__pca {
    size_t features, count; /* count: axes known */
    double total;           /* sum of all features' variances */
    double *mean;           /* features */
    double *variance;       /* count, descending, none below 0 */
    double *axes;           /* count x features, unit rows; all zero where the variance is */
};

/* What to analyse: rows of `values` (samples x features, row-major) chosen by `order`
 * (NULL = 0, 1, 2, ...). */
struct hg__pca_input {
    const float *values;
    const uint32_t *order;
    size_t samples, features;
    size_t count;                /* axes wanted; fewer are given when there are fewer features;
                                    at most HG__PCA_MOST */
    const volatile bool *cancel; /* may be NULL; when true the call ends with HG_FAILED */
};

/* Fills *pca (any content before; hg__pca_fini after HG_OK, and harmless after a
 * failure). HG_NO_MEMORY, or HG_FAILED when cancelled. Any thread. */
enum hg_status hg__pca_fit(const struct hg__pca_input *input, struct hg__pca *pca,
                           struct hg_error *error);
void hg__pca_fini(struct hg__pca *pca);

/* Mean over samples of the squared distance to the best affine code of k values
 * (k <= count), summed over features; 0 = to the mean. */
double hg__pca_residual(const struct hg__pca *pca, size_t k);

/* Coordinates of one sample on the first k axes. */
void hg__pca_project(const struct hg__pca *pca, const float *sample, size_t k, double *scores);

/* The sample that has these k coordinates. */
void hg__pca_rebuild(const struct hg__pca *pca, const double *scores, size_t k, float *sample);

#endif
