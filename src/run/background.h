/* background.h - the ladder of a dataset, computed beside the training. */
#ifndef HG_RUN_BACKGROUND_H
#define HG_RUN_BACKGROUND_H

#include "hourglass/ladder.h"

#include <pthread.h>

/* Owner: the trainer thread. The worker reads only the dataset, which must live
 * until hg__background_stop. */
struct hg__background {
    pthread_t thread;
    bool started, done; /* done: written by the worker, read atomically */
    volatile bool cancel;
    const struct hg_dataset *dataset;
    enum hg_loss loss;
    size_t rungs;
    struct hg_ladder ladder;
    enum hg_status status;
};

/* Begins; where no thread can be had, computes at once. */
void hg__background_start(struct hg__background *background, const struct hg_dataset *dataset,
                          enum hg_loss loss, size_t rungs);
/* Copies the ladder when it is known; else one with mean NaN and no rungs. */
void hg__background_ladder(struct hg__background *background, struct hg_ladder *ladder);
bool hg__background_done(const struct hg__background *background);
/* Cancels, joins. */
void hg__background_stop(struct hg__background *background);

#endif
