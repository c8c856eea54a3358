/* Health over time beside a session: what comes, what is dropped when the run goes elsewhere, and
 * that looking and checking leave no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pulse_help.h"

#include <math.h>
#include <string.h>

/* ---- over time ---- */

static bool looked_there(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->pulse.known && s->pulse.now.step == wanted_step &&
           s->step == wanted_step;
}
static bool knows_nothing(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && !s->pulse.known && !s->extremes.known;
}
static bool began_again(const struct hg_snapshot *s)
{
    return strstr(s->message, "started again") != NULL;
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
        cmocka_unit_test(test_past_is_there), cmocka_unit_test(test_stays_bounded),
        cmocka_unit_test(test_travel),        cmocka_unit_test(test_no_trace),
        cmocka_unit_test(test_bands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
