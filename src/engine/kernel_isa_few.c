/* kernel_isa_few.c - the convolution to a few channels, gathered from products of whole pixels. */
#include "engine/kernel_isa_map.h"

/* Outputs (scale h + u, scale v + w) are sums over taps x taps pixels (h + i - up, v + j - left),
 * from columns `first` + (i taps + j) channels + o of t. Not folded there is one phase. */
struct phase {
    size_t scale, u, w, taps, up, left, first;
};

static struct phase phase_of(const struct hg__few *job, size_t index)
{
    struct phase phase = {.scale = 1, .taps = job->kernel};

    phase.up = phase.left = job->kernel / 2;
    if (!job->fold)
        return phase;
    phase.scale = phase.taps = 2;
    phase.u = index / 2;
    phase.w = index % 2;
    phase.up = 1 - phase.u;
    phase.left = 1 - phase.w;
    phase.first = index * 4 * job->channels;
    return phase;
}

/* Taps of 0..taps-1 that meet one of `count` pixels when tap 0 lies `lead` before pixel `at`. */
HG_INLINE struct range met(size_t taps, size_t lead, size_t at, size_t count)
{
    struct range range = {at < lead ? lead - at : 0, taps};

    if (at + taps > count + lead)
        range.end = count + lead - at;
    return range;
}

/* One row of one phase and channel. */
struct line {
    const float *t; /* tap (0, 0) of the first output */
    size_t pixel;   /* floats of t from output to output, from tap to tap */
    size_t tap_row, tap_column;
    size_t columns, taps, left;
    struct range down; /* taps that meet a row */
    float bias;
    float *y;
    size_t step; /* of y */
};

HG_INLINE float tap_sum(const struct line *line, size_t p, struct range down, struct range across)
{
    const float *t = line->t + p * line->pixel;
    float sum = line->bias;

    for (size_t i = down.begin; i < down.end; i++)
        for (size_t j = across.begin; j < across.end; j++)
            sum += t[i * line->tap_row + j * line->tap_column];
    return sum;
}

/* Outputs all of whose taps meet pixels; constant `taps`. */
HG_INLINE void line_middle(const struct line *given, size_t taps, size_t begin, size_t end)
{
    const struct line line = *given;
    const struct range all = {0, taps};

    for (size_t p = begin; p < end; p++)
        line.y[p * line.step] = tap_sum(&line, p, all, all);
}

static void line_gather(const struct line *line)
{
    const size_t taps = line->taps, columns = line->columns;
    size_t begin = line->left < columns ? line->left : columns, end = begin;

    if (line->down.begin == 0 && line->down.end == taps && columns + line->left + 1 > taps)
        end = columns + line->left + 1 - taps;
    if (end < begin)
        end = begin;
    for (size_t p = 0; p < begin; p++)
        line->y[p * line->step] = tap_sum(line, p, line->down, met(taps, line->left, p, columns));
    if (taps == 2)
        line_middle(line, 2, begin, end);
    else if (taps == 3)
        line_middle(line, 3, begin, end);
    else
        line_middle(line, taps, begin, end);
    for (size_t p = end; p < columns; p++)
        line->y[p * line->step] = tap_sum(line, p, line->down, met(taps, line->left, p, columns));
}

static void gather_phase(const struct hg__few *job, const struct phase *phase)
{
    const struct hg__map *map = job->map;
    const size_t across = map->columns + 2 * map->border, scale = phase->scale;
    struct line line = {.pixel = job->columns,
                        .tap_row = across * job->columns + phase->taps * job->channels,
                        .tap_column = job->columns + job->channels,
                        .columns = map->columns,
                        .taps = phase->taps,
                        .left = phase->left,
                        .step = scale};

    for (size_t h = 0; h < map->rows; h++) {
        size_t pixel = (h + map->border - phase->up) * across + map->border - phase->left;
        line.down = met(phase->taps, phase->up, h, map->rows);
        for (size_t o = 0; o < job->channels; o++) {
            size_t row = o * map->rows * scale + h * scale + phase->u;
            line.t = job->t + pixel * job->columns + phase->first + o;
            line.bias = job->bias ? job->bias[o] : 0;
            line.y = job->y + row * map->columns * scale + phase->w;
            line_gather(&line);
        }
    }
}

void HG_ISA(hg__map_few_gather)(const struct hg__few *job)
{
    for (size_t index = 0; index < (job->fold ? 4 : 1); index++) {
        struct phase phase = phase_of(job, index);
        gather_phase(job, &phase);
    }
}

/* To one row of pixels of t, from what one row of taps of a phase brought forth: row `from` of
 * dy (channel 0, column w). t: first pixel of the row, the taps' first column. */
HG_INLINE void spread_taps(const struct hg__few *job, const struct phase *phase, size_t scale,
                           const float *from, float *t)
{
    const size_t columns = job->map->columns, step = job->columns;
    const size_t plane = job->map->rows * columns * scale * scale;

    for (size_t j = 0; j < phase->taps; j++) {
        /* pixel v comes from output v + left - j */
        size_t begin = j > phase->left ? j - phase->left : 0;
        size_t end = columns + j < phase->left ? 0 : columns + j - phase->left;

        if (end > columns)
            end = columns;
        for (size_t o = 0; o < job->channels; o++, t++) {
            const float *dy = from + o * plane + (begin + phase->left - j) * scale;
            for (size_t v = begin; v < end; v++, dy += scale)
                t[v * step] = *dy;
        }
    }
}

static void spread_row(const struct hg__few *job, const struct phase *phase, size_t h,
                       const float *dy, float *t)
{
    const struct hg__map *map = job->map;
    const size_t scale = phase->scale, width = map->columns * scale;

    t += phase->first;
    for (size_t i = 0; i < phase->taps; i++, t += phase->taps * job->channels) {
        size_t row = h + phase->up - i; /* above the image: very large */
        if (row >= map->rows)
            continue;
        if (scale == 1)
            spread_taps(job, phase, 1, dy + row * width, t);
        else
            spread_taps(job, phase, 2, dy + (row * 2 + phase->u) * width + phase->w, t);
    }
}

void HG_ISA(hg__map_few_spread)(const struct hg__few *job, const float *dy)
{
    const struct hg__map *map = job->map;
    const size_t across = (map->columns + 2 * map->border) * job->columns;
    const size_t phases = job->fold ? 4 : 1;
    struct phase phase[4];

    for (size_t i = 0; i < phases; i++)
        phase[i] = phase_of(job, i);
    memset(job->t, 0, map->border * across * sizeof *job->t);
    for (size_t h = 0; h < map->rows; h++) {
        float *row = job->t + (h + map->border) * across;
        memset(row, 0, across * sizeof *row);
        for (size_t i = 0; i < phases; i++)
            spread_row(job, phase + i, h, dy, row + map->border * job->columns);
    }
    memset(job->t + (map->rows + map->border) * across, 0, map->border * across * sizeof *job->t);
}
