/* sentence.h - one sentence that says what the curve is doing. */
#ifndef HG_RUN_SENTENCE_H
#define HG_RUN_SENTENCE_H

#include "hourglass/session.h"

/* Writes the sentence for what a snapshot says (state, running, ladder, epochs,
 * history) into its sentence fields. `before`: the snapshot's last sentence
 * state, kept by the caller between calls so that a curve that touches a
 * threshold does not make the words flicker; zero-initialise. Pure otherwise. */
struct hg__sentence {
    int rung;            /* where the curve was: see sentence.c */
    int pace;            /* how fast it fell */
    uint64_t since_step; /* on this rung since */
    uint64_t since_epoch;
};
void hg__sentence_write(struct hg__sentence *before, struct hg_snapshot *snapshot);

#endif
