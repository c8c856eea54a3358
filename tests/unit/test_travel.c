/* Back in a run and on again: the same bytes as the run that never left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "travel_help.h"

static void test_back_and_on(void **state)
{
    static const uint64_t steps[] = {2000, 2999, 2700, 2650, 1001, 1002, 600, 599, 136, 1, 0};
    struct fixture never, left;

    (void)state;
    begin(&never, 0, NULL);
    begin(&left, MEMORY, NULL);
    live(&left, 3000);
    live(&never, 3000);
    assert_same(&never, &left);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct fixture straight;
        go(&left, steps[i]);
        begin(&straight, 0, NULL);
        live(&straight, steps[i]);
        assert_same(&straight, &left); /* there */
        finish(&straight);
        go(&left, 3000);
        assert_same(&never, &left); /* and forward again */
    }
    go(&left, 2800); /* no change after it: the same run again */
    run_to(&left, 3000);
    assert_same(&never, &left);
    finish(&left);
    finish(&never);
}

static void test_thousand_steps(void **state)
{
    struct fixture never, left;

    (void)state;
    begin(&never, 0, NULL);
    begin(&left, MEMORY, NULL);
    run_to(&never, 2500);
    run_to(&left, 2500);
    go(&left, 1500);
    run_to(&left, 2500);
    assert_same(&never, &left);
    finish(&left);
    finish(&never);
}

static void test_kept_states(void **state)
{
    struct fixture left, straight;
    struct hg_travel travel;
    uint64_t tip = 900;

    (void)state;
    for (;; tip *= 2) { /* keeping has its share of the time: a slow machine needs more steps */
        begin(&left, MEMORY, NULL);
        live(&left, tip);
        hg_trainer_travel(left.trainer, &travel);
        if (travel.kept >= 5 || tip > 10000)
            break;
        finish(&left);
    }
    assert_false(travel.away);
    assert_in_range(travel.kept, 5, HG_KEPT_MOST);
    assert_int_equal(travel.step[0], 0);
    for (size_t i = travel.kept; i > 0; i -= i > 3 ? 3 : 1) {
        go(&left, travel.step[i - 1]);
        begin(&straight, 0, NULL);
        live(&straight, travel.step[i - 1]);
        assert_same(&straight, &left);
        finish(&straight);
    }
    hg_trainer_travel(left.trainer, &travel);
    assert_true(travel.away);
    assert_int_equal(travel.tip, tip);
    assert_int_equal(travel.step[travel.kept - 1], tip);
    assert_non_null(travel.branch);
    finish(&left);
}

/* Patience ends the run and puts the best weights back; taken up again it goes on from them. */
static void test_ends(void **state)
{
    static const char *const more[] = {"train.patience",  "2",   "train.lr", "0.05",
                                       "data.validation", "0.3", NULL};
    struct fixture never, left;
    uint64_t ended;

    (void)state;
    begin(&never, 0, more);
    begin(&left, MEMORY, more);
    run_to(&never, 100000);
    run_to(&left, 100000);
    ended = here(&left);
    assert_int_equal(hg_trainer_end(left.trainer), HG_END_PATIENCE);
    go(&left, ended - 3);
    go(&left, ended);
    assert_int_equal(hg_trainer_end(left.trainer), HG_END_PATIENCE);
    assert_same(&never, &left);
    go(&left, ended - 5);
    run_to(&left, 100000);
    assert_int_equal(here(&left), ended);
    assert_same(&never, &left);
    hg_trainer_continue(never.trainer);
    hg_trainer_continue(left.trainer);
    set(&never, "train.patience", "0");
    set(&left, "train.patience", "0");
    run_to(&never, ended + 300);
    run_to(&left, ended + 300);
    assert_same(&never, &left);
    for (int i = 0; i < 3; i++) {
        go(&left, ended + 30 - (uint64_t)i * 17);
        go(&left, ended + 300);
        assert_same(&never, &left);
    }
    go(&left, ended + 30);
    run_to(&left, ended + 300);
    assert_same(&never, &left);
    finish(&left);
    finish(&never);
}

/* What cannot be gone back to is refused with a reason, and nothing moves. */
static void test_refused(void **state)
{
    struct fixture left;
    struct hg_error error;

    (void)state;
    begin(&left, 0, NULL);
    assert_int_equal(hg_trainer_go(left.trainer, 0, &error), HG_USAGE);
    finish(&left);
    begin(&left, 200, NULL); /* bytes */
    run_to(&left, 10);
    assert_int_equal(hg_trainer_go(left.trainer, 5, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "--max-memory"));
    assert_int_equal(here(&left), 10);
    finish(&left);
    begin(&left, MEMORY, NULL);
    run_to(&left, 10);
    assert_int_equal(hg_trainer_go(left.trainer, 11, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "newest"));
    finish(&left);
}

/* Few states fit: what lies between is recomputed, further. */
static void test_little_memory(void **state)
{
    struct fixture left, straight;
    size_t bytes;

    (void)state;
    begin(&straight, 0, NULL);
    bytes = hg_model_whole_count(hg_trainer_experiment(straight.trainer)->model, HG_ADAM) *
            sizeof(float);
    begin(&left, 2 * bytes, NULL);
    live(&straight, 700);
    live(&left, 1500);
    go(&left, 700);
    assert_same(&straight, &left);
    finish(&left);
    finish(&straight);
}

/* Lost weights come back from before they were lost. */
static void test_diverged(void **state)
{
    struct fixture left, straight;
    struct hg_error error = {0};
    enum hg_status status = HG_OK;

    (void)state;
    begin(&left, MEMORY, NULL);
    begin(&straight, 0, NULL);
    run_to(&left, 100);
    run_to(&straight, 60);
    set(&left, "train.optimizer", "sgd");
    set(&left, "train.lr", "1000000");
    for (int i = 0; i < 200 && status == HG_OK; i++)
        status = hg_trainer_step(left.trainer, &error);
    assert_int_equal(status, HG_DIVERGED);
    go(&left, 60);
    assert_int_equal(hg_trainer_end(left.trainer), HG_END_NOT);
    assert_same(&straight, &left);
    run_to(&left, 200);
    run_to(&straight, 200);
    assert_same(&straight, &left);
    finish(&left);
    finish(&straight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_and_on), cmocka_unit_test(test_thousand_steps),
        cmocka_unit_test(test_kept_states), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_little_memory),
        cmocka_unit_test(test_diverged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
