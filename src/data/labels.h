/* labels.h - what class a sample is of. */
#ifndef HG_DATA_LABELS_H
#define HG_DATA_LABELS_H

#include "data/sources.h"

/* Orders as people do: numbers inside names by value, so that 2.png stands before 10.png. */
int hg__natural_compare(const char *a, const char *b);

/* Gives `raw` labels: one text a sample (raw->samples of them). Texts that are the same number
 * are the same class; classes are ordered, numbers first. */
enum hg_status hg__labels_from_texts(struct hg__raw *raw, const char *const *texts,
                                     struct hg_error *error);

/* The same from numbers, features 1: the values of `numbers`, for its samples. */
enum hg_status hg__labels_from_numbers(struct hg__raw *raw, const struct hg__raw *numbers,
                                       struct hg_error *error);

/* Replaces, drops or keeps the labels that the source brought, as the wish says: another
 * file's, an IDX sibling's, none. */
enum hg_status hg__labels_settle(struct hg_context *context, const struct hg__peek *peek,
                                 const struct hg__source_ops *ops, const struct hg__wish *wish,
                                 struct hg__raw *raw, struct hg__place *place);

/* `only` and then `limit`: leaves the samples wanted, in their order. */
enum hg_status hg__labels_choose(const struct hg__wish *wish, struct hg__raw *raw,
                                 struct hg__place *place);

#endif
