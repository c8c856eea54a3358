/* View 3 driven by scripts: what is drawn at every size, what the trainer is asked for. */
#include "view_network_help.h"

static void test_stored(void **state)
{
    static const struct {
        int rows, columns;
        bool ascii, wide;
        const char *name;
    } screens[] = {
        {24, 80, false, false, "network-80x24"},  {40, 120, false, false, "network-120x40"},
        {50, 200, false, true, "network-200x50"}, {12, 40, false, false, "network-40x12"},
        {24, 80, false, true, "network-wide"},    {24, 80, true, false, "network-ascii"}};

    (void)state;
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        struct fake *fake = in_view(screens[i].rows, screens[i].columns, screens[i].ascii, 256,
                                    screens[i].wide);
        look(fake, "Right", screens[i].wide);
        look(fake, "Down", screens[i].wide);
        check_screen(fake, screens[i].name);
        fake_close(fake);
    }
}

/* ---- what is asked for ---- */

static void test_asked(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_string_equal(asked(fake), ""); /* nothing outside the view */
    keys(fake, "3");
    assert_true(has(fake, "Looking into the network"));
    fake->told_count = 0;
    keys(fake, "1 3");
    free(ui_script_text(&fake->script));
    fake_close(fake);
    fake = in_view(24, 80, false, 256, false);
    assert_string_equal(asked(fake), ""); /* once */
    look(fake, "Right", false);
    assert_string_equal(asked(fake), "");
    assert_int_equal(facts.chosen_column, 2);
    look(fake, "Down Down Down", false); /* there are two */
    assert_int_equal(facts.chosen_unit, 1);
    look(fake, "Home", false);
    assert_int_equal(facts.chosen_unit, 0);
    look(fake, "Left Left Left Left", false);
    assert_int_equal(facts.chosen_column, 0);
    look(fake, "] > Right", false);
    assert_int_equal(facts.chosen_column, 3);
    keys(fake, "1");
    assert_string_equal(asked(fake), "NETWORK -1/1, 16, page -1");
    assert_string_equal(asked(fake), "");
    fake_close(fake);
}

/* Every unit of a wide column can be reached, and the column is entered where it was left. */
static void test_wide(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, true);

    (void)state;
    assert_true(has(fake, "/128"));
    look(fake, "End", true);
    assert_int_equal(facts.chosen_unit, 127);
    for (int i = 0; i < 20; i++) {
        look(fake, "Up", true);
    }
    assert_int_equal(facts.chosen_unit, 107);
    look(fake, "PageUp", true);
    assert_int_equal(facts.chosen_unit, 99);
    look(fake, "Left", true);
    assert_int_equal(facts.chosen_column, 0);
    look(fake, "Right", true);
    assert_int_equal(facts.chosen_unit, 99);
    look(fake, "Left Home", true);
    for (int i = 0; i < 783; i++) {
        keys(fake, "Down");
    }
    look(fake, "Down", true);
    assert_int_equal(facts.chosen_unit, 783);
    fake_close(fake);
}

static void test_keys_of_all_views(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, false);

    (void)state;
    assert_true(has(fake, "←→ layer"));
    assert_true(has(fake, "Enter weights"));
    fake->told_count = 0;
    keys(fake, "n");
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");
    keys(fake, "+");
    assert_string_equal(fake_last(fake), "SET train.lr 0.00125");
    keys(fake, "space");
    assert_string_equal(fake_last(fake), "PAUSE");
    fake_close(fake);
}

static void test_mouse(void **state)
{
    struct fake *fake = in_view(40, 120, false, 256, false);
    const struct ui_network *network = fake->script.app.scene.network;
    struct ui_network_columns columns;
    char word[32];

    (void)state;
    ui_network_columns(&columns, &network->place, &facts);
    snprintf(word, sizeof word, "press@%d,%d", ui_network_row(&network->place, 5, 3), columns.x[3]);
    look(fake, word, false);
    assert_int_equal(facts.chosen_column, 3);
    assert_int_equal(facts.chosen_unit, 3);
    look(fake, "wheel-up", false);
    assert_int_equal(facts.chosen_unit, 2);
    fake_close(fake);
}

/* ---- every size ---- */

static void test_every_size(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct fake *fake = in_view(24, 80, kind == 3, kind == 2 ? 0 : 256, kind % 2 == 1);
        for (int rows = 1; rows <= 100; rows += 7) {
            for (int columns = 1; columns <= 300; columns += 11) {
                struct ui_script *script = &fake->script;
                assert_true(ui_canvas_resize(&script->canvas, rows, columns));
                free(ui_script_text(script));
                keys(fake, "Enter");
                free(ui_script_text(script));
                keys(fake, "Esc");
            }
        }
        fake_close(fake);
    }
}

/* Columns lie within the drawing, apart from each other, nodes within its rows. */
static void test_places(void **state)
{
    (void)state;
    struct fake *fake = in_view(24, 80, false, 256, true);
    for (int rows = 3; rows <= 100; rows++) {
        for (int columns = 12; columns <= 300; columns += 3) {
            struct ui_network_place place;
            struct ui_network_columns at;
            ui_network_place(&place, (struct ui_rect){1, 0, rows, columns});
            if (place.rows < 1 || place.drawing.columns < 12) {
                continue;
            }
            ui_network_columns(&at, &place, &facts);
            for (int i = 0; i < at.count; i++) {
                assert_in_range(at.x[i], place.drawing.column,
                                place.drawing.column + place.drawing.columns - at.wide);
                assert_true(i == 0 || at.x[i] > at.x[i - 1] + at.wide);
            }
            assert_in_range(facts.chosen_column, at.first, at.first + at.count - 1);
            for (int count = 1; count <= place.most; count++) {
                for (int i = 0; i < count; i++) {
                    int row = ui_network_row(&place, count, i);
                    assert_in_range(row, place.top, place.top + place.rows - 1);
                    assert_true(i == 0 || row > ui_network_row(&place, count, i - 1));
                }
            }
        }
    }
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored), cmocka_unit_test(test_asked),
        cmocka_unit_test(test_wide),   cmocka_unit_test(test_keys_of_all_views),
        cmocka_unit_test(test_mouse),  cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
