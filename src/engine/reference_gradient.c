#include "engine/reference_state.h"

#include "engine/activation.h"
#include "engine/fault.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- layers with a weight, from the gradient dy at their output ---- */

static void dense_own(const struct hg__reference *r, const struct hg__node *node, const double *x,
                      const double *dy)
{
    for (size_t s = 0; s < r->samples; s++, x += node->in, dy += node->out)
        for (size_t o = 0; o < node->out; o++) {
            if (node->gradient[1])
                node->gradient[1][o] += dy[o];
            if (node->layer->tied == HG__UNTIED)
                hg__reference_add(node->gradient[0] + o * node->columns, x, dy[o], node->in);
            for (size_t i = 0; node->layer->tied != HG__UNTIED && i < node->in; i++)
                node->gradient[0][hg__reference_place(node, o, i)] += dy[o] * x[i];
        }
}

static void dense_down(const struct hg__reference *r, const struct hg__node *node, const double *dy,
                       double *dx)
{
    for (size_t s = 0; s < r->samples; s++, dx += node->in, dy += node->out) {
        for (size_t o = 0; node->layer->tied == HG__UNTIED && o < node->out; o++)
            hg__reference_add(dx, node->value[0] + o * node->columns, dy[o], node->in);
        for (size_t i = 0; node->layer->tied != HG__UNTIED && i < node->in; i++)
            dx[i] += hg__reference_dot(dy, node->value[0] + i * node->columns, node->out);
    }
}

/* ---- batch norm ---- */

/* The sums over a feature of a batch norm: of dy, and of dy times the normalised x. */
struct moments {
    double sum, product, m;
    double sizes; /* of |dy|: what is left of the sums may be far less */
};

static struct moments moments_of(const struct hg__reference *r, const struct hg__node *node,
                                 const double *x, const double *dy, size_t f)
{
    struct hg__features features = hg__reference_features(node);
    struct moments moments = {.m = (double)(r->samples * features.plane)};

    for (size_t s = 0; s < r->samples; s++) {
        size_t at = hg__reference_at(&features, s, f);
        for (size_t k = at; k < at + features.plane; k++) {
            moments.sum += dy[k];
            moments.product += dy[k] * (x[k] - node->mean[f]) * node->scale[f];
            moments.sizes += fabs(dy[k]);
        }
    }
    return moments;
}

/* Feature `f` of a batch norm, from dy to dx, which may be the same; its own gradients
 * only when asked for. Of dy nothing may be left but what rounding does, some of it alike
 * for all samples: that has the size of the terms, and 1/sd multiplies it. */
static void feature_back(struct hg__reference *r, size_t index, const double *dy, double *dx,
                         size_t f, bool own)
{
    const struct hg__node *node = &r->node[index];
    const double *x = hg__reference_input(r, index);
    struct hg__features features = hg__reference_features(node);
    struct moments moments = moments_of(r, node, x, dy, f);
    double mean = node->mean[f], factor = node->value[0][f] * node->scale[f];
    double level = moments.sum / moments.m, size = moments.sizes / moments.m;
    double slope = node->scale[f] * moments.product / moments.m, alike = 0;
    double grain = moments.m > 1 || node->layer->map ? r->grain : 0; /* dy - dy is 0 */

    if (own)
        node->gradient[0][f] += moments.product;
    if (own && node->gradient[1])
        node->gradient[1][f] += moments.sum;
    if (grain > 0)
        alike = grain * (size + fabs(slope * mean)) * hg__reference_noise(r);
    for (size_t s = 0; s < r->samples; s++) {
        size_t at = hg__reference_at(&features, s, f);
        for (size_t k = at; k < at + features.plane; k++) {
            double each = 0;
            if (grain > 0)
                each = grain * (fabs(dy[k]) + size + fabs(slope * mean) + fabs(slope * x[k])) *
                       hg__reference_noise(r);
            dx[k] = factor * (dy[k] - level - slope * (x[k] - mean) + alike + each);
        }
    }
}

static void norm_back(struct hg__reference *r, size_t index, const double *dy, double *dx, bool own)
{
    for (size_t f = 0; f < hg__reference_features(&r->node[index]).count; f++)
        feature_back(r, index, dy, dx, f, own);
}

static void activate_back(struct hg__reference *r, size_t index, double *dx)
{
    const struct hg__node *node = &r->node[index];
    const double *x = hg__reference_input(r, index);
    bool first = r->fault == HG_FAULT_ROW0_DERIVATIVE && index < r->last;
    /* 1 - y^2 is off by a share of 1; where units are saturated alike, alike */
    double alike = r->grain > 0 ? r->grain * hg__reference_noise(r) : 0;

    for (size_t k = 0; k < r->samples * node->out; k++) {
        double slope = hg__activation_derivative(node->layer->activation, node->layer->amount,
                                                 x[first ? k % node->out : k]);
        if (r->grain > 0)
            slope += alike + r->grain * hg__reference_noise(r);
        dx[k] = node->dy[k] * slope;
    }
}

/* ---- known bugs ---- */

/* The gradient that a layer's own parameters get: with a missing derivative that at the end of
 * its words, taken back through all of them but activations. */
static const double *own_of(struct hg__reference *r, size_t index)
{
    const struct hg__node *node = &r->node[index];
    size_t count = r->samples * node->out;

    if (r->fault != HG_FAULT_MISSING_DERIVATIVE || !node->hidden || node->end == index + 1)
        return node->dy;
    memcpy(r->own, r->node[node->end - 1].dy, count * sizeof *r->own);
    for (size_t i = node->end; i-- > index + 1;) {
        enum hg__kind kind = r->node[i].layer->kind;
        if (kind == HG__BN)
            norm_back(r, i, r->own, r->own, false);
        for (size_t k = 0; kind == HG__DROPOUT && k < count; k++)
            r->own[k] *= hg__reference_kept(r, i, k);
    }
    return r->own;
}

/* The gradient that a layer passes down: with a silent last neuron without that one's. */
static const double *down_of(const struct hg__reference *r, size_t index)
{
    const struct hg__node *node = &r->node[index];
    bool map = node->layer->kind == HG__CONV;
    size_t plane = map ? node->out / (size_t)node->layer->out.channels : 1;

    if (r->fault != HG_FAULT_LAST_SILENT || !node->hidden)
        return node->dy;
    memcpy(r->down, node->dy, r->samples * node->out * sizeof *r->down);
    for (size_t s = 1; s <= r->samples; s++)
        memset(r->down + s * node->out - plane, 0, plane * sizeof *r->down);
    return r->down;
}

/* Of all layers with a weight. */
static void scale_biases(const struct hg__reference *r)
{
    for (size_t i = 0; i < r->layers; i++) {
        const struct hg__node *node = &r->node[i];
        double factor = hg__fault_bias(r->fault, node->layer, r->samples);
        size_t count = node->layer->kind == HG__CONV ? (size_t)node->layer->out.channels
                                                     : node->out;
        if (!hg__layer_weighs(node->layer) || !node->gradient[1] || factor == 1)
            continue;
        for (size_t k = 0; k < count; k++)
            node->gradient[1][k] *= factor;
    }
}

/* ---- down through the network ---- */

static void backward(struct hg__reference *r, size_t index)
{
    struct hg__node *node = &r->node[index];
    double *x = hg__reference_input(r, index);
    double *dx = hg__reference_down(r, index);

    memset(dx, 0, r->samples * node->in * sizeof *dx);
    switch (node->layer->kind) {
    case HG__DENSE:
        dense_own(r, node, x, own_of(r, index));
        dense_down(r, node, down_of(r, index), dx);
        break;
    case HG__CONV:
        hg__reference_conv_own(r, node, x, own_of(r, index));
        hg__reference_conv_down(r, node, down_of(r, index), dx);
        break;
    case HG__POOL:
        hg__reference_pool_back(r, node, x, dx);
        break;
    case HG__UP:
        hg__reference_up_back(r, node, dx);
        break;
    case HG__BN:
        norm_back(r, index, node->dy, dx, true);
        break;
    case HG__ACTIVATE:
        activate_back(r, index, dx);
        break;
    default:
        for (size_t k = 0; k < r->samples * node->out; k++)
            dx[k] = node->dy[k] * hg__reference_kept(r, index, k);
    }
    hg__reference_coarsen(r, dx, node->in);
}

/* Sparsity, and the way through a gaussian code to its dense layer. */
static void code_back(struct hg__reference *r)
{
    const double *code = hg__reference_input(r, r->encoder);
    double *d = hg__reference_down(r, r->encoder);
    double weight = hg__code_weight(r->model, r->samples);
    struct hg__node *node = &r->node[r->encoder - 1];

    for (size_t k = 0; r->model->sparsity > 0 && k < r->samples * r->codes; k++)
        d[k] += (code[k] > 0 ? 1 : code[k] < 0 ? -1 : 0) * r->model->sparsity / (double)r->samples;
    for (size_t k = 0; r->model->plan.gaussian && k < r->samples * r->codes; k++) {
        size_t at = k / r->codes * node->out + k % r->codes, log_at = at + r->codes;
        double s = exp(0.5 * node->y[log_at]);
        node->dy[at] = d[k] + weight * node->y[at];
        node->dy[log_at] = 0.5 * (d[k] * r->noise[k] * s + weight * (s * s - 1));
        if (r->grain > 0) /* of s^2 - 1 a share of 1 is lost */
            node->dy[log_at] += r->grain * weight * hg__reference_noise(r);
    }
    if (r->model->plan.gaussian)
        hg__reference_coarsen(r, node->dy, node->out);
}

void hg__reference_differentiate(struct hg__reference *r)
{
    for (size_t i = 0; i < hg_model_tensors(r->model); i++)
        memset(r->gradient[i], 0, hg_model_tensor(r->model, i).count * sizeof(double));
    (void)hg__reference_descent(r, hg__reference_down(r, hg__reference_end(r)));
    for (size_t i = hg__reference_end(r); i-- > 0;) {
        backward(r, i);
        if (i == r->encoder && i > 0)
            code_back(r);
    }
    scale_biases(r);
}

double hg__reference_blur(const struct hg__reference *r)
{
    size_t end = hg__reference_end(r), count = r->samples * hg_model_inputs(r->model);
    const double *y = hg__reference_input(r, end), *dy = hg__reference_down(r, end);
    double sum = 0;

    for (size_t k = 0; k < count; k++)
        sum += fabs(y[k] * dy[k]);
    return sum * DBL_EPSILON;
}

/* Not finite counts as large. */
static bool any_beyond(const double *values, size_t count, double limit)
{
    for (size_t k = 0; k < count; k++)
        if (!(fabs(values[k]) <= limit))
            return true;
    return false;
}

bool hg__reference_overflows(const struct hg__reference *r)
{
    double limit = sqrt(FLT_MAX);
    const struct hg__node *node = r->encoder ? &r->node[r->encoder - 1] : NULL;

    for (size_t i = 0; i < hg__reference_end(r); i++)
        if (any_beyond(r->node[i].y, r->samples * r->node[i].out, limit) ||
            any_beyond(r->node[i].dy, r->samples * r->node[i].out, limit))
            return true;
    for (size_t i = 0; i < hg_model_tensors(r->model); i++)
        if (any_beyond(r->gradient[i], hg_model_tensor(r->model, i).count, limit))
            return true;
    for (size_t k = 0; r->model->plan.gaussian && k < r->samples * r->codes; k++)
        if (!(node->y[k / r->codes * node->out + r->codes + k % r->codes] <= log(limit)))
            return true;
    return false;
}
