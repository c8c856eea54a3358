/* test_kernel_sum.c - sums, columns, norms and dropout against naive twins. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_help.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_affine),
        cmocka_unit_test(test_dropout),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, open_contexts, close_contexts);
}
