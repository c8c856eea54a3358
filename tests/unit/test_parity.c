/* test_parity.c - the engine against the weights that PyTorch came to (tests/parity/vectors.txt),
 * without PyTorch. */
#include "../parity/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#ifndef HG_SOURCE_DIR
#define HG_SOURCE_DIR "."
#endif

enum { LINE = 1 << 16, LEAST_CASES = 80 };

/* Norm of the difference by the norm, as parity.py compares. */
static double distance(const char *numbers, const float *got, size_t count)
{
    double difference = 0, size = 0;
    char *end;

    for (size_t i = 0; i < count; i++, numbers = end) {
        double wanted = strtod(numbers, &end);
        if (end == numbers)
            return INFINITY;
        difference += (wanted - got[i]) * (wanted - got[i]);
        size += wanted * wanted;
    }
    return sqrt(difference) / fmax(sqrt(size), 1e-3);
}

static void compare_shown(const struct hg_model *model, const float *shown, const char *line,
                          const char *numbers)
{
    double off = distance(numbers, shown, PARITY_SHOWN * hg_model_inputs(model));

    if (!(off <= 1e-4))
        fail_msg("%s: evaluation: %g", line, off);
}

static void compare(const struct hg_model *model, const char *name, const char *line,
                    const char *numbers)
{
    for (size_t t = 0; t < hg_model_tensors(model); t++) {
        struct hg_tensor_info info = hg_model_tensor(model, t);
        float *values;
        double off;

        if (strcmp(info.name, name) != 0)
            continue;
        values = malloc(info.count * sizeof *values);
        assert_non_null(values);
        hg_model_read(model, t, HG_PART_VALUE, values);
        off = distance(numbers, values, info.count);
        free(values);
        if (!(off <= 1e-4))
            fail_msg("%s: %s: %g", line, name, off);
        return;
    }
    fail_msg("%s: no tensor %s", line, name);
}

static void check_file(struct hg_context *context)
{
    FILE *file = fopen(HG_SOURCE_DIR "/tests/parity/vectors.txt", "r");
    char *line = malloc(LINE), last[1024] = "";
    struct hg_model *model = NULL;
    float *shown = NULL;
    struct hg_error error = {HG_OK, ""};
    struct parity_case c;
    size_t cases = 0, tensors = 0, evaluations = 0;

    assert_non_null(file);
    assert_non_null(line);
    while (fgets(line, LINE, file)) {
        char *blank = strchr(line, ' ');
        if (line[0] == '#' || !blank)
            continue;
        *blank = '\0';
        if (strcmp(line, "evaluation") == 0) {
            compare_shown(model, shown, last, blank + 1);
            evaluations++;
            continue;
        }
        if (strcmp(line, "case") != 0) {
            compare(model, line, last, blank + 1);
            tensors++;
            continue;
        }
        assert_true(!model || tensors == hg_model_tensors(model));
        hg_model_destroy(model);
        free(shown);
        snprintf(last, sizeof last, "%s", blank + 1);
        parity_parse(&c, last);
        model = parity_run(context, &c, &shown, &error);
        if (!model)
            fail_msg("%s: %s", last, error.text);
        cases++;
        tensors = 0;
    }
    assert_true(cases >= LEAST_CASES && evaluations == cases);
    hg_model_destroy(model);
    free(shown);
    free(line);
    fclose(file);
}

/* Every instruction set that is here. */
static void test_vectors(void **state)
{
    static const char *const isa[] = {"base", "avx2", "avx512"};

    (void)state;
    for (size_t i = 0; i < sizeof isa / sizeof *isa; i++) {
        struct hg_context *context;
        if (hg_context_create(1, isa[i], 0, &context, NULL))
            continue;
        check_file(context);
        hg_context_destroy(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
