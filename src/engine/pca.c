#include "engine/pca.h"

#include "base/mem.h"
#include "engine/eigen.h"
#include "engine/pca_iterate.h"
#include "engine/pca_operator.h"

#include <math.h>
#include <string.h>

enum { DIRECT_MOST = 96, SPARE_VECTORS = 6 };

#define NOTHING 1e-12 /* of the total: rounding, not variance */

void hg__pca_fini(struct hg__pca *pca)
{
    hg__free(pca->mean);
    hg__free(pca->variance);
    hg__free(pca->axes);
    memset(pca, 0, sizeof *pca);
}

static void find_mean(const struct hg__pca_input *input, struct hg__pca *pca)
{
    for (size_t i = 0; i < input->samples; i++) {
        const float *sample = hg__pca_sample(input, i);
        for (size_t j = 0; j < input->features; j++)
            pca->mean[j] += (double)sample[j];
    }
    for (size_t j = 0; j < input->features; j++)
        pca->mean[j] /= (double)input->samples;
    for (size_t i = 0; i < input->samples; i++) {
        const float *sample = hg__pca_sample(input, i);
        double sum = 0;
        for (size_t j = 0; j < input->features; j++) {
            double off = (double)sample[j] - pca->mean[j];
            sum += off * off;
        }
        pca->total += sum / (double)input->samples;
    }
}

/* Eigenvectors of the whole matrix; it is small. */
static enum hg_status direct(struct hg__operator *operator, size_t wanted,
                             const struct hg__pca_result *result)
{
    size_t width = operator->width;
    double *vectors = hg__alloc_aligned(width * width, sizeof(double));
    double *values = hg__alloc(width, sizeof(double));
    enum hg_status status = vectors && values ? hg__operator_form(operator) : HG_NO_MEMORY;

    if (status == HG_OK) {
        hg__jacobi(operator->matrix, vectors, values, operator->order, width);
        memcpy(result->values, values, wanted * sizeof(double));
        memcpy(result->vectors, vectors, wanted * width * sizeof(double));
    }
    hg__free(vectors);
    hg__free(values);
    return status;
}

/* From `known` eigenvectors over samples to axes over features: X' u, by panels. */
static enum hg_status cross_over(const struct hg__pca_input *input, struct hg__pca *pca,
                                 const double *vectors, size_t known, size_t length)
{
    struct hg__operator along;
    size_t block = hg__eigen_pad(pca->count);
    enum hg_status status = HG_NO_MEMORY;

    if (hg__operator_init(&along, input, pca->mean, false, block)) {
        struct hg__product back = {.a = along.panel,
                                   .a_row = 1,
                                   .a_depth = along.width,
                                   .b = along.product,
                                   .b_row = block,
                                   .out = along.out,
                                   .out_row = block,
                                   .rows = along.width,
                                   .columns = block,
                                   .depth = along.height};
        status = HG_OK;
        for (size_t first = 0; first < along.lines; first += along.height) {
            hg__operator_load(&along, first);
            for (size_t i = 0; i < along.height * block; i++) {
                size_t sample = first + i / block, axis = i % block;
                along.product[i] = sample < along.lines && axis < known
                                       ? vectors[axis * length + sample]
                                       : 0;
            }
            hg__product_add(&back);
        }
        for (size_t i = 0; i < pca->count * pca->features; i++)
            pca->axes[i] = along.out[i % pca->features * block + i / pca->features];
    }
    hg__operator_fini(&along);
    return status;
}

/* Unit length, and the largest component positive: the same axis every time. */
static void finish_axis(struct hg__pca *pca, size_t index)
{
    double *axis = pca->axes + index * pca->features, factor;
    size_t most = 0;

    if (!(pca->variance[index] > NOTHING * pca->total)) {
        pca->variance[index] = 0;
        memset(axis, 0, pca->features * sizeof(double));
        return;
    }
    for (size_t j = 1; j < pca->features; j++)
        if (fabs(axis[j]) > fabs(axis[most]))
            most = j;
    factor = 1 / sqrt(hg__dot(axis, axis, pca->features));
    if (axis[most] < 0)
        factor = -factor;
    for (size_t j = 0; j < pca->features; j++)
        axis[j] *= factor;
}

static enum hg_status find_axes(const struct hg__pca_input *input, struct hg__pca *pca)
{
    struct hg__operator operator;
    struct hg__pca_result result = {pca->variance, NULL};
    bool across = input->samples < input->features;
    size_t order = across ? input->samples : input->features;
    size_t wanted = pca->count < order ? pca->count : order, block;
    enum hg_status status = HG_NO_MEMORY;

    /* Beyond the size of a matrix nothing is gained by going across. */
    if (order > HG__PCA_MATRIX_MOST)
        across = false;
    block = hg__eigen_pad(wanted + SPARE_VECTORS);
    if (hg__operator_init(&operator, input, pca->mean, across, block))
        result.vectors = hg__alloc_aligned(wanted * operator.width, sizeof(double));
    if (result.vectors && order <= DIRECT_MOST)
        status = direct(&operator, wanted, &result);
    else if (result.vectors)
        status = hg__pca_iterate(&operator, block, wanted, pca->total, &result);
    if (status == HG_OK && across)
        status = cross_over(input, pca, result.vectors, wanted, operator.width);
    for (size_t i = 0; i < wanted && status == HG_OK && !across; i++)
        memcpy(pca->axes + i * pca->features, result.vectors + i * operator.width,
               pca->features * sizeof(double));
    hg__free(result.vectors);
    hg__operator_fini(&operator);
    return status;
}

enum hg_status hg__pca_fit(const struct hg__pca_input *input, struct hg__pca *pca,
                           struct hg_error *error)
{
    enum hg_status status = HG_NO_MEMORY;

    memset(pca, 0, sizeof *pca);
    pca->features = input->features;
    pca->count = input->count < HG__PCA_MOST ? input->count : HG__PCA_MOST;
    if (pca->count > input->features)
        pca->count = input->features;
    pca->mean = hg__alloc(input->features, sizeof(double));
    pca->variance = hg__alloc(pca->count, sizeof(double));
    pca->axes = hg__alloc(pca->count, input->features * sizeof(double));
    if (pca->mean && pca->variance && pca->axes) {
        find_mean(input, pca);
        status = HG_OK;
        if (pca->total > 0 && pca->count > 0)
            status = find_axes(input, pca);
    }
    for (size_t i = 0; i < pca->count && status == HG_OK; i++)
        finish_axis(pca, i);
    if (status == HG_OK)
        return HG_OK;
    hg__pca_fini(pca);
    return status == HG_FAILED ? hg_error_set(error, status, "principal components: cancelled")
                               : hg_error_set(error, status, "principal components: out of memory");
}

double hg__pca_residual(const struct hg__pca *pca, size_t k)
{
    double left = pca->total;

    for (size_t i = 0; i < k && i < pca->count; i++)
        left -= pca->variance[i];
    return left > NOTHING * pca->total ? left : 0;
}

void hg__pca_project(const struct hg__pca *pca, const float *sample, size_t k, double *scores)
{
    for (size_t i = 0; i < k; i++) {
        const double *axis = pca->axes + i * pca->features;
        double lane[4] = {0};
        size_t j = 0;
        for (; j + 4 <= pca->features; j += 4)
            for (size_t l = 0; l < 4; l++)
                lane[l] += axis[j + l] * ((double)sample[j + l] - pca->mean[j + l]);
        for (; j < pca->features; j++)
            lane[0] += axis[j] * ((double)sample[j] - pca->mean[j]);
        scores[i] = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    }
}

void hg__pca_rebuild(const struct hg__pca *pca, const double *scores, size_t k, float *sample)
{
    for (size_t j = 0; j < pca->features; j++) {
        double value = pca->mean[j];
        for (size_t i = 0; i < k; i++)
            value += scores[i] * pca->axes[i * pca->features + j];
        sample[j] = (float)value;
    }
}
