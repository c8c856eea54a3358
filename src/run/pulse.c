#include "run/pulse.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

/* Of this thread's time: while nobody looks; while the view is shown. At the beginning so
 * many seconds of looks may come at once; not more is ever saved up. */
static const double share = 0.002, share_shown = 0.004, most_credit = 0.02;

/* Seconds between two looks that are shown: numbers that jump cannot be read. */
static const double pause = 0.25;

/* While nobody looks, so much of the way lies between two looks. */
enum { PARTS = 50 };

/* What is kept is spaced evenly on a logarithmic axis up to this part of the way, beyond it
 * on a linear one. */
static const double curved = 0.125;

void hg__pulse_fini(struct hg__pulse *pulse)
{
    hg__free(pulse->value);
    *pulse = (struct hg__pulse){0};
}

void hg__pulse_begin(struct hg__pulse *pulse, const struct hg_trainer *trainer)
{
    if (!pulse->of) {
        pulse->of = trainer;
        pulse->at = trainer->progress.step;
    }
}

void hg__pulse_show(struct hg__pulse *pulse, bool shown)
{
    pulse->wanted = shown && !pulse->shown;
    pulse->shown = shown;
}

void hg__pulse_stale(struct hg__pulse *pulse)
{
    pulse->wanted = pulse->shown;
}

/* ---- the looks that are kept ---- */

static size_t values_of(const struct hg__pulse *pulse)
{
    return pulse->layers * HG_PULSE_KINDS;
}

static float *row_of(const struct hg__pulse *pulse, size_t point)
{
    return pulse->value + point * values_of(pulse);
}

static void remove_point(struct hg__pulse *pulse, size_t point)
{
    size_t after = --pulse->points - point;

    memmove(pulse->step + point, pulse->step + point + 1, after * sizeof pulse->step[0]);
    memmove(row_of(pulse, point), row_of(pulse, point + 1),
            after * values_of(pulse) * sizeof(float));
}

/* Removes the one that is missed least: neither the first nor the last. */
static void thin(struct hg__pulse *pulse)
{
    double floor = 1 + curved * (double)pulse->step[pulse->points - 1], least = INFINITY;
    size_t found = 1;

    for (size_t i = 1; i + 1 < pulse->points; i++) {
        double before = (double)pulse->step[i - 1], after = (double)pulse->step[i + 1];
        double gap = (after - before) / (after + floor);
        if (gap < least) {
            least = gap;
            found = i;
        }
    }
    remove_point(pulse, found);
}

/* Where a look at `step` goes: in its place, or between its neighbours. */
static float *make_point(struct hg__pulse *pulse, uint64_t step)
{
    size_t at = pulse->points, after;

    while (at > 0 && pulse->step[at - 1] > step)
        at--;
    if (at > 0 && pulse->step[at - 1] == step)
        return row_of(pulse, at - 1);
    if (pulse->points == HG_PULSE_POINTS) {
        thin(pulse);
        return make_point(pulse, step);
    }
    after = pulse->points++ - at;
    memmove(pulse->step + at + 1, pulse->step + at, after * sizeof pulse->step[0]);
    memmove(row_of(pulse, at + 1), row_of(pulse, at), after * values_of(pulse) * sizeof(float));
    pulse->step[at] = step;
    return row_of(pulse, at);
}

static void keep(struct hg__pulse *pulse)
{
    float *row = make_point(pulse, pulse->now.step);

    for (size_t i = 0; i < pulse->layers; i++, row += HG_PULSE_KINDS) {
        const struct hg_layer_health *layer = &pulse->now.layer[i];
        row[HG_PULSE_UPDATE] = (float)layer->update;
        row[HG_PULSE_GRADIENT] = (float)layer->gradient;
        row[HG_PULSE_SPREAD] = (float)layer->spread;
        row[HG_PULSE_SATURATED] = (float)layer->saturated;
        row[HG_PULSE_DEAD] = (float)layer->dead;
    }
}

/* ---- the run moves ---- */

void hg__pulse_stepped(struct hg__pulse *pulse, uint64_t step)
{
    pulse->at = step;
    if (!pulse->ahead)
        return;
    while (pulse->points > 0 && pulse->step[pulse->points - 1] > pulse->here)
        pulse->points--;
    pulse->ahead = false;
    pulse->serial++;
}

void hg__pulse_travelled(struct hg__pulse *pulse, uint64_t step)
{
    pulse->here = pulse->at = step;
    pulse->ahead = pulse->points > 0 && pulse->step[pulse->points - 1] > step;
    pulse->wanted = pulse->shown;
    pulse->serial++;
}

void hg__pulse_restarted(struct hg__pulse *pulse, const struct hg_trainer *trainer)
{
    pulse->of = trainer;
    pulse->at = trainer->progress.step;
    pulse->points = 0;
    pulse->ahead = false;
    pulse->wanted = pulse->shown;
    pulse->serial++;
}

/* ---- looking ---- */

bool hg__pulse_due(struct hg__pulse *pulse, uint64_t step, bool idle)
{
    bool moved = pulse->points == 0 || step != pulse->now.step;
    uint64_t last = pulse->points ? pulse->now.step : 0;
    double spent, granted = pulse->shown ? share_shown : share;

    if (pulse->wanted)
        return true;
    if (!moved || (idle && !pulse->shown))
        return false;
    if (!pulse->shown && pulse->points && step > last && step - last < 1 + last / PARTS)
        return false;
    if (pulse->shown && !idle && hg__now() - pulse->looked_at < pause)
        return false;
    spent = hg__spent();
    granted *= pulse->begun ? spent - pulse->granted_at : INFINITY;
    pulse->begun = true;
    pulse->granted_at = spent;
    pulse->credit = fmin(most_credit, pulse->credit + granted);
    return idle || pulse->credit >= 0;
}

static bool make_room(struct hg__pulse *pulse, size_t layers)
{
    if (pulse->value && layers == pulse->layers)
        return true;
    hg__free(pulse->value);
    pulse->points = 0;
    pulse->layers = layers;
    pulse->value = hg__alloc(HG_PULSE_POINTS * (layers ? layers : 1) * HG_PULSE_KINDS,
                             sizeof *pulse->value);
    return pulse->value != NULL;
}

void hg__pulse_look(struct hg__pulse *pulse, struct hg_trainer *trainer)
{
    double begin = hg__spent();

    pulse->wanted = false;
    if (hg_health_measure(trainer, &pulse->now, NULL) == HG_OK &&
        make_room(pulse, pulse->now.layers)) {
        keep(pulse);
        pulse->serial++;
    }
    pulse->looked_at = hg__now();
    pulse->credit -= hg__spent() - begin;
}

enum hg_status hg__pulse_fill(const struct hg__pulse *pulse, uint64_t step, struct hg_pulse *out)
{
    size_t points = pulse->points, values;
    float *value = out->value;

    while (points > 0 && pulse->step[points - 1] > step)
        points--;
    values = points * values_of(pulse);
    if (!pulse->shown || points == 0) {
        out->known = false;
        return HG_OK;
    }
    if (out->known && out->serial == pulse->serial && out->points == points)
        return HG_OK;
    if (values > out->room) {
        out->known = false;
        hg__free(value);
        value = out->value = hg__alloc(HG_PULSE_POINTS * values_of(pulse), sizeof *value);
        out->room = value ? HG_PULSE_POINTS * values_of(pulse) : 0;
        if (!value)
            return HG_NO_MEMORY;
    }
    out->known = true;
    out->serial = pulse->serial;
    out->now = pulse->now;
    out->points = points;
    memcpy(out->step, pulse->step, points * sizeof pulse->step[0]);
    memcpy(value, pulse->value, values * sizeof *value);
    return HG_OK;
}

/* ---- healthy or not ---- */

static double largest_gradient(const struct hg_health *health)
{
    double most = 0;

    for (size_t i = 0; i < health->layers; i++)
        most = fmax(most, health->layer[i].gradient);
    return most;
}

bool hg_pulse_outside(const struct hg_health *health, size_t layer, enum hg_pulse_kind kind)
{
    const double least_update = 1e-5, most_update = 0.1, part = 1e-3, saturated = 0.9, dead = 0.25;
    const struct hg_layer_health *at = &health->layer[layer];

    switch (kind) {
    case HG_PULSE_UPDATE:
        return at->update < least_update || at->update > most_update;
    case HG_PULSE_GRADIENT:
        return at->gradient < part * largest_gradient(health);
    case HG_PULSE_SPREAD:
        return at->spread <= part * at->deviation;
    case HG_PULSE_SATURATED:
        return layer + 1 < health->layers && at->saturated >= saturated;
    default:
        return at->dead >= dead;
    }
}
