/* args.h - the command line, read: one table of options. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/command.h"
#include "hourglass/status.h"

#include <stdint.h>
#include <stdio.h>

/* -s SECTION.KEY=VALUE, and the options that stand for one (-t, --seed, -e). */
struct cli_setting {
    const char *name; /* "train.lr"; NULL: `text` is SECTION.KEY=VALUE */
    const char *text;
    const char *origin; /* what the user typed, for messages and --print-config */
};

/* What the user asked for. Texts point into argv. */
struct cli_args {
    const struct cli_command *command;
    const char *operands[CLI_OPERANDS];
    size_t operand_count;
    struct cli_setting *settings; /* in the order given */
    size_t setting_count;

    const char *output, *weights, *resume, *log, *tensorboard; /* NULL = not given */
    uint64_t steps;
    bool has_steps;
    size_t max_memory, max_pixels, max_samples; /* 0 = default */
    int color;                                  /* enum ui_color */
    bool quiet, verbose, ascii, low_bandwidth, print_config, detach, force, recover;
    bool help, version; /* nothing else counts */
};

/* Reads argv[1..]. HG_USAGE with a line that names the option. cli_args_fini is due. */
enum hg_status cli_args_parse(int argc, char **argv, struct cli_args *args, struct hg_error *error);
void cli_args_fini(struct cli_args *args);

/* Usage, commands and options on standard output; of one command when it has a name. */
void cli_help(const struct cli_command *command);

/* How an option's value is read. */
enum cli_kind { CLI_FLAG, CLI_TEXT, CLI_COUNT, CLI_SIZE, CLI_COLOR, CLI_SET };

/* One line of the table of options. */
struct cli_option {
    char letter; /* 0 = none */
    const char *name;
    enum cli_kind kind;
    size_t offset;       /* in struct cli_args */
    const char *setting; /* CLI_SET: the option of the experiment it stands for */
    bool training;       /* only where training is: the interface and `train` */
    const char *value;   /* what the help calls the value; NULL = none */
    const char *help;
};
const struct cli_option *cli_options(size_t *count);

/* --steps as the end of a run: 0 where it is not given, HG_NO_STEP for 0. */
uint64_t cli_end_steps(const struct cli_args *args);

/* A whole number; false unless all of the text is one. */
bool cli_read_count(const char *text, uint64_t *value);
/* A number of bytes: 512M, 2G, 1048576. */
bool cli_read_size(const char *text, size_t *bytes);

#endif
