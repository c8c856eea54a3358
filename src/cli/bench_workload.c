#include "cli/bench.h"

#include <stdlib.h>
#include <string.h>

/* The same as those that PyTorch is timed on: docs/benchmarks.md. */
#define CONV_ENCODER "conv 64 lrelu bn, pool 2, conv 64 lrelu bn, pool 2"
#define CONV_DECODER "conv 64 lrelu bn, up 2, conv 64 lrelu bn, up 2"

static const struct cli_workload workloads[] = {
    {"W1", "dense 4 tanh", "2 tanh", "mirror", "linear", {1, 1, 6}, HG_LOSS_MSE, HG_ADAM, 32, 32},
    {"W2a", "dense 64 tanh", "8 tanh", "none", "linear", {1, 1, 4096}, HG_LOSS_MSE, HG_SGD, 1, 32},
    {"W2b",
     "dense 16 tanh",
     "8 tanh",
     "dense 8 tanh, dense 16 tanh",
     "linear",
     {1, 1, 4096},
     HG_LOSS_MSE,
     HG_SGD,
     17,
     4},
    {"W3",
     "dense 512 lrelu, dense 128 lrelu",
     "2 lrelu",
     "mirror",
     "sigmoid",
     {1, 1, 784},
     HG_LOSS_BCE,
     HG_ADAM,
     128,
     4},
    {"W4", CONV_ENCODER, "none", CONV_DECODER, "conv 1", {1, 28, 28}, HG_LOSS_MSE, HG_ADAM, 64, 4},
    {"W5", CONV_ENCODER, "none", CONV_DECODER, "conv 3", {3, 64, 64}, HG_LOSS_MSE, HG_ADAM, 32, 4},
};

const struct cli_workload *cli_workload(size_t index)
{
    return index < sizeof workloads / sizeof *workloads ? &workloads[index] : NULL;
}

bool cli_workload_is(const struct cli_workload *workload, const char *name)
{
    size_t length = strlen(name);

    return length >= 2 && strncmp(workload->name, name, length) == 0;
}

struct training {
    struct hg_model *model;
    struct hg_update update;
    float *values;
    size_t features, batch, samples, at;
    uint64_t step;
};

static void train_step(void *self)
{
    struct training *training = self;
    const float *values = training->values + training->at * training->features;
    struct hg_batch batch = {.input = values,
                             .target = values,
                             .samples = training->batch,
                             .seed = 1,
                             .step = training->step++};
    double loss;

    hg_model_train(training->model, &batch, &training->update, &loss);
    training->at = (training->at + training->batch) % training->samples;
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

static enum hg_status build(struct training *training, const struct cli_workload *workload,
                            struct hg_context *context, struct hg_error *error)
{
    struct hg_model_config config = {.encoder = workload->encoder,
                                     .code = workload->code,
                                     .decoder = workload->decoder,
                                     .output = workload->output,
                                     .input = workload->input,
                                     .image = workload->input.rows > 1,
                                     .bias = true,
                                     .loss = workload->loss,
                                     .beta = 1};
    enum hg_status status = hg_model_create(context, &config, &training->model, NULL, error);

    training->features = hg_shape_size(workload->input);
    training->batch = workload->batch;
    training->samples = workload->batch * workload->batches;
    training->update = (struct hg_update){.optimizer = workload->optimizer,
                                          .rate = 0.001,
                                          .beta1 = 0.9,
                                          .beta2 = 0.999,
                                          .epsilon = 1e-8};
    if (status == HG_OK)
        status = hg_model_reserve(training->model, training->batch, error);
    if (status == HG_OK)
        status = hg_model_init(training->model, "auto", 1, error);
    if (status)
        return status;
    training->values = aligned_alloc(64, training->samples * training->features * sizeof(float));
    if (!training->values)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for made-up data");
    make_up(training->values, training->samples * training->features);
    return HG_OK;
}

static enum hg_status measure_encoder(const struct training *training, struct cli_speed *speed,
                                      struct hg_error *error)
{
    struct cli_encoding encoding = {.model = training->model,
                                    .values = training->values,
                                    .batch = training->batch,
                                    .samples = training->samples};
    enum hg_status status = cli_encoding_init(&encoding, error);

    if (status == HG_OK)
        *speed = cli_measure_encoding(&encoding);
    cli_encoding_fini(&encoding);
    return status;
}

enum hg_status cli_measure_workload(const struct cli_workload *workload, bool encode,
                                    struct hg_context *context, struct cli_speed *speed,
                                    struct hg_error *error)
{
    struct training training = {0};
    struct cli_timed timed = {.self = &training, .step = train_step};
    enum hg_status status = build(&training, workload, context, error);

    if (status == HG_OK && encode) {
        status = measure_encoder(&training, speed, error);
    } else if (status == HG_OK) {
        timed.samples = (double)training.batch;
        timed.flops = (double)hg_model_flops(training.model);
        *speed = cli_measure(&timed);
    }
    hg_model_destroy(training.model);
    free(training.values);
    return status;
}
