/* The doctor beside a session: answers at once, looks again, and leaves no trace. */
#include "hourglass/hourglass.h"

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

struct fixture {
    struct hg_context *context;
    struct hg_session *session;
};

static void begin(struct fixture *fixture, const char *const (*options)[2], const char *log)
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_spec spec;
    struct hg_error error;

    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &fixture->context, &error),
                     HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "300", "test", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.size", "10x10", "test", &error), HG_OK);
    for (; options && (*options)[0]; options++)
        assert_int_equal(hg_spec_set(&spec, (*options)[0], (*options)[1], "test", &error), HG_OK);
    config.context = fixture->context;
    config.spec = &spec;
    config.log = log;
    assert_int_equal(hg_session_start(&config, &fixture->session, &error), HG_OK);
    hg_spec_fini(&spec);
}

static void finish(struct fixture *fixture)
{
    struct hg_error error;

    assert_int_equal(hg_session_stop(fixture->session, HG_END_USER, NULL, &error), HG_OK);
    hg_context_destroy(fixture->context);
}

static void send(struct fixture *fixture, enum hg_command_kind kind, int64_t number,
                 const char *name, const char *text)
{
    post_text(fixture->session, kind, number, name, text);
}

static const struct hg_snapshot *await(struct fixture *fixture,
                                       bool (*wanted)(const struct hg_snapshot *))
{
    return await_in(fixture->session, wanted);
}

static bool at_start(const struct hg_snapshot *s)
{
    return s->visit.known && s->visit.health.step == 0;
}
static bool at_ten(const struct hg_snapshot *s)
{
    return s->visit.known && s->visit.health.step == 10;
}
static bool moved_on(const struct hg_snapshot *s)
{
    return s->visit.known && s->visit.health.step > 10;
}
static bool knows_nothing(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && !s->visit.known;
}
static bool centred(const struct hg_snapshot *s)
{
    return strstr(s->message, "with data.center = yes") && s->visit.known &&
           s->state == HG_STATE_RUNNING;
}
static bool refused(const struct hg_snapshot *s)
{
    return s->message_tone == HG_TONE_BAD;
}

static void test_looks(void **state)
{
    struct fixture fixture;
    const struct hg_snapshot *snapshot;

    (void)state;
    begin(&fixture, NULL, NULL);
    assert_false(await(&fixture, is_paused)->visit.known);
    send(&fixture, HG_DO_DOCTOR, 1, "", "");
    snapshot = await(&fixture, at_start);
    assert_true(snapshot->visit.health.layers > 0 && snapshot->visit.health.samples > 0);
    send(&fixture, HG_DO_STEPS, 10, "", "");
    await(&fixture, at_ten);
    send(&fixture, HG_DO_RUN, 0, "", ""); /* again by itself, after some seconds */
    await(&fixture, moved_on);
    send(&fixture, HG_DO_PAUSE, 0, "", "");
    send(&fixture, HG_DO_DOCTOR, 0, "", "");
    await(&fixture, knows_nothing);
    finish(&fixture);
}

/* An option that is not live takes effect by starting again, with a line in the log. */
static void test_starts_again_with(void **state)
{
    static const char *const options[][2] = {{"data.center", "no"}, {NULL, NULL}};
    static const char log[] = "test_visit.jsonl", run[] = "test_visit_run.safetensors";
    struct fixture fixture;
    struct hg_runfile *file;
    struct hg_error error;
    char *text = calloc(1, 1 << 16);
    FILE *stream;

    (void)state;
    remove(log);
    remove(run);
    begin(&fixture, options, log);
    await(&fixture, is_paused);
    send(&fixture, HG_DO_STEPS, 10, "", "");
    send(&fixture, HG_DO_DOCTOR, 1, "", "");
    await(&fixture, at_ten);
    send(&fixture, HG_DO_RESTART, 0, "data.center", "yes");
    assert_int_equal(await(&fixture, centred)->seed, 1);
    send(&fixture, HG_DO_RESTART, 0, "model.encoder", "7 tanh"); /* no room for that */
    await(&fixture, refused);
    send(&fixture, HG_DO_SAVE, 0, "", run);
    await(&fixture, is_saved);
    finish(&fixture);
    assert_int_equal(hg_runfile_open(run, false, &file, &error), HG_OK);
    assert_null(strstr(hg_runfile_config(file), "center = no")); /* the default is yes */
    hg_runfile_close(file);
    stream = fopen(log, "rb");
    assert_true(stream && text && fread(text, 1, (1 << 16) - 1, stream) > 0);
    fclose(stream);
    char *change = strstr(text, "data.center\"");
    assert_non_null(change);
    assert_non_null(strstr(text, "\"restart\""));
    free(text);
    remove(log);
    remove(run);
}

static void train_forty(const char *path, bool watched)
{
    static const char *const options[][2] = {
        {"model.encoder", "conv 5 bn lrelu dropout 0.2, pool 2"},
        {"train.corrupt", "gaussian 0.1"},
        {NULL, NULL}};
    struct fixture fixture;

    begin(&fixture, options, NULL);
    await(&fixture, is_paused);
    for (uint64_t i = 1; i <= 10; i++) {
        const struct hg_snapshot *snapshot = NULL;
        if (watched)
            send(&fixture, HG_DO_DOCTOR, i % 3 != 0, "", "");
        send(&fixture, HG_DO_STEPS, 4, "", "");
        while (!snapshot || snapshot->state != HG_STATE_PAUSED || snapshot->step != 4 * i) {
            hg_session_poke(fixture.session);
            poll(&(struct pollfd){.fd = hg_session_fd(fixture.session), .events = POLLIN}, 1, 10);
            snapshot = hg_session_take(fixture.session);
        }
    }
    remove(path);
    send(&fixture, HG_DO_SAVE, 0, "", path);
    await(&fixture, is_saved);
    finish(&fixture);
}

static size_t read_file(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(out, 1, size, file);
    fclose(file);
    remove(path);
    return length;
}

static void test_no_trace(void **state)
{
    enum { ROOM = 4 << 20 };
    char *plain = malloc(ROOM), *watched = malloc(ROOM);
    size_t length;

    (void)state;
    assert_true(plain && watched);
    train_forty("test_visit_plain.safetensors", false);
    train_forty("test_visit_watched.safetensors", true);
    length = read_file("test_visit_plain.safetensors", plain, ROOM);
    assert_true(length > 1000 && length < ROOM);
    assert_int_equal(read_file("test_visit_watched.safetensors", watched, ROOM), length);
    assert_memory_equal(plain, watched, length);
    free(plain);
    free(watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_starts_again_with),
        cmocka_unit_test(test_no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
