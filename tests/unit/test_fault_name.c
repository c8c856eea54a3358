/* The name of a known bug, found by looking at gradients and at updates, in all kinds of
 * networks. */
#include "hourglass/gradcheck.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fault_help.h"

/* ---- gradients ---- */

static void test_names(void **state)
{
    float *x = made_up(SAMPLES * PIXELS, 0, 1, 9);
    struct hg_batch batch = {x, x, SAMPLES, 3, 2};

    (void)state;
    for (size_t i = 0; i < NETWORKS; i++)
        for (int fault = 0; fault <= HG_FAULT_BIAS_MEAN; fault++) {
            struct hg_model *model = network(i, context);
            struct hg_gradient_finding finding;
            scramble(model, 4);
            set_fault(model, (enum hg_fault)fault);
            assert_int_equal(hg_gradient_look(model, &batch, &finding, NULL), HG_OK);
            if (finding.fault != (enum hg_fault)fault || finding.wrong != (fault != 0))
                fail_msg("%s: %s is called %s (%s)", networks[i].encoder,
                         hg_fault_name((enum hg_fault)fault), finding.name, finding.layer);
            hg_model_destroy(model);
        }
    free(x);
}

/* A bug that is none of the known ones. */
static void test_unknown(void **state)
{
    struct hg_model *model = network(0, context);
    float *x = made_up(SAMPLES * PIXELS, 0, 1, 9);
    struct hg_batch batch = {x, x, SAMPLES, 3, 2};
    struct hg_gradient_verdict verdict = {.name = "decoder.0.bias", .error = 1.0 / 3, .ratio = 2};
    struct hg_gradient_finding finding;

    (void)state;
    scramble(model, 4);
    assert_int_equal(hg_gradient_name_fault(model, &batch, &verdict, 1, &finding, NULL), HG_OK);
    assert_true(finding.wrong && finding.fault == HG_FAULT_NONE);
    assert_string_equal(finding.name, "unknown");
    assert_string_equal(finding.words, "is 2 times too small throughout");
    free(x);
    hg_model_destroy(model);
}

/* Where every sample mirrors another, biases have no gradient that a bug could spoil; with other
 * weights it is seen. */
static void test_elsewhere(void **state)
{
    struct hg_model_config config = hand;
    float x[2 * N] = {1, -1, 0.5f, 0.2f, 0.3f, -1, 1, -0.5f, -0.2f, -0.3f};
    struct hg_batch batch = {x, x, 2, 1, 0};
    struct hg_gradient_finding finding;
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 4 tanh, dense 3 tanh";
    model = build(context, &config);
    start(model, "glorot", 1);
    set_fault(model, HG_FAULT_BIAS_MEAN);
    assert_int_equal(hg_gradient_look(model, &batch, &finding, NULL), HG_OK);
    assert_true(finding.wrong && finding.elsewhere && fabs(finding.ratio - 2) < 1e-3);
    assert_string_equal(finding.name, "bias-mean-not-sum");
    hg_model_destroy(model);
}

/* ---- updates ---- */

static void test_updates(void **state)
{
    float *x = made_up(SAMPLES * PIXELS, 0, 1, 9);
    struct hg_batch batch = {x, x, SAMPLES, 3, 2};

    (void)state;
    for (size_t i = 0; i < NETWORKS; i++)
        for (int k = 0; k < 4 * HG_OPTIMIZER_COUNT; k++) {
            struct hg_model *model = network(i, context);
            struct hg_update update = {.optimizer = (enum hg_optimizer)(k / 4),
                                       .rate = 0.01,
                                       .beta1 = 0.9,
                                       .beta2 = 0.99,
                                       .epsilon = 1e-8,
                                       .weight_decay = k % 2 ? 0.1 : 0,
                                       .l1 = k % 2 ? 0.01 : 0,
                                       .clip = k % 4 > 1 ? 0.05 : 0,
                                       .epoch = 1};
            struct hg_gradient_finding finding;
            double loss;
            scramble(model, 4);
            for (int step = 0; step < 3; step++) {
                assert_int_equal(hg_update_check(model, &batch, &update, &finding, NULL), HG_OK);
                if (finding.wrong)
                    fail_msg("%s, %s, step %d: %s of %s, ratio %g", networks[i].encoder,
                             hg_optimizer_name(update.optimizer), step, finding.name, finding.layer,
                             finding.ratio);
                hg_model_train(model, &batch, &update, &loss);
            }
            hg_model_destroy(model);
        }
    free(x);
}

static void test_adam_names(void **state)
{
    float *x = made_up(SAMPLES * PIXELS, 0, 1, 9);
    struct hg_batch batch = {x, x, SAMPLES, 3, 2};

    (void)state;
    for (size_t i = 0; i < NETWORKS; i++)
        for (int k = 0; k < 4; k++) {
            enum hg_fault fault = k % 2 ? HG_FAULT_ADAM_EPOCHS : HG_FAULT_ADAM_CORRECTION;
            struct hg_model *model = network(i, context);
            struct hg_update update = {
                k < 2 ? HG_ADAM : HG_ADAMW, 0.01, 0.9, 0.999, 1e-8, 0.01, 0, k < 2 ? 0 : 0.1, 0, 1};
            struct hg_gradient_finding finding;
            double loss;
            scramble(model, 4);
            set_fault(model, fault);
            hg_model_train(model, &batch, &update, &loss);
            hg_model_train(model, &batch, &update, &loss);
            assert_int_equal(hg_update_check(model, &batch, &update, &finding, NULL), HG_OK);
            if (!finding.wrong || finding.fault != fault)
                fail_msg("%s: %s is called %s (%s)", networks[i].encoder, hg_fault_name(fault),
                         finding.name, finding.layer);
            hg_model_destroy(model);
        }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),      cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_elsewhere),  cmocka_unit_test(test_updates),
        cmocka_unit_test(test_adam_names),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
