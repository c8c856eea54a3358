/* say.h - messages on standard error: one line each, beginning "hourglass: ". */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "hourglass/status.h"

/* Outside text in the arguments is made safe to show. */
void cli_say(const char *format, ...) HG_PRINTF(1, 2);

/* Says the error and gives the exit status that goes with it. */
int cli_fail(const struct hg_error *error);

#endif
