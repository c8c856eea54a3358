/* Is what training computes right? The gradient and an update of a run, looked at from beside. */
#include "run/arithmetic.h"

#include "hourglass/doctor.h"
#include "run/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A look shall be over in a tenth of a second; at larger networks only `hourglass check` looks. */
static const double most_work = 5e7, most_parameters = 5e6;
enum { MOST_SAMPLES = 8, UPDATE_SAMPLES = 64, EARLY = 5 };

static double macs_of(const struct hg_model *model)
{
    return (double)hg_model_flops(model) / 6 + 1;
}

static void tell(const struct hg_gradient_finding *found, bool update, struct hg_symptoms *symptoms)
{
    symptoms->gradient_ratio = found->ratio;
    symptoms->wrong_update = update;
    snprintf(symptoms->fault, sizeof symptoms->fault, "%s", found->name);
    snprintf(symptoms->fault_layer, sizeof symptoms->fault_layer, "%s", found->layer);
    snprintf(symptoms->fault_words, sizeof symptoms->fault_words, "%s", found->words);
}

static enum hg_status look_at_gradient(struct hg_model *model, struct hg_batch batch,
                                       struct hg_symptoms *symptoms, struct hg_error *error)
{
    struct hg_gradient_finding found;
    enum hg_status status;

    batch.samples = batch.samples < MOST_SAMPLES ? batch.samples : MOST_SAMPLES;
    status = hg_gradient_look(model, &batch, &found, error);
    if (status == HG_OK && found.wrong)
        tell(&found, false, symptoms);
    return status;
}

enum hg_status hg__arithmetic_updates(struct hg_trainer *trainer, struct hg_batch batch,
                                      struct hg_gradient_finding *found, struct hg_error *error)
{
    struct hg_model *model = trainer->experiment->model;
    size_t training = trainer->experiment->dataset->training;
    size_t each = (training + hg__trainer_batch(trainer) - 1) / hg__trainer_batch(trainer);
    struct hg_update next = trainer->update, early;
    enum hg_status status;

    batch.samples = batch.samples < UPDATE_SAMPLES ? batch.samples : UPDATE_SAMPLES;
    next.rate = hg_trainer_rate(trainer);
    next.epoch = trainer->progress.epoch + 1;
    early = next;
    early.epoch = each == 1 ? EARLY : 1;
    early.count = (each == 1 || each > EARLY ? EARLY : each) - 1; /* before the step */
    status = hg_update_check(model, &batch, &next, found, error);
    if (status == HG_OK && !found->wrong)
        status = hg_update_check(model, &batch, &early, found, error);
    return status;
}

static enum hg_status look_at_updates(struct hg_trainer *trainer, struct hg_batch batch,
                                      struct hg_symptoms *symptoms, struct hg_error *error)
{
    struct hg_gradient_finding found;
    enum hg_status status = hg__arithmetic_updates(trainer, batch, &found, error);

    if (status == HG_OK && found.wrong)
        tell(&found, true, symptoms);
    return status;
}

enum hg_status hg_arithmetic_look(struct hg_trainer *trainer, struct hg_symptoms *symptoms,
                                  struct hg_error *error)
{
    struct hg_model *model = trainer->experiment->model;
    struct hg_symptoms found = {.gradient_ratio = NAN};
    enum hg_status status = HG_OK;
    struct hg_batch batch;

    if (macs_of(model) <= most_work && (double)hg_model_parameters(model) <= most_parameters) {
        hg__trainer_next_batch(trainer, &batch);
        status = look_at_gradient(model, batch, &found, error);
        if (status == HG_OK && !found.fault[0])
            status = look_at_updates(trainer, batch, &found, error);
    }
    symptoms->gradient_ratio = found.gradient_ratio;
    symptoms->wrong_update = found.wrong_update;
    memcpy(symptoms->fault, found.fault, sizeof found.fault);
    memcpy(symptoms->fault_layer, found.fault_layer, sizeof found.fault_layer);
    memcpy(symptoms->fault_words, found.fault_words, sizeof found.fault_words);
    return status;
}
