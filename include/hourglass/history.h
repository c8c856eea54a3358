/* history.h - the losses of a run, epoch by epoch and step by step. */
#ifndef HOURGLASS_HISTORY_H
#define HOURGLASS_HISTORY_H

#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One finished epoch. validation is NaN where nothing is held out. */
struct hg_epoch {
    uint64_t epoch, step; /* epochs and steps done, from 1 */
    double train, validation, rate;
};

/* Epochs kept: each to 1,000, every 10th to 10,000, every 100th to 100,000 and
 * so on, and always the last one. Zero-initialise; free with hg_history_fini. */
struct hg_history {
    struct hg_epoch *epochs;
    size_t count, room;
};
enum hg_status hg_history_add(struct hg_history *history, const struct hg_epoch *epoch,
                              struct hg_error *error);
/* Is this epoch one that stays (and gets a line in the log)? */
bool hg_history_keeps(uint64_t epoch);
void hg_history_fini(struct hg_history *history);

/* The loss of every step, in buckets whose width grows with the step number: a
 * bucket a step up to 512 steps, then 512 buckets each doubling... fine enough
 * for a logarithmic and a linear axis alike. Fixed memory. */
enum { HG_SERIES_MOST = 8192 };
struct hg_series {
    size_t count;
    struct hg_series_point {
        uint64_t first, last; /* steps of the bucket, from 1 */
        double mean;
    } points[HG_SERIES_MOST];
};
void hg_series_clear(struct hg_series *series);
void hg_series_add(struct hg_series *series, uint64_t step, double loss); /* steps ascending */
/* Mean loss of the steps first + 1 .. last, buckets that the ends cut taken whole; NaN when
 * none is known. */
double hg_series_mean(const struct hg_series *series, uint64_t first, uint64_t last);

#endif
