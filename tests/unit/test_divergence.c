/* A run that diverges: what is told, what is saved, and going on from there. */
#include "hourglass/hourglass.h"

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

#include "trainer_help.h"

static void test_divergence(void **state)
{
    static const char *const settings[] = {"data.source", "gaussians",     "train.optimizer",
                                           "sgd",         "model.encoder", "dense 16 relu",
                                           "train.lr",    "1e6",           NULL};
    struct hg_context *context;
    struct hg_trainer *trainer;
    struct hg_spec spec;
    struct hg_error error = {0};
    enum hg_status status = HG_OK;
    double evaluated, validation;

    (void)state;
    make_spec(&spec, settings);
    trainer = open_run(1, &spec, NULL, &context);
    for (int i = 0; i < 1000 && status == HG_OK; i++)
        status = hg_trainer_step(trainer, &error);
    assert_int_equal(status, HG_DIVERGED);
    assert_int_equal(hg_trainer_end(trainer), HG_END_DIVERGED);
    assert_non_null(strstr(error.text, "diverged"));
    hg_trainer_finish(trainer, HG_END_USER, &evaluated, &validation);
    assert_true(isfinite(evaluated));
    close_run(trainer, context);
    hg_spec_fini(&spec);
}

static const char deep[] = "dense 9 relu, dense 9 relu, dense 9 relu, dense 9";

/* What is saved after a divergence is a state that the run has had: of weights, moments, best
 * weights, losses and place in the epoch alike. Going on from it is as if nothing had happened. */
static void diverge_and_go_on(bool other_optimizer)
{
    char path[] = "/tmp/hourglass-test-XXXXXX";
    struct hg_context *first, *second, *third;
    struct hg_trainer *lost, *straight, *again;
    const struct hg_progress *at, *other;
    enum hg_status status = HG_OK;
    struct hg_error error;
    struct hg_spec spec;

    close(mkstemp(path));
    make_spec(&spec, clusters);
    assert_int_equal(hg_spec_set(&spec, "train.patience", "90", "test", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "model.encoder", deep, "test", &error), HG_OK);
    lost = open_run(1, &spec, NULL, &first);
    straight = open_run(1, &spec, NULL, &second);
    steps(lost, 40);
    assert_int_equal(hg_trainer_set(lost, "train.lr", "1000000", &error), HG_OK);
    if (other_optimizer)
        assert_int_equal(hg_trainer_set(lost, "train.optimizer", "rmsprop", &error), HG_OK);
    for (int i = 0; i < 100 && status == HG_OK; i++)
        status = hg_trainer_step(lost, &error);
    assert_int_equal(status, HG_DIVERGED);
    assert_true(hg_trainer_progress(lost)->step >= 40); /* what is shown stays */
    assert_int_equal(hg_trainer_save(lost, path, true, &error), HG_OK);
    at = hg_trainer_standing(lost);
    assert_in_range(at->step, 9, 100);
    assert_int_equal(at->position, 0);

    steps(straight, 36);
    assert_int_equal(at->step, 36);
    again = open_run(1, &spec, path, &third);
    at = hg_trainer_progress(again);
    other = hg_trainer_progress(straight);
    assert_int_equal(at->epoch, other->epoch);
    assert_true(at->epoch_sum == 0 && at->last_train == other->last_train);
    assert_true(at->before_last == other->before_last);
    assert_true(at->best_validation == other->best_validation);
    assert_int_equal(at->best_epoch, other->best_epoch);
    assert_int_equal(at->worse_epochs, other->worse_epochs);
    assert_int_equal(hg_trainer_history(again)->count, 4);
    assert_int_equal(at->updates, other_optimizer ? 0 : 36);
    if (!other_optimizer) {
        assert_same(again, straight);
        steps(again, 30);
        steps(straight, 30);
        assert_same(again, straight);
    }
    close_run(lost, first);
    close_run(straight, second);
    close_run(again, third);
    hg_spec_fini(&spec);
    unlink(path);
}

static void test_diverged_file(void **state)
{
    (void)state;
    diverge_and_go_on(false);
    diverge_and_go_on(true);
}

/* A run that ends on spoilt weights names the same
 * step as one that would go on. */
static void test_divergence_after_an_end(void **state)
{
    static const char *const settings[] = {"data.source",   "gaussians", "train.lr", "1e6",
                                           "model.encoder", deep,        NULL};
    struct hg_context *first, *second;
    struct hg_trainer *on, *ended;
    struct hg_error one = {0}, two = {0};
    enum hg_status status = HG_OK;
    struct hg_spec spec;
    uint64_t step;

    (void)state;
    make_spec(&spec, settings);
    on = open_run(1, &spec, NULL, &first);
    for (int i = 0; i < 1000 && status == HG_OK; i++)
        status = hg_trainer_step(on, &one);
    assert_int_equal(status, HG_DIVERGED);
    step = hg_trainer_progress(on)->step;
    assert_int_equal(hg_trainer_standing(on)->step, 0);
    ended = open_run(1, &spec, NULL, &second);
    hg_trainer_set_end(ended, 0, step);
    for (uint64_t i = 0; i < step; i++)
        status = hg_trainer_step(ended, &two);
    assert_int_equal(status, HG_DIVERGED);
    assert_string_equal(one.text, two.text);
    assert_same(on, ended);
    close_run(on, first);
    close_run(ended, second);
    hg_spec_fini(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_diverged_file),
        cmocka_unit_test(test_divergence_after_an_end),
    };

    return cmocka_run_group_tests_name("divergence", tests, NULL, NULL);
}
