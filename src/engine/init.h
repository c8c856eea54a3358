/* init.h - initial weights. */
#ifndef HG_ENGINE_INIT_H
#define HG_ENGINE_INIT_H

#include "base/rng.h"
#include "hourglass/model.h"

enum hg__init_kind {
    HG__INIT_AUTO,
    HG__INIT_GLOROT,
    HG__INIT_HE,
    HG__INIT_NORMAL,
    HG__INIT_UNIFORM
};

struct hg__init {
    enum hg__init_kind kind;
    double low, high; /* normal: 0 and SD */
};

enum hg_status hg__init_parse(const char *text, struct hg__init *init, struct hg_error *error);

/* What the weight of one tensor is drawn from. */
struct hg__init_fan {
    size_t in, out;             /* numbers that meet in one output; come of one input */
    enum hg_activation follows; /* decides what "auto" means */
};

/* Fills `count` weights with the next numbers of `rng`. */
void hg__init_fill(const struct hg__init *init, const struct hg__init_fan *fan, struct hg__rng *rng,
                   float *out, size_t count);

#endif
