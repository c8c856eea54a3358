/* test_fold.c - codes alone, with norms folded into dense layers, are the codes of the
 * whole way through the network, bit for bit. */
#include "base/mem.h"
#include "base/rng.h"
#include "hourglass/hourglass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FEATURES = 37, SAMPLES = 45, CODES = 3 };

static const char *const encoders[] = {
    "dense 40 bn lrelu, dense 17 bn tanh",
    "dense 33 bn gelu",
    "dense 16 bn",
    "dense 20 bn relu tanh, dense 5 bn bn silu",
    "dense 20 relu bn, dense 21 bn dropout 0.2 lrelu",
    "bn, dense 9 bn sigmoid",
};

static float *filled(size_t count)
{
    float *x = hg__alloc_aligned(count, sizeof *x);
    struct hg__rng rng;

    assert_non_null(x);
    hg__rng_start(&rng, 3, HG__RNG_PROBE, 0, 0);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)hg__rng_uniform(&rng);
    return x;
}

static struct hg_model *trained(struct hg_context *context, const char *encoder, bool bias,
                                const float *x)
{
    const struct hg_model_config config = {.encoder = encoder,
                                           .code = "3 tanh",
                                           .decoder = "dense 12 bn lrelu",
                                           .output = "linear",
                                           .input = {1, 1, FEATURES},
                                           .bias = bias,
                                           .loss = HG_LOSS_MSE,
                                           .beta = 1};
    struct hg_update update = {
        .optimizer = HG_ADAM, .rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    struct hg_model *model;
    struct hg_error error;

    if (hg_model_create(context, &config, &model, NULL, &error))
        fail_msg("%s: %s", encoder, error.text);
    assert_int_equal(hg_model_reserve(model, 20, &error), HG_OK);
    assert_int_equal(hg_model_init(model, "auto", 1, &error), HG_OK);
    for (uint64_t step = 0; step < 5; step++) {
        struct hg_batch batch = {.input = x + step * FEATURES,
                                 .target = x + step * FEATURES,
                                 .samples = 20,
                                 .seed = 1,
                                 .step = step};
        double loss;
        hg_model_train(model, &batch, &update, &loss);
    }
    return model;
}

static void check(const char *isa, int threads, const char *encoder, bool bias)
{
    float *x = filled(SAMPLES * FEATURES), *output = filled(SAMPLES * FEATURES);
    float alone[SAMPLES * CODES], whole[SAMPLES * CODES];
    struct hg_context *context;
    struct hg_model *model;

    assert_int_equal(hg_context_create(threads, isa, 0, &context, NULL), HG_OK);
    model = trained(context, encoder, bias, x);
    hg_model_reconstruct(model, x, SAMPLES, output, whole);
    hg_model_reconstruct(model, x, SAMPLES, NULL, alone);
    assert_memory_equal(alone, whole, sizeof whole);
    hg_model_reconstruct(model, x, 1, NULL, alone);
    assert_memory_equal(alone, whole, CODES * sizeof *whole);
    for (size_t i = 0; i < CODES; i++)
        assert_true(whole[i] >= -1 && whole[i] <= 1 && whole[i] != whole[CODES + i]);
    hg_model_destroy(model);
    hg_context_destroy(context);
    hg__free(x);
    hg__free(output);
}

static void test_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
        check(NULL, 1, encoders[i], true);
        check(NULL, 2, encoders[i], false);
        check("base", 1, encoders[i], true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
