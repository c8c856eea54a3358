#include "engine/plan_maker.h"

#include <limits.h>
#include <string.h>

struct hg__layer_text hg__maker_text(const struct hg__maker *maker, const char *key)
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

/* Encoder and code: everything up to the code. */
static enum hg_status add_encoder(struct hg__maker *maker, size_t *encoder, bool *has_code)
{
    struct hg__layer_text text = hg__maker_text(maker, "encoder");
    struct hg__layers *layers = &maker->plan->layers;
    enum hg_status status = HG_OK;

    if (!says(text.text, "none"))
        status = hg__layers_parse(&text, layers, maker->error);
    *encoder = layers->count;
    text = hg__maker_text(maker, "code");
    *has_code = !says(text.text, "none");
    if (!status && *has_code)
        status = hg__layers_parse_code(&text, layers, maker->error);
    return status;
}

static enum hg_status add_output(struct hg__maker *maker, long tied)
{
    struct hg__layer_text text = hg__maker_text(maker, "output");
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

static enum hg_status add_all(struct hg__maker *maker)
{
    struct hg__plan *plan = maker->plan;
    struct hg__layer_text text = hg__maker_text(maker, "decoder");
    size_t encoder;
    bool has_code;
    long first = HG__UNTIED;
    enum hg_status status = add_encoder(maker, &encoder, &has_code);

    if (status)
        return status;
    plan->encoder = plan->layers.count;
    if (says(text.text, "mirror")) {
        status = hg__plan_mirror(maker, encoder, has_code);
    } else if (says(text.text, "tied")) {
        plan->tied = true;
        status = hg__plan_tie(maker, plan->encoder, &first);
    } else if (!says(text.text, "none")) {
        status = hg__layers_parse(&text, &plan->layers, maker->error);
    }
    return status ? status : add_output(maker, first);
}

/* Which activation follows each head. */
static void find_followers(struct hg__plan *plan)
{
    enum hg_activation follows = HG_LINEAR;

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

/* A bound on each side, as far as the layers keep it. No activation but softplus takes a value
 * beyond 1 that was not, and none makes a positive one negative. */
bool hg__plan_ends_in_unit(const struct hg__plan *plan)
{
    bool least = false, most = false; /* from 0 on; up to 1 */

    for (size_t i = 0; i < plan->layers.count; i++) {
        const struct hg__layer *layer = &plan->layers.layer[i];
        if (layer->kind == HG__POOL || layer->kind == HG__UP)
            continue;
        if (layer->kind == HG__DROPOUT) {
            most &= layer->amount <= 0; /* it scales what it leaves */
        } else if (layer->kind == HG__ACTIVATE) {
            enum hg_activation is = layer->activation;
            least |= is == HG_SIGMOID || is == HG_RELU || is == HG_SOFTPLUS;
            most = (most && is != HG_SOFTPLUS) || is == HG_SIGMOID || is == HG_TANH;
        } else {
            least = most = false;
        }
    }
    return least && most;
}

/* Numbers that meet in one value, and how many values have their own weights:
 * units of a dense layer, channels of a convolution. */
static uint64_t fan_in(const struct hg__layer *layer)
{
    if (layer->kind == HG__CONV)
        return (uint64_t)layer->kernel * (uint64_t)layer->kernel * (uint64_t)layer->in.channels;
    return hg_shape_size(layer->in);
}

static uint64_t own(const struct hg__layer *layer)
{
    return layer->map ? (uint64_t)layer->out.channels : hg_shape_size(layer->out);
}

uint64_t hg__layer_parameters(const struct hg__plan *plan, size_t index)
{
    const struct hg__layer *layer = &plan->layers.layer[index];
    uint64_t out = own(layer);

    if (layer->kind == HG__BN)
        return plan->bias ? 2 * out : out;
    if (layer->kind != HG__DENSE && layer->kind != HG__CONV)
        return 0;
    return (layer->tied == HG__UNTIED ? fan_in(layer) * out : 0) + (plan->bias ? out : 0);
}

static void add(uint64_t *sum, uint64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = UINT64_MAX;
}

/* Fans and sizes are below 2^31, so one layer stays below 2^63; the sum may not. */
static void count(struct hg__plan *plan)
{
    for (size_t i = 0; i < plan->layers.count; i++) {
        const struct hg__layer *layer = &plan->layers.layer[i];
        uint64_t macs;

        add(&plan->parameters, hg__layer_parameters(plan, i));
        if (layer->kind != HG__DENSE && layer->kind != HG__CONV)
            continue;
        macs = fan_in(layer) * hg_shape_size(layer->out);
        if (plan->macs == 0)
            plan->first_macs = macs;
        add(&plan->macs, macs);
        if (i < plan->encoder)
            add(&plan->encoder_macs, macs);
    }
}

enum hg_status hg__plan_make(const struct hg_model_config *config, struct hg__plan *plan,
                             struct hg_model_fault *fault, struct hg_error *error)
{
    struct hg__maker maker = {config, plan, fault, error};
    enum hg_status status;

    memset(plan, 0, sizeof *plan);
    if (fault)
        *fault = (struct hg_model_fault){0};
    plan->input = config->input;
    plan->bias = config->bias;
    if ((status = add_all(&maker)) || (status = hg__plan_shapes(&maker)))
        return status;
    find_followers(plan);
    count(plan);
    return HG_OK;
}

void hg__plan_fini(struct hg__plan *plan)
{
    hg__layers_fini(&plan->layers);
}
