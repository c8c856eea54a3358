#include "run/gradients.h"

#include "run/arithmetic.h"
#include "run/trainer_state.h"

enum { COMPONENTS = 200 }; /* of a tensor, as `hourglass check` takes them */

void hg__gradients_wish(struct hg__gradients *gradients, bool wished)
{
    uint64_t serial = gradients->facts.serial;

    gradients->wished = wished;
    gradients->next = 0;
    gradients->facts = (struct hg_check){.serial = serial + 1};
}

void hg__gradients_stale(struct hg__gradients *gradients)
{
    if (hg__gradients_busy(gradients))
        hg__gradients_wish(gradients, true);
}

bool hg__gradients_busy(const struct hg__gradients *gradients)
{
    return gradients->wished && !gradients->facts.done;
}

static void begin(struct hg__gradients *gradients, const struct hg_trainer *trainer,
                  const struct hg_batch *batch)
{
    const struct hg_model *model = trainer->experiment->model;
    struct hg_check *facts = &gradients->facts;

    facts->known = true;
    facts->epoch = trainer->progress.epoch;
    facts->step = trainer->progress.step;
    facts->batch = batch->samples;
    for (size_t i = 0; i < hg_model_tensors(model); i++)
        facts->tensors += hg_model_tensor(model, i).trainable;
}

static void finish(struct hg__gradients *gradients, struct hg_trainer *trainer,
                   const struct hg_batch *batch)
{
    struct hg_check *facts = &gradients->facts;

    facts->status = hg_gradient_name_fault(trainer->experiment->model, batch, facts->verdict,
                                           facts->checked, &facts->finding, NULL);
    if (facts->status == HG_OK)
        facts->status = hg__arithmetic_updates(trainer, *batch, &facts->update, NULL);
    facts->done = true;
}

void hg__gradients_work(struct hg__gradients *gradients, struct hg_trainer *trainer)
{
    struct hg_model *model = trainer->experiment->model;
    struct hg_check *facts = &gradients->facts;
    struct hg_batch batch;

    hg__trainer_next_batch(trainer, &batch);
    if (!facts->known)
        begin(gradients, trainer, &batch);
    while (gradients->next < hg_model_tensors(model) &&
           !hg_model_tensor(model, gradients->next).trainable)
        gradients->next++;
    if (gradients->next < hg_model_tensors(model) && facts->checked < HG_CHECK_TENSORS) {
        facts->status = hg_gradient_check(model, &batch, gradients->next++, COMPONENTS,
                                          &facts->verdict[facts->checked], NULL);
        facts->checked += facts->status == HG_OK;
        facts->done = facts->status != HG_OK;
    } else {
        finish(gradients, trainer, &batch);
    }
    facts->serial++;
}

void hg__gradients_fill(const struct hg__gradients *gradients, struct hg_check *out)
{
    const struct hg_check *facts = &gradients->facts;

    if (!facts->known)
        out->known = false;
    else if (!out->known || out->serial != facts->serial)
        *out = *facts;
}
