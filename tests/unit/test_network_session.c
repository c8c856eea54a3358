/* A session asked to copy its network for view 3: looked at, edited, trained on, let go. */
#include "hourglass/hourglass.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct hg_snapshot *wait_for(struct hg_session *session, uint64_t serial)
{
    const struct hg_snapshot *snapshot, *last = NULL;

    for (int i = 0; i < 2000; i++) {
        struct pollfd fd = {hg_session_fd(session), POLLIN, 0};
        poll(&fd, 1, 10);
        snapshot = hg_session_take(session);
        last = snapshot ? snapshot : last;
        if (snapshot && snapshot->network && snapshot->network->known &&
            snapshot->network->serial > serial)
            return snapshot;
    }
    fail_msg("no network came (state %d)", last ? (int)last->state : -1);
    return NULL;
}

static void test_session(void **state)
{
    struct hg_spec spec;
    struct hg_error error;
    struct hg_context *context;
    struct hg_session *session;
    struct hg_command command = {.kind = HG_DO_NETWORK, .number = 1, .count = 20, .label = 0};
    const struct hg_snapshot *snapshot;
    char log_path[] = "/tmp/hourglass-test-XXXXXX", line[4096];
    bool found = false;

    (void)state;
    close(mkstemp(log_path));
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.source", "gaussians", "test", &error), HG_OK);
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    struct hg_session_config config = {
        .context = context, .spec = &spec, .start_paused = true, .log = log_path};
    assert_int_equal(hg_session_start(&config, &session, &error), HG_OK);
    command.value[0] = 10;
    while (!(snapshot = hg_session_take(session)) || snapshot->state != HG_STATE_PAUSED)
        poll(NULL, 0, 5);
    hg_session_send(session, &command);
    snapshot = wait_for(session, 0);
    assert_int_equal(snapshot->network->chosen_column, 1);
    uint64_t serial = snapshot->network->serial;
    struct hg_command edit = {.kind = HG_DO_EDIT, .name = "0.75"};
    snprintf(edit.text, sizeof edit.text, "%s", snapshot->network->page[0].key);
    hg_session_send(session, &edit);
    snapshot = wait_for(session, serial);
    assert_true(snapshot->network->page[0].value == 0.75F);
    assert_true(snapshot->unsaved);
    assert_non_null(strstr(snapshot->message, "bias[0] = 0.75"));
    serial = snapshot->network->serial;
    snprintf(edit.name, sizeof edit.name, "x");
    hg_session_send(session, &edit);
    snapshot = wait_for(session, serial);
    assert_non_null(strstr(snapshot->message, "'x' is no value; accepted: a number"));
    serial = snapshot->network->serial;
    hg_session_send(session, &(struct hg_command){.kind = HG_DO_RUN});
    for (int i = 0; i < 3; i++) /* and while training runs */
        serial = wait_for(session, serial)->network->serial;
    hg_session_send(session, &(struct hg_command){.kind = HG_DO_NETWORK, .number = -1});
    for (int i = 0; i < 500 && (!(snapshot = hg_session_take(session)) || snapshot->network->known);
         i++)
        poll(NULL, 0, 10);
    assert_true(snapshot && !snapshot->network->known);
    hg_session_stop(session, HG_END_USER, NULL, &error);
    FILE *file = fopen(log_path, "r");
    while (fgets(line, sizeof line, file))
        found = found ||
                strstr(line, "\"key\":\"encoder.0.bias[0]\",\"from\":\"0\",\"to\":\"0.75\"");
    fclose(file);
    assert_true(found);
    unlink(log_path);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
