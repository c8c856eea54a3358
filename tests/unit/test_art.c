/* test_art.c - pictures and bars in a canvas: every kind of art, any size, steady pixels. */
#include "tui/art.h"
#include "tui/art_grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

static struct ui_canvas canvas;

static int setup(void **state)
{
    (void)state;
    return ui_canvas_resize(&canvas, 8, 16) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ui_canvas_fini(&canvas);
    return 0;
}

static struct ui_theme theme_of(int colours, bool utf8, enum hg_art art)
{
    struct ui_theme theme;

    ui_theme_init(&theme, colours, utf8, art, HG_PALETTE_GREY);
    return theme;
}

static void expect(const char *expected, bool styled)
{
    char *text = styled ? ui_canvas_styled_text(&canvas) : ui_canvas_text(&canvas);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void draw(const struct ui_theme *theme, int rows, int columns, const struct ui_picture *p)
{
    ui_canvas_resize(&canvas, rows, columns);
    ui_art_picture(&canvas, theme, (struct ui_rect){0, 0, rows, columns}, p, NULL);
}

static const float square[4] = {0, 1, 1, 0};
static const struct ui_picture small = {square, NULL, {1, 2, 2}, -1, 0, 1, false};

/* One pixel half a cell: white over black is a half block. */
static void test_halves(void **state)
{
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);

    (void)state;
    draw(&theme, 1, 2, &small);
    expect("{232,255,}▀{255,232,}▀\n", true);
    draw(&theme, 2, 4, &small); /* two columns a pixel: backgrounds */
    expect("{232,232,}  {232,255,}  \n{255,255,}  {255,232,}  \n", true);
    draw(&theme, 3, 2, &small); /* centred */
    expect("\n{232,255,}▀{255,232,}▀\n\n", true);
}

/* An odd number of rows: the last half row is the terminal's own. */
static void test_odd(void **state)
{
    static const float column[3] = {1, 0, 1};
    struct ui_picture picture = {column, NULL, {1, 3, 1}, -1, 0, 1, false};
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);

    (void)state;
    draw(&theme, 2, 1, &picture);
    expect("{255,232,}▀\n{255,-,}▀\n", true);
}

static void test_ascii(void **state)
{
    static const float ramp[4] = {0, 0.34f, 0.67f, 1};
    struct ui_picture picture = {ramp, NULL, {1, 1, 4}, -1, 0, 1, false};
    struct ui_theme theme = theme_of(256, false, HG_ART_AUTO);

    (void)state;
    draw(&theme, 1, 8, &picture); /* two columns a pixel */
    expect("  --**@@\n", false);
    draw(&theme, 1, 4, &picture);
    expect(" -*@\n", false);
    theme = theme_of(256, false, HG_ART_BLOCKS);
    draw(&theme, 1, 4, &picture);
    expect("{-,232,} {-,240,} {-,247,} {-,255,} \n", true);
}

static void test_braille(void **state)
{
    struct ui_theme theme = theme_of(0, true, HG_ART_AUTO);

    (void)state;
    draw(&theme, 1, 2, &small);
    expect("⣤⠛\n", false);
}

static void test_no_colours(void **state)
{
    struct ui_theme theme = theme_of(0, true, HG_ART_BLOCKS);

    (void)state;
    draw(&theme, 1, 2, &small);
    expect("▄▀\n", false);
}

/* Too large a picture is averaged, not sampled: a grey of stripes. */
static void test_average(void **state)
{
    enum { SIDE = 64 };
    static float stripes[SIDE * SIDE];
    struct ui_picture picture = {stripes, NULL, {1, SIDE, SIDE}, -1, 0, 1, false};
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);

    (void)state;
    for (int i = 0; i < SIDE * SIDE; i++) {
        stripes[i] = i % 2 == 0 ? 1.0f : 0.0f;
    }
    draw(&theme, 4, 8, &picture);
    for (int i = 0; i < 4 * 8; i++) {
        assert_int_equal(canvas.cells[i].text[0], ' ');
        assert_in_range(canvas.cells[i].style.bg, 243, 244);
    }
    draw(&theme, 3, 7, &picture); /* no whole number of pixels a cell */
    for (int column = 0; column < 6; column++) {
        int bg = ui_canvas_at(&canvas, 1, column)->style.bg;
        assert_true(bg == UI_DEFAULT || (bg > 240 && bg < 247));
    }
}

static void test_rgb(void **state)
{
    static const float values[6] = {1, 0, 0, 1, 0, 0}; /* red, green */
    struct ui_picture picture = {values, NULL, {3, 1, 2}, -1, 0, 1, false};
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);

    (void)state;
    draw(&theme, 1, 2, &picture);
    expect("{196,-,}▀{46,-,}▀\n", true);
    picture.channel = 1; /* one channel alone */
    draw(&theme, 1, 2, &picture);
    expect("{232,-,}▀{255,-,}▀\n", true);
    picture.channel = 3; /* there is none */
    draw(&theme, 1, 2, &picture);
    expect("\n", true);
}

static void test_difference(void **state)
{
    static const float output[3] = {0, 0.5f, 1}, input[3] = {1, 0.5f, 0};
    struct ui_picture picture = {output, input, {1, 1, 3}, -1, 0, 1, false};
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);

    (void)state;
    draw(&theme, 1, 3, &picture); /* blue, nothing, orange */
    expect("{39,-,}▀{234,-,}▀{214,-,}▀\n", true);
    theme = theme_of(0, true, HG_ART_AUTO);
    draw(&theme, 1, 3, &picture);
    expect("= #\n", false);
}

/* NaN, infinities and a range of nothing draw something and crash nothing. */
static void test_not_finite(void **state)
{
    static const float values[4] = {NAN, INFINITY, -INFINITY, 0.5f};
    struct ui_picture picture = {values, NULL, {1, 1, 4}, -1, 0, 1, false};
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);

    (void)state;
    draw(&theme, 1, 4, &picture);
    expect("{232,-,}▀{255,-,}▀{232,-,}▀{244,-,}▀\n", true);
    picture.lowest = picture.highest = 0.5;
    draw(&theme, 1, 4, &picture);
    picture.lowest = NAN;
    draw(&theme, 1, 4, &picture);
}

/* A value that trembles about the border of two steps changes nothing; one that
 * moves is followed. */
static void test_memory(void **state)
{
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);
    struct ui_art_memory memory = {0};
    float value = 10.49f / 23;
    struct ui_picture picture = {&value, NULL, {1, 1, 1}, -1, 0, 1, false};
    struct ui_rect rect = {0, 0, 1, 1};

    (void)state;
    ui_canvas_resize(&canvas, 1, 1);
    for (int i = 0; i < 10; i++) {
        value = (i % 2 ? 10.6f : 10.4f) / 23;
        ui_art_picture(&canvas, &theme, rect, &picture, &memory);
        assert_int_equal(canvas.cells[0].style.fg, 242);
    }
    value = 11.2f / 23;
    ui_art_picture(&canvas, &theme, rect, &picture, &memory);
    assert_int_equal(canvas.cells[0].style.fg, 243);
    value = 10.4f / 23;
    ui_art_memory_reset(&memory);
    ui_art_picture(&canvas, &theme, rect, &picture, &memory);
    assert_int_equal(canvas.cells[0].style.fg, 242);
    ui_art_memory_fini(&memory);
}

/* Every kind of theme, shapes and rectangles of all sorts: stays inside. */
static void test_everywhere(void **state)
{
    static const int counts[4] = {0, 8, 16, 256};
    static const struct hg_shape shapes[] = {{1, 1, 1},  {1, 28, 28}, {3, 5, 7},
                                             {2, 40, 3}, {1, 1, 90},  {3, 33, 64}};
    float *values = calloc(8192, sizeof *values), *other = calloc(8192, sizeof *other);

    (void)state;
    for (int i = 0; i < 8192; i++) {
        values[i] = (float)(i * 37 % 101) / 100;
    }
    ui_canvas_resize(&canvas, 12, 30);
    for (int n = 0; n < 4 * 2 * 4 * 4; n++) {
        struct ui_theme theme;
        struct ui_art_memory memory = {0};
        ui_theme_init(&theme, counts[n & 3], n & 4, (enum hg_art)(n >> 3 & 3),
                      (enum hg_palette)(n >> 5 & 3));
        canvas.ascii = !theme.utf8;
        for (int s = 0; s < 6 * 2; s++) {
            struct ui_picture picture = {values, s & 1 ? other : NULL, shapes[s / 2], -1, 0, 1,
                                         false};
            for (int size = 0; size < 12 * 30; size += 7) {
                struct ui_rect rect = {size % 3, size % 5, size / 30 + 1 - size % 3,
                                       size % 30 + 1 - size % 5};
                ui_canvas_clear(&canvas);
                ui_art_picture(&canvas, &theme, rect, &picture, size & 1 ? &memory : NULL);
                for (int c = 0; c < 12 * 30; c++) {
                    int row = c / 30 - rect.row, column = c % 30 - rect.column;
                    bool inside = row >= 0 && row < rect.rows && column >= 0 &&
                                  column < rect.columns;
                    assert_true(inside || (canvas.cells[c].text[0] == ' ' &&
                                           canvas.cells[c].style.bg == UI_DEFAULT));
                    assert_true(theme.utf8 || canvas.cells[c].text[0] < 0x7F);
                    assert_true(canvas.cells[c].style.bg < (theme.colours ? theme.colours : 0));
                }
            }
        }
        ui_art_memory_fini(&memory);
    }
    canvas.ascii = false;
    free(values);
    free(other);
}

/* Whole-number scaling, the shape kept. */
static void test_fit(void **state)
{
    struct ui_theme theme = theme_of(256, true, HG_ART_BLOCKS);
    struct ui_rect room = {1, 2, 29, 60}, rect;

    (void)state;
    rect = ui_art_fit(&theme, room, 28, 28);
    assert_int_equal(rect.columns, 56);
    assert_int_equal(rect.rows, 28);
    assert_int_equal(rect.column, 4);
    rect = ui_art_fit(&theme, room, 64, 64);
    assert_int_equal(rect.columns, 58);
    assert_int_equal(rect.rows, 29);
    rect = ui_art_fit(&theme, room, 1, 1000);
    assert_int_equal(rect.columns, 60);
    assert_int_equal(rect.rows, 1);
}

static void test_bars(void **state)
{
    static const float values[3] = {0, 0.5f, 1}, input[3] = {0, 0.25f, 1};
    struct ui_theme theme = theme_of(256, true, HG_ART_AUTO);
    struct ui_bars bars = {values, NULL, 3, 0, 1};
    struct ui_rect rect = {0, 0, 3, 12};

    (void)state;
    ui_canvas_resize(&canvas, 3, 12);
    ui_art_bars(&canvas, &theme, rect, &bars);
    expect(" 1 ▌\n 2 ████\n 3 ████████\n", false);
    ui_canvas_clear(&canvas);
    bars.reference = input;
    ui_art_bars(&canvas, &theme, rect, &bars);
    expect(" 1 │\n 2 ██│█\n 3 ███████│\n", false);
    ui_canvas_resize(&canvas, 5, 12); /* room for an empty row between */
    ui_art_bars(&canvas, &theme, (struct ui_rect){0, 0, 5, 12}, &bars);
    expect(" 1 │\n\n 2 ██│█\n\n 3 ███████│\n", false);
    ui_canvas_resize(&canvas, 3, 12);
    bars.reference = NULL;
    bars.lowest = -1; /* from zero, either way */
    ui_art_bars(&canvas, &theme, rect, &bars);
    expect(" 1     ▌\n 2     ██\n 3     ████\n", false);
}

static void test_bars_everywhere(void **state)
{
    static float values[5000];
    struct ui_theme theme = theme_of(256, true, HG_ART_AUTO);

    (void)state;
    values[3] = NAN;
    values[4] = INFINITY;
    ui_canvas_resize(&canvas, 9, 70);
    for (int size = 0; size < 9 * 70; size++) {
        for (size_t count = 1; count <= 5000; count = count * 5 / 2 + 1) {
            struct ui_bars bars = {values, size & 1 ? values : NULL, count, -1, 1};
            struct ui_rect rect = {0, 0, size / 70 + 1, size % 70 + 1};
            ui_canvas_clear(&canvas);
            ui_art_bars(&canvas, &theme, rect, &bars);
            for (int c = 0; c < 9 * 70; c++) {
                assert_true((c / 70 < rect.rows && c % 70 < rect.columns) ||
                            canvas.cells[c].text[0] == ' ');
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves),     cmocka_unit_test(test_odd),
        cmocka_unit_test(test_ascii),      cmocka_unit_test(test_braille),
        cmocka_unit_test(test_no_colours), cmocka_unit_test(test_average),
        cmocka_unit_test(test_rgb),        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_not_finite), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_everywhere), cmocka_unit_test(test_fit),
        cmocka_unit_test(test_bars),       cmocka_unit_test(test_bars_everywhere),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
