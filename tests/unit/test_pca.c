/* test_pca.c - principal components against a plain full solver, on every path. */
#include "base/mem.h"
#include "base/rng.h"
#include "engine/eigen.h"
#include "engine/pca.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct hg__rng rng;

/* Samples with a spectrum that falls as 1 / (1 + i)^power, moved by `offset`. */
static float *cloud(size_t samples, size_t features, double power, double offset)
{
    float *values = hg__alloc(samples * features, sizeof *values);
    size_t rank = features < 40 ? features : 40;

    assert_non_null(values);
    for (size_t i = 0; i < samples; i++) {
        double hidden[40];
        for (size_t k = 0; k < rank; k++)
            hidden[k] = hg__rng_normal(&rng) / pow(1 + (double)k, power);
        for (size_t j = 0; j < features; j++) {
            double value = offset + 0.05 * hg__rng_normal(&rng);
            for (size_t k = 0; k < rank; k++)
                value += hidden[k] * sin((double)((j + 1) * (k + 1)));
            values[i * features + j] = (float)value;
        }
    }
    return values;
}

/* Residuals by the definition: the full covariance and all its eigenvalues. */
static void plain_residuals(const struct hg__pca_input *in, double *residuals, size_t count)
{
    size_t n = in->features, m = in->samples;
    double *matrix = hg__alloc(n * n, sizeof *matrix), *vectors = hg__alloc(n * n, sizeof *vectors);
    double *mean = hg__alloc(n, sizeof *mean), *values = hg__alloc(n, sizeof *values);

    assert_true(matrix && vectors && mean && values);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            mean[j] += (double)in->values[(in->order ? in->order[i] : i) * n + j] / (double)m;
    for (size_t i = 0; i < m; i++) {
        const float *x = in->values + (in->order ? in->order[i] : i) * n;
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                matrix[j * n + k] += ((double)x[j] - mean[j]) * ((double)x[k] - mean[k]) /
                                     (double)m;
    }
    hg__jacobi(matrix, vectors, values, n, n);
    for (size_t k = 0; k <= count; k++) {
        residuals[k] = 0;
        for (size_t j = n; j > k; j--)
            residuals[k] += fmax(values[j - 1], 0);
    }
    hg__free(matrix);
    hg__free(vectors);
    hg__free(mean);
    hg__free(values);
}

/* Unit, mutually orthogonal axes whose scores have the variances named. */
static void axes_are_right(const struct hg__pca_input *in, const struct hg__pca *pca)
{
    double scores[HG__PCA_MOST], square[HG__PCA_MOST] = {0};

    for (size_t i = 0; i < pca->count; i++)
        for (size_t j = 0; j <= i; j++) {
            double dot = hg__dot(pca->axes + i * pca->features, pca->axes + j * pca->features,
                                 pca->features);
            bool unit = i == j && pca->variance[i] > 0;
            assert_true(fabs(dot - unit) < 1e-6);
        }
    for (size_t i = 0; i < pca->count; i++) {
        const double *axis = pca->axes + i * pca->features;
        double most = 0, least = 0;
        for (size_t j = 0; j < pca->features; j++) {
            most = fmax(most, axis[j]);
            least = fmin(least, axis[j]);
        }
        assert_true(most >= -least); /* the sign is settled */
    }
    for (size_t i = 0; i < in->samples; i++) {
        size_t row = in->order ? in->order[i] : i;
        hg__pca_project(pca, in->values + row * in->features, pca->count, scores);
        for (size_t k = 0; k < pca->count; k++)
            square[k] += scores[k] * scores[k] / (double)in->samples;
    }
    for (size_t k = 0; k < pca->count; k++)
        assert_true(fabs(square[k] - pca->variance[k]) <= 1e-7 * pca->total);
}

static void compare(const struct hg__pca_input *in)
{
    struct hg__pca pca;
    double expected[HG__PCA_MOST + 1];

    assert_int_equal(hg__pca_fit(in, &pca, NULL), HG_OK);
    plain_residuals(in, expected, pca.count);
    for (size_t k = 0; k <= pca.count; k++)
        assert_true(fabs(hg__pca_residual(&pca, k) - expected[k]) <=
                    1e-7 * expected[k] + 1e-12 * pca.total);
    axes_are_right(in, &pca);
    hg__pca_fini(&pca);
}

/* Few and many samples and features: direct, across, implied, formed. */
static void agrees_with_the_plain_solver(void **state)
{
    static const struct {
        size_t samples, features, count;
        double power, offset;
    } cases[] = {{50, 7, 7, 1, 0},     {7, 50, 5, 1, 3},      {300, 97, 2, 1, 0},
                 {110, 150, 9, 1, 10}, {400, 200, 2, 0.2, 0}, {400, 130, 64, 0.5, 1},
                 {1, 5, 3, 1, 0},      {2, 5, 3, 1, 0},       {90, 1, 2, 1, 5},
                 {500, 120, 3, 3, 100}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float *values = cloud(cases[i].samples, cases[i].features, cases[i].power, cases[i].offset);
        struct hg__pca_input in = {.values = values,
                                   .samples = cases[i].samples,
                                   .features = cases[i].features,
                                   .count = cases[i].count};
        compare(&in);
        hg__free(values);
    }
}

/* Only the rows of `order` count. */
static void order_chooses_samples(void **state)
{
    float *values = cloud(60, 5, 1, 0);
    uint32_t order[20];
    struct hg__pca_input in = {
        .values = values, .order = order, .samples = 20, .features = 5, .count = 2};

    (void)state;
    for (uint32_t i = 0; i < 20; i++)
        order[i] = 3 * i + 1;
    compare(&in);
    hg__free(values);
}

/* No gap anywhere: the hardest spectrum for an iteration. */
static void noise_is_analysed(void **state)
{
    enum { SAMPLES = 500, FEATURES = 160 };
    float *values = hg__alloc(SAMPLES * FEATURES, sizeof *values);
    struct hg__pca_input in = {
        .values = values, .samples = SAMPLES, .features = FEATURES, .count = 5};

    (void)state;
    assert_non_null(values);
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        values[i] = (float)hg__rng_normal(&rng);
    compare(&in);
    hg__free(values);
}

/* More features than a matrix may have, and more samples: nothing is formed. The
 * samples lie in three known directions, so the floors are known. */
static void large_sides_are_iterated(void **state)
{
    enum { SAMPLES = 1100, FEATURES = 1200 };
    float *values = hg__alloc((size_t)SAMPLES * FEATURES, sizeof *values);
    struct hg__pca_input in = {
        .values = values, .samples = SAMPLES, .features = FEATURES, .count = 4};
    struct hg__pca pca;

    (void)state;
    assert_non_null(values);
    for (size_t i = 0; i < SAMPLES; i++) { /* +-4, +-2, +-1 equally often, uncorrelated */
        const size_t up[3] = {i % 2, i / 2 % 2, (i + i / 2) % 2};
        for (size_t k = 0; k < 3; k++)
            values[i * FEATURES + 400 * k + 7] = (float)(up[k] ? 4 >> k : -(4 >> k));
    }
    assert_int_equal(hg__pca_fit(&in, &pca, NULL), HG_OK);
    assert_true(fabs(hg__pca_residual(&pca, 0) - 21) < 1e-9);
    assert_true(fabs(hg__pca_residual(&pca, 1) - 5) < 1e-6);
    assert_true(fabs(hg__pca_residual(&pca, 2) - 1) < 1e-6);
    assert_true(hg__pca_residual(&pca, 3) == 0);
    assert_true(pca.variance[3] == 0 && pca.axes[3 * FEATURES] == 0);
    assert_true(fabs(pca.axes[7] - 1) < 1e-6); /* positive by convention */
    axes_are_right(&in, &pca);
    hg__pca_fini(&pca);
    hg__free(values);
}

static void constant_data_have_no_axes(void **state)
{
    float values[300];
    struct hg__pca_input in = {.values = values, .samples = 100, .features = 3, .count = 2};
    struct hg__pca pca;
    double scores[2];
    float back[3];

    (void)state;
    for (size_t i = 0; i < 300; i++)
        values[i] = 0.3f;
    assert_int_equal(hg__pca_fit(&in, &pca, NULL), HG_OK);
    assert_int_equal(pca.count, 2);
    assert_true(hg__pca_residual(&pca, 0) < 1e-15 && hg__pca_residual(&pca, 2) < 1e-15);
    hg__pca_project(&pca, values, 2, scores);
    hg__pca_rebuild(&pca, scores, 2, back);
    assert_true(fabsf(back[1] - 0.3f) < 1e-6f);
    hg__pca_fini(&pca);
}

/* All axes rebuild a sample; the same data give the same bytes. */
static void rebuilds_and_repeats(void **state)
{
    float *values = cloud(300, 12, 0.5, 2), back[12];
    struct hg__pca_input in = {.values = values, .samples = 300, .features = 12, .count = 12};
    struct hg__pca pca, again;
    double scores[12];

    (void)state;
    assert_int_equal(hg__pca_fit(&in, &pca, NULL), HG_OK);
    assert_int_equal(hg__pca_fit(&in, &again, NULL), HG_OK);
    assert_memory_equal(pca.axes, again.axes, sizeof(double) * 144);
    hg__pca_project(&pca, values + 36, 12, scores);
    hg__pca_rebuild(&pca, scores, 12, back);
    for (size_t j = 0; j < 12; j++)
        assert_true(fabsf(back[j] - values[36 + j]) < 1e-5f);
    hg__pca_fini(&pca);
    hg__pca_fini(&again);
    hg__free(values);
}

static void cancels(void **state)
{
    float *values = cloud(200, 110, 1, 0);
    volatile bool stop = true;
    struct hg__pca_input in = {
        .values = values, .samples = 200, .features = 110, .count = 3, .cancel = &stop};
    struct hg__pca pca;
    struct hg_error error;

    (void)state;
    assert_int_equal(hg__pca_fit(&in, &pca, &error), HG_FAILED);
    assert_null(pca.axes);
    hg__free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_solver),
        cmocka_unit_test(order_chooses_samples),
        cmocka_unit_test(noise_is_analysed),
        cmocka_unit_test(large_sides_are_iterated),
        cmocka_unit_test(constant_data_have_no_axes),
        cmocka_unit_test(rebuilds_and_repeats),
        cmocka_unit_test(cancels),
    };
    hg__rng_start(&rng, 4, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
