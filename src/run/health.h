/* health.h - parts of the measurement of layers. */
#ifndef HG_RUN_HEALTH_H
#define HG_RUN_HEALTH_H

#include "engine/model.h"
#include "hourglass/health.h"

/* Fills gradient, weight and update of every layer in `health`. */
enum hg_status hg__health_updates(struct hg_trainer *trainer, struct hg_health *health,
                                  struct hg_error *error);

/* Sums over samples and values: how far the samples are from the training mean (squares, also
 * of their own mean), from what the output can give, and how large the input is; and what the
 * training mean as output costs each (loss). */
struct hg__distances {
    double squares, own, beyond, size, centred, loss;
};
struct hg__distances hg__health_distances(const struct hg_trainer *trainer, const uint32_t *order,
                                          size_t samples);

/* What a unit of the first weight sees of a sample: all of a row, a patch of a picture. */
double hg__health_seen_share(const struct hg_model *model);

#endif
