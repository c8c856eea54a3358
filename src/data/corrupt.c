#include "hourglass/dataset.h"

#include "base/number.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum hg_status refuse(const char *text, struct hg_error *error)
{
    return hg_error_set(
        error, HG_USAGE,
        "\"%s\" is not accepted; expected none, gaussian SD (0 or more), mask P or salt P "
        "(a probability, 0..1)",
        text);
}

enum hg_status hg_corrupt_parse(const char *text, struct hg_corrupt *corrupt,
                                struct hg_error *error)
{
    static const char *const names[] = {"none", "gaussian", "mask", "salt"};
    static const char blank[] = " \t";
    const char *word = text + strspn(text, blank), *rest;
    size_t length = strcspn(word, blank), room;
    int kind = -1;
    double amount = 0;

    for (int i = 0; i < 4; i++)
        if (strlen(names[i]) == length && strncmp(word, names[i], length) == 0)
            kind = i;
    rest = word + length;
    rest += strspn(rest, blank);
    room = strlen(rest);
    while (room > 0 && strchr(blank, rest[room - 1]))
        room--;
    if (kind < 0 || (kind == HG_CORRUPT_NONE) != (room == 0))
        return refuse(text, error);
    if (room > 0 && (!hg__parse_real_n(rest, room, &amount) || amount < 0))
        return refuse(text, error);
    if ((kind == HG_CORRUPT_MASK || kind == HG_CORRUPT_SALT) && amount > 1)
        return refuse(text, error);
    /* Noise beyond what a float holds would make infinities of finite data. */
    if (kind == HG_CORRUPT_GAUSSIAN && amount > 1e9)
        return refuse(text, error);
    corrupt->kind = (enum hg_corruption)kind;
    corrupt->amount = amount;
    return HG_OK;
}

/* Four standard normal numbers from one block of random bits (Box-Muller). */
static void four_normals(const uint32_t bits[4], float normal[4])
{
    for (int i = 0; i < 4; i += 2) {
        float radius = sqrtf(-2 * logf(((float)(bits[i] >> 8) + 0.5f) * 0x1p-24f));
        float angle = (float)(bits[i + 1] >> 8) * (0x1p-24f * 6.28318530717958647692f);
        normal[i] = radius * cosf(angle);
        normal[i + 1] = radius * sinf(angle);
    }
}

/* What becomes of up to four values. `below`: of 2^32 bit patterns, so many strike. */
static void strike(const struct hg_corrupt *corrupt, const uint32_t bits[4], float *values,
                   size_t count, const float ends[2])
{
    uint64_t below = (uint64_t)(corrupt->amount * 0x1p32);
    float normal[4];

    if (corrupt->kind == HG_CORRUPT_GAUSSIAN)
        four_normals(bits, normal);
    for (size_t i = 0; i < count; i++) {
        if (corrupt->kind == HG_CORRUPT_GAUSSIAN)
            values[i] += (float)corrupt->amount * normal[i];
        else if (bits[i] < below)
            values[i] = corrupt->kind == HG_CORRUPT_MASK ? 0 : ends[bits[i] & 1];
    }
}

void hg_corrupt_apply(const struct hg_corrupt *corrupt, float *values, size_t samples,
                      size_t features, double lowest, double highest, uint64_t seed, uint64_t step)
{
    const float ends[2] = {(float)lowest, (float)highest};

    if (corrupt->kind == HG_CORRUPT_NONE || corrupt->amount <= 0)
        return;
    for (size_t i = 0; i < samples; i++) {
        struct hg__rng rng;
        float *row = values + i * features;
        hg__rng_start(&rng, seed, HG__RNG_CORRUPT, step, i);
        for (size_t j = 0; j < features; j += 4, rng.counter[0]++) {
            uint32_t bits[4];
            hg__philox(rng.counter, rng.key, bits);
            strike(corrupt, bits, row + j, features - j < 4 ? features - j : 4, ends);
        }
    }
}
