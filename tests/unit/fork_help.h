/* fork_help.h - a session with a run that can be forked: steps, answers, its file and its log, and
 * the same run alone. Include cmocka and what it needs first. */
#ifndef HG_TEST_FORK_HELP_H
#define HG_TEST_FORK_HELP_H

#include "bytes_help.h"
#include "session_help.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static inline void set_all(struct hg_spec *spec, const char *const *settings)
{
    struct hg_error error = {0};

    for (; *settings; settings += 2)
        if (hg_spec_set(spec, settings[0], settings[1], "test", &error))
            fail_msg("%s", error.text);
}

static inline void begin(struct fixture *fixture, const char *const *settings, size_t memory)
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

static inline void leave(struct fixture *fixture)
{
    struct hg_error error = {0};

    if (fixture->session && hg_session_stop(fixture->session, HG_END_USER, NULL, &error))
        fail_msg("%s", error.text);
    fixture->session = NULL;
}

static inline void finish(struct fixture *fixture)
{
    leave(fixture);
    hg_context_destroy(fixture->context);
    unlink(fixture->path);
    unlink(fixture->log);
}

/* ---- asking, and waiting until it was done ---- */

static uint64_t wanted_step;
static uint64_t seen_message;

static inline bool stands_there(const struct hg_snapshot *s)
{
    return s->step == wanted_step && s->state != HG_STATE_RUNNING &&
           (!s->rival.racing || s->rival.end != HG_END_NOT || s->rival.step == wanted_step);
}

static inline bool has_answered(const struct hg_snapshot *s)
{
    return s->message_serial != seen_message;
}

static inline const struct hg_snapshot *steps_to(struct fixture *fixture, uint64_t from,
                                                 uint64_t to)
{
    wanted_step = to;
    post_text(fixture->session, HG_DO_STEPS, (int64_t)(to - from), "", "");
    return await_in(fixture->session, stands_there);
}

/* The snapshot with the answer, whatever it is. */
static inline const struct hg_snapshot *ask_boldly(struct fixture *fixture,
                                                   enum hg_command_kind kind, int64_t number,
                                                   const char *name, const char *text)
{
    const struct hg_snapshot *snapshot;

    hg_session_poke(fixture->session);
    while (!(snapshot = hg_session_take(fixture->session)))
        usleep(100);
    seen_message = snapshot->message_serial;
    post_text(fixture->session, kind, number, name, text);
    return await_in(fixture->session, has_answered);
}

static inline const struct hg_snapshot *ask(struct fixture *fixture, enum hg_command_kind kind,
                                            int64_t number, const char *name, const char *text)
{
    const struct hg_snapshot *snapshot = ask_boldly(fixture, kind, number, name, text);

    if (snapshot->message_tone == HG_TONE_BAD)
        fail_msg("%s", snapshot->message);
    return snapshot;
}

static inline void says(const struct hg_snapshot *snapshot, const char *words)
{
    if (!strstr(snapshot->message, words))
        fail_msg("'%s' and not '%s'", snapshot->message, words);
}

static inline void save(struct fixture *fixture)
{
    ask(fixture, HG_DO_SAVE, 0, "", fixture->path);
}

/* The log, repeated, gives the file that was saved at its end. */
static inline void replays(struct fixture *fixture)
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
static inline void alone(struct fixture *fixture, const char *const *settings,
                         const struct order *order, uint64_t until)
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

#endif
