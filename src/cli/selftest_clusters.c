/* Four clusters through two values: five steps of each optimizer, and the walk down the rungs. */
#include "cli/selftest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 8, DIMS = 4, STEPS = 5 };

/* ---- optimizers on theta^2 / 2 ---- */

/* One sample, 0; all weights 0: the output is its bias, theta, the sse theta^2 / 2. */
static const char *const theta[] = {"data.source",
                                    "gaussians",
                                    "data.validation",
                                    "0",
                                    "data.center",
                                    "no",
                                    "data.scale",
                                    "none",
                                    "gaussians.clusters",
                                    "1",
                                    "gaussians.dims",
                                    "1",
                                    "gaussians.points",
                                    "1",
                                    "gaussians.spread",
                                    "0",
                                    "gaussians.center.1",
                                    "0",
                                    "model.encoder",
                                    "none",
                                    "model.code",
                                    "1",
                                    "model.decoder",
                                    "none",
                                    "model.output",
                                    "linear",
                                    "model.loss",
                                    "sse",
                                    "train.lr",
                                    "0.1",
                                    "train.batch",
                                    "0",
                                    NULL};
static const struct cli_tensor theta_begin[] = {{"encoder.0.weight", {0}},
                                                {"encoder.0.bias", {0}},
                                                {"decoder.0.weight", {0}},
                                                {"decoder.0.bias", {1}},
                                                {NULL, {0}}};

static const struct steps {
    const char *optimizer, *pass;
    double wanted[STEPS];
} steps[] = {
    {"sgd", ".9 .81 .729 .6561 .59049", {.9, .81, .729, .6561, .59049}},
    {"momentum",
     ".99 .9711 .944379 .91088631 .8716340259",
     {.99, .9711, .944379, .91088631, .8716340259}},
    {"rmsprop", "1e-7 -5e-10 0 0 0", {1e-7, -5e-10, 0, 0, 0}},
    {"adam",
     ".900000001 .8004122297 .7015862745 .6039390627 .5079636619",
     {.900000001, .8004122297, .7015862745, .6039390627, .5079636619}},
};

static double read_theta(const struct hg_model *model)
{
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        float value;
        if (strcmp(info.name, "decoder.0.bias") != 0 || info.count != 1)
            continue;
        hg_model_read(model, i, HG_PART_VALUE, &value);
        return (double)value;
    }
    return NAN;
}

/* float32 has steps of 1.2e-7 at the first value, 1, which is where rmsprop jumps from. */
static enum hg_status judge_optimizer(struct cli_selftest *self, const struct steps *line)
{
    const char *const which[] = {"train.optimizer", line->optimizer, NULL};
    const struct cli_study study = {.set = theta, .also = which};
    struct hg_trainer *trainer;
    struct hg_model *model;
    double value[STEPS];
    bool right = true;
    enum hg_status status = cli_study_open(self, &study, self->seed, &trainer);

    if (status)
        return status;
    model = hg_trainer_experiment(trainer)->model;
    right = cli_tensors_set(model, theta_begin);
    for (int i = 0; i < STEPS && status == HG_OK; i++) {
        status = cli_study_train(self, trainer, 0, (uint64_t)i + 1);
        value[i] = read_theta(model);
        right = right &&
                fabs(value[i] - line->wanted[i]) <= fmax(1e-5 * fabs(line->wanted[i]), 2.4e-7);
    }
    if (status == HG_OK)
        cli_judge(self, right, line->pass, "five steps of %s: %.7g %.7g %.7g %.7g %.7g",
                  line->optimizer, value[0], value[1], value[2], value[3], value[4]);
    hg_trainer_destroy(trainer);
    return status;
}

/* ---- the walk down the rungs ---- */

struct walk {
    size_t on[3]; /* epochs on the mean, then on PCA-1, then on PCA-2 */
    double end;   /* the loss over PCA-2 */
};

static bool rests(double loss, double rung)
{
    return cli_near(loss, rung, 0.1);
}

static void look_back(const struct hg_history *history, const struct hg_ladder *ladder,
                      struct walk *walk)
{
    const double rung[3] = {ladder->mean, ladder->pca[0], ladder->pca[1]};
    const size_t enough[3] = {0, 5, 20}; /* on the rung before */

    memset(walk->on, 0, sizeof walk->on);
    for (size_t i = 0; i < history->count; i++)
        for (size_t k = 0; k < 3; k++)
            walk->on[k] += rests(history->epochs[i].train, rung[k]) &&
                           (k == 0 || walk->on[k - 1] >= enough[k]);
}

static enum hg_status walk_down(struct cli_selftest *self, uint64_t seed, struct walk *walk)
{
    const struct cli_study study = {.sample = "clusters"};
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    enum hg_status status = cli_study_run(self, &study, seed, &trainer);

    if (status)
        return status;
    status = cli_study_ladder(self, trainer, 2, &ladder);
    if (status == HG_OK) {
        look_back(hg_trainer_history(trainer), &ladder, walk);
        walk->end = cli_study_loss(trainer) / ladder.pca[1];
    }
    hg_trainer_destroy(trainer);
    return status;
}

static enum hg_status judge_walk(struct cli_selftest *self)
{
    size_t right = 0, least[3] = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    double end[SEEDS];

    for (size_t i = 0; i < SEEDS; i++) {
        struct walk walk;
        enum hg_status status = walk_down(self, self->seed + i, &walk);
        if (status)
            return status;
        right += walk.on[0] >= 5 && walk.on[1] >= 20 && walk.on[2] >= 20 && walk.end < 0.35;
        for (int k = 0; k < 3; k++)
            least[k] = walk.on[k] < least[k] ? walk.on[k] : least[k];
        end[i] = walk.end;
    }
    cli_judge(self, right == SEEDS,
              "at least 5, then 20, then 20 epochs within 10 %, end below 0.35 x PCA-2, 8 of 8",
              "down the rungs from %zu of %d seeds: at least %zu epochs on the mean, %zu on PCA-1, "
              "%zu on PCA-2, end at most %.2f x PCA-2",
              right, SEEDS, least[0], least[1], least[2], cli_largest(end, SEEDS));
    return HG_OK;
}

/* ---- adam; and a network without bends ---- */

static const char *const adam[] = {"model.init", "auto", "train.optimizer", "adam", NULL};
static const char *const quick[] = {"train.lr", "0.003", NULL};
static const char *const linear[] = {
    "train.lr",      "0.001",   "model.encoder", "dense 6", "model.code", "2",
    "model.decoder", "dense 5", "model.output",  "linear",  NULL};

/* Two directions of the data's space, orthonormal afterwards. */
typedef double plane[2][DIMS];

static double dot(const double *a, const double *b)
{
    double sum = 0;

    for (int i = 0; i < DIMS; i++)
        sum += a[i] * b[i];
    return sum;
}

static void straighten(plane span)
{
    for (int k = 0; k < 2; k++) {
        double length, along = k ? dot(span[0], span[1]) : 0;
        for (int i = 0; i < DIMS; i++)
            span[k][i] -= along * span[0][i];
        length = sqrt(dot(span[k], span[k]));
        for (int i = 0; i < DIMS; i++)
            span[k][i] /= length;
    }
}

/* The plane of the two largest principal components, by iteration. */
static void principal_plane(const struct hg_dataset *dataset, plane span)
{
    double covariance[DIMS][DIMS] = {{0}};

    for (size_t s = 0; s < dataset->training; s++) {
        const float *x = dataset->values + dataset->order[s] * DIMS;
        for (int i = 0; i < DIMS; i++)
            for (int j = 0; j < DIMS; j++)
                covariance[i][j] += (double)(x[i] - dataset->mean[i]) *
                                    (double)(x[j] - dataset->mean[j]);
    }
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < DIMS; i++)
            span[k][i] = i == k || i == k + 2;
    for (int round = 0; round < 500; round++) {
        plane next;
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < DIMS; i++)
                next[k][i] = dot(covariance[i], span[k]);
        memcpy(span, next, sizeof next);
        straighten(span);
    }
}

/* What the two code values add to the output. */
static void decoded_plane(struct hg_model *model, plane span)
{
    static const float codes[6] = {0, 0, 1, 0, 0, 1};
    float output[3 * DIMS];

    hg_model_decode(model, codes, 3, output);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < DIMS; i++)
            span[k][i] = (double)output[(k + 1) * DIMS + i] - (double)output[i];
    straighten(span);
}

/* The larger principal angle of two planes, in degrees: what of `from` lies outside `to`, at
 * most, is its sine. */
static double angle_between(plane from, plane to)
{
    double a, b, c, sine, square;
    plane left;

    for (int k = 0; k < 2; k++)
        for (int i = 0; i < DIMS; i++)
            left[k][i] = from[k][i] - dot(from[k], to[0]) * to[0][i] -
                         dot(from[k], to[1]) * to[1][i];
    a = dot(left[0], left[0]);
    b = dot(left[0], left[1]);
    c = dot(left[1], left[1]);
    square = (a + c) / 2 + sqrt((a - c) * (a - c) / 4 + b * b);
    sine = sqrt(fmin(square, 1));
    return asin(sine) * 180 / acos(-1);
}

/* The end over PCA-2 and, where wanted, the angle of a network with two linear code values. */
static enum hg_status end_of(struct cli_selftest *self, const struct cli_study *study,
                             uint64_t seed, double *end, double *angle)
{
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    plane learned, principal;
    enum hg_status status = cli_study_run(self, study, seed, &trainer);

    if (status)
        return status;
    status = cli_study_ladder(self, trainer, 2, &ladder);
    if (status == HG_OK)
        *end = cli_study_loss(trainer) / ladder.pca[1];
    if (status == HG_OK && angle) {
        decoded_plane(hg_trainer_experiment(trainer)->model, learned);
        principal_plane(hg_trainer_experiment(trainer)->dataset, principal);
        *angle = angle_between(learned, principal);
    }
    hg_trainer_destroy(trainer);
    return status;
}

static enum hg_status judge_ends(struct cli_selftest *self)
{
    const struct cli_study fast = {.sample = "clusters", adam, quick, .epochs = 300};
    const struct cli_study flat = {.sample = "clusters", adam, linear, .epochs = 1000};
    double end[SEEDS], plain[SEEDS], angle[SEEDS];

    for (size_t i = 0; i < SEEDS; i++) {
        enum hg_status status = end_of(self, &fast, self->seed + i, &end[i], NULL);
        if (status == HG_OK)
            status = end_of(self, &flat, self->seed + i, &plain[i], &angle[i]);
        if (status)
            return status;
    }
    cli_judge(self, cli_below(end, SEEDS, 0.35) == SEEDS, "below 0.35 x PCA-2",
              "init = auto, adam, 300 epochs: at most %.2f x PCA-2 from %d seeds",
              cli_largest(end, SEEDS), SEEDS);
    cli_judge(self,
              cli_largest(plain, SEEDS) <= 1.02 && cli_smallest(plain, SEEDS) >= 0.98 &&
                  cli_below(angle, SEEDS, 1) == SEEDS,
              "within 2 % of PCA-2, principal angles below 1 degree",
              "linear, 1,000 epochs: %.4f to %.4f x PCA-2, largest angle to the PCA-2 plane %.2g "
              "degrees, from %d seeds",
              cli_smallest(plain, SEEDS), cli_largest(plain, SEEDS), cli_largest(angle, SEEDS),
              SEEDS);
    return HG_OK;
}

/* ---- an output that cannot reach ---- */

static enum hg_status judge_reach(struct cli_selftest *self)
{
    static const char *const sigmoid[] = {"model.output", "sigmoid", NULL};
    const struct cli_study study = {.sample = "clusters", .set = sigmoid};
    const struct hg_experiment *experiment;
    const char *said = NULL;
    struct hg_trainer *trainer;
    enum hg_status status = cli_study_open(self, &study, self->seed, &trainer);

    if (status)
        return status;
    experiment = hg_trainer_experiment(trainer);
    for (size_t i = 0; i < experiment->note_count; i++)
        if (strstr(experiment->notes[i], "output range 0..1 cannot reach -"))
            said = experiment->notes[i];
    cli_judge(self, said && hg_trainer_progress(trainer)->step == 0,
              "warned before training that 0..1 cannot reach the data", "sigmoid output: %s",
              said ? said : "no warning");
    hg_trainer_destroy(trainer);
    return HG_OK;
}

enum hg_status cli_selftest_clusters(struct cli_selftest *self)
{
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == HG_OK; i++)
        status = judge_optimizer(self, &steps[i]);
    if (status == HG_OK)
        status = judge_walk(self);
    if (status == HG_OK)
        status = judge_ends(self);
    return status == HG_OK ? judge_reach(self) : status;
}
