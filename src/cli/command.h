/* command.h - the commands of the program, one line each in one table. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct cli_args;

enum { CLI_OPERANDS = 8 }; /* most that any command takes */

struct cli_command {
    const char *name;                        /* the word; "" = the interface */
    const char *operands;                    /* for the usage line */
    const char *help;                        /* one line */
    size_t most;                             /* operands accepted */
    bool training;                           /* takes the options about training and output */
    int (*run)(const struct cli_args *args); /* gives the exit status */
};

/* The table, `*count` lines; the first is the interface. */
const struct cli_command *cli_commands(size_t *count);
/* NULL when there is no such command. */
const struct cli_command *cli_command_find(const char *name);

int cli_interface(const struct cli_args *args);
int cli_train(const struct cli_args *args);
int cli_check(const struct cli_args *args);
int cli_info(const struct cli_args *args);
int cli_bench(const struct cli_args *args);
int cli_replay(const struct cli_args *args);
int cli_selftest(const struct cli_args *args);
int cli_later(const struct cli_args *args); /* announced, not there yet */

#endif
