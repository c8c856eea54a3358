/* A run from disk: opened, proved whole, its state read. */
#include "run/runfile.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum { HISTORY = 5 };

/* A tensor that must be there. */
static enum hg_status need(const struct hg_runfile *file, const char *name,
                           const struct hg__st_entry **entry, struct hg_error *error)
{
    *entry = hg__st_find(file->weights.st, name);
    if (*entry)
        return HG_OK;
    return hg_error_set(error, HG_DAMAGED, "%s: has no tensor %s", file->path, name);
}

static enum hg_status wrong(const struct hg_runfile *file, const char *name, struct hg_error *error)
{
    return hg_error_set(error, HG_DAMAGED, "%s: tensor %s: makes no sense", file->path, name);
}

/* Reads exactly `count` 8-byte numbers of this type. */
static enum hg_status read_fixed(const struct hg_runfile *file, const char *name,
                                 enum hg__st_type type, uint64_t count, void *out,
                                 struct hg_error *error)
{
    const struct hg__st_entry *entry;
    enum hg_status status = need(file, name, &entry, error);

    if (status != HG_OK)
        return status;
    if (entry->type != type || entry->count != count || entry->dims != 1)
        return hg_error_set(error, HG_DAMAGED, "%s: tensor %s: is not %llu 64-bit numbers",
                            file->path, name, (unsigned long long)count);
    return hg__st_read_words(file->weights.st, entry, out, error);
}

static enum hg_status read_progress(struct hg_runfile *file, struct hg_error *error)
{
    struct hg_progress *progress = &file->progress;
    int64_t state[HG__RUN_STATES];
    double sums[HG__RUN_SUM_COUNT];
    enum hg_status status = read_fixed(file, HG__RUN_STATE, HG__ST_I64, HG__RUN_STATES, state,
                                       error);

    if (status == HG_OK)
        status = read_fixed(file, HG__RUN_SUMS, HG__ST_F64, HG__RUN_SUM_COUNT, sums, error);
    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < HG__RUN_STATES; i++)
        if (state[i] < 0)
            return wrong(file, HG__RUN_STATE, error);
    progress->epoch = (uint64_t)state[0];
    progress->step = (uint64_t)state[1];
    progress->position = (uint64_t)state[2];
    progress->updates = (uint64_t)state[3];
    progress->best_epoch = (uint64_t)state[4];
    progress->worse_epochs = (uint64_t)state[5];
    progress->epoch_sum = sums[0];
    progress->last_train = sums[1];
    progress->best_validation = sums[2];
    progress->before_last = sums[3];
    return HG_OK;
}

/* The five columns, one after the other. */
static enum hg_status read_columns(const struct hg_runfile *file, double **columns, uint64_t *count,
                                   struct hg_error *error)
{
    static const char *const names[HISTORY] = {"history.epoch", "history.step", "history.train",
                                               "history.validation", "history.lr"};
    const struct hg__st_entry *entry;
    enum hg_status status = need(file, names[0], &entry, error);

    if (status != HG_OK)
        return status;
    *count = entry->count;
    *columns = hg__alloc((size_t)*count, HISTORY * sizeof **columns);
    if (!*columns)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory for its history", file->path);
    for (size_t i = 0; i < HISTORY && status == HG_OK; i++)
        status = read_fixed(file, names[i], HG__ST_F64, *count, *columns + i * *count, error);
    return status;
}

/* A number of epochs or steps: whole, and exact as a double. */
static bool is_count(double value)
{
    return value >= 1 && value <= 0x1p53 && value == floor(value);
}

static enum hg_status read_history(struct hg_runfile *file, struct hg_error *error)
{
    double *columns = NULL;
    uint64_t count = 0;
    enum hg_status status = read_columns(file, &columns, &count, error);

    for (uint64_t i = 0; i < count && status == HG_OK; i++) {
        struct hg_epoch epoch = {.train = columns[2 * count + i],
                                 .validation = columns[3 * count + i],
                                 .rate = columns[4 * count + i]};
        if (!is_count(columns[i]) || !is_count(columns[count + i]) ||
            (i && columns[i] <= columns[i - 1])) {
            status = wrong(file, "history.epoch", error);
            break;
        }
        epoch.epoch = (uint64_t)columns[i];
        epoch.step = (uint64_t)columns[count + i];
        status = hg_history_add(&file->history, &epoch, error);
    }
    hg__free(columns);
    return status;
}

static enum hg_status read_shape(struct hg_runfile *file, struct hg_error *error)
{
    int64_t shape[3], kind[3];
    double range[2];
    enum hg_status status = read_fixed(file, HG__RUN_SHAPE, HG__ST_I64, 3, shape, error);

    if (status == HG_OK)
        status = read_fixed(file, HG__RUN_KIND, HG__ST_I64, 3, kind, error);
    if (status == HG_OK)
        status = read_fixed(file, HG__RUN_RANGE, HG__ST_F64, 2, range, error);
    if (status != HG_OK)
        return status;
    for (int i = 0; i < 3; i++)
        if (shape[i] < 1 || shape[i] > INT32_MAX)
            return wrong(file, HG__RUN_SHAPE, error);
    if (shape[0] * shape[1] > INT32_MAX || shape[0] * shape[1] * shape[2] > INT32_MAX)
        return wrong(file, HG__RUN_SHAPE, error);
    if (kind[0] < 0 || kind[0] > 1 || kind[1] < 0 || kind[1] > HG_SCALE_STANDARD || kind[2] < 0 ||
        kind[2] > 1)
        return wrong(file, HG__RUN_KIND, error);
    file->shape = (struct hg_shape){(int)shape[0], (int)shape[1], (int)shape[2]};
    file->image = kind[0] == 1;
    file->scale.scaling = (enum hg_scaling)kind[1];
    file->scale.bounded = kind[2] == 1;
    file->scale.lowest = range[0];
    file->scale.highest = range[1];
    return HG_OK;
}

static enum hg_status read_scale(struct hg_runfile *file, struct hg_error *error)
{
    const struct hg__st_entry *entry;
    enum hg_status status = need(file, HG__RUN_FACTOR, &entry, error);
    size_t features = hg_shape_size(file->shape);

    if (status != HG_OK)
        return status;
    if (entry->count != 1 && entry->count != features)
        return wrong(file, HG__RUN_FACTOR, error);
    file->scale.scales = (size_t)entry->count;
    file->factor = hg__alloc(file->scale.scales, sizeof *file->factor);
    file->offset = hg__alloc(file->scale.scales, sizeof *file->offset);
    if (!file->factor || !file->offset)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", file->path);
    file->scale.factor = file->factor;
    file->scale.offset = file->offset;
    status = read_fixed(file, HG__RUN_FACTOR, HG__ST_F64, entry->count, file->factor, error);
    if (status == HG_OK)
        status = read_fixed(file, HG__RUN_OFFSET, HG__ST_F64, file->scale.scales, file->offset,
                            error);
    for (size_t i = 0; i < file->scale.scales && status == HG_OK; i++)
        if (!isfinite(file->factor[i]) || !isfinite(file->offset[i]))
            status = wrong(file, HG__RUN_FACTOR, error);
    return status;
}

static enum hg_status read_mean(struct hg_runfile *file, struct hg_error *error)
{
    const struct hg__st_entry *entry = hg__st_find(file->weights.st, HG__RUN_MEAN);
    size_t features = hg_shape_size(file->shape);
    enum hg_status status;

    if (!entry)
        return HG_OK;
    if (entry->count != features)
        return wrong(file, HG__RUN_MEAN, error);
    file->mean = hg__alloc(features, sizeof *file->mean);
    if (!file->mean)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", file->path);
    status = hg__st_read_floats(file->weights.st, entry, file->mean, error);
    for (size_t i = 0; i < features && status == HG_OK; i++)
        if (!isfinite(file->mean[i]))
            status = wrong(file, HG__RUN_MEAN, error);
    return status;
}

static enum hg_status read_meta(struct hg_runfile *file, struct hg_error *error)
{
    const struct hg__st_file *st = file->weights.st;
    const char *format = hg__st_meta(st, "format"), *version = hg__st_meta(st, "version");

    file->config = hg__st_meta(st, "config");
    file->version = hg__st_meta(st, "library");
    if (!format || strcmp(format, "hourglass") != 0 || !version || !file->config || !file->version)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: header: is no run of hourglass (weights from elsewhere serve "
                            "--init only)",
                            file->path);
    if (strcmp(version, HG__RUN_VERSION) != 0)
        return hg_error_set(
            error, HG_DAMAGED,
            "%s: header: version %s, written by hourglass %s; this one reads version " HG__RUN_VERSION,
            file->path, version, file->version);
    return HG_OK;
}

static enum hg_status read_run(struct hg_runfile *file, struct hg_error *error)
{
    enum hg_status status = hg__st_open(file->path, &file->weights.st, error);

    if (status == HG_OK)
        status = hg__st_verify(file->weights.st, error);
    if (status == HG_OK)
        status = read_meta(file, error);
    if (status == HG_OK)
        status = read_progress(file, error);
    if (status == HG_OK)
        status = read_history(file, error);
    if (status == HG_OK)
        status = read_shape(file, error);
    if (status == HG_OK)
        status = read_scale(file, error);
    if (status == HG_OK)
        status = read_mean(file, error);
    return status;
}

enum hg_status hg_runfile_open(const char *path, bool weights_only, struct hg_runfile **file,
                               struct hg_error *error)
{
    struct hg_runfile *made = hg__alloc(1, sizeof *made);
    enum hg_status status = HG_OK;

    *file = NULL;
    if (made)
        made->path = hg__strdup(path);
    if (!made || !made->path)
        status = hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", path);
    else if (weights_only)
        status = hg__weights_open(&made->weights, path, error);
    else
        status = read_run(made, error);
    if (status != HG_OK) {
        hg_runfile_close(made);
        return status;
    }
    made->weights_only = weights_only;
    *file = made;
    return HG_OK;
}

void hg_runfile_close(struct hg_runfile *file)
{
    if (!file)
        return;
    hg__weights_close(&file->weights);
    hg_history_fini(&file->history);
    hg__free(file->factor);
    hg__free(file->offset);
    hg__free(file->mean);
    hg__free(file->path);
    hg__free(file);
}

const char *hg_runfile_path(const struct hg_runfile *file)
{
    return file->path;
}

const char *hg_runfile_config(const struct hg_runfile *file)
{
    return file->config;
}

enum hg_status hg_runfile_read_config(const struct hg_runfile *file, struct hg_spec *spec,
                                      struct hg_error *error)
{
    enum hg_status status = hg_spec_parse(spec, file->config, file->path, error);

    if (status != HG_USAGE)
        return status;
    if (error)
        error->status = HG_DAMAGED;
    return HG_DAMAGED;
}

const struct hg_progress *hg_runfile_progress(const struct hg_runfile *file)
{
    return &file->progress;
}

const struct hg_history *hg_runfile_history(const struct hg_runfile *file)
{
    return &file->history;
}

const char *hg_runfile_version(const struct hg_runfile *file)
{
    return file->version;
}

struct hg_shape hg_runfile_shape(const struct hg_runfile *file)
{
    return file->shape;
}

bool hg_runfile_image(const struct hg_runfile *file)
{
    return file->image;
}

const float *hg_runfile_mean(const struct hg_runfile *file)
{
    return file->mean;
}

struct hg_scale_found hg_runfile_scale(const struct hg_runfile *file)
{
    return file->scale;
}

bool hg_runfile_recognise(const char *path)
{
    return hg__st_recognise(path);
}
