/* Does the optimizer do what its formula says? One update of the engine against the formulas of
 * INTERFACE section 3 in double precision. */
#include "engine/gradcheck.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* How well the gradient behind an update is known: two ways to compute it differ in rounding, by
 * these shares of itself, of its tensor's root mean square and of the largest tensor's.
 * Where the update depends on more than that (the sign of next to nothing, under adam), nothing
 * is asked of it. */
static const double own_rounding = 1e-4, tensor_rounding = 1e-4, other_rounding = 1e-5;
/* And what storing values and moments in single precision does. */
static const double step_rounding = 1e-4, value_rounding = 3e-7;
/* Below the least normal number float32 arithmetic may give 0; a moment begins with a small share
 * of the gradient, so that it gets there earlier. */
static const double underflow = FLT_MIN, gradient_underflow = 1e4 * FLT_MIN;
/* The norm, for clip, and second moments are made of squares, which float32 must hold: nothing is
 * asked of an update that comes from more. */
static const double most_squares = FLT_MAX;
/* A tensor's update is wrong when more than this share of it is not explained. */
static const double unexplained = 0.01;

/* All that the engine's update came from and led to. */
struct trial {
    struct hg_model *model;
    const struct hg_update *update; /* count is the t of the step */
    bool first, second;             /* moments the optimizer has */
    float *area;
    float *before, *gradient, *m, *v, *running; /* copies; `after` is the model itself */
    double clip;                                /* factor on the gradient */
    double scale;                               /* largest root mean square of a tensor */
    double squares;                             /* of the whole gradient, with its penalties */
};

/* Of a tensor's parameters, so many are looked at, evenly spaced. */
enum { MOST = 16384 };

/* The formula, with one of the bugs: what the moments are divided by. */
struct formula {
    double first, second;
};

/* One parameter. */
struct cell {
    double value, gradient, m, v;
    bool weighs;
};

/* ---- the formulas ---- */

static double sign(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static double penalized(const struct trial *trial, const struct cell *c)
{
    const struct hg_update *u = trial->update;
    double decay = u->optimizer == HG_ADAMW ? 0 : u->weight_decay;

    return c->gradient + (c->weighs ? decay * c->value + u->l1 * sign(c->value) : 0);
}

static struct formula formula_of(const struct hg_update *u, enum hg_fault fault)
{
    double t = (double)(fault == HG_FAULT_ADAM_EPOCHS ? u->epoch : u->count);
    struct formula formula = {1 - pow(u->beta1, t), 1 - pow(u->beta2, t)};

    if (fault == HG_FAULT_ADAM_CORRECTION)
        return (struct formula){1 / formula.first, 1 / formula.second};
    return formula;
}

static double adam(const struct hg_update *u, const struct cell *c, double g,
                   const struct formula *formula)
{
    double m = u->beta1 * c->m + (1 - u->beta1) * g, v = u->beta2 * c->v + (1 - u->beta2) * g * g;

    return -u->rate * (m / formula->first) / (sqrt(v / formula->second) + u->epsilon);
}

/* What the update adds to a value, when the gradient is off by `off`. */
static double step_of(const struct trial *trial, const struct cell *c, double off,
                      const struct formula *formula)
{
    const struct hg_update *u = trial->update;
    double g = trial->clip * (penalized(trial, c) + off);

    switch (u->optimizer) {
    case HG_MOMENTUM:
        return -u->rate * (u->beta1 * c->m + (1 - u->beta1) * g);
    case HG_NESTEROV:
        return -u->rate * (g + u->beta1 * (u->beta1 * c->m + g));
    case HG_RMSPROP:
        return -u->rate * g / (sqrt(u->beta2 * c->v + (1 - u->beta2) * g * g) + u->epsilon);
    case HG_ADAM:
        return adam(u, c, g, formula);
    case HG_ADAMW:
        return adam(u, c, g, formula) - (c->weighs ? u->rate * u->weight_decay * c->value : 0);
    case HG_SGD:
    case HG_OPTIMIZER_COUNT:
        break;
    }
    return -u->rate * g;
}

/* ---- the engine's update ---- */

/* Part of the flat vectors that is one tensor. */
struct part {
    size_t offset, count;
    bool weighs;
    const char *name;
};

static struct part part_of(const struct trial *trial, size_t index)
{
    const struct hg_model *model = trial->model;
    const struct hg__tensor *tensor = &model->tensor[index];
    const struct hg__slot *slot = &model->slot[tensor->layer];
    bool weight = tensor->offset == slot->weight;

    return (struct part){tensor->offset, weight ? slot->weight_size : slot->bias_size,
                         weight && hg__layer_weighs(&model->plan.layers.layer[tensor->layer]),
                         tensor->info.name};
}

static struct cell cell_of(const struct trial *trial, const struct part *part, size_t k)
{
    size_t at = part->offset + k;

    return (struct cell){trial->before[at], trial->gradient[at], trial->first ? trial->m[at] : 0,
                         trial->second ? trial->v[at] : 0, part->weighs};
}

static bool make_room(struct trial *trial, struct hg_model *model)
{
    size_t count = model->count;
    size_t moments = (size_t)trial->first + (size_t)trial->second;
    float *at = hg__alloc((2 + moments) * count + model->statistics, sizeof *at);

    trial->area = at;
    if (!at)
        return false;
    trial->before = at;
    trial->gradient = at + count;
    at += 2 * count;
    trial->m = trial->first ? at : NULL;
    at += trial->first ? count : 0;
    trial->v = trial->second ? at : NULL;
    trial->running = at + (trial->second ? count : 0);
    return true;
}

static void copy(float *to, const float *from, size_t count)
{
    if (to)
        memcpy(to, from, count * sizeof *to);
}

static void keep(const struct trial *trial)
{
    const struct hg_model *model = trial->model;

    copy(trial->before, model->values, model->count);
    copy(trial->gradient, model->gradients, model->count);
    copy(trial->m, model->first, model->count);
    copy(trial->v, model->second, model->count);
    copy(trial->running, model->running, model->statistics);
}

static void restore(const struct trial *trial)
{
    struct hg_model *model = trial->model;

    copy(model->values, trial->before, model->count);
    if (trial->first)
        copy(model->first, trial->m, model->count);
    if (trial->second)
        copy(model->second, trial->v, model->count);
    copy(model->running, trial->running, model->statistics);
    hg__model_touch(model);
}

/* The root mean square over a part of the gradient; *sum: of all penalized squares. */
static double size_of(const struct trial *trial, const struct part *part, double *sum)
{
    double squares = 0;

    for (size_t k = 0; k < part->count; k++) {
        struct cell c = cell_of(trial, part, k);
        double g = penalized(trial, &c);
        squares += c.gradient * c.gradient;
        *sum += g * g;
    }
    return sqrt(squares / (double)part->count);
}

static void measure(struct trial *trial)
{
    double sum = 0;

    for (size_t i = 0; i < trial->model->tensors; i++) {
        struct part part;
        if (!trial->model->tensor[i].info.trainable)
            continue;
        part = part_of(trial, i);
        trial->scale = fmax(trial->scale, size_of(trial, &part, &sum));
    }
    trial->squares = sum;
    trial->clip = 1;
    if (trial->update->clip > 0 && sqrt(sum) > trial->update->clip)
        trial->clip = trial->update->clip / sqrt(sum);
}

/* ---- the verdict ---- */

/* Of a tensor's update: the share that is not explained, and update / formula. */
struct verdict {
    double off, ratio;
};

static struct verdict judge(const struct trial *trial, const struct part *part, enum hg_fault fault)
{
    double rest = 0, wanted = 0, made = 0, product = 0, unused = 0;
    struct formula formula = formula_of(trial->update, fault);
    size_t stride = part->count / MOST + 1;
    double noise = tensor_rounding * size_of(trial, part, &unused) + other_rounding * trial->scale;

    for (size_t k = 0; k < part->count; k += stride) {
        struct cell c = cell_of(trial, part, k);
        double off = own_rounding * fabs(c.gradient) + noise + gradient_underflow;
        double step = step_of(trial, &c, 0, &formula);
        double is = (double)trial->model->values[part->offset + k] - c.value;
        double allowed = fabs(step_of(trial, &c, off, &formula) -
                              step_of(trial, &c, -off, &formula)) +
                         step_rounding * fabs(step) + value_rounding * fabs(c.value) + underflow;
        double beyond = fmax(0, fabs(is - step) - allowed);
        rest += beyond * beyond;
        wanted += step * step;
        made += is * is;
        product += is * step;
    }
    if (!(made > 0 || wanted > 0))
        return (struct verdict){0, 1};
    return (struct verdict){sqrt(rest / fmax(made, wanted)), product / wanted};
}

/* The tensor that a formula explains worst. */
static struct verdict worst_of(const struct trial *trial, enum hg_fault fault, size_t *tensor)
{
    struct verdict worst = {0, 1};

    for (size_t i = 0; i < trial->model->tensors; i++) {
        struct part part;
        struct verdict verdict;
        if (!trial->model->tensor[i].info.trainable)
            continue;
        part = part_of(trial, i);
        verdict = judge(trial, &part, fault);
        if (!(verdict.off > worst.off))
            continue;
        worst = verdict;
        *tensor = i;
    }
    return worst;
}

static void report(const struct trial *trial, struct hg_gradient_finding *finding)
{
    static const enum hg_fault bugs[] = {HG_FAULT_ADAM_CORRECTION, HG_FAULT_ADAM_EPOCHS};
    static const char *const words[HG_FAULT_COUNT] = {
        [HG_FAULT_ADAM_CORRECTION] = "the moments are multiplied by 1 - beta^t, not divided",
        [HG_FAULT_ADAM_EPOCHS] = "t is the number of the epoch, not of the step",
    };
    bool adam = trial->update->optimizer == HG_ADAM || trial->update->optimizer == HG_ADAMW;
    size_t tensor = 0, unused = 0;
    struct verdict worst = worst_of(trial, HG_FAULT_NONE, &tensor);
    double least = unexplained;

    if (!(worst.off > unexplained))
        return;
    finding->wrong = true;
    finding->ratio = worst.ratio;
    snprintf(finding->layer, sizeof finding->layer, "%s", trial->model->tensor[tensor].info.name);
    for (size_t i = 0; adam && i < sizeof bugs / sizeof *bugs; i++) {
        double off = worst_of(trial, bugs[i], &unused).off;
        if (!(off < least))
            continue;
        least = off;
        finding->fault = bugs[i];
    }
    snprintf(finding->name, sizeof finding->name, "%s",
             finding->fault == HG_FAULT_NONE ? "unknown" : hg_fault_name(finding->fault));
    snprintf(finding->words, sizeof finding->words, "%s",
             finding->fault == HG_FAULT_NONE ? "" : words[finding->fault]);
}

enum hg_status hg_update_check(struct hg_model *model, const struct hg_batch *batch,
                               const struct hg_update *update, struct hg_gradient_finding *finding,
                               struct hg_error *error)
{
    struct hg_update used = *update;
    struct trial trial = {.model = model, .update = &used};
    double loss;

    *finding = (struct hg_gradient_finding){.ratio = NAN};
    trial.first = update->optimizer != HG_SGD && update->optimizer != HG_RMSPROP;
    trial.second = update->optimizer == HG_RMSPROP || update->optimizer == HG_ADAM ||
                   update->optimizer == HG_ADAMW;
    if (!make_room(&trial, model))
        return hg_error_set(error, HG_NO_MEMORY, "no memory to check an update");
    hg_model_differentiate(model, batch, NULL, NULL);
    keep(&trial);
    hg_model_train(model, batch, &used, &loss);
    hg__model_settle(model);
    measure(&trial);
    if (isfinite(loss) && trial.squares <= most_squares)
        report(&trial, finding);
    restore(&trial);
    hg__free(trial.area);
    return HG_OK;
}
