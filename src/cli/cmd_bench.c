#include "cli/bench.h"
#include "cli/peak.h"
#include "cli/say.h"
#include "cli/setup.h"
#include "hourglass/hourglass.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_speed(const char *name, bool encode, const struct hg_context *context,
                        const struct cli_speed *speed, double peak)
{
    char text[256];
    size_t length = 0;

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
           speed->samples_per_s, speed->steps_per_s, speed->gflops,
           peak > 0 ? 100 * speed->gflops / peak : 0, cli_memory_mib());
    fflush(stdout);
}

/* ---- an experiment ---- */

static void trainer_step(void *self)
{
    struct hg_trainer *trainer = self;
    struct hg_error error;

    if (hg_trainer_step(trainer, &error))
        hg_trainer_restart(trainer, 1, &error);
}

/* The experiment passes over to the trainer. */
static enum hg_status measure_training(struct hg_experiment *experiment, struct cli_speed *speed,
                                       struct hg_error *error)
{
    struct hg_trainer_config config = {0};
    size_t samples = experiment->dataset->training, steps,
           batch = (size_t)experiment->spec.train.batch;
    struct cli_timed timed = {.step = trainer_step,
                              .flops = (double)hg_model_flops(experiment->model)};
    struct hg_trainer *trainer;
    enum hg_status status = hg_trainer_create(experiment, &config, &trainer, error);

    if (status)
        return status;
    if (batch == 0 || batch > samples)
        batch = samples;
    steps = (samples + batch - 1) / batch;
    timed.self = trainer;
    timed.samples = (double)samples / (double)steps;
    *speed = cli_measure(&timed);
    hg_trainer_destroy(trainer);
    return HG_OK;
}

static enum hg_status measure_encoder(struct hg_experiment *experiment, struct cli_speed *speed,
                                      struct hg_error *error)
{
    struct cli_encoding encoding = {.model = experiment->model,
                                    .values = experiment->dataset->values,
                                    .batch = (size_t)experiment->spec.train.batch,
                                    .samples = experiment->dataset->samples};
    enum hg_status status = cli_encoding_init(&encoding, error);

    if (status == HG_OK)
        *speed = cli_measure_encoding(&encoding);
    cli_encoding_fini(&encoding);
    hg_experiment_destroy(experiment);
    return status;
}

static enum hg_status measure_file(struct cli_setup *setup, const struct cli_args *args,
                                   bool encode, struct cli_speed *speed, struct hg_error *error)
{
    struct hg_experiment *experiment;
    enum hg_status status = cli_setup_experiment(setup, args, &experiment, error);

    if (status)
        return status;
    return encode ? measure_encoder(experiment, speed, error)
                  : measure_training(experiment, speed, error);
}

/* ---- the command ---- */

/* Each in a process of its own, so that the peak of its memory is its own. */
static int in_child(const struct cli_workload *workload, const struct cli_args *args, bool encode,
                    double peak)
{
    struct cli_args given = *args;
    struct cli_setup setup;
    struct cli_speed speed;
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
        (workload ? cli_measure_workload(workload, encode, setup.context, &speed, &error)
                  : measure_file(&setup, &given, encode, &speed, &error)))
        result = cli_fail(&error);
    else
        print_speed(workload ? workload->name : setup.spec.name, encode, setup.context, &speed,
                    peak);
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
    const struct cli_workload *workload;
    struct cli_args given = *args;
    int result = -1;

    for (size_t i = 0; (workload = cli_workload(i)); i++) {
        if (cli_workload_is(workload, name)) {
            int one = in_child(workload, args, encode, peak);
            result = result > 0 ? result : one;
        }
    }
    if (result >= 0)
        return result;
    if (!strchr(name, ':') && hg_operand_kind(name) == HG_OPERAND_UNKNOWN &&
        access(name, F_OK) != 0) {
        cli_say("%s: %s; accepted: W1 to W5, also with :encode, or a file", name, strerror(errno));
        return 1;
    }
    given.operands[0] = name;
    return in_child(NULL, &given, encode, peak);
}

static int bench_all(const struct cli_args *args, double peak)
{
    const struct cli_workload *workload;
    int result = 0;

    for (size_t i = 0; result == 0 && (workload = cli_workload(i)); i++)
        result = in_child(workload, args, false, peak);
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
