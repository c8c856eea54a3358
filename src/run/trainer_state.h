/* trainer_state.h - what a trainer holds; shared by the files that are the trainer. */
#ifndef HG_RUN_TRAINER_STATE_H
#define HG_RUN_TRAINER_STATE_H

#include "data/batch.h"
#include "hourglass/trainer.h"

/* The last state whose weights proved good, whole: what is saved once a run has diverged. */
struct hg__good {
    float *state; /* hg_model_whole_save */
    size_t room;  /* floats */
    enum hg_optimizer optimizer;
    struct hg_progress progress;
    struct hg_epoch newest; /* of the history; epoch 0 = none */
};

struct hg_trainer {
    struct hg_experiment *experiment;
    struct hg__batcher batcher;
    struct hg_update update;
    struct hg_progress progress;
    struct hg_history history;
    struct hg_series *series;
    enum hg_end end;
    double loss;      /* of the last step */
    uint64_t samples; /* used by this process */
    bool ordered;     /* the batcher holds the present epoch's order */

    uint64_t end_epochs, end_steps;
    struct hg__good good;
    float *best; /* state of the model with the best validation (NULL until needed) */
    struct hg_log *log;
    uint64_t logged; /* the last epoch with a line in the log */

    char *output, *saved;    /* configured; last written */
    bool overwrite, changed; /* changed: something to save beside steps */
    bool taken_up;           /* from a run file, which `output` may be */
    bool early;              /* see hg_trainer_config */
    uint64_t saved_step, saved_epoch;
    struct hg_save_every every;
    double started, epoch_started, saved_at, epoch_seconds;

    struct hg__checkup *checkup; /* checkup.h; NULL: no log, no doctor */
    struct hg__travel *travel;   /* travel.h; NULL: no states are kept */
};

/* Seconds of a clock that never goes back. */
double hg__now(void);
/* Of processor time that the calling thread has used: what a look costs. On a busy machine the
 * clock on the wall would charge it for what others did meanwhile. */
double hg__spent(void);

/* Takes the values that may change live from the spec: update, schedule,
 * corruption, penalties, save_every, and makes room for the batch. */
enum hg_status hg__trainer_configure(struct hg_trainer *trainer, struct hg_error *error);

/* Before the first step. */
void hg__progress_empty(struct hg_progress *progress);

/* ---- starting again (restart.c) ---- */

/* Makes the experiment that a restart as `spec` would begin with; the trainer's goes on
 * unharmed, whatever fails. */
enum hg_status hg__trainer_remake(const struct hg_trainer *trainer, const struct hg_spec *spec,
                                  struct hg_experiment **fresh, struct hg_error *error);
/* Begins anew with it (taken over, also on failure: then all is as it was). Nobody else may
 * look at the old data any more. */
enum hg_status hg__trainer_begin(struct hg_trainer *trainer, struct hg_experiment *fresh,
                                 struct hg_error *error);

/* The size of the next batch. */
size_t hg__trainer_batch(const struct hg_trainer *trainer);

/* The batch that the next step takes, for looking: laying out its order and its noise are pure
 * functions of seed, epoch and step, so that doing it twice changes nothing. Its rows stay valid
 * until the next step or such look. */
void hg__trainer_next_batch(struct hg_trainer *trainer, struct hg_batch *batch);

/* Are the model's weights any good? Tried on a few samples: an update can spoil
 * them while every loss so far was finite. */
bool hg__trainer_sound(const struct hg_trainer *trainer);

/* What one optimizer gathered is nothing to another: its state starts anew. */
void hg__trainer_renew_optimizer(struct hg_trainer *trainer);

/* Keeps the present state as the last good one. Without memory for it the one before stays:
 * false. */
bool hg__trainer_keep_good(struct hg_trainer *trainer);
/* What of the history belongs to the last good state, added to the empty `history`. */
enum hg_status hg__trainer_good_history(const struct hg_trainer *trainer,
                                        struct hg_history *history, struct hg_error *error);

/* Puts the last good weights and moments back and ends the run; returns HG_DIVERGED, and says
 * after which step. Where it stands goes on being told; only hg_trainer_standing goes back. */
enum hg_status hg__trainer_diverge(struct hg_trainer *trainer, struct hg_error *error);

/* Patience or stop_epsilon ends the run between these two epochs; patience puts the
 * best weights back. */
enum hg_end hg__trainer_content(struct hg_trainer *trainer);

/* Ends the epoch: validation, history, log, best weights. */
enum hg_status hg__trainer_close_epoch(struct hg_trainer *trainer, struct hg_error *error);

/* Saves when save_every says so. */
enum hg_status hg__trainer_autosave(struct hg_trainer *trainer, struct hg_error *error);

#endif
