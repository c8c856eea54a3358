/* log.h - a log that is held back until it is known whether it was worth writing. */
#ifndef HG_RUN_LOG_H
#define HG_RUN_LOG_H

#include "hourglass/log.h"

/* A log whose lines stay in memory. NULL = no memory. Closed by hg_log_close. */
struct hg_log *hg__log_hold(void);
/* Writes what was held back to `log`. Held lines that memory ran out for make `log` fail. */
void hg__log_release(struct hg_log *held, struct hg_log *log);

#endif
