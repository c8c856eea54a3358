/* tiny_help.h - small networks and their steps the plain way. Include after cmocka.h. */
#ifndef HG_TEST_TINY_HELP_H
#define HG_TEST_TINY_HELP_H

#include "base/mem.h"
#include "base/rng.h"
#include "engine/context.h"
#include "engine/tiny.h"

#include <math.h>
#include <string.h>

enum { MOST_LAYERS = 6, TENSORS = 2 * MOST_LAYERS, PARTS = 4 };

static struct hg__rng rng;

static inline size_t below(uint32_t n)
{
    return hg__rng_below(&rng, n);
}

static inline float *fresh(size_t count)
{
    float *p = hg__alloc_aligned(count + 16, sizeof *p);
    assert_non_null(p);
    return p;
}

static inline float *filled(size_t count, float low, float high)
{
    float *p = fresh(count);
    for (size_t i = 0; i < count; i++)
        p[i] = low + (high - low) * (float)hg__rng_uniform(&rng);
    return p;
}

/* A network with its parameters: part 0 values, 1 gradients, 2 and 3 moments. */
struct net {
    size_t layers, samples;
    struct hg__tiny_layer layer[MOST_LAYERS];
    struct hg__tiny_plan plan;
    size_t size[TENSORS];
    float *part[TENSORS][PARTS];
    struct hg_update update;
    float *center;
};

static inline struct hg__tiny_tensor tensor_of(struct net *net, size_t index)
{
    float **p = net->part[index];
    return (struct hg__tiny_tensor){p[0], p[1], p[2], p[3]};
}

static inline void fill_weight(float *weight, size_t in, size_t out)
{
    float scale = 1 / sqrtf((float)in);

    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            weight[hg__weight_index(in, o, i)] = scale * (2 * (float)hg__rng_uniform(&rng) - 1) *
                                                 1.5f;
}

static inline void add_layer(struct net *net, size_t in, size_t out, enum hg_activation activation,
                             bool bias)
{
    size_t l = net->layers++;
    struct hg__tiny_layer *layer = &net->layer[l];

    *layer = (struct hg__tiny_layer){in, out, activation, 0.1f, {0}, {0}};
    net->size[2 * l] = hg__weight_size(in, out);
    net->size[2 * l + 1] = bias ? hg__pad(out) : 0;
    for (size_t t = 2 * l; t < 2 * l + 2; t++)
        for (size_t k = 0; k < PARTS; k++)
            net->part[t][k] = net->size[t] ? fresh(net->size[t]) : NULL;
    fill_weight(net->part[2 * l][0], in, out);
    for (size_t o = 0; bias && o < out; o++)
        net->part[2 * l + 1][0][o] = 0.2f * (float)hg__rng_uniform(&rng);
    layer->weight = tensor_of(net, 2 * l);
    layer->bias = tensor_of(net, 2 * l + 1);
}

static inline void finish_net(struct net *net, int round)
{
    net->update = (struct hg_update){.optimizer = (enum hg_optimizer)(round % HG_OPTIMIZER_COUNT),
                                     .rate = 0.01,
                                     .beta1 = 0.9,
                                     .beta2 = 0.999,
                                     .epsilon = 1e-4,
                                     .weight_decay = round % 4 == 3 ? 0.01 : 0,
                                     .l1 = round % 5 == 4 ? 0.001 : 0};
    net->plan.layers = net->layers;
    net->plan.layer = net->layer;
    net->plan.loss = (enum hg_loss)(round % HG_LOSS_COUNT);
    net->plan.logits = net->plan.loss == HG_LOSS_BCE && round % 8 < 4;
    if (net->plan.loss == HG_LOSS_BCE)
        net->layer[net->layers - 1].activation = HG_SIGMOID;
    net->plan.samples = net->samples;
    if (round % 3 == 1)
        net->plan.center = net->center = filled(net->layer[0].in, 0, 1);
}

static inline void make_tiny_net(struct net *net, int round)
{
    size_t sizes[MOST_LAYERS + 1], layers = 1 + below(5);

    memset(net, 0, sizeof *net);
    net->samples = round % 2 ? 32 : 1 + below(100);
    for (size_t l = 0; l < layers; l++)
        sizes[l] = round == 3 ? 1 : 1 + below(round % 4 ? 9 : 32);
    sizes[layers] = sizes[0];
    for (size_t l = 0; l < layers; l++)
        add_layer(net, sizes[l], sizes[l + 1], (enum hg_activation)below(HG_ACTIVATION_COUNT),
                  round % 7 != 6);
    finish_net(net, round);
}

/* Large and thin; batch 1 with plain SGD is what may wait. */
static inline void make_skinny_net(struct net *net, int round)
{
    size_t n = round % 3 == 0 ? 4096 : 600 + below(3000);
    size_t a = 1 + below(64), b = 1 + below(20);

    memset(net, 0, sizeof *net);
    net->samples = round % 2 ? 1 : 1 + below(32);
    add_layer(net, n, a, round % 5 ? HG_TANH : HG_GELU, round % 7 != 6);
    add_layer(net, a, b, (enum hg_activation)below(HG_ACTIVATION_COUNT), true);
    add_layer(net, b, n, HG_LINEAR, round % 7 != 6);
    finish_net(net, round);
    if (round % 2)
        net->update.optimizer = HG_SGD;
    if (round % 4 == 1)
        net->update.weight_decay = net->update.l1 = 0, net->plan.loss = HG_LOSS_MSE,
        net->plan.logits = false, net->layer[2].activation = HG_LINEAR;
}

static inline void drop_net(struct net *net)
{
    for (size_t t = 0; t < 2 * net->layers; t++)
        for (size_t k = 0; k < PARTS; k++)
            hg__free(net->part[t][k]);
    hg__free(net->center);
}

static inline struct net copy_net(const struct net *from)
{
    struct net net = *from;

    for (size_t t = 0; t < 2 * net.layers; t++)
        for (size_t k = 0; k < PARTS; k++)
            if (net.size[t]) {
                net.part[t][k] = fresh(net.size[t]);
                memcpy(net.part[t][k], from->part[t][k], net.size[t] * sizeof(float));
            }
    for (size_t l = 0; l < net.layers; l++) {
        net.layer[l].weight = tensor_of(&net, 2 * l);
        net.layer[l].bias = tensor_of(&net, 2 * l + 1);
    }
    if (from->center) {
        net.center = fresh(from->layer[0].in);
        memcpy(net.center, from->center, from->layer[0].in * sizeof(float));
        net.plan.center = net.center;
    }
    net.plan.layer = NULL; /* set by whoever uses the copy where it lies */
    return net;
}

/* What a plain pass through the layers leaves: outputs, inputs of the activations, slopes. */
struct plain {
    size_t samples;
    float *x, *y[MOST_LAYERS], *z[MOST_LAYERS], *dy[MOST_LAYERS];
};

static inline struct plain plain_forward(const struct hg_context *c, const struct net *net,
                                         const struct hg__tiny_batch *batch)
{
    size_t m = batch->samples, n = net->layer[0].in;
    struct plain p = {.samples = m, .x = fresh(m * n)};

    for (size_t i = 0; i < m * n; i++)
        p.x[i] = batch->input[i] - (net->center ? net->center[i % n] : 0);
    for (size_t l = 0; l < net->layers; l++) {
        const struct hg__tiny_layer *a = &net->layer[l];
        size_t size = m * hg__pad(a->out);
        bool plain = net->plan.logits && l + 1 == net->layers;
        p.y[l] = fresh(size), p.z[l] = fresh(size), p.dy[l] = fresh(size);
        struct hg__forward job = {m,
                                  a->in,
                                  a->out,
                                  l ? p.y[l - 1] : p.x,
                                  l ? hg__pad(a->in) : a->in,
                                  a->weight.value,
                                  a->bias.value,
                                  p.y[l],
                                  p.z[l],
                                  hg__pad(a->out),
                                  plain ? HG_LINEAR : a->activation,
                                  .slope = a->slope};
        hg__dense_forward(c, &job);
    }
    return p;
}

static inline double plain_loss(const struct hg_context *c, const struct net *net,
                                const struct hg__tiny_batch *batch, const struct plain *p)
{
    size_t m = batch->samples, last = net->layers - 1, outs = net->layer[last].out;
    double *errors = calloc(m, sizeof *errors), loss;
    struct hg__loss lossy = {net->plan.loss, net->plan.logits, m,    outs,        p->y[last],
                             hg__pad(outs),  batch->target,    outs, p->dy[last], hg__pad(outs),
                             errors};

    hg__loss(c, &lossy);
    loss = hg__loss_total(net->plan.loss, errors, m, outs);
    free(errors);
    return loss;
}

/* The gradient of layer `l`, and the slopes of the one before it. */
static inline void plain_back(const struct hg_context *c, const struct net *net,
                              const struct plain *p, size_t l)
{
    const struct hg__tiny_layer *a = &net->layer[l];
    bool input = hg__activation_keeps_input(a->activation, a->slope);
    float *t = fresh(hg__weight_size(a->out, a->in));

    if (!(net->plan.logits && l + 1 == net->layers))
        hg__context_kernels(c)->activate_back(a->activation, a->slope, input ? p->z[l] : p->y[l],
                                              p->dy[l], p->dy[l], p->samples * hg__pad(a->out));
    hg__dense_transpose(c, a->in, a->out, a->weight.value, t, false);
    struct hg__backward down = {.samples = p->samples,
                                .in = a->in,
                                .out = a->out,
                                .dy = p->dy[l],
                                .dy_stride = hg__pad(a->out),
                                .transposed = t,
                                .dx = l ? p->dy[l - 1] : NULL,
                                .dx_stride = hg__pad(a->in)};
    if (l)
        hg__dense_backward(c, &down);
    struct hg__gradient g = {.samples = p->samples,
                             .in = a->in,
                             .out = a->out,
                             .x = l ? p->y[l - 1] : p->x,
                             .x_stride = l ? hg__pad(a->in) : a->in,
                             .dy = p->dy[l],
                             .dy_stride = hg__pad(a->out),
                             .gradient = a->weight.gradient,
                             .bias_gradient = a->bias.gradient};
    hg__dense_gradient(c, &g);
    hg__free(t);
}

static inline double plain_step(const struct hg_context *c, struct net *net,
                                const struct hg__tiny_batch *batch)
{
    struct plain p = plain_forward(c, net, batch);
    double loss = plain_loss(c, net, batch, &p);
    struct hg__rule rule;

    net->update.count++;
    for (size_t l = net->layers; l-- > 0;)
        plain_back(c, net, &p, l);
    for (size_t t = 0; t < 2 * net->layers; t++) {
        float **part = net->part[t];
        hg__rule_set(&rule, &net->update, net->update.count, t % 2 == 0, 1);
        if (net->size[t])
            hg__update(c, &rule, (struct hg__parameters){part[0], part[1], part[2], part[3]},
                       net->size[t]);
    }
    for (size_t l = 0; l < net->layers; l++)
        hg__free(p.y[l]), hg__free(p.z[l]), hg__free(p.dy[l]);
    hg__free(p.x);
    return loss;
}

static inline double short_step(struct hg__tiny *tiny, struct net *net,
                                const struct hg__tiny_batch *batch)
{
    struct hg__rule weights, biases;

    net->update.count++;
    hg__rule_set(&weights, &net->update, net->update.count, true, 1);
    hg__rule_set(&biases, &net->update, net->update.count, false, 1);
    return hg__tiny_step(tiny, batch, &weights, &biases);
}

/* A skinny path keeps no gradients (part 1). */
static inline void assert_close(const struct net *a, const struct net *b, float tolerance)
{
    bool tiny = a->layer[0].in <= 32;

    for (size_t t = 0; t < 2 * a->layers; t++)
        for (size_t k = 0; k < PARTS; k += k == 0 && !tiny ? 2 : 1)
            for (size_t i = 0; i < a->size[t]; i++) {
                float x = a->part[t][k][i], y = b->part[t][k][i];
                if (!(fabsf(x - y) <= tolerance * (1 + fabsf(x))))
                    fail_msg("tensor %zu part %zu [%zu]: %g and %g (optimizer %d, loss %d)", t, k,
                             i, (double)x, (double)y, (int)a->update.optimizer, (int)a->plan.loss);
            }
}

static inline void assert_equal(const struct net *a, const struct net *b)
{
    for (size_t t = 0; t < 2 * a->layers; t++)
        for (size_t k = 0; k < PARTS; k++)
            if (a->size[t])
                assert_memory_equal(a->part[t][k], b->part[t][k], a->size[t] * sizeof(float));
}

#endif
