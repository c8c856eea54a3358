/* dataset.h - samples in memory: read, scaled, labelled, split. Immutable after loading. */
#ifndef HOURGLASS_DATASET_H
#define HOURGLASS_DATASET_H

#include "hourglass/context.h"
#include "hourglass/shape.h"
#include "hourglass/status.h"

#include <stdbool.h>
#include <stdint.h>

/* What to load: the [data] and [gaussians] sections of an experiment, as text
 * where the text is parsed by the data floor. Strings are borrowed during the call. */
struct hg_data_config {
    const char *source; /* builtin:digits, builtin:faces, gaussians, or a path */
    const char *labels, *only, *shape, *channels, *size, *scale; /* "auto" and so on */
    size_t limit;                                                /* 0 = all */
    double validation;                                           /* fraction held out, 0..<1 */
    uint64_t seed;
    size_t max_pixels;  /* largest image accepted, 0 = default */
    size_t max_samples; /* most samples accepted, 0 = no limit but memory */
    struct {
        size_t clusters, dims, points;
        double spread;
        /* center.K and spread.K: texts of numbers, NULL where not given; `overrides` pairs */
        size_t overrides;
        const struct hg_cluster_override {
            size_t cluster; /* from 1 */
            bool is_spread;
            const char *values;
        } * override;
    } gaussians;
};

enum hg_scaling {
    HG_SCALE_NONE,
    HG_SCALE_UNIT,
    HG_SCALE_SIGNED,
    HG_SCALE_STANDARD
}; /* none, 0..1, -1..1, standard */

struct hg_dataset {
    char *name; /* for a header: "MNIST"-like stem of the source, sanitized */
    size_t samples, features;
    struct hg_shape shape;
    bool image;    /* rows and columns mean something */
    float *values; /* samples x features, scaled, 64-byte aligned */

    size_t classes;     /* 0 = no labels */
    char **class_names; /* sanitized */
    int32_t *labels;    /* samples entries, index into class_names; NULL without labels */

    /* scaled = raw * factor + offset; one pair, or one per feature (standard) */
    enum hg_scaling scaling;
    size_t scales; /* 1 or features */
    double *factor, *offset;
    bool bounded; /* scaled values lie in lowest..highest by their type (8- and 16-bit, built-in) */
    double lowest, highest; /* range of the scaled values: by type when bounded, else found */

    uint32_t *order; /* training samples (ascending), then validation samples (ascending) */
    size_t training, validation; /* counts; training >= 1 */
    float *mean;                 /* features: mean of the training samples (summed in double) */

    char **
        notes; /* what was decided for the user, one line each ("sizes differ: 12 of 300 resampled to 32x32") */
    size_t note_count;
};

/* Reads everything. HG_DAMAGED: the file is broken or of no known kind; HG_FAILED:
 * cannot be opened; HG_USAGE: the configuration asks what the data do not have
 * (with `key` set to the [data] key at fault, NULL else); HG_NO_MEMORY.
 * `key` may be NULL. */
enum hg_status hg_dataset_load(struct hg_context *context, const struct hg_data_config *config,
                               struct hg_dataset **dataset, const char **key,
                               struct hg_error *error);
void hg_dataset_destroy(struct hg_dataset *dataset);
/* Is this sample (a row, below `samples`) held out for validation? Takes log(samples). */
bool hg_dataset_held_out(const struct hg_dataset *dataset, uint32_t sample);

/* Checks only the texts of a configuration (spelling, numbers), reading nothing:
 * so that an experiment file can be refused with its line. */
enum hg_status hg_data_config_check(const struct hg_data_config *config, const char **key,
                                    struct hg_error *error);

/* Is `path` data (a folder with PNGs, .png, IDX, CSV, NPY, NPZ, gz), by content?
 * Names the kind ("IDX", "PNG folder", ...) or NULL. */
const char *hg_data_kind(const char *path);

/* Corruption of inputs for denoising: "none", "gaussian SD", "mask P", "salt P". */
enum hg_corruption { HG_CORRUPT_NONE, HG_CORRUPT_GAUSSIAN, HG_CORRUPT_MASK, HG_CORRUPT_SALT };
struct hg_corrupt {
    enum hg_corruption kind;
    double amount;
};
enum hg_status hg_corrupt_parse(const char *text, struct hg_corrupt *corrupt,
                                struct hg_error *error);
/* Applies it in place to m x n values; lowest and highest are what salt sets. */
void hg_corrupt_apply(const struct hg_corrupt *corrupt, float *values, size_t samples,
                      size_t features, double lowest, double highest, uint64_t seed, uint64_t step);

#endif
