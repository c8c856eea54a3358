#include "run/network.h"

#include "base/mem.h"

#include <string.h>

void hg__network_ask(struct hg__network *network, const struct hg__network_wish *wish)
{
    if (wish != &network->wish)
        network->wish = *wish;
    network->known = false;
    network->wanted = wish->column >= 0;
}

void hg__network_stale(struct hg__network *network)
{
    hg__network_ask(network, &network->wish);
}

static bool make_room(float **area, size_t *room, size_t count)
{
    if (count > *room) {
        hg__free(*area);
        *area = hg__alloc_aligned(count, sizeof **area);
        *room = *area ? count : 0;
    }
    return *area != NULL;
}

static bool make_areas(struct hg__network *network, const struct hg_model *model)
{
    const struct hg__column *last = &network->column[network->columns - 1];
    size_t largest = hg_shape_size(model->plan.input);

    for (size_t i = 0; i < model->plan.layers.count; i++) {
        size_t size = hg_shape_size(model->plan.layers.layer[i].out);
        largest = size > largest ? size : largest;
    }
    if (!network->facts)
        network->facts = hg__alloc(1, sizeof *network->facts);
    return network->facts &&
           make_room(&network->activation, &network->activation_room, last->place + last->units) &&
           make_room(&network->scratch, &network->scratch_room, largest);
}

/* ---- activations ---- */

/* Values as they are; of a map their mean. */
static void take_values(const struct hg__network *network, const struct hg__column *column,
                        const float *values, size_t count)
{
    float *to = network->activation + column->place;
    size_t each = count / column->units;

    for (size_t u = 0; u < column->units; u++) {
        double sum = 0;
        for (size_t i = 0; i < each; i++)
            sum += (double)values[u * each + i];
        to[u] = (float)(sum / (double)each);
    }
}

static void see(void *self, const struct hg_observation *seen)
{
    const struct hg__network *network = self;

    for (size_t i = 0; i < network->columns; i++)
        if (network->column[i].seen == seen->layer)
            take_values(network, &network->column[i], seen->rows, seen->values);
}

static void observe(struct hg__network *network, struct hg_model *model, const float *row)
{
    struct hg_observer observer = {.see = see, .self = network, .scratch = network->scratch};

    if (network->column[0].seen == HG__NOWHERE)
        take_values(network, &network->column[0], row, hg_shape_size(model->plan.input));
    hg_model_observe(model, row, NULL, 1, &observer);
}

/* ---- all of it ---- */

/* Of very deep networks the columns around the chosen one. */
static void choose_columns(struct hg__network *network)
{
    struct hg_network *facts = network->facts;
    uint32_t columns = (uint32_t)network->columns, half = HG_NETWORK_COLUMNS / 2;
    uint32_t column = (uint32_t)network->wish.column;

    facts->columns = columns;
    facts->count = columns < HG_NETWORK_COLUMNS ? columns : HG_NETWORK_COLUMNS;
    facts->chosen_column = column < columns ? column : columns - 1;
    facts->first = facts->chosen_column > half ? facts->chosen_column - half : 0;
    if (facts->first > columns - facts->count)
        facts->first = columns - facts->count;
    column = (uint32_t)network->column[facts->chosen_column].units;
    facts->chosen_unit = network->wish.unit < column ? network->wish.unit : column - 1;
}

void hg__network_probe(struct hg__network *network, struct hg_model *model,
                       const struct hg_dataset *dataset, uint32_t sample)
{
    struct hg_network *facts;

    network->wanted = false;
    network->known = true;
    if (!hg__network_columns(network, model) || !make_areas(network, model))
        return;
    facts = network->facts;
    if (network->held_sample != sample || network->held_units != network->wish.few)
        for (size_t i = 0; i < network->columns; i++)
            network->held[i].count = 0;
    network->held_sample = sample;
    network->held_units = network->wish.few;
    facts->sample = sample;
    choose_columns(network);
    observe(network, model, dataset->values + (size_t)sample * dataset->features);
    for (uint32_t i = 0; i < facts->count; i++) {
        hg__network_describe(network, facts->first + i, &facts->column[i]);
        hg__network_units(network, i);
    }
    hg__network_edges(network);
    hg__network_chosen(network);
    facts->known = true;
    facts->serial++;
}

enum hg_status hg__network_fill(const struct hg__network *network, struct hg_network **out)
{
    const struct hg_network *facts = network->facts;

    if (network->wish.column < 0 || !facts || !facts->known) {
        if (*out)
            (*out)->known = false;
        return HG_OK;
    }
    if (!*out)
        *out = hg__alloc(1, sizeof **out);
    if (!*out)
        return HG_NO_MEMORY;
    if (!(*out)->known || (*out)->serial != facts->serial)
        memcpy(*out, facts, sizeof *facts);
    return HG_OK;
}

void hg__network_fini(struct hg__network *network)
{
    hg__free(network->column);
    hg__free(network->held);
    hg__free(network->activation);
    hg__free(network->scratch);
    hg__free(network->facts);
    *network = (struct hg__network){.wish = {.column = -1}};
}
