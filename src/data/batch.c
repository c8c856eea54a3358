#include "data/batch.h"

#include "base/mem.h"
#include "base/rng.h"

#include <string.h>

enum hg_status hg__batcher_init(struct hg__batcher *batcher, const struct hg_dataset *dataset,
                                uint64_t seed, struct hg_error *error)
{
    *batcher = (struct hg__batcher){.dataset = dataset, .seed = seed};
    batcher->order = hg__alloc(dataset->training, sizeof *batcher->order);
    if (!batcher->order)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the order of %zu samples",
                            dataset->training);
    return HG_OK;
}

void hg__batcher_fini(struct hg__batcher *batcher)
{
    hg__free(batcher->order);
    hg__free(batcher->target);
    hg__free(batcher->input);
    *batcher = (struct hg__batcher){0};
}

enum hg_status hg__batcher_reserve(struct hg__batcher *batcher, size_t samples, bool corrupting,
                                   struct hg_error *error)
{
    size_t features = batcher->dataset->features;

    if (samples > batcher->room) {
        float *target = hg__alloc_aligned(samples * features, sizeof *target);
        if (!target)
            return hg_error_set(error, HG_NO_MEMORY, "no memory for a batch of %zu samples",
                                samples);
        hg__free(batcher->target);
        hg__free(batcher->input);
        batcher->target = target;
        batcher->input = NULL;
        batcher->room = samples;
    }
    if (corrupting && !batcher->input) {
        batcher->input = hg__alloc_aligned(batcher->room * features, sizeof *batcher->input);
        if (!batcher->input)
            return hg_error_set(error, HG_NO_MEMORY, "no memory for a batch of %zu samples",
                                samples);
    }
    return HG_OK;
}

void hg__batcher_start(struct hg__batcher *batcher, uint64_t epoch, bool shuffle)
{
    const struct hg_dataset *dataset = batcher->dataset;
    struct hg__rng rng;

    memcpy(batcher->order, dataset->order, dataset->training * sizeof *batcher->order);
    if (!shuffle)
        return;
    hg__rng_start(&rng, batcher->seed, HG__RNG_SHUFFLE, epoch, 0);
    hg__rng_shuffle(&rng, batcher->order, dataset->training);
}

/* Are these samples simply the first `count` rows of the data? */
static bool is_whole(const struct hg__batcher *batcher, size_t position, size_t count)
{
    const struct hg_dataset *dataset = batcher->dataset;

    return position == 0 && count == dataset->training && dataset->validation == 0;
}

void hg__batcher_take(struct hg__batcher *batcher, size_t position, size_t count,
                      const struct hg_corrupt *corrupt, uint64_t step, const float **input,
                      const float **target)
{
    const struct hg_dataset *dataset = batcher->dataset;
    size_t features = dataset->features, bytes = features * sizeof(float);

    if (is_whole(batcher, position, count)) {
        *target = dataset->values;
    } else {
        for (size_t i = 0; i < count; i++)
            memcpy(batcher->target + i * features,
                   dataset->values + batcher->order[position + i] * features, bytes);
        *target = batcher->target;
    }
    *input = *target;
    if (corrupt->kind == HG_CORRUPT_NONE)
        return;
    memcpy(batcher->input, *target, count * bytes);
    hg_corrupt_apply(corrupt, batcher->input, count, features, dataset->lowest, dataset->highest,
                     batcher->seed, step);
    *input = batcher->input;
}
