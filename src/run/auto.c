#include "run/auto.h"

#include "base/mem.h"
#include "base/text.h"
#include "hourglass/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

HG_PRINTF(2, 3)
static void note(struct hg_experiment *experiment, const char *format, ...)
{
    const size_t most = sizeof experiment->notes / sizeof experiment->notes[0];
    char raw[256], safe[256];
    va_list arguments;
    char *kept;

    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    hg_text_sanitize(safe, sizeof safe, raw);
    kept = experiment->note_count < most ? hg__strdup(safe) : NULL;
    if (kept)
        experiment->notes[experiment->note_count++] = kept;
}

/* Layers that learn something in a minute on data of this width. Two tanh layers
 * for pictures: one alone sits on the PCA floor for long and looks stuck. */
static const char *suitable_encoder(const struct hg_dataset *dataset)
{
    if (dataset->image || dataset->features >= 64)
        return "dense 128 tanh, dense 32 tanh";
    if (dataset->features >= 16)
        return "dense 32 tanh, dense 16 tanh";
    return "dense 16 tanh, dense 8 tanh";
}

static const char *suitable_output(const struct hg_dataset *dataset)
{
    bool unit = dataset->bounded && dataset->lowest >= 0 && dataset->highest <= 1;

    return unit ? "sigmoid" : "linear";
}

enum hg_status hg__resolve_auto(struct hg_experiment *experiment, struct hg_error *error)
{
    struct hg_spec *spec = &experiment->spec;
    const struct hg_dataset *dataset = experiment->dataset;
    enum hg_status status = HG_OK;

    if (strcmp(spec->model.encoder, "auto") == 0) {
        const char *choice = suitable_encoder(dataset);
        status = hg_spec_set(spec, "model.encoder", choice, "chosen", error);
        note(experiment, "encoder: %s (chosen for %zu %s)", choice, dataset->features,
             dataset->image           ? "pixels"
             : dataset->features == 1 ? "feature"
                                      : "features");
    }
    if (status == HG_OK && strcmp(spec->model.output, "auto") == 0) {
        const char *choice = suitable_output(dataset);
        status = hg_spec_set(spec, "model.output", choice, "chosen", error);
        note(experiment, "output: %s (the data lie in %.4g..%.4g)", choice, dataset->lowest,
             dataset->highest);
    }
    return status;
}

void hg__output_range(enum hg_activation activation, double *low, double *high)
{
    *low = -INFINITY;
    *high = INFINITY;
    if (activation == HG_SIGMOID || activation == HG_RELU || activation == HG_SOFTPLUS)
        *low = 0;
    if (activation == HG_TANH || activation == HG_ELU)
        *low = -1;
    if (activation == HG_GELU)
        *low = -0.17;
    if (activation == HG_SILU)
        *low = -0.2785;
    if (activation == HG_SIGMOID || activation == HG_TANH)
        *high = 1;
}

static void note_range(struct hg_experiment *experiment)
{
    const struct hg_dataset *dataset = experiment->dataset;
    enum hg_activation activation = hg_model_output_activation(experiment->model);
    double low, high, off;

    hg__output_range(activation, &low, &high);
    off = dataset->lowest < low ? dataset->lowest : dataset->highest;
    if (dataset->lowest >= low && dataset->highest <= high)
        return;
    if (isinf(high))
        note(experiment, "output range %g and above cannot reach %.4g", low, off);
    else
        note(experiment, "output range %g..%g cannot reach %.4g", low, high, off);
}

/* The ratio of the largest to the smallest spread among the features. */
static double spread_ratio(const struct hg_dataset *dataset)
{
    size_t rows = dataset->training < 1000 ? dataset->training : 1000;
    double smallest = INFINITY, largest = 0;

    for (size_t j = 0; j < dataset->features; j++) {
        double sum = 0;
        for (size_t i = 0; i < rows; i++) {
            double off = (double)dataset->values[dataset->order[i] * dataset->features + j] -
                         (double)dataset->mean[j];
            sum += off * off;
        }
        if (sum > 0 && sum < smallest)
            smallest = sum;
        if (sum > largest)
            largest = sum;
    }
    return largest > 0 ? sqrt(largest / smallest) : 1;
}

/* Why the bug of a lesson cannot be seen here; NULL: it can. */
static const char *hides(const struct hg_experiment *experiment)
{
    const struct hg_spec *spec = &experiment->spec;
    enum hg_fault fault = (enum hg_fault)spec->lesson.fault;
    bool adam = spec->train.optimizer == HG_ADAM || spec->train.optimizer == HG_ADAMW;
    size_t training = experiment->dataset->training;
    bool whole = spec->train.batch == 0 || (unsigned long long)spec->train.batch >= training;
    bool one = spec->train.batch == 1 || training == 1;
    bool biases = fault == HG_FAULT_BIAS_PER_WEIGHT || fault == HG_FAULT_BIAS_MEAN;

    if (hg_fault_updates(fault) && !adam)
        return "the optimizer is not adam";
    if (fault == HG_FAULT_ADAM_EPOCHS && whole)
        return "the batch is the whole set, so an epoch is one step";
    if (biases && !spec->model.bias)
        return "there are no biases";
    if ((fault == HG_FAULT_BIAS_MEAN || fault == HG_FAULT_ROW0_DERIVATIVE) && one)
        return "a batch has one sample";
    return NULL;
}

/* Are these the data that the run's file was trained on, as far as it tells? */
static bool same_data(const struct hg_dataset *dataset, const struct hg_runfile *run)
{
    struct hg_scale_found scale = hg_runfile_scale(run);
    const float *mean = hg_runfile_mean(run);
    double range = dataset->highest - dataset->lowest;

    if (scale.scales != dataset->scales || scale.scaling != dataset->scaling)
        return scale.scales == 0;
    for (size_t i = 0; i < scale.scales; i++)
        if (fabs(scale.factor[i] / dataset->factor[i] - 1) > 1e-9)
            return false;
    for (size_t i = 0; mean && i < dataset->features; i++)
        if (fabs((double)mean[i] - (double)dataset->mean[i]) >
            1e-6 * (range + fabs((double)mean[i])))
            return false;
    return true;
}

void hg__note_what_stands_out(struct hg_experiment *experiment)
{
    const struct hg_dataset *dataset = experiment->dataset;
    size_t codes = hg_model_codes(experiment->model);
    double ratio;

    if (experiment->resumed && !same_data(dataset, experiment->resumed))
        note(experiment, "the data have changed since the run was saved (their mean or scale "
                         "differs); it goes on with what they are now");
    note_range(experiment);
    if (hides(experiment))
        note(experiment, "lesson.fault = %s changes nothing here: %s",
             hg_fault_name((enum hg_fault)experiment->spec.lesson.fault), hides(experiment));
    if (codes >= dataset->features)
        note(experiment, "a code of %zu for %zu %s is no bottleneck", codes, dataset->features,
             dataset->features == 1 ? "value" : "values");
    if (dataset->image || dataset->scaling != HG_SCALE_NONE)
        return;
    ratio = spread_ratio(dataset);
    if (ratio >= 100)
        note(experiment, "the features' spreads differ %.0f-fold: data.scale = standard helps",
             ratio);
}
