/* View 5 driven by scripts: the layers over time, worst and best samples, every size. The stored
 * screens are in tests/screens; HG_UPDATE_SCREENS=1 writes them anew. */
#include "keys_help.h"

#include "tui/health.h"

enum { PIXELS = 14 * 14 };

static float values[HG_PULSE_POINTS * HG_HEALTH_LAYERS * HG_PULSE_KINDS];
static float pictures[4 * HG_EXTREMES * PIXELS];

static bool shows(struct fake *fake, const char *words)
{
    char *text = ui_script_text(&fake->script);
    bool found = strstr(text, words) != NULL;

    free(text);
    return found;
}

/* Draws, and tells what the trainer was told meanwhile. */
static const char *asked(struct fake *fake)
{
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    return fake_last(fake);
}

/* Layers that learn less and less, the deeper the less. */
static void fill_layers(struct fake *fake, size_t layers, size_t points)
{
    struct hg_pulse *pulse = &fake->snapshot.pulse;

    pulse->known = true;
    pulse->serial++;
    pulse->points = points;
    pulse->value = values;
    pulse->now = (struct hg_health){.step = fake->snapshot.step, .samples = 256, .layers = layers};
    for (size_t i = 0; i < layers; i++) {
        struct hg_layer_health *layer = &pulse->now.layer[i];
        bool last = i + 1 == layers;
        snprintf(layer->name, sizeof layer->name, 2 * i < layers ? "encoder.%zu" : "decoder.%zu",
                 2 * (2 * i < layers ? i : i - (layers + 1) / 2));
        snprintf(layer->text, sizeof layer->text, last ? "dense 784 sigmoid" : "dense %zu tanh",
                 (size_t)128 >> (i % 6));
        layer->update = 0.0012;
        layer->gradient = 3.4e-5 * (double)(i + 1);
        layer->spread = 0.85;
        layer->deviation = 0.9;
        layer->saturated = i == 2 ? NAN : 0.12 * (double)(i % 8);
        layer->dead = i == 1 ? 0.004 : 0;
    }
    for (size_t i = 0; i < points; i++) {
        pulse->step[i] = i * i * 4500 / (points * points) + i;
        for (size_t j = 0; j < layers * HG_PULSE_KINDS; j++) {
            double fall = pow((double)(i + 1), -0.5 - 0.1 * (double)(j / HG_PULSE_KINDS));
            values[i * layers * HG_PULSE_KINDS + j] =
                (float)(j % HG_PULSE_KINDS < HG_PULSE_SATURATED ? fall : 1 - fall);
        }
    }
}

static void fill_samples(struct fake *fake, size_t count, bool image)
{
    struct hg_extremes *extremes = &fake->snapshot.extremes;

    extremes->known = true;
    extremes->serial++;
    extremes->looked = extremes->among = 2000;
    extremes->count = count;
    extremes->picture = image ? (struct hg_shape){1, 14, 14} : (struct hg_shape){0, 0, 0};
    extremes->values = image ? pictures : NULL;
    for (size_t i = 0; i < count; i++) {
        extremes->worst[i] = (struct hg_extreme){(uint32_t)(37 * i + 12), (int32_t)(i % 10), false,
                                                 0.131 / (double)(i + 1)};
        extremes->best[i] = (struct hg_extreme){(uint32_t)(91 * i + 5), (int32_t)((i + 1) % 10),
                                                false, 0.00412 * (double)(i + 1)};
    }
    for (size_t i = 0; i < 4 * count * PIXELS; i++) {
        size_t row = i % PIXELS / 14, column = i % 14;
        pictures[i] = (float)((row / 2 + column / 2 + i / PIXELS) % 3) / 2;
    }
}

static struct fake *in_view(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    fake_take(fake);
    keys(fake, "20s 5");
    fill_layers(fake, 6, 120);
    fill_samples(fake, HG_EXTREMES, true);
    fake_take(fake);
    free(ui_script_text(&fake->script));
    return fake;
}

static void test_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        struct fake *fake = in_view(sizes[i][0], sizes[i][1], false, i == 0 ? 16 : 256);
        snprintf(name, sizeof name, "health-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
    struct fake *fake = in_view(24, 80, true, 256);
    check_screen(fake, "health-ascii");
    fill_samples(fake, HG_EXTREMES, false);
    fake->snapshot.image = false;
    fill_layers(fake, 14, 40);
    fake->snapshot.pulse.now.layer[1].update = 0.4;
    fake->snapshot.pulse.now.layer[2].dead = 0.5;
    fake_take(fake);
    check_screen(fake, "health-table");
    fake_close(fake);
}

static void test_asked(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_string_equal(asked(fake), "");
    keys(fake, "5");
    assert_string_equal(asked(fake), "HEALTH 1");
    assert_string_equal(asked(fake), "");
    assert_true(has(fake, "Measuring the layers"));
    fill_layers(fake, 6, 3);
    fake_take(fake);
    assert_true(has(fake, "Looking at the samples"));
    fill_samples(fake, 12, true);
    fake_take(fake);
    assert_false(shows(fake, "Looking"));
    keys(fake, "1");
    assert_string_equal(asked(fake), "HEALTH 0");
    assert_string_equal(asked(fake), "");
    fake_close(fake);
}

/* Chosen by keys or by the mouse, shown in view 1. */
static void test_jump(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);

    (void)state;
    asked(fake);
    keys(fake, "Enter");
    assert_int_equal(fake->script.app.view, 1);
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    assert_int_equal(fake->told_count, 3); /* of the views 1 and 5, then the sample */
    assert_int_equal(fake->told[0].kind, HG_DO_TRAIN);
    assert_int_equal(fake->told[0].number, 1);
    assert_int_equal(fake->told[2].kind, HG_DO_SHOW);
    assert_int_equal(fake->told[2].number, 12);
    keys(fake, "5");
    asked(fake);
    keys(fake, "[ ] ] ]"); /* three worst, then the best */
    free(ui_script_text(&fake->script));
    keys(fake, "Enter");
    asked(fake);
    assert_int_equal(fake->told[2].number, 5);
    keys(fake, "5");
    asked(fake);
    keys(fake, "] ] ] ] ] ] ] ]");
    free(ui_script_text(&fake->script));
    keys(fake, "Enter");
    asked(fake);
    assert_int_equal(fake->told[2].number, 91 * 2 + 5);
    keys(fake, "5");
    asked(fake);
    struct ui_health *health = fake->script.app.scene.health;
    assert_int_equal(health->slots, 6);
    ui_app_point(&fake->script.app, &(struct ui_pointer){UI_POINTER_PRESS, health->slot[1].row + 3,
                                                         health->slot[1].column + 2});
    assert_int_equal(fake->script.app.view, 1);
    asked(fake);
    assert_int_equal(fake->told[2].number, 37 + 12);
    fake_close(fake);
}

static void test_pages_of_layers(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);

    (void)state;
    fill_layers(fake, 30, 50);
    fake_take(fake);
    assert_true(has(fake, "layers 1 to "));
    assert_true(has(fake, "encoder.0 "));
    assert_true(has(fake, "PgUp PgDn"));
    keys(fake, "PageDown");
    assert_false(shows(fake, "encoder.0 "));
    keys(fake, "PageDown PageDown PageDown PageDown PageDown");
    assert_true(has(fake, "to 30 of 30"));
    assert_true(has(fake, "decoder.28"));
    keys(fake, "wheel-up");
    assert_true(has(fake, "to 29 of 30"));
    keys(fake, "wheel-down wheel-down wheel-down");
    assert_true(has(fake, "to 30 of 30"));
    keys(fake, "PageUp PageUp PageUp PageUp PageUp PageUp");
    assert_true(has(fake, "layers 1 to "));
    fake_close(fake);
}

/* Outside of its band a number has a mark and a colour; inside it has neither. */
static void test_bands_shown(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);
    char *before, *after;

    (void)state;
    assert_false(shows(fake, "!"));
    before = ui_script_styled(&fake->script);
    fake->snapshot.pulse.now.layer[0].update = 0.4;
    fake->snapshot.pulse.now.layer[3].saturated = 0.95;
    fake->snapshot.pulse.now.layer[5].saturated = 0.95; /* of the last, healthy */
    fake_take(fake);
    assert_true(has(fake, "0.40!"));
    assert_true(has(fake, "95 %!"));
    after = ui_script_styled(&fake->script);
    assert_string_not_equal(before, after);
    free(before);
    free(after);
    fake_close(fake);
}

static void test_numbers(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},           {0.00123, "0.0012"}, {0.5, "0.50"},       {1, "1.0"},
                 {12.3, "12"},       {340, "340"},        {1.24e-5, "1.2e-5"}, {9.96e-4, "0.0010"},
                 {3.2e-12, "3e-12"}, {1.5e7, "1.5e7"},    {0.00095, "9.5e-4"}, {NAN, "–"},
                 {INFINITY, "inf"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[UI_NUMBER];
        assert_string_equal(ui_health_number(out, cases[i].value), cases[i].text);
    }
}

/* Panels lie inside, disjoint; a page of layers fits its panel. */
static void test_page_at_every_size(void **state)
{
    (void)state;
    for (int rows = 0; rows <= 100; rows++) {
        for (int columns = 1; columns <= 300; columns += 3) {
            struct ui_rect rect = {1, 0, rows, columns};
            struct ui_health_wishes wishes = {.layers = (size_t)(rows * 7 % 65),
                                              .image = columns % 2 == 1,
                                              .rows = 1 + columns % 40,
                                              .columns = 1 + rows % 50,
                                              .half = rows % 2 == 0};
            struct ui_health_page page;
            ui_health_fit(rect, &wishes, &page);
            assert_true(page.layers.rows + page.samples.rows <= rows);
            assert_true(page.lines >= 1);
            assert_true((int)page.page * page.lines <= page.layers.rows);
            if (!ui_rect_empty(page.samples)) {
                assert_int_equal(page.samples.row, 1 + page.layers.rows);
                assert_true((int)page.each * page.pitch <= columns / 2);
                assert_true(2 * page.high + 2 <= page.samples.rows);
            }
        }
    }
}

static void test_every_size(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct fake *fake = in_view(24, 80, kind % 2 == 1, kind == 2 ? 0 : 256);
        fill_layers(fake, kind == 3 ? HG_HEALTH_LAYERS : 1 + 5 * (size_t)kind, 256);
        fill_samples(fake, kind == 2 ? 1 : 12, kind < 2);
        fake->snapshot.image = kind < 2;
        fake_take(fake);
        for (int rows = 1; rows <= 100; rows += rows < 30 ? 1 : 13) {
            for (int columns = 1; columns <= 300; columns += columns < 100 ? 3 : 41) {
                struct ui_script *script = &fake->script;
                assert_true(ui_canvas_resize(&script->canvas, rows, columns));
                ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
            }
        }
        fake_close(fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored),
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_jump),
        cmocka_unit_test(test_pages_of_layers),
        cmocka_unit_test(test_bands_shown),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_page_at_every_size),
        cmocka_unit_test(test_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
