/* test_rounding.c - what rounding does to a gradient or an update is no bug; and a bug is found
 * where there is much of it. */
#include "hourglass/gradcheck.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "simple_help.h"

enum { INPUTS = 6, ROWS = 8 };

static struct hg_model_config plain(void)
{
    return (struct hg_model_config){
        .encoder = "none",
        .code = "2",
        .decoder = "mirror",
        .output = "linear",
        .input = {1, 1, INPUTS},
        .bias = true,
        .loss = HG_LOSS_MSE,
        .beta = 1,
    };
}

static void check_verdicts(struct hg_model *model, const struct hg_batch *batch, const char *what)
{
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_gradient_verdict verdict;
        if (!hg_model_tensor(model, i).trainable)
            continue;
        assert_int_equal(hg_gradient_check(model, batch, i, 40, &verdict, NULL), HG_OK);
        if (!verdict.right)
            fail_msg("%s: %s: error %g ratio %g", what, verdict.name, verdict.error, verdict.ratio);
    }
}

/* Raw tables: the last of the columns goes up to 1700, and an output of 0..1 is asked for that. */
static float *raw_table(size_t samples)
{
    float *x = made_up(samples * INPUTS, 0, 4, 21);

    for (size_t s = 0; s < samples; s++)
        x[s * INPUTS + INPUTS - 1] = 300 + 350 * x[s * INPUTS + INPUTS - 1];
    return x;
}

static struct hg_model *raw_model(const struct hg_model_config *config, const float *x,
                                  size_t samples, uint64_t seed)
{
    struct hg_model *model = build(context, config);
    float mean[INPUTS] = {0};

    for (size_t k = 0; k < samples * INPUTS; k++)
        mean[k % INPUTS] += x[k] / (float)samples;
    start(model, "auto", seed);
    hg_model_set_center(model, mean);
    for (size_t k = 0; k < INPUTS; k++)
        mean[k] = seed % 2 ? 3.8F : 6.9F; /* tanh and sigmoid: 0.999 */
    hg_model_write(model, find_tensor(model, "decoder.4.bias"), HG_PART_VALUE, mean);
    return model;
}

/* The loss is so large that single steps drown in its last digits, which no gradient is to
 * be blamed for; and one that is wrong is found as ever. */
static void test_out_of_reach(void **state)
{
    static const char *const outputs[] = {"sigmoid", "tanh"};
    float *x = raw_table(ROWS);
    struct hg_batch batch = {x, x, ROWS, 1, 0};

    (void)state;
    for (uint64_t seed = 1; seed < 9; seed++)
        for (int loss = 0; loss < HG_LOSS_COUNT; loss++) {
            struct hg_model_config config = plain();
            struct hg_gradient_verdict verdict;
            struct hg_model *model;
            if (loss == HG_LOSS_BCE)
                continue;
            config.encoder = "dense 16 sigmoid, dense 8 sigmoid";
            config.loss = (enum hg_loss)loss;
            config.output = outputs[seed % 2];
            model = raw_model(&config, x, ROWS, seed);
            check_verdicts(model, &batch, config.output);
            assert_int_equal(hg_model_set_fault(model, HG_FAULT_BIAS_PER_WEIGHT, NULL), HG_OK);
            assert_int_equal(hg_gradient_check(model, &batch, find_tensor(model, "decoder.2.bias"),
                                               8, &verdict, NULL),
                             HG_OK);
            assert_false(verdict.right);
            hg_model_destroy(model);
        }
    free(x);
}

/* All outputs at the same end of tanh, where its kernel leaves some 1e-7 of the slope: times what the
 * loss asks for, and alike for all samples, that is a gradient which is not there. */
static void test_all_saturated(void **state)
{
    enum { MANY = 200 };
    struct hg_model_config config = plain();
    float *x = made_up(MANY * INPUTS, 700, 1700, 5), bias[INPUTS];
    struct hg_batch batch = {x, x, MANY, 1, 0};
    struct hg_model *model;

    (void)state;
    for (size_t k = 0; k < INPUTS; k++)
        bias[k] = 30;
    config.encoder = "dense 5 lrelu";
    config.code = "none";
    config.decoder = "none";
    config.output = "tanh";
    config.loss = HG_LOSS_SSE;
    model = build(context, &config);
    assert_int_equal(hg_model_reserve(model, MANY, NULL), HG_OK);
    start(model, "normal 0.0001", 3);
    hg_model_write(model, find_tensor(model, "decoder.0.bias"), HG_PART_VALUE, bias);
    check_verdicts(model, &batch, "saturated");
    free(x);
    hg_model_destroy(model);
}

/* Two samples through batch norm are 1 and -1 whatever they were: nothing but rounding is left of
 * the gradient before it, and 1/sd multiplies that. */
static void test_pair_before_norm(void **state)
{
    static const char *const layers[] = {"dense 8 bn relu", "dense 5 gelu bn, dense 3 bn tanh"};
    float *x = made_up(2 * 35, 0.4, 0.5, 9);
    struct hg_batch batch = {x, x, 2, 1, 0};

    (void)state;
    for (uint64_t seed = 1; seed < 30; seed++) {
        struct hg_model_config config = plain();
        struct hg_model *model;
        config.encoder = layers[seed % 2];
        config.input = (struct hg_shape){1, 1, 35};
        model = build(context, &config);
        start(model, "auto", seed);
        check_verdicts(model, &batch, config.encoder);
        hg_model_destroy(model);
    }
    free(x);
}

/* exp of a log variance of hundreds: float32 has no such numbers, and the twin no part of it. */
static void test_overflow(void **state)
{
    struct hg_model_config config = plain();
    float *x = raw_table(ROWS);
    struct hg_batch batch = {x, x, ROWS, 1, 0};
    struct hg_gradient_verdict verdict;
    struct hg_gradient_finding finding;
    struct hg_model *model;

    (void)state;
    config.encoder = "none";
    config.code = "2 gaussian";
    model = build(context, &config);
    start(model, "auto", 3);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        assert_int_equal(hg_gradient_check(model, &batch, i, 8, &verdict, NULL), HG_OK);
        assert_true(verdict.overflow && verdict.zero && !verdict.right);
    }
    assert_int_equal(hg_gradient_name_fault(model, &batch, &verdict, 1, &finding, NULL), HG_OK);
    assert_false(finding.wrong);
    free(x);
    hg_model_destroy(model);
}

/* A look at random weights of a run that exploded: batch norm's running mean is from before. */
static void test_exploded_mean(void **state)
{
    struct hg_model_config config = plain();
    float *x = made_up(ROWS * INPUTS, 0, 1, 5), mean[4] = {1e16F, -1e18F, 1e12F, 1e17F};
    struct hg_batch batch = {x, x, ROWS, 1, 0};
    struct hg_gradient_finding finding;
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 4 bn tanh";
    config.decoder = "none";
    model = build(context, &config);
    start(model, "auto", 3);
    hg_model_write(model, find_tensor(model, "encoder.1.running_mean"), HG_PART_VALUE, mean);
    assert_int_equal(hg_gradient_look(model, &batch, &finding, NULL), HG_OK);
    assert_false(finding.wrong);
    free(x);
    hg_model_destroy(model);
}

/* Weights that a penalty has shrunk until the next bit of it is less than float32 holds. */
static void test_underflow(void **state)
{
    struct hg_model_config config = plain();
    float *x = made_up(ROWS * INPUTS, 0, 0, 5), *weight = made_up(INPUTS * 2, 5e-37, 1e-36, 6);
    struct hg_batch batch = {x, x, ROWS, 1, 0};

    (void)state;
    config.decoder = "none";
    config.bias = false;
    for (int i = 0; i < HG_OPTIMIZER_COUNT; i++) {
        struct hg_update update = {.optimizer = (enum hg_optimizer)i,
                                   .rate = 0.001,
                                   .beta1 = 0.9,
                                   .beta2 = 0.999,
                                   .epsilon = 1e-8,
                                   .weight_decay = 0.01};
        struct hg_gradient_finding finding;
        struct hg_model *model = build(context, &config);
        start(model, "auto", 3);
        for (size_t k = 0; k < hg_model_tensors(model); k++)
            hg_model_write(model, k, HG_PART_VALUE, weight);
        assert_int_equal(hg_update_check(model, &batch, &update, &finding, NULL), HG_OK);
        if (finding.wrong)
            fail_msg("%s: %s, ratio %g", hg_optimizer_name(update.optimizer), finding.layer,
                     finding.ratio);
        hg_model_destroy(model);
    }
    free(x);
    free(weight);
}

/* A gradient whose squares float32 cannot hold: its norm is infinite there. */
static void test_huge_gradient(void **state)
{
    struct hg_model_config config = plain();
    float *x = made_up(ROWS * INPUTS, 1e10, 2e10, 5);
    struct hg_batch batch = {x, x, ROWS, 1, 0};
    struct hg_update update = {.rate = 0.001, .clip = 0.1};
    struct hg_gradient_finding finding;
    struct hg_model *model = build(context, &config);

    (void)state;
    start(model, "auto", 3);
    assert_int_equal(hg_update_check(model, &batch, &update, &finding, NULL), HG_OK);
    assert_false(finding.wrong);
    free(x);
    hg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_of_reach),  cmocka_unit_test(test_pair_before_norm),
        cmocka_unit_test(test_all_saturated), cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_exploded_mean), cmocka_unit_test(test_underflow),
        cmocka_unit_test(test_huge_gradient),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
