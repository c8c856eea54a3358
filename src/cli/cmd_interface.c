#include "cli/say.h"
#include "cli/setup.h"
#include "hourglass/hold.h"
#include "tui/tui.h"

/* A run that another process trains is not opened for training. */
static enum hg_status hold(struct cli_setup *setup, const struct cli_args *args,
                           struct hg_error *error)
{
    const char *path = args->output ? args->output : setup->resume_path;

    return path ? hg_hold_take(path, &setup->hold, NULL, error) : HG_OK;
}

static int run(struct cli_setup *setup, const struct cli_args *args)
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
    };

    setup->resume = NULL;
    return ui_run(&config);
}

int cli_interface(const struct cli_args *args)
{
    struct cli_setup setup;
    struct hg_error error;
    int result;

    if (args->tensorboard) {
        cli_say("--tensorboard comes with a later version; --log FILE.jsonl writes a log");
        return 2;
    }
    if (cli_setup_open(args, true, &setup, &error) ||
        (!args->print_config && hold(&setup, args, &error)))
        result = cli_fail(&error);
    else if (args->print_config)
        result = cli_print_config(&setup);
    else
        result = run(&setup, args);
    cli_setup_fini(&setup);
    return result;
}
