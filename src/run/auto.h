/* auto.h - what an experiment decides by itself, once it has seen the data. */
#ifndef HG_RUN_AUTO_H
#define HG_RUN_AUTO_H

#include "hourglass/experiment.h"

/* Replaces "auto" of encoder and output in the experiment's spec by what suits
 * its dataset, and notes the choice. */
enum hg_status hg__resolve_auto(struct hg_experiment *experiment, struct hg_error *error);

/* Notes what a user should know before training: an output that cannot reach the
 * data, a code that is no bottleneck, features of very different size. */
void hg__note_what_stands_out(struct hg_experiment *experiment);

/* The ends of what an output activation can give. */
void hg__output_range(enum hg_activation activation, double *low, double *high);

#endif
