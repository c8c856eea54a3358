/* test_conv_kernel.c - convolution kernels against naive twins, bit for bit: every output and
 * every gradient is one chain, whatever the tile, so the twin knows each rounding. */
#include "base/mem.h"
#include "base/rng.h"
#include "engine/kernel_conv.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pace.h"

enum { ROUNDS = 90, MOST_WORK = 3000000, MARGIN = 64 };

static const char *const isas[] = {"base", "avx2", "avx512"};
enum { ISAS = sizeof isas / sizeof *isas };

static struct hg__rng rng;

static size_t below(size_t n)
{
    return hg__rng_below(&rng, (uint32_t)n);
}

static float number(void)
{
    return (float)(hg__rng_uniform(&rng) * 2 - 1);
}

/* One multiply-add as the instruction set rounds it. */
static float chain(bool fused, float a, float b, float c)
{
    return fused ? fmaf(a, b, c) : a * b + c;
}

/* ---- buffers: what a kernel must not touch stands around them and is looked at after ---- */

static float *fresh(size_t count)
{
    float *p = hg__alloc_aligned(count, sizeof *p);
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

static float *copy(const float *from, size_t count)
{
    float *p = fresh(count);
    memcpy(p, from, count * sizeof *p);
    return p;
}

/* ---- shapes ---- */

/* A random job's sizes: `step` pixels of x from output to output, `apart` from tap to tap, and
 * `spread` pixels of y from output to output. `wide` panels of y belong to someone else. */
struct shape {
    size_t rows, columns, panels, channels, down, across;
    size_t step, apart, spread, wide;
    size_t x_columns, x_rows, x_size; /* pixels, pixels, floats */
    size_t y_columns, y_rows, y_size;
    size_t in; /* taps * channels */
};

static struct shape random_shape(size_t round)
{
    static const size_t channels[] = {1, 3, 5, 16, 17, 32, 64, 70};
    static const size_t taps[] = {1, 2, 3, 4, 5};
    struct shape s = {.channels = channels[round % 8], .down = taps[below(5)]};

    s.across = below(4) ? s.down : taps[below(5)];
    s.panels = 1 + below(below(3) ? 5 : 9);
    s.step = 1 + below(2);
    s.apart = below(6) ? 1 : 2;
    s.spread = 1 + below(2);
    s.wide = below(2);
    s.in = s.down * s.across * s.channels;
    do {
        s.rows = 1 + below(30);
        s.columns = 1 + below(round % 9 ? 30 : 300);
    } while (s.rows * s.columns * s.in * s.panels * HG__LANES > MOST_WORK);
    s.x_columns = (s.columns - 1) * s.step + (s.across - 1) * s.apart + 1;
    s.x_rows = (s.rows - 1) * s.step + (s.down - 1) * s.apart + 1;
    s.x_size = s.x_columns * s.x_rows * hg__pad(s.channels);
    s.y_columns = (s.columns - 1) * s.spread + 1;
    s.y_rows = (s.rows - 1) * s.spread + 1;
    s.y_size = s.y_columns * s.y_rows * (s.panels + s.wide) * HG__LANES;
    return s;
}

/* The input. Nothing but `channels` numbers of pixels that taps see may be read. */
static float *random_x(const struct shape *s)
{
    size_t pixel = hg__pad(s->channels);
    float *x = fresh(s->x_size);

    for (size_t i = 0; i < s->x_size; i++)
        x[i] = NAN;
    for (size_t r = 0; r < s->rows; r++)
        for (size_t p = 0; p < s->columns; p++)
            for (size_t t = 0; t < s->down * s->across; t++) {
                size_t row = r * s->step + t / s->across * s->apart;
                size_t column = p * s->step + t % s->across * s->apart;
                for (size_t c = 0; c < s->channels; c++)
                    x[(row * s->x_columns + column) * pixel + c] = number();
            }
    return x;
}

/* Weights; the last outputs are padding. */
static float *random_weight(const struct shape *s)
{
    size_t out = s->panels * HG__LANES - below(HG__LANES);
    float *w = fresh(hg__weight_size(s->in, out));

    memset(w, 0, hg__weight_size(s->in, out) * sizeof *w);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < s->in; i++)
            w[hg__weight_index(s->in, o, i)] = number();
    return w;
}

static struct hg__conv conv_job(const struct shape *s, const float *x, const float *weight)
{
    size_t pixel = hg__pad(s->channels), y_pixel = (s->panels + s->wide) * HG__LANES;

    return (struct hg__conv){.rows = s->rows,
                             .columns = s->columns,
                             .panels = s->panels,
                             .x = x,
                             .x_pixel = s->step * pixel,
                             .x_row = s->step * s->x_columns * pixel,
                             .taps_down = s->down,
                             .taps_across = s->across,
                             .tap_row = s->apart * s->x_columns * pixel,
                             .tap_column = s->apart * pixel,
                             .channels = s->channels,
                             .weight = weight,
                             .y_pixel = s->spread * y_pixel,
                             .y_row = s->spread * s->y_columns * y_pixel};
}

static struct hg__conv_gradient gradient_job(const struct shape *s, const float *x, const float *dy)
{
    const struct hg__conv j = conv_job(s, x, NULL);

    return (struct hg__conv_gradient){
        j.rows,    j.columns,    j.panels,   x,  j.x_pixel, j.x_row, j.taps_down, j.taps_across,
        j.tap_row, j.tap_column, j.channels, dy, j.y_pixel, j.y_row, NULL,        NULL};
}

/* ---- the twins ---- */

static float naive_output(const struct hg__conv *job, size_t r, size_t p, size_t o, bool fused)
{
    const float *x = job->x + r * job->x_row + p * job->x_pixel;
    float y = job->bias ? job->bias[o] : 0;
    size_t in = job->taps_down * job->taps_across * job->channels, k = 0;

    for (size_t i = 0; i < job->taps_down; i++)
        for (size_t j = 0; j < job->taps_across; j++)
            for (size_t c = 0; c < job->channels; c++)
                y = chain(fused, x[i * job->tap_row + j * job->tap_column + c],
                          job->weight[hg__weight_index(in, o, k++)], y);
    if (job->activation == HG_RELU)
        return y < 0 ? 0 : y;
    return job->activation == HG_LRELU && y < 0 ? y * job->slope : y;
}

static void naive_forward(const struct hg__conv *job, bool fused)
{
    for (size_t o = 0; o < job->panels * HG__LANES; o++)
        for (size_t r = 0; r < job->rows; r++)
            for (size_t p = 0; p < job->columns; p++) {
                float y = naive_output(job, r, p, o, fused), d;
                job->y[r * job->y_row + p * job->y_pixel + o] = y;
                if (!job->shift)
                    continue;
                if (r + p == 0 && !job->onward) {
                    job->shift[o] = y;
                    job->sum[o] = job->squares[o] = 0;
                }
                d = y - job->shift[o];
                job->sum[o] += d;
                job->squares[o] = chain(fused, d, d, job->squares[o]);
            }
}

static float naive_sum(const struct hg__conv_gradient *job, const float *x, size_t o, float sum,
                       bool fused)
{
    for (size_t r = 0; r < job->rows; r++)
        for (size_t p = 0; p < job->columns; p++) {
            float dy = job->dy[r * job->dy_row + p * job->dy_pixel + o];
            sum = x ? chain(fused, x[r * job->x_row + p * job->x_pixel], dy, sum) : sum + dy;
        }
    return sum;
}

static void naive_gradient(const struct hg__conv_gradient *job, bool fused)
{
    size_t in = job->taps_down * job->taps_across * job->channels;

    for (size_t o = 0; o < job->panels * HG__LANES; o++) {
        if (job->bias_gradient)
            job->bias_gradient[o] = naive_sum(job, NULL, o, job->bias_gradient[o], fused);
        for (size_t k = 0; k < in; k++) {
            size_t tap = k / job->channels;
            const float *x = job->x + tap / job->taps_across * job->tap_row +
                             tap % job->taps_across * job->tap_column + k % job->channels;
            float *g = job->gradient + hg__weight_index(in, o, k);
            *g = naive_sum(job, x, o, *g, fused);
        }
    }
}

/* ---- tests ---- */

static void assert_equal(const float *a, const float *b, size_t count, const struct shape *s,
                         const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&a[i], &b[i], sizeof a[i]) != 0)
            fail_msg("%s: %.9g is not %.9g at %zu of %zu (%zux%zu, %zu panels, %zux%zu taps of "
                     "%zu channels)",
                     what, (double)a[i], (double)b[i], i, count, s->rows, s->columns, s->panels,
                     s->down, s->across, s->channels);
}

/* The sums' three vectors, in one piece; y and they begin as noise inside margins. */
static void set_outputs(struct hg__conv *job, const struct shape *s, float *y, float *sums,
                        bool wanted)
{
    size_t n = s->panels * HG__LANES + MARGIN;

    job->y = y + MARGIN;
    job->shift = wanted ? sums + MARGIN : NULL;
    job->sum = sums + MARGIN + n;
    job->squares = sums + MARGIN + 2 * n;
}

static void forward_round(size_t round, const struct hg__kernels *kernels, const float *noise)
{
    const struct shape s = random_shape(round);
    bool fused = kernels->vector > 4, sums_wanted = below(3) > 0;
    float *x = random_x(&s), *weight = random_weight(&s), *bias = filled(s.panels * HG__LANES);
    size_t y_count = s.y_size + 2 * MARGIN, sum_count = 3 * s.panels * HG__LANES + 4 * MARGIN;
    float *y = copy(noise, y_count), *y2 = copy(noise, y_count);
    float *sums = copy(noise, sum_count), *sums2 = copy(noise, sum_count);
    struct hg__conv job = conv_job(&s, x, weight), twin;

    job.bias = below(4) ? bias : NULL;
    job.activation = (enum hg_activation[]){HG_LINEAR, HG_RELU, HG_LRELU}[below(3)];
    job.slope = below(2) ? 0.01F : 1.5F;
    for (int sample = 0; sample < 2; sample++) {
        job.onward = sample > 0;
        twin = job;
        set_outputs(&job, &s, y, sums, sums_wanted);
        set_outputs(&twin, &s, y2, sums2, sums_wanted);
        kernels->conv->forward(&job);
        naive_forward(&twin, fused);
        assert_equal(y, y2, y_count, &s, "output");
        assert_equal(sums, sums2, sum_count, &s, "sums");
        for (size_t i = 0; i < s.x_size; i++)
            x[i] *= 0.5F;
    }
    hg__free(x);
    hg__free(weight);
    hg__free(bias);
    hg__free(y);
    hg__free(y2);
    hg__free(sums);
    hg__free(sums2);
}

static void gradient_round(size_t round, const struct hg__kernels *kernels, const float *noise)
{
    const struct shape s = random_shape(round);
    size_t count = s.in * s.panels * HG__LANES + 2 * MARGIN;
    size_t bias_count = s.panels * HG__LANES + 2 * MARGIN;
    float *x = random_x(&s), *dy = filled(s.y_size);
    float *g = copy(noise, count), *g2 = copy(noise, count);
    float *b = copy(noise, bias_count), *b2 = copy(noise, bias_count);
    struct hg__conv_gradient job = gradient_job(&s, x, dy), twin = job;
    bool bias = below(4) > 0;

    job.gradient = g + MARGIN;
    twin.gradient = g2 + MARGIN;
    job.bias_gradient = bias ? b + MARGIN : NULL;
    twin.bias_gradient = bias ? b2 + MARGIN : NULL;
    kernels->conv->gradient(&job);
    naive_gradient(&twin, kernels->vector > 4);
    assert_equal(g, g2, count, &s, "gradient");
    assert_equal(b, b2, bias_count, &s, "bias gradient");
    hg__free(x);
    hg__free(dy);
    hg__free(g);
    hg__free(g2);
    hg__free(b);
    hg__free(b2);
}

/* The same shapes for every instruction set. */
static void all_rounds(void (*one)(size_t, const struct hg__kernels *, const float *))
{
    enum { NOISE = 1 << 21 };
    float *noise = filled(NOISE);
    size_t each = instrumented() ? 11 : 1; /* all numbers of channels, and each once */

    for (size_t i = 0; i < ISAS; i++) {
        const struct hg__kernels *kernels = hg__kernels_find(isas[i]);
        hg__rng_start(&rng, 7, HG__RNG_PROBE, 0, 0);
        for (size_t round = 0; kernels && round < ROUNDS; round += each)
            one(round, kernels, noise);
    }
    hg__free(noise);
}

static void test_forward(void **state)
{
    (void)state;
    all_rounds(forward_round);
}

static void test_gradient(void **state)
{
    (void)state;
    all_rounds(gradient_round);
}

/* What is no number stays none through every activation. */
static void test_nan(void **state)
{
    static const enum hg_activation activations[] = {HG_LINEAR, HG_RELU, HG_LRELU};
    float x[3] = {1, NAN, -1}, weight[HG__LANES], y[3 * HG__LANES];

    (void)state;
    for (size_t o = 0; o < HG__LANES; o++)
        weight[o] = 1;
    for (size_t i = 0; i < (size_t)ISAS * 3; i++) {
        const struct hg__kernels *kernels = hg__kernels_find(isas[i / 3]);
        struct hg__conv job = {.rows = 1, .columns = 3, .panels = 1, .channels = 1};
        job.x = x;
        job.x_pixel = job.x_row = job.taps_down = job.taps_across = 1;
        job.weight = weight;
        job.y = y;
        job.y_pixel = HG__LANES;
        job.activation = activations[i % 3];
        job.slope = 0.5F;
        if (!kernels)
            continue;
        kernels->conv->forward(&job);
        for (size_t o = 0; o < HG__LANES; o++) {
            const float low[] = {-1, 0, -0.5F};
            assert_true(y[o] == 1 && isnan(y[HG__LANES + o]));
            assert_true(y[2 * HG__LANES + o] == low[i % 3]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_nan),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
