/* progress.h - how training goes, in one line on standard error. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "hourglass/trainer.h"

/* On a terminal one line that is written again and again, elsewhere a plain line
 * an epoch, at most one a second. */
struct cli_progress {
    bool quiet, terminal;
    bool drawn;                    /* the terminal's line is not empty */
    uint64_t epochs, steps;        /* ends; 0 = none */
    double started, looked, shown; /* seconds */
    uint64_t shown_epoch, shown_samples, first_step;
    double speed;           /* samples a second, smoothed; 0 = unknown */
    uint64_t stride, since; /* the clock is read every `stride` steps */
};

void cli_progress_start(struct cli_progress *progress, const struct hg_trainer *trainer, bool quiet,
                        uint64_t epochs, uint64_t steps);
/* After each step: cheap, and shows something when it is time. */
void cli_progress_step(struct cli_progress *progress, const struct hg_trainer *trainer);
/* One plain line now (SIGUSR1). */
void cli_progress_tell(struct cli_progress *progress, const struct hg_trainer *trainer);
/* Takes the terminal's line away, so that a message can be written. */
void cli_progress_clear(struct cli_progress *progress);
/* Seconds since the start. */
double cli_progress_seconds(const struct cli_progress *progress);

/* Seconds of a clock that never jumps. */
double cli_now(void);

#endif
