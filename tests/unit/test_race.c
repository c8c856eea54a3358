/* A race as the one who looks is told of it: who is ahead, that one has ended, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fork_help.h"

static bool has_ended(const struct hg_snapshot *s)
{
    return s->rival.racing && s->rival.end != HG_END_NOT;
}

static void test_other_diverges(void **state)
{
    struct fixture race;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&race, dense, 0);
    ask(&race, HG_DO_SET, 0, "train.optimizer", "sgd");
    steps_to(&race, 0, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "1e6");
    ask(&race, HG_DO_SWAP, 0, "", "");
    post_text(race.session, HG_DO_RUN, 0, "", "");
    snapshot = await_in(race.session, has_ended);
    assert_int_equal(snapshot->rival.end, HG_END_DIVERGED);
    says(snapshot, "The copy diverged");
    ask(&race, HG_DO_SWAP, 0, "", "");
    snapshot = ask(&race, HG_DO_SWAP, 0, "", ""); /* it would go on by itself */
    assert_int_equal(snapshot->state, HG_STATE_RUNNING);
    post_text(race.session, HG_DO_PAUSE, 0, "", "");
    await_in(race.session, is_paused);
    ask(&race, HG_DO_KEEP, 0, "", "");
    save(&race);
    replays(&race);
    finish(&race);
}

/* What the comparison says is what can be read off the two curves. */
static void test_comparison(void **state)
{
    struct fixture race;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&race, dense, 0);
    snapshot = steps_to(&race, 0, FORK);
    assert_false(snapshot->rival.racing);
    snapshot = ask(&race, HG_DO_FORK, 0, "train.lr", "1e-9");
    assert_int_equal(snapshot->rival.at, 0);
    snapshot = steps_to(&race, FORK, FORK + 1);
    assert_false(snapshot->rival.validation);
    assert_int_equal(snapshot->rival.at, FORK + 1);
    snapshot = steps_to(&race, FORK + 1, 400);
    assert_true(snapshot->rival.validation);
    assert_int_equal(snapshot->rival.at, snapshot->epoch);
    assert_true(snapshot->rival.copied == snapshot->validation);
    assert_true(snapshot->rival.run < snapshot->rival.copied);
    assert_int_equal(snapshot->rival.series->points[snapshot->rival.series->count - 1].last, 400);
    finish(&race);
}

static void test_refusals(void **state)
{
    struct fixture race;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, FORK);
    snapshot = ask(&race, HG_DO_SWAP, 0, "", "");
    says(snapshot, "No copy races");
    snapshot = ask_boldly(&race, HG_DO_FORK, 0, "model.code", "3");
    says(snapshot, "new start");
    assert_false(snapshot->rival.racing);
    ask(&race, HG_DO_FORK, 0, "", "");
    snapshot = ask(&race, HG_DO_FORK, 0, "", "");
    says(snapshot, "Two runs race");
    snapshot = ask(&race, HG_DO_RESTART, 0, "", "");
    says(snapshot, "then start again");
    assert_int_equal(snapshot->step, FORK);
    finish(&race);
}

/* A copy that does not fit is none, and the run goes on. */
static void test_memory(void **state)
{
    static const char *const wide[] = {"data.source", "gaussians",     "gaussians.dims",
                                       "64",          "model.encoder", "dense 1024 tanh",
                                       NULL};
    struct fixture race;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&race, wide, (size_t)6 << 20);
    steps_to(&race, 0, 3);
    snapshot = ask_boldly(&race, HG_DO_FORK, 0, "", "");
    assert_false(snapshot->rival.racing);
    says(snapshot, "--max-memory");
    steps_to(&race, 3, 9);
    finish(&race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_diverges),
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
