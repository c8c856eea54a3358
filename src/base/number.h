/* number.h - strict parsing of numbers, independent of the locale.
 *
 * The whole text must be the number; surrounding spaces are the caller's
 * business. Digits beyond a double's precision are allowed, NaN and infinity
 * are not. */
#ifndef HG_BASE_NUMBER_H
#define HG_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool hg__parse_real(const char *text, double *value);
bool hg__parse_integer(const char *text, long long *value);

/* The same for text that is not terminated (a field of a CSV file). */
bool hg__parse_real_n(const char *text, size_t length, double *value);

/* Is it written as a number? One that is and cannot be parsed has no double. */
bool hg__looks_real_n(const char *text, size_t length);

/* "17 KiB", "1.5 GiB": a size in bytes to be read. */
void hg__print_bytes(uint64_t bytes, char out[32]);

/* A size in bytes: N, or N with K, M, G, T (powers of 1024), optionally followed by "B" or "iB". */
bool hg__parse_size(const char *text, size_t *bytes);

/* Writes the shortest decimal text that reads back as the same double / float
 * (at most 32 bytes with the NUL), with '.' whatever the locale; returns out. */
char *hg__format_real(char out[32], double value);
char *hg__format_float(char out[32], float value);

#endif
