/* test_gradcheck.c - every activation, loss, penalty and kind of layer: the twin's chain
 * rule against its own central differences, and the engine against the twin. */
#include "hourglass/gradcheck.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "simple_help.h"
#include "twin_help.h"

enum { SAMPLES = 5, INPUTS = 6, MOST = 400 };

/* The engine's gradient and objective against the twin's. Returns how many
 * tensors had a gradient worth the name. */
static size_t check_engine(struct hg_model *model, const struct hg_batch *batch, const char *what)
{
    /* batch norm of values that hardly differ multiplies their rounding */
    double tolerance = strstr(what, "bn") ? 2e-4 : 2e-5;
    struct twin_off off = engine_off(model, batch, 0.5);

    if (!(off.objective <= 1e-5) || !(off.loss <= 1e-5))
        fail_msg("%s: objective off by %g, loss by %g", what, off.objective, off.loss);
    if (!(off.gradient <= tolerance) || !(off.vanishing <= tolerance))
        fail_msg("%s: %s: off by %g, zeros by %g", what, off.where, off.gradient, off.vanishing);
    return off.proved;
}

static void check_verdicts(struct hg_model *model, const struct hg_batch *batch, const char *what)
{
    /* Without fused arithmetic cancellation leaves a little less of a small gradient. */
    bool base = strcmp(hg_context_isa(context), "base") == 0;

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_gradient_verdict verdict;
        if (!hg_model_tensor(model, i).trainable)
            continue;
        assert_int_equal(hg_gradient_check(model, batch, i, 8, &verdict, NULL), HG_OK);
        if (!verdict.right && !(base && verdict.error <= 5e-3))
            fail_msg("%s: %s: error %g ratio %g", what, verdict.name, verdict.error, verdict.ratio);
    }
}

/* All three for one network, once for a batch and once for a single sample. */
static void check(const struct hg_model_config *config, double low, double high, size_t least)
{
    struct hg_model *model = build(context, config);
    size_t n = hg_model_inputs(model);
    float *input = made_up(SAMPLES * n, low, high, 3), *target = made_up(SAMPLES * n, low, high, 4);
    struct hg_batch batch = {input, target, SAMPLES, 11, 7};
    float mean[512];
    char what[300];

    assert_true(n <= sizeof mean / sizeof *mean);
    for (size_t i = 0; i < n; i++)
        mean[i] = 0.1f * (float)(i % 10);
    hg_model_set_center(model, mean);
    scramble(model, 5);
    for (batch.samples = SAMPLES; batch.samples; batch.samples = batch.samples == 1 ? 0 : 1) {
        snprintf(what, sizeof what, "%s | %s | %s | %s, %s, %zu samples", config->encoder,
                 config->code, config->decoder, config->output, hg_loss_name(config->loss),
                 batch.samples);
        check_twin(model, &batch, MOST, what);
        if (check_engine(model, &batch, what) < least && batch.samples > 1)
            fail_msg("%s: nothing was proved", what);
        check_verdicts(model, &batch, what);
    }
    free(input);
    free(target);
    hg_model_destroy(model);
}

static struct hg_model_config plain(void)
{
    return (struct hg_model_config){
        .encoder = "dense 5 tanh",
        .code = "2",
        .decoder = "mirror",
        .output = "linear",
        .input = {1, 1, INPUTS},
        .bias = true,
        .loss = HG_LOSS_MSE,
        .beta = 1,
    };
}

static const char *const losses_output[HG_LOSS_COUNT] = {"linear", "linear", "sigmoid", "linear"};

static void test_activations_and_losses(void **state)
{
    (void)state;
    for (int a = 0; a < HG_ACTIVATION_COUNT; a++)
        for (int loss = 0; loss < HG_LOSS_COUNT; loss++) {
            struct hg_model_config config = plain();
            char encoder[64], code[32];
            const char *name = hg_activation_name((enum hg_activation)a);
            snprintf(encoder, sizeof encoder, "dense 5 %s, dense 4 %s", name, name);
            snprintf(code, sizeof code, "3 %s", name);
            config.encoder = encoder;
            config.code = code;
            config.loss = (enum hg_loss)loss;
            config.output = losses_output[loss];
            check(&config, 0.05, 0.95, 12);
        }
}

/* Every activation as output, where it stands alone above the loss. */
static void test_outputs(void **state)
{
    (void)state;
    for (int a = 0; a < HG_ACTIVATION_COUNT; a++)
        for (int loss = 0; loss < HG_LOSS_COUNT; loss++) {
            struct hg_model_config config = plain();
            if (loss == HG_LOSS_BCE && a != HG_SIGMOID)
                continue;
            config.output = hg_activation_name((enum hg_activation)a);
            config.loss = (enum hg_loss)loss;
            check(&config, 0.05, 0.95, 7);
        }
}

/* bce of an output between 0 and 1 that is not a sigmoid's own. */
static void test_bce_without_logits(void **state)
{
    struct hg_model_config config = plain();

    (void)state;
    config.loss = HG_LOSS_BCE;
    config.output = "dense 6 sigmoid dropout 0";
    check(&config, 0.05, 0.95, 7);
}

static void test_layers(void **state)
{
    static const char *const encoder[] = {
        "dense 8 bn lrelu, dense 4 tanh",
        "dense 8 lrelu bn, dense 4 bn",
        "dense 8 dropout 0.3 tanh",
        "dense 7 gelu dropout 0.5, dense 5 bn silu",
        "dropout 0.2, dense 5 tanh",
        "bn, dense 5 sigmoid",
        "tanh, dense 5 gelu bn dropout 0.25",
        "dense 5 tanh sigmoid",
        "none",
        "dense 33 elu, dense 17 softplus",
        "gelu, dense 9 lrelu:0.3 tanh, dense 3",
        "dense 20 relu",
    };

    (void)state;
    for (size_t i = 0; i < sizeof encoder / sizeof *encoder; i++) {
        struct hg_model_config config = plain();
        config.encoder = encoder[i];
        check(&config, -1, 1, i == 8 ? 4 : 6);
        config.bias = false;
        check(&config, -1, 1, i == 8 ? 2 : 3);
        config.bias = true;
        config.code = "none";
        check(&config, -1, 1, i == 8 ? 2 : 4);
        config.code = "3 tanh";
        config.decoder = "tied";
        config.sparsity = 0.05;
        check(&config, -1, 1, 3);
    }
}

static void test_codes_and_penalties(void **state)
{
    static const char *const code[] = {"2 gaussian", "9 gaussian", "3 tanh", "3", "17 relu"};
    static const char *const decoder[] = {"mirror", "tied", "none", "tanh, dense 4 relu",
                                          "dropout 0.3, dense 18 bn tanh"};

    (void)state;
    for (size_t c = 0; c < 5; c++)
        for (size_t d = 0; d < 5; d++)
            for (int loss = 0; loss < HG_LOSS_COUNT; loss++) {
                struct hg_model_config config = plain();
                config.code = code[c];
                config.decoder = decoder[d];
                config.loss = (enum hg_loss)loss;
                config.output = losses_output[loss];
                config.sparsity = (double)(d % 2) * 0.1;
                config.beta = 0.7;
                check(&config, 0.05, 0.95, 6);
            }
}

struct image {
    struct hg_shape shape;
    const char *encoder, *code, *decoder, *output;
};

/* Kernels, strides, pools with something left over, one pixel, channels; batch norm and dropout
 * in every place; stacks before, after and on both sides of dense layers. */
static const struct image images[] = {
    {{1, 4, 4}, "conv 2 tanh", "none", "none", "sigmoid"},
    {{1, 6, 6}, "conv 3 lrelu, pool 2, conv 4 tanh", "3 tanh", "mirror", "sigmoid"},
    {{3, 5, 7}, "conv 4 5x5 stride 2 elu", "2", "dense 36 tanh, conv 2 tanh, dense 9", "linear"},
    {{3, 5, 5}, "conv 5 1x1 bn relu, conv 2 3x3 stride 3 gelu", "none", "dense 7 silu", "tanh"},
    {{5, 3, 3}, "bn tanh, conv 3 softplus bn", "none", "none", "conv 5 5x5 sigmoid"},
    {{1, 1, 1}, "conv 3 5x5 tanh bn", "2", "mirror", "linear"},
    {{1, 7, 5}, "pool 2, conv 3 bn lrelu dropout 0.3", "2 gaussian", "dense 4 tanh", "linear"},
    {{2, 4, 4}, "conv 3 relu, pool 2 bn, conv 3 dropout 0.2", "none", "up 2, conv 2", "sigmoid"},
    {{1, 6, 6}, "conv 2 stride 2 tanh bn, pool 3", "4 tanh", "mirror", "linear"},
    {{1, 3, 4}, "up 2 tanh, conv 2 bn, pool 2", "none", "none", "linear"},
    {{1, 2, 2},
     "dropout 0.2 tanh, conv 2, up 3 bn sigmoid, conv 2 stride 3",
     "none",
     "none",
     "conv 1 1x1"},
    {{3, 4, 4}, "dense 6 tanh", "2", "dense 32 tanh, conv 3 bn lrelu", "sigmoid"},
};

static void test_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        for (int bias = 0; bias < 2; bias++) {
            struct hg_model_config config = plain();
            config.input = images[i].shape;
            config.image = true;
            config.encoder = images[i].encoder;
            config.code = images[i].code;
            config.decoder = images[i].decoder;
            config.output = images[i].output;
            config.bias = bias;
            config.sparsity = i % 2 ? 0.05 : 0;
            if (strcmp(config.output, "sigmoid") == 0)
                config.loss = HG_LOSS_BCE;
            else
                config.loss = i % 3 ? HG_LOSS_RMSE : HG_LOSS_SSE;
            check(&config, 0.05, 0.95, bias ? 4 : 2);
        }
}

/* One feature; a code wider than the input; a wide layer over several panels. */
static void test_sizes(void **state)
{
    struct hg_model_config config = plain();

    (void)state;
    config.input = (struct hg_shape){1, 1, 1};
    config.code = "1";
    check(&config, -1, 1, 7);
    config.code = "40 tanh";
    check(&config, -1, 1, 7);
    config.input = (struct hg_shape){3, 5, 4};
    check(&config, -1, 1, 7);
}

/* A check that cannot fail proves nothing: a batch other than the one that was
 * differentiated must be found out. */
static void test_wrong_is_found(void **state)
{
    struct hg_model_config config = plain();
    struct hg_model *model = build(context, &config);
    float *input = made_up(SAMPLES * INPUTS, -1, 1, 3);
    struct hg_batch batch = {input, input, SAMPLES, 11, 7}, other = {input, input, 4, 11, 7};
    struct hg__reference *twin;
    double loss, difference = 0;

    (void)state;
    scramble(model, 5);
    hg_model_differentiate(model, &batch, &loss, NULL);
    twin = hg__reference_create(model, &other);
    (void)hg__reference_objective(twin, HG__NOWHERE);
    hg__reference_differentiate(twin);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        float *gradient = read_tensor(model, i, HG_PART_GRADIENT);
        difference = fmax(difference, fabs(gradient[0] - hg__reference_gradient(twin, i)[0]));
        free(gradient);
    }
    assert_true(difference > 1e-3);
    hg__reference_destroy(twin);
    free(input);
    hg_model_destroy(model);
}

/* All samples alike and centred: every z is 0, on the kink of the relu. */
static void test_kink(void **state)
{
    struct hg_model_config config = plain();
    struct hg_model *model;
    float input[3 * INPUTS], mean[INPUTS];
    struct hg_batch batch = {input, input, 3, 1, 1};

    (void)state;
    for (size_t i = 0; i < 3 * INPUTS; i++)
        input[i] = mean[i % INPUTS] = 0.5f;
    config.encoder = "dense 6 relu, dense 4 lrelu";
    model = build(context, &config);
    start(model, "auto", 3);
    hg_model_set_center(model, mean);
    check_verdicts(model, &batch, "kink");
    hg_model_destroy(model);
}

/* Checking leaves the model as it was. */
static void test_leaves_alone(void **state)
{
    struct hg_model_config config = plain();
    struct hg_model *model;
    float *input = made_up(SAMPLES * INPUTS, -1, 1, 3), *before, *after;
    struct hg_batch batch = {input, input, SAMPLES, 11, 7};
    size_t count;

    (void)state;
    config.encoder = "dense 8 bn tanh dropout 0.1";
    model = build(context, &config);
    scramble(model, 2);
    count = hg_model_state_count(model);
    before = malloc(count * sizeof *before);
    after = malloc(count * sizeof *after);
    hg_model_state_save(model, before);
    check_verdicts(model, &batch, "leaves alone");
    hg_model_state_save(model, after);
    assert_memory_equal(before, after, count * sizeof *before);
    free(before);
    free(after);
    free(input);
    hg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations_and_losses),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_bce_without_logits),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_codes_and_penalties),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_wrong_is_found),
        cmocka_unit_test(test_kink),
        cmocka_unit_test(test_leaves_alone),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
