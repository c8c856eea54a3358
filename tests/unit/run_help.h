/* run_help.h - a run to write, and what must come back of it. Include after cmocka.h. */
#ifndef HG_TEST_RUN_HELP_H
#define HG_TEST_RUN_HELP_H

#include "model_help.h"
#include "runfile_help.h"

enum { FEATURES = 9, EPOCHS = 3 };

struct fixture {
    struct hg_spec spec;
    struct hg_model *model;
    struct hg_dataset dataset;
    struct hg_history history;
    struct hg_progress progress;
    float mean[FEATURES];
    double factor[FEATURES], offset[FEATURES];
    struct hg_run run;
};

static const struct hg_model_config network = {.encoder = "dense 5 bn tanh, dropout 0.2",
                                               .code = "2",
                                               .decoder = "mirror",
                                               .output = "sigmoid",
                                               .input = {1, 3, 3},
                                               .image = true,
                                               .bias = true,
                                               .loss = HG_LOSS_MSE,
                                               .beta = 1};

static inline void fill(struct hg_model *model, uint64_t seed)
{
    struct hg__rng rng;

    hg__rng_start(&rng, seed, HG__RNG_PROBE, 0, 0);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        float *values = malloc(info.count * sizeof *values);
        for (int part = HG_PART_VALUE; part <= HG_PART_SECOND; part++) {
            if (part == HG_PART_GRADIENT || (part != HG_PART_VALUE && !info.trainable))
                continue;
            for (size_t k = 0; k < info.count; k++)
                values[k] = (float)hg__rng_normal(&rng);
            hg_model_write(model, i, (enum hg_tensor_part)part, values);
        }
        free(values);
    }
}

static inline void make(struct fixture *f)
{
    struct hg_error error = {HG_OK, ""};

    memset(f, 0, sizeof *f);
    assert_int_equal(hg_spec_init(&f->spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&f->spec, "data.source", "/a b/\xff\n;c.csv", "t", &error), HG_OK);
    f->model = build(context, &network);
    fill(f->model, 1);
    f->dataset.features = FEATURES;
    f->dataset.shape = network.input;
    f->dataset.image = true;
    f->dataset.scaling = HG_SCALE_STANDARD;
    f->dataset.scales = FEATURES;
    f->dataset.factor = f->factor;
    f->dataset.offset = f->offset;
    f->dataset.mean = f->mean;
    f->dataset.lowest = -2.5;
    f->dataset.highest = 1.0 / 3;
    for (int i = 0; i < FEATURES; i++) {
        f->mean[i] = 1.0f / (float)(i + 3);
        f->factor[i] = 1.0 / (i + 7);
        f->offset[i] = i / 11.0;
    }
    for (uint64_t e = 1; e <= EPOCHS; e++) {
        struct hg_epoch epoch = {e, 4 * e, 1.0 / (double)e, NAN, 0.1};
        hg_history_add(&f->history, &epoch, NULL);
    }
    f->progress = (struct hg_progress){EPOCHS, 14, 7, 6, 1.0 / 3, 0.25, NAN, 2, 1, NAN};
    f->run = (struct hg_run){&f->spec, f->model, &f->dataset, &f->history, &f->progress, NULL};
}

static inline void unmake(struct fixture *f)
{
    hg_spec_fini(&f->spec);
    hg_model_destroy(f->model);
    hg_history_fini(&f->history);
}

static const char *write_run(const struct fixture *f, const char *name)
{
    struct hg_error error = {HG_OK, ""};
    const char *path = in_folder(name);

    if (hg_runfile_write(path, &f->run, &error))
        fail_msg("%s", error.text);
    return path;
}

static inline struct hg_runfile *open_run(const char *path, bool weights_only)
{
    struct hg_runfile *file = NULL;
    struct hg_error error = {HG_OK, ""};

    if (hg_runfile_open(path, weights_only, &file, &error))
        fail_msg("%s", error.text);
    return file;
}

static inline unsigned char *read_all(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 20);

    assert_non_null(file);
    *length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static inline void same_part(const struct hg_model *a, const struct hg_model *b,
                             enum hg_tensor_part part)
{
    for (size_t i = 0; i < hg_model_tensors(a); i++) {
        struct hg_tensor_info info = hg_model_tensor(a, i);
        float *x, *y;
        if (part != HG_PART_VALUE && !info.trainable)
            continue;
        x = read_tensor(a, i, part);
        y = read_tensor(b, i, part);
        assert_memory_equal(x, y, info.count * sizeof *x);
        free(x);
        free(y);
    }
}

#endif
