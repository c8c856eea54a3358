#include "cli/args.h"
#include "cli/say.h"

int cli_later(const struct cli_args *args)
{
    cli_say("%s comes with a later version. Try 'hourglass --help'.", args->command->name);
    return 2;
}
