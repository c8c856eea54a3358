/* input.h - the bytes of a source file, decompressed, never more than they should be. */
#ifndef HG_DATA_INPUT_H
#define HG_DATA_INPUT_H

#include "base/file.h"
#include "data/sources.h"

/* The whole file; gzip is decompressed. Beyond the context's memory: HG_NO_MEMORY.
 * One zero byte follows the last. */
enum hg_status hg__input_all(struct hg_context *context, const struct hg__peek *peek,
                             struct hg__bytes *bytes, struct hg_error *error);

/* What a header has declared: the file must have exactly `declared` bytes in all, of which
 * the first `want` are needed. Nothing is allocated before that was found possible. */
struct hg__extent {
    uint64_t declared, want;
};
enum hg_status hg__input_declared(struct hg_context *context, const struct hg__peek *peek,
                                  const struct hg__extent *extent, struct hg__bytes *bytes,
                                  struct hg_error *error);

#endif
