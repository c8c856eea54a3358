/* bytes_help.h - files in a test: whole, compared, searched line by line. Include after cmocka.h. */
#ifndef HG_TEST_BYTES_HELP_H
#define HG_TEST_BYTES_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *bytes_of(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes;

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*length + 1);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    bytes[*length] = '\0';
    fclose(file);
    assert_true(*length > 0);
    return bytes;
}

static inline void same_files(const char *a, const char *b)
{
    size_t length_a, length_b;
    char *bytes_a = bytes_of(a, &length_a), *bytes_b = bytes_of(b, &length_b);

    assert_int_equal(length_a, length_b);
    assert_memory_equal(bytes_a, bytes_b, length_a);
    free(bytes_a);
    free(bytes_b);
}

static inline size_t count_lines(const char *path, const char *text)
{
    char line[8192];
    size_t count = 0;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        count += strstr(line, text) != NULL;
    fclose(file);
    return count;
}

#endif
