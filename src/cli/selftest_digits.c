/* The ladder, and the first impression: the built-in digits with the default network. */
#include "cli/selftest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 5, EPOCHS = 10, LONG = 200, SMOOTH = 512 };

/* ---- floors, computed once more by their definition ---- */

/* -x ln y - (1 - x) ln(1 - y), where 0 ln 0 = 0 */
static double cross(double x, double y)
{
    return -(x > 0 ? x * log(y) : 0) - (x < 1 ? (1 - x) * log(1 - y) : 0);
}

/* The loss of a constant output, the mean of the training samples (of each by itself). */
static double mean_loss(const struct hg_dataset *dataset, enum hg_loss loss)
{
    double sum = 0, each = (double)dataset->features;
    double *mean = calloc(dataset->features, sizeof *mean);

    for (size_t s = 0; mean && s < dataset->training; s++)
        for (size_t i = 0; i < dataset->features; i++)
            mean[i] += (double)dataset->values[dataset->order[s] * dataset->features + i] /
                       (double)dataset->training;
    for (size_t s = 0; mean && s < dataset->training; s++) {
        const float *x = dataset->values + dataset->order[s] * dataset->features;
        double own = 0;
        for (size_t i = 0; i < dataset->features; i++) {
            double away = (double)x[i] - mean[i];
            own += loss == HG_LOSS_BCE ? cross((double)x[i], mean[i]) : away * away;
        }
        sum += loss == HG_LOSS_RMSE ? sqrt(own / each) : own / each;
    }
    if (!mean)
        return NAN;
    free(mean);
    return sum / (double)dataset->training;
}

/* What is lost even where every output is its input. */
static double entropy(const struct hg_dataset *dataset)
{
    double sum = 0;

    for (size_t s = 0; s < dataset->training; s++)
        for (size_t i = 0; i < dataset->features; i++) {
            double x = (double)dataset->values[dataset->order[s] * dataset->features + i];
            sum += cross(x, x);
        }
    return sum / (double)dataset->training / (double)dataset->features;
}

static bool in_order(const struct hg_ladder *ladder)
{
    return ladder->rungs == 2 && ladder->pca[0] < ladder->mean && ladder->pca[1] < ladder->pca[0] &&
           ladder->pca[1] > 0;
}

static enum hg_status judge_floors(struct cli_selftest *self, const struct hg_dataset *dataset,
                                   enum hg_loss loss)
{
    static const char *const pass[] = {
        [HG_LOSS_MSE] = "mean to 1e-6 what the mean image costs, PCA floors below it, exact",
        [HG_LOSS_RMSE] = "mean to 1e-6 what the mean image costs, PCA floors below it, approximate",
        [HG_LOSS_BCE] = "mean and entropy to 1e-6 by definition, PCA floors between, approximate"};
    struct hg_ladder ladder;
    enum hg_status status = hg_ladder_compute(dataset, loss, 2, &ladder, NULL, &self->error);
    bool right;
    char more[48] = "";

    if (status)
        return status;
    right = in_order(&ladder) && cli_near(ladder.mean, mean_loss(dataset, loss), 1e-6) &&
            ladder.approximate == (loss != HG_LOSS_MSE) &&
            ladder.has_entropy == (loss == HG_LOSS_BCE);
    if (loss == HG_LOSS_BCE) {
        right = right && cli_near(ladder.entropy, entropy(dataset), 1e-6) &&
                ladder.entropy < ladder.pca[1];
        snprintf(more, sizeof more, ", entropy %.4g", ladder.entropy);
    }
    cli_judge(self, right, pass[loss], "%s floors: mean %.4g, PCA-1 %.4g, PCA-2 %.4g%s",
              hg_loss_name(loss), ladder.mean, ladder.pca[0], ladder.pca[1], more);
    return HG_OK;
}

/* ---- first impression ---- */

/* On the chart: each of the first steps by itself, from the mean down past PCA-1. */
static void judge_chart(struct cli_selftest *self, const struct hg_trainer *trainer,
                        const struct hg_ladder *ladder)
{
    const struct hg_series *series = hg_trainer_series(trainer);
    uint64_t single = 0, passed = 0;

    for (size_t i = 0; i < series->count; i++) {
        const struct hg_series_point *point = &series->points[i];
        if (point->first == point->last && point->first == single + 1)
            single++;
        if (!passed && point->mean < ladder->pca[0])
            passed = point->first;
    }
    cli_judge(self,
              single >= SMOOTH && passed > 1 && passed < single &&
                  series->points[0].mean > ladder->pca[0],
              "a point a step in the first epochs, the fall past PCA-1 among them",
              "the chart has a point for each of the first %llu steps; step %llu is below PCA-1",
              (unsigned long long)single, (unsigned long long)passed);
}

static enum hg_status one_seed(struct cli_selftest *self, uint64_t seed, double *part)
{
    const struct cli_study study = {.sample = "digits", .epochs = EPOCHS};
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    enum hg_status status = cli_study_run(self, &study, seed, &trainer);

    if (status)
        return status;
    status = cli_study_ladder(self, trainer, 2, &ladder);
    if (status == HG_OK) {
        *part = cli_study_loss(trainer) / ladder.pca[1];
        if (seed == self->seed)
            judge_chart(self, trainer, &ladder);
    }
    hg_trainer_destroy(trainer);
    return status;
}

static enum hg_status judge_floors_of_all(struct cli_selftest *self)
{
    const struct cli_study study = {.sample = "digits"};
    struct hg_trainer *trainer;
    enum hg_status status = cli_study_open(self, &study, self->seed, &trainer);

    for (int loss = HG_LOSS_MSE; loss <= HG_LOSS_BCE && status == HG_OK; loss++)
        status = judge_floors(self, hg_trainer_experiment(trainer)->dataset, (enum hg_loss)loss);
    hg_trainer_destroy(trainer);
    return status;
}

/* Enough samples: a long run does not learn them by heart. */
static enum hg_status judge_long(struct cli_selftest *self)
{
    const struct cli_study study = {.sample = "digits", .epochs = LONG};
    struct hg_symptoms symptoms = {.gradient_ratio = NAN};
    struct hg_diagnosis diagnosis;
    struct hg_health *health = calloc(1, sizeof *health);
    struct hg_trainer *trainer;
    double best = INFINITY, last = NAN;
    enum hg_status status;

    if (!health)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for figures");
    status = cli_study_run(self, &study, self->seed, &trainer);
    if (status == HG_OK)
        status = cli_study_diagnose(self, trainer, &symptoms, health, &diagnosis);
    if (status == HG_OK) {
        const struct hg_history *history = hg_trainer_history(trainer);
        for (size_t i = 0; i < history->count; i++) {
            last = history->epochs[i].validation;
            best = fmin(best, last);
        }
        cli_judge(self,
                  last <= 1.05 * best && !cli_study_finding(&diagnosis, HG_FINDING_OVERFITTING),
                  "at most 1.05 of its best, and the doctor sees no overfitting",
                  "after %d epochs the validation loss is %.4f, %.3f of its best", LONG, last,
                  last / best);
    }
    hg_trainer_destroy(trainer);
    free(health);
    return status;
}

enum hg_status cli_selftest_digits(struct cli_selftest *self)
{
    double part[SEEDS];
    enum hg_status status = judge_floors_of_all(self);

    for (size_t i = 0; i < SEEDS && status == HG_OK; i++)
        status = one_seed(self, self->seed + i, &part[i]);
    if (status == HG_OK)
        cli_judge(self, cli_below(part, SEEDS, 1) == SEEDS, "below PCA-2 from 5 of 5 seeds",
                  "after %d epochs below PCA-2 from %zu of %d seeds, at most %.2f of it", EPOCHS,
                  cli_below(part, SEEDS, 1), SEEDS, cli_largest(part, SEEDS));
    return status == HG_OK ? judge_long(self) : status;
}
