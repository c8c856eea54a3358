/* What the trainer copies for view 3: columns, units, edges, a page of parameters; and that nobody
 * can tell afterwards. */
#include "hourglass/hourglass.h"
#include "run/network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct hg_context *context;
    struct hg_model *model;
    struct hg_dataset dataset;
    float *values;
    struct hg__network network;
};

static struct fixture begin(const char *encoder, const char *code, const char *decoder,
                            struct hg_shape shape)
{
    struct fixture fixture = {.network = {.wish = {.column = -1}}};
    struct hg_model_config config = {.encoder = encoder,
                                     .code = code,
                                     .decoder = decoder,
                                     .output = "sigmoid",
                                     .input = shape,
                                     .image = shape.rows > 1 || encoder[0] != 'd',
                                     .bias = true};
    struct hg_error error;
    size_t size = hg_shape_size(shape);

    assert_int_equal(hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &fixture.context, &error),
                     HG_OK);
    if (hg_model_create(fixture.context, &config, &fixture.model, NULL, &error) != HG_OK)
        fail_msg("%s", error.text);
    assert_int_equal(hg_model_reserve(fixture.model, 4, &error), HG_OK);
    assert_int_equal(hg_model_init(fixture.model, "auto", 7, &error), HG_OK);
    fixture.values = calloc(2 * size, sizeof(float));
    for (size_t i = 0; i < 2 * size; i++)
        fixture.values[i] = (float)(0.5 + 0.5 * sin((double)(i * i % 97)));
    fixture.dataset = (struct hg_dataset){
        .shape = shape, .image = config.image, .features = size, .samples = 2};
    fixture.dataset.values = fixture.values;
    return fixture;
}

static void end(struct fixture *fixture)
{
    hg__network_fini(&fixture->network);
    hg_model_destroy(fixture->model);
    hg_context_destroy(fixture->context);
    free(fixture->values);
}

static const struct hg_network *probe(struct fixture *fixture, struct hg__network_wish wish)
{
    hg__network_ask(&fixture->network, &wish);
    hg__network_probe(&fixture->network, fixture->model, &fixture->dataset, 1);
    assert_true(fixture->network.facts->known);
    return fixture->network.facts;
}

static float *tensor_of(const struct fixture *fixture, const char *name)
{
    for (size_t i = 0; i < hg_model_tensors(fixture->model); i++) {
        struct hg_tensor_info tensor = hg_model_tensor(fixture->model, i);
        if (strcmp(tensor.name, name) == 0) {
            float *values = malloc(tensor.count * sizeof *values);
            hg_model_read(fixture->model, i, HG_PART_VALUE, values);
            return values;
        }
    }
    fail_msg("no %s", name);
    return NULL;
}

/* 4 - 6 - 2 - 5 - 4, looked at from unit 3 of the first layer. */
static void check_units(const struct fixture *fixture, const float *bias)
{
    const struct hg_network *facts = fixture->network.facts;
    float activation[6];

    assert_int_equal(facts->columns, 5);
    assert_int_equal(facts->count, 5);
    assert_string_equal(facts->column[0].name, "");
    assert_string_equal(facts->column[1].name, "encoder.0");
    assert_string_equal(facts->column[1].text, "dense 6 tanh");
    assert_true(facts->column[2].code && !facts->column[1].code && !facts->column[3].code);
    assert_int_equal(facts->column[4].units, 4);
    assert_int_equal(facts->column[1].weights, 24);
    assert_int_equal(facts->edges, 24 + 12 + 10 + 20);
    hg_model_activations(fixture->model, fixture->values + 4, 1, activation);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(facts->column[1].unit[i].unit, i);
        assert_true(facts->column[1].unit[i].activation == activation[i]);
        assert_true(facts->column[1].unit[i].bias == bias[i]);
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(facts->column[0].unit[i].activation == fixture->values[4 + i]);
        assert_true(isnan(facts->column[0].unit[i].bias));
    }
}

static void check_edges(const struct hg_network *facts, const float *weight, const float *next)
{
    size_t chosen = 0;

    for (uint32_t i = 0; i < facts->edges; i++) {
        const struct hg_network_edge *edge = &facts->edge[i];
        chosen += edge->chosen;
        if (edge->column == 1)
            assert_true(edge->weight == weight[edge->to * 4 + edge->from]);
        if (edge->column == 2)
            assert_true(edge->weight == next[edge->to * 6 + edge->from]);
        if (edge->chosen)
            assert_true((edge->column == 1 && edge->to == 3) ||
                        (edge->column == 2 && edge->from == 3));
    }
    assert_int_equal(chosen, 4 + 2);
    assert_int_equal(facts->top_ins, 4);
    assert_int_equal(facts->top_outs, 2);
    for (uint32_t i = 0; i + 1 < facts->top_ins; i++)
        assert_true(fabsf(facts->in[i].weight) >= fabsf(facts->in[i + 1].weight));
    assert_true(facts->in[0].weight == weight[3 * 4 + facts->in[0].unit]);
    assert_true(facts->out[0].weight == next[facts->out[0].unit * 6 + 3]);
}

static void test_small(void **state)
{
    struct fixture fixture = begin("dense 6 tanh", "2 tanh", "dense 5 tanh",
                                   (struct hg_shape){1, 1, 4});
    const struct hg_network *facts = probe(&fixture, (struct hg__network_wish){1, 3, 20, 10, 0});
    float *weight = tensor_of(&fixture, "encoder.0.weight"),
          *bias = tensor_of(&fixture, "encoder.0.bias"),
          *next = tensor_of(&fixture, "encoder.2.weight");

    (void)state;
    check_units(&fixture, bias);
    check_edges(facts, weight, next);
    assert_int_equal(facts->weights, 5);
    assert_int_equal(facts->page_count, 5);
    assert_string_equal(facts->page[0].what, "bias");
    assert_string_equal(facts->page[0].key, "encoder.0.bias[3]");
    assert_true(facts->page[0].value == bias[3]);
    assert_string_equal(facts->page[3].what, "from 2");
    assert_string_equal(facts->page[3].key, "encoder.0.weight[3,2]");
    assert_true(facts->page[3].value == weight[3 * 4 + 2]);
    free(weight);
    free(bias);
    free(next);
    end(&fixture);
}

/* Compares a parameter of a list with the tensor it is of. 1: it counts; 0: it is none, or a tied
 * one that counts where it stands first. */
static uint64_t check_listed(const struct fixture *fixture, const struct hg_network_weight *weight,
                             bool tied)
{
    char name[96], *at;
    size_t index[4] = {0}, flat = 0;
    uint64_t listed = 0;

    snprintf(name, sizeof name, "%s", weight->key);
    if (!name[0])
        return 0;
    at = strchr(name, '[');
    *at++ = '\0';
    int dims = sscanf(at, "%zu,%zu,%zu,%zu", &index[0], &index[1], &index[2], &index[3]);
    for (size_t t = 0; t < hg_model_tensors(fixture->model); t++) {
        struct hg_tensor_info tensor = hg_model_tensor(fixture->model, t);
        if (strcmp(tensor.name, name) != 0)
            continue;
        assert_int_equal(dims, tensor.dims);
        for (int d = 0; d < dims; d++)
            flat = flat * tensor.shape[d] + index[d];
        assert_true(weight->value == hg_model_value(fixture->model, t, flat));
        listed += !(tied && strncmp(name, "encoder", 7) == 0);
    }
    return listed;
}

/* All pages of a unit. */
static uint64_t check_unit(struct fixture *fixture, uint32_t column, uint32_t unit, bool tied)
{
    uint64_t listed = 0;
    uint32_t total = 1;

    for (uint32_t p = 0; p < total; p += HG_NETWORK_PAGE) {
        const struct hg_network *facts = probe(
            fixture, (struct hg__network_wish){(int)column, unit, 4, 3, (int32_t)p});
        total = facts->weights;
        assert_int_equal(facts->page_first, p);
        for (uint32_t i = 0; i < facts->page_count; i++)
            listed += check_listed(fixture, &facts->page[i], tied);
    }
    return listed;
}

/* Every parameter of a network has its place in the list of some unit, once, with its value. */
static void check_all(const char *encoder, const char *code, const char *decoder,
                      struct hg_shape shape)
{
    struct fixture fixture = begin(encoder, code, decoder, shape);
    uint64_t listed = 0;
    const struct hg_network *facts = probe(&fixture, (struct hg__network_wish){0, 0, 4, 3, 0});
    uint32_t columns = facts->columns;

    for (uint32_t c = 0; c < columns; c++) {
        facts = probe(&fixture, (struct hg__network_wish){(int)c, 0, 4, 3, 0});
        uint32_t units = facts->column[c].units;
        bool tied = strcmp(decoder, "tied") == 0 && c > columns / 2;
        for (uint32_t u = 0; u < units; u++)
            listed += check_unit(&fixture, c, u, tied);
    }
    if (listed != hg_model_parameters(fixture.model))
        fail_msg("%s: %llu of %llu parameters", encoder, (unsigned long long)listed,
                 (unsigned long long)hg_model_parameters(fixture.model));
    end(&fixture);
}

static void test_all_parameters(void **state)
{
    (void)state;
    check_all("dense 6 tanh", "2 tanh", "dense 5 tanh", (struct hg_shape){1, 1, 4});
    check_all("dense 9 bn relu, dropout 0.1, dense 7", "3 gaussian", "mirror",
              (struct hg_shape){1, 1, 11});
    check_all("dense 9 bn relu, dense 7", "3 gaussian", "tied", (struct hg_shape){1, 1, 11});
    check_all("conv 5 bn relu, pool 2, conv 3 5x5 stride 2", "4", "mirror",
              (struct hg_shape){1, 12, 12});
    check_all("conv 2", "none", "mirror", (struct hg_shape){3, 1, 1});
    check_all("pool 2 bn, conv 4 relu", "2", "mirror", (struct hg_shape){5, 8, 10});
    check_all("dense 10", "2", "mirror", (struct hg_shape){3, 5, 5});
}

/* Of wide layers the most active, or those around the chosen one, never more than asked for. */
static void test_wide(void **state)
{
    struct fixture fixture = begin("dense 128 tanh, dense 40 tanh", "2", "mirror",
                                   (struct hg_shape){1, 28, 28});
    const struct hg_network *facts = probe(&fixture, (struct hg__network_wish){1, 100, 30, 12, -1});
    float activation[40];

    (void)state;
    assert_int_equal(facts->page_count, 0);
    assert_int_equal(facts->column[0].choice, HG_NETWORK_ACTIVE);
    assert_int_equal(facts->column[1].choice, HG_NETWORK_RANGE);
    assert_int_equal(facts->column[2].choice, HG_NETWORK_ACTIVE);
    assert_int_equal(facts->column[3].choice, HG_NETWORK_ALL);
    for (uint32_t c = 0; c < facts->count; c++)
        assert_int_equal(facts->column[c].count,
                         facts->column[c].units > 30 ? 12 : facts->column[c].units);
    assert_int_equal(facts->column[1].unit[0].unit, 94); /* the chosen one in the middle */
    facts = probe(&fixture, (struct hg__network_wish){1, 106, 30, 12, -1});
    assert_int_equal(facts->column[1].unit[0].unit, 95); /* no farther than it must */
    facts = probe(&fixture, (struct hg__network_wish){1, 127, 30, 12, -1});
    assert_int_equal(facts->column[1].unit[11].unit, 127);
    facts = probe(&fixture, (struct hg__network_wish){1, 9999, 30, 12, -1});
    assert_int_equal(facts->chosen_unit, 127);
    hg_model_activations(fixture.model, fixture.values + 784, 3, activation);
    float least = 1, most_left = 0;
    bool shown[40] = {false};
    for (uint32_t i = 0; i < 12; i++) {
        const struct hg_network_unit *unit = &facts->column[2].unit[i];
        assert_true(i == 0 || unit->unit > unit[-1].unit);
        assert_true(unit->activation == activation[unit->unit]);
        shown[unit->unit] = true;
        least = fminf(least, fabsf(unit->activation));
    }
    for (int i = 0; i < 40; i++)
        if (!shown[i])
            most_left = fmaxf(most_left, fabsf(activation[i]));
    assert_true(least >= most_left);
    facts = probe(&fixture, (struct hg__network_wish){99, 0, 500, 500, -1});
    assert_int_equal(facts->chosen_column, facts->columns - 1);
    assert_int_equal(facts->column[0].count, HG_NETWORK_UNITS);
    assert_in_range(facts->edges, 1, HG_NETWORK_EDGES);
    for (uint32_t i = 1; i < facts->edges; i++)
        if (facts->edge[i].column == facts->edge[i - 1].column && !facts->edge[i].chosen &&
            !facts->edge[i - 1].chosen)
            assert_true(fabsf(facts->edge[i].weight) >= fabsf(facts->edge[i - 1].weight));
    end(&fixture);
}

/* Kernels count as one edge: root of the sum of squares, sign of the sum. Maps before a dense
 * layer, images behind one likewise. */
static void test_maps(void **state)
{
    struct fixture fixture = begin("conv 4 relu, pool 2", "3", "mirror",
                                   (struct hg_shape){2, 8, 8});
    const struct hg_network *facts = probe(&fixture, (struct hg__network_wish){1, 2, 20, 10, 0});
    float *weight = tensor_of(&fixture, "encoder.0.weight"),
          *code = tensor_of(&fixture, "encoder.4.weight"), maps[4 * 64];
    double squares = 0, sum = 0;

    (void)state;
    assert_true(facts->column[0].maps && facts->column[1].maps && !facts->column[2].maps);
    assert_int_equal(facts->column[0].units, 2);
    assert_string_equal(facts->column[1].after, "pool 2 flatten");
    assert_int_equal(facts->column[1].shape.rows, 8);
    assert_string_equal(facts->page[1].what, "from map 0 (0,0)");
    assert_string_equal(facts->page[1 + 9 + 5].what, "from map 1 (1,2)");
    assert_string_equal(facts->page[1 + 9 + 5].key, "encoder.0.weight[2,1,1,2]");
    for (int i = 0; i < 9; i++) {
        double w = (double)weight[(2 * 2 + 1) * 9 + i];
        squares += w * w;
        sum += w;
    }
    float expected = (float)copysign(sqrt(squares), sum);
    assert_true(fabsf(hg__network_edge(&fixture.network, 1, 1, 2) - expected) < 1e-6F);
    squares = sum = 0;
    for (int i = 0; i < 16; i++) {
        double w = (double)code[1 * 64 + 3 * 16 + i];
        squares += w * w;
        sum += w;
    }
    expected = (float)copysign(sqrt(squares), sum);
    assert_true(fabsf(hg__network_edge(&fixture.network, 2, 3, 1) - expected) < 1e-6F);
    hg_model_activations(fixture.model, fixture.values + 128, 1, maps);
    for (uint32_t m = 0; m < 4; m++) {
        double mean = 0;
        for (int i = 0; i < 64; i++)
            mean += (double)maps[m * 64 + (uint32_t)i] / 64;
        assert_true(fabs((double)facts->column[1].unit[m].activation - mean) < 1e-5);
    }
    free(weight);
    free(code);
    end(&fixture);
}

/* Steps with and without somebody looking: the same bytes of all there is. */
static void test_nobody_can_tell(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct fixture one = begin(kind ? "conv 3 bn relu, pool 2" : "dense 6 bn tanh, dropout 0.2",
                                   "2", "mirror", (struct hg_shape){1, 6, 6}),
                       two = begin(kind ? "conv 3 bn relu, pool 2" : "dense 6 bn tanh, dropout 0.2",
                                   "2", "mirror", (struct hg_shape){1, 6, 6});
        size_t count = hg_model_whole_count(one.model, HG_ADAM);
        float *a = malloc(count * sizeof *a), *b = malloc(count * sizeof *b);
        struct hg_update update[2];
        for (int i = 0; i < 2; i++)
            update[i] = (struct hg_update){
                .optimizer = HG_ADAM, .rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
        for (uint64_t step = 0; step < 20; step++) {
            double loss;
            struct hg_batch batch = {one.values, one.values, 2, 3, step};
            probe(&one, (struct hg__network_wish){(int)(step % 5), (uint32_t)step, 9, 4, 0});
            hg_model_train(one.model, &batch, &update[0], &loss);
            batch.input = batch.target = two.values;
            hg_model_train(two.model, &batch, &update[1], &loss);
        }
        hg_model_whole_save(one.model, HG_ADAM, a);
        hg_model_whole_save(two.model, HG_ADAM, b);
        assert_memory_equal(a, b, count * sizeof *a);
        free(a);
        free(b);
        end(&one);
        end(&two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_all_parameters),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_nobody_can_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
