/* Leading eigenvectors of a large symmetric operator: a block of vectors is
 * filtered by a Chebyshev polynomial that is small on the unwanted part of the
 * spectrum, made orthonormal, and turned to the best approximations in its span
 * (Rayleigh-Ritz), until what these leave out is known well enough. */
#include "engine/pca_iterate.h"

#include "base/mem.h"
#include "base/rng.h"
#include "engine/eigen.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MOST = 1000, DEGREE_MOST = 20 };

#define TOLERANCE  1e-8  /* of the residual, hoped for; its bound is pessimistic */
#define NOISE      1e-15 /* of the trace: rounding */
#define GROWTH     16.0  /* a filter may grow directions apart by exp(GROWTH), not more */
#define PROBE_SEED 0x70636173u

struct span {
    struct hg__operator *operator;
    size_t count, wanted;          /* vectors in use (<= operator->block), vectors asked for */
    double *basis, *image, *spare; /* block x width each; image = operator * basis */
    double *small, *turn;          /* block x block */
    double *values;                /* block */
    uint64_t drawn;                /* random vectors so far */
};

static bool span_init(struct span *span, struct hg__operator *operator, size_t count, size_t wanted)
{
    size_t block = operator->block, width = operator->width;

    memset(span, 0, sizeof *span);
    span->operator= operator;
    span->count = count;
    span->wanted = wanted;
    span->basis = hg__alloc_aligned(block * width, sizeof(double));
    span->image = hg__alloc_aligned(block * width, sizeof(double));
    span->spare = hg__alloc_aligned(block * width, sizeof(double));
    span->small = hg__alloc_aligned(block * block, sizeof(double));
    span->turn = hg__alloc_aligned(block * block, sizeof(double));
    span->values = hg__alloc(block, sizeof(double));
    return span->basis && span->image && span->spare && span->small && span->turn && span->values;
}

static void span_fini(struct span *span)
{
    hg__free(span->basis);
    hg__free(span->image);
    hg__free(span->spare);
    hg__free(span->small);
    hg__free(span->turn);
    hg__free(span->values);
}

static void draw_vector(struct span *span, double *vector)
{
    struct hg__rng rng;

    hg__rng_start(&rng, PROBE_SEED, HG__RNG_PROBE, span->drawn++, 0);
    for (size_t j = 0; j < span->operator->order; j++)
        vector[j] = 2 * hg__rng_uniform(&rng) - 1;
}

/* Makes vector i orthogonal to those before it and of length 1; false when
 * nothing but rounding is left of it. */
static bool straighten(struct span *span, size_t i)
{
    size_t width = span->operator->width;
    double *vector = span->basis + i * width, before = hg__dot(vector, vector, width), after;

    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < i; j++) {
            const double *other = span->basis + j * width;
            hg__axpy(-hg__dot(vector, other, width), other, vector, width);
        }
    after = hg__dot(vector, vector, width);
    if (!(after > 1e-24 * before) || !(after > 1e-280))
        return false;
    for (size_t j = 0; j < width; j++)
        vector[j] /= sqrt(after);
    return true;
}

static void orthonormalise(struct span *span)
{
    for (size_t i = 0; i < span->count; i++)
        while (!straighten(span, i))
            draw_vector(span, span->basis + i * span->operator->width);
}

/* rows = turn * rows, through the spare area. */
static void turn_rows(struct span *span, double **rows)
{
    size_t block = span->operator->block, width = span->operator->width;
    struct hg__product product = {.a = span->turn,
                                  .a_row = block,
                                  .a_depth = 1,
                                  .b = *rows,
                                  .b_row = width,
                                  .out = span->spare,
                                  .out_row = width,
                                  .rows = block,
                                  .columns = width,
                                  .depth = span->count};

    memset(span->spare, 0, block * width * sizeof(double));
    hg__product_add(&product);
    span->spare = *rows;
    *rows = product.out;
}

/* Turns basis and image to the eigenvectors of the operator within the span. */
static enum hg_status rayleigh_ritz(struct span *span)
{
    size_t block = span->operator->block, width = span->operator->width;
    enum hg_status status = hg__operator_apply(span->operator, span->basis, span->image);

    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < span->count; i++)
        for (size_t j = i; j < span->count; j++) {
            double value = hg__dot(span->basis + i * width, span->image + j * width, width);
            span->small[i * block + j] = span->small[j * block + i] = value;
        }
    memset(span->turn, 0, block * block * sizeof(double));
    hg__jacobi(span->small, span->turn, span->values, span->count, block);
    turn_rows(span, &span->basis);
    turn_rows(span, &span->image);
    return HG_OK;
}

/* Bound of what the wanted eigenvalues still lack in sum: each at most the length
 * of its residual r, and about r^2 / gap once it is well apart from the rest. */
static double shortfall(const struct span *span)
{
    size_t width = span->operator->width;
    double sum = 0;

    for (size_t i = 0; i < span->wanted; i++) {
        const double *vector = span->basis + i * width, *image = span->image + i * width;
        double gap = span->values[i] - span->values[span->count - 1], square = 0;
        for (size_t j = 0; j < width; j++) {
            double off = image[j] - span->values[i] * vector[j];
            square += off * off;
        }
        sum += gap > sqrt(square) ? square / gap : sqrt(square);
    }
    return sum;
}

/* The degree at which the strongest direction outgrows the interval's edge by
 * exp(GROWTH): beyond it the block would collapse onto that direction. */
static int filter_degree(const struct span *span, int round)
{
    double edge = span->values[span->count - 1], most = 2 + 2 * (double)round, degree;

    if (edge <= NOISE * span->values[0])
        return 0;
    degree = GROWTH / acosh(fmax(2 * span->values[0] / edge - 1, 1 + 1e-9));
    degree = fmin(fmin(degree, most), DEGREE_MOST);
    return degree < 1 ? 1 : (int)degree;
}

/* basis = T_degree(operator, mapped from 0..edge to -1..1) * basis. */
static enum hg_status filter(struct span *span, int degree)
{
    size_t count = span->operator->block * span->operator->width;
    double middle = span->values[span->count - 1] / 2, *kept;
    enum hg_status status = HG_OK;

    if (degree > 0)
        for (size_t i = 0; i < count; i++)
            span->image[i] = span->image[i] / middle - span->basis[i];
    for (int n = 2; n <= degree && status == HG_OK; n++) {
        status = hg__operator_apply(span->operator, span->image, span->spare);
        for (size_t i = 0; i < count; i++)
            span->basis[i] = 2 * (span->spare[i] / middle - span->image[i]) - span->basis[i];
        kept = span->basis;
        span->basis = span->image;
        span->image = kept;
    }
    kept = span->basis;
    span->basis = span->image;
    span->image = kept;
    return status;
}

/* Is forming the matrix cheaper than going on without it? */
static bool matrix_pays(const struct hg__operator *operator, size_t applied)
{
    return !operator->matrix && operator->order <= HG__PCA_MATRIX_MOST && applied * 4 *
            operator->block >=
            operator->width;
}

static enum hg_status iterate(struct span *span, double total)
{
    enum hg_status status = HG_OK;
    size_t applied = 10; /* what an easy problem needs */

    for (size_t i = 0; i < span->count; i++)
        draw_vector(span, span->basis + i * span->operator->width);
    for (int round = 0; round < ROUNDS_MOST && status == HG_OK; round++) {
        double residual = total;
        int degree;
        orthonormalise(span);
        if (matrix_pays(span->operator, applied))
            status = hg__operator_form(span->operator);
        if (status == HG_OK)
            status = rayleigh_ritz(span);
        if (status != HG_OK)
            break;
        for (size_t i = 0; i < span->wanted; i++)
            residual -= span->values[i];
        if (shortfall(span) <= TOLERANCE * residual + NOISE * total)
            break;
        degree = filter_degree(span, round);
        status = filter(span, degree);
        applied += round < 3 ? 0 : (size_t)degree + 1;
    }
    return status;
}

enum hg_status hg__pca_iterate(struct hg__operator *operator, size_t count, size_t wanted,
                               double total, const struct hg__pca_result *result)
{
    struct span span;
    enum hg_status status = HG_NO_MEMORY;

    if (span_init(&span, operator, count, wanted))
        status = iterate(&span, total);
    for (size_t i = 0; i < wanted && status == HG_OK; i++) {
        result->values[i] = span.values[i];
        memcpy(result->vectors + i * operator->width,
               span.basis + i * operator->width, operator->width * sizeof(double));
    }
    span_fini(&span);
    return status;
}
