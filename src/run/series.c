#include "hourglass/history.h"

#include <math.h>
#include <string.h>

/* A bucket that begins at step s holds s / 320 steps, one at least: each step is
 * alone up to step 639, and a bucket never covers more than 0.3 % of the way. So
 * 10^12 steps take 640 + 320 ln(10^12 / 640) buckets, which is below
 * HG_SERIES_MOST; from there on the last bucket grows. */
enum { PARTS = 320 };

static uint64_t width(uint64_t first)
{
    return first < PARTS ? 1 : first / PARTS;
}

void hg_series_clear(struct hg_series *series)
{
    series->count = 0;
}

void hg_series_add(struct hg_series *series, uint64_t step, double loss)
{
    struct hg_series_point *last = series->count ? &series->points[series->count - 1] : NULL;

    if (!isfinite(loss) || (last && step <= last->last))
        return;
    if (last && step == last->last + 1 &&
        (step - last->first < width(last->first) || series->count == HG_SERIES_MOST)) {
        last->last = step;
        last->mean += (loss - last->mean) / (double)(step - last->first + 1);
        return;
    }
    if (series->count == HG_SERIES_MOST) { /* a gap, and no room: the mean goes on from here */
        *last = (struct hg_series_point){step, step, loss};
        return;
    }
    series->points[series->count++] = (struct hg_series_point){step, step, loss};
}

double hg_series_mean(const struct hg_series *series, uint64_t first, uint64_t last)
{
    double sum = 0, weight = 0;

    for (size_t i = series->count; i-- > 0;) {
        const struct hg_series_point *point = &series->points[i];
        double steps = (double)(point->last - point->first + 1);
        if (point->first > last)
            continue;
        if (point->last <= first)
            break;
        sum += steps * point->mean;
        weight += steps;
    }
    return weight > 0 ? sum / weight : NAN;
}
