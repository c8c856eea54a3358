/* kernel_isa_table.c - the table of this instruction set. */
#include "engine/kernel_conv_tile.h"
#include "engine/kernel_isa.h"
#include "engine/kernel_isa_map.h"
#include "engine/skinny.h"
#include "engine/tiny_state.h"

const struct hg__kernels HG_ISA(hg__kernels) = {
#if HG_VECTOR == 16
    .isa = "avx512",
#elif HG_VECTOR == 8
    .isa = "avx2",
#else
    .isa = "base",
#endif
    .vector = HG_VECTOR,
    .forward = HG_ISA(hg__forward),
    .backward = HG_ISA(hg__backward),
    .gradient = HG_ISA(hg__gradient),
    .bias_gradient = HG_ISA(hg__bias_gradient),
    .transpose = HG_ISA(hg__transpose),
    .loss = HG_ISA(hg__loss),
    .update = HG_ISA(hg__update),
    .activate = HG_ISA(hg__activate),
    .activate_back = HG_ISA(hg__activate_back),
    .map = HG_ISA(hg__map),
    .add_scaled = HG_ISA(hg__add_scaled),
    .multiply = HG_ISA(hg__multiply),
    .scale = HG_ISA(hg__scale),
    .subtract_rows = HG_ISA(hg__subtract_rows),
    .penalize = HG_ISA(hg__penalize),
    .dropout = HG_ISA(hg__dropout),
    .sum = HG_ISA(hg__sum),
    .sum_squares = HG_ISA(hg__sum_squares),
    .dot = HG_ISA(hg__dot),
    .column_sums = HG_ISA(hg__column_sums),
    .column_affine = HG_ISA(hg__column_affine),
    .tiny = &HG_ISA(hg__tiny_kernels),
    .skinny = &HG_ISA(hg__skinny_kernels),
    .conv = &HG_ISA(hg__conv_kernels),
    .maps = &HG_ISA(hg__map_kernels),
};
