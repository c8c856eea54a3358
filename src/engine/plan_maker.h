/* plan_maker.h - what the steps of making a plan share: plan.c puts the texts
 * together, plan_mirror.c writes decoders, plan_shape.c gives shapes and numbers.
 */
#ifndef HG_ENGINE_PLAN_MAKER_H
#define HG_ENGINE_PLAN_MAKER_H

#include "engine/plan.h"

struct hg__maker {
    const struct hg_model_config *config;
    struct hg__plan *plan;
    struct hg_model_fault *fault;
    struct hg_error *error;
};

/* The text of a key, for faults. */
struct hg__layer_text hg__maker_text(const struct hg__maker *maker, const char *key);

/* Adds the mirror of the encoder's layers 0..encoder-1. */
enum hg_status hg__plan_mirror(struct hg__maker *maker, size_t encoder, bool has_code);

/* Adds the mirror with transposed, shared weights of the layers 0..end-1. *first:
 * the layer whose weights the output layer shares. */
enum hg_status hg__plan_tie(struct hg__maker *maker, size_t end, long *first);

/* Shapes, module numbers, kind of the output layer; whether it all returns to the input. */
enum hg_status hg__plan_shapes(struct hg__maker *maker);

#endif
