/* view_network_help.h - view 3 before a trainer that is made up: what it was asked for, and its
 * answer. */
#ifndef HG_TEST_VIEW_NETWORK_HELP_H
#define HG_TEST_VIEW_NETWORK_HELP_H

#include "keys_help.h"

#include "tui/network.h"

static struct hg_network facts;

/* Draws, and tells what the trainer was asked for meanwhile. */
static inline const char *asked(struct fake *fake)
{
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    return fake_last(fake);
}

static inline float wave(uint32_t a, uint32_t b)
{
    return (float)sin((double)(a * 7 + b * 3 + 1));
}

static inline void add_column(uint32_t units, const char *name, const char *text, uint32_t most,
                              uint32_t few)
{
    struct hg_network_column *column = &facts.column[facts.count++];

    *column = (struct hg_network_column){.units = units, .shape = {1, 1, (int)units}};
    snprintf(column->name, sizeof column->name, "%s", name);
    snprintf(column->text, sizeof column->text, "%s", text);
    column->count = units <= most ? units : few;
    column->choice = units <= most                            ? HG_NETWORK_ALL
                     : facts.chosen_column == facts.count - 1 ? HG_NETWORK_RANGE
                                                              : HG_NETWORK_ACTIVE;
    uint32_t first = 0;
    if (column->choice == HG_NETWORK_RANGE && facts.chosen_unit >= few) {
        first = facts.chosen_unit - few + 1;
    }
    for (uint32_t i = 0; i < column->count; i++) {
        uint32_t unit = column->choice == HG_NETWORK_ACTIVE ? i * 5 : first + i;
        column->unit[i] = (struct hg_network_unit){unit, facts.count > 1 ? wave(unit, 2) / 2 : NAN,
                                                   wave(unit, facts.count)};
    }
    column->most_active = column->strongest = 1;
    column->most_biased = 0.5F;
}

static inline void add_edges(bool chosen)
{
    for (uint16_t c = 1; c < facts.count; c++) {
        for (uint32_t f = 0; f < facts.column[c - 1].count; f++) {
            for (uint32_t t = 0; t < facts.column[c].count && facts.edges < HG_NETWORK_EDGES; t++) {
                bool here = (facts.first + c == facts.chosen_column &&
                             facts.column[c].unit[t].unit == facts.chosen_unit) ||
                            (facts.first + c - 1 == facts.chosen_column &&
                             facts.column[c - 1].unit[f].unit == facts.chosen_unit);
                if (here == chosen) {
                    facts.edge[facts.edges++] = (struct hg_network_edge){c, (uint8_t)f, (uint8_t)t,
                                                                         here, wave(f * c, t)};
                }
            }
        }
    }
}

static inline void add_chosen(int32_t page)
{
    const struct hg_network_column *column = ui_network_column(&facts, facts.chosen_column);
    uint32_t before = facts.chosen_column > 0 ? column[-1].units : 0;

    facts.bias = column->unit[0].bias;
    facts.activation = -0.25F;
    facts.ins = before;
    facts.outs = facts.chosen_column + 1 < facts.columns ? column[1].units : 0;
    facts.top_ins = facts.ins < HG_NETWORK_TOP ? facts.ins : HG_NETWORK_TOP;
    facts.top_outs = facts.outs < HG_NETWORK_TOP ? facts.outs : HG_NETWORK_TOP;
    for (uint32_t i = 0; i < HG_NETWORK_TOP; i++) {
        facts.in[i] = (struct hg_network_link){i * 3, (i % 2 ? -1.0F : 1.0F) / (float)(i + 1)};
        facts.out[i] = (struct hg_network_link){i, (i % 3 ? 0.5F : -0.7F) / (float)(i + 1)};
    }
    facts.weights = before > 0 ? before + 1 : 0;
    facts.page_first = page > 0 ? (uint32_t)page : 0;
    facts.page_count = 0;
    for (uint32_t i = facts.page_first;
         page >= 0 && i < facts.weights && i - facts.page_first < HG_NETWORK_PAGE; i++) {
        struct hg_network_weight *weight = &facts.page[facts.page_count++];
        *weight = (struct hg_network_weight){.value = i == 0 ? 0.125F : wave(i, 4)};
        snprintf(weight->what, sizeof weight->what, i == 0 ? "bias" : "from %u", (unsigned)i - 1);
        snprintf(weight->key, sizeof weight->key, i == 0 ? "%s.bias[%u]" : "%s.weight[%u,%u]",
                 column->name, (unsigned)facts.chosen_unit, (unsigned)i - 1);
    }
}

/* What a trainer would answer to the last wish. */
static inline void answer(struct fake *fake, bool wide)
{
    const struct hg_command *wish = NULL;
    uint64_t serial = facts.serial;

    for (size_t i = 0; i < fake->told_count; i++) {
        wish = fake->told[i].kind == HG_DO_NETWORK ? &fake->told[i] : wish;
    }
    assert_non_null(wish);
    uint32_t most = wish->count, few = (uint32_t)wish->value[0];
    memset(&facts, 0, sizeof facts);
    facts.known = true;
    facts.serial = serial + 1;
    facts.sample = fake->snapshot.sample;
    facts.columns = wide ? 7 : 5;
    facts.chosen_column = (uint32_t)wish->number;
    facts.chosen_unit = wish->first;
    add_column(wide ? 784 : 4, "", "", most, few);
    add_column(wide ? 128 : 6, "encoder.0", "dense 6 tanh", most, few);
    if (wide) {
        add_column(32, "encoder.2", "dense 32 tanh", most, few);
    }
    add_column(2, "encoder.4", "dense 2 tanh", most, few);
    facts.column[facts.count - 1].code = true;
    add_column(wide ? 32 : 5, "decoder.0", "dense 5 tanh", most, few);
    if (wide) {
        add_column(128, "decoder.2", "dense 128 tanh", most, few);
    }
    add_column(wide ? 784 : 4, "decoder.4", "dense 4 tanh", most, few);
    add_edges(false);
    add_edges(true);
    add_chosen(wish->label);
    fake->snapshot.network = &facts;
    fake_take(fake);
}

static inline void look(struct fake *fake, const char *words, bool wide)
{
    keys(fake, words);
    asked(fake);
    if (fake->told_count > 0) {
        answer(fake, wide);
    }
    free(ui_script_text(&fake->script));
}

static inline struct fake *in_view(int rows, int columns, bool ascii, int colours, bool wide)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    fake_take(fake);
    keys(fake, "20s");
    look(fake, "3", wide);
    return fake;
}

#endif
