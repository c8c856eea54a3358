#include "tui/term_pace.h"

#include <math.h>

/* Seconds of budget that can be saved up, and that can be owed: a key held down
 * must not stop the picture for good. */
static const double saved = 0.25, owed = 4;
/* Share of the budget that repays a loan; seconds of budget that can be lent. */
static const double repaid = 0.6, lent = 30;

void ui_pace_init(struct ui_pace *pace, double budget, double now)
{
    pace->budget = budget;
    pace->tokens = pace->loan = 0;
    pace->time = now;
}

static void refill(struct ui_pace *pace, double now)
{
    double passed = now - pace->time, back;

    if (passed > 0) {
        back = fmin(pace->loan, repaid * passed * pace->budget);
        pace->loan -= back;
        pace->tokens = fmin(pace->tokens + passed * pace->budget - back, saved * pace->budget);
    }
    pace->time = now;
}

void ui_pace_set(struct ui_pace *pace, double budget, double now)
{
    refill(pace, now);
    pace->budget = budget;
    if (budget <= 0) {
        pace->tokens = pace->loan = 0;
    }
}

double ui_pace_wait(struct ui_pace *pace, double now)
{
    double rate;

    if (pace->budget <= 0) {
        return 0;
    }
    refill(pace, now);
    rate = pace->loan > 0 ? (1 - repaid) * pace->budget : pace->budget;
    return pace->tokens >= 0 ? 0 : -pace->tokens / rate;
}

void ui_pace_spend(struct ui_pace *pace, size_t bytes, double now)
{
    if (pace->budget <= 0) {
        return;
    }
    refill(pace, now);
    pace->tokens = fmax(pace->tokens - (double)bytes, -owed * pace->budget);
}

void ui_pace_lend(struct ui_pace *pace, size_t bytes, double now)
{
    if (pace->budget > 0) {
        refill(pace, now);
        pace->loan = fmin(pace->loan + (double)bytes, lent * pace->budget);
        pace->tokens = fmin(pace->tokens, -saved * pace->budget);
    }
}

void ui_pace_forgive(struct ui_pace *pace)
{
    pace->loan = fmin(pace->loan, owed * pace->budget);
}

bool ui_pace_owes(struct ui_pace *pace, double now)
{
    refill(pace, now);
    return pace->loan > 0;
}

double ui_pace_auto(int rows, int columns)
{
    /* A little below the promise: numbers and keys come on top. */
    static const double small = 3800, large = 11400, small_cells = 80 * 24, large_cells = 200 * 50;
    double share = ((double)rows * columns - small_cells) / (large_cells - small_cells);

    return small + (large - small) * fmin(fmax(share, 0), 1);
}
