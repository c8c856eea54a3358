/* kernel_conv_tile.h - what the two sources of the convolution kernels share. */
#ifndef HG_ENGINE_KERNEL_CONV_TILE_H
#define HG_ENGINE_KERNEL_CONV_TILE_H

#include "engine/kernel_conv.h"
#include "engine/kernel_vector.h"

extern const struct hg__conv_kernels HG_ISA(hg__conv_kernels);

void HG_ISA(hg__conv_gradient)(const struct hg__conv_gradient *job);

/* Keeps the compiler from seeing that one stride is a multiple of another: it would spend a
 * register on every address, and has none to spare. */
HG_INLINE size_t opaque(size_t a)
{
    __asm__("" : "+r"(a));
    return a;
}

#endif
