/* specfile.h - the syntax of .ini files; the only door to inih.
 *
 * Beyond inih: lines of any length, an indented `key = value` begins a key (an
 * indented line without '=' goes on with the value above), what is not
 * understood is refused with its line, and escapes, so that every value can be
 * written: \\ \; \n \r \t \s (a space) \xHH. Other backslashes stand for themselves.
 */
#ifndef HG_RUN_SPECFILE_H
#define HG_RUN_SPECFILE_H

#include "base/text.h"
#include "hourglass/status.h"

#include <stddef.h>

/* One `key = value`, or the beginning of a section (key and value NULL). The
 * value is joined, trimmed and unescaped; `line` is where the key stands. */
struct hg__ini_line {
    const char *section, *key, *value;
    size_t line;
};

/* Gets each line in order; a status other than HG_OK ends the reading. It puts
 * the place in front of its message itself. */
struct hg__ini_reader {
    enum hg_status (*take)(void *self, const struct hg__ini_line *line, struct hg_error *error);
    void *self;
};

/* Reads `length` bytes. `label` stands for the file in messages. HG_USAGE:
 * "LABEL:LINE: what"; HG_DAMAGED: not text at all. */
enum hg_status hg__ini_read(const char *text, size_t length, const char *label,
                            const struct hg__ini_reader *reader, struct hg_error *error);

/* Adds a value with the escapes it needs to be read back; the result is UTF-8. */
void hg__ini_escape(struct hg__text *out, const char *value);

#endif
