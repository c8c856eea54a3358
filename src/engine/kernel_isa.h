/* kernel_isa.h - functions of the table that its other parts call too. */
#ifndef HG_ENGINE_KERNEL_ISA_H
#define HG_ENGINE_KERNEL_ISA_H

#include "engine/kernel_vector.h"

extern const struct hg__kernels HG_ISA(hg__kernels);

void HG_ISA(hg__forward)(const struct hg__forward *job, const struct hg__block *block);
void HG_ISA(hg__backward)(const struct hg__backward *job, const struct hg__block *block);
void HG_ISA(hg__gradient)(const struct hg__gradient *job, const struct hg__block *block);
void HG_ISA(hg__bias_gradient)(const struct hg__gradient *job, size_t panel, size_t panel_end);
void HG_ISA(hg__transpose)(size_t in, size_t out, const float *weight, float *transposed, bool add,
                           const struct hg__block *block);
void HG_ISA(hg__loss)(const struct hg__loss *job, size_t row, size_t row_end);
void HG_ISA(hg__update)(const struct hg__rule *rule, struct hg__parameters p, size_t count);

void HG_ISA(hg__activate)(enum hg_activation activation, float slope, const float *z, float *y,
                          size_t n);
void HG_ISA(hg__activate_back)(enum hg_activation activation, float slope, const float *kept,
                               const float *dy, float *dz, size_t n);
void HG_ISA(hg__map)(enum hg__function map, const float *x, float *y, size_t n);
void HG_ISA(hg__add_scaled)(float *y, const float *x, float factor, size_t n);
void HG_ISA(hg__multiply)(float *y, const float *x, size_t n);
void HG_ISA(hg__scale)(float *y, float factor, size_t n);
void HG_ISA(hg__subtract_rows)(float *y, const float *x, const float *row, size_t n);
void HG_ISA(hg__penalize)(float *gradient, const float *value, float decay, float l1, size_t n);
void HG_ISA(hg__dropout)(const struct hg__dropout *dropout, const float *x, float *y, size_t first,
                         size_t count);

double HG_ISA(hg__sum)(const float *x, size_t n);
double HG_ISA(hg__sum_squares)(const float *x, size_t n);
double HG_ISA(hg__dot)(const float *x, const float *y, size_t n);
void HG_ISA(hg__column_sums)(const struct hg__columns *columns);
void HG_ISA(hg__column_affine)(const struct hg__affine *affine);

#endif
