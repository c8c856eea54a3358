/* test_selftest.c - judging: what is wrong fails, and fails the whole; progress on a terminal. */
#include "cli/selftest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What is written to `stream` until `caught` lies in a file. */
struct catch
{
    FILE *stream, *file;
    int kept;
};

static struct catch begin_catch(FILE *stream)
{
    struct catch catch = {stream, tmpfile(), -1};

    assert_non_null(catch.file);
    fflush(stream);
    catch.kept = dup(fileno(stream));
    dup2(fileno(catch.file), fileno(stream));
    return catch;
}

static void caught(struct catch *catch, char *text, size_t size)
{
    size_t length;

    fflush(catch->stream);
    dup2(catch->kept, fileno(catch->stream));
    close(catch->kept);
    rewind(catch->file);
    length = fread(text, 1, size - 1, catch->file);
    text[length] = '\0';
    fclose(catch->file);
}

static void test_lines(void **state)
{
    struct cli_selftest self = {.system = "clusters"};
    struct catch catch;
    char text[512];
    int before, right, wrong, after;

    (void)state;
    before = cli_judge_status(&self);
    catch = begin_catch(stdout);
    cli_judge(&self, true, "below 2", "loss %.1f", 1.5);
    right = cli_judge_status(&self);
    cli_judge(&self, false, "below 2", "loss %.1f", 2.5);
    wrong = cli_judge_status(&self);
    cli_judge(&self, true, "below 2", "loss %.1f", 0.5);
    after = cli_judge_status(&self);
    caught(&catch, text, sizeof text);
    assert_string_equal(text, "ok clusters: loss 1.5 (below 2)\nFAIL clusters: loss 2.5 (below 2)\n"
                              "ok clusters: loss 0.5 (below 2)\n");
    assert_int_equal(before, 1); /* nothing judged proves nothing */
    assert_int_equal(right, 0);
    assert_int_equal(wrong, 1);
    assert_int_equal(after, 1);
    assert_true(self.lines == 3 && self.wrong == 1);
}

/* What is not a number is on no side of any bound. */
static void test_numbers(void **state)
{
    static const double values[5] = {3, 1, 5, 2, 4}, holed[3] = {1, NAN, 3};

    (void)state;
    assert_true(cli_near(1.01, 1, 0.011) && cli_near(0.99, 1, 0.011) && cli_near(-1.01, -1, 0.011));
    assert_false(cli_near(1.02, 1, 0.011) || cli_near(0.98, 1, 0.011) || cli_near(1, -1, 0.5));
    assert_false(cli_near(NAN, 1, 1) || cli_near(INFINITY, 1, 1));
    assert_int_equal(cli_below(values, 5, 3), 2);
    assert_int_equal(cli_above(values, 5, 3), 2);
    assert_int_equal(cli_below(holed, 3, 9), 2);
    assert_int_equal(cli_above(holed, 3, 0), 2);
    assert_true(cli_median(values, 5) == 3 && cli_median(values, 4) == 2.5);
    assert_true(cli_largest(values, 5) == 5 && cli_smallest(values, 5) == 1);
    assert_true(isnan(cli_median(holed, 3)) && isnan(cli_median(values, 0)));
    assert_true(isnan(cli_largest(holed, 3)) && isnan(cli_smallest(holed, 3)));
}

/* Drawn only when asked for, and gone before the next line. */
static void test_progress(void **state)
{
    struct cli_selftest silent = {.system = "x"}, loud = {.system = "x", .talk = true};
    struct catch catch = begin_catch(stderr);
    char text[512];
    const char *last;

    (void)state;
    cli_selftest_tell(&silent, "nothing");
    cli_selftest_hush(&silent);
    cli_selftest_tell(&loud, "seed %d", 7);
    cli_selftest_hush(&loud);
    cli_selftest_hush(&loud);
    caught(&catch, text, sizeof text);
    assert_null(strstr(text, "nothing"));
    assert_non_null(strstr(text, "\rseed 7 "));
    last = strrchr(text, '\r');
    assert_string_equal(last, "\r");
}

/* Every sample that was compiled in is one. */
static void test_samples(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct cli_sample *sample = cli_samples; sample->name; sample++, count++) {
        struct hg_spec inside, file;
        struct hg_error error;
        char path[4096], *one, *other;
        const char *from, *to;
        snprintf(path, sizeof path, "%s/samples/%s.ini", HG_SOURCE_DIR, sample->name);
        assert_int_equal(hg_spec_init(&inside, &error), HG_OK);
        assert_int_equal(hg_spec_init(&file, &error), HG_OK);
        if (hg_spec_parse(&inside, sample->text, sample->name, &error) ||
            hg_spec_load(&file, path, &error))
            fail_msg("%s", error.text);
        one = hg_spec_text(&inside, HG_SPEC_RUN);
        other = hg_spec_text(&file, HG_SPEC_RUN);
        assert_true(one && other);
        /* all but the paths, which lie elsewhere: from [gaussians] on, but init */
        from = strstr(one, "[train]");
        to = strstr(other, "[train]");
        assert_true(from && to);
        assert_string_equal(from, to);
        hg_free_text(one);
        hg_free_text(other);
        hg_spec_fini(&inside);
        hg_spec_fini(&file);
    }
    assert_int_equal(count, 8);
}

/* A tensor that is not there is an error, not a pass. */
static void test_tensors(void **state)
{
    static const struct cli_tensor set[] = {{"encoder.0.weight", {1, 2, 3, 4}}, {NULL, {0}}};
    static const struct cli_tensor absent[] = {{"encoder.7.weight", {1}}, {NULL, {0}}};
    static const struct cli_tensor off[] = {{"encoder.0.weight", {1, 2, 3, 4.4}}, {NULL, {0}}};
    struct hg_model_config config = {
        .encoder = "none", .code = "2", .decoder = "none", .output = "linear", .input = {1, 1, 2}};
    struct hg_context *context;
    struct hg_model *model;
    float values[4];

    (void)state;
    assert_int_equal(hg_context_create(1, NULL, 0, &context, NULL), HG_OK);
    assert_int_equal(hg_model_create(context, &config, &model, NULL, NULL), HG_OK);
    assert_true(cli_tensors_set(model, set));
    hg_model_read(model, 0, HG_PART_VALUE, values); /* out x in: turned over */
    assert_true(values[0] == 1 && values[1] == 3 && values[2] == 2 && values[3] == 4);
    assert_true(cli_tensors_error(model, HG_PART_VALUE, set) == 0);
    assert_true(fabs(cli_tensors_error(model, HG_PART_VALUE, off) - 1 / 11.0) < 1e-6);
    assert_false(cli_tensors_set(model, absent));
    assert_true(isnan(cli_tensors_error(model, HG_PART_VALUE, absent)));
    hg_model_destroy(model);
    hg_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_progress), cmocka_unit_test(test_samples),
        cmocka_unit_test(test_tensors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
