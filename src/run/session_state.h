/* session_state.h - what a session holds; shared by the files that are the session. */
#ifndef HG_RUN_SESSION_STATE_H
#define HG_RUN_SESSION_STATE_H

#include "run/background.h"
#include "run/channel.h"
#include "run/extremes.h"
#include "run/fork.h"
#include "run/gradients.h"
#include "run/network.h"
#include "run/pulse.h"
#include "run/visit.h"
#include "run/watch.h"

struct hg_session {
    pthread_t thread;
    struct hg__mailbox mailbox;
    struct hg__queue queue;

    /* fixed at the start */
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_limits limits;
    struct hg_runfile *resume; /* until the experiment takes it over */
    char *weights, *output, *log_path;
    uint64_t epochs, steps;
    bool named, overwrite, resumed, start_paused;
    double interval; /* seconds between snapshots, at least */

    /* the trainer thread's own, from start to join */
    struct hg_trainer *trainer;
    struct hg_log *log;
    struct hg__watch watch;
    struct hg__visit visit;
    struct hg__network network;
    struct hg__pulse pulse;
    struct hg__extremes extremes;
    struct hg__gradients gradients;
    struct hg__fork fork; /* `trainer` is the one of the two that is shown */
    bool watching;
    struct hg__background background;
    enum hg_run_state state;
    enum hg_status status;
    uint64_t steps_left; /* of "N steps"; 0 = no such limit */
    bool to_epoch_end;
    uint64_t generation, spec_serial; /* see hg_snapshot */
    uint64_t serial, message_serial, jumps;
    char message[HG_ERROR_TEXT];
    enum hg_tone tone;
    double published;
    bool urgent; /* publish as soon as possible */

    /* read by the watcher after the join */
    char saved[512];
    struct hg_error error; /* of the last save that failed */
};

/* Applies one command between two batches. Trainer thread. */
void hg__session_obey(struct hg_session *session, const struct hg_command *command);

/* HG_DO_RESTART. */
void hg__session_restart(struct hg_session *session, const struct hg_command *command);

/* The experiment as it is, into a snapshot, where it has changed. False: no memory. */
bool hg__session_fill_spec(const struct hg_session *session, struct hg_snapshot *snapshot);

/* HG_DO_BACK and HG_DO_FORWARD; from when on that is possible. */
void hg__session_travel(struct hg_session *session, const struct hg_command *command);
enum hg_status hg__session_remember(struct hg_session *session, struct hg_error *error);

/* ---- view 3 (session_network.c) ---- */

/* HG_DO_NETWORK; looks when it is time; HG_DO_EDIT. */
void hg__session_network_show(struct hg_session *session, const struct hg_command *command);
void hg__session_network_look(struct hg_session *session, bool idle);
void hg__session_edit(struct hg_session *session, const struct hg_command *command);

/* ---- health of the layers (session_health.c) ---- */

void hg__session_health_fini(struct hg_session *session);
/* HG_DO_HEALTH; after any command, what it means for what was measured. */
void hg__session_health_show(struct hg_session *session, bool shown);
void hg__session_health_heed(struct hg_session *session, enum hg_command_kind kind);
/* Looks when it is time; false: idle, there is more to look at. */
bool hg__session_health_look(struct hg_session *session, bool idle);
/* Does a piece of the gradient check; false: nobody asked for one. */
bool hg__session_check(struct hg_session *session);
enum hg_status hg__session_health_fill(const struct hg_session *session,
                                       struct hg_snapshot *snapshot);

/* Fills and hands out a snapshot. */
void hg__session_publish(struct hg_session *session);

/* The newest thing to tell. */
void hg__session_tell(struct hg_session *session, enum hg_tone tone, const char *format, ...)
    HG_PRINTF(3, 4);

#endif
