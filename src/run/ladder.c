#include "run/ladder.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* Most values that are rebuilt for the bce rungs, which need logarithms: beyond,
 * evenly spaced samples stand for all. */
enum { REBUILT_MOST = 1 << 28 };

#define LOWEST_OUTPUT 0.001

struct climb {
    const struct hg_dataset *dataset;
    const struct hg__pca *pca;
    const volatile bool *cancel;
    struct hg_ladder *ladder;
    double scores[HG_LADDER_MOST];
    double *rebuilt; /* features; bce only */
};

static const float *training_sample(const struct climb *climb, size_t index)
{
    const struct hg_dataset *dataset = climb->dataset;

    return dataset->values + (size_t)dataset->order[index] * dataset->features;
}

static bool cancelled(const struct climb *climb)
{
    return climb->cancel && __atomic_load_n(climb->cancel, __ATOMIC_RELAXED);
}

/* -(x ln x + (1 - x) ln(1 - x)): what no output can go below. */
static double entropy(double x)
{
    if (!(x > 0) || !(x < 1))
        return 0;
    return -(x * log(x) + (1 - x) * log1p(-x));
}

/* Root mean square of each sample's residual, averaged; a code of k values leaves
 * the sample's squared distance to the mean without its first k scores. */
static bool climb_rmse(struct climb *climb)
{
    struct hg_ladder *ladder = climb->ladder;
    size_t features = climb->pca->features, count = climb->dataset->training;

    for (size_t i = 0; i < count; i++) {
        const float *sample = training_sample(climb, i);
        double left = 0;
        if (i % 64 == 0 && cancelled(climb))
            return false;
        for (size_t j = 0; j < features; j++) {
            double off = (double)sample[j] - climb->pca->mean[j];
            left += off * off;
        }
        ladder->mean += sqrt(left / (double)features);
        hg__pca_project(climb->pca, sample, ladder->rungs, climb->scores);
        for (size_t k = 0; k < ladder->rungs; k++) {
            left -= climb->scores[k] * climb->scores[k];
            ladder->pca[k] += left > 0 ? sqrt(left / (double)features) : 0;
        }
    }
    ladder->mean /= (double)count;
    for (size_t k = 0; k < ladder->rungs; k++)
        ladder->pca[k] /= (double)count;
    return true;
}

static double cross_entropy(const float *sample, const double *output, size_t features)
{
    double sum = 0;

    for (size_t j = 0; j < features; j++) {
        double y = fmin(fmax(output[j], LOWEST_OUTPUT), 1 - LOWEST_OUTPUT), x = (double)sample[j];
        /* Black and white are the common case and need one logarithm. */
        if (x != 0)
            sum -= x * (double)logf((float)y);
        if (x != 1)
            sum -= (1 - x) * (double)logf((float)(1 - y));
    }
    return sum;
}

static bool climb_bce_rungs(struct climb *climb)
{
    struct hg_ladder *ladder = climb->ladder;
    size_t features = climb->pca->features, count = climb->dataset->training, taken = 0;
    double values = (double)features * (double)ladder->rungs * (double)count;
    size_t stride = (size_t)(values / REBUILT_MOST) + 1;

    for (size_t i = 0; i < count; i += stride, taken++) {
        const float *sample = training_sample(climb, i);
        if (cancelled(climb))
            return false;
        hg__pca_project(climb->pca, sample, ladder->rungs, climb->scores);
        memcpy(climb->rebuilt, climb->pca->mean, features * sizeof(double));
        for (size_t k = 0; k < ladder->rungs; k++) {
            const double *axis = climb->pca->axes + k * features;
            for (size_t j = 0; j < features; j++)
                climb->rebuilt[j] += climb->scores[k] * axis[j];
            ladder->pca[k] += cross_entropy(sample, climb->rebuilt, features);
        }
    }
    for (size_t k = 0; k < ladder->rungs; k++)
        ladder->pca[k] /= (double)taken * (double)features;
    return true;
}

static bool climb_bce(struct climb *climb)
{
    struct hg_ladder *ladder = climb->ladder;
    size_t features = climb->pca->features, count = climb->dataset->training;

    ladder->has_entropy = true;
    for (size_t j = 0; j < features; j++)
        ladder->mean += entropy(climb->pca->mean[j]) / (double)features;
    for (size_t i = 0; i < count; i++) {
        const float *sample = training_sample(climb, i);
        double sum = 0;
        if (i % 64 == 0 && cancelled(climb))
            return false;
        for (size_t j = 0; j < features; j++)
            sum += entropy((double)sample[j]);
        ladder->entropy += sum / (double)features / (double)count;
    }
    return climb_bce_rungs(climb);
}

/* mse and sse follow from the residual variance alone. */
static void climb_squares(struct climb *climb)
{
    struct hg_ladder *ladder = climb->ladder;
    double share = ladder->loss == HG_LOSS_SSE ? 0.5 : 1 / (double)climb->pca->features;

    ladder->mean = hg__pca_residual(climb->pca, 0) * share;
    for (size_t k = 0; k < ladder->rungs; k++)
        ladder->pca[k] = hg__pca_residual(climb->pca, k + 1) * share;
}

static enum hg_status climb_all(struct climb *climb, struct hg_error *error)
{
    bool done = true;

    if (climb->ladder->loss == HG_LOSS_BCE) {
        climb->rebuilt = hg__alloc(climb->pca->features, sizeof(double));
        if (!climb->rebuilt)
            return hg_error_set(error, HG_NO_MEMORY, "floors: out of memory");
        done = climb_bce(climb);
        hg__free(climb->rebuilt);
    } else if (climb->ladder->loss == HG_LOSS_RMSE) {
        done = climb_rmse(climb);
    } else {
        climb_squares(climb);
    }
    return done ? HG_OK : hg_error_set(error, HG_FAILED, "floors: cancelled");
}

enum hg_status hg__ladder_climb(const struct hg__ladder_wish *wish, struct hg_ladder *ladder,
                                struct hg__pca *axes, struct hg_error *error)
{
    const struct hg_dataset *dataset = wish->dataset;
    size_t rungs = wish->rungs < HG_LADDER_MOST ? wish->rungs : HG_LADDER_MOST;
    struct hg__pca_input input = {.values = dataset->values,
                                  .order = dataset->order,
                                  .samples = dataset->training,
                                  .features = dataset->features,
                                  .count = axes && rungs < 2 ? 2 : rungs,
                                  .cancel = wish->cancel};
    struct hg__pca pca;
    struct climb climb = {
        .dataset = dataset, .pca = &pca, .cancel = wish->cancel, .ladder = ladder};
    enum hg_status status;

    memset(ladder, 0, sizeof *ladder);
    ladder->loss = wish->loss;
    ladder->approximate = wish->loss == HG_LOSS_RMSE || wish->loss == HG_LOSS_BCE;
    status = hg__pca_fit(&input, &pca, error);
    if (status != HG_OK)
        return status;
    ladder->rungs = pca.count < rungs ? pca.count : rungs;
    status = climb_all(&climb, error);
    if (axes && status == HG_OK)
        *axes = pca;
    else
        hg__pca_fini(&pca);
    return status;
}

enum hg_status hg_ladder_compute(const struct hg_dataset *dataset, enum hg_loss loss, size_t rungs,
                                 struct hg_ladder *ladder, const volatile bool *cancel,
                                 struct hg_error *error)
{
    struct hg__ladder_wish wish = {dataset, loss, rungs, cancel};

    return hg__ladder_climb(&wish, ladder, NULL, error);
}
