#include "engine/layers.h"

#include "base/number.h"
#include "engine/activation.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A word of a text; length 0 at the end of an item. */
struct word {
    size_t at, length;
};

/* Reading one item, the words between two commas. */
struct item {
    const struct hg__layer_text *text;
    size_t at, end;     /* what is left to read */
    size_t begin, stop; /* the whole item without the blanks around it */
    struct hg_error *error;
};

static const char accepted[] =
    "accepted: dense N, conv C [KxK] [stride S], pool K, up K, bn, dropout P, linear, sigmoid, "
    "tanh, relu, lrelu[:SLOPE], elu, gelu, silu, softplus";

enum hg_status hg__layer_fault(const struct hg__layer_text *text, size_t column, size_t length,
                               struct hg_error *error, const char *format, ...)
{
    enum { SHOWN = 80 };
    char reason[400];
    bool cut = length > SHOWN;
    va_list arguments;

    if (text->fault) {
        text->fault->key = text->key;
        text->fault->column = column;
    }
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (length == 0)
        return hg_error_set(error, HG_USAGE, "%s", reason);
    return hg_error_set(error, HG_USAGE, "\"%.*s%s\": %s", cut ? SHOWN : (int)length,
                        text->text + column, cut ? "..." : "", reason);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static struct word next_word(struct item *item)
{
    const char *s = item->text->text;
    struct word word;

    while (item->at < item->end && blank(s[item->at]))
        item->at++;
    word.at = item->at;
    while (item->at < item->end && !blank(s[item->at]))
        item->at++;
    word.length = item->at - word.at;
    return word;
}

static struct word peek_word(const struct item *item)
{
    struct item copy = *item;
    return next_word(&copy);
}

/* The item that begins at `at`, up to the next comma or the end. */
static struct item open_item(const struct hg__layer_text *text, size_t at, struct hg_error *error)
{
    const char *s = text->text;
    struct item item = {text, at, at + strcspn(s + at, ","), 0, 0, error};

    item.begin = at;
    item.stop = item.end;
    while (item.begin < item.stop && blank(s[item.begin]))
        item.begin++;
    while (item.stop > item.begin && blank(s[item.stop - 1]))
        item.stop--;
    return item;
}

static bool is(const struct item *item, struct word word, const char *name)
{
    return word.length == strlen(name) &&
           memcmp(item->text->text + word.at, name, word.length) == 0;
}

static bool whole_number(const struct item *item, struct word word, int *value)
{
    const char *s = item->text->text + word.at;
    long long n = 0;

    if (word.length == 0 || word.length > 10)
        return false;
    for (size_t i = 0; i < word.length; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        n = n * 10 + (s[i] - '0');
    }
    if (n < 1 || n > INT_MAX)
        return false;
    *value = (int)n;
    return true;
}

static enum hg_status wrong(const struct item *item, const char *reason)
{
    return hg__layer_fault(item->text, item->begin, item->stop - item->begin, item->error, "%s",
                           reason);
}

static struct hg__layer new_layer(const struct item *item, enum hg__kind kind)
{
    return (struct hg__layer){
        .kind = kind,
        .stride = 1,
        .key = item->text->key,
        .column = item->begin,
        .length = item->stop - item->begin,
        .tied = HG__UNTIED,
        .mirrors = HG__NO_MIRROR,
    };
}

/* "3x3": odd and square. */
static bool kernel_size(const struct item *item, struct word word, int *kernel)
{
    const char *s = item->text->text + word.at;
    const char *cross = memchr(s, 'x', word.length);
    size_t left = cross ? (size_t)(cross - s) : 0;
    int rows = 0, columns = 0;

    if (!cross || !whole_number(item, (struct word){word.at, left}, &rows) ||
        !whole_number(item, (struct word){word.at + left + 1, word.length - left - 1}, &columns))
        return false;
    *kernel = rows;
    return rows == columns && rows % 2 == 1;
}

static enum hg_status parse_conv(struct item *item, struct hg__layer *layer)
{
    struct word word;

    layer->kernel = 3;
    if (!whole_number(item, next_word(item), &layer->units))
        return wrong(item, "conv needs its number of channels, a whole number from 1");
    word = peek_word(item);
    if (word.length && item->text->text[word.at] >= '0' && item->text->text[word.at] <= '9') {
        next_word(item);
        if (!kernel_size(item, word, &layer->kernel))
            return wrong(item, "a kernel is KxK with an odd K, as 3x3");
    }
    if (is(item, peek_word(item), "stride")) {
        next_word(item);
        if (!whole_number(item, next_word(item), &layer->stride))
            return wrong(item, "stride needs a whole number from 1");
    }
    return HG_OK;
}

/* The first word of an item, when it begins a group. *headed: it did. */
static enum hg_status parse_head(struct item *item, struct hg__layers *layers, bool *headed)
{
    struct word word = peek_word(item);
    struct hg__layer layer;
    enum hg_status status;

    *headed = true;
    if (is(item, word, "dense")) {
        next_word(item);
        layer = new_layer(item, HG__DENSE);
        if (!whole_number(item, next_word(item), &layer.units))
            return wrong(item, "dense needs its number of values, a whole number from 1");
    } else if (is(item, word, "conv")) {
        next_word(item);
        layer = new_layer(item, HG__CONV);
        if ((status = parse_conv(item, &layer)))
            return status;
    } else if (is(item, word, "pool") || is(item, word, "up")) {
        next_word(item);
        layer = new_layer(item, is(item, word, "pool") ? HG__POOL : HG__UP);
        if (!whole_number(item, next_word(item), &layer.stride))
            return wrong(item, "pool and up need a factor, a whole number from 1");
    } else {
        *headed = false;
        return HG_OK;
    }
    return hg__layers_add(layers, &layer, item->error);
}

static enum hg_status parse_dropout(struct item *item, struct hg__layer *layer)
{
    struct word word = next_word(item);

    if (!hg__parse_real_n(item->text->text + word.at, word.length, &layer->amount) ||
        layer->amount < 0 || layer->amount >= 1)
        return wrong(item, "dropout needs the share to drop, from 0 to below 1");
    return HG_OK;
}

/* An activation, with `:SLOPE` after lrelu. False: not the name of one. */
static bool find_activation(const struct item *item, struct word word, struct hg__layer *layer,
                            bool *good)
{
    const char *s = item->text->text + word.at;
    const char *colon = memchr(s, ':', word.length);
    size_t length = colon ? (size_t)(colon - s) : word.length;
    int found = hg__activation_find(s, length);

    if (found < 0 || (colon && found != HG_LRELU))
        return false;
    layer->activation = (enum hg_activation)found;
    layer->amount = found == HG_LRELU ? 0.01 : 0;
    *good = !colon || (hg__parse_real_n(colon + 1, word.length - length - 1, &layer->amount) &&
                       layer->amount >= 0 && layer->amount <= 1);
    return true;
}

static enum hg_status parse_word(struct item *item, struct word word, struct hg__layers *layers)
{
    struct hg__layer layer;
    enum hg_status status = HG_OK;
    bool good;

    if (is(item, word, "bn")) {
        layer = new_layer(item, HG__BN);
    } else if (is(item, word, "dropout")) {
        layer = new_layer(item, HG__DROPOUT);
        status = parse_dropout(item, &layer);
    } else {
        layer = new_layer(item, HG__ACTIVATE);
        if (!find_activation(item, word, &layer, &good))
            return hg__layer_fault(item->text, word.at, word.length, item->error,
                                   "not a word of a layer; %s", accepted);
        if (!good)
            return wrong(item, "lrelu's slope must be from 0 to 1, as lrelu:0.2");
        if (layer.activation == HG_LINEAR)
            return HG_OK;
    }
    return status ? status : hg__layers_add(layers, &layer, item->error);
}

static enum hg_status parse_item(struct item *item, struct hg__layers *layers, bool *headed)
{
    enum hg_status status = parse_head(item, layers, headed);
    struct word word;

    while (!status && (word = next_word(item)).length) {
        if (is(item, word, "dense") || is(item, word, "conv") || is(item, word, "pool") ||
            is(item, word, "up"))
            return wrong(item, "a comma is missing between two layers");
        status = parse_word(item, word, layers);
    }
    return status;
}

enum hg_status hg__layers_parse(const struct hg__layer_text *text, struct hg__layers *layers,
                                struct hg_error *error)
{
    size_t at = 0;

    for (;;) {
        struct item item = open_item(text, at, error);
        enum hg_status status;
        bool headed;

        if (item.begin == item.stop)
            return hg__layer_fault(text, at, 0, error, "an empty layer; accepted: none, %s",
                                   accepted + strlen("accepted: "));
        if ((status = parse_item(&item, layers, &headed)))
            return status;
        if (text->text[item.end] == '\0')
            return HG_OK;
        at = item.end + 1;
    }
}

enum hg_status hg__layers_parse_code(const struct hg__layer_text *text, struct hg__layers *layers,
                                     struct hg_error *error)
{
    static const char form[] = "a code is N, \"N ACTIVATION\", \"N gaussian\" or none, "
                               "N a whole number from 1";
    struct item item = open_item(text, 0, error);
    struct hg__layer dense = new_layer(&item, HG__DENSE);
    struct hg__layer after = new_layer(&item, HG__ACTIVATE);
    bool good = true;
    struct word word;
    enum hg_status status;

    if (text->text[item.end] != '\0' || !whole_number(&item, next_word(&item), &dense.units))
        return hg__layer_fault(text, item.begin, strlen(text->text + item.begin), error, form);
    word = next_word(&item);
    if (is(&item, word, "gaussian")) {
        if (dense.units > INT_MAX / 2)
            return wrong(&item, "too many values for a gaussian code");
        dense.gaussian = true;
        dense.units *= 2;
    } else if (word.length && (!find_activation(&item, word, &after, &good) || !good)) {
        return wrong(&item, form);
    }
    if (next_word(&item).length)
        return wrong(&item, form);
    if ((status = hg__layers_add(layers, &dense, error)) || after.activation == HG_LINEAR)
        return status;
    return hg__layers_add(layers, &after, error);
}

enum hg_status hg__layers_parse_output(const struct hg__layer_text *text, int units,
                                       struct hg__layers *layers, struct hg_error *error)
{
    static const char form[] = "an output is one activation, or one whole layer "
                               "(dense N ..., conv C ...)";
    struct item item = open_item(text, 0, error);
    struct hg__layer dense = new_layer(&item, HG__DENSE);
    struct hg__layer after = new_layer(&item, HG__ACTIVATE);
    bool good = true, headed;
    struct word word = peek_word(&item);
    enum hg_status status;

    if (text->text[item.end] != '\0' || word.length == 0)
        return hg__layer_fault(text, item.begin, strlen(text->text + item.begin), error, form);
    if (is(&item, word, "dense") || is(&item, word, "conv"))
        return parse_item(&item, layers, &headed);
    if (!find_activation(&item, word, &after, &good))
        return wrong(&item, form);
    next_word(&item);
    if (!good || next_word(&item).length)
        return wrong(&item, form);
    dense.units = units;
    dense.implied = true;
    if ((status = hg__layers_add(layers, &dense, error)) || after.activation == HG_LINEAR)
        return status;
    return hg__layers_add(layers, &after, error);
}
