#include "cli/trial.h"

#include "hourglass/hourglass.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Work of a trial, in operations: the same number of steps on every machine. A slow one
 * stops after some seconds. Where the experiment sets no end, a trial is short in epochs too. */
static const double work = 40e9, most_seconds = 8;
enum {
    FEWEST = 20,
    MOST = 10000,
    UNASKED = 2000,
    EPOCHS = 100,
    LEAST_WORK = 10000,
    WORK_OF_PARAMETER = 40,
    WIDTH = 88
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static uint64_t trial_steps(const struct hg_experiment *experiment)
{
    size_t training = experiment->dataset->training;
    long long asked = experiment->spec.train.batch, epochs = experiment->spec.train.epochs;
    size_t batch = asked > 0 && (size_t)asked < training ? (size_t)asked : training;
    double step = (double)hg_model_flops(experiment->model) * (double)batch;
    double moved = WORK_OF_PARAMETER * (double)hg_model_parameters(experiment->model);
    double steps = work / fmax(fmax(step, moved), LEAST_WORK);
    double each = ceil((double)training / (double)batch);

    if (epochs > 0)
        steps = fmin(steps, (double)epochs * each);
    else
        steps = fmin(steps, each > 1 ? fmin(UNASKED, EPOCHS * each) : UNASKED);
    return (uint64_t)fmin(fmax(steps, FEWEST), MOST);
}

/* A divergence is a result here, not a failure. */
static enum hg_status train(struct hg_trainer *trainer, uint64_t steps, struct hg_error *error)
{
    uint64_t first = hg_trainer_progress(trainer)->step;
    double begin = now();
    enum hg_status status = HG_OK;

    while (status == HG_OK && hg_trainer_end(trainer) == HG_END_NOT) {
        uint64_t done = hg_trainer_progress(trainer)->step - first;
        if (done >= steps || (done >= FEWEST && now() - begin > most_seconds))
            break;
        status = hg_trainer_step(trainer, error);
    }
    return status == HG_DIVERGED ? HG_OK : status;
}

static void print_trial(const struct hg_trainer *trainer, const struct hg_health *health)
{
    const struct hg_progress *at = hg_trainer_progress(trainer);

    printf("%-12s %" PRIu64 " step%s", "trial", at->step, at->step == 1 ? "" : "s");
    if (at->epoch)
        printf(", %" PRIu64 " epoch%s", at->epoch, at->epoch == 1 ? "" : "s");
    printf(": loss %.4g, of the mean %.4g", health->loss, health->mean_loss);
    if (isfinite(health->collapse)) /* the samples differ */
        printf(", collapse C = %.2g", health->collapse);
    putchar('\n');
}

/* Text broken at blanks, indented. */
static void print_broken(const char *text, int indent)
{
    int at = 0;

    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at > 0 && at + 1 + length > WIDTH - indent) {
            putchar('\n');
            at = 0;
        }
        printf("%*s%.*s", at == 0 ? indent : 1, "", length, text);
        at += length + (at > 0);
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_finding(const struct hg_finding *finding, size_t number)
{
    printf("%3zu %s %s%s%s%s%s\n", number, finding->alarm ? "!" : " ",
           hg_finding_name(finding->kind), finding->layer[0] ? " in " : "", finding->layer,
           finding->number[0] ? ": " : "", finding->number);
    print_broken(finding->advice, 6);
    if (finding->name[0])
        printf("%*s-s %s=%s\n", 6, "", finding->name, finding->text);
}

static void print_diagnosis(const struct hg_diagnosis *diagnosis)
{
    size_t alarms = 0, notes;

    for (size_t i = 0; i < diagnosis->count; i++)
        alarms += diagnosis->finding[i].alarm;
    notes = diagnosis->count - alarms;
    if (diagnosis->count == 0)
        printf("%-12s all is well\n", "diagnosis");
    else if (alarms == 0)
        printf("%-12s no fault; %zu note%s\n", "diagnosis", notes, notes == 1 ? "" : "s");
    else
        printf("%-12s %zu finding%s, causes first\n", "diagnosis", alarms, alarms == 1 ? "" : "s");
    for (size_t i = 0; i < diagnosis->count; i++)
        print_finding(&diagnosis->finding[i], i + 1);
}

static enum hg_status examine(struct hg_trainer *trainer, const struct hg_ladder *ladder,
                              struct hg_symptoms *known, struct hg_error *error)
{
    struct hg_symptoms symptoms;
    struct hg_health *health = calloc(1, sizeof *health);
    struct hg_diagnosis diagnosis;
    enum hg_status status;

    if (!health)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the diagnosis");
    status = known->fault[0] ? HG_OK : hg_arithmetic_look(trainer, known, error);
    symptoms = *known;
    if (status == HG_OK)
        status = hg_health_measure(trainer, health, error);
    if (status == HG_OK) {
        symptoms.trainer = trainer;
        symptoms.health = health;
        symptoms.ladder = ladder;
        hg_diagnose(&symptoms, &diagnosis);
        print_trial(trainer, health);
        print_diagnosis(&diagnosis);
    }
    free(health);
    return status;
}

enum hg_status cli_trial(struct hg_experiment *experiment, const struct hg_ladder *ladder,
                         struct hg_symptoms *known, struct hg_error *error)
{
    uint64_t steps = trial_steps(experiment);
    struct hg_trainer_config config = {0};
    struct hg_trainer *trainer;
    enum hg_status status = hg_trainer_create(experiment, &config, &trainer, error);

    if (status)
        return status;
    status = train(trainer, steps, error);
    if (status == HG_OK)
        status = examine(trainer, ladder, known, error);
    hg_trainer_destroy(trainer);
    return status;
}
