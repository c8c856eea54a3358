/* What terminals report of the mouse, in both ways of writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/term_private.h"

static void reports(const char *text, int mouse, int row, int column)
{
    struct ui_event event = {0};
    bool found = ui_term_mouse_report(text, &event);

    assert_int_equal(found, mouse >= 0);
    if (found) {
        assert_int_equal(event.kind, UI_EVENT_MOUSE);
        assert_int_equal(event.mouse, mouse);
        assert_int_equal(event.row, row);
        assert_int_equal(event.column, column);
    }
}

static void test_reports(void **state)
{
    (void)state;
    reports("<0;21;11M", UI_MOUSE_PRESS, 10, 20);
    reports("<0;21;11m", UI_MOUSE_RELEASE, 10, 20);
    reports("<32;1;1M", UI_MOUSE_DRAG, 0, 0);
    reports("<16;300;200M", UI_MOUSE_PRESS, 199, 299); /* with Ctrl */
    reports("<64;5;6M", UI_MOUSE_WHEEL_UP, 5, 4);
    reports("<65;5;6M", UI_MOUSE_WHEEL_DOWN, 5, 4);
    reports("M !!", UI_MOUSE_PRESS, 0, 0);
    reports("M#!\"", UI_MOUSE_RELEASE, 1, 0);
    reports("M`!!", UI_MOUSE_WHEEL_UP, 0, 0);
    const char *const none[] = {"",        "<2;1;1M", "<35;6;6M",         "<66;1;1M",
                                "<0;0;1M", "<0;1M",   "<0;1;1Mx",         "<-1;1;1M",
                                "M ",      "15~",     "<99999999999;1;1M"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        reports(none[i], -1, 0, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
