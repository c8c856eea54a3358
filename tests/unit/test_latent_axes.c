/* The axes of view 2: they do not spin, flip or change places when the codes do not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "run/latent_axes.h"

enum { POINTS = 150, MOST = 100 };

static float cloud[POINTS * MOST];
static struct hg_latent_point plane[POINTS];

/* Value i of every code has its own spread, about i. */
static void make_cloud(size_t codes, const double *spread, uint64_t seed)
{
    struct hg__rng rng;

    hg__rng_start(&rng, seed, HG__RNG_PROBE, 0, 0);
    for (size_t s = 0; s < POINTS; s++)
        for (size_t i = 0; i < codes; i++)
            cloud[s * codes + i] = (float)((double)i + spread[i] * hg__rng_normal(&rng));
}

/* Values i and j of every code are turned by an angle; the first of them mirrored. */
static void turn_cloud(size_t codes, size_t i, size_t j, double angle, bool mirror)
{
    for (size_t s = 0; s < POINTS; s++) {
        double x = (double)cloud[s * codes + i], y = (double)cloud[s * codes + j];
        cloud[s * codes + i] = (float)((mirror ? -1 : 1) * (cos(angle) * x - sin(angle) * y));
        cloud[s * codes + j] = (float)(sin(angle) * x + cos(angle) * y);
    }
}

static void follow(struct hg__latent_axes *axes)
{
    assert_true(hg__latent_axes_follow(axes, cloud, POINTS, plane, POINTS));
    for (size_t s = 0; s < POINTS; s++) {
        plane[s].x = (float)axes->score[s * axes->count];
        plane[s].y = (float)axes->score[s * axes->count + 1];
    }
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void assert_orthonormal(const struct hg__latent_axes *axes)
{
    for (size_t a = 0; a < axes->count; a++)
        for (size_t b = 0; b <= a; b++)
            assert_true(
                fabs(dot(axes->axis + a * axes->codes, axes->axis + b * axes->codes, axes->codes) -
                     (a == b)) < 1e-9);
}

/* However a whole cloud is turned and mirrored in code space, the picture of it stays. */
static void test_turned_cloud_stays(void **state)
{
    static const double spread[4] = {1, 3, 0.5, 2.9};
    struct hg_latent_point before[POINTS];
    struct hg__latent_axes axes;

    (void)state;
    assert_true(hg__latent_axes_init(&axes, 4, POINTS));
    make_cloud(4, spread, 1);
    follow(&axes);
    assert_int_equal(axes.count, 4);
    memcpy(before, plane, sizeof before);
    for (int frame = 0; frame < 12; frame++) {
        turn_cloud(4, (size_t)frame % 4, (size_t)(frame + 1 + frame / 4) % 4, 0.4 + frame,
                   frame % 3 == 0);
        follow(&axes);
        assert_orthonormal(&axes);
        for (size_t s = 0; s < POINTS; s++)
            assert_true(fabs((double)(plane[s].x - before[s].x)) < 1e-4 &&
                        fabs((double)(plane[s].y - before[s].y)) < 1e-4);
    }
    hg__latent_axes_fini(&axes);
}

/* Learning moves the codes a little each frame: no axis jumps, also where two have about the
 * same variance and their order changes all the time. */
static void test_no_axis_jumps(void **state)
{
    double spread[5] = {4, 3.5, 1.5, 1.0, 0.5}, last[25];
    struct hg__latent_axes axes;

    (void)state;
    assert_true(hg__latent_axes_init(&axes, 5, POINTS));
    make_cloud(5, spread, 2);
    follow(&axes);
    for (int frame = 0; frame < 60; frame++) {
        memcpy(last, axes.axis, sizeof last);
        spread[2] = 1.25 + 0.25 * cos(0.2 * frame);
        spread[3] = 1.25 - 0.25 * cos(0.2 * frame);
        make_cloud(5, spread, 2);
        follow(&axes);
        for (size_t a = 0; a < 5; a++) {
            assert_int_equal(axes.origin[a], a);
            if (a < 2 || a == 4)
                assert_true(dot(axes.axis + a * 5, last + a * 5, 5) > 0.95);
            assert_true(dot(axes.axis + a * 5, last + a * 5, 5) > 0.5);
        }
    }
    hg__latent_axes_fini(&axes);
}

/* What has by far more variance comes forward, and says where it was. */
static void test_overtaken(void **state)
{
    double spread[4] = {4, 3, 1, 0.1};
    struct hg__latent_axes axes;

    (void)state;
    assert_true(hg__latent_axes_init(&axes, 4, POINTS));
    make_cloud(4, spread, 3);
    follow(&axes);
    spread[3] = 6;
    make_cloud(4, spread, 3);
    for (int frame = 0; frame < 3; frame++)
        follow(&axes);
    assert_true(axes.variance[0] + axes.variance[1] > 36 + 12);
    assert_true(axes.variance[2] > axes.variance[3]);
    hg__latent_axes_fini(&axes);
}

/* Long codes have some axes only: the main ones. */
static void test_long_codes(void **state)
{
    double spread[MOST], share = 0;
    struct hg__latent_axes axes;

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        spread[i] = 2 * pow(0.9, (double)(i * 37 % MOST));
    assert_true(hg__latent_axes_init(&axes, MOST, POINTS));
    make_cloud(MOST, spread, 4);
    follow(&axes);
    assert_int_equal(axes.count, 8);
    assert_orthonormal(&axes);
    for (size_t a = 0; a < 8; a++)
        share += axes.variance[a] / axes.total;
    assert_true(share > 0.78 && share < 0.86); /* of an endless cloud: 0.81 */
    hg__latent_axes_fini(&axes);
}

static void test_not_a_number(void **state)
{
    static const double spread[3] = {1, 2, 3};
    struct hg__latent_axes axes;
    double before;

    (void)state;
    assert_true(hg__latent_axes_init(&axes, 3, POINTS));
    make_cloud(3, spread, 5);
    follow(&axes);
    before = axes.axis[0];
    cloud[7] = NAN;
    assert_false(hg__latent_axes_follow(&axes, cloud, POINTS, plane, POINTS));
    assert_true(axes.axis[0] == before && axes.known);
    hg__latent_axes_fini(&axes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turned_cloud_stays), cmocka_unit_test(test_no_axis_jumps),
        cmocka_unit_test(test_overtaken),          cmocka_unit_test(test_long_codes),
        cmocka_unit_test(test_not_a_number),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
