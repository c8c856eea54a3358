#include "run/latent_axes.h"

#include "base/mem.h"
#include "engine/eigen.h"

#include <math.h>
#include <string.h>

/* Codes beyond LARGE values get FEW axes. The first frame takes some rounds of subspace
 * iteration (of HUGE_CODES not many: it is waited for), each later one a single one: the codes
 * move slowly. */
enum { LARGE = 64, FEW = 8, HUGE_CODES = 1000, FIRST_ROUNDS = 8, HUGE_ROUNDS = 3 };

/* Axes change places when one has so many times the variance of the one before it: at 1, two of
 * about the same variance would never rest. */
static const double overtaken = 1.5;

static size_t how_many(size_t codes, size_t points)
{
    size_t count = codes;

    if (codes <= 2)
        return codes;
    if (points <= count)
        count = points - 1;
    if (count > HG_LATENT_SLIDERS)
        count = HG_LATENT_SLIDERS;
    if (codes > LARGE && count > FEW)
        count = FEW;
    return count > 2 ? count : 2;
}

bool hg__latent_axes_init(struct hg__latent_axes *axes, size_t codes, size_t points)
{
    size_t count = how_many(codes, points), n = hg__eigen_pad(count);
    double *area;

    *axes = (struct hg__latent_axes){
        .codes = codes, .count = count, .room = points, .fixed = codes <= 2};
    area = hg__alloc_aligned(codes * (2 + 2 * count) + 2 * count + points * count + n * (3 * n + 1),
                             sizeof *area);
    if (!area)
        return false;
    axes->mean = area;
    axes->row = axes->mean + codes;
    axes->axis = axes->row + codes;
    axes->work = axes->axis + count * codes;
    axes->deviation = axes->work + count * codes;
    axes->variance = axes->deviation + count;
    axes->score = axes->variance + count;
    axes->small = axes->score + points * count;
    for (size_t i = 0; i < count && axes->fixed; i++)
        axes->axis[i * codes + i] = axes->deviation[i] = 1;
    for (size_t i = 0; i < count; i++)
        axes->origin[i] = i;
    return true;
}

void hg__latent_axes_fini(struct hg__latent_axes *axes)
{
    hg__free(axes->mean);
    *axes = (struct hg__latent_axes){0};
}

void hg__latent_axes_forget(struct hg__latent_axes *axes)
{
    axes->known = false;
}

static void centre(const struct hg__latent_axes *axes, const float *code)
{
    for (size_t i = 0; i < axes->codes; i++)
        axes->row[i] = (double)code[i] - axes->mean[i];
}

/* False: something is not finite. */
static bool find_mean(struct hg__latent_axes *axes, const float *cloud, size_t count)
{
    double sum = 0;

    memset(axes->row, 0, axes->codes * sizeof(double));
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < axes->codes; i++)
            axes->row[i] += (double)cloud[s * axes->codes + i];
    for (size_t i = 0; i < axes->codes; i++)
        sum += fabs(axes->row[i]);
    if (!isfinite(sum))
        return false;
    for (size_t i = 0; i < axes->codes && !axes->fixed; i++)
        axes->mean[i] = axes->row[i] / (double)count;
    return true;
}

/* Takes away what v has of the `before` axes ahead of it, twice against rounding. Returns the
 * length that is left. */
static double clear(const double *axis, double *v, size_t before, size_t codes)
{
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < before; i++)
            hg__axpy(-hg__dot(v, axis + i * codes, codes), axis + i * codes, v, codes);
    return sqrt(hg__dot(v, v, codes));
}

/* Makes all axes unit vectors at right angles, in order; one that vanishes is replaced by a
 * coordinate axis. */
static void straighten(const struct hg__latent_axes *axes)
{
    size_t codes = axes->codes;

    for (size_t a = 0; a < axes->count; a++) {
        double *v = axes->axis + a * codes, whole = sqrt(hg__dot(v, v, codes));
        double length = clear(axes->axis, v, a, codes);
        for (size_t t = 0; t < codes && length <= 1e-7 * whole; t++) {
            memset(v, 0, codes * sizeof *v);
            v[t] = 1;
            whole = 1e6; /* a tenth is enough */
            length = clear(axes->axis, v, a, codes);
        }
        for (size_t i = 0; i < codes; i++)
            v[i] /= length;
    }
}

/* The first axes: those of the coordinates where there are as many, else some samples. */
static void begin(struct hg__latent_axes *axes, const float *cloud, size_t count)
{
    memset(axes->axis, 0, axes->count * axes->codes * sizeof(double));
    for (size_t a = 0; a < axes->count; a++) {
        if (axes->count == axes->codes) {
            axes->axis[a * axes->codes + a] = 1;
            continue;
        }
        centre(axes, cloud + a * count / axes->count * axes->codes);
        memcpy(axes->axis + a * axes->codes, axes->row, axes->codes * sizeof(double));
    }
    straighten(axes);
}

/* axis <- covariance * axis. */
static void iterate(struct hg__latent_axes *axes, const float *cloud, size_t count)
{
    size_t codes = axes->codes, size = axes->count * codes;

    memset(axes->work, 0, size * sizeof(double));
    for (size_t s = 0; s < count; s++) {
        centre(axes, cloud + s * codes);
        for (size_t a = 0; a < axes->count; a++)
            hg__axpy(hg__dot(axes->row, axes->axis + a * codes, codes), axes->row,
                     axes->work + a * codes, codes);
    }
    memcpy(axes->axis, axes->work, size * sizeof(double));
    straighten(axes);
}

/* Scores of all points on the axes, and the variance of all codes. */
static void project(struct hg__latent_axes *axes, const float *cloud, size_t count)
{
    size_t codes = axes->codes;

    axes->total = 0;
    for (size_t s = 0; s < count; s++) {
        centre(axes, cloud + s * codes);
        axes->total += hg__dot(axes->row, axes->row, codes) / (double)count;
        for (size_t a = 0; a < axes->count; a++)
            axes->score[s * axes->count + a] = hg__dot(axes->row, axes->axis + a * codes, codes);
    }
}

/* The covariance of the scores, made diagonal: `vectors` (rows), `values` descending. */
static void diagonalise(const struct hg__latent_axes *axes, size_t count, double *vectors,
                        double *values)
{
    size_t n = axes->count, stride = hg__eigen_pad(n);
    double *gram = axes->small;

    memset(gram, 0, stride * stride * sizeof *gram);
    for (size_t s = 0; s < count; s++)
        for (size_t a = 0; a < n; a++)
            hg__axpy(axes->score[s * n + a] / (double)count, axes->score + s * n, gram + a * stride,
                     n);
    hg__jacobi(gram, vectors, values, n, stride);
    for (size_t i = 0; i < n; i++)
        values[i] = values[i] > 0 ? values[i] : 0; /* rounding */
}

/* How much the new axis `v` (in terms of the old ones) is the old axis `i`; of the first two,
 * how much it lies in their plane. */
static double likeness(const double *v, size_t i)
{
    return i < 2 ? v[0] * v[0] + v[1] * v[1] : v[i] * v[i];
}

static void exchange(size_t *order, size_t *origin, size_t a, size_t b)
{
    size_t kept = order[a], from = origin[a];

    order[a] = order[b];
    order[b] = kept;
    origin[a] = origin[b];
    origin[b] = from;
}

/* What has been overtaken by far changes places, until all are at rest: each change brings more
 * variance forward. The first two are one plane, of which the lesser goes. */
static void reorder(struct hg__latent_axes *axes, const double *values, size_t *order)
{
    bool moved = true;

    while (moved) {
        size_t least = values[order[0]] < values[order[1]] ? 0 : 1;
        moved = false;
        for (size_t i = axes->count; i-- > 2;) {
            size_t before = i > 2 ? i - 1 : least;
            if (values[order[i]] <= overtaken * values[order[before]])
                continue;
            exchange(order, axes->origin, i, before);
            moved = true;
        }
    }
}

/* order[i]: the new axis that follows the old axis i. */
static void match(struct hg__latent_axes *axes, const double *vectors, const double *values,
                  size_t *order)
{
    size_t n = axes->count, stride = hg__eigen_pad(n);
    bool taken[HG_LATENT_SLIDERS] = {false};

    for (size_t i = 0; i < n; i++) {
        double best = -1;
        order[i] = i;
        for (size_t j = 0; j < n; j++) {
            double alike = axes->known ? likeness(vectors + j * stride, i) : i == j;
            if (!taken[j] && alike > best) {
                best = alike;
                order[i] = j;
            }
        }
        taken[order[i]] = true;
        axes->origin[i] = i;
    }
    reorder(axes, values, order);
}

/* Rows of `turn`: the new axes in terms of the old, in their order and with their signs. */
static void arrange(const struct hg__latent_axes *axes, const double *vectors, const size_t *order,
                    double *turn)
{
    size_t n = axes->count, stride = hg__eigen_pad(n);

    for (size_t i = 0; i < n; i++) {
        const double *from = vectors + order[i] * stride;
        double sign = from[axes->origin[i]] < 0 ? -1 : 1;
        for (size_t j = 0; j < n; j++)
            turn[i * stride + j] = sign * from[j];
    }
}

/* Sums over points of last * new, about their means: what turns new to last best. */
static void compare(const struct hg__latent_axes *axes, const double *turn,
                    const struct hg_latent_point *last, size_t held, double h[2][2])
{
    size_t n = axes->count, stride = hg__eigen_pad(n);
    double mean[4] = {0};

    memset(h, 0, 4 * sizeof(double));
    for (size_t s = 0; s < held; s++) {
        double x = hg__dot(axes->score + s * n, turn, n);
        double y = hg__dot(axes->score + s * n, turn + stride, n);
        double u = (double)last[s].x, v = (double)last[s].y;
        mean[0] += x / (double)held;
        mean[1] += y / (double)held;
        mean[2] += u / (double)held;
        mean[3] += v / (double)held;
        h[0][0] += u * x;
        h[0][1] += u * y;
        h[1][0] += v * x;
        h[1][1] += v * y;
    }
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++)
            h[i][j] -= (double)held * mean[2 + i] * mean[j];
}

/* Procrustes in the plane: the first two rows of `turn` become those orthogonal combinations
 * that bring the points nearest to where they were. A mirror is allowed: it is one that the
 * axes made, and is taken back. */
static void pin(const struct hg__latent_axes *axes, const struct hg_latent_point *last, size_t held,
                double *turn)
{
    size_t n = axes->count, stride = hg__eigen_pad(n);
    double h[2][2], turned, mirrored, angle, c, s;

    compare(axes, turn, last, held, h);
    turned = hypot(h[0][0] + h[1][1], h[1][0] - h[0][1]);
    mirrored = hypot(h[0][0] - h[1][1], h[0][1] + h[1][0]);
    if (!(turned > 0) && !(mirrored > 0))
        return;
    angle = turned >= mirrored ? atan2(h[1][0] - h[0][1], h[0][0] + h[1][1])
                               : atan2(h[0][1] + h[1][0], h[0][0] - h[1][1]);
    c = cos(angle);
    s = sin(angle);
    for (size_t j = 0; j < n; j++) {
        double x = turn[j], y = turn[stride + j];
        turn[j] = turned >= mirrored ? c * x - s * y : c * x + s * y;
        turn[stride + j] = turned >= mirrored ? s * x + c * y : s * x - c * y;
    }
}

/* axis <- turn * axis, score <- turn * score. */
static void apply(struct hg__latent_axes *axes, const double *turn, size_t count)
{
    size_t n = axes->count, stride = hg__eigen_pad(n), codes = axes->codes;
    double point[HG_LATENT_SLIDERS];

    memset(axes->work, 0, n * codes * sizeof(double));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            hg__axpy(turn[i * stride + j], axes->axis + j * codes, axes->work + i * codes, codes);
    memcpy(axes->axis, axes->work, n * codes * sizeof(double));
    for (size_t s = 0; s < count; s++) {
        memcpy(point, axes->score + s * n, n * sizeof *point);
        for (size_t i = 0; i < n; i++)
            axes->score[s * n + i] = hg__dot(point, turn + i * stride, n);
    }
}

static void measure(struct hg__latent_axes *axes, size_t count)
{
    for (size_t a = 0; a < axes->count; a++) {
        double mean = 0, squares = 0;
        for (size_t s = 0; s < count; s++)
            mean += axes->score[s * axes->count + a] / (double)count;
        for (size_t s = 0; s < count; s++) {
            double off = axes->score[s * axes->count + a] - mean;
            squares += off * off;
        }
        axes->variance[a] = squares / (double)count;
        if (!axes->fixed)
            axes->deviation[a] = sqrt(axes->variance[a]);
    }
}

/* The codes themselves. */
static void copy_codes(struct hg__latent_axes *axes, const float *cloud, size_t count)
{
    for (size_t i = 0; i < count * axes->codes; i++)
        axes->score[i] = (double)cloud[i];
    measure(axes, count);
    axes->total = 0;
    for (size_t a = 0; a < axes->count; a++)
        axes->total += axes->variance[a];
}

static void turn_axes(struct hg__latent_axes *axes, size_t count,
                      const struct hg_latent_point *last, size_t held)
{
    size_t square = hg__eigen_pad(axes->count) * hg__eigen_pad(axes->count);
    double *vectors = axes->small + square, *turn = vectors + square, *values = turn + square;
    size_t order[HG_LATENT_SLIDERS];

    diagonalise(axes, count, vectors, values);
    match(axes, vectors, values, order);
    arrange(axes, vectors, order, turn);
    if (axes->known && held > 1)
        pin(axes, last, held < count ? held : count, turn);
    apply(axes, turn, count);
    measure(axes, count);
}

bool hg__latent_axes_follow(struct hg__latent_axes *axes, const float *cloud, size_t count,
                            const struct hg_latent_point *last, size_t held)
{
    int first = axes->codes < HUGE_CODES ? FIRST_ROUNDS : HUGE_ROUNDS;
    int rounds = axes->count == axes->codes ? 0 : axes->known ? 1 : first;

    if (count == 0 || !find_mean(axes, cloud, count))
        return false;
    if (axes->fixed) {
        copy_codes(axes, cloud, count);
        return axes->known = true;
    }
    if (!axes->known)
        begin(axes, cloud, count);
    for (int round = 0; round < rounds; round++)
        iterate(axes, cloud, count);
    project(axes, cloud, count);
    turn_axes(axes, count, last, held);
    return axes->known = true;
}
