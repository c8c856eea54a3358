/* Which known bug makes such a gradient? Each has one of its own by the twin; the one that explains
 * every tensor, those that are right too, is it. */
#include "engine/gradcheck.h"

#include "base/mem.h"
#include "base/rng.h"
#include "engine/fault.h"
#include "engine/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A bug explains the gradient when no tensor is off by more than rounding explains, or by this
 * share of what is to be explained (where single and double precision fell on two
 * sides of a kink, some of a tensor stays). */
static const double explained = 0.05;

/* Components for the central differences of a look. */
enum { COMPONENTS = 24 };

struct search {
    struct hg_model *model;
    struct hg__reference *twin;
    float *room;
    double *exact; /* of all tensors, one after another */
    double *noise; /* of each tensor: norm of what rounding does */
    double scale, rounding;
    size_t samples; /* that are looked at */
};

/* How far the engine is from the twin: 1 is what rounding explains. */
struct distance {
    double worst;
    size_t tensor;
};

static enum hg_status make_room(struct search *search, struct hg_model *model,
                                const struct hg_batch *batch, struct hg_error *error)
{
    size_t total = 0;

    for (size_t i = 0; i < model->tensors; i++)
        total += model->tensor[i].info.count;
    *search = (struct search){.model = model, .samples = batch->samples};
    search->room = hg__alloc(hg__check_largest(model), sizeof *search->room);
    search->twin = hg__reference_create(model, batch);
    search->exact = hg__alloc(total, sizeof *search->exact);
    search->noise = hg__alloc(model->tensors, sizeof *search->noise);
    if (!search->room || !search->twin || !search->exact || !search->noise)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to look for a bug");
    return HG_OK;
}

/* exact - gradient, and it takes its place where `keep`. Returns the square of the norm. */
static double compare(const struct search *search, size_t index, double *exact, bool keep)
{
    size_t count = search->model->tensor[index].info.count;
    const double *gradient = hg__reference_gradient(search->twin, index);
    double squares = 0;

    for (size_t k = 0; k < count; k++)
        squares += (gradient[k] - exact[k]) * (gradient[k] - exact[k]);
    if (keep)
        memcpy(exact, gradient, count * sizeof *exact);
    return squares;
}

static void draw(const struct search *search, bool keep)
{
    double *exact = search->exact;

    (void)hg__reference_objective(search->twin, HG__NOWHERE);
    hg__reference_differentiate(search->twin);
    for (size_t i = 0; i < search->model->tensors; i++) {
        double squares = compare(search, i, exact, keep);
        search->noise[i] = keep ? 0 : search->noise[i] + squares;
        exact += search->model->tensor[i].info.count;
    }
}

/* And leaves the twin evaluated exactly. */
static void measure_noise(struct search *search)
{
    draw(search, true);
    hg__reference_set_grain(search->twin, HG__CHECK_GRAIN);
    for (int i = 0; i < HG__CHECK_DRAWS; i++)
        draw(search, false);
    hg__reference_set_grain(search->twin, 0);
    (void)hg__reference_objective(search->twin, HG__NOWHERE);
}

static enum hg_status begin(struct search *search, struct hg_model *model,
                            const struct hg_batch *batch, struct hg_error *error)
{
    struct hg_batch piece = *batch;
    enum hg_status status;

    piece.samples = hg__check_samples(model, batch->samples);
    status = make_room(search, model, &piece, error);
    if (status)
        return status;
    hg_model_differentiate(model, &piece, NULL, NULL);
    search->scale = hg__check_scale(model, search->room);
    search->rounding = hg__check_rounding(model);
    (void)hg__reference_objective(search->twin, HG__NOWHERE);
    return HG_OK;
}

static void end(struct search *search)
{
    hg__free(search->exact);
    hg__free(search->noise);

    hg__reference_destroy(search->twin);
    hg__free(search->room);
}

static double distance_of(const struct search *search, size_t index)
{
    size_t count = hg_model_tensor(search->model, index).count;
    const double *twin = hg__reference_gradient(search->twin, index);
    double own = 0, other = 0, off = 0, allowed;

    hg_model_read(search->model, index, HG_PART_GRADIENT, search->room);
    for (size_t k = 0; k < count; k++) {
        double value = search->room[k];
        own += value * value;
        other += twin[k] * twin[k];
        off += (value - twin[k]) * (value - twin[k]);
    }
    allowed = search->rounding * search->scale * sqrt((double)count) +
              HG__CHECK_TOLERANCE * (sqrt(own) + sqrt(other)) +
              HG__CHECK_SAFETY * sqrt(search->noise[index]);
    return sqrt(off) / allowed;
}

static struct distance distance_to(const struct search *search, enum hg_fault fault)
{
    struct distance distance = {0};

    hg__reference_set_fault(search->twin, fault);
    hg__reference_differentiate(search->twin);
    for (size_t i = 0; i < hg_model_tensors(search->model); i++) {
        double off;
        if (!hg_model_tensor(search->model, i).trainable)
            continue;
        off = distance_of(search, i);
        if (off <= distance.worst)
            continue;
        distance.worst = isfinite(off) ? off : INFINITY;
        distance.tensor = i;
    }
    return distance;
}

static enum hg_fault find(const struct search *search)
{
    double least = fmax(1, explained * distance_to(search, HG_FAULT_NONE).worst);
    enum hg_fault found = HG_FAULT_NONE;

    for (int i = HG_FAULT_NONE + 1; i < HG_FAULT_COUNT; i++) {
        enum hg_fault fault = (enum hg_fault)i;
        double off = hg_fault_updates(fault) ? INFINITY : distance_to(search, fault).worst;
        if (!(off < least))
            continue;
        least = off;
        found = fault;
    }
    return found;
}

/* ---- words ---- */

/* Is the ratio the same for every component? Then the error follows from it. */
static bool constant(const struct hg_gradient_verdict *verdict)
{
    double share = fabs(verdict->ratio - 1) / (fabs(verdict->ratio) + 1);

    return isfinite(verdict->ratio) && verdict->ratio > 0 && fabs(verdict->error - share) < 2e-3;
}

/* How many times too large a bias gradient is with a bug; 1 = it has none of those. What was
 * measured may be off, where little but rounding is left of a gradient. */
static double factor_of(const struct search *search, enum hg_fault fault, const char *name)
{
    const struct hg_model *model = search->model;

    for (size_t i = 0; i < model->tensors; i++)
        if (strcmp(model->tensor[i].info.name, name) == 0)
            return hg__fault_bias(fault, &model->plan.layers.layer[model->tensor[i].layer],
                                  search->samples);
    return 1;
}

static void explain(const struct search *search, const struct hg_gradient_verdict *worst,
                    struct hg_gradient_finding *finding)
{
    static const char *const words[HG_FAULT_COUNT] = {
        [HG_FAULT_BIAS_PER_WEIGHT] = ", its fan-in: once for each weight that comes in",
        [HG_FAULT_MISSING_DERIVATIVE] = "lacks the derivative of its own activation",
        [HG_FAULT_LAST_SILENT] = "gets nothing from the last neuron above it",
        [HG_FAULT_ROW0_DERIVATIVE] = "uses the first sample's derivative for all samples",
        [HG_FAULT_BIAS_MEAN] = ", the samples of the batch: divided by them twice",
    };
    bool bias = finding->fault == HG_FAULT_BIAS_PER_WEIGHT || finding->fault == HG_FAULT_BIAS_MEAN;
    bool known = finding->fault != HG_FAULT_NONE;
    double factor = known ? factor_of(search, finding->fault, worst->name) : 1 / worst->ratio;

    if (known && !bias)
        snprintf(finding->words, sizeof finding->words, "%s", words[finding->fault]);
    else if (known || constant(worst))
        snprintf(finding->words, sizeof finding->words, "is %.4g times too %s%s",
                 factor < 1 ? 1 / factor : factor, factor < 1 ? "small" : "large",
                 known ? words[finding->fault] : " throughout");
}

static void report(const struct search *search, const struct hg_gradient_verdict *worst,
                   struct hg_gradient_finding *finding)
{
    finding->wrong = true;
    finding->ratio = worst->ratio;
    finding->fault = find(search);
    snprintf(finding->layer, sizeof finding->layer, "%s", worst->name);
    snprintf(finding->name, sizeof finding->name, "%s",
             finding->fault == HG_FAULT_NONE ? "unknown" : hg_fault_name(finding->fault));
    explain(search, worst, finding);
}

/* ---- where the weights are, and elsewhere ---- */

static bool is_wrong(const struct hg_gradient_verdict *verdict)
{
    return !verdict->right && !verdict->zero;
}

/* At the present weights. What rounding does is only asked for when there is a difference. */
static enum hg_status look(struct hg_model *model, const struct hg_batch *batch,
                           struct hg_gradient_finding *finding, struct hg_error *error)
{
    struct hg_gradient_verdict verdict = {.right = true};
    struct distance distance;
    struct search search;
    enum hg_status status;

    if (hg__check_samples(model, batch->samples) < hg__check_least(model))
        return HG_OK;
    status = begin(&search, model, batch, error);
    if (status == HG_OK) {
        distance = distance_to(&search, HG_FAULT_NONE);
        if (distance.worst > 1) {
            measure_noise(&search);
            distance = distance_to(&search, HG_FAULT_NONE);
        }
        if (distance.worst > 1)
            status = hg_gradient_check(model, batch, distance.tensor, COMPONENTS, &verdict, error);
        if (status == HG_OK && is_wrong(&verdict))
            report(&search, &verdict, finding);
    }
    end(&search);
    return status;
}

/* Root mean square of what the first layer sees: weights elsewhere shall not saturate it. */
static double input_size(const struct hg_model *model, const struct hg_batch *batch)
{
    size_t n = hg_model_inputs(model);
    double sum = 0;

    for (size_t i = 0; i < batch->samples * n; i++) {
        double x = batch->input[i] - (model->center ? model->center[i % n] : 0);
        sum += x * x;
    }
    return fmax(1, sqrt(sum / (double)(batch->samples * n)));
}

/* Puts every parameter somewhere general, drawn at random. */
static void scatter(struct hg_model *model, const struct hg_batch *batch, float *room)
{
    double size = input_size(model, batch);

    for (size_t i = 0; i < model->tensors; i++) {
        const struct hg__tensor *tensor = &model->tensor[i];
        size_t fan = tensor->info.count / tensor->info.shape[0];
        bool matrix = tensor->info.dims > 1;
        bool scale = !matrix && tensor->offset == model->slot[tensor->layer].weight;
        double most = matrix ? sqrt(3 / (double)fan) / (tensor->layer == model->lowest ? size : 1)
                             : 0.3;
        struct hg__rng rng;
        /* Batch norm measures from its running mean: one that exploded swallows all digits. */
        if (!tensor->info.trainable) {
            scale = false;
            most = 0;
        }
        hg__rng_start(&rng, batch->seed, HG__RNG_PROBE, i, 1);
        for (size_t k = 0; k < tensor->info.count; k++)
            room[k] = (float)((scale ? 1 : 0) + most * (2 * hg__rng_uniform(&rng) - 1));
        hg_model_write(model, i, HG_PART_VALUE, room);
    }
}

/* At weights drawn at random: where the present ones are special (two samples that mirror each
 * other), a wrong gradient may be right. */
static enum hg_status look_elsewhere(struct hg_model *model, const struct hg_batch *batch,
                                     struct hg_gradient_finding *finding, struct hg_error *error)
{
    float *kept = hg__alloc(hg_model_state_count(model), sizeof *kept);
    float *room = hg__alloc(hg__check_largest(model), sizeof *room);
    enum hg_status status;

    if (!kept || !room) {
        hg__free(kept);
        hg__free(room);
        return hg_error_set(error, HG_NO_MEMORY, "no memory to look for a bug");
    }
    hg_model_state_save(model, kept);
    scatter(model, batch, room);
    status = look(model, batch, finding, error);
    hg_model_state_restore(model, kept);
    finding->elsewhere = finding->wrong;
    hg__free(kept);
    hg__free(room);
    return status;
}

/* What is wrong here but has no name may have one elsewhere. */
static enum hg_status complete(struct hg_model *model, const struct hg_batch *batch,
                               struct hg_gradient_finding *finding, struct hg_error *error)
{
    struct hg_gradient_finding other = {.ratio = NAN};
    enum hg_status status;

    if (finding->fault != HG_FAULT_NONE)
        return HG_OK;
    status = look_elsewhere(model, batch, &other, error);
    if (status == HG_OK && other.wrong && (!finding->wrong || other.fault != HG_FAULT_NONE))
        *finding = other;
    return status;
}

/* ---- the two ways to ask ---- */

/* Errors that are no numbers are the worst. */
static bool worse(const struct hg_gradient_verdict *verdict, const struct hg_gradient_verdict *than)
{
    return !than || !(verdict->error <= than->error);
}

enum hg_status hg_gradient_name_fault(struct hg_model *model, const struct hg_batch *batch,
                                      const struct hg_gradient_verdict *verdict, size_t count,
                                      struct hg_gradient_finding *finding, struct hg_error *error)
{
    const struct hg_gradient_verdict *worst = NULL;
    enum hg_status status = HG_OK;
    struct search search;

    *finding = (struct hg_gradient_finding){.ratio = NAN};
    for (size_t i = 0; i < count; i++)
        if (is_wrong(&verdict[i]) && worse(&verdict[i], worst))
            worst = &verdict[i];
    if (worst) {
        status = begin(&search, model, batch, error);
        if (status == HG_OK) {
            measure_noise(&search);
            report(&search, worst, finding);
        }
        end(&search);
    }
    return status ? status : complete(model, batch, finding, error);
}

enum hg_status hg_gradient_look(struct hg_model *model, const struct hg_batch *batch,
                                struct hg_gradient_finding *finding, struct hg_error *error)
{
    struct hg_gradient_finding here = {.ratio = NAN};
    enum hg_status status;

    *finding = here;
    status = look_elsewhere(model, batch, finding, error);
    if (status || !finding->wrong)
        return status;
    status = look(model, batch, &here, error);
    if (status == HG_OK && here.wrong && here.fault == finding->fault)
        *finding = here;
    return status;
}
