#include "cli/progress.h"
#include "cli/say.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "hourglass/hold.h"
#include "hourglass/hourglass.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Losses are logged so that they read back to the bit; other instruction sets may round
 * otherwise. */
static const double tolerance = 1e-9;

/* All of one `hourglass replay`. */
struct again {
    const struct cli_args *args;
    struct hg_replay *replay;
    struct hg_spec spec;
    bool made; /* spec is initialised */
    struct hg_context *context;
    struct hg_hold *hold;
    char *output;
    struct hg_trainer *trainer;
    struct cli_progress progress;
};

/* Where the data lie, and what leaves no trace in the weights, may differ. */
static enum hg_status check_setting(const struct cli_setting *setting, struct hg_error *error)
{
    static const char *const allowed[] = {"data.source", "data.labels", "train.threads"};
    const char *name = setting->name ? setting->name : setting->text;

    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        size_t length = strlen(allowed[i]);
        if (strncmp(name, allowed[i], length) == 0 && (name[length] == '\0' || name[length] == '='))
            return HG_OK;
    }
    return hg_error_set(error, HG_USAGE,
                        "--%s: a replay repeats what the log says; accepted: --threads, -s "
                        "data.source=..., -s data.labels=...",
                        setting->origin);
}

static enum hg_status check_args(const struct cli_args *args, struct hg_error *error)
{
    enum hg_status status = HG_OK;

    if (args->operand_count == 0)
        return hg_error_set(error, HG_USAGE, "replay: LOG is missing; accepted: the file of --log");
    if (args->resume || args->weights || args->has_steps || args->recover || args->log ||
        args->tensorboard)
        return hg_error_set(error, HG_USAGE,
                            "replay: repeats what the log says; accepted: -o, --force, --threads, "
                            "-s data.source=..., and how much is said");
    for (size_t i = 0; i < args->setting_count && status == HG_OK; i++)
        status = check_setting(&args->settings[i], error);
    return status;
}

static enum hg_status read_log(struct again *again, struct hg_error *error)
{
    const struct cli_args *args = again->args;
    enum hg_status status = hg_replay_open(args->operands[0], &again->replay, error);

    if (status == HG_OK)
        status = hg_spec_copy(&again->spec, hg_replay_spec(again->replay), error);
    again->made = status == HG_OK;
    for (size_t i = 0; i < args->setting_count && status == HG_OK; i++)
        status = cli_setting_apply(&again->spec, &args->settings[i], error);
    return status ? status : hg_spec_check(&again->spec, error);
}

static enum hg_status prepare_output(struct again *again, struct hg_error *error)
{
    size_t size = strlen(again->spec.name) + sizeof ".safetensors";

    again->output = again->args->output ? strdup(again->args->output) : malloc(size);
    if (!again->output)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a path");
    if (!again->args->output)
        snprintf(again->output, size, "%s.safetensors", again->spec.name);
    if (!again->args->force && access(again->output, F_OK) == 0)
        return hg_error_set(error, HG_FAILED,
                            "%s: exists; --force replaces it, -o names another file",
                            again->output);
    return hg_hold_take(again->output, &again->hold, NULL, error);
}

static enum hg_status make_trainer(struct again *again, struct hg_error *error)
{
    const struct cli_args *args = again->args;
    struct hg_limits limits = {args->max_pixels, args->max_samples};
    struct hg_trainer_config config = {.overwrite = args->force};
    struct hg_experiment *experiment;
    enum hg_status status = hg_context_create((int)again->spec.train.threads,
                                              getenv("HOURGLASS_ISA"), args->max_memory,
                                              &again->context, error);

    if (status == HG_OK)
        status = hg_experiment_create(again->context, &again->spec, &limits,
                                      hg_replay_weights(again->replay), NULL, &experiment, error);
    return status ? status : hg_trainer_create(experiment, &config, &again->trainer, error);
}

static void say_start(const struct again *again)
{
    struct hg_replay_facts facts = hg_replay_facts(again->replay);

    if (again->args->quiet)
        return;
    cli_say("%s: %" PRIu64 " steps, %zu change%s made live%s", again->args->operands[0],
            facts.steps, facts.changes, facts.changes == 1 ? "" : "s",
            facts.ended ? "" : "; the log ends within the run");
}

/* HG_DIVERGED where the run diverged, too, is as it should be. */
static enum hg_status loop(struct again *again, struct hg_error *error)
{
    struct hg_replay_facts facts = hg_replay_facts(again->replay);
    enum hg_status status = HG_OK;
    bool done = false;

    cli_progress_start(&again->progress, again->trainer, again->args->quiet, 0, facts.steps);
    while (status == HG_OK && !done && !cli_signals_stop()) {
        status = hg_replay_step(again->replay, again->trainer, &done, error);
        if (cli_signals_asked())
            cli_progress_tell(&again->progress, again->trainer);
        cli_progress_step(&again->progress, again->trainer);
    }
    cli_progress_clear(&again->progress);
    if (status == HG_DIVERGED && facts.diverged &&
        hg_trainer_progress(again->trainer)->step >= facts.steps)
        return HG_OK;
    return status;
}

/* The weights are saved, whatever comes out: they can be looked at. */
static int judge(struct again *again, double evaluated)
{
    struct hg_replay_facts facts = hg_replay_facts(again->replay);
    uint64_t steps = hg_trainer_progress(again->trainer)->step;

    if (cli_signals_stop())
        return 128 + cli_signals_stop();
    if (isfinite(facts.evaluated) && isfinite(evaluated) &&
        fabs(evaluated - facts.evaluated) > tolerance * fabs(facts.evaluated)) {
        cli_say("%s: another run: evaluated %.9g, the log says %.9g (other data, another build or "
                "instruction set?)",
                again->args->operands[0], evaluated, facts.evaluated);
        return 1;
    }
    if (!again->args->quiet)
        cli_say("%" PRIu64 " steps again: train %.6g%s; saved to %s", steps, evaluated,
                isfinite(facts.evaluated) ? ", as the log says" : "", again->output);
    return 0;
}

static int finish(struct again *again, struct hg_error *error)
{
    double evaluated, validation;
    enum hg_status status = hg_trainer_save(again->trainer, again->output, again->args->force,
                                            error);

    if (status && status != HG_DIVERGED)
        return cli_fail(error);
    hg_trainer_finish(again->trainer, HG_END_USER, &evaluated, &validation);
    return judge(again, evaluated);
}

int cli_replay(const struct cli_args *args)
{
    struct again again = {.args = args};
    struct hg_error error;
    enum hg_status status = check_args(args, &error);
    int result;

    if (status == HG_OK)
        status = read_log(&again, &error);
    if (status == HG_OK && !args->print_config)
        status = prepare_output(&again, &error);
    if (status == HG_OK && !args->print_config) {
        cli_signals_catch(args->detach);
        say_start(&again);
        status = make_trainer(&again, &error);
    }
    if (status == HG_OK && !args->print_config)
        status = loop(&again, &error);
    if (status)
        result = cli_fail(&error);
    else if (args->print_config)
        result = cli_print_config(&(struct cli_setup){.spec = again.spec});
    else
        result = finish(&again, &error);
    hg_trainer_destroy(again.trainer);
    hg_context_destroy(again.context);
    hg_hold_release(again.hold);
    if (again.made)
        hg_spec_fini(&again.spec);
    hg_replay_close(again.replay);
    free(again.output);
    return result;
}
