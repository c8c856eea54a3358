/* model_help.h - what the tests of the model share. Include after cmocka.h. */
#ifndef HG_TEST_MODEL_HELP_H
#define HG_TEST_MODEL_HELP_H

#include "base/rng.h"
#include "hourglass/model.h"

#include <stdlib.h>

/* A context of `threads`, with the instruction set of the environment where `isa` is NULL. */
static inline struct hg_context *open_context(int threads, const char *isa)
{
    struct hg_context *context = NULL;
    struct hg_error error = {HG_OK, ""};

    if (hg_context_create(threads, isa ? isa : getenv("HOURGLASS_ISA"), 0, &context, &error))
        fail_msg("%s", error.text);
    return context;
}

/* A network that must come about. Free with hg_model_destroy. */
static inline struct hg_model *build(struct hg_context *context,
                                     const struct hg_model_config *config)
{
    struct hg_model *model = NULL;
    struct hg_error error = {HG_OK, ""};

    if (hg_model_create(context, config, &model, NULL, &error))
        fail_msg("%s", error.text);
    return model;
}

static inline void start(struct hg_model *model, const char *init, uint64_t seed)
{
    struct hg_error error = {HG_OK, ""};

    if (hg_model_init(model, init, seed, &error))
        fail_msg("%s", error.text);
}

/* The tensor of that name; fails when there is none. */
static inline size_t find_tensor(const struct hg_model *model, const char *name)
{
    for (size_t i = 0; i < hg_model_tensors(model); i++)
        if (strcmp(hg_model_tensor(model, i).name, name) == 0)
            return i;
    fail_msg("no tensor %s", name);
    return 0;
}

/* A copy of a tensor; free it. */
static inline float *read_tensor(const struct hg_model *model, size_t index,
                                 enum hg_tensor_part part)
{
    float *out = malloc(hg_model_tensor(model, index).count * sizeof *out);

    assert_non_null(out);
    hg_model_read(model, index, part, out);
    return out;
}

/* `count` numbers in low..high from a stream of their own. */
static inline float *made_up(size_t count, double low, double high, uint64_t seed)
{
    float *out = malloc((count ? count : 1) * sizeof *out);
    struct hg__rng rng;

    assert_non_null(out);
    hg__rng_start(&rng, seed, HG__RNG_PROBE, 0, 0);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)(low + (high - low) * hg__rng_uniform(&rng));
    return out;
}

#endif
