/* plot_series.h - losses of steps as a curve wants them. */
#ifndef TUI_PLOT_SERIES_H
#define TUI_PLOT_SERIES_H

#include "hourglass/history.h"

/* The mean loss of the steps in (from, to], parts of steps counted as parts; *at is where the
 * search begins, and moves on. NaN: none is known. */
double ui_series_between(const struct hg_series *series, double from, double to, size_t *at);

#endif
