#include "run/axes.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum { FIRST_ROUNDS = 30, ROUNDS = 3 };

bool hg__axes_init(struct hg__axes *axes, size_t codes)
{
    double *area = hg__alloc(codes * 5, sizeof *area);

    *axes = (struct hg__axes){.codes = codes};
    if (!area)
        return false;
    axes->mean = area;
    for (size_t a = 0; a < 2; a++) {
        axes->axis[a] = area + codes * (1 + a);
        axes->work[a] = area + codes * (3 + a);
    }
    return true;
}

void hg__axes_fini(struct hg__axes *axes)
{
    hg__free(axes->mean);
    *axes = (struct hg__axes){0};
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static double project(const struct hg__axes *axes, const float *code, const double *axis)
{
    double sum = 0;

    for (size_t i = 0; i < axes->codes; i++)
        sum += ((double)code[i] - axes->mean[i]) * axis[i];
    return sum;
}

/* Makes v a unit vector orthogonal to `other` (NULL = to nothing); a vanished
 * direction is replaced by the first coordinate axis that is not `other`. */
static void orthonormalise(double *v, const double *other, size_t count)
{
    for (size_t attempt = 0; attempt <= count; attempt++) {
        double length;
        if (other) {
            double along = dot(v, other, count);
            for (size_t i = 0; i < count; i++)
                v[i] -= along * other[i];
        }
        length = sqrt(dot(v, v, count));
        if (length > 1e-12) {
            for (size_t i = 0; i < count; i++)
                v[i] /= length;
            return;
        }
        memset(v, 0, count * sizeof *v);
        if (attempt < count)
            v[attempt] = 1;
    }
}

/* One round of subspace iteration: axis <- covariance * axis. */
static void iterate(struct hg__axes *axes, const float *cloud, size_t count)
{
    size_t codes = axes->codes;

    for (size_t a = 0; a < 2; a++) {
        memset(axes->work[a], 0, codes * sizeof(double));
        for (size_t s = 0; s < count; s++) {
            const float *code = cloud + s * codes;
            double along = project(axes, code, axes->axis[a]);
            for (size_t i = 0; i < codes; i++)
                axes->work[a][i] += along * ((double)code[i] - axes->mean[i]);
        }
    }
    for (size_t a = 0; a < 2; a++) {
        /* The covariance is positive, so a direction never flips by this. */
        memcpy(axes->axis[a], axes->work[a], codes * sizeof(double));
        orthonormalise(axes->axis[a], a ? axes->axis[0] : NULL, codes);
    }
}

void hg__axes_follow(struct hg__axes *axes, const float *cloud, size_t count)
{
    size_t codes = axes->codes;
    int rounds = axes->known ? ROUNDS : FIRST_ROUNDS;

    if (count == 0)
        return;
    memset(axes->mean, 0, codes * sizeof(double));
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < codes; i++)
            axes->mean[i] += (double)cloud[s * codes + i] / (double)count;
    if (!axes->known)
        for (size_t i = 0; i < codes; i++) {
            axes->axis[0][i] = 1;
            axes->axis[1][i] = i % 2 ? -1 : 1;
        }
    for (int round = 0; round < rounds; round++)
        iterate(axes, cloud, count);
    axes->known = true;
}

void hg__axes_project(const struct hg__axes *axes, const float *code, float *x, float *y)
{
    *x = (float)project(axes, code, axes->axis[0]);
    *y = (float)project(axes, code, axes->axis[1]);
}
