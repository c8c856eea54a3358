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

void hg__visit_look(struct hg__visit *visit, struct hg_trainer *trainer,
                    const struct hg_ladder *ladder)
{
    struct hg_visit *facts = &visit->facts;
    struct hg_symptoms symptoms = {
        .trainer = trainer, .health = &facts->health, .ladder = ladder, .gradient_ratio = NAN};
    double begin = hg__now(), cost;

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
