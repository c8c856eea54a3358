/* test_stack_use.c - image layers: the engine against itself, with other threads, instruction sets
 * and sizes of batches, in training and in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "stack_trial.h"

enum { STEPS = 4 };

/* ---- equal bytes ---- */

/* Values, running statistics and moments after some steps, in one row; free it. */
static float *trained(const char *isa, int threads, size_t number, size_t *count)
{
    struct hg_context *own = open_context(threads, isa), *kept = context;
    struct hg_update update = {HG_ADAM, 0.001, 0.9, 0.999, 1e-8, 0.01, 0, number % 2 ? 0.5 : 0,
                               0,       1};
    struct trial trial;
    size_t state, at;
    double loss;
    float *out;

    context = own;
    trial = open_trial(number);
    context = kept;
    for (uint64_t step = 0; step < STEPS; step++) {
        trial.batch.step = step;
        hg_model_train(trial.model, &trial.batch, &update, &loss);
    }
    at = state = hg_model_state_count(trial.model);
    *count = 3 * state + 1;
    out = calloc(*count, sizeof *out);
    assert_non_null(out);
    hg_model_state_save(trial.model, out);
    for (size_t t = 0; t < hg_model_tensors(trial.model); t++) {
        struct hg_tensor_info info = hg_model_tensor(trial.model, t);
        if (!info.trainable)
            continue;
        hg_model_read(trial.model, t, HG_PART_FIRST, out + at);
        hg_model_read(trial.model, t, HG_PART_SECOND, out + at + info.count);
        at += 2 * info.count;
    }
    out[*count - 1] = (float)loss;
    close_trial(&trial);
    hg_context_destroy(own);
    return out;
}

static void compare(const char *what, size_t number, const char *isa, int threads,
                    const float *wanted, size_t count)
{
    size_t given;
    float *got = trained(isa, threads, number, &given);

    assert_int_equal(given, count);
    assert_true(isfinite(wanted[count - 1])); /* the loss */
    if (memcmp(got, wanted, count * sizeof *got) != 0) {
        struct stack stack = stack_made_up(number);
        size_t k = 0;
        while (memcmp(&got[k], &wanted[k], sizeof *got) == 0)
            k++;
        fail_msg("%s (number %zu): %s: number %zu of %zu is %.9g, wanted %.9g", stack.text, number,
                 what, k, count, (double)got[k], (double)wanted[k]);
    }
    free(got);
}

static void test_equal(void **state)
{
    const char *isa = getenv("HOURGLASS_ISA");
    bool fused = !isa || strcmp(isa, "base") != 0; /* base rounds otherwise */
    bool wide = have("avx512") && fused, narrow = have("avx2");

    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK / 2, FULL / 2); i++) {
        size_t count;
        float *wanted = trained(NULL, 1, i, &count);
        compare("2 threads", i, NULL, 2, wanted, count);
        compare("7 threads", i, NULL, 7, wanted, count);
        if (wide && narrow)
            compare("avx2", i, "avx2", 2, wanted, count);
        free(wanted);
    }
}

/* ---- use ---- */

/* One sample alone, through every layer; the last gives the reconstruction. */
static void check_activations(struct trial *trial, const float *output)
{
    size_t layers = hg_model_layers(trial->model);

    for (size_t s = 0; s < trial->samples; s += 3)
        for (size_t l = 0; l < layers; l++) {
            size_t count = hg_shape_size(hg_model_layer(trial->model, l).shape);
            float *shown = malloc((count + 1) * sizeof *shown);
            assert_non_null(shown);
            shown[count] = 12345;
            hg_model_activations(trial->model, trial->input + s * trial->inputs, l, shown);
            assert_true(shown[count] == 12345);
            if (l + 1 == layers)
                assert_near(trial, "activations of the last layer", shown,
                            output + s * trial->inputs, trial->inputs);
            free(shown);
        }
}

/* Evaluation mode: one way or two, one sample or many, it is the same function. */
static void check_use(struct trial *trial)
{
    size_t n = trial->inputs, codes = hg_model_codes(trial->model), m = trial->samples;
    float *output = calloc(m * n, sizeof *output), *decoded = calloc(m * n, sizeof *decoded);
    float *code = calloc(m * codes, sizeof *code), *alone = calloc(codes, sizeof *alone);
    double *errors = calloc(m, sizeof *errors), mean = 0, loss;

    hg_model_reconstruct(trial->model, trial->input, m, output, code);
    hg_model_decode(trial->model, code, m, decoded);
    assert_near(trial, "decode(encode)", decoded, output, m * n);
    for (size_t s = 0; s < m; s += 2) {
        hg_model_reconstruct(trial->model, trial->input + s * n, 1, decoded, alone);
        assert_near(trial, "reconstruction alone", decoded, output + s * n, n);
        assert_near(trial, "code alone", alone, code + s * codes, codes);
        hg_model_reconstruct(trial->model, trial->input + s * n, 1, NULL, alone);
        assert_near(trial, "encode", alone, code + s * codes, codes);
    }
    check_activations(trial, output);
    loss = hg_model_evaluate(trial->model, trial->input, NULL, m, errors);
    for (size_t s = 0; s < m; s++)
        mean += errors[s] / (double)m;
    if (!(fabs(loss - mean) <= 1e-6 * fabs(loss)))
        fail_msg("%s: loss %g, mean of the samples %g", trial->stack.text, loss, mean);
    free(output);
    free(decoded);
    free(code);
    free(alone);
    free(errors);
}

static void test_use(void **state)
{
    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK, FULL); i++) {
        struct trial trial = open_trial(i);
        struct hg_update update = {.optimizer = HG_SGD, .rate = 0.01};
        double loss;

        if (i % 2)
            assert_int_equal(hg_model_reserve(trial.model, 1 + i % 5, NULL), HG_OK);
        check_use(&trial);
        hg_model_train(trial.model, &trial.batch, &update, &loss);
        check_use(&trial);
        close_trial(&trial);
    }
}

/* Looking between two steps changes nothing. */
static void test_looking(void **state)
{
    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK / 4, FULL / 4); i++) {
        struct trial trial[2] = {open_trial(i), open_trial(i)};
        struct hg_update update[2];
        float *values[2];
        double loss;

        for (size_t k = 0; k < 2; k++) {
            update[k] = (struct hg_update){HG_ADAM, 0.001, 0.9, 0.999, 1e-8, 0, 0, 0, 0, 1};
            for (uint64_t step = 0; step < 3; step++) {
                trial[k].batch.step = step;
                hg_model_train(trial[k].model, &trial[k].batch, &update[k], &loss);
                if (k == 1)
                    check_use(&trial[k]);
            }
            values[k] = calloc(hg_model_state_count(trial[k].model), sizeof **values);
            hg_model_state_save(trial[k].model, values[k]);
        }
        if (memcmp(values[0], values[1], hg_model_state_count(trial[0].model) * sizeof **values) !=
            0)
            fail_msg("%s: looking changed the weights", trial[0].stack.text);
        for (size_t k = 0; k < 2; k++) {
            free(values[k]);
            close_trial(&trial[k]);
        }
    }
}

/* Nothing of an earlier batch is left over: neither of a larger one nor of one that was not a
 * number anywhere. */
static void test_forgets(void **state)
{
    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK / 2, FULL / 2); i++) {
        struct trial fresh = open_trial(i), used = open_trial(i);
        size_t more = used.samples + 3, n = used.inputs;
        float *nan = malloc(more * n * sizeof *nan);
        struct hg_batch worst = {nan, nan, more, 1, 1};

        for (size_t k = 0; k < more * n; k++)
            nan[k] = NAN;
        assert_int_equal(hg_model_reserve(used.model, more, NULL), HG_OK);
        hg_model_reconstruct(used.model, nan, more, nan, NULL);
        hg_model_differentiate(used.model, &worst, NULL, NULL);
        hg_model_differentiate(used.model, &used.batch, NULL, NULL);
        hg_model_differentiate(fresh.model, &fresh.batch, NULL, NULL);
        for (size_t t = 0; t < hg_model_tensors(fresh.model); t++) {
            struct hg_tensor_info info = hg_model_tensor(fresh.model, t);
            float *wanted = read_tensor(fresh.model, t, HG_PART_GRADIENT);
            float *got = read_tensor(used.model, t, HG_PART_GRADIENT);
            if (memcmp(got, wanted, info.count * sizeof *got) != 0)
                fail_msg("%s (number %zu): %s depends on an earlier batch", fresh.stack.text, i,
                         info.name);
            free(wanted);
            free(got);
        }
        free(nan);
        close_trial(&fresh);
        close_trial(&used);
    }
}

static size_t count_others(const float *values, size_t count)
{
    size_t others = 0;

    for (size_t k = 0; k < count; k++)
        others += values[k] != 0;
    return others;
}

/* Padding stays zero: a state has no more numbers than its tensors. */
static void test_pads(void **state)
{
    (void)state;
    for (size_t i = first_number(); i < first_number() + amount(QUICK / 2, FULL / 2); i++) {
        struct trial trial = open_trial(i);
        struct hg_update update = {.optimizer = HG_SGD, .rate = 0.001};
        size_t count = hg_model_state_count(trial.model), wanted = 0, got;
        float *all = calloc(count, sizeof *all);
        double loss;

        for (trial.batch.step = 0; trial.batch.step < 3; trial.batch.step++)
            hg_model_train(trial.model, &trial.batch, &update, &loss);
        hg_model_state_save(trial.model, all);
        got = count_others(all, count);
        for (size_t t = 0; t < hg_model_tensors(trial.model); t++) {
            float *values = read_tensor(trial.model, t, HG_PART_VALUE);
            wanted += count_others(values, hg_model_tensor(trial.model, t).count);
            free(values);
        }
        if (got != wanted)
            fail_msg("%s (number %zu): %zu numbers, %zu of them in tensors", trial.stack.text, i,
                     got, wanted);
        free(all);
        close_trial(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),   cmocka_unit_test(test_use),  cmocka_unit_test(test_looking),
        cmocka_unit_test(test_forgets), cmocka_unit_test(test_pads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
