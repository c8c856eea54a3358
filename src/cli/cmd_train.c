#include "cli/progress.h"
#include "cli/say.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "hourglass/hold.h"
#include "hourglass/hourglass.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EPOCHS = 20, LAYERS_MOST = 256 };

/* All of one `hourglass train`. */
struct training {
    const struct cli_args *args;
    struct cli_setup setup;
    char *output;
    bool overwrite; /* the output may be replaced: --force, or it is the resumed run */
    uint64_t epochs, steps;
    struct hg_log *log;
    struct hg_ladder ladder;
    struct hg_trainer *trainer;
    struct cli_progress progress;
};

/* ---- where the result goes ---- */

static bool same_file(const char *left, const char *right)
{
    struct stat one, other;

    return stat(left, &one) == 0 && stat(right, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static char *choose_output(const struct training *training)
{
    const char *name = training->setup.spec.name;
    size_t size = strlen(name) + sizeof ".safetensors";
    char *path;

    if (training->args->output)
        return strdup(training->args->output);
    if (training->setup.resume_path)
        return strdup(training->setup.resume_path);
    path = malloc(size);
    if (path)
        snprintf(path, size, "%s.safetensors", name);
    return path;
}

/* Refused now rather than after hours of training. */
static enum hg_status check_folder(const char *path, struct hg_error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    enum hg_status status = HG_OK;

    if (!folder)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a path");
    if (access(folder, W_OK | X_OK) != 0)
        status = hg_error_set(error, HG_FAILED, "%s: cannot be written: %s", path, strerror(errno));
    free(folder);
    return status;
}

static enum hg_status prepare_output(struct training *training, struct hg_error *error)
{
    const char *resumed = training->setup.resume_path;
    const char *input = training->args->operand_count ? training->args->operands[0] : NULL;
    struct stat facts;
    enum hg_status status;

    training->output = choose_output(training);
    if (!training->output)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a path");
    training->overwrite = training->args->force ||
                          (resumed && same_file(resumed, training->output));
    if (stat(training->output, &facts) == 0) {
        if (S_ISDIR(facts.st_mode))
            return hg_error_set(error, HG_FAILED, "%s: a folder; accepted: a file name",
                                training->output);
        if (!S_ISREG(facts.st_mode))
            return hg_error_set(error, HG_FAILED, "%s: not a regular file; -o names another",
                                training->output);
        if (!training->overwrite)
            return hg_error_set(error, HG_FAILED,
                                "%s: exists; --force replaces it, --resume goes on with it, -o "
                                "names another file",
                                training->output);
        if (same_file(training->setup.spec.data.source, training->output) ||
            (input && same_file(input, training->output) &&
             !(resumed && same_file(resumed, input))))
            return hg_error_set(error, HG_FAILED, "%s: is the input; -o names another file",
                                training->output);
    } else if (lstat(training->output, &facts) == 0) {
        return hg_error_set(error, HG_FAILED, "%s: a symbolic link to nothing; -o names a file",
                            training->output);
    }
    if (training->args->log && strcmp(training->args->log, training->output) == 0)
        return hg_error_set(error, HG_USAGE, "--log: %s is where the run goes; another file",
                            training->output);
    status = check_folder(training->output, error);
    if (status == HG_OK)
        status = hg_hold_take(training->output, &training->setup.hold, NULL, error);
    return status;
}

/* ---- before the first step ---- */

static void say_start(const struct training *training, const struct hg_experiment *experiment)
{
    const struct hg_dataset *dataset = experiment->dataset;
    char layers[LAYERS_MOST];

    if (training->args->quiet)
        return;
    cli_layers_text(experiment->model, layers, sizeof layers);
    cli_say("%s: %zu sample%s of %zu value%s; network %s, %" PRIu64 " parameters", dataset->name,
            dataset->samples, dataset->samples == 1 ? "" : "s", dataset->features,
            dataset->features == 1 ? "" : "s", layers, hg_model_parameters(experiment->model));
    cli_say_notes(experiment);
    if (experiment->resumed)
        cli_say("goes on after epoch %" PRIu64 ", step %" PRIu64,
                hg_runfile_progress(experiment->resumed)->epoch,
                hg_runfile_progress(experiment->resumed)->step);
}

static void say_ladder(const struct training *training)
{
    const struct hg_ladder *ladder = &training->ladder;

    if (training->args->quiet)
        return;
    if (ladder->rungs)
        cli_say("floors of the %s: mean %.6g, PCA-%zu %s%.6g", hg_loss_name(ladder->loss),
                ladder->mean, ladder->rungs, ladder->approximate ? "about " : "",
                ladder->pca[ladder->rungs - 1]);
    else
        cli_say("floor of the %s: mean %.6g", hg_loss_name(ladder->loss), ladder->mean);
}

/* The floors go to the log and to the user; for nobody they are not computed. */
static enum hg_status climb(struct training *training, const struct hg_experiment *experiment,
                            struct hg_error *error)
{
    size_t rungs = hg_model_codes(experiment->model);
    enum hg_status status;

    if (training->args->quiet && !training->log)
        return HG_OK;
    status = hg_ladder_compute(experiment->dataset, hg_model_loss(experiment->model),
                               rungs < HG_LADDER_MOST ? rungs : HG_LADDER_MOST, &training->ladder,
                               cli_signals_flag(), error);
    if (status == HG_OK)
        say_ladder(training);
    return status;
}

static enum hg_status start_trainer(struct training *training, struct hg_error *error)
{
    struct hg_experiment *experiment;
    struct hg_trainer_config config;
    enum hg_status status = cli_setup_experiment(&training->setup, training->args, &experiment,
                                                 error);

    if (status)
        return status;
    say_start(training, experiment);
    status = hg_log_open(training->args->log, &training->log, error);
    if (status == HG_OK)
        status = climb(training, experiment, error);
    if (status) {
        hg_experiment_destroy(experiment);
        return status;
    }
    config = (struct hg_trainer_config){.epochs = training->epochs,
                                        .steps = training->steps,
                                        .output = training->output,
                                        .overwrite = training->overwrite,
                                        .early = true,
                                        .log = training->log,
                                        .ladder = &training->ladder};
    return hg_trainer_create(experiment, &config, &training->trainer, error);
}

static enum hg_status prepare(struct training *training, struct hg_error *error)
{
    const struct cli_args *args = training->args;
    enum hg_status status = cli_setup_open(args, false, &training->setup, error);

    if (status || args->print_config)
        return status;
    training->epochs = (uint64_t)training->setup.spec.train.epochs;
    training->steps = cli_end_steps(args);
    if (training->epochs == 0 && !args->has_steps)
        training->epochs = EPOCHS;
    status = prepare_output(training, error);
    if (status == HG_OK) {
        cli_signals_catch(args->detach);
        status = start_trainer(training, error);
    }
    return status;
}

/* ---- training ---- */

/* Runs until an end, a signal or a divergence. A save that fails is told and
 * training goes on: the next one may succeed, and the last one decides. */
static enum hg_status loop(struct training *training, struct hg_error *error)
{
    enum hg_status status = HG_OK;

    while (hg_trainer_end(training->trainer) == HG_END_NOT && !cli_signals_stop()) {
        status = hg_trainer_step(training->trainer, error);
        if (status == HG_DIVERGED)
            return status;
        if (status) {
            cli_progress_clear(&training->progress);
            cli_say("%s", error->text);
        }
        if (cli_signals_asked())
            cli_progress_tell(&training->progress, training->trainer);
        cli_progress_step(&training->progress, training->trainer);
    }
    return HG_OK;
}

static void say_end(struct training *training, double evaluated, double validation)
{
    static const char *const why[HG_END_COUNT] = {[HG_END_CONVERGED] = "converged: ",
                                                  [HG_END_PATIENCE] = "no better validation loss: ",
                                                  [HG_END_SIGNAL] = "stopped by a signal: ",
                                                  [HG_END_DIVERGED] = "diverged: "};
    const struct hg_progress *at = hg_trainer_standing(training->trainer);
    const char *reason = why[hg_trainer_end(training->trainer)];
    char tail[64] = "";

    if (training->args->quiet)
        return;
    if (isfinite(validation))
        snprintf(tail, sizeof tail, ", validation %.6g", validation);
    cli_say("%s%" PRIu64 " epoch%s, %" PRIu64 " step%s in %.1f s: train %.6g%s",
            reason ? reason : "", at->epoch, at->epoch == 1 ? "" : "s", at->step,
            at->step == 1 ? "" : "s", cli_progress_seconds(&training->progress), evaluated, tail);
    cli_say("saved to %s", training->output);
}

/* Saves first: a second Ctrl-C during the evaluation then loses nothing. */
static enum hg_status finish(struct training *training, struct hg_error *error)
{
    double evaluated, validation;
    enum hg_status status = hg_trainer_save(training->trainer, training->output,
                                            training->overwrite, error);
    enum hg_status logged = HG_OK;
    struct hg_error log_error;

    hg_trainer_finish(training->trainer, cli_signals_stop() ? HG_END_SIGNAL : HG_END_STEPS,
                      &evaluated, &validation);
    cli_progress_clear(&training->progress);
    if (status == HG_OK)
        say_end(training, evaluated, validation);
    if (training->log && hg_log_failed(training->log, &log_error)) {
        logged = HG_FAILED;
        if (status)
            cli_say("%s", log_error.text);
        else
            *error = log_error;
    }
    return status ? status : logged;
}

static int train(struct training *training)
{
    struct hg_error error, later;
    enum hg_status status;

    cli_progress_start(&training->progress, training->trainer, training->args->quiet,
                       training->epochs, training->args->steps);
    status = loop(training, &error);
    cli_progress_clear(&training->progress);
    if (status) {
        if (finish(training, &later))
            cli_say("%s", later.text);
        return cli_fail(&error);
    }
    status = finish(training, &error);
    if (status)
        return cli_fail(&error);
    return cli_signals_stop() ? 128 + cli_signals_stop() : 0;
}

int cli_train(const struct cli_args *args)
{
    struct training training = {.args = args};
    struct hg_error error;
    int result;

    if (args->tensorboard) {
        cli_say("--tensorboard comes with a later version; --log FILE.jsonl writes a log");
        return 2;
    }
    if (prepare(&training, &error))
        result = cli_signals_stop() ? 128 + cli_signals_stop() : cli_fail(&error);
    else if (args->print_config)
        result = cli_print_config(&training.setup);
    else
        result = train(&training);
    hg_trainer_destroy(training.trainer);
    hg_log_close(training.log);
    cli_setup_fini(&training.setup);
    free(training.output);
    return result;
}
