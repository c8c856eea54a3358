/* PCA's plane beside the code's: the same points, turned alike, and which tells labels apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "latent_help.h"
#include "run/background.h"

static const struct hg_command open = {.kind = HG_DO_LATENT, .number = 1};

static struct hg__background background;

/* The background's axes, computed. */
static const struct hg_latent *with_pca(struct fixture *f)
{
    hg__background_start(&background, data_of(f), hg_model_loss(model_of(f)),
                         hg_model_codes(model_of(f)));
    while (!hg__background_done(&background))
        ;
    hg__latent_axes_known(&f->watch.latent, hg__background_axes(&background));
    tell(f, open);
    return settle(f);
}

static void end(struct fixture *f)
{
    close_view(f);
    hg__background_stop(&background);
}

static double apart(const struct hg_latent_point *a, const struct hg_latent_point *b)
{
    return hypot((double)(a->x - b->x), (double)(a->y - b->y));
}

static double agreement(const struct hg_latent_point *point, size_t count)
{
    size_t agree = 0;

    for (size_t i = 0; i < count; i++) {
        size_t best = i;
        for (size_t j = 0; j < count; j++)
            if (j != i &&
                (best == i || apart(&point[j], &point[i]) < apart(&point[best], &point[i])))
                best = j;
        agree += point[best].label == point[i].label;
    }
    return (double)agree / (double)count;
}

static void test_same_points(void **state)
{
    static const char *const settings[] = {"data.limit", "200", "model.code", "2", NULL};
    struct fixture f = open_view(settings);
    const struct hg_latent *latent;
    double scores[2][2], both = 0;

    (void)state;
    train(&f, 100);
    latent = with_pca(&f);
    assert_int_equal(latent->pca_points, 200);
    for (size_t i = 1; i < latent->pca_points; i++) {
        for (size_t k = 0; k < 2; k++)
            hg__pca_project(&background.axes, data_of(&f)->values + latent->pca[i - k].sample * 784,
                            2, scores[k]);
        assert_int_equal(latent->pca[i].sample, latent->point[i].sample);
        assert_true(fabs(apart(&latent->pca[i], &latent->pca[i - 1]) -
                         hypot(scores[0][0] - scores[1][0], scores[0][1] - scores[1][1])) < 1e-4);
        assert_true(latent->pca[i].x >= latent->pca_left && latent->pca[i].x <= latent->pca_right);
        assert_true(latent->pca[i].y >= latent->pca_bottom && latent->pca[i].y <= latent->pca_top);
        both += (double)(latent->pca[i].x * latent->point[i].x) +
                (double)(latent->pca[i].y * latent->point[i].y);
    }
    assert_true(both > 0); /* turned to be alike */
    assert_true(fabs(latent->agreement[0] - agreement(latent->point, latent->points)) < 0.006);
    assert_true(fabs(latent->agreement[1] - agreement(latent->pca, latent->pca_points)) < 0.006);
    assert_true(isnan(latent->angle));
    assert_true(latent->verdict[0]);
    end(&f);
}

/* Nothing but linear layers and mse: the code spans PCA's subspace (EXPERIMENTS). */
static void test_linear_spans_pca(void **state)
{
    static const char *const settings[] = {"data.source",
                                           "gaussians",
                                           "gaussians.dims",
                                           "6",
                                           "gaussians.points",
                                           "60",
                                           "model.encoder",
                                           "none",
                                           "model.code",
                                           "2",
                                           "model.output",
                                           "linear",
                                           "model.loss",
                                           "mse",
                                           "train.lr",
                                           "0.02",
                                           NULL};
    struct fixture f = open_view(settings);
    const struct hg_latent *latent = with_pca(&f);

    (void)state;
    assert_true(latent->angle > 10 && latent->angle <= 90);
    assert_non_null(strstr(latent->verdict, "not there yet"));
    train(&f, 1500);
    latent = settle(&f);
    assert_true(latent->angle < 2);
    assert_non_null(strstr(latent->verdict, "spans PCA's subspace"));
    end(&f);
}

static void test_one_feature(void **state)
{
    static const char *const settings[] = {
        "data.source", "gaussians", "gaussians.dims", "1", "model.encoder", "none", "model.code",
        "1",           NULL};
    struct fixture f = open_view(settings);
    const struct hg_latent *latent = with_pca(&f);

    (void)state;
    assert_int_equal(latent->sliders, 1);
    for (size_t i = 0; i < latent->pca_points; i++) {
        assert_true(latent->point[i].y == 0);
        assert_true(isfinite(latent->pca[i].x) && fabs((double)latent->pca[i].y) < 1e-5);
    }
    assert_true(latent->bottom < latent->top && latent->pca_bottom < latent->pca_top);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_points),
        cmocka_unit_test(test_linear_spans_pca),
        cmocka_unit_test(test_one_feature),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
