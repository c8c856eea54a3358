#include "engine/reference.h"

#include "base/mem.h"
#include "base/rng.h"
#include "engine/activation.h"

#include <math.h>
#include <string.h>

enum { ROLES = 2 }; /* of a layer: weight, bias */

#define BN_EPSILON 1e-5
#define LEAST_LOG (-100.0)

struct node {
    const struct hg__layer *layer;
    size_t in, out;                        /* values of one sample */
    double *y, *dy;                        /* samples x out */
    double *value[ROLES], *gradient[ROLES]; /* NULL where there is none */
    size_t columns;                        /* of the weight matrix (a tied one: its rows) */
    double *mean, *scale;                  /* bn */
};

struct hg__reference {
    const struct hg_model *model;
    size_t samples, layers, codes, encoder;
    struct node *node;
    double **value, **gradient; /* by tensor */
    double *input, *target, *code, *dcode, *noise, *dinput;
    uint64_t seed, step;
    double loss;
    bool whole; /* every allocation succeeded */
};

static double *numbers(struct hg__reference *r, size_t count)
{
    double *area = hg__alloc(count, sizeof *area);

    r->whole = r->whole && area;
    return area;
}

/* ---- building ---- */

static void copy_tensors(struct hg__reference *r)
{
    size_t tensors = hg_model_tensors(r->model);

    r->value = hg__alloc(tensors, sizeof *r->value);
    r->gradient = hg__alloc(tensors, sizeof *r->gradient);
    r->whole = r->value && r->gradient;
    for (size_t i = 0; r->whole && i < tensors; i++) {
        size_t count = hg_model_tensor(r->model, i).count;
        float *raw = hg__alloc(count, sizeof *raw);
        r->value[i] = numbers(r, count);
        r->gradient[i] = numbers(r, count);
        r->whole = r->whole && raw;
        if (r->whole)
            hg_model_read(r->model, i, HG_PART_VALUE, raw);
        for (size_t k = 0; r->whole && k < count; k++)
            r->value[i][k] = raw[k];
        hg__free(raw);
    }
}

/* Which tensors are this layer's own. */
static void own_tensors(struct hg__reference *r, size_t index)
{
    struct node *node = &r->node[index];
    const struct hg__slot *slot = &r->model->slot[index];

    for (size_t i = 0; i < hg_model_tensors(r->model); i++) {
        const struct hg__tensor *tensor = &r->model->tensor[i];
        int role = tensor->offset == slot->weight ? 0 : 1;
        if (tensor->layer != index || !tensor->info.trainable)
            continue;
        node->value[role] = r->value[i];
        node->gradient[role] = r->gradient[i];
    }
}

static void build_node(struct hg__reference *r, size_t index)
{
    struct node *node = &r->node[index];

    node->layer = &r->model->plan.layers.layer[index];
    node->in = hg_shape_size(node->layer->in);
    node->out = hg_shape_size(node->layer->out);
    node->columns = node->in;
    node->y = numbers(r, r->samples * node->out);
    node->dy = numbers(r, r->samples * node->out);
    node->mean = numbers(r, node->out);
    node->scale = numbers(r, node->out);
    own_tensors(r, index);
    if (node->layer->kind == HG__DENSE && node->layer->tied != HG__UNTIED) {
        const struct node *other = &r->node[node->layer->tied];
        node->value[0] = other->value[0];
        node->gradient[0] = other->gradient[0];
        node->columns = other->in;
    }
}

static void copy_batch(struct hg__reference *r, const struct hg_batch *batch)
{
    size_t n = hg_model_inputs(r->model);
    struct hg__rng rng;

    for (size_t i = 0; i < r->samples * n; i++) {
        r->input[i] = batch->input[i];
        r->target[i] = batch->target[i];
        if (r->model->center)
            r->input[i] -= r->model->center[i % n];
    }
    hg__rng_start(&rng, r->seed, HG__RNG_CODE, r->step, 0);
    for (size_t i = 0; r->model->plan.gaussian && i < r->samples * r->codes; i++)
        r->noise[i] = (float)hg__rng_normal(&rng);
}

struct hg__reference *hg__reference_create(const struct hg_model *model,
                                           const struct hg_batch *batch)
{
    struct hg__reference *r = hg__alloc(1, sizeof *r);
    size_t n = hg_model_inputs(model);

    if (!r)
        return NULL;
    r->model = model;
    r->samples = batch->samples;
    r->layers = model->plan.layers.count;
    r->codes = hg_model_codes(model);
    r->encoder = model->plan.encoder;
    r->seed = batch->seed;
    r->step = batch->step;
    copy_tensors(r);
    r->node = hg__alloc(r->layers, sizeof *r->node);
    r->whole = r->whole && r->node;
    r->input = numbers(r, r->samples * n);
    r->dinput = numbers(r, r->samples * n);
    r->target = numbers(r, r->samples * n);
    r->code = numbers(r, r->samples * r->codes);
    r->dcode = numbers(r, r->samples * r->codes);
    r->noise = numbers(r, r->samples * r->codes);
    for (size_t i = 0; r->whole && i < r->layers; i++)
        build_node(r, i);
    if (!r->whole) {
        hg__reference_destroy(r);
        return NULL;
    }
    copy_batch(r, batch);
    return r;
}

void hg__reference_destroy(struct hg__reference *r)
{
    if (!r)
        return;
    for (size_t i = 0; r->value && r->gradient && i < hg_model_tensors(r->model); i++) {
        hg__free(r->value[i]);
        hg__free(r->gradient[i]);
    }
    for (size_t i = 0; r->node && i < r->layers; i++) {
        hg__free(r->node[i].y);
        hg__free(r->node[i].dy);
        hg__free(r->node[i].mean);
        hg__free(r->node[i].scale);
    }
    hg__free(r->value);
    hg__free(r->gradient);
    hg__free(r->node);
    hg__free(r->input);
    hg__free(r->dinput);
    hg__free(r->target);
    hg__free(r->code);
    hg__free(r->dcode);
    hg__free(r->noise);
    hg__free(r);
}

double *hg__reference_values(struct hg__reference *r, size_t index)
{
    return r->value[index];
}

const double *hg__reference_gradient(const struct hg__reference *r, size_t index)
{
    return r->gradient[index];
}

double hg__reference_loss(const struct hg__reference *r)
{
    return r->loss;
}

/* ---- layers ---- */

/* What layer `index` sees, and where the gradient at it goes. */
static double *input_of(const struct hg__reference *r, size_t index)
{
    if (index == 0)
        return r->input;
    if (index == r->encoder && r->model->plan.gaussian)
        return r->code;
    return r->node[index - 1].y;
}

static double *gradient_at(const struct hg__reference *r, size_t index)
{
    if (index == 0)
        return r->dinput;
    if (index == r->encoder && r->model->plan.gaussian)
        return r->dcode;
    return r->node[index - 1].dy;
}

/* Weight from input i to output o: stored out x in; a tied layer reads the
 * other's matrix with the roles exchanged. */
static size_t place(const struct node *node, size_t o, size_t i)
{
    return node->layer->tied == HG__UNTIED ? o * node->columns + i : i * node->columns + o;
}

static void dense(const struct hg__reference *r, const struct node *node, const double *x)
{
    for (size_t s = 0; s < r->samples; s++) {
        const double *in = x + s * node->in;
        for (size_t o = 0; o < node->out; o++) {
            const double *w = node->value[0] + place(node, o, 0);
            size_t step = node->layer->tied == HG__UNTIED ? 1 : node->columns;
            double a = 0, b = 0, c = 0, d = 0;
            size_t i = 0;
            for (; i + 4 <= node->in; i += 4) {
                a += in[i] * w[i * step];
                b += in[i + 1] * w[(i + 1) * step];
                c += in[i + 2] * w[(i + 2) * step];
                d += in[i + 3] * w[(i + 3) * step];
            }
            for (; i < node->in; i++)
                a += in[i] * w[i * step];
            node->y[s * node->out + o] = (a + b) + (c + d) + (node->value[1] ? node->value[1][o] : 0);
        }
    }
}

static void norm(const struct hg__reference *r, struct node *node, const double *x)
{
    size_t n = node->out;
    double m = (double)r->samples;

    for (size_t o = 0; o < n; o++) {
        double sum = 0, squares = 0;
        for (size_t s = 0; s < r->samples; s++)
            sum += x[s * n + o];
        node->mean[o] = sum / m;
        for (size_t s = 0; s < r->samples; s++)
            squares += (x[s * n + o] - sum / m) * (x[s * n + o] - sum / m);
        node->scale[o] = 1 / sqrt(squares / m + BN_EPSILON);
        for (size_t s = 0; s < r->samples; s++)
            node->y[s * n + o] = (x[s * n + o] - node->mean[o]) * node->scale[o] * node->value[0][o] +
                                 (node->value[1] ? node->value[1][o] : 0);
    }
}

/* The factor of element `e` of the stream of dropout layer `index`. */
static double kept(const struct hg__reference *r, size_t index, size_t e)
{
    double share = r->node[index].layer->amount;
    struct hg__rng rng;
    uint32_t out[4];

    hg__rng_start(&rng, r->seed, HG__RNG_DROPOUT, r->step, index);
    rng.counter[0] += (uint32_t)(e / 4);
    hg__philox(rng.counter, rng.key, out);
    return out[e % 4] < (uint32_t)(share * 0x1p32) ? 0 : 1 / (1 - share);
}

static void forward(struct hg__reference *r, size_t index)
{
    struct node *node = &r->node[index];
    const double *x = input_of(r, index);
    size_t n = node->out;

    if (node->layer->kind == HG__DENSE)
        dense(r, node, x);
    else if (node->layer->kind == HG__BN)
        norm(r, node, x);
    else
        for (size_t k = 0; k < r->samples * n; k++)
            node->y[k] = node->layer->kind == HG__ACTIVATE
                             ? hg__activation_value(node->layer->activation, node->layer->amount,
                                                    x[k])
                             : x[k] * kept(r, index, k / n * hg__pad(n) + k % n);
}

static void sample(struct hg__reference *r)
{
    const struct node *node = &r->node[r->encoder - 1];

    for (size_t k = 0; k < r->samples * r->codes; k++) {
        const double *row = node->y + k / r->codes * node->out;
        r->code[k] = row[k % r->codes] +
                     exp(0.5 * row[k % r->codes + r->codes]) * r->noise[k];
    }
}

/* ---- objective ---- */

/* Loss of one number, and its derivative by it. */
struct term {
    double loss, slope;
};

static struct term bce_term(bool logits, double y, double x)
{
    struct term term;

    if (logits) {
        double f = hg__activation_value(HG_SIGMOID, 0, y);
        term.loss = fmax(y, 0) - y * x + log1p(exp(-fabs(y)));
        term.slope = f - x;
        return term;
    }
    term.loss = -x * fmax(LEAST_LOG, y > 0 ? log(y) : LEAST_LOG) -
                (1 - x) * fmax(LEAST_LOG, y < 1 ? log1p(-y) : LEAST_LOG);
    term.slope = (y - x) / fmax(1e-12, y * (1 - y));
    return term;
}

/* The loss of one sample; its gradient to dy (may be NULL). */
static double sample_loss(const struct hg__reference *r, const double *y, const double *x,
                          double *dy)
{
    size_t n = hg_model_inputs(r->model);
    double m = (double)r->samples, sum = 0, root;
    bool logits = hg__model_logits(r->model), bce = r->model->loss == HG_LOSS_BCE;
    double factor = r->model->loss == HG_LOSS_SSE ? 1 / m : 1 / (m * (double)n);

    for (size_t i = 0; i < n; i++) {
        struct term term = {(y[i] - x[i]) * (y[i] - x[i]), 2 * (y[i] - x[i])};
        if (bce)
            term = bce_term(logits, y[i], x[i]);
        if (r->model->loss == HG_LOSS_SSE)
            term = (struct term){0.5 * term.loss, 0.5 * term.slope};
        sum += term.loss;
        if (dy)
            dy[i] = term.slope * factor;
    }
    if (r->model->loss != HG_LOSS_RMSE)
        return sum * factor;
    root = sqrt(sum / (double)n);
    for (size_t i = 0; dy && i < n; i++)
        dy[i] = root > 0 ? dy[i] / (2 * root) : 0;
    return root / m;
}

static size_t end_of(const struct hg__reference *r)
{
    return r->layers - (hg__model_logits(r->model) ? 1 : 0);
}

static double whole_loss(const struct hg__reference *r, double *dy)
{
    size_t n = hg_model_inputs(r->model);
    const double *y = input_of(r, end_of(r));
    double sum = 0;

    for (size_t s = 0; s < r->samples; s++)
        sum += sample_loss(r, y + s * n, r->target + s * n, dy ? dy + s * n : NULL);
    return sum;
}

static double penalties(const struct hg__reference *r)
{
    const double *code = input_of(r, r->encoder);
    const struct node *node = r->encoder ? &r->node[r->encoder - 1] : NULL;
    double sum = 0, divergence = 0;

    for (size_t k = 0; r->model->sparsity > 0 && k < r->samples * r->codes; k++)
        sum += fabs(code[k]);
    for (size_t k = 0; r->model->plan.gaussian && k < r->samples * r->codes; k++) {
        const double *row = node->y + k / r->codes * node->out;
        double mean = row[k % r->codes], log_variance = row[k % r->codes + r->codes];
        divergence -= 0.5 * (1 + log_variance - mean * mean - exp(log_variance));
    }
    return r->model->sparsity * sum / (double)r->samples +
           divergence * hg__code_weight(r->model, r->samples);
}

double hg__reference_objective(struct hg__reference *r, size_t index)
{
    size_t first = index == HG__NOWHERE ? 0 : r->model->tensor[index].layer;

    for (size_t i = first; i < end_of(r); i++) {
        forward(r, i);
        if (i + 1 == r->encoder && r->model->plan.gaussian)
            sample(r);
    }
    r->loss = whole_loss(r, NULL);
    return r->loss + penalties(r);
}

/* ---- gradient ---- */

static void dense_back(const struct hg__reference *r, const struct node *node, const double *x,
                       double *dx)
{
    for (size_t s = 0; s < r->samples; s++)
        for (size_t o = 0; o < node->out; o++) {
            double d = node->dy[s * node->out + o];
            if (node->gradient[1])
                node->gradient[1][o] += d;
            for (size_t i = 0; i < node->in; i++) {
                size_t at = place(node, o, i);
                node->gradient[0][at] += d * x[s * node->in + i];
                dx[s * node->in + i] += d * node->value[0][at];
            }
        }
}

static void norm_back(const struct hg__reference *r, const struct node *node, const double *x,
                      double *dx)
{
    size_t n = node->out;
    double m = (double)r->samples;

    for (size_t o = 0; o < n; o++) {
        double sum = 0, product = 0, factor = node->value[0][o] * node->scale[o];
        for (size_t k = o; k < r->samples * n; k += n) {
            sum += node->dy[k];
            product += node->dy[k] * (x[k] - node->mean[o]) * node->scale[o];
        }
        node->gradient[0][o] += product;
        if (node->gradient[1])
            node->gradient[1][o] += sum;
        for (size_t k = o; k < r->samples * n; k += n)
            dx[k] += factor * (node->dy[k] - sum / m -
                               (x[k] - node->mean[o]) * node->scale[o] * product / m);
    }
}

static void backward(struct hg__reference *r, size_t index)
{
    struct node *node = &r->node[index];
    const double *x = input_of(r, index);
    double *dx = gradient_at(r, index);
    size_t n = node->out;

    memset(dx, 0, r->samples * node->in * sizeof *dx);
    if (node->layer->kind == HG__DENSE)
        dense_back(r, node, x, dx);
    else if (node->layer->kind == HG__BN)
        norm_back(r, node, x, dx);
    else
        for (size_t k = 0; k < r->samples * n; k++)
            dx[k] = node->dy[k] *
                    (node->layer->kind == HG__ACTIVATE
                         ? hg__activation_derivative(node->layer->activation, node->layer->amount,
                                                     x[k])
                         : kept(r, index, k / n * hg__pad(n) + k % n));
}

/* Sparsity, and the way through a gaussian code to its dense layer. */
static void code_back(struct hg__reference *r)
{
    const double *code = input_of(r, r->encoder);
    double *d = gradient_at(r, r->encoder);
    double weight = hg__code_weight(r->model, r->samples);
    struct node *node = &r->node[r->encoder - 1];

    for (size_t k = 0; r->model->sparsity > 0 && k < r->samples * r->codes; k++)
        d[k] += (code[k] > 0 ? 1 : code[k] < 0 ? -1 : 0) * r->model->sparsity / (double)r->samples;
    for (size_t k = 0; r->model->plan.gaussian && k < r->samples * r->codes; k++) {
        size_t at = k / r->codes * node->out + k % r->codes, log_at = at + r->codes;
        double s = exp(0.5 * node->y[log_at]);
        node->dy[at] = d[k] + weight * node->y[at];
        node->dy[log_at] = 0.5 * (d[k] * r->noise[k] * s + weight * (s * s - 1));
    }
}

void hg__reference_differentiate(struct hg__reference *r)
{
    for (size_t i = 0; i < hg_model_tensors(r->model); i++)
        memset(r->gradient[i], 0, hg_model_tensor(r->model, i).count * sizeof(double));
    (void)whole_loss(r, gradient_at(r, end_of(r)));
    for (size_t i = end_of(r); i-- > 0;) {
        backward(r, i);
        if (i == r->encoder && i > 0)
            code_back(r);
    }
}
