/* The doctor's page driven by scripts: what it shows, what its keys tell the trainer.
 * The stored screens are in tests/screens; HG_UPDATE_SCREENS=1 writes them anew. */
#include "keys_help.h"

/* Draws, and tells what the trainer was told meanwhile. */
static const char *asked(struct fake *fake)
{
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    return fake_last(fake);
}

static struct hg_finding *add(struct fake *fake, enum hg_finding_kind kind, bool alarm,
                              const char *number, const char *advice)
{
    struct hg_diagnosis *diagnosis = &fake->snapshot.visit.diagnosis;
    struct hg_finding *finding = &diagnosis->finding[diagnosis->count++];

    *finding = (struct hg_finding){.kind = kind, .alarm = alarm};
    snprintf(finding->number, sizeof finding->number, "%s", number);
    snprintf(finding->advice, sizeof finding->advice, "%s", advice);
    return finding;
}

static void cure(struct hg_finding *finding, const char *key, const char *name, const char *text)
{
    snprintf(finding->key, sizeof finding->key, "%s", key);
    snprintf(finding->name, sizeof finding->name, "%s", name);
    snprintf(finding->text, sizeof finding->text, "%s", text);
}

static void look(struct fake *fake)
{
    struct hg_visit *visit = &fake->snapshot.visit;

    *visit = (struct hg_visit){
        .known = true,
        .serial = visit->serial + 1,
        .health = {.epoch = 40,
                   .step = 4520,
                   .samples = 256,
                   .layers = 2,
                   .loss = 0.0374,
                   .mean_loss = 0.0666,
                   .collapse = 0.44,
                   .layer = {{.name = "encoder.0", .gradient = 0.0012, .update = 0.0021},
                             {.name = "decoder.4", .gradient = 0.0034, .update = 0.0008}}}};
}

/* A run as in EXPERIMENTS 2: the cause, what follows from it, and a remark. */
static void fall_ill(struct fake *fake)
{
    struct hg_finding *finding;

    look(fake);
    cure(add(fake, HG_FINDING_STEP_TOO_LARGE, true, "lr |x| = 4.1",
             "One update throws the units of the first layer from end to end: set center = yes "
             "(lr |x| = 0.52) and start again."),
         "r", "data.center", "yes");
    finding = add(
        fake, HG_FINDING_SATURATED, true, "96 % of encoder.0",
        "Nearly all units of encoder.0 rest at an end of tanh, where nothing is learned.");
    snprintf(finding->layer, sizeof finding->layer, "encoder.0");
    cure(add(fake, HG_FINDING_EXPLODING_GRADIENT, true, "12 times the weights",
             "The gradient is larger than the weights it shall improve: limit it with clip = 1, "
             "or lower lr."),
         "", "train.clip", "1");
    cure(add(fake, HG_FINDING_DEAD_UNITS, true, "40 %", "Take lrelu, and start again."), "r", "",
         "");
    cure(add(fake, HG_FINDING_WRONG_GRADIENT, true, "ratio 1.8", "See the check."), "s", "", "");
    add(fake, HG_FINDING_NOT_A_BOTTLENECK, false, "3,136 values for 784",
        "The code has more values than the input: it need not compress.");
}

static struct fake *open_page(int rows, int columns)
{
    struct fake *fake = fake_settled(rows, columns);

    keys(fake, "d");
    return fake;
}

static void test_sizes(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[40];
        struct fake *fake = open_page(sizes[i][0], sizes[i][1]);
        fall_ill(fake);
        fake_take(fake);
        snprintf(name, sizeof name, "doctor-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
}

static void test_looks(void **state)
{
    struct fake *fake = fake_open(24, 80, true, 0);

    (void)state;
    fake_take(fake);
    keys(fake, "20s d");
    fall_ill(fake);
    fake_take(fake);
    check_screen(fake, "doctor-ascii");
    char *text = ui_script_text(&fake->script);
    for (const char *c = text; *c != '\0'; c++) {
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7F));
    }
    free(text);
    fake_close(fake);
}

static void test_all_is_well(void **state)
{
    struct fake *fake = open_page(24, 80);

    (void)state;
    look(fake);
    add(fake, HG_FINDING_NOT_A_BOTTLENECK, false, "3,136 values for 784",
        "The code has more values than the input: it need not compress.");
    fake_take(fake);
    check_screen(fake, "doctor-well");
    fake->snapshot.visit.health = (struct hg_health){.loss = NAN, .collapse = NAN};
    fake->snapshot.visit.diagnosis.count = 0;
    fake_take(fake);
    assert_true(has(fake, "not a step is made"));
    assert_false(has(fake, "nan"));
    fake_close(fake);
}

/* The trainer looks as long as the page is open, and only then. */
static void test_wish(void **state)
{
    static const char *const ways[] = {"d", "q", "Esc"};
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_string_equal(asked(fake), "");
    for (size_t i = 0; i < 3; i++) {
        keys(fake, "d");
        assert_string_equal(asked(fake), "DOCTOR 1");
        assert_string_equal(asked(fake), "");
        assert_true(has(fake, "The doctor looks"));
        keys(fake, ways[i]);
        assert_string_equal(asked(fake), "DOCTOR 0");
        assert_true(has(fake, "─ input"));
    }
    keys(fake, "d 1");
    assert_false(has(fake, "Start again"));
    fake_close(fake);
}

static void test_keys(void **state)
{
    struct fake *fake = open_page(40, 120);

    (void)state;
    fall_ill(fake);
    fake_take(fake);
    told(fake, "3", "SET train.clip 1");
    told(fake, "1", "");
    assert_true(has(fake, "Start again from seed 1 with data.center = yes?"));
    told(fake, "n", "");
    told(fake, "1 y", "RESTART with data.center = yes");
    told(fake, "4 y", "RESTART 0");
    told(fake, "1 Esc r y", "RESTART 0"); /* a change that was called off is forgotten */
    told(fake, "5", "STEPS 1");
    told(fake, "2", "");
    assert_true(has(fake, "no key"));
    told(fake, "9", "");
    told(fake, "space", "PAUSE");
    told(fake, "o", "");
    assert_true(has(fake, "step too large"));
    keys(fake, "? Esc");
    assert_true(has(fake, "step too large"));
    fake_close(fake);
}

static void test_scroll(void **state)
{
    struct fake *fake = open_page(12, 40);

    (void)state;
    fall_ill(fake);
    fake_take(fake);
    assert_false(has(fake, "not a bottleneck"));
    keys(fake, "End");
    assert_true(has(fake, "not a bottleneck"));
    keys(fake, "Home");
    assert_true(has(fake, "5 things are wrong"));
    keys(fake, "Down Down Down PageDown");
    assert_false(has(fake, "5 things are wrong"));
    keys(fake, "wheel-up PageUp PageUp");
    assert_true(has(fake, "5 things are wrong"));
    fake_close(fake);
}

static void test_every_size(void **state)
{
    struct fake *fake = open_page(24, 80);
    char size[24];

    (void)state;
    fall_ill(fake);
    fake_take(fake);
    for (int rows = 1; rows <= 30; rows++) {
        for (int columns = 1; columns <= 90; columns += columns < 12 ? 1 : 13) {
            snprintf(size, sizeof size, "%dx%d", columns, rows);
            keys(fake, size);
            free(ui_script_text(&fake->script));
        }
    }
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),       cmocka_unit_test(test_looks),
        cmocka_unit_test(test_all_is_well), cmocka_unit_test(test_wish),
        cmocka_unit_test(test_keys),        cmocka_unit_test(test_scroll),
        cmocka_unit_test(test_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
