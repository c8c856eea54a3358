/* The screen of view 1, driven by scripts: at its usual sizes, of every kind of run, and what is
 * said on it. */
#include "keys_help.h"

/* ---- stored screens ---- */

static void test_sizes_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}, {8, 30}, {45, 60}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        struct fake *fake = fake_settled(sizes[i][0], sizes[i][1]);
        snprintf(name, sizeof name, "train-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
}

/* The header's state is told in full at every width: before it the network and the name give. */
static void test_state_whole(void **state)
{
    static const struct {
        enum hg_run_state state;
        const char *word;
    } words[] = {{HG_STATE_RUNNING, " running\n"},
                 {HG_STATE_PAUSED, " paused\n"},
                 {HG_STATE_FINISHED, " finished\n"},
                 {HG_STATE_DIVERGED, " diverged\n"}};
    static const char *const names[] = {"digits", "a-run-with-a-name-that-goes-on-and-on-and-on"};

    (void)state;
    for (size_t i = 0; i < 4 * sizeof words / sizeof *words; i++) {
        struct fake *fake = fake_settled(12, 120);
        fake->script.canvas.ascii = i / 8;
        fake->snapshot.state = words[i % 4].state;
        fake->snapshot.rival.racing = i % 3 == 0;
        snprintf(fake->snapshot.name, sizeof fake->snapshot.name, "%s", names[i / 4 % 2]);
        fake_take(fake);
        for (int columns = 20; columns <= 120; columns++) {
            assert_true(ui_canvas_resize(&fake->script.canvas, 12, columns));
            char *text = ui_script_text(&fake->script), *end = strchr(text, '\n');
            end[1] = '\0';
            while (end > text && end[-1] == ' ') {
                memcpy(--end, "\n", 2);
            }
            if (strstr(text, words[i % 4].word) == NULL ||
                (columns >= 60 && strstr(text, "lr 0.001  batch 32") == NULL) ||
                (columns >= 60 &&
                 strstr(text, i / 4 % 2 ? "a-run-with-a-name" : "digits") == NULL)) {
                fail_msg("at %d columns: %s", columns, text);
            }
            free(text);
        }
        fake_close(fake);
    }
}

static void test_ascii_stored(void **state)
{
    struct fake *fake = fake_open(24, 80, true, 256);

    (void)state;
    fake_take(fake);
    check_screen(fake, "train-ascii");
    char *text = ui_script_text(&fake->script);
    for (const char *c = text; *c != '\0'; c++) {
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7F));
    }
    free(text);
    fake_close(fake);
}

static void test_mono_stored(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 0);

    (void)state;
    fake_take(fake);
    check_screen(fake, "train-mono");
    fake_close(fake);
}

static void make_table(struct fake *fake, size_t features)
{
    struct hg_snapshot *snapshot = &fake->snapshot;

    snapshot->image = false;
    snapshot->features = features;
    snapshot->shape = (struct hg_shape){1, 1, (int)features};
    for (size_t i = 0; i < features; i++) {
        fake->input[i] = (float)i / (float)features;
        fake->output[i] = (float)i / (float)features * 0.9f;
    }
}

static void test_kinds_stored(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);
    struct hg_snapshot *snapshot = &fake->snapshot;

    (void)state;
    make_table(fake, 6);
    snapshot->classes = 0;
    snapshot->label = -1;
    snapshot->validation = NAN;
    snapshot->codes = 8;
    snapshot->projected = true;
    snprintf(snapshot->layers, sizeof snapshot->layers, "6-8-6");
    fake_take(fake);
    keys(fake, "20s");
    check_screen(fake, "table");
    make_table(fake, 1);
    snapshot->codes = 1;
    fake_take(fake);
    check_screen(fake, "one-feature");
    fake_close(fake);
}

static void test_loading_and_failed(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);
    struct hg_snapshot before = {.state = HG_STATE_LOADING};

    (void)state;
    assert_true(has(fake, "Loading digits"));
    ui_app_take(&fake->script.app, &before);
    check_screen(fake, "loading");
    told(fake, "space s n w Up", "");
    before.state = HG_STATE_FAILED;
    snprintf(before.message, sizeof before.message, "x.png: not a PNG, byte 0");
    ui_app_take(&fake->script.app, &before);
    assert_true(has(fake, "x.png: not a PNG, byte 0"));
    told(fake, "space r", "");
    keys(fake, "q");
    assert_int_equal(fake->script.app.leave, UI_LEAVE);
    fake_close(fake);
}

/* ---- what is said ---- */

static void test_greeting(void **state)
{
    struct fake *fake = fake_open(40, 120, false, 256);

    (void)state;
    snprintf(fake->snapshot.notes[0], sizeof fake->snapshot.notes[0], "sizes differ: 3 of 9");
    fake->snapshot.note_count = 1;
    fake_take(fake);
    assert_true(has(fake, "Training a 784-128-32-2-32-128-784 autoencoder on MNIST.  space pauses, "
                          "? shows all keys, q quits."));
    keys(fake, "80x24");
    assert_true(has(fake, "space pauses, ? shows all keys, q quits."));
    keys(fake, "4s");
    assert_true(has(fake, "sizes differ: 3 of 9"));
    keys(fake, "3s");
    assert_true(has(fake, "Below PCA-2: it has learned"));
    keys(fake, "40x12");
    assert_true(has(fake, "Below PCA-2: beyond a linear code."));
    assert_true(has(fake, "? help"));
    assert_true(has(fake, "q quit"));
    fake_close(fake);
}

/* However much there is to tell at the start, after six seconds the sentence is read. */
static void test_many_notes(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    for (size_t i = 0; i < 5; i++)
        snprintf(fake->snapshot.notes[i], sizeof fake->snapshot.notes[i], "choice %zu", i);
    fake->snapshot.note_count = 5;
    fake_take(fake);
    for (int i = 0; i < 65; i++)
        keys(fake, "0.1s");
    assert_true(has(fake, "Below PCA-2: it has learned"));
    fake_close(fake);
}

/* A run that goes on has more to say than what it is. */
static void test_resumed(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    fake->script.app.config.resumed = true;
    snprintf(fake->snapshot.notes[0], sizeof fake->snapshot.notes[0], "sizes differ: 3 of 9");
    fake->snapshot.note_count = 1;
    fake_take(fake);
    assert_true(has(fake, "Below PCA-2: it has learned"));
    keys(fake, "4s");
    assert_true(has(fake, "Below PCA-2: it has learned"));
    fake_close(fake);
}

static void test_messages(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message, "saved to digits.safetensors");
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_GOOD;
    fake_take(fake);
    assert_true(has(fake, "saved to digits.safetensors"));
    keys(fake, "5s");
    assert_true(has(fake, "Below PCA-2"));
    fake_take(fake); /* the same message is no news */
    assert_true(has(fake, "Below PCA-2"));
    fake_close(fake);
}

static void test_later(void **state)
{
    static const char *const pressed[][2] = {
        {"x", "export (x) comes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pressed / sizeof *pressed; i++) {
        struct fake *fake = fake_settled(24, 80);
        told(fake, pressed[i][0], "");
        assert_true(has(fake, pressed[i][1]));
        fake_close(fake);
    }
}

/* Numbers may change four times a second, not more often. */
static void test_steady_numbers(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "1s");
    fake_take(fake);
    fake->snapshot.train = 0.0211;
    keys(fake, "0.1s");
    fake_take(fake);
    assert_true(has(fake, "train 0.0374"));
    keys(fake, "0.2s");
    fake_take(fake);
    assert_true(has(fake, "train 0.0211"));
    fake->snapshot.sample = 9;
    fake->snapshot.sample_loss = 0.5;
    fake_take(fake);
    assert_true(has(fake, "mse 0.500"));
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_stored), cmocka_unit_test(test_state_whole),
        cmocka_unit_test(test_ascii_stored), cmocka_unit_test(test_mono_stored),
        cmocka_unit_test(test_kinds_stored), cmocka_unit_test(test_loading_and_failed),
        cmocka_unit_test(test_greeting),     cmocka_unit_test(test_many_notes),
        cmocka_unit_test(test_resumed),      cmocka_unit_test(test_messages),
        cmocka_unit_test(test_later),        cmocka_unit_test(test_steady_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
