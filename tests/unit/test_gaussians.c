/* test_gaussians.c - clusters: statistics, given centres, prefixes, refusals. */
#include "data/gaussians.h"
#include "data/raw.h"
#include "data/sources.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct hg_data_config config_of(size_t clusters, size_t dims, size_t points, double spread)
{
    struct hg_data_config config = {.source = "gaussians", .seed = 1};

    config.gaussians.clusters = clusters;
    config.gaussians.dims = dims;
    config.gaussians.points = points;
    config.gaussians.spread = spread;
    return config;
}

static enum hg_status read_raw(const struct hg_data_config *config, size_t limit,
                               struct hg__raw *raw, const char **key, struct hg_error *error)
{
    struct hg__peek peek = {.source = "gaussians"};
    struct hg__wish wish = {.config = config, .limit = limit};
    struct hg_context *context;
    enum hg_status status;

    assert_true(hg__source_gaussians.recognises(&peek));
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, NULL), HG_OK);
    memset(raw, 0, sizeof *raw);
    status = hg__source_gaussians.read(context, &peek, &wish, raw, key, error);
    hg_context_destroy(context);
    return status;
}

/* Mean and deviation of each cluster are what was asked for. */
static void clusters_have_their_statistics(void **state)
{
    static const struct hg_cluster_override given[] = {
        {2, false, "0.5 -0.25\t0 "}, {2, true, "0.05 0.1 0"}, {3, false, NULL}};
    enum { POINTS = 20000 };
    struct hg_data_config config = config_of(3, 3, POINTS, 0.02);
    struct hg__raw raw;
    const char *key = NULL;
    const double centre[3] = {0.5, -0.25, 0}, spread[3] = {0.05, 0.1, 0};

    (void)state;
    config.gaussians.overrides = 3;
    config.gaussians.override = given;
    assert_int_equal(read_raw(&config, 0, &raw, &key, NULL), HG_OK);
    assert_int_equal(raw.samples, 3 * POINTS);
    assert_true(raw.bounded && raw.lowest == -1 && raw.highest == 1 && !raw.image);
    assert_string_equal(raw.class_names[2], "3");
    for (size_t k = 0; k < 3; k++)
        for (size_t j = 0; j < 3; j++) {
            double sum = 0, square = 0, deviation, expected = k == 1 ? spread[j] : 0.02;
            for (size_t i = k; i < raw.samples; i += 3) {
                double x = (double)((float *)raw.values)[i * 3 + j];
                assert_int_equal(raw.labels[i], k);
                sum += x / POINTS;
                square += x * x / POINTS;
            }
            deviation = sqrt(fmax(square - sum * sum, 0));
            assert_true(fabs(deviation - expected) < 0.02 * expected + 1e-7);
            assert_true(k == 1 ? fabs(sum - centre[j]) < 0.003 : fabs(sum) <= 0.803);
        }
    hg__raw_fini(&raw);
}

static void values_are_clipped(void **state)
{
    struct hg_data_config config = config_of(2, 2, 500, 3);
    struct hg__raw raw;
    const char *key = NULL;
    size_t low = 0, high = 0;

    (void)state;
    assert_int_equal(read_raw(&config, 0, &raw, &key, NULL), HG_OK);
    for (size_t i = 0; i < 2000; i++) {
        float x = ((float *)raw.values)[i];
        assert_true(x >= -1 && x <= 1);
        low += x <= -1;
        high += x >= 1;
    }
    assert_true(low > 300 && high > 300);
    hg__raw_fini(&raw);
}

/* A limit gives the beginning of the whole; a seed gives other centres and noise. */
static void limits_and_seeds(void **state)
{
    struct hg_data_config config = config_of(4, 6, 250, 0.1);
    struct hg__raw all, some, other;
    const char *key = NULL;

    (void)state;
    assert_int_equal(read_raw(&config, 0, &all, &key, NULL), HG_OK);
    assert_int_equal(read_raw(&config, 3, &some, &key, NULL), HG_OK); /* fewer than clusters */
    config.seed = 2;
    assert_int_equal(read_raw(&config, 0, &other, &key, NULL), HG_OK);
    assert_int_equal(all.samples, 1000);
    assert_int_equal(some.samples, 3);
    assert_int_equal(some.classes, 4);
    assert_memory_equal(all.values, some.values, 3 * 6 * sizeof(float));
    assert_memory_not_equal(all.values, other.values, 6 * sizeof(float));
    for (size_t k = 0; k < 4; k++) { /* not only the centre has moved */
        float step = ((float *)all.values)[24 + k] - ((float *)all.values)[k];
        assert_true(fabsf(step - (((float *)other.values)[24 + k] - ((float *)other.values)[k])) >
                    1e-5f);
    }
    hg__raw_fini(&all);
    hg__raw_fini(&some);
    hg__raw_fini(&other);
}

static void refuse(size_t cluster, bool is_spread, const char *values, const char *expected)
{
    struct hg_cluster_override given = {cluster, is_spread, values};
    struct hg_data_config config = config_of(25, 2, 10, 0.1);
    struct hg_error error;
    const char *key = NULL;

    config.gaussians.overrides = 1;
    config.gaussians.override = &given;
    assert_int_equal(hg__gaussians_check(&config, &key, &error), HG_USAGE);
    assert_string_equal(key, expected);
    assert_non_null(strstr(error.text, "expected"));
}

static void wrong_texts_are_refused(void **state)
{
    (void)state;
    refuse(1, false, "0.5", "center.1");
    refuse(3, false, "0.5 0.5 0.5", "center.3");
    refuse(3, false, "", "center.3");
    refuse(20, true, "0.1 -0.1", "spread.20");
    refuse(2, true, "0.1 0.1x", "spread.2");
    refuse(2, false, "0.1 nan", "center.2");
    refuse(2, false, "0.1, 0.2", "center.2");
    refuse(2, false, "0.1 1.5", "center.2");
    refuse(26, false, "0 0", "center"); /* there is no cluster 26 */
    refuse(0, true, "0 0", "spread");
}

static void wrong_numbers_are_refused(void **state)
{
    struct hg_data_config config = config_of(0, 2, 10, 0.1);
    const char *key = NULL;

    (void)state;
    assert_int_equal(hg__gaussians_check(&config, &key, NULL), HG_USAGE);
    assert_string_equal(key, "clusters");
    config = config_of(1, 0, 10, 0.1);
    assert_int_equal(hg__gaussians_check(&config, NULL, NULL), HG_USAGE);
    config = config_of(1, 1, 10, -0.1);
    assert_int_equal(hg__gaussians_check(&config, &key, NULL), HG_USAGE);
    assert_string_equal(key, "spread");
    config = config_of(1, 1, 1, 0);
    assert_int_equal(hg__gaussians_check(&config, &key, NULL), HG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_have_their_statistics),
        cmocka_unit_test(values_are_clipped),
        cmocka_unit_test(limits_and_seeds),
        cmocka_unit_test(wrong_texts_are_refused),
        cmocka_unit_test(wrong_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
