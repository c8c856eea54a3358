/* data_help.h - files made up for tests of the data floor. */
#ifndef HG_TEST_DATA_HELP_H
#define HG_TEST_DATA_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gz.h"
#include "hourglass/dataset.h"

#ifndef HG_SOURCE_DIR
#define HG_SOURCE_DIR "."
#endif

static struct hg_context *help_context;
static char help_folder[256];
static struct hg_error help_error;
static const char *help_key;

__attribute__((unused)) static int help_setup(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    snprintf(help_folder, sizeof help_folder, "%s/hourglass-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(help_folder))
        return -1;
    return hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &help_context, NULL) == HG_OK ? 0 : -1;
}

static void help_remove(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    char full[4096];

    while (folder && (entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        help_remove(full);
    }
    if (folder)
        closedir(folder);
    remove(path);
}

__attribute__((unused)) static int help_teardown(void **state)
{
    (void)state;
    hg_context_destroy(help_context);
    help_remove(help_folder);
    return 0;
}

/* The path of a file in the test's folder; one of 32 buffers, in turn. */
__attribute__((unused)) static const char *help_path(const char *name)
{
    static char paths[32][512];
    static int next;
    char *path = paths[next++ % 32];

    snprintf(path, sizeof paths[0], "%s/%s", help_folder, name);
    return path;
}

__attribute__((unused)) static const char *help_file(const char *name, const void *data,
                                                     size_t length)
{
    const char *path = help_path(name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    fclose(file);
    return path;
}

__attribute__((unused)) static const char *help_text(const char *name, const char *text)
{
    return help_file(name, text, strlen(text));
}

/* A file of the shared data, or skip(). */
__attribute__((unused)) static const char *help_shared(const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    const char *shared = getenv("HG_SHARED");

    if (shared)
        snprintf(path, sizeof paths[0], "%s/data/%s", shared, name);
    else
        snprintf(path, sizeof paths[0], "%s/../shared/data/%s", HG_SOURCE_DIR, name);
    if (access(path, R_OK) != 0)
        skip();
    return path;
}

/* ---- formats by hand ---- */

struct help_bytes {
    unsigned char data[1 << 16];
    size_t length;
};

__attribute__((unused)) static void help_add(struct help_bytes *bytes, const void *data,
                                             size_t length)
{
    assert_true(bytes->length + length <= sizeof bytes->data);
    if (length > 0)
        memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

__attribute__((unused)) static void help_add32(struct help_bytes *bytes, uint32_t word)
{
    unsigned char data[4] = {(unsigned char)(word >> 24), (unsigned char)(word >> 16),
                             (unsigned char)(word >> 8), (unsigned char)word};
    help_add(bytes, data, 4);
}

__attribute__((unused)) static void help_add32_little(struct help_bytes *bytes, uint32_t word)
{
    help_add32(bytes, __builtin_bswap32(word));
}

/* A stored deflate block, the last. */
__attribute__((unused)) static void help_deflate(struct help_bytes *bytes, const void *data,
                                                 size_t length)
{
    unsigned char head[5] = {1, (unsigned char)length, (unsigned char)(length >> 8),
                             (unsigned char)~length, (unsigned char)(~length >> 8)};
    help_add(bytes, head, 5);
    help_add(bytes, data, length);
}

__attribute__((unused)) static void help_gzip(struct help_bytes *bytes, const void *data,
                                              size_t length)
{
    help_add(bytes, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
    help_deflate(bytes, data, length);
    help_add32_little(bytes, hg__crc32(0, data, length));
    help_add32_little(bytes, (uint32_t)length);
}

static void help_chunk(struct help_bytes *bytes, const char *type, const void *data, size_t length)
{
    size_t begin;

    help_add32(bytes, (uint32_t)length);
    begin = bytes->length;
    help_add(bytes, type, 4);
    help_add(bytes, data, length);
    help_add32(bytes, hg__crc32(0, bytes->data + begin, length + 4));
}

/* A PNG of 8 bits: colour 0 grey, 2 RGB, 4 grey and alpha, 6 RGBA; pixels row by row. */
__attribute__((unused)) static void help_png(struct help_bytes *png, unsigned width,
                                             unsigned height, int colour,
                                             const unsigned char *pixels)
{
    static const unsigned channels[7] = {1, 0, 3, 0, 2, 0, 4};
    static struct help_bytes rows, packed;
    unsigned char header[13] = {0}, depth[5] = {8, (unsigned char)colour, 0, 0, 0};
    uint32_t a = 1, b = 0;

    rows.length = packed.length = png->length = 0;
    for (unsigned y = 0; y < height; y++) {
        help_add(&rows, "", 1);
        help_add(&rows, pixels + y * width * channels[colour], width * channels[colour]);
    }
    for (size_t i = 0; i < rows.length; i++) {
        a = (a + rows.data[i]) % 65521;
        b = (b + a) % 65521;
    }
    help_add(&packed, "\x78\1", 2);
    help_deflate(&packed, rows.data, rows.length);
    help_add32(&packed, b << 16 | a);
    help_add(png, "\x89PNG\r\n\x1a\n", 8);
    for (int i = 0; i < 4; i++) {
        header[i] = (unsigned char)(width >> (24 - 8 * i));
        header[4 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    memcpy(header + 8, depth, 5);
    help_chunk(png, "IHDR", header, 13);
    help_chunk(png, "IDAT", packed.data, packed.length);
    help_chunk(png, "IEND", NULL, 0);
}

/* cmocka's assert_float_equal compares in single precision. */
#define assert_near(a, b, epsilon) assert_true(fabs((double)(a) - (double)(b)) <= (epsilon))

/* ---- loading ---- */

__attribute__((unused)) static struct hg_data_config help_config(const char *source)
{
    return (struct hg_data_config){.source = source, .seed = 1};
}

/* Loads, or fails the test with the message. */
__attribute__((unused)) static struct hg_dataset *help_load(const struct hg_data_config *config)
{
    struct hg_dataset *dataset = NULL;

    if (hg_dataset_load(help_context, config, &dataset, &help_key, &help_error) != HG_OK)
        fail_msg("%s", help_error.text);
    return dataset;
}

__attribute__((unused)) static struct hg_dataset *help_source(const char *source)
{
    struct hg_data_config config = help_config(source);
    return help_load(&config);
}

/* Must be refused so, with a message that has `part`. */
__attribute__((unused)) static void help_refused(const struct hg_data_config *config,
                                                 enum hg_status status, const char *key,
                                                 const char *part)
{
    struct hg_dataset *dataset = (struct hg_dataset *)(uintptr_t)1;
    enum hg_status got = hg_dataset_load(help_context, config, &dataset, &help_key, &help_error);

    if (got != status)
        fail_msg("\"%s\" expected, but %d: %s", part, (int)got,
                 got == HG_OK ? "loaded" : help_error.text);
    assert_null(dataset);
    if (!strstr(help_error.text, part))
        fail_msg("\"%s\" is not in: %s", part, help_error.text);
    if (key) {
        assert_non_null(help_key);
        assert_string_equal(help_key, key);
    } else {
        assert_null(help_key);
    }
}

__attribute__((unused)) static void help_source_refused(const char *source, enum hg_status status,
                                                        const char *part)
{
    struct hg_data_config config = help_config(source);
    help_refused(&config, status, NULL, part);
}

__attribute__((unused)) static int help_has_note(const struct hg_dataset *dataset, const char *part)
{
    for (size_t i = 0; i < dataset->note_count; i++)
        if (strstr(dataset->notes[i], part))
            return 1;
    return 0;
}

#endif
