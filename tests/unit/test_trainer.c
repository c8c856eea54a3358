/* A run over time: the same bytes however it is cut, shared out or watched. */
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

/* Sets options of a small experiment; ends with NULL. */
static void make_spec(struct hg_spec *spec, const char *const *settings)
{
    struct hg_error error;

    assert_int_equal(hg_spec_init(spec, &error), HG_OK);
    for (; settings && *settings; settings += 2)
        if (hg_spec_set(spec, settings[0], settings[1], "test", &error))
            fail_msg("%s", error.text);
}

static const char *const clusters[] = {"data.source",
                                       "gaussians",
                                       "gaussians.dims",
                                       "5",
                                       "gaussians.points",
                                       "37",
                                       "model.encoder",
                                       "dense 7 tanh, dropout 0.1",
                                       "model.code",
                                       "2",
                                       "train.batch",
                                       "16",
                                       "train.corrupt",
                                       "gaussian 0.1",
                                       "train.lr",
                                       "0.01",
                                       NULL};

static struct hg_trainer *open_run(int threads, const struct hg_spec *spec, const char *resume,
                                   struct hg_context **context)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_runfile *file = NULL;
    struct hg_trainer *trainer;
    struct hg_error error = {0};

    assert_int_equal(hg_context_create(threads, getenv("HOURGLASS_ISA"), 0, context, &error),
                     HG_OK);
    if (resume && hg_runfile_open(resume, false, &file, &error))
        fail_msg("%s", error.text);
    if (hg_experiment_create(*context, spec, NULL, NULL, file, &experiment, &error))
        fail_msg("%s", error.text);
    if (hg_trainer_create(experiment, &config, &trainer, &error))
        fail_msg("%s", error.text);
    return trainer;
}

static void close_run(struct hg_trainer *trainer, struct hg_context *context)
{
    hg_trainer_destroy(trainer);
    hg_context_destroy(context);
}

static void steps(struct hg_trainer *trainer, int count)
{
    struct hg_error error;

    for (int i = 0; i < count; i++)
        if (hg_trainer_step(trainer, &error))
            fail_msg("%s", error.text);
}

/* Every weight, moment and statistic of two runs, to the bit. */
static void assert_same(const struct hg_trainer *a, const struct hg_trainer *b)
{
    const struct hg_model *one = hg_trainer_experiment(a)->model;
    const struct hg_model *two = hg_trainer_experiment(b)->model;

    assert_int_equal(hg_trainer_progress(a)->step, hg_trainer_progress(b)->step);
    assert_int_equal(hg_model_tensors(one), hg_model_tensors(two));
    for (size_t i = 0; i < hg_model_tensors(one); i++) {
        struct hg_tensor_info info = hg_model_tensor(one, i);
        float *x = calloc(info.count, sizeof *x), *y = calloc(info.count, sizeof *y);
        for (int part = HG_PART_VALUE; part <= HG_PART_SECOND; part++) {
            if (part == HG_PART_GRADIENT || (part != HG_PART_VALUE && !info.trainable))
                continue;
            hg_model_read(one, i, (enum hg_tensor_part)part, x);
            hg_model_read(two, i, (enum hg_tensor_part)part, y);
            assert_memory_equal(x, y, info.count * sizeof *x);
        }
        free(x);
        free(y);
    }
}

static void test_threads(void **state)
{
    static const int counts[] = {2, 7};
    struct hg_context *first, *other;
    struct hg_spec spec;
    struct hg_trainer *a, *b;

    (void)state;
    make_spec(&spec, clusters);
    a = open_run(1, &spec, NULL, &first);
    steps(a, 60);
    for (int i = 0; i < 2; i++) {
        b = open_run(counts[i], &spec, NULL, &other);
        steps(b, 60);
        assert_same(a, b);
        close_run(b, other);
    }
    close_run(a, first);
    hg_spec_fini(&spec);
}

/* Interrupted after every number of steps in turn: the middle of an epoch, its end, its start. */
static void test_resume(void **state)
{
    char path[] = "/tmp/hourglass-test-XXXXXX";
    struct hg_context *first, *other;
    struct hg_trainer *whole, *part;
    struct hg_spec spec;
    struct hg_error error;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    make_spec(&spec, clusters);
    whole = open_run(2, &spec, NULL, &first);
    steps(whole, 40);
    for (int cut = 1; cut < 40; cut += 3) {
        part = open_run(1, &spec, NULL, &other);
        steps(part, cut);
        if (hg_trainer_save(part, path, true, &error))
            fail_msg("%s", error.text);
        close_run(part, other);
        part = open_run(2, &spec, path, &other);
        assert_int_equal(hg_trainer_progress(part)->step, cut);
        steps(part, 40 - cut);
        assert_same(whole, part);
        assert_true(hg_trainer_progress(whole)->epoch_sum == hg_trainer_progress(part)->epoch_sum);
        close_run(part, other);
    }
    close_run(whole, first);
    hg_spec_fini(&spec);
    unlink(path);
}

/* The best weights come back when patience ends, after a resume, too. */
static void test_patience(void **state)
{
    static const char *const settings[] = {
        "data.source", "gaussians", "gaussians.points", "8", "model.encoder", "dense 32 tanh",
        "train.lr",    "0.05",      "train.patience",   "3", "train.batch",   "4",
        NULL};
    char path[] = "/tmp/hourglass-test-XXXXXX";
    struct hg_context *first, *other;
    struct hg_trainer *whole, *part;
    struct hg_spec spec;
    struct hg_error error;
    int fd = mkstemp(path);
    const struct hg_progress *progress;
    double best, now;

    (void)state;
    close(fd);
    make_spec(&spec, settings);
    whole = open_run(1, &spec, NULL, &first);
    part = open_run(1, &spec, NULL, &other);
    progress = hg_trainer_progress(whole);
    for (int i = 0; i < 100000 && hg_trainer_end(whole) == HG_END_NOT; i++)
        steps(whole, 1);
    assert_int_equal(hg_trainer_end(whole), HG_END_PATIENCE);
    assert_true(progress->epoch == progress->best_epoch + 3);
    hg_trainer_finish(whole, HG_END_USER, &now, &best);
    assert_true(best == progress->best_validation);

    steps(part, (int)progress->step - 3);
    assert_int_equal(hg_trainer_save(part, path, true, &error), HG_OK);
    close_run(part, other);
    part = open_run(1, &spec, path, &other);
    steps(part, 3);
    assert_int_equal(hg_trainer_end(part), HG_END_PATIENCE);
    assert_same(whole, part);
    close_run(part, other);
    close_run(whole, first);
    hg_spec_fini(&spec);
    unlink(path);
}

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

/* Optimizer, rate and batch changed live; then a save in the middle of it. */
static void test_live_changes(void **state)
{
    char path[] = "/tmp/hourglass-test-XXXXXX";
    struct hg_context *first, *other;
    struct hg_trainer *whole, *part;
    struct hg_spec spec;
    struct hg_error error;
    int fd = mkstemp(path);

    (void)state;
    close(fd);
    make_spec(&spec, clusters);
    whole = open_run(1, &spec, NULL, &first);
    steps(whole, 5);
    assert_int_equal(hg_trainer_set(whole, "train.optimizer", "nesterov", &error), HG_OK);
    assert_int_equal(hg_trainer_set(whole, "train.batch", "7", &error), HG_OK);
    assert_int_equal(hg_trainer_set(whole, "train.corrupt", "mask 0.2", &error), HG_OK);
    steps(whole, 9);
    assert_int_equal(hg_trainer_save(whole, path, true, &error), HG_OK);
    steps(whole, 20);
    part = open_run(2, &spec, path, &other); /* the spec of the test has the old values */
    close_run(part, other);
    hg_spec_fini(&spec);

    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    {
        struct hg_runfile *file;
        assert_int_equal(hg_runfile_open(path, false, &file, &error), HG_OK);
        if (hg_spec_parse(&spec, hg_runfile_config(file), path, &error))
            fail_msg("%s", error.text);
        hg_runfile_close(file);
    }
    part = open_run(2, &spec, path, &other);
    steps(part, 20);
    assert_same(whole, part);
    assert_int_equal(hg_trainer_set(part, "model.encoder", "dense 3", &error), HG_USAGE);
    assert_int_equal(hg_trainer_set(part, "train.lr", "-1", &error), HG_USAGE);
    assert_int_equal(hg_trainer_set(part, "train.schedule", "nonsense", &error), HG_USAGE);
    assert_int_equal(hg_trainer_set(part, "train.nothing", "1", &error), HG_USAGE);
    close_run(part, other);
    close_run(whole, first);
    hg_spec_fini(&spec);
    unlink(path);
}

static void test_restart(void **state)
{
    struct hg_context *first, *other;
    struct hg_trainer *a, *b;
    struct hg_spec spec;
    struct hg_error error;

    (void)state;
    make_spec(&spec, clusters);
    a = open_run(1, &spec, NULL, &first);
    b = open_run(1, &spec, NULL, &other);
    steps(a, 23);
    assert_int_equal(hg_trainer_restart(a, 1, &error), HG_OK);
    steps(a, 30);
    steps(b, 30);
    assert_same(a, b);
    assert_int_equal(hg_trainer_restart(a, 5, &error), HG_OK);
    close_run(b, other);
    hg_spec_fini(&spec);
    make_spec(&spec, clusters);
    assert_int_equal(hg_spec_set(&spec, "model.seed", "5", "test", &error), HG_OK);
    b = open_run(1, &spec, NULL, &other);
    steps(a, 30);
    steps(b, 30);
    assert_same(a, b);
    close_run(a, first);
    close_run(b, other);
    hg_spec_fini(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),       cmocka_unit_test(test_resume),
        cmocka_unit_test(test_patience),      cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_diverged_file), cmocka_unit_test(test_divergence_after_an_end),
        cmocka_unit_test(test_live_changes),  cmocka_unit_test(test_restart),
    };

    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}
