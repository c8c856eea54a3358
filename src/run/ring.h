/* ring.h - whole states of a training, kept within a budget of memory.
 *
 * Ascending by step. What is older lies sparser: when room is needed, the state goes
 * whose neighbours are the nearest to each other for their age. The first and the newest
 * always stay. Private to the trainer (travel.h).
 */
#ifndef HG_RUN_RING_H
#define HG_RUN_RING_H

#include "hourglass/trainer.h"

enum { HG__RING_MOST = HG_KEPT_MOST };

/* A training between two steps. */
struct hg__kept {
    struct hg_progress progress;
    struct hg_epoch newest; /* of the history; epoch 0 = none */
    enum hg_end end;
    uint64_t end_epochs, end_steps;
    double loss;
    size_t changes; /* so many of the line's live changes were in force */
    size_t series;  /* points of the series, and the last of them, which may have grown since */
    struct hg_series_point tail;
    enum hg_optimizer optimizer;
    float *state, *best; /* hg_model_whole_save; weights for patience, NULL = none */
    size_t room;         /* bytes of both */
};

/* Zero-initialise, set the budget; free with hg__ring_clear. */
struct hg__ring {
    size_t budget, used, count; /* bytes; states */
    struct hg__kept kept[HG__RING_MOST];
};

/* A place for the state at `step`, which is beyond all kept ones: `floats` for state, `best`
 * for the weights of patience (0 = none). Thins out what is older. NULL: the budget has no
 * room for two such states, or there is no memory. */
struct hg__kept *hg__ring_add(struct hg__ring *ring, uint64_t step, size_t floats, size_t best);
/* The last one at or before a step, the first one after it; NULL = none. */
const struct hg__kept *hg__ring_before(const struct hg__ring *ring, uint64_t step);
const struct hg__kept *hg__ring_after(const struct hg__ring *ring, uint64_t step);
/* Drops one between the first and the newest, seen from `step`; false when there is none. */
bool hg__ring_thin(struct hg__ring *ring, uint64_t step);
/* Forgets all beyond `step`. */
void hg__ring_cut(struct hg__ring *ring, uint64_t step);
void hg__ring_clear(struct hg__ring *ring); /* the budget stays */

#endif
