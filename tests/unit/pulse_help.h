/* pulse_help.h - a small session that is looked at: begun, told, stepped. Include cmocka and what
 * it needs first. */
#ifndef HG_TEST_PULSE_HELP_H
#define HG_TEST_PULSE_HELP_H

#include "session_help.h"

#include <stdlib.h>

struct fixture {
    struct hg_context *context;
    struct hg_session *session;
};

static inline void begin(struct fixture *fixture, const char *const (*options)[2])
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_spec spec;
    struct hg_error error;

    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &fixture->context, &error),
                     HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "300", "test", &error), HG_OK);
    /* As deep as the one by default, but a check of it takes no seconds. */
    assert_int_equal(hg_spec_set(&spec, "data.size", "8x8", "test", &error), HG_OK);
    assert_int_equal(
        hg_spec_set(&spec, "model.encoder", "dense 16 tanh, dense 8 tanh", "test", &error), HG_OK);
    for (; options && (*options)[0]; options++)
        assert_int_equal(hg_spec_set(&spec, (*options)[0], (*options)[1], "test", &error), HG_OK);
    config.context = fixture->context;
    config.spec = &spec;
    assert_int_equal(hg_session_start(&config, &fixture->session, &error), HG_OK);
    hg_spec_fini(&spec);
    await_in(fixture->session, is_paused);
}

static inline void finish(struct fixture *fixture)
{
    struct hg_error error;

    assert_int_equal(hg_session_stop(fixture->session, HG_END_USER, NULL, &error), HG_OK);
    hg_context_destroy(fixture->context);
}

static inline void tell(struct fixture *fixture, enum hg_command_kind kind, int64_t number)
{
    post(fixture->session, (struct hg_command){.kind = kind, .number = number});
}

static uint64_t wanted_step;

static inline bool stands_there(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->step == wanted_step;
}

static inline const struct hg_snapshot *steps(struct fixture *fixture, int64_t count,
                                              bool (*wanted)(const struct hg_snapshot *))
{
    wanted_step += (uint64_t)count;
    tell(fixture, HG_DO_STEPS, count);
    return await_in(fixture->session, wanted);
}

static inline bool is_checked(const struct hg_snapshot *s)
{
    if (s->check.known && !s->check.done) /* training waits */
        assert_true(s->step == s->check.step);
    return s->check.known && s->check.done;
}

#endif
