/* Points in the cells of a plane: where they rest, which label a cell has. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/latent.h"

static void test_points_rest(void **state)
{
    static struct ui_plane plane;
    static struct hg_latent_point point[2] = {{1, 3, 0.55F, 0.55F}, {2, 4, -0.5F, 0.5F}};
    struct ui_rect rect = {0, 0, 10, 20};
    struct ui_plane_points from = {point, 2, -1, 1, -1, 1, false};
    int row, column, moved;

    (void)state;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_true(ui_plane_find(&plane, 1, &row, &column));
    assert_int_equal(column, 15);
    assert_int_equal(row, 2);
    assert_int_equal(plane.cell[row * 20 + column], 3);
    point[0].x = 0.47F; /* a little beyond the border */
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_true(ui_plane_find(&plane, 1, &row, &moved));
    assert_int_equal(moved, column);
    point[0].x = 0.44F;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_true(ui_plane_find(&plane, 1, &row, &moved));
    assert_int_equal(moved, column - 1);
    assert_int_equal(ui_plane_near(&plane, row, moved + 1), 1);
    assert_int_equal(ui_plane_near(&plane, 9, 0), -1);
    point[0].x = NAN;
    point[1].y = INFINITY;
    assert_true(ui_plane_update(&plane, rect, &from));
    ui_plane_fini(&plane);
}

/* Several points in a cell: the commonest label, and of two equals the one that was there. */
static void test_votes(void **state)
{
    static struct ui_plane plane;
    struct hg_latent_point point[4] = {{1, 5, 0, 0}, {2, 3, 0, 0}, {3, 3, 0, 0}, {4, 5, 9, 9}};
    struct ui_plane_points from = {point, 4, -10, 10, -10, 10, false};
    struct ui_rect rect = {0, 0, 5, 5};

    (void)state;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_int_equal(plane.cell[2 * 5 + 2], 3);
    point[3].x = point[3].y = 0;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_int_equal(plane.cell[2 * 5 + 2], 3);
    assert_int_equal(plane.cell[0], UI_PLANE_EMPTY);
    ui_plane_fini(&plane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points_rest),
        cmocka_unit_test(test_votes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
