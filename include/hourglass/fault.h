/* fault.h - known bugs that can be put into the training of a model, to learn to find them.
 *
 * Hidden layers are the dense and conv layers but the last; a conv's channel is a neuron, and the
 * words behind a layer are its own (`dense 8 bn tanh`: one layer). What is said of biases
 * holds for those of dense and conv layers, the last too; batch norm has none of these
 * bugs. A gaussian code's layer is a hidden one: its last neuron is the last log-variance.
 */
#ifndef HOURGLASS_FAULT_H
#define HOURGLASS_FAULT_H

#include <stdbool.h>

/* Values of [lesson] fault, in the order of the choices text. */
enum hg_fault {
    HG_FAULT_NONE,
    HG_FAULT_BIAS_PER_WEIGHT,    /* bias gradients x fan-in: once for each incoming weight */
    HG_FAULT_MISSING_DERIVATIVE, /* a hidden layer's own gradient lacks the derivative of its
                                  * activation; what is passed down has it */
    HG_FAULT_LAST_SILENT,        /* the last neuron of a hidden layer passes nothing back */
    HG_FAULT_ROW0_DERIVATIVE,    /* activations of hidden layers: every sample uses the derivative
                                  * of the batch's first, also in what is passed down */
    HG_FAULT_BIAS_MEAN,          /* bias gradients divided by the samples of the batch, again */
    HG_FAULT_ADAM_CORRECTION,    /* m (1 - beta1^t), v (1 - beta2^t): multiplied, not divided */
    HG_FAULT_ADAM_EPOCHS,        /* t is the number of the epoch (from 1), not of the step */
    HG_FAULT_COUNT
};

const char *hg_fault_name(enum hg_fault fault); /* "bias-per-weight"; NULL: no such */

/* Is it one of the update, and not of the gradient? */
bool hg_fault_updates(enum hg_fault fault);

#endif
