/* text.h - strings: a growing buffer, and the one sanitizer of outside text. */
#ifndef HG_BASE_TEXT_H
#define HG_BASE_TEXT_H

#include "hourglass/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A growing, NUL-terminated string. Zero-initialise; free with hg__text_fini.
 * A failed allocation sets `failed` and leaves what was there; check it once at
 * the end (hg__text_take returns NULL then). */
struct hg__text {
    char *bytes; /* NULL while empty */
    size_t length, room;
    bool failed;
};

void hg__text_add(struct hg__text *text, const char *bytes, size_t length);
void hg__text_put(struct hg__text *text, const char *string);
void hg__text_format(struct hg__text *text, const char *format, ...) HG_PRINTF(2, 3);
void hg__text_vformat(struct hg__text *text, const char *format, va_list arguments) HG_PRINTF(2, 0);
/* Gives the string away (caller frees with hg__free), "" when empty; NULL when memory ran out. */
char *hg__text_take(struct hg__text *text);
void hg__text_fini(struct hg__text *text);

/* Removes white space at both ends, in place; returns the new beginning. */
char *hg__text_trim(char *string);

/* Equal without regard to ASCII case. */
bool hg__text_same(const char *a, const char *b);

#endif
