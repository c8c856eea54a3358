#include "run/doctor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[HG_FINDING_COUNT] = {
    [HG_FINDING_MEAN_COLLAPSE] = "mean_collapse",
    [HG_FINDING_ON_RUNG] = "on_rung",
    [HG_FINDING_SATURATED] = "saturated",
    [HG_FINDING_DEAD_UNITS] = "dead_units",
    [HG_FINDING_CODE_UNUSED] = "code_unused",
    [HG_FINDING_VANISHING_GRADIENT] = "vanishing_gradient",
    [HG_FINDING_EXPLODING_GRADIENT] = "exploding_gradient",
    [HG_FINDING_STEP_TOO_LARGE] = "step_too_large",
    [HG_FINDING_BUDGET_TOO_SMALL] = "budget_too_small",
    [HG_FINDING_OUTPUT_RANGE] = "output_range",
    [HG_FINDING_NOT_A_BOTTLENECK] = "not_a_bottleneck",
    [HG_FINDING_WRONG_GRADIENT] = "wrong_gradient",
    [HG_FINDING_WRONG_UPDATE] = "wrong_update",
    [HG_FINDING_OVERFITTING] = "overfitting",
    [HG_FINDING_DIVERGED] = "diverged",
};

const char *hg_finding_name(enum hg_finding_kind kind)
{
    return (unsigned)kind < HG_FINDING_COUNT ? names[kind] : "unknown";
}

/* Causes first: a line explains those below it. An arithmetic that is wrong makes everything
 * else unreliable; a range that is too small no training can overcome; a step that is too
 * large kills and saturates units; those stop the gradient; without gradient the code is
 * unused, and then every output is the mean. */
static const struct {
    enum hg_finding_kind kind;
    hg__examine *find;
} table[] = {
    {HG_FINDING_WRONG_GRADIENT, hg__find_wrong_gradient},
    {HG_FINDING_WRONG_UPDATE, hg__find_wrong_update},
    {HG_FINDING_OUTPUT_RANGE, hg__find_output_range},
    {HG_FINDING_STEP_TOO_LARGE, hg__find_step_too_large},
    {HG_FINDING_EXPLODING_GRADIENT, hg__find_exploding},
    {HG_FINDING_DIVERGED, hg__find_diverged},
    {HG_FINDING_DEAD_UNITS, hg__find_dead_units},
    {HG_FINDING_SATURATED, hg__find_saturated},
    {HG_FINDING_CODE_UNUSED, hg__find_code_unused},
    {HG_FINDING_VANISHING_GRADIENT, hg__find_vanishing},
    {HG_FINDING_BUDGET_TOO_SMALL, hg__find_budget_too_small},
    {HG_FINDING_MEAN_COLLAPSE, hg__find_mean_collapse},
    {HG_FINDING_OVERFITTING, hg__find_overfitting},
    {HG_FINDING_ON_RUNG, hg__find_on_rung},
    {HG_FINDING_ON_RUNG, hg__find_entropy},
    {HG_FINDING_NOT_A_BOTTLENECK, hg__find_not_a_bottleneck},
};

/* ---- words ---- */

void hg__finding_number(struct hg_finding *finding, double value, const char *format, ...)
{
    va_list arguments;

    finding->value = value;
    va_start(arguments, format);
    vsnprintf(finding->number, sizeof finding->number, format, arguments);
    va_end(arguments);
}

void hg__finding_advice(struct hg_finding *finding, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(finding->advice, sizeof finding->advice, format, arguments);
    va_end(arguments);
}

void hg__finding_cure(struct hg_finding *finding, const char *key, const char *name,
                      const char *text)
{
    snprintf(finding->key, sizeof finding->key, "%s", key);
    snprintf(finding->name, sizeof finding->name, "%s", name ? name : "");
    snprintf(finding->text, sizeof finding->text, "%s", text ? text : "");
}

void hg__finding_rate(const struct hg__case *facts, double factor, char *text, size_t size)
{
    snprintf(text, size, "%.1g", facts->spec->train.lr * factor);
}

/* ---- facts ---- */

bool hg__step_units(const struct hg__case *facts)
{
    return facts->adaptive && facts->step > 1;
}

bool hg__step_weights(const struct hg__case *facts)
{
    return facts->size > (facts->adaptive ? 0.3 : 0.05);
}

static double fall_of(const struct hg_trainer *trainer, uint64_t step)
{
    const struct hg_series *series = hg_trainer_series(trainer);
    uint64_t window = step / 5;
    double before, now;

    if (window < 10)
        return NAN;
    before = hg_series_mean(series, step - 2 * window, step - window);
    now = hg_series_mean(series, step - window, step);
    return (before - now) / before;
}

/* What one update can do to the weights, where most; those that a penalty has shrunk to nothing
 * say nothing. */
static double largest_update(const struct hg_health *health)
{
    const double something = 1e-3;
    double most = 0;

    for (size_t i = 0; i < health->layers; i++)
        if (health->layer[i].update > most && health->layer[i].weight > something)
            most = health->layer[i].update;
    return most;
}

bool hg__weights_blown(const struct hg__case *facts)
{
    const double most = 20;

    for (size_t i = 0; facts->health && i < facts->health->layers; i++)
        if (facts->health->layer[i].weight > most)
            return true;
    return false;
}

/* A run needs time before it can be judged: a healthy one may rest on the mean for some epochs
 * (EXPERIMENTS 4), and a large set has hundreds of steps in one. */
static void judge_time(struct hg__case *facts)
{
    enum { FEW_STEPS = 20, MANY_STEPS = 500, EPOCHS = 20, VERY_MANY_STEPS = 3000 };
    const struct hg_progress *progress = facts->progress;

    facts->tried = progress->step >= FEW_STEPS;
    facts->patient = (progress->step >= MANY_STEPS && progress->epoch >= EPOCHS) ||
                     progress->step >= VERY_MANY_STEPS;
}

/* Worse than drawing the mean, by steps that are large enough to be the reason. */
static bool thrown_about(const struct hg__case *facts)
{
    enum { STEPS = 200 };

    if (!(facts->share > 1.1))
        return false;
    if (facts->progress->step < STEPS)
        return facts->tried && hg__weights_blown(facts);
    return hg__step_units(facts) || hg__weights_blown(facts) ||
           (hg__step_weights(facts) && !(facts->fall > 0.02));
}

static void judge_health(struct hg__case *facts)
{
    enum { COLLAPSED_STEPS = 100 };
    const struct hg_health *health = facts->health;
    bool still = !(facts->fall > 0.02), resting = !(facts->fall > 0.005);

    facts->share = health->mean_loss > 0 ? health->loss / health->mean_loss : NAN;
    facts->step = health->step_size;
    facts->size = largest_update(health);
    /* The spread of the code between samples tells, not saturation: a healthy run may have a
     * first layer that is 96 % saturated. */
    facts->collapsed = facts->tried && health->samples > 1 && facts->share > 0.9 &&
                       health->collapse < 0.01 && health->code_spread < 1e-3;
    facts->bad = facts->collapsed || thrown_about(facts) ||
                 (facts->share > 0.9 && facts->patient && resting) ||
                 (facts->share > 1.5 && facts->progress->step >= COLLAPSED_STEPS && still);
}

static void judge(struct hg__case *facts)
{
    const struct hg_trainer *trainer = facts->symptoms->trainer;
    const struct hg_experiment *experiment = hg_trainer_experiment(trainer);
    int optimizer;

    facts->spec = &experiment->spec;
    facts->dataset = experiment->dataset;
    facts->model = experiment->model;
    facts->progress = hg_trainer_progress(trainer);
    facts->history = hg_trainer_history(trainer);
    facts->health = facts->symptoms->health;
    facts->ladder = facts->symptoms->ladder;
    optimizer = facts->spec->train.optimizer;
    facts->adaptive = optimizer == HG_RMSPROP || optimizer == HG_ADAM || optimizer == HG_ADAMW;
    facts->share = facts->step = facts->size = NAN;
    facts->fall = fall_of(trainer, facts->progress->step);
    judge_time(facts);
    facts->diverged = hg_trainer_end(trainer) == HG_END_DIVERGED ||
                      (facts->health && !isfinite(facts->health->loss));
    if (facts->health)
        judge_health(facts);
}

static void collect(struct hg__case *facts, bool alarms, struct hg_diagnosis *diagnosis)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct hg_finding finding = {.kind = table[i].kind, .alarm = true, .value = NAN};
        facts->causes = diagnosis->count;
        if (diagnosis->count < HG_FINDINGS && table[i].find(facts, &finding) &&
            finding.alarm == alarms)
            diagnosis->finding[diagnosis->count++] = finding;
    }
}

void hg_diagnose(const struct hg_symptoms *symptoms, struct hg_diagnosis *diagnosis)
{
    struct hg__case facts = {.symptoms = symptoms};

    memset(diagnosis, 0, sizeof *diagnosis);
    if (!symptoms->trainer)
        return;
    judge(&facts);
    collect(&facts, true, diagnosis);
    collect(&facts, false, diagnosis);
}
