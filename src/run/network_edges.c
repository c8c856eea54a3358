/* The weights between two columns. */
#include "run/network.h"

#include <math.h>
#include <string.h>

/* Several weights between the same two units. */
struct sum {
    const struct hg_model *model;
    size_t tensor, count;
    double sum, squares, last;
};

static void add(struct sum *sum, size_t at)
{
    double weight = (double)hg_model_value(sum->model, sum->tensor, at);

    sum->count++;
    sum->sum += weight;
    sum->squares += weight * weight;
    sum->last = weight;
}

static float amount(const struct sum *sum)
{
    if (sum->count <= 1)
        return (float)sum->last;
    return (float)copysign(sqrt(sum->squares), sum->sum);
}

/* A dense weight from value `in` to unit `to`; the encoder's, when tied. */
static size_t dense_at(const struct hg__network *network, const struct hg__column *column,
                       size_t in, size_t to)
{
    struct hg_tensor_info tensor = hg_model_tensor(network->model, column->weight);

    return column->transposed ? in * tensor.shape[1] + to : to * tensor.shape[1] + in;
}

/* Values that pool or up make of value `from` of a dense layer in the shape of an image. */
static void add_resized(const struct hg__network *network, const struct hg__column *column,
                        struct hg_shape was, size_t from, size_t to, struct sum *sum)
{
    struct hg_shape is = column->in;
    int plane = was.rows * was.columns, at = (int)(from % (size_t)plane);
    int channel = (int)(from / (size_t)plane);

    for (int y = 0; y < is.rows; y++)
        for (int x = 0; x < is.columns; x++) {
            int row = was.rows > is.rows ? y * (was.rows / is.rows) : y / (is.rows / was.rows);
            int high = was.rows > is.rows ? was.rows / is.rows : 1;
            int left = was.columns > is.columns ? x * (was.columns / is.columns)
                                                : x / (is.columns / was.columns);
            int wide = was.columns > is.columns ? was.columns / is.columns : 1;
            if (at / was.columns >= row && at / was.columns < row + high &&
                at % was.columns >= left && at % was.columns < left + wide)
                add(sum, dense_at(network, column,
                                  (size_t)((channel * is.rows + y) * is.columns + x), to));
        }
}

static void add_dense(const struct hg__network *network, size_t index, size_t from, size_t to,
                      struct sum *sum)
{
    const struct hg__column *column = &network->column[index], *before = column - 1;
    size_t values = hg_shape_size(column->in), each;

    if (!before->maps && before->passes == values) {
        add(sum, dense_at(network, column, from, to));
    } else if (!before->maps) {
        add_resized(network, column, before->shape, from, to, sum);
    } else {
        each = values / before->units;
        for (size_t i = from * each; i < (from + 1) * each; i++)
            add(sum, dense_at(network, column, i, to));
    }
}

static void add_conv(const struct hg__network *network, size_t index, size_t from, size_t to,
                     struct sum *sum)
{
    const struct hg__column *column = &network->column[index], *before = column - 1;
    struct hg_tensor_info tensor = hg_model_tensor(network->model, column->weight);
    size_t channels = tensor.shape[1], taps = tensor.shape[2] * tensor.shape[3];
    size_t channel = before->maps ? from : from / (before->units / channels);

    for (size_t t = 0; t < taps; t++)
        add(sum, (to * channels + channel) * taps + t);
}

float hg__network_edge(const struct hg__network *network, size_t index, size_t from, size_t to)
{
    const struct hg__column *column = &network->column[index];
    struct sum sum = {.model = network->model, .tensor = column->weight};

    if (column->weight == HG__NOWHERE || from >= network->column[index - 1].passes)
        return 0;
    if (column->maps)
        add_conv(network, index, from, to, &sum);
    else
        add_dense(network, index, from, to, &sum);
    return amount(&sum);
}

/* Adds an edge to those of its gap (edge[first] on), the weaker first; of more than `most` the
 * weakest goes. */
static void insert(struct hg_network *facts, uint32_t first, uint32_t most,
                   const struct hg_network_edge *edge)
{
    uint32_t at = facts->edges;
    float size = fabsf(edge->weight);

    if (at - first == most) {
        if (most == 0 || size <= fabsf(facts->edge[first].weight))
            return;
        memmove(&facts->edge[first], &facts->edge[first + 1], (most - 1) * sizeof *facts->edge);
        at--;
    } else {
        facts->edges++;
    }
    for (; at > first && fabsf(facts->edge[at - 1].weight) > size; at--)
        facts->edge[at] = facts->edge[at - 1];
    facts->edge[at] = *edge;
}

static bool is_chosen(const struct hg_network *facts, uint32_t column, uint8_t place)
{
    return facts->first + column == facts->chosen_column &&
           facts->column[column].unit[place].unit == facts->chosen_unit;
}

/* Those of the chosen unit, or all others, of one gap. */
static void look(struct hg__network *network, uint16_t column, bool chosen, uint32_t most)
{
    struct hg_network *facts = network->facts;
    struct hg_network_column *left = &facts->column[column - 1], *right = &facts->column[column];
    struct hg_network_edge edge = {.column = column, .chosen = chosen};
    uint32_t first = facts->edges;

    for (uint32_t f = 0; f < left->count; f++)
        for (uint32_t t = 0; t < right->count; t++) {
            edge.from = (uint8_t)f;
            edge.to = (uint8_t)t;
            if ((is_chosen(facts, column - 1u, edge.from) || is_chosen(facts, column, edge.to)) !=
                chosen)
                continue;
            edge.weight = hg__network_edge(network, facts->first + column, left->unit[f].unit,
                                           right->unit[t].unit);
            right->strongest = fmaxf(right->strongest, fabsf(edge.weight));
            if (edge.weight != 0)
                insert(facts, first, most, &edge);
        }
}

void hg__network_edges(struct hg__network *network)
{
    struct hg_network *facts = network->facts;
    uint32_t gaps = facts->count > 1 ? facts->count - 1 : 1;
    uint32_t most = (HG_NETWORK_EDGES - 2 * HG_NETWORK_UNITS) / gaps;

    most = most < HG_NETWORK_GAP ? most : HG_NETWORK_GAP;
    facts->edges = 0;
    for (uint16_t i = 0; i < facts->count; i++) {
        facts->column[i].strongest = 0;
        if (i > 0)
            look(network, i, false, most);
    }
    for (uint16_t i = 1; i < facts->count; i++)
        if (facts->first + i == facts->chosen_column ||
            facts->first + i - 1 == facts->chosen_column)
            look(network, i, true, HG_NETWORK_UNITS);
}
