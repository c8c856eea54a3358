/* hold.h - one process at a time trains a run.
 *
 * A hold is a name, made from a run file's folder and name, that the system takes
 * away when its process ends, however it ends: nothing is left behind on disk and
 * nothing can be stale. (A listening socket in Linux's abstract name space; on
 * other systems a hold is always granted.)
 */
#ifndef HOURGLASS_HOLD_H
#define HOURGLASS_HOLD_H

#include "hourglass/status.h"

struct hg_hold;

/* Takes the hold of the run file `path` (which need not exist, its folder must).
 * HG_FAILED when another process has it: *holder is its process id (0 = unknown)
 * and the message names it. `holder` may be NULL. */
enum hg_status hg_hold_take(const char *path, struct hg_hold **hold, long *holder,
                            struct hg_error *error);
/* NULL is allowed. */
void hg_hold_release(struct hg_hold *hold);

/* The process that holds `path`; 0 = none, -1 = one that cannot be told. */
long hg_hold_find(const char *path);

#endif
