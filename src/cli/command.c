#include "cli/command.h"

#include <string.h>

static const struct cli_command table[] = {
    {"", "[FILE]", "watch an autoencoder learn, and steer it", 1, true, cli_interface},
    {"train", "[FILE]", "the same experiment without a screen, into a run file", 1, true,
     cli_train},
    {"check", "[FILE]", "no training: data, layers, gradient check, floors", 1, false, cli_check},
    {"info", "RUN", "what a run file holds", 1, false, cli_info},
    {"bench", "[WORKLOAD|FILE]", "how fast it trains here, as JSON", 1, false, cli_bench},
    {"encode", "RUN DATA -o OUT", "code vectors of data", 0, false, cli_later},
    {"decode", "RUN CODES -o OUT", "pictures of code vectors", 0, false, cli_later},
    {"reconstruct", "RUN DATA -o OUT", "input beside reconstruction", 0, false, cli_later},
    {"export", "RUN -o OUT", "ONNX, NPZ, PyTorch, CSV, SVG, PNG", 0, false, cli_later},
    {"new", "DATA -o FILE.ini", "an experiment file that suits data", 0, false, cli_later},
    {"replay", "LOG", "the run of a log again", 1, true, cli_replay},
    {"selftest", "[NAME...]", "the experiments of docs/experiments.md, each with its pass line",
     CLI_OPERANDS, false, cli_selftest},
};

const struct cli_command *cli_commands(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

const struct cli_command *cli_command_find(const char *name)
{
    for (size_t i = 1; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}
