/* gradcheck.h - what the checks of gradients agree on (gradcheck.c, fault_find.c, update_check.c). */
#ifndef HG_ENGINE_GRADCHECK_H
#define HG_ENGINE_GRADCHECK_H

#include "engine/model.h"
#include "hourglass/gradcheck.h"

/* What float32 may be off, of a tensor's own norm. */
#define HG__CHECK_TOLERANCE 5e-4

/* Where a network has learned all there is, or its units are saturated, rounding is all that is
 * left of a gradient. How much that is, the twin shows with a grain of float32 (some
 * units of the last place): over so many draws, times so much for safety. */
#define HG__CHECK_GRAIN  0x1p-22
#define HG__CHECK_SAFETY 8
enum { HG__CHECK_DRAWS = 4 };

/* Samples of the batch to look at: so many that an evaluation by the twin stays short. */
size_t hg__check_samples(const struct hg_model *model, size_t samples);

/* With fewer samples batch norm leaves nothing to look at. */
size_t hg__check_least(const struct hg_model *model);

/* The largest root mean square of a tensor's gradient: the scale on which "vanishes" is
 * meant. `room` has space for the largest tensor. */
double hg__check_scale(const struct hg_model *model, float *room);

/* What float32 loses of that scale. */
double hg__check_rounding(const struct hg_model *model);

/* Numbers of the largest tensor. */
size_t hg__check_largest(const struct hg_model *model);

#endif
