/* kernel_vector.h - one vector of HG_VECTOR floats, the same on every machine.
 *
 * For the sources that are compiled once per instruction set (kernel.h, BUILD)
 * only. v_fma is fused on avx2 and avx512, two roundings on base. v_min and v_max
 * return their second argument when one is a NaN (as the processor does), so
 * with the constant first a NaN stays a NaN.
 */
#ifndef HG_ENGINE_KERNEL_VECTOR_H
#define HG_ENGINE_KERNEL_VECTOR_H

#include "engine/kernel.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if !defined(HG_VECTOR) || (HG_VECTOR != 4 && HG_VECTOR != 8 && HG_VECTOR != 16)
#error "HG_VECTOR must be 4, 8 or 16"
#endif

#define HG_PASTE2(name, width) name##_##width
#define HG_PASTE(name, width)  HG_PASTE2(name, width)
#define HG_ISA(name)           HG_PASTE(name, HG_VECTOR)

#define HG_INLINE       static inline __attribute__((always_inline, unused))
#define HG_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define HG_UNROLL(n) HG_PRAGMA(clang loop unroll(full))
#else
#define HG_UNROLL(n) HG_PRAGMA(GCC unroll n)
#endif

enum { VEC = HG_VECTOR, LANE_VECTORS = HG__LANES / HG_VECTOR };

typedef float V __attribute__((vector_size(4 * HG_VECTOR), may_alias));
typedef int32_t I __attribute__((vector_size(4 * HG_VECTOR), may_alias));
typedef uint32_t U __attribute__((vector_size(4 * HG_VECTOR), may_alias));
typedef float V_anywhere __attribute__((vector_size(4 * HG_VECTOR), may_alias, aligned(4)));

HG_INLINE V v_load(const float *p)
{
    return *(const V_anywhere *)p;
}

HG_INLINE void v_store(float *p, V a)
{
    *(V_anywhere *)p = a;
}

/* The first n < VEC numbers, the rest 0. */
HG_INLINE V v_load_part(const float *p, size_t n)
{
    V a = {0};
    memcpy(&a, p, n * sizeof *p);
    return a;
}

HG_INLINE void v_store_part(float *p, V a, size_t n)
{
    memcpy(p, &a, n * sizeof *p);
}

#if HG_VECTOR == 16

typedef __mmask16 M;

HG_INLINE V v_all(float a)
{
    return (V)_mm512_set1_ps(a);
}

HG_INLINE V v_fma(V a, V b, V c)
{
    return (V)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

/* c - a b */
HG_INLINE V v_fnma(V a, V b, V c)
{
    return (V)_mm512_fnmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

HG_INLINE V v_min(V a, V b)
{
    return (V)_mm512_min_ps((__m512)a, (__m512)b);
}

HG_INLINE V v_max(V a, V b)
{
    return (V)_mm512_max_ps((__m512)a, (__m512)b);
}

HG_INLINE V v_sqrt(V a)
{
    return (V)_mm512_sqrt_ps((__m512)a);
}

HG_INLINE M v_less(V a, V b)
{
    return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ);
}

/* m ? a : b */
HG_INLINE V v_select(M m, V a, V b)
{
    return (V)_mm512_mask_blend_ps(m, (__m512)b, (__m512)a);
}

#elif HG_VECTOR == 8

typedef __m256 M;

HG_INLINE V v_all(float a)
{
    return (V)_mm256_set1_ps(a);
}

HG_INLINE V v_fma(V a, V b, V c)
{
    return (V)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

HG_INLINE V v_fnma(V a, V b, V c)
{
    return (V)_mm256_fnmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

HG_INLINE V v_min(V a, V b)
{
    return (V)_mm256_min_ps((__m256)a, (__m256)b);
}

HG_INLINE V v_max(V a, V b)
{
    return (V)_mm256_max_ps((__m256)a, (__m256)b);
}

HG_INLINE V v_sqrt(V a)
{
    return (V)_mm256_sqrt_ps((__m256)a);
}

HG_INLINE M v_less(V a, V b)
{
    return _mm256_cmp_ps((__m256)a, (__m256)b, _CMP_LT_OQ);
}

HG_INLINE V v_select(M m, V a, V b)
{
    return (V)_mm256_blendv_ps((__m256)b, (__m256)a, m);
}

#else

typedef I M;

HG_INLINE V v_all(float a)
{
    return (V){a, a, a, a};
}

HG_INLINE V v_fma(V a, V b, V c)
{
    return a * b + c;
}

HG_INLINE V v_fnma(V a, V b, V c)
{
    return c - a * b;
}

HG_INLINE M v_less(V a, V b)
{
    return (M)(a < b);
}

HG_INLINE V v_select(M m, V a, V b)
{
    return (V)((m & (I)a) | (~m & (I)b));
}

HG_INLINE V v_min(V a, V b)
{
    return v_select(v_less(a, b), a, b);
}

HG_INLINE V v_max(V a, V b)
{
    return v_select(v_less(b, a), a, b);
}

HG_INLINE V v_sqrt(V a)
{
#if defined(__SSE2__)
    return (V)_mm_sqrt_ps((__m128)a);
#else
    return (V){__builtin_sqrtf(a[0]), __builtin_sqrtf(a[1]), __builtin_sqrtf(a[2]),
               __builtin_sqrtf(a[3])};
#endif
}

#endif

HG_INLINE I i_all(int32_t a)
{
    return (I){0} + a;
}

HG_INLINE V v_abs(V a)
{
    return (V)((I)a & i_all(0x7FFFFFFF));
}

/* |a| with the sign of b */
HG_INLINE V v_sign_of(V a, V b)
{
    return (V)(((I)a & i_all(0x7FFFFFFF)) | ((I)b & i_all(INT32_MIN)));
}

/* -1, 0 or 1 */
HG_INLINE V v_sign(V a)
{
    V zero = v_all(0), one = v_all(1);
    V up = v_select(v_less(zero, a), one, zero);
    return v_select(v_less(a, zero), -one, up);
}

/* ---- sums in 16 lanes ---- */

struct lanes {
    V v[LANE_VECTORS];
};

/* The 16 lanes in a tree: 8 apart, then 4, 2, 1. */
HG_INLINE float lanes_total(const struct lanes *lanes)
{
    float a[HG__LANES];

    memcpy(a, lanes, sizeof a);
    for (int apart = HG__LANES / 2; apart > 0; apart /= 2)
        for (int i = 0; i < apart; i++)
            a[i] += a[i + apart];
    return a[0];
}

#endif
