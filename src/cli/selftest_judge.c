#include "cli/progress.h"
#include "cli/selftest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIGURE_MOST = 512, TOLD_WIDTH = 78 };

static const double EVERY = 0.1;

/* ---- lines ---- */

void cli_judge(struct cli_selftest *self, bool ok, const char *pass, const char *format, ...)
{
    char figure[FIGURE_MOST];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(figure, sizeof figure, format, arguments);
    va_end(arguments);
    cli_selftest_hush(self);
    printf("%s %s: %s (%s)\n", ok ? "ok" : "FAIL", self->system, figure, pass);
    fflush(stdout);
    self->lines++;
    self->wrong += !ok;
}

int cli_judge_status(const struct cli_selftest *self)
{
    return self->lines == 0 || self->wrong > 0;
}

/* ---- numbers ---- */

bool cli_near(double value, double wanted, double relative)
{
    return fabs(value - wanted) <= relative * fabs(wanted);
}

static int by_size(const void *left, const void *right)
{
    double one = *(const double *)left, other = *(const double *)right;

    return (one > other) - (one < other);
}

double cli_median(const double *values, size_t count)
{
    double sorted[CLI_SEEDS];

    if (count == 0 || count > CLI_SEEDS || isnan(cli_largest(values, count)))
        return NAN;
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_size);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

size_t cli_below(const double *values, size_t count, double bound)
{
    size_t below = 0;

    for (size_t i = 0; i < count; i++)
        below += values[i] < bound;
    return below;
}

size_t cli_above(const double *values, size_t count, double bound)
{
    size_t above = 0;

    for (size_t i = 0; i < count; i++)
        above += values[i] > bound;
    return above;
}

double cli_largest(const double *values, size_t count)
{
    double largest = -INFINITY;

    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            return NAN;
        largest = fmax(largest, values[i]);
    }
    return largest;
}

double cli_smallest(const double *values, size_t count)
{
    double smallest = INFINITY;

    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            return NAN;
        smallest = fmin(smallest, values[i]);
    }
    return smallest;
}

/* ---- what is running ---- */

void cli_selftest_tell(struct cli_selftest *self, const char *format, ...)
{
    char text[TOLD_WIDTH + 1];
    va_list arguments;
    double now;

    if (!self->talk)
        return;
    now = cli_now();
    if (self->drawn && now - self->told < EVERY)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\r%-*s", TOLD_WIDTH, text);
    fflush(stderr);
    self->drawn = true;
    self->told = now;
}

void cli_selftest_hush(struct cli_selftest *self)
{
    if (!self->drawn)
        return;
    fprintf(stderr, "\r%*s\r", TOLD_WIDTH, "");
    fflush(stderr);
    self->drawn = false;
}
