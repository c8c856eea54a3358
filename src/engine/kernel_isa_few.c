/* kernel_isa_few.c - where maps begin and end: planar rows, patches, and the convolution to a
 * few channels. */
#include "engine/kernel_isa_map.h"

#include "engine/kernel_transpose.h"

/* ---- planar <-> map ---- */

/* Columns of a row in blocks of 16, the last one drawn back so that it is whole: what is
 * written twice is the same. `count` is at least 16. */
HG_INLINE size_t block_at(size_t p, size_t count)
{
    return p + HG__LANES <= count ? p : count - HG__LANES;
}

HG_INLINE void copy_lanes(float *to, const float *from)
{
    HG_UNROLL(4)
    for (size_t i = 0; i < HG__LANES; i += VEC)
        v_store(to + i, v_load(from + i));
}

void HG_ISA(hg__map_unpack)(const struct hg__map *map, const float *planar, float *y)
{
    const size_t columns = map->columns, pixel = map->pixel, plane = map->rows * columns;
    const size_t whole = columns < HG__LANES ? 0 : map->channels / HG__LANES * HG__LANES;

    for (size_t r = 0; r < map->rows; r++) {
        const float *from = planar + r * columns;
        float *to = y + hg__map_at(map, r, 0);
        for (size_t c = 0; c < whole; c += HG__LANES)
            for (size_t p = 0; p < columns; p += HG__LANES) {
                size_t at = block_at(p, columns);
                block_transpose(from + c * plane + at, plane, to + at * pixel + c, pixel);
            }
        for (size_t c = whole; c < map->channels; c++)
            for (size_t p = 0; p < columns; p++)
                to[p * pixel + c] = from[c * plane + p];
    }
}

void HG_ISA(hg__map_pack)(const struct hg__map *map, const float *x, float *planar)
{
    const size_t columns = map->columns, pixel = map->pixel, plane = map->rows * columns;
    const size_t whole = columns < HG__LANES ? 0 : map->channels / HG__LANES * HG__LANES;

    for (size_t r = 0; r < map->rows; r++) {
        const float *from = x + hg__map_at(map, r, 0);
        float *to = planar + r * columns;
        for (size_t c = 0; c < whole; c += HG__LANES)
            for (size_t p = 0; p < columns; p += HG__LANES) {
                size_t at = block_at(p, columns);
                block_transpose(from + at * pixel + c, pixel, to + c * plane + at, plane);
            }
        for (size_t c = whole; c < map->channels; c++)
            for (size_t p = 0; p < columns; p++)
                to[c * plane + p] = from[p * pixel + c];
    }
}

/* ---- patches ---- */

/* Output columns whose tap j lies in the image. */
struct range {
    size_t begin, end;
};

static struct range seen(const struct hg__patches *job, size_t j)
{
    const size_t pad = job->kernel / 2, stride = job->stride;
    struct range range = {0, 0};

    if (j < pad)
        range.begin = (pad - j + stride - 1) / stride;
    if (job->columns + pad > j)
        range.end = (job->columns + pad - j - 1) / stride + 1;
    if (range.end > job->out_columns)
        range.end = job->out_columns;
    if (range.begin > range.end)
        range.begin = range.end;
    return range;
}

/* Number `tap row, column j, channel c` of all patches of a row; from: row of the image. */
static void patch_column(const struct hg__patches *job, struct range range, const float *from,
                         float *to)
{
    const size_t step = job->stride_out, all = job->out_columns, stride = job->stride;

    for (size_t p = 0; p < range.begin; p++)
        to[p * step] = 0;
    for (size_t p = range.begin; p < range.end; p++)
        to[p * step] = from[p * stride];
    for (size_t p = range.end; p < all; p++)
        to[p * step] = 0;
}

static void patch_row(const struct hg__patches *job, size_t row, float *to)
{
    const size_t kernel = job->kernel, pad = kernel / 2, plane = job->rows * job->columns;
    const struct range nothing = {0, 0};

    for (size_t i = 0; i < kernel; i++) {
        size_t r = row * job->stride + i; /* from pad above the image */
        bool inside = r >= pad && r - pad < job->rows;
        for (size_t j = 0; j < kernel; j++) {
            struct range range = inside ? seen(job, j) : nothing;
            const float *from = job->x + (inside ? (r - pad) * job->columns : 0);
            for (size_t c = 0; c < job->channels; c++, to++, from += plane)
                patch_column(job, range, from + j - pad, to);
        }
    }
}

/* Without a stride 16 patches at once are a block turned over: its lines are pieces of the
 * image's rows, shifted. */
enum { MOST_LINES = 160, PIECE = 2 * HG__LANES };

/* The image's row from `pad` before column p on, 16 + 2 pad numbers, zero outside: where they lie
 * there, or put together in `piece`. */
HG_INLINE const float *row_piece(const struct hg__patches *job, const float *row, size_t p,
                                 float *piece)
{
    const size_t pad = job->kernel / 2, begin = p < pad ? pad - p : 0;
    size_t end = HG__LANES + 2 * pad;

    if (p + HG__LANES + pad > job->columns)
        end = job->columns + pad - p;
    if (begin == 0 && end == HG__LANES + 2 * pad)
        return row + p - pad;
    for (size_t q = 0; q < PIECE; q += VEC)
        v_store(piece + q, v_all(0));
    /* at least the 16 from p on are there, at most twice as many */
    copy_lanes(piece + begin, row + p + begin - pad);
    copy_lanes(piece + end - HG__LANES, row + p + end - HG__LANES - pad);
    return piece;
}

/* Number k of the patches p..p+15 to lines[k]. */
HG_INLINE void patch_lines(const struct hg__patches *job, size_t row, size_t p,
                           float (*lines)[HG__LANES])
{
    const size_t kernel = job->kernel, pad = kernel / 2, channels = job->channels;
    const float nothing[PIECE] = {0};
    float piece[PIECE];

    for (size_t i = 0; i < kernel; i++)
        for (size_t c = 0; c < channels; c++) {
            size_t r = row + i - pad; /* above the image: very large */
            const float *plane = job->x + c * job->rows * job->columns, *from = nothing;
            if (r < job->rows)
                from = row_piece(job, plane + r * job->columns, p, piece);
            for (size_t j = 0; j < kernel; j++)
                copy_lanes(lines[(i * kernel + j) * channels + c], from + j);
        }
}

/* Patches of less than 16 numbers: what is stored beyond one is stored over by the next;
 * `end` is the end of them all. */
HG_INLINE void short_patches(size_t width, size_t step, const float (*lines)[HG__LANES], float *to,
                             const float *end)
{
    float turned[HG__LANES * HG__LANES];

    block_transpose(lines[0], HG__LANES, turned, HG__LANES);
    for (size_t p = 0; p < HG__LANES; p++, to += step)
        if ((size_t)(end - to) >= HG__LANES)
            copy_lanes(to, turned + p * HG__LANES);
        else
            memcpy(to, turned + p * HG__LANES, width * sizeof *to);
}

static void patch_blocks(const struct hg__patches *job, size_t row, float *to, const float *end)
{
    const size_t width = job->kernel * job->kernel * job->channels, step = job->stride_out;
    float lines[MOST_LINES][HG__LANES] __attribute__((aligned(64)));

    for (size_t k = width; k < HG__LANES; k++)
        memset(lines[k], 0, sizeof lines[k]);
    for (size_t p = 0; p < job->out_columns; p += HG__LANES) {
        size_t at = block_at(p, job->out_columns);
        patch_lines(job, row, at, lines);
        if (width < HG__LANES) {
            short_patches(width, step, (const float(*)[HG__LANES])lines, to + at * step, end);
            continue;
        }
        for (size_t k = 0; k < width; k += HG__LANES) {
            size_t from = block_at(k, width);
            block_transpose(lines[from], HG__LANES, to + at * step + from, step);
        }
    }
}

void HG_ISA(hg__map_patches)(const struct hg__patches *job, size_t row, size_t row_end, size_t gap)
{
    const size_t width = job->kernel * job->kernel * job->channels, step = job->stride_out;
    const size_t patches = job->out_columns + gap;
    const bool blocks = VEC > 4 && job->stride == 1 && job->out_columns >= HG__LANES &&
                        width <= MOST_LINES && job->kernel <= PIECE - HG__LANES + 1;
    float *to = job->patches, *end = to + (row_end - row) * patches * step;

    for (size_t r = row; r < row_end; r++, to += patches * step) {
        if (blocks)
            patch_blocks(job, r, to, end);
        else
            patch_row(job, r, to);
        for (size_t p = 0; p < job->out_columns && width < step; p++)
            memset(to + p * step + width, 0, (step - width) * sizeof *to);
        memset(to + job->out_columns * step, 0, gap * step * sizeof *to);
    }
}

/* ---- convolution to a few channels ---- */

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
