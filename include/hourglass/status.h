/* status.h - errors as values.
 *
 * Every function of the library that can fail returns an enum hg_status and
 * fills a struct hg_error (which may be NULL when nobody wants the text). The
 * deepest function that knows the fact writes the text; callers pass it on or
 * put a place in front of it (hg_error_prefix). The library never prints,
 * exits, aborts or installs a signal handler.
 */
#ifndef HOURGLASS_STATUS_H
#define HOURGLASS_STATUS_H

#include <stddef.h>

#if defined(__GNUC__)
#define HG_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define HG_PRINTF(at, first)
#endif

/* What went wrong. hg_status_exit() maps each to the exit status of the programs. */
enum hg_status {
    HG_OK,        /* success */
    HG_FAILED,    /* something failed while running: a file, a disk, a thread */
    HG_NO_MEMORY, /* an allocation failed, or would exceed the machine's memory */
    HG_USAGE,     /* wrong arguments or experiment file */
    HG_DAMAGED,   /* an input file is damaged, hostile or of no known kind */
    HG_DIVERGED,  /* training produced a NaN or an infinity */
    HG_STATUS_COUNT
};

enum { HG_ERROR_TEXT = 640 };

/* One error: its kind and one line of text without a final newline. */
struct hg_error {
    enum hg_status status;
    char text[HG_ERROR_TEXT];
};

/* Fills *error (may be NULL) and returns `status`, so that a function can
 * `return hg_error_set(error, HG_DAMAGED, "%s: ...", path);`. Bytes of outside
 * text that would disturb a terminal are shown as escapes; a line that is too
 * long is cut at a character boundary. */
enum hg_status hg_error_set(struct hg_error *error, enum hg_status status, const char *format, ...)
    HG_PRINTF(3, 4);

/* Puts "prefix: " in front of the text of *error (may be NULL); returns its status. */
enum hg_status hg_error_prefix(struct hg_error *error, enum hg_status status, const char *format,
                               ...) HG_PRINTF(3, 4);

/* The exit status of a program that ends with `status`: 0, 1, 2, 3 or 4. */
int hg_status_exit(enum hg_status status);

/* A short English name, for logs and tests; never NULL. */
const char *hg_status_name(enum hg_status status);

#endif
