/* The screen drawn in turns, on a slow line, and at every size. */
#include "keys_help.h"

/* Costly panels come in turn, and in the end the screen is what it would have been at once. */
static void test_turns(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_script *script = &fake->script;
    int cursor[2], frames = 0;

    (void)state;
    free(ui_script_text(script));
    for (int i = 0; i < 784; i++) {
        fake->output[i] = 1 - fake->output[i];
    }
    for (int i = 0; i < 300; i++) {
        fake->point[i].x = -fake->point[i].x;
    }
    fake_take(fake);
    char *before = ui_canvas_text(&script->canvas);
    ui_app_draw(&script->app, &script->canvas, UI_DRAW_WORDS, cursor);
    char *words = ui_canvas_text(&script->canvas);
    assert_string_equal(words, before);
    assert_true(script->app.dirty);
    while (script->app.dirty && frames < 10) {
        ui_app_draw(&script->app, &script->canvas, UI_DRAW_TURN, cursor);
        frames++;
    }
    assert_int_equal(frames, 2);
    char *turns = ui_canvas_text(&script->canvas), *whole = ui_script_text(script);
    assert_string_equal(turns, whole);
    assert_string_not_equal(turns, before);
    free(before);
    free(words);
    free(turns);
    free(whole);
    fake_close(fake);
}

/* ---- every size ---- */

static void draw_sizes(struct fake *fake, int step)
{
    for (int rows = 1; rows <= 45; rows += step) {
        for (int columns = 1; columns <= 120; columns += step) {
            struct ui_script *script = &fake->script;
            assert_true(ui_canvas_resize(&script->canvas, rows, columns));
            ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
            assert_true(script->cursor[0] < rows && script->cursor[1] < columns);
        }
    }
}

static void test_every_size(void **state)
{
    static const struct hg_shape shapes[] = {
        {1, 28, 28}, {3, 20, 13}, {1, 1, 7}, {5, 9, 9}, {1, 60, 3}};
    bool quick = getenv("TESTS") != NULL && strcmp(getenv("TESTS"), "quick") == 0;

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct fake *fake = fake_settled(24, 80);
        fake->snapshot.shape = shapes[i];
        fake->snapshot.features = hg_shape_size(shapes[i]);
        fake->snapshot.image = shapes[i].rows > 1;
        fake->snapshot.codes = i + 1;
        fake->snapshot.projected = i + 1 > 2;
        fake_picture(fake, shapes[i].channels, shapes[i].rows, shapes[i].columns);
        keys(fake, "1s Enter");
        fake_take(fake);
        draw_sizes(fake, i == 0 && !quick ? 1 : 3);
        fake_close(fake);
    }
}

static void test_every_size_of_pages(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "?");
    draw_sizes(fake, 2);
    keys(fake, "q : text:set_screen.art_=_braille_and_more_than_fits_the_line");
    draw_sizes(fake, 2);
    keys(fake, "Esc q");
    draw_sizes(fake, 3);
    fake->snapshot.state = HG_STATE_LOADING;
    fake_take(fake);
    draw_sizes(fake, 3);
    fake_close(fake);
}

/* A run without anything known yet. */
static void test_nothing_known(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);
    struct hg_snapshot *snapshot = &fake->snapshot;

    (void)state;
    snapshot->points = snapshot->epochs = fake->series.count = 0;
    snapshot->epoch = snapshot->step = 0;
    snapshot->train = snapshot->validation = snapshot->running = NAN;
    snapshot->sample_loss = snapshot->collapse = NAN;
    snapshot->ladder = (struct hg_ladder){.mean = NAN};
    snapshot->here_x = NAN;
    snapshot->sentence[0] = snapshot->sentence_short[0] = '\0';
    fake_take(fake);
    assert_true(has(fake, "train –"));
    draw_sizes(fake, 2);
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_every_size_of_pages),
        cmocka_unit_test(test_nothing_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
