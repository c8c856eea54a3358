/* twin_help.h - the engine, its double-precision twin and central differences against
 * each other, for the tests of gradients. Include after cmocka.h. */
#ifndef HG_TEST_TWIN_HELP_H
#define HG_TEST_TWIN_HELP_H

#include "engine/model.h"
#include "engine/reference_state.h"

#include "model_help.h"

#include <math.h>
#include <string.h>

/* Every parameter somewhere general: biases, batch norm and all. */
static inline void scramble(struct hg_model *model, uint64_t seed)
{
    start(model, "glorot", seed);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        float *value = read_tensor(model, i, HG_PART_VALUE);
        double fan = (double)info.count / (double)info.shape[0];
        double most = 0.3 * fmin(1, sqrt(8 / fan));
        float *more = made_up(info.count, -most, most, seed + i);
        for (size_t k = 0; info.trainable && k < info.count; k++)
            value[k] += more[k];
        hg_model_write(model, i, HG_PART_VALUE, value);
        free(value);
        free(more);
    }
}

/* dJ/dvalue by a central difference. False: a kink is near. */
static inline bool difference_of(struct hg__reference *twin, size_t index, size_t k, double *slope)
{
    double *value = hg__reference_values(twin, index) + k, kept = *value, step = 1e-5;
    double above, below;
    uint64_t choices;

    *value = kept + step;
    above = hg__reference_objective(twin, index);
    choices = hg__reference_choices(twin);
    *value = kept - step;
    below = hg__reference_objective(twin, index);
    *value = kept;
    *slope = (above - below) / (2 * step);
    return choices == hg__reference_choices(twin);
}

/* The twin's gradient against its central differences, to 1e-6 of a tensor's
 * largest; a true zero (a bias before batch norm) to 1e-9. At most `most` components of a
 * tensor; most of them must not be kinks. */
static inline void check_twin(struct hg_model *model, const struct hg_batch *batch, size_t most,
                              const char *what)
{
    struct hg__reference *twin = hg__reference_create(model, batch);
    size_t tried = 0, kinks = 0;

    assert_non_null(twin);
    (void)hg__reference_objective(twin, HG__NOWHERE);
    hg__reference_differentiate(twin);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        const double *gradient = hg__reference_gradient(twin, i);
        double off = 0, size = 0, numeric;
        size_t stride = info.count > most ? info.count / most : 1;

        for (size_t k = 0; info.trainable && k < info.count; k += stride, tried++) {
            if (difference_of(twin, i, k, &numeric))
                off = fmax(off, fabs(numeric - gradient[k]));
            else
                kinks++;
            size = fmax(size, fabs(gradient[k]));
        }
        (void)hg__reference_objective(twin, HG__NOWHERE);
        if (off > 1e-6 * size + 1e-9)
            fail_msg("%s: %s: %g of %g", what, info.name, off, size);
    }
    if (kinks > tried / 4)
        fail_msg("%s: %zu of %zu kinks", what, kinks, tried);
    hg__reference_destroy(twin);
}

/* How far the engine is from the twin. */
struct twin_off {
    double loss, objective; /* relative to the objective */
    double gradient;        /* worst component, by the tensor's largest plus `share` of the largest
                               of all tensors */
    double vanishing;       /* worst component of tensors without a gradient (a bias before batch
                               norm), by the largest of all */
    double steep;           /* how much more than usual its batch norms multiply rounding */
    char where[96];
    size_t proved; /* tensors with a gradient worth the name */
};

static inline double largest_of(const double *values, size_t count)
{
    double largest = 0;

    for (size_t k = 0; k < count; k++)
        largest = fmax(largest, fabs(values[k]));
    return largest;
}

/* Batch norm of values that hardly differ multiplies what rounding does to them: 1 / sd goes up
 * to 316 (those of one sample alone, or all equal after an up-sampling). */
static inline double steep_of(const struct hg__reference *twin)
{
    double steep = 1;

    for (size_t i = 0; i < twin->layers; i++)
        if (twin->node[i].layer->kind == HG__BN)
            steep *= fmax(
                1,
                largest_of(twin->node[i].scale, hg__reference_features(&twin->node[i]).count) / 10);
    return steep;
}

static inline struct twin_off engine_off(struct hg_model *model, const struct hg_batch *batch,
                                         double share)
{
    struct hg__reference *twin = hg__reference_create(model, batch);
    struct twin_off off = {0};
    double loss, objective, wanted, largest = 0;

    assert_non_null(twin);
    wanted = hg__reference_objective(twin, HG__NOWHERE);
    hg__reference_differentiate(twin);
    off.steep = steep_of(twin);
    hg_model_differentiate(model, batch, &loss, &objective);
    off.objective = fabs(objective - wanted) / fabs(wanted);
    off.loss = fabs(loss - hg__reference_loss(twin)) / fabs(wanted);
    for (size_t i = 0; i < hg_model_tensors(model); i++)
        largest = fmax(
            largest, largest_of(hg__reference_gradient(twin, i), hg_model_tensor(model, i).count));
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        const double *right = hg__reference_gradient(twin, i);
        float *gradient = read_tensor(model, i, HG_PART_GRADIENT);
        double size = largest_of(right, info.count), worst = 0;

        for (size_t k = 0; info.trainable && k < info.count; k++)
            /* fmax would swallow a NaN */
            if (!(fabs(gradient[k] - right[k]) <= worst))
                worst = fabs(gradient[k] - right[k]);
        free(gradient);
        if (size <= 1e-9 * largest + 1e-12) {
            if (!(worst / (largest + 1e-6) <= off.vanishing))
                off.vanishing = worst / (largest + 1e-6);
            continue;
        }
        worst /= size + share * largest + 1e-8;
        if (!(worst <= off.gradient)) {
            off.gradient = worst;
            snprintf(off.where, sizeof off.where, "%s (%.2g of %.2g)", info.name, size, largest);
        }
        off.proved += info.trainable && size > 1e-6 * largest;
    }
    hg__reference_destroy(twin);
    return off;
}

#endif
