/* Which layers make a column, and the words for it. */
#include "run/network.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static bool weighs(const struct hg__layer *layer)
{
    return layer->kind == HG__DENSE || layer->kind == HG__CONV;
}

static bool resizes(const struct hg__layer *layer)
{
    return layer->kind == HG__POOL || layer->kind == HG__UP;
}

/* The tensor of a layer whose name ends so. */
static size_t tensor_of(const struct hg_model *model, size_t layer, const char *name)
{
    for (size_t i = 0; i < model->tensors; i++)
        if (model->tensor[i].layer == layer &&
            strcmp(strrchr(model->tensor[i].info.name, '.') + 1, name) == 0)
            return i;
    return HG__NOWHERE;
}

/* The last layer before the column's values are made more or fewer. */
static size_t find_seen(const struct hg_model *model, const struct hg__column *column)
{
    size_t at = column->begin;

    while (at < column->end && !resizes(&model->plan.layers.layer[at]))
        at++;
    return at > column->begin ? at - 1 : HG__NOWHERE;
}

static void settle_input(const struct hg_model *model, struct hg__column *column)
{
    const struct hg__layer *next = &model->plan.layers.layer[column->end];

    column->head = column->weight = column->bias = HG__NOWHERE;
    column->shape = column->in = model->plan.input;
    column->maps = next->kind == HG__CONV || resizes(&model->plan.layers.layer[0]);
    column->units = column->passes = column->maps ? (size_t)column->shape.channels
                                                  : hg_shape_size(column->shape);
}

static void settle_layer(const struct hg_model *model, struct hg__column *column)
{
    const struct hg__layer *layer = &model->plan.layers.layer[column->begin];

    column->head = column->begin;
    column->transposed = layer->kind == HG__DENSE && layer->tied != HG__UNTIED;
    column->weight = tensor_of(model, column->transposed ? (size_t)layer->tied : column->begin,
                               "weight");
    column->bias = tensor_of(model, column->begin, "bias");
    column->shape = layer->out;
    column->in = layer->in;
    column->maps = layer->kind == HG__CONV;
    column->units = column->maps ? (size_t)layer->out.channels : hg_shape_size(layer->out);
    column->passes = layer->gaussian ? column->units / 2 : column->units;
}

/* Columns of layers that have weights, the input before them. */
static size_t count_columns(const struct hg_model *model)
{
    size_t count = 1;

    for (size_t i = 0; i < model->plan.layers.count; i++)
        count += weighs(&model->plan.layers.layer[i]);
    return count;
}

static bool make_room(struct hg__network *network, size_t columns)
{
    if (columns <= network->room)
        return true;
    hg__free(network->column);
    hg__free(network->held);
    network->column = hg__alloc(columns, sizeof *network->column);
    network->held = hg__alloc(columns, sizeof *network->held);
    network->room = network->column && network->held ? columns : 0;
    return network->room > 0;
}

bool hg__network_columns(struct hg__network *network, const struct hg_model *model)
{
    size_t count = count_columns(model), layers = model->plan.layers.count, at = 0, place = 0;

    if (!make_room(network, count))
        return false;
    if (count != network->columns)
        network->held_units = 0;
    network->columns = count;
    network->model = model;
    for (size_t i = 0; i < count; i++) {
        struct hg__column *column = &network->column[i];
        *column = (struct hg__column){.begin = at, .place = place};
        at += i > 0;
        while (at < layers && !weighs(&model->plan.layers.layer[at]))
            at++;
        column->end = at;
        if (i == 0)
            settle_input(model, column);
        else
            settle_layer(model, column);
        column->seen = find_seen(model, column);
        place += column->units;
    }
    return true;
}

/* ---- words ---- */

static void append(char *text, size_t size, const char *word)
{
    size_t length = strlen(text);

    snprintf(text + length, size - length, "%s%s", length ? " " : "", word);
}

static void describe_words(const struct hg__network *network, const struct hg__column *column,
                           struct hg_network_column *out)
{
    const struct hg__layers *layers = &network->model->plan.layers;
    bool behind = false;

    for (size_t i = column->begin; i < column->end; i++) {
        struct hg_layer_info layer = hg_model_layer(network->model, i);
        behind = behind || resizes(&layers->layer[i]);
        append(behind ? out->after : out->text, behind ? sizeof out->after : sizeof out->text,
               layer.text);
    }
    if (column->maps && column->end < layers->count &&
        layers->layer[column->end].kind == HG__DENSE && column->shape.rows > 1)
        append(out->after, sizeof out->after, "flatten");
}

void hg__network_describe(const struct hg__network *network, size_t index,
                          struct hg_network_column *out)
{
    const struct hg__column *column = &network->column[index];
    const struct hg_model *model = network->model;
    size_t code = model->plan.encoder - 1;

    out->name[0] = out->text[0] = out->after[0] = '\0';
    if (column->head != HG__NOWHERE) {
        struct hg_layer_info head = hg_model_layer(model, column->head);
        memcpy(out->name, head.name, sizeof out->name);
    }
    describe_words(network, column, out);
    out->code = index > 0 && code >= column->begin && code < column->end;
    out->shape = column->shape;
    out->maps = column->maps;
    out->units = (uint32_t)column->units;
    out->weights = 0;
    if (column->weight != HG__NOWHERE)
        out->weights = hg_model_tensor(model, column->weight).count;
}
