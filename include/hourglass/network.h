/* network.h - view 3: the network as columns of units with the weights between them.
 *
 * Measured by the trainer's thread within the watch budget, only while the view asks for it
 * (HG_DO_NETWORK), and copied into snapshots; what a key asks for comes at once. A **column** is
 * the input, or a layer with weights and the words behind it; its **units** are the values of a
 * dense layer, the channels of a convolution. Of columns with more units than there is room for,
 * some are shown: around the chosen unit in its own column, elsewhere the most active ones.
 */
#ifndef HOURGLASS_NETWORK_H
#define HOURGLASS_NETWORK_H

#include "hourglass/shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HG_NETWORK_COLUMNS = 64, /* at most: those around the chosen one */
    HG_NETWORK_UNITS = 64,   /* of a column, at most */
    HG_NETWORK_EDGES = 4096, /* in all, at most */
    HG_NETWORK_GAP = 192,    /* between two columns, beside those of the chosen unit */
    HG_NETWORK_PAGE = 128,   /* of the chosen unit's parameters */
    HG_NETWORK_TOP = 16      /* strongest of its weights, in and out */
};

/* Why these units of a column. */
enum hg_network_choice {
    HG_NETWORK_ALL,   /* there are no others */
    HG_NETWORK_RANGE, /* one after the other, around the chosen one */
    HG_NETWORK_ACTIVE /* the most active for the shown sample, as they were chosen */
};

struct hg_network_unit {
    uint32_t unit;
    float bias;       /* NaN = it has none */
    float activation; /* for the shown sample; of a map its mean */
};

struct hg_network_column {
    char name[32];         /* "encoder.0"; "" = the input */
    char text[64];         /* "dense 64 tanh"; of the input its own words */
    char after[32];        /* marks behind it: "pool 2", "up 2", "flatten" */
    bool code;             /* its values are the code */
    struct hg_shape shape; /* of what it gives, pools behind it not included */
    bool maps;             /* units are channels of maps */
    uint32_t units;
    enum hg_network_choice choice;
    uint32_t count; /* shown */
    struct hg_network_unit unit[HG_NETWORK_UNITS];
    float most_active, most_biased; /* the greatest sizes among all its units */
    uint64_t weights;               /* of all edges from the column before */
    float strongest;                /* the greatest size among the edges that were looked at */
};

/* A weight between two shown units, or, where several connect them (kernels, maps), the root of
 * the sum of their squares with the sign of their sum. */
struct hg_network_edge {
    uint16_t column;  /* its place among those copied: the right end's */
    uint8_t from, to; /* places among the shown units of the two columns */
    bool chosen;      /* begins or ends at the chosen unit */
    float weight;
};

/* A parameter of the chosen unit. */
struct hg_network_weight {
    char key[96];  /* for HG_DO_EDIT: "encoder.0.weight[3,17]"; "" = cannot be changed */
    char what[64]; /* "bias", "from 17", "from map 3 (0,2)" */
    float value;
};

/* One of the strongest: `unit` of the neighbouring column. */
struct hg_network_link {
    uint32_t unit;
    float weight;
};

struct hg_network {
    bool known;      /* false: not asked for, or not there yet; nothing below holds */
    uint64_t serial; /* changes with all below */
    uint32_t sample;
    uint32_t columns, first, count; /* of the network; those copied: column[0] is number `first` */
    struct hg_network_column column[HG_NETWORK_COLUMNS];
    uint32_t edges; /* of each gap the weaker first; those of the chosen unit last */
    struct hg_network_edge edge[HG_NETWORK_EDGES];

    /* the chosen unit */
    uint32_t chosen_column, chosen_unit; /* number of the column; of the unit in it */
    float bias, activation;
    uint32_t ins, outs; /* units that it is connected to */
    uint32_t top_ins, top_outs;
    struct hg_network_link in[HG_NETWORK_TOP], out[HG_NETWORK_TOP]; /* strongest first */
    uint32_t weights;                                               /* its parameters */
    uint32_t page_first, page_count;
    struct hg_network_weight page[HG_NETWORK_PAGE];
};

#endif
