/* background.h - the ladder of a dataset and its main axes, computed beside the training. */
#ifndef HG_RUN_BACKGROUND_H
#define HG_RUN_BACKGROUND_H

#include "run/ladder.h"

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
    struct hg__pca axes;
    enum hg_status status;
};

/* Begins; where no thread can be had, computes at once. */
void hg__background_start(struct hg__background *background, const struct hg_dataset *dataset,
                          enum hg_loss loss, size_t rungs);
/* Copies the ladder when it is known; else one with mean NaN and no rungs. */
void hg__background_ladder(struct hg__background *background, struct hg_ladder *ladder);
/* The main axes of the training samples when they are known, else NULL: two, or as many as rungs
 * where that is not much memory. Until stop. */
const struct hg__pca *hg__background_axes(const struct hg__background *background);
bool hg__background_done(const struct hg__background *background);
/* Cancels, joins, frees. */
void hg__background_stop(struct hg__background *background);

#endif
