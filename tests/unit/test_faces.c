/* test_faces.c - samples/faces.ini: every face comes back, and none is the average.
 *
 * C is the spread of the outputs over that of the inputs: 0 when all are the same. */
#include "data_help.h"

#include "hourglass/hourglass.h"

enum { FEW = 12 };

/* Sum over all values of the squared distance from their mean over the samples. */
static double spread(const float *values, size_t samples, size_t features)
{
    double sum = 0;

    for (size_t i = 0; i < features; i++) {
        double mean = 0;
        for (size_t s = 0; s < samples; s++)
            mean += values[s * features + i] / (double)samples;
        for (size_t s = 0; s < samples; s++) {
            double away = values[s * features + i] - mean;
            sum += away * away;
        }
    }
    return sum;
}

/* The worst sample's squared error over the mean of what the average of all would cost. */
static double worst(const float *x, const float *y, size_t samples, size_t features)
{
    double fair = spread(x, samples, features) / (double)samples, most = 0;

    for (size_t s = 0; s < samples; s++) {
        double error = 0;
        for (size_t i = s * features; i < (s + 1) * features; i++)
            error += (double)(y[i] - x[i]) * (y[i] - x[i]);
        most = fmax(most, error / fair);
    }
    return most;
}

static double distance(const float *x, const float *y, size_t features)
{
    double sum = 0;

    for (size_t i = 0; i < features; i++)
        sum += (double)(y[i] - x[i]) * (y[i] - x[i]);
    return sum;
}

/* Whom would one take each reconstruction for? Its own face, among all that were learned. */
static bool recognised(const float *x, const float *y, size_t samples, size_t features)
{
    for (size_t s = 0; s < samples; s++)
        for (size_t t = 0; t < samples; t++)
            if (t != s && distance(x + t * features, y + s * features, features) <=
                              distance(x + s * features, y + s * features, features))
                return false;
    return true;
}

static void set(struct hg_spec *spec, const char *key, const char *value)
{
    if (hg_spec_set(spec, key, value, "test", &help_error))
        fail_msg("%s", help_error.text);
}

static void train(struct hg_trainer *trainer)
{
    while (hg_trainer_end(trainer) == HG_END_NOT)
        if (hg_trainer_step(trainer, &help_error))
            fail_msg("%s", help_error.text);
}

/* Trains the sample on `source` (NULL = its own) and looks at every reconstruction. */
static void look(const char *source, const char *size, size_t count)
{
    struct hg_trainer_config config = {.epochs = 2000};
    struct hg_experiment *experiment;
    const struct hg_dataset *dataset;
    struct hg_trainer *trainer = NULL;
    struct hg_spec spec;
    char limit[24];
    float *output;
    double index, error;

    snprintf(limit, sizeof limit, "%zu", count);
    assert_int_equal(hg_spec_init(&spec, &help_error), HG_OK);
    if (hg_spec_open(&spec, HG_SOURCE_DIR "/samples/faces.ini", &help_error))
        fail_msg("%s", help_error.text);
    set(&spec, "data.limit", limit);
    if (size)
        set(&spec, "data.size", size);
    if (source)
        set(&spec, "data.source", source);
    if (hg_experiment_create(help_context, &spec, NULL, NULL, NULL, &experiment, &help_error) ||
        hg_trainer_create(experiment, &config, &trainer, &help_error))
        fail_msg("%s", help_error.text);
    train(trainer);
    dataset = experiment->dataset;
    assert_int_equal(dataset->samples, count);
    output = calloc(count * dataset->features, sizeof *output);
    assert_non_null(output);
    hg_model_reconstruct(experiment->model, dataset->values, count, output, NULL);
    index = spread(output, count, dataset->features) /
            spread(dataset->values, count, dataset->features);
    error = worst(dataset->values, output, count, dataset->features);
    print_message("%zu faces of %s: C %.4f, worst error %.4f of the mean floor\n", count,
                  source ? "a folder" : "the program", index, error);
    assert_true(index > 0.9 && index < 1.1);
    assert_true(recognised(dataset->values, output, count, dataset->features));
    free(output);
    hg_trainer_destroy(trainer);
    hg_spec_fini(&spec);
}

/* Long training, of layers that shorter tests walk through. */
static void only_at_full_speed(void)
{
    if (getenv("HG_SANITIZED"))
        skip();
}

static void built_in_faces_come_back(void **state)
{
    (void)state;
    only_at_full_speed();
    look(NULL, NULL, FEW);
}

/* The first faces among the emoji, in a folder of their own. */
static void colour_pictures_come_back(void **state)
{
    const char *shared = getenv("HG_SHARED");
    char from[4096], to[4096], folder[4096];

    (void)state;
    only_at_full_speed();
    snprintf(folder, sizeof folder, "%s/faces", help_folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    for (unsigned code = 0x1f600; code < 0x1f600 + FEW; code++) {
        snprintf(from, sizeof from, "%s/data/noto-emoji/72/emoji_u%x.png",
                 shared ? shared : HG_SOURCE_DIR "/../shared", code);
        snprintf(to, sizeof to, "%s/faces/%x.png", help_folder, code);
        if (access(from, R_OK) != 0)
            skip();
        assert_int_equal(symlink(from, to), 0);
    }
    look(folder, "72x72", FEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_faces_come_back),
        cmocka_unit_test(colour_pictures_come_back),
    };

    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
