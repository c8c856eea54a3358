/* Training in a thread: snapshots out, commands in, and no trace of having been watched. */
#include "hourglass/hourglass.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pace.h"
#include "session_help.h"

struct fixture {
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_session *session;
};

static void begin(struct fixture *fixture, uint64_t steps)
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_error error;

    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &fixture->context, &error),
                     HG_OK);
    assert_int_equal(hg_spec_init(&fixture->spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&fixture->spec, "data.limit", "300", "test", &error), HG_OK);
    assert_int_equal(hg_spec_set(&fixture->spec, "model.code", "3", "test", &error), HG_OK);
    config.context = fixture->context;
    config.spec = &fixture->spec;
    config.steps = steps;
    assert_int_equal(hg_session_start(&config, &fixture->session, &error), HG_OK);
}

static void send(struct fixture *fixture, enum hg_command_kind kind, int64_t number,
                 const char *name, const char *text)
{
    post_text(fixture->session, kind, number, name, text);
}

static const struct hg_snapshot *await(struct fixture *fixture,
                                       bool (*wanted)(const struct hg_snapshot *))
{
    return await_in(fixture->session, wanted);
}

static bool is_finished(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_FINISHED;
}
static bool has_ladder(const struct hg_snapshot *s)
{
    return s->ladder.rungs == 3 && s->ladder.mean > 0;
}
static bool has_message(const struct hg_snapshot *s)
{
    return s->message_serial > 0;
}
static bool shows_17(const struct hg_snapshot *s)
{
    return s->sample == 17;
}
static bool made_five(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->step == 5;
}
static bool ended_epoch(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->epoch == 1;
}

static void finish(struct fixture *fixture)
{
    struct hg_error error;

    assert_int_equal(hg_session_stop(fixture->session, HG_END_USER, NULL, &error), HG_OK);
    hg_spec_fini(&fixture->spec);
    hg_context_destroy(fixture->context);
}

static void test_first_snapshot(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&fixture, 0);
    snapshot = await(&fixture, is_paused);
    assert_int_equal(snapshot->features, 784);
    assert_int_equal(snapshot->samples, 300);
    assert_int_equal(snapshot->codes, 3);
    assert_true(snapshot->projected);
    assert_string_equal(snapshot->layers, "784-128-32-3-32-128-784");
    assert_in_range(snapshot->points, 32, 300);
    assert_int_equal(snapshot->step, 0);
    assert_true(isnan(snapshot->running));
    if (!has_ladder(snapshot)) /* it may have come with the first one already */
        await(&fixture, has_ladder);
    finish(&fixture);
}

static void test_commands(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&fixture, 0);
    await(&fixture, is_paused);
    send(&fixture, HG_DO_STEPS, 5, "", "");
    snapshot = await(&fixture, made_five);
    assert_true(snapshot->running > 0);
    assert_true(snapshot->unsaved);
    send(&fixture, HG_DO_EPOCH, 0, "", "");
    snapshot = await(&fixture, ended_epoch);
    assert_int_equal(snapshot->step, snapshot->epoch_steps);
    assert_int_equal(snapshot->epochs, 1);
    send(&fixture, HG_DO_SHOW, 17, "", "");
    await(&fixture, shows_17);
    send(&fixture, HG_DO_SET, 0, "train.lr", "0.5");
    snapshot = await(&fixture, has_message);
    assert_true(snapshot->lr == 0.5);
    finish(&fixture);
}

static bool is_underway(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_RUNNING && s->step > 20;
}
static bool is_finished_again(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_FINISHED && s->message_serial > 0;
}

/* No step at all, also started again; then on. */
static void test_no_step(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&fixture, HG_NO_STEP);
    await(&fixture, is_paused);
    send(&fixture, HG_DO_RUN, 0, "", "");
    snapshot = await(&fixture, is_finished);
    assert_int_equal(snapshot->step, 0);
    assert_false(snapshot->unsaved);
    send(&fixture, HG_DO_RESTART, 0, "", "");
    snapshot = await(&fixture, is_finished_again);
    assert_int_equal(snapshot->step, 0);
    send(&fixture, HG_DO_RUN, 0, "", "");
    await(&fixture, is_underway);
    finish(&fixture);
}

/* N steps with and without a screen leave the same bytes. */
static void test_watching_leaves_no_trace(void **state)
{
    char watched[] = "/tmp/hourglass-test-XXXXXX", plain[] = "/tmp/hourglass-test-XXXXXX";
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_trainer *trainer;
    struct fixture fixture;
    struct hg_error error;
    struct hg_runfile *a, *b;

    (void)state;
    close(mkstemp(watched));
    close(mkstemp(plain));
    unlink(watched);
    begin(&fixture, 100);
    await(&fixture, is_paused);
    send(&fixture, HG_DO_RUN, 0, "", "");
    for (int i = 0; i < 20; i++)
        send(&fixture, HG_DO_SHOW, i, "", "");
    await(&fixture, is_finished);
    send(&fixture, HG_DO_SAVE, 0, "", watched);
    await(&fixture, is_saved);

    assert_int_equal(
        hg_experiment_create(fixture.context, &fixture.spec, NULL, NULL, NULL, &experiment, &error),
        HG_OK);
    assert_int_equal(hg_trainer_create(experiment, &config, &trainer, &error), HG_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(hg_trainer_step(trainer, &error), HG_OK);
    assert_int_equal(hg_trainer_save(trainer, plain, true, &error), HG_OK);
    hg_trainer_destroy(trainer);
    {
        FILE *one = fopen(watched, "rb"), *two = fopen(plain, "rb");
        int x, y;
        do {
            x = getc(one);
            y = getc(two);
            assert_int_equal(x, y);
        } while (x != EOF);
        fclose(one);
        fclose(two);
    }
    assert_int_equal(hg_runfile_open(watched, false, &a, &error), HG_OK);
    assert_int_equal(hg_runfile_open(plain, false, &b, &error), HG_OK);
    hg_runfile_close(a);
    hg_runfile_close(b);
    finish(&fixture);
    unlink(watched);
    unlink(plain);
}

/* What view 1 would show: the sample's output, all points of the scatter. */
static double seen_of(const struct hg_snapshot *s)
{
    double sum = s->sample_loss;

    for (size_t i = 0; i < s->features; i++)
        sum += (double)s->output[i];
    for (size_t i = 0; i < s->points; i++)
        sum += (double)s->point[i].x + (double)s->point[i].y;
    return sum;
}

static uint64_t later; /* a step */
static double before;

static bool is_later(const struct hg_snapshot *s)
{
    return s->step > later && s->samples_per_s > 0;
}
static bool is_seen_anew(const struct hg_snapshot *s)
{
    return seen_of(s) != before;
}

static bool shows_5(const struct hg_snapshot *s)
{
    return s->sample == 5;
}
static bool rests_anew(const struct hg_snapshot *s)
{
    return is_paused(s) && is_seen_anew(s);
}

/* While no one sees view 1, nothing is spent on it; back again, it is that of now. */
static void test_unseen_waits(void **state)
{
    const struct hg_snapshot *snapshot;
    struct fixture fixture;

    (void)state;
    begin(&fixture, 0);
    await(&fixture, is_paused);
    send(&fixture, HG_DO_TRAIN, 0, "", "");
    send(&fixture, HG_DO_SHOW, 17, "", "");
    send(&fixture, HG_DO_RUN, 0, "", "");
    snapshot = await(&fixture, is_underway);
    before = seen_of(snapshot);
    later = snapshot->step + (instrumented() ? 100 : 200);
    snapshot = await(&fixture, is_later);
    assert_false(is_seen_anew(snapshot));
    send(&fixture, HG_DO_TRAIN, 1, "", "");
    await(&fixture, is_seen_anew);
    send(&fixture, HG_DO_TRAIN, 0, "", "");
    send(&fixture, HG_DO_SHOW, 5, "", "");
    before = seen_of(await(&fixture, shows_5));
    send(&fixture, HG_DO_PAUSE, 0, "", "");
    await(&fixture, rests_anew);
    finish(&fixture);
}

static bool is_at_rest(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_FINISHED && s->collapse > 0.9;
}

/* A run may be over before a figure was due again: at rest it is of the present weights. */
static void test_figures_at_rest(void **state)
{
    struct hg_session_config config = {.snapshots_per_second = 1000};
    struct hg_error error;
    struct fixture fixture;

    (void)state;
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &fixture.context, &error),
                     HG_OK);
    assert_int_equal(hg_spec_init(&fixture.spec, &error), HG_OK);
    assert_int_equal(hg_spec_load(&fixture.spec, HG_SOURCE_DIR "/samples/clusters.ini", &error),
                     HG_OK);
    config.context = fixture.context;
    config.spec = &fixture.spec;
    config.epochs = 600;
    assert_int_equal(hg_session_start(&config, &fixture.session, &error), HG_OK);
    await(&fixture, is_at_rest);
    finish(&fixture);
}

static bool has_failed(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_FAILED;
}

static void test_failure_is_a_state(void **state)
{
    struct hg_session_config config = {0};
    struct hg_context *context;
    struct hg_error error;
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    (void)state;
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&fixture.spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&fixture.spec, "data.source", "/nowhere/at/all", "test", &error),
                     HG_OK);
    config.context = fixture.context = context;
    config.spec = &fixture.spec;
    assert_int_equal(hg_session_start(&config, &fixture.session, &error), HG_OK);
    snapshot = await(&fixture, has_failed);
    assert_int_equal(hg_status_exit(snapshot->status), 1);
    assert_non_null(strstr(snapshot->message, "/nowhere/at/all"));
    finish(&fixture);
}

/* A snapshot may be taken before its byte is in the pipe: that must not wake for ever. */
static void test_nothing_left_in_the_pipe(void **state)
{
    struct fixture fixture;
    struct pollfd fd = {.events = POLLIN};
    int many = instrumented() ? 200 : 600; /* a snapshot is slow to make there */

    (void)state;
    begin(&fixture, 0);
    fd.fd = hg_session_fd(fixture.session);
    await(&fixture, is_paused);
    send(&fixture, HG_DO_RUN, 0, "", "");
    for (int taken = 0; taken < many;) {
        hg_session_poke(fixture.session);
        taken += hg_session_take(fixture.session) != NULL;
    }
    send(&fixture, HG_DO_PAUSE, 0, "", "");
    await(&fixture, is_paused);
    while (poll(&fd, 1, 300) > 0) /* the last ones, once brought up to date */
        assert_non_null(hg_session_take(fixture.session));
    finish(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_snapshot),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_no_step),
        cmocka_unit_test(test_watching_leaves_no_trace),
        cmocka_unit_test(test_unseen_waits),
        cmocka_unit_test(test_figures_at_rest),
        cmocka_unit_test(test_failure_is_a_state),
        cmocka_unit_test(test_nothing_left_in_the_pipe),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
