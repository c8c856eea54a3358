/* state.h - runs kept when nobody named them: $XDG_STATE_HOME/hourglass. */
#ifndef UI_STATE_H
#define UI_STATE_H

#include <stdbool.h>
#include <stddef.h>

enum { UI_STATE_KEPT = 5 };

/* A new path in the state folder (made when missing) for a run called `name`.
 * False: there is no such folder and it cannot be made. */
bool ui_state_path(const char *name, char *path, size_t size);
/* Leaves the newest UI_STATE_KEPT runs. */
void ui_state_prune(void);
/* The newest run if it was kept since the last time this was asked (or since ever);
 * from now on it is no news. */
bool ui_state_news(char *path, size_t size);
/* Is this file one of the state folder? */
bool ui_state_holds(const char *path);
/* The first of NAME.safetensors, NAME-2.safetensors, … that does not exist in the
 * current folder. */
bool ui_state_free_name(const char *name, char *path, size_t size);

#endif
