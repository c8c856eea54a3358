#include "engine/reference_state.h"

#include "engine/activation.h"

#include <math.h>
#include <string.h>

static void dense_back(const struct hg__reference *r, const struct hg__node *node, const double *x,
                       double *dx)
{
    for (size_t s = 0; s < r->samples; s++)
        for (size_t o = 0; o < node->out; o++) {
            double d = node->dy[s * node->out + o];
            if (node->gradient[1])
                node->gradient[1][o] += d;
            for (size_t i = 0; i < node->in; i++) {
                size_t at = hg__reference_place(node, o, i);
                node->gradient[0][at] += d * x[s * node->in + i];
                dx[s * node->in + i] += d * node->value[0][at];
            }
        }
}

/* Feature `f` of a batch norm. */
static void feature_back(const struct hg__reference *r, const struct hg__node *node,
                         const double *x, double *dx, size_t f)
{
    struct hg__features features = hg__reference_features(node);
    double sum = 0, product = 0, factor = node->value[0][f] * node->scale[f];
    double m = (double)(r->samples * features.plane);

    for (size_t s = 0; s < r->samples; s++) {
        size_t at = hg__reference_at(&features, s, f);
        for (size_t k = at; k < at + features.plane; k++) {
            sum += node->dy[k];
            product += node->dy[k] * (x[k] - node->mean[f]) * node->scale[f];
        }
    }
    node->gradient[0][f] += product;
    if (node->gradient[1])
        node->gradient[1][f] += sum;
    for (size_t s = 0; s < r->samples; s++) {
        size_t at = hg__reference_at(&features, s, f);
        for (size_t k = at; k < at + features.plane; k++)
            dx[k] += factor * (node->dy[k] - sum / m -
                               (x[k] - node->mean[f]) * node->scale[f] * product / m);
    }
}

static void norm_back(const struct hg__reference *r, const struct hg__node *node, const double *x,
                      double *dx)
{
    for (size_t f = 0; f < hg__reference_features(node).count; f++)
        feature_back(r, node, x, dx, f);
}

static void activate_back(const struct hg__reference *r, const struct hg__node *node,
                          const double *x, double *dx)
{
    for (size_t k = 0; k < r->samples * node->out; k++)
        dx[k] = node->dy[k] *
                hg__activation_derivative(node->layer->activation, node->layer->amount, x[k]);
}

static void backward(struct hg__reference *r, size_t index)
{
    struct hg__node *node = &r->node[index];
    double *x = hg__reference_input(r, index);
    double *dx = hg__reference_down(r, index);

    memset(dx, 0, r->samples * node->in * sizeof *dx);
    switch (node->layer->kind) {
    case HG__DENSE:
        dense_back(r, node, x, dx);
        break;
    case HG__CONV:
        hg__reference_conv_back(r, node, x, dx);
        break;
    case HG__POOL:
        hg__reference_pool_back(r, node, x, dx);
        break;
    case HG__UP:
        hg__reference_up_back(r, node, dx);
        break;
    case HG__BN:
        norm_back(r, node, x, dx);
        break;
    case HG__ACTIVATE:
        activate_back(r, node, x, dx);
        break;
    default:
        for (size_t k = 0; k < r->samples * node->out; k++)
            dx[k] = node->dy[k] * hg__reference_kept(r, index, k);
    }
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
    }
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
}
