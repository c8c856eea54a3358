#include "base/mem.h"
#include "engine/eigen.h"
#include "engine/pca.h"
#include "run/latent_parts.h"

#include <math.h>
#include <string.h>

/* Points projected at once. */
enum { CHUNK = 32 };

/* The plane is turned anew only where that makes it so much more like the code's: it shows the
 * same points all the time, and what does not move should not move. */
static const double better = 1.1;

bool hg__latent_pca_init(struct hg__latent *latent, size_t points)
{
    struct hg__latent_pca *pca = &latent->pca;

    *pca = (struct hg__latent_pca){.axes = pca->axes,
                                   .score = hg__alloc_aligned(points * 2, sizeof(double)),
                                   .pairs = hg__alloc(2, sizeof *pca->pairs)};
    latent->facts.pca = hg__alloc(HG_LATENT_POINTS, sizeof *latent->facts.pca);
    latent->facts.agreement[0] = latent->facts.agreement[1] = NAN;
    return pca->score && pca->pairs && latent->facts.pca;
}

bool hg__latent_pca_score(struct hg__latent *latent, const struct hg_dataset *dataset)
{
    struct hg__latent_pca *pca = &latent->pca;
    size_t end = pca->scored + CHUNK, axes = pca->axes->count < 2 ? pca->axes->count : 2;

    for (; pca->scored < latent->facts.points && pca->scored < end; pca->scored++) {
        size_t sample = latent->facts.point[pca->scored].sample;
        hg__pca_project(pca->axes, dataset->values + sample * dataset->features, axes,
                        pca->score + 2 * pca->scored);
    }
    return pca->scored >= latent->facts.points;
}

/* Sums over points of code plane * PCA's, about their means. */
static void compare(const struct hg__latent *latent, double h[2][2])
{
    const struct hg_latent *facts = &latent->facts;
    double mean[4] = {0}, count = (double)facts->points;

    memset(h, 0, 4 * sizeof(double));
    for (size_t s = 0; s < facts->points; s++) {
        double value[4] = {(double)facts->point[s].x, (double)facts->point[s].y,
                           latent->pca.score[2 * s], latent->pca.score[2 * s + 1]};
        for (size_t i = 0; i < 4; i++)
            mean[i] += value[i] / count;
        for (size_t i = 0; i < 4; i++)
            h[i / 2][i % 2] += value[i / 2] * value[2 + i % 2];
    }
    for (size_t i = 0; i < 4; i++)
        h[i / 2][i % 2] -= count * mean[i / 2] * mean[2 + i % 2];
}

static double likeness(double h[2][2], double turn[2][2])
{
    double sum = 0;

    for (size_t i = 0; i < 4; i++)
        sum += turn[i / 2][i % 2] * h[i / 2][i % 2];
    return sum;
}

/* Procrustes, mirrors allowed: rotations [c -s; s c], mirrors [c s; s -c]. */
static void turn_like_code(struct hg__latent *latent)
{
    struct hg__latent_pca *pca = &latent->pca;
    double h[2][2], turned, mirrored, angle, c, s;

    compare(latent, h);
    turned = hypot(h[0][0] + h[1][1], h[1][0] - h[0][1]);
    mirrored = hypot(h[0][0] - h[1][1], h[0][1] + h[1][0]);
    if (pca->turned && !(fmax(turned, mirrored) > better * likeness(h, pca->turn)))
        return;
    angle = turned >= mirrored ? atan2(h[1][0] - h[0][1], h[0][0] + h[1][1])
                               : atan2(h[0][1] + h[1][0], h[0][0] - h[1][1]);
    c = cos(angle);
    s = sin(angle);
    pca->turn[0][0] = c;
    pca->turn[0][1] = turned >= mirrored ? -s : s;
    pca->turn[1][0] = s;
    pca->turn[1][1] = turned >= mirrored ? c : -c;
    pca->turned = true;
}

void hg__latent_pca_place(struct hg__latent *latent)
{
    struct hg__latent_pca *pca = &latent->pca;
    struct hg_latent *facts = &latent->facts;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    bool held = facts->pca_points > 0;

    turn_like_code(latent);
    for (size_t s = 0; s < facts->points; s++) {
        const double *score = pca->score + 2 * s;
        double x = pca->turn[0][0] * score[0] + pca->turn[0][1] * score[1];
        double y = pca->turn[1][0] * score[0] + pca->turn[1][1] * score[1];
        facts->pca[s] = (struct hg_latent_point){.sample = facts->point[s].sample,
                                                 .label = facts->point[s].label,
                                                 .x = (float)x,
                                                 .y = (float)y};
        low[0] = fmin(low[0], x);
        high[0] = fmax(high[0], x);
        low[1] = fmin(low[1], y);
        high[1] = fmax(high[1], y);
    }
    facts->pca_points = facts->points;
    hg__latent_bounds(low[0], high[0], held, &facts->pca_left, &facts->pca_right);
    hg__latent_bounds(low[1], high[1], held, &facts->pca_bottom, &facts->pca_top);
    facts->pca_serial++;
}

/* Only layers without a bend: then the code can be no more than PCA's subspace. */
static bool is_linear(const struct hg_model *model)
{
    static const char *const plain[] = {"dense ", "conv ", "up ", "linear"};

    if (hg_model_gaussian(model) || hg_model_output_activation(model) != HG_LINEAR)
        return false;
    for (size_t i = 0; i < hg_model_layers(model); i++) {
        struct hg_layer_info layer = hg_model_layer(model, i);
        bool found = false;
        for (size_t p = 0; p < sizeof plain / sizeof *plain; p++)
            found |= strncmp(layer.text, plain[p], strlen(plain[p])) == 0;
        if (!found)
            return false;
    }
    return true;
}

bool hg__latent_angle_init(struct hg__latent *latent, const struct hg_model *model, size_t features)
{
    struct hg__latent_pca *pca = &latent->pca;
    size_t codes = latent->axes.codes, n = hg__eigen_pad(codes);

    latent->facts.angle = NAN;
    pca->linear = codes <= HG__PCA_MOST && codes <= features && is_linear(model);
    if (!pca->linear)
        return true;
    pca->span = hg__alloc_aligned(codes * features + 3 * n * n + n, sizeof(double));
    pca->rows = hg__alloc_aligned((codes + 1) * (features + codes), sizeof(float));
    return pca->span && pca->rows;
}

/* What the decoder gives for a step of about one deviation along each code value, less what it
 * gives for the mean code: as rows. */
static void find_span(struct hg__latent *latent, struct hg_model *model, size_t features)
{
    struct hg__latent_pca *pca = &latent->pca;
    size_t codes = latent->axes.codes;
    float *code = pca->rows + (codes + 1) * features;
    double step = sqrt(latent->axes.total / (double)codes);

    hg__latent_code_at(latent, 0, 0, code);
    for (size_t k = 0; k < codes; k++) {
        memcpy(code + (k + 1) * codes, code, codes * sizeof *code);
        code[(k + 1) * codes + k] += (float)(step > 1e-6 ? step : 1e-6);
    }
    hg_model_decode(model, code, codes + 1, pca->rows);
    for (size_t k = 0; k < codes; k++)
        for (size_t j = 0; j < features; j++)
            pca->span[k * features + j] = (double)pca->rows[(k + 1) * features + j] -
                                          (double)pca->rows[j];
}

/* Makes the rows orthonormal. False: they span less than they are. */
static bool straighten(double *rows, size_t count, size_t length)
{
    for (size_t k = 0; k < count; k++) {
        double *row = rows + k * length, whole = sqrt(hg__dot(row, row, length)), left;
        for (int again = 0; again < 2; again++)
            for (size_t i = 0; i < k; i++)
                hg__axpy(-hg__dot(row, rows + i * length, length), rows + i * length, row, length);
        left = sqrt(hg__dot(row, row, length));
        if (!(left > 1e-5 * whole))
            return false;
        for (size_t j = 0; j < length; j++)
            row[j] /= left;
    }
    return true;
}

/* Largest principal angle (Golub, Van Loan: "Matrix Computations", 6.4.3) in degrees, by its
 * sine: what of the span is not in PCA's subspace, as cosines near 1 have no digits for it. */
static double largest_angle(const struct hg__latent *latent, size_t features)
{
    const struct hg__latent_pca *pca = &latent->pca;
    size_t codes = latent->axes.codes, n = hg__eigen_pad(codes);
    double *outside = pca->span + codes * features, *vectors = outside + n * n;
    double *values = vectors + n * n;

    memset(outside, 0, n * n * sizeof *outside);
    for (size_t k = 0; k < codes; k++) {
        double *row = pca->span + k * features;
        for (size_t a = 0; a < codes; a++) {
            const double *axis = pca->axes->axes + a * features;
            hg__axpy(-hg__dot(row, axis, features), axis, row, features);
        }
    }
    for (size_t k = 0; k < codes; k++)
        for (size_t l = 0; l < codes; l++)
            outside[k * n + l] = hg__dot(pca->span + k * features, pca->span + l * features,
                                         features);
    hg__jacobi(outside, vectors, values, codes, n);
    return asin(sqrt(fmin(fmax(values[0], 0), 1))) * 57.29577951308232;
}

void hg__latent_angle_measure(struct hg__latent *latent, struct hg_model *model)
{
    struct hg__latent_pca *pca = &latent->pca;
    size_t features = hg_model_inputs(model), codes = latent->axes.codes;

    if (!pca->linear || pca->axes->count < codes || !(pca->axes->variance[codes - 1] > 0))
        return;
    find_span(latent, model, features);
    latent->facts.angle = straighten(pca->span, codes, features) ? largest_angle(latent, features)
                                                                 : 90;
}
