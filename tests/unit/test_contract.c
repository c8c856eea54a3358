/* Promises of the interface that no other test keeps: keys that only change the app, and what
 * a session does to names, log and ends. */
#include "keys_help.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- keys ---- */

static void test_keys_of_the_app(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    fake->told_count = 0;
    char *before = ui_script_text(&fake->script);
    assert_true(ui_script_keys(&fake->script, "1")); /* here already: nothing changes */
    char *after = ui_script_text(&fake->script);
    assert_string_equal(before, after);
    free(before);
    free(after);
    app->repaint = false;
    assert_true(ui_script_keys(&fake->script, "C-l"));
    assert_true(app->repaint);
    assert_int_equal(app->leave, UI_STAY);
    assert_true(ui_script_keys(&fake->script, "C-z"));
    assert_int_equal(app->leave, UI_LEAVE_SUSPEND);
    assert_string_equal(fake_last(fake), "");
    fake_close(fake);
}

/* Words of the command line that are keys as well. */
static void test_lines(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, ": text:run Enter", "PAUSE");
    told(fake, ": text:run Enter", "RUN");
    told(fake, ": text:epoch Enter", "EPOCH");
    told(fake, ": text:label_5 Enter", "SHOW_LABEL 1 5");
    told(fake, ": text:restart_9 Enter y", "RESTART 9");
    assert_true(ui_script_keys(&fake->script, ": text:help Enter"));
    assert_true(fake->script.app.help.open);
    fake_close(fake);
}

/* [screen] and --set: how it is drawn from the start. */
static void test_screen_keys(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    assert_true(ui_script_keys(&fake->script, ": text:set_screen.palette_mono Enter"));
    assert_int_equal(app->scene.theme.palette, HG_PALETTE_MONO);
    assert_true(ui_script_keys(&fake->script, ": text:set_screen.art_ascii Enter"));
    assert_int_equal(app->scene.theme.art, HG_ART_ASCII);
    app->screen_changed = false;
    assert_true(ui_script_keys(&fake->script, ": text:set_screen.fps_7 Enter"));
    assert_int_equal(app->spec.screen.fps, 7);
    assert_true(ui_script_keys(&fake->script, ": text:set_screen.budget_2k Enter"));
    assert_int_equal(app->spec.screen.budget, 2000);
    assert_true(ui_script_keys(&fake->script, ": text:set_screen.mouse_no Enter"));
    assert_false(app->spec.screen.mouse);
    assert_true(app->screen_changed);
    fake_close(fake);
}

/* ---- sessions ---- */

static char folder[] = "/tmp/hourglass-test-XXXXXX";

struct run {
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_session *session;
    const struct hg_snapshot *snapshot;
};

static void begin(struct run *run, uint64_t steps, const char *log)
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_error error;

    *run = (struct run){0};
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &run->context, &error),
                     HG_OK);
    assert_int_equal(hg_spec_init(&run->spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&run->spec, "data.source", "gaussians", "t", &error), HG_OK);
    config.context = run->context;
    config.spec = &run->spec;
    config.steps = steps;
    config.log = log;
    assert_int_equal(hg_session_start(&config, &run->session, &error), HG_OK);
}

static void end(struct run *run, enum hg_status expected)
{
    struct hg_error error;

    assert_int_equal(hg_session_stop(run->session, HG_END_USER, NULL, &error), expected);
    hg_spec_fini(&run->spec);
    hg_context_destroy(run->context);
}

static void tell(struct run *run, enum hg_command_kind kind, const char *name, const char *text)
{
    struct hg_command command = {.kind = kind, .label = -1};

    snprintf(command.name, sizeof command.name, "%s", name);
    snprintf(command.text, sizeof command.text, "%s", text);
    assert_true(hg_session_send(run->session, &command));
}

/* Takes snapshots until the run is in `wanted` at `step` or later with a message numbered
 * `serial` or later. */
static void await(struct run *run, enum hg_run_state wanted, uint64_t step, uint64_t serial)
{
    struct pollfd fd = {.fd = hg_session_fd(run->session), .events = POLLIN};

    for (int i = 0; i < 10000; i++) {
        const struct hg_snapshot *snapshot = hg_session_take(run->session);
        if (snapshot != NULL) {
            run->snapshot = snapshot;
        }
        if (run->snapshot != NULL && run->snapshot->state == wanted &&
            run->snapshot->step >= step && run->snapshot->message_serial >= serial) {
            return;
        }
        hg_session_poke(run->session);
        poll(&fd, 1, 10);
    }
    fail_msg("it does not come to state %d at step %d", (int)wanted, (int)step);
}

static bool in_file(const char *path, const char *words)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return strstr(text, words) != NULL;
}

/* Every change made live is in the log, at its step; a run that the user ends says so. */
static void test_changes_are_logged(void **state)
{
    struct run run;

    (void)state;
    begin(&run, 0, "log.jsonl");
    await(&run, HG_STATE_PAUSED, 0, 0);
    struct hg_command steps = {.kind = HG_DO_STEPS, .number = 5, .label = -1};
    assert_true(hg_session_send(run.session, &steps));
    await(&run, HG_STATE_PAUSED, 5, 0);
    uint64_t serial = run.snapshot->message_serial;
    tell(&run, HG_DO_SET, "train.lr", "0.25");
    await(&run, HG_STATE_PAUSED, 5, serial + 1);
    tell(&run, HG_DO_SET, "train.optimizer", "sgd");
    await(&run, HG_STATE_PAUSED, 5, serial + 2);
    assert_int_equal(run.snapshot->optimizer, HG_SGD);
    end(&run, HG_OK);
    assert_true(in_file("log.jsonl", "{\"event\":\"start\",\"version\":1,"));
    assert_true(in_file("log.jsonl", "{\"event\":\"change\",\"step\":5,\"key\":\"train.lr\","
                                     "\"from\":\"0.001\",\"to\":\"0.25\"}\n"));
    assert_true(in_file("log.jsonl", "{\"event\":\"change\",\"step\":5,\"key\":"
                                     "\"train.optimizer\",\"from\":\"adam\",\"to\":\"sgd\"}\n"));
    assert_true(in_file("log.jsonl", "{\"event\":\"end\",\"reason\":\"user\","));
}

/* w without -o: the first of NAME, NAME-2, ... that is free; then always that. */
static void test_free_names(void **state)
{
    struct run run;

    (void)state;
    fclose(fopen("digits.safetensors", "wb"));
    fclose(fopen("digits-2.safetensors", "wb"));
    begin(&run, 3, NULL);
    await(&run, HG_STATE_PAUSED, 0, 0);
    uint64_t serial = run.snapshot->message_serial;
    for (uint64_t i = 1; i <= 2; i++) {
        tell(&run, HG_DO_SAVE, "", "");
        await(&run, HG_STATE_PAUSED, 0, serial + i);
        assert_non_null(strstr(run.snapshot->saved, "digits-3.safetensors"));
    }
    assert_int_equal(access("digits-3.safetensors", R_OK), 0);
    assert_int_not_equal(access("digits-4.safetensors", R_OK), 0);
    /* What another run wrote is not overwritten. */
    tell(&run, HG_DO_SAVE, "", "digits.safetensors");
    await(&run, HG_STATE_PAUSED, 0, serial + 3);
    assert_int_equal(run.snapshot->message_tone, HG_TONE_BAD);
    assert_non_null(strstr(run.snapshot->message, "exists"));
    end(&run, HG_FAILED); /* the last save's word */
}

/* At the end it says finished; the screen stays, and going on goes on. */
static void test_finished_goes_on(void **state)
{
    struct run run;

    (void)state;
    begin(&run, 20, NULL);
    await(&run, HG_STATE_PAUSED, 0, 0);
    tell(&run, HG_DO_RUN, "", "");
    await(&run, HG_STATE_FINISHED, 20, 0);
    assert_int_equal(run.snapshot->step, 20);
    tell(&run, HG_DO_RUN, "", "");
    await(&run, HG_STATE_RUNNING, 21, 0);
    end(&run, HG_OK);
}

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return chdir("/") + system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_the_app), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_screen_keys),     cmocka_unit_test(test_changes_are_logged),
        cmocka_unit_test(test_free_names),      cmocka_unit_test(test_finished_goes_on),
    };

    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
