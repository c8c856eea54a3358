/* Kept states: within the budget, the older the sparser, the first and the newest always there. */
#include "run/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FLOATS = 100 };

/* A state with the number of its step in every place. */
static bool add(struct hg__ring *ring, uint64_t step)
{
    struct hg__kept *kept = hg__ring_add(ring, step, FLOATS, 0);

    for (int i = 0; kept && i < FLOATS; i++)
        kept->state[i] = (float)step;
    return kept != NULL;
}

static void assert_sound(const struct hg__ring *ring, uint64_t newest)
{
    assert_true(ring->used <= ring->budget);
    assert_int_equal(ring->used, ring->count * FLOATS * sizeof(float));
    assert_int_equal(ring->kept[0].progress.step, 0);
    assert_int_equal(ring->kept[ring->count - 1].progress.step, newest);
    for (size_t i = 0; i < ring->count; i++) {
        assert_true(ring->kept[i].state[FLOATS - 1] == (float)ring->kept[i].progress.step);
        if (i)
            assert_true(ring->kept[i].progress.step > ring->kept[i - 1].progress.step);
    }
}

static void test_budget(void **state)
{
    struct hg__ring *ring = calloc(1, sizeof *ring);

    (void)state;
    for (size_t room = 2; room < 12; room++) {
        ring->budget = room * FLOATS * sizeof(float) + 7;
        for (uint64_t step = 0; step < 500; step++) {
            assert_true(add(ring, step));
            assert_sound(ring, step);
        }
        assert_int_equal(ring->count, room);
        hg__ring_clear(ring);
        assert_int_equal(ring->used, 0);
    }
    ring->budget = 2 * FLOATS * sizeof(float) - 1; /* none without a second */
    assert_false(add(ring, 0));
    assert_null(hg__ring_add(ring, 0, SIZE_MAX / 2, 0));
    assert_null(hg__ring_add(ring, 0, 1, SIZE_MAX / 2));
    assert_int_equal(ring->count, 0);
    free(ring);
}

/* Gaps grow with age, and nowhere is a hole: a gap is a part of its age, as many states there are. */
static void test_sparser_with_age(void **state)
{
    struct hg__ring *ring = calloc(1, sizeof *ring);
    enum { STEPS = 20000 };
    double before = 1e9;

    (void)state;
    ring->budget = (size_t)1 << 30;
    for (uint64_t step = 0; step <= STEPS; step++)
        assert_true(add(ring, step));
    assert_sound(ring, STEPS);
    assert_int_equal(ring->count, HG__RING_MOST);
    for (size_t quarter = 0; quarter < 4; quarter++) {
        size_t from = quarter * ring->count / 4, to = (quarter + 1) * ring->count / 4 - 1;
        double mean = (double)(ring->kept[to].progress.step - ring->kept[from].progress.step);
        mean /= (double)(to - from);
        assert_true(mean < before);
        before = mean;
    }
    for (size_t i = 1; i < ring->count; i++) {
        double age = (double)(STEPS - ring->kept[i - 1].progress.step);
        double gap = (double)(ring->kept[i].progress.step - ring->kept[i - 1].progress.step);
        assert_true(gap <= 2 || gap < 0.4 * age);
    }
    hg__ring_clear(ring);
    free(ring);
}

static void test_finding(void **state)
{
    struct hg__ring *ring = calloc(1, sizeof *ring);

    (void)state;
    ring->budget = 1 << 20;
    assert_null(hg__ring_before(ring, 9));
    for (uint64_t step = 0; step <= 50; step += 10)
        assert_true(add(ring, step));
    assert_int_equal(hg__ring_before(ring, 29)->progress.step, 20);
    assert_int_equal(hg__ring_before(ring, 30)->progress.step, 30);
    assert_int_equal(hg__ring_after(ring, 30)->progress.step, 40);
    assert_null(hg__ring_after(ring, 50));
    hg__ring_cut(ring, 30);
    assert_int_equal(ring->count, 4);
    assert_null(hg__ring_after(ring, 30));
    assert_sound(ring, 30);
    hg__ring_clear(ring);
    free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_sparser_with_age),
        cmocka_unit_test(test_finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
