/* What can be told of CSV without reading it: whether it is, and what its names say. */
#include "data/csv_text.h"
#include "data/sources.h"

#include <string.h>

/* No NUL, and hardly any other control character: one in a label must not hide a table. */
bool hg__csv_is_text(const struct hg__peek *peek)
{
    size_t controls = 0;

    for (size_t i = 0; i < peek->head_length; i++) {
        unsigned char c = peek->head[i];
        if (c == 0)
            return false;
        controls += c < 32 && c != '\n' && c != '\r' && c != '\t';
    }
    return peek->head_length > 0 && controls <= peek->head_length / 16;
}

/* "key = value" is an experiment file, not data. */
static bool is_setting(const char *line)
{
    size_t word;

    line += strspn(line, " \t");
    word = strspn(line, "abcdefghijklmnopqrstuvwxyz_.0123456789");
    line += word + strspn(line + word, " \t");
    return word > 0 && *line == '=';
}

/* Looks through one record: how many of its fields are numbers; all go to *fields. */
static size_t count_numbers(struct hg__csv_text *csv, size_t *fields)
{
    struct hg__csv_field field;
    size_t numbers = 0;
    double value;

    do {
        enum hg__csv_kind kind;
        field = hg__csv_field(csv);
        kind = hg__csv_kind(&field, &value);
        numbers += kind != HG__CSV_TEXT && kind != HG__CSV_MISSING;
        (*fields)++;
    } while (field.end == HG__CSV_FIELD);
    return numbers;
}

/* Is there a number in one of the first lines, or a header of which only a part is seen (`cut`),
 * with several fields? Sections, settings and JSON further down (below comments) say no. */
static bool has_numbers(struct hg__csv_text *csv, bool cut)
{
    size_t fields = 0, numbers = 0, later = 0;

    for (int record = 0; record < 50 && hg__csv_record(csv); record++) {
        if (strchr("{[", *csv->next) || (record == 0 && *csv->next == '<') || is_setting(csv->next))
            return false;
        if (record < 3)
            numbers += count_numbers(csv, &fields);
        else
            count_numbers(csv, &later);
        if (record == 0 && cut && csv->next == csv->end)
            return fields >= 4;
    }
    return numbers > 0;
}

bool hg__csv_recognises(const struct hg__peek *peek)
{
    char text[sizeof peek->head + 1];
    struct hg__csv_text csv;

    if (!hg__csv_is_text(peek))
        return false;
    memcpy(text, peek->head, peek->head_length);
    text[peek->head_length] = '\0';
    hg__csv_start(&csv, text, peek->head_length);
    return has_numbers(&csv, peek->head_length == sizeof peek->head);
}

bool hg__csv_is_pixel(const char *name)
{
    static const char *const prefixes[] = {"pixel", "pix", "px", "p", "r", "row", ""};
    size_t digits;

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t length = strlen(prefixes[i]);
        const char *rest = name + length;
        if (strncmp(name, prefixes[i], length) != 0)
            continue;
        rest += *rest == '_' || *rest == '.' || *rest == '-';
        digits = strspn(rest, "0123456789");
        if (digits > 0 && rest[digits] == '\0')
            return length > 0 && prefixes[i][0] == 'p';
        if (digits > 0 && strchr("x_c-,:", rest[digits]) && rest[digits]) {
            rest += digits + 1;
            rest += strspn(rest, "col");
            return *rest && rest[strspn(rest, "0123456789")] == '\0';
        }
    }
    return false;
}

bool hg__csv_all_pixels(char *const *names, size_t count, long label)
{
    for (size_t i = 0; i < count; i++)
        if ((long)i != label && !hg__csv_is_pixel(names[i]))
            return false;
    return count > 0;
}
