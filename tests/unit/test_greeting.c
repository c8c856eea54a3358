/* The greeting says what space does, and no longer than it does so. */
#include "screen_help.h"

static bool shows(struct fake *fake, const char *words)
{
    char *text = ui_script_text(&fake->script);
    bool found = strstr(text, words) != NULL;

    free(text);
    return found;
}

static void test_paused_by_a_key(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    fake_take(fake);
    assert_true(shows(fake, "space pauses, ? shows all keys"));
    assert_true(ui_script_keys(&fake->script, "1s"));
    assert_true(shows(fake, "space pauses, ? shows all keys"));
    assert_true(ui_script_keys(&fake->script, "space"));
    assert_false(shows(fake, "space pauses"));
    assert_true(shows(fake, "Below PCA-2"));
    fake_close(fake);
}

static void test_finished(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    fake_take(fake);
    assert_true(shows(fake, "space pauses"));
    assert_true(shows(fake, "118k/s"));
    fake->snapshot.state = HG_STATE_FINISHED;
    fake->snapshot.samples_per_s = 0;
    fake_take(fake);
    assert_false(shows(fake, "space pauses"));
    assert_false(shows(fake, "0/s"));
    assert_true(shows(fake, "epoch 40        – "));
    fake_close(fake);
}

static void test_started(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    fake->snapshot.state = HG_STATE_PAUSED;
    fake_take(fake);
    assert_true(shows(fake, "space starts"));
    fake->snapshot.state = HG_STATE_RUNNING;
    fake_take(fake);
    assert_false(shows(fake, "space starts"));
    fake_close(fake);
}

/* What comes after news is not told when it is wrong by then. */
static void test_after_news(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    fake->script.app.config.news = "Something was kept.";
    fake_take(fake);
    assert_true(shows(fake, "Something was kept."));
    assert_true(ui_script_keys(&fake->script, "space"));
    fake->snapshot.state = HG_STATE_PAUSED;
    fake_take(fake);
    assert_true(shows(fake, "Something was kept."));
    assert_true(ui_script_keys(&fake->script, "10s 0.1s"));
    assert_false(shows(fake, "space pauses"));
    assert_true(shows(fake, "Below PCA-2"));
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paused_by_a_key), cmocka_unit_test(test_finished),
        cmocka_unit_test(test_started), cmocka_unit_test(test_after_news)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
