/* test_plan.c - networks with images: shapes, module numbers, mirrors, refusals, counts. */
#include "engine/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct network {
    struct hg_shape input;
    const char *encoder, *code, *decoder, *output;
};

static enum hg_status plan_of(const struct network *network, struct hg__plan *plan,
                              struct hg_model_fault *fault, struct hg_error *error)
{
    struct hg_model_config config = {
        .encoder = network->encoder,
        .code = network->code,
        .decoder = network->decoder,
        .output = network->output,
        .input = network->input,
        .image = true,
        .bias = true,
    };

    return hg__plan_make(&config, plan, fault, error);
}

static void append(char *line, size_t size, const char *text)
{
    size_t length = strlen(line);

    snprintf(line + length, size - length, "%s", text);
}

/* Module, text and, for heads, shape; a bar before the decoder; words of a stack in brackets. */
static void describe(const struct hg__plan *plan, size_t index, char *line, size_t size)
{
    const struct hg__layer *layer = &plan->layers.layer[index];
    struct hg_shape s = hg__plan_after(plan, index);
    char text[64], item[128];

    append(line, size, index == plan->encoder ? "| " : "");
    hg__layer_describe(layer, text, sizeof text);
    if (hg__layer_heads(layer))
        snprintf(item, sizeof item, "%d %s %dx%dx%d", layer->module, text, s.channels, s.rows,
                 s.columns);
    else
        snprintf(item, sizeof item, layer->map ? "(%d %s)" : "%d %s", layer->module, text);
    append(line, size, item);
    append(line, size, index + 1 < plan->layers.count ? ", " : "");
    assert_true(layer->decoder == (index >= plan->encoder));
    if (hg__layer_heads(layer))
        assert_true(layer->map == hg__layer_on_image(layer));
}

static void expect(struct network network, const char *wanted)
{
    struct hg_error error = {HG_OK, ""};
    struct hg__plan plan;
    char line[2048] = "";

    if (plan_of(&network, &plan, NULL, &error))
        fail_msg("%s / %s / %s / %s: %s", network.encoder, network.code, network.decoder,
                 network.output, error.text);
    for (size_t i = 0; i < plan.layers.count; i++)
        describe(&plan, i, line, sizeof line);
    assert_string_equal(line, wanted);
    hg__plan_fini(&plan);
}

static const struct hg_shape grey = {1, 28, 28}, colour = {3, 72, 72}, dot = {1, 1, 1};

/* Shapes and numbers, reckoned by hand for nn.Sequential with MaxPool2d, Upsample,
 * Flatten and Unflatten. */
static void test_shapes(void **state)
{
    (void)state;
    expect(
        (struct network){grey, "conv 4 bn lrelu, pool 2", "none", "up 2, conv 4 relu", "sigmoid"},
        "0 conv 4 3x3 4x28x28, (1 bn), (2 lrelu), 3 pool 2 4x14x14, | 0 up 2 4x28x28, "
        "1 conv 4 3x3 4x28x28, (2 relu), 3 conv 1 3x3 1x28x28, (4 sigmoid)");
    expect((struct network){{3, 27, 27}, "pool 3, pool 1, up 1", "none", "up 3, pool 1", "linear"},
           "0 pool 3 3x9x9, 1 pool 1 3x9x9, 2 up 1 3x9x9, | 0 up 3 3x27x27, 1 pool 1 3x27x27, "
           "2 conv 3 3x3 3x27x27");
    /* ceil for strides, floor for pool; rows and columns apart */
    expect(
        (struct network){
            {3, 29, 27}, "conv 5 5x5 stride 2, pool 4", "none", "none", "dense 2349 tanh"},
        "0 conv 5 5x5 stride 2 5x15x14, 1 pool 4 5x3x3, | 1 dense 2349 1x1x2349, 2 tanh");
    expect((struct network){dot, "conv 2 7x7 stride 9 bn", "1", "conv 1 dropout 0.5", "linear"},
           "0 conv 2 7x7 stride 9 2x1x1, (1 bn), 3 dense 1 1x1x1, | 1 conv 1 3x3 1x1x1, "
           "(2 dropout 0.5), 3 conv 1 3x3 1x1x1");
    expect((struct network){colour, "conv 8, pool 2", "none", "up 2", "conv 3 1x1 bn sigmoid"},
           "0 conv 8 3x3 8x72x72, 1 pool 2 8x36x36, | 0 up 2 8x72x72, 1 conv 3 1x1 3x72x72, "
           "(2 bn), (3 sigmoid)");
}

/* Where values and images meet, a Flatten or Unflatten counts as a module of the
 * nn.Sequential that holds the layer after it. */
static void test_flattening(void **state)
{
    (void)state;
    /* before the code layer, which closes the encoder; before a conv of the decoder */
    expect((struct network){grey, "conv 4 relu, pool 4", "49", "conv 2 tanh, up 4", "sigmoid"},
           "0 conv 4 3x3 4x28x28, (1 relu), 2 pool 4 4x7x7, 4 dense 49 1x1x49, | "
           "1 conv 2 3x3 2x7x7, (2 tanh), 3 up 4 2x28x28, 4 conv 1 3x3 1x28x28, (5 sigmoid)");
    /* the words of a group stay before it */
    expect((struct network){grey, "conv 4 stride 2 bn relu, dense 20 tanh", "2",
                            "dense 392 bn, up 2", "conv 1 3x3 sigmoid"},
           "0 conv 4 3x3 stride 2 4x14x14, (1 bn), (2 relu), 4 dense 20 1x1x20, 5 tanh, "
           "6 dense 2 1x1x2, | 0 dense 392 1x1x392, 1 bn, 3 up 2 2x28x28, "
           "4 conv 1 3x3 1x28x28, (5 sigmoid)");
    /* a dense first layer is encoder.0, words before it do not change that */
    expect((struct network){grey, "dropout 0.1, dense 784 relu, conv 2", "3 gaussian", "none",
                            "linear"},
           "0 dropout 0.1, 1 dense 784 1x1x784, 2 relu, 4 conv 2 3x3 2x28x28, "
           "6 dense 6 (3 gaussian) 1x1x3, | 0 dense 784 1x1x784");
    /* the size that the encoder reached, whatever the decoder did since */
    expect((struct network){grey, "pool 2", "none", "up 2, dense 196, up 2", "linear"},
           "0 pool 2 1x14x14, | 0 up 2 1x28x28, 2 dense 196 1x1x196, 4 up 2 1x28x28, "
           "5 conv 1 3x3 1x28x28");
    expect((struct network){grey, "none", "784", "conv 2", "linear"},
           "0 dense 784 1x1x784, | 1 conv 2 3x3 2x28x28, 2 conv 1 3x3 1x28x28");
}

/* An encoder that ends as an image, a decoder that begins with dense: Flatten is the decoder's
 * first module. A decoder that ends in dense after conv counts one as well. */
static void test_flatten_after_code(void **state)
{
    (void)state;
    expect((struct network){grey, "conv 4, pool 4", "none", "dense 9 tanh", "sigmoid"},
           "0 conv 4 3x3 4x28x28, 1 pool 4 4x7x7, | 1 dense 9 1x1x9, 2 tanh, "
           "3 dense 784 1x1x784, 4 sigmoid");
    expect((struct network){grey, "conv 4, pool 4", "none", "none", "sigmoid"},
           "0 conv 4 3x3 4x28x28, 1 pool 4 4x7x7, | 1 dense 784 1x1x784, 2 sigmoid");
    expect((struct network){grey, "conv 4, pool 4", "none", "conv 3 relu", "dense 784"},
           "0 conv 4 3x3 4x28x28, 1 pool 4 4x7x7, | 0 conv 3 3x3 3x7x7, (1 relu), "
           "3 dense 784 1x1x784");
}

/* An activation alone: conv 3x3 to the input's channels where there is an image of its size
 * after a conv, pool or up; else dense. */
static void test_outputs(void **state)
{
    (void)state;
    expect((struct network){grey, "conv 2", "none", "none", "sigmoid"},
           "0 conv 2 3x3 2x28x28, | 0 conv 1 3x3 1x28x28, (1 sigmoid)");
    expect((struct network){grey, "none", "none", "conv 2", "linear"},
           "| 0 conv 2 3x3 2x28x28, 1 conv 1 3x3 1x28x28");
    expect((struct network){grey, "none", "none", "none", "conv 1"}, "| 0 conv 1 3x3 1x28x28");
    expect((struct network){grey, "none", "none", "none", "linear"}, "| 0 dense 784 1x1x784");
    expect((struct network){grey, "bn", "none", "none", "linear"}, "0 bn, | 0 dense 784 1x1x784");
    expect((struct network){{5, 3, 2}, "conv 2", "none", "none", "tanh"},
           "0 conv 2 3x3 2x3x2, | 0 conv 5 3x3 5x3x2, (1 tanh)");
}

/* Words before a head work on what they see: an image when the network is fed with one. */
static void test_leading_words(void **state)
{
    (void)state;
    expect(
        (struct network){grey, "bn, conv 2 bn", "4", "tanh bn, dense 784 bn, conv 1 bn", "linear"},
        "(0 bn), 1 conv 2 3x3 2x28x28, (2 bn), 4 dense 4 1x1x4, | 0 tanh, 1 bn, "
        "2 dense 784 1x1x784, 3 bn, 5 conv 1 3x3 1x28x28, (6 bn), 7 conv 1 3x3 1x28x28");
    expect((struct network){grey, "pool 2 relu", "none", "bn, dense 8", "linear"},
           "0 pool 2 1x14x14, (1 relu), | (0 bn), 2 dense 8 1x1x8, 3 dense 784 1x1x784");
    expect((struct network){grey, "dropout 0.5", "none", "conv 2", "linear"},
           "(0 dropout 0.5), | 0 conv 2 3x3 2x28x28, 1 conv 1 3x3 1x28x28");
}

/* The decoder alone matters: the encoder's groups in reverse with their own words. */
static void test_mirror(void **state)
{
    (void)state;
    /* five convolutions, as EXPERIMENTS 5 has them */
    expect((struct network){grey, "conv 64 bn lrelu, pool 2, conv 64 bn lrelu, pool 2", "none",
                            "mirror", "conv 1 sigmoid"},
           "0 conv 64 3x3 64x28x28, (1 bn), (2 lrelu), 3 pool 2 64x14x14, "
           "4 conv 64 3x3 64x14x14, (5 bn), (6 lrelu), 7 pool 2 64x7x7, | 0 up 2 64x14x14, "
           "1 conv 64 3x3 64x14x14, (2 bn), (3 lrelu), 4 up 2 64x28x28, 5 conv 64 3x3 64x28x28, "
           "(6 bn), (7 lrelu), 8 conv 1 3x3 1x28x28, (9 sigmoid)");
    expect((struct network){grey, "conv 64 bn lrelu, pool 2, conv 32 relu, pool 2", "16", "mirror",
                            "sigmoid"},
           "0 conv 64 3x3 64x28x28, (1 bn), (2 lrelu), 3 pool 2 64x14x14, "
           "4 conv 32 3x3 32x14x14, (5 relu), 6 pool 2 32x7x7, 8 dense 16 1x1x16, | "
           "0 dense 1568 1x1x1568, 2 up 2 32x14x14, 3 conv 32 3x3 32x14x14, (4 relu), "
           "5 up 2 32x28x28, 6 conv 64 3x3 64x28x28, (7 bn), (8 lrelu), 9 conv 1 3x3 1x28x28, "
           "(10 sigmoid)");
    /* strides; kernels; dense layers between; colour */
    expect((struct network){colour, "conv 4 5x5 stride 3 tanh, conv 6 1x1 stride 2, dense 10 relu",
                            "2 tanh", "mirror", "linear"},
           "0 conv 4 5x5 stride 3 4x24x24, (1 tanh), 2 conv 6 1x1 stride 2 6x12x12, "
           "4 dense 10 1x1x10, 5 relu, 6 dense 2 1x1x2, 7 tanh, | 0 dense 10 1x1x10, 1 relu, "
           "2 dense 864 1x1x864, 4 up 2 6x24x24, 5 conv 6 1x1 6x24x24, 6 up 3 6x72x72, "
           "7 conv 4 5x5 4x72x72, (8 tanh), 9 conv 3 3x3 3x72x72");
    /* a dense layer that gave the code is not repeated, an image layer always is */
    expect((struct network){grey, "conv 4 relu, dense 10 tanh", "none", "mirror", "linear"},
           "0 conv 4 3x3 4x28x28, (1 relu), 3 dense 10 1x1x10, 4 tanh, | 0 dense 3136 1x1x3136, "
           "2 conv 4 3x3 4x28x28, (3 relu), 4 conv 1 3x3 1x28x28");
    expect((struct network){grey, "conv 4 relu, conv 2 stride 2 tanh", "none", "mirror", "linear"},
           "0 conv 4 3x3 4x28x28, (1 relu), 2 conv 2 3x3 stride 2 2x14x14, (3 tanh), | "
           "0 up 2 2x28x28, 1 conv 2 3x3 2x28x28, (2 tanh), 3 conv 4 3x3 4x28x28, (4 relu), "
           "5 conv 1 3x3 1x28x28");
}

static void test_mirror_edges(void **state)
{
    (void)state;
    /* leading words end the decoder; pool's words stay with its up; up becomes pool */
    expect((struct network){grey, "dropout 0.1, pool 2 relu, up 4, conv 3", "none", "mirror",
                            "linear"},
           "(0 dropout 0.1), 1 pool 2 1x14x14, (2 relu), 3 up 4 1x56x56, 4 conv 3 3x3 3x56x56, | "
           "0 conv 3 3x3 3x56x56, 1 pool 4 3x14x14, 2 up 2 3x28x28, (3 relu), (4 dropout 0.1), "
           "5 conv 1 3x3 1x28x28");
    /* two images in one encoder: each is restored in its own size */
    expect((struct network){grey, "conv 2 stride 2, dense 196, pool 2", "5", "mirror", "linear"},
           "0 conv 2 3x3 stride 2 2x14x14, 2 dense 196 1x1x196, 4 pool 2 1x7x7, "
           "6 dense 5 1x1x5, | 0 dense 49 1x1x49, 2 up 2 1x14x14, 4 dense 196 1x1x196, "
           "5 dense 392 1x1x392, 7 up 2 2x28x28, 8 conv 2 3x3 2x28x28, 9 conv 1 3x3 1x28x28");
    /* odd sizes that return, and a dense layer that makes up for one that does not */
    expect((struct network){{1, 27, 9}, "conv 2 stride 3 elu", "1", "mirror", "linear"},
           "0 conv 2 3x3 stride 3 2x9x3, (1 elu), 3 dense 1 1x1x1, | 0 dense 54 1x1x54, "
           "2 up 3 2x27x9, 3 conv 2 3x3 2x27x9, (4 elu), 5 conv 1 3x3 1x27x9");
    expect((struct network){{1, 5, 5}, "conv 2 stride 2", "1", "mirror", "dense 25"},
           "0 conv 2 3x3 stride 2 2x3x3, 2 dense 1 1x1x1, | 0 dense 18 1x1x18, 2 up 2 2x6x6, "
           "3 conv 2 3x3 2x6x6, 5 dense 25 1x1x25");
    expect((struct network){dot, "conv 2, pool 1, conv 3 5x5", "2", "mirror", "conv 1"},
           "0 conv 2 3x3 2x1x1, 1 pool 1 2x1x1, 2 conv 3 5x5 3x1x1, 4 dense 2 1x1x2, | "
           "0 dense 3 1x1x3, 2 conv 3 5x5 3x1x1, 3 up 1 3x1x1, 4 conv 2 3x3 2x1x1, "
           "5 conv 1 3x3 1x1x1");
}

struct refusal {
    struct network network;
    const char *key;
    size_t column;
    const char *part[3]; /* of the message */
};

static const struct refusal refusals[] = {
    {{{1, 29, 29}, "conv 8, pool 2", "2", "mirror", "sigmoid"},
     "encoder",
     8,
     {"\"pool 2\": takes 8x29x29 to 8x14x14", "8x28x28", "input is 1x29x29"}},
    {{{1, 29, 28}, "conv 8 stride 2 relu", "none", "mirror", "conv 1 sigmoid"},
     "encoder",
     0,
     {"\"conv 8 stride 2 relu\": takes 1x29x28 to 8x15x14", "8x30x28", "1x29x28"}},
    {{{1, 28, 28}, "conv 8, pool 2, pool 2", "none", "up 2, conv 8", "sigmoid"},
     "decoder",
     6,
     {"\"conv 8\": gives 8x14x14", "1x28x28", "784"}},
    {{{1, 28, 28}, "conv 8", "none", "none", "conv 2"}, "output", 0, {"2x28x28", "1x28x28", ""}},
    /* as many values, another image */
    {{{4, 14, 14}, "conv 8", "none", "up 2", "conv 1 relu"},
     "output",
     0,
     {"\"conv 1 relu\": gives 1x28x28 (784 values)", "4x14x14 (784 values)", ""}},
    {{{1, 28, 28}, "conv 8, pool 5, pool 6", "2", "mirror", "linear"},
     "encoder",
     16,
     {"\"pool 6\": takes 8x5x5 and gives 8x0x0", "nothing is left", ""}},
    {{{1, 1, 9}, "pool 2", "2", "mirror", "linear"}, "encoder", 0, {"1x1x9", "1x0x4", ""}},
    {{{1, 28, 28}, "conv 8, pool 2", "16", "conv 4", "linear"},
     "decoder",
     0,
     {"\"conv 4\": takes images of 14x14", "16 values (1x1x16)", "of 196"}},
    {{{1, 28, 28}, "dense 50, up 2", "16", "dense 4", "linear"},
     "encoder",
     10,
     {"\"up 2\": takes images of 28x28", "50 values", "784"}},
    {{{1, 28, 28}, "conv 8", "2", "tied", "linear"}, "decoder", 0, {"tied", "dense", ""}},
    {{{1, 28, 28}, "conv 8, dense 3", "2", "tied", "linear"}, "decoder", 0, {"tied", "", ""}},
    {{{1, 28, 28}, "up 2000000000", "2", "dense 3", "linear"},
     "encoder",
     0,
     {"1x56000000000x56000000000", "1x28x28", ""}},
    {{{1, 28, 28}, "up 10000, up 10000", "2", "dense 3", "linear"}, "encoder", 0, {"", "", ""}},
    {{{1, 28, 28}, "conv 2147483647", "2", "dense 3", "linear"}, "encoder", 0, {"2147483647x28"}},
    {{{1, 28, 28}, "conv 8 2147483647x2147483647", "2", "dense 3", "linear"},
     "encoder",
     0,
     {"too many weights", "1x28x28", ""}},
    {{{1, 28, 28}, "conv 8 stride 2147483647", "2", "mirror", "linear"},
     "encoder",
     0,
     {"gives 8x2147483647x2147483647", "", ""}},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        struct hg_model_fault fault = {NULL, 99};
        struct hg_error error = {HG_OK, ""};
        struct hg__plan plan;

        if (plan_of(&r->network, &plan, &fault, &error) != HG_USAGE)
            fail_msg("taken: %s / %s", r->network.encoder, r->network.decoder);
        if (!fault.key || strcmp(fault.key, r->key) || fault.column != r->column)
            fail_msg("%s at %zu: %s", fault.key ? fault.key : "?", fault.column, error.text);
        for (int p = 0; p < 3 && r->part[p]; p++)
            if (!strstr(error.text, r->part[p]))
                fail_msg("no \"%s\" in: %s", r->part[p], error.text);
        hg__plan_fini(&plan);
    }
}

/* Rows that are no images. */
static void test_table(void **state)
{
    struct hg_model_config config = {
        .encoder = "dense 9, conv 4",
        .code = "2",
        .decoder = "none",
        .output = "linear",
        .input = {1, 1, 6},
    };
    struct hg_model_fault fault;
    struct hg_error error = {HG_OK, ""};
    struct hg__plan plan;

    (void)state;
    assert_int_equal(hg__plan_make(&config, &plan, &fault, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "\"conv 4\": needs images"));
    assert_non_null(strstr(error.text, "1x1x6"));
    assert_non_null(strstr(error.text, "data.shape"));
    assert_int_equal(fault.column, 9);
    hg__plan_fini(&plan);
}

static void test_counts(void **state)
{
    static const char encoder[] = "conv 64 bn lrelu, pool 2, conv 64 bn lrelu, pool 2";
    static const char decoder[] = "conv 64 bn lrelu, up 2, conv 64 bn lrelu, up 2";
    const uint64_t small = 9 * 64 * 784, wide = 9 * 64 * 64;
    struct hg__plan plan;

    (void)state;
    assert_int_equal(plan_of(&(struct network){grey, encoder, "none", decoder, "conv 1 sigmoid"},
                             &plan, NULL, NULL),
                     HG_OK);
    assert_true(plan.parameters == 112001 + 512);
    assert_true(plan.first_macs == small);
    assert_true(plan.encoder_macs == small + wide * 196);
    assert_true(plan.macs == 2 * small + wide * (196 + 49 + 196));
    assert_true(hg_shape_size(plan.code) == 3136);
    hg__plan_fini(&plan);
    assert_int_equal(
        plan_of(&(struct network){grey, encoder, "none", "mirror", "sigmoid"}, &plan, NULL, NULL),
        HG_OK);
    assert_true(plan.parameters == 112001 + 512);
    hg__plan_fini(&plan);
    assert_int_equal(
        plan_of(&(struct network){{3, 9, 7}, "bn, conv 4 5x5 stride 2 bn", "2", "none", "linear"},
                &plan, NULL, NULL),
        HG_OK);
    assert_true(plan.parameters == 6 + (25 * 3 * 4 + 4) + 8 + (80 * 2 + 2) + (2 * 189 + 189));
    assert_true(plan.macs == 25 * 3 * 4 * 5 * 4 + 80 * 2 + 2 * 189);
    hg__plan_fini(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_flattening),
        cmocka_unit_test(test_flatten_after_code),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_leading_words),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_mirror_edges),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
