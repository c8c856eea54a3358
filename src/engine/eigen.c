#include "engine/eigen.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* The inner product works on blocks of 4 x 8: the sums stay in registers. */
enum { TALL = 4, WIDE = 8, SWEEPS = 60 };

typedef double pair_t __attribute__((vector_size(16), aligned(8), may_alias));

static void block_base(const struct hg__product *p, size_t row, size_t column)
{
    const double *a = p->a + row * p->a_row, *b = p->b + column;

    /* Two halves, so that 2 x 4 sums fit the registers of every x86-64. */
    for (size_t half = 0; half < TALL; half += 2) {
        pair_t sum[2][4] = {{{0}}};
        for (size_t k = 0; k < p->depth; k++) {
            const pair_t *line = (const pair_t *)(const void *)(b + k * p->b_row);
            for (size_t r = 0; r < 2; r++) {
                double factor = a[(half + r) * p->a_row + k * p->a_depth];
                for (size_t c = 0; c < 4; c++)
                    sum[r][c] += factor * line[c];
            }
        }
        for (size_t r = 0; r < 2; r++) {
            pair_t *out = (pair_t *)(void *)(p->out + (row + half + r) * p->out_row + column);
            for (size_t c = 0; c < 4; c++)
                out[c] += sum[r][c];
        }
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void block_fused(const struct hg__product *p, size_t row,
                                                            size_t column)
{
    const double *a = p->a + row * p->a_row, *b = p->b + column;
    __m256d sum[TALL][2];

    for (size_t r = 0; r < TALL; r++)
        sum[r][0] = sum[r][1] = _mm256_setzero_pd();
    for (size_t k = 0; k < p->depth; k++, a += p->a_depth, b += p->b_row) {
        __m256d left = _mm256_loadu_pd(b), right = _mm256_loadu_pd(b + 4);
        for (size_t r = 0; r < TALL; r++) {
            __m256d factor = _mm256_broadcast_sd(a + r * p->a_row);
            sum[r][0] = _mm256_fmadd_pd(factor, left, sum[r][0]);
            sum[r][1] = _mm256_fmadd_pd(factor, right, sum[r][1]);
        }
    }
    for (size_t r = 0; r < TALL; r++) {
        double *out = p->out + (row + r) * p->out_row + column;
        _mm256_storeu_pd(out, _mm256_add_pd(_mm256_loadu_pd(out), sum[r][0]));
        _mm256_storeu_pd(out + 4, _mm256_add_pd(_mm256_loadu_pd(out + 4), sum[r][1]));
    }
}

static int fused_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

void hg__product_add(const struct hg__product *p)
{
    void (*block)(const struct hg__product *, size_t, size_t) = block_base;

#if defined(__x86_64__)
    if (fused_here())
        block = block_fused;
#endif
    for (size_t column = 0; column < p->columns; column += WIDE) {
        size_t rows = p->upper && column + WIDE < p->rows ? column + WIDE : p->rows;
        for (size_t row = 0; row < rows; row += TALL)
            block(p, row, column);
    }
}

double hg__dot(const double *x, const double *y, size_t n)
{
    double lane[8] = {0};
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t l = 0; l < 8; l++)
            lane[l] += x[i + l] * y[i + l];
    for (; i < n; i++)
        lane[0] += x[i] * y[i];
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) +
           ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

void hg__axpy(double factor, const double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* Rotates rows p and q: (p, q) -> (c p - s q, s p + c q). */
static void rotate_rows(double *p, double *q, double c, double s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double kept = p[i];
        p[i] = c * kept - s * q[i];
        q[i] = s * kept + c * q[i];
    }
}

/* One rotation that makes element (p, q) zero (Golub, Van Loan: "Matrix
 * Computations", 8.5). */
static void annihilate(double *matrix, double *vectors, size_t n, size_t stride, size_t p, size_t q)
{
    double off = matrix[p * stride + q], tau, t, c, s;

    tau = (matrix[q * stride + q] - matrix[p * stride + p]) / (2 * off);
    t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
    c = 1 / sqrt(1 + t * t);
    s = t * c;
    rotate_rows(matrix + p * stride, matrix + q * stride, c, s, n);
    for (size_t i = 0; i < n; i++) {
        double *row = matrix + i * stride, kept = row[p];
        row[p] = c * kept - s * row[q];
        row[q] = s * kept + c * row[q];
    }
    matrix[p * stride + q] = matrix[q * stride + p] = 0;
    rotate_rows(vectors + p * stride, vectors + q * stride, c, s, n);
}

static int sweep(double *matrix, double *vectors, size_t n, size_t stride)
{
    int rotated = 0;

    for (size_t p = 0; p + 1 < n; p++)
        for (size_t q = p + 1; q < n; q++) {
            double scale = sqrt(fabs(matrix[p * stride + p]) * fabs(matrix[q * stride + q]));
            double off = fabs(matrix[p * stride + q]);
            /* Relative to both ends of the diagonal: small eigenvalues of a
             * positive matrix come out with all their digits too. */
            if (off <= 1e-16 * scale || off < 1e-300)
                continue;
            annihilate(matrix, vectors, n, stride, p, q);
            rotated = 1;
        }
    return rotated;
}

static void exchange(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

void hg__jacobi(double *matrix, double *vectors, double *values, size_t n, size_t stride)
{
    for (size_t i = 0; i < n; i++) {
        memset(vectors + i * stride, 0, stride * sizeof(double));
        vectors[i * stride + i] = 1;
    }
    for (int i = 0; i < SWEEPS && sweep(matrix, vectors, n, stride); i++)
        ;
    for (size_t i = 0; i < n; i++)
        values[i] = matrix[i * stride + i];
    for (size_t i = 0; i < n; i++) {
        size_t most = i;
        for (size_t j = i + 1; j < n; j++)
            if (values[j] > values[most])
                most = j;
        if (most != i) {
            exchange(values + i, values + most, 1);
            exchange(vectors + i * stride, vectors + most * stride, n);
        }
    }
}
