#include "cli/held.h"
#include "cli/say.h"
#include "cli/setup.h"
#include "hourglass/hold.h"
#include "tui/tui.h"

#include <string.h>
#include <unistd.h>

/* A run that another process trains is not opened for training. */
static enum hg_status hold(struct cli_setup *setup, const struct cli_args *args, long *holder,
                           struct hg_error *error)
{
    const char *path = args->output ? args->output : setup->resume_path;

    *holder = 0;
    return path ? hg_hold_take(path, &setup->hold, holder, error) : HG_OK;
}

/* holder: 0, or the process that trains the run which is only viewed. */
static int run(struct cli_setup *setup, const struct cli_args *args, long holder)
{
    struct ui_config config = {
        .context = setup->context,
        .spec = &setup->spec,
        .limits = setup->limits,
        .output = args->output,
        .resume = setup->resume,
        .resume_path = setup->resume_path,
        .weights = args->weights,
        .log = args->log,
        .epochs = (uint64_t)setup->spec.train.epochs,
        .steps = cli_end_steps(args),
        .color = (enum ui_color)args->color,
        .ascii = args->ascii,
        .low_bandwidth = args->low_bandwidth,
        .quiet = args->quiet,
        .force = args->force,
        .detach = args->detach,
        .holder = holder,
    };

    setup->resume = NULL;
    return ui_run(&config);
}

/* FILE, when it names no file: a run may be held that has not been saved yet. */
static const char *unsaved_run(const struct cli_args *args)
{
    const char *file = args->operand_count ? args->operands[0] : NULL;

    return file && !args->resume && access(file, F_OK) != 0 ? file : NULL;
}

/* The run that another process trains, when it is this one that was asked for: as FILE, or as
 * the output of an experiment. NULL: there is nothing to go on with or to look at. */
static const char *held_run(const struct cli_args *args, const struct cli_setup *setup)
{
    const char *from = setup->resume_path ? setup->resume_path : unsaved_run(args);

    if (args->weights || args->recover || (from && args->output && strcmp(from, args->output) != 0))
        return NULL;
    return args->output ? args->output : from;
}

/* Asks, and does it. The setup is made anew: what was read before the other saved is old. */
static int share(struct cli_setup *setup, const struct cli_args *args, const char *path,
                 long holder)
{
    struct cli_args again = *args;
    struct hg_hold *ours = NULL;
    struct hg_error error;
    enum hg_status status = HG_OK;
    enum cli_held answer = cli_held_ask(path, holder);

    if (answer == CLI_HELD_QUIT)
        return 0;
    if (path == args->output && !setup->resume_path) { /* -o names it: FILE must agree with it */
        again.resume = path;
        again.operand_count = answer == CLI_HELD_VIEW ? 0 : args->operand_count;
    }
    if (answer == CLI_HELD_VIEW)
        again.output = NULL;
    else
        status = cli_held_take(path, holder, &ours, &error);
    cli_setup_fini(setup); /* and with it `path`, where that is the setup's */
    if (status == HG_OK)
        status = cli_setup_open(&again, true, setup, &error);
    setup->hold = ours;
    if (status)
        return cli_fail(&error);
    return run(setup, &again, answer == CLI_HELD_VIEW ? holder : 0);
}

int cli_interface(const struct cli_args *args)
{
    struct cli_setup setup;
    struct hg_error error;
    enum hg_status status;
    const char *held;
    long holder = 0;
    int result;

    if (args->tensorboard) {
        cli_say("--tensorboard comes with a later version; --log FILE.jsonl writes a log");
        return 2;
    }
    status = cli_setup_open(args, true, &setup, &error);
    if (status == HG_OK && !args->print_config)
        status = hold(&setup, args, &holder, &error);
    held = held_run(args, &setup);
    if (status && holder == 0 && held && held == unsaved_run(args))
        holder = hg_hold_find(held);
    if (status && holder > 0 && held && cli_held_can_ask())
        result = share(&setup, args, held, holder);
    else if (status)
        result = cli_fail(&error);
    else if (args->print_config)
        result = cli_print_config(&setup);
    else
        result = run(&setup, args, 0);
    cli_setup_fini(&setup);
    return result;
}
