#include "run/watch.h"

#include "base/mem.h"
#include "base/rng.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 32, POINTS = 600, FEWEST_POINTS = 96, FEWEST_SAMPLES = 8 };

/* Each of the two kinds of probes may take this share of the time, and save up
 * at most so much of it. A round through the scatter should not take longer than
 * `round_seconds`: large networks show fewer points. */
static const double share = 0.0017, most_credit = 0.02, round_seconds = 3;
/* The collapse index takes a pass of its own: once a second, and this share at most; where it
 * would be of long ago by that, over fewer samples. */
static const double collapse_share = 0.0004, long_ago = 8;

static enum hg_status choose_points(struct hg__watch *watch, const struct hg_dataset *dataset,
                                    struct hg_error *error)
{
    uint32_t *order = hg__alloc(dataset->samples, sizeof *order);
    struct hg__rng rng;

    if (!order)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the scatter");
    for (size_t i = 0; i < dataset->samples; i++)
        order[i] = (uint32_t)i;
    /* A regular stride could meet a single class of data that cycle through theirs. */
    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    hg__rng_shuffle(&rng, order, dataset->samples);
    watch->points = dataset->samples < POINTS ? dataset->samples : POINTS;
    watch->point_sample = order;
    return HG_OK;
}

enum hg_status hg__watch_init(struct hg__watch *watch, const struct hg_trainer *trainer,
                              struct hg_error *error)
{
    const struct hg_experiment *experiment = hg_trainer_experiment(trainer);
    size_t features = experiment->dataset->features, codes = hg_model_codes(experiment->model);
    enum hg_status status;

    *watch = (struct hg__watch){.collapse = NAN,
                                .running = NAN,
                                .granted_at = hg__spent(),
                                .aside = watch->aside,
                                .latent = watch->latent};
    watch->filters.wish.level = -1;
    status = choose_points(watch, experiment->dataset, error);
    if (status)
        return status;
    watch->codes = hg__alloc_aligned(watch->points * codes, sizeof(float));
    watch->places = hg__alloc_aligned(watch->points * 2, sizeof(float));
    watch->input = hg__alloc_aligned(CHUNK * features, sizeof(float));
    watch->output = hg__alloc_aligned(CHUNK * features, sizeof(float));
    watch->shown_output = hg__alloc_aligned(features, sizeof(float));
    watch->shown_code = hg__alloc_aligned(codes, sizeof(float));
    if (!watch->codes || !watch->places || !watch->input || !watch->output ||
        !watch->shown_output || !watch->shown_code || !hg__axes_init(&watch->axes, codes))
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the views");
    watch->speed_at = hg__now();
    watch->speed_samples = hg_trainer_samples(trainer);
    return hg_model_reserve(experiment->model, CHUNK, error);
}

void hg__watch_fini(struct hg__watch *watch)
{
    hg__free(watch->point_sample);
    hg__free(watch->codes);
    hg__free(watch->places);
    hg__free(watch->input);
    hg__free(watch->output);
    hg__free(watch->shown_output);
    hg__free(watch->shown_code);
    hg__axes_fini(&watch->axes);
    hg__filters_fini(&watch->filters);
    hg__latent_fini(&watch->latent);
    *watch = (struct hg__watch){.aside = watch->aside, .latent = watch->latent};
}

/* Steps that the running mean looks back over. */
static double window_of(const struct hg_trainer *trainer)
{
    double window = (double)trainer->experiment->dataset->training /
                    (double)hg__trainer_batch(trainer);

    return fmin(fmax(window, 20), 200);
}

void hg__watch_stepped(struct hg__watch *watch, const struct hg_trainer *trainer)
{
    double loss = hg_trainer_loss(trainer), window = window_of(trainer);

    watch->fresh = 0;
    watch->shown_known = watch->filters.known = watch->collapse_known = false;
    hg__latent_stale(&watch->latent);
    if (!isfinite(loss))
        return;
    watch->running_step++;
    if ((double)watch->running_step < window)
        window = (double)watch->running_step;
    /* At first the mean of all, then one that forgets. */
    watch->running = isnan(watch->running) ? loss
                                           : watch->running + (loss - watch->running) / window;
}

/* The weights are others, and so is what the curve said. */
static void forget(struct hg__watch *watch)
{
    watch->running = watch->collapse = NAN;
    watch->running_step = 0;
    watch->fresh = 0;
    watch->shown_known = watch->filters.known = false;
    watch->filters.wanted = watch->filters.wish.level >= 0;
    watch->sentence = (struct hg__sentence){0};
    hg__latent_stale(&watch->latent);
}

void hg__watch_restarted(struct hg__watch *watch)
{
    forget(watch);
    watch->wanted = true;
    hg__latent_restarted(&watch->latent);
}

void hg__watch_travelled(struct hg__watch *watch, const struct hg_trainer *trainer)
{
    const struct hg_series *series = trainer->series;
    double window = window_of(trainer), steps = 0, sum = 0;

    forget(watch);
    for (size_t i = series->count; i > 0 && steps < window; i--) {
        const struct hg_series_point *point = &series->points[i - 1];
        double wide = (double)(point->last - point->first + 1);
        sum += wide * point->mean;
        steps += wide;
    }
    watch->running = steps > 0 ? sum / steps : NAN;
    watch->running_step = trainer->progress.step;
    watch->wanted = true;
}

void hg__watch_show(struct hg__watch *watch, uint32_t sample)
{
    watch->sample = sample;
    watch->shown_known = watch->filters.known = false;
    watch->wanted = true;
    watch->filters.wanted = watch->filters.wish.level >= 0;
}

void hg__watch_filters(struct hg__watch *watch, struct hg__filters_wish wish)
{
    watch->filters.wish = wish;
    watch->filters.known = false;
    watch->filters.wanted = wish.level >= 0;
    watch->wanted |= wish.level < 0 && !watch->aside && !watch->shown_known;
}

void hg__watch_put_aside(struct hg__watch *watch, bool aside)
{
    watch->aside = aside;
    watch->wanted |= !aside && !watch->shown_known;
}

static struct hg__latent_cloud cloud_of(const struct hg__watch *watch)
{
    return (struct hg__latent_cloud){.codes = watch->codes,
                                     .sample = watch->point_sample,
                                     .count = watch->known < watch->points ? watch->known
                                                                           : watch->points,
                                     .most = watch->points,
                                     .stamp = watch->probes};
}

void hg__watch_latent(struct hg__watch *watch, const struct hg_trainer *trainer,
                      const struct hg_command *command)
{
    struct hg__latent_cloud cloud = cloud_of(watch);

    if (command->kind == HG_DO_LATENT)
        hg__latent_wish(&watch->latent, trainer, &cloud, command);
    else
        hg__latent_obey(&watch->latent, trainer, command);
}

/* The loss of one sample from its output, for showing: a second pass through the
 * engine would cost as much as the first. Formulas: INTERFACE, section 3. */
static double sample_loss(enum hg_loss loss, const float *x, const float *y, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        double target = (double)x[i], output = (double)y[i];
        if (loss == HG_LOSS_BCE)
            sum -= target * fmax(log(output), -100) + (1 - target) * fmax(log1p(-output), -100);
        else
            sum += (output - target) * (output - target);
    }
    if (loss == HG_LOSS_SSE)
        return sum / 2;
    sum /= (double)count;
    return loss == HG_LOSS_RMSE ? sqrt(sum) : sum;
}

/* Where points `first` and on lie. A projection onto axes of thousands of values is no small
 * thing: only what moved is projected, by who pays for it. */
static void place_points(struct hg__watch *watch, size_t first, size_t count)
{
    if (watch->axes.codes <= 2 || !watch->axes.known)
        return;
    for (size_t i = first; i < first + count; i++)
        hg__axes_project(&watch->axes, watch->codes + i * watch->axes.codes, &watch->places[i * 2],
                         &watch->places[i * 2 + 1]);
}

static void place_shown(struct hg__watch *watch)
{
    if (watch->axes.codes > 2 && watch->axes.known && watch->shown_known)
        hg__axes_project(&watch->axes, watch->shown_code, &watch->here[0], &watch->here[1]);
}

static void probe_sample(struct hg__watch *watch, struct hg_trainer *trainer)
{
    const struct hg_experiment *experiment = trainer->experiment;
    const struct hg_dataset *dataset = experiment->dataset;
    const float *row = dataset->values + (size_t)watch->sample * dataset->features;

    hg_model_reconstruct(experiment->model, row, 1, watch->shown_output, watch->shown_code);
    watch->shown_loss = sample_loss(hg_model_loss(experiment->model), row, watch->shown_output,
                                    dataset->features);
    watch->shown_known = true;
    watch->wanted = false;
    place_shown(watch);
}

static void gather(struct hg__watch *watch, const struct hg_dataset *dataset, size_t first,
                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        memcpy(watch->input + i * dataset->features,
               dataset->values + (size_t)watch->point_sample[first + i] * dataset->features,
               dataset->features * sizeof(float));
}

/* The next points of the scatter, in turn. */
static void probe_points(struct hg__watch *watch, struct hg_trainer *trainer)
{
    const struct hg_experiment *experiment = trainer->experiment;
    size_t count = watch->points - watch->next < CHUNK ? watch->points - watch->next : CHUNK;

    gather(watch, experiment->dataset, watch->next, count);
    hg_model_reconstruct(experiment->model, watch->input, count, NULL,
                         watch->codes + watch->next * hg_model_codes(experiment->model));
    place_points(watch, watch->next, count);
    if (watch->known < watch->next + count)
        watch->known = watch->next + count;
    watch->next = (watch->next + count) % watch->points;
    watch->probes++;
    watch->fresh += count;
}

/* The first points of all, timed: how many can be kept up to date? */
static void probe_first_points(struct hg__watch *watch, struct hg_trainer *trainer)
{
    double begin, seconds, most;
    size_t warm;

    probe_points(watch, trainer); /* touches memory for the first time: no measure */
    if ((warm = watch->known) == watch->points)
        return;
    begin = hg__spent();
    probe_points(watch, trainer);
    seconds = (hg__spent() - begin) / (double)(watch->known - warm);
    most = share * round_seconds / seconds;
    if (most < (double)watch->points)
        watch->points = most > FEWEST_POINTS            ? (size_t)most
                        : watch->points < FEWEST_POINTS ? watch->points
                                                        : FEWEST_POINTS;
}

/* Adds sum and sum of squares of `count` rows, feature by feature: the spread
 * about the mean is sum of squares - (sum)^2 / n. */
static double spread(const float *rows, size_t count, size_t features)
{
    double total = 0;

    for (size_t j = 0; j < features; j++) {
        double sum = 0, squares = 0, first = (double)rows[j];
        for (size_t i = 0; i < count; i++) {
            double off = (double)rows[i * features + j] - first;
            sum += off;
            squares += off * off;
        }
        total += squares - sum * sum / (double)count;
    }
    return total;
}

/* Collapse index over the first points: spread of the outputs / of the inputs. */
static void probe_collapse(struct hg__watch *watch, struct hg_trainer *trainer)
{
    const struct hg_experiment *experiment = trainer->experiment;
    size_t most = watch->collapse_samples ? watch->collapse_samples : CHUNK;
    size_t count = watch->points < most ? watch->points : most;
    double inputs, begin = hg__spent(), cost;

    gather(watch, experiment->dataset, 0, count);
    hg_model_reconstruct(experiment->model, watch->input, count, watch->output, NULL);
    inputs = spread(watch->input, count, experiment->dataset->features);
    watch->collapse = count > 1 && inputs > 0
                          ? spread(watch->output, count, experiment->dataset->features) / inputs
                          : NAN;
    watch->collapse_at = hg__now();
    watch->collapse_known = true;
    cost = hg__spent() - begin;
    if (watch->collapse_cost == 0 || cost < watch->collapse_cost)
        watch->collapse_cost = cost;
    if (watch->collapse_cost > collapse_share * long_ago && count > FEWEST_SAMPLES) {
        watch->collapse_samples = count / 2 > FEWEST_SAMPLES ? count / 2 : FEWEST_SAMPLES;
        watch->collapse_cost = 0;
    }
}

static bool collapse_due(const struct hg__watch *watch, bool idle)
{
    double pause = fmax(1, watch->collapse_cost / collapse_share);

    return isnan(watch->collapse) || hg__now() - watch->collapse_at > pause ||
           (idle && !watch->collapse_known);
}

/* Spends what may be spent on the scatter. */
static void spend_on_points(struct hg__watch *watch, struct hg_trainer *trainer, bool idle)
{
    bool seen = idle || !watch->aside || watch->latent.shown;
    double begin = hg__spent(), now = begin;

    if (watch->known == 0)
        probe_first_points(watch, trainer);
    if (collapse_due(watch, idle)) {
        probe_collapse(watch, trainer);
        begin = now = hg__spent();
    }
    while (seen && watch->fresh < watch->points && now - begin < watch->points_credit) {
        probe_points(watch, trainer);
        now = hg__spent();
    }
    watch->points_credit -= hg__spent() - begin;
}

/* The shown sample, and view 4's pictures of it. Returns true when both are up to date. */
static bool spend_on_sample(struct hg__watch *watch, struct hg_trainer *trainer, bool idle)
{
    const struct hg_experiment *experiment = trainer->experiment;
    struct hg__filters *filters = &watch->filters;
    bool shown = filters->wish.level >= 0, unseen = shown || watch->aside;
    double begin = hg__spent();

    if (!watch->shown_known && (watch->wanted || (watch->sample_credit > 0 && (idle || !unseen))))
        probe_sample(watch, trainer);
    if (shown && !filters->known && (filters->wanted || watch->sample_credit > 0))
        hg__filters_probe(filters, experiment->model, experiment->dataset, watch->sample);
    watch->sample_credit -= hg__spent() - begin;
    return watch->shown_known && (filters->known || !shown);
}

/* The axes of a code of thousands of values cost as much as a training step. */
static void spend_on_axes(struct hg__watch *watch, bool idle)
{
    double begin = hg__spent();

    if (watch->axes.known && (watch->axes_credit <= 0 || (watch->aside && !idle)))
        return;
    hg__axes_follow(&watch->axes, watch->codes, watch->known);
    place_points(watch, 0, watch->known);
    place_shown(watch);
    watch->axes_credit -= hg__spent() - begin;
}

bool hg__watch_probe(struct hg__watch *watch, struct hg_trainer *trainer, bool idle)
{
    double now = hg__spent(), granted = share * (now - watch->granted_at);
    struct hg__latent_cloud cloud;
    bool sample, latent;

    watch->granted_at = now;
    watch->sample_credit = idle ? most_credit : fmin(most_credit, watch->sample_credit + granted);
    watch->points_credit = idle ? most_credit
                                : fmin(most_credit, watch->points_credit + granted / 2);
    watch->axes_credit = idle ? most_credit : fmin(most_credit, watch->axes_credit + granted / 2);
    sample = spend_on_sample(watch, trainer, idle);
    spend_on_points(watch, trainer, idle);
    if (watch->axes.codes > 2)
        spend_on_axes(watch, idle);
    cloud = cloud_of(watch);
    latent = hg__latent_probe(&watch->latent, trainer, &cloud, idle);
    return sample && latent && watch->fresh >= watch->points;
}
