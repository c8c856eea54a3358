/* test_experiments_engine.c - EXPERIMENTS 2 and 3: costs, gradients, and what is stuck or
 * solved, from the numbers given there. */
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

enum { SEEDS = 20 };

struct named {
    const char *name;
    double numbers[4]; /* in x out, as EXPERIMENTS writes them */
};

static size_t in_of(struct hg_tensor_info info)
{
    return info.dims > 1 ? info.shape[1] : 1;
}

/* Place of number k (in x out) in PyTorch's layout (out x in). */
static size_t place(struct hg_tensor_info info, size_t k)
{
    size_t out = info.shape[0], in = in_of(info);

    return in == 1 ? k : k % out * in + k / out;
}

static void set(struct hg_model *model, const struct named *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t index = find_tensor(model, values[i].name);
        struct hg_tensor_info info = hg_model_tensor(model, index);
        float out[4];
        assert_true(info.count <= 4);
        for (size_t k = 0; k < info.count; k++)
            out[place(info, k)] = (float)values[i].numbers[k];
        hg_model_write(model, index, HG_PART_VALUE, out);
    }
}

static void near(double value, double wanted, double relative, const char *what)
{
    if (!(fabs(value - wanted) <= relative * fabs(wanted)))
        fail_msg("%s: %.10g, wanted %.10g", what, value, wanted);
}

static void check_gradients(const struct hg_model *model, const struct named *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t index = find_tensor(model, wanted[i].name);
        struct hg_tensor_info info = hg_model_tensor(model, index);
        float got[4];
        hg_model_read(model, index, HG_PART_GRADIENT, got);
        for (size_t k = 0; k < info.count; k++)
            near(got[place(info, k)], wanted[i].numbers[k], 1e-5, wanted[i].name);
    }
}

/* ---- 2: stack-gradient ---- */

static const float stack_x[10] = {.5488135f,  .71518937f, .60276338f, .54488318f, .4236548f,
                                  .64589411f, .43758721f, .891773f,   .96366276f, .38344152f};

static const struct named stack_start[] = {
    {"encoder.0.weight", {.417022, .72032449, .00011437, .30233257}},
    {"encoder.0.bias", {.14675589, .09233859}},
    {"decoder.0.weight", {.18626021, .34556073, .39676747, .53881673}},
    {"decoder.0.bias", {.41919451, .6852195}},
    {"decoder.2.weight", {.20445225, .87811744, .02738759, .67046751}},
    {"decoder.2.bias", {.4173048, .55868983}},
};

static struct hg_model *stack(void)
{
    struct hg_model_config config = {
        .encoder = "dense 2 sigmoid",
        .code = "none",
        .decoder = "dense 2 sigmoid",
        .output = "linear",
        .input = {1, 1, 2},
        .bias = true,
        .loss = HG_LOSS_SSE,
    };
    struct hg_model *model = build(context, &config);

    set(model, stack_start, 6);
    return model;
}

static void test_stack_gradient(void **state)
{
    static const struct named wanted[] = {
        {"encoder.0.weight", {.0115323841, .0191580177, .011584746, .0194557431}},
        {"encoder.0.bias", {.0188271289, .031501354}},
        {"decoder.0.weight", {.1177668411, .0727695607, .1321237101, .0816379522}},
        {"decoder.0.bias", {.1965652602, .1213452146}},
        {"decoder.2.weight", {-.0113745326, .7234683012, -.0128786302, .8164733125}},
        {"decoder.2.bias", {-.0157725778, 1.0491846337}},
    };
    struct hg_model *model = stack();
    struct hg_batch batch = {stack_x, stack_x, 5, 1, 0};
    double loss, objective;

    (void)state;
    hg_model_differentiate(model, &batch, &loss, &objective);
    near(loss, 0.58456091, 1e-5, "cost");
    near(objective, 0.58456091, 1e-5, "objective");
    near(hg_model_evaluate(model, stack_x, NULL, 5, NULL), 0.58456091, 1e-5, "evaluated");
    check_gradients(model, wanted, 6);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_gradient_verdict verdict;
        assert_int_equal(hg_gradient_check(model, &batch, i, 100, &verdict, NULL), HG_OK);
        if (!verdict.right || verdict.zero || fabs(verdict.ratio - 1) > 1e-4)
            fail_msg("%s: error %g ratio %g", verdict.name, verdict.error, verdict.ratio);
    }
    hg_model_destroy(model);
}

static void test_stack_descent(void **state)
{
    static const struct {
        int steps;
        double cost;
    } wanted[] = {
        {1000, .03370}, {10000, .03348}, {20000, .03135}, {30000, .00266}, {50000, .00262}};
    struct hg_model *model = stack();
    struct hg_batch batch = {stack_x, stack_x, 5, 1, 0};
    struct hg_update update = {.optimizer = HG_SGD, .rate = 0.1};
    double loss;
    size_t at = 0;

    (void)state;
    for (int step = 1; at < 5; step++) {
        hg_model_train(model, &batch, &update, &loss);
        if (step != wanted[at].steps)
            continue;
        near(hg_model_evaluate(model, stack_x, NULL, 5, NULL), wanted[at].cost, 0.02, "cost");
        at++;
    }
    hg_model_destroy(model);
}

/* ---- 3: mean-trap ---- */

static const float trap_x[4] = {.37853141f, 1, .59747807f, 1};

static struct hg_model *trap(void)
{
    struct hg_model_config config = {
        .encoder = "dense 1 sigmoid",
        .code = "none",
        .decoder = "dense 2 sigmoid",
        .output = "linear",
        .input = {1, 1, 2},
        .loss = HG_LOSS_SSE,
    };

    return build(context, &config);
}

static void test_trap_gradient(void **state)
{
    static const struct named begin[] = {
        {"encoder.0.weight", {.5488135039, .7151893664}},
        {"decoder.0.weight", {.6027633761, .544883183}},
        {"decoder.2.weight", {.4236547993, .6458941131, .4375872113, .8917730008}},
    };
    static const struct named wanted[] = {
        {"encoder.0.weight", {-.0013725506, -.0022834062}},
        {"decoder.0.weight", {-.0061395562, -.0093141129}},
        {"decoder.2.weight", {.0187457663, -.0451200162, .0184481254, -.0443720773}},
    };
    static const double output[4] = {.5177383072, .923276024, .520552161, .9282665767};
    struct hg_model *model = trap();
    struct hg_batch batch = {trap_x, trap_x, 2, 1, 0};
    double loss;
    float y[4];

    (void)state;
    assert_int_equal(hg_model_tensors(model), 3);
    set(model, begin, 3);
    hg_model_differentiate(model, &batch, &loss, NULL);
    near(loss, 0.0090821021, 1e-5, "cost");
    check_gradients(model, wanted, 3);
    hg_model_reconstruct(model, trap_x, 2, y, NULL);
    for (size_t i = 0; i < 4; i++)
        near(y[i], output[i], 1e-5, "xhat");
    hg_model_destroy(model);
}

/* The gradient check must see the fault row0-derivative (every sample uses sample
 * 0's derivative), whose ratios are 1.060 and 1.002 here. Judged as the check
 * judges: a right gradient is within 5e-4 and 1e-3, and these are not. */
static void test_trap_tolerance(void **state)
{
    struct hg_model *model = trap();
    struct hg_batch batch = {trap_x, trap_x, 2, 1, 0};

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        start(model, "uniform 0 1", seed);
        for (size_t i = 0; i < hg_model_tensors(model); i++) {
            struct hg_gradient_verdict verdict;
            assert_int_equal(hg_gradient_check(model, &batch, i, 100, &verdict, NULL), HG_OK);
            if (!verdict.right || verdict.error > 1e-4 || fabs(verdict.ratio - 1) > 2e-4)
                fail_msg("%s: error %g ratio %g", verdict.name, verdict.error, verdict.ratio);
        }
    }
    hg_model_destroy(model);
}

static uint64_t seeds(void)
{
    return instrumented() ? 3 : SEEDS;
}

/* How many of the seeds end with a cost in low..high. */
static int count_seeds(const float *x, size_t samples, double rate, int steps, double low,
                       double high)
{
    struct hg_model *model = trap();
    int count = 0;

    for (uint64_t seed = 1; seed <= seeds(); seed++) {
        struct hg_batch batch = {x, x, samples, seed, 0};
        struct hg_update update = {.optimizer = HG_SGD, .rate = rate};
        double loss, cost;
        start(model, "uniform 0 1", seed);
        for (int i = 0; i < steps; i++)
            hg_model_train(model, &batch, &update, &loss);
        cost = hg_model_evaluate(model, x, NULL, samples, NULL);
        count += cost >= low && cost < high;
    }
    hg_model_destroy(model);
    return count;
}

static void test_trap_seeds(void **state)
{
    static const float row[2] = {.95023264f, 1};
    const double floor = 0.0059922050;

    (void)state;
    assert_int_equal(count_seeds(trap_x, 2, 0.001, 10000, 0.9 * floor, INFINITY), seeds());
    assert_int_equal(count_seeds(trap_x, 2, 1, 20000, 0, 1e-6), seeds());
    assert_int_equal(count_seeds(row, 1, 0.1, 10000, 0, 1e-7), seeds());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stack_gradient), cmocka_unit_test(test_stack_descent),
        cmocka_unit_test(test_trap_gradient),  cmocka_unit_test(test_trap_tolerance),
        cmocka_unit_test(test_trap_seeds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
