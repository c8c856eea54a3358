/* rng.h - counter-based random numbers: no hidden state.
 *
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011). A stream is named by seed, purpose, and two indices
 * (for instance epoch and step); the n-th number of a stream is always the
 * same, whoever asks and in whatever order.
 */
#ifndef HG_BASE_RNG_H
#define HG_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Why a number is drawn; part of the key, so that no two uses share a stream.
 * Values are part of the file format's promise (same seed, same run): only add. */
enum hg__purpose {
    HG__RNG_INIT = 1,    /* initial weights; index a = tensor */
    HG__RNG_SPLIT = 2,   /* training and validation split */
    HG__RNG_SHUFFLE = 3, /* order of an epoch; a = epoch */
    HG__RNG_CORRUPT = 4, /* input noise; a = step, b = sample in the batch */
    HG__RNG_DROPOUT = 5, /* a = step, b = layer */
    HG__RNG_CODE = 6,    /* gaussian code; a = step */
    HG__RNG_DATA = 7,    /* built-in data and gaussians; a = sample */
    HG__RNG_PROBE = 8    /* gradient checks, samples to look at */
};

/* A position in a stream. Fill with hg__rng_start; copy freely. */
struct hg__rng {
    uint32_t key[2], counter[4], block[4];
    unsigned used;   /* numbers of `block` already given, 4 = none left */
    int have_normal; /* a second normal number of the last pair waits */
    double normal;
};

/* One block of four 32-bit numbers. */
void hg__philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Begins the stream (seed, purpose, a, b); a uses 40 bits, b 24 bits. */
void hg__rng_start(struct hg__rng *rng, uint64_t seed, enum hg__purpose purpose, uint64_t a,
                   uint64_t b);

/* The next 32 bits; a double in [0, 1) with 32 bits; a standard normal number
 * (Box-Muller in double); an integer in 0..bound-1 without bias (bound > 0). */
uint32_t hg__rng_bits(struct hg__rng *rng);
double hg__rng_uniform(struct hg__rng *rng);
double hg__rng_normal(struct hg__rng *rng);
uint32_t hg__rng_below(struct hg__rng *rng, uint32_t bound);

/* Shuffles order[0..count-1] in place (Fisher-Yates). */
void hg__rng_shuffle(struct hg__rng *rng, uint32_t *order, size_t count);

#endif
