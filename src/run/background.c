#include "run/background.h"

#include <math.h>
#include <string.h>

static void *compute(void *argument)
{
    struct hg__background *background = argument;

    background->status = hg_ladder_compute(background->dataset, background->loss, background->rungs,
                                           &background->ladder, &background->cancel, NULL);
    __atomic_store_n(&background->done, true, __ATOMIC_RELEASE);
    return NULL;
}

void hg__background_start(struct hg__background *background, const struct hg_dataset *dataset,
                          enum hg_loss loss, size_t rungs)
{
    memset(background, 0, sizeof *background);
    background->dataset = dataset;
    background->loss = loss;
    background->rungs = rungs < HG_LADDER_MOST ? rungs : HG_LADDER_MOST;
    background->started = pthread_create(&background->thread, NULL, compute, background) == 0;
    if (!background->started)
        compute(background);
}

bool hg__background_done(const struct hg__background *background)
{
    return __atomic_load_n(&background->done, __ATOMIC_ACQUIRE);
}

void hg__background_ladder(struct hg__background *background, struct hg_ladder *ladder)
{
    if (hg__background_done(background) && background->status == HG_OK)
        *ladder = background->ladder;
    else
        *ladder = (struct hg_ladder){.loss = background->loss, .mean = NAN, .entropy = NAN};
}

void hg__background_stop(struct hg__background *background)
{
    __atomic_store_n(&background->cancel, true, __ATOMIC_RELAXED);
    if (background->started)
        pthread_join(background->thread, NULL);
    background->started = false;
}
