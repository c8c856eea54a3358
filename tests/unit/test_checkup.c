/* The gradient check beside a session: training waits for it, and a known bug gets its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pulse_help.h"

static bool is_far(const struct hg_snapshot *s)
{
    return s->step > 3000;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_holds_training),
        cmocka_unit_test(test_faults_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
