/* Keys and clicks of the whole screen: what the trainer is told, how one leaves, the help. */
#include "keys_help.h"

/* ---- training and looks ---- */

static void test_training_keys(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, "space", "PAUSE");
    told(fake, "space", "RUN"); /* counts from the wish, before any answer */
    told(fake, "s", "STEPS 1");
    told(fake, "e", "EPOCH");
    told(fake, "Up", "SET train.lr 0.00125");
    told(fake, "+", "SET train.lr 0.0015625");
    told(fake, "=", "SET train.lr 0.00195312");
    told(fake, "- Down Down", "SET train.lr 0.001");
    assert_true(has(fake, "lr 0.001"));
    told(fake, "o", "SET train.optimizer adamw");
    told(fake, "o", "SET train.optimizer sgd");
    told(fake, "O O O", "SET train.optimizer rmsprop");
    told(fake, "B", "SET train.batch 64");
    told(fake, "b b", "SET train.batch 16");
    told(fake, "n", "SHOW_LABEL 1 -1");
    told(fake, "Left", "SHOW_LABEL -1 -1");
    told(fake, "w", "SAVE ");
    fake_close(fake);
}

static void test_batch_ends(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    fake->snapshot.batch = 1;
    fake_take(fake);
    told(fake, "b", "");
    fake->snapshot.batch = 3600;
    fake_take(fake);
    told(fake, "B", "");
    assert_true(has(fake, "holds all"));
    fake_close(fake);
}

static void test_axes_and_looks(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_scene *scene = &fake->script.app.scene;

    (void)state;
    keys(fake, "l");
    assert_true(scene->linear_loss);
    keys(fake, "L L l");
    assert_false(scene->linear_loss || scene->linear_steps);
    assert_int_equal(scene->theme.art, HG_ART_BLOCKS);
    keys(fake, "a");
    assert_int_equal(scene->theme.art, HG_ART_BRAILLE);
    keys(fake, "a a");
    assert_int_equal(scene->theme.art, HG_ART_BLOCKS);
    enum hg_palette before = scene->theme.palette;
    keys(fake, "c");
    assert_int_not_equal(scene->theme.palette, before);
    fake_close(fake);
}

/* A click on a glyph shows its sample. */
static void test_click(void **state)
{
    struct fake *fake = fake_settled(40, 120);
    struct ui_app *app = &fake->script.app;
    struct ui_rect body;
    int row, column;

    (void)state;
    free(ui_script_text(&fake->script));
    body = ui_layout_body(&app->layout, UI_PLACE_CODE);
    fake->snapshot.points = 1;
    assert_true(ui_scatter_place(body, &app->scene.code_axes, (double)fake->point[0].x,
                                 (double)fake->point[0].y, &row, &column));
    fake->told_count = 0;
    ui_app_point(app, &(struct ui_pointer){UI_POINTER_PRESS, row, column - 1});
    assert_string_equal(fake_last(fake), "SHOW 0");
    fake->told_count = 0;
    ui_app_point(app, &(struct ui_pointer){UI_POINTER_PRESS, row > body.row + 8 ? row - 8 : row + 8,
                                           column});
    assert_string_equal(fake_last(fake), "");
    fake_close(fake);
}

/* ---- leaving ---- */

static void test_quit(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    keys(fake, "q");
    assert_true(has(fake, "not saved"));
    assert_true(has(fake, "w save and quit  y discard  Esc cancel"));
    keys(fake, "z Esc");
    assert_int_equal(app->leave, UI_STAY);
    keys(fake, "F10 y");
    assert_int_equal(app->leave, UI_LEAVE);
    app->leave = UI_STAY;
    told(fake, "q w", "SAVE ");
    assert_int_equal(app->leave, UI_STAY); /* not before it is saved */
    fake->snapshot.unsaved = false;
    fake_take(fake); /* not before the trainer has said so */
    assert_int_equal(app->leave, UI_STAY);
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message, "saved to digits.safetensors");
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_GOOD;
    fake_take(fake);
    assert_int_equal(app->leave, UI_LEAVE);
    app->leave = UI_STAY;
    fake->snapshot.state = HG_STATE_PAUSED;
    keys(fake, "2s");
    fake_take(fake);
    keys(fake, "q"); /* nothing unsaved: no question */
    assert_int_equal(app->leave, UI_LEAVE);
    fake_close(fake);
}

static void test_save_fails(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "q w");
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message, "not saved: disk full");
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_BAD;
    fake_take(fake);
    assert_int_equal(fake->script.app.leave, UI_STAY);
    assert_true(has(fake, "disk full"));
    fake->snapshot.unsaved = false;
    fake_take(fake); /* saved later: it was called off */
    assert_int_equal(fake->script.app.leave, UI_STAY);
    fake_close(fake);
}

static void test_control_c(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    keys(fake, "C-c");
    assert_int_equal(app->leave, UI_STAY);
    assert_true(has(fake, "not saved"));
    keys(fake, "C-c");
    assert_int_equal(app->leave, UI_LEAVE_KEEP);
    app->leave = UI_STAY;
    keys(fake, "Esc : text:qqq C-c"); /* no text: it asks */
    assert_true(has(fake, "not saved"));
    keys(fake, "Esc ? C-c");
    assert_true(has(fake, "not saved"));
    fake_close(fake);
}

/* ---- help ---- */

static void test_help(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "?");
    check_screen(fake, "help");
    keys(fake, "PageDown PageDown PageDown PageDown End");
    assert_true(has(fake, "This run"));
    told(fake, "s space w", ""); /* keys do nothing behind the page */
    keys(fake, "q");
    assert_int_equal(fake->script.app.leave, UI_STAY);
    assert_true(has(fake, "q quit"));
    keys(fake, "h Esc F1 ? h");
    assert_true(has(fake, "Help"));
    keys(fake, "wheel-down wheel-up 200x50 End Home");
    assert_true(has(fake, "Help"));
    fake_close(fake);
}

/* Every action is on the help page with its keys. */
static void test_help_is_whole(void **state)
{
    size_t count;
    const struct ui_action_info *actions = ui_actions(&count);
    struct fake *fake = fake_settled(120, 100);

    (void)state;
    keys(fake, "?");
    for (size_t i = 0; i < count; i++) {
        assert_true(has(fake, actions[i].help));
    }
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training_keys), cmocka_unit_test(test_batch_ends),
        cmocka_unit_test(test_quit),          cmocka_unit_test(test_save_fails),
        cmocka_unit_test(test_control_c),     cmocka_unit_test(test_help),
        cmocka_unit_test(test_help_is_whole), cmocka_unit_test(test_axes_and_looks),
        cmocka_unit_test(test_click),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
