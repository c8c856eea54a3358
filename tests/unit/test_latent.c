/* View 2 on the trainer's side: plane, cursor, what is near, the grid. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "latent_help.h"
#include "run/latent_parts.h"

static const char *const digits[] = {"data.limit", "400", "model.code", "2", NULL};
static const char *const longer[] = {"data.limit", "300", "model.code", "8", NULL};

enum { COLUMNS = 5, ROWS = 2 };
static const struct hg_command open = {
    .kind = HG_DO_LATENT, .number = 1, .first = COLUMNS, .count = ROWS};

static struct hg_command at(int64_t number, float first, float second)
{
    return (struct hg_command){
        .kind = HG_DO_LATENT_AT, .number = number, .count = 2, .value = {first, second}};
}

static struct hg_command to_sample(int64_t number, uint32_t sample)
{
    return (struct hg_command){.kind = HG_DO_LATENT_SAMPLE, .number = number, .first = sample};
}

static void test_closed(void **state)
{
    struct fixture f = open_view(digits);
    struct hg_command close = open;

    (void)state;
    assert_false(settle(&f)->known);
    tell(&f, at(1, 0, 0)); /* nobody looks: nothing happens */
    assert_false(settle(&f)->known);
    tell(&f, open);
    assert_true(settle(&f)->known);
    close.number = 0;
    tell(&f, close);
    assert_false(settle(&f)->known);
    close_view(&f);
}

/* Codes of two values are their own plane and sliders. */
static void test_plane_of_two(void **state)
{
    struct fixture f = open_view(digits);
    const struct hg_latent *latent;

    (void)state;
    train(&f, 50);
    tell(&f, open);
    latent = settle(&f);
    assert_int_equal(latent->codes, 2);
    assert_int_equal(latent->sliders, 2);
    assert_false(latent->projected);
    assert_int_equal(latent->points, f.watch.points); /* a slow machine shows fewer */
    assert_in_range(latent->points, 96, 400);
    for (size_t i = 0; i < latent->points; i++) {
        const struct hg_latent_point *point = &latent->point[i];
        float code[2];
        reconstruct(&f, point->sample, NULL, code);
        assert_near(&point->x, code, 1, 1e-5);
        assert_near(&point->y, code + 1, 1, 1e-5);
        assert_int_equal(point->label, data_of(&f)->labels[point->sample]);
        assert_true(point->x >= latent->left && point->x <= latent->right);
        assert_true(point->y >= latent->bottom && point->y <= latent->top);
    }
    assert_true(latent->low[0] == latent->left && latent->high[1] == latent->top);
    close_view(&f);
}

static void test_cursor_decodes(void **state)
{
    struct fixture f = open_view(digits);
    const struct hg_latent *latent;
    float code[2], expected[784];

    (void)state;
    train(&f, 50);
    tell(&f, open);
    latent = settle(&f);
    code[0] = latent->left + 0.25f * (latent->right - latent->left);
    code[1] = latent->top;
    tell(&f, at(7, code[0], code[1]));
    hg__watch_probe(&f.watch, f.trainer, false);
    latent = look(&f);
    assert_int_equal(latent->answered, 7);
    assert_near(latent->position, code, 2, 1e-5);
    assert_near(&latent->x, code, 1, 1e-5);
    hg_model_decode(model_of(&f), code, 1, expected);
    assert_near(latent->decoded, expected, 784, 1e-5);
    train(&f, 20); /* the place stays, the picture follows the weights */
    latent = settle(&f);
    assert_near(latent->position, code, 2, 1e-5);
    hg_model_decode(model_of(&f), code, 1, expected);
    assert_near(latent->decoded, expected, 784, 1e-5);
    close_view(&f);
}

static void test_cursor_stays_inside(void **state)
{
    struct fixture f = open_view(digits);
    struct hg_command plane = {.kind = HG_DO_LATENT_PLANE, .number = 3, .value = {-1e9f, NAN}};
    const struct hg_latent *latent;
    float y;

    (void)state;
    tell(&f, open);
    settle(&f);
    tell(&f, at(1, 1e9f, NAN));
    latent = settle(&f);
    assert_true(latent->position[0] == latent->right);
    y = latent->position[1];
    tell(&f, plane);
    latent = settle(&f);
    assert_true(latent->x == latent->left && latent->y == y);
    tell(&f, to_sample(4, 400)); /* there is none */
    latent = settle(&f);
    assert_int_equal(latent->answered, 4);
    assert_true(latent->x == latent->left);
    close_view(&f);
}

static void test_nearest(void **state)
{
    struct fixture f = open_view(digits);
    const struct hg_latent *latent;
    double least = INFINITY;
    uint32_t best = 0;

    (void)state;
    train(&f, 30);
    tell(&f, open);
    settle(&f);
    tell(&f, at(1, 0.1f, -0.2f));
    latent = settle(&f);
    for (size_t i = 0; i < latent->points; i++) {
        double away = hypot((double)(latent->point[i].x - latent->x),
                            (double)(latent->point[i].y - latent->y));
        if (away < least) {
            least = away;
            best = latent->point[i].sample;
        }
    }
    assert_int_equal(latent->nearest, best);
    assert_true(fabs(least - (double)latent->distance) < 1e-5);
    assert_int_equal(latent->nearest_label, data_of(&f)->labels[best]);
    assert_true(latent->usual > 0);
    tell(&f, to_sample(2, best));
    latent = settle(&f);
    assert_int_equal(latent->nearest, best);
    assert_int_equal(latent->density, HG_LATENT_INSIDE);
    close_view(&f);
}

/* A sample's code is a whole code also where sliders are axes. */
static void test_longer_codes(void **state)
{
    struct fixture f = open_view(longer);
    const struct hg_latent *latent;
    float output[784], code[8], other[8];
    double share = 0;

    (void)state;
    train(&f, 30);
    tell(&f, open);
    latent = settle(&f);
    assert_int_equal(latent->sliders, 8);
    assert_true(latent->projected);
    for (size_t i = 0; i < latent->sliders; i++) {
        share += (double)latent->share[i];
        assert_true(latent->position[i] == 0 && latent->high[i] >= 3);
    }
    assert_true(fabs(share - 1) < 1e-4);
    tell(&f, to_sample(1, 17));
    latent = settle(&f);
    reconstruct(&f, 17, output, code);
    assert_near(latent->decoded, output, 784, 1e-4);
    tell(&f,
         (struct hg_command){.kind = HG_DO_LATENT_MIX, .first = 17, .count = 5, .value = {0.25f}});
    latent = settle(&f);
    reconstruct(&f, 5, NULL, other);
    for (int i = 0; i < 8; i++)
        code[i] += 0.25f * (other[i] - code[i]);
    hg_model_decode(model_of(&f), code, 1, output);
    assert_near(latent->decoded, output, 784, 1e-4);
    close_view(&f);
}

/* Back in time the place and the axes stay; a new start has neither. */
static void test_travel_and_restart(void **state)
{
    struct fixture f = open_view(longer);
    const struct hg_latent *latent;
    float place[2], left;

    (void)state;
    train(&f, 20);
    tell(&f, open);
    settle(&f);
    tell(&f, at(1, 1.5f, -0.5f));
    latent = settle(&f);
    memcpy(place, latent->position, sizeof place);
    left = latent->left;
    hg__watch_travelled(&f.watch, f.trainer);
    latent = settle(&f);
    assert_near(latent->position, place, 2, 1e-6);
    assert_true(latent->left == left);
    hg__watch_restarted(&f.watch);
    latent = settle(&f);
    assert_true(latent->position[0] == 0 && latent->position[1] == 0);
    close_view(&f);
}

/* A cell is the middle of its part of the plane, the top row first, areas averaged. */
static void check_cells(const struct fixture *f, const struct hg_latent *latent, int factor)
{
    const struct hg_dataset *dataset = data_of(f);
    size_t side = (size_t)dataset->shape.rows, small = side / (size_t)factor;
    float *picture = malloc(dataset->features * sizeof *picture);

    assert_int_equal(latent->grid_rows, ROWS);
    assert_int_equal(latent->grid_columns, COLUMNS);
    assert_int_equal(latent->cell.rows, small);
    for (size_t cell = 0; cell < ROWS * COLUMNS; cell++) {
        float code[2] = {latent->left + (latent->right - latent->left) *
                                            ((float)(cell % COLUMNS) + 0.5f) / COLUMNS,
                         latent->top - (latent->top - latent->bottom) *
                                           ((float)(cell / COLUMNS) + 0.5f) / ROWS};
        hg_model_decode(model_of(f), code, 1, picture);
        for (size_t i = 0; i < small * small; i++) {
            float sum = 0;
            for (size_t k = 0; k < (size_t)(factor * factor); k++)
                sum += picture[(i / small * (size_t)factor + k / (size_t)factor) * side +
                               i % small * (size_t)factor + k % (size_t)factor];
            sum /= (float)(factor * factor);
            assert_near(&sum, latent->grid + cell * small * small + i, 1, 1e-5);
        }
    }
    free(picture);
}

static void test_grid(void **state)
{
    static const char *const large[] = {"data.limit", "20", "data.size",     "40x40",
                                        "model.code", "2",  "model.encoder", "dense 16 tanh",
                                        NULL};
    struct fixture f = open_view(digits), g = open_view(large);

    (void)state;
    train(&f, 20);
    tell(&f, open);
    check_cells(&f, settle(&f), 1);
    train(&f, 3);
    check_cells(&f, settle(&f), 1);
    tell(&g, open);
    check_cells(&g, settle(&g), 2);
    close_view(&f);
    close_view(&g);
}

/* Round bounds hold all, and rest while the points fill them. */
static void test_bounds(void **state)
{
    float from = 0, to = 0, left, right;

    (void)state;
    hg__latent_bounds(-3.7, 8.2, false, &from, &to);
    assert_true(from == -4 && to == 9);
    for (double grown = 0; grown < 0.2; grown += 0.05) {
        hg__latent_bounds(-3.7 - grown, 8.2 + grown, true, &from, &to);
        assert_true(from == -4 && to == 9);
    }
    hg__latent_bounds(-3.7, 9.1, true, &from, &to); /* outgrown */
    assert_true(from <= -3.7f && to > 9.1f && to < 12);
    hg__latent_bounds(-0.1, 0.1, true, &from, &to); /* collapsed */
    assert_true(from > -0.2f && from <= -0.1f && to >= 0.1f && to < 0.2f);
    hg__latent_bounds(0.05, 0.05, true, &from, &to); /* a point */
    left = from;
    right = to;
    assert_true(from < 0.05f && to > 0.05f);
    hg__latent_bounds(0.05, 0.05, true, &from, &to);
    assert_true(from == left && to == right);
    hg__latent_bounds(0, 0, false, &from, &to);
    assert_true(from < 0 && to > 0);
    hg__latent_bounds(1e20, 1e20, false, &from, &to);
    assert_true(from < 1e20f && to > 1e20f && isfinite(to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_plane_of_two),
        cmocka_unit_test(test_cursor_decodes),
        cmocka_unit_test(test_cursor_stays_inside),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_longer_codes),
        cmocka_unit_test(test_travel_and_restart),
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_bounds),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
