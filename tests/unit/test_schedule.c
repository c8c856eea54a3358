/* test_schedule.c - learning-rate schedules: spelling, and the rates themselves. */
#include "hourglass/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct hg_schedule parsed(const char *text)
{
    struct hg_schedule schedule;
    struct hg_error error = {HG_OK, ""};

    if (hg_schedule_parse(text, &schedule, &error))
        fail_msg("%s", error.text);
    return schedule;
}

static void near(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-12))
        fail_msg("%.15g, wanted %.15g", value, wanted);
}

static void test_rates(void **state)
{
    struct hg_schedule s = parsed("constant");

    (void)state;
    near(hg_schedule_rate(&s, 0.3, 1000, 1000), 0.3);
    s = parsed(" step  10\t0.5 ");
    near(hg_schedule_rate(&s, 0.4, 9, 0), 0.4);
    near(hg_schedule_rate(&s, 0.4, 10, 0), 0.2);
    near(hg_schedule_rate(&s, 0.4, 39, 0), 0.05);
    s = parsed("cosine 100 0.1");
    near(hg_schedule_rate(&s, 0.5, 0, 0), 0.5);
    near(hg_schedule_rate(&s, 0.5, 50, 0), 0.3);
    near(hg_schedule_rate(&s, 0.5, 100, 0), 0.1);
    near(hg_schedule_rate(&s, 0.5, 999, 0), 0.1);
    s = parsed("cosine 4");
    near(hg_schedule_rate(&s, 1, 1, 0), 0.5 * (1 + sqrt(0.5)));
    s = parsed("warmup 4");
    near(hg_schedule_rate(&s, 1, 0, 0), 0.25);
    near(hg_schedule_rate(&s, 1, 0, 3), 1);
    near(hg_schedule_rate(&s, 1, 7, 4), 1);
    near(hg_schedule_rate(&s, 0, 0, 0), 0);
}

static void test_combined(void **state)
{
    struct hg_schedule s = parsed("warmup 100, cosine 50,step 25 0.1");

    (void)state;
    near(hg_schedule_rate(&s, 1, 25, 49), 0.5 * 0.1 * 0.5);
    near(hg_schedule_rate(&s, 2, 25, 1000), 0.1);
}

static void test_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        ",",
        "constant 1",
        "step",
        "step 10",
        "step 0 0.5",
        "step 2.5 1",
        "step 10 -1",
        "step 10 0",
        "step 10 0.5 3",
        "cosine",
        "cosine -3",
        "cosine 3 -1",
        "cosine 3 0 0",
        "warmup",
        "warmup 0",
        "warmup 1 2",
        "warmup nan",
        "warmup 1e999",
        "Step 10 0.5",
        "linear 10",
        "warmup 5,",
        "warmup 5, warmup 6",
        "cosine 5, cosine 5",
        "step 10x 1",
        "warmup 0x10",
        "step 1 0.5, step 1 0.5",
    };
    struct hg_schedule s = {1, 2, 3, 4, 5};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct hg_error error = {HG_OK, ""};
        if (hg_schedule_parse(wrong[i], &s, &error) != HG_USAGE || error.text[0] == '\0')
            fail_msg("\"%s\" was taken", wrong[i]);
    }
    assert_true(s.step_epochs == 1 && s.warmup_steps == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_combined),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
