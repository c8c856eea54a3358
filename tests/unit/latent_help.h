/* latent_help.h - a run with view 2 open, without a thread. Include cmocka and what it needs
 * first. */
#ifndef LATENT_HELP_H
#define LATENT_HELP_H

#include "hourglass/hourglass.h"
#include "run/trainer_state.h"
#include "run/watch.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct hg_context *context;
    struct hg_trainer *trainer;
    struct hg__watch watch;
    struct hg_latent latent; /* as a snapshot has it */
};

/* `settings`: names and values, NULL at the end. */
static inline struct fixture open_view(const char *const *settings)
{
    struct fixture f = {.context = NULL};
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_spec spec;
    struct hg_error error;

    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &f.context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    for (; *settings; settings += 2)
        if (hg_spec_set(&spec, settings[0], settings[1], "test", &error))
            fail_msg("%s", error.text);
    if (hg_experiment_create(f.context, &spec, NULL, NULL, NULL, &experiment, &error) ||
        hg_trainer_create(experiment, &config, &f.trainer, &error) ||
        hg__watch_init(&f.watch, f.trainer, &error))
        fail_msg("%s", error.text);
    hg_spec_fini(&spec);
    hg__watch_probe(&f.watch, f.trainer, true);
    return f;
}

static inline void close_view(struct fixture *f)
{
    hg__latent_fill_fini(&f->latent);
    hg__watch_fini(&f->watch);
    hg_trainer_destroy(f->trainer);
    hg_context_destroy(f->context);
}

static inline void tell(struct fixture *f, struct hg_command command)
{
    hg__watch_latent(&f->watch, f->trainer, &command);
}

static inline const struct hg_latent *look(struct fixture *f)
{
    assert_int_equal(hg__latent_fill(&f->watch.latent, &f->latent), HG_OK);
    return &f->latent;
}

/* All is brought up to date. */
static inline const struct hg_latent *settle(struct fixture *f)
{
    for (int i = 0; i < 10000; i++)
        if (hg__watch_probe(&f->watch, f->trainer, true))
            return look(f);
    fail_msg("never up to date");
    return NULL;
}

static inline void train(struct fixture *f, int steps)
{
    struct hg_error error;

    for (int i = 0; i < steps; i++) {
        assert_int_equal(hg_trainer_step(f->trainer, &error), HG_OK);
        hg__watch_stepped(&f->watch, f->trainer);
    }
}

static inline struct hg_model *model_of(const struct fixture *f)
{
    return f->trainer->experiment->model;
}

static inline const struct hg_dataset *data_of(const struct fixture *f)
{
    return f->trainer->experiment->dataset;
}

static inline void reconstruct(const struct fixture *f, uint32_t sample, float *output, float *code)
{
    const struct hg_dataset *dataset = data_of(f);

    hg_model_reconstruct(model_of(f), dataset->values + sample * dataset->features, 1, output,
                         code);
}

static inline void assert_near(const float *a, const float *b, size_t count, double most)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= most))
            fail_msg("value %zu: %g and %g", i, (double)a[i], (double)b[i]);
}

#endif
