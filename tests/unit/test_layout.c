/* test_layout.c - the promises of layout.h at every size from 1 x 1 to 300 x 100. */
#include "tui/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROWS = 100, COLUMNS = 300, WISHES = 12 };

static const struct ui_wishes wishes[WISHES] = {
    {true, 28, 28, 784, 2},    {true, 8, 8, 64, 2},          {true, 1, 1, 1, 1},
    {true, 64, 64, 12288, 32}, {true, 1, 200, 200, 2},       {true, 200, 1, 200, 2},
    {true, 37, 53, 1961, 3},   {true, 1000, 700, 700000, 2}, {false, 1, 4, 4, 2},
    {false, 1, 13, 13, 1},     {false, 1, 1, 1, 1},          {false, 1, 100000, 100000, 8},
};

static bool overlap(struct ui_rect a, struct ui_rect b)
{
    return a.row < b.row + b.rows && b.row < a.row + a.rows && a.column < b.column + b.columns &&
           b.column < a.column + a.columns;
}

static const char *check(const struct ui_layout *layout, int rows, int columns)
{
    const struct ui_rect *place = layout->place;

    for (int p = 0; p < UI_PLACE_COUNT; p++) {
        bool line = p == UI_PLACE_HEADER || p == UI_PLACE_SENTENCE || p == UI_PLACE_FOOTER;
        struct ui_rect r = place[p];
        if (r.rows == 0 && r.columns == 0) {
            continue;
        }
        if (r.rows < 1 || r.columns < 1 || r.row < 0 || r.column < 0 || r.row + r.rows > rows ||
            r.column + r.columns > columns) {
            return "outside the screen";
        }
        if (line ? r.rows != 1
                 : r.rows < 2 || ui_layout_body(layout, (enum ui_place)p).rows != r.rows - 1) {
            return "no room for rule and body";
        }
        for (int q = 0; q < p; q++) {
            if (overlap(r, place[q])) {
                return "overlap";
            }
        }
    }
    if (place[UI_PLACE_INPUT].rows != place[UI_PLACE_OUTPUT].rows ||
        place[UI_PLACE_INPUT].columns != place[UI_PLACE_OUTPUT].columns) {
        return "input and output differ in size";
    }
    if (place[UI_PLACE_DIFFERENCE].rows > 0 && place[UI_PLACE_CODE].rows == 0) {
        return "the difference outlives the code";
    }
    return ui_rect_empty(place[UI_PLACE_HEADER]) ? "no header" : NULL;
}

static void test_every_size(void **state)
{
    struct ui_layout layout;

    (void)state;
    for (int w = 0; w < WISHES; w++) {
        for (int rows = 1; rows <= ROWS; rows++) {
            for (int columns = 1; columns <= COLUMNS; columns++) {
                const char *wrong;
                ui_layout(rows, columns, &wishes[w], &layout);
                wrong = check(&layout, rows, columns);
                if (wrong != NULL) {
                    fail_msg("wishes %d at %d x %d: %s", w, columns, rows, wrong);
                }
            }
        }
    }
}

static bool shown(const struct ui_layout *layout, enum ui_place place)
{
    return !ui_rect_empty(layout->place[place]);
}

/* What the three usual screens show, and how large the pictures are. */
static void test_usual_sizes(void **state)
{
    struct ui_layout layout;

    (void)state;
    ui_layout(24, 80, &wishes[0], &layout);
    assert_int_equal(layout.place[UI_PLACE_INPUT].columns, 30);
    assert_int_equal(layout.place[UI_PLACE_INPUT].rows, 15); /* 28 x 28 pixels at half a cell */
    assert_true(shown(&layout, UI_PLACE_CODE) && shown(&layout, UI_PLACE_LOSS));
    assert_int_equal(layout.place[UI_PLACE_CODE].columns, 20);
    assert_int_equal(layout.place[UI_PLACE_LOSS].rows, 6);

    ui_layout(40, 120, &wishes[0], &layout);
    for (int p = 0; p < UI_PLACE_COUNT; p++) {
        assert_true(shown(&layout, (enum ui_place)p));
    }
    assert_int_equal(layout.place[UI_PLACE_DIFFERENCE].columns, 30);

    ui_layout(50, 200, &wishes[0], &layout);
    for (int p = 0; p < UI_PLACE_COUNT; p++) {
        assert_true(shown(&layout, (enum ui_place)p));
    }
    assert_int_equal(layout.place[UI_PLACE_INPUT].columns, 58); /* two columns a pixel */
    assert_int_equal(layout.place[UI_PLACE_INPUT].rows, 29);

    ui_layout(12, 40, &wishes[0], &layout);
    assert_true(shown(&layout, UI_PLACE_INPUT) && shown(&layout, UI_PLACE_LOSS));
    assert_false(shown(&layout, UI_PLACE_DIFFERENCE));

    ui_layout(24, 80, &wishes[8], &layout);
    assert_true(shown(&layout, UI_PLACE_INPUT) && shown(&layout, UI_PLACE_CODE));
    assert_false(shown(&layout, UI_PLACE_DIFFERENCE));
}

/* The header stays to the last row. */
static void test_smallest(void **state)
{
    struct ui_layout layout;

    (void)state;
    ui_layout(1, 1, &wishes[0], &layout);
    assert_true(shown(&layout, UI_PLACE_HEADER));
    assert_false(shown(&layout, UI_PLACE_FOOTER));
    ui_layout(3, 5, &wishes[0], &layout);
    assert_true(shown(&layout, UI_PLACE_SENTENCE));
    assert_false(shown(&layout, UI_PLACE_LOSS));
    ui_layout(0, 0, &wishes[0], &layout);
    assert_false(shown(&layout, UI_PLACE_HEADER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_usual_sizes),
        cmocka_unit_test(test_smallest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
