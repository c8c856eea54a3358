#include "cli/peak.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/setup.h"
#include "hourglass/hourglass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The networks of the yardstick. */
struct workload {
    const char *name, *encoder, *code, *decoder, *output;
    int features;
    enum hg_loss loss;
    enum hg_optimizer optimizer;
    size_t batch, samples;
};

static const struct workload workloads[] = {
    {"W1", "dense 4 tanh", "2 tanh", "mirror", "linear", 6, HG_LOSS_MSE, HG_ADAM, 32, 1024},
    {"W2a", "dense 64 tanh", "8 tanh", "none", "linear", 4096, HG_LOSS_MSE, HG_SGD, 1, 32},
    {"W2b", "dense 16 tanh", "8 tanh", "dense 8 tanh, dense 16 tanh", "linear", 4096, HG_LOSS_MSE,
     HG_SGD, 17, 68},
    {"W3", "dense 512 lrelu, dense 128 lrelu", "2 lrelu", "mirror", "sigmoid", 784, HG_LOSS_BCE,
     HG_ADAM, 128, 512},
};
enum { WORKLOADS = sizeof workloads / sizeof *workloads, BLOCKS = 7 };

static const double BLOCK_SECONDS = 0.25, WARM_UP_SECONDS = 0.25;

/* What is timed: `step` works through `samples` samples. */
struct timed {
    void (*step)(void *self);
    void *self;
    double samples, flops; /* of a step; of a sample */
};

struct result {
    double samples_per_s, steps_per_s, gflops;
};

/* ---- timing ---- */

static int by_size(const void *left, const void *right)
{
    double one = *(const double *)left, other = *(const double *)right;

    return (one > other) - (one < other);
}

static double run_steps(const struct timed *timed, uint64_t steps)
{
    double start = cli_now();

    for (uint64_t i = 0; i < steps; i++)
        timed->step(timed->self);
    return cli_now() - start;
}

/* The median of several blocks, each long enough for the clock not to matter. */
static struct result measure(const struct timed *timed)
{
    double blocks[BLOCKS], elapsed = 0, warm = cli_now();
    uint64_t steps = 1;

    while (elapsed < BLOCK_SECONDS / 4 || cli_now() - warm < WARM_UP_SECONDS) {
        elapsed = run_steps(timed, steps);
        if (elapsed < BLOCK_SECONDS / 4)
            steps *= 2;
    }
    steps = (uint64_t)((double)steps * BLOCK_SECONDS / elapsed) + 1;
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = (double)steps / run_steps(timed, steps);
    qsort(blocks, BLOCKS, sizeof *blocks, by_size);
    return (struct result){.steps_per_s = blocks[BLOCKS / 2],
                           .samples_per_s = blocks[BLOCKS / 2] * timed->samples,
                           .gflops = blocks[BLOCKS / 2] * timed->samples * timed->flops / 1e9};
}

static void print_result(const char *name, bool encode, const struct hg_context *context,
                         const struct result *result, double peak)
{
    struct rusage usage;
    char text[256];
    size_t length = 0;

    getrusage(RUSAGE_SELF, &usage);
    for (; *name && length < sizeof text - 2; name++) {
        if (*name == '"' || *name == '\\')
            text[length++] = '\\';
        text[length++] = *name;
    }
    text[length] = '\0';
    printf("{\"workload\":\"%s\",\"mode\":\"%s\",\"threads\":%d,\"isa\":\"%s\","
           "\"samples_per_s\":%.6g,\"steps_per_s\":%.6g,\"gflops\":%.4g,\"peak_percent\":%.3g,"
           "\"rss_mib\":%.4g}\n",
           text, encode ? "encode" : "train", hg_context_threads(context), hg_context_isa(context),
           result->samples_per_s, result->steps_per_s, result->gflops,
           peak > 0 ? 100 * result->gflops / peak : 0, (double)usage.ru_maxrss / 1024);
    fflush(stdout);
}

/* ---- a model by itself ---- */

struct bench {
    struct hg_model *model;
    struct hg_update update;
    struct hg_trainer *trainer;
    float *values, *codes;
    size_t features, batch, samples, at;
    uint64_t step;
};

static void train_step(void *self)
{
    struct bench *bench = self;
    const float *values = bench->values + bench->at * bench->features;
    struct hg_batch batch = {.input = values,
                             .target = values,
                             .samples = bench->batch,
                             .seed = 1,
                             .step = bench->step++};
    double loss;

    hg_model_train(bench->model, &batch, &bench->update, &loss);
    bench->at = bench->at + 2 * bench->batch <= bench->samples ? bench->at + bench->batch : 0;
}

static void encode_step(void *self)
{
    struct bench *bench = self;

    hg_model_reconstruct(bench->model, bench->values, bench->samples, NULL, bench->codes);
}

/* Multiplications and additions that the encoder does for one sample. */
static double encode_flops(const struct hg_model *model)
{
    double flops = 0;

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info tensor = hg_model_tensor(model, i);
        if (strncmp(tensor.name, "encoder.", 8) == 0 && tensor.dims == 2)
            flops += 2.0 * (double)tensor.count;
    }
    return flops;
}

/* Values in 0..1 that repeat exactly: a multiplicative congruence. */
static void make_up(float *values, size_t count)
{
    uint32_t state = 1;

    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) / (float)(1u << 24);
    }
}

static enum hg_status build(struct bench *bench, const struct workload *workload,
                            struct hg_context *context, struct hg_error *error)
{
    struct hg_model_config config = {.encoder = workload->encoder,
                                     .code = workload->code,
                                     .decoder = workload->decoder,
                                     .output = workload->output,
                                     .input = {1, 1, workload->features},
                                     .bias = true,
                                     .loss = workload->loss,
                                     .beta = 1};
    enum hg_status status = hg_model_create(context, &config, &bench->model, NULL, error);

    bench->features = (size_t)workload->features;
    bench->batch = workload->batch;
    bench->samples = workload->samples;
    bench->update = (struct hg_update){.optimizer = workload->optimizer,
                                       .rate = 0.001,
                                       .beta1 = 0.9,
                                       .beta2 = 0.999,
                                       .epsilon = 1e-8};
    if (status == HG_OK)
        status = hg_model_reserve(bench->model, bench->batch, error);
    if (status == HG_OK)
        status = hg_model_init(bench->model, "auto", 1, error);
    if (status)
        return status;
    bench->values = aligned_alloc(64, bench->samples * bench->features * sizeof(float));
    bench->codes = calloc(bench->samples * hg_model_codes(bench->model), sizeof(float));
    if (!bench->values || !bench->codes)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for made-up data");
    make_up(bench->values, bench->samples * bench->features);
    return HG_OK;
}

static enum hg_status bench_workload(const struct workload *workload, bool encode,
                                     struct hg_context *context, double peak,
                                     struct hg_error *error)
{
    struct bench bench = {0};
    struct timed timed = {.self = &bench, .step = encode ? encode_step : train_step};
    struct result result;
    enum hg_status status = build(&bench, workload, context, error);

    if (status == HG_OK) {
        timed.samples = (double)(encode ? bench.samples : bench.batch);
        timed.flops = encode ? encode_flops(bench.model) : (double)hg_model_flops(bench.model);
        result = measure(&timed);
        print_result(workload->name, encode, context, &result, peak);
    }
    hg_model_destroy(bench.model);
    free(bench.values);
    free(bench.codes);
    return status;
}

/* ---- an experiment ---- */

static void trainer_step(void *self)
{
    struct bench *bench = self;
    struct hg_error error;

    if (hg_trainer_step(bench->trainer, &error))
        hg_trainer_restart(bench->trainer, 1, &error);
}

static enum hg_status bench_training(struct hg_experiment *experiment, struct timed *timed,
                                     struct bench *bench, struct hg_error *error)
{
    struct hg_trainer_config config = {0};
    const struct hg_dataset *dataset = experiment->dataset;
    double steps, batch = (double)experiment->spec.train.batch;
    enum hg_status status = hg_trainer_create(experiment, &config, &bench->trainer, error);

    if (batch <= 0 || batch > (double)dataset->training)
        batch = (double)dataset->training;
    if (status == HG_OK) {
        steps = (double)((dataset->training + (size_t)batch - 1) / (size_t)batch);
        timed->samples = (double)dataset->training / steps;
        timed->step = trainer_step;
    }
    return status;
}

static enum hg_status bench_file(struct cli_setup *setup, const struct cli_args *args, bool encode,
                                 double peak, struct hg_error *error)
{
    struct hg_experiment *experiment;
    struct bench bench = {0};
    struct timed timed = {.self = &bench, .step = encode_step};
    struct result result;
    enum hg_status status = cli_setup_experiment(setup, args, &experiment, error);

    if (status)
        return status;
    timed.samples = (double)experiment->dataset->samples;
    timed.flops = encode ? encode_flops(experiment->model)
                         : (double)hg_model_flops(experiment->model);
    bench.model = experiment->model;
    bench.values = experiment->dataset->values;
    bench.samples = experiment->dataset->samples;
    if (!encode)
        status = bench_training(experiment, &timed, &bench, error);
    else if (!(bench.codes = calloc(bench.samples * hg_model_codes(bench.model), sizeof(float))))
        status = hg_error_set(error, HG_NO_MEMORY, "no memory for the codes");
    if (status == HG_OK) {
        result = measure(&timed);
        print_result(setup->spec.name, encode, setup->context, &result, peak);
    }
    free(bench.codes);
    if (encode)
        hg_experiment_destroy(experiment);
    hg_trainer_destroy(bench.trainer);
    return status;
}

/* ---- the command ---- */

/* Each in a process of its own, so that the peak of its memory is its own. */
static int in_child(const struct workload *workload, const struct cli_args *args, bool encode,
                    double peak)
{
    struct cli_args given = *args;
    struct cli_setup setup;
    struct hg_error error;
    int result = 0, state;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child > 0) {
        if (waitpid(child, &state, 0) < 0)
            return 1;
        return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    }
    if (workload)
        given.operand_count = 0;
    if (cli_setup_open(&given, false, &setup, &error) ||
        (workload ? bench_workload(workload, encode, setup.context, peak, &error)
                  : bench_file(&setup, &given, encode, peak, &error)))
        result = cli_fail(&error);
    cli_setup_fini(&setup);
    if (child == 0)
        _exit(fflush(stdout) ? 1 : result);
    return result; /* no process to be had: done in this one */
}

/* How many threads it will be, and what they could do at best. */
static double find_peak(const struct cli_args *args, struct hg_error *error)
{
    struct cli_args given = *args;
    struct cli_setup setup;
    double peak = -1;

    given.operand_count = 0;
    if (cli_setup_open(&given, false, &setup, error) == HG_OK) {
        int threads = hg_context_threads(setup.context);
        cli_setup_fini(&setup);
        return cli_peak_gflops(threads);
    }
    cli_setup_fini(&setup);
    return peak;
}

/* "W3:encode" is W3 with *encode true. */
static char *split_mode(const char *operand, bool *encode)
{
    static const char mode[] = ":encode";
    size_t length = strlen(operand), tail = sizeof mode - 1;

    *encode = length > tail && strcmp(operand + length - tail, mode) == 0;
    return strndup(operand, *encode ? length - tail : length);
}

static int bench_one(const struct cli_args *args, const char *name, bool encode, double peak)
{
    struct cli_args given = *args;
    int result = -1;

    for (size_t i = 0; i < WORKLOADS; i++) {
        if (strcmp(workloads[i].name, name) == 0 ||
            (strcmp(name, "W2") == 0 && strncmp(workloads[i].name, "W2", 2) == 0)) {
            int one = in_child(&workloads[i], args, encode, peak);
            result = result > 0 ? result : one;
        }
    }
    if (result >= 0)
        return result;
    if (strcmp(name, "W4") == 0 || strcmp(name, "W5") == 0) {
        cli_say("%s is convolutional: it comes with a later version; now: W1, W2a, W2b, W3", name);
        return 2;
    }
    given.operands[0] = name;
    return in_child(NULL, &given, encode, peak);
}

static int bench_all(const struct cli_args *args, double peak)
{
    int result = 0;

    for (size_t i = 0; i < WORKLOADS && result == 0; i++)
        result = in_child(&workloads[i], args, false, peak);
    if (result == 0)
        cli_say("W4 and W5 are convolutional: they come with a later version");
    return result;
}

static int print_config(const struct cli_args *args)
{
    struct cli_setup setup;
    struct hg_error error;
    int result;

    if (cli_setup_open(args, false, &setup, &error))
        result = cli_fail(&error);
    else
        result = cli_print_config(&setup);
    cli_setup_fini(&setup);
    return result;
}

int cli_bench(const struct cli_args *args)
{
    struct hg_error error;
    bool encode = false;
    double peak = find_peak(args, &error);
    char *name;
    int result;

    if (peak < 0)
        return cli_fail(&error);
    if (args->print_config)
        return print_config(args);
    if (args->operand_count == 0)
        return bench_all(args, peak);
    name = split_mode(args->operands[0], &encode);
    result = name ? bench_one(args, name, encode, peak) : 1;
    free(name);
    return result;
}
