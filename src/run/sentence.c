#include "run/sentence.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where a curve stands on the ladder, counted downwards: above the mean floor,
 * on it, below it, on PCA-1, below PCA-1, ... */
enum { RUNG_UNKNOWN, RUNG_ABOVE_MEAN, RUNG_ON_MEAN, RUNG_BELOW_MEAN };

/* On a rung: within 3 % of it; one that stood there leaves it at 4.5 %. */
static const double near_enough = 0.03, still_near = 0.045;

enum pace { PACE_UNKNOWN, PACE_FALLING, PACE_SLOW, PACE_FLAT, PACE_RISING };

static double floor_of(const struct hg_ladder *ladder, size_t rung)
{
    return rung == 0 ? ladder->mean : ladder->pca[rung - 1];
}

/* RUNG_ON_MEAN + 2 r = on floor r (0 = mean), one more = below it. */
static int find_rung(const struct hg_snapshot *snapshot, int before)
{
    const struct hg_ladder *ladder = &snapshot->ladder;
    double loss = snapshot->running;
    int rung = RUNG_ABOVE_MEAN;

    if (isnan(loss) || !(ladder->mean > 0))
        return RUNG_UNKNOWN;
    for (size_t r = 0; r <= ladder->rungs; r++) {
        double floor = floor_of(ladder, r);
        int on = RUNG_ON_MEAN + 2 * (int)r;
        double width = before == on ? still_near : near_enough;
        if (!(floor > 1e-12 * ladder->mean))
            break;
        if (fabs(loss / floor - 1) <= width)
            return on;
        if (loss < floor)
            rung = on + 1;
    }
    return rung;
}

/* The relative fall of the loss in an epoch, NaN before two windows are full. */
static double fall_per_epoch(const struct hg_snapshot *snapshot)
{
    uint64_t window = snapshot->epoch_steps, step = snapshot->step;
    double last, previous;

    if (window < step / 10)
        window = step / 10;
    if (window < 20)
        window = 20;
    if (step < 2 * window || snapshot->epoch_steps == 0)
        return NAN;
    last = hg_series_mean(snapshot->series, step - window, step);
    previous = hg_series_mean(snapshot->series, step - 2 * window, step - window);
    return (previous - last) / previous * (double)snapshot->epoch_steps / (double)window;
}

static enum pace find_pace(double fall, int before)
{
    double flat = before == PACE_FLAT ? 4e-4 : 2e-4;

    if (isnan(fall))
        return PACE_UNKNOWN;
    if (fall > (before == PACE_FALLING ? 0.004 : 0.006))
        return PACE_FALLING;
    if (fall > flat)
        return PACE_SLOW;
    return fall < -0.01 ? PACE_RISING : PACE_FLAT;
}

HG_PRINTF(3, 4)
static void say(struct hg_snapshot *snapshot, enum hg_tone tone, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(snapshot->sentence, sizeof snapshot->sentence, format, arguments);
    va_end(arguments);
    snapshot->sentence_tone = tone;
    snprintf(snapshot->sentence_short, sizeof snapshot->sentence_short, "%.*s",
             (int)sizeof snapshot->sentence_short - 1, snapshot->sentence);
}

/* The short form is the long one's first sentence. */
static void add_pace(struct hg_snapshot *snapshot, const char *words)
{
    size_t length = strlen(snapshot->sentence);

    snprintf(snapshot->sentence + length, sizeof snapshot->sentence - length, "  %s", words);
}

static void say_state(struct hg_snapshot *snapshot)
{
    unsigned long long epochs = (unsigned long long)snapshot->epoch;

    switch (snapshot->state) {
    case HG_STATE_LOADING:
        say(snapshot, HG_TONE_PLAIN, "Reading the data ...");
        break;
    case HG_STATE_FAILED:
        say(snapshot, HG_TONE_BAD, "%.200s", snapshot->message);
        break;
    case HG_STATE_DIVERGED:
        say(snapshot, HG_TONE_BAD,
            "Diverged: the loss is not finite.  The last good weights are "
            "kept; lower the rate and press r.");
        snprintf(snapshot->sentence_short, sizeof snapshot->sentence_short,
                 "Diverged: lower the rate, then r.");
        break;
    case HG_STATE_FINISHED:
        say(snapshot, HG_TONE_GOOD,
            "Finished after %llu epoch%s.  space goes on, w saves, r "
            "starts again.",
            epochs, epochs == 1 ? "" : "s");
        snprintf(snapshot->sentence_short, sizeof snapshot->sentence_short,
                 "Finished after %llu epoch%s.", epochs, epochs == 1 ? "" : "s");
        break;
    default:
        say(snapshot, HG_TONE_PLAIN, "Nothing is trained yet: space runs, s makes one step.");
        break;
    }
}

static void say_rung(struct hg_snapshot *snapshot, int rung)
{
    int floor = (rung - RUNG_ON_MEAN) / 2, codes = (int)snapshot->codes;
    bool on = (rung - RUNG_ON_MEAN) % 2 == 0;

    if (rung == RUNG_UNKNOWN)
        say(snapshot, HG_TONE_PLAIN, "Training; the floors to compare with are being measured.");
    else if (rung == RUNG_ABOVE_MEAN)
        say(snapshot, HG_TONE_WARN,
            "Above the mean floor: worse than drawing the average of all "
            "inputs.");
    else if (floor == 0 && on)
        say(snapshot, HG_TONE_WARN,
            "On the mean rung: every output is the average of the inputs; "
            "the code is not used.");
    else if (floor == 0)
        say(snapshot, HG_TONE_PLAIN, "Below the mean: the code begins to tell the inputs apart.");
    else if (on && floor < codes)
        say(snapshot, HG_TONE_PLAIN, "On PCA-%d: it uses the code like %d linear value%s of %d.",
            floor, floor, floor == 1 ? "" : "s", codes);
    else if (on)
        say(snapshot, HG_TONE_PLAIN, "On PCA-%d: a linear code of %d can do no better.", floor,
            floor);
    else if (floor < codes)
        say(snapshot, HG_TONE_PLAIN, "Below PCA-%d: on its way to PCA-%d.", floor, floor + 1);
    else
        say(snapshot, HG_TONE_GOOD,
            "Below PCA-%d: it has learned what a linear code of %d "
            "cannot.",
            floor, codes);
}

/* Validation that has risen well above its best while training fell. */
static bool memorises(const struct hg_snapshot *snapshot)
{
    double best = INFINITY;

    if (isnan(snapshot->validation) || snapshot->epochs < 10)
        return false;
    for (size_t i = 0; i < snapshot->epochs; i++)
        if (snapshot->history[i].validation < best)
            best = snapshot->history[i].validation;
    return snapshot->validation > 1.1 * best && snapshot->train < 0.9 * snapshot->validation;
}

static void say_pace(struct hg_snapshot *snapshot, const struct hg__sentence *now, double fall)
{
    static const double steps[] = {0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005};
    unsigned long long epochs = (unsigned long long)(snapshot->epoch - now->since_epoch);
    double shown = 0.005;
    char words[96];

    if (snapshot->state == HG_STATE_PAUSED) {
        add_pace(snapshot, "Paused: space goes on.");
        return;
    }
    for (size_t i = sizeof steps / sizeof *steps; i-- > 0;)
        if (fall >= steps[i] * 0.85)
            shown = steps[i];
    if (now->pace == PACE_FALLING)
        snprintf(words, sizeof words, "Still falling, about %g %% an epoch.", shown * 100);
    else if (now->pace == PACE_SLOW)
        snprintf(words, sizeof words, "Falling slowly.");
    else if (now->pace == PACE_RISING)
        snprintf(words, sizeof words, "Rising: the learning rate may be too high.");
    else if (now->pace == PACE_FLAT && epochs >= 10)
        snprintf(words, sizeof words, "Flat for more than %g epochs.",
                 pow(10, floor(log10((double)epochs))));
    else
        return;
    add_pace(snapshot, words);
}

void hg__sentence_write(struct hg__sentence *before, struct hg_snapshot *snapshot)
{
    double fall;
    int rung;

    if ((snapshot->state != HG_STATE_RUNNING && snapshot->state != HG_STATE_PAUSED) ||
        snapshot->step == 0) {
        say_state(snapshot);
        return;
    }
    rung = find_rung(snapshot, before->rung);
    if (rung != before->rung || snapshot->step < before->since_step) {
        before->rung = rung;
        before->since_step = snapshot->step;
        before->since_epoch = snapshot->epoch;
    }
    fall = fall_per_epoch(snapshot);
    before->pace = (int)find_pace(fall, before->pace);
    if (memorises(snapshot)) {
        say(snapshot, HG_TONE_WARN,
            "Validation no longer falls while training does: it begins to "
            "learn by heart.");
        return;
    }
    say_rung(snapshot, rung);
    say_pace(snapshot, before, fall);
}
