/* What a watcher sees of the run that is not shown, and which of the two leads. */
#include "run/fork.h"

#include "base/mem.h"
#include "run/session_state.h"
#include "run/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW = 100 }; /* steps that a training loss is the mean of */

static const struct hg_epoch *epoch_of(const struct hg_history *history, uint64_t epoch)
{
    for (size_t i = history->count; i-- > 0 && history->epochs[i].epoch >= epoch;)
        if (history->epochs[i].epoch == epoch)
            return &history->epochs[i];
    return NULL;
}

/* Both after the last epoch that both have: validation. */
static bool compare_epochs(const struct hg_trainer *run, const struct hg_trainer *copy,
                           uint64_t since, struct hg_rival *rival)
{
    for (size_t i = run->history.count; i-- > 0;) {
        const struct hg_epoch *a = &run->history.epochs[i];
        const struct hg_epoch *b = epoch_of(&copy->history, a->epoch);
        if (a->epoch <= since || isnan(a->validation))
            return false;
        if (!b || isnan(b->validation))
            continue;
        rival->validation = true;
        rival->at = a->epoch;
        rival->run = a->validation;
        rival->copied = b->validation;
        return true;
    }
    return false;
}

/* Both over the same steps: the newest that both have made. */
static void compare_steps(const struct hg_trainer *run, const struct hg_trainer *copy,
                          uint64_t since, struct hg_rival *rival)
{
    uint64_t at = run->progress.step < copy->progress.step ? run->progress.step
                                                           : copy->progress.step;
    uint64_t first = at > since + WINDOW ? at - WINDOW : since;

    if (at <= since)
        return;
    rival->run = hg_series_mean(run->series, first, at);
    rival->copied = hg_series_mean(copy->series, first, at);
    if (!isnan(rival->run) && !isnan(rival->copied))
        rival->at = at;
}

/* Copied when it has grown; without memory for it there is none. */
static void fill_series(const struct hg__fork *fork, struct hg_rival *rival)
{
    const struct hg_series *series = fork->other->series;

    if (!rival->series)
        rival->series = hg__alloc(1, sizeof *rival->series);
    else if (rival->serial == fork->serial && rival->step == fork->other->progress.step)
        return;
    rival->serial = fork->serial;
    if (!rival->series)
        return;
    rival->series->count = series->count;
    memcpy(rival->series->points, series->points, series->count * sizeof series->points[0]);
}

void hg__fork_fill(struct hg_session *session, struct hg_rival *rival)
{
    const struct hg__fork *fork = &session->fork;
    const struct hg_trainer *other = fork->other;
    const struct hg_trainer *run = fork->copy ? other : session->trainer;
    const struct hg_trainer *copy = fork->copy ? session->trainer : other;
    struct hg_series *series;

    if (!other) {
        series = rival->series;
        *rival = (struct hg_rival){.series = series};
        return;
    }
    fill_series(fork, rival);
    rival->racing = true;
    rival->copy = fork->copy;
    rival->from = fork->step;
    snprintf(rival->change, sizeof rival->change, "%s", fork->change);
    rival->step = other->progress.step;
    rival->end = other->end;
    rival->unsaved = hg_trainer_unsaved(other);
    rival->validation = false;
    rival->at = 0;
    rival->run = rival->copied = NAN;
    if (!compare_epochs(run, copy, fork->epoch, rival))
        compare_steps(run, copy, fork->step, rival);
}
