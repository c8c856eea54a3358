/* signals.h - what `hourglass train` does when it is told to stop. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/* From here on the first SIGINT, SIGTERM or SIGHUP is noted, a second one ends the
 * process at once; SIGUSR1 asks for a progress line. SIGHUP stays ignored when it
 * was (nohup) or with `detach`. */
void cli_signals_catch(bool detach);

/* The signal that asked for the end; 0 = none yet. */
int cli_signals_stop(void);

/* Becomes true with the first signal: for calls that poll. */
const volatile bool *cli_signals_flag(void);

/* Was a progress line asked for since the last call? */
bool cli_signals_asked(void);

#endif
