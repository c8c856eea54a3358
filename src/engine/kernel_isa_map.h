/* kernel_isa_map.h - inside of the map kernels (kernel_map.h).
 *
 * Channels are taken in groups of at most GROUP vectors: few enough that their
 * constants and sums stay in registers while the pixels pass, and with 512 bits
 * a group is the whole pixel of a map of 64 channels, read front to back.
 */
#ifndef HG_ENGINE_KERNEL_ISA_MAP_H
#define HG_ENGINE_KERNEL_ISA_MAP_H

#include "engine/kernel_map.h"
#include "engine/kernel_vector.h"

enum { GROUP = 4 };

/* WORK(vectors, c, ...) for each group of the `floats` of a pixel, with a constant number of
 * vectors, beginning at float c. */
#define EACH_GROUP(floats, WORK, ...)                          \
    for (size_t c = 0; c < (floats); c += (size_t)GROUP * VEC) \
        switch (((floats)-c) / VEC) {                          \
        case 1:                                                \
            if (LANE_VECTORS == 1)                             \
                WORK(1, c, __VA_ARGS__);                       \
            break;                                             \
        case 2:                                                \
            if (LANE_VECTORS <= 2)                             \
                WORK(2, c, __VA_ARGS__);                       \
            break;                                             \
        case 3:                                                \
            if (LANE_VECTORS == 1)                             \
                WORK(3, c, __VA_ARGS__);                       \
            break;                                             \
        default:                                               \
            WORK(GROUP, c, __VA_ARGS__);                       \
        }

/* `at` from row to row and from pixel to pixel, told the compiler by value: what is stored could
 * change the map's description otherwise. */
struct walk {
    size_t rows, columns, row, pixel, first;
};

HG_INLINE struct walk walk_of(const struct hg__map *map, size_t c)
{
    return (struct walk){.rows = map->rows,
                         .columns = map->columns,
                         .row = map->row,
                         .pixel = map->pixel,
                         .first = hg__map_at(map, 0, 0) + c};
}

/* Half open. */
struct range {
    size_t begin, end;
};

HG_INLINE void load_group(int vectors, V *to, const float *from)
{
    HG_UNROLL(4)
    for (int v = 0; v < vectors; v++)
        to[v] = v_load(from + v * VEC);
}

/* relu and linear as lrelu: the factor on what is not above zero. */
HG_INLINE V below_zero(enum hg_activation activation, float slope)
{
    return v_all(activation == HG_LINEAR ? 1 : activation == HG_RELU ? 0 : slope);
}

/* ---- masks ---- */

#if HG_VECTOR == 16

HG_INLINE M m_all(void)
{
    return 0xFFFF;
}

HG_INLINE M m_none(void)
{
    return 0;
}

HG_INLINE M m_and(M a, M b)
{
    return (M)(a & b);
}

HG_INLINE M m_or(M a, M b)
{
    return (M)(a | b);
}

/* a without b */
HG_INLINE M m_but(M a, M b)
{
    return (M)(a & ~b);
}

HG_INLINE M v_equal(V a, V b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_EQ_OQ);
}

HG_INLINE M v_is_nan(V a)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)a, _CMP_UNORD_Q);
}

#elif HG_VECTOR == 8

HG_INLINE M m_all(void)
{
    return _mm256_castsi256_ps(_mm256_set1_epi32(-1));
}

HG_INLINE M m_none(void)
{
    return _mm256_setzero_ps();
}

HG_INLINE M m_and(M a, M b)
{
    return _mm256_and_ps(a, b);
}

HG_INLINE M m_or(M a, M b)
{
    return _mm256_or_ps(a, b);
}

HG_INLINE M m_but(M a, M b)
{
    return _mm256_andnot_ps(b, a);
}

HG_INLINE M v_equal(V a, V b)
{
    return _mm256_cmp_ps((__m256)a, (__m256)b, _CMP_EQ_OQ);
}

HG_INLINE M v_is_nan(V a)
{
    return _mm256_cmp_ps((__m256)a, (__m256)a, _CMP_UNORD_Q);
}

#else

HG_INLINE M m_all(void)
{
    return i_all(-1);
}

HG_INLINE M m_none(void)
{
    return i_all(0);
}

HG_INLINE M m_and(M a, M b)
{
    return a & b;
}

HG_INLINE M m_or(M a, M b)
{
    return a | b;
}

HG_INLINE M m_but(M a, M b)
{
    return a & ~b;
}

HG_INLINE M v_equal(V a, V b)
{
    return (M)(a == b);
}

HG_INLINE M v_is_nan(V a)
{
    return (M)(a != a);
}

#endif

/* ---- functions of the table that stand in other files ---- */

void HG_ISA(hg__map_pool)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                          const float *sign, const float *x, float *y);
void HG_ISA(hg__map_pool_back)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                               const float *x, const float *y, const float *d, float *dx);
void HG_ISA(hg__map_up)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                        const float *x, float *y);
void HG_ISA(hg__map_up_back)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                             const float *d, float *dx);
void HG_ISA(hg__map_spread)(const struct hg__map *from, const struct hg__map *to, size_t factor,
                            const float *x, float *y);

void HG_ISA(hg__map_unpack)(const struct hg__map *map, const float *planar, float *y);
void HG_ISA(hg__map_pack)(const struct hg__map *map, const float *x, float *planar);
void HG_ISA(hg__map_patches)(const struct hg__patches *job, size_t row, size_t row_end, size_t gap);
void HG_ISA(hg__map_few_gather)(const struct hg__few *job);
void HG_ISA(hg__map_few_spread)(const struct hg__few *job, const float *dy);

extern const struct hg__map_kernels HG_ISA(hg__map_kernels);

#endif
