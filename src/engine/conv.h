/* conv.h - the inside of a convolution's stage, for its parts: conv.c goes up, conv_back.c down,
 * conv_copies.c keeps the copies of its weight and adds up its gradients. */
#ifndef HG_ENGINE_CONV_H
#define HG_ENGINE_CONV_H

#include "engine/stack.h"

/* Numbers of one convolution. */
struct hg__conv_shape {
    size_t in, out;      /* channels */
    size_t kernel, taps; /* taps: kernel^2 */
    size_t stride;
    size_t columns; /* few: taps of the product x out */
};
struct hg__conv_shape hg__conv_shape(const struct hg_model *model, const struct hg__stage *stage);

/* Where the copies of the weight begin. Folded: four phases of 2x2 taps, each packed; few: the
 * product's matrix, in x columns. */
float *hg__conv_forward_copy(const struct hg_model *model, const struct hg__stage *stage);
/* Direct: flipped, transposed, taps x out to in. Folded: 4x4 taps x out to in. Few: columns
 * to in. */
float *hg__conv_backward_copy(const struct hg_model *model, const struct hg__stage *stage);

/* Floats of the gradient of the weight as the stage gathers it; then follow those of the bias. */
size_t hg__conv_gathered(const struct hg_model *model, const struct hg__stage *stage);

/* ---- products: conv.c ---- */
bool hg__conv_is_few(const struct hg__stage *stage);
/* A product over the pixels of `map`, whose taps begin `before` pixels up and left. */
void hg__conv_over(struct hg__conv *job, const struct hg__map *map, const float *x, size_t before);
/* Its outputs are the inside of `map`. */
void hg__conv_into(struct hg__conv *job, const struct hg__map *map, float *y);
/* size x size taps of a packed weight. */
void hg__conv_taps_of(struct hg__conv *job, size_t size, const float *weight);
/* The worker's extra memory for this stage. */
float *hg__conv_memory(const struct hg__walk *walk, size_t index);
/* Patch: the taps' numbers of every output pixel, side by side, in that memory. */
void hg__conv_lay_patches(const struct hg__walk *walk, size_t index);
/* Few: the job, with its product in that memory. */
struct hg__few hg__conv_few(const struct hg__walk *walk, size_t index);

/* ---- conv_back.c ---- */
void hg__conv_backward(const struct hg__walk *walk, size_t index, bool deep);

/* ---- conv_copies.c ---- */
void hg__conv_derive(struct hg_model *model, const struct hg__stage *stage);
void hg__conv_collect(struct hg_model *model, const struct hg__stack *stack,
                      const struct hg__stage *stage);

#endif
