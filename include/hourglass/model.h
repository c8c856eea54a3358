/* model.h - an autoencoder: layers, parameters, one training step.
 *
 * Built from four texts (encoder, code, decoder, output: INTERFACE section 2)
 * for one input shape. Everything is float32; a batch is m samples of n values,
 * row-major, each sample in channel, row, column order, already scaled.
 *
 * Owner and threads: a model belongs to the thread that uses it. It computes on
 * its context's pool; results are the same bytes for every number of threads.
 * Nothing is allocated after hg_model_reserve.
 */
#ifndef HOURGLASS_MODEL_H
#define HOURGLASS_MODEL_H

#include "hourglass/context.h"
#include "hourglass/fault.h"
#include "hourglass/shape.h"
#include "hourglass/status.h"

#include <stdbool.h>
#include <stdint.h>

/* How far the output y is from the target x, for m samples of n values:
 * mse  mean over all m n of (y - x)^2
 * rmse mean over samples of sqrt(mean over the n of (y - x)^2), gradient 0 at zero error
 * bce  mean over all m n of -(x ln y + (1 - x) ln(1 - y)), from logits when the output is sigmoid
 * sse  1/(2m) sum of (y - x)^2 */
enum hg_loss { HG_LOSS_MSE, HG_LOSS_RMSE, HG_LOSS_BCE, HG_LOSS_SSE, HG_LOSS_COUNT };

/* Elementwise activations. LRELU has a slope, 0.01 unless the text says lrelu:SLOPE. */
enum hg_activation {
    HG_LINEAR,
    HG_SIGMOID,
    HG_TANH,
    HG_RELU,
    HG_LRELU,
    HG_ELU,
    HG_GELU,
    HG_SILU,
    HG_SOFTPLUS,
    HG_ACTIVATION_COUNT
};

/* What to build. Strings are copied. */
struct hg_model_config {
    const char *encoder; /* layers or "none"; never "auto" (run/ resolves that) */
    const char *code;    /* "N", "N activation", "N gaussian" or "none" */
    const char *decoder; /* "mirror", "tied", "none" or layers */
    const char *output;  /* an activation, or a whole layer; never "auto" */
    struct hg_shape input;
    bool image; /* input is an image (decides whether the mirror must restore one) */
    bool bias;
    enum hg_loss loss;
    double beta;     /* weight of the KL term of a gaussian code */
    double sparsity; /* weight of the L1 penalty on the code */
};

/* A text that does not make a network: where it is wrong, so that the caller can
 * name the line of the file. `key` is "encoder", "code", "decoder" or "output". */
struct hg_model_fault {
    const char *key;
    size_t column; /* offset in that text */
};

struct hg_model;

/* Parameters, bytes of a whole model with batches of `batch` (all flat vectors,
 * packed copies and workspace), without building it. HG_USAGE as create. */
enum hg_status hg_model_measure(const struct hg_model_config *config, size_t batch,
                                uint64_t *parameters, uint64_t *bytes, struct hg_model_fault *fault,
                                struct hg_error *error);

/* Builds the network with all parameters zero. HG_USAGE: a text is wrong or
 * shapes do not fit (the message has the layer's text and both shapes);
 * HG_NO_MEMORY: larger than context's limit (the message has the figure).
 * `fault` may be NULL. */
enum hg_status hg_model_create(struct hg_context *context, const struct hg_model_config *config,
                               struct hg_model **model, struct hg_model_fault *fault,
                               struct hg_error *error);
void hg_model_destroy(struct hg_model *model);

/* Room for batches of up to `samples`; may be called again with more. */
enum hg_status hg_model_reserve(struct hg_model *model, size_t samples, struct hg_error *error);

/* Sets every parameter and running statistic anew (biases 0, batch norm 1 and 0)
 * from seed. `text`: "auto" (he for the relu family, glorot otherwise), "glorot",
 * "he", "normal SD", "uniform LO HI". he: normal, sd sqrt(2/fan_in); glorot:
 * uniform +-sqrt(6/(fan_in+fan_out)). HG_USAGE for another text. */
enum hg_status hg_model_init(struct hg_model *model, const char *text, uint64_t seed,
                             struct hg_error *error);

/* Only checks the text of an init. */
enum hg_status hg_init_check(const char *text, struct hg_error *error);

/* The training mean (n values) that the first layer sees subtracted; NULL = none. */
void hg_model_set_center(struct hg_model *model, const float *mean);

/* Sets the output layer's bias so that the untrained output rests at `mean`
 * (through the inverse of the output activation, clipped; per channel for a
 * conv). Nothing when the output layer has no bias. */
void hg_model_set_output_bias(struct hg_model *model, const float *mean);

/* ---- facts ---- */

size_t hg_model_inputs(const struct hg_model *model);       /* n */
size_t hg_model_codes(const struct hg_model *model);        /* values of one code */
uint64_t hg_model_parameters(const struct hg_model *model); /* trainable numbers */
uint64_t hg_model_flops(
    const struct hg_model *model); /* training FLOP of one sample, direct algorithm */
uint64_t hg_model_encode_flops(const struct hg_model *model); /* of encoding one */
bool hg_model_gaussian(const struct hg_model *model);
enum hg_loss hg_model_loss(const struct hg_model *model);
enum hg_activation hg_model_output_activation(const struct hg_model *model);

/* One line of the layer table: module name as in nn.Sequential ("encoder.0"),
 * text ("dense 64"), shape it gives, trainable numbers. */
struct hg_layer_info {
    char name[32], text[64];
    struct hg_shape shape;
    uint64_t parameters;
};
size_t hg_model_layers(const struct hg_model *model);
struct hg_layer_info hg_model_layer(const struct hg_model *model, size_t index);

/* The layers that hg_model_create would make, without making them. HG_USAGE as create. */
enum { HG_SKETCH_LAYERS = 64 };
struct hg_sketch {
    size_t layers;                                /* all */
    struct hg_layer_info layer[HG_SKETCH_LAYERS]; /* the first of them */
    uint64_t parameters;
};
enum hg_status hg_model_sketch(const struct hg_model_config *config, struct hg_sketch *out,
                               struct hg_model_fault *fault, struct hg_error *error);

/* ---- tensors: parameters and buffers, by PyTorch's name and layout ---- */

enum { HG_TENSOR_DIMS = 4 };
struct hg_tensor_info {
    char name[64];                /* encoder.0.weight; decoder.3.running_mean */
    int dims;                     /* 1..4 */
    size_t shape[HG_TENSOR_DIMS]; /* dense weight: out, in; conv: out, in, kh, kw */
    size_t count;                 /* product of shape */
    bool trainable;               /* false: a running statistic (no moments, no gradient) */
};
/* What of a tensor: its values, the last gradient, the optimizer's moments. */
enum hg_tensor_part { HG_PART_VALUE, HG_PART_GRADIENT, HG_PART_FIRST, HG_PART_SECOND };

size_t hg_model_tensors(const struct hg_model *model);
struct hg_tensor_info hg_model_tensor(const struct hg_model *model, size_t index);
/* Copies all `count` numbers out or in, in the layout of `shape`. A tied decoder
 * has its own biases only; its weights are the encoder's. */
void hg_model_read(const struct hg_model *model, size_t index, enum hg_tensor_part part,
                   float *out);
void hg_model_write(struct hg_model *model, size_t index, enum hg_tensor_part part,
                    const float *in);
/* One number of a tensor, the `at`-th of those that hg_model_read copies; and another for it. */
float hg_model_value(const struct hg_model *model, size_t index, size_t at);
void hg_model_set_value(struct hg_model *model, size_t index, size_t at, float value);

/* ---- training ---- */

enum hg_optimizer {
    HG_SGD,
    HG_MOMENTUM,
    HG_NESTEROV,
    HG_RMSPROP,
    HG_ADAM,
    HG_ADAMW,
    HG_OPTIMIZER_COUNT
};

/* How parameters are updated; formulas in INTERFACE section 3. Plain data. */
struct hg_update {
    enum hg_optimizer optimizer;
    double rate, beta1, beta2, epsilon, weight_decay, l1, clip;
    uint64_t count; /* updates since the moments were zero; the step counts it up (adam's t) */
    uint64_t epoch; /* number of the present epoch, from 1: only a fault asks for it */
};

/* One batch. `input` may be corrupted, `target` never; both m x n, uncentred.
 * They may be the same. seed, step name the random numbers of this step. */
struct hg_batch {
    const float *input, *target;
    size_t samples;
    uint64_t seed, step;
};

/* Forward, loss, backward and update. *loss: the loss of the batch before the
 * update, without penalties; not finite when training diverged (then the
 * parameters may be spoilt: the trainer keeps the last good ones). */
void hg_model_train(struct hg_model *model, const struct hg_batch *batch, struct hg_update *update,
                    double *loss);

/* Forward and backward in training mode, no update: fills the gradients
 * (HG_PART_GRADIENT), penalties sparsity and KL included, weight decay, l1 and
 * clip not. Running statistics are left as they were. *objective is what is
 * differentiated: loss + sparsity + KL. */
void hg_model_differentiate(struct hg_model *model, const struct hg_batch *batch, double *loss,
                            double *objective);

/* Zeroes the moments (a new optimizer starts anew). */
void hg_model_reset_moments(struct hg_model *model);

/* Puts a known bug into hg_model_train, and if it is one of the gradient into
 * hg_model_differentiate; HG_FAULT_NONE takes it out. A gradient with a bug is computed by the
 * double-precision twin where scaling the right one does not do: slow, made for lessons. */
enum hg_status hg_model_set_fault(struct hg_model *model, enum hg_fault fault,
                                  struct hg_error *error);

/* Changes the weights of the penalties between two steps. */
void hg_model_set_penalties(struct hg_model *model, double beta, double sparsity);

/* A copy of all values and running statistics (no moments), in the model's own
 * layout: quick, for "the last good weights". `state` has hg_model_state_count
 * floats. Restoring leaves the moments as they are. */
size_t hg_model_state_count(const struct hg_model *model);
void hg_model_state_save(const struct hg_model *model, float *state);
void hg_model_state_restore(struct hg_model *model, const float *state);

/* The same with the moments: all that training moves, so that it goes on from there with
 * the same bytes. Of the moments those that `optimizer` has; restoring zeroes the others.
 * `state` has hg_model_whole_count floats. */
size_t hg_model_whole_count(const struct hg_model *model, enum hg_optimizer optimizer);
void hg_model_whole_save(const struct hg_model *model, enum hg_optimizer optimizer, float *state);
void hg_model_whole_restore(struct hg_model *model, enum hg_optimizer optimizer,
                            const float *state);

/* ---- use (evaluation mode; no random numbers; leaves training untouched) ---- */

/* All take any number of samples and work through them in pieces of what was
 * reserved. Outputs may be NULL where not wanted. */
void hg_model_reconstruct(struct hg_model *model, const float *input, size_t samples, float *output,
                          float *codes);
void hg_model_decode(struct hg_model *model, const float *codes, size_t samples, float *output);

/* What layer `index` gives for one sample (n values), in channel, row, column order:
 * hg_shape_size(hg_model_layer(model, index).shape) floats. */
void hg_model_activations(struct hg_model *model, const float *input, size_t index, float *out);

/* What one layer gives for samples first..first+samples-1 of those that are observed: `rows`
 * begin `stride` floats apart and have `values` numbers each, in channel, row, column order. */
struct hg_observation {
    size_t layer, first, samples, values, stride;
    const float *rows; /* until `see` returns */
};
struct hg_observer {
    void (*see)(void *self, const struct hg_observation *seen);
    void *self;
    float *scratch; /* room for what the largest layer gives for one sample */
};
/* Shows the observer what every layer gives for `samples`, chosen as by hg_model_evaluate; each
 * layer's samples in order, a few at a time. A layer whose activation is computed with it is
 * not shown, the activation is. */
void hg_model_observe(struct hg_model *model, const float *values, const uint32_t *order,
                      size_t samples, const struct hg_observer *observer);

/* Mean loss over `samples` in evaluation mode; `errors` (samples, may be NULL)
 * gets each sample's own loss. Samples are rows of `values` chosen by `order`
 * (NULL = 0, 1, 2, ...). */
double hg_model_evaluate(struct hg_model *model, const float *values, const uint32_t *order,
                         size_t samples, double *errors);

/* ---- names ---- */

/* "mse"; -1 / NULL when there is no such. */
const char *hg_loss_name(enum hg_loss loss);
int hg_loss_find(const char *name);
const char *hg_optimizer_name(enum hg_optimizer optimizer);
int hg_optimizer_find(const char *name);
const char *hg_activation_name(enum hg_activation activation);

/* ---- learning-rate schedule ---- */

/* "constant", "step EPOCHS FACTOR", "cosine EPOCHS [MIN_LR]", "warmup STEPS", or
 * several separated by commas (their factors multiply). */
struct hg_schedule {
    double step_epochs, step_factor;      /* 0 = none */
    double cosine_epochs, cosine_minimum; /* 0 = none */
    double warmup_steps;
};
enum hg_status hg_schedule_parse(const char *text, struct hg_schedule *schedule,
                                 struct hg_error *error);
/* The rate of step `step` (from 0) in epoch `epoch` (from 0) for a base rate. */
double hg_schedule_rate(const struct hg_schedule *schedule, double rate, uint64_t epoch,
                        uint64_t step);

#endif
