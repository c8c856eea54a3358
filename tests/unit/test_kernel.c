/* test_kernel.c - tuned kernels against naive twins, and the promise of equal bits: products. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_help.h"

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
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_backward),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_choice),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, open_contexts, close_contexts);
}
