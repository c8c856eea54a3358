/* fork.h - a run and a copy of it with one change, trained in turn: what a watcher sees of the
 * one that is not shown.
 *
 * HG_DO_FORK makes the copy, HG_DO_SWAP shows the other of the two, HG_DO_KEEP keeps the shown
 * one. Both train by the same trainer thread, the same number of steps each. The log is that of
 * the run as it was; what the copy would log is held back, and written when the copy is kept.
 */
#ifndef HOURGLASS_FORK_H
#define HOURGLASS_FORK_H

#include "hourglass/trainer.h"

struct hg_rival {
    bool racing;        /* false: there is only one run, and nothing below is known */
    bool copy;          /* shown is the copy, the other one is the run as it was */
    uint64_t from;      /* the step at which the copy was made */
    char change[96];    /* what was changed in it: "train.lr = 0.003"; "" = nothing */
    uint64_t step;      /* of the other one */
    enum hg_end end;    /* why it rests */
    bool unsaved;       /* it has learned something that no file holds */
    bool validation;    /* the losses compared are those of validation, else of training */
    uint64_t at;        /* after this epoch (validation) or step; 0 = nothing to compare yet */
    double run, copied; /* losses of the run as it was, and of the copy */
    struct hg_series *series; /* of the other one; NULL until there is one */
    uint64_t serial;          /* of the series: the trainer's business */
};

#endif
