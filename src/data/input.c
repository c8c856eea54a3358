#include "data/input.h"

#include "base/gz.h"
#include "base/mem.h"

static enum hg_status too_much(const struct hg__peek *peek, uint64_t bytes, size_t most,
                               struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY,
                        "%s: needs %llu bytes; the limit is %zu (--max-memory)", peek->path,
                        (unsigned long long)bytes, most);
}

static enum hg_status read_file(const struct hg__peek *peek, size_t most, struct hg__bytes *bytes,
                                struct hg_error *error)
{
    *bytes = (struct hg__bytes){0};
    if (peek->file_bytes > most)
        return too_much(peek, peek->file_bytes, most, error);
    return hg__file_read(peek->path, most, bytes, error);
}

enum hg_status hg__input_all(struct hg_context *context, const struct hg__peek *peek,
                             struct hg__bytes *bytes, struct hg_error *error)
{
    size_t most = hg_context_max_memory(context);
    enum hg_status status = read_file(peek, most, bytes, error);
    struct hg__bytes packed = *bytes;

    if (status != HG_OK || !peek->gzip)
        return status;
    status = hg__gz_all(&packed, peek->path, most, bytes, error);
    hg__bytes_fini(&packed);
    return status;
}

static enum hg_status plain(const struct hg__peek *peek, const struct hg__extent *extent,
                            struct hg__bytes *bytes, struct hg_error *error)
{
    enum hg_status status = hg__file_head(peek->path, bytes->data, bytes->length, &bytes->length,
                                          NULL, error);

    if (status == HG_OK && bytes->length < extent->want)
        status = hg_error_set(error, HG_DAMAGED, "%s: ends early, after %zu bytes", peek->path,
                              bytes->length);
    return status;
}

static enum hg_status packed(size_t most, const struct hg__peek *peek,
                             const struct hg__extent *extent, struct hg__bytes *bytes,
                             struct hg_error *error)
{
    struct hg__gz_want want = {peek->path, bytes->length, extent->want == extent->declared};
    struct hg__bytes file;
    enum hg_status status = read_file(peek, most, &file, error);

    if (status == HG_OK)
        status = hg__gz_exact(&file, &want, bytes->data, error);
    hg__bytes_fini(&file);
    return status;
}

enum hg_status hg__input_declared(struct hg_context *context, const struct hg__peek *peek,
                                  const struct hg__extent *extent, struct hg__bytes *bytes,
                                  struct hg_error *error)
{
    size_t most = hg_context_max_memory(context);
    uint64_t holds = peek->gzip ? hg__gz_most(peek->file_bytes) : peek->file_bytes;
    enum hg_status status;

    bytes->data = NULL;
    bytes->length = 0;
    if (extent->declared > holds || (!peek->gzip && extent->declared < holds))
        return hg_error_set(
            error, HG_DAMAGED, "%s: its header declares %llu bytes in all; the file %s %llu",
            peek->path, (unsigned long long)extent->declared,
            peek->gzip ? "can hold no more than" : "has", (unsigned long long)holds);
    if (extent->want > most)
        return too_much(peek, extent->want, most, error);
    bytes->data = hg__alloc((size_t)extent->want + 1, 1);
    if (!bytes->data)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory for %llu bytes", peek->path,
                            (unsigned long long)extent->want);
    bytes->length = (size_t)extent->want;
    status = peek->gzip ? packed(most, peek, extent, bytes, error)
                        : plain(peek, extent, bytes, error);
    if (status != HG_OK)
        hg__bytes_fini(bytes);
    return status;
}
