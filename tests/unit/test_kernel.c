/* test_kernel.c - tuned kernels against naive twins, and the promise of equal bits. */
#include "base/mem.h"
#include "base/rng.h"
#include "engine/context.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_CONTEXTS = 6 };

/* One context for each instruction set here, single-threaded, then teams. */
static struct hg_context *context[MOST_CONTEXTS];
static size_t contexts;

static int open_contexts(void **state)
{
    static const struct {
        const char *isa;
        int threads;
    } wanted[] = {{"base", 1}, {"base", 7}, {"avx2", 1}, {"avx2", 2}, {"avx512", 1}, {"avx512", 7}};

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (hg__kernels_find(wanted[i].isa) &&
            hg_context_create(wanted[i].threads, wanted[i].isa, 0, &context[contexts], NULL) ==
                HG_OK)
            contexts++;
    return contexts == 0;
}

static int close_contexts(void **state)
{
    (void)state;
    while (contexts)
        hg_context_destroy(context[--contexts]);
    return 0;
}

static bool is_base(const struct hg_context *c)
{
    return strcmp(hg_context_isa(c), "base") == 0;
}

static struct hg__rng rng;

static float number(void)
{
    return (float)(hg__rng_uniform(&rng) * 2 - 1);
}

static float *fresh(size_t count)
{
    float *p = hg__alloc_aligned(count + 16, sizeof *p);
    assert_non_null(p);
    return p;
}

static float *filled(size_t count)
{
    float *p = fresh(count);
    for (size_t i = 0; i < count; i++)
        p[i] = number();
    return p;
}

/* A matrix whose padding is `padding`. */
static float *matrix(size_t rows, size_t columns, float padding)
{
    size_t stride = hg__pad(columns);
    float *p = filled(rows * stride);

    for (size_t r = 0; r < rows; r++)
        for (size_t c = columns; c < stride; c++)
            p[r * stride + c] = padding;
    return p;
}

static float *packed(size_t in, size_t out)
{
    float *p = fresh(hg__weight_size(in, out));

    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            p[hg__weight_index(in, o, i)] = number();
    return p;
}

static void assert_near(double a, double b, double scale)
{
    if (!(fabs(a - b) <= 2e-6 * scale))
        fail_msg("%.9g is not %.9g (scale %g)", a, b, scale);
}

/* Results of context `c` equal those of the context before it, bit for bit: teams
 * of one instruction set, and avx2 with avx512. */
static void assert_same(size_t c, const float *now, float *kept, size_t count)
{
    if (c > 0 && is_base(context[c - 1]) == is_base(context[c]))
        assert_memory_equal(now, kept, count * sizeof *now);
    memcpy(kept, now, count * sizeof *now);
}

static size_t below(uint32_t n)
{
    return hg__rng_below(&rng, n);
}

static void random_shape(int round, size_t shape[3])
{
    static const size_t large[][3] = {{128, 784, 512}, {17, 4096, 16}, {17, 16, 4096},
                                      {1, 4096, 64},   {700, 33, 65},  {3, 1500, 2},
                                      {40, 2, 1500},   {1, 1, 1},      {128, 512, 128}};
    enum { LARGE = sizeof large / sizeof *large };

    for (int i = 0; i < 3; i++)
        shape[i] = round < LARGE ? large[round][i] : 1 + below(70);
}

enum { ROUNDS = 60 };

static enum hg_activation any_activation(void)
{
    return (enum hg_activation)below(HG_ACTIVATION_COUNT);
}

/* ---- truth in double ---- */

static double true_activation(enum hg_activation activation, double slope, double z)
{
    switch (activation) {
    case HG_SIGMOID:
        return 1 / (1 + exp(-z));
    case HG_TANH:
        return tanh(z);
    case HG_RELU:
        return z > 0 ? z : 0;
    case HG_LRELU:
        return z > 0 ? z : slope * z;
    case HG_ELU:
        return z > 0 ? z : expm1(z);
    case HG_GELU:
        return z * 0.5 * (1 + erf(z / sqrt(2)));
    case HG_SILU:
        return z / (1 + exp(-z));
    case HG_SOFTPLUS:
        return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
    default:
        return z;
    }
}

static double true_slope(enum hg_activation activation, double slope, double z)
{
    double h = 1e-5;
    return (true_activation(activation, slope, z + h) - true_activation(activation, slope, z - h)) /
           (2 * h);
}

/* ---- products ---- */

static void check_forward(const struct hg__forward *job)
{
    for (size_t r = 0; r < job->samples; r++)
        for (size_t o = 0; o < job->out; o++) {
            double z = job->bias ? (double)job->bias[o] : 0, size = fabs(z) + 1;
            for (size_t i = 0; i < job->in; i++) {
                double t = (double)job->x[r * job->x_stride + i] *
                           (double)job->weight[hg__weight_index(job->in, o, i)];
                z += t;
                size += fabs(t);
            }
            assert_near((double)job->y[r * job->y_stride + o],
                        true_activation(job->activation, (double)job->slope, z), size);
            if (job->z)
                assert_near((double)job->z[r * job->y_stride + o], z, size);
        }
}

static void test_forward(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t s[3], m, in, out, size, odd = below(5);
        float *x, *w, *bias, *y, *z, *kept;

        random_shape(round, s);
        m = s[0], in = s[1], out = s[2], size = m * hg__pad(out);
        x = filled(m * (in + odd) + 1);
        w = packed(in, out);
        bias = matrix(1, out, 0);
        y = fresh(size), z = fresh(size), kept = fresh(size);
        struct hg__forward job = {.samples = m,
                                  .in = in,
                                  .out = out,
                                  .x = x + 1,
                                  .x_stride = in + odd,
                                  .weight = w,
                                  .bias = round % 3 ? bias : NULL,
                                  .y = y,
                                  .z = round % 2 ? z : NULL,
                                  .y_stride = hg__pad(out),
                                  .activation = any_activation(),
                                  .slope = 0.01f};
        for (size_t c = 0; c < contexts; c++) {
            hg__dense_forward(context[c], &job);
            if (c == 0 || is_base(context[c - 1]) != is_base(context[c]))
                check_forward(&job);
            assert_same(c, y, kept, size);
        }
        hg__free(x), hg__free(w), hg__free(bias), hg__free(y), hg__free(z), hg__free(kept);
    }
}

static void check_backward(const struct hg__backward *job, const float *weight)
{
    for (size_t r = 0; r < job->samples; r++)
        for (size_t i = 0; i < hg__pad(job->in); i++) {
            double sum = 0, size = 1e-3;
            for (size_t o = 0; i < job->in && o < job->out; o++) {
                double t = (double)job->dy[r * job->dy_stride + o] *
                           (double)weight[hg__weight_index(job->in, o, i)];
                sum += t;
                size += fabs(t);
            }
            if (job->kept && i < job->in) {
                double y = (double)job->kept[r * job->kept_stride + i];
                sum *= 1 - y * y;
            }
            assert_near((double)job->dx[r * job->dx_stride + i], sum, size);
        }
}

static void test_backward(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t s[3], m, in, out, size;
        float *dy, *w, *t, *dx, *below_y, *kept;

        random_shape(round, s);
        m = s[0], in = s[1], out = s[2], size = m * hg__pad(in);
        dy = matrix(m, out, 0);
        w = packed(in, out);
        t = fresh(hg__weight_size(out, in));
        dx = fresh(size), kept = fresh(size);
        below_y = matrix(m, in, 0.5f);
        struct hg__backward job = {.samples = m,
                                   .in = in,
                                   .out = out,
                                   .dy = dy,
                                   .dy_stride = hg__pad(out),
                                   .transposed = t,
                                   .dx = dx,
                                   .dx_stride = hg__pad(in),
                                   .kept = round % 2 ? below_y : NULL,
                                   .kept_stride = hg__pad(in),
                                   .activation = HG_TANH};
        for (size_t c = 0; c < contexts; c++) {
            memset(t, 0, hg__weight_size(out, in) * sizeof *t);
            hg__dense_transpose(context[c], in, out, w, t, c % 2);
            hg__dense_backward(context[c], &job);
            if (c == 0 || is_base(context[c - 1]) != is_base(context[c]))
                check_backward(&job, w);
            assert_same(c, dx, kept, size);
        }
        hg__free(dy), hg__free(w), hg__free(t), hg__free(dx), hg__free(below_y), hg__free(kept);
    }
}

static void check_gradient(const struct hg__gradient *job)
{
    for (size_t o = 0; o < job->out; o++) {
        double bias = 0;
        for (size_t i = 0; i < job->in; i++) {
            double sum = 0, size = 1e-3;
            for (size_t r = 0; r < job->samples; r++) {
                double t = (double)job->x[r * job->x_stride + i] *
                           (double)job->dy[r * job->dy_stride + o];
                sum += t;
                size += fabs(t);
            }
            assert_near((double)job->gradient[hg__weight_index(job->in, o, i)], sum, size);
        }
        for (size_t r = 0; r < job->samples; r++)
            bias += (double)job->dy[r * job->dy_stride + o];
        assert_near((double)job->bias_gradient[o], bias, (double)job->samples);
    }
}

static void test_gradient(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t s[3], m, in, out, size, odd = below(5);
        float *x, *dy, *g, *b, *kept, *kept_b;

        random_shape(round, s);
        m = s[0], in = s[1], out = s[2], size = hg__weight_size(in, out);
        x = filled(m * (in + odd) + 1);
        dy = matrix(m, out, 0);
        g = fresh(size), kept = fresh(size);
        b = fresh(hg__pad(out)), kept_b = fresh(hg__pad(out));
        struct hg__gradient job = {.samples = m,
                                   .in = in,
                                   .out = out,
                                   .x = x + 1,
                                   .x_stride = in + odd,
                                   .dy = dy,
                                   .dy_stride = hg__pad(out),
                                   .gradient = g,
                                   .bias_gradient = b};
        for (size_t c = 0; c < contexts; c++) {
            hg__dense_gradient(context[c], &job);
            if (c == 0 || is_base(context[c - 1]) != is_base(context[c]))
                check_gradient(&job);
            assert_same(c, g, kept, size);
            assert_same(c, b, kept_b, hg__pad(out));
        }
        hg__free(x), hg__free(dy), hg__free(g), hg__free(b), hg__free(kept), hg__free(kept_b);
    }
}

/* ---- updates ---- */

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

/* ---- functions of one number ---- */

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
                 {HG__MAP_TANH, -0.01f, 0.01f, 5}, {HG__MAP_ERF, -5, 5, 6},
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
    float x[7] = {0, -0.0f, INFINITY, -INFINITY, NAN, 200, -200}, y[7];

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
        assert_true(y[0] == 0 && fabsf(y[2] - 1) < 1e-6f && fabsf(y[3] + 1) < 1e-6f && isnan(y[4]));
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

/* ---- losses ---- */

static double true_error(enum hg_loss loss, bool logits, double y, double x)
{
    if (loss != HG_LOSS_BCE)
        return (y - x) * (y - x);
    if (logits)
        return fmax(y, 0) - y * x + log1p(exp(-fabs(y)));
    return -(x * log(y) + (1 - x) * log(1 - y));
}

static double true_loss(const struct hg__loss *job, const float *y)
{
    double total = 0, m = (double)job->samples, n = (double)job->n;

    for (size_t r = 0; r < job->samples; r++) {
        double row = 0;
        for (size_t c = 0; c < job->n; c++)
            row += true_error(job->loss, job->logits, (double)y[r * job->y_stride + c],
                              (double)job->target[r * job->target_stride + c]);
        total += job->loss == HG_LOSS_RMSE ? sqrt(row / n) : row;
    }
    return job->loss == HG_LOSS_RMSE  ? total / m
           : job->loss == HG_LOSS_SSE ? total / (2 * m)
                                      : total / (m * n);
}

static void check_loss(const struct hg__loss *job, float *y)
{
    double loss = hg__loss_total(job->loss, job->errors, job->samples, job->n);
    size_t at = below((uint32_t)job->samples) * job->y_stride + below((uint32_t)job->n);
    float kept = y[at], h = 0.001f, up = kept + h, down = kept - h;
    double change;

    assert_near(loss, true_loss(job, y), 2 * fabs(loss) + 1e-6);
    y[at] = up, change = true_loss(job, y);
    y[at] = down, change -= true_loss(job, y);
    y[at] = kept;
    change /= (double)up - (double)down;
    if (fabs(change - (double)job->dy[at]) > 1e-3 * fabs(change) + 1e-7)
        fail_msg("loss %d: gradient %g, numeric %g", (int)job->loss, (double)job->dy[at], change);
}

static void test_loss(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t m = 1 + below(40), n = round == 7 ? 3000 : 1 + below(70), size = m * hg__pad(n);
        float *y = filled(size), *x = filled(m * n), *dy = fresh(size), *kept = fresh(size);
        double *errors = calloc(m, sizeof *errors);
        struct hg__loss job = {.loss = (enum hg_loss)(round % HG_LOSS_COUNT),
                               .logits = round & 4,
                               .samples = m,
                               .n = n,
                               .y = y,
                               .y_stride = hg__pad(n),
                               .target = x,
                               .target_stride = n,
                               .dy = dy,
                               .dy_stride = hg__pad(n),
                               .errors = errors};

        for (size_t i = 0; i < size; i++)
            y[i] = job.logits ? y[i] * 5 : 0.5f + 0.45f * y[i];
        for (size_t i = 0; i < m * n; i++)
            x[i] = 0.5f + 0.5f * x[i];
        for (size_t c = 0; c < contexts; c++) {
            for (size_t i = 0; i < size; i++)
                dy[i] = 7;
            hg__loss(context[c], &job);
            check_loss(&job, y);
            for (size_t i = n; i < hg__pad(n); i++)
                assert_true(dy[(m - 1) * hg__pad(n) + i] == 0);
            assert_same(c, dy, kept, size);
        }
        hg__free(y), hg__free(x), hg__free(dy), hg__free(kept), free(errors);
    }
}

/* ---- sums and columns ---- */

static void test_sums(void **state)
{
    static const size_t counts[] = {0, 1, 15, 16, 17, 1023, 1024, 1025, 140001};

    (void)state;
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        size_t n = counts[k];
        float *x = filled(n + 1), *y = filled(n + 1), got[4], kept[4];
        double sum = 0, squares = 0, dot = 0;
        for (size_t i = 0; i < n; i++) {
            sum += (double)x[i];
            squares += (double)x[i] * (double)x[i];
            dot += (double)x[i] * (double)y[i];
        }
        for (size_t c = 0; c < contexts; c++) {
            const struct hg__kernels *kernels = hg__context_kernels(context[c]);
            got[0] = (float)kernels->sum(x, n), got[1] = (float)kernels->sum_squares(x, n);
            got[2] = (float)kernels->dot(x, y, n);
            got[3] = (float)hg__sum_squares(context[c], x, n);
            assert_near((double)got[0], sum, 1 + (double)n / 2);
            assert_near((double)got[1], squares, 1 + (double)n / 2);
            assert_near((double)got[2], dot, 1 + (double)n / 2);
            assert_near((double)got[3], squares, 1 + (double)n / 2);
            assert_same(c, got, kept, 4);
        }
        hg__free(x), hg__free(y);
    }
}

static void test_columns(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t m = 1 + below(70), n = 1 + below(70), stride = n + below(20);
        float *x = filled(m * stride), *o = filled(m * stride), *shift = filled(hg__pad(n));
        float *sum = fresh(hg__pad(n)), *squares = fresh(hg__pad(n)), *kept = fresh(hg__pad(n));
        struct hg__columns job = {m, n, x, stride, round % 2 ? o : NULL, shift, sum, squares};
        for (size_t c = 0; c < contexts; c++) {
            hg__context_kernels(context[c])->column_sums(&job);
            for (size_t k = 0; k < n; k++) {
                double s = 0, q = 0;
                for (size_t r = 0; r < m; r++) {
                    double d = (double)x[r * stride + k] - (double)shift[k];
                    s += d;
                    q += d * (job.other ? (double)o[r * stride + k] : d);
                }
                assert_near((double)sum[k], s, (double)m * 2);
                assert_near((double)squares[k], q, (double)m * 4);
            }
            assert_same(c, squares, kept, hg__pad(n));
        }
        hg__free(x), hg__free(o), hg__free(shift);
        hg__free(sum), hg__free(squares), hg__free(kept);
    }
}

static void test_affine(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t m = 1 + below(20), n = 1 + below(70), stride = hg__pad(n), size = m * stride;
        float *x = filled(size), *o = filled(size), *y = fresh(size), *kept = fresh(size);
        float *a = filled(stride), *b = filled(stride), *d = filled(stride);
        struct hg__affine job = {m, n, x, round % 2 ? o : NULL, y, stride, a, b, d};
        for (size_t c = 0; c < contexts; c++) {
            hg__context_kernels(context[c])->column_affine(&job);
            for (size_t i = 0; i < size; i++) {
                size_t k = i % stride;
                double want = (double)x[i] * (double)a[k] + (double)b[k];
                if (job.other)
                    want += (double)o[i] * (double)d[k];
                if (k < n)
                    assert_near((double)y[i], want, 2);
            }
            assert_same(c, y, kept, size);
        }
        hg__free(x), hg__free(o), hg__free(y), hg__free(kept);
        hg__free(a), hg__free(b), hg__free(d);
    }
}

static void test_dropout(void **state)
{
    enum { COUNT = 1003 };
    float *x = filled(COUNT), *y = fresh(COUNT);
    struct hg__rng stream;
    struct hg__dropout job = {.threshold = 1u << 30, .scale = 4.0f / 3};

    (void)state;
    for (size_t c = 0; c < contexts; c++) {
        size_t dropped = 0;
        const struct hg__kernels *k = hg__context_kernels(context[c]);
        hg__rng_start(&stream, 5, HG__RNG_DROPOUT, 3, 1);
        memcpy(job.key, stream.key, sizeof job.key);
        memcpy(job.counter, stream.counter, sizeof job.counter);
        k->dropout(&job, x, y, 0, 400);
        k->dropout(&job, x + 400, y + 400, 400, COUNT - 400);
        for (size_t i = 0; i < COUNT; i++) {
            bool drop = hg__rng_bits(&stream) < job.threshold;
            dropped += drop;
            assert_true(y[i] == (drop ? 0 : x[i] * job.scale));
        }
        assert_in_range(dropped, 190, 310);
    }
    hg__free(x), hg__free(y);
}

static void test_choice(void **state)
{
    struct hg_context *none;
    struct hg_error error;

    (void)state;
    assert_int_equal(hg_context_create(1, "mmx", 0, &none, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "mmx"));
    assert_int_equal(hg_context_create(-1, NULL, 0, &none, &error), HG_USAGE);
    assert_int_equal(hg_context_create(3, "base", 12345, &none, &error), HG_OK);
    assert_int_equal(hg_context_threads(none), 3);
    assert_int_equal(hg_context_max_memory(none), 12345);
    assert_string_equal(hg_context_isa(none), "base");
    hg_context_destroy(none);
    hg_context_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),        cmocka_unit_test(test_backward),
        cmocka_unit_test(test_gradient),       cmocka_unit_test(test_update),
        cmocka_unit_test(test_fused_update),   cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_special_values), cmocka_unit_test(test_activations),
        cmocka_unit_test(test_loss),           cmocka_unit_test(test_sums),
        cmocka_unit_test(test_columns),        cmocka_unit_test(test_affine),
        cmocka_unit_test(test_dropout),        cmocka_unit_test(test_choice),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, open_contexts, close_contexts);
}
