/* runfile.h - a run on disk: experiment, weights, moments, history; exact resume.
 *
 * INTERFACE section 4: safetensors, PyTorch names, CRC-32 as the last tensor,
 * written to a temporary file, fsync'ed, renamed.
 */
#ifndef HOURGLASS_RUNFILE_H
#define HOURGLASS_RUNFILE_H

#include "hourglass/dataset.h"
#include "hourglass/history.h"
#include "hourglass/model.h"
#include "hourglass/spec.h"

/* Where a run stands between two steps: all that training needs beside weights,
 * moments and the experiment to go on with the same bytes. Plain data. */
struct hg_progress {
    uint64_t epoch;         /* epochs finished */
    uint64_t step;          /* steps done */
    uint64_t position;      /* training samples of the present epoch already used */
    uint64_t updates;       /* optimizer's t (starts anew with another optimizer) */
    double epoch_sum;       /* sum over the present epoch's samples of their loss */
    double last_train;      /* the last finished epoch's training loss (NaN before) */
    double best_validation; /* smallest so far (NaN before), for patience */
    uint64_t best_epoch, worse_epochs;
    double before_last; /* the training loss before the last one (NaN before), for stop_epsilon */
};

/* What is written. All borrowed. best: for patience, the values (no moments) of
 * every tensor at the best epoch, in hg_model_tensors order, or NULL. */
struct hg_run {
    const struct hg_spec *spec; /* with "auto" of encoder and output resolved */
    struct hg_model *model;
    const struct hg_dataset *dataset; /* mean, scaling, shape */
    const struct hg_history *history;
    const struct hg_progress *progress;
    float *const *best;
};

/* Writes the run to `path` (replaced atomically). HG_FAILED: disk, permission. */
enum hg_status hg_runfile_write(const char *path, const struct hg_run *run, struct hg_error *error);

/* A run file read and proved whole (lengths, names, CRC). */
struct hg_runfile;
/* HG_FAILED: cannot be opened; HG_DAMAGED with the place otherwise. `weights_only`:
 * accept a file without checksum, config or moments (--init), any safetensors or .npz. */
enum hg_status hg_runfile_open(const char *path, bool weights_only, struct hg_runfile **file,
                               struct hg_error *error);
void hg_runfile_close(struct hg_runfile *file);

const char *hg_runfile_path(const struct hg_runfile *file);   /* as given to open */
const char *hg_runfile_config(const struct hg_runfile *file); /* INI text */
/* Reads it over what `spec` holds (made by the caller, who frees it). What is no experiment there
 * is damage, told with the file: HG_DAMAGED; HG_NO_MEMORY. */
enum hg_status hg_runfile_read_config(const struct hg_runfile *file, struct hg_spec *spec,
                                      struct hg_error *error);
const struct hg_progress *hg_runfile_progress(const struct hg_runfile *file);
const struct hg_history *hg_runfile_history(const struct hg_runfile *file);
const char *hg_runfile_version(const struct hg_runfile *file); /* library that wrote it */
/* Shape of the samples and the mean (NULL when not centred), scaling found. */
struct hg_shape hg_runfile_shape(const struct hg_runfile *file);
bool hg_runfile_image(const struct hg_runfile *file);
const float *hg_runfile_mean(const struct hg_runfile *file);
/* The scaling found: scaled = raw * factor + offset; one pair, or one a feature.
 * Pointers stay inside the file. */
struct hg_scale_found {
    enum hg_scaling scaling;
    size_t scales;
    const double *factor, *offset;
    bool bounded;
    double lowest, highest;
};
struct hg_scale_found hg_runfile_scale(const struct hg_runfile *file);

/* Copies weights, buffers and (unless the file holds weights only) moments into a
 * model; every parameter must be there with the right shape: HG_DAMAGED names
 * the first that is not, HG_USAGE for weights that do not fit this network. */
enum hg_status hg_runfile_restore(const struct hg_runfile *file, struct hg_model *model,
                                  struct hg_error *error);
/* The best weights for patience: fills best[i] (tensor's count each) and returns true if kept. */
bool hg_runfile_best(const struct hg_runfile *file, const struct hg_model *model, float **best);

/* Is this path a safetensors file, by content? */
bool hg_runfile_recognise(const char *path);

#endif
