/* The footer of a run that has diverged: what leads out of it, and nothing that does nothing. */
#include "screen_help.h"

static bool shows(struct fake *fake, const char *words)
{
    char *text = ui_script_text(&fake->script);
    char *last = strstr(text, "quit");
    bool found;

    assert_non_null(last);
    while (last > text && last[-1] != '\n') {
        last--;
    }
    found = strstr(last, words) != NULL;
    free(text);
    return found;
}

static void test_diverged(void **state)
{
    struct fake *fake = fake_settled(24, 70);

    (void)state;
    assert_true(shows(fake, "space pause"));
    assert_false(shows(fake, "u back"));
    fake->snapshot.state = HG_STATE_DIVERGED;
    fake_take(fake);
    assert_true(shows(fake, "u back"));
    assert_true(shows(fake, "r restart"));
    assert_true(shows(fake, "d doctor"));
    assert_true(shows(fake, "? help"));
    assert_false(shows(fake, "space"));
    assert_false(shows(fake, "s step"));
    assert_false(shows(fake, "e epoch"));
    assert_true(ui_script_keys(&fake->script, "3"));
    assert_true(shows(fake, "u back"));
    assert_false(shows(fake, "space"));
    fake->script.app.scene.viewed = true;
    assert_false(shows(fake, "u back"));
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_diverged)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
