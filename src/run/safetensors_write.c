/* Writing safetensors: header first, tensors piece by piece, the checksum last. */
#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"
#include "base/text.h"
#include "run/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8, SWAP_ROOM = 4096 };

/* An output that keeps its checksum. */
struct output {
    struct hg__writer writer;
    uint32_t crc;
    struct hg_error *error;
};

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory to write a run");
}

static enum hg_status put(struct output *output, const void *data, size_t length)
{
    output->crc = hg__crc32(output->crc, data, length);
    return hg__writer_put(&output->writer, data, length, output->error);
}

static size_t width(enum hg__st_type type)
{
    return type == HG__ST_F32 ? 4 : 8;
}

static uint64_t count_of(const struct hg__st_tensor *tensor)
{
    uint64_t count = 1;

    for (int i = 0; i < tensor->dims; i++)
        count *= tensor->shape[i];
    return count;
}

/* Numbers, in little-endian order whatever the machine's. */
static enum hg_status put_numbers(struct output *output, const void *data, uint64_t count,
                                  size_t size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return put(output, data, (size_t)count * size);
#else
    const unsigned char *from = data;
    unsigned char swapped[SWAP_ROOM];
    enum hg_status status = HG_OK;
    size_t used = 0;

    for (uint64_t i = 0; i < count && status == HG_OK; i++) {
        for (size_t b = 0; b < size; b++)
            swapped[used + b] = from[i * size + size - 1 - b];
        used += size;
        if (used == SWAP_ROOM || i + 1 == count) {
            status = put(output, swapped, used);
            used = 0;
        }
    }
    return status;
#endif
}

static const char *type_name(enum hg__st_type type)
{
    return type == HG__ST_F32 ? "F32" : type == HG__ST_F64 ? "F64" : "I64";
}

/* Adds one tensor's description; `at` is where its bytes begin, and moves on. */
static int describe(json_t *header, const struct hg__st_tensor *tensor, uint64_t *at)
{
    uint64_t begin = *at;
    json_t *shape = json_array();
    int failed = !shape;

    for (int i = 0; i < tensor->dims; i++)
        failed |= json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i])) != 0;
    *at += count_of(tensor) * width(tensor->type);
    failed |= json_object_set_new(header, tensor->name,
                                  json_pack("{s:s, s:o, s:[I, I]}", "dtype",
                                            type_name(tensor->type), "shape", shape, "data_offsets",
                                            (json_int_t)begin, (json_int_t)*at)) != 0;
    return failed;
}

static int describe_meta(json_t *header, const struct hg__st_content *content)
{
    json_t *meta = json_object();
    int failed = !meta;

    for (size_t i = 0; i < content->meta_count; i++)
        failed |= json_object_set_new(meta, content->meta[i].key,
                                      json_string(content->meta[i].value)) != 0;
    return failed | (json_object_set_new(header, "__metadata__", meta) != 0);
}

static bool needs_pad(const struct hg__st_content *content)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < content->count; i++)
        bytes += count_of(&content->tensor[i]) * width(content->tensor[i].type);
    return bytes % ALIGNMENT != 0;
}

static const struct hg__st_tensor pad = {"integrity.pad", HG__ST_F32, 1, {1}, "\0\0\0", 0},
                                  checksum = {HG__ST_CHECKSUM, HG__ST_I64, 1, {1}, NULL, 0};

/* The header's text, padded with blanks; NULL without memory. */
static char *make_header(const struct hg__st_content *content)
{
    json_t *header = json_object();
    struct hg__text text = {0};
    uint64_t at = 0;
    char *dumped = NULL;
    int failed;

    if (!header)
        return NULL;
    failed = describe_meta(header, content);
    for (size_t i = 0; i < content->count; i++)
        failed |= describe(header, &content->tensor[i], &at);
    if (needs_pad(content))
        failed |= describe(header, &pad, &at);
    failed |= describe(header, &checksum, &at);
    if (!failed)
        dumped = json_dumps(header, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(header);
    if (!dumped)
        return NULL;
    hg__text_put(&text, dumped);
    free(dumped);
    while (text.length % ALIGNMENT != 0 && !text.failed)
        hg__text_add(&text, " ", 1);
    return hg__text_take(&text);
}

static enum hg_status put_word(struct output *output, uint64_t word)
{
    return put_numbers(output, &word, 1, sizeof word);
}

static enum hg_status put_all(struct output *output, const struct hg__st_content *content,
                              const char *header)
{
    enum hg_status status = put_word(output, strlen(header));

    if (status == HG_OK)
        status = put(output, header, strlen(header));
    for (size_t i = 0; i < content->count && status == HG_OK; i++) {
        const struct hg__st_tensor *tensor = &content->tensor[i];
        const void *data = tensor->data ? tensor->data : content->fetch(content->self, tensor);
        status = data ? put_numbers(output, data, count_of(tensor), width(tensor->type))
                      : no_memory(output->error);
    }
    if (status == HG_OK && needs_pad(content))
        status = put(output, pad.data, 4);
    if (status == HG_OK)
        status = put_word(output, output->crc);
    return status;
}

enum hg_status hg__st_write(const char *path, const struct hg__st_content *content,
                            struct hg_error *error)
{
    struct output output = {.crc = 0, .error = error};
    char *header = make_header(content);
    enum hg_status status = header ? HG_OK : no_memory(error);

    if (status == HG_OK)
        status = hg__writer_begin(&output.writer, path, true, error);
    if (status != HG_OK) {
        hg__free(header);
        return status;
    }
    status = put_all(&output, content, header);
    hg__free(header);
    if (status == HG_OK)
        return hg__writer_finish(&output.writer, error);
    hg__writer_abandon(&output.writer);
    return status;
}
