/* How the layers are: what is measured, that it is right, and that measuring changes nothing. */
#include "base/mem.h"
#include "hourglass/hourglass.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model_help.h"

/* A run of the built-in digits, small, or of clusters; settings "name=value", ends with NULL. */
struct run {
    struct hg_context *context;
    struct hg_trainer *trainer;
};

static struct run open_run(const char *const *settings)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_error error = {0};
    struct hg_spec spec;
    struct run run;

    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    for (; settings && *settings; settings++) {
        char name[64];
        const char *equals = strchr(*settings, '=');
        snprintf(name, sizeof name, "%.*s", (int)(equals - *settings), *settings);
        if (hg_spec_set(&spec, name, equals + 1, "test", &error))
            fail_msg("%s", error.text);
    }
    run.context = open_context(2, NULL);
    if (hg_experiment_create(run.context, &spec, NULL, NULL, NULL, &experiment, &error) ||
        hg_trainer_create(experiment, &config, &run.trainer, &error))
        fail_msg("%s", error.text);
    hg_spec_fini(&spec);
    return run;
}

static void close_run(struct run *run)
{
    hg_trainer_destroy(run->trainer);
    hg_context_destroy(run->context);
}

static void steps(struct run *run, int count)
{
    struct hg_error error;

    for (int i = 0; i < count; i++)
        if (hg_trainer_step(run->trainer, &error))
            fail_msg("%s", error.text);
}

static struct hg_model *model_of(const struct run *run)
{
    return hg_trainer_experiment(run->trainer)->model;
}

static void measure(struct run *run, struct hg_health *health)
{
    struct hg_error error;

    if (hg_health_measure(run->trainer, health, &error))
        fail_msg("%s", error.text);
}

/* ---- it changes nothing ---- */

#define SMALL "data.limit=120", "data.size=8x8", "train.batch=16", "data.validation=0.2"

static const char *const dense[] = {SMALL, "model.encoder=dense 12 bn tanh, dropout 0.2",
                                    "train.corrupt=gaussian 0.2", NULL};
static const char *const convolutions[] = {
    SMALL, "model.encoder=conv 4 bn relu, pool 2, conv 5 lrelu", "model.code=3 tanh", NULL};
static const char *const tied[] = {SMALL, "model.encoder=dense 9 sigmoid", "model.decoder=tied",
                                   "train.optimizer=nesterov", NULL};
static const char *const gaussian[] = {SMALL, "model.code=2 gaussian", "train.optimizer=momentum",
                                       "train.clip=0.01", NULL};
static const char *const clusters[] = {"data.source=gaussians",      "gaussians.dims=4",
                                       "model.encoder=dense 6 tanh", "train.optimizer=rmsprop",
                                       "train.shuffle=no",           NULL};
static const char *const *const kinds[] = {dense, convolutions, tied, gaussian, clusters};
enum { KINDS = sizeof kinds / sizeof *kinds };

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void test_changes_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct run watched = open_run(kinds[k]), alone = open_run(kinds[k]);
        struct hg_health health;
        struct hg_error error;
        size_t sizes[2];
        char *bytes[2];

        for (int i = 0; i < 25; i++) { /* before the first step, and at the ends of epochs */
            measure(&watched, &health);
            steps(&watched, 1);
        }
        measure(&watched, &health);
        steps(&alone, 25);
        assert_int_equal(hg_trainer_save(watched.trainer, "watched.tmp", true, &error), HG_OK);
        assert_int_equal(hg_trainer_save(alone.trainer, "alone.tmp", true, &error), HG_OK);
        bytes[0] = read_file("watched.tmp", &sizes[0]);
        bytes[1] = read_file("alone.tmp", &sizes[1]);
        assert_true(sizes[0] > 1000 && sizes[0] < 1 << 20);
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        for (int i = 0; i < 2; i++)
            free(bytes[i]);
        close_run(&watched);
        close_run(&alone);
    }
    unlink("watched.tmp");
    unlink("alone.tmp");
}

/* ---- it is right ---- */

/* What is told of a layer, and what `after` has made of its weights. */
static void check_update(const struct run *run, const struct run *after,
                         const struct hg_layer_health *layer, const char *what)
{
    size_t tensor, count;
    float *x, *y;
    double change = 0, size = 0;
    char name[64];

    snprintf(name, sizeof name, "%s.weight", layer->name);
    tensor = find_tensor(model_of(run), name);
    count = hg_model_tensor(model_of(run), tensor).count;
    x = read_tensor(model_of(run), tensor, HG_PART_VALUE);
    y = read_tensor(model_of(after), tensor, HG_PART_VALUE);
    for (size_t j = 0; j < count; j++) {
        change += ((double)y[j] - (double)x[j]) * ((double)y[j] - (double)x[j]);
        size += (double)x[j] * (double)x[j];
    }
    if (fabs(sqrt(change / size) / layer->update - 1) > 1e-3)
        fail_msg("%s, %s: update %g, not %g", what, name, layer->update, sqrt(change / size));
    assert_true(fabs(sqrt(size / (double)count) / layer->weight - 1) < 1e-6);
    free(x);
    free(y);
}

/* The update that is told is the one that the next step makes. */
static void test_update(void **state)
{
    static const char *const optimizers[] = {"sgd",     "momentum", "nesterov",
                                             "rmsprop", "adam",     "adamw"};
    static const char *const more[] = {"train.clip=0", "train.clip=0.02", "train.l1=0.01",
                                       "train.weight_decay=0.3"};

    (void)state;
    for (size_t o = 0; o < sizeof optimizers / sizeof *optimizers; o++)
        for (size_t m = 0; m < sizeof more / sizeof *more; m++) {
            char optimizer[64], what[128];
            const char *settings[] = {SMALL,     "model.encoder=conv 3 tanh, dense 7 sigmoid",
                                      optimizer, o < 3 ? "train.lr=10" : "train.lr=0.01",
                                      more[m],   NULL};
            struct hg_health health;
            struct run run, after;
            snprintf(optimizer, sizeof optimizer, "train.optimizer=%s", optimizers[o]);
            snprintf(what, sizeof what, "%s, %s", optimizers[o], more[m]);
            run = open_run(settings);
            steps(&run, 9);
            measure(&run, &health);
            after = open_run(settings); /* measuring is no step */
            steps(&after, 10);
            for (size_t i = 0; i < health.layers; i++)
                check_update(&run, &after, &health.layer[i], what);
            close_run(&after);
            close_run(&run);
        }
}

struct seen {
    float *rows[32];
    size_t values[32], samples[32];
};

static void keep(void *self, const struct hg_observation *now)
{
    struct seen *seen = self;
    float *to = seen->rows[now->layer];

    assert_int_equal(now->first, seen->samples[now->layer]);
    if (!to)
        to = seen->rows[now->layer] = calloc(40 * now->values, sizeof *to);
    for (size_t r = 0; r < now->samples; r++)
        memcpy(to + (now->first + r) * now->values, now->rows + r * now->stride,
               now->values * sizeof *to);
    seen->values[now->layer] = now->values;
    seen->samples[now->layer] += now->samples;
}

/* Many samples in one go show what one at a time shows; of a gaussian code the means come first. */
static void test_observe(void **state)
{
    enum { SAMPLES = 37 };

    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct run run = open_run(kinds[k]);
        const struct hg_dataset *dataset = hg_trainer_experiment(run.trainer)->dataset;
        struct seen seen = {{0}, {0}, {0}};
        struct hg_observer observer = {.see = keep, .self = &seen};
        size_t layers = hg_model_layers(model_of(&run)), shown = 0;

        steps(&run, 5);
        observer.scratch = calloc(4096, sizeof(float));
        hg_model_observe(model_of(&run), dataset->values, dataset->order, SAMPLES, &observer);
        for (size_t l = 0; l < layers; l++) {
            float *one = calloc(4096, sizeof *one);
            for (size_t s = 0; seen.rows[l] && s < SAMPLES; s++) {
                hg_model_activations(model_of(&run),
                                     dataset->values + dataset->order[s] * dataset->features, l,
                                     one);
                for (size_t j = 0; j < hg_shape_size(hg_model_layer(model_of(&run), l).shape); j++)
                    assert_true(fabsf(one[j] - seen.rows[l][s * seen.values[l] + j]) < 1e-5F);
            }
            shown += seen.rows[l] != NULL;
            assert_true(!seen.rows[l] || seen.samples[l] == SAMPLES);
            free(one);
            free(seen.rows[l]);
        }
        assert_true(shown >= layers / 2);
        free(observer.scratch);
        close_run(&run);
    }
}

/* The training mean's loss is the ladder's lowest rung, in every unit. */
static void test_mean_loss(void **state)
{
    static const char *const losses[] = {"model.loss=mse", "model.loss=rmse", "model.loss=bce",
                                         "model.loss=sse"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const char *settings[] = {SMALL, losses[i], NULL};
        struct run run = open_run(settings);
        const struct hg_experiment *experiment = hg_trainer_experiment(run.trainer);
        struct hg_health health;
        struct hg_ladder ladder;
        struct hg_error error;
        double loss;

        measure(&run, &health);
        assert_int_equal(hg_ladder_compute(experiment->dataset, hg_model_loss(experiment->model), 1,
                                           &ladder, NULL, &error),
                         HG_OK);
        assert_int_equal(health.samples, experiment->dataset->training);
        assert_true(fabs(health.mean_loss / ladder.mean - 1) < 1e-5);
        loss = hg_model_evaluate(experiment->model, experiment->dataset->values,
                                 experiment->dataset->order, health.samples, NULL);
        assert_true(fabs(health.loss / loss - 1) < 1e-9);
        close_run(&run);
    }
}

/* A code layer that is pushed to its ends: the same for all, nothing comes through. */
static void test_collapsed(void **state)
{
    static const char *const settings[] = {"data.source=gaussians",      "gaussians.dims=5",
                                           "model.encoder=dense 8 relu", "model.code=3 tanh",
                                           "model.output=sigmoid",       NULL};
    struct run run = open_run(settings);
    struct hg_model *model = model_of(&run);
    struct hg_health health;
    float bias[3] = {50, -50, 50}, low[8];
    double unreachable = 0, all = 0;
    const struct hg_dataset *dataset = hg_trainer_experiment(run.trainer)->dataset;

    (void)state;
    measure(&run, &health);
    assert_true(health.collapse > 0 && health.code_spread > 0.1 && health.codes_unused == 0);
    assert_true(health.layer[0].dead < 0.5 && isnan(health.layer[0].saturated));
    hg_model_write(model, find_tensor(model, "encoder.2.bias"), HG_PART_VALUE, bias);
    measure(&run, &health);
    assert_string_equal(health.layer[1].name, "encoder.2");
    assert_string_equal(health.layer[1].text, "dense 3 tanh");
    assert_true(health.layer[1].saturated == 1 && health.layer[1].dead == 1);
    assert_true(health.layer[1].spread == 0 && fabs(health.layer[1].mean - 1.0 / 3) < 1e-6);
    assert_true(health.code_spread == 0 && health.codes == 3 && health.codes_unused == 3);
    assert_true(health.collapse == 0);
    for (int i = 0; i < 8; i++)
        low[i] = i < 6 ? -100 : 100;
    hg_model_write(model, find_tensor(model, "encoder.0.bias"), HG_PART_VALUE, low);
    measure(&run, &health);
    assert_true(fabs(health.layer[0].dead - 0.75) < 1e-9);
    for (size_t i = 0; i < health.samples; i++)
        for (size_t j = 0; j < dataset->features; j++) {
            size_t sample = dataset->order[i * dataset->training / health.samples];
            double x = (double)dataset->values[sample * dataset->features + j];
            unreachable += x < 0 ? x * x : x > 1 ? (x - 1) * (x - 1) : 0;
            all += (x - (double)dataset->mean[j]) * (x - (double)dataset->mean[j]);
        }
    assert_true(fabs(health.unreachable - unreachable / all) < 1e-6);
    close_run(&run);
}

/* EXPERIMENTS 1: lr |x|_1 is 4.1 on -1..1, centred about 0.5. */
static void test_step_size(void **state)
{
    static const char *const settings[] = {
        "data.only=1 2 each", "data.size=64x64", "data.scale=-1..1",  "data.validation=0",
        "train.batch=0",      "data.center=no",  "model.code=8 tanh", NULL};
    struct run run = open_run(settings);
    struct hg_health health;

    (void)state;
    measure(&run, &health);
    assert_true(fabs(health.step_size - 4.096) < 1e-3);
    assert_true(health.step_centred > 0.4 && health.step_centred < 0.6);
    close_run(&run);
}

static void test_one_sample(void **state)
{
    static const char *const settings[] = {"data.limit=1", "data.validation=0", "data.size=4x4",
                                           NULL};
    struct run run = open_run(settings);
    struct hg_health health;

    (void)state;
    steps(&run, 3);
    measure(&run, &health);
    assert_int_equal(health.samples, 1);
    assert_true(isnan(health.collapse) && isnan(health.layer[0].dead));
    assert_true(isfinite(health.layer[0].update) && isfinite(health.loss));
    close_run(&run);
}

static void test_no_memory(void **state)
{
    struct run run = open_run(clusters);
    struct hg_health health;
    struct hg_error error;
    size_t n = 1;

    (void)state;
    for (;; n++) {
        enum hg_status status;
        hg__mem_fail_at(n);
        status = hg_health_measure(run.trainer, &health, &error);
        hg__mem_fail_at(0);
        if (status == HG_OK)
            break;
        assert_int_equal(status, HG_NO_MEMORY);
    }
    assert_true(n > 4 && n < 20);
    close_run(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes_nothing), cmocka_unit_test(test_update),
        cmocka_unit_test(test_observe),         cmocka_unit_test(test_mean_loss),
        cmocka_unit_test(test_collapsed),       cmocka_unit_test(test_step_size),
        cmocka_unit_test(test_one_sample),      cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
