#include "engine/plan_maker.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

/* Going through the layers from the input on. */
struct walk {
    struct hg__maker *maker;
    size_t index;            /* the layer that is looked at */
    struct hg_shape shape;   /* what it sees */
    struct hg_shape reached; /* the last image of the encoder so far */
    bool on;                 /* what it sees is an image, not a row of values */
    bool drawn;              /* the decoder has image layers */
    int module;              /* the next number in this nn.Sequential */
};

static struct hg__layer *present(const struct walk *walk)
{
    return &walk->maker->plan->layers.layer[walk->index];
}

/* A fault that begins with the layer's text. */
HG_PRINTF(3, 4)
static enum hg_status refuse(const struct walk *walk, const struct hg__layer *layer,
                             const char *format, ...)
{
    struct hg__layer_text text = hg__maker_text(walk->maker, layer->key);
    char reason[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return hg__layer_fault(&text, layer->column, layer->length, walk->maker->error, "%s", reason);
}

struct shape_text {
    char s[40];
};

static struct shape_text shown(struct hg_shape shape)
{
    struct shape_text text;

    snprintf(text.s, sizeof text.s, "%dx%dx%d", shape.channels, shape.rows, shape.columns);
    return text;
}

static bool same_size(struct hg_shape a, struct hg_shape b)
{
    return a.rows == b.rows && a.columns == b.columns;
}

/* ---- between values and images ---- */

/* An image layer after dense ones: Unflatten to the image that a mirror restores here,
 * else to the size that the encoder had reached, with as many channels as that gives. */
static enum hg_status unflatten(struct walk *walk)
{
    const struct hg__layer *layer = present(walk);
    const struct hg__layer *before = walk->index ? layer - 1 : NULL;
    size_t values = hg_shape_size(walk->shape), pixels;
    struct hg_shape image = walk->reached;

    if (before && before->kind == HG__DENSE && before->mirrors != HG__NO_MIRROR)
        image = walk->maker->plan->layers.layer[before->mirrors].out;
    pixels = (size_t)image.rows * (size_t)image.columns;
    if (values % pixels != 0)
        return refuse(walk, layer,
                      "takes images of %dx%d pixels, the size that the encoder reached, but "
                      "%zu values (%s) are not a whole number of channels of %zu",
                      image.rows, image.columns, values, shown(walk->shape).s, pixels);
    image.channels = (int)(values / pixels);
    walk->shape = image;
    walk->module++;
    return HG_OK;
}

static enum hg_status enter_image(struct walk *walk)
{
    const struct hg__layer *layer = present(walk);
    enum hg_status status = HG_OK;

    if (!walk->maker->config->image)
        return refuse(walk, layer,
                      "needs images, but a sample is a row of %zu values (%s); "
                      "data.shape = WxH or WxHxC says how a row is an image",
                      hg_shape_size(walk->maker->plan->input), shown(walk->maker->plan->input).s);
    if (!walk->on)
        status = unflatten(walk);
    walk->on = true;
    if (walk->index >= walk->maker->plan->encoder)
        walk->drawn = true;
    return status;
}

/* ---- what each kind gives ---- */

static enum hg_status check_size(const struct walk *walk, long long channels, long long rows,
                                 long long columns)
{
    /* Each is below 2^62: rows and columns are products of two numbers below 2^31. */
    if (rows <= INT_MAX && columns <= INT_MAX && rows * columns <= INT_MAX &&
        channels * rows * columns <= INT_MAX)
        return HG_OK;
    return refuse(walk, present(walk), "takes %s and gives %lldx%lldx%lld, more than %d values",
                  shown(walk->shape).s, channels, rows, columns, INT_MAX);
}

static enum hg_status shape_conv(struct walk *walk)
{
    struct hg__layer *layer = present(walk);
    struct hg_shape in = walk->shape;
    int rows = (in.rows - 1) / layer->stride + 1;
    int columns = (in.columns - 1) / layer->stride + 1;
    double numbers = (double)layer->kernel * layer->kernel;
    enum hg_status status = check_size(walk, layer->units, rows, columns);

    if (status)
        return status;
    if (numbers * in.channels > INT_MAX || numbers * layer->units > INT_MAX)
        return refuse(walk, layer, "a kernel of %dx%d over %s has too many weights", layer->kernel,
                      layer->kernel, shown(in).s);
    layer->out = (struct hg_shape){layer->units, rows, columns};
    return HG_OK;
}

static enum hg_status shape_pool(struct walk *walk)
{
    struct hg__layer *layer = present(walk);
    struct hg_shape in = walk->shape, out = in;

    out.rows /= layer->stride;
    out.columns /= layer->stride;
    if (out.rows == 0 || out.columns == 0)
        return refuse(walk, layer, "takes %s and gives %s: nothing is left", shown(in).s,
                      shown(out).s);
    layer->out = out;
    return HG_OK;
}

static enum hg_status shape_up(struct walk *walk)
{
    struct hg__layer *layer = present(walk);
    struct hg_shape in = walk->shape;
    long long rows = (long long)in.rows * layer->stride;
    long long columns = (long long)in.columns * layer->stride;
    enum hg_status status = check_size(walk, in.channels, rows, columns);

    if (!status)
        layer->out = (struct hg_shape){in.channels, (int)rows, (int)columns};
    return status;
}

static enum hg_status shape_image(struct walk *walk)
{
    enum hg_status status = enter_image(walk);
    struct hg__layer *layer = present(walk);

    if (status)
        return status;
    layer->in = walk->shape;
    layer->map = true;
    if (layer->kind == HG__CONV)
        return shape_conv(walk);
    return layer->kind == HG__POOL ? shape_pool(walk) : shape_up(walk);
}

static enum hg_status shape_dense(struct walk *walk)
{
    struct hg__layer *layer = present(walk);

    if (layer->mirrors != HG__NO_MIRROR)
        layer->units = (int)hg_shape_size(walk->maker->plan->layers.layer[layer->mirrors].out);
    if (walk->on)
        walk->module++; /* Flatten */
    walk->on = false;
    layer->in = walk->shape;
    layer->out = (struct hg_shape){1, 1, layer->units};
    return HG_OK;
}

/* ---- the end ---- */

/* The first layer of a mirror that gives another size than there was before what it
 * undoes (29 -> 14 -> 28); NULL: there is none. */
static const struct hg__layer *failed_mirror(const struct hg__plan *plan)
{
    const struct hg__layer *layer = plan->layers.layer;

    for (size_t i = plan->encoder; i < plan->layers.count; i++)
        if (layer[i].mirrors != HG__NO_MIRROR && layer[i].kind != HG__DENSE &&
            !same_size(layer[i].out, layer[layer[i].mirrors].in))
            return &layer[i];
    return NULL;
}

static enum hg_status refuse_end(const struct walk *walk, const struct hg__layer *last)
{
    const struct hg__plan *plan = walk->maker->plan;
    const struct hg__layer *undoes = walk->on ? failed_mirror(plan) : NULL;
    const struct hg__layer *source = undoes ? &plan->layers.layer[undoes->mirrors] : NULL;
    struct shape_text given = shown(walk->shape), wanted = shown(plan->input);

    if (source)
        return refuse(walk, source,
                      "takes %s to %s, but its mirror, \"%s %d\", gives %s; so the decoder "
                      "gives %s, the input is %s",
                      shown(source->in).s, shown(source->out).s,
                      undoes->kind == HG__UP ? "up" : "pool", undoes->stride, shown(undoes->out).s,
                      given.s, wanted.s);
    return refuse(walk, last, "gives %s (%zu values), the input is %s (%zu values)", given.s,
                  hg_shape_size(walk->shape), wanted.s, hg_shape_size(plan->input));
}

/* An activation alone stands for a conv 3x3 where an image of the input's size is
 * there, else for a dense layer. But a decoder that drew an image was meant to return. */
static enum hg_status settle_output(struct walk *walk)
{
    const struct hg__plan *plan = walk->maker->plan;
    struct hg__layer *layer = present(walk);

    if (!walk->on)
        return HG_OK;
    if (same_size(walk->shape, plan->input)) {
        layer->kind = HG__CONV;
        layer->units = plan->input.channels;
        layer->kernel = 3;
    } else if (walk->drawn) {
        return refuse_end(walk, layer - 1);
    }
    return HG_OK;
}

static enum hg_status check_end(const struct walk *walk)
{
    const struct hg__plan *plan = walk->maker->plan;
    struct hg_shape input = plan->input;

    if (walk->on ? same_size(walk->shape, input) && walk->shape.channels == input.channels
                 : hg_shape_size(walk->shape) == hg_shape_size(input))
        return HG_OK;
    return refuse_end(walk, &plan->layers.layer[plan->layers.count - 1]);
}

/* ---- all ---- */

/* Is the network's input an image to it? When the first head works on images; in
 * PyTorch it would be fed with such. */
static bool begins_on_image(const struct hg__layers *layers)
{
    for (size_t i = 0; i < layers->count; i++)
        if (hg__layer_heads(&layers->layer[i]))
            return hg__layer_on_image(&layers->layer[i]);
    return false;
}

static enum hg_status shape_layer(struct walk *walk)
{
    struct hg__layer *layer = present(walk);
    enum hg_status status = layer->implied ? settle_output(walk) : HG_OK;

    if (status)
        return status;
    if (hg__layer_on_image(layer))
        return shape_image(walk);
    if (layer->kind == HG__DENSE)
        return shape_dense(walk);
    layer->map = walk->on;
    layer->in = layer->out = walk->shape;
    return HG_OK;
}

enum hg_status hg__plan_shapes(struct hg__maker *maker)
{
    struct hg__plan *plan = maker->plan;
    struct walk walk = {
        .maker = maker,
        .shape = plan->input,
        .reached = plan->input,
        .on = begins_on_image(&plan->layers),
    };
    enum hg_status status;

    plan->code = plan->input;
    for (; walk.index < plan->layers.count; walk.index++) {
        struct hg__layer *layer = present(&walk);
        if (walk.index == plan->encoder)
            walk.module = 0;
        if ((status = shape_layer(&walk)))
            return status;
        layer->decoder = walk.index >= plan->encoder;
        layer->module = walk.module++;
        walk.shape = hg__plan_after(plan, walk.index);
        if (layer->gaussian)
            plan->gaussian = true;
        if (walk.on && !layer->decoder)
            walk.reached = walk.shape;
        if (walk.index + 1 == plan->encoder)
            plan->code = walk.shape;
    }
    return check_end(&walk);
}
