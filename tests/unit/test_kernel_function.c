/* test_kernel_function.c - functions of one number: how exact, and at the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel_help.h"

static double true_map(enum hg__function map, double x)
{
    switch (map) {
    case HG__MAP_EXP:
        return exp(x);
    case HG__MAP_LOG:
        return log(x);
    case HG__MAP_TANH:
        return tanh(x);
    case HG__MAP_ERF:
        return erf(x);
    default:
        return 1 / (1 + exp(-x));
    }
}

/* Distance in units in the last place of the true value's float. */
static double ulps(float got, double want)
{
    double unit = want == 0 ? 0x1p-149 : ldexp(1, ilogb(want) - 23);
    return fabs((double)got - want) / unit;
}

static void test_accuracy(void **state)
{
    static const struct {
        enum hg__function map;
        float low, high;
        double allowed;
    } range[] = {{HG__MAP_EXP, -86, 88, 2},        {HG__MAP_LOG, 1e-30f, 1e30f, 2},
                 {HG__MAP_LOG, 0.5f, 2, 2},        {HG__MAP_TANH, -12, 12, 5},
                 {HG__MAP_TANH, -0.01f, 0.01f, 5}, {HG__MAP_TANH, 7.91f, 12, 1},
                 {HG__MAP_TANH, -12, -7.91f, 1},   {HG__MAP_ERF, -5, 5, 6},
                 {HG__MAP_ERF, -0.1f, 0.1f, 4},    {HG__MAP_SIGMOID, -80, 80, 3}};
    enum { COUNT = 200003, CASES = sizeof range / sizeof *range };
    float *x = fresh(COUNT), *y = fresh(COUNT), *kept = fresh(COUNT);

    (void)state;
    for (size_t k = 0; k < CASES; k++) {
        double low = (double)range[k].low, high = (double)range[k].high;
        bool wide = range[k].map == HG__MAP_LOG && high > 2;
        for (size_t i = 0; i < COUNT; i++) {
            double u = (double)i / (COUNT - 1);
            x[i] = (float)(wide ? low * pow(high / low, u) : low + (high - low) * u);
        }
        for (size_t c = 0; c < contexts; c++) {
            double worst = 0;
            hg__context_kernels(context[c])->map(range[k].map, x, y, COUNT);
            for (size_t i = 0; i < COUNT; i++)
                if (x[i] != 0)
                    worst = fmax(worst, ulps(y[i], true_map(range[k].map, (double)x[i])));
            if (getenv("TESTS_VERBOSE"))
                print_message("map %d on %g..%g, %s: %.2f ulp\n", (int)range[k].map, low, high,
                              hg_context_isa(context[c]), worst);
            /* without fused operations rounding adds up a little more */
            assert_true(worst <= range[k].allowed + (is_base(context[c]) ? 2 : 0));
            assert_same(c, y, kept, COUNT);
        }
    }
    hg__free(x), hg__free(y), hg__free(kept);
}

static void test_special_values(void **state)
{
    float x[7] = {0, -0.0f, INFINITY, -INFINITY, NAN, 200, -200}, y[7], slope[7];
    const float ones[7] = {1, 1, 1, 1, 1, 1, 1};

    (void)state;
    for (size_t c = 0; c < contexts; c++) {
        const struct hg__kernels *k = hg__context_kernels(context[c]);
        k->map(HG__MAP_EXP, x, y, 7);
        assert_true(y[0] == 1 && y[1] == 1 && isinf(y[2]) && y[3] == 0 && isnan(y[4]) &&
                    isinf(y[5]) && y[6] == 0);
        k->map(HG__MAP_LOG, x, y, 7);
        assert_true(isinf(y[0]) && y[0] < 0 && isinf(y[2]) && y[2] > 0 && isnan(y[3]) &&
                    isnan(y[4]) && isnan(y[6]));
        k->map(HG__MAP_TANH, x, y, 7);
        assert_true(y[0] == 0 && y[2] == 1 && y[3] == -1 && isnan(y[4]) && y[5] == 1 && y[6] == -1);
        k->activate(HG_TANH, 0, x, y, 7);
        k->activate_back(HG_TANH, 0, y, ones, slope, 7);
        assert_true(slope[0] == 1 && slope[2] == 0 && slope[3] == 0 && slope[5] == 0);
        k->map(HG__MAP_SIGMOID, x, y, 7);
        assert_true(y[0] == 0.5f && y[2] == 1 && y[3] == 0 && isnan(y[4]) && y[5] == 1 &&
                    y[6] == 0);
        for (int a = 0; a < HG_ACTIVATION_COUNT; a++) {
            k->activate((enum hg_activation)a, 0.01f, x + 4, y, 1);
            assert_true(isnan(y[0]));
        }
    }
}

static void test_activations(void **state)
{
    enum { COUNT = 4001 };
    float *z = fresh(COUNT), *y = fresh(COUNT), *dz = fresh(COUNT), *one = fresh(COUNT);
    float *kept = fresh(COUNT), *kept_dz = fresh(COUNT);

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        z[i] = (float)i * 0.005f - 10.0013f, one[i] = 1;
    for (int a = 0; a < HG_ACTIVATION_COUNT; a++)
        for (size_t c = 0; c < contexts; c++) {
            const struct hg__kernels *k = hg__context_kernels(context[c]);
            enum hg_activation activation = (enum hg_activation)a;
            bool input = hg__activation_keeps_input(activation, 0.3f);
            k->activate(activation, 0.3f, z, y, COUNT);
            k->activate_back(activation, 0.3f, input ? z : y, one, dz, COUNT);
            for (size_t i = 0; i < COUNT; i++) {
                double t = true_activation(activation, (double)0.3f, (double)z[i]);
                assert_near((double)y[i], t, fmax(fabs(t), 0.5));
                assert_near((double)dz[i], true_slope(activation, (double)0.3f, (double)z[i]), 1);
            }
            assert_same(c, y, kept, COUNT);
            assert_same(c, dz, kept_dz, COUNT);
        }
    hg__free(z), hg__free(y), hg__free(dz), hg__free(one), hg__free(kept), hg__free(kept_dz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_special_values),
        cmocka_unit_test(test_activations),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, open_contexts, close_contexts);
}
