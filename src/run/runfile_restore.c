/* Weights, buffers and moments of a file into a model. */
#include "run/runfile.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "64x784" */
static void show_shape(char *out, size_t size, int dims, const uint64_t *shape)
{
    size_t used = 0;

    snprintf(out, size, "%s", dims ? "" : "a single number");
    for (int i = 0; i < dims && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%llu", i ? "x" : "",
                                 (unsigned long long)shape[i]);
}

static bool same_shape(const struct hg__weights_entry *entry, const struct hg_tensor_info *info)
{
    if (entry->dims != info->dims)
        return false;
    for (int i = 0; i < info->dims; i++)
        if (entry->shape[i] != info->shape[i])
            return false;
    return true;
}

static enum hg_status unfit(const struct hg_runfile *file, const char *name,
                            const struct hg__weights_entry *entry,
                            const struct hg_tensor_info *info, struct hg_error *error)
{
    enum hg_status status = file->weights_only ? HG_USAGE : HG_DAMAGED;
    uint64_t wanted[HG_TENSOR_DIMS];
    char has[120], wants[120];

    for (int i = 0; i < info->dims; i++)
        wanted[i] = info->shape[i];
    show_shape(wants, sizeof wants, info->dims, wanted);
    if (!entry)
        return hg_error_set(error, status, "%s: has no %s, which this network needs (%s)",
                            file->path, name, wants);
    show_shape(has, sizeof has, entry->dims, entry->shape);
    return hg_error_set(error, status, "%s: %s is %s, but this network needs %s", file->path, name,
                        has, wants);
}

/* One part of the model's tensors, under a prefix. */
struct part {
    const char *prefix;
    enum hg_tensor_part part;
};

static void name_of(const struct part *part, const struct hg_tensor_info *info,
                    char name[HG__ST_NAME])
{
    snprintf(name, HG__ST_NAME, "%s%s", part->prefix, info->name);
}

/* Finds a tensor. *found is false only for what need not be there: moments of
 * buffers, and the buffers of weights from elsewhere. */
static enum hg_status find(const struct hg_runfile *file, const struct part *part,
                           const struct hg_tensor_info *info, bool *found,
                           struct hg__weights_entry *entry, struct hg_error *error)
{
    bool optional = file->weights_only && !info->trainable;
    char name[HG__ST_NAME];
    enum hg_status status;

    *found = false;
    if (part->part != HG_PART_VALUE && !info->trainable)
        return HG_OK;
    name_of(part, info, name);
    status = hg__weights_find(&file->weights, name, found, entry, error);
    if (status != HG_OK)
        return status;
    if (!*found)
        return optional ? HG_OK : unfit(file, name, NULL, info, error);
    return same_shape(entry, info) ? HG_OK : unfit(file, name, entry, info, error);
}

/* Only looks, so that a file that does not fit changes nothing. */
static enum hg_status check_part(const struct hg_runfile *file, const struct part *part,
                                 const struct hg_model *model, struct hg_error *error)
{
    struct hg__weights_entry entry;
    enum hg_status status = HG_OK;
    bool found;

    for (size_t i = 0; i < hg_model_tensors(model) && status == HG_OK; i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        status = find(file, part, &info, &found, &entry, error);
    }
    return status;
}

/* A run resumes with whatever numbers it had; weights from elsewhere must make sense. */
static enum hg_status check_finite(const struct hg_runfile *file, const char *name,
                                   const float *values, size_t count, struct hg_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return hg_error_set(error, HG_DAMAGED, "%s: %s: number %zu is not finite", file->path,
                                name, i);
    return HG_OK;
}

static enum hg_status copy_part(const struct hg_runfile *file, const struct part *part,
                                struct hg_model *model, float *scratch, struct hg_error *error)
{
    struct hg__weights_entry entry;
    enum hg_status status = HG_OK;
    char name[HG__ST_NAME];
    bool found;

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        status = find(file, part, &info, &found, &entry, error);
        if (status == HG_OK && found) {
            name_of(part, &info, name);
            status = hg__weights_read(&file->weights, &entry, scratch, error);
            if (status == HG_OK && file->weights_only)
                status = check_finite(file, name, scratch, info.count, error);
        }
        if (status != HG_OK)
            return status;
        if (found)
            hg_model_write(model, i, part->part, scratch);
    }
    return HG_OK;
}

static size_t largest_tensor(const struct hg_model *model)
{
    size_t largest = 1;

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        size_t count = hg_model_tensor(model, i).count;
        largest = count > largest ? count : largest;
    }
    return largest;
}

enum hg_status hg_runfile_restore(const struct hg_runfile *file, struct hg_model *model,
                                  struct hg_error *error)
{
    static const struct part parts[] = {
        {"", HG_PART_VALUE}, {HG__RUN_FIRST, HG_PART_FIRST}, {HG__RUN_SECOND, HG_PART_SECOND}};
    size_t count = file->weights_only ? 1 : sizeof parts / sizeof *parts;
    float *scratch = hg__alloc(largest_tensor(model), sizeof *scratch);
    enum hg_status status = HG_OK;

    if (!scratch)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", file->path);
    for (size_t i = 0; i < count && status == HG_OK; i++)
        status = check_part(file, &parts[i], model, error);
    for (size_t i = 0; i < count && status == HG_OK; i++)
        status = copy_part(file, &parts[i], model, scratch, error);
    hg__free(scratch);
    return status;
}

bool hg_runfile_best(const struct hg_runfile *file, const struct hg_model *model, float **best)
{
    const struct part part = {HG__RUN_BEST, HG_PART_VALUE};
    struct hg__weights_entry entry;
    char name[HG__ST_NAME];
    bool found = !file->weights_only;

    for (size_t i = 0; i < hg_model_tensors(model) && found; i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        name_of(&part, &info, name);
        found = hg__weights_find(&file->weights, name, &found, &entry, NULL) == HG_OK && found &&
                same_shape(&entry, &info) &&
                hg__weights_read(&file->weights, &entry, best[i], NULL) == HG_OK;
    }
    return found;
}
