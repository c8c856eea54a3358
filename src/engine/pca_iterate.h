/* pca_iterate.h - leading eigenvectors of a large operator. Private to pca*.c. */
#ifndef HG_ENGINE_PCA_ITERATE_H
#define HG_ENGINE_PCA_ITERATE_H

#include "engine/pca_operator.h"

struct hg__pca_result {
    double *values;  /* wanted, descending */
    double *vectors; /* wanted x width, unit rows */
};

/* Iterates a block of `count` vectors (wanted <= count <= order and block) until the
 * `wanted` leading eigenvalues are known well compared with `total` minus their sum.
 * HG_NO_MEMORY, HG_FAILED = cancelled. */
enum hg_status hg__pca_iterate(struct hg__operator *operator, size_t count, size_t wanted,
                               double total, const struct hg__pca_result *result);

#endif
