/* wish.h - the [data] texts understood. */
#ifndef HG_DATA_WISH_H
#define HG_DATA_WISH_H

#include "data/sources.h"

enum { HG__MAX_PIXELS = 1 << 26 }; /* largest image accepted unless said otherwise */

/* Parses every text of the configuration; reads nothing. NULL texts mean their default.
 * HG_USAGE with *key (may be NULL) naming the [data] key at fault. The wish borrows strings. */
enum hg_status hg__wish_parse(const struct hg_data_config *config, struct hg__wish *wish,
                              const char **key, struct hg_error *error);

/* "WxH" or, where `channels` is not NULL, also "WxHxC". */
bool hg__parse_extent(const char *text, int *width, int *height, int *channels);

#endif
