/* health.h - parts of the measurement of layers. */
#ifndef HG_RUN_HEALTH_H
#define HG_RUN_HEALTH_H

#include "engine/model.h"
#include "hourglass/health.h"

/* Fills gradient, weight and update of every layer in `health`. */
enum hg_status hg__health_updates(struct hg_trainer *trainer, struct hg_health *health,
                                  struct hg_error *error);

#endif
