/* What is common to all sources: choice, split, scaling, resampling, names, memory. */
#include "data_help.h"

#include "base/mem.h"

/* ---- scaling ---- */

static void scales(void **state)
{
    struct hg_data_config config = help_config(help_text("s.csv", "1,10\n2,10\n3,10\n4,10\n"));
    struct hg_dataset *d;

    (void)state;
    config.scale = "standard";
    d = help_load(&config);
    assert_int_equal(d->scales, 2);
    assert_near((double)d->values[0], -1.5 / sqrt(1.25), 1e-6);
    for (int i = 0; i < 4; i++) /* deviation 0: factor 1 */
        assert_true(d->values[2 * i + 1] == 0);
    assert_true(d->factor[1] == 1 && d->offset[1] == -10);
    assert_false(d->bounded);
    hg_dataset_destroy(d);

    config.scale = "0..1"; /* 1..10 of the data */
    d = help_load(&config);
    assert_int_equal(d->scales, 1);
    assert_true(d->values[0] == 0 && d->values[1] == 1);
    assert_near((double)d->values[2], 1.0 / 9, 1e-7);
    assert_true(d->lowest == 0 && d->highest == 1 && !d->bounded);
    hg_dataset_destroy(d);

    config.scale = "-1..1";
    d = help_load(&config);
    assert_true(d->values[0] == -1 && d->values[1] == 1);
    hg_dataset_destroy(d);

    config.scale = "none";
    d = help_load(&config);
    assert_true(d->values[0] == 1 && d->highest == 10);
    assert_true(d->mean[0] == 2.5f && d->mean[1] == 10);
    hg_dataset_destroy(d);
}

static void constant_data(void **state)
{
    static const char *const scale[] = {"none", "0..1", "-1..1", "standard"};
    struct hg_data_config config = help_config(help_text("c.csv", "0.1\n0.1\n0.1\n"));

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct hg_dataset *d;
        config.scale = scale[i];
        d = help_load(&config);
        assert_int_equal(d->features, 1);
        for (int k = 0; k < 3; k++)
            assert_true(isfinite(d->values[k]) && d->values[k] == d->values[0]);
        if (i == 3)
            assert_near((double)d->values[0], 0, 1e-15);
        hg_dataset_destroy(d);
    }
}

/* What validation holds does not move the scaling. */
static void scaled_by_training(void **state)
{
    struct hg_data_config config;
    struct hg_dataset *d;
    char csv[4096];
    size_t n = 0;
    double sum = 0, square = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        n += (size_t)sprintf(csv + n, "%d\n", i * i);
    config = help_config(help_text("t.csv", csv));
    config.scale = "standard";
    config.validation = 0.3;
    d = help_load(&config);
    assert_int_equal(d->training, 70);
    for (size_t k = 0; k < d->training; k++)
        sum += (double)d->values[d->order[k]];
    for (size_t k = 0; k < d->training; k++)
        square += pow((double)d->values[d->order[k]], 2);
    assert_near(sum / 70, 0, 1e-6);
    assert_near(square / 70, 1, 1e-6);
    assert_near((double)d->mean[0], 0, 1e-6);
    hg_dataset_destroy(d);
    config.scale = "0..1";
    d = help_load(&config);
    for (size_t k = 0; k < d->training; k++)
        assert_true(d->values[d->order[k]] >= 0 && d->values[d->order[k]] <= 1);
    hg_dataset_destroy(d);
}

static void too_large_for_float(void **state)
{
    struct hg_data_config config = help_config(help_text("l.csv", "1e300\n2e300\n"));
    struct hg_dataset *d;

    (void)state;
    help_refused(&config, HG_DAMAGED, NULL, "line 1, column 1: too large; single precision");
    config.scale = "standard";
    d = help_load(&config);
    assert_near((double)d->values[0], -1, 1e-6);
    assert_near((double)d->values[1], 1, 1e-6);
    hg_dataset_destroy(d);
    /* What was held out may lie far from what the scale was found on. */
    config = help_config(help_text("f.csv", "0\n1e-10\n1e300\n"));
    config.scale = "standard";
    for (config.seed = 0, config.validation = 0.34; config.seed < 40; config.seed++)
        if (hg_dataset_load(help_context, &config, &d, &help_key, &help_error) != HG_OK)
            break;
        else
            hg_dataset_destroy(d);
    help_refused(&config, HG_USAGE, "scale", "too large for single precision");
    config = help_config(help_text("g.csv", "-1.7e308\n1.7e308\n"));
    config.validation = 0;
    for (size_t i = 0; i < 3; i++) {
        config.scale = (const char *const[]){"0..1", "-1..1", "standard"}[i];
        d = help_load(&config);
        assert_near((double)d->values[0], i ? -1 : 0, 1e-6);
        assert_near((double)d->values[1], 1, 1e-6);
        hg_dataset_destroy(d);
    }
    /* A range that has no inverse is none. */
    config.source = help_text("h.csv", "0\n1e-310\n");
    for (size_t i = 0; i < 3; i++) {
        config.scale = (const char *const[]){"0..1", "-1..1", "standard"}[i];
        d = help_load(&config);
        assert_near((double)d->values[0], (double)d->values[1], 1e-30);
        hg_dataset_destroy(d);
    }
}

/* ---- split ---- */

static void splits(void **state)
{
    static const struct {
        int samples;
        double fraction;
        size_t validation;
    } cases[] = {{1, 0.9, 0},     {2, 0.9, 1},   {2, 0.1, 0}, {10, 0.1, 1},
                 {100, 0.25, 25}, {7, 0.999, 6}, {100, 0, 0}, {15, 0.1, 2}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct hg_data_config config;
        struct hg_dataset *d;
        char csv[1024];
        size_t n = 0;
        bool seen[100] = {false};
        for (int i = 0; i < cases[c].samples; i++)
            n += (size_t)sprintf(csv + n, "%d\n", i);
        config = help_config(help_text("s.csv", csv));
        config.validation = cases[c].fraction;
        d = help_load(&config);
        assert_int_equal(d->validation, cases[c].validation);
        assert_int_equal(d->training + d->validation, d->samples);
        for (size_t i = 0; i < d->samples; i++) {
            assert_false(seen[d->order[i]]);
            seen[d->order[i]] = true;
            if (i > 0 && i != d->training)
                assert_true(d->order[i] > d->order[i - 1]);
        }
        hg_dataset_destroy(d);
    }
}

static void split_by_seed(void **state)
{
    struct hg_data_config config = help_config("gaussians");
    struct hg_dataset *a, *b;

    (void)state;
    config.gaussians.clusters = 2;
    config.gaussians.dims = 2;
    config.gaussians.points = 100;
    config.gaussians.spread = 0.1;
    config.validation = 0.2;
    a = help_load(&config);
    b = help_load(&config);
    assert_memory_equal(a->order, b->order, a->samples * sizeof *a->order);
    hg_dataset_destroy(b);
    config.seed = 2;
    b = help_load(&config);
    assert_memory_not_equal(a->order, b->order, a->samples * sizeof *a->order);
    hg_dataset_destroy(a);
    hg_dataset_destroy(b);
}

/* ---- choice ---- */

static void chosen_labels(void **state)
{
    struct hg_data_config config = help_config(
        help_text("o.csv", "v,k\n1,2\n2,1\n3,1\n4,3\n5,2\n6,red fox\n"));
    struct hg_dataset *d;

    (void)state;
    config.labels = "column:k";
    config.only = "1 2";
    d = help_load(&config);
    assert_int_equal(d->samples, 4);
    assert_int_equal(d->classes, 2);
    assert_string_equal(d->class_names[0], "1");
    assert_int_equal(d->labels[0], 1);
    assert_true(d->values[3] == 5);
    hg_dataset_destroy(d);
    config.only = "1 2 each";
    d = help_load(&config);
    assert_int_equal(d->samples, 2);
    assert_true(d->values[0] == 1 && d->values[1] == 2);
    hg_dataset_destroy(d);
    config.only = "\"red fox\", 3";
    d = help_load(&config);
    assert_int_equal(d->samples, 2);
    assert_string_equal(d->class_names[1], "red fox");
    hg_dataset_destroy(d);
    config.only = "1 2";
    config.limit = 3; /* of those kept */
    d = help_load(&config);
    assert_int_equal(d->samples, 3);
    assert_true(d->values[2] == 3);
    hg_dataset_destroy(d);
    config.only = "7";
    help_refused(&config, HG_USAGE, "only", "no sample has the label \"7\"; labels are 1 2 3");
    config.only = "01 3.0"; /* by value, as labels are told apart */
    d = help_load(&config);
    assert_int_equal(d->classes, 2);
    hg_dataset_destroy(d);
    config.labels = "none";
    config.source = help_text("n.csv", "1\n2\n");
    help_refused(&config, HG_USAGE, "only", "no labels");
    config.only = "each";
    help_refused(&config, HG_USAGE, "only", "expected");
}

static void built_in(void **state)
{
    struct hg_data_config config = help_config("builtin:digits");
    struct hg_dataset *d;

    (void)state;
    config.only = "1 2 each";
    config.size = "64x64";
    config.scale = "-1..1";
    d = help_load(&config);
    assert_int_equal(d->samples, 2);
    assert_int_equal(d->features, 4096);
    assert_true(d->bounded && d->lowest == -1 && d->highest == 1);
    assert_string_equal(d->name, "digits");
    hg_dataset_destroy(d);
    config = help_config("builtin:digits");
    config.limit = 50;
    d = help_load(&config);
    assert_int_equal(d->samples, 50);
    assert_int_equal(d->classes, 10);
    hg_dataset_destroy(d);
    assert_string_equal(hg_data_kind("gaussians"), "gaussians");
}

/* ---- texts ---- */

static void configurations(void **state)
{
    static const struct {
        const char *key;
        struct hg_data_config config;
    } wrong[] = {
        {"source", {.source = ""}},
        {"source", {.source = "builtin:cats"}},
        {"labels", {.labels = "column:"}},
        {"labels", {.labels = "column:0"}},
        {"shape", {.shape = "28"}},
        {"shape", {.shape = "28x"}},
        {"shape", {.shape = "0x3"}},
        {"shape", {.shape = "3x3x3x3"}},
        {"shape", {.shape = "3 x3"}},
        {"shape", {.shape = "99999999999x1"}},
        {"size", {.size = "3x3x3"}},
        {"size", {.size = "-3x3"}},
        {"size", {.size = "16777216x16777216"}},
        {"channels", {.channels = "2"}},
        {"channels", {.channels = "rgb"}},
        {"scale", {.scale = "0-1"}},
        {"validation", {.validation = 1}},
        {"validation", {.validation = -0.1}},
        {"validation", {.validation = (double)NAN}},
        {"only", {.only = "each"}},
    };
    struct hg_data_config right = {.source = "x",
                                   .labels = "auto",
                                   .only = "all",
                                   .shape = "28x28x3",
                                   .channels = "3",
                                   .size = "1x1",
                                   .scale = "standard",
                                   .validation = 0.5};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hg_data_config_check(&wrong[i].config, &help_key, &help_error), HG_USAGE);
        assert_string_equal(help_key, wrong[i].key);
        assert_non_null(strstr(help_error.text, "expected"));
    }
    assert_int_equal(hg_data_config_check(&right, &help_key, &help_error), HG_OK);
    assert_null(help_key);
}

static void only_for_images(void **state)
{
    struct hg_data_config config = help_config(help_text("v.csv", "1,2,3,4\n"));

    (void)state;
    config.size = "2x2";
    help_refused(&config, HG_USAGE, "size", "no images");
    config.shape = "2x2";
    hg_dataset_destroy(help_load(&config));
    config.shape = NULL;
    config.size = NULL;
    config.channels = "3";
    help_refused(&config, HG_USAGE, "channels", "no images");
    config = help_config(help_text("v.csv", "1,2,3,4\n"));
    config.source = "/nonexistent/file";
    help_refused(&config, HG_FAILED, NULL, "/nonexistent/file: cannot open");
    config.source = "/dev/null";
    help_refused(&config, HG_FAILED, NULL, "not a regular file");
    assert_null(hg_data_kind("/dev/null"));
    assert_null(hg_data_kind("/nonexistent"));
}

/* ---- memory ---- */

/* Every allocation fails once, in turn: never a crash, always the right status. */
static void every_allocation(void **state)
{
    static struct help_bytes png;
    struct hg_data_config configs[4];

    (void)state;
    if (hg__mem_count() == 0) /* not a build with HG_TEST_MEMORY */
        skip();
    help_png(&png, 3, 2, 2, (const unsigned char *)"abcdefghijklmnopqr");
    configs[0] = help_config(help_text("m.csv", "a,b\n1,x\n2,y\n"));
    configs[0].only = "x";
    configs[1] = help_config(help_file("m.png", png.data, png.length));
    configs[1].size = "2x2";
    configs[2] = help_config(help_file("m.idx", "\0\0\10\2\0\0\0\2\0\0\0\1\7\5", 14));
    configs[2].labels = configs[2].source;
    configs[2].scale = "standard";
    configs[3] = help_config(help_folder);
    for (int c = 0; c < 4; c++) {
        size_t n = 1;
        for (;; n++) {
            struct hg_dataset *d = NULL;
            enum hg_status status;
            hg__mem_fail_at(n);
            status = hg_dataset_load(help_context, &configs[c], &d, &help_key, &help_error);
            hg__mem_fail_at(0);
            if (status == HG_OK && d->note_count >= 1 && n > 40) {
                hg_dataset_destroy(d);
                break;
            }
            if (status != HG_OK && status != HG_NO_MEMORY)
                fail_msg("case %d, allocation %zu: %s", c, n, help_error.text);
            hg_dataset_destroy(d);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales),
        cmocka_unit_test(constant_data),
        cmocka_unit_test(scaled_by_training),
        cmocka_unit_test(too_large_for_float),
        cmocka_unit_test(splits),
        cmocka_unit_test(split_by_seed),
        cmocka_unit_test(chosen_labels),
        cmocka_unit_test(built_in),
        cmocka_unit_test(configurations),
        cmocka_unit_test(only_for_images),
        cmocka_unit_test(every_allocation),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
