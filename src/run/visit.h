/* visit.h - the doctor at the side of a session: looks while someone wants to know.
 *
 * Used by the trainer thread between batches. A look costs some training steps and changes
 * nothing of the run; after the first, all together take a small share of the time.
 */
#ifndef HG_RUN_VISIT_H
#define HG_RUN_VISIT_H

#include "hourglass/session.h"

struct hg__visit {
    bool wished;                   /* the page is open */
    bool wanted;                   /* a key asked for it: at once */
    bool floors;                   /* the ladder was known at the last look */
    double looked_at, cost;        /* cost: the least so far */
    struct hg_symptoms arithmetic; /* of the last look at it */
    uint64_t computed;             /* the step at which that was; UINT64_MAX: not since the page
                                    * was opened */
    int optimizer;                 /* of that time */
    struct hg_visit facts;
};

/* HG_DO_DOCTOR. */
void hg__visit_wish(struct hg__visit *visit, bool open);

/* Something that it judges has changed: the answer to a key comes at once. */
void hg__visit_stale(struct hg__visit *visit);

/* Is it time? ladder (NULL: not known yet); idle: nobody trains. */
bool hg__visit_due(const struct hg__visit *visit, const struct hg_trainer *trainer,
                   const struct hg_ladder *ladder, bool idle);

/* Measures and judges. Without memory the last look stays. */
void hg__visit_look(struct hg__visit *visit, struct hg_trainer *trainer,
                    const struct hg_ladder *ladder);

/* Copies what is new. */
void hg__visit_fill(const struct hg__visit *visit, struct hg_visit *out);

#endif
