/* experiment.h - a spec made real: data loaded, network built, weights set. */
#ifndef HOURGLASS_EXPERIMENT_H
#define HOURGLASS_EXPERIMENT_H

#include "hourglass/dataset.h"
#include "hourglass/ladder.h"
#include "hourglass/model.h"
#include "hourglass/runfile.h"
#include "hourglass/spec.h"

/* Limits from the command line; 0 = default. */
struct hg_limits {
    size_t max_pixels, max_samples;
};

/* Owner of all its parts. spec has every "auto" of the model resolved
 * (hg_spec_get gives "dense 128 tanh, dense 32 tanh"); notes say what was chosen. */
struct hg_experiment {
    struct hg_context *context; /* borrowed */
    struct hg_spec spec;        /* own copy */
    struct hg_dataset *dataset;
    struct hg_model *model;
    struct hg_schedule schedule;
    struct hg_corrupt corrupt;
    struct hg_runfile *resumed; /* the run this goes on from; NULL for a new one */
    char *notes[8];             /* what was decided here, beside dataset->notes; sanitized */
    size_t note_count;
    struct hg_limits limits; /* as given to create */
    char *weights;           /* --init as given to create, NULL without */
};

/* Loads data, resolves "auto", builds the model. Initial weights from [model]
 * init and output_bias; `weights` (may be NULL) = --init overrides both.
 * `resume` (may be NULL): go on from this run file (taken over, closed with the
 * experiment). Errors carry FILE:LINE: key where the experiment file is at fault. */
enum hg_status hg_experiment_create(struct hg_context *context, const struct hg_spec *spec,
                                    const struct hg_limits *limits, const char *weights,
                                    struct hg_runfile *resume, struct hg_experiment **experiment,
                                    struct hg_error *error);
void hg_experiment_destroy(struct hg_experiment *experiment);

/* Sets the weights anew from `seed` (mean bias, centring, init as configured). */
enum hg_status hg_experiment_reset(struct hg_experiment *experiment, uint64_t seed,
                                   struct hg_error *error);

/* What a path given on the command line is. */
enum hg_operand { HG_OPERAND_UNKNOWN, HG_OPERAND_EXPERIMENT, HG_OPERAND_RUN, HG_OPERAND_DATA };
enum hg_operand hg_operand_kind(const char *path);

/* Puts what `path` names into `spec` (initialised): reads an experiment file, or
 * makes data (also builtin:digits, gaussians, file.npz:name) the source of the
 * experiment that spec holds. Sets the name. HG_FAILED: cannot be opened;
 * HG_USAGE: an experiment that is wrong, or a run, which goes by hg_runfile_open.
 * What is neither counts as data, whose reader says why it is none. */
enum hg_status hg_spec_open(struct hg_spec *spec, const char *path, struct hg_error *error);
/* The name a path gives: its last part without .gz and suffix. */
enum hg_status hg_spec_name_after(struct hg_spec *spec, const char *path, struct hg_error *error);
/* Data of the run file `run` that are no longer where `spec`, read from it, says are looked for
 * beside it; else HG_FAILED says what to give. */
enum hg_status hg_spec_find_data(struct hg_spec *spec, const char *run, struct hg_error *error);

#endif
