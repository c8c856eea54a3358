#include "engine/init.h"

#include "base/number.h"
#include "engine/activation.h"

#include <math.h>
#include <string.h>

enum { WORDS = 4 };

struct words {
    const char *at[WORDS];
    size_t length[WORDS];
    int count;
};

static struct words split(const char *s)
{
    static const char blanks[] = " \t\r\n";
    struct words words = {{0}, {0}, 0};

    for (s += strspn(s, blanks); *s && words.count < WORDS; s += strspn(s, blanks)) {
        words.at[words.count] = s;
        s += words.length[words.count] = strcspn(s, blanks);
        words.count++;
    }
    return words;
}

static bool named(const struct words *words, const char *name)
{
    return words->count && words->length[0] == strlen(name) &&
           memcmp(words->at[0], name, words->length[0]) == 0;
}

static bool number(const struct words *words, int i, double *value)
{
    return hg__parse_real_n(words->at[i], words->length[i], value) && fabs(*value) <= 1e30;
}

static bool parse(const struct words *words, struct hg__init *init)
{
    if (words->count == 1) {
        init->kind = named(words, "glorot") ? HG__INIT_GLOROT
                     : named(words, "he")   ? HG__INIT_HE
                                            : HG__INIT_AUTO;
        return init->kind != HG__INIT_AUTO || named(words, "auto");
    }
    if (words->count == 2 && named(words, "normal")) {
        init->kind = HG__INIT_NORMAL;
        return number(words, 1, &init->high) && init->high >= 0;
    }
    if (words->count == 3 && named(words, "uniform")) {
        init->kind = HG__INIT_UNIFORM;
        return number(words, 1, &init->low) && number(words, 2, &init->high) &&
               init->low <= init->high;
    }
    return false;
}

enum hg_status hg__init_parse(const char *text, struct hg__init *init, struct hg_error *error)
{
    struct words words = split(text);

    *init = (struct hg__init){0};
    if (parse(&words, init))
        return HG_OK;
    return hg_error_set(error, HG_USAGE,
                        "\"%.60s\" is not an initialisation; accepted: auto, glorot, he, "
                        "normal SD (from 0), uniform LO HI (LO <= HI)",
                        text);
}

enum hg_status hg_init_check(const char *text, struct hg_error *error)
{
    struct hg__init init;

    return hg__init_parse(text, &init, error);
}

void hg__init_fill(const struct hg__init *init, const struct hg__init_fan *fan, struct hg__rng *rng,
                   float *out, size_t count)
{
    enum hg__init_kind kind = init->kind;
    double low = init->low, high = init->high;

    if (kind == HG__INIT_AUTO)
        kind = hg__activation_rectifies(fan->follows) ? HG__INIT_HE : HG__INIT_GLOROT;
    if (kind == HG__INIT_HE) {
        kind = HG__INIT_NORMAL;
        high = sqrt(2 / (double)fan->in);
    } else if (kind == HG__INIT_GLOROT) {
        high = sqrt(6 / ((double)fan->in + (double)fan->out));
        low = -high;
    }
    for (size_t i = 0; i < count; i++)
        if (kind == HG__INIT_NORMAL)
            out[i] = (float)(high * hg__rng_normal(rng));
        else
            out[i] = (float)(low + (high - low) * hg__rng_uniform(rng));
}
