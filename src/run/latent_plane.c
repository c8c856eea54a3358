#include "run/latent_parts.h"

#include <math.h>

/* Bounds are left when the points fill less than this of them. */
static const double least_filled = 0.7;

/* 1, 2 or 5 times a power of ten: the least that is not below `least`. */
static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));

    if (least <= power)
        return power;
    if (least <= 2 * power)
        return 2 * power;
    return least <= 5 * power ? 5 * power : 10 * power;
}

void hg__latent_bounds(double low, double high, bool held, float *from, float *to)
{
    double span = high - low, reach = fmax(fabs(low), fabs(high)), step, margin;

    if (held && low >= (double)*from && high <= (double)*to &&
        span >= least_filled * ((double)*to - (double)*from))
        return;
    if (!(span > 1e-6 * reach) || !(span > 1e-30)) { /* a point: room around it */
        double around = reach > 1e-30 ? reach : 1;
        low -= around;
        high += around;
        if (held && low + around >= (double)*from && high - around <= (double)*to)
            return; /* that has no width to fill them with */
        span = high - low;
    }
    /* What grows will grow on: some room for it, or the bounds would never rest. */
    margin = span * (held ? 0.06 : 0.02);
    step = round_step(span / 16);
    *from = (float)(floor((low - margin) / step) * step);
    *to = (float)(ceil((high + margin) / step) * step);
}

/* Standard deviations that slider `a` reaches: all points, and three at least. */
static void reach_of(struct hg__latent *latent, size_t a, size_t count)
{
    const struct hg__latent_axes *axes = &latent->axes;
    struct hg_latent *facts = &latent->facts;
    double most = 0, need, held = (double)facts->high[a];

    for (size_t s = 0; s < count; s++)
        most = fmax(most, fabs(axes->score[s * axes->count + a]));
    need = axes->deviation[a] > 0 ? ceil(most / axes->deviation[a]) : 3;
    need = fmin(fmax(need, 3), 30);
    if (!facts->known || need > held || need < held - 1)
        facts->high[a] = (float)need;
    facts->low[a] = -facts->high[a];
}

static void set_sliders(struct hg__latent *latent, size_t count)
{
    const struct hg__latent_axes *axes = &latent->axes;
    struct hg_latent *facts = &latent->facts;

    for (size_t a = 0; a < axes->count; a++) {
        double share = axes->total > 0 ? axes->variance[a] / axes->total : 0;
        facts->share[a] = (float)fmin(share, 1);
        if (!axes->fixed)
            reach_of(latent, a, count);
    }
    if (!axes->fixed)
        return;
    facts->low[0] = facts->left;
    facts->high[0] = facts->right;
    if (axes->count > 1) {
        facts->low[1] = facts->bottom;
        facts->high[1] = facts->top;
    }
}

static void set_bounds(struct hg_latent *facts, size_t codes)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};

    for (size_t i = 0; i < facts->points; i++) {
        low[0] = fmin(low[0], (double)facts->point[i].x);
        high[0] = fmax(high[0], (double)facts->point[i].x);
        low[1] = fmin(low[1], (double)facts->point[i].y);
        high[1] = fmax(high[1], (double)facts->point[i].y);
    }
    if (facts->gaussian && !facts->projected) /* where random codes come from */
        for (int i = 0; i < 2; i++) {
            low[i] = fmin(low[i], -3);
            high[i] = fmax(high[i], 3);
        }
    hg__latent_bounds(low[0], high[0], facts->known, &facts->left, &facts->right);
    if (codes == 1) {
        facts->bottom = -1;
        facts->top = 1;
        return;
    }
    hg__latent_bounds(low[1], high[1], facts->known, &facts->bottom, &facts->top);
}

bool hg__latent_frame(struct hg__latent *latent, const struct hg_dataset *dataset,
                      const struct hg__latent_cloud *cloud)
{
    struct hg__latent_axes *axes = &latent->axes;
    struct hg_latent *facts = &latent->facts;
    size_t count = cloud->count < axes->room ? cloud->count : axes->room;

    if (!hg__latent_axes_follow(axes, cloud->codes, count, facts->point, facts->points))
        return false;
    facts->points = count;
    for (size_t s = 0; s < count; s++) {
        const double *score = axes->score + s * axes->count;
        facts->point[s] = (struct hg_latent_point){
            .sample = cloud->sample[s],
            .label = dataset->labels ? dataset->labels[cloud->sample[s]] : -1,
            .x = (float)score[0],
            .y = axes->count > 1 ? (float)score[1] : 0};
    }
    set_bounds(facts, axes->codes);
    set_sliders(latent, count);
    facts->known = true;
    facts->serial++;
    return true;
}
