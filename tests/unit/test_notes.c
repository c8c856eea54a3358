/* test_notes.c - what is said about a network before it is trained: a code as large as its input. */
#include "hourglass/hourglass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Is there a note with these words about digits with this encoder and code? */
static bool noted(const char *encoder, const char *code, const char *words)
{
    struct hg_experiment *experiment = NULL;
    struct hg_context *context;
    struct hg_spec spec;
    struct hg_error error = {HG_OK, ""};
    bool found = false;

    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, &error), HG_OK);
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    if (hg_spec_set(&spec, "data.limit", "20", "test", &error) ||
        hg_spec_set(&spec, "model.encoder", encoder, "test", &error) ||
        hg_spec_set(&spec, "model.code", code, "test", &error) ||
        hg_experiment_create(context, &spec, NULL, NULL, NULL, &experiment, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < experiment->note_count; i++)
        found |= strstr(experiment->notes[i], words) != NULL;
    hg_experiment_destroy(experiment);
    hg_spec_fini(&spec);
    hg_context_destroy(context);
    return found;
}

static void test_bottleneck(void **state)
{
    static const char encoder[] = "conv 64 bn lrelu, pool 2, conv 64 bn lrelu, pool 2";

    (void)state;
    assert_true(noted(encoder, "none", "a code of 3136 for 784 values is no bottleneck"));
    assert_false(noted(encoder, "16", "bottleneck"));
    assert_true(noted("conv 16, pool 4", "none", "a code of 784 for 784 values is no bottleneck"));
    assert_false(noted("conv 15, pool 4", "none", "bottleneck"));
    assert_true(noted("none", "785", "a code of 785 for 784 values is no bottleneck"));
    assert_false(noted("none", "783", "bottleneck"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bottleneck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
