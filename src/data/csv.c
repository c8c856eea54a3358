/* CSV: rows are samples. A first line with a text is a header; a column of text is the labels. */
#include "data/csv_text.h"

#include "base/mem.h"
#include "base/number.h"
#include "data/input.h"
#include "data/labels.h"
#include "data/raw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NO_LABEL = -1 };

/* ---- the table while it is read ---- */

struct table {
    const char *path;
    const struct hg__wish *wish;
    struct hg__csv_text csv;
    char **names; /* of the columns, from the header; NULL = none */
    size_t name_count;
    size_t numbers; /* of the names */
    size_t columns; /* of the first row of data */
    long label;     /* column of the labels from 0, or NO_LABEL */
    double *values; /* rows x features */
    const char **labels;
    size_t rows, room, total;
    size_t features;
    struct hg_error *error;
};

static enum hg_status no_memory(const struct table *table)
{
    return hg_error_set(table->error, HG_NO_MEMORY, "%s: no memory for %zu rows of %zu columns",
                        table->path, table->rows, table->columns);
}

/* "column 3 (width)" for a message. */
static const char *column_name(const struct table *table, size_t column, char *text, size_t size)
{
    if (table->names && column < table->name_count && table->names[column][0])
        snprintf(text, size, "column %zu (%s)", column + 1, table->names[column]);
    else
        snprintf(text, size, "column %zu", column + 1);
    return text;
}

static enum hg_status refuse(const struct table *table, size_t column, const char *what,
                             const char *text)
{
    char name[160], shown[64] = "";

    if (text)
        snprintf(shown, sizeof shown, " \"%.40s\"", text);
    return hg_error_set(table->error, HG_DAMAGED, "%s: line %zu, %s: %s%s", table->path,
                        table->csv.line, column_name(table, column, name, sizeof name), what,
                        shown);
}

/* ---- header and columns ---- */

/* Looks at a record without changing it, in a copy. */
struct glance {
    size_t fields, texts, missing;
    size_t first_text; /* its column */
};

static enum hg_status glance_at(const struct table *table, struct glance *glance)
{
    struct hg__csv_text csv = table->csv;
    struct hg__csv_field field;
    size_t length;
    char *copy, *end = csv.next;
    bool quoted = false;
    double value;

    *glance = (struct glance){0};
    for (; end < csv.end && (quoted || (*end != '\n' && *end != '\r')); end++)
        quoted = quoted != (*end == '"');
    length = (size_t)(end - csv.next);
    copy = hg__strndup(csv.next, length);
    if (!copy)
        return no_memory(table);
    csv.next = copy;
    csv.end = copy + length;
    do {
        enum hg__csv_kind kind;
        field = hg__csv_field(&csv);
        kind = hg__csv_kind(&field, &value);
        if (kind == HG__CSV_TEXT && glance->texts++ == 0)
            glance->first_text = glance->fields;
        glance->missing += kind == HG__CSV_MISSING;
        glance->fields++;
    } while (field.end == HG__CSV_FIELD);
    hg__free(copy);
    return HG_OK;
}

static enum hg_status read_header(struct table *table, size_t fields)
{
    table->names = hg__alloc(fields, sizeof *table->names);
    if (!table->names)
        return no_memory(table);
    for (table->name_count = 0; table->name_count < fields; table->name_count++)
        table->names[table->name_count] = hg__csv_field(&table->csv).text;
    if (table->names[0][0] == '#') /* numpy.savetxt */
        table->names[0] += 1 + strspn(table->names[0] + 1, " ");
    return HG_OK;
}

static enum hg_status find_label(struct table *table, const struct glance *row, const char **key)
{
    const struct hg__wish *wish = table->wish;
    long columns = (long)table->columns;

    table->label = NO_LABEL;
    if (wish->labels_of) {
        table->label = row->fields == 1 ? 0 : NO_LABEL;
    } else if (wish->labels == HG__LABELS_AUTO) {
        table->label = row->texts ? (long)row->first_text : NO_LABEL;
    } else if (wish->labels == HG__LABELS_COLUMN) {
        long column = wish->label_column;
        table->label = column > 0 ? column - 1 : columns + column;
        if (table->label < 0 || table->label >= columns) {
            *key = "labels";
            return hg_error_set(table->error, HG_USAGE, "%s has columns 1 to %ld, not %ld",
                                table->path, columns, column);
        }
    } else if (wish->labels == HG__LABELS_NAME) {
        for (size_t i = 0; i < table->name_count && table->label == NO_LABEL; i++)
            if (strcmp(table->names[i], wish->label_text) == 0)
                table->label = (long)i;
        if (table->label == NO_LABEL) {
            *key = "labels";
            return hg_error_set(table->error, HG_USAGE, "%s has no column \"%s\"%s", table->path,
                                wish->label_text,
                                table->names ? "" : "; its columns have no names: column:N");
        }
    }
    return HG_OK;
}

static enum hg_status start(struct table *table, struct hg__raw *raw, const char **key)
{
    struct glance row;
    enum hg_status status;
    bool heading;

    if (!hg__csv_record(&table->csv))
        return hg_error_set(table->error, HG_DAMAGED, "%s: holds no rows", table->path);
    status = glance_at(table, &row);
    if (status != HG_OK)
        return status;
    heading = row.texts > 0;
    if (heading && table->wish->labels_of)
        heading = hg__csv_count(&table->csv) == table->wish->labels_of + 1;
    if (heading) {
        size_t line = table->csv.line, fields = row.fields;
        table->numbers = row.fields - row.texts - row.missing;
        status = read_header(table, fields);
        if (status == HG_OK && !hg__csv_record(&table->csv))
            status = hg_error_set(table->error, HG_DAMAGED,
                                  "%s: holds no rows below its header in line %zu", table->path,
                                  line);
        if (status == HG_OK)
            status = glance_at(table, &row);
        if (status != HG_OK)
            return status;
        if (fields != row.fields) {
            hg__raw_note(raw, "line 1 has %zu fields and the rows %zu: not column names, left out",
                         fields, row.fields);
            hg__free(table->names);
            table->names = NULL;
            table->name_count = 0;
        }
    }
    table->columns = row.fields;
    status = find_label(table, &row, key);
    table->features = table->columns - (table->label != NO_LABEL);
    if (status == HG_OK && table->features == 0 && !table->wish->labels_of)
        status = hg_error_set(table->error, HG_DAMAGED, "%s: has labels, but no numbers",
                              table->path);
    return status;
}

/* ---- rows ---- */

static enum hg_status make_room(struct table *table, size_t most)
{
    size_t room = table->room ? table->room * 2 : 256, bytes;
    double *values;
    const char **labels;

    if (table->rows < table->room)
        return HG_OK;
    if (__builtin_mul_overflow(room, table->features * sizeof *values + sizeof *labels, &bytes) ||
        bytes / 2 > most)
        return hg_error_set(table->error, HG_NO_MEMORY,
                            "%s: more than %zu rows of %zu columns need more than the limit of "
                            "%.3g MiB (--max-memory)",
                            table->path, table->rows, table->columns, (double)most / 0x1p20);
    values = hg__realloc(table->values, room, table->features * sizeof *values);
    if (values)
        table->values = values;
    labels = values ? hg__realloc(table->labels, room, sizeof *labels) : NULL;
    if (!labels)
        return no_memory(table);
    table->labels = labels;
    table->room = room;
    return HG_OK;
}

static enum hg_status label_field(struct table *table, size_t column, struct hg__csv_field *field)
{
    if (field->length == 0)
        return refuse(table, column, "the label is missing", NULL);
    table->labels[table->rows] = field->text;
    return HG_OK;
}

static enum hg_status number_field(struct table *table, size_t column, size_t feature,
                                   const struct hg__csv_field *field)
{
    double *value = &table->values[table->rows * table->features + feature];

    switch (hg__csv_kind(field, value)) {
    case HG__CSV_NUMBER:
        if (!table->wish->as_is || fabs(*value) < HG__SINGLE_MOST)
            return HG_OK;
        return refuse(table, column,
                      "too large; single precision holds up to 3.4e38:", field->text);
    case HG__CSV_HUGE:
        return refuse(table, column, "too large or too long a number:", field->text);
    case HG__CSV_MISSING:
        return field->length ? refuse(table, column, "missing or not finite:", field->text)
                             : refuse(table, column, "the value is missing", NULL);
    case HG__CSV_COMMA:
        return refuse(table, column, "a decimal comma; numbers have a point:", field->text);
    default:
        if (table->rows == 0)
            return refuse(table, column,
                          table->wish->labels_of ? "text; a file of labels has one column:"
                          : table->label == NO_LABEL
                              ? "text can only be the labels (data.labels = auto or column:N):"
                              : "text in more than the column of the labels:",
                          field->text);
        return refuse(table, column, "expected a number:", field->text);
    }
}

static enum hg_status ragged(const struct table *table, size_t fields)
{
    return hg_error_set(table->error, HG_DAMAGED, "%s: line %zu: %zu fields, expected %zu",
                        table->path, table->csv.line, fields, table->columns);
}

static enum hg_status read_row(struct table *table)
{
    enum hg_status status = HG_OK;
    struct hg__csv_field field;
    size_t column = 0, feature = 0;

    do {
        field = hg__csv_field(&table->csv);
        if (field.broken)
            status = refuse(table, column, "a quotation mark is not closed, or not alone", NULL);
        else if (column >= table->columns)
            status = HG_OK; /* counted, and refused below */
        else if ((long)column == table->label)
            status = label_field(table, column, &field);
        else
            status = number_field(table, column, feature++, &field);
        column++;
    } while (status == HG_OK && field.end == HG__CSV_FIELD);
    if (status == HG_OK && column != table->columns)
        status = ragged(table, column);
    return status;
}

static void skip_row(struct table *table)
{
    while (hg__csv_field(&table->csv).end == HG__CSV_FIELD)
        continue;
}

static enum hg_status read_rows(struct table *table, size_t most)
{
    const struct hg__wish *wish = table->wish;
    enum hg_status status = HG_OK;
    bool more = true; /* the first row stands ready */

    for (; status == HG_OK && more; more = hg__csv_record(&table->csv)) {
        table->total++;
        if (wish->limit && table->rows >= wish->limit) {
            skip_row(table);
            continue;
        }
        status = make_room(table, most);
        if (status == HG_OK)
            status = read_row(table);
        table->rows++;
    }
    return status;
}

/* ---- what it is as samples ---- */

/* scikit-learn's tables begin with the numbers of rows and values and the names of the classes:
 * that is no line of column names. */
static void drop_heading(struct table *table, struct hg__raw *raw)
{
    double rows, values;

    if (table->name_count < 3 || !hg__parse_real(table->names[0], &rows) ||
        !hg__parse_real(table->names[1], &values) || rows != (double)table->total ||
        values != (double)table->columns - 1)
        return;
    table->name_count = 0;
    hg__raw_note(raw,
                 "line 1 counts rows and values and names classes: not column names, left out");
}

/* A column of whole numbers that is called so is not taken as labels without being asked. */
static void hint_labels(const struct table *table, struct hg__raw *raw)
{
    static const char *const words[] = {"label", "class", "target", "species", "y", "digit"};

    if (table->wish->labels != HG__LABELS_AUTO || table->label != NO_LABEL)
        return;
    for (size_t i = 0; i < table->name_count; i++)
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
            if (strcmp(table->names[i], words[k]) == 0)
                hg__raw_note(raw,
                             "column \"%s\" is numbers and was taken as values; as labels: "
                             "labels = column:%s",
                             words[k], words[k]);
}

static enum hg_status deliver(struct hg_context *context, struct table *table, struct hg__raw *raw)
{
    struct hg__raw_size size = {.name = table->path, .samples = table->rows, .type = HG__F64};
    char name[160];
    enum hg_status status = HG_OK;

    size.shape = (struct hg_shape){1, 1, (int)table->features};
    if (!table->wish->labels_of || table->features > 0)
        status = hg__raw_check(context, table->wish, &size, raw, table->error);
    if (status != HG_OK)
        return status;
    raw->samples = table->rows;
    raw->total = table->total;
    raw->values = raw->area = table->values;
    table->values = NULL;
    raw->flat = true;
    drop_heading(table, raw);
    if (table->name_count > 0 && table->numbers > 0)
        hg__raw_note(raw, "line 1 has text and numbers and was taken as the names of the columns");
    raw->named = table->name_count > 0;
    raw->pixels = hg__csv_all_pixels(table->names, table->name_count, table->label);
    hint_labels(table, raw);
    if (table->label == NO_LABEL)
        return HG_OK;
    status = hg__labels_from_texts(raw, table->labels, table->error);
    if (status == HG_OK)
        hg__raw_note(raw, "labels from %s",
                     column_name(table, (size_t)table->label, name, sizeof name));
    return status;
}

static enum hg_status read(struct hg_context *context, const struct hg__peek *peek,
                           const struct hg__wish *wish, struct hg__raw *raw, const char **key,
                           struct hg_error *error)
{
    struct table table = {.path = peek->path, .wish = wish, .label = NO_LABEL, .error = error};
    struct hg__bytes bytes = {0};
    enum hg_status status = hg__input_all(context, peek, &bytes, error);

    if (status == HG_OK) {
        hg__csv_start(&table.csv, (char *)bytes.data, bytes.length);
        status = start(&table, raw, key);
    }
    if (status == HG_OK)
        status = read_rows(&table, hg_context_max_memory(context));
    if (status == HG_OK)
        status = deliver(context, &table, raw);
    hg__free(table.names);
    hg__free(table.labels);
    hg__free(table.values);
    hg__bytes_fini(&bytes);
    return status;
}

const struct hg__source_ops hg__source_csv = {"CSV", false, hg__csv_recognises, read};
