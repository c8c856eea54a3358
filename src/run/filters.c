#include "run/filters.h"

#include "base/mem.h"
#include "run/shrink.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is farther from the middle than so many standard deviations is drawn like the
 * farthest: a single outlier would leave all others grey. */
static const double outlier = 3.5;

static const size_t nowhere = (size_t)-1;

static bool make_room(float **area, size_t *room, size_t count)
{
    if (count > *room) {
        hg__free(*area);
        *area = hg__alloc_aligned(count, sizeof **area);
        *room = *area ? count : 0;
    }
    return *area != NULL;
}

/* The first tensor that is a matrix or holds kernels. */
static size_t first_weights(const struct hg_model *model)
{
    for (size_t i = 0; i < hg_model_tensors(model); i++)
        if (hg_model_tensor(model, i).dims >= 2)
            return i;
    return nowhere;
}

/* "encoder.0.weight" is a tensor of layer "encoder.0". */
static size_t layer_of(const struct hg_model *model, const struct hg_tensor_info *tensor)
{
    size_t length = (size_t)(strrchr(tensor->name, '.') - tensor->name);

    for (size_t i = 0; i < hg_model_layers(model); i++) {
        struct hg_layer_info layer = hg_model_layer(model, i);
        if (strlen(layer.name) == length && strncmp(layer.name, tensor->name, length) == 0)
            return i;
    }
    return nowhere;
}

/* A pixel each is no picture: channels become the columns of a row. */
static struct hg_shape as_row(struct hg_shape shape)
{
    if (shape.rows == 1 && shape.columns == 1)
        return (struct hg_shape){1, 1, shape.channels};
    return shape;
}

static void name_layer(struct hg_filters *facts, const struct hg_model *model, size_t index)
{
    struct hg_layer_info layer = hg_model_layer(model, index);

    memcpy(facts->name, layer.name, sizeof facts->name);
    memcpy(facts->text, layer.text, sizeof facts->text);
}

/* Level 0. False: no weights, or no memory. */
static bool read_weights(struct hg__filters *filters, const struct hg_model *model,
                         const struct hg_dataset *dataset)
{
    struct hg_filters *facts = &filters->facts;
    size_t index = first_weights(model), layer;
    struct hg_tensor_info tensor;

    if (index == nowhere)
        return false;
    tensor = hg_model_tensor(model, index);
    layer = layer_of(model, &tensor);
    if (layer == nowhere || !make_room(&filters->work, &filters->work_room, tensor.count))
        return false;
    name_layer(facts, model, layer);
    facts->total = tensor.shape[0];
    if (tensor.dims == 4) {
        facts->kind = HG_FILTER_KERNELS;
        facts->shape = (struct hg_shape){(int)tensor.shape[1], (int)tensor.shape[2],
                                         (int)tensor.shape[3]};
    } else {
        facts->kind = HG_FILTER_WEIGHTS;
        facts->shape = as_row(layer > 0 ? hg_model_layer(model, layer - 1).shape : dataset->shape);
    }
    hg_model_read(model, index, HG_PART_VALUE, filters->work);
    return true;
}

static bool is_word(const char *text)
{
    return strncmp(text, "dense", 5) != 0 && strncmp(text, "conv", 4) != 0 &&
           strncmp(text, "pool", 4) != 0 && strncmp(text, "up", 2) != 0;
}

/* The last layer of an image network, and the words after it, give an image. */
static bool gives_image(const struct hg_model *model, const struct hg_dataset *dataset,
                        size_t index)
{
    size_t last = hg_model_layers(model) - 1;

    while (last > 0 && is_word(hg_model_layer(model, last).text))
        last--;
    return dataset->image && index >= last &&
           hg_shape_size(hg_model_layer(model, index).shape) == dataset->features;
}

static bool read_outputs(struct hg__filters *filters, struct hg_model *model,
                         const struct hg_dataset *dataset, uint32_t sample)
{
    struct hg_filters *facts = &filters->facts;
    size_t layer = (size_t)facts->level - 1;
    struct hg_shape shape = hg_model_layer(model, layer).shape;
    size_t size = hg_shape_size(shape);
    bool image = gives_image(model, dataset, layer), colour = image && dataset->shape.channels == 3;

    if (!make_room(&filters->work, &filters->work_room, size))
        return false;
    name_layer(facts, model, layer);
    if (image)
        shape = dataset->shape;
    if (shape.rows > 1) {
        facts->kind = HG_FILTER_MAPS;
        facts->total = colour ? 1 : (size_t)shape.channels;
        facts->shape = (struct hg_shape){colour ? 3 : 1, shape.rows, shape.columns};
    } else {
        facts->kind = HG_FILTER_OUTPUTS;
        facts->total = size;
        facts->shape = (struct hg_shape){1, 1, 1};
    }
    hg_model_activations(model, dataset->values + (size_t)sample * dataset->features, layer,
                         filters->work);
    return true;
}

/* Of many channels one average, in place: neither grey nor RGB can show them. */
static void average_channels(struct hg__filters *filters)
{
    struct hg_filters *facts = &filters->facts;
    size_t plane = (size_t)facts->shape.rows * (size_t)facts->shape.columns;
    size_t channels = (size_t)facts->shape.channels;

    facts->averaged = channels != 1 && channels != 3;
    if (!facts->averaged)
        return;
    for (size_t p = 0; p < facts->total; p++) {
        const float *from = filters->work + p * channels * plane;
        float *to = filters->work + p * plane;
        for (size_t i = 0; i < plane; i++) {
            double sum = 0;
            for (size_t c = 0; c < channels; c++)
                sum += (double)from[c * plane + i];
            to[i] = (float)(sum / (double)channels);
        }
    }
}

/* Sums over a level, for its range. */
struct moments {
    double lowest, highest, sum, squares;
};

/* Adds one picture; true when it is of one value everywhere. */
static bool add_picture(struct moments *all, const float *value, size_t size)
{
    float low = value[0], high = value[0];

    for (size_t i = 0; i < size; i++) {
        low = value[i] < low ? value[i] : low;
        high = value[i] > high ? value[i] : high;
        all->sum += (double)value[i];
        all->squares += (double)value[i] * (double)value[i];
    }
    all->lowest = fmin(all->lowest, (double)low);
    all->highest = fmax(all->highest, (double)high);
    return size > 1 && low == high;
}

/* Weights and values have signs, so their scale is even about 0; maps lie where they lie. */
static void set_range(struct hg_filters *facts, const struct moments *all, double count)
{
    double mean = all->sum / count, square = all->squares / count;
    double reach = outlier * sqrt(fmax(square - mean * mean, 0));

    if (facts->kind == HG_FILTER_MAPS) {
        facts->lowest = fmax(all->lowest, mean - reach);
        facts->highest = fmin(all->highest, mean + reach);
        return;
    }
    facts->highest = fmax(fabs(all->lowest), fabs(all->highest));
    if (facts->kind != HG_FILTER_OUTPUTS)
        facts->highest = fmin(facts->highest, outlier * sqrt(square));
    facts->lowest = -facts->highest;
}

/* Finds the range of the level and its pictures of one value. `size`: values of one. */
static void find_range(struct hg__filters *filters, size_t size)
{
    struct hg_filters *facts = &filters->facts;
    struct moments all = {INFINITY, -INFINITY, 0, 0};

    facts->constants = 0;
    facts->lowest = facts->highest = 0;
    memset(facts->constant, 0, sizeof facts->constant);
    for (size_t p = 0; p < facts->total; p++) {
        if (!add_picture(&all, filters->work + p * size, size))
            continue;
        facts->constants++;
        if (p >= facts->first && p - facts->first < facts->count)
            facts->constant[p - facts->first] = true;
    }
    if (facts->total)
        set_range(facts, &all, (double)facts->total * (double)size);
}

/* The page that is asked for, as far as there is one. */
static void choose_page(struct hg__filters *filters)
{
    const struct hg__filters_wish *wish = &filters->wish;
    struct hg_filters *facts = &filters->facts;
    size_t most = facts->kind == HG_FILTER_OUTPUTS ? HG_FILTER_VALUES : HG_FILTER_PICTURES;
    size_t left;

    facts->first = wish->first < facts->total ? wish->first : 0;
    left = facts->total - facts->first;
    facts->count = wish->count < most ? wish->count : most;
    facts->count = facts->count < left ? facts->count : left;
}

static bool copy_page(struct hg__filters *filters)
{
    struct hg_filters *facts = &filters->facts;
    struct hg_shape shape = facts->shape;
    int factor = hg__shrink_factor(shape, HG_FILTER_SIDE);
    size_t large, small;

    if (facts->averaged)
        shape.channels = 1;
    facts->picture = hg__shrink_shape(shape, factor);
    large = hg_shape_size(shape);
    small = hg_shape_size(facts->picture);
    if (!make_room(&filters->page, &filters->page_room, facts->count * small))
        return false;
    for (size_t i = 0; i < facts->count; i++)
        hg__shrink(filters->work + (facts->first + i) * large, shape, factor,
                   filters->page + i * small);
    facts->values = filters->page;
    return true;
}

static void name_levels(struct hg_filters *facts, const struct hg_model *model)
{
    const size_t size = sizeof facts->level_text[0];

    snprintf(facts->level_text[0], size, "weights");
    for (int i = 1; i < facts->levels && i < HG_FILTER_LEVELS; i++) {
        struct hg_layer_info layer = hg_model_layer(model, (size_t)i - 1);
        char *kernel = strstr(layer.text, " 3x3"); /* goes without saying */
        if (kernel)
            memmove(kernel, kernel + 4, strlen(kernel + 4) + 1);
        snprintf(facts->level_text[i], size, "%.*s", (int)size - 1, layer.text);
    }
}

void hg__filters_probe(struct hg__filters *filters, struct hg_model *model,
                       const struct hg_dataset *dataset, uint32_t sample)
{
    struct hg_filters *facts = &filters->facts;
    bool read;

    facts->levels = 1 + (int)hg_model_layers(model);
    facts->level = filters->wish.level < facts->levels ? filters->wish.level : facts->levels - 1;
    facts->sample = sample;
    name_levels(facts, model);
    read = facts->level == 0 ? read_weights(filters, model, dataset)
                             : read_outputs(filters, model, dataset, sample);
    if (!read) {
        facts->total = 0;
        facts->shape = (struct hg_shape){1, 1, 1};
    }
    choose_page(filters);
    average_channels(filters);
    find_range(filters,
               hg_shape_size(facts->shape) / (facts->averaged ? (size_t)facts->shape.channels : 1));
    if (facts->level == facts->levels - 1 && facts->kind == HG_FILTER_MAPS &&
        dataset->highest > dataset->lowest) { /* beside the input, in the same colours */
        facts->lowest = (double)dataset->lowest;
        facts->highest = (double)dataset->highest;
    }
    if (!copy_page(filters))
        facts->total = facts->count = 0;
    facts->known = filters->known = true;
    facts->serial++;
    filters->wanted = false;
}

enum hg_status hg__filters_fill(const struct hg__filters *filters, struct hg_filters *out)
{
    const struct hg_filters *facts = &filters->facts;
    size_t size = facts->count * hg_shape_size(facts->picture);
    float *values = out->values;

    if (filters->wish.level < 0 || !facts->known) {
        out->known = false;
        return HG_OK;
    }
    if (out->known && out->serial == facts->serial)
        return HG_OK;
    if (size > out->room) {
        hg__free(values);
        values = hg__alloc_aligned(size, sizeof *values);
        out->values = values;
        out->room = values ? size : 0;
        out->known = false;
        if (!values)
            return HG_NO_MEMORY;
    }
    size_t room = out->room;
    *out = *facts;
    out->values = values;
    out->room = room;
    if (size)
        memcpy(values, facts->values, size * sizeof *values);
    return HG_OK;
}

void hg__filters_fini(struct hg__filters *filters)
{
    hg__free(filters->work);
    hg__free(filters->page);
    *filters = (struct hg__filters){.wish = {.level = -1}};
}
