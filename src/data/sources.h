/* sources.h - where samples come from: the registry of kinds and what each delivers.
 *
 * A source is one file with one `const struct hg__source_ops` and one line in
 * the table of sources.c. It delivers a struct hg__raw: values as they stand in
 * the file, unscaled. dataset.c then does what is common to all: labels from
 * another file, `only`, `limit`, `shape`, `size`, `channels`, split, scaling.
 */
#ifndef HG_DATA_SOURCES_H
#define HG_DATA_SOURCES_H

#include "hourglass/dataset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The [data] texts, parsed once (wish.h). 0 / AUTO where the text says auto. */
enum hg__label_kind {
    HG__LABELS_AUTO,
    HG__LABELS_NONE,
    HG__LABELS_PATH,
    HG__LABELS_NAME,
    HG__LABELS_COLUMN
};
enum hg__scale_wish {
    HG__WISH_AUTO,
    HG__WISH_NONE,
    HG__WISH_UNIT,
    HG__WISH_SIGNED,
    HG__WISH_STANDARD
};
struct hg__wish {
    const struct hg_data_config *config; /* seed, gaussians, the texts themselves */
    enum hg__label_kind labels;
    const char *label_text; /* the path, or the column's name */
    long label_column;      /* from 1; negative counts from the end */
    size_t labels_of;       /* not 0: the file is read for its labels (labels = PATH), and
                               this many are expected */
    bool only_all;          /* every label is kept */
    size_t limit;           /* samples after the first `limit` are not wanted; 0 = all.
                               Readers may stop there; 0 when `only` chooses among labels */
    struct hg_shape shape;  /* how a flat row is an image; rows 0 = auto */
    int channels;           /* 0 auto, 1, 3 */
    int width, height;      /* size; 0 = as it is. Sources that draw do so at this size */
    enum hg__scale_wish scale;
    bool as_is;                     /* floats are not scaled: each must fit single precision */
    size_t max_pixels, max_samples; /* limits in force; 0 = none */
};

/* How values stand in hg__raw: integers by type, or numbers. */
enum hg__type { HG__U8, HG__U16, HG__F32, HG__F64 };

/* What a source delivers. Zero-initialised by the caller, freed by hg__raw_fini
 * whatever `read` returns. */
struct hg__raw {
    size_t samples, features;
    size_t total; /* samples the source holds (>= samples when `limit` stopped it); 0 = samples */
    struct hg_shape shape; /* product = features; 1 x 1 x features when not an image */
    bool image;            /* rows and columns mean something */
    bool flat;             /* a row may yet become an image by `shape` (CSV, 2-D arrays) */
    enum hg__type type;
    void *values; /* samples x features, each sample in channel, row, column order */
    void *area;   /* what to free; `values` lies in it */

    bool bounded;           /* values lie in lowest..highest by their type or making */
    double lowest, highest; /* U8: 0..255, U16: 0..65535, gaussians: -1..1 */

    int32_t *labels; /* samples entries, NULL = no labels */
    size_t classes;
    char **class_names; /* any bytes; sanitized later */
    bool named;         /* columns have names of their own ... */
    bool pixels;        /* ... and these are those of pixels (pixel0, 1x1, ...) */

    char **notes; /* what was decided for the user */
    size_t note_count;
};

/* What is known about a source before it is read. */
struct hg__peek {
    const char *source; /* as configured */
    const char *path;   /* the file or folder: `source` without the ":name" of an NPZ array */
    const char *member; /* that name, or NULL */
    char *owned;        /* what hg__peek_fini frees */
    bool folder;
    bool gzip; /* the file is compressed; `head` is not */
    unsigned char head[4096];
    size_t head_length;
    uint64_t file_bytes; /* on disk */
};

/* One kind of source. Kinds are asked in the table's order; the first that
 * recognises the source reads it. */
struct hg__source_ops {
    const char *kind; /* what messages call it: "IDX", "PNG folder" */
    bool drawn;       /* made by the program: `source` is a name, not a path */
    bool (*recognises)(const struct hg__peek *peek);
    /* Fills *raw. *key (never NULL here) is set to the [data] key at fault with HG_USAGE. */
    enum hg_status (*read)(struct hg_context *context, const struct hg__peek *peek,
                           const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                           struct hg_error *error);
};

/* Entries of the table; the first three are in glyphs.c and gaussians.c. */
extern const struct hg__source_ops hg__source_digits, hg__source_faces, hg__source_gaussians;
extern const struct hg__source_ops hg__source_folder, hg__source_png, hg__source_idx,
    hg__source_npy, hg__source_npz, hg__source_csv;

/* Looks at `source` and finds its kind; *ops NULL = of no known kind. HG_FAILED: cannot be
 * opened; HG_DAMAGED: empty, or its gzip head is broken. End with hg__peek_fini, always. */
enum hg_status hg__source_find(const char *source, struct hg__peek *peek,
                               const struct hg__source_ops **ops, struct hg_error *error);
void hg__peek_fini(struct hg__peek *peek);

/* Is it text, as far as can be seen? What has numbers in it is CSV; other text may be labels. */
bool hg__csv_is_text(const struct hg__peek *peek);

/* Where an error is reported; `key` as in source_ops. */
struct hg__place {
    const char **key;
    struct hg_error *error;
};

/* Reads what was found (HG_DAMAGED when that is nothing); `raw` is freed by the caller
 * whatever comes back. Afterwards raw->total is set. */
enum hg_status hg__source_read(struct hg_context *context, const struct hg__source_ops *ops,
                               const struct hg__peek *peek, const struct hg__wish *wish,
                               struct hg__raw *raw, struct hg__place *place);

#endif
