/* Runs on disk: what is written comes back, and nothing else is believed. */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run_help.h"

static void comes_back(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_runfile *file;
    struct hg_error error = {HG_OK, ""};
    struct hg_scale_found scale;
    struct hg_spec spec;
    const char *path;

    (void)state;
    make(&f);
    path = write_run(&f, "run.safetensors");
    assert_true(hg_runfile_recognise(path));
    file = open_run(path, false);
    if (hg_runfile_restore(file, model, &error))
        fail_msg("%s", error.text);
    same_part(f.model, model, HG_PART_VALUE);
    same_part(f.model, model, HG_PART_FIRST);
    same_part(f.model, model, HG_PART_SECOND);
    assert_memory_equal(hg_runfile_progress(file), &f.progress, sizeof f.progress);
    assert_int_equal(hg_runfile_history(file)->count, EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++) {
        const struct hg_epoch *epoch = &hg_runfile_history(file)->epochs[i];
        assert_memory_equal(epoch, &f.history.epochs[i], sizeof *epoch);
    }
    assert_memory_equal(hg_runfile_mean(file), f.mean, sizeof f.mean);
    scale = hg_runfile_scale(file);
    assert_int_equal(scale.scales, FEATURES);
    assert_int_equal(scale.scaling, HG_SCALE_STANDARD);
    assert_true(!scale.bounded && scale.lowest == -2.5 && scale.highest == 1.0 / 3);
    assert_memory_equal(scale.factor, f.factor, sizeof f.factor);
    assert_memory_equal(scale.offset, f.offset, sizeof f.offset);
    assert_true(hg_runfile_image(file) && hg_runfile_shape(file).rows == 3);
    assert_string_equal(hg_runfile_version(file), hg_version());
    assert_string_equal(hg_runfile_path(file), path);
    hg_spec_init(&spec, &error);
    if (hg_spec_parse(&spec, hg_runfile_config(file), "run", &error))
        fail_msg("%s", error.text);
    assert_string_equal(spec.data.source, f.spec.data.source);
    hg_spec_fini(&spec);
    assert_false(hg_runfile_best(file, model, NULL));
    hg_runfile_close(file);
    hg_model_destroy(model);
    unmake(&f);
}

static void same_bytes(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_runfile *file;
    struct hg_progress progress;
    unsigned char *first, *second;
    size_t length, again;

    (void)state;
    make(&f);
    first = read_all(write_run(&f, "a.safetensors"), &length);
    file = open_run(in_folder("a.safetensors"), false);
    assert_int_equal(hg_runfile_restore(file, model, NULL), HG_OK);
    f.run.model = model;
    f.run.history = hg_runfile_history(file);
    progress = *hg_runfile_progress(file);
    progress.best_validation = -nan("0x123"); /* a NaN has one spelling only */
    f.run.progress = &progress;
    second = read_all(write_run(&f, "b.safetensors"), &again);
    assert_int_equal(length, again);
    assert_memory_equal(first, second, length);
    hg_runfile_close(file);
    free(first);
    free(second);
    hg_model_destroy(model);
    unmake(&f);
}

/* No history yet, no mean, best weights kept. */
static void odd_parts(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_runfile *file;
    struct hg_error error;
    float *best[32], *got[32];
    size_t tensors;

    (void)state;
    make(&f);
    tensors = hg_model_tensors(f.model);
    assert_true(tensors <= 32);
    fill(model, 7);
    for (size_t i = 0; i < tensors; i++) {
        best[i] = read_tensor(model, i, HG_PART_VALUE);
        got[i] = calloc(hg_model_tensor(model, i).count, sizeof(float));
    }
    f.history.count = 0;
    f.progress = (struct hg_progress){.last_train = NAN, .best_validation = NAN};
    assert_int_equal(hg_spec_set(&f.spec, "data.center", "no", "t", &error), HG_OK);
    f.run.best = best;
    file = open_run(write_run(&f, "odd.safetensors"), false);
    assert_null(hg_runfile_mean(file));
    assert_int_equal(hg_runfile_history(file)->count, 0);
    assert_true(isnan(hg_runfile_progress(file)->last_train));
    assert_true(hg_runfile_best(file, model, got));
    for (size_t i = 0; i < tensors; i++) {
        assert_memory_equal(best[i], got[i], hg_model_tensor(model, i).count * sizeof(float));
        free(best[i]);
        free(got[i]);
    }
    hg_runfile_close(file);
    hg_model_destroy(model);
    unmake(&f);
}

/* The header as any reader of the format sees it. */
static void check_format(struct fixture *f)
{
    unsigned char *bytes;
    size_t length;
    uint64_t header, data, at = 0, last = 0;
    const char *name;
    json_t *root, *value, *meta;

    bytes = read_all(write_run(f, "f.safetensors"), &length);
    memcpy(&header, bytes, 8);
    data = 8 + header;
    assert_true(data % 8 == 0 && data < length);
    root = json_loadb((char *)bytes + 8, header, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    meta = json_object_get(root, "__metadata__");
    assert_string_equal(json_string_value(json_object_get(meta, "format")), "hourglass");
    assert_string_equal(json_string_value(json_object_get(meta, "epoch")), "3");
    assert_string_equal(json_string_value(json_object_get(meta, "step")), "14");
    assert_null(strstr(json_string_value(json_object_get(meta, "config")), folder));
    json_object_foreach(root, name, value)
    {
        const char *type = json_string_value(json_object_get(value, "dtype"));
        json_t *place = json_object_get(value, "data_offsets");
        if (!place)
            continue;
        assert_int_equal(json_integer_value(json_array_get(place, 0)), at);
        assert_true((data + at) % (strcmp(type, "F32") == 0 ? 4 : 8) == 0);
        last = at;
        at = (uint64_t)json_integer_value(json_array_get(place, 1));
        if (strcmp(name, "encoder.0.weight") == 0) {
            json_t *shape = json_object_get(value, "shape");
            assert_int_equal(json_integer_value(json_array_get(shape, 0)), 5);
            assert_int_equal(json_integer_value(json_array_get(shape, 1)), FEATURES);
        }
    }
    assert_int_equal(data + at, length);
    assert_int_equal(
        json_integer_value(json_array_get(
            json_object_get(json_object_get(root, "integrity.crc32"), "data_offsets"), 0)),
        last);
    static const char *const names[] = {"encoder.0.weight",
                                        "encoder.0.bias",
                                        "encoder.1.running_mean",
                                        "encoder.4.weight",
                                        "optimizer.m.encoder.0.weight",
                                        "optimizer.v.encoder.4.bias",
                                        "rng.state",
                                        "history.epoch",
                                        "history.step",
                                        "history.train",
                                        "history.validation",
                                        "history.lr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!json_object_get(root, names[i]))
            fail_msg("no tensor %s", names[i]);
    assert_null(json_object_get(root, "optimizer.m.encoder.1.running_mean"));
    assert_true((json_object_get(root, "data.mean") != NULL) == f->spec.data.center);
    json_decref(root);
    free(bytes);
}

/* Once with an even number of float32, once with an odd one. */
static void format(void **state)
{
    struct fixture f;

    (void)state;
    make(&f);
    check_format(&f);
    assert_int_equal(hg_spec_set(&f.spec, "data.center", "no", "t", NULL), HG_OK);
    check_format(&f);
    unmake(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(odd_parts),
        cmocka_unit_test(format),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
