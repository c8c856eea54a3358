/* text.h - outside text made safe to show.
 *
 * File names, labels and strings from files may hold anything. Before such text
 * reaches a screen, a log or a message it passes here.
 */
#ifndef HOURGLASS_TEXT_H
#define HOURGLASS_TEXT_H

#include <stddef.h>

/* Copies `text` (NUL-terminated, any bytes) to out[0..size-1], always
 * terminated: C0 and C1 controls, DEL, bidirectional controls (U+200E, U+200F,
 * U+202A..U+202E, U+2066..U+2069, U+061C), line and paragraph separators and
 * bytes that are not UTF-8 become visible escapes (\n, \x1b, \u202e). What does
 * not fit is left off at a character boundary. Returns the length written.
 * `text` and `out` must not overlap. Any thread. */
size_t hg_text_sanitize(char *out, size_t size, const char *text);

#endif
