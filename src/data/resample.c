/* size and channels for samples that are in memory already. */
#include "base/mem.h"
#include "data/image.h"
#include "data/raw.h"

static enum hg_status refuse(struct hg__place *place, const char *key, const char *why)
{
    *place->key = key;
    return hg_error_set(place->error, HG_USAGE, "%s", why);
}

static enum hg_status check(const struct hg__wish *wish, const struct hg__raw *raw,
                            struct hg__place *place)
{
    int channels = raw->shape.channels;

    if (wish->width && !raw->image)
        return refuse(place, "size", "the data are no images (data.shape says how a row is one)");
    if (!wish->channels || wish->channels == channels)
        return HG_OK;
    if (!raw->image)
        return refuse(place, "channels",
                      "the data are no images (data.shape says how a row is one)");
    if (channels != 1 && channels != 3)
        return refuse(place, "channels", "only images of 1 or 3 channels can be converted");
    return HG_OK;
}

/* Fresh values beside the old: what `raw` will hold. */
static enum hg_status begin(struct hg_context *context, const struct hg__wish *wish,
                            const struct hg__raw *raw, struct hg_shape shape, struct hg__raw *to,
                            struct hg_error *error)
{
    struct hg__raw_size size = {"data.size", raw->samples, shape, true, raw->type};

    *to = (struct hg__raw){0};
    return hg__raw_room(context, wish, &size, to, error);
}

static void replace(struct hg__raw *raw, struct hg__raw *to)
{
    hg__free(raw->area);
    raw->area = to->area;
    raw->values = to->values;
    raw->shape = to->shape;
    raw->features = to->features;
}

static struct hg__picture sample(const struct hg__raw *raw, size_t i)
{
    size_t bytes = raw->features * hg__type_size(raw->type);
    return (struct hg__picture){raw->type, raw->shape, (char *)raw->values + i * bytes};
}

static enum hg_status convert(struct hg_context *context, const struct hg__wish *wish,
                              struct hg__raw *raw, struct hg_error *error)
{
    struct hg_shape shape = {wish->channels, raw->shape.rows, raw->shape.columns};
    struct hg__raw to;
    enum hg_status status = begin(context, wish, raw, shape, &to, error);

    if (status != HG_OK)
        return status;
    for (size_t i = 0; i < raw->samples; i++) {
        struct hg__picture in = sample(raw, i), out = sample(&to, i);
        hg__picture_convert(&in, &out);
    }
    replace(raw, &to);
    return HG_OK;
}

static enum hg_status resize(struct hg_context *context, const struct hg__wish *wish,
                             struct hg__raw *raw, struct hg_error *error)
{
    struct hg_shape shape = {raw->shape.channels, wish->height, wish->width};
    struct hg_shape was = raw->shape;
    struct hg__resizer resizer;
    struct hg__raw to;
    enum hg_status status = begin(context, wish, raw, shape, &to, error);

    if (status != HG_OK)
        return status;
    status = hg__resizer_init(&resizer, raw->shape, shape, error);
    if (status != HG_OK) {
        hg__raw_fini(&to);
        return status;
    }
    for (size_t i = 0; i < raw->samples; i++) {
        struct hg__picture in = sample(raw, i), out = sample(&to, i);
        hg__resizer_run(&resizer, &in, &out);
    }
    hg__resizer_fini(&resizer);
    replace(raw, &to);
    hg__raw_note(raw, "resampled from %dx%d to %dx%d", was.columns, was.rows, shape.columns,
                 shape.rows);
    return HG_OK;
}

enum hg_status hg__raw_resample(struct hg_context *context, const struct hg__wish *wish,
                                struct hg__raw *raw, struct hg__place *place)
{
    enum hg_status status = check(wish, raw, place);

    if (status == HG_OK && wish->channels && wish->channels != raw->shape.channels)
        status = convert(context, wish, raw, place->error);
    if (status == HG_OK && wish->width &&
        (wish->width != raw->shape.columns || wish->height != raw->shape.rows))
        status = resize(context, wish, raw, place->error);
    return status;
}
