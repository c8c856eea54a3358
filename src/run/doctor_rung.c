/* Findings about where the loss stands: the mean, a rung, what cannot be better, by heart. */
#include "run/doctor.h"

#include <math.h>
#include <stdio.h>

/* For certain; or without any other sign, after so long that waiting has no sense. */
static bool mean_collapsed(const struct hg__case *facts)
{
    enum { STEPS = 5000 };

    return facts->health && facts->bad && facts->health->collapse < 0.01 &&
           (facts->collapsed || facts->progress->step >= STEPS);
}

bool hg__find_mean_collapse(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_health *health = facts->health;
    const struct hg_spec *spec = facts->spec;
    char text[32];

    if (!mean_collapsed(facts))
        return false;
    hg__finding_number(finding, health->code_spread, "C = %.2g, spread of the code %.2g",
                       health->collapse, health->code_spread);
    if (facts->causes > 0) {
        hg__finding_advice(finding,
                           "Every input gives the same output, the average: what stands above "
                           "is why.");
    } else if (spec->model.bias && spec->model.output_bias == HG_OUTPUT_BIAS_ZERO) {
        hg__finding_advice(finding,
                           "Every input gives the same output, the average: set output_bias = "
                           "mean%s and start again.",
                           spec->data.center ? "" : ", center = yes");
        hg__finding_cure(finding, "r", "model.output_bias", "mean");
    } else if (!spec->data.center) {
        hg__finding_advice(finding,
                           "Every input gives the same output, the average: set center = yes "
                           "and start again.");
        hg__finding_cure(finding, "r", "data.center", "yes");
    } else {
        hg__finding_rate(facts, facts->collapsed ? 0.1 : 10, text, sizeof text);
        hg__finding_advice(finding,
                           "Every input gives the same output, the average: start again with "
                           "another lr (%s), or take more units.",
                           text);
        hg__finding_cure(finding, "r", "train.lr", text);
    }
    return true;
}

/* ---- rungs ---- */

static double floor_of(const struct hg_ladder *ladder, size_t rung)
{
    return rung == 0 ? ladder->mean : ladder->pca[rung - 1];
}

/* The kept epoch nearest to half of the run's epochs, at least five back; NULL = none. */
static const struct hg_epoch *earlier(const struct hg_history *history)
{
    uint64_t now = history->count ? history->epochs[history->count - 1].epoch : 0;
    uint64_t back = now / 10 > 5 ? now / 10 : 5;

    for (size_t i = history->count; i-- > 0;)
        if (history->epochs[i].epoch + back <= now)
            return &history->epochs[i];
    return NULL;
}

bool hg__find_on_rung(const struct hg__case *facts, struct hg_finding *finding)
{
    const double near = 0.03;
    const struct hg_ladder *ladder = facts->ladder;
    const struct hg_epoch *before = earlier(facts->history);
    double loss = facts->progress->last_train;
    size_t codes = hg_model_codes(facts->model), rung = 0;

    if (!ladder || !before || mean_collapsed(facts) || !(ladder->mean > 0) ||
        !(fabs(before->train / loss - 1) < near))
        return false;
    for (; rung <= ladder->rungs; rung++) {
        double floor = floor_of(ladder, rung);
        if (floor > 1e-9 * ladder->mean && fabs(loss / floor - 1) < near)
            break;
    }
    if (rung > ladder->rungs)
        return false;
    finding->alarm = false;
    if (rung == 0) {
        hg__finding_number(finding, ladder->mean, "on the mean, %.4g", ladder->mean);
        hg__finding_advice(finding,
                           "On the mean rung: every output is still the average of the inputs, "
                           "the code is not used yet.");
        return true;
    }
    hg__finding_number(finding, floor_of(ladder, rung), "on PCA-%zu, %.4g", rung,
                       floor_of(ladder, rung));
    if (rung < codes)
        hg__finding_advice(finding,
                           "On PCA-%zu: it uses its code of %zu like %zu linear value%s; give "
                           "it time, it finds one direction after the other.",
                           rung, codes, rung, rung == 1 ? "" : "s");
    else
        hg__finding_advice(finding,
                           "On PCA-%zu: as good as a linear code of %zu can be; to go below "
                           "it needs hidden layers with activations, and time.",
                           rung, codes);
    return true;
}

bool hg__find_entropy(const struct hg__case *facts, struct hg_finding *finding)
{
    const struct hg_ladder *ladder = facts->ladder;
    const double matters = 0.1;

    if (!ladder || !ladder->has_entropy || !(ladder->entropy > matters * ladder->mean) ||
        !(facts->progress->epoch > 0))
        return false;
    finding->alarm = false;
    hg__finding_number(finding, ladder->entropy, "entropy floor %.4g", ladder->entropy);
    hg__finding_advice(finding,
                       "bce cannot reach 0 here: grey inputs alone cost %.4g, of which no "
                       "training takes anything away.",
                       ladder->entropy);
    return true;
}

bool hg__find_not_a_bottleneck(const struct hg__case *facts, struct hg_finding *finding)
{
    size_t codes = hg_model_codes(facts->model), features = facts->dataset->features;

    if (codes < features)
        return false;
    finding->alarm = false;
    hg__finding_number(finding, (double)codes, "%zu code value%s for %zu input%s", codes,
                       codes == 1 ? "" : "s", features, features == 1 ? "" : "s");
    hg__finding_advice(finding,
                       "The bottleneck is not one: a code of %zu value%s can copy %zu input%s "
                       "without learning what they have in common; take a smaller code.",
                       codes, codes == 1 ? "" : "s", features, features == 1 ? "" : "s");
    return true;
}

/* ---- by heart ---- */

/* Validation, smoothed over `width` kept epochs that end with `last`. */
static double smooth(const struct hg_history *history, size_t last, size_t width)
{
    double sum = 0;

    for (size_t i = 0; i < width; i++)
        sum += history->epochs[last - i].validation;
    return sum / (double)width;
}

/* Since half of the epochs only the training samples have gained, and by far. */
static bool learns_alone(const struct hg_history *history, size_t width)
{
    const double apart = 3, gained = 0.7, kept = 0.98;
    size_t last = history->count - 1, half = last;
    double now = smooth(history, last, width);

    while (half > width && 2 * history->epochs[half].epoch > history->epochs[last].epoch)
        half--;
    return now > apart * history->epochs[last].train && now > kept * smooth(history, half, width) &&
           history->epochs[last].train < gained * history->epochs[half].train;
}

/* Risen for good, not for an epoch: few validation samples jump about. */
bool hg__find_overfitting(const struct hg__case *facts, struct hg_finding *finding)
{
    enum { WIDTH = 5, EPOCHS = 20 };
    const double risen = 1.15, apart = 1.3;
    const struct hg_history *history = facts->history;
    double best = INFINITY, now, train = facts->progress->last_train;

    if (facts->dataset->validation == 0 || history->count < EPOCHS || facts->bad)
        return false;
    for (size_t i = WIDTH - 1; i < history->count; i++)
        best = fmin(best, smooth(history, i, WIDTH));
    now = smooth(history, history->count - 1, WIDTH);
    if (!(now > risen * best && now > apart * train) && !learns_alone(history, WIDTH))
        return false;
    hg__finding_number(finding, now / train, "validation %.3g, training %.3g", now, train);
    hg__finding_advice(finding,
                       "It learns the training samples by heart: stop with patience, use a "
                       "smaller network or more data, or corrupt = gaussian 0.1.");
    hg__finding_cure(finding, "", "train.corrupt", "gaussian 0.1");
    return true;
}
