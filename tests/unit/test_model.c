/* test_model.c - a model as its users see it: tensors, centring, evaluation, resume,
 * equal bytes for every team and instruction set, refusals. */
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

#include "model_help.h"

static struct hg_context *context;

static int setup(void **state)
{
    (void)state;
    context = open_context(1, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hg_context_destroy(context);
    return 0;
}

static struct hg_model_config simple(int n)
{
    return (struct hg_model_config){
        .encoder = "dense 5 tanh",
        .code = "2",
        .decoder = "mirror",
        .output = "linear",
        .input = {1, 1, n},
        .bias = true,
        .beta = 1,
    };
}

/* ---- whole states, to be compared byte by byte ---- */

struct bytes {
    float *at;
    size_t count;
};

static struct bytes all_of(const struct hg_model *model)
{
    struct bytes all = {NULL, 0};
    size_t at = 0;

    for (size_t i = 0; i < hg_model_tensors(model); i++)
        all.count += 3 * hg_model_tensor(model, i).count;
    all.at = calloc(all.count, sizeof *all.at);
    assert_non_null(all.at);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        size_t count = hg_model_tensor(model, i).count;
        hg_model_read(model, i, HG_PART_VALUE, all.at + at);
        hg_model_read(model, i, HG_PART_FIRST, all.at + at + count);
        hg_model_read(model, i, HG_PART_SECOND, all.at + at + 2 * count);
        at += 3 * count;
    }
    return all;
}

static void same(struct bytes a, struct bytes b, const char *what)
{
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++)
        if (memcmp(a.at + i, b.at + i, sizeof *a.at))
            fail_msg("%s: number %zu of %zu: %.9g and %.9g", what, i, a.count, a.at[i], b.at[i]);
    free(a.at);
    free(b.at);
}

/* A kind of network and training, for everything that promises equal bytes. */
struct kind {
    const char *encoder, *code, *decoder, *output;
    int inputs;
    size_t batch;
    enum hg_loss loss;
    enum hg_optimizer optimizer;
    double clip, sparsity;
};

static const struct kind kinds[] = {
    {"dense 4 tanh", "2 tanh", "dense 4 tanh", "linear", 6, 32, HG_LOSS_MSE, HG_ADAM, 0, 0},
    {"dense 4 tanh", "2 tanh", "dense 4 tanh", "linear", 6, 32, HG_LOSS_MSE, HG_ADAM, 0.1, 0},
    {"dense 64 tanh", "8 tanh", "none", "linear", 2048, 1, HG_LOSS_MSE, HG_SGD, 0, 0},
    {"dense 16 tanh, dense 8 tanh", "8 tanh", "dense 16 tanh", "linear", 2048, 17, HG_LOSS_MSE,
     HG_SGD, 0, 0},
    {"dense 130 lrelu, dense 40 gelu", "2", "mirror", "sigmoid", 200, 50, HG_LOSS_BCE, HG_ADAMW, 0,
     0},
    {"dense 300 bn relu dropout 0.2, dense 30 elu bn", "4 gaussian", "mirror", "sigmoid", 200, 64,
     HG_LOSS_BCE, HG_RMSPROP, 0, 0},
    {"dense 300 silu, dense 30 softplus", "3", "tied", "tanh", 200, 33, HG_LOSS_RMSE, HG_NESTEROV,
     0.5, 0.01},
    {"dense 70 dropout 0.5 tanh", "5 gaussian", "tied", "linear", 50, 200, HG_LOSS_SSE, HG_MOMENTUM,
     0, 0.1},
    {"none", "1", "none", "linear", 1, 3, HG_LOSS_MSE, HG_ADAM, 0, 0},
};

enum { KINDS = sizeof kinds / sizeof *kinds, ROUNDS = 12 };

static struct hg_model *build_kind(struct hg_context *c, const struct kind *kind)
{
    struct hg_model_config config = simple(kind->inputs);
    struct hg_model *model;

    config.encoder = kind->encoder;
    config.code = kind->code;
    config.decoder = kind->decoder;
    config.output = kind->output;
    config.loss = kind->loss;
    config.sparsity = kind->sparsity;
    model = build(c, &config);
    start(model, "auto", 7);
    return model;
}

static struct hg_update update_of(const struct kind *kind)
{
    return (struct hg_update){
        .optimizer = kind->optimizer,
        .rate = 0.003,
        .beta1 = 0.9,
        .beta2 = 0.99,
        .epsilon = 1e-8,
        .weight_decay = kind->clip > 0 ? 0.01 : 0,
        .clip = kind->clip,
    };
}

/* Steps begin..end-1; every fifth batch is a smaller one, as at the end of an epoch. */
static void train(struct hg_model *model, const struct kind *kind, struct hg_update *update,
                  uint64_t begin, uint64_t end)
{
    size_t n = (size_t)kind->inputs;
    double loss;

    assert_int_equal(hg_model_reserve(model, kind->batch, NULL), HG_OK);
    for (uint64_t step = begin; step < end; step++) {
        float *x = made_up(kind->batch * n, 0, 1, step + 100);
        struct hg_batch batch = {x, x, kind->batch, 5, step};
        if (step % 5 == 4)
            batch.samples = (kind->batch + 2) / 3;
        hg_model_train(model, &batch, update, &loss);
        assert_true(isfinite(loss));
        free(x);
    }
}

static struct bytes trained(struct hg_context *c, const struct kind *kind)
{
    struct hg_model *model = build_kind(c, kind);
    struct hg_update update = update_of(kind);
    struct bytes all;

    train(model, kind, &update, 0, ROUNDS);
    all = all_of(model);
    hg_model_destroy(model);
    return all;
}

static void test_teams(void **state)
{
    static const int team[] = {2, 7};

    (void)state;
    for (size_t t = 0; t < 2; t++) {
        struct hg_context *other = open_context(team[t], NULL);
        for (size_t k = 0; k < KINDS; k++)
            same(trained(context, &kinds[k]), trained(other, &kinds[k]), kinds[k].encoder);
        hg_context_destroy(other);
    }
}

static void test_instruction_sets(void **state)
{
    struct hg_context *narrow, *wide;

    (void)state;
    if (hg_context_create(1, "avx512", 0, &wide, NULL))
        skip();
    narrow = open_context(2, "avx2");
    for (size_t k = 0; k < KINDS; k++)
        same(trained(wide, &kinds[k]), trained(narrow, &kinds[k]), kinds[k].encoder);
    hg_context_destroy(wide);
    hg_context_destroy(narrow);
}

static void copy_model(const struct hg_model *from, struct hg_model *to)
{
    static const enum hg_tensor_part part[] = {HG_PART_VALUE, HG_PART_FIRST, HG_PART_SECOND};

    for (size_t i = 0; i < hg_model_tensors(from); i++)
        for (size_t p = 0; p < 3; p++) {
            float *values = read_tensor(from, i, part[p]);
            hg_model_write(to, i, part[p], values);
            free(values);
        }
}

/* Read out and written into a new model at any step: the same end. */
static void test_resume(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++)
        for (uint64_t at = 1; at < ROUNDS; at += 4) {
            struct hg_model *first = build_kind(context, &kinds[k]);
            struct hg_model *second = build_kind(context, &kinds[k]);
            struct hg_update update = update_of(&kinds[k]), other = update;

            assert_int_equal(hg_model_reserve(first, 500, NULL), HG_OK);
            start(second, "uniform -1 1", 99);
            train(second, &kinds[k], &other, 0, 3);
            train(first, &kinds[k], &update, 0, at);
            copy_model(first, second);
            train(second, &kinds[k], &update, at, ROUNDS);
            same(all_of(second), trained(context, &kinds[k]), kinds[k].encoder);
            hg_model_destroy(first);
            hg_model_destroy(second);
        }
}

/* A clip that never clips sends a step another way (the fast paths do not clip):
 * going to and fro must lose nothing. Compared with a new model for each step. */
static void test_changing_ways(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct hg_model *model = build_kind(context, &kinds[k]);
        struct hg_model *last = build_kind(context, &kinds[k]);
        struct hg_update update = update_of(&kinds[k]), again = update;

        for (uint64_t step = 0; step < ROUNDS; step++) {
            struct hg_model *next = build_kind(context, &kinds[k]);
            update.clip = again.clip = step % 4 < 2 ? 0 : 1e9;
            train(model, &kinds[k], &update, step, step + 1);
            copy_model(last, next);
            train(next, &kinds[k], &again, step, step + 1);
            hg_model_destroy(last);
            last = next;
        }
        same(all_of(model), all_of(last), kinds[k].encoder);
        hg_model_destroy(model);
        hg_model_destroy(last);
    }
}

/* Looking on between steps changes nothing. */
static void test_watching(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct hg_model *model = build_kind(context, &kinds[k]);
        struct hg_update update = update_of(&kinds[k]);
        size_t n = (size_t)kinds[k].inputs, codes = hg_model_codes(model);
        float *x = made_up(40 * n, 0, 1, 1), *y = made_up(40 * n, 0, 1, 1);
        float *code = made_up(40 * codes, 0, 1, 1);
        float *kept = malloc(hg_model_state_count(model) * sizeof *kept);

        for (uint64_t step = 0; step < ROUNDS; step++) {
            struct hg_batch batch = {x, x, 5, 1, 1};
            train(model, &kinds[k], &update, step, step + 1);
            (void)hg_model_evaluate(model, x, NULL, 40, NULL);
            hg_model_reconstruct(model, x, 40, y, code);
            hg_model_decode(model, code, 40, y);
            hg_model_state_save(model, kept);
            if (step % 3 == 1)
                hg_model_differentiate(model, &batch, NULL, NULL);
            if (step % 3 == 2)
                hg_model_state_restore(model, kept);
        }
        same(all_of(model), trained(context, &kinds[k]), kinds[k].encoder);
        free(x);
        free(y);
        free(code);
        free(kept);
        hg_model_destroy(model);
    }
}

static void test_learns(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct hg_model *model = build_kind(context, &kinds[k]);
        struct hg_update update = update_of(&kinds[k]);
        size_t n = (size_t)kinds[k].inputs;
        float *x = made_up(kinds[k].batch * n, 0, 1, 3);
        struct hg_batch batch = {x, x, kinds[k].batch, 5, 0};
        double before, loss, after;

        assert_int_equal(hg_model_reserve(model, kinds[k].batch, NULL), HG_OK);
        before = hg_model_evaluate(model, x, NULL, kinds[k].batch, NULL);
        for (; batch.step < 100; batch.step++)
            hg_model_train(model, &batch, &update, &loss);
        after = hg_model_evaluate(model, x, NULL, kinds[k].batch, NULL);
        if (!(after < before))
            fail_msg("%s: %g to %g", kinds[k].encoder, before, after);
        assert_true(update.count == 100);
        free(x);
        hg_model_destroy(model);
    }
}

/* ---- tensors ---- */

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

/* ---- evaluation ---- */

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

/* ---- layers that know training from evaluation ---- */

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

/* One sample has no variance: no NaN, whatever the layers, and in evaluation too. */
static void test_batch_of_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct hg_model *model = build_kind(context, &kinds[k]);
        struct hg_update update = update_of(&kinds[k]);
        float *x = made_up((size_t)kinds[k].inputs, 0, 1, 3);
        struct hg_batch batch = {x, x, 1, 5, 0};
        struct bytes all;
        double loss;

        for (; batch.step < 20; batch.step++) {
            hg_model_train(model, &batch, &update, &loss);
            assert_true(isfinite(loss));
        }
        assert_true(isfinite(hg_model_evaluate(model, x, NULL, 1, NULL)));
        all = all_of(model);
        for (size_t i = 0; i < all.count; i++)
            assert_true(isfinite(all.at[i]));
        free(all.at);
        free(x);
        hg_model_destroy(model);
    }
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

/* ---- beginning ---- */

struct moments {
    double mean, deviation, least, most;
};

static struct moments moments_of(const struct hg_model *model, size_t index)
{
    float *value = read_tensor(model, index, HG_PART_VALUE);
    size_t count = hg_model_tensor(model, index).count;
    struct moments m = {0, 0, INFINITY, -INFINITY};

    for (size_t i = 0; i < count; i++) {
        m.mean += value[i] / (double)count;
        m.least = fmin(m.least, value[i]);
        m.most = fmax(m.most, value[i]);
    }
    for (size_t i = 0; i < count; i++)
        m.deviation += pow(value[i] - m.mean, 2) / (double)count;
    m.deviation = sqrt(m.deviation);
    free(value);
    return m;
}

static void test_init(void **state)
{
    static const struct {
        const char *text;
        double deviation, most;
    } wanted[] = {
        {"he", 0.0707107, 1},   {"glorot", 0.0577350, 0.1},
        {"normal 0.2", 0.2, 2}, {"uniform -0.5 1", 0.433013, 1},
        {"auto", 0.0707107, 1},
    };
    struct hg_model_config config = simple(400);
    struct hg_model *model;
    struct hg_error error;

    (void)state;
    config.encoder = "dense 200 bn lrelu";
    model = build(context, &config);
    for (size_t i = 0; i < 5; i++) {
        struct moments m;
        start(model, wanted[i].text, 3);
        m = moments_of(model, 0);
        assert_true(fabs(m.deviation - wanted[i].deviation) < 0.01 * wanted[i].deviation);
        assert_true(fabs(m.mean - (i == 3 ? 0.25 : 0)) < 0.01);
        assert_true(m.most <= wanted[i].most);
        assert_true(moments_of(model, 1).deviation == 0 && moments_of(model, 1).mean == 0);
        assert_true(moments_of(model, 2).least == 1 && moments_of(model, 3).most == 0);
        assert_true(moments_of(model, 4).most == 0 && moments_of(model, 5).least == 1);
    }
    /* auto: the code and the output are linear, so glorot */
    assert_true(moments_of(model, 6).most < sqrt(6 / 202.) + 1e-6);
    same(all_of(model), (start(model, "auto", 3), all_of(model)), "same seed");
    assert_int_equal(hg_model_init(model, "he 2", 1, &error), HG_USAGE);
    for (size_t i = 0; i < 8; i++) {
        static const char *const wrong[] = {
            "",         "xavier",    "normal",      "normal -1",
            "normal x", "uniform 1", "uniform 1 0", "uniform 0 inf"};
        assert_int_equal(hg_init_check(wrong[i], &error), HG_USAGE);
    }
    assert_int_equal(hg_init_check(" uniform  -1 1 ", &error), HG_OK);
    hg_model_destroy(model);
}

/* With weights at zero the output is its bias: it must rest at the mean, as far as
 * the activation reaches. */
static void test_output_bias(void **state)
{
    static const char *const output[] = {
        "linear", "sigmoid", "tanh",  "softplus", "silu",
        "gelu",   "relu",    "lrelu", "elu",      "dense 4 bn sigmoid"};
    const float mean[4] = {0.25f, 0.5f, 0.99f, 0.01f}, x[4] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof output / sizeof *output; i++) {
        struct hg_model_config config = simple(4);
        struct hg_model *model;
        float y[4];
        config.output = output[i];
        model = build(context, &config);
        start(model, "uniform 0 0", 1);
        hg_model_set_output_bias(model, mean);
        hg_model_reconstruct(model, x, 1, y, NULL);
        for (size_t k = 0; k < 4; k++)
            if (!(fabs(y[k] - mean[k]) < 1e-4))
                fail_msg("%s: %g, wanted %g", output[i], y[k], mean[k]);
        hg_model_destroy(model);
        config.bias = false;
        model = build(context, &config);
        hg_model_set_output_bias(model, mean);
        hg_model_destroy(model);
    }
}

/* ---- refusals ---- */

static void test_too_large(void **state)
{
    static const char *const encoder[] = {
        "dense 1000000000",
        "dense 2147483647, dense 2147483647",
        "dense 2147483647 bn, dense 2147483647 bn, dense 2147483647, dense 2147483647",
    };
    struct hg_model *model;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct hg_model_config config = simple(784);
        struct hg_error error = {HG_OK, ""};
        uint64_t parameters, bytes;
        config.encoder = encoder[i];
        assert_int_equal(hg_model_measure(&config, 1, &parameters, &bytes, NULL, NULL), HG_OK);
        assert_true(bytes > (uint64_t)1 << 40);
        assert_int_equal(hg_model_create(context, &config, &model, NULL, &error), HG_NO_MEMORY);
        assert_null(model);
        if (!strstr(error.text, "iB") || !strstr(error.text, "this machine has"))
            fail_msg("%s", error.text);
    }
}

static void test_memory_limit(void **state)
{
    struct hg_model_config config = simple(784);
    struct hg_context *small = NULL;
    struct hg_error error = {HG_OK, ""};
    struct hg_model *model;
    uint64_t parameters, bytes, more;

    (void)state;
    config.encoder = "dense 300";
    assert_int_equal(hg_model_measure(&config, 32, &parameters, &bytes, NULL, NULL), HG_OK);
    assert_int_equal(hg_model_measure(&config, 1000, &parameters, &more, NULL, NULL), HG_OK);
    assert_true(more > bytes);
    assert_int_equal(hg_context_create(1, NULL, bytes, &small, NULL), HG_OK);
    assert_int_equal(hg_model_create(small, &config, &model, NULL, &error), HG_OK);
    assert_true(parameters == hg_model_parameters(model));
    assert_int_equal(hg_model_reserve(model, 32, &error), HG_OK);
    assert_int_equal(hg_model_reserve(model, 1000, &error), HG_NO_MEMORY);
    assert_non_null(strstr(error.text, "1000"));
    hg_model_destroy(model);
    hg_context_destroy(small);
}

static void test_fault(void **state)
{
    struct hg_model_config config = simple(784);
    struct hg_model_fault fault;
    struct hg_error error;
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 8 tanh, dense x";
    assert_int_equal(hg_model_create(context, &config, &model, &fault, &error), HG_USAGE);
    assert_null(model);
    assert_string_equal(fault.key, "encoder");
    assert_int_equal(fault.column, 14);
    assert_int_equal(hg_model_create(context, &config, &model, NULL, NULL), HG_USAGE);
}

/* Every allocation in turn fails: a clean refusal, nothing lost (with HG_TEST_MEMORY). */
static void test_failing_memory(void **state)
{
    enum { TRIES = 200 };
    struct hg_model_config config = simple(20);
    float *x = made_up(5 * 20, 0, 1, 3);
    struct hg_batch batch = {x, x, 5, 1, 1};
    size_t refused = 0;

    (void)state;
    config.encoder = "dense 40 bn tanh";
    for (size_t n = 1; n <= TRIES; n++) {
        struct hg_model *model = NULL;
        struct hg_gradient_verdict verdict;
        enum hg_status status;

        hg__mem_fail_at(n);
        status = hg_model_create(context, &config, &model, NULL, NULL);
        if (!status)
            status = hg_model_reserve(model, 100, NULL);
        if (!status)
            status = hg_gradient_check(model, &batch, 0, 3, &verdict, NULL);
        hg__mem_fail_at(0);
        assert_true(status == HG_OK || status == HG_NO_MEMORY);
        refused += status != HG_OK;
        hg_model_destroy(model);
    }
    if (hg__mem_count())
        assert_true(refused > 20 && refused < TRIES);
    free(x);
}

static void test_no_allocation(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct hg_model *model = build_kind(context, &kinds[k]);
        struct hg_update update = update_of(&kinds[k]);
        size_t n = (size_t)kinds[k].inputs, before;
        float *x = made_up(kinds[k].batch * n, 0, 1, 3);
        struct hg_batch batch = {x, x, kinds[k].batch, 5, 0};
        double loss;

        assert_int_equal(hg_model_reserve(model, kinds[k].batch, NULL), HG_OK);
        before = hg__mem_count();
        for (; batch.step < 3; batch.step++)
            hg_model_train(model, &batch, &update, &loss);
        (void)hg_model_evaluate(model, x, NULL, kinds[k].batch, NULL);
        assert_int_equal(hg__mem_count(), before);
        free(x);
        hg_model_destroy(model);
    }
}

/* FLOP of a training step as bench/README counts them. */
static void test_flops(void **state)
{
    struct hg_model_config config = simple(6);
    struct hg_model *model;

    (void)state;
    config.encoder = "dense 4 tanh";
    config.code = "2 tanh";
    model = build(context, &config);
    assert_true(hg_model_flops(model) == 336);
    hg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_teams),
        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_changing_ways),
        cmocka_unit_test(test_watching),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_names_and_shapes),
        cmocka_unit_test(test_read_write),
        cmocka_unit_test(test_forward_by_hand),
        cmocka_unit_test(test_evaluate),
        cmocka_unit_test(test_training_loss),
        cmocka_unit_test(test_running_statistics),
        cmocka_unit_test(test_batch_of_one),
        cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_gaussian_code),
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_output_bias),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_fault),
        cmocka_unit_test(test_failing_memory),
        cmocka_unit_test(test_no_allocation),
        cmocka_unit_test(test_flops),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
