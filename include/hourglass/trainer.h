/* trainer.h - an experiment over time: steps, epochs, stops, saves. No thread of its own.
 *
 * Used by `hourglass train` directly (on the main thread) and by a session
 * (session.h) on a thread of its own. All calls from the one thread that owns it.
 */
#ifndef HOURGLASS_TRAINER_H
#define HOURGLASS_TRAINER_H

#include "hourglass/experiment.h"
#include "hourglass/history.h"
#include "hourglass/log.h"

/* Why a run ended; the names of the log's end event. */
enum hg_end {
    HG_END_NOT,
    HG_END_EPOCHS,
    HG_END_STEPS,
    HG_END_CONVERGED,
    HG_END_PATIENCE,
    HG_END_DIVERGED,
    HG_END_SIGNAL,
    HG_END_USER,
    HG_END_COUNT
};
const char *hg_end_name(enum hg_end end);

/* As an end in steps: before the first one. */
#define HG_NO_STEP UINT64_MAX

struct hg_trainer_config {
    uint64_t epochs, steps; /* ends counted from the run's beginning; 0 = none */
    const char *output;     /* where save_every and the end save to; NULL = nowhere */
    bool overwrite;         /* an existing output may be replaced (--force) */
    bool early;             /* save soon, so that others find a file (not with save_every = end) */
    struct hg_log *log;     /* borrowed; may be NULL */
    const struct hg_ladder *ladder; /* for the log's start event; may be NULL without a log */
};

struct hg_trainer;

/* Takes the experiment over (destroyed with the trainer, also on failure). Goes on from
 * experiment->resumed when there is one. */
enum hg_status hg_trainer_create(struct hg_experiment *experiment,
                                 const struct hg_trainer_config *config,
                                 struct hg_trainer **trainer, struct hg_error *error);
void hg_trainer_destroy(struct hg_trainer *trainer);

/* One batch; at the end of an epoch also validation, history, log and stops.
 * Once the run has ended, does nothing. HG_DIVERGED: the last good weights are
 * back in the model; HG_FAILED: saving failed (training may go on). */
enum hg_status hg_trainer_step(struct hg_trainer *trainer, struct hg_error *error);

/* What there is to know; pointers stay valid as long as the trainer. */
const struct hg_experiment *hg_trainer_experiment(const struct hg_trainer *trainer);
const struct hg_progress *hg_trainer_progress(const struct hg_trainer *trainer);
/* What the weights belong to, and what is saved: the progress, but of the last good state once
 * the run has diverged. */
const struct hg_progress *hg_trainer_standing(const struct hg_trainer *trainer);
const struct hg_history *hg_trainer_history(const struct hg_trainer *trainer);
const struct hg_series *hg_trainer_series(const struct hg_trainer *trainer);
enum hg_end hg_trainer_end(const struct hg_trainer *trainer);
double hg_trainer_rate(const struct hg_trainer *trainer); /* of the next step, scheduled */
double hg_trainer_loss(
    const struct hg_trainer *trainer); /* of the last step; NaN before the first */
bool hg_trainer_unsaved(
    const struct hg_trainer *trainer); /* steps or changes since the last save */
uint64_t hg_trainer_samples(
    const struct hg_trainer *trainer); /* training samples used by this process */

/* Changes a live option between two steps, and logs it. HG_USAGE: not live, or a bad value. */
enum hg_status hg_trainer_set(struct hg_trainer *trainer, const char *name, const char *text,
                              struct hg_error *error);
/* Changes one parameter between two steps, and logs it: `key` is its tensor and place,
 * "encoder.0.weight[3,17]", `text` a number. HG_USAGE: there is none, or a bad value. */
enum hg_status hg_trainer_edit(struct hg_trainer *trainer, const char *key, const char *text,
                               struct hg_error *error);
/* Starts again from `seed`; history and moments are emptied. Another seed than
 * before also splits (and draws) the data anew, so the experiment may be replaced. */
enum hg_status hg_trainer_restart(struct hg_trainer *trainer, uint64_t seed,
                                  struct hg_error *error);
/* The same with an option changed, also one that is not live. */
enum hg_status hg_trainer_restart_with(struct hg_trainer *trainer, const char *name,
                                       const char *text, struct hg_error *error);
/* Starts again as another experiment, data and network made anew; the log tells all that
 * differs. Whatever fails, the run as it is goes on. A file that the old one was saved to or
 * resumed from is left to it, unless `output` was configured for what this trainer makes; and
 * weights given at the start (--init) do not begin another network. */
enum hg_status hg_trainer_restart_as(struct hg_trainer *trainer, const struct hg_spec *spec,
                                     struct hg_error *error);
/* New ends (as those of the config); takes a finished run up again where possible:
 * not one that has diverged. */
void hg_trainer_set_end(struct hg_trainer *trainer, uint64_t epochs, uint64_t steps);

/* Takes a run up that has ended, without ends, and logs it. */
void hg_trainer_continue(struct hg_trainer *trainer);

/* ---- back in the run's history, and forward again: only once it was asked for ---- */

/* From now on whole states are kept between steps, in `bytes` of memory at most, the older
 * the sparser. The present one is the first. HG_NO_MEMORY. */
enum hg_status hg_trainer_remember(struct hg_trainer *trainer, size_t bytes,
                                   struct hg_error *error);
/* Between two steps: keeps the present state if it is time for one (copying takes at most
 * 0.1 % of the time). Cheap otherwise. */
void hg_trainer_keep(struct hg_trainer *trainer);

/* Goes to the state that the run had after `step` steps, with the live changes made until
 * then: exactly, from the nearest kept state before it. What lies between is computed again,
 * a step a call of hg_trainer_go_on, as long as hg_trainer_going. The steps ahead stay to go
 * forward to until the next hg_trainer_step, set, continue or restart: training branches off
 * from here (and the log says "back"). HG_USAGE: no way there, and why. */
enum hg_status hg_trainer_go(struct hg_trainer *trainer, uint64_t step, struct hg_error *error);
bool hg_trainer_going(const struct hg_trainer *trainer);
enum hg_status hg_trainer_go_on(struct hg_trainer *trainer, struct hg_error *error);

enum { HG_KEPT_MOST = 128 };
struct hg_travel {
    bool away;    /* one is back: `tip` is the newest step there is to go to */
    uint64_t tip; /* else the present step */
    size_t kept;
    uint64_t step[HG_KEPT_MOST];    /* of the kept states, ascending */
    const struct hg_series *branch; /* losses ahead, or of the line that was left last; NULL */
    uint64_t branch_from;           /* beyond this step they are not the present line's */
    uint64_t serial;                /* changes with the branch */
    const char *born;               /* why there is nothing before the first kept state */
};
void hg_trainer_travel(const struct hg_trainer *trainer, struct hg_travel *travel);

/* Writes the run file. An existing file is replaced only when this run wrote or
 * resumed it, or with `overwrite`: else HG_FAILED, nothing lost. NULL path: the last saved or
 * configured one (HG_USAGE when there is none). HG_DIVERGED: the weights were spoilt;
 * the last good ones are back, and saved. */
enum hg_status hg_trainer_save(struct hg_trainer *trainer, const char *path, bool overwrite,
                               struct hg_error *error);
const char *hg_trainer_saved(const struct hg_trainer *trainer); /* last file written; NULL = none */

/* Ends the run (reason SIGNAL or USER unless it has ended by itself): evaluates, writes the log's end event.
 * *evaluated: training loss in evaluation mode; *validation NaN without. */
void hg_trainer_finish(struct hg_trainer *trainer, enum hg_end reason, double *evaluated,
                       double *validation);

#endif
