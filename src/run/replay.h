/* replay.h - a log read as the line that led to its end. */
#ifndef HG_RUN_REPLAY_H
#define HG_RUN_REPLAY_H

#include "hourglass/replay.h"
#include "run/travel.h"

/* From the beginning to where it ends. `from` of its changes is not kept. */
struct hg__line {
    bool begun; /* there is a start event; spec is initialised */
    struct hg_spec spec;
    char *weights;
    struct hg__change *change;
    size_t changes, room;
    size_t forked; /* changes before the newest fork */
    uint64_t reached;
    bool ended, diverged;
    double evaluated;
};

struct hg_replay {
    char *path;
    struct hg__line line, before; /* before: the run before it in the log, which it may go on */
    size_t at;                    /* changes made */
};

void hg__line_fini(struct hg__line *line);
/* Forgets what came after `step`. */
void hg__replay_cut(struct hg__line *line, uint64_t step);

#endif
