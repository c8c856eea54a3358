/* trial.h - a first short training, and what the doctor says about it. */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include "hourglass/doctor.h"

/* Trains for about a second and prints the findings. The experiment is taken over; to what is
 * `known` of the gradient comes what the trial says of gradient and update. */
enum hg_status cli_trial(struct hg_experiment *experiment, const struct hg_ladder *ladder,
                         struct hg_symptoms *known, struct hg_error *error);

#endif
