/* test_corrupt.c - noise on inputs: texts, statistics, independence of the batch. */
#include "hourglass/dataset.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = 100, FEATURES = 997, ALL = SAMPLES * FEATURES };

static void texts_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "",         "noise",     "none 1",      "gaussian",     "gaussian x",
        "mask 1.1", "salt -0.1", "gaussian -1", "mask 0.1 0.2", "gaussian 0.1x",
        "mask0.1",  "Mask 0.1",  "gaussian nan"};
    static const struct {
        const char *text;
        enum hg_corruption kind;
        double amount;
    } right[] = {{"none", HG_CORRUPT_NONE, 0},
                 {"gaussian 0.25", HG_CORRUPT_GAUSSIAN, 0.25},
                 {"  mask   1 ", HG_CORRUPT_MASK, 1},
                 {"salt 1e-3", HG_CORRUPT_SALT, 1e-3},
                 {"gaussian 0", HG_CORRUPT_GAUSSIAN, 0}};
    struct hg_corrupt corrupt;
    struct hg_error error;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(hg_corrupt_parse(wrong[i], &corrupt, &error), HG_USAGE);
        assert_non_null(strstr(error.text, "gaussian SD"));
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_int_equal(hg_corrupt_parse(right[i].text, &corrupt, NULL), HG_OK);
        assert_int_equal(corrupt.kind, right[i].kind);
        assert_true(fabs(corrupt.amount - right[i].amount) < 1e-15);
    }
}

static float *spoil(const char *text, size_t samples, uint64_t seed, uint64_t step)
{
    float *values = malloc(ALL * sizeof(float));
    struct hg_corrupt corrupt;

    assert_non_null(values);
    for (size_t i = 0; i < ALL; i++)
        values[i] = 0.5f;
    assert_int_equal(hg_corrupt_parse(text, &corrupt, NULL), HG_OK);
    hg_corrupt_apply(&corrupt, values, samples, FEATURES, -1, 1, seed, step);
    return values;
}

static void gaussian_has_its_moments(void **state)
{
    float *values = spoil("gaussian 0.2", SAMPLES, 1, 0);
    double sum = 0, square = 0, fourth = 0, neighbours = 0;

    (void)state;
    for (size_t i = 0; i < ALL; i++) {
        double x = ((double)values[i] - 0.5) / 0.2;
        sum += x / ALL;
        square += x * x / ALL;
        fourth += x * x * x * x / ALL;
        neighbours += i ? x * ((double)values[i - 1] - 0.5) / 0.2 / ALL : 0;
    }
    assert_true(fabs(sum) < 0.015);
    assert_true(fabs(square - 1) < 0.02);
    assert_true(fabs(fourth - 3) < 0.2);
    assert_true(fabs(neighbours) < 0.015);
    free(values);
}

static void share_is_struck(const char *text, double expected, float first, float second)
{
    float *values = spoil(text, SAMPLES, 7, 3);
    size_t ones = 0, twos = 0;

    for (size_t i = 0; i < ALL; i++) {
        assert_true(values[i] == first || values[i] == second || values[i] == 0.5f);
        ones += values[i] == first;
        twos += values[i] == second && first != second;
    }
    assert_true(fabs((double)(ones + twos) / ALL - expected) < 0.006);
    if (first != second && expected > 0)
        assert_true(fabs((double)ones / (double)(ones + twos) - 0.5) < 0.02);
    free(values);
}

static void mask_and_salt_strike_their_share(void **state)
{
    (void)state;
    share_is_struck("mask 0.3", 0.3, 0, 0);
    share_is_struck("mask 1", 1, 0, 0);
    share_is_struck("mask 0", 0, 0, 0);
    share_is_struck("salt 0.1", 0.1, -1, 1);
    share_is_struck("salt 1", 1, -1, 1);
    share_is_struck("none", 0, 0, 0);
}

/* A sample's noise is named by seed, step and its place, not by the batch's size. */
static void noise_is_named(void **state)
{
    float *all = spoil("gaussian 1", SAMPLES, 5, 9), *few = spoil("gaussian 1", 3, 5, 9);
    float *step = spoil("gaussian 1", 3, 5, 10), *seed = spoil("gaussian 1", 3, 6, 9);

    (void)state;
    assert_memory_equal(all, few, 3 * FEATURES * sizeof(float));
    assert_true(few[3 * FEATURES] == 0.5f);
    assert_memory_not_equal(all, step, 8 * sizeof(float));
    assert_memory_not_equal(all, seed, 8 * sizeof(float));
    assert_memory_not_equal(all, all + FEATURES, 8 * sizeof(float));
    free(all);
    free(few);
    free(step);
    free(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_strictly),
        cmocka_unit_test(gaussian_has_its_moments),
        cmocka_unit_test(mask_and_salt_strike_their_share),
        cmocka_unit_test(noise_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
