#include "base/zip.h"

#include "base/mem.h"

#include <string.h>
#include <zip.h>

struct hg__zip {
    zip_t *archive;
    char *name;
};

bool hg__zip_is(const unsigned char *data, size_t length)
{
    return length >= 4 && memcmp(data, "PK\3\4", 4) == 0;
}

static enum hg_status damaged(const struct hg__zip *zip, size_t index, const char *why,
                              struct hg_error *error)
{
    return hg_error_set(error, HG_DAMAGED, "%s: member %s: %s", zip->name, hg__zip_name(zip, index),
                        why);
}

enum hg_status hg__zip_open(const struct hg__bytes *bytes, const char *name, struct hg__zip **zip,
                            struct hg_error *error)
{
    enum hg_status status = HG_OK;
    zip_source_t *source;
    zip_error_t why;

    *zip = hg__alloc(1, sizeof **zip);
    if (!*zip || !((*zip)->name = hg__strdup(name))) {
        hg__zip_close(*zip);
        *zip = NULL;
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory", name);
    }
    zip_error_init(&why);
    source = zip_source_buffer_create(bytes->data, bytes->length, 0, &why);
    if (source)
        (*zip)->archive = zip_open_from_source(source, ZIP_RDONLY, &why);
    if (!(*zip)->archive) {
        bool memory = zip_error_code_zip(&why) == ZIP_ER_MEMORY;
        status = hg_error_set(error, memory ? HG_NO_MEMORY : HG_DAMAGED, "%s: zip archive: %s",
                              name, zip_error_strerror(&why));
        if (source)
            zip_source_free(source);
        hg__zip_close(*zip);
        *zip = NULL;
    }
    zip_error_fini(&why);
    return status;
}

void hg__zip_close(struct hg__zip *zip)
{
    if (!zip)
        return;
    if (zip->archive)
        zip_discard(zip->archive);
    hg__free(zip->name);
    hg__free(zip);
}

size_t hg__zip_members(const struct hg__zip *zip)
{
    zip_int64_t count = zip_get_num_entries(zip->archive, 0);
    return count > 0 ? (size_t)count : 0;
}

const char *hg__zip_name(const struct hg__zip *zip, size_t index)
{
    const char *name = zip_get_name(zip->archive, index, ZIP_FL_ENC_RAW);
    return name ? name : "";
}

uint64_t hg__zip_size(const struct hg__zip *zip, size_t index)
{
    zip_stat_t facts;

    if (zip_stat_index(zip->archive, index, 0, &facts) != 0 || !(facts.valid & ZIP_STAT_SIZE))
        return 0;
    return facts.size;
}

/* Reads up to `room` bytes of a member; HG_DAMAGED when they do not decompress, or when at the
 * end the checksum is wrong (libzip says so on the read that meets it). */
static enum hg_status read_some(const struct hg__zip *zip, size_t index, struct hg__bytes *room,
                                struct hg_error *error)
{
    zip_file_t *file = zip_fopen_index(zip->archive, index, 0);
    enum hg_status status = HG_OK;
    size_t got = 0;

    if (!file)
        return damaged(zip, index, zip_strerror(zip->archive), error);
    while (got < room->length) {
        zip_int64_t n = zip_fread(file, room->data + got, room->length - got);
        if (n < 0)
            status = damaged(zip, index, zip_file_strerror(file), error);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    zip_fclose(file);
    room->length = got;
    return status;
}

enum hg_status hg__zip_head(const struct hg__zip *zip, size_t index, unsigned char *head,
                            size_t room, size_t *length, struct hg_error *error)
{
    struct hg__bytes bytes = {head, room};
    enum hg_status status = read_some(zip, index, &bytes, error);

    *length = bytes.length;
    return status;
}

/* Deflate makes at most 1032 bytes of one; a header that promises more lies, and would have
 * us allocate for nothing. */
static bool plausible(const struct hg__zip *zip, size_t index)
{
    const zip_uint64_t need = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    zip_stat_t facts;

    return zip_stat_index(zip->archive, index, 0, &facts) == 0 && (facts.valid & need) == need &&
           facts.size / 1032 <= facts.comp_size;
}

enum hg_status hg__zip_read(const struct hg__zip *zip, size_t index, size_t most,
                            struct hg__bytes *bytes, struct hg_error *error)
{
    uint64_t size = hg__zip_size(zip, index);
    enum hg_status status;

    bytes->data = NULL;
    bytes->length = 0;
    if (!plausible(zip, index))
        return damaged(zip, index, "its declared size cannot be true", error);
    if (size > most)
        return hg_error_set(error, HG_NO_MEMORY,
                            "%s: member %s: has %llu bytes; the limit is %zu (--max-memory)",
                            zip->name, hg__zip_name(zip, index), (unsigned long long)size, most);
    /* One byte more is asked for: only then libzip meets the end and checks the sum. */
    bytes->data = hg__alloc((size_t)size + 1, 1);
    if (!bytes->data)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory for its %llu bytes", zip->name,
                            (unsigned long long)size);
    bytes->length = (size_t)size + 1;
    status = read_some(zip, index, bytes, error);
    if (status == HG_OK && bytes->length != size)
        status = damaged(zip, index, "its size is not the one declared", error);
    if (status != HG_OK)
        hg__bytes_fini(bytes);
    else
        bytes->data[bytes->length] = 0;
    return status;
}
