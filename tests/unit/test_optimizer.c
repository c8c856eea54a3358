/* test_optimizer.c - the optimizers step by step, on J = theta^2 / 2 (EXPERIMENTS 4) and
 * on a network against the formulas of INTERFACE 3 in double. */
#include "hourglass/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model_help.h"

static struct hg_update update_of(enum hg_optimizer optimizer, double rate)
{
    return (struct hg_update){
        .optimizer = optimizer,
        .rate = rate,
        .beta1 = 0.9,
        .beta2 = optimizer == HG_RMSPROP ? 0.99 : 0.999,
        .epsilon = 1e-8,
    };
}

/* One value, no code: y = theta x + b. With x = sqrt(1/2) and sse over target 0... the
 * simplest way to J = theta^2 / 2 is a bias alone: x = 0 makes y = b, target 0, sse. */
static double bias_after(struct hg_context *context, enum hg_optimizer optimizer, int steps)
{
    struct hg_model_config config = {
        .encoder = "none",
        .code = "none",
        .decoder = "none",
        .output = "linear",
        .input = {1, 1, 1},
        .bias = true,
        .loss = HG_LOSS_SSE,
    };
    struct hg_model *model = build(context, &config);
    struct hg_update update = update_of(optimizer, 0.1);
    const float zero = 0, one = 1;
    struct hg_batch batch = {&zero, &zero, 1, 1, 0};
    size_t bias = find_tensor(model, "decoder.0.bias");
    double loss;
    float theta;

    hg_model_write(model, bias, HG_PART_VALUE, &one);
    for (int i = 0; i < steps; i++) {
        batch.step = (uint64_t)i;
        hg_model_read(model, bias, HG_PART_VALUE, &theta);
        hg_model_train(model, &batch, &update, &loss);
        assert_true(fabs(loss - 0.5 * theta * theta) <= 1e-6);
    }
    assert_true(update.count == (uint64_t)steps);
    hg_model_read(model, bias, HG_PART_VALUE, &theta);
    hg_model_destroy(model);
    return theta;
}

static void test_sequences(void **state)
{
    static const struct {
        enum hg_optimizer optimizer;
        double theta[5];
    } rows[] = {
        {HG_SGD, {.9, .81, .729, .6561, .59049}},
        {HG_MOMENTUM, {.99, .9711, .944379, .91088631, .8716340259}},
        {HG_RMSPROP, {1e-7, -5e-10, 0, 0, 0}},
        {HG_ADAM, {.900000001, .8004122297, .7015862745, .6039390627, .5079636619}},
        {HG_ADAMW, {.900000001, .8004122297, .7015862745, .6039390627, .5079636619}},
        /* v = 0.9 v + g, theta -= 0.1 (g + 0.9 v), by hand */
        {HG_NESTEROV, {.81, .5751, .3225961, .078943779, -.1370000189}},
    };
    struct hg_context *context = open_context(1, NULL);

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double v = 0, theta = 1;
        for (int i = 0; i < 5; i++) {
            double wanted = rows[r].theta[i], got = bias_after(context, rows[r].optimizer, i + 1);
            v = 0.9 * v + theta;
            theta -= 0.1 * (theta + 0.9 * v);
            if (rows[r].optimizer == HG_NESTEROV)
                wanted = theta;
            /* rmsprop's 1e-7 is what is left of 1 - 1: float32 knows 1 to 6e-8 */
            if (!(fabs(got - wanted) <= 1e-5 * fabs(wanted) + 1.5e-7))
                fail_msg("%s step %d: %.10g, wanted %.10g", hg_optimizer_name(rows[r].optimizer),
                         i + 1, got, wanted);
        }
    }
    hg_context_destroy(context);
}

/* ---- a network: penalties, clip, moments, one step after the other ---- */

enum { SAMPLES = 7, INPUTS = 5, STEPS = 6, MOST = 400 };

struct twin {
    double value[MOST], first[MOST], second[MOST];
    bool matrix[MOST];
    size_t count;
};

static void read_all(const struct hg_model *model, enum hg_tensor_part part, double *out,
                     bool *matrix)
{
    size_t at = 0;

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        float *value = read_tensor(model, i, part);
        for (size_t k = 0; info.trainable && k < info.count; k++) {
            matrix[at] = info.dims > 1;
            out[at++] = value[k];
        }
        free(value);
    }
}

/* One update by the letter of INTERFACE 3. */
static void step_twin(struct twin *t, double *g, const struct hg_update *u, uint64_t n)
{
    double norm = 0;

    for (size_t i = 0; i < t->count; i++) {
        double theta = t->value[i];
        if (t->matrix[i] && u->optimizer != HG_ADAMW)
            g[i] += u->weight_decay * theta;
        if (t->matrix[i])
            g[i] += u->l1 * (theta > 0 ? 1 : theta < 0 ? -1 : 0);
        norm += g[i] * g[i];
    }
    norm = sqrt(norm);
    for (size_t i = 0; i < t->count; i++) {
        double *theta = &t->value[i], *m = &t->first[i], *v = &t->second[i];
        double c1 = 1 - pow(u->beta1, (double)n), c2 = 1 - pow(u->beta2, (double)n);
        if (u->clip > 0)
            g[i] *= fmin(1, u->clip / norm);
        switch (u->optimizer) {
        case HG_MOMENTUM:
            *m = u->beta1 * *m + (1 - u->beta1) * g[i];
            *theta -= u->rate * *m;
            break;
        case HG_NESTEROV:
            *m = u->beta1 * *m + g[i];
            *theta -= u->rate * (g[i] + u->beta1 * *m);
            break;
        case HG_RMSPROP:
            *v = u->beta2 * *v + (1 - u->beta2) * g[i] * g[i];
            *theta -= u->rate * g[i] / (sqrt(*v) + u->epsilon);
            break;
        case HG_ADAMW:
            if (t->matrix[i])
                *theta -= u->rate * u->weight_decay * *theta;
            /* fall through */
        case HG_ADAM:
            *m = u->beta1 * *m + (1 - u->beta1) * g[i];
            *v = u->beta2 * *v + (1 - u->beta2) * g[i] * g[i];
            *theta -= u->rate * (*m / c1) / (sqrt(*v / c2) + u->epsilon);
            break;
        default:
            *theta -= u->rate * g[i];
        }
    }
}

static void check_network(struct hg_context *context, const struct hg_model_config *config,
                          struct hg_update update)
{
    struct hg_model *model = build(context, config);
    float *x = made_up(SAMPLES * INPUTS, -1, 1, 9);
    struct twin *t = calloc(1, sizeof *t);
    double gradient[MOST], now[MOST], loss;

    assert_non_null(t);
    t->count = (size_t)hg_model_parameters(model);
    assert_true(t->count <= MOST);
    start(model, "glorot", 4);
    read_all(model, HG_PART_VALUE, t->value, t->matrix);
    for (uint64_t n = 1; n <= STEPS; n++) {
        struct hg_batch batch = {x, x, SAMPLES, 3, n};
        hg_model_differentiate(model, &batch, NULL, NULL);
        read_all(model, HG_PART_GRADIENT, gradient, t->matrix);
        step_twin(t, gradient, &update, n);
        hg_model_train(model, &batch, &update, &loss);
        read_all(model, HG_PART_VALUE, now, t->matrix);
        for (size_t i = 0; i < t->count; i++) {
            if (!(fabs(now[i] - t->value[i]) <= 2e-5 * fabs(t->value[i]) + 2e-6))
                fail_msg("%s, decay %g l1 %g clip %g, %s, %s: step %d, number %zu: %.9g, "
                         "wanted %.9g",
                         hg_optimizer_name(update.optimizer), update.weight_decay, update.l1,
                         update.clip, config->encoder, config->decoder, (int)n, i, now[i],
                         t->value[i]);
            t->value[i] = now[i]; /* judge each step by itself */
        }
    }
    hg_model_destroy(model);
    free(t);
    free(x);
}

static void test_network(void **state)
{
    static const char *const encoder[] = {"dense 6 tanh", "dense 6 bn tanh dropout 0.2"};
    static const char *const decoder[] = {"mirror", "tied"};
    struct hg_context *context = open_context(1, NULL);

    (void)state;
    for (int o = 0; o < HG_OPTIMIZER_COUNT; o++)
        for (int penalties = 0; penalties < 4; penalties++)
            for (int net = 0; net < 4; net++) {
                struct hg_model_config config = {
                    .encoder = encoder[net % 2],
                    .code = "2",
                    .decoder = decoder[net / 2],
                    .output = "linear",
                    .input = {1, 1, INPUTS},
                    .bias = true,
                    .sparsity = net == 3 ? 0.1 : 0,
                };
                struct hg_update update = update_of((enum hg_optimizer)o, 0.02);
                update.epsilon = 1e-3;
                update.weight_decay = penalties & 1 ? 0.3 : 0;
                update.l1 = penalties & 1 ? 0.07 : 0;
                update.clip = penalties & 2 ? 0.05 : 0;
                check_network(context, &config, update);
            }
    hg_context_destroy(context);
}

/* Moments are zero after a reset, and belong to the numbers they move. */
static void test_moments(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    struct hg_model_config config = {
        .encoder = "dense 6 tanh",
        .code = "2",
        .decoder = "mirror",
        .output = "linear",
        .input = {1, 1, INPUTS},
        .bias = true,
    };
    struct hg_model *model = build(context, &config);
    struct hg_update update = update_of(HG_ADAM, 0.01);
    float *x = made_up(SAMPLES * INPUTS, -1, 1, 9);
    struct hg_batch batch = {x, x, SAMPLES, 3, 0};
    double m[MOST], v[MOST], g[MOST], loss;
    bool matrix[MOST];

    (void)state;
    start(model, "auto", 1);
    hg_model_differentiate(model, &batch, NULL, NULL);
    read_all(model, HG_PART_GRADIENT, g, matrix);
    hg_model_train(model, &batch, &update, &loss);
    read_all(model, HG_PART_FIRST, m, matrix);
    read_all(model, HG_PART_SECOND, v, matrix);
    for (size_t i = 0; i < hg_model_parameters(model); i++) {
        assert_true(fabs(m[i] - 0.1 * g[i]) <= 1e-6 * fabs(g[i]) + 1e-9);
        assert_true(fabs(v[i] - 0.001 * g[i] * g[i]) <= 1e-5 * g[i] * g[i] + 1e-15);
    }
    hg_model_reset_moments(model);
    read_all(model, HG_PART_FIRST, m, matrix);
    read_all(model, HG_PART_SECOND, v, matrix);
    for (size_t i = 0; i < hg_model_parameters(model); i++)
        assert_true(m[i] == 0 && v[i] == 0);
    free(x);
    hg_model_destroy(model);
    hg_context_destroy(context);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < HG_OPTIMIZER_COUNT; i++)
        assert_int_equal(hg_optimizer_find(hg_optimizer_name((enum hg_optimizer)i)), i);
    for (int i = 0; i < HG_LOSS_COUNT; i++)
        assert_int_equal(hg_loss_find(hg_loss_name((enum hg_loss)i)), i);
    assert_int_equal(hg_optimizer_find("Adam"), -1);
    assert_int_equal(hg_loss_find("mae"), -1);
    assert_null(hg_optimizer_name(HG_OPTIMIZER_COUNT));
    assert_null(hg_loss_name(HG_LOSS_COUNT));
    assert_null(hg_activation_name(HG_ACTIVATION_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
