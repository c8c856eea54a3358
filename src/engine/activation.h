/* activation.h - the elementwise functions: names, and plain double formulas.
 *
 * The fast float32 versions are kernels; these serve the parser, the output bias
 * and the double-precision twin. Formulas as in PyTorch's modules: elu has
 * alpha 1, gelu is exact (erf), softplus has beta 1.
 */
#ifndef HG_ENGINE_ACTIVATION_H
#define HG_ENGINE_ACTIVATION_H

#include "hourglass/model.h"

#include <stdbool.h>
#include <stddef.h>

/* The activation of that name (not terminated), -1 when there is none. */
int hg__activation_find(const char *name, size_t length);

/* Rectifiers: what `init = auto` gives a he initialisation. */
bool hg__activation_rectifies(enum hg_activation activation);

/* f(z), and f'(z). `slope` is lrelu's. */
double hg__activation_value(enum hg_activation activation, double slope, double z);
double hg__activation_derivative(enum hg_activation activation, double slope, double z);

/* A z with f(z) = y as nearly as the range of f allows: y is clipped into it first. */
double hg__activation_inverse(enum hg_activation activation, double slope, double y);

#endif
