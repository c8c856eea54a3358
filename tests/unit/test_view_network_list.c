/* The list of parameters of a unit in view 3: paged through, a weight read and changed. */
#include "view_network_help.h"

static void test_list_stored(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, true);

    (void)state;
    look(fake, "Enter", true);
    look(fake, "PageDown Down", true);
    check_screen(fake, "network-list");
    keys(fake, "Enter C-u text:0.5 Enter");
    check_screen(fake, "network-confirm");
    fake_close(fake);
}

static void test_edit(void **state)
{
    struct fake *fake = in_view(40, 120, false, 256, false);

    (void)state;
    look(fake, "Down Enter", false);
    assert_true(has(fake, "into unit 1"));
    assert_true(has(fake, "bias                      +0.125"));
    look(fake, "Down Down Down Enter", false);
    keys(fake, "C-u text:nan Enter");
    assert_true(has(fake, "'nan' is no number; accepted: one like -0.25 or 1e-3."));
    keys(fake, "C-u text:1e39 Enter");
    assert_true(has(fake, "'1e39' is no number"));
    keys(fake, "C-u Enter");
    assert_true(has(fake, "'' is no number"));
    keys(fake, "text:q Enter"); /* text, no quitting */
    assert_true(has(fake, "'q' is no number"));
    keys(fake, "C-u text:_-1.5e-2_ Enter");
    assert_true(has(fake, "→ -1.5e-2 ?"));
    assert_true(has(fake, "y or Enter: yes, Esc: no"));
    assert_false(has(fake, "space pause")); /* no other key does anything */
    assert_string_equal(asked(fake), "");
    keys(fake, "Esc");
    assert_string_equal(asked(fake), "");
    assert_false(has(fake, "y or Enter"));
    keys(fake, "Enter C-u text:0.5 Enter n Enter C-u text:0.25 Enter y");
    assert_string_equal(asked(fake), "EDIT encoder.0.weight[1,2] = 0.25");
    assert_string_equal(asked(fake), "");
    keys(fake, "Enter 7 Enter y"); /* what is there is typed over */
    assert_string_equal(asked(fake), "EDIT encoder.0.weight[1,2] = 7");
    keys(fake, "Enter");
    int cursor[2] = {-1, -1};
    ui_app_draw(&fake->script.app, &fake->script.canvas, UI_DRAW_ALL, cursor);
    assert_true(cursor[0] > 0 && cursor[1] > 80);
    keys(fake, "Esc Esc");
    assert_true(has(fake, "unit 1"));
    assert_int_equal(fake->script.app.view, 3);
    fake_close(fake);
}

/* A running statistic is shown, and not set. */
static void test_measured(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, false);

    (void)state;
    look(fake, "Enter", false);
    facts.page[0].key[0] = '\0';
    keys(fake, "Enter");
    assert_true(has(fake, "it is not set"));
    fake_close(fake);
}

/* All pages of a long list. */
static void test_pages(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, true);

    (void)state;
    look(fake, "Enter", true);
    assert_true(has(fake, "1 of 785"));
    look(fake, "End", true);
    assert_true(has(fake, "785/785"));
    assert_true(has(fake, "from 783"));
    for (int i = 0; i < 300; i++) {
        look(fake, "Up", true);
    }
    assert_true(has(fake, "485/785"));
    assert_true(has(fake, "from 483"));
    keys(fake, "wheel-down");
    assert_true(has(fake, "488/785"));
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_stored),
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_measured),
        cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
