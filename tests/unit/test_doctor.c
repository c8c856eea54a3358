/* The doctor: for each failure the first line names its cause; healthy runs raise no alarm. */
#include "hourglass/hourglass.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_help.h"
#include "pace.h"

#define SAMPLE(name) HG_SOURCE_DIR "/samples/" name ".ini"

struct run {
    struct hg_context *context;
    struct hg_trainer *trainer;
    struct hg_ladder ladder;
    struct hg_health health;
    struct hg_diagnosis diagnosis;
};

/* Settings: "name=value; name=value". */
static void settle(struct hg_spec *spec, const char *file, const char *settings)
{
    struct hg_error error;
    char copy[512], *at = copy;

    assert_int_equal(hg_spec_init(spec, &error), HG_OK);
    if (file && hg_spec_open(spec, file, &error))
        fail_msg("%s", error.text);
    snprintf(copy, sizeof copy, "%s", settings);
    while (*at) {
        char *end = at + strcspn(at, ";"), *equals = strchr(at, '=');
        bool last = *end == '\0';
        *end = *equals = '\0';
        if (hg_spec_set(spec, at, equals + 1, "test", &error))
            fail_msg("%s", error.text);
        at = last ? end : end + 1 + strspn(end + 1, " ");
    }
}

static struct run *open_run(const char *file, const char *settings)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct run *run = calloc(1, sizeof *run);
    struct hg_error error;
    struct hg_spec spec;

    assert_non_null(run);
    settle(&spec, file, settings);
    run->context = open_context(1, NULL);
    if (hg_experiment_create(run->context, &spec, NULL, NULL, NULL, &experiment, &error))
        fail_msg("%s", error.text);
    if (hg_ladder_compute(experiment->dataset, hg_model_loss(experiment->model),
                          hg_model_codes(experiment->model), &run->ladder, NULL, &error) ||
        hg_trainer_create(experiment, &config, &run->trainer, &error))
        fail_msg("%s", error.text);
    hg_spec_fini(&spec);
    return run;
}

static void close_run(struct run *run)
{
    hg_trainer_destroy(run->trainer);
    hg_context_destroy(run->context);
    free(run);
}

static void train(struct run *run, uint64_t step)
{
    struct hg_error error;

    while (hg_trainer_progress(run->trainer)->step < step &&
           hg_trainer_end(run->trainer) == HG_END_NOT)
        if (hg_trainer_step(run->trainer, &error) == HG_DIVERGED)
            break;
}

static void diagnose(struct run *run)
{
    struct hg_symptoms symptoms = {
        .trainer = run->trainer,
        .health = &run->health,
        .ladder = &run->ladder,
        .gradient_ratio = NAN,
    };
    struct hg_error error;

    assert_int_equal(hg_health_measure(run->trainer, &run->health, &error), HG_OK);
    hg_diagnose(&symptoms, &run->diagnosis);
}

static const struct hg_finding *find(const struct run *run, enum hg_finding_kind kind)
{
    for (size_t i = 0; i < run->diagnosis.count; i++)
        if (run->diagnosis.finding[i].kind == kind)
            return &run->diagnosis.finding[i];
    return NULL;
}

static const char *first(const struct run *run)
{
    return run->diagnosis.count ? hg_finding_name(run->diagnosis.finding[0].kind) : "nothing";
}

/* Whatever is found: a sentence that is whole, options that exist with values that they take,
 * alarms before remarks. */
static void check_words(const struct run *run)
{
    bool remarks = false;
    struct hg_error error;

    for (size_t i = 0; i < run->diagnosis.count; i++) {
        const struct hg_finding *finding = &run->diagnosis.finding[i];
        size_t length = strlen(finding->advice);
        assert_true(length > 20 && length < sizeof finding->advice - 1);
        assert_true(finding->advice[length - 1] == '.');
        assert_true(strlen(finding->number) < sizeof finding->number - 1);
        assert_true(isfinite(finding->value));
        assert_false(remarks && finding->alarm);
        remarks |= !finding->alarm;
        if (finding->name[0]) {
            struct hg_spec spec;
            assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
            if (hg_spec_set(&spec, finding->name, finding->text, "advice", &error))
                fail_msg("%s", error.text);
            if (!hg_option_find(finding->name)->live)
                assert_string_equal(finding->key, "r");
            hg_spec_fini(&spec);
        }
    }
}

/* ---- causes ---- */

#define TRAP "data.center=no; model.output_bias=zero"
#define DEEP "dense 32 sigmoid, dense 32 sigmoid, dense 32 sigmoid, dense 32 sigmoid"

static const struct {
    const char *file, *settings;
    uint64_t step;
    enum hg_finding_kind kind;
    const char *word; /* in its number or advice */
} failures[] = {
    {SAMPLE("two-digits"), TRAP, 100, HG_FINDING_STEP_TOO_LARGE, "lr |x| = 4.1"},
    {SAMPLE("two-digits"), TRAP "; model.seed=2", 600, HG_FINDING_STEP_TOO_LARGE, "center = yes"},
    {SAMPLE("two-digits"), TRAP "; data.only=1 2; data.limit=19", 300, HG_FINDING_STEP_TOO_LARGE,
     "output_bias = mean"},
    {SAMPLE("clusters"), "model.output=sigmoid", 0, HG_FINDING_OUTPUT_RANGE,
     "0..1 cannot reach -1"},
    {SAMPLE("clusters"), "model.output=sigmoid", 1300, HG_FINDING_OUTPUT_RANGE, "linear"},
    {SAMPLE("mean-trap"), "", 10000, HG_FINDING_BUDGET_TOO_SMALL, "rate x steps = 10"},
    {SAMPLE("mean-trap"), "model.seed=5", 10000, HG_FINDING_BUDGET_TOO_SMALL, "from 0.001 to 1"},
    {SAMPLE("digits"), "data.limit=400; train.lr=1", 250, HG_FINDING_STEP_TOO_LARGE, "lower lr"},
    {SAMPLE("digits"), "data.limit=400; train.lr=0.1", 250, HG_FINDING_STEP_TOO_LARGE, "0.003"},
    {SAMPLE("clusters"), "train.lr=1000000", 65, HG_FINDING_STEP_TOO_LARGE, "blown"},
    {SAMPLE("clusters"), "train.lr=1000000; model.output=linear", 65, HG_FINDING_STEP_TOO_LARGE,
     "spoilt"},
    {SAMPLE("digits"),
     "data.limit=400; model.encoder=dense 32 relu; train.lr=0.1; train.optimizer=sgd; "
     "model.init=uniform -0.2 -0.1; data.center=no",
     200, HG_FINDING_DEAD_UNITS, "100 % of encoder.0"},
    {SAMPLE("digits"),
     "data.limit=300; train.batch=2; train.optimizer=sgd; train.lr=5; "
     "model.encoder=" DEEP,
     4000, HG_FINDING_VANISHING_GRADIENT, "encoder.0"},
    {SAMPLE("digits"), "data.limit=300; train.batch=2; train.sparsity=10", 4000,
     HG_FINDING_CODE_UNUSED, "sparsity"},
    {SAMPLE("digits"), "data.limit=300; train.weight_decay=0.3", 600, HG_FINDING_CODE_UNUSED,
     "weight_decay"},
    {SAMPLE("digits"), "data.limit=60; data.validation=0.3; model.code=8; train.batch=16", 900,
     HG_FINDING_OVERFITTING, "by heart"},
};

static void test_causes(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i += stride()) {
        struct run *run = open_run(failures[i].file, failures[i].settings);
        const struct hg_finding *finding = &run->diagnosis.finding[0];
        train(run, failures[i].step);
        diagnose(run);
        check_words(run);
        if (run->diagnosis.count == 0 || finding->kind != failures[i].kind || !finding->alarm ||
            (!strstr(finding->advice, failures[i].word) &&
             !strstr(finding->number, failures[i].word))) {
            print_error("%s; %s: %s (%s: %s), not %s\n", failures[i].file, failures[i].settings,
                        first(run), finding->number, finding->advice,
                        hg_finding_name(failures[i].kind));
            wrong++;
        }
        close_run(run);
    }
    assert_int_equal(wrong, 0);
}

/* The loudest is not the cause: what it brings about stands below. */
static void test_order(void **state)
{
    struct run *run = open_run(SAMPLE("two-digits"), TRAP);

    (void)state;
    train(run, 100);
    diagnose(run);
    assert_true(run->diagnosis.count >= 3);
    assert_int_equal(run->diagnosis.finding[1].kind, HG_FINDING_SATURATED);
    assert_non_null(find(run, HG_FINDING_MEAN_COLLAPSE));
    assert_non_null(strstr(find(run, HG_FINDING_MEAN_COLLAPSE)->advice, "above"));
    close_run(run);
    run = open_run(SAMPLE("clusters"), "train.lr=1000000; model.output=linear");
    train(run, 65);
    diagnose(run);
    assert_non_null(find(run, HG_FINDING_DIVERGED));
    close_run(run);
}

/* The spread of the code between samples is the number, not saturation. */
static void test_saturated_but_well(void **state)
{
    static const uint64_t stages[] = {5, 20, 50, 100, 300, 600};

    (void)state;
    for (int seed = 1; seed <= (instrumented() ? 1 : 3); seed++) {
        char settings[64];
        struct run *run;
        snprintf(settings, sizeof settings, "data.center=no; model.seed=%d", seed);
        run = open_run(SAMPLE("two-digits"), settings);
        for (size_t s = 0; s < sizeof stages / sizeof *stages; s++) {
            train(run, stages[s]);
            diagnose(run);
            assert_true(run->health.layer[0].saturated > 0.9);
            assert_true(run->diagnosis.count == 0 || !run->diagnosis.finding[0].alarm);
        }
        assert_true(run->health.collapse > 0.9);
        close_run(run);
    }
}

/* ---- what is well ---- */

static const struct {
    const char *file, *settings;
    uint64_t last;
} healthy[] = {
    {SAMPLE("digits"), "", 700},
    {SAMPLE("digits"), "model.seed=2; model.loss=bce; data.limit=800", 500},
    {SAMPLE("digits"), "model.encoder=dense 64 relu, dense 16 relu; data.limit=800", 500},
    {SAMPLE("digits"), "train.corrupt=mask 0.3; data.limit=800", 500},
    {SAMPLE("clusters"), "", 7800},
    {SAMPLE("clusters"), "model.seed=2", 7800},
    {SAMPLE("clusters"), "model.seed=7", 7800},
    {SAMPLE("iris"), "", 4000},
    {SAMPLE("two-digits"), "", 600},
    {SAMPLE("two-digits"), "model.output_bias=zero", 600},
    {SAMPLE("two-digits"), TRAP "; data.scale=0..1", 600},
    {SAMPLE("faces"), "", 500},
    {SAMPLE("mean-trap"), "train.lr=1", 20000},
    {SAMPLE("digits"),
     "data.limit=200; data.size=8x8; model.encoder=conv 6 bn lrelu, pool 2; train.batch=16", 300},
    {NULL, "data.limit=1; data.validation=0", 300},
};

static void test_healthy(void **state)
{
    static const double stages[] = {0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1};
    double part = instrumented() ? 0.2 : 1;
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof healthy / sizeof *healthy; i += stride()) {
        struct run *run = open_run(healthy[i].file, healthy[i].settings);
        for (size_t s = 0; s < sizeof stages / sizeof *stages; s++) {
            train(run, (uint64_t)(stages[s] * (double)healthy[i].last * part));
            diagnose(run);
            check_words(run);
            if (run->diagnosis.count && run->diagnosis.finding[0].alarm) {
                print_error("%s; %s, step %llu: %s (%s)\n", healthy[i].file, healthy[i].settings,
                            (unsigned long long)run->health.step, first(run),
                            run->diagnosis.finding[0].number);
                wrong++;
            }
        }
        close_run(run);
    }
    assert_int_equal(wrong, 0);
}

/* ---- remarks ---- */

static void test_rungs(void **state)
{
    struct run *run = open_run(SAMPLE("clusters"), "");
    const struct hg_finding *rung;

    (void)state;
    train(run, 600);
    diagnose(run);
    rung = find(run, HG_FINDING_ON_RUNG);
    assert_non_null(rung);
    assert_false(rung->alarm);
    assert_non_null(strstr(rung->number, "PCA-1"));
    assert_true(fabs(rung->value - run->ladder.pca[0]) < 1e-9);
    close_run(run);
    run = open_run(SAMPLE("clusters"),
                   "model.encoder=dense 6; model.code=2; model.decoder=dense 5; "
                   "model.output=linear; model.init=auto; "
                   "train.optimizer=adam; train.lr=0.01");
    train(run, 6000);
    diagnose(run);
    rung = find(run, HG_FINDING_ON_RUNG);
    assert_non_null(rung);
    assert_non_null(strstr(rung->number, "PCA-2"));
    assert_non_null(strstr(rung->advice, "as good as a linear code of 2 can be"));
    close_run(run);
}

static void test_remarks(void **state)
{
    struct run *run = open_run(SAMPLE("digits"), "model.loss=bce; data.limit=300; data.size=8x8; "
                                                 "model.code=64");

    (void)state;
    train(run, 30);
    diagnose(run);
    assert_non_null(find(run, HG_FINDING_ON_RUNG));
    assert_non_null(strstr(find(run, HG_FINDING_ON_RUNG)->number, "entropy floor"));
    assert_true(find(run, HG_FINDING_ON_RUNG)->value == run->ladder.entropy);
    assert_non_null(find(run, HG_FINDING_NOT_A_BOTTLENECK));
    assert_false(find(run, HG_FINDING_NOT_A_BOTTLENECK)->alarm);
    close_run(run);
}

/* A verdict on the arithmetic comes before everything. */
static void test_faults(void **state)
{
    struct run *run = open_run(SAMPLE("two-digits"), TRAP);
    struct hg_symptoms symptoms = {.trainer = run->trainer,
                                   .gradient_ratio = 2,
                                   .fault = "bias-per-weight",
                                   .fault_layer = "encoder.0.bias"};

    (void)state;
    train(run, 100);
    diagnose(run);
    symptoms.health = &run->health;
    hg_diagnose(&symptoms, &run->diagnosis);
    check_words(run);
    assert_string_equal(first(run), "wrong_gradient");
    assert_non_null(strstr(run->diagnosis.finding[0].advice, "bias-per-weight"));
    assert_string_equal(run->diagnosis.finding[0].layer, "encoder.0.bias");
    symptoms.wrong_update = true;
    snprintf(symptoms.fault, sizeof symptoms.fault, "adam-counts-epochs");
    hg_diagnose(&symptoms, &run->diagnosis);
    assert_string_equal(first(run), "wrong_update");
    assert_non_null(strstr(run->diagnosis.finding[0].advice, "adam-counts-epochs"));
    assert_null(find(run, HG_FINDING_WRONG_GRADIENT));
    /* Nothing is known but the run. */
    symptoms = (struct hg_symptoms){.trainer = run->trainer, .gradient_ratio = NAN};
    hg_diagnose(&symptoms, &run->diagnosis);
    assert_int_equal(run->diagnosis.count, 0);
    close_run(run);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < HG_FINDING_COUNT; i++)
        assert_true(strlen(hg_finding_name((enum hg_finding_kind)i)) > 6);
    assert_string_equal(hg_finding_name(HG_FINDING_ON_RUNG), "on_rung");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),  cmocka_unit_test(test_order),
        cmocka_unit_test(test_healthy), cmocka_unit_test(test_saturated_but_well),
        cmocka_unit_test(test_rungs),   cmocka_unit_test(test_remarks),
        cmocka_unit_test(test_faults),  cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
