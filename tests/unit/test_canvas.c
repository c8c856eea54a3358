/* test_canvas.c - cells, widths, clipping, ASCII, rules, colours; pace and bytes of a screen. */
#include "tui/canvas.h"
#include "tui/term_pace.h"
#include "tui/term_squeeze.h"
#include "tui/theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ui_style plain = {UI_DEFAULT, UI_DEFAULT, 0};

static void expect_text(const struct ui_canvas *canvas, const char *expected)
{
    char *text = ui_canvas_text(canvas);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static struct ui_canvas make(int rows, int columns)
{
    struct ui_canvas canvas = {0};

    assert_true(ui_canvas_resize(&canvas, rows, columns));
    return canvas;
}

static void put(struct ui_canvas *canvas, int row, int column, int columns, const char *text)
{
    ui_put(canvas, (struct ui_spot){row, column, columns}, plain, text);
}

static void test_put(void **state)
{
    struct ui_canvas canvas = make(3, 8);

    (void)state;
    put(&canvas, 0, 0, 99, "grün→ x12345");
    put(&canvas, 1, -2, 99, "abcd");
    put(&canvas, 2, 5, 2, "abcd");
    put(&canvas, 7, 0, 9, "nowhere");
    put(&canvas, -1, 0, 9, "nowhere");
    expect_text(&canvas, "grün→ x1\ncd\n     ab\n");
    ui_canvas_fini(&canvas);
}

static void test_wide(void **state)
{
    struct ui_canvas canvas = make(3, 5);

    (void)state;
    put(&canvas, 0, 0, 9, "日本語"); /* the third one is cut in halves */
    put(&canvas, 1, 0, 9, "日本");
    put(&canvas, 1, 1, 1, "x");          /* overwrites a half */
    put(&canvas, 2, 0, 9, "e\xCC\x81z"); /* a combining accent */
    expect_text(&canvas, "日本\n x本\ne\xCC\x81z\n");
    assert_int_equal(ui_canvas_at(&canvas, 0, 0)->width, 2);
    assert_int_equal(ui_canvas_at(&canvas, 0, 1)->width, 0);
    assert_int_equal(ui_canvas_at(&canvas, 0, 4)->width, 1);
    ui_canvas_fill(&canvas, (struct ui_rect){0, 1, 1, 1}, plain, '.');
    assert_int_equal(ui_canvas_at(&canvas, 0, 0)->width, 1);
    ui_canvas_fini(&canvas);
}

static void test_hostile(void **state)
{
    struct ui_canvas canvas = make(1, 20);

    (void)state;
    put(&canvas, 0, 0, 20,
        "a\033[2Jb\xFF\xC3(\x9F\xED\xA0\x80"
        "c\xF4\x90\x80\x80");
    for (int i = 0; i < canvas.columns; i++) {
        assert_true(canvas.cells[i].text[0] >= 0x20 && canvas.cells[i].text[0] < 0x7F);
    }
    expect_text(&canvas, "a?[2Jb?"
                         "?(?"
                         "???c????\n");
    ui_canvas_fini(&canvas);
}

static void test_ascii(void **state)
{
    struct ui_canvas canvas = make(1, 30);
    char *text;

    (void)state;
    canvas.ascii = true;
    put(&canvas, 0, 0, 30, "784 → 2 … ● 3×3 ü日─▀");
    expect_text(&canvas, "784 -> 2 ... * 3x3 ?"
                         "?-?\n");
    assert_int_equal(ui_width("→…×", true), 6);
    assert_int_equal(ui_width("→…×日", false), 5);
    ui_canvas_set(&canvas, 0, 0, plain, 0x2500);
    text = ui_canvas_text(&canvas);
    assert_int_equal(text[0], '-');
    free(text);
    ui_canvas_fini(&canvas);
}

static void test_cut_and_right(void **state)
{
    struct ui_canvas canvas = make(3, 10);

    (void)state;
    assert_int_equal(ui_put_cut(&canvas, (struct ui_spot){0, 0, 6}, plain, "hourglass"), 6);
    ui_put_right(&canvas, (struct ui_spot){1, 0, 10}, plain, "1.5");
    ui_putf(&canvas, (struct ui_spot){2, 0, 10}, plain, "%s %d", "n", 7);
    expect_text(&canvas, "hourg…\n       1.5\nn 7\n");
    ui_canvas_fini(&canvas);
}

static void test_rule(void **state)
{
    struct ui_canvas canvas = make(4, 24);
    struct ui_theme theme;
    char *text;

    (void)state;
    ui_theme_init(&theme, 256, true, HG_ART_AUTO, HG_PALETTE_AUTO);
    ui_rule(&canvas, (struct ui_spot){0, 0, 24}, &theme.rule, "loss", "1 … 40");
    ui_rule(&canvas, (struct ui_spot){1, 0, 12}, &theme.rule, "loss", "1 … 40");
    ui_rule(&canvas, (struct ui_spot){2, 0, 8}, &theme.rule, "difference", NULL);
    ui_rule(&canvas, (struct ui_spot){3, 0, 2}, &theme.rule, "loss", NULL);
    expect_text(&canvas, "─ loss ──────── 1 … 40 ─\n─ loss ─────\n─ diff…\n──\n");
    text = ui_canvas_styled_text(&canvas);
    assert_non_null(strstr(text, "{240,-,}─{252,-,b} loss {240,-,}──"));
    free(text);
    ui_canvas_fini(&canvas);
}

/* Every string everywhere on small canvases: nothing leaves the cells (run under
 * a sanitizer), widths stay consistent. */
static void test_everywhere(void **state)
{
    static const char *const texts[] = {"",   "a",         "日",        "a日b",
                                        "→…", "e\xCC\x81", "\xCC\x81x", "\xFF"};

    (void)state;
    for (int rows = 1; rows <= 3; rows++) {
        for (int columns = 1; columns <= 5; columns++) {
            struct ui_canvas canvas = make(rows, columns);
            for (int n = 0; n < 8 * 5 * 10 * 8; n++) {
                int width = n / 400 - 1;
                int used = ui_put(&canvas, (struct ui_spot){n / 8 % 5 - 1, n / 40 % 10 - 3, width},
                                  plain, texts[n % 8]);
                assert_in_range(used, 0, width < 0 ? 0 : width);
            }
            for (int i = 0; i < rows * columns; i++) {
                int next = (i + 1) % columns == 0 ? 1 : canvas.cells[i + 1].width;
                assert_true((canvas.cells[i].width == 2) == (next == 0));
            }
            ui_canvas_fini(&canvas);
        }
    }
}

static void test_theme(void **state)
{
    static const char names[4][24] = {"setosa", "versicolor", "virginica", "7"};
    static const int counts[4] = {0, 8, 16, 256};
    struct ui_theme theme;

    (void)state;
    for (int i = 0; i < 4; i++) {
        int colours = counts[i];
        ui_theme_init(&theme, colours, true, HG_ART_AUTO, HG_PALETTE_AUTO);
        for (int role = 0; role < UI_ROLE_COUNT; role++) {
            assert_true(theme.role[role].fg < colours || theme.role[role].fg == UI_DEFAULT);
            assert_true(theme.role[role].bg < colours || theme.role[role].bg == UI_DEFAULT);
        }
        for (int step = -1; step <= ui_palette_steps(&theme); step++) {
            assert_true(ui_palette_colour(&theme, step) < (colours == 0 ? 0 : colours));
        }
        for (int16_t c = 0; c < 256; c++) {
            int16_t mapped = ui_colour_map(colours, c);
            assert_true(mapped < colours && (mapped >= 0) == (colours > 0));
        }
    }
    assert_int_equal(ui_theme_glyph(&theme, names, 4, 0), 's');
    assert_int_equal(ui_theme_glyph(&theme, names, 4, 1), '1'); /* two begin with v */
    assert_int_equal(ui_theme_glyph(&theme, names, 4, 3), '7');
    assert_int_equal(ui_theme_glyph(&theme, names, 4, -1), 0x25CF);
    assert_int_equal(ui_theme_glyph(&theme, names, 400, 71), '9');
}

static void test_rgb(void **state)
{
    (void)state;
    assert_int_equal(ui_colour_rgb(256, 255, 0, 0), 196);
    assert_int_equal(ui_colour_rgb(256, 128, 128, 128), 244);
    assert_int_equal(ui_colour_rgb(256, 156, 0, 0), 124); /* nearer to 175 than to 135 */
    assert_int_equal(ui_colour_rgb(256, 154, 0, 0), 88);
    assert_int_equal(ui_colour_rgb(16, 250, 10, 10), 9);
    for (int16_t c = 16; c < 256; c++) { /* each colour is its own nearest, or looks the same */
        int r, g, b, r2, g2, b2;
        ui_colour_split(c, &r, &g, &b);
        ui_colour_split(ui_colour_rgb(256, r, g, b), &r2, &g2, &b2);
        assert_int_equal(r, r2);
        assert_int_equal(g, g2);
        assert_int_equal(b, b2);
    }
}

static void test_pace(void **state)
{
    struct ui_pace pace;
    double time = 100, sent = 0;

    (void)state;
    assert_true(ui_pace_auto(24, 80) <= 4000 && ui_pace_auto(24, 80) > 3500);
    assert_true(ui_pace_auto(10, 10) <= 4000);
    assert_true(ui_pace_auto(50, 200) <= 12000 && ui_pace_auto(50, 200) > 11000);
    assert_true(ui_pace_auto(100, 300) <= 12000);
    ui_pace_init(&pace, 4000, time);
    for (; time < 160; time += 0.05) { /* a minute of frames of 3 kB, as fast as they may go */
        if (ui_pace_wait(&pace, time) <= 0) {
            ui_pace_spend(&pace, 3000, time);
            sent += 3000;
        }
    }
    assert_true(sent <= 4000 * 60 + 3000 && sent >= 3500 * 60);
    for (int key = 0; key < 1000; key++) { /* a key held down owes no more than four seconds */
        ui_pace_spend(&pace, 3000, time);
    }
    assert_true(ui_pace_wait(&pace, time) <= 4.01 && ui_pace_wait(&pace, time) > 3.9);
    ui_pace_init(&pace, 3800, time); /* a whole screen, and then little frames at once */
    ui_pace_lend(&pace, 10000, time);
    assert_true(ui_pace_wait(&pace, time) < 1);
    assert_true(ui_pace_owes(&pace, time) && !ui_pace_owes(&pace, time + 10));
    ui_pace_init(&pace, 3800, time);
    ui_pace_lend(&pace, 10000, time);
    sent = 10000;
    for (double end = time + 5; time < end; time += 0.05) {
        if (ui_pace_wait(&pace, time) <= 0) {
            ui_pace_spend(&pace, 300, time);
            sent += 300;
        }
    }
    assert_true(sent > 5 * 3300 && sent < 5 * 4000);
    ui_pace_set(&pace, 0, time);
    assert_true(ui_pace_wait(&pace, time) <= 0);
    assert_false(ui_pace_owes(&pace, time));
}

static void squeeze(const char *before, const char *after)
{
    char bytes[256];
    size_t length = strlen(before);

    memcpy(bytes, before, length + 1);
    length = ui_squeeze(bytes, length);
    assert_int_equal(length, strlen(after));
    assert_memory_equal(bytes, after, length);
}

static void test_squeeze(void **state)
{
    (void)state;
    squeeze("", "");
    squeeze("plain \033[2;3Htext", "plain \033[2;3Htext");
    squeeze("\033[38;5;1m\033[48;5;2mx", "\033[38;5;1;48;5;2mx");
    squeeze("\033[38;5;1m\033[48;5;2mx\033[38;5;1m\033[48;5;233my",
            "\033[38;5;1;48;5;2mx\033[48;5;233my");
    squeeze("\033[38;5;1mx\033[39;49m\033[38;5;1my", "\033[38;5;1mx\033[39;49m\033[38;5;1my");
    squeeze("\033[38;5;1mx\033[1m\033[38;5;1my", "\033[38;5;1mx\033[1m\033[38;5;1my");
    squeeze("\033[38;5;1mx\033[5;6H\033[38;5;1my", "\033[38;5;1mx\033[5;6Hy");
    squeeze("\033[38;5;1", "\033[38;5;1");
    squeeze("\033[38;2;1;2;3mx\033", "\033[38;2;1;2;3mx\033");
    squeeze("x\033[48;5;7m", "x\033[48;5;7m");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put),           cmocka_unit_test(test_wide),
        cmocka_unit_test(test_hostile),       cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_cut_and_right), cmocka_unit_test(test_rule),
        cmocka_unit_test(test_everywhere),    cmocka_unit_test(test_theme),
        cmocka_unit_test(test_rgb),           cmocka_unit_test(test_pace),
        cmocka_unit_test(test_squeeze),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
