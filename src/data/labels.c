#include "data/labels.h"

#include "base/mem.h"
#include "base/number.h"
#include "data/raw.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compares the runs of digits that both begin with, by value, and moves past them. */
static int compare_runs(const char **a, const char **b)
{
    const char *x = *a, *y = *b;
    size_t m = 0, n = 0;
    int order;

    while (*x == '0' && is_digit(x[1]))
        x++;
    while (*y == '0' && is_digit(y[1]))
        y++;
    while (is_digit(x[m]))
        m++;
    while (is_digit(y[n]))
        n++;
    order = m != n ? (m < n ? -1 : 1) : memcmp(x, y, m);
    *a = x + m;
    *b = y + n;
    return order;
}

int hg__natural_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;

    while (*x && *y) {
        if (is_digit(*x) && is_digit(*y)) {
            int order = compare_runs(&x, &y);
            if (order != 0)
                return order;
        } else if (*x != *y) {
            return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    if (*x || *y)
        return *x ? 1 : -1;
    return strcmp(a, b); /* 01 and 1 */
}

/* ---- texts and numbers to classes ---- */

struct entry {
    const char *text; /* NULL: a number from an array */
    double value;
    bool number;
    uint32_t sample;
};

static int compare_classes(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    if (a->number != b->number)
        return a->number ? -1 : 1;
    if (a->number)
        return (a->value > b->value) - (a->value < b->value);
    return hg__natural_compare(a->text, b->text);
}

/* By class, and inside one by sample, so that the result does not depend on qsort. */
static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = compare_classes(a, b);

    return order != 0 ? order : (a->sample > b->sample) - (a->sample < b->sample);
}

static char *class_name(const struct entry *entry)
{
    char text[32];

    return hg__strdup(entry->number ? hg__format_real(text, entry->value) : entry->text);
}

static enum hg_status classify(struct hg__raw *raw, struct entry *entries, struct hg_error *error)
{
    enum hg_status status;
    size_t classes = 1;
    int32_t class = -1;

    qsort(entries, raw->samples, sizeof *entries, compare_entries);
    for (size_t i = 1; i < raw->samples; i++)
        classes += compare_classes(&entries[i - 1], &entries[i]) != 0;
    status = hg__raw_label_room(raw, classes, error);
    for (size_t i = 0; status == HG_OK && i < raw->samples; i++) {
        if (i == 0 || compare_classes(&entries[i - 1], &entries[i]) != 0) {
            raw->class_names[++class] = class_name(&entries[i]);
            if (!raw->class_names[class])
                status = hg_error_set(error, HG_NO_MEMORY, "no memory for names of classes");
        }
        raw->labels[entries[i].sample] = class;
    }
    return status;
}

static struct entry *make_entries(const struct hg__raw *raw, struct hg_error *error)
{
    struct entry *entries = hg__alloc(raw->samples, sizeof *entries);

    if (!entries)
        hg_error_set(error, HG_NO_MEMORY, "no memory for the labels of %zu samples", raw->samples);
    return entries;
}

enum hg_status hg__labels_from_texts(struct hg__raw *raw, const char *const *texts,
                                     struct hg_error *error)
{
    struct entry *entries = make_entries(raw, error);
    enum hg_status status;

    if (!entries)
        return HG_NO_MEMORY;
    for (size_t i = 0; i < raw->samples; i++) {
        entries[i].text = texts[i];
        entries[i].number = hg__parse_real(texts[i], &entries[i].value);
        entries[i].sample = (uint32_t)i;
    }
    status = classify(raw, entries, error);
    hg__free(entries);
    return status;
}

/* Bytes, the labels of MNIST: counted, not sorted. */
static enum hg_status from_bytes(struct hg__raw *raw, const uint8_t *values, struct hg_error *error)
{
    int32_t class_of[256];
    bool seen[256] = {false};
    size_t classes = 0;
    enum hg_status status;

    for (size_t i = 0; i < raw->samples; i++)
        seen[values[i]] = true;
    for (int v = 0; v < 256; v++)
        class_of[v] = seen[v] ? (int32_t)classes++ : -1;
    status = hg__raw_label_room(raw, classes, error);
    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < raw->samples; i++)
        raw->labels[i] = class_of[values[i]];
    for (int v = 0; v < 256; v++) {
        char text[32];
        if (seen[v] && !(raw->class_names[class_of[v]] = hg__strdup(hg__format_real(text, v))))
            return hg_error_set(error, HG_NO_MEMORY, "no memory for names of classes");
    }
    return HG_OK;
}

enum hg_status hg__labels_from_numbers(struct hg__raw *raw, const struct hg__raw *numbers,
                                       struct hg_error *error)
{
    struct entry *entries;
    enum hg_status status;

    if (numbers->type == HG__U8)
        return from_bytes(raw, numbers->values, error);
    entries = make_entries(raw, error);
    if (!entries)
        return HG_NO_MEMORY;
    for (size_t i = 0; i < raw->samples; i++)
        entries[i] = (struct entry){NULL, hg__raw_value(numbers, i), true, (uint32_t)i};
    status = classify(raw, entries, error);
    hg__free(entries);
    return status;
}
