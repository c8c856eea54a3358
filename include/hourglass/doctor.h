/* doctor.h - what is wrong or right with a run, causes first.
 *
 * Judges a health measurement, the history, the ladder, the experiment and, where given, the
 * gradient check's verdicts. Findings are ranked: the first is the cause to cure (curing the
 * loudest first made a real case worse: docs/experiments.md). No finding: all is well.
 */
#ifndef HOURGLASS_DOCTOR_H
#define HOURGLASS_DOCTOR_H

#include "hourglass/health.h"
#include "hourglass/ladder.h"

/* The log's names: hg_finding_name. In no order of importance. */
enum hg_finding_kind {
    HG_FINDING_MEAN_COLLAPSE,
    HG_FINDING_ON_RUNG,
    HG_FINDING_SATURATED,
    HG_FINDING_DEAD_UNITS,
    HG_FINDING_CODE_UNUSED,
    HG_FINDING_VANISHING_GRADIENT,
    HG_FINDING_EXPLODING_GRADIENT,
    HG_FINDING_STEP_TOO_LARGE,
    HG_FINDING_BUDGET_TOO_SMALL,
    HG_FINDING_OUTPUT_RANGE,
    HG_FINDING_NOT_A_BOTTLENECK,
    HG_FINDING_WRONG_GRADIENT,
    HG_FINDING_WRONG_UPDATE,
    HG_FINDING_OVERFITTING,
    HG_FINDING_DIVERGED,
    HG_FINDING_COUNT
};
const char *hg_finding_name(enum hg_finding_kind kind); /* "mean_collapse" */

struct hg_finding {
    enum hg_finding_kind kind;
    bool alarm;       /* false: worth knowing, nothing to cure (entropy floor, no bottleneck) */
    char layer[32];   /* "" = none */
    double value;     /* the number behind it */
    char number[64];  /* that number in words: "C = 0.003", "96 % of encoder.0" */
    char advice[192]; /* one plain sentence: what it means and what to do */
    char key[8];      /* the key that applies the advice to the live run; "" = no key of its own */
    char name[48]; /* the change behind it: option and value, for hg_trainer_set when the option */
    char text[96]; /* is live; else it takes effect when r starts again. "" = the key alone */
};

enum { HG_FINDINGS = 16 };
struct hg_diagnosis {
    size_t count;
    struct hg_finding finding[HG_FINDINGS]; /* ranked */
};

/* What is known; pointers may be NULL where it is not. */
struct hg_symptoms {
    const struct hg_trainer *trainer;
    const struct hg_health *health;
    const struct hg_ladder *ladder;
    double
        gradient_ratio; /* worst numeric / analytic ratio of a check; NaN: not checked, or right */
    char fault[32];     /* what the check or the recomputed update says: "bias-per-weight",
                            * "unknown" where something is wrong, "" where nothing is */
    bool wrong_update;  /* the fault is of the update, not of the gradient */
    char fault_layer[64];
    char fault_words[128]; /* what the fault does, "" = nothing to add */
};

/* Fills in what the arithmetic of a run has to say: its gradient on the next batch, and its updates
 * (hg_gradient_look, hg_update_check). Takes a few tenths of a second at most; nothing of
 * very large networks is looked at. The run goes on as if nobody had looked. HG_NO_MEMORY only. */
enum hg_status hg_arithmetic_look(struct hg_trainer *trainer, struct hg_symptoms *symptoms,
                                  struct hg_error *error);

void hg_diagnose(const struct hg_symptoms *symptoms, struct hg_diagnosis *diagnosis);

#endif
