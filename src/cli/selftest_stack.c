/* stack-gradient and mean-trap: numbers from elsewhere, to five digits. */
#include "cli/selftest.h"

#include <math.h>

/* Relative; ours are float32. */
static const double close_to = 1e-5;

static struct hg_model *model_of(const struct hg_trainer *trainer)
{
    return hg_trainer_experiment(trainer)->model;
}

/* The gradient of all samples; false where the trainer has none. */
static void differentiate(const struct hg_trainer *trainer)
{
    const struct hg_dataset *dataset = hg_trainer_experiment(trainer)->dataset;
    struct hg_batch batch = {.input = dataset->values,
                             .target = dataset->values,
                             .samples = dataset->samples,
                             .seed = 1};
    double loss;

    hg_model_differentiate(model_of(trainer), &batch, &loss, NULL);
}

static void judge_start(struct cli_selftest *self, const struct hg_trainer *trainer, double wanted,
                        const struct hg_ladder *ladder, const double floors[2])
{
    double cost = cli_study_loss(trainer);
    bool one = floors[1] > 0 ? cli_near(ladder->pca[0], floors[1], close_to)
                             : ladder->pca[0] < 1e-12;

    cli_judge(self,
              cli_near(cost, wanted, close_to) && cli_near(ladder->mean, floors[0], close_to) &&
                  one,
              floors[1] > 0 ? "0.58456091; 0.0336119677, 0.0026546800; to 1e-5"
                            : "0.0090821021; 0.0059922050, 0; to 1e-5",
              "cost %.8f; floors: mean %.10f, PCA-1 %.10f", cost, ladder->mean, ladder->pca[0]);
}

static void judge_gradient(struct cli_selftest *self, const struct hg_trainer *trainer,
                           const struct cli_tensor *wanted)
{
    double error;

    differentiate(trainer);
    error = cli_tensors_error(model_of(trainer), HG_PART_GRADIENT, wanted);
    cli_judge(self, error < close_to, "1e-5",
              "gradients of all tensors: relative error at most %.1e", error);
}

/* Opens a study at known weights. */
static enum hg_status open_at(struct cli_selftest *self, const struct cli_study *study,
                              const struct cli_tensor *begin, struct hg_trainer **trainer)
{
    enum hg_status status = cli_study_open(self, study, self->seed, trainer);

    if (status == HG_OK && !cli_tensors_set(model_of(*trainer), begin))
        status = hg_error_set(&self->error, HG_FAILED, "%s: the weights do not fit", study->sample);
    return status;
}

/* ---- stack-gradient ---- */

static const char *const stack_data[] = {"data.source",
                                         "gaussians",
                                         "gaussians.clusters",
                                         "5",
                                         "gaussians.dims",
                                         "2",
                                         "gaussians.points",
                                         "1",
                                         "gaussians.spread",
                                         "0",
                                         "gaussians.center.1",
                                         ".5488135 .71518937",
                                         "gaussians.center.2",
                                         ".60276338 .54488318",
                                         "gaussians.center.3",
                                         ".4236548 .64589411",
                                         "gaussians.center.4",
                                         ".43758721 .891773",
                                         "gaussians.center.5",
                                         ".96366276 .38344152",
                                         "model.init",
                                         "auto",
                                         NULL};

static const struct cli_tensor stack_begin[] = {
    {"encoder.0.weight", {.417022, .72032449, .00011437, .30233257}},
    {"encoder.0.bias", {.14675589, .09233859}},
    {"decoder.0.weight", {.18626021, .34556073, .39676747, .53881673}},
    {"decoder.0.bias", {.41919451, .6852195}},
    {"decoder.2.weight", {.20445225, .87811744, .02738759, .67046751}},
    {"decoder.2.bias", {.4173048, .55868983}},
    {NULL, {0}}};

static const struct cli_tensor stack_gradient[] = {
    {"encoder.0.weight", {.0115323841, .0191580177, .011584746, .0194557431}},
    {"encoder.0.bias", {.0188271289, .031501354}},
    {"decoder.0.weight", {.1177668411, .0727695607, .1321237101, .0816379522}},
    {"decoder.0.bias", {.1965652602, .1213452146}},
    {"decoder.2.weight", {-.0113745326, .7234683012, -.0128786302, .8164733125}},
    {"decoder.2.bias", {-.0157725778, 1.0491846337}},
    {NULL, {0}}};

/* Twice it looks stuck. */
static enum hg_status judge_descent(struct cli_selftest *self, struct hg_trainer *trainer)
{
    static const struct {
        uint64_t steps;
        double cost;
    } wanted[] = {
        {1000, .03370}, {10000, .03348}, {20000, .03135}, {30000, .00266}, {50000, .00262}};
    enum { COUNT = sizeof wanted / sizeof *wanted };
    double cost[COUNT];
    bool right = true;

    for (int i = 0; i < COUNT; i++) {
        enum hg_status status = cli_study_train(self, trainer, 0, wanted[i].steps);
        if (status)
            return status;
        cost[i] = cli_study_loss(trainer);
        right = right && cli_near(cost[i], wanted[i].cost, 0.02);
    }
    cli_judge(self, right, ".03370 .03348 .03135 .00266 .00262, each within 2 %",
              "cost after 1,000, 10,000, 20,000, 30,000, 50,000 steps: %.5f %.5f %.5f %.5f %.5f",
              cost[0], cost[1], cost[2], cost[3], cost[4]);
    return HG_OK;
}

enum hg_status cli_selftest_stack(struct cli_selftest *self)
{
    static const double floors[2] = {.0336119677, .0026546800};
    const struct cli_study study = {.sample = "stack-gradient", .set = stack_data};
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    enum hg_status status = open_at(self, &study, stack_begin, &trainer);

    if (status == HG_OK)
        status = cli_study_ladder(self, trainer, 1, &ladder);
    if (status == HG_OK) {
        judge_start(self, trainer, .58456091, &ladder, floors);
        judge_gradient(self, trainer, stack_gradient);
        status = judge_descent(self, trainer);
    }
    hg_trainer_destroy(trainer);
    return status;
}

/* ---- mean-trap ---- */

static const char *const trap_data[] = {"data.source",
                                        "gaussians",
                                        "gaussians.clusters",
                                        "2",
                                        "gaussians.dims",
                                        "2",
                                        "gaussians.points",
                                        "1",
                                        "gaussians.spread",
                                        "0",
                                        "gaussians.center.1",
                                        ".37853141 1",
                                        "gaussians.center.2",
                                        ".59747807 1",
                                        NULL};
static const char *const row_data[] = {"data.source",
                                       "gaussians",
                                       "gaussians.clusters",
                                       "1",
                                       "gaussians.dims",
                                       "2",
                                       "gaussians.points",
                                       "1",
                                       "gaussians.spread",
                                       "0",
                                       "gaussians.center.1",
                                       ".95023264 1",
                                       NULL};
static const char *const rate_001[] = {"train.lr", "0.001", NULL};
static const char *const rate_01[] = {"train.lr", "0.1", NULL};
static const char *const rate_1[] = {"train.lr", "1", NULL};

static const double trap_mean = .0059922050;

static const struct cli_tensor trap_begin[] = {
    {"encoder.0.weight", {.5488135039, .7151893664}},
    {"decoder.0.weight", {.6027633761, .544883183}},
    {"decoder.2.weight", {.4236547993, .6458941131, .4375872113, .8917730008}},
    {NULL, {0}}};

static const struct cli_tensor trap_gradient[] = {
    {"encoder.0.weight", {-.0013725506, -.0022834062}},
    {"decoder.0.weight", {-.0061395562, -.0093141129}},
    {"decoder.2.weight", {.0187457663, -.0451200162, .0184481254, -.0443720773}},
    {NULL, {0}}};

static void judge_output(struct cli_selftest *self, const struct hg_trainer *trainer)
{
    static const double wanted[4] = {.5177383072, .923276024, .520552161, .9282665767};
    float y[4];
    double error = 0;

    hg_model_reconstruct(model_of(trainer), hg_trainer_experiment(trainer)->dataset->values, 2, y,
                         NULL);
    for (int i = 0; i < 4; i++)
        error = fmax(error, fabs((double)y[i] / wanted[i] - 1));
    cli_judge(self, error < close_to, ".5177383072 .9232760240, .5205521610 .9282665767; to 1e-5",
              "reconstructions %.7f %.7f, %.7f %.7f", (double)y[0], (double)y[1], (double)y[2],
              (double)y[3]);
}

static enum hg_status judge_numbers(struct cli_selftest *self)
{
    const double floors[2] = {trap_mean, 0};
    const struct cli_study study = {.sample = "mean-trap", .set = trap_data};
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    enum hg_status status = open_at(self, &study, trap_begin, &trainer);

    if (status == HG_OK)
        status = cli_study_ladder(self, trainer, 1, &ladder);
    if (status == HG_OK) {
        judge_start(self, trainer, .0090821021, &ladder, floors);
        judge_output(self, trainer);
        judge_gradient(self, trainer, trap_gradient);
    }
    hg_trainer_destroy(trainer);
    return status;
}

static enum hg_status judge_budget(struct cli_selftest *self)
{
    const struct cli_study small = {.sample = "mean-trap", trap_data, rate_001, .steps = 10000};
    const struct cli_study large = {.sample = "mean-trap", trap_data, rate_1, .steps = 20000};
    const struct cli_study row = {.sample = "mean-trap", row_data, rate_01, .steps = 10000};
    struct cli_outcomes out;
    size_t count;
    enum hg_status status = cli_study_seeds(self, &small, CLI_SEEDS, &out);

    if (status)
        return status;
    count = cli_above(out.loss, CLI_SEEDS, 0.9 * trap_mean);
    cli_judge(self, count == CLI_SEEDS, "20 of 20, cost > 0.9 of the mean floor",
              "lr 0.001 x 10,000 steps: stuck at the mean from %zu of %d seeds", count, CLI_SEEDS);
    status = cli_study_seeds(self, &large, CLI_SEEDS, &out);
    if (status)
        return status;
    count = cli_below(out.loss, CLI_SEEDS, 1e-6);
    cli_judge(self, count == CLI_SEEDS, "20 of 20, cost < 1e-6",
              "lr 1 x 20,000 steps: solved from %zu of %d seeds, cost at most %.1e", count,
              CLI_SEEDS, cli_largest(out.loss, CLI_SEEDS));
    status = cli_study_seeds(self, &row, CLI_SEEDS, &out);
    if (status)
        return status;
    count = cli_below(out.loss, CLI_SEEDS, 1e-7);
    cli_judge(self, count == CLI_SEEDS, "20 of 20, cost < 1e-7",
              "a single row, lr 0.1 x 10,000 steps: %zu of %d seeds, cost at most %.1e", count,
              CLI_SEEDS, cli_largest(out.loss, CLI_SEEDS));
    return HG_OK;
}

/* Every sample takes the first one's derivative: nearly right at the start, and never solved. */
static enum hg_status judge_fault(struct cli_selftest *self)
{
    static const char *const wrong[] = {"train.lr", "1", "lesson.fault", "row0-derivative", NULL};
    const struct cli_study study = {.sample = "mean-trap", trap_data, wrong, .steps = 20000};
    const struct hg_gradient_verdict *verdict;
    struct cli_outcomes out;
    struct cli_proof proof;
    struct hg_trainer *trainer;
    size_t solved;
    enum hg_status status = cli_study_seeds(self, &study, CLI_SEEDS, &out);

    if (status)
        return status;
    solved = CLI_SEEDS - cli_above(out.loss, CLI_SEEDS, 1e-6);
    cli_judge(self, solved == 0, "0 of 20",
              "fault row0-derivative, lr 1 x 20,000 steps: solved from %zu of %d seeds", solved,
              CLI_SEEDS);
    status = open_at(self, &study, trap_begin, &trainer);
    if (status == HG_OK)
        status = cli_study_check(self, trainer, &proof);
    hg_trainer_destroy(trainer);
    if (status)
        return status;
    verdict = proof.verdict;
    cli_judge(self,
              proof.count == 3 && proof.wrong > 0 && !verdict[0].right &&
                  proof.finding.fault == HG_FAULT_ROW0_DERIVATIVE,
              "analytic / numeric 1.060, which a loose check passes, is named",
              "its gradient at the start: numeric / analytic %.3f in %s, %.4f in %s; the check "
              "says %s",
              verdict[0].ratio, verdict[0].name, verdict[1].ratio, verdict[1].name,
              proof.finding.wrong ? proof.finding.name : "right");
    return HG_OK;
}

enum hg_status cli_selftest_trap(struct cli_selftest *self)
{
    enum hg_status status = judge_numbers(self);

    if (status == HG_OK)
        status = judge_budget(self);
    return status == HG_OK ? judge_fault(self) : status;
}
