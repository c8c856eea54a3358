/* The page of the gradient check driven by scripts. The stored screens are in tests/screens;
 * HG_UPDATE_SCREENS=1 writes them anew. */
#include "keys_help.h"

/* Draws, and tells what the trainer was told meanwhile. */
static const char *asked(struct fake *fake)
{
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    return fake_last(fake);
}

static void fill(struct fake *fake, size_t tensors, size_t checked)
{
    struct hg_check *check = &fake->snapshot.check;

    *check = (struct hg_check){.known = true,
                               .serial = check->serial + 1,
                               .done = checked == tensors,
                               .epoch = 40,
                               .step = 4520,
                               .batch = 32,
                               .tensors = tensors,
                               .checked = checked,
                               .finding = {.ratio = NAN},
                               .update = {.ratio = NAN}};
    for (size_t i = 0; i < checked && i < HG_CHECK_TENSORS; i++) {
        struct hg_gradient_verdict *verdict = &check->verdict[i];
        snprintf(verdict->name, sizeof verdict->name, "%s.%zu.%s",
                 2 * i < tensors ? "encoder" : "decoder", i / 2 * 2, i % 2 ? "bias" : "weight");
        verdict->checked = 200;
        verdict->error = 3.1e-8 * (double)(i + 1);
        verdict->ratio = 1;
        verdict->right = true;
    }
}

static void spoil(struct fake *fake, size_t at)
{
    struct hg_check *check = &fake->snapshot.check;

    check->verdict[at].right = false;
    check->verdict[at].error = 0.88;
    check->verdict[at].ratio = 0.0625;
    check->finding = (struct hg_gradient_finding){.wrong = true,
                                                  .fault = HG_FAULT_BIAS_PER_WEIGHT,
                                                  .name = "bias-per-weight",
                                                  .layer = "encoder.2.bias",
                                                  .ratio = 0.0625,
                                                  .words = "encoder.2.bias: 16 times too large"};
}

static void test_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fake *fake = fake_settled(sizes[i][0], sizes[i][1]);
        char name[32];
        keys(fake, "G");
        fill(fake, 12, 12);
        spoil(fake, 3);
        fake_take(fake);
        snprintf(name, sizeof name, "check-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
    struct fake *fake = fake_open(24, 80, true, 0);
    fake_take(fake);
    keys(fake, "20s G");
    fill(fake, 12, 5);
    fake_take(fake);
    check_screen(fake, "check-running");
    fake_close(fake);
}

/* Every opening, and Enter, is a check of its own; closed, it is forgotten. */
static void test_asked(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_string_equal(asked(fake), "");
    keys(fake, "G");
    assert_string_equal(asked(fake), "CHECK 1");
    assert_string_equal(asked(fake), "");
    assert_true(has(fake, "The check begins"));
    fill(fake, 12, 12);
    fake_take(fake);
    keys(fake, "Enter");
    assert_string_equal(asked(fake), "CHECK 1");
    keys(fake, "Esc");
    assert_string_equal(asked(fake), "CHECK 0");
    assert_string_equal(asked(fake), "");
    assert_false(has(fake, "Gradient check"));
    keys(fake, "G");
    assert_string_equal(asked(fake), "CHECK 1");
    keys(fake, "d"); /* one page at a time */
    free(ui_script_text(&fake->script));
    assert_true(has(fake, "Doctor"));
    assert_string_equal(asked(fake), "");
    keys(fake, "G");
    assert_string_equal(asked(fake), "CHECK 1");
    assert_true(has(fake, "Gradient check"));
    keys(fake, "space");
    assert_string_equal(fake_last(fake), "PAUSE");
    fake->told_count = 0;
    keys(fake, "Right + o 5"); /* they would change or hide what is checked */
    assert_string_equal(fake_last(fake), "");
    assert_int_equal(fake->script.app.view, 1);
    keys(fake, "q");
    assert_string_equal(asked(fake), "CHECK 0");
    fake_close(fake);
}

static void test_words(void **state)
{
    struct fake *fake = fake_settled(40, 120);
    struct hg_check *check = &fake->snapshot.check;

    (void)state;
    keys(fake, "G");
    fill(fake, 12, 5);
    fake_take(fake);
    assert_true(has(fake, "Checking 6 of 12 tensors"));
    assert_true(has(fake, "Training waits."));
    assert_true(has(fake, "Esc G q cancel"));
    fill(fake, 12, 12);
    check->done = false;
    fake_take(fake);
    assert_true(has(fake, "computing one update again"));
    check->done = true;
    fake_take(fake);
    assert_true(has(fake, "weights of step 4,520, its next batch of 32"));
    assert_true(has(fake, "All right: every gradient is what central differences say."));
    assert_true(has(fake, "The update: right"));
    assert_true(has(fake, "Enter check again"));
    check->verdict[4].right = false;
    check->verdict[4].zero = true;
    check->verdict[4].ratio = NAN;
    fake_take(fake);
    assert_true(has(fake, "Of 1 tensor both gradients vanish here, which proves nothing."));
    spoil(fake, 3);
    fake_take(fake);
    assert_false(has(fake, "All right"));
    assert_true(has(fake, "0.0625  wrong"));
    assert_true(
        has(fake, "The gradient is wrong: bias-per-weight (encoder.2.bias: 16 times too large)."));
    check->finding.words[0] = '\0';
    snprintf(check->finding.name, sizeof check->finding.name, "unknown");
    fake_take(fake);
    assert_true(has(fake, "The gradient is wrong: none of the known bugs explains it."));
    assert_true(has(fake, "Most in encoder.2.bias: it should be 0.0625 times what it is."));
    check->update = (struct hg_gradient_finding){
        .wrong = true, .name = "adam-multiplies-correction", .words = "m and v are multiplied"};
    fake_take(fake);
    assert_true(has(fake, "The update is wrong: adam-multiplies-correction (m and v are"));
    check->tensors = 300;
    fake_take(fake);
    assert_true(has(fake, "The first 12 of 300 tensors were checked."));
    check->status = HG_NO_MEMORY;
    fake_take(fake);
    assert_true(has(fake, "There was not enough memory to check the rest."));
    fake_close(fake);
}

/* The newest line stays in sight until one scrolls. */
static void test_scrolls(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "G");
    fill(fake, 100, 60);
    fake_take(fake);
    assert_true(has(fake, "Checking 61 of 100"));
    assert_false(has(fake, "gradient of"));
    keys(fake, "Home");
    assert_true(has(fake, "gradient of"));
    fill(fake, 100, 70);
    fake_take(fake);
    assert_true(has(fake, "gradient of"));
    keys(fake, "Down PageDown wheel-down");
    assert_false(has(fake, "gradient of"));
    keys(fake, "End");
    assert_true(has(fake, "Checking 71 of 100"));
    keys(fake, "Up PageUp wheel-up");
    assert_false(has(fake, "Checking 71 of 100"));
    fake_close(fake);
}

static void test_every_size(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "G");
    for (int kind = 0; kind < 3; kind++) {
        fill(fake, kind == 0 ? HG_CHECK_TENSORS : 12,
             kind == 1   ? 5
             : kind == 0 ? HG_CHECK_TENSORS
                         : 12);
        if (kind == 2) {
            spoil(fake, 3);
        }
        fake_take(fake);
        for (int rows = 1; rows <= 100; rows += rows < 30 ? 1 : 13) {
            for (int columns = 1; columns <= 300; columns += columns < 100 ? 1 : 41) {
                struct ui_script *script = &fake->script;
                assert_true(ui_canvas_resize(&script->canvas, rows, columns));
                ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
            }
        }
    }
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored),     cmocka_unit_test(test_asked),
        cmocka_unit_test(test_words),      cmocka_unit_test(test_scrolls),
        cmocka_unit_test(test_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
