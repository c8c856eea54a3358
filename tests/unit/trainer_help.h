/* trainer_help.h - runs without a session: opened, stepped, compared to the bit. Include cmocka
 * and what it needs first. */
#ifndef TRAINER_HELP_H
#define TRAINER_HELP_H

#include "hourglass/hourglass.h"

#include <stdlib.h>

/* Sets options of a small experiment; ends with NULL. */
static inline void make_spec(struct hg_spec *spec, const char *const *settings)
{
    struct hg_error error;

    assert_int_equal(hg_spec_init(spec, &error), HG_OK);
    for (; settings && *settings; settings += 2)
        if (hg_spec_set(spec, settings[0], settings[1], "test", &error))
            fail_msg("%s", error.text);
}

static const char *const clusters[] = {"data.source",
                                       "gaussians",
                                       "gaussians.dims",
                                       "5",
                                       "gaussians.points",
                                       "37",
                                       "model.encoder",
                                       "dense 7 tanh, dropout 0.1",
                                       "model.code",
                                       "2",
                                       "train.batch",
                                       "16",
                                       "train.corrupt",
                                       "gaussian 0.1",
                                       "train.lr",
                                       "0.01",
                                       NULL};

static inline struct hg_trainer *open_run(int threads, const struct hg_spec *spec,
                                          const char *resume, struct hg_context **context)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_runfile *file = NULL;
    struct hg_trainer *trainer;
    struct hg_error error = {0};

    assert_int_equal(hg_context_create(threads, getenv("HOURGLASS_ISA"), 0, context, &error),
                     HG_OK);
    if (resume && hg_runfile_open(resume, false, &file, &error))
        fail_msg("%s", error.text);
    if (hg_experiment_create(*context, spec, NULL, NULL, file, &experiment, &error))
        fail_msg("%s", error.text);
    if (hg_trainer_create(experiment, &config, &trainer, &error))
        fail_msg("%s", error.text);
    return trainer;
}

static inline void close_run(struct hg_trainer *trainer, struct hg_context *context)
{
    hg_trainer_destroy(trainer);
    hg_context_destroy(context);
}

static inline void steps(struct hg_trainer *trainer, int count)
{
    struct hg_error error;

    for (int i = 0; i < count; i++)
        if (hg_trainer_step(trainer, &error))
            fail_msg("%s", error.text);
}

/* Every weight, moment and statistic of two runs, to the bit. */
static inline void assert_same(const struct hg_trainer *a, const struct hg_trainer *b)
{
    const struct hg_model *one = hg_trainer_experiment(a)->model;
    const struct hg_model *two = hg_trainer_experiment(b)->model;

    assert_int_equal(hg_trainer_progress(a)->step, hg_trainer_progress(b)->step);
    assert_int_equal(hg_model_tensors(one), hg_model_tensors(two));
    for (size_t i = 0; i < hg_model_tensors(one); i++) {
        struct hg_tensor_info info = hg_model_tensor(one, i);
        float *x = calloc(info.count, sizeof *x), *y = calloc(info.count, sizeof *y);
        for (int part = HG_PART_VALUE; part <= HG_PART_SECOND; part++) {
            if (part == HG_PART_GRADIENT || (part != HG_PART_VALUE && !info.trainable))
                continue;
            hg_model_read(one, i, (enum hg_tensor_part)part, x);
            hg_model_read(two, i, (enum hg_tensor_part)part, y);
            assert_memory_equal(x, y, info.count * sizeof *x);
        }
        free(x);
        free(y);
    }
}

#endif
