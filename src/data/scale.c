#include "data/scale.h"

#include "base/mem.h"
#include "data/raw.h"

#include <math.h>
#include <string.h>

static enum hg_scaling choose(enum hg__scale_wish wish, const struct hg__raw *raw)
{
    switch (wish) {
    case HG__WISH_NONE:
        return HG_SCALE_NONE;
    case HG__WISH_UNIT:
        return HG_SCALE_UNIT;
    case HG__WISH_SIGNED:
        return HG_SCALE_SIGNED;
    case HG__WISH_STANDARD:
        return HG_SCALE_STANDARD;
    case HG__WISH_AUTO:
    default:
        return raw->type == HG__U8 || raw->type == HG__U16 ? HG_SCALE_UNIT : HG_SCALE_NONE;
    }
}

static enum hg_status make_room(struct hg_dataset *dataset, struct hg_error *error)
{
    dataset->factor = hg__alloc(dataset->scales, sizeof *dataset->factor);
    dataset->offset = hg__alloc(dataset->scales, sizeof *dataset->offset);
    dataset->mean = hg__alloc(dataset->features, sizeof *dataset->mean);
    dataset->values = hg__alloc_aligned(dataset->samples * dataset->features, sizeof(float));
    if (dataset->factor && dataset->offset && dataset->mean && dataset->values)
        return HG_OK;
    return hg_error_set(error, HG_NO_MEMORY, "no memory for %zu samples of %zu values",
                        dataset->samples, dataset->features);
}

/* ---- finding ---- */

/* Smallest and largest raw value of the training samples. */
static void find_range(const struct hg__raw *raw, const struct hg_dataset *dataset, double *lowest,
                       double *highest)
{
    *lowest = INFINITY;
    *highest = -INFINITY;
    for (size_t k = 0; k < dataset->training; k++) {
        size_t first = dataset->order[k] * raw->features;
        for (size_t i = 0; i < raw->features; i++) {
            double value = hg__raw_value(raw, first + i);
            *lowest = fmin(*lowest, value);
            *highest = fmax(*highest, value);
        }
    }
}

/* The range low..high to 0..1 or -1..1; a range of nothing, or of so little that it has no
 * inverse, to its lower end. */
static void set_range(struct hg_dataset *dataset, double low, double high)
{
    bool sign = dataset->scaling == HG_SCALE_SIGNED;
    double factor = (sign ? 2 : 1) / (high - low);

    if (isinf(high - low)) /* ends of opposite sign, each beyond half of what doubles hold */
        factor = (sign ? 1 : 0.5) / (high / 2 - low / 2);
    else if (!(high > low) || isinf(factor))
        factor = 1;
    dataset->factor[0] = factor;
    dataset->offset[0] = (sign ? -1 : 0) - low * factor;
}

/* Mean and deviation of a column whose squares no double holds. */
static double large_deviation(const struct hg__raw *raw, const struct hg_dataset *dataset,
                              size_t column, double *mean)
{
    static const double unit = 0x1p-700; /* exact, and its squares have room */
    double sum = 0, square = 0;

    for (size_t k = 0; k < dataset->training; k++)
        sum += hg__raw_value(raw, dataset->order[k] * raw->features + column) * unit;
    sum /= (double)dataset->training;
    for (size_t k = 0; k < dataset->training; k++) {
        double value = hg__raw_value(raw, dataset->order[k] * raw->features + column);
        square += (value * unit - sum) * (value * unit - sum);
    }
    *mean = sum / unit;
    return sqrt(square / (double)dataset->training) / unit;
}

static void set_standard(const struct hg__raw *raw, struct hg_dataset *dataset, double *mean,
                         double *square)
{
    size_t n = raw->features;

    for (size_t k = 0; k < dataset->training; k++)
        for (size_t i = 0; i < n; i++)
            mean[i] += hg__raw_value(raw, dataset->order[k] * n + i);
    for (size_t i = 0; i < n; i++)
        mean[i] /= (double)dataset->training;
    for (size_t k = 0; k < dataset->training; k++)
        for (size_t i = 0; i < n; i++) {
            double away = hg__raw_value(raw, dataset->order[k] * n + i) - mean[i];
            square[i] += away * away;
        }
    for (size_t i = 0; i < n; i++) {
        double deviation = sqrt(square[i] / (double)dataset->training);
        bool constant;
        if (!isfinite(deviation))
            deviation = large_deviation(raw, dataset, i, &mean[i]);
        /* A constant column has only the rounding of its mean as deviation. */
        constant = !(deviation > fabs(mean[i]) * 1e-14);
        dataset->factor[i] = constant ? 1 : 1 / deviation;
        dataset->offset[i] = -mean[i] * dataset->factor[i];
    }
}

static enum hg_status find_standard(const struct hg__raw *raw, struct hg_dataset *dataset,
                                    struct hg_error *error)
{
    double *mean = hg__alloc(raw->features, sizeof *mean);
    double *square = hg__alloc(raw->features, sizeof *square);
    enum hg_status status = HG_OK;

    if (mean && square)
        set_standard(raw, dataset, mean, square);
    else
        status = hg_error_set(error, HG_NO_MEMORY, "no memory to scale %zu values", raw->features);
    hg__free(mean);
    hg__free(square);
    return status;
}

static enum hg_status find(const struct hg__raw *raw, struct hg_dataset *dataset,
                           struct hg_error *error)
{
    double low = raw->lowest, high = raw->highest;

    switch (dataset->scaling) {
    case HG_SCALE_STANDARD:
        return find_standard(raw, dataset, error);
    case HG_SCALE_UNIT:
    case HG_SCALE_SIGNED:
        if (!raw->bounded)
            find_range(raw, dataset, &low, &high);
        set_range(dataset, low, high);
        return HG_OK;
    case HG_SCALE_NONE:
    default:
        dataset->factor[0] = 1;
        return HG_OK;
    }
}

/* ---- applying ---- */

static void apply8(const struct hg__raw *raw, struct hg_dataset *dataset)
{
    const uint8_t *in = raw->values;
    size_t count = raw->samples * raw->features;
    float table[256];

    for (int v = 0; v < 256; v++)
        table[v] = (float)(v * dataset->factor[0] + dataset->offset[0]);
    for (size_t i = 0; i < count; i++)
        dataset->values[i] = table[in[i]];
}

static void apply_any(const struct hg__raw *raw, struct hg_dataset *dataset)
{
    bool each = dataset->scales > 1;
    size_t at = 0;

    for (size_t s = 0; s < raw->samples; s++)
        for (size_t i = 0; i < raw->features; i++, at++) {
            size_t k = each ? i : 0;
            double value = hg__raw_value(raw, at) * dataset->factor[k] + dataset->offset[k];
            dataset->values[at] = (float)value;
        }
}

/* The range of scaled bytes, from the bytes. */
static void measure8(const struct hg__raw *raw, struct hg_dataset *dataset)
{
    const uint8_t *in = raw->values;
    uint8_t low = 255, high = 0;

    for (size_t i = 0; i < raw->samples * raw->features; i++) {
        low = in[i] < low ? in[i] : low;
        high = in[i] > high ? in[i] : high;
    }
    dataset->lowest = low * dataset->factor[0] + dataset->offset[0];
    dataset->highest = high * dataset->factor[0] + dataset->offset[0];
}

/* The range of the scaled values as found; not finite when a value does not fit a float. */
static bool measure(struct hg_dataset *dataset)
{
    size_t count = dataset->samples * dataset->features;
    float low = dataset->values[0], high = low;
    bool finite = true;

    for (size_t i = 0; i < count; i++) {
        float value = dataset->values[i];
        low = value < low ? value : low;
        high = value > high ? value : high;
        finite = finite && isfinite(value);
    }
    dataset->lowest = (double)low;
    dataset->highest = (double)high;
    return finite;
}

/* Sums in double, training samples in ascending order. */
static enum hg_status find_mean(struct hg_dataset *dataset, struct hg_error *error)
{
    double *sum = hg__alloc(dataset->features, sizeof *sum);

    if (!sum)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the mean of %zu values",
                            dataset->features);
    for (size_t k = 0; k < dataset->training; k++) {
        const float *row = dataset->values + dataset->order[k] * dataset->features;
        for (size_t i = 0; i < dataset->features; i++)
            sum[i] += (double)row[i];
    }
    for (size_t i = 0; i < dataset->features; i++)
        dataset->mean[i] = (float)(sum[i] / (double)dataset->training);
    hg__free(sum);
    return HG_OK;
}

/* Their type says where scaled values lie, whatever was found. */
static void bound(const struct hg__raw *raw, struct hg_dataset *dataset)
{
    if (!raw->bounded || dataset->scaling == HG_SCALE_STANDARD)
        return;
    /* Unscaled bytes are numbers like any others: nothing should be made of their range. */
    if (dataset->scaling == HG_SCALE_NONE && (raw->type == HG__U8 || raw->type == HG__U16) &&
        raw->highest > 1)
        return;
    dataset->bounded = true;
    dataset->lowest = dataset->scaling == HG_SCALE_SIGNED ? -1 : 0;
    dataset->highest = 1;
    if (dataset->scaling == HG_SCALE_NONE) {
        dataset->lowest = raw->lowest;
        dataset->highest = raw->highest;
    }
}

static void note(const struct hg__wish *wish, struct hg__raw *raw, const struct hg_dataset *dataset)
{
    static const char *const names[] = {"none", "0..1", "-1..1", "standard"};
    const char *name = names[dataset->scaling];

    if (wish->scale != HG__WISH_AUTO)
        return;
    if (dataset->scaling == HG_SCALE_NONE)
        hg__raw_note(raw, "scale %s: values as they are, %.4g to %.4g", name, dataset->lowest,
                     dataset->highest);
    else
        hg__raw_note(raw, "scale %s: the range of the type, %g to %g", name, raw->lowest,
                     raw->highest);
    /* An electrocardiogram in 16 bits, digits of 0 to 16 in 8. */
    if (dataset->scaling != HG_SCALE_NONE && dataset->highest - dataset->lowest < 0.25)
        hg__raw_note(raw,
                     "values fill only %.3g to %.3g of that range: scale = standard, or none, "
                     "may learn better",
                     dataset->lowest, dataset->highest);
}

enum hg_status hg__scale_apply(const struct hg__wish *wish, struct hg__raw *raw,
                               struct hg_dataset *dataset, struct hg__place *place)
{
    enum hg_status status;
    bool bytes;

    dataset->scaling = choose(wish->scale, raw);
    bytes = raw->type == HG__U8 && dataset->scaling != HG_SCALE_STANDARD;
    dataset->scales = dataset->scaling == HG_SCALE_STANDARD ? raw->features : 1;
    status = make_room(dataset, place->error);
    if (status == HG_OK)
        status = find(raw, dataset, place->error);
    if (status != HG_OK)
        return status;
    if (bytes) {
        apply8(raw, dataset);
        measure8(raw, dataset);
    } else {
        apply_any(raw, dataset);
    }
    if (!bytes && !measure(dataset)) {
        *place->key = "scale";
        return hg_error_set(place->error, HG_USAGE,
                            "some values are too large for single precision as they are scaled%s",
                            dataset->scaling == HG_SCALE_STANDARD ? "" : "; try scale = standard");
    }
    note(wish, raw, dataset);
    bound(raw, dataset);
    return find_mean(dataset, place->error);
}
