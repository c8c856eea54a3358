/* Health over time beside a session, the worst and best samples, the gradient check: what comes,
 * what is dropped when the run goes elsewhere, and that nothing of it leaves a trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session_help.h"

#include <math.h>

struct fixture {
    struct hg_context *context;
    struct hg_session *session;
};

static void begin(struct fixture *fixture, const char *const (*options)[2])
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_spec spec;
    struct hg_error error;

    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &fixture->context, &error),
                     HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "300", "test", &error), HG_OK);
    /* As deep as the one by default, but a check of it takes no seconds. */
    assert_int_equal(hg_spec_set(&spec, "data.size", "8x8", "test", &error), HG_OK);
    assert_int_equal(
        hg_spec_set(&spec, "model.encoder", "dense 16 tanh, dense 8 tanh", "test", &error), HG_OK);
    for (; options && (*options)[0]; options++)
        assert_int_equal(hg_spec_set(&spec, (*options)[0], (*options)[1], "test", &error), HG_OK);
    config.context = fixture->context;
    config.spec = &spec;
    assert_int_equal(hg_session_start(&config, &fixture->session, &error), HG_OK);
    hg_spec_fini(&spec);
    await_in(fixture->session, is_paused);
}

static void finish(struct fixture *fixture)
{
    struct hg_error error;

    assert_int_equal(hg_session_stop(fixture->session, HG_END_USER, NULL, &error), HG_OK);
    hg_context_destroy(fixture->context);
}

static void tell(struct fixture *fixture, enum hg_command_kind kind, int64_t number)
{
    post(fixture->session, (struct hg_command){.kind = kind, .number = number});
}

/* ---- over time ---- */

static uint64_t wanted_step;

static bool looked_there(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->pulse.known && s->pulse.now.step == wanted_step &&
           s->step == wanted_step;
}
static bool stands_there(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->step == wanted_step;
}
static bool knows_nothing(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && !s->pulse.known && !s->extremes.known;
}
static bool is_far(const struct hg_snapshot *s)
{
    return s->step > 3000;
}
static bool began_again(const struct hg_snapshot *s)
{
    return strstr(s->message, "started again") != NULL;
}

static const struct hg_snapshot *steps(struct fixture *fixture, int64_t count,
                                       bool (*wanted)(const struct hg_snapshot *))
{
    wanted_step += (uint64_t)count;
    tell(fixture, HG_DO_STEPS, count);
    return await_in(fixture->session, wanted);
}

static void check_points(const struct hg_pulse *pulse)
{
    size_t row = pulse->now.layers * HG_PULSE_KINDS;

    assert_true(pulse->points > 0 && pulse->points <= HG_PULSE_POINTS && pulse->now.layers == 6);
    for (size_t i = 1; i < pulse->points; i++)
        assert_true(pulse->step[i] > pulse->step[i - 1]);
    for (size_t i = 0; i < pulse->points; i++)
        for (size_t layer = 0; layer < pulse->now.layers; layer++) {
            const float *value = pulse->value + i * row + layer * HG_PULSE_KINDS;
            assert_true(value[HG_PULSE_UPDATE] > 0 && value[HG_PULSE_GRADIENT] > 0 &&
                        value[HG_PULSE_SPREAD] > 0);
            assert_true(value[HG_PULSE_DEAD] >= 0 && value[HG_PULSE_DEAD] <= 1);
        }
}

/* The past is there when the view is opened; the newest look is of the present step. */
static void test_past_is_there(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;
    const struct hg_layer_health *layer;
    const float *last;

    (void)state;
    begin(&fixture, NULL);
    wanted_step = 0;
    snapshot = steps(&fixture, 300, stands_there);
    assert_false(snapshot->pulse.known);
    tell(&fixture, HG_DO_HEALTH, 1);
    snapshot = await_in(fixture.session, looked_there);
    check_points(&snapshot->pulse);
    assert_true(snapshot->pulse.points >= 2);
    assert_true(snapshot->pulse.step[0] < 100);
    last = snapshot->pulse.value + (snapshot->pulse.points - 1) * 6 * HG_PULSE_KINDS;
    layer = &snapshot->pulse.now.layer[0];
    assert_true(last[HG_PULSE_UPDATE] == (float)layer->update);
    assert_true(last[HG_PULSE_GRADIENT] == (float)layer->gradient);
    assert_true(last[HG_PULSE_SPREAD] == (float)layer->spread);
    assert_true(last[HG_PULSE_SATURATED] == (float)layer->saturated);
    tell(&fixture, HG_DO_HEALTH, 0);
    await_in(fixture.session, knows_nothing);
    finish(&fixture);
}

/* More looks than are kept: thinned, in order, both ends kept. */
static void test_stays_bounded(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot = NULL;

    (void)state;
    begin(&fixture, NULL);
    wanted_step = 0;
    tell(&fixture, HG_DO_HEALTH, 1);
    await_in(fixture.session, looked_there);
    for (int i = 0; i < HG_PULSE_POINTS + 50; i++)
        snapshot = steps(&fixture, 1, looked_there);
    check_points(&snapshot->pulse);
    assert_int_equal(snapshot->pulse.points, HG_PULSE_POINTS);
    assert_int_equal(snapshot->pulse.step[0], 0);
    assert_int_equal(snapshot->pulse.step[HG_PULSE_POINTS - 1], wanted_step);
    for (size_t i = 1; i < HG_PULSE_POINTS; i++) /* none is far from its neighbours */
        assert_true(snapshot->pulse.step[i] - snapshot->pulse.step[i - 1] <= 6);
    finish(&fixture);
}

/* Back: what lies ahead is not shown, but waits for the way forward; training on drops it. */
static void test_travel(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot = NULL;

    (void)state;
    begin(&fixture, NULL);
    wanted_step = 0;
    tell(&fixture, HG_DO_HEALTH, 1);
    await_in(fixture.session, looked_there);
    for (int i = 0; i < 10; i++)
        snapshot = steps(&fixture, 2, looked_there);
    assert_int_equal(snapshot->pulse.points, 11);
    wanted_step = 7;
    tell(&fixture, HG_DO_BACK, 13);
    snapshot = await_in(fixture.session, looked_there);
    assert_int_equal(snapshot->pulse.points, 5); /* 0 2 4 6 and here */
    wanted_step = 20;
    tell(&fixture, HG_DO_FORWARD, 13);
    snapshot = await_in(fixture.session, looked_there);
    assert_int_equal(snapshot->pulse.points, 12);
    wanted_step = 7;
    tell(&fixture, HG_DO_BACK, 13);
    await_in(fixture.session, looked_there);
    snapshot = steps(&fixture, 8, looked_there); /* to 15, past some of what was ahead */
    assert_int_equal(snapshot->pulse.points, 6);
    assert_int_equal(snapshot->pulse.step[4], 7);
    assert_int_equal(snapshot->pulse.step[5], 15);
    post(fixture.session, (struct hg_command){.kind = HG_DO_RESTART});
    await_in(fixture.session, began_again);
    tell(&fixture, HG_DO_PAUSE, 0);
    snapshot = await_in(fixture.session, is_paused);
    for (size_t i = 1; i < snapshot->pulse.points; i++)
        assert_true(snapshot->pulse.step[i] <= snapshot->step);
    check_points(&snapshot->pulse);
    finish(&fixture);
}

/* ---- worst and best ---- */

static bool ranked(const struct hg_snapshot *s)
{
    return s->extremes.known;
}

static void check_extremes(const struct hg_snapshot *snapshot)
{
    const struct hg_extremes *extremes = &snapshot->extremes;

    assert_true(extremes->count > 0 && extremes->count <= HG_EXTREMES);
    for (size_t i = 0; i < extremes->count; i++) {
        assert_true(extremes->worst[i].sample < snapshot->samples);
        assert_true(extremes->worst[i].loss >= extremes->best[i].loss);
        if (i > 0) {
            assert_true(extremes->worst[i].loss <= extremes->worst[i - 1].loss);
            assert_true(extremes->best[i].loss >= extremes->best[i - 1].loss);
        }
    }
}

/* The loss that view 1 gives for it is the same, and no sample is worse or better. So few are
 * ranked whatever the machine. */
static void test_extremes(void **state)
{
    static const char *const options[][2] = {{"data.limit", "96"}, {NULL, NULL}};
    struct fixture fixture;
    const struct hg_snapshot *snapshot;
    struct hg_extreme worst, best;
    float picture[2 * 1024];

    (void)state;
    begin(&fixture, options);
    wanted_step = 0;
    tell(&fixture, HG_DO_HEALTH, 1);
    snapshot = await_in(fixture.session, ranked);
    check_extremes(snapshot);
    assert_int_equal(snapshot->extremes.count, HG_EXTREMES);
    assert_int_equal(snapshot->extremes.among, 96);
    worst = snapshot->extremes.worst[0];
    best = snapshot->extremes.best[0];
    assert_true(hg_shape_size(snapshot->extremes.picture) == snapshot->features && /* 8 x 8 */
                sizeof picture >= 2 * snapshot->features * sizeof(float));
    memcpy(picture, snapshot->extremes.values, 2 * snapshot->features * sizeof(float));
    for (uint32_t i = 0; i < 96; i++) {
        tell(&fixture, HG_DO_SHOW, i);
        do
            snapshot = await_in(fixture.session, is_paused);
        while (snapshot->sample != i);
        assert_true(snapshot->sample_loss <= worst.loss * 1.0001);
        assert_true(snapshot->sample_loss >= best.loss * 0.9999);
        if (i == worst.sample) {
            assert_true(fabs(snapshot->sample_loss - worst.loss) < 1e-5 * worst.loss);
            assert_int_equal(snapshot->label, worst.label);
            assert_int_equal(snapshot->held_out, worst.held_out);
            assert_memory_equal(snapshot->input, picture, snapshot->features * sizeof(float));
            assert_memory_equal(snapshot->output, picture + snapshot->features,
                                snapshot->features * sizeof(float));
        }
    }
    finish(&fixture);
}

/* One sample, odd pictures, five channels of made-up data: lists, if short ones. */
static void test_extremes_of_few(void **state)
{
    static const char *const limits[] = {"1", "2", "3", "25"};

    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const char *options[][2] = {
            {"data.limit", limits[i]}, {"data.validation", "0"}, {NULL, NULL}};
        struct fixture fixture;
        const struct hg_snapshot *snapshot;
        begin(&fixture, (const char *const(*)[2])options);
        tell(&fixture, HG_DO_HEALTH, 1);
        snapshot = await_in(fixture.session, ranked);
        check_extremes(snapshot);
        assert_int_equal(snapshot->extremes.count, i == 0 ? 1 : i == 3 ? 12 : 1);
        finish(&fixture);
    }
}

/* ---- the gradient check ---- */

static bool is_checked(const struct hg_snapshot *s)
{
    if (s->check.known && !s->check.done) /* training waits */
        assert_true(s->step == s->check.step);
    return s->check.known && s->check.done;
}
static bool is_forgotten(const struct hg_snapshot *s)
{
    return !s->check.known && s->state == HG_STATE_PAUSED;
}
static bool goes_on(const struct hg_snapshot *s)
{
    return s->check.known && s->check.done && s->step > s->check.step;
}

static void test_check(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&fixture, NULL);
    wanted_step = 0;
    steps(&fixture, 5, stands_there);
    tell(&fixture, HG_DO_CHECK, 1);
    snapshot = await_in(fixture.session, is_checked);
    assert_int_equal(snapshot->check.step, 5);
    assert_int_equal(snapshot->check.batch, 32);
    assert_int_equal(snapshot->check.tensors, 12);
    assert_int_equal(snapshot->check.checked, 12);
    for (size_t i = 0; i < 12; i++)
        assert_true(snapshot->check.verdict[i].right && snapshot->check.verdict[i].checked > 0);
    assert_string_equal(snapshot->check.verdict[0].name, "encoder.0.weight");
    assert_false(snapshot->check.finding.wrong);
    assert_false(snapshot->check.update.wrong);
    tell(&fixture, HG_DO_RUN, 0); /* what is known stays */
    await_in(fixture.session, goes_on);
    tell(&fixture, HG_DO_PAUSE, 0);
    tell(&fixture, HG_DO_CHECK, 0);
    await_in(fixture.session, is_forgotten);
    finish(&fixture);
}

static bool is_midway(const struct hg_snapshot *s)
{
    return s->check.known && (s->check.checked > 0 || s->check.done);
}

/* Training waits, and a change in the middle begins the check anew. Who comes too late for the
 * middle tries again. */
static void test_check_holds_training(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;
    bool anew = false;

    (void)state;
    begin(&fixture, NULL);
    for (unsigned batch = 7; batch < 27 && !anew; batch++) {
        char text[16];
        snprintf(text, sizeof text, "%u", batch);
        tell(&fixture, HG_DO_CHECK, 1);
        await_in(fixture.session, is_midway);
        post_text(fixture.session, HG_DO_SET, 0, "train.batch", text);
        tell(&fixture, HG_DO_RUN, 0);
        snapshot = await_in(fixture.session, is_checked);
        anew = snapshot->check.batch == batch;
        assert_int_equal(snapshot->check.checked, 12);
        if (!anew) {
            tell(&fixture, HG_DO_PAUSE, 0);
            tell(&fixture, HG_DO_CHECK, 0);
            await_in(fixture.session, is_forgotten);
        }
    }
    assert_true(anew);
    await_in(fixture.session, is_far);
    finish(&fixture);
}

static void check_fault(const char *fault, bool update)
{
    const char *options[][2] = {{"lesson.fault", fault}, {NULL, NULL}};
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    begin(&fixture, (const char *const(*)[2])options);
    wanted_step = 0;
    steps(&fixture, 3, stands_there);
    tell(&fixture, HG_DO_CHECK, 1);
    snapshot = await_in(fixture.session, is_checked);
    assert_int_equal(snapshot->check.finding.wrong, !update);
    assert_int_equal(snapshot->check.update.wrong, update);
    assert_string_equal(update ? snapshot->check.update.name : snapshot->check.finding.name, fault);
    finish(&fixture);
}

static void test_faults_named(void **state)
{
    (void)state;
    check_fault("bias-per-weight", false);
    check_fault("last-neuron-silent", false);
    check_fault("adam-multiplies-correction", true);
}

/* ---- no trace ---- */

static void train_forty(const char *path, bool watched)
{
    static const char *const options[][2] = {
        {"model.encoder", "conv 2 bn lrelu dropout 0.2, pool 2"},
        {"train.batch", "8"},
        {"train.corrupt", "gaussian 0.1"},
        {NULL, NULL}};
    struct fixture fixture;

    begin(&fixture, options);
    wanted_step = 0;
    for (int i = 0; i < 10; i++) {
        if (watched) {
            tell(&fixture, HG_DO_HEALTH, i % 4 != 3);
            tell(&fixture, HG_DO_CHECK, i % 5 == 1);
            await_in(fixture.session, i % 5 == 1 ? is_checked : is_paused);
        }
        steps(&fixture, 4, stands_there);
    }
    remove(path);
    post_text(fixture.session, HG_DO_SAVE, 0, "", path);
    await_in(fixture.session, is_saved);
    finish(&fixture);
}

static size_t read_file(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(out, 1, size, file);
    fclose(file);
    remove(path);
    return length;
}

static void test_no_trace(void **state)
{
    enum { ROOM = 4 << 20 };
    char *plain = malloc(ROOM), *watched = malloc(ROOM);
    size_t length;

    (void)state;
    assert_true(plain && watched);
    train_forty("test_pulse_plain.safetensors", false);
    train_forty("test_pulse_watched.safetensors", true);
    length = read_file("test_pulse_plain.safetensors", plain, ROOM);
    assert_true(length > 1000 && length < ROOM);
    assert_int_equal(read_file("test_pulse_watched.safetensors", watched, ROOM), length);
    assert_memory_equal(plain, watched, length);
    free(plain);
    free(watched);
}

/* ---- the healthy bands ---- */

static void test_bands(void **state)
{
    struct hg_health health = {.layers = 2};
    struct hg_layer_health *layer = &health.layer[0];

    (void)state;
    health.layer[1] = *layer = (struct hg_layer_health){
        .update = 1e-3, .gradient = 1, .spread = 0.5, .deviation = 1, .saturated = 0.5};
    for (int i = 0; i < HG_PULSE_KINDS; i++)
        assert_false(hg_pulse_outside(&health, 0, (enum hg_pulse_kind)i));
    layer->update = 0.2;
    assert_true(hg_pulse_outside(&health, 0, HG_PULSE_UPDATE));
    layer->update = 1e-6;
    assert_true(hg_pulse_outside(&health, 0, HG_PULSE_UPDATE));
    layer->gradient = 1e-4;
    assert_true(hg_pulse_outside(&health, 0, HG_PULSE_GRADIENT));
    layer->spread = 1e-4;
    assert_true(hg_pulse_outside(&health, 0, HG_PULSE_SPREAD));
    layer->saturated = health.layer[1].saturated = 0.95;
    assert_true(hg_pulse_outside(&health, 0, HG_PULSE_SATURATED));
    assert_false(hg_pulse_outside(&health, 1, HG_PULSE_SATURATED)); /* outputs may be black */
    layer->dead = 0.25;
    assert_true(hg_pulse_outside(&health, 0, HG_PULSE_DEAD));
    *layer = (struct hg_layer_health){.update = NAN,
                                      .gradient = NAN,
                                      .spread = NAN,
                                      .deviation = NAN,
                                      .saturated = NAN,
                                      .dead = NAN};
    for (int i = 0; i < HG_PULSE_KINDS; i++)
        assert_false(hg_pulse_outside(&health, 0, (enum hg_pulse_kind)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_past_is_there),
        cmocka_unit_test(test_stays_bounded),
        cmocka_unit_test(test_travel),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_extremes_of_few),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_holds_training),
        cmocka_unit_test(test_faults_named),
        cmocka_unit_test(test_no_trace),
        cmocka_unit_test(test_bands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
