/* The line that is typed into at the bottom of the screen: questions, what they offer, commands. */
#include "keys_help.h"

/* ---- questions ---- */

/* Is the cell before the cursor reversed? Drawn here. */
static bool reversed(struct fake *fake)
{
    struct ui_script *script = &fake->script;

    free(ui_script_text(script));
    return ui_canvas_at(&script->canvas, script->cursor[0], script->cursor[1] - 1)
               ->style.attributes &
           UI_REVERSE;
}

/* Without colours and in ASCII, too. */
static void test_offer_shown(void **state)
{
    (void)state;
    for (int colours = 0; colours <= 256; colours += 128) {
        struct fake *fake = fake_open(24, 80, colours == 0, colours);
        fake_take(fake);
        keys(fake, "S");
        assert_true(reversed(fake));
        assert_true(has(fake, "another number"));
        keys(fake, "2");
        assert_false(reversed(fake));
        keys(fake, "Esc R");
        assert_true(reversed(fake));
        keys(fake, "End");
        assert_false(reversed(fake));
        fake_close(fake);
    }
}

/* A default is typed over; any other key of editing keeps it. */
static void test_offered(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, "S 2 5 Enter", "STEPS 25");
    told(fake, "S End 0 Enter", "STEPS 250");
    told(fake, "S Backspace 1 Enter", "STEPS 251");
    told(fake, "S Home 1 Enter", "STEPS 1251");
    told(fake, "S Left Delete 2 Enter", "STEPS 1252");
    told(fake, "R 7 Enter", "RESTART 7");
    told(fake, "R 7 y Enter", ""); /* what is typed is no default any more */
    keys(fake, "W");
    assert_true(has(fake, ":write digits.ini"));
    keys(fake, "text:mine.ini");
    assert_true(has(fake, ":write mine.ini\n"));
    keys(fake, "Esc");
    fake_close(fake);
}

static void test_questions(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, "S", "");
    assert_true(has(fake, "How many steps? 10"));
    told(fake, "C-u text:250 Enter", "STEPS 250");
    told(fake, "S Enter", "STEPS 250"); /* the last number is offered */
    told(fake, "S C-u text:x Enter", "");
    assert_true(has(fake, "no number"));
    told(fake, "S Esc space", "PAUSE");
    told(fake, "g text:17 Enter", "SHOW 17");
    told(fake, "g text:4000 Enter", "");
    assert_true(has(fake, "samples 0 to 3999"));
    told(fake, "f text:5 Enter", "SHOW_LABEL 1 5");
    told(fake, "n", "SHOW_LABEL 1 5");
    told(fake, "f text:12 Enter", "");
    told(fake, "f Enter p", "SHOW_LABEL -1 -1");
    told(fake, "r", "");
    assert_true(has(fake, "Start again from seed 1?"));
    told(fake, "n", "");
    told(fake, "r y", "RESTART 0");
    told(fake, "R", "");
    told(fake, "Enter", "RESTART 2");
    told(fake, "R C-u text:77 Enter", "RESTART 77");
    told(fake, "R y", "RESTART 2"); /* as with r */
    told(fake, "R Esc", "");
    fake->snapshot.classes = 0;
    fake_take(fake);
    told(fake, "f", "");
    assert_true(has(fake, "no labels"));
    fake_close(fake);
}

/* ---- commands ---- */

static void test_commands(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    told(fake, ": text:set_lr_0.5 Enter", "SET train.lr 0.5");
    told(fake, ": text:set_tr Tab text:lr_3 Enter", "SET train.lr 3");
    told(fake, ": Up Enter", "SET train.lr 3");
    told(fake, ": text:write_my.safetensors Enter", "SAVE my.safetensors");
    told(fake, ": text:step_5 Enter", "STEPS 5");
    told(fake, ": text:sample_5 Enter", "SHOW 5");
    told(fake, ": text:bogus Enter", "");
    assert_true(has(fake, "no command 'bogus'"));
    told(fake, ": text:set_screen.art_braille Enter", "");
    assert_int_equal(app->scene.theme.art, HG_ART_BRAILLE);
    told(fake, ": text:set_screen.fps_x Enter", "");
    assert_true(has(fake, "screen.fps"));
    keys(fake, ": text:open_other.ini Enter");
    assert_true(has(fake, "Open another run?"));
    keys(fake, "y");
    assert_int_equal(app->leave, UI_LEAVE_OPEN);
    assert_string_equal(app->leave_path, "other.ini");
    app->leave = UI_STAY;
    keys(fake, ": text:q! Enter");
    assert_int_equal(app->leave, UI_LEAVE);
    fake_close(fake);
}

static void test_prompt_stored(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, ": text:set_train. Tab");
    check_screen(fake, "command");
    assert_int_equal(fake->script.cursor[0], 22);
    assert_int_equal(fake->script.cursor[1], 12);
    keys(fake, "40x3");
    assert_true(has(fake, ":set train."));
    keys(fake, "20x1");
    assert_true(has(fake, ":set train."));
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offer_shown),   cmocka_unit_test(test_offered),
        cmocka_unit_test(test_questions),     cmocka_unit_test(test_commands),
        cmocka_unit_test(test_prompt_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
