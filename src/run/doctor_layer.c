/* Findings about single layers: units that do nothing, and gradients that do not arrive. */
#include "run/doctor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_output(const struct hg_health *health, const struct hg_layer_health *layer)
{
    return layer == &health->layer[health->layers - 1];
}

static bool in_encoder(const struct hg_layer_health *layer)
{
    return strncmp(layer->name, "encoder", 7) == 0;
}

static void name_layer(const struct hg_layer_health *layer, struct hg_finding *finding)
{
    snprintf(finding->layer, sizeof finding->layer, "%s", layer->name);
}

const struct hg_layer_health *hg__dead_layer(const struct hg_health *health)
{
    const double some = 0.25;
    const struct hg_layer_health *worst = NULL;

    for (size_t i = 0; i < health->layers; i++) {
        const struct hg_layer_health *layer = &health->layer[i];
        if (layer->activation == HG_RELU && !is_output(health, layer) && layer->dead >= some &&
            (!worst || layer->dead > worst->dead))
            worst = layer;
    }
    return worst;
}

const struct hg_layer_health *hg__saturated_layer(const struct hg_health *health)
{
    const double most = 0.9;
    const struct hg_layer_health *worst = NULL;

    for (size_t i = 0; i < health->layers; i++) {
        const struct hg_layer_health *layer = &health->layer[i];
        if (layer->saturated >= most && in_encoder(layer) &&
            (!worst || layer->saturated > worst->saturated))
            worst = layer;
    }
    return worst;
}

/* ReLU alone dies; tanh that saturates and a code that collapses have names of their own. */
bool hg__find_dead_units(const struct hg__case *facts, struct hg_finding *finding)
{
    const double many = 0.75;
    const struct hg_layer_health *worst = NULL;

    if (facts->health && facts->tried)
        worst = hg__dead_layer(facts->health);
    if (!worst)
        return false;
    finding->alarm = worst->dead >= many || facts->bad;
    name_layer(worst, finding);
    hg__finding_number(finding, worst->dead, "%.0f %% of %s", 100 * worst->dead, worst->name);
    hg__finding_advice(finding,
                       "Units of %s (%s) are never above 0 and learn nothing any more: take "
                       "lrelu instead of relu or a smaller lr, and start again.",
                       worst->name, worst->text);
    hg__finding_cure(finding, "r", NULL, NULL);
    return true;
}

/* Healthy runs saturate too: only where the code tells nothing apart is it a cause. */
bool hg__find_saturated(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_layer_health *worst = NULL;
    const struct hg_spec *spec = facts->spec;
    bool bias = spec->model.output_bias == HG_OUTPUT_BIAS_ZERO && spec->model.bias;
    const char *cure = bias && !spec->data.center ? "set output_bias = mean and center = yes"
                       : bias                     ? "set output_bias = mean"
                       : !spec->data.center       ? "set center = yes"
                                                  : "lower lr";

    if (facts->health && facts->bad)
        worst = hg__saturated_layer(facts->health);
    if (!worst)
        return false;
    name_layer(worst, finding);
    hg__finding_number(finding, worst->saturated, "%.0f %% of %s", 100 * worst->saturated,
                       worst->name);
    hg__finding_advice(finding,
                       "The units of %s are at their ends and pass no gradient on: %s, and "
                       "start again.",
                       worst->name, cure);
    if (bias)
        hg__finding_cure(finding, "r", "model.output_bias", "mean");
    else
        hg__finding_cure(finding, "r", spec->data.center ? NULL : "data.center",
                         spec->data.center ? NULL : "yes");
    return true;
}

/* The first layer's gradient against the largest above it. */
bool hg__find_vanishing(const struct hg__case *facts, struct hg_finding *finding)
{
    const double least = 1e-3;
    const struct hg_health *health = facts->health;
    double most = 0, ratio;

    if (!health || !facts->bad || health->layers < 3 || facts->causes > 0)
        return false; /* what stands above is why it does not arrive */
    for (size_t i = 1; i < health->layers; i++)
        most = fmax(most, health->layer[i].gradient);
    ratio = most > 0 ? health->layer[0].gradient / most : NAN;
    if (!(ratio < least))
        return false;
    name_layer(&health->layer[0], finding);
    hg__finding_number(finding, ratio, "first / largest gradient = %.2g", ratio);
    hg__finding_advice(finding,
                       "The gradient fades on its way down and hardly reaches %s: use fewer "
                       "layers, tanh or lrelu for sigmoid, or bn, and start again.",
                       health->layer[0].name);
    hg__finding_cure(finding, "r", NULL, NULL);
    return true;
}

/* A penalty that costs more than the code is worth empties it. */
static bool penalised(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_spec *spec = facts->spec;
    char text[32];

    if (!facts->bad)
        return false;
    if (hg_model_gaussian(facts->model) && spec->model.beta > 0) {
        snprintf(text, sizeof text, "%.1g", spec->model.beta / 10);
        hg__finding_advice(finding,
                           "The KL term outweighs what the code could save, so no value of it "
                           "is used: lower beta from %.3g to %s.",
                           spec->model.beta, text);
        hg__finding_cure(finding, "", "model.beta", text);
        return true;
    }
    if (spec->train.sparsity > 0) {
        hg__finding_advice(finding,
                           "The penalty on the code (sparsity = %.3g) outweighs what it could "
                           "save: set sparsity = 0.",
                           spec->train.sparsity);
        hg__finding_cure(finding, "", "train.sparsity", "0");
        return true;
    }
    if (spec->train.l1 > 0 || spec->train.weight_decay > 0) {
        const char *name = spec->train.l1 > 0 ? "train.l1" : "train.weight_decay";
        hg__finding_advice(finding,
                           "The pull of %s towards zero is stronger than what the data ask for: "
                           "set it to 0.",
                           name + sizeof "train." - 1);
        hg__finding_cure(finding, "", name, "0");
        return true;
    }
    return false;
}

bool hg__find_code_unused(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_health *health = facts->health;
    bool cause = health && penalised(facts, finding);
    size_t unused = health ? health->codes_unused : 0;

    if (!cause && (!facts->patient || facts->bad || unused == 0 || !health ||
                   health->codes >= facts->dataset->features))
        return false;
    if (cause) {
        hg__finding_number(finding, health->code_spread, "spread of the code %.2g",
                           health->code_spread);
        return true;
    }
    finding->alarm = false;
    hg__finding_number(finding, (double)unused, "%zu of %zu code values", unused, health->codes);
    hg__finding_advice(finding,
                       "Some code values are the same for every sample: a smaller code would "
                       "do as well.");
    return true;
}
