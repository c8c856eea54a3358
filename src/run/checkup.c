#include "run/checkup.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

/* Seconds between two looks, and the share of the time that all of them may take. A look
 * costs about so many steps, as long as none has been timed. */
static const double pause = 2, share = 0.005, steps_of_a_look = 5;

struct hg__checkup {
    struct hg_ladder ladder;
    bool has_ladder;
    double spent, longest, looked_at; /* seconds; of hg__now, 0 = never */
    struct hg_symptoms arithmetic;    /* of the last look at it */
    bool computed;                    /* there was one since the run began */
    struct hg_health health;
    struct hg_diagnosis before, now;
};

struct hg__checkup *hg__checkup_create(const struct hg_ladder *ladder)
{
    struct hg__checkup *checkup = hg__alloc(1, sizeof *checkup);

    if (checkup)
        checkup->arithmetic.gradient_ratio = NAN;
    if (checkup && ladder) {
        checkup->ladder = *ladder;
        checkup->has_ladder = true;
    }
    return checkup;
}

struct hg__checkup *hg__checkup_twin(const struct hg__checkup *from)
{
    struct hg__checkup *made = from ? hg__alloc(1, sizeof *made) : NULL;

    if (made)
        *made = *from;
    return made;
}

void hg__checkup_destroy(struct hg__checkup *checkup)
{
    hg__free(checkup);
}

/* The same finding; of rungs each is one of its own. */
static bool same(const struct hg_finding *a, const struct hg_finding *b)
{
    return a->kind == b->kind &&
           (a->kind != HG_FINDING_ON_RUNG || strcmp(a->number, b->number) == 0);
}

static bool known(const struct hg_diagnosis *before, const struct hg_finding *finding)
{
    for (size_t i = 0; i < before->count; i++)
        if (same(&before->finding[i], finding))
            return true;
    return false;
}

/* What needs a cure, and the remarks that say where the run stands. */
static bool worth_a_line(const struct hg_finding *finding)
{
    return finding->alarm || finding->kind == HG_FINDING_ON_RUNG ||
           finding->kind == HG_FINDING_NOT_A_BOTTLENECK;
}

/* The arithmetic does not change while a run goes on: the first look sees it, and the last. */
static void compute(struct hg_trainer *trainer, bool last)
{
    struct hg__checkup *checkup = trainer->checkup;

    if (checkup->computed && !last)
        return;
    checkup->computed = hg_arithmetic_look(trainer, &checkup->arithmetic, NULL) == HG_OK;
}

static void look(struct hg_trainer *trainer, bool last)
{
    struct hg__checkup *checkup = trainer->checkup;
    struct hg_symptoms symptoms;

    if (trainer->progress.step < checkup->health.step) {
        checkup->before.count = 0; /* started again, or went back */
        checkup->computed = false;
    }
    compute(trainer, last);
    if (hg_health_measure(trainer, &checkup->health, NULL))
        return; /* no memory for a look: another time */
    symptoms = checkup->arithmetic;
    symptoms.trainer = trainer;
    symptoms.health = &checkup->health;
    symptoms.ladder = checkup->has_ladder ? &checkup->ladder : NULL;
    hg_diagnose(&symptoms, &checkup->now);
    for (size_t i = 0; i < checkup->now.count; i++) {
        const struct hg_finding *finding = &checkup->now.finding[i];
        if (worth_a_line(finding) && !known(&checkup->before, finding))
            hg_log_diagnosis(trainer->log, trainer->progress.epoch, hg_finding_name(finding->kind),
                             finding->layer[0] ? finding->layer : NULL, finding->value,
                             finding->advice);
    }
    checkup->before = checkup->now;
}

void hg__checkup_look(struct hg_trainer *trainer)
{
    struct hg__checkup *checkup = trainer->checkup;
    double begin, cost, steps;

    if (!checkup)
        return;
    begin = hg__now();
    if (begin - (checkup->looked_at > 0 ? checkup->looked_at : trainer->started) < pause)
        return;
    steps = (double)trainer->experiment->dataset->training / (double)hg__trainer_batch(trainer);
    cost = checkup->longest > 0 ? checkup->longest
                                : steps_of_a_look * trainer->epoch_seconds / steps;
    if (checkup->spent + cost > share * (begin - trainer->started))
        return;
    if (!checkup->computed) {
        compute(trainer, false);
        checkup->spent += hg__now() - begin;
        begin = hg__now(); /* once only: says nothing of what the next look costs */
    }
    look(trainer, false);
    checkup->looked_at = hg__now();
    cost = checkup->looked_at - begin;
    checkup->spent += cost;
    checkup->longest = cost > checkup->longest ? cost : checkup->longest;
}

void hg__checkup_last(struct hg_trainer *trainer)
{
    if (trainer->checkup)
        look(trainer, true);
}
