/* test_plot.c - the loss chart and the scatter: what is drawn where; hostile numbers. */
#include "tui/plot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

enum { ROWS = 12, COLUMNS = 60 };

static struct ui_canvas canvas;
static struct hg_series series;
static struct ui_theme theme;

static int setup(void **state)
{
    (void)state;
    ui_theme_init(&theme, 256, true, HG_ART_AUTO, HG_PALETTE_AUTO);
    return ui_canvas_resize(&canvas, ROWS, COLUMNS) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ui_canvas_fini(&canvas);
    return 0;
}

static const struct ui_rect all = {0, 0, ROWS, COLUMNS};

static void falling(uint64_t steps)
{
    hg_series_clear(&series);
    for (uint64_t step = 1; step <= steps; step++) {
        hg_series_add(&series, step, 0.01 + 0.1 / sqrt((double)step));
    }
}

static bool has(const char *text)
{
    char *screen = ui_canvas_text(&canvas);
    bool found = strstr(screen, text) != NULL;

    free(screen);
    return found;
}

/* First row of a column that holds Braille in the accent colour; -1 = none. */
static int curve_row(int column)
{
    for (int row = 0; row < canvas.rows; row++) {
        const struct ui_cell *cell = ui_canvas_at(&canvas, row, column);
        if (cell->text[0] > 0x2800 && cell->text[0] < 0x2900 && cell->style.fg == 45) {
            return row;
        }
    }
    return -1;
}

static void test_curve(void **state)
{
    struct hg_ladder ladder = {.mean = 0.1, .rungs = 2, .pca = {0.05, 0.02}};
    struct hg_epoch epochs[2] = {{1, 500, 0.1, 0.06, 0.1}, {2, 1000, 0.1, 0.05, 0.1}};
    struct ui_loss_chart chart = {
        .series = &series, .epochs = epochs, .epoch_count = 2, .ladder = &ladder};
    int before = 0, rungs = 0, points = 0;

    (void)state;
    falling(1000);
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &theme, all, &chart, NULL);
    for (int column = 0; column < 43; column++) { /* falls from left to right, without a hole */
        int row = curve_row(column);
        assert_true(row >= before);
        before = row;
    }
    assert_true(before >= ROWS - 2);
    assert_true(has("mean  0.1000"));
    assert_true(has("PCA-1 0.0500"));
    assert_true(has("PCA-2 0.0200"));
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        rungs += canvas.cells[i].style.fg == 66 && canvas.cells[i].text[0] >= 0x2800;
        points += canvas.cells[i].style.fg == 215;
    }
    assert_true(rungs > 20);
    assert_int_equal(points, 2);
}

/* A cliff is drawn as a line, not as two ends. */
static void test_cliff(void **state)
{
    struct ui_loss_chart chart = {.series = &series, .linear_steps = true};

    (void)state;
    hg_series_clear(&series);
    for (uint64_t step = 1; step <= 400; step++) {
        hg_series_add(&series, step, step < 100 ? 1 : 1e-6);
    }
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &theme, all, &chart, NULL);
    for (int row = 1; row < ROWS - 1; row++) {
        bool found = false;
        for (int column = 0; column < COLUMNS; column++) {
            found = found || ui_canvas_at(&canvas, row, column)->style.fg == 45;
        }
        assert_true(found);
    }
}

/* While the network trains the axes do not crawl: the old part of the curve stays. */
static void test_steady(void **state)
{
    struct ui_loss_chart chart = {.series = &series};
    struct ui_axes axes = {0};
    int changed = 0;

    (void)state;
    falling(1000);
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &theme, all, &chart, &axes);
    for (uint64_t step = 1001; step < 1100; step++) {
        double high = axes.high_x;
        hg_series_add(&series, step, 0.01 + 0.1 / sqrt((double)step));
        ui_plot_loss(&canvas, &theme, all, &chart, &axes);
        changed += high < axes.high_x || high > axes.high_x;
    }
    assert_int_equal(changed, 0);
    falling(3); /* started again */
    ui_plot_loss(&canvas, &theme, all, &chart, &axes);
    assert_true(axes.high_x < 3);
}

/* A ladder that is not known, or of many rungs; rungs that would share a row. */
static void test_ladder(void **state)
{
    struct hg_ladder ladder = {.mean = 1, .rungs = HG_LADDER_MOST, .approximate = true};
    struct ui_loss_chart chart = {.series = &series, .ladder = &ladder, .linear_loss = true};

    (void)state;
    for (int i = 0; i < HG_LADDER_MOST; i++) {
        ladder.pca[i] = 0.9 / (i + 1);
    }
    falling(100);
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &theme, all, &chart, NULL);
    assert_true(has("mean  1.0000"));
    assert_true(has("PCA-64 ~0.0141"));
    assert_true(has("PCA-1 ~0.9000"));
    ladder.mean = NAN;
    ladder.rungs = 0;
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &theme, all, &chart, NULL);
    assert_false(has("mean"));
    assert_true(curve_row(0) >= 0);
}

/* Losses no axis has a place for; nothing known at all; every size. */
static void test_hostile_curves(void **state)
{
    static const double values[] = {NAN, INFINITY, -INFINITY, 0, -1, 1e300, 1e-300, 1, 1e30, 0.5};
    struct hg_epoch epochs[3] = {{1, 1, 1, NAN, 1}, {2, 20, 1, INFINITY, 1}, {3, 90, 1, 0, 1}};
    struct hg_ladder ladder = {.mean = 0.7, .rungs = 1, .pca = {0}};

    (void)state;
    for (int kind = 0; kind < 10 * 8; kind++) {
        struct ui_loss_chart chart = {.series = &series,
                                      .epochs = epochs,
                                      .epoch_count = kind & 1 ? 3 : 0,
                                      .ladder = &ladder,
                                      .linear_steps = kind & 2,
                                      .linear_loss = kind & 4};
        struct ui_axes axes = {0};
        hg_series_clear(&series);
        for (uint64_t step = 1; step < 90; step++) {
            hg_series_add(&series, step, step % 3 == 0 ? 0.6 : values[kind / 8]);
        }
        ladder.mean = kind % 3 == 0 ? values[kind / 8] : 0.7;
        for (int size = 0; size < ROWS * COLUMNS; size += 7) {
            struct ui_rect rect = {0, 0, size / COLUMNS + 1, size % COLUMNS + 1};
            ui_canvas_clear(&canvas);
            ui_plot_loss(&canvas, &theme, rect, &chart, &axes);
            for (int c = 0; c < ROWS * COLUMNS; c++) {
                assert_true((c / COLUMNS < rect.rows && c % COLUMNS < rect.columns) ||
                            canvas.cells[c].text[0] == ' ');
            }
        }
    }
    hg_series_clear(&series);
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &theme, all, &(struct ui_loss_chart){0}, NULL);
    ui_plot_loss(&canvas, &theme, all, &(struct ui_loss_chart){.series = &series}, NULL);
    assert_false(has("0"));
}

static void test_ascii_chart(void **state)
{
    struct ui_loss_chart chart = {.series = &series};
    struct ui_theme ascii;

    (void)state;
    ui_theme_init(&ascii, 0, false, HG_ART_AUTO, HG_PALETTE_AUTO);
    canvas.ascii = true;
    falling(500);
    ui_canvas_clear(&canvas);
    ui_plot_loss(&canvas, &ascii, all, &chart, NULL);
    canvas.ascii = false;
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        assert_true(canvas.cells[i].text[0] < 0x7F);
    }
    assert_true(has("--") || has(".."));
}

static const char names[3][24] = {"cat", "dog", "emu"};

static void test_scatter(void **state)
{
    struct hg_code_point points[] = {{0, 0, 0, 0}, {1, 1, 10, 10}, {2, 2, 0, 10}, {3, 1, 10, 0},
                                     {4, 1, 0, 0}, {5, 1, 0, 0},   {6, 2, 0, 0}};
    struct ui_scatter scatter = {points, 4, names, 3, 2, true, 10, 10, 1};
    struct ui_axes axes = {0};
    int row, column;

    (void)state;
    ui_canvas_resize(&canvas, 3, 9);
    ui_plot_scatter(&canvas, &theme, (struct ui_rect){0, 0, 3, 9}, &scatter, &axes);
    assert_true(has("e       d\n\nc       d\n"));
    assert_int_equal(ui_canvas_at(&canvas, 0, 8)->style.attributes, UI_REVERSE);
    assert_int_equal(ui_canvas_at(&canvas, 2, 0)->style.fg, theme.label[0]);
    scatter.count = 7; /* the commonest label of a crowd, in bold */
    ui_canvas_clear(&canvas);
    ui_plot_scatter(&canvas, &theme, (struct ui_rect){0, 0, 3, 9}, &scatter, &axes);
    assert_true(has("d       d\n"));
    assert_int_equal(ui_canvas_at(&canvas, 2, 0)->style.attributes, UI_BOLD);
    scatter.here_x = scatter.here_y = 0; /* the shown one is on top of the crowd */
    scatter.here_label = 0;
    ui_plot_scatter(&canvas, &theme, (struct ui_rect){0, 0, 3, 9}, &scatter, &axes);
    assert_int_equal(ui_canvas_at(&canvas, 2, 0)->text[0], 'c');
    assert_int_equal(ui_canvas_at(&canvas, 2, 0)->style.attributes, UI_REVERSE);
    assert_true(ui_scatter_place((struct ui_rect){5, 5, 3, 9}, &axes, 1e9, -1e9, &row, &column));
    assert_true(row == 7 && column == 13);
    ui_canvas_resize(&canvas, ROWS, COLUMNS);
}

static void test_unlabelled(void **state)
{
    struct hg_code_point points[] = {{0, -1, 0, 0}, {1, -1, 9, 0}, {2, -1, 9, 0},
                                     {3, -1, 5, 0}, {4, -1, 5, 0}, {5, -1, 5, 0}};
    struct ui_scatter scatter = {points, 6, NULL, 0, 2, false, 0, 0, -1};

    (void)state;
    ui_canvas_clear(&canvas);
    ui_plot_scatter(&canvas, &theme, (struct ui_rect){0, 0, 1, 9}, &scatter, NULL);
    assert_true(has("·   ●   •\n"));
}

/* A code of one value: glyphs stacked above an axis, all of them of a label. */
static void test_strip(void **state)
{
    struct hg_code_point points[40];
    struct ui_scatter scatter = {points, 6, names, 3, 1, true, 1, 0, 1};
    char *text;

    (void)state;
    for (int i = 0; i < 40; i++) {
        points[i] = (struct hg_code_point){(uint32_t)i, i < 3 ? 0 : 1, i < 4 ? 0.0f : 1.0f, 0};
    }
    ui_canvas_clear(&canvas);
    ui_plot_scatter(&canvas, &theme, (struct ui_rect){0, 0, 6, 9}, &scatter, NULL);
    assert_true(has("\nd\nc\nc       d\nc       d\n────────d"));
    scatter.count = 40; /* more than there are rows */
    ui_canvas_clear(&canvas);
    ui_plot_scatter(&canvas, &theme, (struct ui_rect){0, 0, 6, 9}, &scatter, NULL);
    text = ui_canvas_text(&canvas);
    assert_null(strstr(text, "·"));
    assert_int_equal(strncmp(text, "        d\n", 10), 0);
    free(text);
}

static void test_hostile_points(void **state)
{
    static const char many[64][24]; /* classes without a name */
    static const float values[] = {NAN, INFINITY, -INFINITY, 0, 1e38f, -1e38f, 1e-38f, 1};
    struct hg_code_point points[64];

    (void)state;
    for (int n = 0; n < 8 * 8 * 3; n++) {
        struct ui_scatter scatter = {points,
                                     64,
                                     many,
                                     90,
                                     (size_t)(n % 3 + 1),
                                     true,
                                     (double)values[n % 8],
                                     (double)values[n / 8 % 8],
                                     77};
        struct ui_axes axes = {0};
        for (int i = 0; i < 64; i++) {
            points[i] = (struct hg_code_point){(uint32_t)i, i * 7 - 1, i & 1 ? values[n % 8] : 1.0f,
                                               i & 2 ? values[n / 8 % 8] : 2.0f};
        }
        for (int size = 0; size < ROWS * COLUMNS; size += 11) {
            struct ui_rect rect = {0, 0, size / COLUMNS + 1, size % COLUMNS + 1};
            ui_canvas_clear(&canvas);
            ui_plot_scatter(&canvas, &theme, rect, &scatter, &axes);
            for (int c = 0; c < ROWS * COLUMNS; c++) {
                assert_true((c / COLUMNS < rect.rows && c % COLUMNS < rect.columns) ||
                            canvas.cells[c].text[0] == ' ');
            }
        }
    }
}

/* Where several kept steps share a column, the end of the slider is the last of them. */
static void test_slider_ends(void **state)
{
    const uint64_t kept[] = {1, 300, 820, 900};
    const struct ui_loss_chart chart = {.kept = kept, .kept_count = 4};
    const struct ui_axes axes = {.set = true, .high_x = log(901)};
    const struct ui_rect rect = {0, 5, 8, 80};
    uint64_t step = 0;
    int end = 5;

    (void)state;
    while (ui_slider_hit(rect, &chart, 7, end + 1)) {
        end++;
    }
    assert_true(ui_slider_step(rect, &chart, &axes, 5, &step));
    assert_int_equal(step, 1);
    assert_true(ui_slider_step(rect, &chart, &axes, end - 10, &step));
    assert_int_equal(step, 300);
    assert_true(ui_slider_step(rect, &chart, &axes, end, &step));
    assert_int_equal(step, 900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curve),          cmocka_unit_test(test_cliff),
        cmocka_unit_test(test_steady),         cmocka_unit_test(test_ladder),
        cmocka_unit_test(test_hostile_curves), cmocka_unit_test(test_ascii_chart),
        cmocka_unit_test(test_slider_ends),    cmocka_unit_test(test_scatter),
        cmocka_unit_test(test_unlabelled),     cmocka_unit_test(test_strip),
        cmocka_unit_test(test_hostile_points),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
