#include "engine/layers.h"

#include "base/mem.h"
#include "base/number.h"

#include <stdio.h>
#include <string.h>

void hg__layers_fini(struct hg__layers *layers)
{
    hg__free(layers->layer);
    memset(layers, 0, sizeof *layers);
}

enum hg_status hg__layers_add(struct hg__layers *layers, const struct hg__layer *layer,
                              struct hg_error *error)
{
    if (layers->count == layers->room) {
        size_t room = layers->room ? layers->room * 2 : 16;
        struct hg__layer *grown = hg__realloc(layers->layer, room, sizeof *grown);
        if (!grown)
            return hg_error_set(error, HG_NO_MEMORY, "no memory for the list of layers");
        layers->layer = grown;
        layers->room = room;
    }
    layers->layer[layers->count++] = *layer;
    return HG_OK;
}

bool hg__layer_heads(const struct hg__layer *layer)
{
    return layer->kind == HG__DENSE || layer->kind == HG__CONV || layer->kind == HG__POOL ||
           layer->kind == HG__UP;
}

size_t hg__layers_end_of_group(const struct hg__layers *layers, size_t border, size_t index)
{
    size_t end = index + 1;

    while (end < layers->count && end != border && !hg__layer_heads(&layers->layer[end]))
        end++;
    return end;
}

size_t hg__layers_last_weight(const struct hg__layers *layers)
{
    size_t last = layers->count - 1;

    while (last > 0 && layers->layer[last].kind != HG__DENSE &&
           layers->layer[last].kind != HG__CONV)
        last--;
    return last;
}

bool hg__layer_on_image(const struct hg__layer *layer)
{
    return layer->kind == HG__CONV || layer->kind == HG__POOL || layer->kind == HG__UP;
}

void hg__layer_describe(const struct hg__layer *layer, char *out, size_t size)
{
    char number[32];

    switch (layer->kind) {
    case HG__DENSE:
        if (layer->gaussian)
            snprintf(out, size, "dense %d (%d gaussian)", layer->units, layer->units / 2);
        else
            snprintf(out, size, "dense %d", layer->units);
        break;
    case HG__CONV:
        snprintf(out, size, layer->stride > 1 ? "conv %d %dx%d stride %d" : "conv %d %dx%d",
                 layer->units, layer->kernel, layer->kernel, layer->stride);
        break;
    case HG__POOL:
    case HG__UP:
        snprintf(out, size, "%s %d", layer->kind == HG__POOL ? "pool" : "up", layer->stride);
        break;
    case HG__BN:
        snprintf(out, size, "bn");
        break;
    case HG__DROPOUT:
        snprintf(out, size, "dropout %s", hg__format_real(number, layer->amount));
        break;
    default:
        if (layer->activation == HG_LRELU && layer->amount != 0.01)
            snprintf(out, size, "lrelu:%s", hg__format_real(number, layer->amount));
        else
            snprintf(out, size, "%s", hg_activation_name(layer->activation));
    }
}
