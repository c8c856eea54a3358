/* weights.h - named arrays of a .safetensors or .npz file: what --init reads. */
#ifndef HG_RUN_WEIGHTS_H
#define HG_RUN_WEIGHTS_H

#include "base/file.h"
#include "base/zip.h"
#include "data/array.h"
#include "run/safetensors.h"

/* One of the two is open. Zero-initialise; free with hg__weights_close. */
struct hg__weights {
    char *path;
    struct hg__st_file *st;
    struct hg__bytes archive;
    struct hg__zip *zip;
};

/* By content. HG_FAILED: cannot be opened; HG_DAMAGED: broken, or neither. A file that
 * hourglass wrote is proved whole. */
enum hg_status hg__weights_open(struct hg__weights *weights, const char *path,
                                struct hg_error *error);
void hg__weights_close(struct hg__weights *weights);

/* An array found. */
struct hg__weights_entry {
    const struct hg__st_entry *st;
    struct hg__array array; /* of an archive */
    size_t member;
    int dims;
    uint64_t shape[HG__ST_DIMS];
    uint64_t count;
};

/* *found tells whether there is one of that name. HG_DAMAGED when it cannot be understood. */
enum hg_status hg__weights_find(const struct hg__weights *weights, const char *name, bool *found,
                                struct hg__weights_entry *entry, struct hg_error *error);
/* Reads entry->count numbers, whatever they are. */
enum hg_status hg__weights_read(const struct hg__weights *weights,
                                const struct hg__weights_entry *entry, float *out,
                                struct hg_error *error);

#endif
