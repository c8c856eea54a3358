/* test_layers.c - the grammar of layers, mirrors, module numbers, refusals. */
#include "engine/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model_help.h"

static struct hg_model_config config_of(const char *encoder, const char *code, const char *decoder,
                                        const char *output)
{
    return (struct hg_model_config){
        .encoder = encoder,
        .code = code,
        .decoder = decoder,
        .output = output,
        .input = {1, 28, 28},
        .image = true,
        .bias = true,
    };
}

/* The whole network in one line: module, text, values; a bar before the decoder. */
static void expect(const char *encoder, const char *code, const char *decoder, const char *output,
                   const char *wanted)
{
    struct hg_model_config config = config_of(encoder, code, decoder, output);
    struct hg_error error = {HG_OK, ""};
    struct hg__plan plan;
    char line[1024] = "";

    if (hg__plan_make(&config, &plan, NULL, &error))
        fail_msg("%s / %s / %s / %s: %s", encoder, code, decoder, output, error.text);
    for (size_t i = 0; i < plan.layers.count; i++) {
        const struct hg__layer *layer = &plan.layers.layer[i];
        size_t length = strlen(line);
        char text[64];
        hg__layer_describe(layer, text, sizeof text);
        snprintf(line + length, sizeof line - length, "%s%d %s",
                 i == plan.encoder && i ? " | "
                 : i == plan.encoder    ? "| "
                 : i                    ? ", "
                                        : "",
                 layer->module, text);
        if (layer->tied != HG__UNTIED) {
            length = strlen(line);
            snprintf(line + length, sizeof line - length, " (%d)", layer->tied);
        }
    }
    assert_string_equal(line, wanted);
    hg__plan_fini(&plan);
}

static void test_numbering(void **state)
{
    (void)state;
    expect("dense 64 tanh, dense 8", "none", "none", "linear",
           "0 dense 64, 1 tanh, 2 dense 8 | 0 dense 784");
    expect("dense 64 bn lrelu", "2", "dense 5 dropout 0.25 silu", "sigmoid",
           "0 dense 64, 1 bn, 2 lrelu, 3 dense 2 | 0 dense 5, 1 dropout 0.25, 2 silu, "
           "3 dense 784, 4 sigmoid");
    expect("dense 64 linear lrelu:0.2\n  bn", "8 tanh", "none", "dense 784 bn sigmoid",
           "0 dense 64, 1 lrelu:0.2, 2 bn, 3 dense 8, 4 tanh | 0 dense 784, 1 bn, 2 sigmoid");
    expect("none", "3 gaussian", "none", "linear", "0 dense 6 (3 gaussian) | 0 dense 784");
    expect("none", "none", "none", "linear", "| 0 dense 784");
    expect(" none ", " none ", "\tnone", " linear ", "| 0 dense 784");
    expect("dense 5, tanh, bn", "1 linear", "none", "linear",
           "0 dense 5, 1 tanh, 2 bn, 3 dense 1 | 0 dense 784");
}

static void test_mirror(void **state)
{
    (void)state;
    expect("dense 128 tanh, dense 32 tanh", "2", "mirror", "sigmoid",
           "0 dense 128, 1 tanh, 2 dense 32, 3 tanh, 4 dense 2 | 0 dense 32, 1 tanh, "
           "2 dense 128, 3 tanh, 4 dense 784, 5 sigmoid");
    expect("dense 64 bn lrelu, dense 9 lrelu bn dropout 0.5", "2", "mirror", "linear",
           "0 dense 64, 1 bn, 2 lrelu, 3 dense 9, 4 lrelu, 5 bn, 6 dropout 0.5, 7 dense 2 | "
           "0 dense 9, 1 lrelu, 2 bn, 3 dropout 0.5, 4 dense 64, 5 bn, 6 lrelu, 7 dense 784");
    expect("dense 64 tanh, dense 8 relu", "none", "mirror", "linear",
           "0 dense 64, 1 tanh, 2 dense 8, 3 relu | 0 dense 64, 1 tanh, 2 dense 784");
    expect("dense 2 sigmoid", "none", "mirror", "linear", "0 dense 2, 1 sigmoid | 0 dense 784");
    expect("none", "2", "mirror", "linear", "0 dense 2 | 0 dense 784");
    expect("dropout 0.1, dense 7 tanh", "2", "mirror", "linear",
           "0 dropout 0.1, 1 dense 7, 2 tanh, 3 dense 2 | 0 dense 7, 1 tanh, 2 dropout 0.1, "
           "3 dense 784");
}

static void test_tied(void **state)
{
    (void)state;
    expect("dense 64 tanh, dense 9 bn", "2 relu", "tied", "sigmoid",
           "0 dense 64, 1 tanh, 2 dense 9, 3 bn, 4 dense 2, 5 relu | 0 dense 9 (4), 1 bn, "
           "2 dense 64 (2), 3 tanh, 4 dense 784 (0), 5 sigmoid");
    expect("dense 64 tanh, dense 9", "none", "tied", "linear",
           "0 dense 64, 1 tanh, 2 dense 9 | 0 dense 64 (2), 1 tanh, 2 dense 784 (0)");
    expect("none", "3 gaussian", "tied", "linear", "0 dense 6 (3 gaussian) | 0 dense 784 (0)");
}

struct refusal {
    const char *encoder, *code, *decoder, *output;
    const char *key;
    size_t column;
    const char *part; /* of the message */
};

static const struct refusal refusals[] = {
    {"", "2", "mirror", "linear", "encoder", 0, "empty layer"},
    {"dense", "2", "mirror", "linear", "encoder", 0, "dense"},
    {"dense 0", "2", "mirror", "linear", "encoder", 0, "from 1"},
    {"dense -3", "2", "mirror", "linear", "encoder", 0, "from 1"},
    {"dense 2.5", "2", "mirror", "linear", "encoder", 0, "from 1"},
    {"dense 99999999999", "2", "mirror", "linear", "encoder", 0, "from 1"},
    {"dense 1e3", "2", "mirror", "linear", "encoder", 0, "from 1"},
    {"dense 8,", "2", "mirror", "linear", "encoder", 8, "empty layer"},
    {"dense 8,,dense 4", "2", "mirror", "linear", "encoder", 8, "empty layer"},
    {"dense 8 thanh", "2", "mirror", "linear", "encoder", 8, "\"thanh\""},
    {"dense 8,  dense 4 Tanh", "2", "mirror", "linear", "encoder", 18, "accepted"},
    {"dense 8 dense 4", "2", "mirror", "linear", "encoder", 0, "comma"},
    {"dense 8 dropout", "2", "mirror", "linear", "encoder", 0, "dropout"},
    {"dense 8 dropout 1", "2", "mirror", "linear", "encoder", 0, "below 1"},
    {"dense 8 dropout -0.1", "2", "mirror", "linear", "encoder", 0, "below 1"},
    {"dense 8 dropout nan", "2", "mirror", "linear", "encoder", 0, "below 1"},
    {"dense 8 lrelu:", "2", "mirror", "linear", "encoder", 0, "slope"},
    {"dense 8 lrelu:2", "2", "mirror", "linear", "encoder", 0, "slope"},
    {"dense 8 relu:0.1", "2", "mirror", "linear", "encoder", 8, "not a word"},
    {"conv", "2", "mirror", "linear", "encoder", 0, "channels"},
    {"conv 8 4x4", "2", "mirror", "linear", "encoder", 0, "odd"},
    {"conv 8 3x5", "2", "mirror", "linear", "encoder", 0, "odd"},
    {"conv 8 stride", "2", "mirror", "linear", "encoder", 0, "stride"},
    {"pool", "2", "mirror", "linear", "encoder", 0, "factor"},
    {"dense 8, up 2", "2", "dense 5", "linear", "encoder", 9, "whole number"},
    {"dense 8", "", "mirror", "linear", "code", 0, "gaussian"},
    {"dense 8", "two", "mirror", "linear", "code", 0, "gaussian"},
    {"dense 8", "0", "mirror", "linear", "code", 0, "gaussian"},
    {"dense 8", "2 tanh relu", "mirror", "linear", "code", 0, "gaussian"},
    {"dense 8", "2, 3", "mirror", "linear", "code", 0, "gaussian"},
    {"dense 8", "2 bn", "mirror", "linear", "code", 0, "gaussian"},
    {"dense 8", "2", "mirrored", "linear", "decoder", 0, "not a word"},
    {"dense 8", "2", "", "linear", "decoder", 0, "empty layer"},
    {"none", "none", "tied", "linear", "decoder", 0, "share"},
    {"dense 8", "2", "mirror", "", "output", 0, "activation"},
    {"dense 8", "2", "mirror", "bn", "output", 0, "activation"},
    {"dense 8", "2", "mirror", "tanh relu", "output", 0, "activation"},
    {"dense 8", "2", "mirror", "dense 784, tanh", "output", 0, "activation"},
    {"dense 8", "2", "mirror", " dense 100 sigmoid", "output", 1, "1x28x28"},
    {"dense 8", "2", "mirror", "conv 1 3x3 sigmoid", "output", 0, "whole number"},
    {"dense 8 \x1b[31m", "2", "mirror", "linear", "encoder", 8, "\\x1b[31m"},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        struct hg_model_config config = config_of(r->encoder, r->code, r->decoder, r->output);
        struct hg_model_fault fault = {NULL, 99};
        struct hg_error error = {HG_OK, ""};
        struct hg__plan plan;

        if (hg__plan_make(&config, &plan, &fault, &error) != HG_USAGE)
            fail_msg("taken: %s / %s / %s / %s", r->encoder, r->code, r->decoder, r->output);
        if (!fault.key || strcmp(fault.key, r->key) || fault.column != r->column ||
            !strstr(error.text, r->part) || strchr(error.text, '\n'))
            fail_msg("%s / %s / %s / %s: %s at %zu: %s", r->encoder, r->code, r->decoder, r->output,
                     fault.key ? fault.key : "?", fault.column, error.text);
        hg__plan_fini(&plan);
    }
}

/* A very long text is cut in the message, and memory is not lost. */
static void test_long(void **state)
{
    enum { LENGTH = 100000 };
    char *text = malloc(LENGTH + 1);
    struct hg_model_config config = config_of(text, "2", "mirror", "linear");
    struct hg_error error = {HG_OK, ""};
    struct hg__plan plan;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', LENGTH);
    text[LENGTH] = '\0';
    assert_int_equal(hg__plan_make(&config, &plan, NULL, &error), HG_USAGE);
    hg__plan_fini(&plan);
    for (size_t i = 0; i + 8 <= LENGTH; i += 8)
        memcpy(text + i, "dense 3,", 8);
    memcpy(text + LENGTH - 8, "dense 3 ", 8);
    assert_int_equal(hg__plan_make(&config, &plan, NULL, &error), HG_OK);
    assert_int_equal(plan.layers.count, LENGTH / 8 * 2 + 2);
    hg__plan_fini(&plan);
    free(text);
}

static void test_counts(void **state)
{
    struct hg_model_config config = config_of("dense 512 lrelu, dense 128 lrelu", "2", "mirror",
                                              "sigmoid");
    struct hg__plan plan;
    uint64_t parameters = 784 * 512 + 512 + 512 * 128 + 128 + 128 * 2 + 2 + 2 * 128 + 128 +
                          128 * 512 + 512 + 512 * 784 + 784;

    (void)state;
    assert_int_equal(hg__plan_make(&config, &plan, NULL, NULL), HG_OK);
    assert_true(plan.parameters == parameters);
    hg__plan_fini(&plan);
    config.bias = false;
    config.decoder = "tied";
    config.encoder = "dense 512 bn";
    assert_int_equal(hg__plan_make(&config, &plan, NULL, NULL), HG_OK);
    assert_true(plan.parameters == 784 * 512 + 512 + 512 * 2 + 512);
    hg__plan_fini(&plan);
}

/* Which outputs bce can be used with: by what each word can do to a bound. */
static void test_unit_range(void **state)
{
    static const struct {
        const char *output;
        bool inside;
    } cases[] = {
        {"sigmoid", true},
        {"linear", false},
        {"tanh", false},
        {"relu", false},
        {"lrelu", false},
        {"elu", false},
        {"gelu", false},
        {"silu", false},
        {"softplus", false},
        {"dense 784 sigmoid linear", true},
        {"dense 784 relu tanh", true},
        {"dense 784 tanh relu", true},
        {"dense 784 softplus tanh", true},
        {"dense 784 sigmoid gelu silu elu lrelu:0.3 relu tanh", true},
        {"dense 784 sigmoid softplus", false},
        {"dense 784 sigmoid tanh linear", true},
        {"dense 784 sigmoid bn", false},
        {"dense 784 sigmoid dropout 0", true},
        {"dense 784 sigmoid dropout 0.5", false},
        {"dense 784 bn sigmoid", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hg_model_config config = config_of("dense 9 sigmoid", "2", "mirror",
                                                  cases[i].output);
        struct hg__plan plan;
        assert_int_equal(hg__plan_make(&config, &plan, NULL, NULL), HG_OK);
        if (hg__plan_ends_in_unit(&plan) != cases[i].inside)
            fail_msg("%s", cases[i].output);
        hg__plan_fini(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbering),  cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_tied),       cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long),       cmocka_unit_test(test_counts),
        cmocka_unit_test(test_unit_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
