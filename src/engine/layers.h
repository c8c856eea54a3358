/* layers.h - the grammar of layers: text -> list of layers.
 *
 * INTERFACE section 2 "Layers". A list is flat: `dense 64 bn lrelu` becomes three
 * layers, the first of them a head; the words that follow a head belong to it, in
 * their order. `linear` adds no layer. Shapes are not known here.
 */
#ifndef HG_ENGINE_LAYERS_H
#define HG_ENGINE_LAYERS_H

#include "hourglass/model.h"

#include <stdbool.h>
#include <stddef.h>

enum hg__kind {
    HG__DENSE,
    HG__CONV,
    HG__POOL,
    HG__UP,
    HG__BN,
    HG__DROPOUT,
    HG__ACTIVATE,
    HG__KINDS
};

enum { HG__UNTIED = -1, HG__NO_MIRROR = -1 };

struct hg__layer {
    enum hg__kind kind;
    int units;                     /* dense N, conv C */
    int kernel, stride;            /* conv; pool and up: factor in stride */
    enum hg_activation activation; /* of an activation layer */
    double amount;                 /* lrelu's slope, dropout's P */
    bool gaussian;                 /* the dense layer of a gaussian code: 2N rows */
    bool implied;                  /* the output layer that an activation alone stands for */
    const char *key;               /* which text it came from, and where it stands there */
    size_t column, length;

    /* filled by the plan */
    struct hg_shape in, out;
    bool map;     /* part of a stack: conv, pool, up and the words of their groups */
    bool decoder; /* which nn.Sequential, and the place in it */
    int module;
    int tied;                   /* layer whose weights this one uses transposed, or HG__UNTIED */
    int mirrors;                /* layer of the encoder that this up or pool undoes, or whose image
                                 * this dense restores; or HG__NO_MIRROR */
    enum hg_activation follows; /* dense: the first activation among its own words */
};

/* A growing list; zero-initialise, end with hg__layers_fini. */
struct hg__layers {
    struct hg__layer *layer;
    size_t count, room;
};
void hg__layers_fini(struct hg__layers *layers);
enum hg_status hg__layers_add(struct hg__layers *layers, const struct hg__layer *layer,
                              struct hg_error *error);

/* Does a layer begin a group (dense, conv, pool, up), or is it a word of one? */
bool hg__layer_heads(const struct hg__layer *layer);

/* Where the group of head `index` ends: its words up to the next head, or up to `border`. */
size_t hg__layers_end_of_group(const struct hg__layers *layers, size_t border, size_t index);

/* The last dense or conv layer. */
size_t hg__layers_last_weight(const struct hg__layers *layers);

/* Is it one that works on images: conv, pool, up? */
bool hg__layer_on_image(const struct hg__layer *layer);

/* One of the four texts while it is read. */
struct hg__layer_text {
    const char *key, *text;
    struct hg_model_fault *fault; /* may be NULL */
};

/* Notes the fault's place and returns HG_USAGE with a message that begins with
 * the `length` bytes at `column` of the text. */
enum hg_status hg__layer_fault(const struct hg__layer_text *text, size_t column, size_t length,
                               struct hg_error *error, const char *format, ...) HG_PRINTF(5, 6);

/* Adds what `text` lists. `none` is the caller's business. */
enum hg_status hg__layers_parse(const struct hg__layer_text *text, struct hg__layers *layers,
                                struct hg_error *error);

/* Adds "N", "N activation" or "N gaussian". */
enum hg_status hg__layers_parse_code(const struct hg__layer_text *text, struct hg__layers *layers,
                                     struct hg_error *error);

/* Adds an output: a whole layer as it stands; or, for one activation, a dense
 * layer of `units` (marked `implied`) with that activation. */
enum hg_status hg__layers_parse_output(const struct hg__layer_text *text, int units,
                                       struct hg__layers *layers, struct hg_error *error);

/* The text of one layer alone ("dense 64", "lrelu:0.2"). In layers_list.c, as all
 * above that is not about a text. */
void hg__layer_describe(const struct hg__layer *layer, char *out, size_t size);

#endif
