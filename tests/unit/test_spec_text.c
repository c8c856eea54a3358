/* Experiments as text: random ones read back, and what a run file keeps. */
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "spec_help.h"

static void random_text(struct hg__rng *rng, char *out, size_t room)
{
    static const char *const bits[] = {
        "a",  "b",    " ",    "  ",       ";",           " ;", "#", "\\", "\\n",          "\n",
        "\t", "\x01", "\xff", "\xc3\xa4", "=",           "[",  "]", "\r", "\xe2\x80\xae", "'",
        "\"", "/",    "\\x",  "4",        "longer words"};
    size_t used = 1, pieces = hg__rng_below(rng, 60);

    snprintf(out, room, "/");
    while (pieces-- && used + 16 < room)
        used += (size_t)snprintf(out + used, room - used, "%s",
                                 bits[hg__rng_below(rng, sizeof bits / sizeof *bits)]);
    /* What set trims must not be at the end; "." and "//" are tidied in paths. */
    snprintf(out + used, room - used, "z");
    for (char *s = out; *s; s++)
        if (*s == '/' && s > out)
            *s = '|';
}

static void random_value(struct hg__rng *rng, const struct hg_option *option, char *out,
                         size_t room)
{
    double least = option->least, most = option->most, value;

    switch (option->type) {
    case HG_OPT_TEXT:
        random_text(rng, out, room);
        break;
    case HG_OPT_INTEGER:
        value = floor(least + (fmin(most, 1e15) - least) * pow(hg__rng_uniform(rng), 9));
        snprintf(out, room, "%.0f", value);
        break;
    case HG_OPT_REAL:
        value = least + (most - least) * pow(hg__rng_uniform(rng), 1 + hg__rng_below(rng, 20));
        if (option->open && !(value > least))
            value = most;
        snprintf(out, room, "%.17g", value);
        break;
    case HG_OPT_BUDGET:
        snprintf(out, room, "%u", hg__rng_below(rng, 9000));
        break;
    default: {
        const char *at = option->choices;
        for (uint32_t skip = hg__rng_below(rng, 8); skip && strchr(at, '|'); skip--)
            at = strchr(at, '|') + 1;
        snprintf(out, room, "%.*s", (int)strcspn(at, "|"), at);
    }
    }
}

static void set_random(struct hg__rng *rng, struct hg_spec *spec)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    struct hg_error error;
    char name[64], value[600];

    for (size_t i = 0; i < count; i++) {
        if (hg__rng_below(rng, 3) == 0)
            continue;
        snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
        random_value(rng, &option[i], value, sizeof value);
        if (hg_spec_set(spec, name, value, "t", &error))
            fail_msg("%s", error.text);
    }
    for (uint32_t i = hg__rng_below(rng, 4); i > 0; i--) {
        snprintf(name, sizeof name, "gaussians.%s.%u", i % 2 ? "center" : "spread", i);
        assert_int_equal(hg_spec_set(spec, name, "0.5 -0.25", "t", &error), HG_OK);
    }
}

static void same_values(const struct hg_spec *a, const struct hg_spec *b, bool run_only)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    char name[64], x[800], y[800];

    for (size_t i = 0; i < count; i++) {
        if (run_only && !option[i].in_run)
            continue;
        snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
        hg_spec_get(a, name, x, sizeof x);
        hg_spec_get(b, name, y, sizeof y);
        if (strcmp(name, "train.beta2") != 0)
            assert_string_equal(x, y);
    }
    assert_true(hg_spec_beta2(a) == hg_spec_beta2(b));
    assert_int_equal(a->gaussians.override_count, b->gaussians.override_count);
    for (size_t i = 0; i < a->gaussians.override_count; i++) {
        assert_int_equal(a->gaussians.overrides[i].cluster, b->gaussians.overrides[i].cluster);
        assert_int_equal(a->gaussians.overrides[i].is_spread, b->gaussians.overrides[i].is_spread);
        assert_string_equal(a->gaussians.overrides[i].values, b->gaussians.overrides[i].values);
    }
}

static void texts_read_back(void **state)
{
    struct hg__rng rng;

    (void)state;
    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    for (int round = 0; round < 400; round++) {
        struct hg_spec spec, again;
        struct hg_error error = {HG_OK, ""};
        enum hg_spec_style style = round % 2 ? HG_SPEC_RUN : HG_SPEC_ORIGINS;
        char *text, *second;

        init(&spec);
        init(&again);
        set_random(&rng, &spec);
        text = hg_spec_text(&spec, style);
        assert_non_null(text);
        if (hg_spec_parse(&again, text, "run", &error))
            fail_msg("%s\n%s", error.text, text);
        same_values(&spec, &again, style == HG_SPEC_RUN);
        second = hg_spec_text(&again, style);
        if (style == HG_SPEC_RUN)
            assert_string_equal(text, second);
        hg_free_text(text);
        hg_free_text(second);
        hg_spec_fini(&spec);
        hg_spec_fini(&again);
    }
}

static void run_text_has_no_session(void **state)
{
    struct hg_spec spec;
    char *text;

    (void)state;
    init(&spec);
    text = hg_spec_text(&spec, HG_SPEC_RUN);
    assert_null(strstr(text, "threads"));
    assert_null(strstr(text, "epochs "));
    assert_null(strstr(text, "save_every"));
    assert_null(strstr(text, "[screen]"));
    assert_non_null(strstr(text, "[lesson]\nfault        = none\n"));
    assert_non_null(strstr(text, "source       = builtin:digits\n"));
    hg_free_text(text);
    text = hg_spec_text(&spec, HG_SPEC_ORIGINS);
    assert_non_null(strstr(text, "[screen]"));
    assert_non_null(strstr(text, "; default\n"));
    hg_free_text(text);
    hg_spec_fini(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_read_back),
        cmocka_unit_test(run_text_has_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
