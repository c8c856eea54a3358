/* gaussians.h - samples of multivariate normal distributions ([gaussians]). */
#ifndef HG_DATA_GAUSSIANS_H
#define HG_DATA_GAUSSIANS_H

#include "hourglass/dataset.h"

/* Checks numbers and texts of config->gaussians, drawing nothing. HG_USAGE with
 * *key (may be NULL) naming the [gaussians] key: "clusters", ..., "center.3"
 * ("center" and "spread" alone when K is above 20). */
enum hg_status hg__gaussians_check(const struct hg_data_config *config, const char **key,
                                   struct hg_error *error);

#endif
