/* test_kernel_loss.c - losses and their gradients against naive twins. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel_help.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, open_contexts, close_contexts);
}
