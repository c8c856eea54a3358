/* Pictures made smaller by a whole number: sizes, averages, the narrow last row and column. */
#include "run/shrink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_factor(void **state)
{
    (void)state;
    assert_int_equal(hg__shrink_factor((struct hg_shape){1, 1, 1}, 32), 1);
    assert_int_equal(hg__shrink_factor((struct hg_shape){3, 32, 20}, 32), 1);
    assert_int_equal(hg__shrink_factor((struct hg_shape){1, 20, 33}, 32), 2);
    assert_int_equal(hg__shrink_factor((struct hg_shape){1, 97, 64}, 32), 4);
}

static void test_shape(void **state)
{
    struct hg_shape small = hg__shrink_shape((struct hg_shape){3, 97, 64}, 4);

    (void)state;
    assert_int_equal(small.channels, 3);
    assert_int_equal(small.rows, 25);
    assert_int_equal(small.columns, 16);
}

/* Two channels of 3 x 5, the second ten times the first, by 2: values by hand. */
static void test_edges(void **state)
{
    static const float wanted[] = {4, 6, 7.5f, 11.5f, 13.5f, 15};
    float from[30], to[12];

    (void)state;
    for (int i = 0; i < 15; i++) {
        from[i] = (float)(i + 1);
        from[15 + i] = 10 * (float)(i + 1);
    }
    hg__shrink(from, (struct hg_shape){2, 3, 5}, 2, to);
    for (int i = 0; i < 6; i++) {
        assert_true(to[i] == wanted[i]);
        assert_true(to[6 + i] == 10 * wanted[i]);
    }
}

static void test_same(void **state)
{
    float from[] = {3, -1, 4, 1, -5, 9}, to[6];

    (void)state;
    hg__shrink(from, (struct hg_shape){3, 1, 2}, 1, to);
    assert_memory_equal(to, from, sizeof from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_same),
    };

    return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
