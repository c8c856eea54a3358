#include "data/wish.h"

#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SIDE = 1 << 24 };

static bool is_auto(const char *text)
{
    return !text || !*text || strcmp(text, "auto") == 0;
}

/* Reads a whole number without sign, 1..MOST_SIDE, and moves on. */
static bool side(const char **text, int *value)
{
    long n = 0;

    if (**text < '1' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        n = n * 10 + (**text - '0');
        if (n > MOST_SIDE)
            return false;
    }
    *value = (int)n;
    return true;
}

bool hg__parse_extent(const char *text, int *width, int *height, int *channels)
{
    if (!side(&text, width) || *text++ != 'x' || !side(&text, height))
        return false;
    if (channels)
        *channels = 1;
    if (channels && *text == 'x') {
        text++;
        if (!side(&text, channels))
            return false;
    }
    return *text == '\0';
}

static enum hg_status wrong(const char **key, const char *name, const char *text,
                            const char *accepted, struct hg_error *error)
{
    if (key)
        *key = name;
    return hg_error_set(error, HG_USAGE, "\"%s\" is not accepted; expected %s", text, accepted);
}

static enum hg_status parse_labels(struct hg__wish *wish, const char *text, const char **key,
                                   struct hg_error *error)
{
    static const char accepted[] = "auto, none, a path, column:NAME or column:N "
                                   "(from 1; -1 = the last)";
    const char *column;
    long long number;

    wish->labels = HG__LABELS_AUTO;
    if (is_auto(text))
        return HG_OK;
    if (strcmp(text, "none") == 0) {
        wish->labels = HG__LABELS_NONE;
        return HG_OK;
    }
    if (strncmp(text, "column:", 7) != 0) {
        wish->labels = HG__LABELS_PATH;
        wish->label_text = text;
        return HG_OK;
    }
    column = text + 7;
    if (!*column)
        return wrong(key, "labels", text, accepted, error);
    wish->labels = HG__LABELS_NAME;
    wish->label_text = column;
    if (hg__parse_integer(column, &number)) {
        if (number == 0 || number > 1000000000 || number < -1000000000)
            return wrong(key, "labels", text, accepted, error);
        wish->labels = HG__LABELS_COLUMN;
        wish->label_column = (long)number;
    }
    return HG_OK;
}

static enum hg_status parse_scale(struct hg__wish *wish, const char *text, const char **key,
                                  struct hg_error *error)
{
    static const struct {
        const char *text;
        enum hg__scale_wish scale;
    } known[] = {{"none", HG__WISH_NONE},
                 {"0..1", HG__WISH_UNIT},
                 {"-1..1", HG__WISH_SIGNED},
                 {"standard", HG__WISH_STANDARD}};

    wish->scale = HG__WISH_AUTO;
    if (is_auto(text))
        return HG_OK;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(text, known[i].text) == 0) {
            wish->scale = known[i].scale;
            return HG_OK;
        }
    return wrong(key, "scale", text, "auto, none, 0..1, -1..1 or standard", error);
}

static bool too_large(const struct hg__wish *wish, int width, int height)
{
    return (size_t)width * (size_t)height > wish->max_pixels;
}

static enum hg_status parse_extents(struct hg__wish *wish, const struct hg_data_config *config,
                                    const char **key, struct hg_error *error)
{
    if (!is_auto(config->shape)) {
        struct hg_shape *shape = &wish->shape;
        if (!hg__parse_extent(config->shape, &shape->columns, &shape->rows, &shape->channels))
            return wrong(key, "shape", config->shape, "auto, WxH or WxHxC, such as 28x28", error);
        if (too_large(wish, shape->columns, shape->rows))
            return wrong(key, "shape", config->shape, "fewer pixels (see --max-pixels)", error);
    }
    if (!is_auto(config->size)) {
        if (!hg__parse_extent(config->size, &wish->width, &wish->height, NULL))
            return wrong(key, "size", config->size, "auto or WxH, such as 28x28", error);
        if (too_large(wish, wish->width, wish->height))
            return wrong(key, "size", config->size, "fewer pixels (see --max-pixels)", error);
    }
    if (!is_auto(config->channels)) {
        if (strcmp(config->channels, "1") != 0 && strcmp(config->channels, "3") != 0)
            return wrong(key, "channels", config->channels, "auto, 1 (grey) or 3 (RGB)", error);
        wish->channels = config->channels[0] - '0';
    }
    return HG_OK;
}

enum hg_status hg__wish_parse(const struct hg_data_config *config, struct hg__wish *wish,
                              const char **key, struct hg_error *error)
{
    const char *only = config->only;
    enum hg_status status;

    memset(wish, 0, sizeof *wish);
    wish->config = config;
    wish->max_pixels = config->max_pixels ? config->max_pixels : HG__MAX_PIXELS;
    wish->max_samples = config->max_samples;
    if (config->source && !*config->source)
        return wrong(key, "source", "", "builtin:digits, builtin:faces, gaussians or a path",
                     error);
    if (config->source && strncmp(config->source, "builtin:", 8) == 0 &&
        strcmp(config->source, "builtin:digits") != 0 &&
        strcmp(config->source, "builtin:faces") != 0)
        return wrong(key, "source", config->source,
                     "builtin:digits, builtin:faces, gaussians or a path", error);
    wish->only_all = !only || !*only || strcmp(only, "all") == 0;
    wish->limit = wish->only_all ? config->limit : 0;
    status = parse_labels(wish, config->labels, key, error);
    if (status == HG_OK)
        status = parse_extents(wish, config, key, error);
    if (status == HG_OK)
        status = parse_scale(wish, config->scale, key, error);
    wish->as_is = wish->scale == HG__WISH_AUTO || wish->scale == HG__WISH_NONE;
    if (status == HG_OK && !(config->validation >= 0 && config->validation < 1)) {
        if (key)
            *key = "validation";
        status = hg_error_set(error, HG_USAGE, "expected a fraction from 0 to below 1");
    }
    if (status == HG_OK && strcmp(only ? only : "", "each") == 0)
        status = wrong(key, "only", only, "all, or labels, such as 1 2 or 1 2 each", error);
    return status;
}
