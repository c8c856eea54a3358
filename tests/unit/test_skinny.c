/* test_skinny.c - the step of wide, thin networks: updates that wait cannot be seen,
 * nor can threads or (avx2, avx512) the instruction set. */
#include "base/mem.h"
#include "base/rng.h"
#include "engine/context.h"
#include "engine/tiny.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LAYERS = 4, STEPS = 11, DATA = 40 };

/* Inputs and outputs of the layers between: 1 to 4 panels, odd sizes, a last layer
 * with 16 inputs and with fewer. */
static const struct shape {
    size_t n, a, b, c, samples;
    enum hg_loss loss;
    bool bias, center;
} shapes[] = {
    {4096, 64, 8, 8, 1, HG_LOSS_MSE, true, false},
    {1025, 17, 5, 16, 1, HG_LOSS_SSE, true, true},
    {3001, 48, 3, 1, 1, HG_LOSS_BCE, false, true},
    {2016, 33, 16, 13, 1, HG_LOSS_RMSE, true, false},
    {4096, 16, 8, 16, 17, HG_LOSS_MSE, true, false},
    {1500, 40, 2, 7, 32, HG_LOSS_BCE, true, true},
    {1024, 20, 4, 15, 5, HG_LOSS_SSE, false, true},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct net {
    struct hg__tiny_layer layer[LAYERS];
    struct hg__tiny_plan plan;
    float *memory;
    size_t count; /* floats of it */
    float *center;
    double loss[STEPS];
};

static size_t layer_floats(size_t in, size_t out)
{
    return hg__weight_size(in, out) + hg__pad(out);
}

static void lay(struct net *net, size_t l, size_t in, size_t out, float **at, struct hg__rng *rng)
{
    struct hg__tiny_layer *layer = &net->layer[l];
    size_t weights = hg__weight_size(in, out);

    *layer = (struct hg__tiny_layer){.in = in, .out = out, .activation = HG_TANH};
    layer->weight.value = *at;
    layer->weight.first = *at + net->count;
    layer->weight.second = *at + 2 * net->count;
    layer->bias.value = *at + weights;
    layer->bias.first = layer->weight.first + weights;
    layer->bias.second = layer->weight.second + weights;
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++)
            layer->weight.value[hg__weight_index(in, o, i)] = (float)((hg__rng_uniform(rng) - 0.5) /
                                                                      (double)(in < 64 ? in : 64));
    *at += layer_floats(in, out);
}

static void make(struct net *net, const struct shape *s)
{
    const size_t sizes[LAYERS + 1] = {s->n, s->a, s->b, s->c, s->n};
    struct hg__rng rng;
    float *at;

    memset(net, 0, sizeof *net);
    hg__rng_start(&rng, 5, HG__RNG_PROBE, 0, 0);
    for (size_t l = 0; l < LAYERS; l++)
        net->count += layer_floats(sizes[l], sizes[l + 1]);
    net->memory = at = hg__alloc_aligned(3 * net->count, sizeof *at);
    net->center = hg__alloc_aligned(s->n, sizeof *net->center);
    assert_non_null(net->memory);
    assert_non_null(net->center);
    for (size_t l = 0; l < LAYERS; l++)
        lay(net, l, sizes[l], sizes[l + 1], &at, &rng);
    for (size_t l = 0; l < LAYERS && !s->bias; l++)
        net->layer[l].bias = (struct hg__tiny_tensor){0};
    for (size_t i = 0; i < s->n; i++)
        net->center[i] = (float)hg__rng_uniform(&rng);
    net->layer[LAYERS - 1].activation = s->loss == HG_LOSS_BCE ? HG_SIGMOID : HG_LINEAR;
    net->plan = (struct hg__tiny_plan){.layers = LAYERS,
                                       .layer = net->layer,
                                       .loss = s->loss,
                                       .logits = s->loss == HG_LOSS_BCE,
                                       .center = s->center ? net->center : NULL,
                                       .samples = s->samples};
}

static void drop(struct net *net)
{
    hg__free(net->memory);
    hg__free(net->center);
}

struct way {
    const char *isa;
    int threads;
    unsigned settle; /* bit of a step: settled after it */
    enum hg_optimizer optimizer;
};

/* STEPS steps, one of them with half the batch. */
static void run(struct net *net, const struct shape *s, const struct way *way, const float *data)
{
    struct hg_context *context;
    struct hg__tiny *tiny;

    assert_int_equal(hg_context_create(way->threads, way->isa, 0, &context, NULL), HG_OK);
    make(net, s);
    tiny = hg__tiny_create(context, &net->plan);
    assert_non_null(tiny);
    for (unsigned t = 0; t < STEPS; t++) {
        const struct hg_update update = {.optimizer = way->optimizer,
                                         .rate = 0.1 / (1 + t),
                                         .beta1 = 0.9,
                                         .beta2 = 0.999,
                                         .epsilon = 1e-6};
        const float *x = data + t % 7 * s->n;
        struct hg__tiny_batch batch = {x, x, t == 5 ? (s->samples + 1) / 2 : s->samples};
        struct hg__rule weights, biases;
        hg__rule_set(&weights, &update, t + 1, true, 1);
        hg__rule_set(&biases, &update, t + 1, false, 1);
        net->loss[t] = hg__tiny_step(tiny, &batch, &weights, &biases);
        if (way->settle >> t & 1)
            hg__tiny_settle(tiny);
        if (way->settle >> t & 1 && t % 2)
            hg__tiny_forget(tiny);
    }
    hg__tiny_settle(tiny);
    hg__tiny_destroy(tiny);
    hg_context_destroy(context);
}

static void compare(const struct shape *s, const struct way *one, const struct way *other,
                    const float *data)
{
    struct net a, b;

    run(&a, s, one, data);
    run(&b, s, other, data);
    assert_memory_equal(a.loss, b.loss, sizeof a.loss);
    assert_memory_equal(a.memory, b.memory, 3 * a.count * sizeof *a.memory);
    drop(&a);
    drop(&b);
}

static float *make_data(void)
{
    float *data = hg__alloc_aligned((size_t)DATA * 4096, sizeof *data);
    struct hg__rng rng;

    assert_non_null(data);
    hg__rng_start(&rng, 9, HG__RNG_PROBE, 1, 0);
    for (size_t i = 0; i < (size_t)DATA * 4096; i++)
        data[i] = (float)hg__rng_uniform(&rng);
    return data;
}

/* Never, at every step, now and then: five updates wait at most, so all counts occur. */
static void test_waiting(void **state)
{
    static const unsigned settles[] = {0x7FF, 0x124, 0x081, 0x010};
    float *data = make_data();

    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        for (size_t k = 0; k < sizeof settles / sizeof *settles; k++) {
            const struct way never = {"base", 1, 0, HG_SGD};
            const struct way then = {"base", 1, settles[k], HG_SGD};
            compare(&shapes[i], &never, &then, data);
        }
    hg__free(data);
}

static void test_threads(void **state)
{
    float *data = make_data();

    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        for (int threads = 2; threads <= 3; threads++) {
            const struct way one = {NULL, 1, 0x20, i % 2 ? HG_SGD : HG_ADAM};
            const struct way many = {NULL, threads, 0x20, i % 2 ? HG_SGD : HG_ADAM};
            compare(&shapes[i], &one, &many, data);
        }
    for (size_t i = 0; i < SHAPES; i++) {
        const struct way one = {NULL, 1, 0, HG_SGD}, two = {NULL, 2, 0x92, HG_SGD};
        compare(&shapes[i], &one, &two, data);
    }
    hg__free(data);
}

static void test_instruction_sets(void **state)
{
    float *data = make_data();
    struct hg_context *context;

    (void)state;
    if (hg_context_create(1, "avx512", 0, &context, NULL)) {
        hg__free(data);
        skip();
    }
    hg_context_destroy(context);
    for (size_t i = 0; i < SHAPES; i++)
        for (int k = 0; k < 2; k++) {
            const struct way one = {"avx2", 1, 0x40, k ? HG_SGD : HG_RMSPROP};
            const struct way other = {"avx512", 2, 0x12, k ? HG_SGD : HG_RMSPROP};
            compare(&shapes[i], &one, &other, data);
        }
    hg__free(data);
}

/* Close to the base instruction set, whose rounding differs: nothing is left out. */
static void test_base(void **state)
{
    float *data = make_data();

    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct way plain = {"base", 1, 0, HG_SGD}, best = {NULL, 1, 0, HG_SGD};
        struct net a, b;
        run(&a, &shapes[i], &plain, data);
        run(&b, &shapes[i], &best, data);
        for (size_t t = 0; t < STEPS; t++)
            assert_true(a.loss[t] - b.loss[t] < 1e-3 * a.loss[t] &&
                        b.loss[t] - a.loss[t] < 1e-3 * a.loss[t]);
        drop(&a);
        drop(&b);
    }
    hg__free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_base),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
