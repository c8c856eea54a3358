/* test_tensors.c - tensors of convolutions and of batch norm by channel: names, shapes, how they are
 * packed, beginning values, output bias. */
#include "engine/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model_help.h"

static struct hg_model *network(struct hg_context *context, struct hg_shape input,
                                const char *encoder, const char *output)
{
    struct hg_model_config config = {
        .encoder = encoder,
        .code = "none",
        .decoder = "none",
        .output = output,
        .input = input,
        .image = true,
        .bias = true,
    };

    return build(context, &config);
}

/* "name dims: shape", one after the other. */
static void list(const struct hg_model *model, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        size_t count = 1, length = strlen(out);

        snprintf(out + length, size - length, "%s%s", i ? ", " : "", info.name);
        for (int d = 0; d < info.dims; d++) {
            count *= info.shape[d];
            length = strlen(out);
            snprintf(out + length, size - length, "%c%zu", d ? 'x' : ' ', info.shape[d]);
        }
        assert_int_equal(info.count, count);
    }
}

static void test_names(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    struct hg_model *model = network(context, (struct hg_shape){3, 9, 7},
                                     "bn, conv 5 5x5 stride 2 bn relu, pool 2, dense 4 bn",
                                     "dense 189");
    char line[1024];

    (void)state;
    list(model, line, sizeof line);
    assert_string_equal(line,
                        "encoder.0.weight 3, encoder.0.bias 3, encoder.0.running_mean 3, "
                        "encoder.0.running_var 3, encoder.1.weight 5x3x5x5, encoder.1.bias 5, "
                        "encoder.2.weight 5, encoder.2.bias 5, encoder.2.running_mean 5, "
                        "encoder.2.running_var 5, encoder.6.weight 4x20, encoder.6.bias 4, "
                        "encoder.7.weight 4, encoder.7.bias 4, encoder.7.running_mean 4, "
                        "encoder.7.running_var 4, decoder.0.weight 189x4, decoder.0.bias 189");
    hg_model_destroy(model);
    hg_context_destroy(context);
}

/* Written numbers come back, and lie where the kernels look for them: tap by tap, the
 * channels of one tap side by side. */
static void check_packed(struct hg_model *model, const char *name, size_t layer)
{
    size_t index = find_tensor(model, name), n = 0;
    struct hg_tensor_info info = hg_model_tensor(model, index);
    size_t in = info.shape[1], taps = info.shape[2] * info.shape[3];
    float *numbers = malloc(info.count * sizeof *numbers), *back;

    assert_non_null(numbers);
    for (size_t i = 0; i < info.count; i++)
        numbers[i] = (float)(i + 1);
    hg_model_write(model, index, HG_PART_VALUE, numbers);
    back = read_tensor(model, index, HG_PART_VALUE);
    assert_memory_equal(back, numbers, info.count * sizeof *numbers);
    for (size_t o = 0; o < info.shape[0]; o++)
        for (size_t c = 0; c < in; c++)
            for (size_t t = 0; t < taps; t++) {
                size_t at = hg__weight_index(in * taps, o, t * in + c);
                assert_true(model->values[model->slot[layer].weight + at] == numbers[n++]);
            }
    free(back);
    free(numbers);
}

static void test_packing(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    struct hg_model *model = network(context, (struct hg_shape){3, 5, 4}, "conv 17 5x5, conv 2 1x1",
                                     "conv 3 sigmoid");

    (void)state;
    check_packed(model, "encoder.0.weight", 0);
    check_packed(model, "encoder.1.weight", 1);
    check_packed(model, "decoder.0.weight", 2);
    hg_model_destroy(model);
    hg_context_destroy(context);
}

/* A convolution draws its weights in the order of its shape, as a dense layer of as many. */
static void test_order(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    struct hg_shape input = {3, 3, 3};
    struct hg_model *conv = network(context, input, "conv 20", "dense 27");
    struct hg_model *dense = network(context, input, "dense 20", "dense 27");
    float *a, *b;

    (void)state;
    start(conv, "normal 0.5", 9);
    start(dense, "normal 0.5", 9);
    a = read_tensor(conv, 0, HG_PART_VALUE);
    b = read_tensor(dense, 0, HG_PART_VALUE);
    assert_int_equal(hg_model_tensor(conv, 0).count, 540);
    assert_memory_equal(a, b, 540 * sizeof *a);
    free(a);
    free(b);
    hg_model_destroy(conv);
    hg_model_destroy(dense);
    hg_context_destroy(context);
}

static double largest(const struct hg_model *model, const char *name)
{
    size_t index = find_tensor(model, name);
    float *numbers = read_tensor(model, index, HG_PART_VALUE);
    double most = 0;

    for (size_t i = 0; i < hg_model_tensor(model, index).count; i++)
        most = fmax(most, fabs((double)numbers[i]));
    free(numbers);
    return most;
}

static double spread(const struct hg_model *model, const char *name)
{
    size_t index = find_tensor(model, name), count = hg_model_tensor(model, index).count;
    float *numbers = read_tensor(model, index, HG_PART_VALUE);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)numbers[i] * (double)numbers[i];
    free(numbers);
    return sqrt(sum / (double)count);
}

/* Fans count the taps: he sqrt(2 / (K K in)), glorot sqrt(6 / (K K (in + out))). */
static void test_fans(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    struct hg_model *model = network(context, (struct hg_shape){4, 6, 6},
                                     "conv 40 5x5 bn relu, conv 50 3x3 tanh", "conv 4 1x1");
    double he = sqrt(2.0 / (25 * 4)), glorot = sqrt(6.0 / (9 * (40 + 50)));

    (void)state;
    start(model, "auto", 3);
    assert_true(fabs(spread(model, "encoder.0.weight") / he - 1) < 0.05);
    assert_true(largest(model, "encoder.3.weight") <= glorot);
    assert_true(largest(model, "encoder.3.weight") > 0.99 * glorot);
    assert_true(largest(model, "encoder.0.bias") == 0);
    assert_true(largest(model, "encoder.1.weight") == 1 && spread(model, "encoder.1.weight") == 1);
    assert_true(spread(model, "encoder.1.running_var") == 1);
    hg_model_destroy(model);
    hg_context_destroy(context);
}

/* Every channel rests at the mean of its pixels; a mean of 0 is clipped before the inverse. */
static void check_bias(const char *output, const char *name)
{
    static const float mean[] = {0.25F, 0.75F, 0.1F, 0.3F, 0.4F, 0.6F, 0, 0, 0, 0, 0, 0};
    struct hg_context *context = open_context(1, NULL);
    struct hg_model *model = network(context, (struct hg_shape){2, 3, 2}, "conv 3", output);
    float *bias;

    start(model, "auto", 1);
    hg_model_set_output_bias(model, mean);
    bias = read_tensor(model, find_tensor(model, name), HG_PART_VALUE);
    assert_true(fabs((double)bias[0] - log(0.4 / 0.6)) < 1e-6);
    assert_true(isfinite(bias[1]) && bias[1] < -3);
    free(bias);
    hg_model_destroy(model);
    hg_context_destroy(context);
}

static void test_output_bias(void **state)
{
    (void)state;
    check_bias("sigmoid", "decoder.0.bias");
    check_bias("conv 2 1x1 bn sigmoid", "decoder.1.bias");
    check_bias("conv 2 5x5 dropout 0.2 sigmoid", "decoder.0.bias");
}

static void test_measure(void **state)
{
    struct hg_model_config config = {
        .encoder = "conv 64 bn lrelu, pool 2, conv 64 bn lrelu, pool 2",
        .code = "none",
        .decoder = "conv 64 bn lrelu, up 2, conv 64 bn lrelu, up 2",
        .output = "sigmoid",
        .input = {1, 28, 28},
        .image = true,
        .bias = true,
    };
    uint64_t parameters = 0, bytes = 0;

    (void)state;
    assert_int_equal(hg_model_measure(&config, 64, &parameters, &bytes, NULL, NULL), HG_OK);
    assert_true(parameters == 112001 + 512);
    assert_true(bytes > 4 * parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),       cmocka_unit_test(test_packing),
        cmocka_unit_test(test_order),       cmocka_unit_test(test_fans),
        cmocka_unit_test(test_output_bias), cmocka_unit_test(test_measure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
