/* One value: text to field, field to text, range in words. */
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "run/spec_parts.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* From here on a limit is not worth saying. */
static const double UNSAID = 1e12;

void *hg__option_field(const struct hg_option *option, struct hg_spec *spec)
{
    return (char *)spec + option->offset;
}

const void *hg__option_const(const struct hg_option *option, const struct hg_spec *spec)
{
    return (const char *)spec + option->offset;
}

/* "a|b|c" as "a, b or c". */
static void list_choices(const char *choices, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    while (*choices && used < size) {
        size_t length = strcspn(choices, "|");
        const char *next = choices + length + (choices[length] == '|');
        const char *mark = used == 0 ? "" : *next ? ", " : " or ";
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", mark, (int)length, choices);
        choices = next;
    }
}

static void describe_range(const struct hg_option *option, const char *noun, char *out, size_t size)
{
    char least[32], most[32];

    hg__format_real(least, option->least);
    hg__format_real(most, option->most);
    if (option->most < 1 && option->most > 0.99)
        snprintf(out, size, "%s from %s to below 1", noun, least);
    else if (option->open && option->most >= UNSAID)
        snprintf(out, size, "%s above %s", noun, least);
    else if (option->open)
        snprintf(out, size, "%s above %s, up to %s", noun, least, most);
    else if (option->most >= UNSAID)
        snprintf(out, size, "%s from %s", noun, least);
    else if (option->type == HG_OPT_INTEGER)
        snprintf(out, size, "%s from %.0f to %.0f", noun, option->least, option->most);
    else
        snprintf(out, size, "%s from %s to %s", noun, least, most);
}

void hg__option_accepts(const struct hg_option *option, char *out, size_t size)
{
    switch (option->type) {
    case HG_OPT_TEXT:
        snprintf(out, size, "%s", option->help);
        break;
    case HG_OPT_INTEGER:
        describe_range(option, "a whole number", out, size);
        break;
    case HG_OPT_REAL:
        describe_range(option, "a number", out, size);
        break;
    case HG_OPT_YESNO:
        snprintf(out, size, "yes or no");
        break;
    case HG_OPT_CHOICE:
        list_choices(option->choices, out, size);
        break;
    case HG_OPT_BUDGET:
        snprintf(out, size, "auto, 0 (no limit), or bytes a second such as 4000 or 4k");
        break;
    }
}

void hg_option_accepts(const struct hg_option *option, char *out, size_t size)
{
    hg__option_accepts(option, out, size);
}

static enum hg_status refuse(const struct hg_option *option, const char *text, const char *what,
                             struct hg_error *error)
{
    char accepts[400];

    hg__option_accepts(option, accepts, sizeof accepts);
    if (*text == '\0')
        return hg_error_set(error, HG_USAGE, "has no value; accepted: %s", accepts);
    return hg_error_set(error, HG_USAGE, "'%.100s' %s; accepted: %s", text, what, accepts);
}

static bool in_range(const struct hg_option *option, double value)
{
    return (option->open ? value > option->least : value >= option->least) && value <= option->most;
}

static enum hg_status read_integer(const struct hg_option *option, const char *text,
                                   long long *value, struct hg_error *error)
{
    long long number;
    double real;

    if (!hg__parse_integer(text, &number)) {
        /* Tell "too many digits" and "1.5" from what is no number at all. */
        if (!hg__parse_real(text, &real))
            return refuse(option, text, "is not a number", error);
        return refuse(option, text,
                      real == floor(real) && !strpbrk(text, ".eE") ? "is out of range"
                                                                   : "is not a whole number",
                      error);
    }
    if (!in_range(option, (double)number))
        return refuse(option, text, "is out of range", error);
    *value = number;
    return HG_OK;
}

static enum hg_status read_real(const struct hg_option *option, const char *text, double *value,
                                struct hg_error *error)
{
    double number;

    if (!hg__parse_real(text, &number))
        return refuse(option, text, "is not a finite number", error);
    if (!in_range(option, number))
        return refuse(option, text, "is out of range", error);
    *value = number + 0.0; /* no negative zero */
    return HG_OK;
}

static int find_choice(const char *choices, const char *text)
{
    size_t wanted = strlen(text);

    for (int i = 0; *choices; i++) {
        size_t length = strcspn(choices, "|");
        if (length == wanted && memcmp(choices, text, length) == 0)
            return i;
        choices += length + (choices[length] == '|');
    }
    return -1;
}

static enum hg_status read_budget(const struct hg_option *option, const char *text,
                                  long long *value, struct hg_error *error)
{
    size_t length = strlen(text);
    double number, scale = 1;

    if (strcmp(text, "auto") == 0) {
        *value = -1;
        return HG_OK;
    }
    if (length > 1 && (text[length - 1] == 'k' || text[length - 1] == 'K')) {
        scale = 1000;
        length--;
    }
    if (!hg__parse_real_n(text, length, &number) || number < 0 || number * scale > option->most)
        return refuse(option, text, "is not a budget", error);
    number *= scale;
    if (number != floor(number))
        return refuse(option, text, "is not a whole number of bytes", error);
    *value = (long long)number;
    return HG_OK;
}

static enum hg_status read_text(const struct hg_option *option, const char *text, char **field,
                                struct hg_error *error)
{
    char *copy;

    if (*text == '\0')
        return refuse(option, text, "", error);
    copy = hg__strdup(text);
    if (!copy)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for an experiment");
    hg__free(*field);
    *field = copy;
    return HG_OK;
}

enum hg_status hg__option_read(const struct hg_option *option, const char *text,
                               struct hg_spec *spec, struct hg_error *error)
{
    void *field = hg__option_field(option, spec);
    int choice;

    switch (option->type) {
    case HG_OPT_TEXT:
        return read_text(option, text, field, error);
    case HG_OPT_INTEGER:
        return read_integer(option, text, field, error);
    case HG_OPT_REAL:
        return read_real(option, text, field, error);
    case HG_OPT_BUDGET:
        return read_budget(option, text, field, error);
    case HG_OPT_YESNO:
    case HG_OPT_CHOICE:
        break;
    }
    choice = find_choice(option->choices, text);
    if (choice < 0)
        return refuse(option, text, "is unknown", error);
    if (option->type == HG_OPT_YESNO)
        *(bool *)field = choice == 1;
    else
        *(int *)field = choice;
    return HG_OK;
}

static char *write_choice(const char *choices, int index)
{
    for (; index > 0; index--)
        choices += strcspn(choices, "|") + 1;
    return hg__strndup(choices, strcspn(choices, "|"));
}

char *hg__option_write(const struct hg_option *option, const struct hg_spec *spec)
{
    const void *field = hg__option_const(option, spec);
    char number[32];

    switch (option->type) {
    case HG_OPT_TEXT:
        return hg__strdup(*(char *const *)field);
    case HG_OPT_REAL:
        return hg__strdup(hg__format_real(number, *(const double *)field));
    case HG_OPT_YESNO:
        return hg__strdup(*(const bool *)field ? "yes" : "no");
    case HG_OPT_CHOICE:
        return write_choice(option->choices, *(const int *)field);
    case HG_OPT_BUDGET:
        if (*(const long long *)field < 0)
            return hg__strdup("auto");
        break;
    case HG_OPT_INTEGER:
        break;
    }
    snprintf(number, sizeof number, "%lld", *(const long long *)field);
    return hg__strdup(number);
}
