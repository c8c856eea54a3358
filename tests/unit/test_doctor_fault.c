/* The doctor and bugs in the arithmetic: for each the first line has its name; where the arithmetic
 * is right it is not blamed, whatever the network, the optimizer and the state; and
 * looking leaves no trace. */
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

static struct hg_trainer *open_run(struct hg_context *context, const char *file,
                                   const char *settings)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment = NULL;
    struct hg_trainer *trainer = NULL;
    struct hg_error error;
    struct hg_spec spec;

    settle(&spec, file, settings);
    if (hg_experiment_create(context, &spec, NULL, NULL, NULL, &experiment, &error) ||
        hg_trainer_create(experiment, &config, &trainer, &error))
        fail_msg("%s: %s", settings, error.text);
    hg_spec_fini(&spec);
    return trainer;
}

static void train(struct hg_trainer *trainer, uint64_t step)
{
    while (hg_trainer_progress(trainer)->step < step && hg_trainer_end(trainer) == HG_END_NOT)
        if (hg_trainer_step(trainer, NULL) == HG_DIVERGED)
            break;
}

static void diagnose(struct hg_trainer *trainer, struct hg_diagnosis *diagnosis)
{
    struct hg_health *health = calloc(1, sizeof *health);
    struct hg_symptoms symptoms = {.trainer = trainer, .health = health, .gradient_ratio = NAN};

    assert_non_null(health);
    assert_int_equal(hg_health_measure(trainer, health, NULL), HG_OK);
    assert_int_equal(hg_arithmetic_look(trainer, &symptoms, NULL), HG_OK);
    hg_diagnose(&symptoms, diagnosis);
    free(health);
}

/* ---- bugs ---- */

/* mean-trap has no biases, sgd and one batch, in which an epoch is a step. */
static const struct {
    const char *file, *settings;
    uint64_t step;
} lessons[] = {
    {SAMPLE("two-digits"), "train.batch=1", 0},
    {SAMPLE("two-digits"), "", 0},
    {SAMPLE("two-digits"), "", 30},
    {SAMPLE("two-digits"), "data.center=no; model.output_bias=zero", 60},
    {SAMPLE("two-digits"), "data.only=1 2; data.limit=19; train.batch=5", 60},
    {SAMPLE("digits"), "data.limit=200", 0},
    {SAMPLE("digits"), "data.limit=200; model.seed=2", 90},
    {SAMPLE("digits"),
     "data.limit=60; data.size=8x8; model.encoder=conv 4 bn lrelu, pool 2, conv 3 tanh; "
     "train.batch=16",
     20},
    {SAMPLE("mean-trap"), "", 0},
    {SAMPLE("mean-trap"), "model.bias=yes; train.optimizer=adam; train.batch=1", 500},
    {SAMPLE("clusters"), "train.optimizer=adamw; train.lr=0.003", 200},
};

/* Does this bug change anything there? */
static bool shows(const struct hg_spec *spec, enum hg_fault fault, size_t training)
{
    bool adam = spec->train.optimizer == HG_ADAM || spec->train.optimizer == HG_ADAMW;
    bool whole = spec->train.batch == 0 || (size_t)spec->train.batch >= training;

    switch (fault) {
    case HG_FAULT_BIAS_PER_WEIGHT:
        return spec->model.bias;
    case HG_FAULT_BIAS_MEAN:
        return spec->model.bias && spec->train.batch != 1;
    case HG_FAULT_ROW0_DERIVATIVE:
        return spec->train.batch != 1;
    case HG_FAULT_ADAM_CORRECTION:
        return adam;
    case HG_FAULT_ADAM_EPOCHS:
        return adam && !whole;
    default:
        return true;
    }
}

/* The first line, and nothing else of the arithmetic. */
static bool named(const struct hg_diagnosis *diagnosis, enum hg_fault fault)
{
    enum hg_finding_kind kind = hg_fault_updates(fault) ? HG_FINDING_WRONG_UPDATE
                                                        : HG_FINDING_WRONG_GRADIENT;
    const struct hg_finding *first = &diagnosis->finding[0];
    size_t length = strlen(first->advice);

    return diagnosis->count > 0 && first->kind == kind && first->alarm &&
           strstr(first->advice, hg_fault_name(fault)) && first->layer[0] &&
           isfinite(first->value) && length < sizeof first->advice - 1 &&
           first->advice[length - 1] == '.' && strcmp(first->name, "lesson.fault") == 0;
}

static bool blamed(const struct hg_diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->count; i++)
        if (diagnosis->finding[i].kind == HG_FINDING_WRONG_GRADIENT ||
            diagnosis->finding[i].kind == HG_FINDING_WRONG_UPDATE)
            return true;
    return false;
}

/* Returns how often the doctor was wrong. */
static size_t try_lesson(struct hg_context *context, size_t index, enum hg_fault fault)
{
    const struct hg_experiment *experiment;
    struct hg_diagnosis diagnosis;
    struct hg_trainer *trainer;
    char settings[512];
    bool wanted, right;

    snprintf(settings, sizeof settings, "lesson.fault=%s; %s", hg_fault_name(fault),
             lessons[index].settings);
    if (lessons[index].settings[0] == '\0')
        settings[strlen(settings) - 2] = '\0';
    trainer = open_run(context, lessons[index].file, settings);
    experiment = hg_trainer_experiment(trainer);
    wanted = shows(&experiment->spec, fault, experiment->dataset->training);
    train(trainer, lessons[index].step);
    diagnose(trainer, &diagnosis);
    right = wanted ? named(&diagnosis, fault) : !blamed(&diagnosis);
    if (!right)
        print_error("%s; %s at %llu: %s %s (%s) %s\n", lessons[index].file, settings,
                    (unsigned long long)lessons[index].step,
                    diagnosis.count ? hg_finding_name(diagnosis.finding[0].kind) : "nothing",
                    diagnosis.finding[0].layer, diagnosis.finding[0].number,
                    diagnosis.finding[0].advice);
    hg_trainer_destroy(trainer);
    return !right;
}

static void test_lessons(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++)
        for (int fault = 1; fault < HG_FAULT_COUNT; fault++)
            if ((i + (size_t)fault) % stride() == 0)
                wrong += try_lesson(context, i, (enum hg_fault)fault);
    hg_context_destroy(context);
    assert_int_equal(wrong, 0);
}

/* ---- no alarm ---- */

#define SMALL "data.limit=120; data.size=8x8; train.batch=16; "

static const struct {
    const char *file, *settings;
    uint64_t last;
} healthy[] = {
    {SAMPLE("digits"), "data.limit=400", 300},
    {SAMPLE("digits"), "data.limit=200; model.loss=bce; model.seed=2", 150},
    {SAMPLE("digits"), SMALL "model.encoder=dense 64 relu, dense 16 relu", 300},
    {SAMPLE("digits"), SMALL "model.encoder=dense 20 elu, dense 16 gelu; model.loss=rmse", 200},
    {SAMPLE("digits"), SMALL "model.encoder=dense 20 silu, dense 16 softplus; model.loss=sse", 200},
    {SAMPLE("digits"), SMALL "model.encoder=conv 6 bn lrelu, pool 2, conv 4 relu, pool 2", 200},
    {SAMPLE("digits"), SMALL "model.encoder=conv 5 3x3 stride 2 tanh, dense 9 bn relu", 200},
    {SAMPLE("digits"), SMALL "model.encoder=dense 30 bn tanh, dense 12 bn relu", 200},
    {SAMPLE("digits"),
     "data.limit=30; data.size=8x8; train.batch=2; model.encoder=dense 30 bn tanh", 60},
    {SAMPLE("digits"), SMALL "train.batch=3; model.encoder=conv 4 bn lrelu, pool 8, conv 3 bn", 60},
    {SAMPLE("digits"), SMALL "model.encoder=dense 30 tanh; model.decoder=tied", 200},
    {SAMPLE("digits"), SMALL "model.code=4 gaussian; model.loss=bce", 200},
    {SAMPLE("digits"), SMALL "model.encoder=dense 30 tanh dropout 0.3; train.corrupt=mask 0.3",
     200},
    {SAMPLE("digits"), SMALL "train.sparsity=0.01; train.clip=0.01", 200},
    {SAMPLE("digits"), SMALL "train.optimizer=sgd; train.lr=0.5; train.weight_decay=0.001", 200},
    {SAMPLE("digits"), SMALL "train.optimizer=momentum; train.lr=0.5; train.l1=0.0001", 200},
    {SAMPLE("digits"), SMALL "train.optimizer=nesterov; train.lr=0.05; train.clip=0.1", 200},
    {SAMPLE("digits"), SMALL "train.optimizer=rmsprop; train.weight_decay=0.01", 200},
    {SAMPLE("digits"), SMALL "train.optimizer=adamw; train.weight_decay=0.1; train.clip=1", 200},
    {SAMPLE("digits"), SMALL "train.optimizer=adam; train.weight_decay=0.1; train.l1=0.001", 200},
    {SAMPLE("digits"), SMALL "train.schedule=warmup 20, cosine 30; train.beta1=0", 200},
    {SAMPLE("clusters"), "", 2000},
    {SAMPLE("clusters"), "model.seed=2; train.optimizer=adam; train.lr=0.003", 2000},
    {SAMPLE("iris"), "", 2000},
    {SAMPLE("two-digits"), "", 600},
    {SAMPLE("two-digits"), "data.center=no", 600},
    {SAMPLE("two-digits"), "data.center=no; model.output_bias=zero", 300},
    {SAMPLE("two-digits"), "train.batch=1; train.optimizer=sgd; train.lr=0.01", 300},
    {SAMPLE("mean-trap"), "", 10000},
    {SAMPLE("mean-trap"), "train.lr=1", 20000},
    {SAMPLE("stack-gradient"), "", 20000},
    {SAMPLE("faces"), "", 200},
    {NULL, "data.limit=1; data.validation=0", 200},
    {SAMPLE("digits"), "data.limit=400; train.lr=1", 200},
    {SAMPLE("digits"),
     "data.limit=400; model.encoder=dense 32 relu; train.lr=0.1; train.optimizer=sgd; "
     "model.init=uniform -0.2 -0.1; data.center=no",
     100},
};

static void test_healthy(void **state)
{
    static const double stages[] = {0, 0.005, 0.03, 0.15, 0.5, 1};
    double part = instrumented() ? 0.2 : 1;
    struct hg_context *context = open_context(1, NULL);
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof healthy / sizeof *healthy; i += stride()) {
        struct hg_trainer *trainer = open_run(context, healthy[i].file, healthy[i].settings);
        for (size_t s = 0; s < sizeof stages / sizeof *stages; s++) {
            struct hg_diagnosis diagnosis;
            train(trainer, (uint64_t)(stages[s] * (double)healthy[i].last * part));
            diagnose(trainer, &diagnosis);
            if (!blamed(&diagnosis))
                continue;
            print_error("%s; %s, step %llu: %s %s (%s) %s\n", healthy[i].file, healthy[i].settings,
                        (unsigned long long)hg_trainer_progress(trainer)->step,
                        hg_finding_name(diagnosis.finding[0].kind), diagnosis.finding[0].layer,
                        diagnosis.finding[0].number, diagnosis.finding[0].advice);
            wrong++;
        }
        hg_trainer_destroy(trainer);
    }
    hg_context_destroy(context);
    assert_int_equal(wrong, 0);
}

/* ---- no trace ---- */

static float *whole(struct hg_trainer *trainer, size_t *count)
{
    const struct hg_model *model = hg_trainer_experiment(trainer)->model;
    float *state;

    *count = hg_model_whole_count(model, HG_ADAM);
    state = malloc(*count * sizeof *state);
    assert_non_null(state);
    hg_model_whole_save(model, HG_ADAM, state);
    return state;
}

static void test_no_trace(void **state)
{
    static const char *const runs[] = {
        SMALL "model.encoder=conv 4 bn relu, pool 2", SMALL "model.encoder=dense 8 tanh",
        SMALL "train.optimizer=sgd; train.batch=1; data.size=24x24; model.encoder=dense 16 tanh",
        SMALL "lesson.fault=adam-counts-epochs", SMALL "lesson.fault=row0-derivative"};
    struct hg_context *context = open_context(1, NULL);
    uint64_t last = instrumented() ? 10 : 24; /* in the second epoch, or the fourth */

    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct hg_trainer *looked_at = open_run(context, NULL, runs[i]);
        struct hg_trainer *alone = open_run(context, NULL, runs[i]);
        struct hg_symptoms symptoms = {0};
        size_t count;
        float *a, *b;
        for (uint64_t step = 0; step <= last; step++) {
            assert_int_equal(hg_arithmetic_look(looked_at, &symptoms, NULL), HG_OK);
            train(looked_at, step);
        }
        train(alone, last);
        a = whole(looked_at, &count);
        b = whole(alone, &count);
        assert_memory_equal(a, b, count * sizeof *a);
        free(a);
        free(b);
        hg_trainer_destroy(looked_at);
        hg_trainer_destroy(alone);
    }
    hg_context_destroy(context);
}

/* The lesson's end: begun again without the bug, all is right; and with another one. */
static void test_restart(void **state)
{
    struct hg_context *context = open_context(1, NULL);
    struct hg_trainer *trainer = open_run(context, NULL, SMALL "lesson.fault=missing-derivative");
    struct hg_diagnosis diagnosis;

    (void)state;
    train(trainer, 5);
    diagnose(trainer, &diagnosis);
    assert_true(named(&diagnosis, HG_FAULT_MISSING_DERIVATIVE));
    assert_int_equal(hg_trainer_restart_with(trainer, "lesson.fault", "none", NULL), HG_OK);
    diagnose(trainer, &diagnosis);
    assert_false(blamed(&diagnosis));
    assert_int_equal(
        hg_trainer_restart_with(trainer, "lesson.fault", "adam-multiplies-correction", NULL),
        HG_OK);
    train(trainer, 5);
    diagnose(trainer, &diagnosis);
    assert_true(named(&diagnosis, HG_FAULT_ADAM_CORRECTION));
    hg_trainer_destroy(trainer);
    hg_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lessons),
        cmocka_unit_test(test_healthy),
        cmocka_unit_test(test_no_trace),
        cmocka_unit_test(test_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
