/* A copy of a training as it stands, to the bit. */
#include "run/fork.h"

#include "base/mem.h"
#include "engine/model.h"
#include "run/checkup.h"
#include "run/trainer_state.h"
#include "run/travel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory for a copy of the run");
}

/* The copy must fit beside what is there. */
static enum hg_status check_memory(const struct hg_trainer *from, struct hg_error *error)
{
    const struct hg_experiment *experiment = from->experiment;
    const struct hg_dataset *dataset = experiment->dataset;
    double model = (double)hg__layout_bytes(experiment->model, experiment->model->asked);
    double data = (double)dataset->samples * (double)dataset->features * sizeof(float);
    double states = from->travel ? (double)from->travel->ring.used : 0;
    double most = (double)hg_context_max_memory(experiment->context);

    if (2 * model + data + states <= most)
        return HG_OK;
    return hg_error_set(error, HG_NO_MEMORY,
                        "no copy: it takes %.1f MiB more, and of the %.0f MiB that may be used "
                        "%.1f are taken (--max-memory)",
                        model / 0x1p20, most / 0x1p20, (model + data + states) / 0x1p20);
}

/* All that training moves, through a buffer: the two networks lie alike. */
static enum hg_status copy_model(struct hg_trainer *twin, const struct hg_trainer *from,
                                 struct hg_error *error)
{
    const struct hg_model *model = from->experiment->model;
    enum hg_optimizer optimizer = from->update.optimizer;
    float *state = hg__alloc_aligned(hg_model_whole_count(model, optimizer), sizeof *state);

    if (!state)
        return no_memory(error);
    hg_model_whole_save(model, optimizer, state);
    hg_model_whole_restore(twin->experiment->model, optimizer, state);
    hg__free(state);
    return HG_OK;
}

static enum hg_status copy_states(struct hg_trainer *twin, const struct hg_trainer *from,
                                  struct hg_error *error)
{
    size_t values = hg_model_state_count(from->experiment->model);

    twin->series = hg__alloc(1, sizeof *twin->series);
    twin->good = from->good;
    twin->good.state = hg__alloc_aligned(from->good.room, sizeof *twin->good.state);
    if (from->best)
        twin->best = hg__alloc_aligned(values, sizeof *twin->best);
    if (!twin->series || !twin->good.state || (from->best && !twin->best))
        return no_memory(error);
    memcpy(twin->series, from->series, sizeof *twin->series);
    memcpy(twin->good.state, from->good.state, from->good.room * sizeof *twin->good.state);
    if (from->best)
        memcpy(twin->best, from->best, values * sizeof *twin->best);
    for (size_t i = 0; i < from->history.count; i++)
        if (hg_history_add(&twin->history, &from->history.epochs[i], error))
            return HG_NO_MEMORY;
    return copy_model(twin, from, error);
}

static void copy_numbers(struct hg_trainer *twin, const struct hg_trainer *from)
{
    twin->update = from->update;
    twin->progress = from->progress;
    twin->end = from->end;
    twin->loss = from->loss;
    twin->samples = from->samples;
    twin->end_epochs = from->end_epochs;
    twin->end_steps = from->end_steps;
    twin->logged = from->logged;
    twin->saved_step = from->saved_step;
    twin->saved_epoch = from->saved_epoch;
    twin->changed = true; /* no file holds it */
    twin->started = from->started;
    twin->epoch_started = from->epoch_started;
    twin->epoch_seconds = from->epoch_seconds;
    twin->saved_at = from->saved_at;
}

static enum hg_status copy(struct hg_trainer *twin, const struct hg_trainer *from, size_t bytes,
                           struct hg_error *error)
{
    const struct hg_experiment *experiment;
    enum hg_status status = hg__experiment_twin(from->experiment, &twin->experiment, error);

    if (status)
        return status;
    experiment = twin->experiment;
    status = hg__batcher_init(&twin->batcher, experiment->dataset,
                              (uint64_t)experiment->spec.model.seed, error);
    copy_numbers(twin, from);
    if (status == HG_OK)
        status = hg__trainer_configure(twin, error);
    if (status == HG_OK)
        status = copy_states(twin, from, error);
    if (status == HG_OK)
        status = hg_trainer_remember(twin, bytes, error);
    if (status == HG_OK)
        snprintf(twin->travel->born, sizeof twin->travel->born,
                 "the copy was made here, at step %" PRIu64 ": v shows the run as it was",
                 twin->progress.step);
    return status;
}

enum hg_status hg__trainer_twin(const struct hg_trainer *from, struct hg_log *log, size_t bytes,
                                struct hg_trainer **twin, struct hg_error *error)
{
    struct hg_trainer *made;
    enum hg_status status = check_memory(from, error);

    *twin = NULL;
    if (status)
        return status;
    made = hg__alloc(1, sizeof *made);
    if (!made)
        return no_memory(error);
    status = copy(made, from, bytes, error);
    if (status) {
        hg__trainer_drop(made);
        return status;
    }
    made->log = log;
    if (log)
        made->checkup = hg__checkup_twin(from->checkup);
    *twin = made;
    return HG_OK;
}

void hg__trainer_drop(struct hg_trainer *trainer)
{
    if (trainer && trainer->experiment)
        trainer->experiment->dataset = NULL;
    hg_trainer_destroy(trainer);
}
