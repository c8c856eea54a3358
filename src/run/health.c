/* What the layers give: outputs over samples, in evaluation mode. */
#include "run/health.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A convolution's outputs are many; inside a stack each sample is walked a second time. */
enum { SAMPLES_OF_MAPS = 32 };

/* Slope against its largest: less counts as saturated. */
static const double least_slope = 0.05;

/* Of the layer's deviation: a unit that moves less is the same for every sample. */
static const double same = 1e-6;

/* One observed layer: sums over the samples, one number a value. */
struct probe {
    size_t at;     /* layer */
    size_t values; /* of one sample */
    enum hg_activation activation;
    size_t samples, saturated; /* seen so far; outputs that are */
    float *first, *low, *high; /* first sample's, extremes */
    double *sum, *squares;     /* of the difference to the first sample */
};

struct survey {
    struct probe probe[HG_HEALTH_LAYERS + 2];
    size_t probes;
    uint32_t *order;
    size_t samples;
    float *numbers, *scratch;
    double *sums;
};

static const struct probe *find(const struct survey *survey, size_t layer)
{
    for (size_t i = 0; i < survey->probes; i++)
        if (survey->probe[i].at == layer)
            return &survey->probe[i];
    return NULL;
}

/* ---- which layers ---- */

/* Where the group of this weight ends: its words up to the next head. */
static size_t end_of_group(const struct hg__plan *plan, size_t layer)
{
    size_t end = layer + 1;

    while (end < plan->layers.count && end != plan->encoder &&
           !hg__layer_heads(&plan->layers.layer[end]))
        end++;
    return end;
}

/* The layer whose output counts as the group's: its first activation, else its last word. */
static size_t shown_of_group(const struct hg__plan *plan, size_t layer, size_t end,
                             enum hg_activation *activation)
{
    *activation = HG_LINEAR;
    for (size_t i = layer + 1; i < end; i++)
        if (plan->layers.layer[i].kind == HG__ACTIVATE) {
            *activation = plan->layers.layer[i].activation;
            return i;
        }
    return end - 1;
}

static void describe(const struct hg_model *model, size_t layer, size_t end,
                     struct hg_layer_health *health)
{
    struct hg_layer_info info = hg_model_layer(model, layer);
    size_t used;

    snprintf(health->name, sizeof health->name, "%s", info.name);
    used = (size_t)snprintf(health->text, sizeof health->text, "%s", info.text);
    for (size_t i = layer + 1; i < end && used + 2 < sizeof health->text; i++)
        used += (size_t)snprintf(health->text + used, sizeof health->text - used, " %.*s",
                                 (int)(sizeof health->text - used - 2),
                                 hg_model_layer(model, i).text);
}

static void add_probe(struct survey *survey, const struct hg__plan *plan, size_t at,
                      enum hg_activation activation)
{
    if (!find(survey, at))
        survey->probe[survey->probes++] = (struct probe){
            .at = at,
            .values = hg_shape_size(plan->layers.layer[at].out),
            .activation = activation,
        };
}

/* Finds the layers with weights, and adds the code's and the output's own layer. */
static void choose_layers(const struct hg_model *model, struct survey *survey,
                          struct hg_health *health)
{
    const struct hg__plan *plan = &model->plan;

    for (size_t i = 0; i < plan->layers.count && health->layers < HG_HEALTH_LAYERS; i++) {
        struct hg_layer_health *layer = &health->layer[health->layers];
        size_t end = end_of_group(plan, i), shown;
        if (!hg__layer_weighs(&plan->layers.layer[i]))
            continue;
        layer->layer = i;
        describe(model, i, end, layer);
        shown = shown_of_group(plan, i, end, &layer->activation);
        add_probe(survey, plan, shown, layer->activation);
        health->layers++;
    }
    if (plan->encoder > 0)
        add_probe(survey, plan, plan->encoder - 1, HG_LINEAR);
    add_probe(survey, plan, plan->layers.count - 1, HG_LINEAR);
}

/* ---- observing ---- */

static enum hg_status make_room(struct survey *survey, const struct hg_trainer *trainer,
                                struct hg_error *error)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    const struct hg_model *model = trainer->experiment->model;
    size_t most = model->stacks ? SAMPLES_OF_MAPS : HG_HEALTH_SAMPLES, total = 0, largest = 0;

    for (size_t i = 0; i < survey->probes; i++)
        total += survey->probe[i].values;
    for (size_t i = 0; i < model->plan.layers.count; i++) {
        size_t size = hg_shape_size(model->plan.layers.layer[i].out);
        largest = size > largest ? size : largest;
    }
    survey->samples = dataset->training < most ? dataset->training : most;
    survey->order = hg__alloc(survey->samples, sizeof *survey->order);
    survey->numbers = hg__alloc(3 * total, sizeof *survey->numbers);
    survey->sums = hg__alloc(2 * total, sizeof *survey->sums);
    survey->scratch = hg__alloc_aligned(largest, sizeof *survey->scratch);
    if (!survey->order || !survey->numbers || !survey->sums || !survey->scratch)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to measure the layers");
    total = 0;
    for (size_t i = 0; i < survey->probes; i++) {
        struct probe *probe = &survey->probe[i];
        probe->first = survey->numbers + 3 * total;
        probe->low = probe->first + probe->values;
        probe->high = probe->low + probe->values;
        probe->sum = survey->sums + 2 * total;
        probe->squares = probe->sum + probe->values;
        total += probe->values;
    }
    for (size_t i = 0; i < survey->samples; i++)
        survey->order[i] = dataset->order[i * dataset->training / survey->samples];
    return HG_OK;
}

static void count_saturated(struct probe *probe, const float *row)
{
    size_t count = 0;

    if (probe->activation == HG_TANH) {
        for (size_t j = 0; j < probe->values; j++)
            count += 1 - (double)row[j] * (double)row[j] < least_slope;
    } else if (probe->activation == HG_SIGMOID) {
        for (size_t j = 0; j < probe->values; j++)
            count += 4 * (double)row[j] * (1 - (double)row[j]) < least_slope;
    }
    probe->saturated += count;
}

static void add_row(struct probe *probe, const float *row)
{
    if (probe->samples++ == 0) {
        memcpy(probe->first, row, probe->values * sizeof *row);
        memcpy(probe->low, row, probe->values * sizeof *row);
        memcpy(probe->high, row, probe->values * sizeof *row);
    }
    for (size_t j = 0; j < probe->values; j++) {
        double off = (double)row[j] - (double)probe->first[j];
        probe->sum[j] += off;
        probe->squares[j] += off * off;
        probe->low[j] = row[j] < probe->low[j] ? row[j] : probe->low[j];
        probe->high[j] = row[j] > probe->high[j] ? row[j] : probe->high[j];
    }
    count_saturated(probe, row);
}

static void see(void *self, const struct hg_observation *seen)
{
    struct survey *survey = self;

    for (size_t i = 0; i < survey->probes; i++)
        if (survey->probe[i].at == seen->layer)
            for (size_t r = 0; r < seen->samples; r++)
                add_row(&survey->probe[i], seen->rows + r * seen->stride);
}

/* ---- what the sums say ---- */

/* Sum over samples and values of (output - the value's own mean)^2. */
static double scatter(const struct probe *probe)
{
    double total = 0;

    for (size_t j = 0; j < probe->values; j++)
        total += probe->squares[j] - probe->sum[j] * probe->sum[j] / (double)probe->samples;
    return total > 0 ? total : 0;
}

static bool value_dead(const struct probe *probe, size_t j, double least)
{
    return (probe->activation == HG_RELU && !(probe->high[j] > 0)) ||
           !((double)probe->high[j] - (double)probe->low[j] > least);
}

/* A channel is dead when all its pixels are. */
static double dead_share(const struct probe *probe, size_t units, double deviation)
{
    size_t pixels = probe->values / units, dead = 0;

    for (size_t u = 0; u < units; u++) {
        size_t j = 0;
        while (j < pixels && value_dead(probe, u * pixels + j, same * deviation))
            j++;
        dead += j == pixels;
    }
    return (double)dead / (double)units;
}

static void judge_outputs(const struct hg__plan *plan, const struct probe *probe,
                          struct hg_layer_health *health)
{
    const struct hg__layer *layer = &plan->layers.layer[probe->at];
    double count = (double)probe->samples * (double)probe->values, squares = 0, sum = 0;

    health->units = layer->map ? (size_t)layer->out.channels : probe->values;
    for (size_t j = 0; j < probe->values; j++) {
        double mean = (double)probe->first[j] + probe->sum[j] / (double)probe->samples;
        sum += mean / (double)probe->values;
    }
    health->mean = sum;
    for (size_t j = 0; j < probe->values; j++) {
        double off = (double)probe->first[j] + probe->sum[j] / (double)probe->samples - sum;
        squares += off * off / (double)probe->values;
    }
    health->spread = sqrt(scatter(probe) / count);
    health->deviation = sqrt(squares + scatter(probe) / count);
    health->saturated = probe->activation == HG_TANH || probe->activation == HG_SIGMOID
                            ? (double)probe->saturated / count
                            : NAN;
    health->dead = probe->samples > 1 ? dead_share(probe, health->units, health->deviation) : NAN;
}

static void judge_codes(const struct hg_model *model, const struct survey *survey,
                        struct hg_health *health)
{
    const struct probe *probe = model->plan.encoder ? find(survey, model->plan.encoder - 1) : NULL;
    double widest = 0, spread = 0, count = (double)survey->samples;

    health->codes = hg_model_codes(model);
    health->code_spread = NAN;
    if (!probe || survey->samples < 2)
        return;
    for (int round = 0; round < 2; round++) {
        spread = 0;
        for (size_t j = 0; j < health->codes; j++) { /* of a gaussian code the means are first */
            double left = probe->squares[j] - probe->sum[j] * probe->sum[j] / count;
            double deviation = sqrt(left > 0 ? left / count : 0);
            double size = fmax(fabs((double)probe->low[j]), fabs((double)probe->high[j]));
            spread += size > 0 ? deviation / size : 0;
            if (round == 0)
                widest = fmax(widest, deviation);
            else
                health->codes_unused += !(deviation > 1e-3 * widest);
        }
    }
    health->code_spread = spread / (double)health->codes;
}

/* ---- all together ---- */

static void judge_data(const struct hg_trainer *trainer, const struct survey *survey,
                       struct hg_health *health)
{
    const struct hg_model *model = trainer->experiment->model;
    const struct probe *output = find(survey, model->plan.layers.count - 1);
    struct hg__distances d = hg__health_distances(trainer, survey->order, survey->samples);
    double share = hg__health_seen_share(model);
    double count = (double)survey->samples;

    health->mean_loss = d.loss / count;
    health->unreachable = d.squares > 0 ? d.beyond / d.squares : d.beyond > 0 ? 1 : 0;
    health->collapse = d.own > 0 ? scatter(output) / d.own : NAN;
    health->step_size = hg_trainer_rate(trainer) * share * d.size / count;
    health->step_centred = hg_trainer_rate(trainer) * share * d.centred / count;
}

static enum hg_status measure(struct hg_trainer *trainer, struct survey *survey,
                              struct hg_health *health, struct hg_error *error)
{
    struct hg_experiment *experiment = trainer->experiment;
    struct hg_observer observer = {.see = see, .self = survey};
    const struct hg_dataset *dataset = experiment->dataset;
    enum hg_status status;

    choose_layers(experiment->model, survey, health);
    status = make_room(survey, trainer, error);
    if (status)
        return status;
    observer.scratch = survey->scratch;
    hg_model_observe(experiment->model, dataset->values, survey->order, survey->samples, &observer);
    health->samples = survey->samples;
    health->loss = hg_model_evaluate(experiment->model, dataset->values, survey->order,
                                     survey->samples, NULL);
    for (size_t i = 0; i < health->layers; i++) {
        struct hg_layer_health *layer = &health->layer[i];
        const struct hg__plan *plan = &experiment->model->plan;
        enum hg_activation activation;
        size_t shown = shown_of_group(plan, layer->layer, end_of_group(plan, layer->layer),
                                      &activation);
        judge_outputs(plan, find(survey, shown), layer);
    }
    judge_codes(experiment->model, survey, health);
    judge_data(trainer, survey, health);
    return hg__health_updates(trainer, health, error);
}

enum hg_status hg_health_measure(struct hg_trainer *trainer, struct hg_health *health,
                                 struct hg_error *error)
{
    struct survey *survey = hg__alloc(1, sizeof *survey);
    enum hg_status status;

    memset(health, 0, sizeof *health);
    if (!survey)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to measure the layers");
    health->epoch = trainer->progress.epoch;
    health->step = trainer->progress.step;
    status = measure(trainer, survey, health, error);
    hg__free(survey->order);
    hg__free(survey->numbers);
    hg__free(survey->sums);
    hg__free(survey->scratch);
    hg__free(survey);
    return status;
}
