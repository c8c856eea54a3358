/* A single parameter changed by hand: training uses it, on every path through the engine; gone
 * back over, and from the log, it is the same again. */
#include "hourglass/hourglass.h"
#include "run/travel.h"

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

#include "bytes_help.h"

struct fixture {
    struct hg_context *context;
    struct hg_trainer *trainer;
    char path[64], log_path[64];
    struct hg_log *log;
};

/* A network for each way that a training step can take. */
static const struct way {
    const char *name, *settings[16];
} ways[] = {
    {"tiny",
     {"gaussians.dims", "4", "model.encoder", "dense 6 tanh", "model.code", "2", "train.batch", "8",
      "train.optimizer", "momentum"}},
    {"norm", {"gaussians.dims", "5", "model.encoder", "dense 7 bn tanh, dropout 0.1"}},
    {"skinny",
     {"gaussians.dims", "600", "model.encoder", "dense 24 tanh", "gaussians.points", "50"}},
    {"dense",
     {"gaussians.dims", "130", "model.encoder", "dense 200 relu, dense 70 tanh", "train.batch",
      "64"}},
    {"tied", {"gaussians.dims", "9", "model.encoder", "dense 6 tanh", "model.decoder", "tied"}},
    {"gaussian", {"gaussians.dims", "9", "model.code", "2 gaussian"}},
    {"stack",
     {"data.source", "builtin:digits", "data.limit", "100", "data.size", "8x8", "model.encoder",
      "conv 5 bn relu, pool 2, conv 3 stride 2", "model.code", "3"}},
};

static void begin(struct fixture *fixture, const char *const *settings)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_ladder ladder = {0};
    struct hg_spec spec;
    struct hg_error error = {0};

    *fixture = (struct fixture){.path = "/tmp/hourglass-test-XXXXXX",
                                .log_path = "/tmp/hourglass-test-XXXXXX"};
    close(mkstemp(fixture->path));
    close(mkstemp(fixture->log_path));
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.source", "gaussians", "test", &error), HG_OK);
    for (const char *const *s = settings; *s; s += 2)
        assert_int_equal(hg_spec_set(&spec, s[0], s[1], "test", &error), HG_OK);
    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &fixture->context, &error),
                     HG_OK);
    assert_int_equal(hg_log_open(fixture->log_path, &fixture->log, &error), HG_OK);
    if (hg_experiment_create(fixture->context, &spec, NULL, NULL, NULL, &experiment, &error))
        fail_msg("%s", error.text);
    config.log = fixture->log;
    config.ladder = &ladder;
    assert_int_equal(hg_trainer_create(experiment, &config, &fixture->trainer, &error), HG_OK);
    assert_int_equal(hg_trainer_remember(fixture->trainer, (size_t)64 << 20, &error), HG_OK);
    hg_spec_fini(&spec);
}

static void finish(struct fixture *fixture)
{
    hg_trainer_destroy(fixture->trainer);
    hg_log_close(fixture->log);
    hg_context_destroy(fixture->context);
    unlink(fixture->path);
    unlink(fixture->log_path);
}

static struct hg_model *model_of(const struct fixture *fixture)
{
    return hg_trainer_experiment(fixture->trainer)->model;
}

static void run(struct fixture *fixture, int steps)
{
    struct hg_error error = {0};

    for (int i = 0; i < steps; i++) {
        if (hg_trainer_step(fixture->trainer, &error))
            fail_msg("%s", error.text);
        hg_trainer_keep(fixture->trainer);
    }
}

static void edit(struct fixture *fixture, const char *key, const char *text)
{
    struct hg_error error = {0};

    if (hg_trainer_edit(fixture->trainer, key, text, &error))
        fail_msg("%s", error.text);
}

static void go(struct fixture *fixture, uint64_t step)
{
    struct hg_error error = {0};
    enum hg_status status = hg_trainer_go(fixture->trainer, step, &error);

    while (status == HG_OK && hg_trainer_going(fixture->trainer))
        status = hg_trainer_go_on(fixture->trainer, &error);
    if (status)
        fail_msg("%s", error.text);
}

static char *file_of(const struct fixture *fixture, size_t *length)
{
    struct hg_error error = {0};

    if (hg_trainer_save(fixture->trainer, fixture->path, true, &error))
        fail_msg("%s", error.text);
    return bytes_of(fixture->path, length);
}

static bool same(const struct fixture *a, const struct fixture *b)
{
    size_t one, two;
    char *x = file_of(a, &one), *y = file_of(b, &two);
    bool equal = one == two && memcmp(x, y, one) == 0;

    free(x);
    free(y);
    return equal;
}

/* "name[i,j]" of number `at` of a tensor. */
static void name_place(char *out, size_t size, const struct hg_tensor_info *tensor, size_t at)
{
    size_t index[HG_TENSOR_DIMS];
    int length = snprintf(out, size, "%s", tensor->name);

    for (int d = tensor->dims; d-- > 0; at /= tensor->shape[d])
        index[d] = at % tensor->shape[d];
    for (int d = 0; d < tensor->dims; d++)
        length += snprintf(out + length, size - (size_t)length, "%c%zu", d ? ',' : '[', index[d]);
    snprintf(out + length, size - (size_t)length, "]");
}

/* Every number as hg_model_read has it; one edited is the same as the whole tensor written. */
static void check_way(const struct way *way)
{
    struct fixture by_hand, whole, untouched;
    size_t tensors;

    begin(&by_hand, way->settings);
    begin(&whole, way->settings);
    begin(&untouched, way->settings);
    run(&by_hand, 5);
    run(&whole, 5);
    run(&untouched, 5);
    tensors = hg_model_tensors(model_of(&by_hand));
    for (size_t t = 0; t < tensors; t++) {
        struct hg_tensor_info tensor = hg_model_tensor(model_of(&by_hand), t);
        float *values = malloc(tensor.count * sizeof *values);
        size_t at = tensor.count * 2 / 3;
        char key[96], text[32];

        hg_model_read(model_of(&by_hand), t, HG_PART_VALUE, values);
        for (size_t i = 0; i < tensor.count; i++)
            assert_true(values[i] == hg_model_value(model_of(&by_hand), t, i));
        if (tensor.trainable) {
            name_place(key, sizeof key, &tensor, at);
            values[at] = values[at] * 0.5f + 0.3f + 0.01f * (float)t;
            snprintf(text, sizeof text, "%.9g", (double)values[at]);
            edit(&by_hand, key, text);
            hg_model_write(model_of(&whole), t, HG_PART_VALUE, values);
            assert_true(same(&by_hand, &whole));
        }
        free(values);
        run(&by_hand, 3);
        run(&whole, 3);
        run(&untouched, 3);
        if (!same(&by_hand, &whole))
            fail_msg("%s: %s[%zu] is not what is trained with", way->name, tensor.name, at);
    }
    assert_false(same(&by_hand, &untouched));
    finish(&by_hand);
    finish(&whole);
    finish(&untouched);
}

static void test_every_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        check_way(&ways[i]);
}

static void test_refused(void **state)
{
    static const struct {
        const char *key, *text, *says;
    } bad[] = {
        {"encoder.0.weight[6,0]", "1", "no parameter is called 'encoder.0.weight[6,0]'"},
        {"encoder.0.weight[0,4]", "1", "no parameter"},
        {"encoder.0.weight[0]", "1", "no parameter"},
        {"encoder.0.weight[0,0,0]", "1", "no parameter"},
        {"encoder.0.weight[-1,0]", "1", "no parameter"},
        {"encoder.0.weight[99999999999999999999,0]", "1", "no parameter"},
        {"encoder.0.weight[0, 0]", "1", "no parameter"},
        {"encoder.0.weight[0,0]x", "1", "no parameter"},
        {"encoder.0.weight", "1", "no parameter"},
        {"encoder.1.weight[0,0]", "1", "no parameter"},
        {"", "1", "no parameter"},
        {"encoder.0.weight[0,0]", "", "'' is no value; accepted: a number"},
        {"encoder.0.weight[0,0]", "nan", "'nan' is no value"},
        {"encoder.0.weight[0,0]", "1e39", "'1e39' is no value"},
        {"encoder.0.weight[0,0]", "1,5", "no value"},
        {"encoder.0.weight[0,0]", "0x10", "no value"},
    };
    struct fixture fixture;

    (void)state;
    begin(&fixture, ways[0].settings);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct hg_error error = {0};
        assert_int_equal(hg_trainer_edit(fixture.trainer, bad[i].key, bad[i].text, &error),
                         HG_USAGE);
        if (!strstr(error.text, bad[i].says))
            fail_msg("'%s' lacks '%s'", error.text, bad[i].says);
    }
    finish(&fixture);
    begin(&fixture, ways[1].settings);
    struct hg_error error = {0};
    assert_int_equal(hg_trainer_edit(fixture.trainer, "encoder.1.running_mean[0]", "1", &error),
                     HG_USAGE);
    assert_non_null(strstr(error.text, "running statistic"));
    finish(&fixture);
}

static void test_logged(void **state)
{
    struct fixture fixture;

    (void)state;
    begin(&fixture, ways[0].settings);
    run(&fixture, 7);
    size_t length;
    free(file_of(&fixture, &length));
    assert_false(hg_trainer_unsaved(fixture.trainer));
    edit(&fixture, "encoder.0.bias[2]", "0.1");
    assert_true(hg_trainer_unsaved(fixture.trainer));
    assert_true(hg_model_value(model_of(&fixture), 1, 2) == 0.1f);
    edit(&fixture, "encoder.0.bias[2]", "0.10000000");
    edit(&fixture, "encoder.0.bias[2]", "-2.5e-3");
    assert_int_equal(count_lines(fixture.log_path, "\"key\":\"encoder.0.bias[2]\""),
                     2); /* the same: no */
    assert_int_equal(count_lines(fixture.log_path,
                                 "{\"event\":\"change\",\"step\":7,\"key\":\"encoder.0.bias[2]\","
                                 "\"from\":\"0.100000001\",\"to\":\"-0.00249999994\"}"),
                     1);
    finish(&fixture);
}

/* Two edits at one step, one at a later, an option between. */
static void steer(struct fixture *fixture)
{
    struct hg_error error = {0};

    run(fixture, 40);
    edit(fixture, "encoder.0.weight[1,2]", "0.75");
    edit(fixture, "encoder.0.bias[0]", "-1");
    assert_int_equal(hg_trainer_set(fixture->trainer, "train.lr", "0.02", &error), HG_OK);
    run(fixture, 33);
    edit(fixture, "decoder.0.weight[3,1]", "1e-3");
    run(fixture, 50);
    edit(fixture, "decoder.0.bias[0]", "0.5");
}

static void test_travel(void **state)
{
    static const uint64_t steps[] = {122, 100, 73, 72, 41, 40, 39, 1, 0};

    (void)state;
    for (size_t w = 0; w < 2; w++) {
        struct fixture never, left;
        begin(&never, ways[w].settings);
        begin(&left, ways[w].settings);
        steer(&never);
        steer(&left);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            go(&left, steps[i]);
            go(&left, 123);
            assert_true(same(&never, &left));
        }
        go(&left, 60); /* and trained on from there: the second edit is left behind */
        edit(&left, "encoder.0.bias[1]", "0.25");
        run(&left, 63);
        assert_false(same(&never, &left));
        finish(&left);
        finish(&never);
    }
}

static void test_replay(void **state)
{
    struct fixture fixture;
    struct hg_error error = {0};
    struct hg_replay *replay;
    struct hg_experiment *experiment;
    struct hg_trainer_config config = {0};
    bool done = false;
    double evaluated, validation;

    (void)state;
    begin(&fixture, ways[1].settings);
    steer(&fixture);
    go(&fixture, 60);
    edit(&fixture, "encoder.0.bias[1]", "0.25");
    run(&fixture, 20);
    edit(&fixture, "encoder.0.weight[0,0]", "1.5");
    size_t one, two;
    char *file = file_of(&fixture, &one), *again;
    hg_trainer_finish(fixture.trainer, HG_END_USER, &evaluated, &validation);

    if (hg_replay_open(fixture.log_path, &replay, &error))
        fail_msg("%s", error.text);
    assert_int_equal(hg_replay_facts(replay).changes, 5);
    assert_int_equal(hg_experiment_create(fixture.context, hg_replay_spec(replay), NULL, NULL, NULL,
                                          &experiment, &error),
                     HG_OK);
    struct fixture second = fixture;
    assert_int_equal(hg_trainer_create(experiment, &config, &second.trainer, &error), HG_OK);
    while (!done)
        if (hg_replay_step(replay, second.trainer, &done, &error))
            fail_msg("%s", error.text);
    again = file_of(&second, &two);
    assert_int_equal(one, two);
    assert_memory_equal(file, again, one);
    free(file);
    free(again);
    hg_replay_close(replay);
    hg_trainer_destroy(second.trainer);
    finish(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_logged),    cmocka_unit_test(test_travel),
        cmocka_unit_test(test_replay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
