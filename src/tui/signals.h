/* signals.h - what the system asks of the interface, as flags the loop looks at. */
#ifndef UI_SIGNALS_H
#define UI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Remembers the handlers there were, and sets ours. Fatal ones (SIGSEGV and the
 * like) first give the terminal back, then act as always. */
void ui_signals_open(void);
void ui_signals_close(void);
/* The signal that asks us to end (SIGTERM, SIGHUP, SIGINT, SIGQUIT), or 0. `clear`: forget it. */
int ui_signals_ending(bool clear);

#endif
