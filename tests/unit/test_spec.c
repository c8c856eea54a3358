/* Experiment files: every default, every refusal with its place, and texts that read back. */
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

static void defaults(void **state)
{
    struct hg_spec spec;
    struct hg_error error;
    size_t count;
    const struct hg_option *option = hg_options(&count);
    char name[64], value[256];

    (void)state;
    init(&spec);
    assert_int_equal(hg_spec_check(&spec, &error), HG_OK);
    assert_int_equal(count, 48);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
        assert_ptr_equal(hg_option_find(name), &option[i]);
        assert_true(hg_spec_get(&spec, name, value, sizeof value));
        if (option[i].type != HG_OPT_REAL)
            assert_string_equal(value, option[i].fallback);
        assert_string_equal(hg_spec_origin(&spec, name), "default");
        assert_true(strlen(option[i].help) > 5);
    }
    assert_int_equal(spec.train.optimizer, HG_ADAM);
    assert_int_equal(spec.model.loss, HG_LOSS_MSE);
    assert_true(spec.train.lr == 0.001 && spec.train.epsilon == 1e-8 && spec.train.shuffle);
    assert_int_equal(spec.screen.budget, -1);
    assert_int_equal(spec.lesson.fault, HG_FAULT_NONE);
    assert_string_equal(spec.name, "digits");
    hg_spec_fini(&spec);
}

/* The numbers of the choices are those of the enums. */
static void choices_are_enums(void **state)
{
    struct hg_spec spec;
    struct hg_error error;

    (void)state;
    init(&spec);
    for (int i = 0; i < HG_LOSS_COUNT; i++) {
        const char *name = hg_loss_name((enum hg_loss)i);
        assert_int_equal(hg_spec_set(&spec, "model.loss", name, "t", &error), HG_OK);
        assert_int_equal(spec.model.loss, i);
    }
    for (int i = 0; i < HG_OPTIMIZER_COUNT; i++) {
        const char *name = hg_optimizer_name((enum hg_optimizer)i);
        assert_int_equal(hg_spec_set(&spec, "train.optimizer", name, "t", &error), HG_OK);
        assert_int_equal(spec.train.optimizer, i);
    }
    assert_int_equal(hg_spec_set(&spec, "lesson.fault", "adam-counts-epochs", "t", &error), HG_OK);
    assert_int_equal(spec.lesson.fault, HG_FAULT_ADAM_EPOCHS);
    assert_int_equal(hg_spec_set(&spec, "screen.palette", "mono", "t", &error), HG_OK);
    assert_int_equal(spec.screen.palette, HG_PALETTE_MONO);
    assert_int_equal(hg_spec_set(&spec, "screen.art", "ascii", "t", &error), HG_OK);
    assert_int_equal(spec.screen.art, HG_ART_ASCII);
    hg_spec_fini(&spec);
}

static void syntax(void **state)
{
    (void)state;
    accepted("", "train.lr", "0.001");
    accepted("\xEF\xBB\xBF[train]\r\nlr = 0.5\r\n", "train.lr", "0.5");
    accepted("; a comment\n# another\n\n[train] ; here\nlr = 0.25 ; quarter\n", "train.lr", "0.25");
    accepted("[train]\nlr: 2", "train.lr", "2");
    accepted("[train]\n  lr = 2\n  batch = 7\n", "train.batch", "7");
    accepted("[train]\nlr = 2\n  [model]\n  seed = 7\n", "model.seed", "7");
    accepted("[model]\nencoder = dense 9 tanh, ; first\n   dense 5 lrelu:0.2, ; second\n\n"
             "\t dense 3\ncode = 2\n",
             "model.encoder", "dense 9 tanh, dense 5 lrelu:0.2, dense 3");
    accepted("[data]\nsource = /a\\;b/c;d\\x41\\\\\n", "data.source", "/a;b/c;dA\\");
    accepted("[data]\nsource = /a #1\n", "data.source", "/a #1");
    accepted("[data]\nonly = 1 2 each\nscale = -1..1\n[data]\nshape = 8x8\n", "data.scale",
             "-1..1");
    accepted("[train]\nsave_every = 100 steps\n", "train.save_every", "100 steps");
    accepted("[train]\nschedule = warmup 100, cosine 50\ncorrupt = mask 0.2\n", "train.corrupt",
             "mask 0.2");
    accepted("[gaussians]\ncenter.2 = 0.5 0.5\ndims = 2\nspread.2 = 0.1 0.2\nclusters = 2\n",
             "gaussians.center.2", "0.5 0.5");
    accepted("[model]\nseed = 9223372036854775807", "model.seed", "9223372036854775807");
    accepted("[screen]\nbudget = 4k\n", "screen.budget", "4000");
    accepted("[screen]\nbudget = 0\n", "screen.budget", "0");
    accepted("[model]\ninit = uniform 0 1\ncode = none\ndecoder = dense 5 tanh\noutput = tanh\n",
             "model.init", "uniform 0 1");
}

/* Far longer than inih's line of 200 bytes, with blanks of every width at its seams. */
static void long_lines(void **state)
{
    char text[20000] = "[model]\nencoder = ", value[20000] = "";
    size_t used = 0;

    (void)state;
    for (int i = 1; i <= 300; i++)
        used += (size_t)snprintf(value + used, sizeof value - used, "%sdense%*s%d tanh",
                                 i > 1 ? "," : "", 1 + i % 40, "", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s ; and%300s more\ncode = 3\n",
             value, "");
    {
        struct hg_spec spec;
        struct hg_error error;
        if (parse(text, &spec, &error))
            fail_msg("%s", error.text);
        assert_string_equal(spec.model.encoder, value);
        assert_string_equal(spec.model.code, "3");
        assert_string_equal(hg_spec_origin(&spec, "model.code"), "x.ini:3");
        hg_spec_fini(&spec);
    }
    for (int round = 0; round < 8; round++) { /* what could only be cut before a y */
        static const char *const rows[] = {"y;;;;;;", "y######"};
        for (int i = 0; i < 5000; i++)
            text[i] = rows[round % 2][(i + round) % 7];
        memcpy(text, "[data]\nsource = /", 17);
        text[5000] = '\0';
        accepted(text, "data.source", text + 16);
    }
}

static void refusals(void **state)
{
    (void)state;
    refused("[train]\nlr = fast\n",
            "x.ini:2: lr: 'fast' is not a finite number; accepted: a number "
            "above 0");
    refused("[train]\nlr = 0\n", "x.ini:2: lr: '0' is out of range; accepted: a number above 0");
    refused("[train]\nlr = 0x10", "x.ini:2: lr: '0x10'");
    refused("[train]\nlr = 1e400", "x.ini:2: lr: '1e400'");
    refused("[train]\nlr = nan", "x.ini:2: lr: 'nan'");
    refused("[train]\nlr = 0.1 0.2", "x.ini:2: lr: '0.1 0.2'");
    refused("[train]\nlr = 0.1\n  0.2", "x.ini:2: lr: '0.1 0.2'");
    refused("[train]\nlr =\n", "x.ini:2: lr: has no value");
    refused("[train]\nlr = ; 1\n", "x.ini:2: lr: has no value");
    refused("[train]\nbatch = 1.5", "x.ini:2: batch: '1.5' is not a whole number");
    refused("[train]\nbatch = -1", "x.ini:2: batch: '-1' is out of range; accepted: a whole number "
                                   "from 0 to 2147483647");
    refused("[train]\nbatch = 99999999999999999999",
            "x.ini:2: batch: '99999999999999999999' is out");
    refused("[model]\nseed = 9223372036854775808", "x.ini:2: seed: '9223372036854775808' is out");
    refused("[data]\nvalidation = 1",
            "x.ini:2: validation: '1' is out of range; accepted: a number "
            "from 0 to below 1");
    refused("[train]\nshuffle = maybe",
            "x.ini:2: shuffle: 'maybe' is unknown; accepted: yes or no");
    refused("[model]\nloss = mae",
            "x.ini:2: loss: 'mae' is unknown; accepted: mse, rmse, bce or sse");
    refused("[screen]\nbudget = much", "x.ini:2: budget: 'much'");
    refused("[train]\nthreads = 1025", "x.ini:2: threads: '1025' is out of range");
    refused("[train]\nlrr = 1", "x.ini:2: lrr: unknown key; did you mean lr?");
    refused("[train]\nseed = 1", "x.ini:2: seed: unknown key; did you mean seed of [model]?");
    refused("[train]\nwiegth_decay = 1", "x.ini:2: wiegth_decay: unknown key; did you mean "
                                         "weight_decay?");
    refused("[screen]\nxyzzy = 1", "x.ini:2: xyzzy: unknown key; [screen] has fps budget");
    refused("[trian]\n",
            "x.ini:1: [trian]: unknown section; accepted: [data], [gaussians], [model]");
    refused("[keys]\nquit = q\n", "x.ini:1: [keys]: is not available yet");
    refused("lr = 1\n", "x.ini:1: lr: stands before the first [section]");
    refused("[train]\nlr = 1\nbatch = 2\nlr = 1\n", "x.ini:4: lr: stands already in line 2");
    refused("[train]\nlr = 1\n[data]\n[train]\nlr = 1\n", "x.ini:5: lr: stands already in line 2");
    refused("[gaussians]\ncenter.1 = 1\ncenter.1 = 2\n", "x.ini:3: center.1: stands already");
    refused("[gaussians]\ncenter.0 = 1\n", "x.ini:2: center.0: unknown key; accepted: center.K");
    refused("[gaussians]\ncenter.01 = 1\n", "x.ini:2: center.01: unknown key");
    refused("[gaussians]\ncenter.5 = 1 1\n",
            "x.ini:2: center.5: there is no such cluster; accepted: "
            "1 to 4");
    refused("[gaussians]\ndims = 2\n\ncenter.4 = 1 1 1\n[data]\nsource = gaussians",
            "x.ini:4: center.4");
    refused("[train\nlr = 1", "x.ini:1: a section is written [name]");
    refused("[train] lr = 1", "x.ini:1: nothing may follow [section]");
    refused("[train]\nlr\n", "x.ini:2: neither `key = value`");
    refused("[train]\nlr", "x.ini:2: neither `key = value`");
    refused("[train]\nlr = 1\n\nnonsense\nbatch = 3", "x.ini:4: neither `key = value`");
    refused("[train]\nlr = \x1b[31m", "x.ini:2: holds a control character");
}

static void refused_by_check(void **state)
{
    (void)state;
    refused("[model]\nencoder = dense 5,\n  dense tanh", "x.ini:2: encoder: ");
    refused("[model]\n\ncode = two", "x.ini:3: code: ");
    refused("[model]\ndecoder = mirrored", "x.ini:2: decoder: ");
    refused("[model]\noutput = sigmoidal", "x.ini:2: output: ");
    refused("[model]\ninit = gloort", "x.ini:2: init: ");
    refused("[model]\ninit = normal", "x.ini:2: init: ");
    refused("[train]\nschedule = linear", "x.ini:2: schedule: ");
    refused("[train]\ncorrupt = salt 2", "x.ini:2: corrupt: ");
    refused("[train]\nsave_every = 5", "x.ini:2: save_every: ");
    refused("[train]\nsave_every = 0s", "x.ini:2: save_every: ");
    refused("[train]\nsave_every = -5 steps", "x.ini:2: save_every: ");
    refused("[data]\nscale = 0..2", "x.ini:2: scale: ");
    refused("[data]\nshape = 28", "x.ini:2: shape: ");
    refused("[data]\nchannels = 2", "x.ini:2: channels: ");
    refused("[data]\nsource = builtin:letters", "x.ini:2: source: ");
    refused("[lesson]\nfault = bias-mean", "x.ini:2: fault: ");
    refused("[data]\nvalidation = 0\n[train]\npatience = 5", "x.ini:4: patience: ");
}

static void hostile_text(void **state)
{
    struct hg_spec spec;
    struct hg_error error;
    char noise[2000];
    struct hg__rng rng;

    (void)state;
    hg__rng_start(&rng, 5, HG__RNG_PROBE, 0, 0);
    for (int round = 0; round < 3000; round++) {
        static const char letters[] = "[]=;#\\ \n\n\t.,aelrtnmodi015\x80\xff:";
        size_t length = hg__rng_below(&rng, sizeof noise - 9);
        memcpy(noise, "[train]\n", 8);
        for (size_t i = 8; i < length + 8; i++)
            noise[i] = letters[hg__rng_below(&rng, sizeof letters - 1)];
        noise[length + 8] = '\0';
        if (parse(noise + (round & 8), &spec, &error) != HG_OK)
            assert_non_null(strstr(error.text, "x.ini:"));
        hg_spec_fini(&spec);
    }
    memset(noise, '#', sizeof noise);
    memcpy(noise, "[data]\nsource = ", 16);
    noise[sizeof noise - 1] = '\0';
    assert_int_equal(parse(noise, &spec, &error), HG_USAGE); /* nothing that inih could be given */
    hg_spec_fini(&spec);
}

/* A mistake changes nothing, even in its fifth line. */
static void all_or_nothing(void **state)
{
    struct hg_spec spec;
    struct hg_error error;

    (void)state;
    assert_int_equal(parse("[train]\nlr = 2\n[model]\ncode = 5\nloss = no\n", &spec, &error),
                     HG_USAGE);
    assert_true(spec.train.lr == 0.001);
    assert_string_equal(spec.model.code, "2");
    hg_spec_fini(&spec);
}

static void setting(void **state)
{
    struct hg_spec spec, copy;
    struct hg_error error;
    char value[64];

    (void)state;
    init(&spec);
    assert_int_equal(hg_spec_set(&spec, "train.lr", " 0.5 ", "--set", &error), HG_OK);
    assert_string_equal(hg_spec_origin(&spec, "train.lr"), "--set");
    assert_int_equal(hg_spec_set(&spec, "train.lr", "x", "--set", &error), HG_USAGE);
    assert_string_equal(error.text,
                        "train.lr: 'x' is not a finite number; accepted: a number above 0, up to "
                        "1000000");
    assert_true(spec.train.lr == 0.5);
    assert_int_equal(hg_spec_set(&spec, "lr", "1", "--set", &error), HG_USAGE);
    assert_non_null(strstr(error.text, "did you mean lr of [train]?"));
    assert_int_equal(hg_spec_set(&spec, "trian.lr", "1", "--set", &error), HG_USAGE);
    assert_int_equal(hg_spec_set(&spec, "gaussians.center.2", "1 2", "--set", &error), HG_OK);
    assert_int_equal(hg_spec_copy(&copy, &spec, &error), HG_OK);
    hg_spec_fini(&spec);
    assert_true(hg_spec_get(&copy, "gaussians.center.2", value, sizeof value));
    assert_string_equal(value, "1 2");
    assert_string_equal(hg_spec_origin(&copy, "gaussians.center.2"), "--set");
    assert_string_equal(hg_spec_origin(&copy, "train.lr"), "--set");
    assert_false(hg_spec_get(&copy, "gaussians.center.3", value, sizeof value));
    assert_false(hg_spec_get(&copy, "train.nothing", value, sizeof value));
    hg_spec_fini(&copy);
}

static void beta2_of_rmsprop(void **state)
{
    struct hg_spec spec, again;
    struct hg_error error;
    char *text;

    (void)state;
    init(&spec);
    assert_true(hg_spec_beta2(&spec) == 0.999);
    assert_int_equal(hg_spec_set(&spec, "train.optimizer", "rmsprop", "t", &error), HG_OK);
    assert_true(hg_spec_beta2(&spec) == 0.99);
    text = hg_spec_text(&spec, HG_SPEC_RUN);
    assert_non_null(strstr(text, "beta2        = 0.99\n"));
    init(&again);
    assert_int_equal(hg_spec_parse(&again, text, "run", &error), HG_OK);
    assert_true(hg_spec_beta2(&again) == 0.99);
    assert_int_equal(hg_spec_set(&again, "train.optimizer", "adam", "t", &error), HG_OK);
    assert_true(hg_spec_beta2(&again) == 0.999);
    assert_int_equal(hg_spec_set(&spec, "train.beta2", "0.999", "t", &error), HG_OK);
    assert_true(hg_spec_beta2(&spec) == 0.999);
    hg_free_text(text);
    hg_spec_fini(&spec);
    hg_spec_fini(&again);
}

static void save_every(void **state)
{
    static const struct {
        const char *text;
        double seconds;
        uint64_t steps, epochs;
    } good[] = {{"5m", 300, 0, 0},     {"30s", 30, 0, 0},        {"1h", 3600, 0, 0},
                {"1.5h", 5400, 0, 0},  {"100 steps", 0, 100, 0}, {"1 step", 0, 1, 0},
                {"5 epochs", 0, 0, 5}, {"end", 0, 0, 0}};
    static const char *const bad[] = {"",    "5",      "m",       "0m",        "-1s",
                                      "1d",  "steps",  "0 steps", "1.5 steps", "5 epochs more",
                                      "End", "1e400s", "nan s"};
    struct hg_save_every every;
    struct hg_error error;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(hg_save_every_parse(good[i].text, &every, &error), HG_OK);
        assert_true(every.seconds == good[i].seconds && every.steps == good[i].steps &&
                    every.epochs == good[i].epochs);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (hg_save_every_parse(bad[i], &every, &error) != HG_USAGE)
            fail_msg("%s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),     cmocka_unit_test(choices_are_enums),
        cmocka_unit_test(syntax),       cmocka_unit_test(long_lines),
        cmocka_unit_test(refusals),     cmocka_unit_test(refused_by_check),
        cmocka_unit_test(hostile_text), cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(setting),      cmocka_unit_test(beta2_of_rmsprop),
        cmocka_unit_test(save_every),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
