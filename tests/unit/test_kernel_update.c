/* test_kernel_update.c - the optimizers' kernels against naive twins. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_help.h"

struct twin {
    double value, first, second;
};

/* INTERFACE section 3, as it stands. */
static void true_update(const struct hg_update *u, double t, double g, struct twin *p)
{
    double rate = u->rate, mean, spread;

    if (u->optimizer == HG_ADAMW)
        p->value -= rate * u->weight_decay * p->value;
    else
        g += u->weight_decay * p->value;
    g += u->l1 * ((p->value > 0) - (p->value < 0));
    switch (u->optimizer) {
    case HG_MOMENTUM:
        p->first = u->beta1 * p->first + (1 - u->beta1) * g;
        p->value -= rate * p->first;
        return;
    case HG_NESTEROV:
        p->first = u->beta1 * p->first + g;
        p->value -= rate * (g + u->beta1 * p->first);
        return;
    case HG_RMSPROP:
        p->second = u->beta2 * p->second + (1 - u->beta2) * g * g;
        p->value -= rate * g / (sqrt(p->second) + u->epsilon);
        return;
    case HG_ADAM:
    case HG_ADAMW:
        p->first = u->beta1 * p->first + (1 - u->beta1) * g;
        p->second = u->beta2 * p->second + (1 - u->beta2) * g * g;
        mean = p->first / (1 - pow(u->beta1, t));
        spread = p->second / (1 - pow(u->beta2, t));
        p->value -= rate * mean / (sqrt(spread) + u->epsilon);
        return;
    default:
        p->value -= rate * g;
    }
}

static struct hg_update any_update(int round)
{
    return (struct hg_update){.optimizer = (enum hg_optimizer)(round % HG_OPTIMIZER_COUNT),
                              .rate = 0.01,
                              .beta1 = 0.9,
                              .beta2 = 0.999,
                              .epsilon = 1e-8,
                              .weight_decay = round % 2 ? 0.01 : 0,
                              .l1 = round % 4 ? 0 : 0.003};
}

static void test_update(void **state)
{
    enum { COUNT = 9001, STEPS = 4 };
    float *start = filled(COUNT), *g = filled(COUNT), *p[3], *kept[3];
    struct twin *twin = calloc(COUNT, sizeof *twin);

    (void)state;
    g[3] = 0;
    for (int i = 0; i < 3; i++)
        p[i] = fresh(COUNT), kept[i] = fresh(COUNT);
    for (int round = 0; round < 2 * HG_OPTIMIZER_COUNT; round++) {
        struct hg_update update = any_update(round);
        for (size_t c = 0; c < contexts; c++) {
            for (size_t i = 0; i < COUNT; i++) {
                twin[i] = (struct twin){(double)start[i], 0, 0};
                p[0][i] = start[i], p[1][i] = p[2][i] = 0;
            }
            for (uint64_t t = 1; t <= STEPS; t++) {
                struct hg__rule rule;
                hg__rule_set(&rule, &update, t, true, 1);
                hg__update(context[c], &rule, (struct hg__parameters){p[0], g, p[1], p[2]}, COUNT);
                for (size_t i = 0; i < COUNT; i++)
                    true_update(&update, (double)t, (double)g[i], &twin[i]);
            }
            for (size_t i = 0; i < COUNT; i++)
                assert_near((double)p[0][i], twin[i].value, 1);
            for (int i = 0; i < 3; i++)
                assert_same(c, p[i], kept[i], COUNT);
        }
    }
    for (int i = 0; i < 3; i++)
        hg__free(p[i]), hg__free(kept[i]);
    hg__free(start), hg__free(g), free(twin);
}

/* Updating inside the gradient call is the same as gradient, then update. */
static void test_fused_update(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct hg_update update = any_update(round);
        struct hg__rule rule;
        size_t s[3], m, in, out, size, turned;
        float *x, *dy, *g, *a[3], *b[3], *t, *u;

        random_shape(round, s);
        m = s[0], in = s[1], out = s[2], size = hg__weight_size(in, out);
        turned = hg__weight_size(out, in);
        x = filled(m * in), dy = matrix(m, out, 0), g = fresh(size);
        t = fresh(turned), u = fresh(turned);
        a[0] = packed(in, out), b[0] = fresh(size);
        memcpy(b[0], a[0], size * sizeof **a);
        for (int i = 1; i < 3; i++)
            a[i] = fresh(size), b[i] = fresh(size);
        hg__rule_set(&rule, &update, 1, true, 1);
        struct hg__gradient job = {.samples = m,
                                   .in = in,
                                   .out = out,
                                   .x = x,
                                   .x_stride = in,
                                   .dy = dy,
                                   .dy_stride = hg__pad(out),
                                   .gradient = g};
        struct hg__gradient fused = job;
        fused.gradient = NULL, fused.rule = &rule, fused.transposed = u;
        fused.weight = b[0], fused.first = b[1], fused.second = b[2];
        const struct hg_context *c = context[(size_t)round % contexts];
        hg__dense_gradient(c, &job);
        hg__update(c, &rule, (struct hg__parameters){a[0], g, a[1], a[2]}, size);
        hg__dense_transpose(c, in, out, a[0], t, false);
        hg__dense_gradient(c, &fused);
        for (int i = 0; i < 3; i++)
            assert_memory_equal(a[i], b[i], size * sizeof **a);
        assert_memory_equal(t, u, turned * sizeof *t);
        for (int i = 0; i < 3; i++)
            hg__free(a[i]), hg__free(b[i]);
        hg__free(x), hg__free(dy), hg__free(g), hg__free(t), hg__free(u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_fused_update),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, open_contexts, close_contexts);
}
