/* pulse.h - the health of the layers over time, measured beside a session.
 *
 * Used by the trainer thread between batches. A look (hg_health_measure) changes nothing of the
 * run; all together take a small share of its time, a larger one while view 5 is shown. They
 * are kept, the older the sparser, from the run's beginning on.
 */
#ifndef HG_RUN_PULSE_H
#define HG_RUN_PULSE_H

#include "hourglass/pulse.h"

/* Zero-initialise. */
struct hg__pulse {
    bool shown;  /* view 5 is */
    bool wanted; /* a key asked for a look: at once */
    bool ahead;  /* one went back in the run's history: looks beyond `here` wait for U */
    uint64_t here;
    const struct hg_trainer *of; /* that was looked at: not to be followed */
    uint64_t at;                 /* step of the last one made or gone to */
    bool begun;
    double credit, granted_at; /* seconds that looks may take; of the thread's own time */
    double looked_at;
    size_t points, layers;
    uint64_t step[HG_PULSE_POINTS], serial;
    float *value; /* HG_PULSE_POINTS x layers x HG_PULSE_KINDS */
    struct hg_health now;
};

void hg__pulse_fini(struct hg__pulse *pulse);

/* Before the first look: a run that goes on does not begin at step 0. */
void hg__pulse_begin(struct hg__pulse *pulse, const struct hg_trainer *trainer);

/* HG_DO_HEALTH. */
void hg__pulse_show(struct hg__pulse *pulse, bool shown);
/* Something that it depends on has changed. */
void hg__pulse_stale(struct hg__pulse *pulse);

/* A step was made: what had lain ahead is gone. */
void hg__pulse_stepped(struct hg__pulse *pulse, uint64_t step);
/* The run stands at another step; it has begun anew. */
void hg__pulse_travelled(struct hg__pulse *pulse, uint64_t step);
void hg__pulse_restarted(struct hg__pulse *pulse, const struct hg_trainer *trainer);

/* Is it time? idle: nobody trains. */
bool hg__pulse_due(struct hg__pulse *pulse, uint64_t step, bool idle);
/* Without memory there is no look. */
void hg__pulse_look(struct hg__pulse *pulse, struct hg_trainer *trainer);

/* Copies what is known up to `step`, when it is new. HG_NO_MEMORY: known is false. */
enum hg_status hg__pulse_fill(const struct hg__pulse *pulse, uint64_t step, struct hg_pulse *out);

#endif
