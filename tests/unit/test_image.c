/* Pictures made larger and smaller: area average down, bilinear up. */
#include "data_help.h"

#include "data/image.h"

static void resample(int in_width, int in_height, const double *in, int width, int height,
                     double *out)
{
    struct hg__picture from = {HG__F64, {1, in_height, in_width}, (void *)(uintptr_t)in};
    struct hg__picture to = {HG__F64, {1, height, width}, out};
    struct hg__resizer resizer;

    assert_int_equal(hg__resizer_init(&resizer, from.shape, to.shape, NULL), HG_OK);
    hg__resizer_run(&resizer, &from, &to);
    hg__resizer_fini(&resizer);
}

static void resampling(void **state)
{
    static const double four[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    double out[400], sum;

    (void)state;
    resample(4, 4, four, 2, 2, out); /* means of 2 x 2 */
    assert_true(out[0] == 3.5 && out[1] == 5.5 && out[2] == 11.5 && out[3] == 13.5);
    resample(4, 4, four, 1, 1, out);
    assert_near(out[0], 8.5, 1e-12);
    resample(4, 1, four, 3, 1, out); /* each covers 4/3 */
    assert_near(out[0], (1 + 2 / 3.0) * 3 / 4, 1e-12);
    assert_near(out[1], 2.5, 1e-12);
    resample(2, 1, four, 4, 1, out); /* centres at 1/4, 3/4, ... of the old */
    assert_true(out[0] == 1 && out[1] == 1.25 && out[2] == 1.75 && out[3] == 2);
    resample(4, 4, four, 4, 4, out);
    assert_memory_equal(out, four, sizeof four);
    resample(4, 4, four, 2, 8, out); /* one axis down, one up */
    assert_true(out[0] == 1.5 && out[15] == 15.5);
    resample(1, 1, four, 5, 3, out);
    assert_true(out[0] == 1 && out[14] == 1);
    for (int w = 1; w <= 20; w++) { /* a mean stays a mean, a constant a constant */
        double grey[40];
        for (int i = 0; i < 40; i++)
            grey[i] = 0.7;
        resample(20, 2, grey, w, 1, out);
        for (int i = 0; i < w; i++)
            assert_near(out[i], 0.7, 1e-12);
        for (int i = 0; i < 40; i++)
            grey[i] = i * i % 17;
        sum = 0;
        for (int i = 0; i < 40; i++)
            sum += grey[i] / 40;
        resample(20, 2, grey, w, 1, out);
        for (int i = 0; i < w; i++)
            sum -= out[i] / w;
        assert_near(sum, 0, 1e-12);
    }
}

static void resized_samples(void **state)
{
    struct hg_data_config config = help_config(
        help_file("r.idx", "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2\0\1\2\3\10\11\12\13", 24));
    struct hg_dataset *d;

    (void)state;
    config.scale = "none";
    config.size = "1x1";
    d = help_load(&config);
    assert_true(d->values[0] == 2 && d->values[1] == 10); /* 1.5 and 9.5, rounded */
    assert_true(help_has_note(d, "resampled from 2x2 to 1x1"));
    hg_dataset_destroy(d);
    config.channels = "3";
    config.size = "2x2";
    d = help_load(&config);
    assert_int_equal(d->features, 12);
    assert_true(d->values[3] == 3 && d->values[4] == 0 && d->values[11] == 3);
    hg_dataset_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resampling),
        cmocka_unit_test(resized_samples),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
