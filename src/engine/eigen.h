/* eigen.h - a little dense linear algebra in double, for PCA.
 *
 * Not for training: that is float32 and bit-exact (kernel.h). Here the result
 * may differ in the last bits between processors with and without fused
 * multiply-add, never between calls.
 */
#ifndef HG_ENGINE_EIGEN_H
#define HG_ENGINE_EIGEN_H

#include <stddef.h>

/* Row lengths of matrices are multiples of this. */
enum { HG__EIGEN_PAD = 8 };

static inline size_t hg__eigen_pad(size_t n)
{
    return (n + HG__EIGEN_PAD - 1) / HG__EIGEN_PAD * HG__EIGEN_PAD;
}

/* out += a * b: `rows` x `columns` (multiples of HG__EIGEN_PAD) over `depth`.
 * Element (r, k) of a is a[r * a_row + k * a_depth], so that a may be transposed;
 * b and out are row-major. No overlaps. `upper`: blocks wholly below the diagonal
 * are left alone. */
struct hg__product {
    const double *a, *b;
    double *out;
    size_t a_row, a_depth, b_row, out_row;
    size_t rows, columns, depth;
    int upper;
};
void hg__product_add(const struct hg__product *product);

/* Sums in a fixed order: x . y; y += factor * x. */
double hg__dot(const double *x, const double *y, size_t n);
void hg__axpy(double factor, const double *x, double *y, size_t n);

/* Eigenvalues (descending) and unit eigenvectors (rows of `vectors`) of the
 * symmetric n x n `matrix`, which is destroyed; rows of both have length `stride`.
 * Cyclic Jacobi: exact to rounding, O(n^3) a sweep, for n up to some hundred. */
void hg__jacobi(double *matrix, double *vectors, double *values, size_t n, size_t stride);

#endif
