/* Back in a run and on otherwise: what lay ahead is a branch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "travel_help.h"

/* A change made while one is back counts from there; what lay ahead is a branch. */
static void test_branch(void **state)
{
    struct fixture left, straight;
    struct hg_travel travel;
    struct hg_error error;

    (void)state;
    begin(&left, MEMORY, NULL);
    live(&left, 800);
    go(&left, 650);
    go(&left, 400);
    assert_int_equal(count_lines(left.log_path, "\"back\""), 0);
    set(&left, "train.lr", "0.005");
    assert_int_equal(count_lines(left.log_path, "\"step\":800,\"key\":\"back\",\"from\":\"800\","
                                                "\"to\":\"400\""),
                     1);
    hg_trainer_travel(left.trainer, &travel);
    assert_false(travel.away);
    assert_int_equal(travel.tip, 400);
    assert_in_range(travel.step[travel.kept - 1], 0, 400);
    assert_non_null(travel.branch);
    assert_int_equal(travel.branch_from, 400);
    assert_int_equal(travel.branch->points[travel.branch->count - 1].last, 800);
    assert_int_equal(hg_trainer_go(left.trainer, 401, &error), HG_USAGE);
    run_to(&left, 900);
    begin(&straight, 0, NULL);
    live(&straight, 400);
    set(&straight, "train.lr", "0.005");
    run_to(&straight, 900);
    assert_same(&straight, &left);
    go(&left, 300); /* beyond the branch's root */
    go(&left, 900);
    assert_same(&straight, &left);
    finish(&straight);
    finish(&left);
}

static void test_restart(void **state)
{
    struct fixture left, straight;
    struct hg_error error;
    struct hg_travel travel;

    (void)state;
    begin(&left, MEMORY, NULL);
    run_to(&left, 100);
    set(&left, "train.lr", "0.02");
    run_to(&left, 200);
    assert_int_equal(hg_trainer_restart(left.trainer, 1, &error), HG_OK);
    hg_trainer_travel(left.trainer, &travel);
    assert_non_null(travel.branch); /* of the same data: to compare */
    run_to(&left, 150);
    go(&left, 50);
    run_to(&left, 150);
    begin(&straight, 0, NULL);
    set(&straight, "train.lr", "0.02");
    run_to(&straight, 150);
    assert_same(&straight, &left);
    assert_int_equal(hg_trainer_restart(left.trainer, 9, &error), HG_OK);
    assert_int_equal(count_lines(left.log_path, "\"key\":\"restart\",\"from\":\"1\",\"to\":\"9\""),
                     1);
    hg_trainer_travel(left.trainer, &travel);
    assert_null(travel.branch);
    run_to(&left, 30);
    go(&left, 0);
    run_to(&left, 30);
    assert_int_equal(here(&left), 30);
    finish(&straight);
    finish(&left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_branch),
        cmocka_unit_test(test_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
