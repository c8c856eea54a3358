#include "hourglass/dataset.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "data/image.h"
#include "data/labels.h"
#include "data/raw.h"
#include "data/scale.h"
#include "data/wish.h"
#include "hourglass/text.h"

#include <math.h>
#include <string.h>

/* ---- rows that are images ---- */

static size_t square_side(size_t n)
{
    size_t side = (size_t)(sqrt((double)n) + 0.5);
    return side * side == n ? side : 0;
}

static bool none_negative(const struct hg__raw *raw)
{
    for (size_t i = 0; i < raw->samples * raw->features; i++)
        if (hg__raw_value(raw, i) < 0)
            return false;
    return true;
}

/* Does anything say that a flat row is a square image? Column names of pixels do. So do labels,
 * where columns have no names of their own and the values could be brightness: digits
 * kept as rows of numbers with a class. From 4x4: four measurements are no 2x2 image. */
static bool is_square(const struct hg__raw *raw)
{
    if (!raw->flat || square_side(raw->features) < 2)
        return false;
    if (raw->named)
        return raw->pixels;
    return raw->labels && raw->features >= 16 && none_negative(raw);
}

/* Rows in row, column, channel order to channel, row, column. */
static enum hg_status interleaved(struct hg__raw *raw, struct hg_shape shape,
                                  struct hg_error *error)
{
    size_t size = hg__type_size(raw->type), n = raw->features;
    size_t channels = (size_t)shape.channels, pixels = n / channels;
    unsigned char *row = hg__alloc(n, size);

    if (!row)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a row of %zu values", n);
    for (size_t s = 0; s < raw->samples; s++) {
        unsigned char *sample = (unsigned char *)raw->values + s * n * size;
        memcpy(row, sample, n * size);
        for (size_t i = 0; i < n; i++)
            memcpy(sample + (i % channels * pixels + i / channels) * size, row + i * size, size);
    }
    hg__free(row);
    return HG_OK;
}

static enum hg_status shape_as_wished(const struct hg__wish *wish, struct hg__raw *raw,
                                      struct hg__place *place)
{
    struct hg_shape wanted = wish->shape, is = raw->shape;

    *place->key = "shape";
    if (raw->image) {
        if (memcmp(&wanted, &is, sizeof is) == 0)
            return HG_OK;
        return hg_error_set(place->error, HG_USAGE,
                            "%dx%dx%d, but the data are images of %dx%dx%d; data.size resamples",
                            wanted.columns, wanted.rows, wanted.channels, is.columns, is.rows,
                            is.channels);
    }
    if (hg_shape_size(wanted) != raw->features)
        return hg_error_set(
            place->error, HG_USAGE, "%dx%dx%d makes %zu values, but the data have %zu a sample",
            wanted.columns, wanted.rows, wanted.channels, hg_shape_size(wanted), raw->features);
    raw->shape = wanted;
    raw->image = true;
    return wanted.channels > 1 ? interleaved(raw, wanted, place->error) : HG_OK;
}

static enum hg_status settle_shape(const struct hg__wish *wish, struct hg__raw *raw,
                                   struct hg__place *place)
{
    int side;

    if (wish->shape.rows)
        return shape_as_wished(wish, raw, place);
    if (!is_square(raw))
        return HG_OK;
    side = (int)square_side(raw->features);
    raw->shape = (struct hg_shape){1, side, side};
    raw->image = true;
    hg__raw_note(raw, "each row is taken as an image of %dx%d (data.shape)", side, side);
    return HG_OK;
}

/* ---- training and validation ---- */

static enum hg_status split(const struct hg_data_config *config, struct hg_dataset *dataset,
                            struct hg_error *error)
{
    size_t samples = dataset->samples, training = 0, validation;
    uint32_t *order = hg__alloc(samples, sizeof *order);
    bool *held = hg__alloc(samples, sizeof *held);
    struct hg__rng rng;

    dataset->order = order;
    if (!order || !held) {
        hg__free(held);
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the order of %zu samples", samples);
    }
    validation = (size_t)floor(config->validation * (double)samples + 0.5);
    if (validation >= samples)
        validation = samples - 1;
    for (size_t i = 0; i < samples; i++)
        order[i] = (uint32_t)i;
    hg__rng_start(&rng, config->seed, HG__RNG_SPLIT, 0, 0);
    hg__rng_shuffle(&rng, order, samples);
    for (size_t i = 0; i < validation; i++)
        held[order[i]] = true;
    dataset->validation = validation;
    dataset->training = samples - validation;
    for (size_t i = 0; i < samples; i++)
        if (!held[i])
            order[training++] = (uint32_t)i;
    for (size_t i = 0; i < samples; i++)
        if (held[i])
            order[training++] = (uint32_t)i;
    hg__free(held);
    return HG_OK;
}

/* ---- names ---- */

static char *sanitized(const char *text)
{
    char safe[1024];

    hg_text_sanitize(safe, sizeof safe, text);
    return hg__strdup(safe);
}

static void cut(char *name, const char *suffix)
{
    if (hg__path_ends(name, suffix) && strlen(name) > strlen(suffix))
        name[strlen(name) - strlen(suffix)] = '\0';
}

/* What a header calls the data: the file's name without its endings; IDX files of the usual
 * names, which are the same everywhere, get their folder's: "mnist t10k". */
static char *name_of(const struct hg__peek *peek, const struct hg__source_ops *ops)
{
    static const char *const endings[] = {".gz",  ".csv",   ".npy",  ".npz",  ".png",   ".idx",
                                          ".tsv", "-ubyte", "-idx3", ".idx3", "-images"};
    const char *drawn = strchr(peek->source, ':');
    char name[512], *full = NULL, *result;

    if (ops->drawn)
        return sanitized(drawn ? drawn + 1 : peek->source);
    full = hg__path_absolute(peek->path);
    if (!full)
        return NULL;
    while (strlen(full) > 1 && full[strlen(full) - 1] == '/')
        full[strlen(full) - 1] = '\0';
    hg_text_sanitize(name, sizeof name, hg__path_base(full));
    for (size_t i = 0; i < sizeof endings / sizeof endings[0] && !peek->folder; i++)
        cut(name, endings[i]);
    if (strstr(hg__path_base(full), "-images")) {
        char *folder = hg__path_folder(full);
        char both[1024];
        size_t length = folder ? hg_text_sanitize(both, 500, hg__path_base(folder)) : 0;
        both[length] = ' ';
        memcpy(both + length + 1, name, strlen(name) + 1);
        result = hg__strdup(length ? both : name);
        hg__free(folder);
    } else {
        result = hg__strdup(name);
    }
    hg__free(full);
    return result;
}

static enum hg_status take_names(struct hg__raw *raw, struct hg_dataset *dataset,
                                 struct hg_error *error)
{
    bool right = dataset->name != NULL;

    for (size_t i = 0; i < raw->classes; i++) {
        char *safe = sanitized(raw->class_names[i]);
        right = right && safe;
        hg__free(raw->class_names[i]);
        raw->class_names[i] = safe;
    }
    for (size_t i = 0; i < raw->note_count; i++) {
        char *safe = sanitized(raw->notes[i]);
        right = right && safe;
        hg__free(raw->notes[i]);
        raw->notes[i] = safe;
    }
    dataset->classes = raw->classes;
    dataset->class_names = raw->class_names;
    dataset->labels = raw->labels;
    dataset->notes = raw->notes;
    dataset->note_count = raw->note_count;
    raw->classes = raw->note_count = 0;
    raw->class_names = raw->notes = NULL;
    raw->labels = NULL;
    return right ? HG_OK : hg_error_set(error, HG_NO_MEMORY, "no memory for names");
}

/* ---- the way from file to dataset ---- */

static enum hg_status prepare(struct hg_context *context, const struct hg__wish *wish,
                              struct hg__raw *raw, struct hg_dataset *dataset,
                              struct hg__place *place)
{
    enum hg_status status = hg__labels_choose(wish, raw, place);

    if (status == HG_OK)
        status = settle_shape(wish, raw, place);
    if (status == HG_OK)
        status = hg__raw_resample(context, wish, raw, place);
    if (status != HG_OK)
        return status;
    dataset->samples = raw->samples;
    dataset->features = raw->features;
    dataset->shape = raw->shape;
    dataset->image = raw->image;
    status = split(wish->config, dataset, place->error);
    if (status == HG_OK)
        status = hg__scale_apply(wish, raw, dataset, place);
    return status;
}

static enum hg_status load(struct hg_context *context, const struct hg__wish *wish,
                           struct hg_dataset *dataset, struct hg__place *place)
{
    const char *source = wish->config->source ? wish->config->source : "builtin:digits";
    const struct hg__source_ops *ops;
    struct hg__raw raw = {0};
    struct hg__peek peek;
    enum hg_status status = hg__source_find(source, &peek, &ops, place->error);

    if (status == HG_OK)
        status = hg__source_read(context, ops, &peek, wish, &raw, place);
    if (status == HG_OK)
        status = hg__labels_settle(context, &peek, ops, wish, &raw, place);
    if (status == HG_OK)
        status = prepare(context, wish, &raw, dataset, place);
    if (status == HG_OK) {
        dataset->name = name_of(&peek, ops);
        status = take_names(&raw, dataset, place->error);
    }
    hg__raw_fini(&raw);
    hg__peek_fini(&peek);
    return status;
}

enum hg_status hg_dataset_load(struct hg_context *context, const struct hg_data_config *config,
                               struct hg_dataset **dataset, const char **key,
                               struct hg_error *error)
{
    const char *fault = NULL;
    struct hg__place place = {&fault, error};
    struct hg__wish wish;
    enum hg_status status = hg__wish_parse(config, &wish, &fault, error);

    *dataset = NULL;
    if (status == HG_OK) {
        *dataset = hg__alloc(1, sizeof **dataset);
        status = *dataset ? load(context, &wish, *dataset, &place)
                          : hg_error_set(error, HG_NO_MEMORY, "no memory for a dataset");
    }
    if (status != HG_OK) {
        hg_dataset_destroy(*dataset);
        *dataset = NULL;
    }
    if (key)
        *key = status == HG_USAGE ? fault : NULL;
    return status;
}

void hg_dataset_destroy(struct hg_dataset *dataset)
{
    if (!dataset)
        return;
    for (size_t i = 0; i < dataset->classes; i++)
        hg__free(dataset->class_names[i]);
    for (size_t i = 0; i < dataset->note_count; i++)
        hg__free(dataset->notes[i]);
    hg__free(dataset->class_names);
    hg__free(dataset->notes);
    hg__free(dataset->name);
    hg__free(dataset->values);
    hg__free(dataset->labels);
    hg__free(dataset->factor);
    hg__free(dataset->offset);
    hg__free(dataset->order);
    hg__free(dataset->mean);
    hg__free(dataset);
}

bool hg_dataset_held_out(const struct hg_dataset *dataset, uint32_t sample)
{
    size_t low = dataset->training, high = dataset->samples;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dataset->order[middle] < sample)
            low = middle + 1;
        else
            high = middle;
    }
    return low < dataset->samples && dataset->order[low] == sample;
}

enum hg_status hg_data_config_check(const struct hg_data_config *config, const char **key,
                                    struct hg_error *error)
{
    struct hg__wish wish;

    if (key)
        *key = NULL;
    return hg__wish_parse(config, &wish, key, error);
}

const char *hg_data_kind(const char *path)
{
    const struct hg__source_ops *ops = NULL;
    struct hg__peek peek;
    enum hg_status status = hg__source_find(path, &peek, &ops, NULL);

    hg__peek_fini(&peek);
    return status == HG_OK && ops ? ops->kind : NULL;
}
