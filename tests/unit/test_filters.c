/* What the trainer computes for view 4, and that nobody can tell afterwards. */
#include "hourglass/hourglass.h"
#include "run/filters.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session_help.h"

struct fixture {
    struct hg_context *context;
    struct hg_model *model;
    struct hg_dataset dataset;
    float *values;
    struct hg__filters filters;
};

static struct fixture begin(const char *encoder, const char *code, struct hg_shape shape)
{
    struct fixture fixture = {.filters = {.wish = {.level = -1}}};
    bool image = shape.rows > 1 || strncmp(encoder, "conv", 4) == 0;
    struct hg_model_config config = {.encoder = encoder,
                                     .code = code,
                                     .decoder = "mirror",
                                     .output = "sigmoid",
                                     .input = shape,
                                     .image = image,
                                     .bias = true};
    struct hg_error error;
    size_t size = hg_shape_size(shape);

    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &fixture.context, &error),
                     HG_OK);
    if (hg_model_create(fixture.context, &config, &fixture.model, NULL, &error) != HG_OK)
        fail_msg("%s", error.text);
    assert_int_equal(hg_model_reserve(fixture.model, 4, &error), HG_OK);
    assert_int_equal(hg_model_init(fixture.model, "auto", 7, &error), HG_OK);
    fixture.values = calloc(2 * size, sizeof(float));
    assert_non_null(fixture.values);
    for (size_t i = 0; i < 2 * size; i++)
        fixture.values[i] = (float)(0.5 + 0.5 * sin((double)(i * i % 97)));
    fixture.dataset = (struct hg_dataset){
        .shape = shape, .image = image, .features = size, .samples = 2};
    fixture.dataset.values = fixture.values;
    return fixture;
}

static void end(struct fixture *fixture)
{
    hg__filters_fini(&fixture->filters);
    hg_model_destroy(fixture->model);
    hg_context_destroy(fixture->context);
    free(fixture->values);
}

static const struct hg_filters *probe(struct fixture *fixture, int level, size_t first,
                                      size_t count)
{
    fixture->filters.wish = (struct hg__filters_wish){level, first, count};
    hg__filters_probe(&fixture->filters, fixture->model, &fixture->dataset, 1);
    return &fixture->filters.facts;
}

static void test_weights_of_images(void **state)
{
    struct fixture fixture = begin("dense 12 tanh", "2", (struct hg_shape){1, 9, 7});
    const struct hg_filters *facts = probe(&fixture, 0, 5, 4);
    float weights[12 * 63];
    double squares = 0, most = 0;

    (void)state;
    assert_true(facts->known);
    assert_int_equal(facts->kind, HG_FILTER_WEIGHTS);
    assert_int_equal(facts->total, 12);
    assert_int_equal(facts->first, 5);
    assert_int_equal(facts->count, 4);
    assert_int_equal(facts->picture.rows, 9);
    assert_int_equal(facts->picture.columns, 7);
    assert_string_equal(facts->name, "encoder.0");
    assert_string_equal(facts->text, "dense 12");
    assert_string_equal(facts->level_text[0], "weights");
    assert_string_equal(facts->level_text[2], "tanh");
    assert_int_equal(facts->levels, 1 + (int)hg_model_layers(fixture.model));
    hg_model_read(fixture.model, 0, HG_PART_VALUE, weights);
    assert_memory_equal(facts->values, weights + 5 * 63, 4 * 63 * sizeof(float));
    for (int i = 0; i < 12 * 63; i++) {
        squares += (double)weights[i] * (double)weights[i];
        most = fmax(most, fabs((double)weights[i]));
    }
    most = fmin(most, 3.5 * sqrt(squares / (12 * 63)));
    assert_true(fabs(facts->highest - most) < 1e-6 && facts->lowest == -facts->highest);
    facts = probe(&fixture, 0, 10, 64); /* the last page is shorter */
    assert_int_equal(facts->count, 2);
    facts = probe(&fixture, 0, 99, 64); /* behind the end: from the start */
    assert_int_equal(facts->first, 0);
    end(&fixture);
}

static void test_outputs(void **state)
{
    struct fixture fixture = begin("dense 12 tanh", "2", (struct hg_shape){1, 9, 7});
    float expected[63];
    const struct hg_filters *facts = probe(&fixture, 2, 0, 64);

    (void)state;
    assert_int_equal(facts->kind, HG_FILTER_OUTPUTS);
    assert_int_equal(facts->total, 12);
    hg_model_activations(fixture.model, fixture.values + 63, 1, expected);
    assert_memory_equal(facts->values, expected, 12 * sizeof(float));
    facts = probe(&fixture, 1000, 0, 64); /* the last level: the output, an image again */
    assert_int_equal(facts->level, facts->levels - 1);
    assert_int_equal(facts->kind, HG_FILTER_MAPS);
    assert_int_equal(facts->picture.rows, 9);
    hg_model_reconstruct(fixture.model, fixture.values + 63, 1, expected, NULL);
    for (int i = 0; i < 63; i++)
        assert_true(fabsf(facts->values[i] - expected[i]) < 1e-6f);
    end(&fixture);
}

/* Colour stays, other channels are averaged, tables become rows, large pictures smaller. */
static void test_shapes(void **state)
{
    struct fixture fixture = begin("dense 3", "2", (struct hg_shape){3, 5, 4});
    const struct hg_filters *facts = probe(&fixture, 0, 0, 64);
    float weights[3 * 100];

    (void)state;
    assert_int_equal(facts->picture.channels, 3);
    assert_false(facts->averaged);
    hg_model_read(fixture.model, 0, HG_PART_VALUE, weights);
    assert_memory_equal(facts->values, weights, 3 * 60 * sizeof(float));
    end(&fixture);
    fixture = begin("dense 3", "2", (struct hg_shape){5, 5, 4});
    facts = probe(&fixture, 0, 1, 1);
    assert_true(facts->averaged);
    assert_int_equal(facts->picture.channels, 1);
    hg_model_read(fixture.model, 0, HG_PART_VALUE, weights);
    for (int i = 0; i < 20; i++) {
        double mean = 0;
        for (int c = 0; c < 5; c++)
            mean += (double)weights[100 + 20 * c + i] / 5;
        assert_true(fabs((double)facts->values[i] - mean) < 1e-6);
    }
    end(&fixture);
    fixture = begin("dense 3", "2", (struct hg_shape){1, 1, 4});
    facts = probe(&fixture, 0, 0, 64);
    assert_int_equal(facts->picture.rows, 1);
    assert_int_equal(facts->picture.columns, 4);
    end(&fixture);
    fixture = begin("dense 2", "2", (struct hg_shape){1, 65, 130});
    facts = probe(&fixture, 0, 0, 64); /* by 3: the last row of two */
    assert_true(facts->picture.rows == 22 && facts->picture.columns == 44);
    end(&fixture);
}

/* Kernels and maps; colours stay together in kernels and in the output. */
static void test_convolutions(void **state)
{
    struct fixture fixture = begin("conv 6 5x5 lrelu, pool 2, conv 4", "2",
                                   (struct hg_shape){3, 8, 6});
    const struct hg_filters *facts = probe(&fixture, 0, 2, 3);
    float expected[6 * 75];

    (void)state;
    assert_int_equal(facts->kind, HG_FILTER_KERNELS);
    assert_string_equal(facts->text, "conv 6 5x5");
    assert_string_equal(facts->level_text[4], "conv 4");
    assert_int_equal(facts->total, 6);
    assert_int_equal(facts->picture.channels, 3);
    assert_int_equal(facts->picture.rows, 5);
    hg_model_read(fixture.model, 0, HG_PART_VALUE, expected);
    assert_memory_equal(facts->values, expected + 2 * 75, 3 * 75 * sizeof(float));
    facts = probe(&fixture, 3, 4, 64); /* pool 2 */
    assert_int_equal(facts->kind, HG_FILTER_MAPS);
    assert_int_equal(facts->total, 6);
    assert_int_equal(facts->count, 2);
    assert_true(facts->picture.rows == 4 && facts->picture.columns == 3);
    hg_model_activations(fixture.model, fixture.values + 144, 2, expected);
    assert_memory_equal(facts->values, expected + 4 * 12, 2 * 12 * sizeof(float));
    facts = probe(&fixture, facts->levels - 1, 0, 64);
    assert_int_equal(facts->total, 1);
    assert_int_equal(facts->picture.channels, 3);
    hg_model_reconstruct(fixture.model, fixture.values + 144, 1, expected, NULL);
    for (int i = 0; i < 144; i++)
        assert_true(fabsf(facts->values[i] - expected[i]) < 1e-5f);
    end(&fixture);
    fixture = begin("conv 2 lrelu", "none", (struct hg_shape){1, 1, 1}); /* one pixel: values */
    facts = probe(&fixture, 1, 0, 64);
    assert_int_equal(facts->kind, HG_FILTER_OUTPUTS);
    assert_int_equal(facts->total, 2);
    end(&fixture);
}

/* What is constant is counted, wherever it is; the page has flags of its own. */
static void test_constants(void **state)
{
    struct fixture fixture = begin("dense 12 tanh", "2", (struct hg_shape){1, 9, 7});
    const struct hg_filters *facts;
    float weights[12 * 63];

    (void)state;
    hg_model_read(fixture.model, 0, HG_PART_VALUE, weights);
    for (int i = 0; i < 63; i++)
        weights[2 * 63 + i] = weights[7 * 63 + i] = 0.25f;
    hg_model_write(fixture.model, 0, HG_PART_VALUE, weights);
    facts = probe(&fixture, 0, 6, 6);
    assert_int_equal(facts->constants, 2);
    assert_true(facts->constant[1]);
    assert_false(facts->constant[0]);
    end(&fixture);
}

/* ---- through a session ---- */

static struct hg_session *start(struct hg_context *context, struct hg_spec *spec)
{
    struct hg_session_config config = {
        .snapshots_per_second = 1000, .start_paused = true, .context = context, .spec = spec};
    struct hg_session *session;
    struct hg_error error;

    assert_int_equal(hg_session_start(&config, &session, &error), HG_OK);
    return session;
}

static void send(struct hg_session *session, enum hg_command_kind kind, int64_t number,
                 uint32_t count, const char *text)
{
    struct hg_command command = {.kind = kind, .number = number, .count = count};

    snprintf(command.text, sizeof command.text, "%s", text);
    post(session, command);
}

static bool has_weights(const struct hg_snapshot *s)
{
    return s->filters.known && s->filters.level == 0 && s->filters.count == 12;
}
static bool has_others(const struct hg_snapshot *s)
{
    return s->filters.known && s->filters.level == 2 && s->filters.count == 8 && s->sample == 5 &&
           s->filters.sample == 5;
}
static bool has_none(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && !s->filters.known;
}
static bool made_steps(const struct hg_snapshot *s)
{
    return s->state == HG_STATE_PAUSED && s->step == 40;
}
static bool is_restarted(const struct hg_snapshot *s)
{
    return s->step < 40 && s->seed == 9 && s->filters.known && s->filters.level == 2;
}

static void test_session(void **state)
{
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_error error;
    struct hg_session *session;
    const struct hg_snapshot *snapshot;

    (void)state;
    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "100", "test", &error), HG_OK);
    session = start(context, &spec);
    await_in(session, has_none); /* nobody asked */
    send(session, HG_DO_FILTERS, 0, 12, "");
    snapshot = await_in(session, has_weights);
    assert_int_equal(snapshot->filters.total, 128);
    assert_int_equal(snapshot->filters.picture.rows, 28);
    send(session, HG_DO_FILTERS, 2, 8, "");
    send(session, HG_DO_SHOW, 5, 0, "");
    snapshot = await_in(session, has_others);
    assert_int_equal(snapshot->filters.kind, HG_FILTER_OUTPUTS);
    send(session, HG_DO_RESTART, 9, 0, ""); /* what is asked for stays */
    await_in(session, is_restarted);
    send(session, HG_DO_PAUSE, 0, 0, "");
    send(session, HG_DO_FILTERS, -1, 8, "");
    await_in(session, has_none);
    assert_int_equal(hg_session_stop(session, HG_END_USER, NULL, &error), HG_OK);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
}

static void train_forty(const char *path, bool watched)
{
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_error error;
    struct hg_session *session;

    assert_int_equal(hg_context_create(2, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.limit", "300", "test", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.size", "10x10", "test", &error), HG_OK);
    assert_int_equal(
        hg_spec_set(&spec, "model.encoder", "conv 5 bn lrelu dropout 0.2, pool 2", "test", &error),
        HG_OK);
    session = start(context, &spec);
    for (int i = 0; i < 20; i++) {
        if (watched) {
            send(session, HG_DO_FILTERS, i % 7, 12, "");
            send(session, HG_DO_SHOW, i, 0, "");
        }
        send(session, HG_DO_STEPS, 2, 0, "");
        for (;;) {
            const struct hg_snapshot *snapshot = hg_session_take(session);
            if (snapshot && snapshot->state == HG_STATE_PAUSED &&
                snapshot->step == 2 * (uint64_t)(i + 1))
                break;
            hg_session_poke(session);
            poll(&(struct pollfd){.fd = hg_session_fd(session), .events = POLLIN}, 1, 10);
        }
    }
    hg_session_poke(session);
    await_in(session, made_steps);
    remove(path);
    send(session, HG_DO_SAVE, 0, 0, path);
    await_in(session, is_saved);
    assert_int_equal(hg_session_stop(session, HG_END_USER, NULL, &error), HG_OK);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
}

static size_t read_file(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(out, 1, size, file);
    fclose(file);
    return length;
}

/* Looking at layers and weights changes nothing: equal run files. */
static void test_no_trace(void **state)
{
    enum { ROOM = 4 << 20 };
    char *plain = malloc(ROOM), *watched = malloc(ROOM);
    size_t length;

    (void)state;
    assert_true(plain && watched);
    train_forty("test_filters_plain.safetensors", false);
    train_forty("test_filters_watched.safetensors", true);
    length = read_file("test_filters_plain.safetensors", plain, ROOM);
    assert_true(length > 1000 && length < ROOM);
    assert_int_equal(read_file("test_filters_watched.safetensors", watched, ROOM), length);
    assert_memory_equal(plain, watched, length);
    remove("test_filters_plain.safetensors");
    remove("test_filters_watched.safetensors");
    free(plain);
    free(watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_of_images),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_convolutions),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
