/* stack_trial.h - made-up networks (stack_help.h) with parameters and data, for the tests of
 * stacks. Include after cmocka.h.
 *
 * HG_STACKS=N tries N of these instead of a few, HG_STACKS_FROM=K from number K on. */
#ifndef HG_TEST_STACK_TRIAL_H
#define HG_TEST_STACK_TRIAL_H

#include "stack_help.h"
#include "two_help.h"

enum { QUICK = 40, FULL = 120, MOST_SAMPLES = 21 };

/* How many made-up networks a test takes, out of `full`. */
static inline size_t amount(size_t quick, size_t full)
{
    const char *asked = getenv("HG_STACKS"), *tests = getenv("TESTS");

    if (asked)
        return strtoul(asked, NULL, 10);
    if (tests && strcmp(tests, "long") == 0)
        return 10 * full;
    return tests && strcmp(tests, "quick") == 0 ? quick : full;
}

static inline size_t first_number(void)
{
    const char *from = getenv("HG_STACKS_FROM");

    return from ? strtoul(from, NULL, 10) : 0;
}

/* A made-up network with general parameters and data. */
struct trial {
    struct stack stack;
    struct hg_model *model;
    size_t samples, inputs;
    float *input, *target;
    struct hg_batch batch;
};

static inline void fill_trial(struct trial *trial, uint64_t seed)
{
    free(trial->input);
    free(trial->target);
    trial->input = made_up(trial->samples * trial->inputs, 0.05, 0.95, seed);
    trial->target = made_up(trial->samples * trial->inputs, 0.05, 0.95, seed + 1);
    trial->batch = (struct hg_batch){trial->input, trial->target, trial->samples, 11, seed};
}

static inline struct hg_model *build_stack(struct hg_context *where, const struct stack *stack,
                                           size_t samples)
{
    struct hg_model_config config = stack_config(stack);
    struct hg_error error = {HG_OK, ""};
    struct hg_model *model;

    if (hg_model_create(where, &config, &model, NULL, &error) ||
        hg_model_reserve(model, samples, &error))
        fail_msg("%s: %s", stack->text, error.text);
    return model;
}

static inline struct trial open_trial(size_t number)
{
    struct trial trial = {.stack = stack_made_up(number)};
    float *mean;

    trial.samples = number % 4 == 0 ? 1 : 1 + number * 7 % MOST_SAMPLES;
    trial.model = build_stack(context, &trial.stack, trial.samples);
    trial.inputs = hg_model_inputs(trial.model);
    scramble(trial.model, number);
    mean = made_up(trial.inputs, 0.3, 0.7, number + 5);
    if (number % 3)
        hg_model_set_center(trial.model, mean);
    free(mean);
    fill_trial(&trial, number + 9);
    return trial;
}

static inline void close_trial(struct trial *trial)
{
    hg_model_destroy(trial->model);
    free(trial->input);
    free(trial->target);
}

static inline bool have(const char *isa)
{
    struct hg_context *probe;

    if (hg_context_create(1, isa, 0, &probe, NULL))
        return false;
    hg_context_destroy(probe);
    return true;
}

static inline void assert_near(const struct trial *trial, const char *what, const float *got,
                               const float *wanted, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!(fabs((double)got[k] - (double)wanted[k]) <= 1e-5 * (1 + fabs((double)wanted[k]))))
            fail_msg("%s: %s[%zu]: %.9g, wanted %.9g", trial->stack.text, what, k, (double)got[k],
                     (double)wanted[k]);
}

#endif
