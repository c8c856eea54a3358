/* A race and the slider on view 1, driven by scripts: what is shown, what the trainer is told. */
#include "keys_help.h"

static struct hg_series other;

static void shows(struct fake *fake, const char *words)
{
    char *text = ui_script_text(&fake->script);

    if (strstr(text, words) == NULL) {
        fail_msg("no '%s' in:\n%s\n", words, text);
    }
    free(text);
}

/* States kept at 0, 1, 10, 100, 300, 500 ... 900 of 1,000 steps. */
static void keep_states(struct fake *fake)
{
    static const uint64_t steps[] = {0, 1, 10, 100, 300, 500, 700, 900};
    struct hg_snapshot *snapshot = &fake->snapshot;

    snapshot->step = snapshot->tip = 1000;
    snapshot->kept = sizeof steps / sizeof *steps;
    memcpy(snapshot->kept_step, steps, sizeof steps);
}

/* The copy, shown, is a little better from step 300 on. */
static void race(struct fake *fake)
{
    struct hg_rival *rival = &fake->snapshot.rival;

    keep_states(fake);
    other = fake->series;
    for (size_t i = 300; i < other.count; i++) {
        other.points[i].mean *= 1 + 0.0002 * (double)(i - 300);
    }
    *rival = (struct hg_rival){.racing = true,
                               .copy = true,
                               .from = 300,
                               .change = "train.lr = 0.004",
                               .step = 1000,
                               .unsaved = true,
                               .validation = true,
                               .at = 40,
                               .run = 0.0489,
                               .copied = 0.0443,
                               .series = &other};
}

static struct fake *racing(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    race(fake);
    fake_take(fake);
    keys(fake, "20s");
    fake_take(fake);
    free(ui_script_text(&fake->script));
    fake->told_count = 0;
    return fake;
}

static struct hg_command sent(const struct fake *fake)
{
    struct hg_command none = {.kind = HG_DO_DOCTOR, .number = -1};

    return fake->told_count > 0 ? fake->told[fake->told_count - 1] : none;
}

/* ---- the question ---- */

static void test_question(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "F text:lr=0.004");
    shows(fake, "Race this run against a copy with KEY VALUE: lr=0.004");
    keys(fake, "Enter");
    assert_int_equal(sent(fake).kind, HG_DO_FORK);
    assert_string_equal(sent(fake).name, "train.lr");
    assert_string_equal(sent(fake).text, "0.004");
    keys(fake, "F text:train.opt Tab text:sgd Enter");
    assert_string_equal(sent(fake).name, "train.optimizer");
    assert_string_equal(sent(fake).text, "sgd");
    keys(fake, "F Enter");
    assert_string_equal(sent(fake).name, "");
    fake->told_count = 0;
    keys(fake, "F text:lr Enter");
    shows(fake, "A value is missing");
    keys(fake, "F text:nothing_1 Enter");
    shows(fake, "no option 'nothing'");
    keys(fake, "F text:screen.fps_3 Enter");
    shows(fake, "the same for both");
    keys(fake, ": text:fork Enter");
    shows(fake, "Race this run");
    keys(fake, "Esc : text:swap Enter");
    shows(fake, "No copy races");
    keys(fake, "Esc : text:keep Enter");
    shows(fake, "No copy races");
    keys(fake, "Esc F Esc v");
    shows(fake, "No copy races");
    keys(fake, "k");
    assert_int_equal(fake->told_count, 0);
    assert_false(has(fake, "k keep"));
    fake_close(fake);
}

/* ---- the race ---- */

static void test_rule(void **state)
{
    struct fake *fake = racing(40, 120, false, 256);

    (void)state;
    shows(fake, "copy lr = 0.004 0.0443");
    shows(fake, "copy leads  9.4 %");
    shows(fake, "v swap  k keep");
    fake->snapshot.rival.copied = 0.0552;
    keys(fake, "1s");
    fake_take(fake);
    shows(fake, "run  leads 11.4 %");
    fake->snapshot.rival.copied = fake->snapshot.rival.run;
    keys(fake, "1s");
    fake_take(fake);
    shows(fake, "level");
    fake_close(fake);
    fake = racing(24, 80, false, 256);
    shows(fake, "run 0.0489");
    shows(fake, "copy leads  9.4 %");
    fake_close(fake);
}

/* The other run's name stands where its curve ends. */
static void test_names(void **state)
{
    struct fake *fake = racing(24, 80, false, 0);
    char *text = ui_script_text(&fake->script), *line = strstr(text, "─ loss");

    (void)state;
    assert_non_null(line);
    assert_non_null(strstr(strchr(line, '\n'), " run\n"));
    free(text);
    fake_close(fake);
}

static void test_keys(void **state)
{
    struct fake *fake = racing(24, 80, false, 256);

    (void)state;
    keys(fake, "v");
    assert_int_equal(sent(fake).kind, HG_DO_SWAP);
    keys(fake, "F");
    shows(fake, "Two runs race already");
    keys(fake, "k");
    shows(fake, "Keep the copy with train.lr = 0.004?");
    keys(fake, "Esc");
    assert_int_equal(sent(fake).kind, HG_DO_SWAP);
    keys(fake, "k y");
    assert_int_equal(sent(fake).kind, HG_DO_KEEP);
    keys(fake, "q");
    shows(fake, "w saves the run shown (the copy)");
    keys(fake, "Esc");
    fake->snapshot.unsaved = false;
    fake->snapshot.state = HG_STATE_PAUSED;
    fake_take(fake);
    keys(fake, "q"); /* the other one is not saved */
    shows(fake, "the other is dropped");
    fake_close(fake);
}

/* ---- the slider ---- */

/* Where the slider's row begins. */
static int slider_row(struct fake *fake)
{
    char *text = ui_script_text(&fake->script);
    int row = 0, found = -1;

    for (char *line = text; line != NULL && *line != '\0'; row++) {
        char *next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (strstr(line, "▲") != NULL) {
            found = row;
        }
        line = next;
    }
    free(text);
    return found;
}

static void point(struct fake *fake, const char *what, int row, int column)
{
    char words[64];

    snprintf(words, sizeof words, "%s@%d,%d", what, row, column);
    keys(fake, words);
}

static void test_slider(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keep_states(fake);
    fake_take(fake);
    int row = slider_row(fake);
    assert_int_equal(row, 21);
    shows(fake, "u back  U on");
    point(fake, "press", row, 0);
    free(ui_script_text(&fake->script));
    assert_int_equal(sent(fake).kind, HG_DO_TRAVEL);
    assert_int_equal(sent(fake).number, 1); /* of 0 and 1, which share the column */
    fake->told_count = 0;
    for (int column = 1; column < 60; column++) { /* many reports, one drawing: one command */
        point(fake, "drag", row, column);
    }
    free(ui_script_text(&fake->script));
    assert_int_equal(fake->told_count, 1);
    assert_int_equal(sent(fake).number, 700);
    point(fake, "drag", row - 3, 64); /* off the row, still held */
    free(ui_script_text(&fake->script));
    assert_int_equal(sent(fake).number, 900);
    point(fake, "release", row, 64);
    fake->told_count = 0;
    point(fake, "drag", row, 1);
    free(ui_script_text(&fake->script));
    assert_int_equal(fake->told_count, 0);
    point(fake, "press", row - 1, 1); /* on the chart: not the slider */
    free(ui_script_text(&fake->script));
    assert_int_equal(fake->told_count, 0);
    fake_close(fake);
}

/* A race is shown from where it began on, and so is its slider. */
static void test_slider_of_race(void **state)
{
    struct fake *fake = racing(24, 80, false, 256);
    int row = slider_row(fake);

    (void)state;
    point(fake, "press", row, 0);
    free(ui_script_text(&fake->script));
    assert_int_equal(sent(fake).number, 300);
    fake_close(fake);
}

/* Without kept states, or with few rows, the chart has all rows. */
static void test_no_slider(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_int_equal(slider_row(fake), -1);
    point(fake, "press", 21, 5);
    free(ui_script_text(&fake->script));
    assert_int_not_equal(sent(fake).kind, HG_DO_TRAVEL);
    fake_close(fake);
}

/* ---- stored screens, every size ---- */

static void test_stored(void **state)
{
    static const struct {
        int rows, columns, colours;
        bool ascii;
        const char *name;
    } screens[] = {{24, 80, 16, false, "race-80x24"},
                   {40, 120, 256, false, "race-120x40"},
                   {24, 80, 0, true, "race-ascii"}};

    (void)state;
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        struct fake *fake = racing(screens[i].rows, screens[i].columns, screens[i].ascii,
                                   screens[i].colours);
        check_screen(fake, screens[i].name);
        fake_close(fake);
    }
}

static void test_every_size(void **state)
{
    struct fake *fake = racing(24, 80, false, 256);

    (void)state;
    for (int rows = 1; rows <= 60; rows += 1 + rows / 8) {
        for (int columns = 1; columns <= 220; columns += 1 + columns / 12) {
            char words[32];
            snprintf(words, sizeof words, "%dx%d", columns, rows);
            keys(fake, words);
            char *text = ui_script_text(&fake->script);
            assert_null(strstr(text, "nan"));
            free(text);
            point(fake, "press", rows - 3, columns / 2);
            point(fake, "release", rows - 3, columns / 2);
        }
    }
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question),       cmocka_unit_test(test_rule),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_keys),
        cmocka_unit_test(test_slider_of_race), cmocka_unit_test(test_slider),
        cmocka_unit_test(test_no_slider),      cmocka_unit_test(test_stored),
        cmocka_unit_test(test_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
