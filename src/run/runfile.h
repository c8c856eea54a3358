/* runfile.h - what reading and writing a run share: names and layout of its tensors. */
#ifndef HG_RUN_RUNFILE_H
#define HG_RUN_RUNFILE_H

#include "hourglass/runfile.h"
#include "run/weights.h"

/* Version of the layout, in the metadata. */
#define HG__RUN_VERSION "1"

/* Tensors beside those of the model (INTERFACE section 4). All integers are I64. */
#define HG__RUN_RNG    "rng.state"   /* seed, epoch, step: all that a counter-based generator has */
#define HG__RUN_STATE  "train.state" /* epoch, step, position, updates, best_epoch, worse_epochs */
#define HG__RUN_SUMS   "train.sums"  /* F64: epoch_sum, last_train, best_validation, before_last */
#define HG__RUN_SHAPE  "data.shape"  /* channels, rows, columns */
#define HG__RUN_KIND   "data.kind"   /* image, scaling (enum hg_scaling), bounded */
#define HG__RUN_RANGE  "data.range"  /* F64: lowest, highest scaled value */
#define HG__RUN_FACTOR "data.scale.factor" /* F64: one, or one a feature */
#define HG__RUN_OFFSET "data.scale.offset"
#define HG__RUN_MEAN   "data.mean" /* F32; only where the first layer is centred */

enum { HG__RUN_STATES = 6, HG__RUN_SUM_COUNT = 4 };

/* Prefixes before the name of a model's tensor. */
#define HG__RUN_FIRST  "optimizer.m."
#define HG__RUN_SECOND "optimizer.v."
#define HG__RUN_BEST   "best."

struct hg_runfile {
    char *path;
    bool weights_only;
    struct hg__weights weights;
    const char *config, *version; /* in the metadata */
    struct hg_progress progress;
    struct hg_history history;
    struct hg_shape shape;
    bool image;
    struct hg_scale_found scale;
    double *factor, *offset;
    float *mean;
};

#endif
