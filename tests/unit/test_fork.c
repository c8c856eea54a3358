/* A run and a copy of it race: each is, to the byte, what it would be alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fork_help.h"

/* Forked and kept as it is: the run that never forked. */
static void kept_run(const char *const *settings)
{
    static const struct order nothing[] = {{0, NULL, NULL}};
    struct fixture race, plain;
    const struct hg_snapshot *snapshot;

    begin(&race, settings, 0);
    steps_to(&race, 0, FORK);
    snapshot = ask(&race, HG_DO_FORK, 0, "train.lr", "0.3");
    assert_true(snapshot->rival.racing && snapshot->rival.copy);
    assert_int_equal(snapshot->rival.from, FORK);
    assert_string_equal(snapshot->rival.change, "train.lr = 0.3");
    assert_true(snapshot->lr == 0.3);
    snapshot = steps_to(&race, FORK, END);
    assert_int_equal(snapshot->rival.step, END);
    snapshot = ask(&race, HG_DO_SWAP, 0, "", "");
    assert_false(snapshot->rival.copy);
    assert_true(snapshot->lr < 0.3);
    snapshot = ask(&race, HG_DO_KEEP, 0, "", "");
    assert_false(snapshot->rival.racing);
    assert_non_null(snapshot->branch); /* what was left stays on the chart */
    assert_int_equal(snapshot->branch_from, FORK);
    save(&race);
    alone(&plain, settings, nothing, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

static void test_run_kept(void **state)
{
    (void)state;
    kept_run(dense);
    kept_run(conv);
    kept_run(single);
}

/* The copy kept: the run that had the change made at that step. */
static void kept_copy(const char *const *settings, const char *name, const char *text)
{
    const struct order changed[] = {{FORK, name, text}, {0, NULL, NULL}}, *orders = changed;
    struct fixture race, plain;

    begin(&race, settings, 0);
    steps_to(&race, 0, FORK);
    ask(&race, HG_DO_FORK, 0, name, text);
    steps_to(&race, FORK, END);
    ask(&race, HG_DO_KEEP, 0, "", "");
    save(&race);
    alone(&plain, settings, *name ? orders : changed + 1, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

static void test_copy_kept(void **state)
{
    (void)state;
    kept_copy(dense, "", "");
    kept_copy(dense, "train.lr", "0.003");
    kept_copy(dense, "train.lr", "0.9"); /* so bad that the best weights are those before */
    kept_copy(dense, "train.optimizer", "sgd");
    kept_copy(dense, "train.batch", "5");
    kept_copy(dense, "train.corrupt", "none");
    kept_copy(conv, "train.optimizer", "adam");
    kept_copy(conv, "train.lr", "0.02");
    kept_copy(single, "train.lr", "0.02");
}

/* Both are steered; also at the very step of the fork, where the log has both in one place. */
static void test_both_steered(void **state)
{
    static const struct order orders[] = {{20, "train.lr", "0.02"},
                                          {FORK, "train.batch", "8"},
                                          {90, "train.optimizer", "sgd"},
                                          {0, NULL, NULL}};
    struct fixture race, plain;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, 20);
    ask(&race, HG_DO_SET, 0, "train.lr", "0.02");
    steps_to(&race, 20, FORK);
    ask(&race, HG_DO_FORK, 0, "train.batch", "8");
    ask(&race, HG_DO_SWAP, 0, "", "");
    ask(&race, HG_DO_SET, 0, "train.optimizer", "rmsprop"); /* of the run only */
    steps_to(&race, FORK, 90);
    ask(&race, HG_DO_SET, 0, "train.lr", "0.05");
    ask(&race, HG_DO_SWAP, 0, "", "");
    ask(&race, HG_DO_SET, 0, "train.optimizer", "sgd");
    steps_to(&race, 90, END);
    ask(&race, HG_DO_KEEP, 0, "", "");
    save(&race);
    alone(&plain, dense, orders, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

/* While they race, the way back ends at the fork; the copy that is kept has the run's past. */
static void test_past(void **state)
{
    static const struct order orders[] = {
        {20, "train.lr", "0.02"}, {30, "train.batch", "7"}, {0, NULL, NULL}};
    struct fixture race, plain;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, 20);
    ask(&race, HG_DO_SET, 0, "train.lr", "0.02");
    steps_to(&race, 20, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "0.001");
    steps_to(&race, FORK, END);
    snapshot = ask(&race, HG_DO_TRAVEL, 30, "", "");
    assert_int_equal(snapshot->step, END);
    ask(&race, HG_DO_SWAP, 0, "", "");
    snapshot = ask(&race, HG_DO_TRAVEL, 30, "", "");
    assert_int_equal(snapshot->step, END);
    says(snapshot, "race began at step 45");
    snapshot = ask(&race, HG_DO_TRAVEL, 60, "", ""); /* the run alone goes back */
    assert_int_equal(snapshot->step, 60);
    assert_int_equal(snapshot->rival.step, END);
    ask(&race, HG_DO_SWAP, 0, "", "");
    ask(&race, HG_DO_KEEP, 0, "", "");
    snapshot = ask(&race, HG_DO_TRAVEL, 30, "", "");
    assert_int_equal(snapshot->step, 30);
    assert_true(snapshot->lr == 0.02);
    ask(&race, HG_DO_SET, 0, "train.batch", "7");
    steps_to(&race, 30, END);
    save(&race);
    alone(&plain, dense, orders, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

/* The states of the copy itself stand behind the changes of the run. */
static void test_states_of_copy(void **state)
{
    static const struct order orders[] = {
        {20, "train.optimizer", "momentum"}, {FORK, "train.lr", "0.001"}, {0, NULL, NULL}};
    struct fixture race, plain;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, 20);
    ask(&race, HG_DO_SET, 0, "train.optimizer", "momentum");
    steps_to(&race, 20, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "0.001");
    steps_to(&race, FORK, END);
    ask(&race, HG_DO_KEEP, 0, "", "");
    ask(&race, HG_DO_TRAVEL, FORK + 1, "", "");
    save(&race);
    alone(&plain, dense, orders, FORK + 1);
    same_files(race.path, plain.path);
    finish(&race);
    finish(&plain);
}

/* Leaving in the middle keeps the one shown: its log, its file. */
static void test_left_racing(void **state)
{
    struct fixture race;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "0.002");
    steps_to(&race, FORK, END);
    save(&race);
    replays(&race);
    finish(&race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_kept),       cmocka_unit_test(test_copy_kept),
        cmocka_unit_test(test_both_steered),   cmocka_unit_test(test_past),
        cmocka_unit_test(test_states_of_copy), cmocka_unit_test(test_left_racing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
