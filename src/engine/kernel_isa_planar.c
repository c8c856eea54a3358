/* kernel_isa_planar.c - where maps begin and end: planar rows, and patches of them. */
#include "engine/kernel_isa_map.h"

#include "engine/kernel_transpose.h"

/* Things in blocks of 16, the last block drawn back so that it is whole: what is written twice is
 * the same. `count` is at least 16. */
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

/* ---- planar <-> map ---- */

/* Channels that go in blocks, of 16 pixels each; the others go number by number. */
static size_t block_channels(const struct hg__map *map)
{
    return map->rows * map->columns < HG__LANES ? 0 : map->channels / HG__LANES * HG__LANES;
}

/* Where the 16 pixels from the first-th on, counted row by row, begin. */
HG_INLINE void block_places(const struct hg__map *map, size_t first, size_t *place)
{
    size_t r = first / map->columns, p = first % map->columns;

    for (size_t i = 0; i < HG__LANES; i++) {
        place[i] = hg__map_at(map, r, p);
        if (++p == map->columns)
            p = 0, r++;
    }
}

void HG_ISA(hg__map_unpack)(const struct hg__map *map, const float *planar, float *y)
{
    const size_t columns = map->columns, pixel = map->pixel, plane = map->rows * columns;
    const size_t whole = block_channels(map);
    float turned[HG__LANES * HG__LANES] __attribute__((aligned(64)));
    size_t place[HG__LANES];

    for (size_t q = 0; whole && q < plane; q += HG__LANES) {
        size_t at = block_at(q, plane);
        block_places(map, at, place);
        for (size_t c = 0; c < whole; c += HG__LANES) {
            block_transpose(planar + c * plane + at, plane, turned, HG__LANES);
            for (size_t i = 0; i < HG__LANES; i++)
                copy_lanes(y + place[i] + c, turned + i * HG__LANES);
        }
    }
    for (size_t r = 0; r < map->rows; r++) {
        const float *from = planar + r * columns;
        float *to = y + hg__map_at(map, r, 0);
        for (size_t c = whole; c < map->channels; c++)
            for (size_t p = 0; p < columns; p++)
                to[p * pixel + c] = from[c * plane + p];
    }
}

void HG_ISA(hg__map_pack)(const struct hg__map *map, const float *x, float *planar)
{
    const size_t columns = map->columns, pixel = map->pixel, plane = map->rows * columns;
    const size_t whole = block_channels(map);
    float block[HG__LANES * HG__LANES] __attribute__((aligned(64)));
    size_t place[HG__LANES];

    for (size_t q = 0; whole && q < plane; q += HG__LANES) {
        size_t at = block_at(q, plane);
        block_places(map, at, place);
        for (size_t c = 0; c < whole; c += HG__LANES) {
            for (size_t i = 0; i < HG__LANES; i++)
                copy_lanes(block + i * HG__LANES, x + place[i] + c);
            block_transpose(block, HG__LANES, planar + c * plane + at, plane);
        }
    }
    for (size_t r = 0; r < map->rows; r++) {
        const float *from = x + hg__map_at(map, r, 0);
        float *to = planar + r * columns;
        for (size_t c = whole; c < map->channels; c++)
            for (size_t p = 0; p < columns; p++)
                to[c * plane + p] = from[p * pixel + c];
    }
}

/* ---- patches ---- */

/* Output columns whose tap j lies in the image. */
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
    static const float nothing[PIECE] = {0};
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
    float turned[HG__LANES * HG__LANES] __attribute__((aligned(64)));

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
