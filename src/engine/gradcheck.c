#include "engine/gradcheck.h"

#include "base/mem.h"
#include "base/rng.h"
#include "engine/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Central differences with this step are right to about 1e-9 of the objective's
 * scale, and rarely step across the kink of a rectifier or a pool. Where they do, smaller
 * steps (a tenth each) are tried. */
#define STEP            3e-6
#define STEPS           3
/* Two one-sided slopes that differ by more than this share, and by more than
 * rounding explains: a kink is between. */
#define KINK            1e-2
#define NOISE           1e-14
/* What float32 may be off: of the ratio; and of the root mean square of the largest
 * gradients, where cancellation leaves little of a tensor's own. A tensor with less
 * than VANISHED of that has no gradient worth the name. */
#define RATIO_TOLERANCE 1e-3
#define ROUNDING        1e-6
#define NORM_ROUNDING   1e-5 /* with batch norm, which multiplies what hardly differs */
#define VANISHED        1e-5
#define LEAST_SCALE     1e-5 /* where all gradients vanish, what is left is noise */

/* How long it may take, in multiply-adds of the twin (some billions a second): of one
 * evaluation of the whole network, to which samples are left out; of all evaluations for a
 * tensor, to which components are; but not below these. */
#define EVALUATION       4e7
#define TENSOR           4e8
#define LEAST_SAMPLES    2 /* a bug may lie between samples */
#define LEAST_NORM       4 /* values of a feature under batch norm: two are always 1 and -1 */
#define LEAST_COMPONENTS 4
#define EVALUATIONS      2.2 /* a component: two, and sometimes more */

struct sums {
    double analytic, numeric, difference, product; /* squares; analytic x numeric */
    double noise;                                  /* squares of what rounding does */
    size_t count;
};

/* The objective, and what was decided on the way to it. */
struct point {
    double objective;
    uint64_t choices;
};

/* At value - step, value, value + step. */
struct points {
    struct point below, here, above;
};

static struct point evaluate(struct hg__reference *reference, size_t index)
{
    struct point point = {.objective = hg__reference_objective(reference, index)};

    point.choices = hg__reference_choices(reference);
    return point;
}

static void probe(struct hg__reference *reference, size_t index, size_t k, double step,
                  struct points *points)
{
    double *value = hg__reference_values(reference, index) + k, kept = *value;

    *value = kept + step;
    points->above = evaluate(reference, index);
    *value = kept - step;
    points->below = evaluate(reference, index);
    *value = kept;
}

/* Was nothing decided differently (a rectifier's side, a pool's winner), and do the
 * slopes on both sides agree, as far as rounding lets them? */
static bool smooth(const struct points *p, double step, double size)
{
    double high = (p->above.objective - p->here.objective) / step;
    double low = (p->here.objective - p->below.objective) / step;
    double noise = NOISE * fmax(1, size) / step;

    return p->above.choices == p->here.choices && p->below.choices == p->here.choices &&
           fabs(high - low) <= fmax(KINK * fmax(fabs(high), fabs(low)), noise);
}

/* dJ/dvalue; `here` is the objective where it stands, `size` how large it is there. False: the
 * value stands on a kink (a rectifier at exactly 0, two equals in a pool), where there is no
 * derivative to compare with. */
static bool differentiate(struct hg__reference *reference, size_t index, size_t k,
                          struct point here, double size, double *slope)
{
    double step = STEP * fmax(1, fabs(hg__reference_values(reference, index)[k]));
    struct points points = {.here = here};

    for (int i = 0; i < STEPS; i++, step /= 10) {
        probe(reference, index, k, step, &points);
        *slope = (points.above.objective - points.below.objective) / (2 * step);
        if (smooth(&points, step, size))
            return true;
    }
    return false;
}

static void add(struct sums *sums, double analytic, double numeric)
{
    sums->analytic += analytic * analytic;
    sums->numeric += numeric * numeric;
    sums->difference += (analytic - numeric) * (analytic - numeric);
    sums->product += analytic * numeric;
    sums->count++;
}

double hg__check_scale(const struct hg_model *model, float *room)
{
    double largest = 0;

    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        double sum = 0;
        if (!info.trainable)
            continue;
        hg_model_read(model, i, HG_PART_GRADIENT, room);
        for (size_t k = 0; k < info.count; k++)
            sum += (double)room[k] * room[k];
        largest = fmax(largest, sqrt(sum / (double)info.count));
    }
    return fmax(largest, LEAST_SCALE);
}

double hg__check_rounding(const struct hg_model *model)
{
    for (size_t i = 0; i < model->plan.layers.count; i++)
        if (model->plan.layers.layer[i].kind == HG__BN)
            return NORM_ROUNDING;
    return ROUNDING;
}

/* `scale` is that of the largest gradients, `rounding` what of it float32 loses. */
static void judge(const struct sums *sums, double scale, double rounding,
                  struct hg_gradient_verdict *verdict)
{
    double analytic = sqrt(sums->analytic), numeric = sqrt(sums->numeric);
    double difference = sqrt(sums->difference), noise = HG__CHECK_SAFETY * sqrt(sums->noise);
    bool explained = difference <= noise; /* by rounding, and then it proves no bug */

    scale *= sqrt((double)sums->count);
    verdict->checked = sums->count;
    verdict->zero = (analytic <= VANISHED * scale && numeric <= VANISHED * scale) ||
                    (difference > HG__CHECK_TOLERANCE * (analytic + numeric) && explained &&
                     numeric <= noise);
    verdict->error = verdict->zero ? 0 : difference / (analytic + numeric);
    verdict->ratio = verdict->zero ? NAN : sums->product / sums->analytic;
    if (analytic == 0 && numeric > 0)
        verdict->ratio = INFINITY;
    /* not finite compares false */
    verdict->right = verdict->zero || explained || difference <= rounding * scale ||
                     (verdict->error <= HG__CHECK_TOLERANCE &&
                      fabs(verdict->ratio - 1) <= RATIO_TOLERANCE);
}

size_t hg__check_largest(const struct hg_model *model)
{
    size_t most = 0;

    for (size_t i = 0; i < hg_model_tensors(model); i++)
        if (hg_model_tensor(model, i).count > most)
            most = hg_model_tensor(model, i).count;
    return most;
}

/* Component number `k` of those to check: all in turn, or drawn, one from each
 * of `most` stretches of equal length. */
static size_t component(struct hg__rng *rng, size_t k, size_t most, size_t count)
{
    size_t begin, end;

    if (count <= most)
        return k;
    begin = (size_t)((double)count * (double)k / (double)most);
    end = (size_t)((double)count * (double)(k + 1) / (double)most);
    end = end > begin + UINT32_MAX ? begin + UINT32_MAX : end;
    return end > begin ? begin + hg__rng_below(rng, (uint32_t)(end - begin)) : begin;
}

size_t hg__check_least(const struct hg_model *model)
{
    size_t least = 1;

    for (size_t i = 0; i < model->plan.layers.count; i++) {
        const struct hg__layer *layer = &model->plan.layers.layer[i];
        size_t plane = layer->map ? (size_t)layer->out.rows * (size_t)layer->out.columns : 1;
        size_t needed = (LEAST_NORM + plane - 1) / plane;
        if (layer->kind == HG__BN && needed > least)
            least = needed;
    }
    return least;
}

size_t hg__check_samples(const struct hg_model *model, size_t samples)
{
    double room = EVALUATION / hg__reference_work(model, HG__NOWHERE);
    size_t least = hg__check_least(model);

    least = least > LEAST_SAMPLES ? least : LEAST_SAMPLES;
    if (room >= (double)samples || samples <= least)
        return samples;
    return room > (double)least ? (size_t)room : least;
}

/* Components of a tensor to probe. */
static size_t components_of(const struct hg_model *model, size_t samples, size_t index, size_t most)
{
    size_t count = hg_model_tensor(model, index).count;
    double room = TENSOR / EVALUATIONS / hg__reference_work(model, index) / (double)samples;
    size_t least = most < LEAST_COMPONENTS ? most : LEAST_COMPONENTS;

    most = room < (double)least ? least : room < (double)most ? (size_t)room : most;
    return count < most ? count : most;
}

/* One tensor under check. */
struct check {
    struct hg__reference *reference;
    const struct hg_batch *batch; /* the piece of it that is looked at */
    size_t index, count, checked;
    float *gradient; /* the engine's; room for the largest tensor */
    double *exact, *squares;
    double blur; /* squared: what double precision does to a difference */
    bool overflow;
};

static enum hg_status begin(struct check *check, struct hg_model *model, struct hg_error *error)
{
    check->count = hg_model_tensor(model, check->index).count;
    check->gradient = hg__alloc(hg__check_largest(model), sizeof *check->gradient);
    check->exact = hg__alloc(check->count, sizeof *check->exact);
    check->squares = hg__alloc(check->count, sizeof *check->squares);
    check->reference = hg__reference_create(model, check->batch);
    if (!check->gradient || !check->exact || !check->squares || !check->reference)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to check gradients");
    return HG_OK;
}

static void end(struct check *check)
{
    hg__free(check->gradient);
    hg__free(check->exact);
    hg__free(check->squares);
    hg__reference_destroy(check->reference);
}

/* What rounding does to each component, squared. */
static void measure_noise(struct check *check)
{
    const double *gradient = hg__reference_gradient(check->reference, check->index);

    (void)hg__reference_objective(check->reference, HG__NOWHERE);
    hg__reference_differentiate(check->reference);
    memcpy(check->exact, gradient, check->count * sizeof *gradient);
    check->blur = pow(hg__reference_blur(check->reference) / STEP, 2);
    check->overflow = hg__reference_overflows(check->reference);
    hg__reference_set_grain(check->reference, HG__CHECK_GRAIN);
    for (int draw = 0; draw < HG__CHECK_DRAWS; draw++) {
        (void)hg__reference_objective(check->reference, HG__NOWHERE);
        hg__reference_differentiate(check->reference);
        for (size_t k = 0; k < check->count; k++)
            check->squares[k] += (gradient[k] - check->exact[k]) * (gradient[k] - check->exact[k]);
    }
    hg__reference_set_grain(check->reference, 0);
}

/* Probes components of the tensor, from where measure_noise left the twin. */
static struct sums compare(const struct check *check)
{
    struct sums sums = {0};
    struct hg__rng rng;
    double size = fabs(hg__reference_objective(check->reference, HG__NOWHERE)), slope;
    struct point here;

    hg__reference_set_origin(check->reference);
    here = evaluate(check->reference, check->index);
    hg__rng_start(&rng, check->batch->seed, HG__RNG_PROBE, check->index, 0);
    for (size_t k = 0; k < check->checked; k++) {
        size_t at = component(&rng, k, check->checked, check->count);
        if (!differentiate(check->reference, check->index, at, here, size, &slope))
            continue;
        add(&sums, check->gradient[at], slope);
        sums.noise += check->squares[at] + check->blur;
    }
    return sums;
}

enum hg_status hg_gradient_check(struct hg_model *model, const struct hg_batch *batch, size_t index,
                                 size_t most, struct hg_gradient_verdict *verdict,
                                 struct hg_error *error)
{
    struct hg_batch piece = *batch;
    struct check check = {.batch = &piece, .index = index};
    enum hg_status status;
    struct sums sums;
    double scale;

    *verdict = (struct hg_gradient_verdict){0};
    snprintf(verdict->name, sizeof verdict->name, "%s", hg_model_tensor(model, index).name);
    piece.samples = hg__check_samples(model, batch->samples);
    check.checked = components_of(model, piece.samples, index, most);
    status = begin(&check, model, error);
    if (status == HG_OK) {
        hg_model_differentiate(model, &piece, NULL, NULL);
        scale = hg__check_scale(model, check.gradient);
        hg_model_read(model, index, HG_PART_GRADIENT, check.gradient);
        measure_noise(&check);
        verdict->overflow = verdict->zero = check.overflow;
        verdict->ratio = NAN;
    }
    if (status == HG_OK && !check.overflow) {
        sums = compare(&check);
        judge(&sums, scale, hg__check_rounding(model), verdict);
    }
    end(&check);
    return status;
}
