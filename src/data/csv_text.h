/* csv_text.h - delimited text cut into fields. */
#ifndef HG_DATA_CSV_TEXT_H
#define HG_DATA_CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A text being read. The buffer is written to: quotes inside fields are undone in place, and
 * each field is ended by a NUL (so one byte after `end` must be there). */
struct hg__csv_text {
    char *next, *end;
    char delimiter;  /* ',', ';' or tab; NUL = one column */
    size_t line;     /* of the record being read, from 1 */
    size_t newlines; /* seen so far */
};

/* How a field ended. */
enum hg__csv_end { HG__CSV_FIELD, HG__CSV_LINE, HG__CSV_FILE };

struct hg__csv_field {
    char *text; /* without white space around it; NUL-terminated */
    size_t length;
    bool quoted;
    bool broken; /* a quote that is never closed, or text after a closing quote */
    enum hg__csv_end end;
};

/* Starts after a byte order mark; guesses the delimiter from the first lines. */
void hg__csv_start(struct hg__csv_text *csv, char *text, size_t length);

/* Moves past blank lines; false at the end of the text. Call before each record. */
bool hg__csv_record(struct hg__csv_text *csv);

/* How many lines that are not blank are left: the header of a list of labels cannot be told
 * from a label, but it can be counted. */
size_t hg__csv_count(const struct hg__csv_text *csv);

struct hg__csv_field hg__csv_field(struct hg__csv_text *csv);

/* What a field is: a number, nothing usable (empty, NA, NaN, inf, ?), a number with a decimal
 * comma or one that no double holds (which would pass for text unnoticed), or text. */
enum hg__csv_kind { HG__CSV_NUMBER, HG__CSV_MISSING, HG__CSV_COMMA, HG__CSV_HUGE, HG__CSV_TEXT };
enum hg__csv_kind hg__csv_kind(const struct hg__csv_field *field, double *value);

/* ---- what can be told without reading it all (csv_look.c) ---- */

struct hg__peek;
bool hg__csv_recognises(const struct hg__peek *peek);

/* Names that count pixels: pixel0 pixel1 ..., px_1, p1, or 1x1, 0_0, r0c0. */
bool hg__csv_is_pixel(const char *name);
/* Are all of these, but the one at `label` (-1: none)? */
bool hg__csv_all_pixels(char *const *names, size_t count, long label);

#endif
