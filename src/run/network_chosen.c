/* The chosen unit: its strongest weights, and a page of all its parameters. */
#include "run/network.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void insert(struct hg_network_link *list, uint32_t *count, struct hg_network_link link)
{
    uint32_t at = *count;

    if (at == HG_NETWORK_TOP && fabsf(link.weight) <= fabsf(list[at - 1].weight))
        return;
    if (at == HG_NETWORK_TOP)
        at--;
    else
        ++*count;
    for (; at > 0 && fabsf(list[at - 1].weight) < fabsf(link.weight); at--)
        list[at] = list[at - 1];
    list[at] = link;
}

static void find_links(struct hg__network *network)
{
    struct hg_network *facts = network->facts;
    size_t index = facts->chosen_column, unit = facts->chosen_unit;
    const struct hg__column *column = &network->column[index];

    facts->ins = facts->outs = facts->top_ins = facts->top_outs = 0;
    if (index > 0)
        facts->ins = (uint32_t)column[-1].passes;
    if (index + 1 < network->columns && unit < column->passes)
        facts->outs = (uint32_t)column[1].units;
    for (uint32_t u = 0; u < facts->ins; u++) {
        float weight = hg__network_edge(network, index, u, unit);
        insert(facts->in, &facts->top_ins, (struct hg_network_link){u, weight});
    }
    for (uint32_t u = 0; u < facts->outs; u++) {
        float weight = hg__network_edge(network, index + 1, unit, u);
        insert(facts->out, &facts->top_outs, (struct hg_network_link){u, weight});
    }
}

/* ---- the list of its parameters: bias, those of batch norms, incoming weights ---- */

/* One more of the list, number facts->weights: copied when it is on the page. */
static struct hg_network_weight *next(struct hg__network *network)
{
    struct hg_network *facts = network->facts;
    uint32_t at = facts->weights;

    facts->weights++;
    if (at < facts->page_first || at - facts->page_first >= HG_NETWORK_PAGE)
        return NULL;
    facts->page_count = at - facts->page_first + 1;
    return &facts->page[at - facts->page_first];
}

/* A number of a tensor with one for each unit, or for each of several. */
static void add_single(struct hg__network *network, const struct hg__column *column, size_t tensor)
{
    static const struct {
        const char *end, *bn, *head;
    } names[] = {{"weight", "scale (bn)", "weight"},
                 {"bias", "shift (bn)", "bias"},
                 {"running_mean", "mean (bn)", ""},
                 {"running_var", "variance (bn)", ""}};
    struct hg_tensor_info info = hg_model_tensor(network->model, tensor);
    const char *end = strrchr(info.name, '.') + 1;
    size_t each = info.count && column->units % info.count == 0 ? column->units / info.count : 0;
    struct hg_network_weight *out;
    size_t at;

    if (!each)
        return;
    at = network->facts->chosen_unit / each;
    out = next(network);
    if (!out)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(end, names[i].end) == 0)
            snprintf(out->what, sizeof out->what, "%s",
                     tensor == column->bias ? names[i].head : names[i].bn);
    out->key[0] = '\0';
    if (info.trainable)
        snprintf(out->key, sizeof out->key, "%.40s[%zu]", info.name, at);
    out->value = hg_model_value(network->model, tensor, at);
}

/* "from 17", "from pixel (3,4)", "from map 2 (3,4)": (row, column) in what the layer sees. */
static void name_origin(const struct hg__network *network, const struct hg__column *column,
                        uint32_t in, char *out, size_t size)
{
    bool maps = network->column[network->facts->chosen_column - 1].maps;
    struct hg_tensor_info tensor = hg_model_tensor(network->model, column->weight);
    struct hg_shape shape = column->in;
    uint32_t rows = (uint32_t)shape.rows, columns = (uint32_t)shape.columns;

    if (column->maps) {
        rows = (uint32_t)tensor.shape[2];
        columns = (uint32_t)tensor.shape[3];
    }
    if (rows == 1 && columns == 1 && maps)
        snprintf(out, size, "from map %u", in);
    else if (rows == 1 && !column->maps)
        snprintf(out, size, "from %u", in);
    else if (shape.channels == 1 && !column->maps)
        snprintf(out, size, "from pixel (%u,%u)", in / columns, in % columns);
    else
        snprintf(out, size, "from map %u (%u,%u)", in / (rows * columns), in / columns % rows,
                 in % columns);
}

/* "encoder.0.weight[3,17]" of its number `at`. */
static void name_key(const struct hg_tensor_info *tensor, size_t at, char *out, size_t size)
{
    uint32_t index[HG_TENSOR_DIMS];
    int length = snprintf(out, size, "%.40s", tensor->name);

    for (int d = tensor->dims; d-- > 0; at /= tensor->shape[d])
        index[d] = (uint32_t)(at % tensor->shape[d]);
    for (int d = 0; d < tensor->dims; d++)
        length += snprintf(out + length, size - (size_t)length, "%c%u", d ? ',' : '[', index[d]);
    snprintf(out + length, size - (size_t)length, "]");
}

static void add_incoming(struct hg__network *network, const struct hg__column *column, size_t in)
{
    struct hg_network_weight *out = next(network);
    struct hg_tensor_info tensor = hg_model_tensor(network->model, column->weight);
    size_t unit = network->facts->chosen_unit, row = tensor.count / tensor.shape[0], at;

    if (!out)
        return;
    at = column->transposed ? in * row + unit : unit * row + in;
    out->value = hg_model_value(network->model, column->weight, at);
    name_origin(network, column, (uint32_t)in, out->what, sizeof out->what);
    name_key(&tensor, at, out->key, sizeof out->key);
}

/* How many weights come in. */
static size_t fan_in(const struct hg__network *network, const struct hg__column *column)
{
    struct hg_tensor_info tensor;

    if (column->weight == HG__NOWHERE)
        return 0;
    tensor = hg_model_tensor(network->model, column->weight);
    return column->transposed ? hg_shape_size(column->in) : tensor.count / tensor.shape[0];
}

static void fill_page(struct hg__network *network)
{
    struct hg_network *facts = network->facts;
    const struct hg__column *column = &network->column[facts->chosen_column];
    const struct hg_model *model = network->model;
    size_t incoming = fan_in(network, column);

    facts->page_first = network->wish.page > 0 ? (uint32_t)network->wish.page : 0;
    facts->weights = facts->page_count = 0;
    if (column->bias != HG__NOWHERE)
        add_single(network, column, column->bias);
    for (size_t i = 0; i < model->tensors; i++) {
        size_t layer = model->tensor[i].layer;
        if (layer >= column->begin && layer < column->end && layer != column->head)
            add_single(network, column, i);
    }
    size_t others = facts->weights;
    size_t first = facts->page_first > others ? facts->page_first - others : 0;
    if (first > incoming)
        first = incoming;
    facts->weights += (uint32_t)first;
    for (size_t i = first; i < incoming && i - first < HG_NETWORK_PAGE; i++)
        add_incoming(network, column, i);
    facts->weights = (uint32_t)(others + incoming);
}

void hg__network_chosen(struct hg__network *network)
{
    struct hg_network *facts = network->facts;
    const struct hg__column *column = &network->column[facts->chosen_column];

    facts->bias = column->bias == HG__NOWHERE
                      ? NAN
                      : hg_model_value(network->model, column->bias, facts->chosen_unit);
    facts->activation = network->activation[column->place + facts->chosen_unit];
    find_links(network);
    fill_page(network);
    if (network->wish.page < 0)
        facts->page_count = 0;
}
