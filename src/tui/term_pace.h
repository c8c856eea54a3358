/* term_pace.h - a token bucket of bytes: how fast the screen may be painted. */
#ifndef TUI_TERM_PACE_H
#define TUI_TERM_PACE_H

#include <stdbool.h>
#include <stddef.h>

/* Times are seconds of any clock that does not jump. */
struct ui_pace {
    double budget; /* bytes a second; 0 = no limit */
    double tokens; /* bytes that may be written now; below 0 = debt */
    double loan;   /* bytes of pictures, repaid little by little */
    double time;   /* of `tokens` */
};

void ui_pace_init(struct ui_pace *pace, double budget, double now);
/* Another budget; what is owed stays owed. */
void ui_pace_set(struct ui_pace *pace, double budget, double now);
/* Seconds until the next frame may go; 0 = now. */
double ui_pace_wait(struct ui_pace *pace, double now);
void ui_pace_spend(struct ui_pace *pace, size_t bytes, double now);
/* For pictures and whole screens: the next words wait only a moment for them, but
 * until they are repaid part of the budget goes there, and no picture should be sent. */
void ui_pace_lend(struct ui_pace *pace, size_t bytes, double now);
/* The last loan was an answer to a key: many of them must not stop other pictures for long. */
void ui_pace_forgive(struct ui_pace *pace);
bool ui_pace_owes(struct ui_pace *pace, double now);

/* Bytes a second for a screen of this size: 4k up to 80x24, growing with the
 * cells to 12k at 200x50. */
double ui_pace_auto(int rows, int columns);

#endif
