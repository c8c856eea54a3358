#include "run/background.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* Numbers of the axes that are kept for as long as the run: beyond, only two axes are. */
enum { KEPT_MOST = 1 << 22 };

static void keep_two(struct hg__pca *axes)
{
    double *few;

    if (axes->count <= 2 || axes->count * axes->features <= KEPT_MOST)
        return;
    few = hg__alloc_aligned(2 * axes->features, sizeof *few);
    if (!few)
        return;
    memcpy(few, axes->axes, 2 * axes->features * sizeof *few);
    hg__free(axes->axes);
    axes->axes = few;
    axes->count = 2;
}

static void *compute(void *argument)
{
    struct hg__background *background = argument;
    struct hg__ladder_wish wish = {background->dataset, background->loss, background->rungs,
                                   &background->cancel};

    background->status = hg__ladder_climb(&wish, &background->ladder, &background->axes, NULL);
    if (background->status == HG_OK)
        keep_two(&background->axes);
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

const struct hg__pca *hg__background_axes(const struct hg__background *background)
{
    bool known = hg__background_done(background) && background->status == HG_OK;

    return known ? &background->axes : NULL;
}

void hg__background_stop(struct hg__background *background)
{
    __atomic_store_n(&background->cancel, true, __ATOMIC_RELAXED);
    if (background->started)
        pthread_join(background->thread, NULL);
    background->started = false;
    background->done = false;
    hg__pca_fini(&background->axes);
}
