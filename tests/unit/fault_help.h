/* fault_help.h - networks of all kinds to put a known bug into. Include after cmocka.h. */
#ifndef HG_TEST_FAULT_HELP_H
#define HG_TEST_FAULT_HELP_H

#include "two_help.h"

static inline void set_fault(struct hg_model *model, enum hg_fault fault)
{
    assert_int_equal(hg_model_set_fault(model, fault, NULL), HG_OK);
}

/* ---- a network of three layers ---- */

enum { M = 7, N = 5, A = 4, B = 3 };

static const struct hg_model_config hand = {.encoder = "dense 4 tanh, dense 3 sigmoid",
                                            .code = "none",
                                            .decoder = "none",
                                            .output = "linear",
                                            .input = {1, 1, N},
                                            .bias = true,
                                            .loss = HG_LOSS_SSE};

/* ---- all kinds of networks ---- */

enum { SIDE = 4, PIXELS = SIDE * SIDE, SAMPLES = 6 };

static const struct {
    const char *encoder, *code, *decoder, *output;
    enum hg_loss loss;
    double sparsity;
} networks[] = {
    {"dense 9 tanh", "3", "mirror", "linear", HG_LOSS_MSE, 0},
    {"dense 9 relu, dense 7 lrelu", "3 tanh", "mirror", "sigmoid", HG_LOSS_BCE, 0.01},
    {"dense 9 bn sigmoid, dense 6 gelu dropout 0.2", "3", "mirror", "linear", HG_LOSS_RMSE, 0},
    {"dense 9 tanh bn, dense 6 silu", "2 gaussian", "mirror", "sigmoid", HG_LOSS_MSE, 0},
    {"dense 9 tanh, dense 5 elu", "3 softplus", "tied", "linear", HG_LOSS_SSE, 0},
    {"conv 3 tanh, pool 2, conv 4 sigmoid", "none", "mirror", "linear", HG_LOSS_MSE, 0},
    {"conv 3 bn lrelu, pool 2, conv 4 tanh", "3 tanh", "mirror", "sigmoid", HG_LOSS_BCE, 0},
    {"conv 3 3x3 stride 2 tanh bn", "3", "mirror", "conv 1 5x5 sigmoid", HG_LOSS_SSE, 0},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

static inline struct hg_model *network(size_t index, struct hg_context *where)
{
    struct hg_model_config config = {.encoder = networks[index].encoder,
                                     .code = networks[index].code,
                                     .decoder = networks[index].decoder,
                                     .output = networks[index].output,
                                     .input = {1, SIDE, SIDE},
                                     .image = true,
                                     .bias = true,
                                     .loss = networks[index].loss,
                                     .beta = 1,
                                     .sparsity = networks[index].sparsity};

    return build(where, &config);
}

#endif
