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

/* No other turn of PCA's plane, mirrored or not, looks more like the code's. */
static void assert_alike(const struct hg_latent *latent)
{
    double h[2][2] = {{0}}, mean[4] = {0}, count = (double)latent->points;

    for (size_t i = 0; i < latent->points; i++) {
        mean[0] += (double)latent->point[i].x / count;
        mean[1] += (double)latent->point[i].y / count;
        mean[2] += (double)latent->pca[i].x / count;
        mean[3] += (double)latent->pca[i].y / count;
    }
    for (size_t i = 0; i < latent->points; i++) {
        double u = (double)latent->point[i].x - mean[0], v = (double)latent->point[i].y - mean[1];
        double x = (double)latent->pca[i].x - mean[2], y = (double)latent->pca[i].y - mean[3];
        h[0][0] += u * x;
        h[0][1] += u * y;
        h[1][0] += v * x;
        h[1][1] += v * y;
    }
    for (double angle = 0; angle < 6.28; angle += 0.05) {
        double c = cos(angle), s = sin(angle), now = h[0][0] + h[1][1];
        assert_true(c * (h[0][0] + h[1][1]) + s * (h[1][0] - h[0][1]) <= 1.001 * now);
        assert_true(c * (h[0][0] - h[1][1]) + s * (h[0][1] + h[1][0]) <= 1.001 * now);
    }
}

static void test_same_points(void **state)
{
    static const char *const settings[] = {"data.limit", "200", "model.code", "2", NULL};
    struct fixture f = open_view(settings);
    const struct hg_latent *latent;
    double scores[2][2];

    (void)state;
    train(&f, 100);
    latent = with_pca(&f);
    assert_in_range(latent->points, 96, 200); /* a slow machine has fewer of them */
    assert_int_equal(latent->pca_points, latent->points);
    for (size_t i = 1; i < latent->pca_points; i++) {
        for (size_t k = 0; k < 2; k++)
            hg__pca_project(&background.axes, data_of(&f)->values + latent->pca[i - k].sample * 784,
                            2, scores[k]);
        assert_int_equal(latent->pca[i].sample, latent->point[i].sample);
        assert_true(fabs(apart(&latent->pca[i], &latent->pca[i - 1]) -
                         hypot(scores[0][0] - scores[1][0], scores[0][1] - scores[1][1])) < 1e-4);
        assert_true(latent->pca[i].x >= latent->pca_left && latent->pca[i].x <= latent->pca_right);
        assert_true(latent->pca[i].y >= latent->pca_bottom && latent->pca[i].y <= latent->pca_top);
    }
    assert_alike(latent);
    assert_true(fabs(latent->agreement[0] - agreement(latent->point, latent->points)) < 0.006);
    assert_true(fabs(latent->agreement[1] - agreement(latent->pca, latent->pca_points)) < 0.006);
    assert_true(isnan(latent->angle));
    assert_true(latent->verdict[0]);
    end(&f);
}

/* The largest angle of anything that the decoder spans to the plane of two axes, by trying. */
static double angle_of(struct fixture *f)
{
    enum { N = 6 };
    const float codes[6] = {0, 0, 1, 0, 0, 1};
    float rows[3][N];
    double largest = 0;

    hg_model_decode(model_of(f), codes, 3, rows[0]);
    for (double turn = 0; turn < 3.15; turn += 0.001) {
        double whole = 0, inside = 0, along[2] = {0};
        for (size_t j = 0; j < N; j++) {
            double v = cos(turn) * (double)(rows[1][j] - rows[0][j]) +
                       sin(turn) * (double)(rows[2][j] - rows[0][j]);
            whole += v * v;
            for (size_t a = 0; a < 2; a++)
                along[a] += v * background.axes.axes[a * N + j];
        }
        inside = along[0] * along[0] + along[1] * along[1];
        largest = fmax(largest, acos(fmin(sqrt(inside / whole), 1)) * 57.29577951);
    }
    return largest;
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
    assert_true(fabs(latent->angle - angle_of(&f)) < 0.1);
    train(&f, 40);
    latent = settle(&f);
    assert_true(fabs(latent->angle - angle_of(&f)) < 0.1);
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
