/* conv_copies.c - what is derived from the weight of a convolution, and how the gradients
 * of what was derived become the weight's. */
#include "engine/conv.h"

#include <string.h>

/* A folded kernel's rows (and columns): which of the three taps make one. Forward, phase u and
 * tap a of two; backward, tap of four. Taps first..last. */
struct span {
    size_t first, last;
};

static const struct span phase_taps[2][2] = {{{0, 0}, {1, 2}}, {{0, 1}, {2, 2}}};
static const struct span back_taps[4] = {{2, 2}, {1, 2}, {0, 1}, {0, 0}};

static size_t panels_of(size_t channels)
{
    return hg__pad(channels) / HG__LANES;
}

float *hg__conv_forward_copy(const struct hg_model *model, const struct hg__stage *stage)
{
    return model->transposed + model->slot[stage->layer].transposed;
}

/* Floats of the forward copy. */
static size_t forward_size(const struct hg__conv_shape *shape, enum hg__way way)
{
    if (way == HG__WAY_FOLDED)
        return 4 * hg__weight_size(4 * shape->in, shape->out);
    if (way == HG__WAY_FEW || way == HG__WAY_FEW_FOLDED)
        return hg__weight_size(shape->in, shape->columns);
    return 0;
}

float *hg__conv_backward_copy(const struct hg_model *model, const struct hg__stage *stage)
{
    struct hg__conv_shape shape = hg__conv_shape(model, stage);

    return hg__conv_forward_copy(model, stage) + forward_size(&shape, stage->way);
}

size_t hg__conv_copies(const struct hg_model *model, const struct hg__stage *stage)
{
    struct hg__conv_shape shape = hg__conv_shape(model, stage);
    size_t forward = forward_size(&shape, stage->way);

    switch (stage->way) {
    case HG__WAY_FOLDED:
        return forward + hg__weight_size(16 * shape.out, shape.in);
    case HG__WAY_FEW:
    case HG__WAY_FEW_FOLDED:
        return forward + hg__weight_size(shape.columns, shape.in);
    case HG__WAY_PATCH:
        return 0;
    case HG__WAY_DIRECT:
        break;
    }
    return hg__weight_size(shape.taps * shape.out, shape.in);
}

size_t hg__conv_gathered(const struct hg_model *model, const struct hg__stage *stage)
{
    struct hg__conv_shape shape = hg__conv_shape(model, stage);
    size_t forward = forward_size(&shape, stage->way);

    return forward ? forward : hg__weight_size(shape.taps * shape.in, shape.out);
}

size_t hg__conv_partial(const struct hg_model *model, const struct hg__stage *stage)
{
    return hg__conv_gathered(model, stage) + hg__pad(hg__conv_shape(model, stage).out);
}

/* ---- copies ---- */

/* A weight, and which of its taps are summed. */
struct taps {
    const float *weight;
    const struct hg__conv_shape *shape;
    struct span rows, columns;
};

/* Sums of a panel's 16 outputs at input channel c. */
static void tap_sum(const struct taps *taps, size_t panel, size_t c, float sum[HG__LANES])
{
    const struct hg__conv_shape *s = taps->shape;

    memset(sum, 0, HG__LANES * sizeof *sum);
    for (size_t i = taps->rows.first; i <= taps->rows.last; i++)
        for (size_t j = taps->columns.first; j <= taps->columns.last; j++) {
            const float *from = taps->weight +
                                (panel * s->taps * s->in + (i * s->kernel + j) * s->in + c) *
                                    HG__LANES;
            for (size_t l = 0; l < HG__LANES; l++)
                sum[l] += from[l];
        }
}

/* to: packed, `in` inputs; this tap's outputs are its inputs first..first + out - 1. */
static void lay_back(const struct taps *taps, float *to, size_t in, size_t first)
{
    const struct hg__conv_shape *s = taps->shape;
    float sum[HG__LANES];

    for (size_t panel = 0; panel < panels_of(s->out); panel++)
        for (size_t c = 0; c < s->in; c++) {
            size_t o = panel * HG__LANES;
            float *at = to + hg__weight_index(in, c, first + o);
            tap_sum(taps, panel, c, sum);
            for (size_t l = 0; l < HG__LANES && o + l < s->out; l++)
                at[l * HG__LANES] = sum[l];
        }
}

static void derive_direct(const struct hg__conv_shape *s, const float *weight, float *back)
{
    for (size_t i = 0; i < s->kernel; i++)
        for (size_t j = 0; j < s->kernel; j++) {
            struct taps taps = {weight, s, {i, i}, {j, j}};
            size_t flipped = s->taps - 1 - (i * s->kernel + j);
            lay_back(&taps, back, s->taps * s->out, flipped * s->out);
        }
}

static void derive_folded(const struct hg__conv_shape *s, const float *weight, float *forward,
                          float *back)
{
    for (size_t k = 0; k < 16; k++) {
        size_t u = k / 8, v = k / 4 % 2, a = k / 2 % 2, b = k % 2;
        struct taps taps = {weight, s, phase_taps[u][a], phase_taps[v][b]};
        float *to = forward + (u * 2 + v) * hg__weight_size(4 * s->in, s->out);
        for (size_t panel = 0; panel < panels_of(s->out); panel++)
            for (size_t c = 0; c < s->in; c++)
                tap_sum(&taps, panel, c,
                        to + (panel * 4 * s->in + (a * 2 + b) * s->in + c) * HG__LANES);
        taps.rows = back_taps[k / 4];
        taps.columns = back_taps[k % 4];
        lay_back(&taps, back, 16 * s->out, k * s->out);
    }
}

/* Taps of column group k: one of the kernel's, or one of a phase's. */
static struct taps few_taps(const struct hg__conv_shape *s, const float *weight, bool fold,
                            size_t k)
{
    if (fold)
        return (struct taps){weight, s, phase_taps[k / 8][k / 2 % 2], phase_taps[k / 4 % 2][k % 2]};
    return (struct taps){weight, s, {k / s->kernel, k / s->kernel}, {k % s->kernel, k % s->kernel}};
}

static void derive_few(const struct hg__conv_shape *s, const float *weight, bool fold,
                       float *forward, float *back)
{
    float sum[HG__LANES];

    for (size_t k = 0; k < s->columns / s->out; k++) {
        struct taps taps = few_taps(s, weight, fold, k);
        for (size_t c = 0; c < s->in; c++) {
            tap_sum(&taps, 0, c, sum);
            for (size_t o = 0; o < s->out; o++) {
                forward[hg__weight_index(s->in, k * s->out + o, c)] = sum[o];
                back[hg__weight_index(s->columns, c, k * s->out + o)] = sum[o];
            }
        }
    }
}

void hg__conv_derive(struct hg_model *model, const struct hg__stage *stage)
{
    struct hg__conv_shape shape = hg__conv_shape(model, stage);
    const float *weight = model->values + model->slot[stage->layer].weight;
    float *forward, *back;

    if (stage->way == HG__WAY_PATCH)
        return;
    forward = hg__conv_forward_copy(model, stage);
    back = hg__conv_backward_copy(model, stage);
    if (stage->way == HG__WAY_DIRECT)
        derive_direct(&shape, weight, back);
    else if (stage->way == HG__WAY_FOLDED)
        derive_folded(&shape, weight, forward, back);
    else
        derive_few(&shape, weight, stage->way == HG__WAY_FEW_FOLDED, forward, back);
}

/* ---- gradients ---- */

/* Each tap collects from the phases it is part of. */
static void collect_folded(const struct hg__kernels *kernels, const struct hg__conv_shape *s,
                           const float *from, float *to)
{
    size_t run = s->in * HG__LANES;

    memset(to, 0, hg__weight_size(s->taps * s->in, s->out) * sizeof *to);
    for (size_t k = 0; k < 16; k++) {
        size_t u = k / 8, v = k / 4 % 2, a = k / 2 % 2, b = k % 2;
        struct span rows = phase_taps[u][a], columns = phase_taps[v][b];
        const float *phase = from + (u * 2 + v) * hg__weight_size(4 * s->in, s->out);
        for (size_t panel = 0; panel < panels_of(s->out); panel++)
            for (size_t i = rows.first; i <= rows.last; i++)
                for (size_t j = columns.first; j <= columns.last; j++)
                    kernels->add_scaled(to + (panel * 9 + i * 3 + j) * run,
                                        phase + (panel * 4 + a * 2 + b) * run, 1, run);
    }
}

static void collect_few(const struct hg__conv_shape *s, bool fold, const float *from, float *to)
{
    memset(to, 0, hg__weight_size(s->taps * s->in, s->out) * sizeof *to);
    for (size_t k = 0; k < s->columns / s->out; k++) {
        struct taps taps = few_taps(s, NULL, fold, k);
        for (size_t i = taps.rows.first; i <= taps.rows.last; i++)
            for (size_t j = taps.columns.first; j <= taps.columns.last; j++)
                for (size_t c = 0; c < s->in; c++)
                    for (size_t o = 0; o < s->out; o++)
                        to[((i * s->kernel + j) * s->in + c) * HG__LANES + o] +=
                            from[hg__weight_index(s->in, k * s->out + o, c)];
    }
}

/* The chunks' sums are in the first one's place. */
void hg__conv_collect(struct hg_model *model, const struct hg__stack *stack,
                      const struct hg__stage *stage)
{
    struct hg__conv_shape shape = hg__conv_shape(model, stage);
    const struct hg__slot *slot = &model->slot[stage->layer];
    const float *from = stack->partials + stage->partial;
    float *to = model->gradients + slot->weight;
    size_t gathered = hg__conv_gathered(model, stage);

    if (stage->way == HG__WAY_FOLDED)
        collect_folded(model->kernels, &shape, from, to);
    else if (stage->way == HG__WAY_FEW || stage->way == HG__WAY_FEW_FOLDED)
        collect_few(&shape, stage->way == HG__WAY_FEW_FOLDED, from, to);
    else
        memcpy(to, from, gathered * sizeof *to);
    if (slot->bias != HG__NOWHERE)
        memcpy(model->gradients + slot->bias, from + gathered, hg__pad(shape.out) * sizeof *to);
}
