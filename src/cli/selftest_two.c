/* Two digits: a network whose output is the average of its inputs, why, and what cures it. */
#include "cli/selftest.h"

#include <math.h>
#include <stdlib.h>

enum { SEEDS = 8, FEW = 4 };

static const char *const trap[] = {"data.center", "no", "model.output_bias", "zero", NULL};
static const char *const mean_alone[] = {"data.center", "no", NULL};
static const char *const centre_alone[] = {"model.output_bias", "zero", NULL};
static const char *const unit[] = {"data.scale", "0..1", NULL};
static const char *const nineteen[] = {"data.only", "1 2", "data.limit", "19", NULL};
static const char *const deep[] = {"model.encoder",
                                   "dense 16 tanh, dense 8 tanh",
                                   "model.code",
                                   "8 tanh",
                                   "model.decoder",
                                   "dense 16 tanh",
                                   NULL};

/* ---- the images ---- */

static enum hg_status judge_images(struct cli_selftest *self)
{
    const struct cli_study study = {.sample = "two-digits"};
    const struct hg_dataset *dataset;
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    size_t differ = 0, grey = 0;
    enum hg_status status = cli_study_open(self, &study, self->seed, &trainer);

    if (status)
        return status;
    dataset = hg_trainer_experiment(trainer)->dataset;
    status = cli_study_ladder(self, trainer, 1, &ladder);
    for (size_t i = 0; i < dataset->samples * dataset->features; i++)
        grey += fabsf(dataset->values[i]) != 1;
    for (size_t i = 0; i < dataset->features && dataset->samples == 2; i++)
        differ += dataset->values[i] != dataset->values[dataset->features + i];
    if (status == HG_OK)
        cli_judge(self,
                  dataset->samples == 2 && dataset->features == 4096 && grey == 0 && differ > 0 &&
                      ladder.mean == (double)differ / 4096 && ladder.pca[0] == 0,
                  "mean floor = differing pixels / 4096 exactly, PCA-1 floor 0, no grey",
                  "%zu of 4096 pixels differ, %zu are grey: mean floor %.10g, PCA-1 floor %g",
                  differ, grey, ladder.mean, ladder.pca[0]);
    hg_trainer_destroy(trainer);
    return status;
}

/* ---- the trap and its cures ---- */

static enum hg_status judge_trap(struct cli_selftest *self)
{
    const struct cli_study study = {.sample = "two-digits", .set = trap};
    struct cli_outcomes out;
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    size_t learned, collapsed;
    double median;
    enum hg_status status = cli_study_seeds(self, &study, SEEDS, &out);

    if (status == HG_OK)
        status = cli_study_open(self, &study, self->seed, &trainer);
    if (status)
        return status;
    status = cli_study_ladder(self, trainer, 1, &ladder);
    hg_trainer_destroy(trainer);
    if (status)
        return status;
    learned = SEEDS - cli_below(out.collapse, SEEDS, 0.9);
    collapsed = cli_below(out.collapse, SEEDS, 0.01);
    median = cli_median(out.loss, SEEDS);
    cli_judge(self, learned == 0 && collapsed >= 4 && cli_near(median, ladder.mean, 0.01),
              "0 of 8, at least 4 of 8, within 1 % of the mean floor",
              "the trap: C > 0.9 from %zu of %d seeds, C < 0.01 from %zu, median mse %.4g, mean "
              "floor %.4g",
              learned, SEEDS, collapsed, median, ladder.mean);
    return HG_OK;
}

/* A way of training that learns. */
static enum hg_status judge_cure(struct cli_selftest *self, const char *name,
                                 const char *const *set)
{
    const struct cli_study study = {.sample = "two-digits", .set = set};
    struct cli_outcomes out;
    enum hg_status status = cli_study_seeds(self, &study, SEEDS, &out);

    if (status == HG_OK)
        cli_judge(self,
                  cli_above(out.collapse, SEEDS, 0.9) == SEEDS &&
                      cli_below(out.loss, SEEDS, 0.001) == SEEDS,
                  "8 of 8, mse below 0.001", "%s: C > 0.9 from %zu of %d seeds, mse at most %.2g",
                  name, cli_above(out.collapse, SEEDS, 0.9), SEEDS, cli_largest(out.loss, SEEDS));
    return status;
}

/* A way of training that at least tells the two apart. */
static enum hg_status judge_no_collapse(struct cli_selftest *self, const char *name,
                                        const char *const *set, const char *const *also)
{
    const struct cli_study study = {.sample = "two-digits", .set = set, .also = also};
    struct cli_outcomes out;
    enum hg_status status = cli_study_seeds(self, &study, SEEDS, &out);

    if (status == HG_OK)
        cli_judge(self, cli_above(out.collapse, SEEDS, 0.01) == SEEDS, "C < 0.01 from none of 8",
                  "%s: C > 0.01 from %zu of %d seeds, mse at most %.2g", name,
                  cli_above(out.collapse, SEEDS, 0.01), SEEDS, cli_largest(out.loss, SEEDS));
    return status;
}

/* ---- what the doctor says ---- */

struct visit {
    struct hg_health health;
    struct hg_diagnosis diagnosis;
};

static enum hg_status diagnose(struct cli_selftest *self, const char *const *set,
                               struct visit *visit)
{
    const struct cli_study study = {.sample = "two-digits", .set = set};
    struct hg_symptoms symptoms = {.gradient_ratio = NAN};
    struct hg_trainer *trainer;
    enum hg_status status = cli_study_run(self, &study, self->seed, &trainer);

    if (status == HG_OK)
        status = cli_study_diagnose(self, trainer, &symptoms, &visit->health, &visit->diagnosis);
    hg_trainer_destroy(trainer);
    return status;
}

static void judge_cause(struct cli_selftest *self, const struct visit *visit)
{
    const struct hg_diagnosis *found = &visit->diagnosis;
    const struct hg_health *health = &visit->health;

    cli_judge(self,
              found->count > 1 && found->finding[0].kind == HG_FINDING_STEP_TOO_LARGE &&
                  cli_study_finding(found, HG_FINDING_MEAN_COLLAPSE) &&
                  cli_near(health->step_size, 4.096, 1e-3) && health->step_centred > 0.4 &&
                  health->step_centred < 0.6,
              "step_too_large, before mean_collapse; 0.001 x 4096 = 4.1, centred about 0.5",
              "the doctor of the trap names %s first: lr |x| = %.4g, centred %.2g",
              found->count ? hg_finding_name(found->finding[0].kind) : "nothing", health->step_size,
              health->step_centred);
}

static void judge_healthy(struct cli_selftest *self, const struct visit *visit)
{
    const struct hg_health *health = &visit->health;
    bool alarm = cli_study_finding(&visit->diagnosis, HG_FINDING_MEAN_COLLAPSE);

    cli_judge(self, !alarm && health->collapse > 0.9 && health->code_spread > 0.1,
              "no mean_collapse: it is the spread of the code that counts",
              "the doctor of output_bias = mean: first layer %.0f %% saturated, spread of the "
              "code %.2f, %s",
              100 * health->layer[0].saturated, health->code_spread,
              alarm ? "mean_collapse" : "no mean_collapse");
}

static enum hg_status judge_doctor(struct cli_selftest *self)
{
    struct visit *visit = calloc(1, sizeof *visit);
    enum hg_status status;

    if (!visit)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for a diagnosis");
    status = diagnose(self, trap, visit);
    if (status == HG_OK) {
        judge_cause(self, visit);
        status = diagnose(self, mean_alone, visit);
    }
    if (status == HG_OK)
        judge_healthy(self, visit);
    free(visit);
    return status;
}

/* ---- nineteen images ---- */

static enum hg_status judge_nineteen(struct cli_selftest *self)
{
    const struct cli_study way[] = {
        {.sample = "two-digits", .set = nineteen, .also = deep, .epochs = 2000},
        {.sample = "two-digits", .set = nineteen, .epochs = 600},
        {.sample = "two-digits", .set = nineteen, .also = trap, .epochs = 600}};
    struct cli_outcomes out[3];
    enum hg_status status = HG_OK;

    for (int i = 0; i < 3 && status == HG_OK; i++)
        status = cli_study_seeds(self, &way[i], FEW, &out[i]);
    if (status)
        return status;
    cli_judge(self, cli_above(out[0].collapse, FEW, 0.9) == FEW, "C > 0.9 after 2,000 epochs",
              "19 images through 16-8-8-16: C at least %.3f from %d seeds",
              cli_smallest(out[0].collapse, FEW), FEW);
    cli_judge(self, cli_above(out[1].collapse, FEW, 0.5) == FEW, "C > 0.5 after 600 epochs",
              "19 images through 64-8: C at least %.3f from %d seeds",
              cli_smallest(out[1].collapse, FEW), FEW);
    cli_judge(self, cli_below(out[2].collapse, FEW, 0.01) == FEW, "C < 0.01 after 600 epochs",
              "19 images through 64-8, the trap: C at most %.2g from %d seeds",
              cli_largest(out[2].collapse, FEW), FEW);
    return HG_OK;
}

enum hg_status cli_selftest_two(struct cli_selftest *self)
{
    enum hg_status status = judge_images(self);

    if (status == HG_OK)
        status = judge_trap(self);
    if (status == HG_OK)
        status = judge_cure(self, "the default", NULL);
    if (status == HG_OK)
        status = judge_cure(self, "output_bias = mean alone", mean_alone);
    if (status == HG_OK)
        status = judge_no_collapse(self, "center = yes alone", centre_alone, NULL);
    if (status == HG_OK)
        status = judge_no_collapse(self, "the trap scaled 0..1", trap, unit);
    if (status == HG_OK)
        status = judge_doctor(self);
    if (status == HG_OK)
        status = judge_nineteen(self);
    return status == HG_OK ? cli_selftest_faults(self) : status;
}
