/* test_steps.c - steps of training: equal bytes for every team, instruction set, resume
 * and way of computing; no allocation; batches of one. */
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

#include "pace.h"
#include "simple_help.h"

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
        for (uint64_t at = 1; at < ROUNDS; at += instrumented() ? 8 : 4) {
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
    uint64_t most = instrumented() ? 30 : 100;

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
        for (; batch.step < most; batch.step++)
            hg_model_train(model, &batch, &update, &loss);
        after = hg_model_evaluate(model, x, NULL, kinds[k].batch, NULL);
        if (!(after < before))
            fail_msg("%s: %g to %g", kinds[k].encoder, before, after);
        assert_true(update.count == most);
        free(x);
        hg_model_destroy(model);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_teams),        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_resume),       cmocka_unit_test(test_changing_ways),
        cmocka_unit_test(test_watching),     cmocka_unit_test(test_learns),
        cmocka_unit_test(test_batch_of_one), cmocka_unit_test(test_no_allocation),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
