/* checkup.h - the doctor beside a run with a log: looks now and then, and writes what is new. */
#ifndef HG_RUN_CHECKUP_H
#define HG_RUN_CHECKUP_H

#include "hourglass/doctor.h"

struct hg__checkup;

/* `ladder` (may be NULL) is copied. NULL = no memory: a run goes on without a doctor. */
struct hg__checkup *hg__checkup_create(const struct hg_ladder *ladder);
/* A copy that knows what was written already; of NULL, or without memory, NULL. */
struct hg__checkup *hg__checkup_twin(const struct hg__checkup *from);
void hg__checkup_destroy(struct hg__checkup *checkup);

/* At the end of an epoch that has its line in the log: looks when the last look is long ago
 * and all looks together have cost at most 1/200 of the time. */
void hg__checkup_look(struct hg_trainer *trainer);

/* Looks in any case: at the end of a run, and when it diverged. */
void hg__checkup_last(struct hg_trainer *trainer);

#endif
