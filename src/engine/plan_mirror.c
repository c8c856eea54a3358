#include "engine/plan_maker.h"

#include <string.h>

static enum hg_status copy_layer(struct hg__maker *maker, size_t index)
{
    struct hg__layer copy = maker->plan->layers.layer[index];

    return hg__layers_add(&maker->plan->layers, &copy, maker->error);
}

/* Copies the words that belong to the head at `head` (or lead, when head is -1). */
static enum hg_status copy_words(struct hg__maker *maker, long head, size_t limit)
{
    enum hg_status status = HG_OK;

    for (size_t i = (size_t)(head + 1); !status && i < limit; i++) {
        if (hg__layer_heads(&maker->plan->layers.layer[i]))
            break;
        status = copy_layer(maker, i);
    }
    return status;
}

/* The head before `index`, -1 when there is none. */
static long head_before(const struct hg__layers *layers, long index)
{
    do
        index--;
    while (index >= 0 && !hg__layer_heads(&layers->layer[index]));
    return index;
}

/* A dense layer that gives what the image layer at `index` gave; how many values
 * that is, is known when there are shapes. No activation: the encoder has no
 * layer that it would be the mirror of. */
static enum hg_status add_restoring(struct hg__maker *maker, long index)
{
    struct hg__layer dense = maker->plan->layers.layer[index];

    dense.kind = HG__DENSE;
    dense.stride = 1;
    dense.mirrors = (int)index;
    return hg__layers_add(&maker->plan->layers, &dense, maker->error);
}

/* What undoes a change of the image's size: up of pool and of a stride, pool of up. */
static enum hg_status add_undoing(struct hg__maker *maker, long index)
{
    struct hg__layer layer = maker->plan->layers.layer[index];

    layer.kind = layer.kind == HG__UP ? HG__POOL : HG__UP;
    layer.mirrors = (int)index;
    return hg__layers_add(&maker->plan->layers, &layer, maker->error);
}

/* The group of one head, without its words. */
static enum hg_status mirror_head(struct hg__maker *maker, long index)
{
    struct hg__layer layer = maker->plan->layers.layer[index];
    enum hg_status status = HG_OK;

    if (layer.kind == HG__POOL || layer.kind == HG__UP)
        return add_undoing(maker, index);
    if (layer.kind == HG__CONV && layer.stride > 1)
        status = add_undoing(maker, index);
    layer.stride = 1;
    return status ? status : hg__layers_add(&maker->plan->layers, &layer, maker->error);
}

/* The encoder's groups in reverse order, each with its own words; words before the
 * first head end the decoder. pool K and stride K become up K, before the mirrored
 * convolution. Where values meet an image layer, a dense layer restores the image
 * first. Without a code layer, a dense layer that ends the encoder gave the code and is
 * left out: its mirror would only repeat it. Image layers are never left out. */
enum hg_status hg__plan_mirror(struct hg__maker *maker, size_t encoder, bool has_code)
{
    struct hg__layers *layers = &maker->plan->layers;
    long head = head_before(layers, (long)encoder);
    enum hg_status status = HG_OK;
    bool flat = has_code;

    if (!has_code && head >= 0 && layers->layer[head].kind == HG__DENSE) {
        flat = true;
        head = head_before(layers, head);
    }
    for (; !status && head >= 0; head = head_before(layers, head)) {
        bool image = hg__layer_on_image(&layers->layer[head]);
        if (flat && image)
            status = add_restoring(maker, head);
        flat = !image;
        if (!status)
            status = mirror_head(maker, head);
        if (!status)
            status = copy_words(maker, head, encoder);
    }
    return status ? status : copy_words(maker, -1, encoder);
}

/* Every dense layer but the first runs backwards with the words of the layer
 * before it; the output layer will share the first one's. */
enum hg_status hg__plan_tie(struct hg__maker *maker, size_t end, long *first)
{
    struct hg__layers *layers = &maker->plan->layers;
    struct hg__layer_text text = hg__maker_text(maker, "decoder");
    enum hg_status status = HG_OK;
    long head = head_before(layers, (long)end), before;

    for (long i = head; i >= 0; i = head_before(layers, i))
        if (layers->layer[i].kind != HG__DENSE)
            return hg__layer_fault(&text, 0, strlen(text.text), maker->error,
                                   "a tied decoder needs an encoder of dense layers only");
    if (head < 0)
        return hg__layer_fault(&text, 0, strlen(text.text), maker->error,
                               "a tied decoder needs a dense layer to share weights with");
    for (; !status && (before = head_before(layers, head)) >= 0; head = before) {
        struct hg__layer dense = layers->layer[before];
        dense.tied = (int)head;
        if (!(status = hg__layers_add(layers, &dense, maker->error)))
            status = copy_words(maker, before, end);
    }
    *first = head;
    return status ? status : copy_words(maker, -1, end);
}
