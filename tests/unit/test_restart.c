/* Starting again as another experiment: the same as one begun so, in every byte and in the log;
 * and what fails leaves the run as it is. */
#include "hourglass/hourglass.h"

#include "hourglass/replay.h"

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

static struct hg_context *context;

struct pair {
    const char *name, *text;
};

static void set_all(struct hg_spec *spec, const struct pair *pairs)
{
    struct hg_error error;

    for (; pairs->name; pairs++)
        if (hg_spec_set(spec, pairs->name, pairs->text, "test", &error))
            fail_msg("%s", error.text);
}

static void small(struct hg_spec *spec)
{
    static const struct pair pairs[] = {{"data.limit", "200"}, {"train.batch", "10"}, {NULL, NULL}};
    struct hg_error error;

    assert_int_equal(hg_spec_init(spec, &error), HG_OK);
    set_all(spec, pairs);
}

static struct hg_trainer *trainer_of(const struct hg_spec *spec, struct hg_log *log)
{
    struct hg_experiment *experiment;
    struct hg_trainer *trainer = NULL;
    struct hg_ladder ladder = {.mean = 1};
    struct hg_trainer_config config = {.log = log, .ladder = &ladder};
    struct hg_error error;

    if (hg_experiment_create(context, spec, NULL, NULL, NULL, &experiment, &error) ||
        hg_trainer_create(experiment, &config, &trainer, &error))
        fail_msg("%s", error.text);
    return trainer;
}

static void train(struct hg_trainer *trainer, int steps)
{
    struct hg_error error;

    for (int i = 0; i < steps; i++)
        assert_int_equal(hg_trainer_step(trainer, &error), HG_OK);
}

static void same_weights(const struct hg_trainer *a, const struct hg_trainer *b)
{
    const struct hg_model *x = hg_trainer_experiment(a)->model,
                          *y = hg_trainer_experiment(b)->model;

    assert_int_equal(hg_model_tensors(x), hg_model_tensors(y));
    for (size_t i = 0; i < hg_model_tensors(x); i++) {
        struct hg_tensor_info info = hg_model_tensor(x, i);
        assert_int_equal(info.count, hg_model_tensor(y, i).count);
        float *left = malloc(info.count * sizeof *left),
              *right = malloc(info.count * sizeof *right);
        hg_model_read(x, i, HG_PART_VALUE, left);
        hg_model_read(y, i, HG_PART_VALUE, right);
        assert_memory_equal(left, right, info.count * sizeof *left);
        free(left);
        free(right);
    }
}

static const struct pair other[] = {{"data.source", "gaussians"},
                                    {"gaussians.dims", "5"},
                                    {"gaussians.center.2", "0.1 -0.2 0.3 0 0"},
                                    {"gaussians.spread.1", "0.2 0.1 0.1 0.1 0.3"},
                                    {"model.encoder", "dense 7 relu"},
                                    {"model.output", "auto"},
                                    {"model.code", "3"},
                                    {"train.optimizer", "rmsprop"},
                                    {"train.lr", "0.004"},
                                    {NULL, NULL}};

static void replay_like(const char *path, const struct hg_trainer *wanted)
{
    struct hg_replay *replay;
    struct hg_trainer *again;
    struct hg_error error;
    bool done = false;

    if (hg_replay_open(path, &replay, &error))
        fail_msg("%s", error.text);
    again = trainer_of(hg_replay_spec(replay), NULL);
    while (!done)
        if (hg_replay_step(replay, again, &done, &error))
            fail_msg("%s", error.text);
    same_weights(again, wanted);
    hg_trainer_destroy(again);
    hg_replay_close(replay);
}

static void test_like_begun_so(void **state)
{
    static const char path[] = "test_restart.jsonl";
    struct hg_spec spec;
    struct hg_trainer *changed, *fresh;
    struct hg_log *log;
    struct hg_error error;

    (void)state;
    remove(path);
    small(&spec);
    assert_int_equal(hg_log_open(path, &log, &error), HG_OK);
    changed = trainer_of(&spec, log);
    assert_int_equal(hg_trainer_remember(changed, 1 << 22, &error), HG_OK);
    train(changed, 25);
    assert_int_equal(hg_trainer_set(changed, "train.l1", "0.001", &error), HG_OK);
    hg_trainer_keep(changed);
    set_all(&spec, other);
    assert_int_equal(hg_trainer_restart_as(changed, &spec, &error), HG_OK);
    assert_int_equal(hg_trainer_progress(changed)->step, 0);
    train(changed, 54); /* whole epochs: a log knows no more */
    fresh = trainer_of(&spec, NULL);
    train(fresh, 54);
    same_weights(changed, fresh);
    assert_int_equal(hg_trainer_go(changed, 0, &error), HG_OK); /* and back to its beginning */
    assert_int_equal(hg_trainer_go(changed, 54, &error), HG_OK);
    while (hg_trainer_going(changed))
        assert_int_equal(hg_trainer_go_on(changed, &error), HG_OK);
    same_weights(changed, fresh);
    replay_like(path, changed);

    /* without that centre, on one cluster more */
    assert_int_equal(hg_spec_unset(&spec, "gaussians.center.2", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "gaussians.clusters", "5", "test", &error), HG_OK);
    assert_int_equal(hg_trainer_restart_as(changed, &spec, &error), HG_OK);
    train(changed, 18);
    hg_trainer_destroy(fresh);
    fresh = trainer_of(&spec, NULL);
    train(fresh, 18);
    same_weights(changed, fresh);
    assert_false(hg_log_failed(log, &error));
    replay_like(path, changed);
    hg_trainer_destroy(fresh);
    hg_trainer_destroy(changed);
    hg_log_close(log);
    hg_spec_fini(&spec);
    remove(path);
}

/* Data that are not there, a loss that they or the output do not suit, layers that do not fit. */
static void test_unharmed(void **state)
{
    static const struct pair wrong[][2] = {
        {{"data.source", "/nowhere/at/all.csv"}, {NULL, NULL}},
        {{"model.loss", "bce"}, {"data.scale", "standard"}},
        {{"model.loss", "bce"}, {"model.output", "tanh"}},
        {{"model.encoder", "dense 12 tanh"}, {"model.decoder", "up 3, conv 4"}},
        {{"model.code", "0"}, {NULL, NULL}},
        {{"train.patience", "3"}, {"data.validation", "0"}}};
    static const char *const named[] = {"all.csv", "model.loss", "in 0..1, 'tanh' leaves it",
                                        "model.",  "model.code", "train.patience"};
    struct hg_spec spec;
    struct hg_trainer *disturbed, *quiet;
    struct hg_error error;

    (void)state;
    small(&spec);
    disturbed = trainer_of(&spec, NULL);
    quiet = trainer_of(&spec, NULL);
    train(disturbed, 11);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct hg_spec changed;
        assert_int_equal(hg_spec_copy(&changed, &spec, &error), HG_OK);
        for (size_t k = 0; k < 2 && wrong[i][k].name; k++)
            assert_int_equal(
                hg_spec_set(&changed, wrong[i][k].name, wrong[i][k].text, "test", &error), HG_OK);
        assert_int_not_equal(hg_trainer_restart_as(disturbed, &changed, &error), HG_OK);
        if (!strstr(error.text, named[i]))
            fail_msg("'%s' does not name %s", error.text, named[i]);
        hg_spec_fini(&changed);
    }
    assert_int_equal(hg_trainer_progress(disturbed)->step, 11);
    train(disturbed, 30);
    train(quiet, 41);
    same_weights(disturbed, quiet);
    hg_trainer_destroy(disturbed);
    hg_trainer_destroy(quiet);
    hg_spec_fini(&spec);
}

/* Another experiment does not take the place of the file that holds the old one. */
static void test_leaves_the_file(void **state)
{
    static const char path[] = "test_restart_old.safetensors";
    struct hg_spec spec;
    struct hg_trainer *trainer;
    struct hg_error error;

    (void)state;
    remove(path);
    small(&spec);
    trainer = trainer_of(&spec, NULL);
    train(trainer, 3);
    assert_int_equal(hg_trainer_save(trainer, path, false, &error), HG_OK);
    assert_int_equal(hg_trainer_restart(trainer, 1, &error), HG_OK);
    assert_string_equal(hg_trainer_saved(trainer), path);
    set_all(&spec, other);
    assert_int_equal(hg_trainer_restart_as(trainer, &spec, &error), HG_OK);
    assert_null(hg_trainer_saved(trainer));
    assert_int_equal(hg_trainer_save(trainer, path, false, &error), HG_FAILED);
    hg_trainer_destroy(trainer);
    hg_spec_fini(&spec);
    remove(path);
}

/* ---- in a session ---- */

static uint64_t told; /* the last message that was seen */

static bool is_refused(const struct hg_snapshot *s)
{
    return s->message_tone == HG_TONE_BAD && s->message_serial > told &&
           strstr(s->message, "model.loss") != NULL;
}
static bool is_another(const struct hg_snapshot *s)
{
    return s->generation == 1 && s->state == HG_STATE_RUNNING && s->step > 20;
}

static bool is_wide(const struct hg_snapshot *s)
{
    return s->generation == 2 && s->step > 20 && s->latent.known && s->filters.known;
}
static bool is_underway(const struct hg_snapshot *s)
{
    return s->generation == 0 && s->step > 20 && s->latent.known && s->filters.known;
}

/* Every view is shown at once: all that they remember is of the old network. */
static void look_at_all(struct hg_session *session)
{
    post(session, (struct hg_command){.kind = HG_DO_FILTERS, .number = 3, .first = 9, .count = 9});
    post(session, (struct hg_command){.kind = HG_DO_DOCTOR, .number = 1});
    post(session, (struct hg_command){.kind = HG_DO_HEALTH, .number = 1});
    post(session, (struct hg_command){.kind = HG_DO_CHECK, .number = 1});
    post(session, (struct hg_command){.kind = HG_DO_NETWORK, .number = 0, .count = 64});
    post(session, (struct hg_command){.kind = HG_DO_LATENT, .number = 1, .first = 9, .count = 9});
    post(session, (struct hg_command){.kind = HG_DO_LATENT_SAMPLE, .first = 190});
    post(session, (struct hg_command){.kind = HG_DO_RUN});
    await_in(session, is_underway);
}

static void test_session(void **state)
{
    static const struct pair wrong[] = {
        {"model.loss", "bce"}, {"data.scale", "-1..1"}, {NULL, NULL}};
    struct hg_session_config config = {.context = context, .snapshots_per_second = 1000};
    static const struct pair wider[] = {{"model.encoder", "conv 3 stride 2 bn relu, dense 20"},
                                        {"model.code", "9"},
                                        {"data.size", "12x12"},
                                        {NULL, NULL}};
    static const struct pair pictures[] = {{"data.size", "14x14"}, {NULL, NULL}};
    struct hg_session *session;
    struct hg_spec spec, wide;
    struct hg_error error;
    const struct hg_snapshot *snapshot;

    (void)state;
    small(&spec);
    small(&wide);
    set_all(&spec, pictures); /* that a check of the gradient is done with soon */
    config.spec = &spec;
    config.start_paused = true;
    assert_int_equal(hg_session_start(&config, &session, &error), HG_OK);
    snapshot = await_in(session, is_paused);
    assert_string_equal(snapshot->spec->model.encoder, "dense 128 tanh, dense 32 tanh");
    assert_string_equal(hg_spec_origin(snapshot->spec, "model.encoder"), "chosen");
    told = snapshot->message_serial;

    set_all(&spec, wrong);
    post(session, (struct hg_command){.kind = HG_DO_RESTART, .spec = &spec});
    snapshot = await_in(session, is_refused);
    assert_int_equal(snapshot->state, HG_STATE_PAUSED);
    assert_int_equal(snapshot->generation, 0);
    assert_int_equal(snapshot->loss, HG_LOSS_MSE);

    assert_int_equal(hg_spec_unset(&spec, "model.loss", &error), HG_OK);
    assert_int_equal(hg_spec_unset(&spec, "data.size", &error), HG_OK);
    set_all(&spec, other);
    look_at_all(session);
    post(session, (struct hg_command){.kind = HG_DO_SHOW, .number = 150});
    post(session, (struct hg_command){.kind = HG_DO_RESTART, .spec = &spec});
    hg_spec_fini(&spec); /* the queue has its own */
    snapshot = await_in(session, is_another);
    assert_int_equal(snapshot->features, 5);
    assert_int_equal(snapshot->codes, 3);
    assert_int_equal(snapshot->sample, 150);
    assert_string_equal(snapshot->spec->model.encoder, "dense 7 relu");
    assert_string_equal(snapshot->layers, "5-7-3-7-5");
    set_all(&wide, wider); /* and back to pictures */
    post(session, (struct hg_command){.kind = HG_DO_RESTART, .spec = &wide});
    hg_spec_fini(&wide);
    snapshot = await_in(session, is_wide);
    assert_int_equal(snapshot->features, 144);
    assert_int_equal(snapshot->codes, 9);
    post(session, (struct hg_command){.kind = HG_DO_PAUSE});
    await_in(session, is_paused);
    assert_int_equal(hg_session_stop(session, HG_END_USER, NULL, &error), HG_OK);
}

static int begin(void **state)
{
    (void)state;
    return (int)hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &context, NULL);
}

static int end(void **state)
{
    (void)state;
    hg_context_destroy(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_begun_so),
        cmocka_unit_test(test_unharmed),
        cmocka_unit_test(test_leaves_the_file),
        cmocka_unit_test(test_session),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
