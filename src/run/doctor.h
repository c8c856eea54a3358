/* doctor.h - how the findings are found: the facts of a run, and one function a finding.
 *
 * The table in doctor.c has the order of causes: what stands above explains what stands
 * below. A function looks at the facts only and fills its finding, or says there is none.
 */
#ifndef HG_RUN_DOCTOR_H
#define HG_RUN_DOCTOR_H

#include "hourglass/doctor.h"

/* Worked out once from the symptoms; what is not known is NaN or false. */
struct hg__case {
    const struct hg_symptoms *symptoms;
    const struct hg_health *health; /* NULL = not measured */
    const struct hg_ladder *ladder; /* NULL = not known */
    const struct hg_spec *spec;
    const struct hg_dataset *dataset;
    const struct hg_model *model;
    const struct hg_progress *progress;
    const struct hg_history *history;

    double share;        /* loss / loss of the training mean, on the same samples */
    double fall;         /* of the loss, relative, over the last fifth of the steps */
    double step, size;   /* what one update can do: to a unit of the first layer; to the weights,
                         * as a share of their size, where most */
    bool adaptive;       /* the optimizer's steps do not shrink with the gradient */
    bool collapsed;      /* every sample has the same code, or a layer that is the same for all */
    bool tried, patient; /* long enough for a verdict of certain, of uncertain signs */
    bool bad;            /* no better than drawing the mean, for long enough: something is wrong */
    bool diverged;
    size_t causes; /* alarms that stand above the one in question */
};

/* True: there is one. kind is set already; the rest is empty, alarm true. */
typedef bool hg__examine(const struct hg__case *facts, struct hg_finding *finding);

/* One update throws a unit of the first layer from end to end; changes the weights by much. */
bool hg__step_units(const struct hg__case *facts);
bool hg__step_weights(const struct hg__case *facts);
/* Weights of a size that only steps that were too large leave behind. */
bool hg__weights_blown(const struct hg__case *facts);

/* The encoder's most saturated layer, NULL = none is by nine tenths. */
const struct hg_layer_health *hg__saturated_layer(const struct hg_health *health);
/* The hidden ReLU layer with the most dead units, NULL = none has many. */
const struct hg_layer_health *hg__dead_layer(const struct hg_health *health);

/* doctor_cause.c */
hg__examine hg__find_wrong_gradient, hg__find_wrong_update, hg__find_output_range,
    hg__find_step_too_large, hg__find_budget_too_small, hg__find_exploding, hg__find_diverged;
/* doctor_layer.c */
hg__examine hg__find_dead_units, hg__find_saturated, hg__find_vanishing, hg__find_code_unused;
/* doctor_rung.c */
hg__examine hg__find_mean_collapse, hg__find_overfitting, hg__find_on_rung, hg__find_entropy,
    hg__find_not_a_bottleneck;

/* ---- words ---- */
void hg__finding_number(struct hg_finding *finding, double value, const char *format, ...)
    HG_PRINTF(3, 4);
void hg__finding_advice(struct hg_finding *finding, const char *format, ...) HG_PRINTF(2, 3);
/* The key, and the option it sets; NULL, NULL = an action of its own. */
void hg__finding_cure(struct hg_finding *finding, const char *key, const char *name,
                      const char *text);
/* The rate times `factor`, rounded to one digit. */
void hg__finding_rate(const struct hg__case *facts, double factor, char *text, size_t size);

#endif
