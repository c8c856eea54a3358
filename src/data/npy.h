/* npy.h - the header of a NumPy array. */
#ifndef HG_DATA_NPY_H
#define HG_DATA_NPY_H

#include "data/array.h"

bool hg__npy_is(const unsigned char *head, size_t length);

/* Parses the header that begins `head` (versions 1, 2, 3). HG_DAMAGED: broken, longer than
 * `length`, or an array that is not plain numbers (objects are never unpickled). */
enum hg_status hg__npy_parse(const unsigned char *head, size_t length, const char *name,
                             struct hg__array *array, struct hg_error *error);

#endif
