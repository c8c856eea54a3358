/* kernel_transpose.h - a block of 16 x 16 floats turned over. */
#ifndef HG_ENGINE_KERNEL_TRANSPOSE_H
#define HG_ENGINE_KERNEL_TRANSPOSE_H

#include "engine/kernel_vector.h"

#if HG_VECTOR == 16

/* Rows a, b of each group of four interleaved: 32-bit, then 64-bit pieces. */
HG_INLINE void turn_fours(V r[16])
{
    HG_UNROLL(4)
    for (int g = 0; g < 16; g += 4) {
        __m512 a = _mm512_unpacklo_ps((__m512)r[g], (__m512)r[g + 1]);
        __m512 b = _mm512_unpackhi_ps((__m512)r[g], (__m512)r[g + 1]);
        __m512 c = _mm512_unpacklo_ps((__m512)r[g + 2], (__m512)r[g + 3]);
        __m512 d = _mm512_unpackhi_ps((__m512)r[g + 2], (__m512)r[g + 3]);
        r[g] = (V)_mm512_unpacklo_pd((__m512d)a, (__m512d)c);
        r[g + 1] = (V)_mm512_unpackhi_pd((__m512d)a, (__m512d)c);
        r[g + 2] = (V)_mm512_unpacklo_pd((__m512d)b, (__m512d)d);
        r[g + 3] = (V)_mm512_unpackhi_pd((__m512d)b, (__m512d)d);
    }
}

/* One stage on quarters of vectors: rows a and a + apart give the even and the
 * odd quarters. */
HG_INLINE void turn_quarters(V r[16], int apart)
{
    HG_UNROLL(16)
    for (int i = 0; i < 16; i++) {
        if (i & apart)
            continue;
        __m512 a = (__m512)r[i], b = (__m512)r[i + apart];
        r[i] = (V)_mm512_shuffle_f32x4(a, b, 0x88);
        r[i + apart] = (V)_mm512_shuffle_f32x4(a, b, 0xDD);
    }
}

HG_INLINE void block_transpose(const float *rows, size_t stride, float *out, size_t out_stride)
{
    V r[16];

    HG_UNROLL(16)
    for (size_t i = 0; i < 16; i++)
        r[i] = v_load(rows + i * stride);
    turn_fours(r);
    turn_quarters(r, 4);
    turn_quarters(r, 8);
    HG_UNROLL(16)
    for (size_t i = 0; i < 16; i++)
        v_store(out + i * out_stride, r[i]);
}

#elif HG_VECTOR == 8

HG_INLINE void turn_eight(const float *rows, size_t stride, float *out, size_t out_stride)
{
    __m256 r[8], t[8];

    HG_UNROLL(8)
    for (size_t i = 0; i < 8; i++)
        r[i] = (__m256)v_load(rows + i * stride);
    HG_UNROLL(2)
    for (int g = 0; g < 8; g += 4) {
        __m256 a = _mm256_unpacklo_ps(r[g], r[g + 1]), b = _mm256_unpackhi_ps(r[g], r[g + 1]);
        __m256 c = _mm256_unpacklo_ps(r[g + 2], r[g + 3]);
        __m256 d = _mm256_unpackhi_ps(r[g + 2], r[g + 3]);
        t[g] = (__m256)_mm256_unpacklo_pd((__m256d)a, (__m256d)c);
        t[g + 1] = (__m256)_mm256_unpackhi_pd((__m256d)a, (__m256d)c);
        t[g + 2] = (__m256)_mm256_unpacklo_pd((__m256d)b, (__m256d)d);
        t[g + 3] = (__m256)_mm256_unpackhi_pd((__m256d)b, (__m256d)d);
    }
    HG_UNROLL(4)
    for (size_t i = 0; i < 4; i++) {
        v_store(out + i * out_stride, (V)_mm256_permute2f128_ps(t[i], t[i + 4], 0x20));
        v_store(out + (i + 4) * out_stride, (V)_mm256_permute2f128_ps(t[i], t[i + 4], 0x31));
    }
}

HG_INLINE void block_transpose(const float *rows, size_t stride, float *out, size_t out_stride)
{
    for (size_t i = 0; i < 16; i += 8)
        for (size_t k = 0; k < 16; k += 8)
            turn_eight(rows + i * stride + k, stride, out + k * out_stride + i, out_stride);
}

#else

HG_INLINE void block_transpose(const float *rows, size_t stride, float *out, size_t out_stride)
{
    for (size_t i = 0; i < 16; i++)
        for (size_t k = 0; k < 16; k++)
            out[k * out_stride + i] = rows[i * stride + k];
}

#endif

#endif
