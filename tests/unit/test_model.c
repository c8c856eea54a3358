/* test_model.c - a model as its users see it: tensors, centring, evaluation, layers that
 * know training from evaluation. */
#include "base/mem.h"
#include "hourglass/gradcheck.h"
#include "hourglass/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "simple_help.h"

static void test_names_and_shapes(void **state)
{
    static const struct {
        const char *name;
        int dims;
        size_t shape[2];
        bool trainable;
    } wanted[] = {
        {"encoder.0.weight", 2, {5, 6}, true},     {"encoder.0.bias", 1, {5}, true},
        {"encoder.1.weight", 1, {5}, true},        {"encoder.1.bias", 1, {5}, true},
        {"encoder.1.running_mean", 1, {5}, false}, {"encoder.1.running_var", 1, {5}, false},
        {"encoder.3.weight", 2, {4, 5}, true},     {"encoder.3.bias", 1, {4}, true},
        {"decoder.0.weight", 2, {5, 2}, true},     {"decoder.0.bias", 1, {5}, true},
        {"decoder.1.weight", 1, {5}, true},        {"decoder.1.bias", 1, {5}, true},
        {"decoder.1.running_mean", 1, {5}, false}, {"decoder.1.running_var", 1, {5}, false},
        {"decoder.3.weight", 2, {6, 5}, true},     {"decoder.3.bias", 1, {6}, true},
    };
    struct hg_model_config config = simple(6);
    struct hg_model *model;
    uint64_t parameters = 0;

    (void)state;
    config.encoder = "dense 5 bn relu";
    config.code = "2 gaussian";
    model = build(context, &config);
    assert_int_equal(hg_model_tensors(model), 16);
    for (size_t i = 0; i < 16; i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        assert_string_equal(info.name, wanted[i].name);
        assert_int_equal(info.dims, wanted[i].dims);
        assert_int_equal(info.shape[0], wanted[i].shape[0]);
        assert_int_equal(info.trainable, wanted[i].trainable);
        if (info.dims == 2)
            assert_int_equal(info.shape[1], wanted[i].shape[1]);
        parameters += info.trainable ? info.count : 0;
    }
    assert_true(parameters == hg_model_parameters(model));
    assert_true(hg_model_gaussian(model));
    assert_int_equal(hg_model_codes(model), 2);
    assert_int_equal(hg_model_layers(model), 8);
    assert_string_equal(hg_model_layer(model, 4 - 1).name, "encoder.3");
    assert_string_equal(hg_model_layer(model, 1).text, "bn");
    assert_int_equal(hg_model_layer(model, 3).parameters, 24);
    assert_int_equal(hg_model_layer(model, 3).shape.columns, 2);
    hg_model_destroy(model);
}

/* What is written comes back, and only there. */
static void test_read_write(void **state)
{
    static const enum hg_tensor_part part[] = {HG_PART_VALUE, HG_PART_FIRST, HG_PART_SECOND};
    struct hg_model_config config = simple(35);
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 33 bn tanh, dense 17";
    model = build(context, &config);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < hg_model_tensors(model); i++)
            for (size_t p = 0; p < 3; p++) {
                struct hg_tensor_info info = hg_model_tensor(model, i);
                float *values = made_up(info.count, -1, 1, i * 3 + p), *back;
                if (!info.trainable && p > 0)
                    memset(values, 0, info.count * sizeof *values);
                if (round == 0)
                    hg_model_write(model, i, part[p], values);
                back = read_tensor(model, i, part[p]);
                assert_memory_equal(back, values, info.count * sizeof *values);
                free(values);
                free(back);
            }
    hg_model_destroy(model);
}

/* y = tanh((x - mean) W1' + b1) and so on by hand, from the tensors as PyTorch has them. */
static void test_forward_by_hand(void **state)
{
    enum { N = 20, H = 37, K = 3, M = 50 };
    struct hg_model_config config = simple(N);
    float *x = made_up(M * N, 0, 1, 5), *y = made_up(M * N, 0, 0, 5), mean[N];
    float *code = made_up(M * K, 0, 0, 5), *again = made_up(M * N, 0, 0, 5);
    double h[H], z[K], sum;
    struct hg_model *model;
    float *w1, *b1, *w2, *b2;

    (void)state;
    config.encoder = "dense 37 tanh";
    config.code = "3 sigmoid";
    model = build(context, &config);
    start(model, "normal 0.4", 3);
    for (size_t i = 0; i < N; i++)
        mean[i] = 0.05f * (float)i;
    hg_model_set_center(model, mean);
    w1 = read_tensor(model, 0, HG_PART_VALUE);
    b1 = made_up(H, -1, 1, 8);
    hg_model_write(model, 1, HG_PART_VALUE, b1);
    w2 = read_tensor(model, 2, HG_PART_VALUE);
    b2 = read_tensor(model, 3, HG_PART_VALUE);
    hg_model_reconstruct(model, x, M, y, code);
    for (size_t r = 0; r < M; r++) {
        for (size_t o = 0; o < H; o++) {
            sum = 0;
            for (size_t i = 0; i < N; i++)
                sum += (double)w1[o * N + i] * ((double)x[r * N + i] - (double)mean[i]);
            h[o] = tanh(sum + b1[o]);
        }
        for (size_t o = 0; o < K; o++) {
            sum = 0;
            for (size_t i = 0; i < H; i++)
                sum += w2[o * H + i] * h[i];
            z[o] = 1 / (1 + exp(-sum - b2[o]));
            assert_true(fabs(code[r * K + o] - z[o]) < 1e-5);
        }
    }
    hg_model_decode(model, code, M, again);
    assert_memory_equal(y, again, M * N * sizeof *y);
    memset(code, 0, M * K * sizeof *code);
    hg_model_reconstruct(model, x, M, NULL, code);
    assert_true(fabs(code[M * K - 1] - z[K - 1]) < 1e-5);
    hg_model_set_center(model, NULL);
    hg_model_reconstruct(model, x, M, again, NULL);
    assert_memory_not_equal(y, again, M * N * sizeof *y);
    hg_model_destroy(model);
    free(x);
    free(y);
    free(code);
    free(again);
    free(w1);
    free(b1);
    free(w2);
    free(b2);
}

static double loss_by_hand(enum hg_loss loss, const float *y, const float *x, size_t m, size_t n)
{
    double total = 0;

    for (size_t r = 0; r < m; r++) {
        double squares = 0, entropy = 0;
        for (size_t i = r * n; i < (r + 1) * n; i++) {
            squares += ((double)y[i] - x[i]) * ((double)y[i] - x[i]);
            entropy -= x[i] * log(y[i]) + (1 - (double)x[i]) * log(1 - (double)y[i]);
        }
        total += loss == HG_LOSS_RMSE  ? sqrt(squares / (double)n)
                 : loss == HG_LOSS_BCE ? entropy / (double)n
                 : loss == HG_LOSS_SSE ? squares / 2
                                       : squares / (double)n;
    }
    return total / (double)m;
}

static void test_evaluate(void **state)
{
    enum { N = 21, M = 70 };
    float *x = made_up(M * N, 0, 1, 5), *y = made_up(M * N, 0, 0, 5);

    (void)state;
    for (int loss = 0; loss < HG_LOSS_COUNT; loss++) {
        struct hg_model_config config = simple(N);
        struct hg_model *model;
        double errors[M], some[3], mean = 0, all;
        const uint32_t order[3] = {69, 0, 31};

        config.output = "sigmoid";
        config.loss = (enum hg_loss)loss;
        model = build(context, &config);
        start(model, "normal 0.5", 2);
        hg_model_reconstruct(model, x, M, y, NULL);
        all = hg_model_evaluate(model, x, NULL, M, errors);
        assert_true(fabs(all - loss_by_hand((enum hg_loss)loss, y, x, M, N)) < 2e-6 * all);
        for (size_t i = 0; i < M; i++)
            mean += errors[i] / M;
        assert_true(fabs(all - mean) < 1e-12 * all);
        (void)hg_model_evaluate(model, x, order, 3, some);
        for (size_t i = 0; i < 3; i++)
            assert_true(some[i] == errors[order[i]]);
        assert_int_equal(hg_model_reserve(model, 1000, NULL), HG_OK);
        assert_true(all == hg_model_evaluate(model, x, NULL, M, NULL));
        hg_model_destroy(model);
    }
    free(x);
    free(y);
}

/* The training loss is the evaluated one where no layer knows the difference. */
static void test_training_loss(void **state)
{
    enum { N = 40, M = 70 };
    float *x = made_up(M * N, 0, 1, 5);

    (void)state;
    for (int loss = 0; loss < HG_LOSS_COUNT; loss++) {
        struct hg_model_config config = simple(N);
        struct hg_update update = {.optimizer = HG_SGD, .rate = 0.1};
        struct hg_batch batch = {x, x, M, 1, 1};
        struct hg_model *model;
        double trained_loss, differentiated, evaluated;

        config.output = "sigmoid";
        config.loss = (enum hg_loss)loss;
        config.sparsity = 0;
        model = build(context, &config);
        assert_int_equal(hg_model_reserve(model, M, NULL), HG_OK);
        start(model, "normal 0.5", 2);
        evaluated = hg_model_evaluate(model, x, NULL, M, NULL);
        hg_model_differentiate(model, &batch, &differentiated, NULL);
        hg_model_train(model, &batch, &update, &trained_loss);
        assert_true(fabs(differentiated - evaluated) < 1e-9 * evaluated);
        assert_true(fabs(trained_loss - evaluated) < 1e-6 * evaluated);
        hg_model_destroy(model);
    }
    free(x);
}

static void test_running_statistics(void **state)
{
    enum { N = 3, M = 10 };
    struct hg_model_config config = simple(N);
    struct hg_update update = {.optimizer = HG_SGD, .rate = 0};
    float *x = made_up(M * N, 2, 5, 5), mean[N], variance[N];
    struct hg_batch batch = {x, x, M, 1, 1};
    struct hg_model *model;
    double loss;

    (void)state;
    config.encoder = "bn, dense 4";
    model = build(context, &config);
    start(model, "auto", 1);
    hg_model_differentiate(model, &batch, &loss, NULL);
    hg_model_read(model, find_tensor(model, "encoder.0.running_var"), HG_PART_VALUE, variance);
    assert_true(variance[0] == 1);
    hg_model_train(model, &batch, &update, &loss);
    hg_model_read(model, find_tensor(model, "encoder.0.running_mean"), HG_PART_VALUE, mean);
    hg_model_read(model, find_tensor(model, "encoder.0.running_var"), HG_PART_VALUE, variance);
    for (size_t i = 0; i < N; i++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < M; r++)
            sum += x[r * N + i];
        for (size_t r = 0; r < M; r++)
            squares += pow(x[r * N + i] - sum / M, 2);
        assert_true(fabs(mean[i] - 0.1 * sum / M) < 1e-6);
        assert_true(fabs(variance[i] - (0.9 + 0.1 * squares / (M - 1))) < 1e-6);
    }
    free(x);
    hg_model_destroy(model);
}

/* Dropout of all but nothing: the mean output over many steps is the undropped one. */
static void test_dropout(void **state)
{
    enum { N = 64, M = 64, STEPS = 200 };
    struct hg_model_config config = simple(N);
    struct hg_model *model;
    float *x = made_up(M * N, 1, 1, 5);
    double share = 0;

    (void)state;
    config.encoder = "dropout 0.25";
    config.code = "none";
    config.decoder = "none";
    config.bias = false;
    config.loss = HG_LOSS_SSE;
    model = build(context, &config);
    assert_int_equal(hg_model_reserve(model, M, NULL), HG_OK);
    /* output = 0, so the gradient of weight (o, i) is -mean over samples of the dropped x_i */
    for (uint64_t step = 0; step < STEPS; step++) {
        struct hg_batch batch = {x, x, M, 3, step};
        float *gradient;
        hg_model_differentiate(model, &batch, NULL, NULL);
        gradient = read_tensor(model, 0, HG_PART_GRADIENT);
        for (size_t i = 0; i < N; i++)
            share -= gradient[i] / (N * STEPS);
        free(gradient);
    }
    assert_true(fabs(share - 1) < 0.005);
    {
        float sum = 0, y[N];
        start(model, "uniform 1 1", 1);
        hg_model_reconstruct(model, x, 1, y, NULL);
        for (size_t i = 0; i < N; i++)
            sum += y[i];
        assert_true(sum == (float)N * N); /* nothing is dropped in evaluation */
    }
    free(x);
    hg_model_destroy(model);
}

static void test_gaussian_code(void **state)
{
    enum { N = 4, M = 600 };
    struct hg_model_config config = simple(N);
    struct hg_batch batch;
    struct hg_model *model;
    float *x = made_up(M * N, 0, 0, 5), code[2];
    const float bias[4] = {0.5f, -1, 0.6f, -0.4f};
    double loss, objective, kl = 0;

    (void)state;
    config.encoder = "none";
    config.code = "2 gaussian";
    config.decoder = "none";
    config.loss = HG_LOSS_SSE;
    config.beta = 3;
    model = build(context, &config);
    assert_int_equal(hg_model_reserve(model, M, NULL), HG_OK);
    hg_model_write(model, find_tensor(model, "encoder.0.bias"), HG_PART_VALUE, bias);
    hg_model_reconstruct(model, x, 1, NULL, code);
    assert_true(code[0] == 0.5f && code[1] == -1);
    batch = (struct hg_batch){x, x, M, 3, 1};
    hg_model_differentiate(model, &batch, &loss, &objective);
    for (size_t i = 0; i < 2; i++)
        kl -= 0.5 * (1 + bias[i + 2] - bias[i] * bias[i] - exp(bias[i + 2]));
    assert_true(fabs(objective - loss - 3 * kl) < 1e-5);
    hg_model_reconstruct(model, x, 1, NULL, code); /* the noise of the step is gone again */
    assert_true(code[0] == 0.5f && code[1] == -1);
    hg_model_set_penalties(model, 0.5, 0);
    hg_model_differentiate(model, &batch, &loss, &objective);
    assert_true(fabs(objective - loss - 0.5 * kl) < 1e-5);
    free(x);
    hg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_shapes), cmocka_unit_test(test_read_write),
        cmocka_unit_test(test_forward_by_hand),  cmocka_unit_test(test_evaluate),
        cmocka_unit_test(test_training_loss),    cmocka_unit_test(test_running_statistics),
        cmocka_unit_test(test_dropout),          cmocka_unit_test(test_gaussian_code),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
