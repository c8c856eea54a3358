#include "cli/selftest.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a run ---- */

static enum hg_status apply(struct hg_spec *spec, const char *const *set, struct hg_error *error)
{
    enum hg_status status = HG_OK;

    for (; set && *set && status == HG_OK; set += 2)
        status = hg_spec_set(spec, set[0], set[1], "selftest", error);
    return status;
}

static enum hg_status read_sample(struct hg_spec *spec, const char *name, struct hg_error *error)
{
    const struct cli_sample *sample = cli_samples;

    while (sample->name && strcmp(sample->name, name) != 0)
        sample++;
    if (!sample->name)
        return hg_error_set(error, HG_FAILED, "%s: no such sample", name);
    return hg_spec_parse(spec, sample->text, sample->name, error);
}

static enum hg_status write_spec(const struct cli_study *study, uint64_t seed, struct hg_spec *spec,
                                 struct hg_error *error)
{
    char text[24];
    enum hg_status status = study->sample ? read_sample(spec, study->sample, error) : HG_OK;

    if (status == HG_OK)
        status = apply(spec, study->set, error);
    if (status == HG_OK)
        status = apply(spec, study->also, error);
    snprintf(text, sizeof text, "%" PRIu64, seed);
    if (status == HG_OK)
        status = hg_spec_set(spec, "model.seed", text, "selftest", error);
    return status == HG_OK ? hg_spec_check(spec, error) : status;
}

enum hg_status cli_study_open(struct cli_selftest *self, const struct cli_study *study,
                              uint64_t seed, struct hg_trainer **trainer)
{
    struct hg_trainer_config config = {0};
    struct hg_experiment *experiment;
    struct hg_spec spec;
    enum hg_status status = hg_spec_init(&spec, &self->error);

    *trainer = NULL;
    if (status)
        return status;
    status = write_spec(study, seed, &spec, &self->error);
    if (status == HG_OK)
        status = hg_experiment_create(self->context, &spec, NULL, NULL, NULL, &experiment,
                                      &self->error);
    hg_spec_fini(&spec);
    return status ? status : hg_trainer_create(experiment, &config, trainer, &self->error);
}

enum hg_status cli_study_train(struct cli_selftest *self, struct hg_trainer *trainer,
                               uint64_t epochs, uint64_t steps)
{
    const struct hg_progress *at = hg_trainer_progress(trainer);
    const struct hg_spec *spec = &hg_trainer_experiment(trainer)->spec;
    enum hg_status status = HG_OK;
    uint64_t shown = UINT64_MAX;

    if (epochs == 0 && steps == 0)
        epochs = (uint64_t)spec->train.epochs;
    while (status == HG_OK && hg_trainer_end(trainer) == HG_END_NOT &&
           (epochs == 0 || at->epoch < epochs) && (steps == 0 || at->step < steps)) {
        if (at->epoch != shown) {
            shown = at->epoch;
            cli_selftest_tell(self, "%s: seed %lld, epoch %" PRIu64, self->system, spec->model.seed,
                              shown + 1);
        }
        status = hg_trainer_step(trainer, &self->error);
    }
    return status == HG_DIVERGED ? HG_OK : status;
}

enum hg_status cli_study_run(struct cli_selftest *self, const struct cli_study *study,
                             uint64_t seed, struct hg_trainer **trainer)
{
    enum hg_status status = cli_study_open(self, study, seed, trainer);

    if (status == HG_OK)
        status = cli_study_train(self, *trainer, study->epochs, study->steps);
    if (status) {
        hg_trainer_destroy(*trainer);
        *trainer = NULL;
    }
    return status;
}

enum hg_status cli_study_seeds(struct cli_selftest *self, const struct cli_study *study,
                               size_t count, struct cli_outcomes *outcomes)
{
    struct hg_health *health = calloc(1, sizeof *health);
    enum hg_status status = HG_OK;

    if (!health)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for figures");
    outcomes->count = count;
    for (size_t i = 0; i < count && status == HG_OK; i++) {
        struct hg_trainer *trainer;
        status = cli_study_run(self, study, self->seed + i, &trainer);
        if (status)
            break;
        outcomes->loss[i] = cli_study_loss(trainer);
        status = hg_health_measure(trainer, health, &self->error);
        outcomes->collapse[i] = health->collapse;
        hg_trainer_destroy(trainer);
    }
    free(health);
    return status;
}

/* ---- what came of it ---- */

double cli_study_loss(const struct hg_trainer *trainer)
{
    const struct hg_experiment *experiment = hg_trainer_experiment(trainer);
    const struct hg_dataset *dataset = experiment->dataset;

    if (hg_trainer_end(trainer) == HG_END_DIVERGED)
        return NAN;
    return hg_model_evaluate(experiment->model, dataset->values, dataset->order, dataset->training,
                             NULL);
}

enum hg_status cli_study_ladder(struct cli_selftest *self, const struct hg_trainer *trainer,
                                size_t rungs, struct hg_ladder *ladder)
{
    const struct hg_experiment *experiment = hg_trainer_experiment(trainer);

    return hg_ladder_compute(experiment->dataset, hg_model_loss(experiment->model), rungs, ladder,
                             NULL, &self->error);
}

enum hg_status cli_study_diagnose(struct cli_selftest *self, struct hg_trainer *trainer,
                                  struct hg_symptoms *symptoms, struct hg_health *health,
                                  struct hg_diagnosis *diagnosis)
{
    struct hg_ladder ladder;
    enum hg_status status = hg_health_measure(trainer, health, &self->error);

    if (status == HG_OK)
        status = cli_study_ladder(self, trainer, health->codes, &ladder);
    if (status)
        return status;
    symptoms->trainer = trainer;
    symptoms->health = health;
    symptoms->ladder = &ladder;
    hg_diagnose(symptoms, diagnosis);
    symptoms->ladder = NULL;
    return HG_OK;
}

const struct hg_finding *cli_study_finding(const struct hg_diagnosis *diagnosis,
                                           enum hg_finding_kind kind)
{
    for (size_t i = 0; i < diagnosis->count; i++)
        if (diagnosis->finding[i].kind == kind)
            return &diagnosis->finding[i];
    return NULL;
}

/* ---- tensors by name ---- */

/* Place of number k (in x out) in the model's layout (out x in). */
static size_t place(const struct hg_tensor_info *info, size_t k)
{
    size_t out = info->shape[0], in = info->dims > 1 ? info->shape[1] : 1;

    return in == 1 ? k : k % out * in + k / out;
}

static bool find(const struct hg_model *model, const char *name, size_t *index,
                 struct hg_tensor_info *info)
{
    for (*index = 0; *index < hg_model_tensors(model); ++*index) {
        *info = hg_model_tensor(model, *index);
        if (strcmp(info->name, name) == 0)
            return info->count <= 4;
    }
    return false;
}

bool cli_tensors_set(struct hg_model *model, const struct cli_tensor *tensors)
{
    for (; tensors->name; tensors++) {
        struct hg_tensor_info info;
        float values[4];
        size_t index;
        if (!find(model, tensors->name, &index, &info))
            return false;
        for (size_t k = 0; k < info.count; k++)
            values[place(&info, k)] = (float)tensors->numbers[k];
        hg_model_write(model, index, HG_PART_VALUE, values);
    }
    return true;
}

double cli_tensors_error(const struct hg_model *model, enum hg_tensor_part part,
                         const struct cli_tensor *wanted)
{
    double largest = 0;

    for (; wanted->name; wanted++) {
        struct hg_tensor_info info;
        float values[4];
        size_t index;
        if (!find(model, wanted->name, &index, &info))
            return NAN;
        hg_model_read(model, index, part, values);
        for (size_t k = 0; k < info.count; k++) {
            double value = (double)values[place(&info, k)];
            largest = fmax(largest, fabs(value / wanted->numbers[k] - 1));
        }
    }
    return largest;
}
