/* log.h - the JSON Lines log of a run (INTERFACE section 5). */
#ifndef HOURGLASS_LOG_H
#define HOURGLASS_LOG_H

#include "hourglass/history.h"
#include "hourglass/ladder.h"
#include "hourglass/spec.h"

struct hg_log;

/* Opens for appending (created when missing). NULL path gives a NULL log; all
 * calls below accept NULL and do nothing. Each line is written whole (one
 * write) so that a reader never sees half of one; a failed write is reported
 * once by hg_log_failed. Not thread-safe: one owner. */
enum hg_status hg_log_open(const char *path, struct hg_log **log, struct hg_error *error);
void hg_log_close(struct hg_log *log);
bool hg_log_failed(const struct hg_log *log, struct hg_error *error);

void hg_log_start(struct hg_log *log, const struct hg_spec *spec, uint64_t parameters,
                  size_t samples, const struct hg_ladder *ladder);
void hg_log_epoch(struct hg_log *log, const struct hg_epoch *epoch, double samples_per_s,
                  double seconds);
void hg_log_change(struct hg_log *log, uint64_t step, const char *key, const char *from,
                   const char *to);
struct hg_log_end {
    const char *reason; /* epochs steps converged patience diverged signal user */
    uint64_t epoch, step;
    double train, evaluated, validation; /* NaN is written as null */
};
void hg_log_end(struct hg_log *log, const struct hg_log_end *end);
/* kind, layer (may be NULL), value, advice: INTERFACE section 5 */
void hg_log_diagnosis(struct hg_log *log, uint64_t epoch, const char *kind, const char *layer,
                      double value, const char *advice);

#endif
