/* A run and a copy of it race: each is, to the byte, what it would be alone. */
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

#include "session_help.h"

/* Everything that leans on step and position: dropout, noise, batch norm, patience, held out. */
static const char *const dense[] = {"data.source",
                                    "gaussians",
                                    "gaussians.dims",
                                    "5",
                                    "gaussians.points",
                                    "37",
                                    "data.validation",
                                    "0.2",
                                    "model.encoder",
                                    "dense 7 bn tanh, dropout 0.1",
                                    "train.corrupt",
                                    "gaussian 0.1",
                                    "train.batch",
                                    "16",
                                    "train.patience",
                                    "1000",
                                    "train.lr",
                                    "0.01",
                                    NULL};
static const char *const conv[] = {"data.source",
                                   "builtin:digits",
                                   "data.limit",
                                   "40",
                                   "data.size",
                                   "12x12",
                                   "model.encoder",
                                   "conv 3 bn relu, pool 2, dense 6 tanh",
                                   "train.batch",
                                   "8",
                                   "train.optimizer",
                                   "momentum",
                                   NULL};
static const char *const single[] = {"data.source", "builtin:digits", "data.limit", "1",
                                     "data.size",   "12x12",          "model.code", "3",
                                     NULL};

struct fixture {
    struct hg_context *context;
    struct hg_session *session;
    char path[64], log[64];
};

static void set_all(struct hg_spec *spec, const char *const *settings)
{
    struct hg_error error = {0};

    for (; *settings; settings += 2)
        if (hg_spec_set(spec, settings[0], settings[1], "test", &error))
            fail_msg("%s", error.text);
}

static void begin(struct fixture *fixture, const char *const *settings, size_t memory)
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_spec spec;
    struct hg_error error = {0};

    *fixture = (struct fixture){.path = "/tmp/hourglass-test-XXXXXX",
                                .log = "/tmp/hourglass-test-XXXXXX"};
    close(mkstemp(fixture->path));
    close(mkstemp(fixture->log));
    assert_int_equal(
        hg_context_create(2, getenv("HOURGLASS_ISA"), memory, &fixture->context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    set_all(&spec, settings);
    config.context = fixture->context;
    config.spec = &spec;
    config.output = fixture->path;
    config.overwrite = true;
    config.log = fixture->log;
    assert_int_equal(hg_session_start(&config, &fixture->session, &error), HG_OK);
    await_in(fixture->session, is_paused);
    hg_spec_fini(&spec);
}

static void leave(struct fixture *fixture)
{
    struct hg_error error = {0};

    if (fixture->session && hg_session_stop(fixture->session, HG_END_USER, NULL, &error))
        fail_msg("%s", error.text);
    fixture->session = NULL;
}

static void finish(struct fixture *fixture)
{
    leave(fixture);
    hg_context_destroy(fixture->context);
    unlink(fixture->path);
    unlink(fixture->log);
}

/* ---- asking, and waiting until it was done ---- */

static uint64_t wanted_step;
static uint64_t seen_message;

static bool stands_there(const struct hg_snapshot *s)
{
    return s->step == wanted_step && s->state != HG_STATE_RUNNING &&
           (!s->rival.racing || s->rival.end != HG_END_NOT || s->rival.step == wanted_step);
}

static bool has_answered(const struct hg_snapshot *s)
{
    return s->message_serial != seen_message;
}

static bool has_ended(const struct hg_snapshot *s)
{
    return s->rival.racing && s->rival.end != HG_END_NOT;
}

static const struct hg_snapshot *steps_to(struct fixture *fixture, uint64_t from, uint64_t to)
{
    wanted_step = to;
    post_text(fixture->session, HG_DO_STEPS, (int64_t)(to - from), "", "");
    return await_in(fixture->session, stands_there);
}

/* The snapshot with the answer, whatever it is. */
static const struct hg_snapshot *ask_boldly(struct fixture *fixture, enum hg_command_kind kind,
                                            int64_t number, const char *name, const char *text)
{
    const struct hg_snapshot *snapshot;

    hg_session_poke(fixture->session);
    while (!(snapshot = hg_session_take(fixture->session)))
        usleep(100);
    seen_message = snapshot->message_serial;
    post_text(fixture->session, kind, number, name, text);
    return await_in(fixture->session, has_answered);
}

static const struct hg_snapshot *ask(struct fixture *fixture, enum hg_command_kind kind,
                                     int64_t number, const char *name, const char *text)
{
    const struct hg_snapshot *snapshot = ask_boldly(fixture, kind, number, name, text);

    if (snapshot->message_tone == HG_TONE_BAD)
        fail_msg("%s", snapshot->message);
    return snapshot;
}

static void says(const struct hg_snapshot *snapshot, const char *words)
{
    if (!strstr(snapshot->message, words))
        fail_msg("'%s' and not '%s'", snapshot->message, words);
}

static void save(struct fixture *fixture)
{
    ask(fixture, HG_DO_SAVE, 0, "", fixture->path);
}

static char *bytes_of(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes;

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*length + 1);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    bytes[*length] = '\0';
    fclose(file);
    assert_true(*length > 0);
    return bytes;
}

static void same_files(const char *a, const char *b)
{
    size_t length_a, length_b;
    char *bytes_a = bytes_of(a, &length_a), *bytes_b = bytes_of(b, &length_b);

    assert_int_equal(length_a, length_b);
    assert_memory_equal(bytes_a, bytes_b, length_a);
    free(bytes_a);
    free(bytes_b);
}

/* The log, repeated, gives the file that was saved at its end. */
static void replays(struct fixture *fixture)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_trainer *trainer;
    struct hg_replay *replay;
    struct hg_error error = {0};
    char path[] = "/tmp/hourglass-test-XXXXXX";
    bool done = false;

    leave(fixture);
    close(mkstemp(path));
    if (hg_replay_open(fixture->log, &replay, &error) ||
        hg_experiment_create(fixture->context, hg_replay_spec(replay), NULL, NULL, NULL,
                             &experiment, &error) ||
        hg_trainer_create(experiment, &config, &trainer, &error))
        fail_msg("%s", error.text);
    while (!done)
        if (hg_replay_step(replay, trainer, &done, &error))
            fail_msg("%s", error.text);
    assert_int_equal(hg_trainer_save(trainer, path, true, &error), HG_OK);
    same_files(fixture->path, path);
    hg_trainer_destroy(trainer);
    hg_replay_close(replay);
    unlink(path);
}

/* ---- a run, alone ---- */

struct order {
    uint64_t step; /* before the next one */
    const char *name, *text;
};

/* Up to `until`, with these changes (ended by name NULL), saved. */
static void alone(struct fixture *fixture, const char *const *settings, const struct order *order,
                  uint64_t until)
{
    uint64_t at = 0;

    begin(fixture, settings, 0);
    for (; order->name; order++) {
        if (order->step > at)
            steps_to(fixture, at, order->step);
        at = order->step;
        ask(fixture, HG_DO_SET, 0, order->name, order->text);
    }
    steps_to(fixture, at, until);
    save(fixture);
}

enum { FORK = 45, END = 130 };

/* Forked and kept as it is: the run that never forked. */
static void kept_run(const char *const *settings)
{
    static const struct order nothing[] = {{0, NULL, NULL}};
    struct fixture race, plain;
    const struct hg_snapshot *snapshot;

    begin(&race, settings, 0);
    steps_to(&race, 0, FORK);
    snapshot = ask(&race, HG_DO_FORK, 0, "train.lr", "0.3");
    assert_true(snapshot->rival.racing && snapshot->rival.copy);
    assert_int_equal(snapshot->rival.from, FORK);
    assert_string_equal(snapshot->rival.change, "train.lr = 0.3");
    assert_true(snapshot->lr == 0.3);
    snapshot = steps_to(&race, FORK, END);
    assert_int_equal(snapshot->rival.step, END);
    snapshot = ask(&race, HG_DO_SWAP, 0, "", "");
    assert_false(snapshot->rival.copy);
    assert_true(snapshot->lr < 0.3);
    snapshot = ask(&race, HG_DO_KEEP, 0, "", "");
    assert_false(snapshot->rival.racing);
    assert_non_null(snapshot->branch); /* what was left stays on the chart */
    assert_int_equal(snapshot->branch_from, FORK);
    save(&race);
    alone(&plain, settings, nothing, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

static void test_run_kept(void **state)
{
    (void)state;
    kept_run(dense);
    kept_run(conv);
    kept_run(single);
}

/* The copy kept: the run that had the change made at that step. */
static void kept_copy(const char *const *settings, const char *name, const char *text)
{
    const struct order changed[] = {{FORK, name, text}, {0, NULL, NULL}}, *orders = changed;
    struct fixture race, plain;

    begin(&race, settings, 0);
    steps_to(&race, 0, FORK);
    ask(&race, HG_DO_FORK, 0, name, text);
    steps_to(&race, FORK, END);
    ask(&race, HG_DO_KEEP, 0, "", "");
    save(&race);
    alone(&plain, settings, *name ? orders : changed + 1, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

static void test_copy_kept(void **state)
{
    (void)state;
    kept_copy(dense, "", "");
    kept_copy(dense, "train.lr", "0.003");
    kept_copy(dense, "train.lr", "0.9"); /* so bad that the best weights are those before */
    kept_copy(dense, "train.optimizer", "sgd");
    kept_copy(dense, "train.batch", "5");
    kept_copy(dense, "train.corrupt", "none");
    kept_copy(conv, "train.optimizer", "adam");
    kept_copy(conv, "train.lr", "0.02");
    kept_copy(single, "train.lr", "0.02");
}

/* Both are steered; also at the very step of the fork, where the log has both in one place. */
static void test_both_steered(void **state)
{
    static const struct order orders[] = {{20, "train.lr", "0.02"},
                                          {FORK, "train.batch", "8"},
                                          {90, "train.optimizer", "sgd"},
                                          {0, NULL, NULL}};
    struct fixture race, plain;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, 20);
    ask(&race, HG_DO_SET, 0, "train.lr", "0.02");
    steps_to(&race, 20, FORK);
    ask(&race, HG_DO_FORK, 0, "train.batch", "8");
    ask(&race, HG_DO_SWAP, 0, "", "");
    ask(&race, HG_DO_SET, 0, "train.optimizer", "rmsprop"); /* of the run only */
    steps_to(&race, FORK, 90);
    ask(&race, HG_DO_SET, 0, "train.lr", "0.05");
    ask(&race, HG_DO_SWAP, 0, "", "");
    ask(&race, HG_DO_SET, 0, "train.optimizer", "sgd");
    steps_to(&race, 90, END);
    ask(&race, HG_DO_KEEP, 0, "", "");
    save(&race);
    alone(&plain, dense, orders, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

/* While they race, the way back ends at the fork; the copy that is kept has the run's past. */
static void test_past(void **state)
{
    static const struct order orders[] = {
        {20, "train.lr", "0.02"}, {30, "train.batch", "7"}, {0, NULL, NULL}};
    struct fixture race, plain;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, 20);
    ask(&race, HG_DO_SET, 0, "train.lr", "0.02");
    steps_to(&race, 20, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "0.001");
    steps_to(&race, FORK, END);
    snapshot = ask(&race, HG_DO_TRAVEL, 30, "", "");
    assert_int_equal(snapshot->step, END);
    ask(&race, HG_DO_SWAP, 0, "", "");
    snapshot = ask(&race, HG_DO_TRAVEL, 30, "", "");
    assert_int_equal(snapshot->step, END);
    says(snapshot, "race began at step 45");
    snapshot = ask(&race, HG_DO_TRAVEL, 60, "", ""); /* the run alone goes back */
    assert_int_equal(snapshot->step, 60);
    assert_int_equal(snapshot->rival.step, END);
    ask(&race, HG_DO_SWAP, 0, "", "");
    ask(&race, HG_DO_KEEP, 0, "", "");
    snapshot = ask(&race, HG_DO_TRAVEL, 30, "", "");
    assert_int_equal(snapshot->step, 30);
    assert_true(snapshot->lr == 0.02);
    ask(&race, HG_DO_SET, 0, "train.batch", "7");
    steps_to(&race, 30, END);
    save(&race);
    alone(&plain, dense, orders, END);
    same_files(race.path, plain.path);
    replays(&race);
    finish(&race);
    finish(&plain);
}

/* The states of the copy itself stand behind the changes of the run. */
static void test_states_of_copy(void **state)
{
    static const struct order orders[] = {
        {20, "train.optimizer", "momentum"}, {FORK, "train.lr", "0.001"}, {0, NULL, NULL}};
    struct fixture race, plain;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, 20);
    ask(&race, HG_DO_SET, 0, "train.optimizer", "momentum");
    steps_to(&race, 20, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "0.001");
    steps_to(&race, FORK, END);
    ask(&race, HG_DO_KEEP, 0, "", "");
    ask(&race, HG_DO_TRAVEL, FORK + 1, "", "");
    save(&race);
    alone(&plain, dense, orders, FORK + 1);
    same_files(race.path, plain.path);
    finish(&race);
    finish(&plain);
}

/* Leaving in the middle keeps the one shown: its log, its file. */
static void test_left_racing(void **state)
{
    struct fixture race;

    (void)state;
    begin(&race, dense, 0);
    steps_to(&race, 0, FORK);
    ask(&race, HG_DO_FORK, 0, "train.lr", "0.002");
    steps_to(&race, FORK, END);
    save(&race);
    replays(&race);
    finish(&race);
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
        cmocka_unit_test(test_run_kept),       cmocka_unit_test(test_copy_kept),
        cmocka_unit_test(test_both_steered),   cmocka_unit_test(test_past),
        cmocka_unit_test(test_states_of_copy), cmocka_unit_test(test_left_racing),
        cmocka_unit_test(test_other_diverges), cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
