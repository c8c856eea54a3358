/* Findings that are causes: arithmetic, ranges, steps and budgets. */
#include "run/auto.h"
#include "run/doctor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What was switched on can be switched off; else there is only to look. */
static void cure_fault(const struct hg__case *facts, const char *key, struct hg_finding *finding)
{
    if (facts->spec->lesson.fault != HG_FAULT_NONE)
        hg__finding_cure(finding, "r", "lesson.fault", "none");
    else
        hg__finding_cure(finding, key, NULL, NULL);
}

/* The bug's name, and what it does (to the layer that is off most). */
static void name_fault(const struct hg_symptoms *symptoms, const char *layer, char out[224])
{
    bool unknown = !symptoms->fault[0] || strcmp(symptoms->fault, "unknown") == 0;

    snprintf(out, 224, "(%s", unknown ? "no known fault" : symptoms->fault);
    if (symptoms->fault_words[0])
        snprintf(out + strlen(out), 224 - strlen(out), ": %s%s%s", layer, layer[0] ? " " : "",
                 symptoms->fault_words);
    snprintf(out + strlen(out), 224 - strlen(out), ")");
}

bool hg__find_wrong_gradient(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_symptoms *symptoms = facts->symptoms;
    double ratio = symptoms->gradient_ratio;
    char fault[224];

    if (symptoms->wrong_update ||
        (!symptoms->fault[0] && !symptoms->fault_layer[0] && !(fabs(ratio - 1) > 0.01)))
        return false;
    snprintf(finding->layer, sizeof finding->layer, "%.31s", symptoms->fault_layer);
    if (isfinite(ratio))
        hg__finding_number(finding, ratio, "numeric / analytic = %.4g", ratio);
    else
        hg__finding_number(finding, 0, "the gradient is zero, and should not be");
    name_fault(symptoms, symptoms->fault_layer, fault);
    hg__finding_advice(finding,
                       "The gradient is wrong %.122s: cure this first; G shows it layer by layer.",
                       fault);
    cure_fault(facts, "G", finding);
    return true;
}

bool hg__find_wrong_update(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_symptoms *symptoms = facts->symptoms;
    char fault[224];

    if (!symptoms->fault[0] || !symptoms->wrong_update)
        return false;
    snprintf(finding->layer, sizeof finding->layer, "%.31s", symptoms->fault_layer);
    hg__finding_number(finding, symptoms->gradient_ratio, "update / formula = %.4g",
                       symptoms->gradient_ratio);
    name_fault(symptoms, "", fault);
    hg__finding_advice(
        finding,
        "The gradient is right, the update is not %.108s: the optimizer does not do what its formula says.",
        fault);
    cure_fault(facts, "", finding);
    return true;
}

/* What cannot be reached costs at least this share of the variance: below, a remark. */
static const double reach_matters = 0.02;

bool hg__find_output_range(const struct hg__case *facts, struct hg_finding *finding)
{
    enum hg_activation activation = hg_model_output_activation(facts->model);
    const struct hg_dataset *dataset = facts->dataset;
    double low, high, off;
    char range[32];

    hg__output_range(activation, &low, &high);
    if (dataset->lowest >= low && dataset->highest <= high)
        return false;
    if (facts->health && facts->health->unreachable == 0)
        return false; /* the type would allow it, the samples do not do it */
    off = dataset->lowest < low ? dataset->lowest : dataset->highest;
    finding->alarm = !facts->health || facts->health->unreachable > reach_matters;
    if (isinf(high))
        snprintf(range, sizeof range, "%g and above", low);
    else
        snprintf(range, sizeof range, "%g..%g", low, high);
    hg__finding_number(finding, off, "%s cannot reach %.4g", range, off);
    hg__finding_advice(finding, "The output (%s) gives %s, but the data go to %.3g: %s.",
                       hg_activation_name(activation), range, off,
                       activation == HG_SIGMOID
                           ? "take output = linear or data.scale = 0..1 and start again"
                           : "take output = linear and start again");
    hg__finding_cure(finding, "r", "model.output", "linear");
    return true;
}

/* ---- steps ---- */

static bool cure_by_centring(const struct hg__case *facts)
{
    return facts->health && !facts->spec->data.center && facts->adaptive &&
           facts->health->step_centred < 0.5 * facts->health->step_size;
}

static void advise_smaller(const struct hg__case *facts, double factor, struct hg_finding *finding)
{
    bool spoilt = facts->collapsed || facts->diverged || hg__weights_blown(facts);
    char text[32];

    hg__finding_rate(facts, factor, text, sizeof text);
    hg__finding_advice(finding,
                       "One update throws the units from one end to the other: lower lr "
                       "from %.3g to %s%s.",
                       facts->spec->train.lr, text,
                       spoilt ? " and start again, for these weights are spoilt" : "");
    hg__finding_cure(finding, spoilt ? "r" : "-", "train.lr", text);
}

/* The centred input would take so much less that the same rate does. */
static void advise_centring(const struct hg__case *facts, struct hg_finding *finding)
{
    hg__finding_advice(
        finding,
        "One update pushes every unit to the same end for all samples: set "
        "center = yes (lr |x| = %.2g)%s and start again.",
        facts->health->step_centred,
        facts->spec->model.output_bias == HG_OUTPUT_BIAS_ZERO ? ", output_bias = mean" : "");
    hg__finding_cure(finding, "r", "data.center", "yes");
}

bool hg__find_step_too_large(const struct hg__case *facts, struct hg_finding *finding)
{
    bool units = hg__step_units(facts), weights = hg__step_weights(facts);

    if (facts->diverged) {
        hg__finding_number(finding, facts->spec->train.lr, "lr = %.3g", facts->spec->train.lr);
        advise_smaller(facts, 0.1, finding);
        return true;
    }
    if (!facts->bad || (!units && !weights && !hg__weights_blown(facts)))
        return false;
    if (units)
        hg__finding_number(finding, facts->step, "lr |x| = %.3g", facts->step);
    else if (!weights)
        hg__finding_number(finding, facts->spec->train.lr, "lr = %.3g has blown the weights up",
                           facts->spec->train.lr);
    else
        hg__finding_number(finding, facts->size, "an update moves weights by %.3g of their size",
                           facts->size);
    if (units && cure_by_centring(facts))
        advise_centring(facts, finding);
    else
        advise_smaller(facts, units ? fmin(0.1, 0.3 / facts->step) : 0.1, finding);
    return true;
}

/* Backwards through the layers it grows, or it is larger than the weights themselves. */
bool hg__find_exploding(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_health *health = facts->health;
    const struct hg_layer_health *worst = NULL;
    double most = 1;

    if (!health || !facts->bad || facts->share < 1.5)
        return false;
    for (size_t i = 0; i < health->layers; i++) {
        const struct hg_layer_health *layer = &health->layer[i];
        if (!(layer->gradient / layer->weight > most))
            continue;
        most = layer->gradient / layer->weight;
        worst = layer;
    }
    if (!worst)
        return false;
    snprintf(finding->layer, sizeof finding->layer, "%s", worst->name);
    hg__finding_number(finding, most, "gradient / weight = %.3g in %s", most, worst->name);
    hg__finding_advice(finding,
                       "The gradient is larger than the weights it shall improve: limit it "
                       "with clip = 1, or lower lr.");
    hg__finding_cure(finding, "", "train.clip", "1");
    return true;
}

bool hg__find_diverged(const struct hg__case *facts, struct hg_finding *finding)
{
    if (!facts->diverged)
        return false;
    hg__finding_number(finding, (double)facts->progress->step, "not finite after step %llu",
                       (unsigned long long)facts->progress->step);
    hg__finding_advice(finding,
                       "The loss became infinite; the last good weights are kept: lower lr or "
                       "set clip = 1, and start again.");
    hg__finding_cure(finding, "r", "train.clip", "1");
    return true;
}

/* Units that are at their ends, or dead, or asked for what they cannot give, need no larger step. */
static bool something_else(const struct hg__case *facts)
{
    const struct hg_health *health = facts->health;

    return facts->collapsed || facts->diverged || hg__step_units(facts) ||
           hg__weights_blown(facts) || hg__saturated_layer(health) || hg__dead_layer(health) ||
           health->unreachable > reach_matters;
}

/* It stands still because it hardly moves: updates of less than a few ten-thousandths of the
 * weights, though units and gradients are in order. */
bool hg__find_budget_too_small(const struct hg__case *facts, struct hg_finding *finding)
{
    const double least = 3e-4, wanted = 3e-3;
    double spent = hg_trainer_rate(facts->symptoms->trainer) * (double)facts->progress->step;
    double factor;
    char text[32];

    if (!facts->health || !facts->bad || !(facts->size < least) || something_else(facts))
        return false;
    factor = pow(10, floor(log10(wanted / fmax(facts->size, 1e-30))));
    hg__finding_rate(facts, fmin(fmax(factor, 10), 1000), text, sizeof text);
    hg__finding_number(finding, spent, "rate x steps = %.3g", spent);
    hg__finding_advice(finding,
                       "So far rate times steps is too little to leave the mean, and nothing "
                       "else is wrong: raise lr from %.3g to %s, or train much longer.",
                       facts->spec->train.lr, text);
    hg__finding_cure(finding, "+", "train.lr", text);
    return true;
}
