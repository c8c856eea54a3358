#include "run/visit.h"

#include "run/trainer_state.h"

#include <math.h>

/* While training runs: seconds between two looks at least, and the share of the time that all
 * of them may take. */
static const double pause = 2, share = 0.01;

void hg__visit_wish(struct hg__visit *visit, bool open)
{
    visit->wanted = open;
    visit->wished = open;
    visit->computed = UINT64_MAX;
    if (!open)
        visit->facts.known = false;
}

void hg__visit_stale(struct hg__visit *visit)
{
    visit->wanted = visit->wished;
}

bool hg__visit_due(const struct hg__visit *visit, const struct hg_trainer *trainer,
                   const struct hg_ladder *ladder, bool idle)
{
    bool moved = trainer->progress.step != visit->facts.health.step;
    double wait = fmax(pause, visit->cost / share);

    if (!visit->wished)
        return false;
    if (visit->wanted || !visit->facts.known)
        return true;
    if (idle)
        return moved || (ladder && !visit->floors);
    return moved && hg__now() - visit->looked_at >= wait;
}

/* Once while the page is open, and again for another optimizer or a run that began anew. */
static void compute(struct hg__visit *visit, struct hg_trainer *trainer)
{
    uint64_t step = trainer->progress.step;
    int optimizer = trainer->experiment->spec.train.optimizer;

    if (visit->computed != UINT64_MAX && step > visit->computed && optimizer == visit->optimizer)
        return;
    visit->arithmetic.gradient_ratio = NAN;
    (void)hg_arithmetic_look(trainer, &visit->arithmetic, NULL); /* no memory: nothing is known */
    visit->computed = step;
    visit->optimizer = optimizer;
}

void hg__visit_look(struct hg__visit *visit, struct hg_trainer *trainer,
                    const struct hg_ladder *ladder)
{
    struct hg_visit *facts = &visit->facts;
    struct hg_symptoms symptoms;
    double begin, cost;

    compute(visit, trainer);
    symptoms = visit->arithmetic;
    symptoms.trainer = trainer;
    symptoms.health = &facts->health;
    symptoms.ladder = ladder;
    begin = hg__now();
    visit->wanted = false;
    visit->floors = ladder != NULL;
    if (hg_health_measure(trainer, &facts->health, NULL) == HG_OK) {
        hg_diagnose(&symptoms, &facts->diagnosis);
        facts->serial++;
        facts->known = true;
    }
    visit->looked_at = hg__now();
    cost = visit->looked_at - begin;
    /* The least there was: what others do on a busy machine is no cost of a look. */
    visit->cost = visit->cost > 0 ? fmin(visit->cost, cost) : cost;
}

void hg__visit_fill(const struct hg__visit *visit, struct hg_visit *out)
{
    const struct hg_visit *facts = &visit->facts;

    if (!facts->known)
        out->known = false;
    else if (!out->known || out->serial != facts->serial)
        *out = *facts;
}
