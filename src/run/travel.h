/* travel.h - going back in a run and forward again, to the bit.
 *
 * A line is what a run did from its beginning to its newest step, the tip: kept states,
 * live changes with their steps, losses. While one is back, what lies ahead stays. When
 * training goes on, or something is changed, that becomes a branch, of which only the
 * losses remain.
 */
#ifndef HG_RUN_TRAVEL_H
#define HG_RUN_TRAVEL_H

#include "run/ring.h"

/* A live change, before step `step` + 1. */
struct hg__change {
    uint64_t step;
    char *key, *from, *to; /* an option's name, or one of the words below */
    bool fresh;            /* the option had never been set before */
};

/* Changes that are no option: their words in the log, too. */
#define HG__CHANGE_BACK    "back"    /* from step, to step */
#define HG__CHANGE_RESTART "restart" /* from seed, to seed */
#define HG__CHANGE_CONTINUE \
    "continue"                     /* from the reason of the end: taken up again, without ends */
#define HG__CHANGE_FORK   "fork"   /* to: what was changed in the copy; what follows is no copy's */
#define HG__CHANGE_KEEP   "keep"   /* from step, to step: the copy made there goes on instead */
#define HG__CHANGE_INIT   "init"   /* to: the weights it began with */
#define HG__CHANGE_RESUME "resume" /* to: the run file it went on from */

struct hg__travel {
    struct hg__ring ring;
    struct hg__change *change;
    size_t changes, applied, room; /* of the line; of them in force */
    uint64_t tip;
    bool away;     /* back: tip, later states and changes are ahead */
    bool diverged; /* the tip itself is none to go to */
    bool again;    /* recomputing, until `target` */
    uint64_t target;
    struct hg_history history;        /* while away: the whole line's */
    struct hg_series *ahead, *branch; /* the whole line's; the one left last */
    bool branched;
    uint64_t branch_from, serial;
    double due, kept_at;
    char born[96]; /* why nothing lies before the first state */
};

void hg__travel_destroy(struct hg__travel *travel);

/* Keeps the present state, at the tip; false: there is no room. */
bool hg__travel_capture(struct hg_trainer *trainer);

/* Training goes on from here: what lies ahead becomes a branch. All take NULL travel. */
void hg__travel_commit(struct hg_trainer *trainer);
/* A live change was made (after the commit); `fresh` as in hg__change. */
void hg__travel_note(struct hg_trainer *trainer, const char *key, const char *from, const char *to,
                     bool fresh);
/* The run is going to begin anew; it has; `same`: on the same data, so that the old curve
 * can be compared. */
void hg__travel_restarting(struct hg_trainer *trainer);
void hg__travel_restarted(struct hg_trainer *trainer, bool same);

/* `copy` is kept instead of `run`, from which it was made at `step`, after `changes` changes: its
 * past is that of the run. */
void hg__travel_inherit(struct hg_trainer *copy, struct hg_trainer *run, uint64_t step,
                        size_t changes);
/* The line of `lost` beyond `step` becomes the branch of `kept`. */
void hg__travel_remains(struct hg_trainer *kept, const struct hg_trainer *lost, uint64_t step);

/* Is the change one of a single parameter ("encoder.0.weight[3,17]")? Makes it (edit.c). */
bool hg__is_edit(const char *key);
enum hg_status hg__trainer_apply_edit(struct hg_trainer *trainer, const char *key, const char *to,
                                      struct hg_error *error);

/* Makes a change as the log has it, without logging it (live.c). */
enum hg_status hg__trainer_apply(struct hg_trainer *trainer, const char *key, const char *to,
                                 struct hg_error *error);

#endif
