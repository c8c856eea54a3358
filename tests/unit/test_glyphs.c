/* test_glyphs.c - the built-in digits and faces: what is drawn, and as a source. */
#include "base/mem.h"
#include "data/glyphs.h"
#include "data/raw.h"
#include "data/sources.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static uint8_t *draw(int side, size_t count, int planes,
                     void (*one)(struct hg__page *page, size_t index, uint8_t *pixels))
{
    size_t area = (size_t)side * (size_t)side * (size_t)planes;
    uint8_t *pixels = hg__alloc(count, area);
    struct hg__page *page = hg__page_create(side, side);

    assert_non_null(pixels);
    assert_non_null(page);
    for (size_t i = 0; i < count; i++)
        one(page, i, pixels + i * area);
    hg__page_destroy(page);
    return pixels;
}

/* A stroke covers what lies within its radius and nothing beyond. */
static void pen_reaches_its_radius(void **state)
{
    struct hg__page *page = hg__page_create(21, 9);
    struct hg__point from = {4.5f, 4.5f}, to = {16.5f, 4.5f};
    uint8_t pixels[21 * 9];

    (void)state;
    assert_non_null(page);
    hg__page_line(page, from, to, 2);
    hg__page_ink(page, 2, false, pixels);
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 21; x++) {
            double dx = x < 4 ? 4 - x : x > 16 ? x - 16 : 0, far = hypot(dx, y - 4);
            double ink = fmin(fmax(2.5 - far, 0), 1) * 255;
            assert_true(fabs(pixels[y * 21 + x] - ink) < 0.51);
        }
    hg__page_clear(page);
    hg__page_ink(page, 2, false, pixels);
    for (size_t i = 0; i < sizeof pixels; i++)
        assert_int_equal(pixels[i], 0);
    hg__page_destroy(page);
}

/* A curve passes through its points; closed, it also joins its ends. */
static void curve_meets_its_points(void **state)
{
    static const struct hg__point points[4] = {{5, 5}, {25, 7}, {27, 25}, {6, 22}};
    struct hg__page *page = hg__page_create(32, 32);

    (void)state;
    assert_non_null(page);
    hg__page_curve(page, points, 4, false, 1.5f);
    for (size_t i = 0; i < 4; i++)
        assert_true(hg__page_cover(page, (int)points[i].x, (int)points[i].y, 1.5f) > 0.9f);
    assert_true(hg__page_cover(page, 4, 14, 1.5f) <= 0);
    hg__page_curve(page, points, 4, true, 1.5f);
    assert_true(hg__page_cover(page, 4, 14, 1.5f) > 0.3f ||
                hg__page_cover(page, 3, 14, 1.5f) > 0.3f);
    hg__page_destroy(page);
}

/* Nearest class mean tells the digits apart: they look like what they are called. */
static void digits_are_told_apart(void **state)
{
    enum { COUNT = 1000, AREA = 28 * 28 };
    uint8_t *pixels = draw(28, 2 * COUNT, 1, hg__digit_draw);
    static double mean[10][AREA];
    size_t right = 0;

    (void)state;
    memset(mean, 0, sizeof mean);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < AREA; j++)
            mean[i % 10][j] += pixels[i * AREA + j] / (COUNT / 10.0);
    for (size_t i = COUNT; i < 2 * (size_t)COUNT; i++) {
        double least = INFINITY;
        size_t best = 0;
        for (size_t k = 0; k < 10; k++) {
            double far = 0;
            for (size_t j = 0; j < AREA; j++)
                far += pow(pixels[i * AREA + j] - mean[k][j], 2);
            if (far < least) {
                least = far;
                best = k;
            }
        }
        right += best == i % 10;
    }
    assert_true(right > COUNT * 85 / 100);
    for (size_t k = 0; k < 10; k++) { /* 1 has the least ink; only 0 and 7 are open at heart */
        double ink = 0, one = 0;
        for (size_t j = 0; j < AREA; j++) {
            ink += mean[k][j];
            one += mean[1][j];
        }
        assert_true(k == 1 || ink > 1.2 * one);
        assert_true(k == 0 ? mean[k][14 * 28 + 14] < 10 : k == 7 || mean[k][13 * 28 + 14] > 20);
    }
    hg__free(pixels);
}

/* The variance of a pixel, in 0..1: what the mean floor of the first picture is. */
static void digits_vary_as_promised(void **state)
{
    enum { COUNT = 2000, AREA = 28 * 28 };
    uint8_t *pixels = draw(28, COUNT, 1, hg__digit_draw);
    double floor = 0;

    (void)state;
    for (size_t j = 0; j < AREA; j++) {
        double sum = 0, square = 0;
        for (size_t i = 0; i < COUNT; i++) {
            double x = pixels[i * AREA + j] / 255.0;
            sum += x / COUNT;
            square += x * x / COUNT;
        }
        floor += (square - sum * sum) / AREA;
    }
    assert_true(floor > 0.055 && floor < 0.065);
    hg__free(pixels);
}

/* From 64 x 64 on there is no grey; below there is. */
static void large_digits_are_hard(void **state)
{
    uint8_t *large = draw(64, 20, 1, hg__digit_draw), *small = draw(28, 20, 1, hg__digit_draw);
    size_t ink = 0, grey = 0;

    (void)state;
    for (size_t i = 0; i < 20 * 64 * 64; i++) {
        assert_true(large[i] == 0 || large[i] == 255);
        ink += large[i] == 255;
    }
    for (size_t i = 0; i < 20 * 28 * 28; i++)
        grey += small[i] > 0 && small[i] < 255;
    assert_true(ink > 20 * 64 * 64 / 25 && ink < 20 * 64 * 64 / 4);
    assert_true(grey > 500);
    hg__free(large);
    hg__free(small);
}

static void faces_have_colours_and_moods(void **state)
{
    enum { AREA = 32 * 32 };
    uint8_t *pixels = draw(32, 64, 3, hg__face_draw);

    (void)state;
    for (size_t i = 0; i < 64; i++) {
        const uint8_t *face = pixels + i * 3 * AREA;
        size_t skin = 0, differ = 0;
        for (size_t j = 0; j < AREA; j++) {
            /* red above blue, and green between them */
            skin += face[j] > face[j + 2 * AREA] + 20 && face[j + AREA] < face[j] &&
                    face[j + AREA] > face[j + 2 * AREA];
            differ += i < 63 && abs(face[j] - face[j + 3 * AREA]) > 30;
        }
        assert_true(skin > AREA * 35 / 100 && skin < AREA * 80 / 100);
        assert_true(i == 63 || differ > 20);
        assert_int_equal(face[0] + face[AREA] + face[2 * AREA], 0); /* corners are black */
    }
    hg__free(pixels);
}

/* No size makes the drawing leave its page (the sanitizers watch). */
static void every_size_is_drawn(void **state)
{
    static const int sides[][2] = {{1, 1}, {1, 40},  {40, 1},  {3, 2},
                                   {7, 5}, {63, 64}, {512, 9}, {130, 512}};

    (void)state;
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++) {
        struct hg__page *page = hg__page_create(sides[s][0], sides[s][1]);
        uint8_t *pixels = malloc((size_t)sides[s][0] * (size_t)sides[s][1] * 3);
        assert_non_null(page);
        assert_non_null(pixels);
        for (size_t i = 0; i < 16; i++) {
            hg__digit_draw(page, i, pixels);
            hg__face_draw(page, i, pixels);
        }
        free(pixels);
        hg__page_destroy(page);
    }
}

/* Drawing must not hold up the first screen: within 12 of an unrelated yardstick, the
 * time one core takes to draw as many random numbers as there are pixels. */
static void drawing_is_quick(void **state)
{
    enum { COUNT = 2000 };
    double begin = seconds(), drawn, yardstick;
    struct hg__rng rng;
    uint32_t sum = 0;

    (void)state;
    hg__free(draw(28, COUNT, 1, hg__digit_draw));
    drawn = seconds() - begin;
    begin = seconds();
    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    for (size_t i = 0; i < COUNT * 784; i++)
        sum += hg__rng_bits(&rng);
    yardstick = seconds() - begin;
    assert_true(sum != 1);
    assert_true(drawn < 12 * yardstick);
}

static enum hg_status read_with(const char *source, int threads, struct hg__wish *wish,
                                struct hg__raw *raw, const char **key)
{
    const struct hg__source_ops *ops = &hg__source_digits;
    struct hg__peek peek = {.source = source};
    struct hg_context *context;
    enum hg_status status;

    if (!ops->recognises(&peek))
        ops = &hg__source_faces;
    assert_true(ops->recognises(&peek));
    assert_int_equal(hg_context_create(threads, getenv("HOURGLASS_ISA"), 0, &context, NULL), HG_OK);
    memset(raw, 0, sizeof *raw);
    status = ops->read(context, &peek, wish, raw, key, NULL);
    hg_context_destroy(context);
    return status;
}

static void sources_deliver_prefixes(void **state)
{
    struct hg__wish wish = {.limit = 0}, few = {.limit = 333};
    struct hg__raw all, some;
    const char *key = NULL;
    uint8_t *drawn;

    (void)state;
    assert_int_equal(read_with("builtin:digits", 3, &wish, &all, &key), HG_OK);
    assert_int_equal(read_with("builtin:digits", 1, &few, &some, &key), HG_OK);
    assert_int_equal(all.samples, HG__DIGIT_SAMPLES);
    assert_int_equal(all.features, 784);
    assert_int_equal(some.samples, 333);
    assert_memory_equal(all.values, some.values, 333 * 784);
    drawn = draw(28, 200, 1, hg__digit_draw);
    assert_memory_equal(all.values, drawn, 200 * 784);
    hg__free(drawn);
    assert_true(all.image && all.bounded && all.type == HG__U8);
    assert_int_equal(all.classes, 10);
    for (size_t i = 0; i < 333; i++)
        assert_int_equal(all.labels[i], i % 10);
    assert_string_equal(all.class_names[7], "7");
    hg__raw_fini(&all);
    hg__raw_fini(&some);
}

static void sources_draw_at_the_size_asked(void **state)
{
    struct hg__wish wish = {.limit = 9, .width = 20, .height = 11};
    struct hg__raw raw;
    const char *key = NULL;

    (void)state;
    assert_int_equal(read_with("builtin:faces", 2, &wish, &raw, &key), HG_OK);
    assert_int_equal(raw.shape.channels, 3);
    assert_int_equal(raw.shape.rows, 11);
    assert_int_equal(raw.shape.columns, 20);
    assert_string_equal(raw.class_names[raw.labels[8]], "smile");
    hg__raw_fini(&raw);
    wish.height = HG__GLYPH_MOST + 1;
    assert_int_equal(read_with("builtin:faces", 2, &wish, &raw, &key), HG_USAGE);
    assert_string_equal(key, "size");
    hg__raw_fini(&raw);
    wish = (struct hg__wish){.limit = 12345}; /* more than the default set */
    assert_int_equal(read_with("builtin:digits", 2, &wish, &raw, &key), HG_OK);
    assert_int_equal(raw.samples, 12345);
    hg__raw_fini(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pen_reaches_its_radius),
        cmocka_unit_test(curve_meets_its_points),
        cmocka_unit_test(digits_are_told_apart),
        cmocka_unit_test(digits_vary_as_promised),
        cmocka_unit_test(large_digits_are_hard),
        cmocka_unit_test(faces_have_colours_and_moods),
        cmocka_unit_test(every_size_is_drawn),
        cmocka_unit_test(drawing_is_quick),
        cmocka_unit_test(sources_deliver_prefixes),
        cmocka_unit_test(sources_draw_at_the_size_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
