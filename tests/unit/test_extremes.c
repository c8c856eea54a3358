/* The worst and the best samples, ranked beside a session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pulse_help.h"

#include <math.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_extremes_of_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
