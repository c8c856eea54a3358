/* pca_operator.h - the covariance of samples as something to multiply by.
 *
 * Either the d x d matrix itself or, while that is cheaper, X'(X v) over panels
 * of centred samples. `across`: samples x samples instead of features x features
 * (the same eigenvalues), when there are fewer samples. Private to pca*.c.
 */
#ifndef HG_ENGINE_PCA_OPERATOR_H
#define HG_ENGINE_PCA_OPERATOR_H

#include "engine/pca.h"

/* Largest order of a matrix that is formed. */
enum { HG__PCA_MATRIX_MOST = 1024 };

struct hg__operator {
    const struct hg__pca_input *input;
    const double *mean;
    bool across;
    size_t order, width;  /* d, and padded: length of a vector in memory */
    size_t lines, height; /* length of the other side, and how much of it a panel has */
    size_t block;         /* vectors multiplied at once, padded */
    double *panel;        /* height x width */
    double *product;      /* height x block */
    double *in, *out;     /* width x block */
    double *matrix;       /* width x width, NULL = implied */
};

/* Room for products with `block` vectors (padded); fini also after a failure. */
bool hg__operator_init(struct hg__operator *operator, const struct hg__pca_input * input,
                       const double *mean, bool across, size_t block);
void hg__operator_fini(struct hg__operator *operator);

/* Reads lines first..first+height-1 of the centred data into the panel. */
void hg__operator_load(struct hg__operator *operator, size_t first);

/* Forms the matrix (order <= HG__PCA_MATRIX_MOST). HG_NO_MEMORY, HG_FAILED = cancelled. */
enum hg_status hg__operator_form(struct hg__operator *operator);

/* to = covariance * from, `block` vectors as rows of length width. HG_FAILED = cancelled. */
enum hg_status hg__operator_apply(struct hg__operator *operator, const double * from, double *to);

bool hg__pca_cancelled(const struct hg__pca_input *input);
const float *hg__pca_sample(const struct hg__pca_input *input, size_t index);

#endif
