/* setup.h - from the command line to an experiment: file, run, --set, in this order. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/args.h"
#include "hourglass/experiment.h"

struct cli_setup {
    struct hg_spec spec; /* checked */
    struct hg_context *context;
    struct hg_runfile *resume; /* the run to go on from; NULL = a new one */
    char *resume_path;         /* its path; NULL with --recover, and without */
    struct hg_limits limits;
    struct hg_hold *hold; /* of the output, by cli_setup_hold */
};

/* Reads and checks everything but the data. cli_setup_fini is due, also on failure.
 * With `screen` the user's own [screen] settings are read too. */
enum hg_status cli_setup_open(const struct cli_args *args, bool screen, struct cli_setup *setup,
                              struct hg_error *error);
void cli_setup_fini(struct cli_setup *setup);

/* Loads the data and builds the model (the run passes over to the experiment). */
enum hg_status cli_setup_experiment(struct cli_setup *setup, const struct cli_args *args,
                                    struct hg_experiment **experiment, struct hg_error *error);

/* Puts one setting of the command line into a spec. */
enum hg_status cli_setting_apply(struct hg_spec *spec, const struct cli_setting *setting,
                                 struct hg_error *error);

/* --print-config: the exit status. */
int cli_print_config(const struct cli_setup *setup);

/* Says on standard error what was chosen for the user. */
void cli_say_notes(const struct hg_experiment *experiment);

/* "mse"-like short names of what is trained: "784-128-32-2-32-128-784". */
void cli_layers_text(const struct hg_model *model, char *text, size_t size);

#endif
