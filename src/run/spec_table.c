#include "base/text.h"
#include "hourglass/spec.h"
#include "run/spec_parts.h"

#include <stdio.h>
#include <string.h>

/* The largest double below 1: the end of the ranges that do not reach it. */
#define BELOW_ONE 0x1.fffffffffffffp-1

#define AT(member) offsetof(struct hg_spec, member)

/* section, key, type, field, least, most, open, choices, default, live, in_run, help */
#define TEXT(s, k, text, live, run, help)                                      \
    {                                                                          \
#s, #k, HG_OPT_TEXT, AT(s.k), 0, 0, false, NULL, text, live, run, help \
    }
#define WHOLE(s, k, least, most, text, live, run, help)                                  \
    {                                                                                    \
#s, #k, HG_OPT_INTEGER, AT(s.k), least, most, false, NULL, text, live, run, help \
    }
#define REAL(s, k, least, most, text, live, run, help)                                \
    {                                                                                 \
#s, #k, HG_OPT_REAL, AT(s.k), least, most, false, NULL, text, live, run, help \
    }
#define ABOVE(s, k, least, most, text, live, run, help)                              \
    {                                                                                \
#s, #k, HG_OPT_REAL, AT(s.k), least, most, true, NULL, text, live, run, help \
    }
#define YESNO(s, k, text, live, run, help)                                          \
    {                                                                               \
#s, #k, HG_OPT_YESNO, AT(s.k), 0, 1, false, "no|yes", text, live, run, help \
    }
#define CHOICE(s, k, words, text, live, run, help)                                \
    {                                                                             \
#s, #k, HG_OPT_CHOICE, AT(s.k), 0, 0, false, words, text, live, run, help \
    }

enum { FIXED = 0, LIVE = 1, SESSION = 0, RUN = 1 };

/* clang-format off */
static const struct hg_option table[] = {
    TEXT(data, source, "builtin:digits", FIXED, RUN,
          "builtin:digits, builtin:faces, gaussians, or the path of a folder of PNGs, a PNG, "
          "IDX, CSV, NPY or NPZ (file.npz:name)"),
    TEXT(data, labels, "auto", FIXED, RUN,
          "auto, none, the path of one label a sample, column:NAME or column:N (from 1, -1 is "
          "the last)"),
    TEXT(data, only, "all", FIXED, RUN,
          "all, or the labels kept; `each` at the end keeps one sample of each"),
    TEXT(data, shape, "auto", FIXED, RUN, "auto, WxH or WxHxC: how a row of numbers is an image"),
    TEXT(data, channels, "auto", FIXED, RUN, "auto, 1 (grey) or 3 (RGB)"),
    TEXT(data, size, "auto", FIXED, RUN, "auto or WxH: images are resampled"),
    TEXT(data, scale, "auto", FIXED, RUN, "auto, none, 0..1, -1..1 or standard"),
    YESNO(data, center, "yes", FIXED, RUN,
          "the first layer sees the input minus the training mean"),
    WHOLE(data, limit, 0, 4294967295.0, "0", FIXED, RUN, "first N samples only, 0 = all"),
    REAL(data, validation, 0, BELOW_ONE, "0.1", FIXED, RUN,
          "fraction held out, chosen by seed, 0 = none"),

    WHOLE(gaussians, clusters, 1, 1e6, "4", FIXED, RUN, "number of normal distributions"),
    WHOLE(gaussians, dims, 1, 1e6, "6", FIXED, RUN, "features"),
    WHOLE(gaussians, points, 1, 1e9, "250", FIXED, RUN, "samples of each cluster"),
    REAL(gaussians, spread, 0, 1e6, "0.1", FIXED, RUN, "standard deviation of each cluster"),

    TEXT(model, encoder, "auto", FIXED, RUN, "auto, none, or layers separated by commas"),
    TEXT(model, code, "2", FIXED, RUN, "N, N activation, N gaussian, or none"),
    TEXT(model, decoder, "mirror", FIXED, RUN, "mirror, tied, none, or layers separated by commas"),
    TEXT(model, output, "auto", FIXED, RUN, "auto, an activation, or a whole layer"),
    CHOICE(model, loss, "mse|rmse|bce|sse", "mse", FIXED, RUN,
          "how far the output is from the input"),
    REAL(model, beta, 0, 1e6, "1", LIVE, RUN, "weight of the KL term of a gaussian code"),
    YESNO(model, bias, "yes", FIXED, RUN, "no = no biases anywhere"),
    TEXT(model, init, "auto", FIXED, RUN,
          "auto, glorot, he, normal SD, uniform LO HI, or the path of a .safetensors or .npz file"),
    CHOICE(model, output_bias, "mean|zero", "mean", FIXED, RUN, "where the untrained output rests"),
    WHOLE(model, seed, 0, 9223372036854775807.0, "1", FIXED, RUN, "of every random number"),

    CHOICE(train, optimizer, "sgd|momentum|nesterov|rmsprop|adam|adamw", "adam", LIVE, RUN,
          "how gradients become steps"),
    ABOVE(train, lr, 0, 1e6, "0.001", LIVE, RUN, "learning rate"),
    REAL(train, beta1, 0, BELOW_ONE, "0.9", LIVE, RUN,
          "decay of the mean gradient: momentum, nesterov, adam, adamw"),
    REAL(train, beta2, 0, BELOW_ONE, "0.999", LIVE, RUN,
          "decay of the mean squared gradient: adam, adamw; rmsprop's default is 0.99"),
    ABOVE(train, epsilon, 0, 1, "1e-8", LIVE, RUN,
          "keeps rmsprop, adam and adamw from dividing by zero"),
    REAL(train, weight_decay, 0, 1e6, "0", LIVE, RUN, "pulls weights towards zero"),
    REAL(train, l1, 0, 1e6, "0", LIVE, RUN, "L1 penalty on weights"),
    REAL(train, clip, 0, 1e30, "0", LIVE, RUN, "limit of the global gradient norm, 0 = none"),
    TEXT(train, schedule, "constant", LIVE, RUN,
          "constant, step EPOCHS FACTOR, cosine EPOCHS [MIN_LR], warmup STEPS, or several "
          "separated by commas"),
    WHOLE(train, batch, 0, 2147483647.0, "32", LIVE, RUN, "samples a step, 0 = the whole set"),
    WHOLE(train, epochs, 0, 1e15, "0", LIVE, SESSION,
          "ends the run, 0 = until stopped (train: 20)"),
    YESNO(train, shuffle, "yes", LIVE, RUN, "samples in another order every epoch"),
    TEXT(train, corrupt, "none", LIVE, RUN,
          "none, gaussian SD, mask P or salt P: noise on the inputs in training"),
    REAL(train, sparsity, 0, 1e6, "0", LIVE, RUN, "weight of an L1 penalty on the code"),
    REAL(train, stop_epsilon, 0, 1e30, "0", LIVE, RUN,
          "converged when the epoch's training loss changes by less, 0 = never"),
    WHOLE(train, patience, 0, 1e15, "0", LIVE, RUN,
          "stop after N epochs without a better validation loss, 0 = never"),
    TEXT(train, save_every, "5m", LIVE, SESSION, "a time (30s, 5m, 1h), N steps, N epochs, or end"),
    WHOLE(train, threads, 0, 1024, "0", FIXED, SESSION, "0 = all cores"),

    CHOICE(lesson, fault,
          "none|bias-per-weight|missing-derivative|last-neuron-silent|row0-derivative|"
          "bias-mean-not-sum|adam-multiplies-correction|adam-counts-epochs", "none", FIXED, RUN,
          "a known bug put into the gradient, to learn to find it"),

    WHOLE(screen, fps, 1, 120, "20", LIVE, SESSION, "pictures a second, at most"),
    {"screen", "budget", HG_OPT_BUDGET, AT(screen.budget), 0, 1e12, false, NULL, "auto", LIVE,
     SESSION, "bytes a second to the terminal"},
    CHOICE(screen, art, "auto|blocks|braille|ascii", "auto", LIVE, SESSION,
          "how pictures are drawn"),
    CHOICE(screen, palette, "auto|viridis|grey|mono", "auto", LIVE, SESSION, "colours of pictures"),
    YESNO(screen, mouse, "yes", LIVE, SESSION, "the terminal's mouse is used"),
};
/* clang-format on */

enum { COUNT = sizeof table / sizeof *table };

const struct hg_option *hg_options(size_t *count)
{
    if (count)
        *count = COUNT;
    return table;
}

size_t hg__option_index(const struct hg_option *option)
{
    return (size_t)(option - table);
}

const struct hg_option *hg__option_in(const char *section, const char *key)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(table[i].section, section) == 0 && strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

const struct hg_option *hg_option_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        size_t length = strlen(table[i].section);
        if (strncmp(table[i].section, name, length) == 0 && name[length] == '.' &&
            strcmp(table[i].key, name + length + 1) == 0)
            return &table[i];
    }
    return NULL;
}

bool hg__option_override(const char *section, const char *key, size_t *cluster, bool *is_spread)
{
    static const char center[] = "center.", spread[] = "spread.";
    const char *digits;
    size_t number = 0;

    if (strcmp(section, "gaussians") != 0)
        return false;
    *is_spread = strncmp(key, spread, sizeof spread - 1) == 0;
    if (!*is_spread && strncmp(key, center, sizeof center - 1) != 0)
        return false;
    digits = key + sizeof center - 1;
    *cluster = 0;
    if (*digits == '0' || strlen(digits) > 7 || strspn(digits, "0123456789") != strlen(digits))
        return true;
    for (; *digits; digits++)
        number = number * 10 + (size_t)(*digits - '0');
    *cluster = number;
    return true;
}

bool hg__section_exists(const char *section)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(table[i].section, section) == 0)
            return true;
    return false;
}

void hg__section_list(char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < COUNT && used < size; i++) {
        int written;
        if (i && strcmp(table[i].section, table[i - 1].section) == 0)
            continue;
        written = snprintf(out + used, size - used, "%s[%s]", i ? ", " : "", table[i].section);
        used += written > 0 ? (size_t)written : 0;
    }
}

/* Edit distance (Levenshtein), with a transposition of neighbours as one edit. */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 24 };
    size_t row[3][MOST + 1] = {{0}};
    size_t m = strlen(a), n = strlen(b);

    if (m > MOST || n > MOST)
        return m + n;
    for (size_t j = 0; j <= n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *second = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t least = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < least)
                least = before[j] + 1;
            if (now[j - 1] + 1 < least)
                least = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                second[j - 2] + 1 < least)
                least = second[j - 2] + 1;
            now[j] = least;
        }
    }
    return row[m % 3][n];
}

void hg__option_suggest(const char *section, const char *key, char *out, size_t size)
{
    const struct hg_option *best = NULL;
    size_t least = 0, used = 0;

    for (size_t i = 0; i < COUNT; i++) {
        /* A key of the same section is nearer than the same key elsewhere is far. */
        size_t d = 2 * distance(key, table[i].key) + (strcmp(section, table[i].section) != 0);
        if (!best || d < least) {
            best = &table[i];
            least = d;
        }
    }
    if (least <= 1 + 2 * (strlen(key) > 3 ? strlen(key) / 3 + 1 : 1)) {
        bool here = strcmp(section, best->section) == 0;
        snprintf(out, size, here ? "did you mean %s?" : "did you mean %s of [%s]?", best->key,
                 best->section);
        return;
    }
    used = (size_t)snprintf(out, size, "[%s] has", section);
    for (size_t i = 0; i < COUNT && used < size; i++)
        if (strcmp(section, table[i].section) == 0)
            used += (size_t)snprintf(out + used, size - used, " %s", table[i].key);
}
