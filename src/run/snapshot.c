/* Filling a snapshot: everything a screen shows, copied. */
#include "run/watch.h"

#include "base/mem.h"
#include "hourglass/text.h"
#include "run/trainer_state.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum hg_status make_arrays(struct hg_snapshot *snapshot, size_t features)
{
    if (snapshot->input && snapshot->features == features)
        return HG_OK;
    hg__snapshot_fini(snapshot);
    snapshot->input = hg__alloc_aligned(features, sizeof(float));
    snapshot->output = hg__alloc_aligned(features, sizeof(float));
    snapshot->point = hg__alloc(HG_SNAPSHOT_POINTS, sizeof *snapshot->point);
    snapshot->series = hg__alloc(1, sizeof *snapshot->series);
    snapshot->history = hg__alloc(HG_SNAPSHOT_POINTS, sizeof *snapshot->history);
    if (snapshot->input && snapshot->output && snapshot->point && snapshot->series &&
        snapshot->history)
        return HG_OK;
    hg__snapshot_fini(snapshot);
    return HG_NO_MEMORY;
}

void hg__snapshot_fini(struct hg_snapshot *snapshot)
{
    hg__free(snapshot->input);
    hg__free(snapshot->output);
    hg__free(snapshot->point);
    hg__free(snapshot->series);
    hg__free(snapshot->history);
    hg__free(snapshot->branch);
    snapshot->branch = NULL;
    snapshot->branch_serial = 0;
    if (snapshot->spec)
        hg_spec_fini(snapshot->spec);
    hg__free(snapshot->spec);
    snapshot->spec = NULL;
    hg__free(snapshot->network);
    snapshot->network = NULL;
    hg__free(snapshot->rival.series);
    snapshot->rival = (struct hg_rival){0};
    hg__free(snapshot->filters.values);
    snapshot->filters = (struct hg_filters){0};
    hg__latent_fill_fini(&snapshot->latent);
    hg__free(snapshot->pulse.value);
    hg__free(snapshot->extremes.values);
    snapshot->pulse = (struct hg_pulse){0};
    snapshot->extremes = (struct hg_extremes){0};
    snapshot->input = snapshot->output = NULL;
    snapshot->point = NULL;
    snapshot->series = NULL;
    snapshot->history = NULL;
}

/* Appends to text[0..size-1] without ever cutting inside the terminator. */
HG_PRINTF(3, 4)
static void append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

/* "784", or "28×28" and "28×28×3" where the first layer sees an image. */
static void describe_input(const struct hg_snapshot *snapshot, bool image, char *out, size_t size)
{
    const struct hg_shape *shape = &snapshot->shape;

    if (!image)
        snprintf(out, size, "%zu", snapshot->features);
    else if (shape->channels == 1)
        snprintf(out, size, "%d×%d", shape->columns, shape->rows);
    else
        snprintf(out, size, "%d×%d×%d", shape->columns, shape->rows, shape->channels);
}

/* A layer that begins a group: "128" of a dense one, "c64", "p2" and "u2" of the others. */
static bool describe_head(const char *text, char *out, size_t size)
{
    static const struct {
        const char *word, *letter;
    } heads[] = {{"dense ", ""}, {"conv ", "c"}, {"pool ", "p"}, {"up ", "u"}};

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t length = strlen(heads[i].word);
        const char *number = text + length;
        if (strncmp(text, heads[i].word, length) != 0)
            continue;
        snprintf(out, size, "%s%.*s", heads[i].letter, (int)strcspn(number, " "), number);
        return true;
    }
    return false;
}

/* A head as one would write it: numbers alone for dense, and no kernel that goes without saying. */
static const char *plain_head(struct hg_layer_info *layer)
{
    char *kernel = strstr(layer->text, " 3x3");

    if (kernel)
        memmove(kernel, kernel + 4, strlen(kernel + 4) + 1);
    return strncmp(layer->text, "dense ", 6) == 0 ? layer->text + 6 : layer->text;
}

/* "784-128-32-2-32-128-784" and the long form with the words. */
static void describe_layers(const struct hg_experiment *experiment, struct hg_snapshot *snapshot)
{
    size_t count = hg_model_layers(experiment->model);
    bool image = strncmp(hg_model_layer(experiment->model, 0).text, "dense", 5) != 0 &&
                 snapshot->image;

    describe_input(snapshot, image, snapshot->layers, sizeof snapshot->layers);
    describe_input(snapshot, image, snapshot->layers_long, sizeof snapshot->layers_long);
    for (size_t i = 0; i < count; i++) {
        struct hg_layer_info layer = hg_model_layer(experiment->model, i);
        char head[32];

        if (describe_head(layer.text, head, sizeof head)) {
            append(snapshot->layers, sizeof snapshot->layers, "-%s", head);
            append(snapshot->layers_long, sizeof snapshot->layers_long, " → %s",
                   plain_head(&layer));
        } else {
            append(snapshot->layers_long, sizeof snapshot->layers_long, " %s", layer.text);
        }
    }
}

static void add_notes(struct hg_snapshot *snapshot, char *const *notes, size_t count)
{
    const size_t most = sizeof snapshot->notes / sizeof snapshot->notes[0];

    for (size_t i = 0; i < count && snapshot->note_count < most; i++)
        snprintf(snapshot->notes[snapshot->note_count++], sizeof snapshot->notes[0], "%.*s",
                 (int)sizeof snapshot->notes[0] - 1, notes[i]);
}

static void fill_what(const struct hg_experiment *experiment, struct hg_snapshot *snapshot)
{
    const struct hg_dataset *dataset = experiment->dataset;
    const size_t names = sizeof snapshot->class_names / sizeof snapshot->class_names[0];

    snprintf(snapshot->name, sizeof snapshot->name, "%.*s", (int)sizeof snapshot->name - 1,
             dataset->name);
    snapshot->note_count = 0;
    add_notes(snapshot, experiment->notes, experiment->note_count);
    add_notes(snapshot, dataset->notes, dataset->note_count);
    snapshot->shape = dataset->shape;
    snapshot->image = dataset->image;
    snapshot->features = dataset->features;
    describe_layers(experiment, snapshot);
    snapshot->codes = hg_model_codes(experiment->model);
    snapshot->samples = dataset->samples;
    snapshot->training = dataset->training;
    snapshot->classes = dataset->classes;
    for (size_t i = 0; i < dataset->classes && i < names; i++)
        hg_text_sanitize(snapshot->class_names[i], sizeof snapshot->class_names[i],
                         dataset->class_names[i]);
    snapshot->lowest = dataset->lowest;
    snapshot->highest = dataset->highest;
    snapshot->loss = hg_model_loss(experiment->model);
    snapshot->parameters = hg_model_parameters(experiment->model);
}

static void fill_where(const struct hg__watch *watch, const struct hg_trainer *trainer,
                       struct hg_snapshot *snapshot)
{
    const struct hg_spec *spec = &trainer->experiment->spec;
    const struct hg_progress *progress = &trainer->progress;
    const struct hg_history *history = &trainer->history;
    size_t batch = hg__trainer_batch(trainer), training = trainer->experiment->dataset->training;
    size_t skip = history->count > HG_SNAPSHOT_POINTS ? history->count - HG_SNAPSHOT_POINTS : 0;

    snapshot->epoch = progress->epoch;
    snapshot->step = progress->step;
    snapshot->epoch_steps = (training + batch - 1) / batch;
    snapshot->epoch_position = (progress->position + batch - 1) / batch;
    snapshot->end_epochs = trainer->end_epochs;
    snapshot->end_steps = trainer->end_steps;
    snapshot->train = progress->last_train;
    snapshot->validation = history->count ? history->epochs[history->count - 1].validation : NAN;
    snapshot->running = watch->running;
    snapshot->samples_per_s = watch->speed;
    snapshot->lr = spec->train.lr;
    snapshot->rate = hg_trainer_rate(trainer);
    snapshot->optimizer = (enum hg_optimizer)spec->train.optimizer;
    snapshot->batch = batch;
    snprintf(snapshot->schedule, sizeof snapshot->schedule, "%.63s", spec->train.schedule);
    snapshot->seed = spec->model.seed;
    snapshot->collapse = watch->collapse;
    snapshot->unsaved = hg_trainer_unsaved(trainer);
    snapshot->saved[0] = '\0';
    if (hg_trainer_saved(trainer))
        hg_text_sanitize(snapshot->saved, sizeof snapshot->saved, hg_trainer_saved(trainer));
    snapshot->epochs = history->count - skip;
    if (snapshot->epochs)
        memcpy(snapshot->history, history->epochs + skip,
               snapshot->epochs * sizeof *history->epochs);
    snapshot->series->count = trainer->series->count;
    memcpy(snapshot->series->points, trainer->series->points,
           trainer->series->count * sizeof trainer->series->points[0]);
}

/* The branch is copied when it is another one; without memory for it there is none. */
static void fill_travel(const struct hg_trainer *trainer, struct hg_snapshot *snapshot)
{
    struct hg_travel travel;

    hg_trainer_travel(trainer, &travel);
    snapshot->away = travel.away;
    snapshot->tip = travel.tip;
    snapshot->kept = travel.kept;
    memcpy(snapshot->kept_step, travel.step, travel.kept * sizeof travel.step[0]);
    snapshot->branch_from = travel.branch_from;
    if (snapshot->branch_serial == travel.serial)
        return;
    if (!travel.branch) {
        hg__free(snapshot->branch);
        snapshot->branch = NULL;
    } else if (!snapshot->branch) {
        snapshot->branch = hg__alloc(1, sizeof *snapshot->branch);
    }
    if (travel.branch && snapshot->branch)
        *snapshot->branch = *travel.branch;
    snapshot->branch_serial = travel.serial;
}

static void fill_sample(const struct hg__watch *watch, const struct hg_trainer *trainer,
                        struct hg_snapshot *snapshot)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    size_t bytes = dataset->features * sizeof(float);
    size_t shown = snapshot->codes < HG_SNAPSHOT_CODES ? snapshot->codes : HG_SNAPSHOT_CODES;

    snapshot->sample = watch->sample;
    snapshot->label = dataset->labels ? dataset->labels[watch->sample] : -1;
    snapshot->held_out = hg_dataset_held_out(dataset, watch->sample);
    memcpy(snapshot->input, dataset->values + (size_t)watch->sample * dataset->features, bytes);
    memcpy(snapshot->output, watch->shown_output, bytes);
    memcpy(snapshot->code, watch->shown_code, shown * sizeof(float));
    snapshot->sample_loss = watch->shown_loss;
    snapshot->aside = watch->aside || (watch->wanted && !watch->shown_known);
}

/* Codes above 2 lie where they were projected to: `where`. */
static void place(const struct hg__watch *watch, const float *code, const float *where, float *x,
                  float *y)
{
    size_t codes = watch->axes.codes;

    *x = codes > 2 ? where[0] : code[0];
    *y = codes > 2 ? where[1] : codes == 2 ? code[1] : 0;
}

static void fill_scatter(const struct hg__watch *watch, const struct hg_trainer *trainer,
                         struct hg_snapshot *snapshot)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;

    snapshot->points = watch->known < watch->points ? watch->known : watch->points;
    snapshot->projected = snapshot->codes > 2;
    for (size_t i = 0; i < snapshot->points; i++) {
        struct hg_code_point *point = &snapshot->point[i];
        point->sample = watch->point_sample[i];
        point->label = dataset->labels ? dataset->labels[point->sample] : -1;
        place(watch, watch->codes + i * snapshot->codes, watch->places + i * 2, &point->x,
              &point->y);
    }
    place(watch, watch->shown_code, watch->here, &snapshot->here_x, &snapshot->here_y);
}

/* Speed over windows of half a second at least, smoothed. */
static void measure_speed(struct hg__watch *watch, const struct hg_trainer *trainer, bool running)
{
    double now = hg__now(), seconds = now - watch->speed_at, speed;
    uint64_t samples = hg_trainer_samples(trainer);

    if (!running) {
        watch->speed = 0;
        watch->speed_at = now;
        watch->speed_samples = samples;
        return;
    }
    if (seconds < 0.25)
        return;
    speed = (double)(samples - watch->speed_samples) / seconds;
    watch->speed = watch->speed > 0 ? watch->speed + (speed - watch->speed) * 0.4 : speed;
    watch->speed_at = now;
    watch->speed_samples = samples;
}

enum hg_status hg__watch_fill(struct hg__watch *watch, const struct hg_trainer *trainer,
                              struct hg_snapshot *snapshot)
{
    const struct hg_experiment *experiment = trainer->experiment;
    enum hg_status status = make_arrays(snapshot, experiment->dataset->features);

    if (status)
        return status;
    measure_speed(watch, trainer, snapshot->state == HG_STATE_RUNNING);
    fill_what(experiment, snapshot);
    fill_where(watch, trainer, snapshot);
    fill_travel(trainer, snapshot);
    fill_sample(watch, trainer, snapshot);
    fill_scatter(watch, trainer, snapshot);
    status = hg__filters_fill(&watch->filters, &snapshot->filters);
    if (status == HG_OK)
        status = hg__latent_fill(&watch->latent, &snapshot->latent);
    snapshot->latent_aside = !watch->latent.shown || watch->latent.cursor.wanted;
    hg__sentence_write(&watch->sentence, snapshot);
    return status;
}
