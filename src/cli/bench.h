/* bench.h - what `hourglass bench` times: a step, made again and again. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "hourglass/hourglass.h"

/* `step` works through `samples` samples. */
struct cli_timed {
    void (*step)(void *self);
    void *self;
    double samples, flops; /* of a step; of a sample */
};

struct cli_speed {
    double samples_per_s, steps_per_s, gflops;
};

/* The median of seven blocks of a quarter of a second, or of a step where that is longer. */
struct cli_speed cli_measure(const struct cli_timed *timed);

/* Peak resident memory of this process in MiB. */
double cli_memory_mib(void);

/* The encoder of a model over samples that lie one behind the other, a batch a call. */
struct cli_encoding {
    struct hg_model *model;
    const float *values;
    size_t batch, samples, at;
    float *codes; /* of a batch */
};

/* Allocates the codes; batch 0 or beyond the samples means all of them. */
enum hg_status cli_encoding_init(struct cli_encoding *encoding, struct hg_error *error);
void cli_encoding_fini(struct cli_encoding *encoding);
struct cli_speed cli_measure_encoding(struct cli_encoding *encoding);

/* The networks of the yardstick, on made-up data. */
struct cli_workload {
    const char *name, *encoder, *code, *decoder, *output;
    struct hg_shape input;
    enum hg_loss loss;
    enum hg_optimizer optimizer;
    size_t batch, batches; /* of so many is the data */
};

/* W1, W2a, W2b, W3, W4, W5; NULL beyond. */
const struct cli_workload *cli_workload(size_t index);
/* "W2" means W2a and W2b. */
bool cli_workload_is(const struct cli_workload *workload, const char *name);
enum hg_status cli_measure_workload(const struct cli_workload *workload, bool encode,
                                    struct hg_context *context, struct cli_speed *speed,
                                    struct hg_error *error);

#endif
