/* test_stack.c - image layers: the engine against its double-precision twin, on networks
 * that are named and many that were made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "stack_trial.h"

/* What rounding may do: to a gradient, of its tensor's largest component and a share of the
 * largest of all; to the loss. Batch norm multiplies the rounding of what hardly differs. */
static const double gradient_off = 2e-5, norm_off = 1e-4, share = 0.1, loss_off = 1e-5,
                    vanishing_off = 1e-3;

static bool agrees(struct trial *trial)
{
    const char *text = trial->stack.text;
    double tolerance = strstr(text, "bn") ? norm_off : gradient_off;
    struct twin_off off = engine_off(trial->model, &trial->batch, share);

    if (off.objective <= loss_off * off.steep && off.loss <= loss_off * off.steep &&
        off.gradient <= tolerance * off.steep && off.vanishing <= vanishing_off * off.steep)
        return true;
    print_message("%s\n%zu samples: loss %g, objective %g, %s off by %g, zeros by %g, steep %g\n",
                  text, trial->samples, off.loss, off.objective, off.where, off.gradient,
                  off.vanishing, off.steep);
    return false;
}

struct score {
    size_t tried, again, wrong;
};

/* A rectifier or a pool may decide differently in float32 where two values nearly agree; so a
 * network is wrong when it is off for a second batch, too. */
static void try_twice(struct trial *trial, uint64_t seed, struct score *score)
{
    score->tried++;
    if (agrees(trial))
        return;
    score->again++;
    fill_trial(trial, seed + 1000003);
    score->wrong += !agrees(trial);
}

static void assert_score(const struct score *score)
{
    if (score->wrong || score->again > 1 + score->tried / 20)
        fail_msg("%zu of %zu networks are wrong, %zu needed a second batch", score->wrong,
                 score->tried, score->again);
}

static void try_made_up(size_t count, struct score *score)
{
    for (size_t i = first_number(); i < first_number() + count; i++) {
        struct trial trial = open_trial(i);
        try_twice(&trial, i, score);
        close_trial(&trial);
    }
}

static void test_twin(void **state)
{
    struct score score = {0};

    (void)state;
    try_made_up(amount(QUICK, FULL), &score);
    assert_score(&score);
}

/* Kernels and ways that made-up networks seldom have, named one by one. */
static void test_named(void **state)
{
    struct score score = {0};

    (void)state;
    for (size_t i = 0; i < stack_named_count(); i++)
        for (size_t samples = 1; samples <= 19; samples += 6) {
            struct trial trial = {.stack = stack_named(i), .samples = samples};
            trial.model = build_stack(context, &trial.stack, samples);
            trial.inputs = hg_model_inputs(trial.model);
            scramble(trial.model, i);
            fill_trial(&trial, i);
            try_twice(&trial, i, &score);
            close_trial(&trial);
        }
    assert_score(&score);
}

/* A step of sgd takes what differentiate says. */
static void test_update(void **state)
{
    const double rate = 0.25;

    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK / 2, FULL / 2); i++) {
        struct trial trial = open_trial(i);
        struct hg_update update = {.optimizer = HG_SGD, .rate = rate};
        size_t tensors = hg_model_tensors(trial.model);
        float **before = calloc(tensors, sizeof *before),
              **gradient = calloc(tensors, sizeof *before);
        double loss, again;

        hg_model_differentiate(trial.model, &trial.batch, &loss, NULL);
        for (size_t t = 0; t < tensors; t++) {
            before[t] = read_tensor(trial.model, t, HG_PART_VALUE);
            gradient[t] = read_tensor(trial.model, t, HG_PART_GRADIENT);
        }
        hg_model_train(trial.model, &trial.batch, &update, &again);
        if (!(fabs(loss - again) <= 1e-6 * fabs(loss)))
            fail_msg("%s: loss %.9g, training says %.9g", trial.stack.text, loss, again);
        for (size_t t = 0; t < tensors; t++) {
            struct hg_tensor_info info = hg_model_tensor(trial.model, t);
            float *after = read_tensor(trial.model, t, HG_PART_VALUE);
            for (size_t k = 0; info.trainable && k < info.count; k++) {
                double wanted = before[t][k] - rate * gradient[t][k];
                double room = 2e-7 * fabs(before[t][k]) + 2e-6 * rate * fabs(gradient[t][k]) + 1e-9;
                if (!(fabs(after[k] - wanted) <= room))
                    fail_msg("%s: %s[%zu]: %.9g, wanted %.9g", trial.stack.text, info.name, k,
                             (double)after[k], wanted);
            }
            free(after);
            free(before[t]);
            free(gradient[t]);
        }
        free(before);
        free(gradient);
        close_trial(&trial);
    }
}

/* Every set of instructions against the twin. */
static void test_sets(void **state)
{
    static const char *const isa[] = {"base", "avx2", "avx512"};
    struct hg_context *kept = context;

    (void)state;
    for (size_t s = 0; s < 3; s++) {
        struct score score = {0};
        if (!have(isa[s]))
            continue;
        context = open_context(2, isa[s]);
        try_made_up(amount(QUICK / 2, FULL / 2), &score);
        hg_context_destroy(context);
        context = kept;
        assert_score(&score);
    }
}

/* What a layer shows is what the twin computes, where training and evaluation agree. */
static void test_layers_shown(void **state)
{
    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK, FULL); i++) {
        struct trial trial = open_trial(i);
        struct hg_batch one = trial.batch;
        struct hg__reference *twin;

        one.samples = 1;
        twin = hg__reference_create(trial.model, &one);
        assert_non_null(twin);
        (void)hg__reference_objective(twin, HG__NOWHERE);
        for (size_t l = 0; !trial.stack.random && l < hg__reference_end(twin); l++) {
            size_t count = twin->node[l].out;
            float *shown = malloc(count * sizeof *shown), *wanted = malloc(count * sizeof *wanted);
            hg_model_activations(trial.model, trial.input, l, shown);
            for (size_t k = 0; k < count; k++)
                wanted[k] = (float)twin->node[l].y[k];
            assert_near(&trial, hg_model_layer(trial.model, l).text, shown, wanted, count);
            free(shown);
            free(wanted);
        }
        hg__reference_destroy(twin);
        close_trial(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named),  cmocka_unit_test(test_twin),
        cmocka_unit_test(test_sets),   cmocka_unit_test(test_layers_shown),
        cmocka_unit_test(test_update),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
