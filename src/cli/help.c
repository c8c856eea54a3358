#include "cli/args.h"

#include "hourglass/hourglass.h"

#include <string.h>

enum { COLUMN = 32 };

static void print_option(const struct cli_option *option)
{
    char left[COLUMN + 32];
    int length;

    length = snprintf(left, sizeof left, "  %c%c%c --%s%s%s", option->letter ? '-' : ' ',
                      option->letter ? option->letter : ' ', option->letter ? ',' : ' ',
                      option->name, option->value ? " " : "", option->value ? option->value : "");
    if (length > COLUMN - 2)
        printf("%s\n%*s%s\n", left, COLUMN, "", option->help);
    else
        printf("%-*s%s\n", COLUMN, left, option->help);
}

static void print_options(bool training, bool interface)
{
    size_t count;
    const struct cli_option *options = cli_options(&count);

    for (size_t i = 0; i < count; i++) {
        if (options[i].training == training &&
            (interface || strcmp(options[i].name, "recover") != 0))
            print_option(&options[i]);
    }
}

static void print_commands(void)
{
    size_t count;
    const struct cli_command *commands = cli_commands(&count);

    puts("\nCommands:");
    for (size_t i = 1; i < count; i++) {
        char left[COLUMN + 32];
        snprintf(left, sizeof left, "  %s %s", commands[i].name, commands[i].operands);
        printf("%-*s%s%s\n", COLUMN, left, commands[i].help,
               commands[i].run == cli_later ? " (later version)" : "");
    }
}

void cli_help(const struct cli_command *command)
{
    bool one = *command->name != '\0';

    if (one)
        printf("Usage: hourglass %s [OPTION]... %s\n%s: %s.\n", command->name, command->operands,
               command->name, command->help);
    else
        puts("Usage: hourglass [OPTION]... [FILE]\n"
             "       hourglass COMMAND [OPTION]... [OPERAND]...\n"
             "Train an autoencoder in the terminal, watch it learn, and steer it.\n"
             "\n"
             "FILE is an experiment (.ini), a run (.safetensors) or data: a folder of PNGs, a\n"
             ".png, IDX, CSV, NPY or NPZ, also .gz. Without FILE: built-in digits.");
    if (!one)
        print_commands();
    puts("\nOptions:");
    print_options(false, !one);
    if (command->training) {
        puts("\nOptions about training and its run file:");
        print_options(true, !one);
    }
    puts("\nExit status: 0 done, 1 something failed, 2 wrong arguments, experiment or terminal,\n"
         "3 damaged or unknown input, 4 training diverged, 128+N ended by signal N.\n"
         "Manual: man hourglass, man hourglass.ini");
}
