#include "cli/bench.h"

#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { BLOCKS = 7 };

static const double BLOCK_SECONDS = 0.25, WARM_UP_SECONDS = 0.25;

static int by_size(const void *left, const void *right)
{
    double one = *(const double *)left, other = *(const double *)right;

    return (one > other) - (one < other);
}

static double run_steps(const struct cli_timed *timed, uint64_t steps)
{
    double start = cli_now();

    for (uint64_t i = 0; i < steps; i++)
        timed->step(timed->self);
    return cli_now() - start;
}

/* Each block is long enough for the clock not to matter. */
struct cli_speed cli_measure(const struct cli_timed *timed)
{
    double blocks[BLOCKS], elapsed = 0, warm = cli_now(), median;
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
    median = blocks[BLOCKS / 2];
    return (struct cli_speed){.steps_per_s = median,
                              .samples_per_s = median * timed->samples,
                              .gflops = median * timed->samples * timed->flops / 1e9};
}

/* The kernel's high-water mark of this very program: what getrusage says may still
 * be that of the larger one that started it. */
double cli_memory_mib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    unsigned long kib = 0;
    struct rusage usage;
    char line[256];

    while (file && fgets(line, sizeof line, file) && sscanf(line, "VmHWM: %lu", &kib) != 1)
        ;
    if (file)
        fclose(file);
    if (kib)
        return (double)kib / 1024;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* ---- encoding ---- */

enum hg_status cli_encoding_init(struct cli_encoding *encoding, struct hg_error *error)
{
    if (encoding->batch == 0 || encoding->batch > encoding->samples)
        encoding->batch = encoding->samples;
    encoding->codes = calloc(encoding->batch * hg_model_codes(encoding->model), sizeof(float));
    return encoding->codes ? HG_OK : hg_error_set(error, HG_NO_MEMORY, "no memory for the codes");
}

void cli_encoding_fini(struct cli_encoding *encoding)
{
    free(encoding->codes);
    encoding->codes = NULL;
}

static void encode_step(void *self)
{
    struct cli_encoding *encoding = self;
    const float *values = encoding->values + encoding->at * hg_model_inputs(encoding->model);

    hg_model_reconstruct(encoding->model, values, encoding->batch, NULL, encoding->codes);
    encoding->at += encoding->batch;
    if (encoding->at + encoding->batch > encoding->samples)
        encoding->at = 0;
}

struct cli_speed cli_measure_encoding(struct cli_encoding *encoding)
{
    struct cli_timed timed = {.step = encode_step,
                              .self = encoding,
                              .samples = (double)encoding->batch,
                              .flops = (double)hg_model_encode_flops(encoding->model)};

    return cli_measure(&timed);
}
