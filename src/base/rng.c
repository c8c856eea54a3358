#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 10 };

void hg__philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* The counter's first word runs; the other three name the stream, so a stream
 * has 2^32 blocks (2^34 numbers) before it would meet another one. */
void hg__rng_start(struct hg__rng *rng, uint64_t seed, enum hg__purpose purpose, uint64_t a,
                   uint64_t b)
{
    memset(rng, 0, sizeof *rng);
    rng->key[0] = (uint32_t)seed;
    rng->key[1] = (uint32_t)(seed >> 32);
    rng->counter[1] = (uint32_t)a;
    rng->counter[2] = (uint32_t)(a >> 32 & 0xFF) << 24 | (uint32_t)(b & 0xFFFFFF);
    rng->counter[3] = (uint32_t)purpose;
    rng->used = 4;
}

uint32_t hg__rng_bits(struct hg__rng *rng)
{
    if (rng->used == 4) {
        hg__philox(rng->counter, rng->key, rng->block);
        rng->counter[0]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

double hg__rng_uniform(struct hg__rng *rng)
{
    return hg__rng_bits(rng) * 0x1p-32;
}

double hg__rng_normal(struct hg__rng *rng)
{
    double radius, angle;

    if (rng->have_normal) {
        rng->have_normal = 0;
        return rng->normal;
    }
    /* (bits + 1/2) / 2^32 is never 0, so the logarithm is finite. */
    radius = sqrt(-2 * log((hg__rng_bits(rng) + 0.5) * 0x1p-32));
    angle = 2 * 3.14159265358979323846 * hg__rng_uniform(rng);
    rng->normal = radius * sin(angle);
    rng->have_normal = 1;
    return radius * cos(angle);
}

uint32_t hg__rng_below(struct hg__rng *rng, uint32_t bound)
{
    /* Lemire's method: reject the few values that would favour small numbers. */
    uint32_t least = (uint32_t)(-bound) % bound;
    uint64_t product;

    do
        product = (uint64_t)hg__rng_bits(rng) * bound;
    while ((uint32_t)product < least);
    return (uint32_t)(product >> 32);
}

void hg__rng_shuffle(struct hg__rng *rng, uint32_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = hg__rng_below(rng, (uint32_t)i);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
