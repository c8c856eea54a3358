/* extremes.h - the samples that are reconstructed worst and best, while view 5 is shown.
 *
 * Used by the trainer thread between batches: evaluation mode, no random numbers. The losses
 * of some samples are refreshed in turn, within a small share of the time; a round done, they
 * are ranked.
 */
#ifndef HG_RUN_EXTREMES_H
#define HG_RUN_EXTREMES_H

#include "hourglass/pulse.h"

/* Zero-initialise. */
struct hg__extremes {
    bool shown;
    bool fresh; /* ranked with the present weights */
    double credit, granted_at, ranked_at, probed_at;
    double *loss; /* of the first `among` samples of the order, NULL until shown */
    size_t among, next, looked;
    uint64_t step;   /* of the round's first look */
    float *pictures; /* 4 x HG_EXTREMES */
    float *output;   /* of one sample */
    struct hg_extremes facts;
};

void hg__extremes_fini(struct hg__extremes *extremes);

/* HG_DO_HEALTH. */
void hg__extremes_show(struct hg__extremes *extremes, bool shown);
/* The weights are others, at another step; the data are. */
void hg__extremes_stale(struct hg__extremes *extremes);

/* Looks as far as the budget allows; idle: nobody trains. `order`: all samples, by chance. False:
 * there is more to look at. Without memory nothing is known. */
bool hg__extremes_probe(struct hg__extremes *extremes, struct hg_trainer *trainer,
                        const uint32_t *order, bool idle);

/* Copies what is new. HG_NO_MEMORY: known is false. */
enum hg_status hg__extremes_fill(const struct hg__extremes *extremes, struct hg_extremes *out);

#endif
