/* replay.h - the run of a log again, with every live change at its step.
 *
 * Same build, same data: the same bytes in every tensor of the run file. What a run did
 * and then left by going back is left out: it has left no trace in the weights.
 */
#ifndef HOURGLASS_REPLAY_H
#define HOURGLASS_REPLAY_H

#include "hourglass/trainer.h"

struct hg_replay;

/* Reads the log at `path`, of its last run what led to its end. HG_FAILED: cannot be opened;
 * HG_DAMAGED, with the line: no log; HG_USAGE: a run that was taken up from a file whose
 * beginning this log does not have. */
enum hg_status hg_replay_open(const char *path, struct hg_replay **replay, struct hg_error *error);
void hg_replay_close(struct hg_replay *replay);

/* The experiment it began with. */
const struct hg_spec *hg_replay_spec(const struct hg_replay *replay);
/* --init of that run; NULL without. */
const char *hg_replay_weights(const struct hg_replay *replay);

/* Where it ends. */
struct hg_replay_facts {
    uint64_t steps;   /* that led there */
    size_t changes;   /* made live */
    bool ended;       /* false: the log stops within a run; then up to its last line */
    bool diverged;    /* the next step is the one that spoils it */
    double evaluated; /* the loss of the end event; NaN without */
};
struct hg_replay_facts hg_replay_facts(const struct hg_replay *replay);

/* The next step of a trainer made of that experiment without ends; before it the changes
 * that were made there. *done: nothing is left to do. HG_DIVERGED as it did then. */
enum hg_status hg_replay_step(struct hg_replay *replay, struct hg_trainer *trainer, bool *done,
                              struct hg_error *error);

#endif
