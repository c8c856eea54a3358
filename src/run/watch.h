/* watch.h - what is looked at while training runs, within a budget of its own.
 *
 * Used by the trainer thread between batches. Probe passes use evaluation mode
 * and no random numbers, so watching never changes the experiment. Their time
 * is measured and held to a share of the time this thread computes: a half for the shown
 * sample, a half for the points of the scatter, which refresh in turn. While view 4
 * is shown, the sample's half is spent on its pictures. What no view shows waits.
 */
#ifndef HG_RUN_WATCH_H
#define HG_RUN_WATCH_H

#include "run/axes.h"
#include "run/filters.h"
#include "run/latent.h"
#include "run/sentence.h"

#include "hourglass/session.h"

struct hg__watch {
    uint32_t sample;        /* shown */
    size_t points, next;    /* of the scatter; the next to refresh */
    size_t known;           /* points that were ever probed: the first of them */
    uint32_t *point_sample; /* which samples */
    float *codes;           /* points x codes, the newest known */
    float *places;          /* points x 2, codes above 2: where they lie on the axes */
    float here[2];          /* the shown sample among them */
    uint64_t probes;        /* of points, so far */
    size_t fresh;           /* points that are up to date with the weights */
    float *input, *output;  /* rows of one probe: WATCH_CHUNK x features */
    float *shown_output, *shown_code;
    double shown_loss;
    bool shown_known; /* output and code belong to the present weights */
    bool wanted;      /* a key asked for it: not a matter of budget */
    bool aside;       /* view 1 is not seen; survives fini and init */
    struct hg__filters filters;
    struct hg__latent latent; /* what it is asked for survives fini and init */
    struct hg__axes axes;
    struct hg__sentence sentence;
    double collapse, collapse_at, collapse_cost; /* the least seconds it took; 0 = never */
    size_t collapse_samples;
    bool collapse_known;                              /* it belongs to the present weights */
    double sample_credit, points_credit, axes_credit; /* seconds that probes may take */
    double granted_at;
    double running; /* running mean of the batch losses */
    uint64_t running_step;
    double speed, speed_at; /* samples a second, smoothed */
    uint64_t speed_samples;
};

/* `watch` is zeroed, or was finished. */
enum hg_status hg__watch_init(struct hg__watch *watch, const struct hg_trainer *trainer,
                              struct hg_error *error);
void hg__watch_fini(struct hg__watch *watch);

/* A step was made: the loss joins the running mean, what was probed is stale. */
void hg__watch_stepped(struct hg__watch *watch, const struct hg_trainer *trainer);

/* The run started again: forgets losses and where the curve was. */
void hg__watch_restarted(struct hg__watch *watch);

/* The run stands at another step: its losses are in the series. */
void hg__watch_travelled(struct hg__watch *watch, const struct hg_trainer *trainer);

/* Another sample is shown, or other pictures of view 4: what a key asks for comes at once. */
void hg__watch_show(struct hg__watch *watch, uint32_t sample);
void hg__watch_filters(struct hg__watch *watch, struct hg__filters_wish wish);

/* View 1 is not seen (or is again): its pictures and points wait until they are. */
void hg__watch_put_aside(struct hg__watch *watch, bool aside);

/* A command of view 2. */
void hg__watch_latent(struct hg__watch *watch, const struct hg_trainer *trainer,
                      const struct hg_command *command);

/* Probes what the budget allows. `idle`: nobody trains, so everything may be
 * brought up to date. Returns true when all points and the sample are. */
bool hg__watch_probe(struct hg__watch *watch, struct hg_trainer *trainer, bool idle);

/* Copies numbers and pictures into a snapshot (arrays are made when missing).
 * HG_NO_MEMORY leaves it unusable. */
enum hg_status hg__watch_fill(struct hg__watch *watch, const struct hg_trainer *trainer,
                              struct hg_snapshot *snapshot);

/* Frees a snapshot's arrays. */
void hg__snapshot_fini(struct hg_snapshot *snapshot);

#endif
