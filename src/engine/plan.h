/* plan.h - the network as a list of layers with shapes, before anything is allocated.
 *
 * Puts the four texts together: encoder, code, decoder (mirrored or tied where
 * asked), output; numbers the modules as nn.Sequential would; checks that the
 * shapes return to the input; counts.
 */
#ifndef HG_ENGINE_PLAN_H
#define HG_ENGINE_PLAN_H

#include "engine/layers.h"

#include <stdint.h>

struct hg__plan {
    struct hg__layers layers; /* code layer included */
    size_t encoder;           /* layers 0..encoder-1 are the encoder's */
    struct hg_shape input, code;
    bool gaussian, bias, tied;
    uint64_t parameters; /* trainable numbers */
    /* Multiply-adds of one forward pass, direct algorithm; up to the code; of the
     * first layer that has any. */
    uint64_t macs, encoder_macs, first_macs;
};

/* Zero-initialised by the call; end with hg__plan_fini even after a failure. */
enum hg_status hg__plan_make(const struct hg_model_config *config, struct hg__plan *plan,
                             struct hg_model_fault *fault, struct hg_error *error);
void hg__plan_fini(struct hg__plan *plan);

/* Do all outputs lie in 0..1, whatever the weights? What bce needs. */
bool hg__plan_ends_in_unit(const struct hg__plan *plan);

/* Trainable numbers of one layer (a tied one: its biases). */
uint64_t hg__layer_parameters(const struct hg__plan *plan, size_t index);

/* The shape that a layer's successor sees: of a gaussian code its sampled values. */
struct hg_shape hg__plan_after(const struct hg__plan *plan, size_t index);

#endif
