/* View 4 driven by scripts: pages of pictures, what the trainer is asked for, every size. */
#include "keys_help.h"

#include "tui/filters.h"

static float values[HG_FILTER_VALUES * 16];

/* Draws, and tells what the trainer was asked for meanwhile. */
static const char *asked(struct fake *fake)
{
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    return fake_last(fake);
}

/* What a trainer would answer: waves, each picture another one. */
static void fill(struct fake *fake, enum hg_filter_kind kind, struct hg_shape picture, size_t total)
{
    struct hg_filters *filters = &fake->snapshot.filters;
    size_t each = hg_shape_size(picture), most = sizeof values / sizeof *values / each;
    bool maps = kind == HG_FILTER_MAPS || kind == HG_FILTER_OUTPUTS;

    *filters = (struct hg_filters){.known = true,
                                   .serial = filters->serial + 1,
                                   .levels = 6,
                                   .level = maps ? 2 : 0,
                                   .kind = kind,
                                   .name = "encoder.0",
                                   .shape = picture,
                                   .picture = picture,
                                   .sample = fake->snapshot.sample,
                                   .total = total,
                                   .lowest = maps && kind == HG_FILTER_MAPS ? 0 : -1,
                                   .highest = 1,
                                   .values = values};
    static const char *const texts[] = {"weights", "conv 16", "lrelu", "pool 2", "conv 8", "lrelu"};
    for (size_t i = 0; i < 6; i++) {
        snprintf(filters->level_text[i], sizeof filters->level_text[i], "%s", texts[i]);
    }
    snprintf(filters->text, sizeof filters->text, "%s", maps ? "lrelu" : "conv 16");
    filters->count = kind == HG_FILTER_OUTPUTS ? HG_FILTER_VALUES : HG_FILTER_PICTURES;
    filters->count = filters->count < most ? filters->count : most;
    filters->count = filters->count < total ? filters->count : total;
    for (size_t i = 0; i < filters->count * each; i++) {
        double wave = sin((double)(i % each) * (0.1 + 0.05 * (double)(i / each)) + (double)i / 99);
        values[i] = (float)(kind == HG_FILTER_MAPS ? wave * wave : wave);
    }
    if (filters->count > 3 && each > 1) {
        for (size_t i = 0; i < each; i++) {
            values[3 * each + i] = 0;
        }
        filters->constant[3] = true;
        filters->constants = 1;
    }
}

static struct fake *in_view(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    fake_take(fake);
    keys(fake, "20s 4");
    free(ui_script_text(&fake->script));
    return fake;
}

/* ---- stored screens ---- */

static void check_kind(enum hg_filter_kind kind, struct hg_shape shape, size_t total,
                       const char *name)
{
    struct fake *fake = in_view(24, 80, true, 256);

    fill(fake, kind, shape, total);
    fake_take(fake);
    if (kind == HG_FILTER_MAPS || kind == HG_FILTER_OUTPUTS) {
        keys(fake, "] ]");
    }
    free(ui_script_text(&fake->script));
    check_screen(fake, name);
    fake_close(fake);
}

static void test_kinds_stored(void **state)
{
    (void)state;
    check_kind(HG_FILTER_WEIGHTS, (struct hg_shape){1, 28, 28}, 128, "filters-weights");
    check_kind(HG_FILTER_KERNELS, (struct hg_shape){1, 3, 3}, 64, "filters-kernels");
    check_kind(HG_FILTER_MAPS, (struct hg_shape){1, 14, 14}, 16, "filters-maps");
    check_kind(HG_FILTER_OUTPUTS, (struct hg_shape){1, 1, 1}, 128, "filters-values");
    check_kind(HG_FILTER_WEIGHTS, (struct hg_shape){1, 1, 4}, 16, "filters-table");
}

static void test_sizes_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}, {8, 24}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        struct fake *fake = in_view(sizes[i][0], sizes[i][1], false, i == 0 ? 0 : 256);
        fill(fake, HG_FILTER_MAPS, (struct hg_shape){1, 28, 28}, 64);
        fake_take(fake);
        keys(fake, "] ]");
        snprintf(name, sizeof name, "filters-%dx%d", sizes[i][1], sizes[i][0]);
        free(ui_script_text(&fake->script));
        check_screen(fake, name);
        fake_close(fake);
    }
}

/* ---- what is asked for ---- */

static void test_asked(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_string_equal(asked(fake), ""); /* nothing outside the view */
    keys(fake, "4");
    assert_string_equal(asked(fake), "FILTERS 0 from 0, 64");
    assert_true(has(fake, "Looking into the network"));
    fill(fake, HG_FILTER_WEIGHTS, (struct hg_shape){1, 28, 28}, 128);
    fake_take(fake);
    assert_string_equal(asked(fake), "FILTERS 0 from 0, 10");
    assert_string_equal(asked(fake), ""); /* once */
    assert_true(has(fake, "page 1 of 13"));
    keys(fake, "PageDown");
    assert_string_equal(asked(fake), "FILTERS 0 from 10, 10");
    keys(fake, "PageDown PageDown PageUp");
    assert_string_equal(asked(fake), "FILTERS 0 from 20, 10");
    for (int i = 0; i < 20; i++) {
        keys(fake, "PageDown");
    }
    assert_string_equal(asked(fake), "FILTERS 0 from 120, 10");
    keys(fake, "]");
    assert_string_equal(asked(fake), "FILTERS 1 from 0, 10");
    keys(fake, "> > > > > > >");
    assert_string_equal(asked(fake), "FILTERS 5 from 0, 10");
    keys(fake, "[ < [ [ [ [ [");
    assert_string_equal(asked(fake), "FILTERS 0 from 0, 10");
    keys(fake, "PageUp");
    assert_string_equal(asked(fake), "");
    keys(fake, "1");
    assert_string_equal(asked(fake), "FILTERS -1 from 0, 10");
    assert_string_equal(asked(fake), "");
    fake_close(fake);
}

/* A resized screen, and larger pictures: other pages, the place in the list is kept. */
static void test_pages_follow_the_screen(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);

    (void)state;
    fill(fake, HG_FILTER_WEIGHTS, (struct hg_shape){1, 28, 28}, 128);
    fake_take(fake);
    free(ui_script_text(&fake->script));
    keys(fake, "PageDown PageDown PageDown");
    assert_string_equal(asked(fake), "FILTERS 0 from 30, 10");
    keys(fake, "120x40");
    assert_string_equal(asked(fake), "FILTERS 0 from 24, 8");
    keys(fake, "80x24 Enter");
    assert_string_equal(asked(fake), "FILTERS 0 from 24, 2");
    keys(fake, "Enter");
    assert_string_equal(asked(fake), "FILTERS 0 from 20, 10");
    fake_close(fake);
}

static void test_keys_of_all_views(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);

    (void)state;
    fill(fake, HG_FILTER_MAPS, (struct hg_shape){1, 14, 14}, 16);
    fake_take(fake);
    free(ui_script_text(&fake->script));
    fake->told_count = 0;
    keys(fake, "Right");
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");
    keys(fake, "Up");
    assert_string_equal(fake_last(fake), "SET train.lr 0.00125");
    keys(fake, "space");
    assert_string_equal(fake_last(fake), "PAUSE");
    fake->told_count = 0;
    ui_app_point(
        &fake->script.app,
        &(struct ui_pointer){UI_POINTER_PRESS, 8, 70}); /* the scatter of view 1 is not here */
    assert_string_equal(fake_last(fake), "");
    assert_true(has(fake, "[ ] layer"));
    keys(fake, "Tab"); /* the next view that there is */
    assert_int_not_equal(fake->script.app.view, 4);
    keys(fake, "1");
    assert_false(has(fake, "[ ] layer"));
    keys(fake, "PageDown");
    assert_true(has(fake, "press 4"));
    keys(fake, "4 Tab S-Tab");
    assert_int_equal(fake->script.app.view, 4);
    fake_close(fake);
}

/* ---- what is shown ---- */

static void test_words(void **state)
{
    struct fake *fake = in_view(40, 120, false, 256);

    (void)state;
    fill(fake, HG_FILTER_KERNELS, (struct hg_shape){3, 5, 5}, 40);
    fake_take(fake);
    assert_true(has(fake, "kernels of encoder.0 conv 16"));
    assert_true(has(fake, "40 kernels 5×5, 1 flat"));
    assert_true(has(fake, "3 flat"));
    assert_true(has(fake, "-1 "));
    assert_true(has(fake, " +1"));
    fake->snapshot.filters.averaged = true;
    fake->snapshot.filters.shape.channels = 7;
    fake->snapshot.filters.picture.channels = 1;
    fake_take(fake);
    assert_true(has(fake, "40 kernels 5×5 (mean of 7 channels)"));
    fill(fake, HG_FILTER_MAPS, (struct hg_shape){1, 14, 14}, 1);
    fake_take(fake);
    assert_true(has(fake, "sample #7 \"3\"  1 map 14×14"));
    assert_true(has(fake, "input #7 \"3\""));
    fill(fake, HG_FILTER_OUTPUTS, (struct hg_shape){1, 1, 1}, 2);
    values[0] = -0.375f;
    values[1] = NAN;
    fake_take(fake);
    assert_true(has(fake, "2 values"));
    assert_true(has(fake, "-0.38"));
    fake->snapshot.filters.total = fake->snapshot.filters.count = 0;
    fake_take(fake);
    assert_true(has(fake, "There is nothing to show."));
    fake_close(fake);
}

/* The scale is of round numbers and stays while the values fill it. */
static void test_scale_holds(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);
    struct ui_filters *filters = &fake->script.app.scene.filters;

    (void)state;
    fill(fake, HG_FILTER_WEIGHTS, (struct hg_shape){1, 28, 28}, 10);
    for (int i = 0; i < 2; i++) {
        fake->snapshot.filters.highest = i == 0 ? 0.4137 : 0.38;
        fake->snapshot.filters.lowest = -fake->snapshot.filters.highest;
        fake_take(fake);
        free(ui_script_text(&fake->script));
        assert_true(fabs(filters->highest - 0.42) < 1e-9);
        assert_true(fabs(filters->lowest + 0.42) < 1e-9);
    }
    fake->snapshot.filters.highest = 0.2;
    fake->snapshot.filters.lowest = -0.2;
    fake_take(fake);
    free(ui_script_text(&fake->script));
    assert_true(fabs(filters->highest - 0.2) < 1e-9);
    fake_close(fake);
}

/* ---- every size ---- */

static void draw_sizes(struct fake *fake, int step)
{
    for (int rows = 1; rows <= 50; rows += step) {
        for (int columns = 1; columns <= 200; columns += step) {
            struct ui_script *script = &fake->script;
            assert_true(ui_canvas_resize(&script->canvas, rows, columns));
            ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
        }
    }
}

static void test_every_size(void **state)
{
    static const struct hg_shape shapes[] = {{1, 28, 28}, {3, 3, 3},  {1, 64, 64}, {1, 64, 1},
                                             {1, 2, 64},  {1, 1, 64}, {1, 7, 5}};
    static const enum hg_art arts[] = {HG_ART_BLOCKS, HG_ART_BRAILLE, HG_ART_ASCII};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct fake *fake = in_view(24, 80, i % 2 == 1, i % 3 == 0 ? 0 : 256);
        fake->script.app.spec.screen.art = (int)arts[i % 3];
        ui_app_theme(&fake->script.app);
        for (size_t total = 1; total <= 300; total = total * 4 + 1) {
            fill(fake, HG_FILTER_WEIGHTS, shapes[i], total);
            fake_take(fake);
            draw_sizes(fake, 7);
            fill(fake, shapes[i].rows > 1 ? HG_FILTER_MAPS : HG_FILTER_OUTPUTS,
                 shapes[i].rows > 1 ? shapes[i] : (struct hg_shape){1, 1, 1}, total);
            fake_take(fake);
            draw_sizes(fake, 7);
        }
        fake_close(fake);
    }
}

static void check_page(struct ui_rect rect, const struct ui_page_wishes *wishes)
{
    struct ui_page page;

    ui_page_fit(&page, rect, wishes);
    for (size_t i = 0; i < page.room + wishes->extra && page.room > 0; i++) {
        struct ui_rect slot = ui_page_slot(&page, i);
        struct ui_rect right = ui_page_slot(&page, i + 1);
        assert_true(slot.row > rect.row && slot.row + slot.rows <= rect.row + rect.rows);
        assert_true(slot.column >= rect.column);
        assert_true(slot.column + slot.columns <= rect.column + rect.columns);
        assert_true(slot.rows > 0 && slot.columns > 0);
        assert_true(right.row >= slot.row + slot.rows + 1 ||
                    (right.row == slot.row && right.column > slot.column + slot.columns));
    }
}

/* Pictures lie inside, do not touch, and each has a row for its number. */
static void test_pages_are_disjoint(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 60; rows += 3) {
        for (int columns = 1; columns <= 220; columns += 7) {
            for (int size = 1; size <= 64; size = size * 2 + 1) {
                struct ui_rect rect = {2, 1, rows, columns};
                struct ui_page_wishes wishes = {.rows = size,
                                                .columns = (size * 7) % 64 + 1,
                                                .total = (size_t)(size * 37 % 129),
                                                .large = size % 4 == 3,
                                                .extra = columns % 2 == 0};
                check_page(rect, &wishes);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_stored),
        cmocka_unit_test(test_sizes_stored),
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_pages_follow_the_screen),
        cmocka_unit_test(test_keys_of_all_views),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_scale_holds),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_pages_are_disjoint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
