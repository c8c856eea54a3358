/* held.h - a run that another process trains: what the interface asks, and taking it over. */
#ifndef CLI_HELD_H
#define CLI_HELD_H

#include "hourglass/hold.h"

#include <stdbool.h>

enum cli_held { CLI_HELD_TAKE, CLI_HELD_VIEW, CLI_HELD_QUIT };

/* Is there somebody to ask? */
bool cli_held_can_ask(void);
/* Asks on the terminal until a key is an answer; no answer at all is to quit. */
enum cli_held cli_held_ask(const char *path, long holder);
/* Tells the holder to save and end, and waits until the run is ours. */
enum hg_status cli_held_take(const char *path, long holder, struct hg_hold **hold,
                             struct hg_error *error);

#endif
