/* test_create.c - the beginning of a model: initial weights, output bias, refusals,
 * memory that is not there. */
#include "base/mem.h"
#include "hourglass/gradcheck.h"
#include "hourglass/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "simple_help.h"

struct moments {
    double mean, deviation, least, most;
};

static struct moments moments_of(const struct hg_model *model, size_t index)
{
    float *value = read_tensor(model, index, HG_PART_VALUE);
    size_t count = hg_model_tensor(model, index).count;
    struct moments m = {0, 0, INFINITY, -INFINITY};

    for (size_t i = 0; i < count; i++) {
        m.mean += value[i] / (double)count;
        m.least = fmin(m.least, value[i]);
        m.most = fmax(m.most, value[i]);
    }
    for (size_t i = 0; i < count; i++)
        m.deviation += pow(value[i] - m.mean, 2) / (double)count;
    m.deviation = sqrt(m.deviation);
    free(value);
    return m;
}

static void test_init(void **state)
{
    static const struct {
        const char *text;
        double deviation, most;
    } wanted[] = {
        {"he", 0.0707107, 1},   {"glorot", 0.0577350, 0.1},
        {"normal 0.2", 0.2, 2}, {"uniform -0.5 1", 0.433013, 1},
        {"auto", 0.0707107, 1},
    };
    struct hg_model_config config = simple(400);
    struct hg_model *model;
    struct hg_error error;
    float *first, *second;

    (void)state;
    config.encoder = "dense 200 bn lrelu";
    model = build(context, &config);
    for (size_t i = 0; i < 5; i++) {
        struct moments m;
        start(model, wanted[i].text, 3);
        m = moments_of(model, 0);
        assert_true(fabs(m.deviation - wanted[i].deviation) < 0.01 * wanted[i].deviation);
        assert_true(fabs(m.mean - (i == 3 ? 0.25 : 0)) < 0.01);
        assert_true(m.most <= wanted[i].most);
        assert_true(moments_of(model, 1).deviation == 0 && moments_of(model, 1).mean == 0);
        assert_true(moments_of(model, 2).least == 1 && moments_of(model, 3).most == 0);
        assert_true(moments_of(model, 4).most == 0 && moments_of(model, 5).least == 1);
    }
    /* auto: the code and the output are linear, so glorot */
    assert_true(moments_of(model, 6).most < sqrt(6 / 202.) + 1e-6);
    /* the same seed, the same weights; another, others */
    first = read_tensor(model, 0, HG_PART_VALUE);
    start(model, "auto", 3);
    second = read_tensor(model, 0, HG_PART_VALUE);
    assert_memory_equal(first, second, 200 * 400 * sizeof *first);
    start(model, "auto", 4);
    hg_model_read(model, 0, HG_PART_VALUE, second);
    assert_memory_not_equal(first, second, 200 * 400 * sizeof *first);
    free(first);
    free(second);
    assert_int_equal(hg_model_init(model, "he 2", 1, &error), HG_USAGE);
    for (size_t i = 0; i < 8; i++) {
        static const char *const wrong[] = {
            "",         "xavier",    "normal",      "normal -1",
            "normal x", "uniform 1", "uniform 1 0", "uniform 0 inf"};
        assert_int_equal(hg_init_check(wrong[i], &error), HG_USAGE);
    }
    assert_int_equal(hg_init_check(" uniform  -1 1 ", &error), HG_OK);
    hg_model_destroy(model);
}

/* With weights at zero the output is its bias: it must rest at the mean, as far as
 * the activation reaches. */
static void test_output_bias(void **state)
{
    static const char *const output[] = {
        "linear", "sigmoid", "tanh",  "softplus", "silu",
        "gelu",   "relu",    "lrelu", "elu",      "dense 4 bn sigmoid"};
    const float mean[4] = {0.25f, 0.5f, 0.99f, 0.01f}, x[4] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof output / sizeof *output; i++) {
        struct hg_model_config config = simple(4);
        struct hg_model *model;
        float y[4];
        config.output = output[i];
        model = build(context, &config);
        start(model, "uniform 0 0", 1);
        hg_model_set_output_bias(model, mean);
        hg_model_reconstruct(model, x, 1, y, NULL);
        for (size_t k = 0; k < 4; k++)
            if (!(fabs(y[k] - mean[k]) < 1e-4))
                fail_msg("%s: %g, wanted %g", output[i], y[k], mean[k]);
        hg_model_destroy(model);
        config.bias = false;
        model = build(context, &config);
        hg_model_set_output_bias(model, mean);
        hg_model_destroy(model);
    }
}

static void test_too_large(void **state)
{
    static const char *const encoder[] = {
        "dense 1000000000",
        "dense 2147483647, dense 2147483647",
        "dense 2147483647 bn, dense 2147483647 bn, dense 2147483647, dense 2147483647",
    };
    struct hg_model *model;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct hg_model_config config = simple(784);
        struct hg_error error = {HG_OK, ""};
        uint64_t parameters, bytes;
        config.encoder = encoder[i];
        assert_int_equal(hg_model_measure(&config, 1, &parameters, &bytes, NULL, NULL), HG_OK);
        assert_true(bytes > (uint64_t)1 << 40);
        assert_int_equal(hg_model_create(context, &config, &model, NULL, &error), HG_NO_MEMORY);
        assert_null(model);
        if (!strstr(error.text, "iB") || !strstr(error.text, "this machine has"))
            fail_msg("%s", error.text);
    }
}

static void test_memory_limit(void **state)
{
    struct hg_model_config config = simple(784);
    struct hg_context *small = NULL;
    struct hg_error error = {HG_OK, ""};
    struct hg_model *model;
    uint64_t parameters, bytes, more;

    (void)state;
    config.encoder = "dense 300";
    assert_int_equal(hg_model_measure(&config, 32, &parameters, &bytes, NULL, NULL), HG_OK);
    assert_int_equal(hg_model_measure(&config, 1000, &parameters, &more, NULL, NULL), HG_OK);
    assert_true(more > bytes);
    assert_int_equal(hg_context_create(1, NULL, bytes, &small, NULL), HG_OK);
    assert_int_equal(hg_model_create(small, &config, &model, NULL, &error), HG_OK);
    assert_true(parameters == hg_model_parameters(model));
    assert_int_equal(hg_model_reserve(model, 32, &error), HG_OK);
    assert_int_equal(hg_model_reserve(model, 1000, &error), HG_NO_MEMORY);
    assert_non_null(strstr(error.text, "1000"));
    hg_model_destroy(model);
    hg_context_destroy(small);
}

static void test_fault(void **state)
{
    struct hg_model_config config = simple(784);
    struct hg_model_fault fault;
    struct hg_error error;
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 8 tanh, dense x";
    assert_int_equal(hg_model_create(context, &config, &model, &fault, &error), HG_USAGE);
    assert_null(model);
    assert_string_equal(fault.key, "encoder");
    assert_int_equal(fault.column, 14);
    assert_int_equal(hg_model_create(context, &config, &model, NULL, NULL), HG_USAGE);
}

/* Every allocation in turn fails: a clean refusal, nothing lost (with HG_TEST_MEMORY). */
static void test_failing_memory(void **state)
{
    enum { TRIES = 200 };
    struct hg_model_config config = simple(20);
    float *x = made_up(5 * 20, 0, 1, 3);
    struct hg_batch batch = {x, x, 5, 1, 1};
    size_t refused = 0;

    (void)state;
    config.encoder = "dense 40 bn tanh";
    for (size_t n = 1; n <= TRIES; n++) {
        struct hg_model *model = NULL;
        struct hg_gradient_verdict verdict;
        enum hg_status status;

        hg__mem_fail_at(n);
        status = hg_model_create(context, &config, &model, NULL, NULL);
        if (!status)
            status = hg_model_reserve(model, 100, NULL);
        if (!status)
            status = hg_gradient_check(model, &batch, 0, 3, &verdict, NULL);
        hg__mem_fail_at(0);
        assert_true(status == HG_OK || status == HG_NO_MEMORY);
        refused += status != HG_OK;
        hg_model_destroy(model);
    }
    if (hg__mem_count())
        assert_true(refused > 20 && refused < TRIES);
    free(x);
}

/* FLOP of a training step as bench/README counts them. */
static void test_flops(void **state)
{
    struct hg_model_config config = simple(6);
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 4 tanh";
    config.code = "2 tanh";
    model = build(context, &config);
    assert_true(hg_model_flops(model) == 336);
    hg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),      cmocka_unit_test(test_output_bias),
        cmocka_unit_test(test_too_large), cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_fault),     cmocka_unit_test(test_failing_memory),
        cmocka_unit_test(test_flops),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
