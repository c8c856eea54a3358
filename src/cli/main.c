/* hourglass - trains autoencoders in the terminal, to be watched and steered. */
#include "cli/args.h"
#include "cli/say.h"
#include "hourglass/hourglass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* A file opened where a standard stream is closed would get its number, and our messages.
 * What stands there instead still refuses to be read or written. */
static void fill_closed(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    int result;
    bool broken;

    fill_closed();
    result = run(argc, argv);
    broken = ferror(stdout);
    /* A full disk must not look like success. */
    errno = 0;
    if ((fclose(stdout) != 0 || broken) && result == 0) {
        cli_say("standard output: %s", errno ? strerror(errno) : "cannot be written");
        result = 1;
    }
    return result;
}
