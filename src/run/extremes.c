#include "run/extremes.h"

#include "base/mem.h"
#include "run/shrink.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 32, MOST = 4096, FEWEST = 96 };

/* Of this thread's time; a round shall not take longer than `round_seconds`, so that of large networks
 * fewer samples are looked at. */
static const double share = 0.0025, round_seconds = 8, most_credit = 0.02;

/* Seconds that the first round may take at once, and between two lists: what jumps cannot be seen. */
static const double at_once = 0.1, pause = 1;

/* Seconds between two looks at the clocks, while training runs. */
static const double between = 0.02;

static void forget(struct hg__extremes *extremes)
{
    hg__free(extremes->loss);
    hg__free(extremes->pictures);
    hg__free(extremes->output);
    extremes->loss = NULL;
    extremes->pictures = extremes->output = NULL;
    extremes->next = extremes->looked = 0;
    extremes->fresh = false;
    extremes->facts.known = false;
}

void hg__extremes_fini(struct hg__extremes *extremes)
{
    forget(extremes);
}

void hg__extremes_show(struct hg__extremes *extremes, bool shown)
{
    if (shown != extremes->shown)
        forget(extremes);
    extremes->shown = shown;
}

void hg__extremes_stale(struct hg__extremes *extremes)
{
    forget(extremes);
}

/* ---- looking in turn ---- */

/* What is drawn of a sample: all three channels, or the first. */
static struct hg_shape drawn_of(const struct hg_dataset *dataset)
{
    struct hg_shape shape = dataset->shape;

    shape.channels = shape.channels == 3 ? 3 : 1;
    return shape;
}

/* What is no image has no picture. */
static struct hg_shape picture_of(const struct hg_dataset *dataset)
{
    struct hg_shape shape = drawn_of(dataset);

    if (!dataset->image)
        return (struct hg_shape){0, 0, 0};
    return hg__shrink_shape(shape, hg__shrink_factor(shape, HG_EXTREME_SIDE));
}

static bool make_room(struct hg__extremes *extremes, const struct hg_dataset *dataset)
{
    struct hg_extremes *facts = &extremes->facts;

    if (extremes->loss)
        return true;
    extremes->among = dataset->samples < MOST ? dataset->samples : MOST;
    facts->picture = picture_of(dataset);
    extremes->loss = hg__alloc(extremes->among, sizeof *extremes->loss);
    extremes->output = hg__alloc_aligned(dataset->features, sizeof *extremes->output);
    extremes->pictures = hg__alloc(4 * HG_EXTREMES * (hg_shape_size(facts->picture) + 1),
                                   sizeof *extremes->pictures);
    if (extremes->loss && extremes->output && extremes->pictures)
        return true;
    forget(extremes);
    return false;
}

static void look_at_next(struct hg__extremes *extremes, struct hg_trainer *trainer,
                         const uint32_t *order)
{
    const struct hg_experiment *experiment = trainer->experiment;
    size_t left = extremes->among - extremes->next, count = left < CHUNK ? left : CHUNK;

    if (extremes->next == 0)
        extremes->step = trainer->progress.step;
    hg_model_evaluate(experiment->model, experiment->dataset->values, order + extremes->next, count,
                      extremes->loss + extremes->next);
    extremes->next += count;
    if (extremes->looked < extremes->next)
        extremes->looked = extremes->next;
}

/* The first of all, timed: how many can be kept up to date? */
static void look_at_first(struct hg__extremes *extremes, struct hg_trainer *trainer,
                          const uint32_t *order)
{
    double begin, seconds, most;

    look_at_next(extremes, trainer, order);
    if (extremes->next == extremes->among)
        return;
    begin = hg__spent();
    look_at_next(extremes, trainer, order);
    seconds = (hg__spent() - begin) / CHUNK;
    most = share * round_seconds / seconds;
    if (most < (double)extremes->among)
        extremes->among = most > FEWEST              ? (size_t)most
                          : extremes->among < FEWEST ? extremes->among
                                                     : FEWEST;
    if (extremes->next > extremes->among)
        extremes->next = extremes->among;
}

/* ---- the ends of the list ---- */

/* `rank` holds the first `count` of those seen so far, by `sign` times loss, greatest first. */
static void insert(uint32_t *rank, size_t *count, size_t most, const double *loss, uint32_t one,
                   double sign)
{
    size_t at = *count;

    while (at > 0 && sign * loss[one] > sign * loss[rank[at - 1]])
        at--;
    if (at == most)
        return;
    if (*count < most)
        ++*count;
    memmove(rank + at + 1, rank + at, (*count - 1 - at) * sizeof *rank);
    rank[at] = one;
}

static size_t choose(const struct hg__extremes *extremes, size_t most, double sign, uint32_t *rank)
{
    size_t count = 0;

    for (size_t i = 0; i < extremes->among; i++)
        if (!isnan(extremes->loss[i]))
            insert(rank, &count, most, extremes->loss, (uint32_t)i, sign);
    return count;
}

static void draw_pictures(struct hg__extremes *extremes, struct hg_trainer *trainer,
                          uint32_t sample, float *to)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    const float *row = dataset->values + (size_t)sample * dataset->features;
    struct hg_shape shape = drawn_of(dataset);
    int factor = hg__shrink_factor(shape, HG_EXTREME_SIDE);

    if (!dataset->image)
        return;
    hg_model_reconstruct(trainer->experiment->model, row, 1, extremes->output, NULL);
    hg__shrink(row, shape, factor, to);
    hg__shrink(extremes->output, shape, factor, to + hg_shape_size(extremes->facts.picture));
}

/* Losses of a round are of many steps: those of the list are computed again. */
static void list(struct hg__extremes *extremes, struct hg_trainer *trainer, const uint32_t *order,
                 bool worst)
{
    const struct hg_experiment *experiment = trainer->experiment;
    const struct hg_dataset *dataset = experiment->dataset;
    struct hg_extremes *facts = &extremes->facts;
    struct hg_extreme *to = worst ? facts->worst : facts->best;
    size_t each = 2 * hg_shape_size(facts->picture), count = 0;
    uint32_t rank[HG_EXTREMES], sample[HG_EXTREMES], again[HG_EXTREMES];
    double loss[HG_EXTREMES], sign = worst ? 1 : -1;

    facts->count = choose(extremes, facts->count, sign, rank);
    for (size_t i = 0; i < facts->count; i++)
        sample[i] = order[rank[i]];
    hg_model_evaluate(experiment->model, dataset->values, sample, facts->count, loss);
    for (uint32_t i = 0; i < facts->count; i++)
        insert(again, &count, facts->count, loss, i, sign);
    for (size_t i = 0; i < count; i++) {
        uint32_t one = sample[again[i]];
        to[i] = (struct hg_extreme){.sample = one,
                                    .label = dataset->labels ? dataset->labels[one] : -1,
                                    .held_out = hg_dataset_held_out(dataset, one),
                                    .loss = loss[again[i]]};
        draw_pictures(extremes, trainer, one,
                      extremes->pictures + ((worst ? 0 : facts->count) + i) * each);
    }
}

static void rank(struct hg__extremes *extremes, struct hg_trainer *trainer, const uint32_t *order)
{
    struct hg_extremes *facts = &extremes->facts;
    size_t known = 0, most;

    for (size_t i = 0; i < extremes->among; i++)
        known += isnan(extremes->loss[i]) ? 0 : 1;
    most = known / 2 ? known / 2 : known; /* a sample is not in both */
    facts->count = most < HG_EXTREMES ? most : HG_EXTREMES;
    if (facts->count) {
        list(extremes, trainer, order, true);
        list(extremes, trainer, order, false);
    }
    facts->looked = facts->among = extremes->among;
    facts->known = true;
    facts->serial++;
    extremes->next = 0;
    extremes->fresh = extremes->step == trainer->progress.step;
}

/* A round within the credit; done, the list. */
static void look(struct hg__extremes *extremes, struct hg_trainer *trainer, const uint32_t *order,
                 bool idle)
{
    double begin = hg__spent(), now = hg__now(), most;
    bool first = !extremes->loss;

    extremes->credit += share * (begin - extremes->granted_at);
    extremes->credit = idle ? most_credit : fmin(most_credit, extremes->credit);
    extremes->granted_at = begin;
    if (!make_room(extremes, trainer->experiment->dataset))
        return;
    if (first)
        look_at_first(extremes, trainer, order);
    most = first ? at_once : extremes->credit;
    while (extremes->next < extremes->among && hg__spent() - begin < most)
        look_at_next(extremes, trainer, order);
    if (extremes->next == extremes->among &&
        (idle || !extremes->facts.known || now - extremes->ranked_at >= pause)) {
        rank(extremes, trainer, order);
        extremes->ranked_at = now;
    }
    extremes->credit -= hg__spent() - begin;
}

bool hg__extremes_probe(struct hg__extremes *extremes, struct hg_trainer *trainer,
                        const uint32_t *order, bool idle)
{
    double now;

    if (!extremes->shown)
        return true;
    now = hg__now();
    extremes->fresh &= extremes->step == trainer->progress.step;
    if (!extremes->fresh && (idle || now - extremes->probed_at >= between)) {
        look(extremes, trainer, order, idle);
        extremes->probed_at = now;
    }
    return extremes->fresh || !extremes->loss; /* no memory: nothing will come */
}

enum hg_status hg__extremes_fill(const struct hg__extremes *extremes, struct hg_extremes *out)
{
    const struct hg_extremes *facts = &extremes->facts;
    size_t size = 4 * facts->count * hg_shape_size(facts->picture), room = out->room;
    float *values = out->values;

    if (!extremes->shown || !facts->known) {
        out->known = false;
        out->looked = extremes->looked;
        out->among = extremes->among;
        return HG_OK;
    }
    if (out->known && out->serial == facts->serial)
        return HG_OK;
    if (size > room) {
        out->known = false;
        hg__free(values);
        values = out->values = hg__alloc(size, sizeof *values);
        room = out->room = values ? size : 0;
        if (!values)
            return HG_NO_MEMORY;
    }
    *out = *facts;
    out->values = values;
    out->room = room;
    if (size)
        memcpy(values, extremes->pictures, size * sizeof *values);
    return HG_OK;
}
