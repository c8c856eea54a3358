/* network.h - view 3: what the drawn network shows, copied within bounds.
 *
 * Used by the trainer thread between batches, only while someone asks for it. Evaluation mode, no
 * random numbers. Single weights are read in place, so a large network costs no more than what
 * is shown of it.
 */
#ifndef HG_RUN_NETWORK_H
#define HG_RUN_NETWORK_H

#include "engine/model.h"
#include "hourglass/dataset.h"
#include "hourglass/network.h"
#include "hourglass/status.h"

/* What is asked for. */
struct hg__network_wish {
    int column;     /* of the chosen unit; -1: nothing */
    uint32_t unit;  /* chosen */
    uint32_t units; /* of a column that has no more */
    uint32_t few;   /* of others */
    int32_t page;   /* first of its parameters in the list; -1: no list */
};

/* One column: layers begin..end-1. */
struct hg__column {
    size_t begin, end, head, seen; /* head: with the weights; seen: gives what is shown. Both may
                                    * be HG__NOWHERE: the input, and as it is */
    size_t weight, bias;           /* tensors, or HG__NOWHERE */
    bool transposed;               /* a tied decoder's: the encoder's weight */
    bool maps;
    size_t units, passes;  /* passes: those that the next column sees */
    struct hg_shape shape; /* that it gives */
    struct hg_shape in;    /* that its head sees */
    size_t place;          /* of its activations */
};

/* The units of a column that were chosen as the most active. */
struct hg__held {
    uint32_t unit[HG_NETWORK_UNITS], count;
};

struct hg__network {
    struct hg__network_wish wish;
    bool known;                /* `facts` belong to the present weights, sample and wish */
    bool wanted;               /* a key asked for it: not a matter of budget */
    uint64_t step;             /* that `facts` belong to */
    double credit, granted_at; /* seconds that looking may take */

    const struct hg_model *model;
    struct hg__column *column;
    struct hg__held *held;
    size_t columns, room;
    float *activation, *scratch; /* of all columns; of one layer */
    size_t activation_room, scratch_room;
    uint32_t held_sample, held_units; /* what `held` belongs to */
    size_t chosen;                    /* column that `top` belongs to */
    uint32_t top;                     /* first unit shown of it */
    struct hg_network *facts;         /* NULL until asked for */
};

/* Another wish; other weights or another sample: what a key asks for comes at once. */
void hg__network_ask(struct hg__network *network, const struct hg__network_wish *wish);
void hg__network_stale(struct hg__network *network);

/* Computes what is wished. Without memory there is nothing to see. */
void hg__network_probe(struct hg__network *network, struct hg_model *model,
                       const struct hg_dataset *dataset, uint32_t sample);

/* Copies the facts; *out is made when it is missing. */
enum hg_status hg__network_fill(const struct hg__network *network, struct hg_network **out);

void hg__network_fini(struct hg__network *network);

/* ---- within the view: network_columns.c, network_units.c, network_edges.c, network_chosen.c ---- */

/* Finds the columns of the model; false: no memory. */
bool hg__network_columns(struct hg__network *network, const struct hg_model *model);
/* Their words, shapes, numbers of weights. */
void hg__network_describe(const struct hg__network *network, size_t index,
                          struct hg_network_column *out);
/* Chooses the units of column number facts->first + slot. */
void hg__network_units(struct hg__network *network, size_t slot);
/* The weight, or what several amount to, from unit `from` of column index - 1 to unit `to` of it;
 * 0 where they are not connected. */
float hg__network_edge(const struct hg__network *network, size_t index, size_t from, size_t to);
void hg__network_edges(struct hg__network *network);
/* The numbers of the chosen unit. */
void hg__network_chosen(struct hg__network *network);

#endif
