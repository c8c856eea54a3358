/* fork.h - two runs of one session: the run as it was, and a copy of it with a change.
 *
 * Data are shared, context and pool, too; all that training moves is each one's own. While they
 * race, the log and the output are the run's: the copy's log is held back until it is kept.
 */
#ifndef HG_RUN_FORK_H
#define HG_RUN_FORK_H

#include "hourglass/session.h"

struct hg__fork {
    struct hg_trainer *other; /* the one that is not shown; NULL: nothing races */
    bool copy;                /* shown is the copy */
    uint64_t step;            /* at which it was made */
    uint64_t epoch;           /* the last one both have in common */
    size_t changes;           /* live changes that both have in common */
    char change[96];
    struct hg_log *held; /* the copy's log; NULL without one */
    size_t budget;       /* for kept states, of both together */
    bool going;          /* the race goes on when the one that can go on is shown again */
    uint64_t serial;     /* of races, so that a snapshot tells their series apart */
};

/* HG_DO_FORK, HG_DO_SWAP, HG_DO_KEEP; true: the command was one of these, or one that makes no
 * sense while two runs race (HG_DO_RESTART), and it was told so. */
bool hg__fork_obey(struct hg_session *session, const struct hg_command *command);
/* The shown one has made so many steps: the other one makes as many. */
void hg__fork_follow(struct hg_session *session, uint64_t steps);
/* Going back beyond the fork is for one run alone: says so; true = there is a race. */
bool hg__fork_forbids(struct hg_session *session, uint64_t step);
/* Ended runs are taken up again. */
void hg__fork_continue(struct hg_session *session);
/* The session ends: the shown one is kept. */
void hg__fork_settle(struct hg_session *session);
/* What a watcher sees. */
void hg__fork_fill(struct hg_session *session, struct hg_rival *rival);

/* A copy of the trainer as it stands, without output; `log` (may be NULL) is its log, `bytes`
 * its memory for kept states. It borrows the dataset of `from`: see hg__trainer_drop. */
enum hg_status hg__trainer_twin(const struct hg_trainer *from, struct hg_log *log, size_t bytes,
                                struct hg_trainer **twin, struct hg_error *error);
/* Destroys one of the two, without the dataset. */
void hg__trainer_drop(struct hg_trainer *trainer);
/* Data, texts and an empty network of the same kind; the dataset is borrowed. */
enum hg_status hg__experiment_twin(const struct hg_experiment *from, struct hg_experiment **twin,
                                   struct hg_error *error);

#endif
