/* Known bugs in the arithmetic (`[lesson] fault`): each must be named, by `hourglass check`, by the
 * doctor, or by both. */
#include "cli/selftest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COMPONENTS = 40, BATCH = 8, STEPS = 60 };

/* Bugs that show in a network with hidden layers, several batches an epoch and adam. */
static const char *const batches[] = {"data.only",   "1 2", "data.limit", "19",
                                      "train.batch", "5",   NULL};

/* ---- the gradient, as `hourglass check` looks at it ---- */

static enum hg_status differentiate(struct cli_selftest *self, struct hg_model *model,
                                    const struct hg_batch *batch, struct cli_proof *proof)
{
    enum hg_status status = HG_OK;

    proof->count = proof->wrong = 0;
    for (size_t i = 0; i < hg_model_tensors(model) && status == HG_OK; i++) {
        struct hg_gradient_verdict *verdict = &proof->verdict[proof->count];
        if (!hg_model_tensor(model, i).trainable || proof->count == CLI_VERDICTS)
            continue;
        status = hg_gradient_check(model, batch, i, COMPONENTS, verdict, &self->error);
        proof->wrong += status == HG_OK && !verdict->zero && !verdict->right;
        proof->count++;
    }
    if (status == HG_OK)
        status = hg_gradient_name_fault(model, batch, proof->verdict, proof->count, &proof->finding,
                                        &self->error);
    return status;
}

enum hg_status cli_study_check(struct cli_selftest *self, const struct hg_trainer *trainer,
                               struct cli_proof *proof)
{
    const struct hg_experiment *experiment = hg_trainer_experiment(trainer);
    const struct hg_dataset *dataset = experiment->dataset;
    size_t samples = dataset->training < BATCH ? dataset->training : BATCH;
    float *values = calloc(samples * dataset->features, sizeof *values);
    struct hg_batch batch = {.input = values, .target = values, .samples = samples, .seed = 1};
    enum hg_status status;

    if (!values)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for a batch");
    for (size_t i = 0; i < samples; i++)
        memcpy(values + i * dataset->features,
               dataset->values + dataset->order[i] * dataset->features,
               dataset->features * sizeof *values);
    status = hg_model_reserve(experiment->model, samples, &self->error);
    if (status == HG_OK)
        status = differentiate(self, experiment->model, &batch, proof);
    free(values);
    return status;
}

/* ---- each bug ---- */

/* The doctor's first line must have the name, and say what kind of bug it is. */
static bool first_names(const struct hg_diagnosis *diagnosis, enum hg_fault fault)
{
    const struct hg_finding *first = &diagnosis->finding[0];
    enum hg_finding_kind kind = hg_fault_updates(fault) ? HG_FINDING_WRONG_UPDATE
                                                        : HG_FINDING_WRONG_GRADIENT;

    return diagnosis->count > 0 && first->kind == kind &&
           strstr(first->advice, hg_fault_name(fault)) != NULL;
}

struct look {
    struct cli_proof proof;
    struct hg_health health;
    struct hg_diagnosis diagnosis;
    struct hg_symptoms symptoms;
};

static void judge_name(struct cli_selftest *self, enum hg_fault fault, const struct look *look)
{
    const struct hg_gradient_finding *found = &look->proof.finding;
    bool update = hg_fault_updates(fault), doctor = first_names(&look->diagnosis, fault);

    if (update)
        cli_judge(self, doctor && !found->wrong,
                  "named by the doctor's recomputed update, the gradient is right",
                  "fault %s: the doctor says %s, the check of the gradient %s",
                  hg_fault_name(fault), look->symptoms.fault[0] ? look->symptoms.fault : "nothing",
                  found->wrong ? found->name : "right");
    else
        cli_judge(self, doctor && found->wrong && found->fault == fault,
                  "named by the check of the gradient and by the doctor",
                  "fault %s: the check says %s, numeric / analytic %.4g in %s; the doctor says %s",
                  hg_fault_name(fault), found->wrong ? found->name : "right", found->ratio,
                  found->layer[0] ? found->layer : "no layer",
                  look->symptoms.fault[0] ? look->symptoms.fault : "nothing");
}

static enum hg_status try_fault(struct cli_selftest *self, enum hg_fault fault, struct look *look)
{
    const char *const set[] = {"lesson.fault", hg_fault_name(fault), NULL};
    const struct cli_study study = {.sample = "two-digits", set, batches};
    struct hg_trainer *trainer;
    enum hg_status status = cli_study_open(self, &study, self->seed, &trainer);

    look->symptoms = (struct hg_symptoms){.gradient_ratio = NAN};
    if (status == HG_OK)
        status = cli_study_check(self, trainer, &look->proof);
    if (status == HG_OK)
        status = cli_study_train(self, trainer, 0, STEPS);
    if (status == HG_OK)
        status = hg_arithmetic_look(trainer, &look->symptoms, &self->error);
    if (status == HG_OK)
        status = cli_study_diagnose(self, trainer, &look->symptoms, &look->health,
                                    &look->diagnosis);
    hg_trainer_destroy(trainer);
    return status;
}

enum hg_status cli_selftest_faults(struct cli_selftest *self)
{
    struct look *look = calloc(1, sizeof *look);
    enum hg_status status = HG_OK;

    if (!look)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for a diagnosis");
    for (int fault = 1; fault < HG_FAULT_COUNT && status == HG_OK; fault++) {
        status = try_fault(self, (enum hg_fault)fault, look);
        if (status == HG_OK)
            judge_name(self, (enum hg_fault)fault, look);
    }
    free(look);
    return status;
}
