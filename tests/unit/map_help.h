/* map_help.h - maps, instruction sets and comparisons for the tests of kernels on maps. */
#ifndef HG_TEST_MAP_HELP_H
#define HG_TEST_MAP_HELP_H

#include "engine/kernel_map.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SETS = 3 };

static const struct hg__kernels *set[SETS];
static size_t sets;
static struct hg__rng rng;

static inline int find_sets(void **state)
{
    static const char *const name[SETS] = {"base", "avx2", "avx512"};

    (void)state;
    for (size_t i = 0; i < SETS; i++)
        if (hg__kernels_find(name[i]))
            set[sets++] = hg__kernels_find(name[i]);
    return sets == 0;
}

static inline float number(void)
{
    return (float)(hg__rng_uniform(&rng) * 2 - 1);
}

/* 0..n-1 */
static inline size_t below(size_t n)
{
    return (size_t)(hg__rng_uniform(&rng) * (double)n) % n;
}

static inline float *fresh(size_t count)
{
    float *p = hg__alloc_aligned(count + 16, sizeof *p);

    assert_non_null(p);
    memset(p, 0, count * sizeof *p);
    return p;
}

static inline float *filled(size_t count)
{
    float *p = fresh(count);

    for (size_t i = 0; i < count; i++)
        p[i] = number();
    return p;
}

/* ---- maps ---- */

static inline struct hg__map map_of(size_t channels, size_t rows, size_t columns)
{
    struct hg_shape shape = {.channels = (int)channels, .rows = (int)rows, .columns = (int)columns};
    return hg__map_of(shape, below(3));
}

static inline struct hg__map any_map(size_t least)
{
    static const size_t channels[] = {1, 3, 5, 16, 17, 33, 64, 80};

    return map_of(channels[below(8)], least + below(9), least + below(9));
}

#define EACH_VALUE(map, r, p, c)                    \
    for (size_t r = 0; r < (map)->rows; r++)        \
        for (size_t p = 0; p < (map)->columns; p++) \
            for (size_t c = 0; c < (map)->channels; c++)

static inline size_t at(const struct hg__map *map, size_t r, size_t p, size_t c)
{
    return hg__map_at(map, r, p) + c;
}

/* Random inside, zero elsewhere; `steps`: few different numbers, zeros of both signs among them. */
static inline float *image(const struct hg__map *map, int steps)
{
    float *x = fresh(map->size);

    EACH_VALUE(map, r, p, c)
    x[at(map, r, p, c)] = steps ? (float)((int)below((size_t)steps) - steps / 2) *
                                      (below(2) ? 0.5f : -0.5f)
                                : number();
    return x;
}

/* A number a channel, zero for pad channels. */
static inline float *each_channel(const struct hg__map *map, float shift)
{
    float *x = fresh(map->pixel);

    for (size_t c = 0; c < map->channels; c++)
        x[c] = number() + shift;
    return x;
}

static inline void assert_zero_around(const struct hg__map *map, const float *y)
{
    for (size_t i = 0; i < map->size; i++) {
        size_t r = i / map->row, p = i % map->row / map->pixel, c = i % map->pixel;
        bool inside = r >= map->border && r < map->rows + map->border && p >= map->border &&
                      p < map->columns + map->border && c < map->channels;
        if (!inside)
            assert_true(y[i] == 0);
    }
}

/* What each instruction set wrote. */
struct outputs {
    float *y[SETS];
    size_t count;
};

static inline struct outputs outputs_of(size_t count)
{
    struct outputs o = {.count = count};

    for (size_t k = 0; k < sets; k++)
        o.y[k] = fresh(count);
    return o;
}

/* Compares the sets with each other and with the twin, and frees all. tolerance < 0: the
 * same bits. */
static inline void settle(struct outputs o, float *twin, double tolerance)
{
    if (sets == SETS)
        assert_memory_equal(o.y[1], o.y[2], o.count * sizeof(float));
    for (size_t k = 0; k < sets; k++) {
        for (size_t i = 0; i < o.count; i++)
            if (tolerance < 0)
                assert_memory_equal(&o.y[k][i], &twin[i], sizeof(float));
            else
                assert_true(fabs((double)o.y[k][i] - (double)twin[i]) <=
                            tolerance * (1 + fabs((double)twin[i])));
        hg__free(o.y[k]);
    }
    hg__free(twin);
}

#endif
