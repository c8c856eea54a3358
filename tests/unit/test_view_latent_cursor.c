/* The cursor of view 2: arrows, sliders, samples, marks and walks, the mouse. */
#include "view_latent_help.h"

/* ---- arrows ---- */

/* Each key moves by a cell, at once, whatever the trainer does; many make one command. */
static void test_arrows(void **state)
{
    struct fake *fake = looking(24, 80, 2);
    const struct hg_command *told;
    int row, column, to_row, to_column;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    where(fake, &row, &column);
    keys(fake, "Right");
    where(fake, &to_row, &to_column);
    assert_int_equal(to_row, row);
    assert_int_equal(to_column, column + 1);
    keys(fake, "Left Left Up Up Down PageUp End");
    told = asked(fake, HG_DO_LATENT_PLANE);
    assert_non_null(told);
    assert_int_equal(fake->told_count, 1);
    where(fake, &to_row, &to_column);
    assert_int_equal(to_row, row - 6);
    assert_int_equal(to_column, column + 9);
    for (int i = 0; i < 99; i++) { /* to the corner and no farther */
        keys(fake, "Down Right");
    }
    where(fake, &to_row, &to_column);
    struct ui_rect body = ui_latent_body(&fake->script.app.scene.latent->layout, UI_LATENT_PLANE);
    assert_int_equal(to_row, body.row + body.rows - 1);
    assert_int_equal(to_column, body.column + body.columns - 1);
    answer(fake, -3, 2.5F); /* the trainer has the last word */
    where(fake, &to_row, &to_column);
    assert_int_equal(to_row, body.row);
    assert_int_equal(to_column, body.column);
    fake_close(fake);
}

/* A trainer that is busy is not buried in commands; what is wanted last is not lost. */
static void test_patience(void **state)
{
    struct fake *fake = looking(24, 80, 2);
    size_t sent = 0;

    (void)state;
    answer(fake, 0, 0);
    for (int i = 0; i < 50; i++) {
        keys(fake, "Right");
        sent += asked(fake, HG_DO_LATENT_PLANE) != NULL;
    }
    assert_true(sent <= 5);
    answer(fake, 0, 0);
    fake->snapshot.latent.answered--; /* of the last but one */
    fake_take(fake);
    keys(fake, "Left 1s");
    assert_non_null(asked(fake, HG_DO_LATENT_PLANE));
    fake_close(fake);
}

/* ---- sliders ---- */

static void test_sliders(void **state)
{
    struct fake *fake = looking(24, 80, 8);
    const struct hg_command *told;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    assert_true(has(fake, "axis 1"));
    assert_true(lacks(fake, "axis 8"));
    keys(fake, "]");
    assert_true(has(fake, "▸axis 1"));
    assert_true(has(fake, "Esc plane"));
    keys(fake, "] ] Right Right");
    told = asked(fake, HG_DO_LATENT_AT);
    assert_non_null(told);
    assert_int_equal(told->count, 8);
    assert_float_equal(told->value[2], 0.24F, 1e-4F);
    assert_float_equal(told->value[1], 0.2F, 1e-4F);
    assert_true(has(fake, "+0.24σ")); /* at once */
    keys(fake, "End");
    assert_float_equal(asked(fake, HG_DO_LATENT_AT)->value[2], 3, 1e-4F);
    keys(fake, "Up");
    assert_true(has(fake, "▸axis 2"));
    keys(fake, "[ [");
    assert_true(has(fake, "▸axis 8")); /* around, and into sight */
    keys(fake, "Esc");
    assert_true(lacks(fake, "▸axis"));
    keys(fake, "Right");
    assert_non_null(asked(fake, HG_DO_LATENT_PLANE));
    fake_close(fake);
}

/* ---- samples, marks, walks ---- */

static void test_samples(void **state)
{
    struct fake *fake = looking(40, 120, 2);

    (void)state;
    answer(fake, 0.1F, 0.2F);
    assert_true(has(fake, "nearest #377 \"7\" at 0.100"));
    assert_true(has(fake, "density inside the data"));
    keys(fake, "Enter");
    assert_non_null(asked(fake, HG_DO_SHOW));
    keys(fake, "Enter");
    const struct hg_command *told = asked(fake, HG_DO_LATENT_SAMPLE);
    assert_int_equal(told->first, 377);
    keys(fake, ". 1s");
    assert_int_equal(asked(fake, HG_DO_LATENT_SAMPLE)->first, fake->snapshot.sample);
    keys(fake, "z");
    uint32_t seed = asked(fake, HG_DO_LATENT_RANDOM)->first;
    keys(fake, "z 1s");
    assert_true(asked(fake, HG_DO_LATENT_RANDOM)->first != seed);
    fake_close(fake);
}

static void test_walk(void **state)
{
    struct fake *fake = looking(40, 120, 2);
    const struct hg_command *told;
    float share = 0;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    keys(fake, "M");
    assert_true(has(fake, "A walk needs two samples"));
    keys(fake, "m");
    assert_true(has(fake, "A is #377 \"7\".  Move on, then m marks B."));
    keys(fake, "m");
    assert_true(has(fake, "is A already"));
    fake->snapshot.latent.nearest = 12;
    fake->snapshot.latent.nearest_label = 2;
    fake_take(fake);
    keys(fake, "m");
    assert_true(has(fake, "B is #12 \"2\".  M walks from A to B."));
    assert_true(has(fake, "A #377 \"7\"  B #12 \"2\""));
    keys(fake, "M");
    for (int i = 0; i < 50 && share < 1; i++) {
        told = asked(fake, HG_DO_LATENT_MIX);
        assert_non_null(told);
        assert_int_equal(told->first, 377);
        assert_int_equal(told->count, 12);
        assert_true(told->value[0] >= share);
        share = told->value[0];
        answer(fake, share, share);
        keys(fake, "0.1s");
    }
    assert_float_equal(share, 1, 1e-6F);
    assert_null(asked(fake, HG_DO_LATENT_MIX)); /* it is over */
    keys(fake, "M 0.5s");
    assert_non_null(asked(fake, HG_DO_LATENT_MIX));
    assert_true(has(fake, "walk 25 %"));
    answer(fake, 0, 0);
    keys(fake, "Esc");
    assert_null(asked(fake, HG_DO_LATENT_MIX));
    fake_close(fake);
}

/* ---- the mouse ---- */

static void press(struct fake *fake, const char *kind, int row, int column)
{
    char words[64];

    snprintf(words, sizeof words, "%s@%d,%d", kind, row, column);
    keys(fake, words);
}

static void test_mouse(void **state)
{
    struct fake *fake = looking(40, 120, 2);
    const struct ui_latent_layout *layout = &fake->script.app.scene.latent->layout;
    struct ui_rect body = ui_latent_body(layout, UI_LATENT_PLANE);
    struct ui_rect sliders = layout->place[UI_LATENT_SLIDERS];
    struct ui_rect pictures = ui_latent_body(layout, UI_LATENT_GRID);
    struct ui_spot track = ui_latent_track(&fake->snapshot.latent, sliders);
    const struct hg_command *told;
    int row, column;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    press(fake, "press", body.row + 4, body.column + 9);
    assert_non_null(asked(fake, HG_DO_LATENT_PLANE));
    press(fake, "drag", body.row + 6, body.column + 12);
    where(fake, &row, &column);
    assert_int_equal(row, body.row + 6);
    assert_int_equal(column, body.column + 12);
    press(fake, "drag", 0, 119); /* beyond the edge */
    where(fake, &row, &column);
    assert_int_equal(row, body.row);
    assert_int_equal(column, body.column + body.columns - 1);
    press(fake, "release", 0, 119);
    press(fake, "drag", body.row + 6, body.column + 12); /* nothing is held */
    where(fake, &row, &column);
    assert_int_equal(row, body.row);

    answer(fake, 0, 0);
    press(fake, "press", sliders.row + 1, track.column + track.columns - 1);
    told = asked(fake, HG_DO_LATENT_AT);
    assert_non_null(told);
    assert_float_equal(told->value[1], 3, 1e-4F);
    press(fake, "drag", 0, track.column);
    assert_float_equal(asked(fake, HG_DO_LATENT_AT)->value[1], -3, 1e-4F);
    press(fake, "release", 0, track.column);
    answer(fake, 0, 0);
    press(fake, "wheel-up", sliders.row, track.column);
    assert_float_equal(asked(fake, HG_DO_LATENT_AT)->value[0], 0.15F, 1e-4F);
    fake->told_count = 0;
    press(fake, "wheel-down", body.row, body.column);
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");

    answer(fake, 0, 0);
    press(fake, "press", pictures.row, pictures.column); /* the first picture */
    told = asked(fake, HG_DO_LATENT_PLANE);
    assert_non_null(told);
    assert_float_equal(told->value[0], -3 + 3.0F / (float)layout->grid.across, 1e-4F);
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrows),  cmocka_unit_test(test_patience),
        cmocka_unit_test(test_sliders), cmocka_unit_test(test_samples),
        cmocka_unit_test(test_walk),    cmocka_unit_test(test_mouse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
