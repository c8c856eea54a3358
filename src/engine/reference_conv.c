/* Images of the twin: convolution, max pool, nearest up-sampling. All of them planar: channel,
 * row, column.
 *
 * Of one input channel, the picture that each tap of the kernel sees is laid out first; then
 * a convolution, its way back and its gradient are sums over whole pictures. The innermost loops
 * go over pixels that stand side by side, in fours, which compilers make vectors of:
 * a check of gradients walks through the network hundreds of times. */
#include "engine/reference_state.h"

#include <string.h>

static size_t pixels(struct hg_shape shape)
{
    return (size_t)shape.rows * (size_t)shape.columns;
}

static size_t taps_of(const struct hg__layer *layer)
{
    return (size_t)layer->kernel * (size_t)layer->kernel;
}

size_t hg__reference_taps(const struct hg__layer *layer)
{
    return layer->kind == HG__CONV ? taps_of(layer) * pixels(layer->out) : 0;
}

/* Which outputs a tap at `offset` serves: those whose input place o * stride + offset lies inside. */
struct span {
    long begin, end;
};

static struct span span_of(long offset, long stride, long in, long out)
{
    struct span span = {offset < 0 ? (-offset + stride - 1) / stride : 0,
                        in - offset > 0 ? (in - offset + stride - 1) / stride : 0};

    span.end = span.end < out ? span.end : out;
    return span;
}

/* Between a channel's plane and the pictures of its taps: from the plane to them
 * (zero where a tap looks beside the image), or added up from them. */
static void tap_picture(const struct hg__layer *layer, size_t tap, double *plane, double *picture,
                        bool back)
{
    long kernel = layer->kernel, stride = layer->stride;
    long down = (long)tap / kernel - kernel / 2, across = (long)tap % kernel - kernel / 2;
    struct span rows = span_of(down, stride, layer->in.rows, layer->out.rows);
    struct span columns = span_of(across, stride, layer->in.columns, layer->out.columns);

    if (!back)
        memset(picture, 0, pixels(layer->out) * sizeof *picture);
    for (long r = rows.begin; r < rows.end; r++) {
        double *at = plane + (r * stride + down) * layer->in.columns + across;
        double *to = picture + r * layer->out.columns;
        for (long p = columns.begin; p < columns.end; p++)
            if (back)
                at[p * stride] += to[p];
            else
                to[p] = at[p * stride];
    }
}

/* The pictures of all taps of channel `c`. */
static void look(const struct hg__node *node, double *x, size_t c)
{
    size_t out = pixels(node->layer->out);

    for (size_t tap = 0; tap < taps_of(node->layer); tap++)
        tap_picture(node->layer, tap, x + c * pixels(node->layer->in), node->taps + tap * out,
                    false);
}

/* Weight of output channel o and input channel c: a number a tap. */
static size_t place(const struct hg__node *node, size_t o, size_t c)
{
    return (o * (size_t)node->layer->in.channels + c) * taps_of(node->layer);
}

void hg__reference_conv(const struct hg__reference *r, const struct hg__node *node, double *x)
{
    size_t out = pixels(node->layer->out), channels = (size_t)node->layer->in.channels;
    size_t outputs = (size_t)node->layer->out.channels, taps = taps_of(node->layer);

    for (size_t s = 0; s < r->samples; s++) {
        double *y = node->y + s * node->out;
        for (size_t k = 0; k < node->out; k++)
            y[k] = node->value[1] ? node->value[1][k / out] : 0;
        for (size_t c = 0; c < channels; c++) {
            look(node, x + s * node->in, c);
            for (size_t k = 0; k < outputs * taps; k++)
                hg__reference_add(y + k / taps * out, node->taps + k % taps * out,
                                  node->value[0][place(node, k / taps, c) + k % taps], out);
        }
    }
}

void hg__reference_conv_own(const struct hg__reference *r, const struct hg__node *node, double *x,
                            const double *dy)
{
    size_t out = pixels(node->layer->out), channels = (size_t)node->layer->in.channels;
    size_t outputs = (size_t)node->layer->out.channels, taps = taps_of(node->layer);

    for (size_t s = 0; s < r->samples; s++, dy += node->out) {
        for (size_t c = 0; c < channels; c++) {
            look(node, x + s * node->in, c);
            for (size_t k = 0; k < outputs * taps; k++)
                node->gradient[0][place(node, k / taps, c) + k % taps] += hg__reference_dot(
                    dy + k / taps * out, node->taps + k % taps * out, out);
        }
        for (size_t k = 0; node->gradient[1] && k < node->out; k++)
            node->gradient[1][k / out] += dy[k];
    }
}

/* To one input channel of one sample. */
static void down_channel(const struct hg__node *node, size_t c, const double *dy, double *dx)
{
    size_t out = pixels(node->layer->out), taps = taps_of(node->layer);
    size_t outputs = (size_t)node->layer->out.channels;

    memset(node->taps, 0, taps * out * sizeof *node->taps);
    for (size_t k = 0; k < outputs * taps; k++)
        hg__reference_add(node->taps + k % taps * out, dy + k / taps * out,
                          node->value[0][place(node, k / taps, c) + k % taps], out);
    for (size_t tap = 0; tap < taps; tap++)
        tap_picture(node->layer, tap, dx + c * pixels(node->layer->in), node->taps + tap * out,
                    true);
}

void hg__reference_conv_down(const struct hg__reference *r, const struct hg__node *node,
                             const double *dy, double *dx)
{
    for (size_t s = 0; s < r->samples; s++)
        for (size_t c = 0; c < (size_t)node->layer->in.channels; c++)
            down_channel(node, c, dy + s * node->out, dx + s * node->in);
}

/* A row of outputs of a pool or an up: one of those of all channels of all samples. */
struct row {
    const struct hg__layer *layer;
    size_t first, y; /* in the whole batch: where the (first) row it sees begins; itself */
};

static struct row row_of(const struct hg__layer *layer, size_t number)
{
    size_t out_rows = (size_t)layer->out.rows, in_columns = (size_t)layer->in.columns;
    size_t plane = number / out_rows, row = number % out_rows;
    size_t factor = (size_t)layer->stride;
    size_t from = layer->kind == HG__POOL ? row * factor : row / factor;

    return (struct row){layer, plane * pixels(layer->in) + from * in_columns,
                        number * (size_t)layer->out.columns};
}

static size_t rows_of(const struct hg__reference *r, const struct hg__layer *layer)
{
    return r->samples * (size_t)layer->out.channels * (size_t)layer->out.rows;
}

/* The place of the largest number of the window at column `column` of a row; of equals the
 * first. */
static size_t winner(const struct row *row, const double *x, size_t column)
{
    size_t factor = (size_t)row->layer->stride, columns = (size_t)row->layer->in.columns;
    size_t corner = row->first + column * factor, best = corner;

    for (size_t i = 0; i < factor; i++)
        for (size_t j = 0; j < factor; j++)
            if (x[corner + i * columns + j] > x[best])
                best = corner + i * columns + j;
    return best;
}

void hg__reference_pool(struct hg__reference *r, const struct hg__node *node, const double *x)
{
    size_t columns = (size_t)node->layer->out.columns;

    for (size_t number = 0; number < rows_of(r, node->layer); number++) {
        struct row row = row_of(node->layer, number);
        for (size_t p = 0; p < columns; p++) {
            size_t best = winner(&row, x, p);
            node->y[row.y + p] = x[best];
            hg__reference_chose(r, best);
        }
    }
}

void hg__reference_pool_back(const struct hg__reference *r, const struct hg__node *node,
                             const double *x, double *dx)
{
    size_t columns = (size_t)node->layer->out.columns;

    for (size_t number = 0; number < rows_of(r, node->layer); number++) {
        struct row row = row_of(node->layer, number);
        for (size_t p = 0; p < columns; p++)
            dx[winner(&row, x, p)] += node->dy[row.y + p];
    }
}

/* Each input column serves `factor` outputs of a row. */
void hg__reference_up(const struct hg__reference *r, const struct hg__node *node, const double *x)
{
    size_t columns = (size_t)node->layer->in.columns, factor = (size_t)node->layer->stride;

    for (size_t number = 0; number < rows_of(r, node->layer); number++) {
        struct row row = row_of(node->layer, number);
        for (size_t p = 0; p < columns; p++)
            for (size_t k = 0; k < factor; k++)
                node->y[row.y + p * factor + k] = x[row.first + p];
    }
}

void hg__reference_up_back(const struct hg__reference *r, const struct hg__node *node, double *dx)
{
    size_t columns = (size_t)node->layer->in.columns, factor = (size_t)node->layer->stride;

    for (size_t number = 0; number < rows_of(r, node->layer); number++) {
        struct row row = row_of(node->layer, number);
        for (size_t p = 0; p < columns; p++)
            for (size_t k = 0; k < factor; k++)
                dx[row.first + p] += node->dy[row.y + p * factor + k];
    }
}
