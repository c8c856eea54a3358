/* Faces: each comes back as itself. */
#include "cli/selftest.h"

#include <stdlib.h>

static double distance(const float *x, const float *y, size_t features)
{
    double sum = 0;

    for (size_t i = 0; i < features; i++)
        sum += (double)(y[i] - x[i]) * (double)(y[i] - x[i]);
    return sum;
}

/* Of how many one would say from the reconstruction whose face it is. */
static size_t recognised(const struct hg_dataset *dataset, const float *output)
{
    size_t count = 0, features = dataset->features;

    for (size_t s = 0; s < dataset->samples; s++) {
        const float *y = output + s * features;
        double own = distance(dataset->values + s * features, y, features);
        size_t nearer = 0;
        for (size_t t = 0; t < dataset->samples; t++)
            nearer += t != s && distance(dataset->values + t * features, y, features) <= own;
        count += nearer == 0;
    }
    return count;
}

static enum hg_status judge(struct cli_selftest *self, struct hg_trainer *trainer,
                            struct hg_health *health)
{
    const struct hg_experiment *experiment = hg_trainer_experiment(trainer);
    const struct hg_dataset *dataset = experiment->dataset;
    float *output = calloc(dataset->samples * dataset->features, sizeof *output);
    enum hg_status status = hg_health_measure(trainer, health, &self->error);
    size_t count;

    if (!output)
        status = hg_error_set(&self->error, HG_NO_MEMORY, "no memory for the faces");
    if (status == HG_OK) {
        hg_model_reconstruct(experiment->model, dataset->values, dataset->samples, output, NULL);
        count = recognised(dataset, output);
        cli_judge(self, count == dataset->samples && dataset->samples > 1 && health->collapse > 0.9,
                  "every one, C > 0.9",
                  "%zu of %zu faces come back nearest to themselves, C = %.3f", count,
                  dataset->samples, health->collapse);
    }
    free(output);
    return status;
}

enum hg_status cli_selftest_faces(struct cli_selftest *self)
{
    const struct cli_study study = {.sample = "faces"};
    struct hg_health *health = calloc(1, sizeof *health);
    struct hg_trainer *trainer;
    enum hg_status status;

    if (!health)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for figures");
    status = cli_study_run(self, &study, self->seed, &trainer);
    if (status == HG_OK)
        status = judge(self, trainer, health);
    hg_trainer_destroy(trainer);
    free(health);
    return status;
}
