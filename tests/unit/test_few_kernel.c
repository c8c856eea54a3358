/* test_few_kernel.c - where maps begin and end (kernel_map.h) against naive twins: planar rows,
 * patches, the convolution to a few channels. */
#include "map_help.h"

/* ---- planar rows, patches ---- */

static void test_planar(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct hg__map map = any_map(1 + below(24));
        size_t count = map.rows * map.columns * map.channels;
        float *planar = filled(count), *y = fresh(map.size);
        struct outputs o = outputs_of(map.size), b = outputs_of(count);

        EACH_VALUE(&map, r, p, c)
        y[at(&map, r, p, c)] = planar[(c * map.rows + r) * map.columns + p];
        for (size_t k = 0; k < sets; k++) {
            set[k]->maps->unpack(&map, planar, o.y[k]);
            set[k]->maps->pack(&map, o.y[k], b.y[k]);
        }
        settle(o, y, -1);
        settle(b, planar, -1);
    }
}

/* Number k of the patch of output (r, p). */
static float patch_value(const struct hg__patches *job, size_t r, size_t p, size_t k)
{
    size_t channels = job->channels, tap = k / channels, pad = job->kernel / 2;
    size_t row = r * job->stride + tap / job->kernel, column = p * job->stride + tap % job->kernel;

    if (row < pad || row - pad >= job->rows || column < pad || column - pad >= job->columns)
        return 0;
    return job->x[(k % channels * job->rows + row - pad) * job->columns + column - pad];
}

static void patches_case(void)
{
    struct hg__patches job = {.channels = 1 + below(4),
                              .rows = 1 + below(20),
                              .columns = 1 + below(20),
                              .kernel = 1 + 2 * below(4),
                              .stride = 1 + below(3)};
    size_t out_rows = (job.rows + job.stride - 1) / job.stride, gap = below(3);
    size_t row = below(out_rows), end = row + 1 + below(out_rows - row), count;
    size_t width = job.kernel * job.kernel * job.channels;
    float *x = filled(job.rows * job.columns * job.channels), *twin;
    struct outputs o;

    job.out_columns = (job.columns + job.stride - 1) / job.stride;
    job.stride_out = below(2) ? width : hg__pad(width);
    job.x = x;
    count = (end - row) * (job.out_columns + gap) * job.stride_out;
    twin = fresh(count);
    for (size_t i = 0; i < count; i++) {
        size_t patch = i / job.stride_out, k = i % job.stride_out;
        size_t r = row + patch / (job.out_columns + gap), p = patch % (job.out_columns + gap);
        if (k < width && p < job.out_columns)
            twin[i] = patch_value(&job, r, p, k);
    }
    o = outputs_of(count);
    for (size_t k = 0; k < sets; k++) {
        for (size_t i = 0; i <= count; i++)
            o.y[k][i] = 99;
        job.patches = o.y[k];
        set[k]->maps->patches(&job, row, end, gap);
        assert_true(o.y[k][count] == 99);
    }
    settle(o, twin, -1);
    hg__free(x);
}

static void test_patches(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++)
        patches_case();
}

/* ---- convolution to a few channels ---- */

struct few_case {
    struct hg__map map;
    struct hg__few job;
    size_t taps, scale, rows, columns, count; /* of the output */
    float *x, *weight, *bias, *t;
};

/* weight: [tap][channel][o], of the convolution as it is meant. */
static float naive(const struct few_case *f, size_t o, size_t r, size_t p)
{
    size_t kernel = f->job.kernel, pad = kernel / 2, channels = f->job.channels;
    double sum = f->job.bias ? (double)f->bias[o] : 0;

    for (size_t k = 0; k < kernel * kernel; k++) {
        size_t row = r + k / kernel - pad, column = p + k % kernel - pad;
        if (row >= f->rows || column >= f->columns)
            continue;
        for (size_t c = 0; c < f->map.channels; c++)
            sum += (double)f->x[at(&f->map, row / f->scale, column / f->scale, c)] *
                   (double)f->weight[(k * f->map.channels + c) * channels + o];
    }
    return (float)sum;
}

/* Column that tap k of an output at (u, v) modulo the scale reads. */
static size_t few_column(const struct few_case *f, size_t k, size_t u, size_t v)
{
    size_t i = k / f->job.kernel, j = k % f->job.kernel;

    if (f->scale == 1)
        return k;
    return (u * 2 + v) * 4 + ((u + i + 1) / 2 - u) * 2 + ((v + j + 1) / 2 - v);
}

/* t = x W; what is not to be looked at is no number. */
static void few_product(struct few_case *f)
{
    size_t across = f->map.columns + 2 * f->map.border, channels = f->job.channels;
    size_t pixels = f->map.size / f->map.pixel, kernel = f->job.kernel;

    for (size_t i = 0; i < pixels * f->job.columns; i++)
        f->t[i] = NAN;
    for (size_t r = 0; r < f->map.rows; r++)
        for (size_t p = 0; p < f->map.columns; p++) {
            size_t pixel = (r + f->map.border) * across + p + f->map.border;
            float *t = f->t + pixel * f->job.columns;
            memset(t, 0, f->taps * channels * sizeof *t);
            for (size_t n = 0; n < kernel * kernel * channels * f->scale * f->scale; n++) {
                size_t o = n % channels, k = n / channels % (kernel * kernel);
                size_t phase = n / channels / (kernel * kernel);
                size_t column = few_column(f, k, phase / 2, phase % 2) * channels + o;
                for (size_t c = 0; c < f->map.channels; c++)
                    t[column] += f->x[at(&f->map, r, p, c)] *
                                 f->weight[(k * f->map.channels + c) * channels + o];
            }
        }
}

static struct few_case *few_case(int round)
{
    struct few_case *f = hg__alloc(1, sizeof *f);
    struct hg_shape shape = {
        .channels = 1 + (int)below(6), .rows = 1 + (int)below(8), .columns = 1 + (int)below(8)};
    bool fold = round % 2;
    size_t kernel = fold ? 3 : 1 + 2 * below(4), channels = 1 + below(4);

    assert_non_null(f);
    f->map = hg__map_of(shape, (fold ? 1 : kernel / 2) + below(2));
    f->scale = fold ? 2 : 1;
    f->taps = fold ? 16 : kernel * kernel;
    f->rows = f->map.rows * f->scale;
    f->columns = f->map.columns * f->scale;
    f->count = f->rows * f->columns * channels;
    f->x = image(&f->map, 0);
    f->weight = filled(kernel * kernel * f->map.channels * channels);
    f->bias = filled(channels);
    f->job = (struct hg__few){.map = &f->map,
                              .channels = channels,
                              .kernel = kernel,
                              .fold = fold,
                              .columns = hg__pad(f->taps * channels),
                              .bias = round % 3 ? f->bias : NULL};
    f->t = fresh(f->map.size / f->map.pixel * f->job.columns);
    f->job.t = f->t;
    return f;
}

static void few_end(struct few_case *f)
{
    hg__free(f->x), hg__free(f->weight), hg__free(f->bias), hg__free(f->t), hg__free(f);
}

static void test_few_gather(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct few_case *f = few_case(round);
        struct outputs o = outputs_of(f->count);
        float *twin = fresh(f->count);

        few_product(f);
        for (size_t i = 0; i < f->count; i++)
            twin[i] = naive(f, i / f->columns / f->rows, i / f->columns % f->rows, i % f->columns);
        for (size_t k = 0; k < sets; k++) {
            f->job.y = o.y[k];
            set[k]->maps->few_gather(&f->job);
        }
        settle(o, twin, 1e-5);
        few_end(f);
    }
}

static double product(const float *a, const float *b, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* <gather(t), dy> = <t, spread(dy)> for every t; and nothing stands where nothing belongs. */
static void test_few_spread(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct few_case *f = few_case(round);
        size_t count = f->map.size / f->map.pixel * f->job.columns, used = f->taps;
        struct outputs o = outputs_of(count);
        float *dy = filled(f->count), *y = fresh(f->count), *any = filled(count);

        used *= f->job.channels;
        f->job.bias = NULL;
        f->job.y = y;
        f->job.t = any;
        set[0]->maps->few_gather(&f->job);
        for (size_t k = 0; k < sets; k++) {
            memset(o.y[k], 0x55, count * sizeof *dy);
            f->job.t = o.y[k];
            set[k]->maps->few_spread(&f->job, dy);
            assert_true(fabs(product(y, dy, f->count) - product(any, o.y[k], count)) < 1e-4);
        }
        for (size_t i = 0; i < count; i++) {
            size_t pixel = i / f->job.columns, across = f->map.columns + 2 * f->map.border;
            size_t r = pixel / across - f->map.border, p = pixel % across - f->map.border;
            if (r >= f->map.rows || p >= f->map.columns || i % f->job.columns >= used)
                assert_true(o.y[0][i] == 0);
        }
        memcpy(any, o.y[0], count * sizeof *any);
        settle(o, any, -1);
        hg__free(dy), hg__free(y);
        few_end(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planar),
        cmocka_unit_test(test_patches),
        cmocka_unit_test(test_few_gather),
        cmocka_unit_test(test_few_spread),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
