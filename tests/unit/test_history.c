/* What is kept of a run's losses. */
#include "hourglass/history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void keeps(void **state)
{
    (void)state;
    for (uint64_t e = 1; e <= 1000; e++)
        assert_true(hg_history_keeps(e));
    assert_false(hg_history_keeps(1001));
    assert_true(hg_history_keeps(1010));
    assert_true(hg_history_keeps(10000));
    assert_false(hg_history_keeps(10010));
    assert_true(hg_history_keeps(10100));
    assert_false(hg_history_keeps(100100));
    assert_true(hg_history_keeps(101000));
    assert_true(hg_history_keeps(UINT64_C(10000000000000000000)));
    assert_false(hg_history_keeps(UINT64_MAX));
}

static void thinned(void **state)
{
    struct hg_history history = {0};

    (void)state;
    for (uint64_t e = 1; e <= 123456; e++) {
        struct hg_epoch epoch = {e, 3 * e, 1.0 / (double)e, NAN, 0.1};
        assert_int_equal(hg_history_add(&history, &epoch, NULL), HG_OK);
        assert_int_equal(history.epochs[history.count - 1].epoch, e);
    }
    /* 1000 + 900 + 900 + 23, and the last */
    assert_int_equal(history.count, 1000 + 900 + 900 + 23 + 1);
    for (size_t i = 0; i + 1 < history.count; i++) {
        assert_true(hg_history_keeps(history.epochs[i].epoch));
        assert_true(history.epochs[i].epoch < history.epochs[i + 1].epoch);
        assert_int_equal(history.epochs[i].step, 3 * history.epochs[i].epoch);
    }
    hg_history_fini(&history);
    assert_int_equal(history.count, 0);
}

static struct hg_series series, again;

static void first_steps_alone(void **state)
{
    (void)state;
    hg_series_clear(&series);
    for (uint64_t s = 1; s <= 512; s++)
        hg_series_add(&series, s, (double)s);
    assert_int_equal(series.count, 512);
    for (size_t i = 0; i < series.count; i++) {
        assert_int_equal(series.points[i].first, i + 1);
        assert_int_equal(series.points[i].last, i + 1);
        assert_true(series.points[i].mean == (double)(i + 1));
    }
}

/* Buckets tile the steps, hold the mean of theirs, and are narrow for their place. */
static void buckets(void **state)
{
    (void)state;
    hg_series_clear(&series);
    for (uint64_t s = 1; s <= 3000000; s++)
        hg_series_add(&series, s, (double)s);
    assert_true(series.count <= HG_SERIES_MOST);
    assert_int_equal(series.points[0].first, 1);
    assert_int_equal(series.points[series.count - 1].last, 3000000);
    for (size_t i = 0; i < series.count; i++) {
        const struct hg_series_point *point = &series.points[i];
        double middle = ((double)point->first + (double)point->last) / 2;
        assert_true(fabs(point->mean - middle) < 1e-6 * middle);
        assert_true((double)(point->last - point->first) <= (double)point->first / 256);
        if (i)
            assert_int_equal(point->first, series.points[i - 1].last + 1);
    }
}

/* 10^12 steps fit: the buckets are counted without visiting every step. */
static void enough_room(void **state)
{
    uint64_t step = 1;
    size_t count = 0;

    (void)state;
    while (step <= UINT64_C(1000000000000)) {
        uint64_t next;
        hg_series_clear(&series);
        hg_series_add(&series, step, 1);
        /* Find the first step of the next bucket by bisection over what still joins. */
        uint64_t low = step, high = 2 * step + 1;
        while (low < high) {
            uint64_t middle = low + (high - low) / 2;
            series.count = 1;
            series.points[0] = (struct hg_series_point){step, middle, 1};
            hg_series_add(&series, middle + 1, 1);
            if (series.count == 1)
                low = middle + 1;
            else
                high = middle;
        }
        next = low + 1;
        count++;
        step = next;
    }
    assert_true(count > 4000 && count <= HG_SERIES_MOST);
}

static void odd_steps(void **state)
{
    (void)state;
    hg_series_clear(&series);
    hg_series_add(&series, 1000000, 5); /* a resumed run */
    hg_series_add(&series, 1000001, 7);
    hg_series_add(&series, 1000001, 9); /* not ascending */
    hg_series_add(&series, 1000002, NAN);
    hg_series_add(&series, 1000003, 8);
    assert_int_equal(series.count, 2);
    assert_true(series.points[0].mean == 6 && series.points[0].last == 1000001);
    assert_true(series.points[1].mean == 8 && series.points[1].first == 1000003);
    hg_series_clear(&series);
    for (uint64_t s = 1; s < 60000; s += 3) /* gaps make every bucket new, until there is no room */
        hg_series_add(&series, s, (double)s);
    assert_int_equal(series.count, HG_SERIES_MOST);
    assert_int_equal(series.points[HG_SERIES_MOST - 1].last, 59998);
    hg_series_add(&series, 59999, 0);
    assert_int_equal(series.points[HG_SERIES_MOST - 1].last, 59999);
}

static void deterministic(void **state)
{
    (void)state;
    hg_series_clear(&series);
    hg_series_clear(&again);
    for (uint64_t s = 1; s < 100000; s++) {
        hg_series_add(&series, s, sin((double)s));
        hg_series_add(&again, s, sin((double)s));
    }
    assert_int_equal(series.count, again.count);
    assert_memory_equal(series.points, again.points, series.count * sizeof *series.points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps),
        cmocka_unit_test(thinned),
        cmocka_unit_test(first_steps_alone),
        cmocka_unit_test(buckets),
        cmocka_unit_test(enough_room),
        cmocka_unit_test(odd_steps),
        cmocka_unit_test(deterministic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
