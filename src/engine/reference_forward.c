#include "engine/reference_state.h"

#include "base/rng.h"
#include "engine/activation.h"

#include <math.h>
#include <string.h>

#define BN_EPSILON 1e-5
#define LEAST_LOG  (-100.0)

double *hg__reference_input(const struct hg__reference *r, size_t index)
{
    if (index == 0)
        return r->input;
    if (index == r->encoder && r->model->plan.gaussian)
        return r->code;
    return r->node[index - 1].y;
}

double *hg__reference_down(const struct hg__reference *r, size_t index)
{
    if (index == 0)
        return r->dinput;
    if (index == r->encoder && r->model->plan.gaussian)
        return r->dcode;
    return r->node[index - 1].dy;
}

size_t hg__reference_place(const struct hg__node *node, size_t o, size_t i)
{
    return node->layer->tied == HG__UNTIED ? o * node->columns + i : i * node->columns + o;
}

static void dense(const struct hg__reference *r, const struct hg__node *node, const double *x)
{
    for (size_t s = 0; s < r->samples; s++) {
        const double *in = x + s * node->in;
        for (size_t o = 0; o < node->out; o++) {
            const double *w = node->value[0] + hg__reference_place(node, o, 0);
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
            node->y[s * node->out + o] = (a + b) + (c + d) +
                                         (node->value[1] ? node->value[1][o] : 0);
        }
    }
}

struct hg__features hg__reference_features(const struct hg__node *node)
{
    size_t channels = (size_t)node->layer->out.channels;

    if (!node->layer->map)
        return (struct hg__features){node->out, 1};
    return (struct hg__features){channels, node->out / channels};
}

/* Mean and 1/sd of feature `f`. */
static void measure(struct hg__reference *r, struct hg__node *node, const double *x, size_t f)
{
    struct hg__features features = hg__reference_features(node);
    double sum = 0, squares = 0, m = (double)(r->samples * features.plane);

    for (size_t s = 0; s < r->samples; s++)
        for (size_t p = 0; p < features.plane; p++)
            sum += x[hg__reference_at(&features, s, f) + p];
    node->mean[f] = sum / m;
    for (size_t s = 0; s < r->samples; s++)
        for (size_t p = 0; p < features.plane; p++) {
            double off = x[hg__reference_at(&features, s, f) + p] - node->mean[f];
            squares += off * off;
        }
    node->scale[f] = 1 / sqrt(squares / m + BN_EPSILON);
    /* the same for all samples, and of a mean that may be far larger than their spread; that of a
     * single value is the value */
    if (r->grain > 0 && m > 1)
        node->mean[f] += r->grain * fabs(node->mean[f]) * hg__reference_noise(r);
}

static void norm(struct hg__reference *r, struct hg__node *node, const double *x)
{
    struct hg__features features = hg__reference_features(node);

    for (size_t f = 0; f < features.count; f++) {
        double bias = node->value[1] ? node->value[1][f] : 0;
        measure(r, node, x, f);
        for (size_t s = 0; s < r->samples; s++) {
            size_t at = hg__reference_at(&features, s, f);
            for (size_t p = 0; p < features.plane; p++)
                node->y[at + p] = (x[at + p] - node->mean[f]) * node->scale[f] * node->value[0][f] +
                                  bias;
        }
    }
}

/* Element of a dropout's stream: rows are padded, and in a stack a pixel's channels stand
 * side by side and are padded. */
static size_t stream_place(const struct hg__node *node, size_t k)
{
    size_t s = k / node->out, at = k % node->out, channels, plane;

    if (!node->layer->map)
        return s * hg__pad(node->out) + at;
    channels = (size_t)node->layer->out.channels;
    plane = node->out / channels;
    return (s * plane + at % plane) * hg__pad(channels) + at / plane;
}

double hg__reference_kept(const struct hg__reference *r, size_t index, size_t k)
{
    double share = r->node[index].layer->amount;
    size_t e = stream_place(&r->node[index], k);
    struct hg__rng rng;
    uint32_t out[4];

    hg__rng_start(&rng, r->seed, HG__RNG_DROPOUT, r->step, index);
    rng.counter[0] += (uint32_t)(e / 4);
    hg__philox(rng.counter, rng.key, out);
    return out[e % 4] < (uint32_t)(share * 0x1p32) ? 0 : 1 / (1 - share);
}

static void activate(struct hg__reference *r, const struct hg__node *node, const double *x)
{
    enum hg_activation activation = node->layer->activation;
    bool kinked = activation == HG_RELU || activation == HG_LRELU;

    for (size_t k = 0; k < r->samples * node->out; k++) {
        node->y[k] = hg__activation_value(activation, node->layer->amount, x[k]);
        if (kinked)
            hg__reference_chose(r, x[k] > 0);
    }
}

/* splitmix64 */
double hg__reference_noise(struct hg__reference *r)
{
    uint64_t z = ++r->draw * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1;
}

/* A sum that nearly cancels is off by a share of its terms, which are as large as its
 * neighbours. */
void hg__reference_coarsen(struct hg__reference *r, double *rows, size_t width)
{
    for (size_t s = 0; s < r->samples && r->grain > 0; s++, rows += width) {
        double squares = 0, size;
        for (size_t k = 0; k < width; k++)
            squares += rows[k] * rows[k];
        size = sqrt(squares / (double)width);
        for (size_t k = 0; k < width; k++)
            rows[k] += r->grain * fmax(size, fabs(rows[k])) * hg__reference_noise(r);
    }
}

static void forward(struct hg__reference *r, size_t index)
{
    struct hg__node *node = &r->node[index];
    double *x = hg__reference_input(r, index);

    switch (node->layer->kind) {
    case HG__DENSE:
        dense(r, node, x);
        break;
    case HG__CONV:
        hg__reference_conv(r, node, x);
        break;
    case HG__POOL:
        hg__reference_pool(r, node, x);
        break;
    case HG__UP:
        hg__reference_up(r, node, x);
        break;
    case HG__BN:
        norm(r, node, x);
        break;
    case HG__ACTIVATE:
        activate(r, node, x);
        break;
    default:
        for (size_t k = 0; k < r->samples * node->out; k++)
            node->y[k] = x[k] * hg__reference_kept(r, index, k);
    }
    hg__reference_coarsen(r, node->y, node->out);
}

static void sample(struct hg__reference *r)
{
    const struct hg__node *node = &r->node[r->encoder - 1];

    for (size_t k = 0; k < r->samples * r->codes; k++) {
        const double *row = node->y + k / r->codes * node->out;
        r->code[k] = row[k % r->codes] + exp(0.5 * row[k % r->codes + r->codes]) * r->noise[k];
    }
    hg__reference_coarsen(r, r->code, r->codes);
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

static struct term term_of(const struct hg__reference *r, double y, double x)
{
    if (r->model->loss == HG_LOSS_BCE)
        return bce_term(hg__model_logits(r->model), y, x);
    if (r->model->loss == HG_LOSS_SSE)
        return (struct term){0.5 * (y - x) * (y - x), y - x};
    return (struct term){(y - x) * (y - x), 2 * (y - x)};
}

/* How much larger the loss of one number is at y than at `from`: (y - x)^2 - (from - x)^2 without
 * its cancellation. */
static double growth(const struct hg__reference *r, double y, double from, double x)
{
    double half = r->model->loss == HG_LOSS_SSE ? 0.5 : 1;

    if (r->model->loss == HG_LOSS_BCE)
        return term_of(r, y, x).loss - term_of(r, from, x).loss;
    return half * (y - from) * ((y - x) + (from - x));
}

/* The loss of one sample, counted from that of the outputs `from` unless NULL; its gradient to dy
 * (may be NULL). */
static double sample_loss(const struct hg__reference *r, const double *y, const double *x,
                          const double *from, double *dy)
{
    size_t n = hg_model_inputs(r->model);
    double m = (double)r->samples, sum = 0, start = 0, grown = 0, root;
    double factor = r->model->loss == HG_LOSS_SSE ? 1 / m : 1 / (m * (double)n);

    for (size_t i = 0; i < n; i++) {
        struct term term = term_of(r, y[i], x[i]);
        sum += term.loss;
        start += from ? term_of(r, from[i], x[i]).loss : 0;
        grown += from ? growth(r, y[i], from[i], x[i]) : term.loss;
        if (dy)
            dy[i] = term.slope * factor;
    }
    if (r->model->loss != HG_LOSS_RMSE)
        return grown * factor;
    root = sqrt(sum / (double)n);
    for (size_t i = 0; dy && i < n; i++)
        dy[i] = root > 0 ? dy[i] / (2 * root) : 0;
    root += sqrt(start / (double)n); /* a - b = (a^2 - b^2) / (a + b) */
    return root > 0 ? grown / (double)n / root / m : 0;
}

size_t hg__reference_end(const struct hg__reference *r)
{
    return r->layers - (hg__model_logits(r->model) ? 1 : 0);
}

double hg__reference_descent(const struct hg__reference *r, double *dy)
{
    size_t n = hg_model_inputs(r->model);
    const double *y = hg__reference_input(r, hg__reference_end(r));
    double sum = 0;

    for (size_t s = 0; s < r->samples; s++)
        sum += sample_loss(r, y + s * n, r->target + s * n, r->origin ? r->origin + s * n : NULL,
                           dy ? dy + s * n : NULL);
    return sum;
}

static double penalties(struct hg__reference *r)
{
    const double *code = hg__reference_input(r, r->encoder);
    const struct hg__node *node = r->encoder ? &r->node[r->encoder - 1] : NULL;
    double sum = 0, divergence = 0;

    for (size_t k = 0; r->model->sparsity > 0 && k < r->samples * r->codes; k++) {
        sum += fabs(code[k]);
        hg__reference_chose(r, code[k] > 0 ? 1 : code[k] < 0 ? 2 : 0);
    }
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

    r->choices = 0xcbf29ce484222325u;
    for (size_t i = first; i < hg__reference_end(r); i++) {
        forward(r, i);
        if (i + 1 == r->encoder && r->model->plan.gaussian)
            sample(r);
    }
    r->loss = hg__reference_descent(r, NULL);
    return r->loss + (penalties(r) - r->origin_penalty);
}

void hg__reference_set_origin(struct hg__reference *r)
{
    const double *y = hg__reference_input(r, hg__reference_end(r));

    memcpy(r->origin_room, y, r->samples * hg_model_inputs(r->model) * sizeof *y);
    r->origin = r->origin_room;
    r->origin_penalty = penalties(r);
}

double hg__reference_work(const struct hg_model *model, size_t index)
{
    double work = 0;

    for (size_t i = index == HG__NOWHERE ? 0 : model->tensor[index].layer;
         i < model->plan.layers.count; i++) {
        const struct hg__layer *layer = &model->plan.layers.layer[i];
        double outputs = (double)hg_shape_size(layer->out);
        if (layer->kind == HG__DENSE)
            outputs *= (double)hg_shape_size(layer->in);
        else if (layer->kind == HG__CONV)
            outputs *= (double)layer->kernel * layer->kernel * layer->in.channels;
        work += outputs;
    }
    return work;
}
