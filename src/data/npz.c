/* NPZ: a zip archive of NPY arrays; one is chosen by file.npz:name. */
#include "base/mem.h"
#include "base/text.h"
#include "base/zip.h"
#include "data/npy.h"

#include <stdio.h>
#include <string.h>

static bool recognises(const struct hg__peek *peek)
{
    return hg__zip_is(peek->head, peek->head_length);
}

/* Length of a member's name without ".npy"; 0 = it is no array. */
static size_t stem(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0 ? length - 4 : 0;
}

static size_t count_arrays(const struct hg__zip *zip, size_t *first)
{
    size_t count = 0;

    for (size_t i = 0; i < hg__zip_members(zip); i++)
        if (stem(hg__zip_name(zip, i)) > 0 && count++ == 0)
            *first = i;
    return count;
}

static bool find(const struct hg__zip *zip, const char *name, size_t *index)
{
    for (size_t i = 0; i < hg__zip_members(zip); i++) {
        const char *member = hg__zip_name(zip, i);
        size_t length = stem(member);
        if (length > 0 && (strcmp(member, name) == 0 ||
                           (strlen(name) == length && memcmp(member, name, length) == 0))) {
            *index = i;
            return true;
        }
    }
    return false;
}

static enum hg_status list(const struct hg__peek *peek, const struct hg__zip *zip, const char **key,
                           struct hg_error *error)
{
    enum { SHOWN = 24 };
    struct hg__text names = {0};
    size_t first = 0, count = count_arrays(zip, &first), shown = 0;
    enum hg_status status;
    char *text;

    for (size_t i = 0; i < hg__zip_members(zip) && shown < SHOWN; i++) {
        const char *name = hg__zip_name(zip, i);
        if (stem(name) > 0)
            hg__text_format(&names, "%s%.*s", shown++ ? ", " : "", (int)stem(name), name);
    }
    if (shown < count)
        hg__text_put(&names, ", ...");
    text = hg__text_take(&names);
    *key = "source";
    if (peek->member)
        status = hg_error_set(error, HG_USAGE, "%s: holds no array \"%s\"; it has %s", peek->path,
                              peek->member, text ? text : "others");
    else
        status = hg_error_set(error, HG_USAGE, "%s: holds %zu arrays; name one as %s:NAME: %s",
                              peek->path, count, hg__path_base(peek->path), text ? text : "");
    hg__text_fini(&names);
    hg__free(text);
    return status;
}

static enum hg_status choose(const struct hg__peek *peek, const struct hg__zip *zip, size_t *index,
                             const char **key, struct hg_error *error)
{
    size_t count = count_arrays(zip, index);

    if (count == 0)
        return hg_error_set(error, HG_DAMAGED, "%s: a zip archive without NPY arrays", peek->path);
    if (peek->member ? find(zip, peek->member, index) : count == 1)
        return HG_OK;
    return list(peek, zip, key, error);
}

struct member {
    const struct hg__zip *zip;
    size_t index;
    const char *path; /* of the archive */
};

/* Looks at the member's header before unpacking it whole. */
static enum hg_status read_member(struct hg_context *context, const struct member *member,
                                  const struct hg__wish *wish, struct hg__raw *raw,
                                  struct hg_error *error)
{
    const struct hg__zip *zip = member->zip;
    size_t index = member->index;
    unsigned char head[4096];
    char name[4096 + 256];
    struct hg__bytes bytes = {0};
    struct hg__extent extent;
    struct hg__array array;
    size_t length = 0;
    enum hg_status status;

    snprintf(name, sizeof name, "%s:%s", member->path, hg__zip_name(zip, index));
    status = hg__zip_head(zip, index, head, sizeof head, &length, error);
    if (status == HG_OK)
        status = hg__npy_parse(head, length, name, &array, error);
    if (status == HG_OK)
        status = hg__array_layout(&array, wish, &extent, error);
    if (status == HG_OK && extent.declared != hg__zip_size(zip, index))
        status = hg_error_set(error, HG_DAMAGED, "%s: declares %llu bytes, but has %llu", name,
                              (unsigned long long)extent.declared,
                              (unsigned long long)hg__zip_size(zip, index));
    if (status == HG_OK)
        status = hg__zip_read(zip, index, hg_context_max_memory(context), &bytes, error);
    if (status == HG_OK)
        status = hg__array_read(context, wish, &array, &bytes, raw, error);
    hg__bytes_fini(&bytes);
    return status;
}

static enum hg_status read(struct hg_context *context, const struct hg__peek *peek,
                           const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                           struct hg_error *error)
{
    struct hg__bytes file = {0};
    struct hg__zip *zip = NULL;
    struct member member = {.path = peek->path};
    enum hg_status status = hg__input_all(context, peek, &file, error);

    if (status == HG_OK)
        status = hg__zip_open(&file, peek->path, &zip, error);
    if (status == HG_OK)
        status = choose(peek, zip, &member.index, key, error);
    member.zip = zip;
    if (status == HG_OK)
        status = read_member(context, &member, wish, raw, error);
    hg__zip_close(zip);
    hg__bytes_fini(&file);
    return status;
}

const struct hg__source_ops hg__source_npz = {"NPZ", false, recognises, read};
