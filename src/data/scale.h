/* scale.h - from what stands in the file to what the network sees. */
#ifndef HG_DATA_SCALE_H
#define HG_DATA_SCALE_H

#include "data/sources.h"

/* Finds the scaling on the training samples of dataset->order and fills scaling, scales, factor,
 * offset, values, bounded, lowest, highest and mean from raw. Values that single precision
 * cannot hold: HG_USAGE, key scale. */
enum hg_status hg__scale_apply(const struct hg__wish *wish, struct hg__raw *raw,
                               struct hg_dataset *dataset, struct hg__place *place);

#endif
