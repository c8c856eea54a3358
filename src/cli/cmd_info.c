#include "cli/say.h"
#include "cli/setup.h"
#include "cli/table.h"
#include "hourglass/hold.h"
#include "hourglass/hourglass.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOSSES_MOST = 12 }; /* lines of the history without -v */

/* Which moments an optimizer keeps. */
static const char *moments(enum hg_optimizer optimizer)
{
    switch (optimizer) {
    case HG_MOMENTUM:
    case HG_NESTEROV:
        return "first moments";
    case HG_RMSPROP:
        return "second moments";
    case HG_ADAM:
    case HG_ADAMW:
        return "first and second moments";
    default:
        return "no moments";
    }
}

static void print_loss(const char *name, double value)
{
    if (isfinite(value))
        cli_fact(name, "%.6g", value);
}

static void print_facts(const struct hg_runfile *run, const struct hg_spec *spec, const char *path)
{
    const struct hg_progress *at = hg_runfile_progress(run);
    const struct hg_history *history = hg_runfile_history(run);
    char shape[64];
    long holder = hg_hold_find(path);

    cli_shape_text(hg_runfile_shape(run), shape, sizeof shape);
    cli_fact("run", "%s", path);
    if (holder > 0)
        cli_fact("trained by", "process %ld, right now", holder);
    cli_fact("written by", "hourglass %s", hg_runfile_version(run));
    cli_fact("data", "%s", spec->data.source);
    cli_fact("shape", "%s%s%s", shape, hg_runfile_image(run) ? ", an image" : "",
             hg_runfile_mean(run) ? ", centred by the training mean" : "");
    cli_fact("epoch", "%" PRIu64, at->epoch);
    cli_fact("step", "%" PRIu64, at->step);
    if (at->position)
        cli_fact("position", "%" PRIu64 " samples into the next epoch", at->position);
    cli_fact("loss", "%s", hg_loss_name((enum hg_loss)spec->model.loss));
    print_loss("train", at->last_train);
    if (history->count)
        print_loss("validation", history->epochs[history->count - 1].validation);
    if (isfinite(at->best_validation))
        cli_fact("best", "validation %.6g at epoch %" PRIu64, at->best_validation, at->best_epoch);
    cli_fact("optimizer", "%s, lr %g, %" PRIu64 " updates, %s",
             hg_optimizer_name((enum hg_optimizer)spec->train.optimizer), spec->train.lr,
             at->updates, moments((enum hg_optimizer)spec->train.optimizer));
}

static void print_epoch(const struct hg_epoch *epoch)
{
    char validation[32] = "-";

    if (isfinite(epoch->validation))
        snprintf(validation, sizeof validation, "%.6g", epoch->validation);
    printf("%10" PRIu64 " %10" PRIu64 " %12.6g %12s %10g\n", epoch->epoch, epoch->step,
           epoch->train, validation, epoch->rate);
}

/* All of it with -v, else a handful spread evenly, the last one always. */
static void print_history(const struct hg_history *history, bool all)
{
    size_t lines = all || history->count < LOSSES_MOST ? history->count : LOSSES_MOST;

    if (history->count == 0)
        return;
    printf("\n%10s %10s %12s %12s %10s\n", "epoch", "step", "train", "validation", "lr");
    for (size_t i = 0; i < lines; i++) {
        size_t at = lines > 1 ? i * (history->count - 1) / (lines - 1) : 0;
        print_epoch(&history->epochs[at]);
    }
}

static enum hg_status print_layers(const struct hg_runfile *run, const struct hg_spec *spec,
                                   struct hg_error *error)
{
    struct hg_model_config config = cli_model_config(spec, hg_runfile_shape(run),
                                                     hg_runfile_image(run));
    struct hg_context *context;
    struct hg_model *model;
    enum hg_status status = hg_context_create(1, NULL, 0, &context, error);

    if (status)
        return status;
    status = hg_model_create(context, &config, &model, NULL, error);
    if (status == HG_OK) {
        putchar('\n');
        cli_print_layers(model);
        hg_model_destroy(model);
    }
    hg_context_destroy(context);
    return status;
}

static enum hg_status print_run(const struct hg_runfile *run, struct hg_spec *spec,
                                const struct cli_args *args, struct hg_error *error)
{
    enum hg_status status = hg_runfile_read_config(run, spec, error);

    if (status)
        return status;
    print_facts(run, spec, args->operands[0]);
    status = print_layers(run, spec, error);
    if (status)
        return hg_error_prefix(error, status == HG_USAGE ? HG_DAMAGED : status, "%s",
                               args->operands[0]);
    print_history(hg_runfile_history(run), args->verbose);
    printf("\n%s", hg_runfile_config(run));
    return HG_OK;
}

/* The floors of the data that the run learns from, at the end: they take a while, and need the
 * data. Without them the run is told as well. */
static void print_floors(struct hg_runfile *run, struct hg_spec *spec, const struct cli_args *args)
{
    struct hg_limits limits = {.max_pixels = args->max_pixels, .max_samples = args->max_samples};
    struct hg_context *context = NULL;
    struct hg_experiment *experiment = NULL;
    struct hg_ladder ladder;
    struct hg_error error;
    enum hg_status status = HG_OK;

    fflush(stdout);
    for (size_t i = 0; i < args->setting_count && status == HG_OK; i++)
        status = cli_setting_apply(spec, &args->settings[i], &error);
    if (status == HG_OK)
        status = hg_spec_find_data(spec, args->operands[0], &error);
    if (status == HG_OK)
        status = hg_context_create(0, getenv("HOURGLASS_ISA"), args->max_memory, &context, &error);
    if (status)
        hg_runfile_close(run);
    else
        status = hg_experiment_create(context, spec, &limits, NULL, run, &experiment, &error);
    if (status == HG_OK) {
        size_t codes = hg_model_codes(experiment->model);
        status = hg_ladder_compute(experiment->dataset, hg_model_loss(experiment->model),
                                   codes < HG_LADDER_MOST ? codes : HG_LADDER_MOST, &ladder, NULL,
                                   &error);
    }
    putchar('\n');
    if (status)
        cli_fact("floors", "not known: %s", error.text);
    else
        cli_print_ladder(&ladder);
    hg_experiment_destroy(experiment);
    hg_context_destroy(context);
}

int cli_info(const struct cli_args *args)
{
    struct hg_runfile *run;
    struct hg_spec spec;
    struct hg_error error;
    enum hg_status status;

    if (args->operand_count == 0) {
        cli_say("info: which run? Try 'hourglass info RUN.safetensors'.");
        return 2;
    }
    if (hg_runfile_open(args->operands[0], false, &run, &error))
        return cli_fail(&error);
    status = hg_spec_init(&spec, &error);
    if (status == HG_OK && args->print_config)
        fputs(hg_runfile_config(run), stdout);
    else if (status == HG_OK)
        status = print_run(run, &spec, args, &error);
    if (status == HG_OK && !args->print_config) {
        print_floors(run, &spec, args);
        run = NULL;
    }
    hg_spec_fini(&spec);
    hg_runfile_close(run);
    return status ? cli_fail(&error) : 0;
}
