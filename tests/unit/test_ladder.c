/* test_ladder.c - the floors, against numbers worked out elsewhere and by definition. */
#include "hourglass/ladder.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FEATURES = 6, SAMPLES = 80 };

static uint32_t order[SAMPLES];

static struct hg_dataset dataset_of(float *values, size_t samples, size_t features)
{
    struct hg_dataset dataset = {.samples = samples,
                                 .features = features,
                                 .values = values,
                                 .order = order,
                                 .training = samples};

    for (uint32_t i = 0; i < SAMPLES; i++)
        order[i] = i;
    return dataset;
}

static void near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.12g instead of %.12g", value, expected);
}

/* The floors printed in the experiment "stack-gradient". */
static void stack_gradient_floors(void **state)
{
    float x[] = {.5488135f,  .71518937f, .60276338f, .54488318f, .4236548f,
                 .64589411f, .43758721f, .891773f,   .96366276f, .38344152f};
    struct hg_dataset dataset = dataset_of(x, 5, 2);
    struct hg_ladder ladder;

    (void)state;
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_SSE, 2, &ladder, NULL, NULL), HG_OK);
    near(ladder.mean, 0.0336119677, 1e-6);
    near(ladder.pca[0], 0.0026546800, 1e-6);
    assert_true(ladder.pca[1] == 0);
    assert_int_equal(ladder.rungs, 2);
    assert_false(ladder.approximate || ladder.has_entropy);
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_MSE, 64, &ladder, NULL, NULL), HG_OK);
    near(ladder.mean, 0.0336119677, 1e-6); /* two features: mse = 2 sse / 2 */
    assert_int_equal(ladder.rungs, 2);
}

/* And those of "mean-trap", where one value is enough. */
static void mean_trap_floors(void **state)
{
    float x[] = {.37853141f, 1, .59747807f, 1}, single[] = {.95023264f, 1};
    struct hg_dataset dataset = dataset_of(x, 2, 2);
    struct hg_ladder ladder;

    (void)state;
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_SSE, 1, &ladder, NULL, NULL), HG_OK);
    near(ladder.mean, 0.0059922050, 1e-6);
    assert_true(ladder.pca[0] == 0);
    dataset = dataset_of(single, 1, 2);
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_SSE, 1, &ladder, NULL, NULL), HG_OK);
    assert_true(ladder.mean == 0 && ladder.pca[0] == 0);
}

/* Values in 0..1, some of them exactly 0 or 1, along two directions and a little noise. */
static void fill(float *values)
{
    struct hg__rng rng;

    hg__rng_start(&rng, 11, HG__RNG_PROBE, 0, 0);
    for (size_t i = 0; i < SAMPLES; i++) {
        double a = hg__rng_normal(&rng), b = hg__rng_normal(&rng);
        for (size_t j = 0; j < FEATURES; j++) {
            double x = 0.5 + 0.3 * a * cos((double)j) + 0.2 * b * sin(2.0 * (double)j) +
                       0.02 * hg__rng_normal(&rng);
            values[i * FEATURES + j] = (float)fmin(fmax(x, 0), 1);
        }
    }
}

static double cross(double x, double y)
{
    return -(x > 0 ? x * log(y) : 0) - (x < 1 ? (1 - x) * log(1 - y) : 0);
}

/* rmse and bce of the mean and of full reconstructions, by the definition. With as many
 * axes as features the reconstruction is the sample itself. */
static void rmse_and_bce_by_definition(void **state)
{
    float values[SAMPLES * FEATURES];
    struct hg_dataset dataset = dataset_of(values, SAMPLES, FEATURES);
    struct hg_ladder rmse, bce, mse;
    double mean[FEATURES] = {0}, root = 0, constant = 0, entropy = 0, whole = 0;

    (void)state;
    fill(values);
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        mean[i % FEATURES] += (double)values[i] / SAMPLES;
    for (size_t i = 0; i < SAMPLES; i++) {
        double square = 0;
        for (size_t j = 0; j < FEATURES; j++) {
            double x = (double)values[i * FEATURES + j], y = fmin(fmax(x, 0.001), 0.999);
            square += (x - mean[j]) * (x - mean[j]) / FEATURES;
            constant += cross(x, mean[j]) / FEATURES / SAMPLES;
            entropy += cross(x, x) / FEATURES / SAMPLES;
            whole += cross(x, y) / FEATURES / SAMPLES;
        }
        root += sqrt(square) / SAMPLES;
    }
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_RMSE, 6, &rmse, NULL, NULL), HG_OK);
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_BCE, 6, &bce, NULL, NULL), HG_OK);
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_MSE, 6, &mse, NULL, NULL), HG_OK);
    assert_true(rmse.approximate && bce.approximate && bce.has_entropy && !rmse.has_entropy);
    near(rmse.mean, root, 1e-9);
    assert_true(rmse.pca[5] < 1e-7);
    near(bce.mean, constant, 1e-9);
    near(bce.entropy, entropy, 1e-9);
    near(bce.pca[5], whole, 1e-5);
    for (size_t k = 0; k < 5; k++) {
        assert_true(rmse.pca[k] <= sqrt(mse.pca[k])); /* the root is concave */
        assert_true(rmse.pca[k] > 0.6 * sqrt(mse.pca[k]));
        assert_true(bce.pca[k] > bce.entropy);
        assert_true(mse.pca[k] > mse.pca[k + 1] && rmse.pca[k] > rmse.pca[k + 1]);
    }
    assert_true(bce.pca[2] < bce.mean);
}

/* Samples held out do not count. */
static void only_training_samples(void **state)
{
    float values[SAMPLES * FEATURES];
    struct hg_dataset dataset = dataset_of(values, SAMPLES, FEATURES);
    struct hg_ladder part, same;

    (void)state;
    fill(values);
    dataset.training = 30;
    dataset.validation = SAMPLES - 30;
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_RMSE, 2, &part, NULL, NULL), HG_OK);
    memset(values + 30 * FEATURES, 0, (SAMPLES - 30) * FEATURES * sizeof(float));
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_RMSE, 2, &same, NULL, NULL), HG_OK);
    near(part.mean, same.mean, 0);
    near(part.pca[1], same.pca[1], 0);
}

static void cancelled_ladder(void **state)
{
    float values[SAMPLES * FEATURES];
    struct hg_dataset dataset = dataset_of(values, SAMPLES, FEATURES);
    struct hg_ladder ladder;
    volatile bool stop = true;

    (void)state;
    fill(values);
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_BCE, 2, &ladder, &stop, NULL), HG_FAILED);
    assert_int_equal(hg_ladder_compute(&dataset, HG_LOSS_RMSE, 2, &ladder, &stop, NULL), HG_FAILED);
}

/* 10,000 MNIST digits: figures of numpy.linalg.eigvalsh in double. */
static void mnist_floors(void **state)
{
    const char *shared = getenv("HG_SHARED");
    struct hg_data_config config = {.labels = "none",
                                    .only = "all",
                                    .shape = "auto",
                                    .channels = "auto",
                                    .size = "auto",
                                    .scale = "auto"};
    struct hg_context *context;
    struct hg_dataset *dataset;
    struct hg_ladder ladder;
    char path[4096];

    (void)state;
    snprintf(path, sizeof path, "%s/data/mnist/t10k-images-idx3-ubyte.gz",
             shared ? shared : HG_SOURCE_DIR "/../shared");
    if (access(path, R_OK) != 0)
        skip();
    config.source = path;
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, NULL), HG_OK);
    assert_int_equal(hg_dataset_load(context, &config, &dataset, NULL, NULL), HG_OK);
    assert_int_equal(dataset->training, 10000);
    assert_int_equal(hg_ladder_compute(dataset, HG_LOSS_MSE, 16, &ladder, NULL, NULL), HG_OK);
    near(ladder.mean, 0.0674084810, 1e-7);
    near(ladder.pca[0], 0.0606355038, 1e-7);
    near(ladder.pca[1], 0.0555498799, 1e-7);
    near(ladder.pca[15], 0.0266822485, 1e-7);
    hg_dataset_destroy(dataset);
    hg_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack_gradient_floors),      cmocka_unit_test(mean_trap_floors),
        cmocka_unit_test(rmse_and_bce_by_definition), cmocka_unit_test(only_training_samples),
        cmocka_unit_test(cancelled_ladder),           cmocka_unit_test(mnist_floors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
