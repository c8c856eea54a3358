#include "cli/say.h"
#include "cli/setup.h"
#include "cli/table.h"
#include "cli/trial.h"
#include "hourglass/hourglass.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 8,      /* samples of the gradient check; batch norm needs more than a few */
    COMPONENTS = 40 /* of each tensor that are differentiated numerically */
};

/* What the gradient check found. */
struct checked {
    size_t wrong;
    struct hg_symptoms symptoms;
};

static const char *scaling_name(enum hg_scaling scaling)
{
    static const char *const names[] = {[HG_SCALE_NONE] = "none",
                                        [HG_SCALE_UNIT] = "0..1",
                                        [HG_SCALE_SIGNED] = "-1..1",
                                        [HG_SCALE_STANDARD] = "standard"};

    return names[scaling];
}

static void print_data(const struct hg_experiment *experiment)
{
    const struct hg_dataset *dataset = experiment->dataset;
    char shape[64];

    cli_shape_text(dataset->shape, shape, sizeof shape);
    cli_fact("data", "%s", dataset->name);
    cli_fact("samples", "%zu: %zu to train, %zu held out", dataset->samples, dataset->training,
             dataset->validation);
    cli_fact("values", "%zu a sample, shape %s%s", dataset->features, shape,
             dataset->image ? ", an image" : "");
    cli_fact("range", "%.6g to %.6g%s, scale %s", dataset->lowest, dataset->highest,
             dataset->bounded ? " by type" : "", scaling_name(dataset->scaling));
    if (dataset->classes)
        cli_fact("labels", "%zu class%s", dataset->classes, dataset->classes == 1 ? "" : "es");
    else
        cli_fact("labels", "none");
    for (size_t i = 0; i < dataset->note_count; i++)
        cli_fact("note", "%s", dataset->notes[i]);
    for (size_t i = 0; i < experiment->note_count; i++)
        cli_fact("note", "%s", experiment->notes[i]);
}

/* The first training samples, one after another; NULL = no memory. */
static float *gather(const struct hg_dataset *dataset, size_t samples)
{
    float *values = calloc(samples * dataset->features, sizeof *values);

    for (size_t i = 0; values && i < samples; i++)
        memcpy(values + i * dataset->features,
               dataset->values + dataset->order[i] * dataset->features,
               dataset->features * sizeof *values);
    return values;
}

static const char *verdict_word(const struct hg_gradient_verdict *verdict)
{
    if (verdict->overflow)
        return "overflow";
    if (verdict->zero)
        return "zero";
    return verdict->right ? "right" : "WRONG";
}

/* Which known bug that is, in a line below the table, and for the doctor. */
static enum hg_status name_fault(struct hg_model *model, const struct hg_batch *batch,
                                 const struct hg_gradient_verdict *verdict, size_t count,
                                 struct checked *checked, struct hg_error *error)
{
    struct hg_symptoms *symptoms = &checked->symptoms;
    struct hg_gradient_finding found;
    enum hg_status status = hg_gradient_name_fault(model, batch, verdict, count, &found, error);

    if (status || !found.wrong)
        return status;
    if (found.elsewhere && checked->wrong == 0)
        printf(
            "right by chance: with weights drawn at random the gradient of %s is wrong, ratio %.6g\n",
            found.layer, found.ratio);
    if (found.fault == HG_FAULT_NONE)
        printf("no known bug makes such a gradient; most is wrong of %s%s%s\n", found.layer,
               found.words[0] ? ": " : "", found.words);
    else
        printf("the bug is %s: %s %s\n", found.name, found.layer, found.words);
    symptoms->gradient_ratio = found.ratio;
    snprintf(symptoms->fault, sizeof symptoms->fault, "%s", found.name);
    snprintf(symptoms->fault_layer, sizeof symptoms->fault_layer, "%s", found.layer);
    snprintf(symptoms->fault_words, sizeof symptoms->fault_words, "%s", found.words);
    return HG_OK;
}

static void print_verdict(const struct hg_gradient_verdict *verdict)
{
    char ratio[32] = "-"; /* nothing divided by nothing, or by so little */

    if (isfinite(verdict->ratio))
        snprintf(ratio, sizeof ratio, "%.6f", verdict->ratio);
    printf("%-22s %9zu %9.1e %10s  %s\n", verdict->name, verdict->checked, verdict->error, ratio,
           verdict_word(verdict));
    fflush(stdout);
}

/* Every trainable tensor against central differences; *count of them. */
static enum hg_status check_tensors(struct hg_model *model, const struct hg_batch *batch,
                                    struct hg_gradient_verdict *verdict, size_t *count,
                                    struct hg_error *error)
{
    size_t zero = 0, overflow = 0;

    printf("%-22s %9s %9s %10s  %s\n", "gradient of", "checked", "error", "ratio", "verdict");
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        enum hg_status status;
        if (!hg_model_tensor(model, i).trainable)
            continue;
        status = hg_gradient_check(model, batch, i, COMPONENTS, &verdict[*count], error);
        if (status)
            return status;
        print_verdict(&verdict[*count]);
        zero += verdict[*count].zero && !verdict[*count].overflow;
        overflow += verdict[*count].overflow;
        ++*count;
    }
    if (zero)
        printf("zero: analytic and numeric gradient both vanish, so nothing was proved\n");
    if (overflow)
        printf("overflow: float32 does not hold such numbers, so nothing was compared\n");
    return HG_OK;
}

/* checked->wrong: tensors whose gradient is not what central differences say. */
static enum hg_status check_gradients(struct hg_model *model, const struct hg_batch *batch,
                                      struct checked *checked, struct hg_error *error)
{
    struct hg_gradient_verdict *verdict = calloc(hg_model_tensors(model), sizeof *verdict);
    size_t count = 0;
    enum hg_status status;

    if (!verdict)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to check gradients");
    status = check_tensors(model, batch, verdict, &count, error);
    for (size_t i = 0; i < count; i++)
        checked->wrong += !verdict[i].right && !verdict[i].zero;
    if (status == HG_OK)
        status = name_fault(model, batch, verdict, count, checked, error);
    free(verdict);
    return status;
}

static enum hg_status print_gradients(const struct hg_experiment *experiment,
                                      struct checked *checked, struct hg_error *error)
{
    const struct hg_dataset *dataset = experiment->dataset;
    size_t samples = dataset->training < BATCH ? dataset->training : BATCH;
    float *values = gather(dataset, samples);
    struct hg_batch batch = {.input = values,
                             .target = values,
                             .samples = samples,
                             .seed = (uint64_t)experiment->spec.model.seed};
    enum hg_status status;

    if (!values)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a batch");
    status = hg_model_reserve(experiment->model, samples, error);
    if (status == HG_OK)
        status = check_gradients(experiment->model, &batch, checked, error);
    free(values);
    return status;
}

static enum hg_status print_floors(const struct hg_experiment *experiment, struct hg_ladder *ladder,
                                   struct hg_error *error)
{
    size_t codes = hg_model_codes(experiment->model);
    enum hg_status status = hg_ladder_compute(experiment->dataset, hg_model_loss(experiment->model),
                                              codes < HG_LADDER_MOST ? codes : HG_LADDER_MOST,
                                              ladder, NULL, error);

    if (status)
        return status;
    cli_print_ladder(ladder);
    return HG_OK;
}

static enum hg_status check(struct cli_setup *setup, const struct cli_args *args,
                            struct checked *checked, struct hg_error *error)
{
    struct hg_experiment *experiment;
    struct hg_ladder ladder;
    enum hg_status status = cli_setup_experiment(setup, args, &experiment, error);

    if (status)
        return status;
    print_data(experiment);
    putchar('\n');
    cli_print_layers(experiment->model);
    putchar('\n');
    status = print_gradients(experiment, checked, error);
    if (status == HG_OK) {
        putchar('\n');
        status = print_floors(experiment, &ladder, error);
    }
    if (status) {
        hg_experiment_destroy(experiment);
        return status;
    }
    putchar('\n');
    fflush(stdout);
    return cli_trial(experiment, &ladder, &checked->symptoms, error);
}

int cli_check(const struct cli_args *args)
{
    struct cli_setup setup;
    struct hg_error error;
    struct checked checked = {.symptoms.gradient_ratio = NAN};
    int result = 0;

    if (cli_setup_open(args, false, &setup, &error)) {
        result = cli_fail(&error);
    } else if (args->print_config) {
        result = cli_print_config(&setup);
    } else if (check(&setup, args, &checked, &error)) {
        result = cli_fail(&error);
    } else if (checked.wrong) {
        cli_say("the gradient of %zu tensor%s is wrong (%s)", checked.wrong,
                checked.wrong == 1 ? "" : "s", checked.symptoms.fault);
        result = 1;
    } else if (checked.symptoms.fault[0]) {
        cli_say("the %s is wrong (%s)", checked.symptoms.wrong_update ? "update" : "gradient",
                checked.symptoms.fault);
        result = 1;
    }
    cli_setup_fini(&setup);
    return result;
}
