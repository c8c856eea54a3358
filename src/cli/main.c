/* hourglass - trains autoencoders in the terminal, to be watched and steered. */
#include "cli/args.h"
#include "cli/say.h"
#include "hourglass/hourglass.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void print_version(void)
{
    printf("hourglass %s\n"
           "Licensed under the Apache License, version 2.0. There is no warranty.\n",
           hg_version());
}

static int run(int argc, char **argv)
{
    struct cli_args args;
    struct hg_error error;
    int result = 0;

    if (cli_args_parse(argc, argv, &args, &error)) {
        cli_say("%s. Try 'hourglass%s%s --help'.", error.text,
                args.command && *args.command->name ? " " : "",
                args.command ? args.command->name : "");
        result = hg_status_exit(error.status);
    } else if (args.help) {
        cli_help(args.command);
    } else if (args.version) {
        print_version();
    } else {
        result = args.command->run(&args);
    }
    cli_args_fini(&args);
    return result;
}

int main(int argc, char **argv)
{
    int result = run(argc, argv);
    bool broken = ferror(stdout);

    /* A full disk must not look like success. */
    errno = 0;
    if ((fclose(stdout) != 0 || broken) && result == 0) {
        cli_say("standard output: %s", errno ? strerror(errno) : "cannot be written");
        result = 1;
    }
    return result;
}
