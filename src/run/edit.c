/* A single parameter changed by hand. */
#include "run/trainer_state.h"

#include "base/number.h"
#include "run/travel.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a parameter is: the number `at` of tensor `index`. */
struct place {
    size_t index, at;
};

bool hg__is_edit(const char *key)
{
    const char *bracket = strchr(key, '[');

    return bracket && bracket > key && key[strlen(key) - 1] == ']';
}

static enum hg_status not_there(const char *key, struct hg_error *error)
{
    return hg_error_set(error, HG_USAGE, "no parameter is called '%.100s'", key);
}

/* "[3,17]" in the shape of the tensor. */
static bool read_place(const char *text, const struct hg_tensor_info *tensor, size_t *at)
{
    *at = 0;
    for (int d = 0; d < tensor->dims; d++) {
        unsigned long long index;
        char *end;
        if (*text != (d ? ',' : '[') || text[1] < '0' || text[1] > '9')
            return false;
        index = strtoull(text + 1, &end, 10);
        if (index >= tensor->shape[d])
            return false;
        *at = *at * tensor->shape[d] + (size_t)index;
        text = end;
    }
    return strcmp(text, "]") == 0;
}

static enum hg_status find(const struct hg_model *model, const char *key, struct place *place,
                           struct hg_error *error)
{
    size_t length = strcspn(key, "[");

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info tensor = hg_model_tensor(model, i);
        if (strlen(tensor.name) != length || strncmp(tensor.name, key, length) != 0)
            continue;
        place->index = i;
        if (!tensor.trainable)
            return hg_error_set(error, HG_USAGE, "%s is a running statistic, no parameter",
                                tensor.name);
        return read_place(key + length, &tensor, &place->at) ? HG_OK : not_there(key, error);
    }
    return not_there(key, error);
}

static enum hg_status read_value(const char *text, float *value, struct hg_error *error)
{
    double real;

    if (!hg__parse_real(text, &real) || fabs(real) > (double)FLT_MAX)
        return hg_error_set(error, HG_USAGE, "'%.40s' is no value; accepted: a number", text);
    *value = (float)real;
    return HG_OK;
}

enum hg_status hg__trainer_apply_edit(struct hg_trainer *trainer, const char *key, const char *to,
                                      struct hg_error *error)
{
    struct hg_model *model = trainer->experiment->model;
    struct place place;
    float value = 0;
    enum hg_status status = find(model, key, &place, error);

    if (status == HG_OK)
        status = read_value(to, &value, error);
    if (status == HG_OK)
        hg_model_set_value(model, place.index, place.at, value);
    return status;
}

/* Nine digits tell every float from all others; '.' whatever the locale. */
static void write_value(char out[32], float value)
{
    char *comma;

    snprintf(out, 32, "%.9g", (double)value);
    if ((comma = strchr(out, ',')))
        *comma = '.';
}

enum hg_status hg_trainer_edit(struct hg_trainer *trainer, const char *key, const char *text,
                               struct hg_error *error)
{
    struct hg_model *model = trainer->experiment->model;
    struct place place;
    char from[32], to[32];
    float value = 0;
    enum hg_status status = find(model, key, &place, error);

    if (status == HG_OK)
        status = read_value(text, &value, error);
    if (status)
        return status;
    if (trainer->end == HG_END_DIVERGED)
        return hg_error_set(error, HG_USAGE,
                            "training diverged: u goes back to before it, r starts again");
    write_value(from, hg_model_value(model, place.index, place.at));
    write_value(to, value);
    if (strcmp(from, to) == 0)
        return HG_OK;
    hg__travel_commit(trainer);
    hg_model_set_value(model, place.index, place.at, value);
    hg_log_change(trainer->log, trainer->progress.step, key, from, to);
    hg__travel_note(trainer, key, from, to, false);
    trainer->changed = true;
    return HG_OK;
}
