/* Which units of a column are shown. */
#include "run/network.h"

#include <math.h>
#include <string.h>

/* A unit that was chosen stays until so many are more active. */
enum { RANKED = HG_NETWORK_UNITS * 3 / 2 };

static double size_of(const float *activation, size_t unit)
{
    double size = fabs((double)activation[unit]);

    return isnan(size) ? 0 : size;
}

/* The most active units, up to `most`, the first the most active. */
static size_t rank_units(const float *activation, size_t units, uint32_t *rank, size_t most)
{
    size_t count = 0;

    for (size_t u = 0; u < units; u++) {
        double size = size_of(activation, u);
        size_t at = count;
        if (count == most && size <= size_of(activation, rank[count - 1]))
            continue;
        while (at > 0 && size_of(activation, rank[at - 1]) < size)
            at--;
        count += count < most;
        memmove(rank + at + 1, rank + at, (count - at - 1) * sizeof *rank);
        rank[at] = (uint32_t)u;
    }
    return count;
}

static bool holds(const uint32_t *list, size_t count, uint32_t unit)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == unit)
            return true;
    return false;
}

static void sort(uint32_t *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t unit = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1] > unit; at--)
            list[at] = list[at - 1];
        list[at] = unit;
    }
}

/* What was shown stays as long as it is nearly as active as what could take its place. */
static void hold_active(struct hg__held *held, const float *activation, size_t units, size_t room)
{
    uint32_t rank[RANKED + 1];
    size_t ranked = rank_units(activation, units, rank, room * 3 / 2), kept = 0;

    for (size_t i = 0; i < held->count && kept < room; i++)
        if (holds(rank, ranked, held->unit[i]))
            held->unit[kept++] = held->unit[i];
    for (size_t i = 0; i < ranked && kept < room; i++)
        if (!holds(held->unit, kept, rank[i]))
            held->unit[kept++] = rank[i];
    sort(held->unit, kept);
    held->count = (uint32_t)kept;
}

/* The chosen unit's column scrolls no more than it must. */
static uint32_t scroll(struct hg__network *network, size_t index, uint32_t units, uint32_t room)
{
    uint32_t unit = network->facts->chosen_unit, top = network->top;

    if (network->chosen != index)
        top = unit > room / 2 ? unit - room / 2 : 0;
    if (top > unit)
        top = unit;
    if (unit - top >= room)
        top = unit - room + 1;
    if (top > units - room)
        top = units - room;
    network->chosen = index;
    network->top = top;
    return top;
}

static void choose(struct hg__network *network, size_t index, struct hg_network_column *out)
{
    const struct hg__column *column = &network->column[index];
    struct hg__held *held = &network->held[index];
    uint32_t units = (uint32_t)column->units, room = network->wish.units, first = 0;

    room = units <= room ? room : network->wish.few;
    room = room < HG_NETWORK_UNITS ? room : HG_NETWORK_UNITS;
    room = room < 1 ? 1 : room;
    out->count = units < room ? units : room;
    out->choice = units <= room                            ? HG_NETWORK_ALL
                  : index == network->facts->chosen_column ? HG_NETWORK_RANGE
                                                           : HG_NETWORK_ACTIVE;
    if (out->choice == HG_NETWORK_ACTIVE) {
        hold_active(held, network->activation + column->place, units, room);
        for (uint32_t i = 0; i < out->count; i++)
            out->unit[i].unit = held->unit[i];
        return;
    }
    if (out->choice == HG_NETWORK_RANGE)
        first = scroll(network, index, units, room);
    for (uint32_t i = 0; i < out->count; i++)
        out->unit[i].unit = first + i;
}

static float bias_of(const struct hg__network *network, const struct hg__column *column,
                     size_t unit)
{
    return column->bias == HG__NOWHERE ? NAN : hg_model_value(network->model, column->bias, unit);
}

void hg__network_units(struct hg__network *network, size_t slot)
{
    size_t index = network->facts->first + slot;
    const struct hg__column *column = &network->column[index];
    struct hg_network_column *out = &network->facts->column[slot];
    const float *activation = network->activation + column->place;

    choose(network, index, out);
    for (uint32_t i = 0; i < out->count; i++) {
        out->unit[i].bias = bias_of(network, column, out->unit[i].unit);
        out->unit[i].activation = activation[out->unit[i].unit];
    }
    out->most_active = out->most_biased = 0;
    for (size_t u = 0; u < column->units; u++) {
        out->most_active = fmaxf(out->most_active, fabsf(activation[u]));
        out->most_biased = fmaxf(out->most_biased, fabsf(bias_of(network, column, u)));
    }
}
