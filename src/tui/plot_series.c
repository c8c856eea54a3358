#include "tui/plot_series.h"

#include <math.h>

double ui_series_between(const struct hg_series *series, double from, double to, size_t *at)
{
    double sum = 0, weight = 0;

    while (*at < series->count && (double)series->points[*at].last <= from) {
        (*at)++;
    }
    for (size_t i = *at; i < series->count; i++) {
        const struct hg_series_point *point = &series->points[i];
        double first = (double)point->first - 1, last = (double)point->last;
        double part = fmin(last, to) - fmax(first, from);
        if (first >= to) {
            break;
        }
        if (part > 0 && isfinite(point->mean)) {
            sum += part * point->mean;
            weight += part;
        }
    }
    return weight > 0 ? sum / weight : NAN;
}
