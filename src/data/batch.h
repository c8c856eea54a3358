/* batch.h - which samples a step sees: a seeded permutation, gathered row by row. */
#ifndef HG_DATA_BATCH_H
#define HG_DATA_BATCH_H

#include "hourglass/dataset.h"

/* The order of one epoch is a pure function of (seed, epoch, shuffle), so a run
 * resumed in the middle of an epoch sees what the uninterrupted one saw. */
struct hg__batcher {
    const struct hg_dataset *dataset; /* borrowed */
    uint64_t seed;
    uint32_t *order;       /* the training samples in this epoch's order */
    float *target, *input; /* room for `room` samples each; input only with corruption */
    size_t room;
};

enum hg_status hg__batcher_init(struct hg__batcher *batcher, const struct hg_dataset *dataset,
                                uint64_t seed, struct hg_error *error);
void hg__batcher_fini(struct hg__batcher *batcher);

/* Room for batches of `samples`; `corrupting`: also for a noisy copy. */
enum hg_status hg__batcher_reserve(struct hg__batcher *batcher, size_t samples, bool corrupting,
                                   struct hg_error *error);

/* Lays out the order of epoch `epoch` (from 0). */
void hg__batcher_start(struct hg__batcher *batcher, uint64_t epoch, bool shuffle);

/* The samples position..position+count-1 of the epoch; count <= room. *input and
 * *target stay valid until the next call. Without corruption they are the same
 * rows; a whole set taken at once is not copied at all. `step` names the noise. */
void hg__batcher_take(struct hg__batcher *batcher, size_t position, size_t count,
                      const struct hg_corrupt *corrupt, uint64_t step, const float **input,
                      const float **target);

#endif
