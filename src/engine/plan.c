#include "engine/plan.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What the steps of making a plan share. */
struct maker {
    const struct hg_model_config *config;
    struct hg__plan *plan;
    struct hg_model_fault *fault;
    struct hg_error *error;
};

static struct hg__layer_text text_of(const struct maker *maker, const char *key)
{
    const struct hg_model_config *config = maker->config;
    struct hg__layer_text text = {key, config->output, maker->fault};

    if (strcmp(key, "encoder") == 0)
        text.text = config->encoder;
    else if (strcmp(key, "code") == 0)
        text.text = config->code;
    else if (strcmp(key, "decoder") == 0)
        text.text = config->decoder;
    return text;
}

/* Is the text this one word, blanks aside? */
static bool says(const char *text, const char *word)
{
    const char *blanks = " \t\r\n\v\f";
    size_t length = strlen(word);

    text += strspn(text, blanks);
    if (strncmp(text, word, length) != 0)
        return false;
    text += length;
    return text[strspn(text, blanks)] == '\0';
}

static enum hg_status copy_layer(struct maker *maker, size_t index)
{
    struct hg__layer copy = maker->plan->layers.layer[index];

    return hg__layers_add(&maker->plan->layers, &copy, maker->error);
}

/* Copies the words that belong to the head at `head` (or lead, when head is -1). */
static enum hg_status copy_words(struct maker *maker, long head, size_t limit)
{
    enum hg_status status = HG_OK;

    for (size_t i = (size_t)(head + 1); !status && i < limit; i++) {
        if (hg__layer_heads(&maker->plan->layers.layer[i]))
            break;
        status = copy_layer(maker, i);
    }
    return status;
}

/* The head before `index`, -1 when there is none. */
static long head_before(const struct hg__layers *layers, long index)
{
    do
        index--;
    while (index >= 0 && !hg__layer_heads(&layers->layer[index]));
    return index;
}

/* The encoder's groups in reverse order; without a code layer the last of them
 * gave the code and is left out. Words before the first head end the decoder. */
static enum hg_status add_mirror(struct maker *maker, size_t encoder, bool has_code)
{
    struct hg__layers *layers = &maker->plan->layers;
    long head = head_before(layers, (long)encoder);
    enum hg_status status = HG_OK;

    if (!has_code && head >= 0)
        head = head_before(layers, head);
    for (; !status && head >= 0; head = head_before(layers, head)) {
        status = copy_layer(maker, (size_t)head);
        if (!status)
            status = copy_words(maker, head, encoder);
    }
    return status ? status : copy_words(maker, -1, encoder);
}

/* The mirror with transposed, shared weights: every dense layer but the first
 * runs backwards with the words of the layer before it; the output layer will
 * share the first one's. */
static enum hg_status add_tied(struct maker *maker, size_t end, long *first)
{
    struct hg__layers *layers = &maker->plan->layers;
    struct hg__layer_text text = text_of(maker, "decoder");
    enum hg_status status = HG_OK;
    long head = head_before(layers, (long)end), before;

    for (long i = head; i >= 0; i = head_before(layers, i))
        if (layers->layer[i].kind != HG__DENSE)
            return hg__layer_fault(&text, 0, strlen(text.text), maker->error,
                                   "a tied decoder needs an encoder of dense layers only");
    if (head < 0)
        return hg__layer_fault(&text, 0, strlen(text.text), maker->error,
                               "a tied decoder needs a dense layer to share weights with");
    for (; !status && (before = head_before(layers, head)) >= 0; head = before) {
        struct hg__layer dense = layers->layer[before];
        dense.tied = (int)head;
        if (!(status = hg__layers_add(layers, &dense, maker->error)))
            status = copy_words(maker, before, end);
    }
    *first = head;
    return status ? status : copy_words(maker, -1, end);
}

/* Encoder and code: everything up to the code. */
static enum hg_status add_encoder(struct maker *maker, size_t *encoder, bool *has_code)
{
    struct hg__layer_text text = text_of(maker, "encoder");
    struct hg__layers *layers = &maker->plan->layers;
    enum hg_status status = HG_OK;

    if (!says(text.text, "none"))
        status = hg__layers_parse(&text, layers, maker->error);
    *encoder = layers->count;
    text = text_of(maker, "code");
    *has_code = !says(text.text, "none");
    if (!status && *has_code)
        status = hg__layers_parse_code(&text, layers, maker->error);
    return status;
}

static enum hg_status add_output(struct maker *maker, long tied)
{
    struct hg__layer_text text = text_of(maker, "output");
    struct hg__layers *layers = &maker->plan->layers;
    size_t values = hg_shape_size(maker->config->input), at = layers->count;
    enum hg_status status;

    if (values > INT_MAX)
        return hg_error_set(maker->error, HG_USAGE, "a sample of %zu values is too large", values);
    status = hg__layers_parse_output(&text, (int)values, layers, maker->error);
    if (!status && tied >= 0 && layers->layer[at].kind == HG__DENSE)
        layers->layer[at].tied = (int)tied;
    return status;
}

static enum hg_status add_all(struct maker *maker)
{
    struct hg__plan *plan = maker->plan;
    struct hg__layer_text text = text_of(maker, "decoder");
    size_t encoder;
    bool has_code;
    long first = HG__UNTIED;
    enum hg_status status = add_encoder(maker, &encoder, &has_code);

    if (status)
        return status;
    plan->encoder = plan->layers.count;
    if (says(text.text, "mirror")) {
        status = add_mirror(maker, encoder, has_code);
    } else if (says(text.text, "tied")) {
        plan->tied = true;
        status = add_tied(maker, plan->encoder, &first);
    } else if (!says(text.text, "none")) {
        status = hg__layers_parse(&text, &plan->layers, maker->error);
    }
    return status ? status : add_output(maker, first);
}

/* Module numbers as in two nn.Sequential; which activation follows each dense. */
static void number(struct hg__plan *plan)
{
    enum hg_activation follows = HG_LINEAR;

    for (size_t i = 0; i < plan->layers.count; i++) {
        struct hg__layer *layer = &plan->layers.layer[i];
        layer->decoder = i >= plan->encoder;
        layer->module = (int)(layer->decoder ? i - plan->encoder : i);
    }
    for (size_t i = plan->layers.count; i-- > 0;) {
        struct hg__layer *layer = &plan->layers.layer[i];
        if (layer->kind == HG__ACTIVATE)
            follows = layer->activation;
        layer->follows = follows;
        if (hg__layer_heads(layer))
            follows = HG_LINEAR;
    }
}

struct hg_shape hg__plan_after(const struct hg__plan *plan, size_t index)
{
    struct hg_shape shape = plan->layers.layer[index].out;

    if (plan->layers.layer[index].gaussian)
        shape.columns /= 2;
    return shape;
}

static enum hg_status shape_all(struct maker *maker)
{
    struct hg__plan *plan = maker->plan;
    struct hg_shape shape = plan->input;

    plan->code = shape;
    for (size_t i = 0; i < plan->layers.count; i++) {
        struct hg__layer *layer = &plan->layers.layer[i];
        struct hg__layer_text text = text_of(maker, layer->key);

        layer->in = layer->out = shape;
        if (layer->kind == HG__DENSE)
            layer->out = (struct hg_shape){1, 1, layer->units};
        else if (layer->kind == HG__CONV || layer->kind == HG__POOL || layer->kind == HG__UP)
            return hg__layer_fault(&text, layer->column, layer->length, maker->error,
                                   "convolution, pool and up come with a later version; "
                                   "this one builds dense layers");
        shape = hg__plan_after(plan, i);
        if (layer->gaussian)
            plan->gaussian = true;
        if (i + 1 == plan->encoder)
            plan->code = shape;
    }
    return HG_OK;
}

static void print_shape(struct hg_shape shape, char out[48])
{
    snprintf(out, 48, "%dx%dx%d", shape.channels, shape.rows, shape.columns);
}

static enum hg_status check_end(struct maker *maker)
{
    struct hg__plan *plan = maker->plan;
    const struct hg__layer *last = &plan->layers.layer[plan->layers.count - 1];
    struct hg__layer_text text = text_of(maker, last->key);
    char given[48], wanted[48];

    if (hg_shape_size(last->out) == hg_shape_size(plan->input))
        return HG_OK;
    print_shape(last->out, given);
    print_shape(plan->input, wanted);
    return hg__layer_fault(&text, last->column, last->length, maker->error,
                           "gives %s (%zu values), the input is %s (%zu values)", given,
                           hg_shape_size(last->out), wanted, hg_shape_size(plan->input));
}

uint64_t hg__layer_parameters(const struct hg__plan *plan, size_t index)
{
    const struct hg__layer *layer = &plan->layers.layer[index];
    uint64_t in = hg_shape_size(layer->in), out = hg_shape_size(layer->out);

    if (layer->kind == HG__BN)
        return plan->bias ? 2 * out : out;
    if (layer->kind != HG__DENSE)
        return 0;
    return (layer->tied == HG__UNTIED ? in * out : 0) + (plan->bias ? out : 0);
}

/* Sizes are below 2^31, so one layer stays below 2^63; the sum may not. */
static void count(struct hg__plan *plan)
{
    bool first = true;

    for (size_t i = 0; i < plan->layers.count; i++) {
        const struct hg__layer *layer = &plan->layers.layer[i];
        uint64_t macs = hg_shape_size(layer->in) * hg_shape_size(layer->out);

        if (__builtin_add_overflow(plan->parameters, hg__layer_parameters(plan, i),
                                   &plan->parameters))
            plan->parameters = UINT64_MAX;
        if (layer->kind != HG__DENSE)
            continue;
        if (__builtin_add_overflow(plan->macs, macs, &plan->macs))
            plan->macs = UINT64_MAX;
        if (first)
            plan->first_macs = macs;
        first = false;
    }
}

enum hg_status hg__plan_make(const struct hg_model_config *config, struct hg__plan *plan,
                             struct hg_model_fault *fault, struct hg_error *error)
{
    struct maker maker = {config, plan, fault, error};
    enum hg_status status;

    memset(plan, 0, sizeof *plan);
    if (fault)
        *fault = (struct hg_model_fault){0};
    plan->input = config->input;
    plan->bias = config->bias;
    if ((status = add_all(&maker)))
        return status;
    number(plan);
    if ((status = shape_all(&maker)) || (status = check_end(&maker)))
        return status;
    count(plan);
    return HG_OK;
}

void hg__plan_fini(struct hg__plan *plan)
{
    hg__layers_fini(&plan->layers);
}
