/* What no view shows waits; the view that is opened again is drawn whole as soon as it is of now,
 * however much is owed for the drawing that answered the key. */
#include "screen_help.h"

#include "session_help.h"

#include <unistd.h>

/* With words only, as while bytes are owed. */
static char *drawn(struct fake *fake)
{
    ui_app_draw(&fake->script.app, &fake->script.canvas, UI_DRAW_WORDS, fake->script.cursor);
    return ui_canvas_text(&fake->script.canvas);
}

static void darken(struct fake *fake)
{
    memset(fake->output, 0, sizeof fake->output);
    fake->snapshot.sample_loss = 0.0991;
}

static void test_view_1(void **state)
{
    struct fake *fake = fake_open(24, 80, true, 0);
    char *before, *after;

    (void)state;
    fake_take(fake);
    assert_true(ui_script_keys(&fake->script, "20s 3"));
    free(ui_script_text(&fake->script));
    fake->snapshot.aside = true;
    fake_take(fake);
    assert_true(ui_script_keys(&fake->script, "1"));
    before = drawn(fake);
    assert_non_null(strstr(before, "0.0337"));
    fake_take(fake); /* published before the trainer had heard of it */
    darken(fake);
    fake->snapshot.aside = false;
    fake_take(fake);
    assert_true(fake->script.app.anew);
    after = drawn(fake);
    assert_non_null(strstr(after, "0.0991"));
    assert_null(strstr(after, "0.0337"));
    free(before);

    fake_picture(fake, 1, 28, 28); /* from now on pictures wait again */
    fake_take(fake);
    assert_false(fake->script.app.anew);
    before = drawn(fake);
    assert_string_equal(before, after);
    free(before);
    free(after);
    fake_close(fake);
}

static void test_view_2(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    fake->snapshot.latent_aside = true;
    fake_take(fake);
    assert_true(ui_script_keys(&fake->script, "2"));
    free(drawn(fake));
    assert_false(fake->script.app.anew);
    fake_take(fake);
    assert_false(fake->script.app.anew);
    fake->snapshot.latent_aside = false;
    fake_take(fake);
    assert_true(fake->script.app.anew);
    free(drawn(fake));
    fake_take(fake);
    assert_false(fake->script.app.anew);
    fake_close(fake);
}

/* Swapped, or started again: not before what is shown is that of the new weights. */
static void test_jump(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    free(drawn(fake));
    fake_take(fake);
    assert_false(fake->script.app.anew);
    fake->snapshot.jumps = 1;
    fake->snapshot.aside = true;
    fake_take(fake);
    assert_false(fake->script.app.anew);
    darken(fake);
    fake->snapshot.aside = false;
    fake_take(fake);
    assert_true(fake->script.app.anew);
    char *text = drawn(fake);
    assert_non_null(strstr(text, "0.0991"));
    free(text);
    fake_take(fake);
    assert_false(fake->script.app.anew);
    assert_true(ui_script_keys(&fake->script, "6"));
    free(drawn(fake));
    fake->snapshot.jumps = 2;
    fake_take(fake);
    assert_false(fake->script.app.anew);
    fake_close(fake);
}

static uint64_t jumps;

static bool has_jumped(const struct hg_snapshot *s)
{
    return s->jumps != jumps && s->state == HG_STATE_RUNNING && !s->aside;
}

static bool is_aside(const struct hg_snapshot *s)
{
    return s->aside && s->latent_aside && s->state == HG_STATE_RUNNING;
}
static bool is_train(const struct hg_snapshot *s)
{
    return !s->aside && s->latent_aside;
}
static bool is_latent(const struct hg_snapshot *s)
{
    return s->aside && !s->latent_aside;
}

/* The trainer says what waits. */
static void test_said(void **state)
{
    struct hg_session_config config = {.snapshots_per_second = 1000};
    struct hg_session *session;
    struct hg_context *context;
    struct hg_error error;
    struct hg_spec spec;

    (void)state;
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_load(&spec, HG_SOURCE_DIR "/samples/clusters.ini", &error), HG_OK);
    config.context = context;
    config.spec = &spec;
    assert_int_equal(hg_session_start(&config, &session, &error), HG_OK);
    post_text(session, HG_DO_TRAIN, 0, "", "");
    await_in(session, is_aside);
    post_text(session, HG_DO_LATENT, 1, "", "");
    await_in(session, is_latent);
    post_text(session, HG_DO_LATENT, 0, "", "");
    post_text(session, HG_DO_TRAIN, 1, "", "");
    await_in(session, is_train);
    post_text(session, HG_DO_RESTART, 0, "", "");
    jumps = await_in(session, has_jumped)->jumps;
    post_text(session, HG_DO_FORK, 0, "", "");
    jumps = await_in(session, has_jumped)->jumps;
    post_text(session, HG_DO_SWAP, 0, "", "");
    await_in(session, has_jumped);
    assert_int_equal(hg_session_stop(session, HG_END_USER, NULL, &error), HG_OK);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_view_1), cmocka_unit_test(test_view_2),
                                       cmocka_unit_test(test_jump), cmocka_unit_test(test_said)};

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
