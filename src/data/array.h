/* array.h - a block of numbers as IDX, NPY and NPZ hold it, made into samples. */
#ifndef HG_DATA_ARRAY_H
#define HG_DATA_ARRAY_H

#include "base/file.h"
#include "data/input.h"

enum hg__wire {
    HG__WIRE_BOOL,
    HG__WIRE_U8,
    HG__WIRE_I8,
    HG__WIRE_U16,
    HG__WIRE_I16,
    HG__WIRE_U32,
    HG__WIRE_I32,
    HG__WIRE_U64,
    HG__WIRE_I64,
    HG__WIRE_F16,
    HG__WIRE_F32,
    HG__WIRE_F64,
    HG__WIRE_BYTES,
    HG__WIRE_UCS4, /* text of `width` characters; for labels only */
    HG__WIRE_COUNT
};
enum { HG__ARRAY_DIMS = 8 };

/* What a header says. */
struct hg__array {
    const char *name; /* begins messages; borrowed */
    enum hg__wire wire;
    size_t width; /* characters of a text */
    bool big_endian;
    bool fortran; /* the first index runs fastest */
    int dims;
    size_t shape[HG__ARRAY_DIMS]; /* the first counts samples; dims 0 = a single number */
    size_t header;                /* bytes before the numbers */
    size_t element;               /* bytes of one; hg__array_layout sets it, and the next two */
    size_t samples;               /* those wanted: shape[0] or the wish's limit */
    size_t features;
};

/* Checks that the array can be samples and counts bytes. HG_DAMAGED. */
enum hg_status hg__array_layout(struct hg__array *array, const struct hg__wish *wish,
                                struct hg__extent *extent, struct hg_error *error);

/* Makes samples of header and numbers in `bytes` (extent->want of them), taking the bytes
 * over when they can stay where they are. Numbers that are not finite: HG_DAMAGED. */
enum hg_status hg__array_read(struct hg_context *context, const struct hg__wish *wish,
                              const struct hg__array *array, struct hg__bytes *bytes,
                              struct hg__raw *raw, struct hg_error *error);

/* A short name such as "16-bit integers". */
const char *hg__wire_name(enum hg__wire wire);

#endif
