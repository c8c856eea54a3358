/* kernel_help.h - what the tests of the tuned kernels share. Include after cmocka.h. */
#ifndef HG_TEST_KERNEL_HELP_H
#define HG_TEST_KERNEL_HELP_H

#include "base/mem.h"
#include "base/rng.h"
#include "engine/context.h"

#include <math.h>
#include <string.h>

enum { MOST_CONTEXTS = 6 };

/* One context for each instruction set here, single-threaded, then teams. */
static struct hg_context *context[MOST_CONTEXTS];
static size_t contexts;

static inline int open_contexts(void **state)
{
    static const struct {
        const char *isa;
        int threads;
    } wanted[] = {{"base", 1}, {"base", 7}, {"avx2", 1}, {"avx2", 2}, {"avx512", 1}, {"avx512", 7}};

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (hg__kernels_find(wanted[i].isa) &&
            hg_context_create(wanted[i].threads, wanted[i].isa, 0, &context[contexts], NULL) ==
                HG_OK)
            contexts++;
    return contexts == 0;
}

static inline int close_contexts(void **state)
{
    (void)state;
    while (contexts)
        hg_context_destroy(context[--contexts]);
    return 0;
}

static inline bool is_base(const struct hg_context *c)
{
    return strcmp(hg_context_isa(c), "base") == 0;
}

static struct hg__rng rng;

static inline float number(void)
{
    return (float)(hg__rng_uniform(&rng) * 2 - 1);
}

static inline float *fresh(size_t count)
{
    float *p = hg__alloc_aligned(count + 16, sizeof *p);
    assert_non_null(p);
    return p;
}

static inline float *filled(size_t count)
{
    float *p = fresh(count);
    for (size_t i = 0; i < count; i++)
        p[i] = number();
    return p;
}

/* A matrix whose padding is `padding`. */
static inline float *matrix(size_t rows, size_t columns, float padding)
{
    size_t stride = hg__pad(columns);
    float *p = filled(rows * stride);

    for (size_t r = 0; r < rows; r++)
        for (size_t c = columns; c < stride; c++)
            p[r * stride + c] = padding;
    return p;
}

static inline float *packed(size_t in, size_t out)
{
    float *p = fresh(hg__weight_size(in, out));

    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            p[hg__weight_index(in, o, i)] = number();
    return p;
}

static inline void assert_near(double a, double b, double scale)
{
    if (!(fabs(a - b) <= 2e-6 * scale))
        fail_msg("%.9g is not %.9g (scale %g)", a, b, scale);
}

/* Results of context `c` equal those of the context before it, bit for bit: teams
 * of one instruction set, and avx2 with avx512. */
static inline void assert_same(size_t c, const float *now, float *kept, size_t count)
{
    if (c > 0 && is_base(context[c - 1]) == is_base(context[c]))
        assert_memory_equal(now, kept, count * sizeof *now);
    memcpy(kept, now, count * sizeof *now);
}

static inline size_t below(uint32_t n)
{
    return hg__rng_below(&rng, n);
}

static inline void random_shape(int round, size_t shape[3])
{
    static const size_t large[][3] = {{128, 784, 512}, {17, 4096, 16}, {17, 16, 4096},
                                      {1, 4096, 64},   {700, 33, 65},  {3, 1500, 2},
                                      {40, 2, 1500},   {1, 1, 1},      {128, 512, 128}};
    enum { LARGE = sizeof large / sizeof *large };

    for (int i = 0; i < 3; i++)
        shape[i] = round < LARGE ? large[round][i] : 1 + below(70);
}

enum { ROUNDS = 60 };

static inline enum hg_activation any_activation(void)
{
    return (enum hg_activation)below(HG_ACTIVATION_COUNT);
}

/* ---- truth in double ---- */

static inline double true_activation(enum hg_activation activation, double slope, double z)
{
    switch (activation) {
    case HG_SIGMOID:
        return 1 / (1 + exp(-z));
    case HG_TANH:
        return tanh(z);
    case HG_RELU:
        return z > 0 ? z : 0;
    case HG_LRELU:
        return z > 0 ? z : slope * z;
    case HG_ELU:
        return z > 0 ? z : expm1(z);
    case HG_GELU:
        return z * 0.5 * (1 + erf(z / sqrt(2)));
    case HG_SILU:
        return z / (1 + exp(-z));
    case HG_SOFTPLUS:
        return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
    default:
        return z;
    }
}

static inline double true_slope(enum hg_activation activation, double slope, double z)
{
    double h = 1e-5;
    return (true_activation(activation, slope, z + h) - true_activation(activation, slope, z - h)) /
           (2 * h);
}

#endif
