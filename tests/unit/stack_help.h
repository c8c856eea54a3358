/* stack_help.h - made-up networks with image layers, whose shapes return to the input. */
#ifndef HG_TEST_STACK_HELP_H
#define HG_TEST_STACK_HELP_H

#include "base/rng.h"
#include "hourglass/model.h"

#include <stdio.h>
#include <string.h>

struct stack {
    char encoder[256], code[32], decoder[256], output[64];
    char text[900]; /* all of it, for messages */
    struct hg_shape input;
    enum hg_loss loss;
    double sparsity;
    bool bias;
    bool random; /* training is not evaluation: batch norm, dropout, a gaussian code */
};

/* While one is made up. */
struct stack_maker {
    struct stack *stack;
    struct hg__rng rng;
    struct hg_shape shape; /* reached so far */
    bool image;            /* that is one, not a row of values */
    char *text;            /* of the part that is being written; 256 bytes */
    int budget;            /* layers with many channels that may still come */
};

static inline int stack_draw(struct stack_maker *maker, int count)
{
    return (int)hg__rng_below(&maker->rng, (uint32_t)count);
}

HG_PRINTF(2, 3)
static inline void stack_write(struct stack_maker *maker, const char *format, ...)
{
    size_t used = strlen(maker->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(maker->text + used, 256 - used, format, arguments);
    va_end(arguments);
}

static inline void stack_activation(struct stack_maker *maker)
{
    static const char *const names[] = {"relu", "lrelu",    "tanh", "sigmoid",   "elu",      "gelu",
                                        "silu", "softplus", "relu", "lrelu:0.2", "lrelu:0.3"};

    stack_write(maker, " %s", names[stack_draw(maker, 11)]);
}

/* Words of a group, in any order. */
static inline void stack_words(struct stack_maker *maker)
{
    int words = stack_draw(maker, 4);

    for (int i = 0; i < words; i++)
        switch (stack_draw(maker, 7)) {
        case 0:
        case 1:
            stack_write(maker, " bn");
            break;
        case 2:
            stack_write(maker, " dropout 0.%d", 1 + stack_draw(maker, 5));
            break;
        default:
            stack_activation(maker);
        }
}

static inline void stack_conv(struct stack_maker *maker)
{
    static const int channels[] = {1, 2, 3, 5, 8, 16, 20, 64}, kernels[] = {3, 3, 3, 1, 5};
    int c = channels[stack_draw(maker, maker->budget > 0 ? 8 : 5)];
    int kernel = kernels[stack_draw(maker, 5)], stride = 1 + stack_draw(maker, 8) / 5;

    if (stack_draw(maker, 12) == 0)
        stride = 3;
    maker->budget -= c >= 16;
    stack_write(maker, "conv %d", c);
    if (kernel != 3 || stack_draw(maker, 2))
        stack_write(maker, " %dx%d", kernel, kernel);
    if (stride > 1)
        stack_write(maker, " stride %d", stride);
    maker->shape.channels = c;
    maker->shape.rows = (maker->shape.rows - 1) / stride + 1;
    maker->shape.columns = (maker->shape.columns - 1) / stride + 1;
}

static inline bool stack_pool(struct stack_maker *maker)
{
    int factor = 2 + stack_draw(maker, 2);

    if (maker->shape.rows < factor || maker->shape.columns < factor)
        return false;
    stack_write(maker, "pool %d", factor);
    maker->shape.rows /= factor;
    maker->shape.columns /= factor;
    return true;
}

static inline bool stack_up(struct stack_maker *maker)
{
    int factor = 2 + stack_draw(maker, 4) / 3;

    if (maker->shape.rows * factor > 14 || maker->shape.columns * factor > 14)
        return false;
    stack_write(maker, "up %d", factor);
    maker->shape.rows *= factor;
    maker->shape.columns *= factor;
    return true;
}

static inline void stack_dense(struct stack_maker *maker, int units)
{
    stack_write(maker, "dense %d", units);
    maker->shape = (struct hg_shape){1, 1, units};
    maker->image = false;
}

/* One group of a part; `reached`: the image size for a stack after dense layers. */
static inline void stack_group(struct stack_maker *maker, struct hg_shape reached)
{
    int kind = stack_draw(maker, 10);

    if (maker->text[0])
        stack_write(maker, ", ");
    if (!maker->image) {
        int pixels = reached.rows * reached.columns, c = 1 + stack_draw(maker, 6);
        stack_dense(maker, pixels * c);
        stack_words(maker);
        stack_write(maker, ", ");
        maker->shape = (struct hg_shape){c, reached.rows, reached.columns};
        maker->image = true;
    }
    if (!(kind < 2 && stack_pool(maker)) && !(kind >= 2 && kind < 5 && stack_up(maker)))
        stack_conv(maker);
    stack_words(maker);
}

/* Encoder: perhaps words alone, then groups, perhaps with a dense layer in between or behind. */
static inline struct hg_shape stack_encoder(struct stack_maker *maker)
{
    int groups = 1 + stack_draw(maker, 4);
    struct hg_shape reached;

    maker->text = maker->stack->encoder;
    if (stack_draw(maker, 6) == 0) {
        static const char *const lead[] = {"bn", "tanh", "dropout 0.2", "bn relu",
                                           "lrelu dropout 0.1 bn"};
        stack_write(maker, "%s", lead[stack_draw(maker, 5)]);
    }
    for (int i = 0; i < groups; i++)
        stack_group(maker, maker->shape);
    reached = maker->shape;
    if (stack_draw(maker, 4) == 0) {
        stack_write(maker, ", ");
        stack_dense(maker, 1 + stack_draw(maker, 20));
        stack_words(maker);
    }
    return reached;
}

static inline void stack_code(struct stack_maker *maker)
{
    static const char *const codes[] = {"none",       "none",        "3",      "5 tanh",
                                        "2 gaussian", "17 gaussian", "40 relu"};
    static const int sizes[] = {0, 0, 3, 5, 2, 17, 40};
    int drawn = stack_draw(maker, 7);

    snprintf(maker->stack->code, sizeof maker->stack->code, "%s", codes[drawn]);
    if (sizes[drawn]) {
        maker->shape = (struct hg_shape){1, 1, sizes[drawn]};
        maker->image = false;
    }
}

/* Decoder: groups; then an image of the input's size, or dense layers. */
static inline void stack_decoder(struct stack_maker *maker, struct hg_shape reached)
{
    struct hg_shape input = maker->stack->input;
    int groups = stack_draw(maker, 4);
    bool fits;

    maker->text = maker->stack->decoder;
    for (int i = 0; i < groups; i++)
        stack_group(maker, reached);
    fits = maker->image && maker->shape.rows == input.rows && maker->shape.columns == input.columns;
    if (maker->image && !fits && groups) {
        stack_write(maker, ", ");
        stack_dense(maker, 1 + stack_draw(maker, 12));
        stack_words(maker);
    }
    if (!maker->text[0])
        stack_write(maker, "none");
}

static inline void stack_output(struct stack_maker *maker)
{
    static const char *const plain[] = {"linear", "tanh", "sigmoid", "softplus", "sigmoid"};
    struct stack *stack = maker->stack;
    const char *activation = plain[stack_draw(maker, 5)];
    bool fits = maker->image && maker->shape.rows == stack->input.rows &&
                maker->shape.columns == stack->input.columns;
    int way = stack_draw(maker, 6);

    stack->loss = (enum hg_loss)stack_draw(maker, HG_LOSS_COUNT);
    if (stack->loss == HG_LOSS_BCE)
        activation = "sigmoid";
    if (fits && way == 0)
        snprintf(stack->output, sizeof stack->output, "conv %d 5x5 %s", stack->input.channels,
                 activation);
    else if (fits && way == 1)
        snprintf(stack->output, sizeof stack->output, "conv %d 1x1 bn %s", stack->input.channels,
                 activation);
    else if (way == 2)
        snprintf(stack->output, sizeof stack->output, "dense %d %s",
                 (int)hg_shape_size(stack->input), activation);
    else
        snprintf(stack->output, sizeof stack->output, "%s", activation);
}

static inline void stack_finish(struct stack *stack)
{
    snprintf(stack->text, sizeof stack->text, "%dx%dx%d | %s | %s | %s | %s, %s%s%s",
             stack->input.channels, stack->input.rows, stack->input.columns, stack->encoder,
             stack->code, stack->decoder, stack->output, hg_loss_name(stack->loss),
             stack->bias ? "" : ", no bias", stack->sparsity > 0 ? ", sparsity" : "");
    stack->random = strstr(stack->text, "bn") || strstr(stack->text, "dropout") ||
                    strstr(stack->text, "gaussian");
}

/* Network number `number` of a fixed, endless row. */
static inline struct stack stack_made_up(size_t number)
{
    static const int channels[] = {1, 3, 1, 3, 5, 2, 16, 17},
                     sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13};
    struct stack stack = {.bias = number % 7 != 0, .sparsity = number % 5 == 0 ? 0.05 : 0};
    struct stack_maker maker = {.stack = &stack, .image = true, .budget = 2};
    struct hg_shape reached;

    hg__rng_start(&maker.rng, 77, HG__RNG_PROBE, number, 0);
    stack.input.channels = channels[stack_draw(&maker, 8)];
    stack.input.rows = sizes[stack_draw(&maker, 12)];
    stack.input.columns = sizes[stack_draw(&maker, 12)];
    maker.shape = stack.input;
    reached = stack_encoder(&maker);
    stack_code(&maker);
    stack_decoder(&maker, reached);
    stack_output(&maker);
    stack_finish(&stack);
    return stack;
}

static inline struct hg_model_config stack_config(const struct stack *stack)
{
    return (struct hg_model_config){
        .encoder = stack->encoder,
        .code = stack->code,
        .decoder = stack->decoder,
        .output = stack->output,
        .input = stack->input,
        .image = true,
        .bias = stack->bias,
        .loss = stack->loss,
        .beta = 0.7,
        .sparsity = stack->sparsity,
    };
}

/* ---- named ones ---- */

struct stack_case {
    struct hg_shape input;
    const char *encoder, *code, *decoder, *output;
};

static const struct stack_case stack_cases[] = {
    /* every way a convolution is done: from few channels, direct, after an up, to few channels */
    {{1, 8, 8},
     "conv 64 bn lrelu, pool 2, conv 64 bn lrelu, pool 2, conv 64 bn lrelu",
     "none",
     "up 2, conv 64 bn lrelu, up 2",
     "sigmoid"},
    {{3, 8, 8}, "conv 16 relu, pool 2, conv 20 relu", "16", "mirror", "sigmoid"},
    {{3, 12, 8}, "conv 16 stride 2 lrelu, conv 24 stride 2 lrelu", "none", "mirror", "linear"},
    {{1, 6, 6}, "conv 17 tanh, pool 2, conv 33 tanh", "none", "up 2, conv 1", "sigmoid"},
    {{3, 5, 7}, "conv 16 relu", "none", "conv 16 relu", "conv 3 5x5 sigmoid"},
    {{3, 5, 7}, "conv 16 relu", "none", "conv 16 relu", "conv 3 1x1 sigmoid"},
    {{5, 7, 5}, "conv 8 5x5", "none", "none", "conv 5 5x5"},
    {{17, 3, 3}, "conv 16 1x1 bn", "none", "none", "conv 17 1x1"},
    {{20, 4, 4}, "conv 20 gelu, pool 2 gelu", "none", "up 2 gelu", "conv 20 3x3"},
    /* one pixel, one row, one column */
    {{1, 1, 1}, "conv 3 5x5 relu, conv 2 1x1", "none", "none", "linear"},
    {{3, 1, 9}, "conv 16 5x5 stride 2 bn, conv 8", "4", "dense 10, conv 3, dense 5", "linear"},
    {{1, 9, 1}, "conv 4, up 2, pool 2", "none", "none", "linear"},
    {{1, 1, 1}, "up 3, conv 4 3x3 bn relu, pool 3", "none", "none", "linear"},
    /* kernels larger than the image, strides larger than it */
    {{2, 2, 3}, "conv 3 7x7 tanh, conv 4 5x5 stride 5 tanh", "none", "dense 5", "linear"},
    {{1, 4, 4}, "conv 3 5x5 stride 3 tanh", "none", "dense 4 tanh", "linear"},
    /* pools that leave something over; pools and norms that change places; signs */
    {{1, 7, 11}, "conv 5 bn lrelu, pool 3", "none", "dense 6 tanh", "linear"},
    {{2, 9, 9}, "conv 5 bn, pool 2 relu, conv 3 lrelu bn, pool 2", "3", "dense 5", "linear"},
    {{1, 8, 8}, "conv 4 bn tanh, pool 2, conv 4 tanh bn, pool 2", "none", "dense 5", "linear"},
    {{1, 8, 8}, "conv 4 bn lrelu dropout 0.3, pool 2", "none", "up 2, conv 4 dropout 0.3", "tanh"},
    {{1, 6, 6}, "pool 2 bn, pool 3 bn", "none", "dense 4 bn tanh", "linear"},
    {{1, 6, 6}, "conv 4 bn bn relu relu, pool 2 bn bn", "none", "up 2 bn relu", "linear"},
    {{1, 6, 6}, "conv 4 bn bn relu, pool 2, conv 3 bn bn, pool 2", "none", "dense 5", "linear"},
    {{1, 6, 6},
     "conv 4 bn lrelu:0.2 bn lrelu, pool 2 bn tanh, pool 2",
     "none",
     "dense 5",
     "linear"},
    /* ups: two in a row, with words, before a 1x1, a 5x5, a stride, a pool, a dense layer */
    {{1, 8, 8}, "pool 2, pool 2, conv 6", "none", "up 2, up 2, conv 3 relu", "sigmoid"},
    {{1, 6, 6}, "pool 2, conv 16 bn relu", "none", "up 2 bn relu, conv 16 relu", "sigmoid"},
    {{1, 6, 6}, "pool 2, conv 4", "none", "up 2, conv 4 1x1 lrelu", "conv 1 5x5"},
    {{1, 6, 6}, "pool 2, conv 4", "none", "up 2, conv 4 5x5 lrelu", "linear"},
    {{1, 6, 6}, "up 2, conv 4 stride 2 lrelu", "none", "up 3, pool 3", "linear"},
    {{1, 6, 6},
     "conv 2 stride 2, up 2, dense 7 tanh",
     "3",
     "dense 72 relu, pool 3, up 3, conv 2",
     "linear"},
    /* stacks before, between and after dense layers */
    {{1, 4, 4}, "dense 6 tanh, dense 16, conv 3 relu", "2", "dense 48, conv 2 relu", "linear"},
    {{1, 4, 4},
     "conv 3 tanh, dense 5, dense 32, conv 4 bn relu",
     "3 gaussian",
     "dense 16 tanh, conv 2, dense 5 tanh, dense 64 bn, conv 2 relu",
     "sigmoid"},
    {{1, 4, 4}, "none", "16 tanh", "conv 3 tanh, conv 4", "linear"},
    {{1, 4, 4}, "none", "none", "conv 3 tanh, conv 4", "linear"},
    {{1, 4, 4}, "conv 4 tanh", "none", "none", "linear"},
    {{1, 4, 4}, "bn dropout 0.2 relu, conv 4 tanh", "none", "none", "dense 16 sigmoid"},
    {{1, 4, 4}, "pool 2", "4 gaussian", "up 2, conv 2 relu", "linear"},
};

static inline size_t stack_named_count(void)
{
    return sizeof stack_cases / sizeof *stack_cases;
}

static inline struct stack stack_named(size_t i)
{
    const struct stack_case *named = &stack_cases[i];
    struct stack stack = {.input = named->input, .bias = i % 3 != 1};

    snprintf(stack.encoder, sizeof stack.encoder, "%s", named->encoder);
    snprintf(stack.code, sizeof stack.code, "%s", named->code);
    snprintf(stack.decoder, sizeof stack.decoder, "%s", named->decoder);
    snprintf(stack.output, sizeof stack.output, "%s", named->output);
    stack.loss = strstr(named->output, "sigmoid") ? HG_LOSS_BCE
                                                  : (i % 2 ? HG_LOSS_MSE : HG_LOSS_SSE);
    stack.sparsity = i % 4 == 0 ? 0.05 : 0;
    stack_finish(&stack);
    return stack;
}

#endif
