/* Back in a run and on again: the same bytes as the run that never left. */
#include "hourglass/hourglass.h"
#include "run/travel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct hg_context *context;
    struct hg_trainer *trainer;
    char path[64], log_path[64];
    struct hg_log *log;
};

enum { MEMORY = 1 << 20 };

/* A small network with everything that leans on step and position: dropout, noise, batch norm. */
static void begin(struct fixture *fixture, size_t memory, const char *const *more)
{
    static const char *const settings[] = {"data.source",
                                           "gaussians",
                                           "gaussians.dims",
                                           "5",
                                           "gaussians.points",
                                           "37",
                                           "model.encoder",
                                           "dense 7 bn tanh, dropout 0.1",
                                           "train.corrupt",
                                           "gaussian 0.1",
                                           "train.batch",
                                           "16",
                                           "train.lr",
                                           "0.01",
                                           NULL};
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
    for (const char *const *s = settings; *s; s += 2)
        assert_int_equal(hg_spec_set(&spec, s[0], s[1], "test", &error), HG_OK);
    for (; more && *more; more += 2)
        assert_int_equal(hg_spec_set(&spec, more[0], more[1], "test", &error), HG_OK);
    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &fixture->context, &error),
                     HG_OK);
    assert_int_equal(hg_log_open(fixture->log_path, &fixture->log, &error), HG_OK);
    if (hg_experiment_create(fixture->context, &spec, NULL, NULL, NULL, &experiment, &error))
        fail_msg("%s", error.text);
    config.log = fixture->log;
    config.ladder = &ladder;
    assert_int_equal(hg_trainer_create(experiment, &config, &fixture->trainer, &error), HG_OK);
    if (memory)
        assert_int_equal(hg_trainer_remember(fixture->trainer, memory, &error), HG_OK);
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

static uint64_t here(const struct fixture *fixture)
{
    return hg_trainer_progress(fixture->trainer)->step;
}

/* Up to step `until`, each state offered for keeping. */
static void run_to(struct fixture *fixture, uint64_t until)
{
    struct hg_error error = {0};

    while (here(fixture) < until) {
        if (hg_trainer_step(fixture->trainer, &error))
            fail_msg("%s", error.text);
        hg_trainer_keep(fixture->trainer);
        if (hg_trainer_end(fixture->trainer) != HG_END_NOT)
            return;
    }
}

static void set(struct fixture *fixture, const char *name, const char *text)
{
    struct hg_error error = {0};

    if (hg_trainer_set(fixture->trainer, name, text, &error))
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
    assert_int_equal(here(fixture), step);
}

static char *file_of(const struct fixture *fixture, size_t *length)
{
    struct hg_error error = {0};
    FILE *file;
    char *bytes;

    if (hg_trainer_save(fixture->trainer, fixture->path, true, &error))
        fail_msg("%s", error.text);
    file = fopen(fixture->path, "rb");
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*length);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

/* Weights, moments, statistics, history, counters, options: the whole run file. */
static void assert_same(const struct fixture *a, const struct fixture *b)
{
    size_t one, two;
    char *x = file_of(a, &one), *y = file_of(b, &two);

    assert_int_equal(one, two);
    assert_memory_equal(x, y, one);
    free(x);
    free(y);
}

/* A line with a change of every kind, up to `until` (at most 3,000 steps). */
static void live(struct fixture *fixture, uint64_t until)
{
    static const struct {
        uint64_t step;
        const char *name, *text;
    } changes[] = {{137, "train.lr", "0.02"},       {600, "train.optimizer", "rmsprop"},
                   {600, "train.lr", "0.001"},      {1001, "train.batch", "5"},
                   {1003, "train.beta2", "0.95"},   {1700, "train.corrupt", "mask 0.2"},
                   {2200, "train.clip", "0.5"},     {2201, "train.optimizer", "momentum"},
                   {2600, "train.sparsity", "0.1"}, {2700, "train.batch", "100"}};

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (changes[i].step > until)
            break;
        run_to(fixture, changes[i].step);
        set(fixture, changes[i].name, changes[i].text);
    }
    run_to(fixture, until);
}

static void test_back_and_on(void **state)
{
    static const uint64_t steps[] = {2000, 2999, 2700, 2650, 1001, 1002, 600, 599, 136, 1, 0};
    struct fixture never, left;

    (void)state;
    begin(&never, 0, NULL);
    begin(&left, MEMORY, NULL);
    live(&left, 3000);
    live(&never, 3000);
    assert_same(&never, &left);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct fixture straight;
        go(&left, steps[i]);
        begin(&straight, 0, NULL);
        live(&straight, steps[i]);
        assert_same(&straight, &left); /* there */
        finish(&straight);
        go(&left, 3000);
        assert_same(&never, &left); /* and forward again */
    }
    go(&left, 2800); /* no change after it: the same run again */
    run_to(&left, 3000);
    assert_same(&never, &left);
    finish(&left);
    finish(&never);
}

static void test_thousand_steps(void **state)
{
    struct fixture never, left;

    (void)state;
    begin(&never, 0, NULL);
    begin(&left, MEMORY, NULL);
    run_to(&never, 2500);
    run_to(&left, 2500);
    go(&left, 1500);
    run_to(&left, 2500);
    assert_same(&never, &left);
    finish(&left);
    finish(&never);
}

static void test_kept_states(void **state)
{
    struct fixture left, straight;
    struct hg_travel travel;
    uint64_t tip = 900;

    (void)state;
    for (;; tip *= 2) { /* keeping has its share of the time: a slow machine needs more steps */
        begin(&left, MEMORY, NULL);
        live(&left, tip);
        hg_trainer_travel(left.trainer, &travel);
        if (travel.kept >= 5 || tip > 10000)
            break;
        finish(&left);
    }
    assert_false(travel.away);
    assert_in_range(travel.kept, 5, HG_KEPT_MOST);
    assert_int_equal(travel.step[0], 0);
    for (size_t i = travel.kept; i > 0; i -= i > 3 ? 3 : 1) {
        go(&left, travel.step[i - 1]);
        begin(&straight, 0, NULL);
        live(&straight, travel.step[i - 1]);
        assert_same(&straight, &left);
        finish(&straight);
    }
    hg_trainer_travel(left.trainer, &travel);
    assert_true(travel.away);
    assert_int_equal(travel.tip, tip);
    assert_int_equal(travel.step[travel.kept - 1], tip);
    assert_non_null(travel.branch);
    finish(&left);
}

static size_t count_in_log(const struct fixture *fixture, const char *text)
{
    char line[8192];
    size_t count = 0;
    FILE *file = fopen(fixture->log_path, "r");

    while (fgets(line, sizeof line, file))
        count += strstr(line, text) != NULL;
    fclose(file);
    return count;
}

/* A change made while one is back counts from there; what lay ahead is a branch. */
static void test_branch(void **state)
{
    struct fixture left, straight;
    struct hg_travel travel;
    struct hg_error error;

    (void)state;
    begin(&left, MEMORY, NULL);
    live(&left, 800);
    go(&left, 650);
    go(&left, 400);
    assert_int_equal(count_in_log(&left, "\"back\""), 0);
    set(&left, "train.lr", "0.005");
    assert_int_equal(count_in_log(&left, "\"step\":800,\"key\":\"back\",\"from\":\"800\","
                                         "\"to\":\"400\""),
                     1);
    hg_trainer_travel(left.trainer, &travel);
    assert_false(travel.away);
    assert_int_equal(travel.tip, 400);
    assert_in_range(travel.step[travel.kept - 1], 0, 400);
    assert_non_null(travel.branch);
    assert_int_equal(travel.branch_from, 400);
    assert_int_equal(travel.branch->points[travel.branch->count - 1].last, 800);
    assert_int_equal(hg_trainer_go(left.trainer, 401, &error), HG_USAGE);
    run_to(&left, 900);
    begin(&straight, 0, NULL);
    live(&straight, 400);
    set(&straight, "train.lr", "0.005");
    run_to(&straight, 900);
    assert_same(&straight, &left);
    go(&left, 300); /* beyond the branch's root */
    go(&left, 900);
    assert_same(&straight, &left);
    finish(&straight);
    finish(&left);
}

/* Patience ends the run and puts the best weights back; taken up again it goes on from them. */
static void test_ends(void **state)
{
    static const char *const more[] = {"train.patience",  "2",   "train.lr", "0.05",
                                       "data.validation", "0.3", NULL};
    struct fixture never, left;
    uint64_t ended;

    (void)state;
    begin(&never, 0, more);
    begin(&left, MEMORY, more);
    run_to(&never, 100000);
    run_to(&left, 100000);
    ended = here(&left);
    assert_int_equal(hg_trainer_end(left.trainer), HG_END_PATIENCE);
    go(&left, ended - 3);
    go(&left, ended);
    assert_int_equal(hg_trainer_end(left.trainer), HG_END_PATIENCE);
    assert_same(&never, &left);
    go(&left, ended - 5);
    run_to(&left, 100000);
    assert_int_equal(here(&left), ended);
    assert_same(&never, &left);
    hg_trainer_continue(never.trainer);
    hg_trainer_continue(left.trainer);
    set(&never, "train.patience", "0");
    set(&left, "train.patience", "0");
    run_to(&never, ended + 300);
    run_to(&left, ended + 300);
    assert_same(&never, &left);
    for (int i = 0; i < 3; i++) {
        go(&left, ended + 30 - (uint64_t)i * 17);
        go(&left, ended + 300);
        assert_same(&never, &left);
    }
    go(&left, ended + 30);
    run_to(&left, ended + 300);
    assert_same(&never, &left);
    finish(&left);
    finish(&never);
}

static void test_restart(void **state)
{
    struct fixture left, straight;
    struct hg_error error;
    struct hg_travel travel;

    (void)state;
    begin(&left, MEMORY, NULL);
    run_to(&left, 100);
    set(&left, "train.lr", "0.02");
    run_to(&left, 200);
    assert_int_equal(hg_trainer_restart(left.trainer, 1, &error), HG_OK);
    hg_trainer_travel(left.trainer, &travel);
    assert_non_null(travel.branch); /* of the same data: to compare */
    run_to(&left, 150);
    go(&left, 50);
    run_to(&left, 150);
    begin(&straight, 0, NULL);
    set(&straight, "train.lr", "0.02");
    run_to(&straight, 150);
    assert_same(&straight, &left);
    assert_int_equal(hg_trainer_restart(left.trainer, 9, &error), HG_OK);
    assert_int_equal(count_in_log(&left, "\"key\":\"restart\",\"from\":\"1\",\"to\":\"9\""), 1);
    hg_trainer_travel(left.trainer, &travel);
    assert_null(travel.branch);
    run_to(&left, 30);
    go(&left, 0);
    run_to(&left, 30);
    assert_int_equal(here(&left), 30);
    finish(&straight);
    finish(&left);
}

/* What cannot be gone back to is refused with a reason, and nothing moves. */
static void test_refused(void **state)
{
    struct fixture left;
    struct hg_error error;

    (void)state;
    begin(&left, 0, NULL);
    assert_int_equal(hg_trainer_go(left.trainer, 0, &error), HG_USAGE);
    finish(&left);
    begin(&left, 200, NULL); /* bytes */
    run_to(&left, 10);
    assert_int_equal(hg_trainer_go(left.trainer, 5, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "--max-memory"));
    assert_int_equal(here(&left), 10);
    finish(&left);
    begin(&left, MEMORY, NULL);
    run_to(&left, 10);
    assert_int_equal(hg_trainer_go(left.trainer, 11, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "newest"));
    finish(&left);
}

/* Few states fit: what lies between is recomputed, further. */
static void test_little_memory(void **state)
{
    struct fixture left, straight;
    size_t bytes;

    (void)state;
    begin(&straight, 0, NULL);
    bytes = hg_model_whole_count(hg_trainer_experiment(straight.trainer)->model, HG_ADAM) *
            sizeof(float);
    begin(&left, 2 * bytes, NULL);
    live(&straight, 700);
    live(&left, 1500);
    go(&left, 700);
    assert_same(&straight, &left);
    finish(&left);
    finish(&straight);
}

/* Lost weights come back from before they were lost. */
static void test_diverged(void **state)
{
    struct fixture left, straight;
    struct hg_error error = {0};
    enum hg_status status = HG_OK;

    (void)state;
    begin(&left, MEMORY, NULL);
    begin(&straight, 0, NULL);
    run_to(&left, 100);
    run_to(&straight, 60);
    set(&left, "train.optimizer", "sgd");
    set(&left, "train.lr", "1000000");
    for (int i = 0; i < 200 && status == HG_OK; i++)
        status = hg_trainer_step(left.trainer, &error);
    assert_int_equal(status, HG_DIVERGED);
    go(&left, 60);
    assert_int_equal(hg_trainer_end(left.trainer), HG_END_NOT);
    assert_same(&straight, &left);
    run_to(&left, 200);
    run_to(&straight, 200);
    assert_same(&straight, &left);
    finish(&left);
    finish(&straight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_and_on), cmocka_unit_test(test_thousand_steps),
        cmocka_unit_test(test_kept_states), cmocka_unit_test(test_branch),
        cmocka_unit_test(test_ends),        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_little_memory),
        cmocka_unit_test(test_diverged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
