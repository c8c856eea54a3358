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

#include "trainer_help.h"

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
        cmocka_unit_test(test_threads),  cmocka_unit_test(test_resume),
        cmocka_unit_test(test_patience), cmocka_unit_test(test_live_changes),
        cmocka_unit_test(test_restart),
    };

    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}
