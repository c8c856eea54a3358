/* Which samples stay: `only` and `limit`. */
#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "data/labels.h"
#include "data/raw.h"

#include <string.h>

/* Samples stay where keep[i]; values and labels move up. */
static void compact(struct hg__raw *raw, const bool *keep)
{
    size_t bytes = raw->features * hg__type_size(raw->type), to = 0;
    char *values = raw->values;

    for (size_t i = 0; i < raw->samples; i++) {
        if (!keep[i])
            continue;
        if (to != i)
            memcpy(values + to * bytes, values + i * bytes, bytes);
        raw->labels[to++] = raw->labels[i];
    }
    raw->samples = to;
}

/* Classes that nothing belongs to any more leave the list. */
static enum hg_status renumber(struct hg__raw *raw, const bool *wanted, struct hg_error *error)
{
    int32_t *number = hg__alloc(raw->classes, sizeof *number), next = 0;

    if (!number)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for %zu classes", raw->classes);
    for (size_t i = 0; i < raw->classes; i++) {
        char *name = raw->class_names[i];
        raw->class_names[i] = NULL;
        if (wanted[i]) {
            number[i] = next;
            raw->class_names[next++] = name;
        } else {
            hg__free(name);
        }
    }
    raw->classes = (size_t)next;
    for (size_t i = 0; i < raw->samples; i++)
        raw->labels[i] = number[raw->labels[i]];
    hg__free(number);
    return HG_OK;
}

static enum hg_status unknown(const struct hg__raw *raw, const char *word, struct hg__place *place)
{
    enum { SHOWN = 20 };
    struct hg__text names = {0};
    enum hg_status status;
    char *text;

    for (size_t i = 0; i < raw->classes && i < SHOWN; i++) {
        const char *quote = strpbrk(raw->class_names[i], " \t,") ? "\"" : "";
        hg__text_format(&names, "%s%s%s%s", i ? " " : "", quote, raw->class_names[i], quote);
    }
    if (raw->classes > SHOWN)
        hg__text_put(&names, " ...");
    text = hg__text_take(&names);
    *place->key = "only";
    status = hg_error_set(place->error, HG_USAGE, "no sample has the label \"%s\"; labels are %s",
                          word, text ? text : "others");
    hg__free(text);
    hg__text_fini(&names);
    return status;
}

/* The next word of `text`: up to white space or a comma, or inside double quotes. Cut off in
 * place; NULL = no more. */
static char *next_word(char **text)
{
    char *word = *text + strspn(*text, " \t,"), *end;

    if (!*word)
        return NULL;
    if (*word == '"' && (end = strchr(word + 1, '"'))) {
        word++;
    } else {
        end = word + strcspn(word, " \t,");
    }
    *text = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* Labels that are numbers go by their value: 01 in the file is 1 here. */
static bool find_class(const struct hg__raw *raw, const char *word, size_t *class)
{
    double wanted, value;
    bool number = hg__parse_real(word, &wanted);

    for (size_t i = 0; i < raw->classes; i++)
        if (strcmp(raw->class_names[i], word) == 0 ||
            (number && hg__parse_real(raw->class_names[i], &value) && value == wanted)) {
            *class = i;
            return true;
        }
    return false;
}

/* Marks the classes that `text` names; *each when it ends with that word. */
static enum hg_status parse(char *text, const struct hg__raw *raw, bool *wanted, bool *each,
                            struct hg__place *place)
{
    const char *word;

    *each = false;
    while ((word = next_word(&text))) {
        size_t class;
        if (*each)
            return unknown(raw, "each", place);
        if (find_class(raw, word, &class))
            wanted[class] = true;
        else if (strcmp(word, "each") == 0)
            *each = true;
        else
            return unknown(raw, word, place);
    }
    return HG_OK;
}

static void mark(const struct hg__raw *raw, const bool *wanted, bool each, bool *taken, bool *keep)
{
    for (size_t i = 0; i < raw->samples; i++) {
        int32_t class = raw->labels[i];
        keep[i] = wanted[class] && !(each && taken[class]);
        taken[class] = true;
    }
}

static enum hg_status only(const struct hg__wish *wish, struct hg__raw *raw,
                           struct hg__place *place)
{
    char *text = hg__strdup(wish->config->only);
    bool *wanted = hg__alloc(raw->classes, 1), *taken = hg__alloc(raw->classes, 1);
    bool *keep = hg__alloc(raw->samples, 1), each = false;
    enum hg_status status;

    if (!text || !wanted || !taken || !keep) {
        status = hg_error_set(place->error, HG_NO_MEMORY, "no memory to choose samples");
    } else {
        status = parse(text, raw, wanted, &each, place);
        if (status == HG_OK) {
            mark(raw, wanted, each, taken, keep);
            compact(raw, keep);
            status = renumber(raw, wanted, place->error);
        }
    }
    hg__free(text);
    hg__free(wanted);
    hg__free(taken);
    hg__free(keep);
    return status;
}

enum hg_status hg__labels_choose(const struct hg__wish *wish, struct hg__raw *raw,
                                 struct hg__place *place)
{
    size_t limit = wish->config->limit;
    enum hg_status status;

    if (!wish->only_all) {
        if (!raw->labels) {
            *place->key = "only";
            return hg_error_set(place->error, HG_USAGE,
                                "the data have no labels to choose among (data.labels)");
        }
        status = only(wish, raw, place);
        if (status != HG_OK)
            return status;
        if (raw->samples == 0) {
            *place->key = "only";
            return hg_error_set(place->error, HG_USAGE, "no sample is left");
        }
    }
    if (limit && limit < raw->samples)
        raw->samples = limit;
    return HG_OK;
}
