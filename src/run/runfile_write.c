/* A run to disk. */
#include "run/runfile.h"

#include "base/mem.h"
#include "hourglass/hourglass.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HISTORY = 5, FIXED = 16, PARTS = 4 };

/* What is being written: the list of tensors, and the numbers that the run does
 * not hold in the form of the file. */
struct plan {
    const struct hg_run *run;
    struct hg__st_tensor *tensor;
    size_t count;
    int64_t rng[3], state[HG__RUN_STATES], shape[3], kind[3];
    double sums[HG__RUN_SUM_COUNT], range[2];
    double *history; /* epoch, step, train, validation, lr, a column each */
    float *scratch;  /* one tensor */
};

/* Every NaN has the same bytes. */
static double plain(double value)
{
    return isnan(value) ? (double)NAN : value;
}

static struct hg__st_tensor *add(struct plan *plan, enum hg__st_type type, uint64_t length,
                                 const void *data)
{
    struct hg__st_tensor *tensor = &plan->tensor[plan->count++];

    tensor->type = type;
    tensor->dims = 1;
    tensor->shape[0] = length;
    tensor->data = data;
    return tensor;
}

static void add_named(struct plan *plan, const char *name, enum hg__st_type type, uint64_t length,
                      const void *data)
{
    snprintf(add(plan, type, length, data)->name, HG__ST_NAME, "%s", name);
}

static void add_progress(struct plan *plan)
{
    const struct hg_progress *progress = plan->run->progress;
    const uint64_t state[HG__RUN_STATES] = {progress->epoch,      progress->step,
                                            progress->position,   progress->updates,
                                            progress->best_epoch, progress->worse_epochs};

    for (size_t i = 0; i < HG__RUN_STATES; i++)
        plan->state[i] = (int64_t)state[i];
    plan->rng[0] = plan->run->spec->model.seed;
    plan->rng[1] = plan->state[0];
    plan->rng[2] = plan->state[1];
    plan->sums[0] = plain(progress->epoch_sum);
    plan->sums[1] = plain(progress->last_train);
    plan->sums[2] = plain(progress->best_validation);
    plan->sums[3] = plain(progress->before_last);
    add_named(plan, HG__RUN_RNG, HG__ST_I64, 3, plan->rng);
    add_named(plan, HG__RUN_STATE, HG__ST_I64, HG__RUN_STATES, plan->state);
    add_named(plan, HG__RUN_SUMS, HG__ST_F64, HG__RUN_SUM_COUNT, plan->sums);
}

static void add_history(struct plan *plan)
{
    static const char *const names[HISTORY] = {"history.epoch", "history.step", "history.train",
                                               "history.validation", "history.lr"};
    const struct hg_history *history = plan->run->history;

    for (size_t i = 0; i < history->count; i++) {
        const struct hg_epoch *epoch = &history->epochs[i];
        const double row[HISTORY] = {(double)epoch->epoch, (double)epoch->step, plain(epoch->train),
                                     plain(epoch->validation), plain(epoch->rate)};
        for (size_t k = 0; k < HISTORY; k++)
            plan->history[k * history->count + i] = row[k];
    }
    for (size_t k = 0; k < HISTORY; k++)
        add_named(plan, names[k], HG__ST_F64, history->count, plan->history + k * history->count);
}

static void add_data(struct plan *plan)
{
    const struct hg_dataset *data = plan->run->dataset;

    plan->shape[0] = data->shape.channels;
    plan->shape[1] = data->shape.rows;
    plan->shape[2] = data->shape.columns;
    plan->kind[0] = data->image;
    plan->kind[1] = data->scaling;
    plan->kind[2] = data->bounded;
    plan->range[0] = plain(data->lowest);
    plan->range[1] = plain(data->highest);
    add_named(plan, HG__RUN_SHAPE, HG__ST_I64, 3, plan->shape);
    add_named(plan, HG__RUN_KIND, HG__ST_I64, 3, plan->kind);
    add_named(plan, HG__RUN_RANGE, HG__ST_F64, 2, plan->range);
    add_named(plan, HG__RUN_FACTOR, HG__ST_F64, data->scales, data->factor);
    add_named(plan, HG__RUN_OFFSET, HG__ST_F64, data->scales, data->offset);
}

/* One part of every tensor of the model. `data`: NULL = ask the model. */
static void add_model(struct plan *plan, const char *prefix, enum hg_tensor_part part,
                      float *const *data)
{
    size_t count = hg_model_tensors(plan->run->model);

    for (size_t i = 0; i < count; i++) {
        struct hg_tensor_info info = hg_model_tensor(plan->run->model, i);
        struct hg__st_tensor *tensor;
        if (part != HG_PART_VALUE && !info.trainable)
            continue;
        tensor = add(plan, HG__ST_F32, 0, data ? data[i] : NULL);
        snprintf(tensor->name, sizeof tensor->name, "%s%s", prefix, info.name);
        tensor->dims = info.dims;
        for (int d = 0; d < info.dims; d++)
            tensor->shape[d] = info.shape[d];
        tensor->index = i * PARTS + (size_t)part;
    }
}

static const void *fetch(void *self, const struct hg__st_tensor *tensor)
{
    struct plan *plan = self;

    hg_model_read(plan->run->model, tensor->index / PARTS,
                  (enum hg_tensor_part)(tensor->index % PARTS), plan->scratch);
    return plan->scratch;
}

static bool make_room(struct plan *plan)
{
    size_t tensors = hg_model_tensors(plan->run->model), largest = 1;

    for (size_t i = 0; i < tensors; i++) {
        size_t count = hg_model_tensor(plan->run->model, i).count;
        largest = count > largest ? count : largest;
    }
    plan->tensor = hg__alloc(FIXED + PARTS * tensors, sizeof *plan->tensor);
    plan->history = hg__alloc(HISTORY * plan->run->history->count, sizeof *plan->history);
    plan->scratch = hg__alloc(largest, sizeof *plan->scratch);
    return plan->tensor && plan->history && plan->scratch;
}

/* 8-byte tensors first, so that all stand at multiples of their size. */
static enum hg_status write_plan(const char *path, struct plan *plan, char *config,
                                 struct hg_error *error)
{
    const struct hg_run *run = plan->run;
    char epoch[32], step[32];
    const struct hg__st_pair meta[] = {{(char *)"format", (char *)"hourglass"},
                                       {(char *)"version", (char *)HG__RUN_VERSION},
                                       {(char *)"library", (char *)(uintptr_t)hg_version()},
                                       {(char *)"config", config},
                                       {(char *)"epoch", epoch},
                                       {(char *)"step", step}};
    struct hg__st_content content = {
        .meta = meta, .meta_count = sizeof meta / sizeof *meta, .fetch = fetch, .self = plan};

    snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)run->progress->epoch);
    snprintf(step, sizeof step, "%llu", (unsigned long long)run->progress->step);
    add_progress(plan);
    add_history(plan);
    add_data(plan);
    add_model(plan, "", HG_PART_VALUE, NULL);
    add_model(plan, HG__RUN_FIRST, HG_PART_FIRST, NULL);
    add_model(plan, HG__RUN_SECOND, HG_PART_SECOND, NULL);
    if (run->best)
        add_model(plan, HG__RUN_BEST, HG_PART_VALUE, run->best);
    if (run->spec->data.center)
        add_named(plan, HG__RUN_MEAN, HG__ST_F32, run->dataset->features, run->dataset->mean);
    content.tensor = plan->tensor;
    content.count = plan->count;
    return hg__st_write(path, &content, error);
}

enum hg_status hg_runfile_write(const char *path, const struct hg_run *run, struct hg_error *error)
{
    struct plan plan = {.run = run};
    char *config = hg_spec_text(run->spec, HG_SPEC_RUN);
    enum hg_status status;

    if (config && make_room(&plan))
        status = write_plan(path, &plan, config, error);
    else
        status = hg_error_set(error, HG_NO_MEMORY, "%s: no memory to write it", path);
    hg__free(plan.tensor);
    hg__free(plan.history);
    hg__free(plan.scratch);
    hg_free_text(config);
    return status;
}
