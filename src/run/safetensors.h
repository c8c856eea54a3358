/* safetensors.h - the safetensors format, read with distrust and written whole.
 *
 * 8-byte little-endian length of the header, JSON header, raw little-endian
 * tensors that fill the rest without gap or overlap. Format as described at
 * https://huggingface.co/docs/safetensors. Knows nothing of runs, except that
 * what it writes ends with the tensor integrity.crc32: the CRC-32 of every byte
 * before it. */
#ifndef HG_RUN_SAFETENSORS_H
#define HG_RUN_SAFETENSORS_H

#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hg__st_type { HG__ST_F32, HG__ST_F64, HG__ST_F16, HG__ST_BF16, HG__ST_I64, HG__ST_OTHER };

enum { HG__ST_DIMS = 8, HG__ST_NAME = 128 };

#define HG__ST_CHECKSUM "integrity.crc32"

struct hg__st_entry {
    char *name;
    enum hg__st_type type;
    int dims; /* 0 = a single number */
    uint64_t shape[HG__ST_DIMS];
    uint64_t count;      /* product of shape */
    uint64_t begin, end; /* bytes, from the beginning of the file */
};

/* A file opened: its header, checked; tensors are read when asked for. */
struct hg__st_file {
    char *path;
    int descriptor;
    uint64_t size;
    struct hg__st_entry *entry; /* by place in the file */
    size_t count;
    struct hg__st_pair {
        char *key, *value;
    } * meta;
    size_t meta_count;
};

/* HG_FAILED: cannot be opened; HG_DAMAGED: "PATH: what, where". */
enum hg_status hg__st_open(const char *path, struct hg__st_file **file, struct hg_error *error);
void hg__st_close(struct hg__st_file *file);

const char *hg__st_meta(const struct hg__st_file *file, const char *key); /* NULL = none */
const struct hg__st_entry *hg__st_find(const struct hg__st_file *file, const char *name);

/* Proves the checksum: integrity.crc32 is the last tensor and right. Reads the whole file. */
enum hg_status hg__st_verify(const struct hg__st_file *file, struct hg_error *error);

/* Reads all numbers of a tensor. Floats: F32, F64, F16, BF16 are converted. */
enum hg_status hg__st_read_floats(const struct hg__st_file *file, const struct hg__st_entry *entry,
                                  float *out, struct hg_error *error);
/* F64 or I64, as stored: 8 bytes each. */
enum hg_status hg__st_read_words(const struct hg__st_file *file, const struct hg__st_entry *entry,
                                 void *out, struct hg_error *error);

/* One little-endian number of a floating-point type. */
float hg__st_number(const unsigned char *bytes, enum hg__st_type type);

/* Does the file begin as one? */
bool hg__st_recognise(const char *path);

/* ---- writing ---- */

/* F32, F64 or I64 only. */
struct hg__st_tensor {
    char name[HG__ST_NAME];
    enum hg__st_type type;
    int dims;
    uint64_t shape[4];
    const void *data; /* NULL: `fetch` gives them */
    size_t index;     /* for fetch */
};

/* What is written: in this order, closed by the checksum (and, so that this stands
 * at a multiple of 8 bytes, integrity.pad before it where needed). Put 8-byte
 * tensors first, and all are aligned. */
struct hg__st_content {
    const struct hg__st_pair *meta;
    size_t meta_count;
    const struct hg__st_tensor *tensor;
    size_t count;
    /* The numbers of a tensor without data; valid until the next call. NULL = no memory. */
    const void *(*fetch)(void *self, const struct hg__st_tensor *tensor);
    void *self;
};
enum hg_status hg__st_write(const char *path, const struct hg__st_content *content,
                            struct hg_error *error);

#endif
