/* ladder.h - the ladder together with the axes it was computed from. */
#ifndef HG_RUN_LADDER_H
#define HG_RUN_LADDER_H

#include "engine/pca.h"
#include "hourglass/ladder.h"

struct hg__ladder_wish {
    const struct hg_dataset *dataset;
    enum hg_loss loss;
    size_t rungs;
    const volatile bool *cancel; /* may be NULL */
};

/* hg_ladder_compute; with `axes` not NULL two at least are computed (as far as there are as many
 * features) and left there, to be freed by hg__pca_fini after HG_OK. */
enum hg_status hg__ladder_climb(const struct hg__ladder_wish *wish, struct hg_ladder *ladder,
                                struct hg__pca *axes, struct hg_error *error);

#endif
