/* travel_help.h - a run that can be gone back in, and what of it must be the same. Include cmocka
 * and what it needs first. */
#ifndef HG_TEST_TRAVEL_HELP_H
#define HG_TEST_TRAVEL_HELP_H

#include "bytes_help.h"
#include "hourglass/hourglass.h"
#include "run/travel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    struct hg_context *context;
    struct hg_trainer *trainer;
    char path[64], log_path[64];
    struct hg_log *log;
};

enum { MEMORY = 1 << 20 };

/* A small network with everything that leans on step and position: dropout, noise, batch norm. */
static inline void begin(struct fixture *fixture, size_t memory, const char *const *more)
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

static inline void finish(struct fixture *fixture)
{
    hg_trainer_destroy(fixture->trainer);
    hg_log_close(fixture->log);
    hg_context_destroy(fixture->context);
    unlink(fixture->path);
    unlink(fixture->log_path);
}

static inline uint64_t here(const struct fixture *fixture)
{
    return hg_trainer_progress(fixture->trainer)->step;
}

/* Up to step `until`, each state offered for keeping. */
static inline void run_to(struct fixture *fixture, uint64_t until)
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

static inline void set(struct fixture *fixture, const char *name, const char *text)
{
    struct hg_error error = {0};

    if (hg_trainer_set(fixture->trainer, name, text, &error))
        fail_msg("%s", error.text);
}

static inline void go(struct fixture *fixture, uint64_t step)
{
    struct hg_error error = {0};
    enum hg_status status = hg_trainer_go(fixture->trainer, step, &error);

    while (status == HG_OK && hg_trainer_going(fixture->trainer))
        status = hg_trainer_go_on(fixture->trainer, &error);
    if (status)
        fail_msg("%s", error.text);
    assert_int_equal(here(fixture), step);
}

static inline char *file_of(const struct fixture *fixture, size_t *length)
{
    struct hg_error error = {0};

    if (hg_trainer_save(fixture->trainer, fixture->path, true, &error))
        fail_msg("%s", error.text);
    return bytes_of(fixture->path, length);
}

/* Weights, moments, statistics, history, counters, options: the whole run file. */
static inline void assert_same(const struct fixture *a, const struct fixture *b)
{
    size_t one, two;
    char *x = file_of(a, &one), *y = file_of(b, &two);

    assert_int_equal(one, two);
    assert_memory_equal(x, y, one);
    free(x);
    free(y);
}

/* A line with a change of every kind, up to `until` (at most 3,000 steps). */
static inline void live(struct fixture *fixture, uint64_t until)
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

#endif
