/* What the next update would do to every weight, without doing it. */
#include "base/mem.h"
#include "run/health.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

/* Weights of one tensor whose update is worked out; of more, evenly spaced ones stand for all. */
enum { UPDATES_MOST = 16384 };

static const size_t nowhere = (size_t)-1;

struct parts {
    float *value, *gradient, *first, *second; /* of one tensor */
};

/* How one weight moves: INTERFACE, section 3. `g` has decay, l1 and clip in it. */
static double change(const struct hg_update *update, double g, double first, double second)
{
    double m = update->beta1 * first + (1 - update->beta1) * g;
    double v = update->beta2 * second + (1 - update->beta2) * g * g;
    double t = (double)update->count + 1;

    switch (update->optimizer) {
    case HG_MOMENTUM:
        return update->rate * m;
    case HG_NESTEROV:
        return update->rate * (g + update->beta1 * (update->beta1 * first + g));
    case HG_RMSPROP:
        return update->rate * g / (sqrt(v) + update->epsilon);
    case HG_ADAM:
    case HG_ADAMW:
        m /= 1 - pow(update->beta1, t);
        v /= 1 - pow(update->beta2, t);
        return update->rate * m / (sqrt(v) + update->epsilon);
    default:
        return update->rate * g;
    }
}

static double penalised(const struct hg_update *update, double g, double value, double scale)
{
    if (update->optimizer != HG_ADAMW)
        g += update->weight_decay * value;
    return scale * (g + update->l1 * ((value > 0) - (value < 0)));
}

static void read_tensor(const struct hg_model *model, size_t tensor, const struct parts *parts)
{
    hg_model_read(model, tensor, HG_PART_VALUE, parts->value);
    hg_model_read(model, tensor, HG_PART_GRADIENT, parts->gradient);
    hg_model_read(model, tensor, HG_PART_FIRST, parts->first);
    hg_model_read(model, tensor, HG_PART_SECOND, parts->second);
}

/* The factor of train.clip: one norm over all parameters. */
static double clip_factor(const struct hg_model *model, const struct hg_update *update,
                          const struct parts *parts)
{
    double squares = 0;

    if (!(update->clip > 0))
        return 1;
    for (size_t t = 0; t < hg_model_tensors(model); t++) {
        struct hg_tensor_info info = hg_model_tensor(model, t);
        if (!info.trainable)
            continue;
        hg_model_read(model, t, HG_PART_VALUE, parts->value);
        hg_model_read(model, t, HG_PART_GRADIENT, parts->gradient);
        for (size_t i = 0; i < info.count; i++) {
            double g = (double)parts->gradient[i];
            if (info.dims > 1)
                g = penalised(update, g, (double)parts->value[i], 1);
            squares += g * g;
        }
    }
    return squares > update->clip * update->clip ? update->clip / sqrt(squares) : 1;
}

/* A tied layer moves with the one whose weight it uses. */
static size_t tensor_of(const struct hg_model *model, size_t layer)
{
    int tied = model->plan.layers.layer[layer].kind == HG__DENSE
                   ? model->plan.layers.layer[layer].tied
                   : HG__UNTIED;

    if (tied != HG__UNTIED)
        layer = (size_t)tied;
    for (size_t t = 0; t < model->tensors; t++)
        if (model->tensor[t].layer == layer && model->tensor[t].info.dims > 1)
            return t;
    return nowhere;
}

static double root_mean(double squares, size_t count)
{
    return sqrt(squares / (double)count);
}

static void judge_tensor(const struct hg_update *update, const struct parts *parts, size_t count,
                         double scale, struct hg_layer_health *health)
{
    size_t stride = (count + UPDATES_MOST - 1) / UPDATES_MOST, taken = 0;
    double gradients = 0, values = 0, changes = 0, some = 0;

    for (size_t i = 0; i < count; i++) {
        gradients += (double)parts->gradient[i] * (double)parts->gradient[i];
        values += (double)parts->value[i] * (double)parts->value[i];
    }
    for (size_t i = 0; i < count; i += stride, taken++) {
        double value = (double)parts->value[i];
        double g = penalised(update, (double)parts->gradient[i], value, scale);
        double moved = change(update, g, (double)parts->first[i], (double)parts->second[i]);
        if (update->optimizer == HG_ADAMW)
            moved += update->rate * update->weight_decay * value;
        changes += moved * moved;
        some += value * value;
    }
    health->gradient = root_mean(gradients, count);
    health->weight = root_mean(values, count);
    health->update = some > 0 ? sqrt(changes / some) : NAN;
}

static void judge_all(struct hg_trainer *trainer, const struct parts *parts,
                      struct hg_health *health)
{
    const struct hg_model *model = trainer->experiment->model;
    struct hg_update update = trainer->update;
    struct hg_batch batch;
    double scale;

    update.rate = hg_trainer_rate(trainer);
    hg__trainer_next_batch(trainer, &batch);
    hg_model_differentiate(trainer->experiment->model, &batch, NULL, NULL);
    scale = clip_factor(model, &update, parts);
    for (size_t i = 0; i < health->layers; i++) {
        size_t tensor = tensor_of(model, health->layer[i].layer);
        health->layer[i].gradient = health->layer[i].weight = health->layer[i].update = NAN;
        if (tensor == nowhere)
            continue;
        read_tensor(model, tensor, parts);
        judge_tensor(&update, parts, hg_model_tensor(model, tensor).count, scale,
                     &health->layer[i]);
    }
}

enum hg_status hg__health_updates(struct hg_trainer *trainer, struct hg_health *health,
                                  struct hg_error *error)
{
    const struct hg_model *model = trainer->experiment->model;
    struct parts parts;
    float *room;
    size_t largest = 1;

    for (size_t t = 0; t < hg_model_tensors(model); t++) {
        size_t count = hg_model_tensor(model, t).count;
        largest = count > largest ? count : largest;
    }
    room = hg__alloc_aligned(4 * largest, sizeof *room);
    if (!room)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to measure the updates");
    parts = (struct parts){room, room + largest, room + 2 * largest, room + 3 * largest};
    judge_all(trainer, &parts, health);
    hg__free(room);
    return HG_OK;
}
