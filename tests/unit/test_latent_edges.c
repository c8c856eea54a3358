/* View 2 of networks and data of every size: nothing is ever not a number, places are kept, and
 * nobody can tell afterwards that it was open. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "latent_help.h"
#include "run/background.h"
#include "session_help.h"

enum { COLUMNS = 4, ROWS = 3 };
static const struct hg_command open = {
    .kind = HG_DO_LATENT, .number = 1, .first = COLUMNS, .count = ROWS};

static void assert_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(isfinite(values[i]));
}

static void check(const struct fixture *f, const struct hg_latent *latent)
{
    const struct hg_dataset *dataset = data_of(f);

    assert_true(latent->known);
    assert_int_equal(latent->codes, hg_model_codes(model_of(f)));
    assert_in_range(latent->sliders, 1, HG_LATENT_SLIDERS);
    assert_finite(latent->position, latent->sliders);
    assert_finite(latent->share, latent->sliders);
    assert_finite(latent->decoded, dataset->features);
    for (size_t i = 0; i < latent->sliders; i++)
        assert_true(latent->low[i] < latent->high[i]);
    assert_true(latent->left < latent->right && latent->bottom < latent->top);
    for (size_t i = 0; i < latent->points; i++) {
        assert_true(latent->point[i].x >= latent->left && latent->point[i].x <= latent->right);
        assert_true(latent->point[i].y >= latent->bottom && latent->point[i].y <= latent->top);
    }
    assert_true(latent->nearest < dataset->samples);
    assert_true(isfinite(latent->distance) && isfinite(latent->usual));
    assert_int_equal(latent->pca_points, latent->points);
    assert_int_equal(latent->grid_rows, dataset->image ? ROWS : 0);
    if (dataset->image)
        assert_finite(latent->grid, ROWS * COLUMNS * hg_shape_size(latent->cell));
}

static void go_about(struct fixture *f)
{
    struct hg_command random = {.kind = HG_DO_LATENT_RANDOM, .first = 3};
    struct hg_command mix = {.kind = HG_DO_LATENT_MIX, .first = 0, .value = {0.5f}};
    struct hg_command plane = {.kind = HG_DO_LATENT_PLANE, .value = {0.5f, 0.5f}};
    size_t features = data_of(f)->features;
    float *output = malloc(features * sizeof *output), place[HG_LATENT_SLIDERS];
    const struct hg_latent *latent;

    tell(f, random);
    memcpy(place, settle(f)->position, sizeof place);
    tell(f, mix);
    check(f, settle(f));
    tell(f, random);
    latent = settle(f);
    check(f, latent);
    assert_near(latent->position, place, latent->sliders, 1e-4);
    tell(f, plane);
    check(f, settle(f));
    tell(f, (struct hg_command){.kind = HG_DO_LATENT_SAMPLE, .first = 0});
    latent = settle(f);
    reconstruct(f, 0, output, NULL);
    assert_near(latent->decoded, output, features, 2e-3);
    if (data_of(f)->order[0] == 0) { /* it is a training sample */
        assert_true(latent->nearest == 0 || latent->distance < 1e-3f);
        assert_true((double)latent->distance <= 1e-2);
        assert_int_equal(latent->density, HG_LATENT_INSIDE);
    }
    free(output);
}

static void try(const char *const *settings)
{
    struct fixture f = open_view(settings);
    struct hg__background background;
    uint64_t serial;

    hg__background_start(&background, data_of(&f), HG_LOSS_MSE, hg_model_codes(model_of(&f)));
    while (!hg__background_done(&background))
        usleep(1000);
    hg__latent_axes_known(&f.watch.latent, hg__background_axes(&background));
    tell(&f, open);
    check(&f, settle(&f));
    go_about(&f);
    train(&f, 12);
    check(&f, settle(&f));
    go_about(&f);
    hg__watch_restarted(&f.watch);
    check(&f, settle(&f));
    serial = f.latent.serial;
    hg__watch_fini(&f.watch); /* as for other data */
    assert_int_equal(hg__watch_init(&f.watch, f.trainer, NULL), HG_OK);
    hg__watch_probe(&f.watch, f.trainer, true);
    hg__latent_axes_known(&f.watch.latent, hg__background_axes(&background));
    check(&f, settle(&f));
    assert_true(f.latent.serial > serial);
    close_view(&f);
    hg__background_stop(&background);
}

static void test_few_samples(void **state)
{
    static const char *const one[] = {"data.limit", "1", "model.code", "2", NULL};
    static const char *const one_long[] = {"data.limit", "1", "model.code", "8", NULL};
    static const char *const two[] = {"data.limit", "2", "model.code", "8", NULL};
    static const char *const more[] = {"data.limit", "5", "model.code", "900", NULL};

    (void)state;
    try(one);
    try(one_long);
    try(two);
    try(more);
}

static void test_codes(void **state)
{
    static const char *const single[] = {"data.limit", "60", "model.code", "1", NULL};
    static const char *const gaussian[] = {"data.limit", "60", "model.code", "2 gaussian", NULL};
    static const char *const several[] = {"data.limit", "90", "model.code", "5 gaussian", NULL};
    static const char *const dead[] = {"data.limit", "90", "model.code", "70 relu", NULL};
    static const char *const maps[] = {
        "data.limit", "40", "model.encoder", "conv 4 relu, pool 2", "model.code", "none", NULL};
    static const char *const plain[] = {
        "data.source", "gaussians", "gaussians.dims", "1", "model.code", "3", NULL};

    (void)state;
    try(single);
    try(gaussian);
    try(several);
    try(dead);
    try(maps);
    try(plain);
}

/* Without memory there is no view 2, and the next wish finds it again. */
static void test_no_memory(void **state)
{
    static const char *const settings[] = {"data.limit", "30", "model.code", "3", NULL};
    struct fixture f = open_view(settings);
    struct hg_command close = open;
    size_t n = 1, before;

    (void)state;
    close.number = 0;
    for (; n < 100; n++) {
        before = hg__mem_count();
        hg__mem_fail_at(n);
        tell(&f, open);
        hg__mem_fail_at(0);
        if (hg__mem_count() == before || f.watch.latent.made)
            break;
        assert_false(settle(&f)->known);
        tell(&f, close);
    }
    assert_true(n > 5);
    assert_true(settle(&f)->known);
    train(&f, 3);
    before = hg__mem_count();
    tell(&f, (struct hg_command){.kind = HG_DO_LATENT_SAMPLE, .first = 2});
    settle(&f);
    assert_int_equal(hg__mem_count(), before); /* no look allocates */
    close_view(&f);
}

static bool shows_view(const struct hg_snapshot *s)
{
    return s->latent.known && s->latent.answered == 40;
}
static bool is_finished(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_FINISHED;
}

/* 150 steps, watched in view 2 with a moving cursor or not, into a file. */
static void run_to(const char *path, bool watched)
{
    struct hg_session_config config = {.snapshots_per_second = 1000, .start_paused = true};
    struct hg_session *session;
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_error error;

    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "300", "test", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "model.code", "3", "test", &error), HG_OK);
    config.context = context;
    config.spec = &spec;
    config.steps = 150;
    assert_int_equal(hg_session_start(&config, &session, &error), HG_OK);
    await_in(session, is_paused);
    if (watched)
        post(session, open);
    post(session, (struct hg_command){.kind = HG_DO_RUN});
    for (int i = 1; watched && i <= 40; i++) {
        post(session, (struct hg_command){.kind = i % 4 == 0   ? HG_DO_LATENT_RANDOM
                                                  : i % 4 == 1 ? HG_DO_LATENT_SAMPLE
                                                               : HG_DO_LATENT_AT,
                                          .number = i,
                                          .first = (uint32_t)i,
                                          .count = 2,
                                          .value = {0.1f * (float)i, 1}});
        usleep(500);
    }
    if (watched)
        await_in(session, shows_view);
    await_in(session, is_finished);
    post_text(session, HG_DO_SAVE, 0, "", path);
    await_in(session, is_saved);
    assert_int_equal(hg_session_stop(session, HG_END_USER, NULL, &error), HG_OK);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
}

static bool has_view_to_open(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_RUNNING;
}
static bool is_open(const struct hg_snapshot *s)
{
    return s->latent.known;
}
static bool is_of_seed_9(const struct hg_snapshot *s)
{
    return s->seed == 9 && s->latent.known && s->latent.grid_rows == ROWS && s->step > 0;
}

/* With other data and weights the view goes on, with the grid that was asked for. */
static void test_other_data(void **state)
{
    struct hg_session_config config = {.snapshots_per_second = 1000};
    const struct hg_snapshot *snapshot;
    struct hg_session *session;
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_error error;

    (void)state;
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "100", "test", &error), HG_OK);
    config.context = context;
    config.spec = &spec;
    assert_int_equal(hg_session_start(&config, &session, &error), HG_OK);
    await_in(session, has_view_to_open);
    post(session, open);
    await_in(session, is_open);
    post(session, (struct hg_command){.kind = HG_DO_RESTART, .number = 9});
    snapshot = await_in(session, is_of_seed_9);
    assert_in_range(snapshot->latent.points, 32, 100);
    assert_finite(snapshot->latent.decoded, snapshot->features);
    assert_int_equal(hg_session_stop(session, HG_END_USER, NULL, &error), HG_OK);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
}

static void test_leaves_no_trace(void **state)
{
    char folder[] = "/tmp/hourglass-test-XXXXXX", watched[64], plain[64];
    FILE *one, *two;
    int x, y;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(watched, sizeof watched, "%s/a.safetensors", folder);
    snprintf(plain, sizeof plain, "%s/b.safetensors", folder);
    run_to(watched, true);
    run_to(plain, false);
    one = fopen(watched, "rb");
    two = fopen(plain, "rb");
    assert_true(one && two);
    do {
        x = getc(one);
        y = getc(two);
        assert_int_equal(x, y);
    } while (x != EOF);
    fclose(one);
    fclose(two);
    unlink(watched);
    unlink(plain);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_samples),     cmocka_unit_test(test_codes),
        cmocka_unit_test(test_no_memory),       cmocka_unit_test(test_other_data),
        cmocka_unit_test(test_leaves_no_trace),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
