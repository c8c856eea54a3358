/* test_tiny.c - the short cuts of tiny.h against the general kernels. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tiny_help.h"

enum { STEPS = 4, KINDS = 5 };

/* A few steps, one of them with a smaller batch; settled once between. */
static void run_short(const struct hg_context *c, struct net *net, const float *input,
                      const float *target, double loss[STEPS])
{
    struct hg__tiny *tiny;
    size_t n = net->layer[0].in;

    net->plan.layer = net->layer;
    assert_true(hg__tiny_fits(&net->plan));
    tiny = hg__tiny_create(c, &net->plan);
    assert_non_null(tiny);
    assert_true(hg__tiny_takes(tiny, net->samples, &net->update));
    assert_false(hg__tiny_takes(tiny, net->samples + 1, &net->update));
    assert_false(hg__tiny_settle(tiny));
    for (size_t s = 0; s < STEPS; s++) {
        size_t m = s == 2 ? (net->samples + 1) / 2 : net->samples;
        struct hg__tiny_batch batch = {input + s * n, target + s * n, m};
        loss[s] = short_step(tiny, net, &batch);
        if (s == 1) {
            assert_true(hg__tiny_settle(tiny));
            assert_false(hg__tiny_settle(tiny));
            hg__tiny_forget(tiny);
        }
    }
    assert_true(hg__tiny_settle(tiny));
    hg__tiny_destroy(tiny);
}

static void run_plain(const struct hg_context *c, struct net *net, const float *input,
                      const float *target, double loss[STEPS])
{
    size_t n = net->layer[0].in;

    for (size_t s = 0; s < STEPS; s++) {
        size_t m = s == 2 ? (net->samples + 1) / 2 : net->samples;
        struct hg__tiny_batch batch = {input + s * n, target + s * n, m};
        loss[s] = plain_step(c, net, &batch);
    }
}

static void check_net(const struct net *net, int round)
{
    static const struct {
        const char *isa;
        int threads;
    } kind[KINDS] = {{"base", 1}, {"avx2", 1}, {"avx512", 1}, {"avx512", 2}, {"avx512", 7}};
    size_t size = (net->samples + STEPS) * net->layer[0].in;
    float *input = filled(size, 0.05f, 0.95f), *target = filled(size, 0.05f, 0.95f);
    struct net first = copy_net(net);
    bool have = false;

    for (size_t i = 0; i < KINDS; i++) {
        struct hg_context *c;
        struct net plain = copy_net(net), quick = copy_net(net);
        double want[STEPS], got[STEPS];

        if (hg_context_create(kind[i].threads, kind[i].isa, 0, &c, NULL) == HG_OK) {
            run_plain(c, &plain, input, round % 2 ? input : target, want);
            run_short(c, &quick, input, round % 2 ? input : target, got);
            for (int s = 0; s < STEPS; s++)
                assert_true(fabs(want[s] - got[s]) <= 1e-4 * fabs(want[s]) + 1e-6);
            assert_close(&plain, &quick, 1e-3f);
            if (i > 0 && have)
                assert_equal(&first, &quick);
            if (i > 0 && !have) {
                drop_net(&first);
                first = copy_net(&quick);
                have = true;
            }
            hg_context_destroy(c);
        }
        drop_net(&plain);
        drop_net(&quick);
    }
    drop_net(&first);
    hg__free(input), hg__free(target);
}

static void test_tiny(void **state)
{
    (void)state;
    for (int round = 0; round < 48; round++) {
        struct net net;
        make_tiny_net(&net, round);
        check_net(&net, round);
        drop_net(&net);
    }
}

static void test_skinny(void **state)
{
    (void)state;
    for (int round = 0; round < 24; round++) {
        struct net net;
        make_skinny_net(&net, round);
        check_net(&net, round);
        drop_net(&net);
    }
}

/* Settling after every step, as a screen that looks would, changes no bit. */
static void test_settling(void **state)
{
    (void)state;
    for (int round = 0; round < 16; round++) {
        struct net net, often;
        struct hg_context *c;
        float *x;

        if (round < 8)
            make_tiny_net(&net, round);
        else
            make_skinny_net(&net, 2 * round + 1);
        often = copy_net(&net);
        x = filled(4 * net.samples * net.layer[0].in, 0, 1);
        assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &c, NULL), HG_OK);
        net.plan.layer = net.layer, often.plan.layer = often.layer;
        struct hg__tiny *a = hg__tiny_create(c, &net.plan), *b = hg__tiny_create(c, &often.plan);
        for (size_t s = 0; s < 4; s++) {
            float *input = x + s * net.samples * net.layer[0].in;
            struct hg__tiny_batch batch = {input, input, net.samples};
            assert_true(short_step(a, &net, &batch) == short_step(b, &often, &batch));
            assert_true(hg__tiny_settle(b));
            if (s == 1)
                hg__tiny_forget(b);
        }
        hg__tiny_settle(a);
        assert_equal(&net, &often);
        hg__tiny_destroy(a), hg__tiny_destroy(b);
        hg_context_destroy(c);
        hg__free(x);
        drop_net(&net), drop_net(&often);
    }
}

static void test_refusals(void **state)
{
    struct net net;

    (void)state;
    memset(&net, 0, sizeof net);
    net.samples = 32;
    add_layer(&net, 784, 512, HG_RELU, true);
    add_layer(&net, 512, 784, HG_SIGMOID, true);
    finish_net(&net, 0);
    assert_false(hg__tiny_fits(&net.plan));
    net.plan.layers = 0;
    assert_false(hg__tiny_fits(&net.plan));
    drop_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiny),
        cmocka_unit_test(test_skinny),
        cmocka_unit_test(test_settling),
        cmocka_unit_test(test_refusals),
    };

    hg__rng_start(&rng, 2, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
