#include "data/csv_text.h"

#include "base/number.h"
#include "base/text.h"

#include <string.h>

static bool is_newline(char c)
{
    return c == '\n' || c == '\r';
}

/* ---- the delimiter ---- */

/* Counts tabs, semicolons and commas outside quotes in the line at `at`; returns its end. */
static const char *count_line(const char *at, const char *end, size_t counts[3])
{
    static const char delimiters[3] = {'\t', ';', ','};
    bool quoted = false;

    counts[0] = counts[1] = counts[2] = 0;
    for (; at < end && (quoted || !is_newline(*at)); at++) {
        if (*at == '"')
            quoted = !quoted;
        for (int i = 0; i < 3 && !quoted; i++)
            counts[i] += *at == delimiters[i];
    }
    return at;
}

/* The one that splits the first two lines alike, tab before semicolon before comma (numbers
 * may have decimal commas, texts have commas); else the one most frequent in both. */
static char guess(const char *at, const char *end)
{
    static const char delimiters[3] = {'\t', ';', ','};
    size_t first[3], second[3] = {0};
    bool single;
    int best = 0;

    at = count_line(at, end, first);
    while (at < end && is_newline(*at))
        at++;
    single = at == end;
    if (!single)
        count_line(at, end, second);
    for (int i = 0; i < 3; i++)
        if (first[i] > 0 && (single || first[i] == second[i]))
            return delimiters[i];
    for (int i = 0; i < 3; i++)
        if (first[i] + second[i] > first[best] + second[best])
            best = i;
    return first[best] + second[best] > 0 ? delimiters[best] : '\0';
}

void hg__csv_start(struct hg__csv_text *csv, char *text, size_t length)
{
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    *csv = (struct hg__csv_text){.next = text, .end = text + length};
    while (text < csv->end && (is_newline(*text) || *text == ' '))
        text++;
    csv->delimiter = guess(text, csv->end);
}

/* ---- records and fields ---- */

/* Moves past one line end: LF, CR LF or CR. */
static void pass_newline(struct hg__csv_text *csv)
{
    if (csv->next[0] == '\r' && csv->next + 1 < csv->end && csv->next[1] == '\n')
        csv->next++;
    csv->next++;
    csv->newlines++;
}

bool hg__csv_record(struct hg__csv_text *csv)
{
    while (csv->next < csv->end) {
        char *at = csv->next;
        while (at < csv->end && (*at == ' ' || (*at == '\t' && csv->delimiter != '\t')))
            at++;
        if (at == csv->end)
            break;
        if (!is_newline(*at)) {
            csv->line = csv->newlines + 1;
            return true;
        }
        csv->next = at;
        pass_newline(csv);
    }
    return false;
}

size_t hg__csv_count(const struct hg__csv_text *csv)
{
    size_t count = 0;
    bool empty = true;

    for (const char *at = csv->next; at < csv->end; at++) {
        if (is_newline(*at)) {
            count += !empty;
            empty = true;
        } else if (*at != ' ') {
            empty = false;
        }
    }
    return count + !empty;
}

/* Undoes quotes from csv->next on; leaves csv->next behind the closing one. */
static void quoted_field(struct hg__csv_text *csv, struct hg__csv_field *field)
{
    char *in = csv->next + 1, *out = in;

    field->text = out;
    field->quoted = true;
    field->broken = true;
    while (in < csv->end) {
        if (*in == '"' && in + 1 < csv->end && in[1] == '"') {
            in++;
        } else if (*in == '"') {
            field->broken = false;
            in++;
            break;
        }
        if (*in == '\n' || (*in == '\r' && in + 1 < csv->end && in[1] != '\n'))
            csv->newlines++;
        *out++ = *in++;
    }
    field->length = (size_t)(out - field->text);
    csv->next = in;
}

/* Where the field that begins at `at` ends. */
static char *field_end(const struct hg__csv_text *csv, char *at)
{
    while (at < csv->end && *at != csv->delimiter && !is_newline(*at))
        at++;
    return at;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct hg__csv_field hg__csv_field(struct hg__csv_text *csv)
{
    struct hg__csv_field field = {.end = HG__CSV_FILE};
    char *end;

    while (csv->next < csv->end && is_blank(*csv->next) && *csv->next != csv->delimiter)
        csv->next++;
    field.text = csv->next;
    if (csv->next < csv->end && *csv->next == '"')
        quoted_field(csv, &field);
    end = field_end(csv, csv->next);
    if (!field.quoted) {
        field.length = (size_t)(end - field.text);
        while (field.length > 0 && is_blank(field.text[field.length - 1]))
            field.length--;
    } else {
        for (char *at = csv->next; at < end; at++)
            field.broken = field.broken || !is_blank(*at);
    }
    csv->next = end;
    if (end < csv->end && is_newline(*end)) {
        field.end = HG__CSV_LINE;
        pass_newline(csv);
    } else if (end < csv->end) {
        field.end = HG__CSV_FIELD;
        csv->next++;
    }
    field.text[field.length] = '\0';
    return field;
}

/* 2,5 or -1,25e3: one comma, and a number with a point in its place. */
static bool has_decimal_comma(const char *text, size_t length)
{
    const char *comma = memchr(text, ',', length);
    char copy[64];
    double value;

    if (!comma || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[comma - text] = '.';
    return hg__parse_real_n(copy, length, &value);
}

static bool is_missing(const char *text, size_t length)
{
    static const char *const missing[] = {
        "",     "na",   "n/a",      "nan",       "null", "none",      "?",    "-",   "inf",
        "+inf", "-inf", "infinity", "+infinity", "#n/a", "-infinity", "-nan", "nil", "missing"};
    char copy[10];

    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        if (hg__text_same(copy, missing[i]))
            return true;
    return false;
}

enum hg__csv_kind hg__csv_kind(const struct hg__csv_field *field, double *value)
{
    const char *text = field->text;
    size_t length = field->length;

    /* "  12": quotes keep the blanks around a number. */
    for (; length > 0 && is_blank(*text); text++)
        length--;
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    if (hg__parse_real_n(text, length, value))
        return HG__CSV_NUMBER;
    if (hg__looks_real_n(text, length))
        return HG__CSV_HUGE;
    if (has_decimal_comma(text, length))
        return HG__CSV_COMMA;
    return is_missing(text, length) ? HG__CSV_MISSING : HG__CSV_TEXT;
}
