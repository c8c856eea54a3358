/* filters.h - view 4: weights of the first layer, and what each layer gives for one sample.
 *
 * Used by the trainer thread between batches, only while someone asks for a
 * level. Evaluation mode, no random numbers.
 */
#ifndef HG_RUN_FILTERS_H
#define HG_RUN_FILTERS_H

#include "hourglass/dataset.h"
#include "hourglass/session.h"

/* What is asked for: pictures first..first+count-1 of a level. */
struct hg__filters_wish {
    int level; /* -1: nothing */
    size_t first, count;
};

struct hg__filters {
    struct hg__filters_wish wish;
    bool known;  /* `facts` belong to the present weights, sample and wish */
    bool wanted; /* a key asked for it: not a matter of budget */
    float *work, *page;
    size_t work_room, page_room;
    struct hg_filters facts; /* values are `page` */
};

/* Computes what is wished. Without memory there are no pictures. */
void hg__filters_probe(struct hg__filters *filters, struct hg_model *model,
                       const struct hg_dataset *dataset, uint32_t sample);

/* Copies the facts; the array grows when it must. HG_NO_MEMORY: known is false. */
enum hg_status hg__filters_fill(const struct hg__filters *filters, struct hg_filters *out);

void hg__filters_fini(struct hg__filters *filters);

#endif
