/* session_help.h - a session in a test: commands in, the awaited snapshot out. Include cmocka
 * and what it needs first. */
#ifndef SESSION_HELP_H
#define SESSION_HELP_H

#include "hourglass/hourglass.h"

#include <poll.h>
#include <stdio.h>

/* Only what never comes takes so long, also where ten others build. */
enum { AWAIT_SNAPSHOTS = 10000000, AWAIT_MS = 100000 };

static inline void post(struct hg_session *session, struct hg_command command)
{
    command.label = -1;
    assert_true(hg_session_send(session, &command));
}

static inline void post_text(struct hg_session *session, enum hg_command_kind kind, int64_t number,
                             const char *name, const char *text)
{
    struct hg_command command = {.kind = kind, .number = number};

    snprintf(command.name, sizeof command.name, "%s", name);
    snprintf(command.text, sizeof command.text, "%s", text);
    post(session, command);
}

/* Takes snapshots until `wanted` says yes to one. It may miss some: what it waits for must
 * last until the next command. */
static inline const struct hg_snapshot *await_in(struct hg_session *session,
                                                 bool (*wanted)(const struct hg_snapshot *))
{
    struct pollfd fd = {.fd = hg_session_fd(session), .events = POLLIN};

    for (int i = 0; i < AWAIT_SNAPSHOTS; i++) {
        const struct hg_snapshot *snapshot = hg_session_take(session);
        if (snapshot && wanted(snapshot))
            return snapshot;
        if (!snapshot && poll(&fd, 1, AWAIT_MS) <= 0)
            break;
    }
    fail_msg("no such snapshot came");
    return NULL;
}

static inline bool is_paused(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED;
}
/* What runs on is unsaved again in the next snapshot. */
static inline bool is_saved(const struct hg_snapshot *s)
{
    return s->saved[0];
}

#endif
