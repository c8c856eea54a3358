#include "data/glyphs.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum { LANES = 4, SPAN_MOST = 32 };

/* So far away that no pen reaches it. */
#define FAR_AWAY 1e12f

/* Seed of the built-in pictures; another value would be other data. */
#define PICTURE_SEED 0x686f7572676c6173u

typedef float lanes_t __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));
typedef int32_t mask_t __attribute__((vector_size(LANES * sizeof(int32_t)), aligned(4)));

struct hg__page {
    int width, height;
    size_t stride;                /* floats a row, whole lanes */
    float *distance;              /* squared, in pixels */
    int left, right, top, bottom; /* what strokes have touched; whole lanes across */
};

struct hg__page *hg__page_create(int width, int height)
{
    struct hg__page *page = hg__alloc(1, sizeof *page);

    if (!page)
        return NULL;
    page->width = width;
    page->height = height;
    page->stride = ((size_t)width + LANES - 1) / LANES * LANES;
    page->distance = hg__alloc_aligned(page->stride * (size_t)height, sizeof(float));
    if (!page->distance) {
        hg__free(page);
        return NULL;
    }
    page->right = (int)page->stride;
    page->bottom = height;
    hg__page_clear(page);
    return page;
}

void hg__page_destroy(struct hg__page *page)
{
    if (page)
        hg__free(page->distance);
    hg__free(page);
}

int hg__page_width(const struct hg__page *page)
{
    return page->width;
}

int hg__page_height(const struct hg__page *page)
{
    return page->height;
}

void hg__page_clear(struct hg__page *page)
{
    for (int y = page->top; y < page->bottom; y++)
        for (int x = page->left; x < page->right; x += LANES) {
            float *place = page->distance + (size_t)y * page->stride + (size_t)x;
            *(lanes_t *)(void *)place = (lanes_t){0} + FAR_AWAY;
        }
    page->left = (int)page->stride;
    page->top = page->height;
    page->right = page->bottom = 0;
}

static lanes_t smaller(lanes_t a, lanes_t b)
{
    mask_t first = a < b;
    return (lanes_t)(((mask_t)a & first) | ((mask_t)b & ~first));
}

static lanes_t larger(lanes_t a, lanes_t b)
{
    mask_t first = a > b;
    return (lanes_t)(((mask_t)a & first) | ((mask_t)b & ~first));
}

static int within(float value, int most)
{
    return value < 0 ? 0 : value > (float)most ? most : (int)value;
}

void hg__page_line(struct hg__page *page, struct hg__point from, struct hg__point to, float reach)
{
    static const lanes_t steps = {0.5f, 1.5f, 2.5f, 3.5f};
    float dx = to.x - from.x, dy = to.y - from.y, length = dx * dx + dy * dy;
    float inverse = length > 0 ? 1 / length : 0, edge = reach + 1;
    int left = within(fminf(from.x, to.x) - edge, page->width) / LANES * LANES;
    int right = within(fmaxf(from.x, to.x) + edge + 1, page->width);
    int top = within(fminf(from.y, to.y) - edge, page->height);
    int bottom = within(fmaxf(from.y, to.y) + edge + 1, page->height);
    int whole = (right + LANES - 1) / LANES * LANES;

    if (left >= right || top >= bottom)
        return;
    page->left = left < page->left ? left : page->left;
    page->top = top < page->top ? top : page->top;
    page->right = whole > page->right ? whole : page->right;
    page->bottom = bottom > page->bottom ? bottom : page->bottom;
    for (int y = top; y < bottom; y++) {
        float *row = page->distance + (size_t)y * page->stride;
        float py = (float)y + 0.5f - from.y;
        for (int x = left; x < right; x += LANES) {
            lanes_t px = (float)x + steps - from.x;
            lanes_t t = larger(smaller((px * dx + py * dy) * inverse, (lanes_t){0} + 1),
                               (lanes_t){0});
            lanes_t ex = px - t * dx, ey = py - t * dy;
            lanes_t *place = (lanes_t *)(void *)(row + x);
            *place = smaller(*place, ex * ex + ey * ey);
        }
    }
}

/* The Catmull-Rom cubic between b and c at t. */
static struct hg__point between(const struct hg__point span[4], float t)
{
    float t2 = t * t, t3 = t2 * t;
    float wa = -t3 + 2 * t2 - t, wb = 3 * t3 - 5 * t2 + 2, wc = -3 * t3 + 4 * t2 + t, wd = t3 - t2;
    struct hg__point point = {
        0.5f * (wa * span[0].x + wb * span[1].x + wc * span[2].x + wd * span[3].x),
        0.5f * (wa * span[0].y + wb * span[1].y + wc * span[2].y + wd * span[3].y)};
    return point;
}

static const struct hg__point *neighbour(const struct hg__point *points, int count, bool closed,
                                         int index)
{
    if (closed)
        index = (index + count) % count;
    return points + (index < 0 ? 0 : index >= count ? count - 1 : index);
}

void hg__page_curve(struct hg__page *page, const struct hg__point *points, int count, bool closed,
                    float reach)
{
    for (int i = 0; i + 1 < count + closed; i++) {
        struct hg__point span[4], last, next;
        float pieces;
        for (int j = 0; j < 4; j++)
            span[j] = *neighbour(points, count, closed, i + j - 1);
        /* Pieces of about two pixels look round; a straight span needs one. */
        pieces = hypotf(span[2].x - span[1].x, span[2].y - span[1].y) * 0.4f + 1;
        if (count == 2)
            pieces = 1;
        pieces = floorf(fminf(pieces, SPAN_MOST));
        last = span[1];
        for (int j = 1; j <= (int)pieces; j++, last = next) {
            next = j == (int)pieces ? span[2] : between(span, (float)j / pieces);
            hg__page_line(page, last, next, reach);
        }
    }
}

void hg__page_ink(const struct hg__page *page, float radius, bool hard, uint8_t *pixels)
{
    float edge = radius + 0.5f;
    int right = page->right < page->width ? page->right : page->width;

    memset(pixels, 0, (size_t)page->width * (size_t)page->height);
    for (int y = page->top; y < page->bottom; y++) {
        const float *row = page->distance + (size_t)y * page->stride;
        uint8_t *out = pixels + (size_t)y * (size_t)page->width;
        for (int x = page->left; x < right; x++) {
            float ink;
            if (row[x] >= edge * edge)
                continue; /* most pixels: no root for them */
            ink = edge - sqrtf(row[x]);
            if (hard)
                ink = ink >= 0.5f ? 1 : 0;
            out[x] = (uint8_t)((ink > 1 ? 1 : ink) * 255 + 0.5f);
        }
    }
}

float hg__page_cover(const struct hg__page *page, int x, int y, float radius)
{
    float ink = radius + 0.5f - sqrtf(page->distance[(size_t)y * page->stride + (size_t)x]);
    return ink < 0 ? 0 : ink > 1 ? 1 : ink;
}

void hg__glyph_rng(struct hg__rng *rng, size_t index, int set)
{
    hg__rng_start(rng, PICTURE_SEED, HG__RNG_DATA, index, (uint64_t)set);
}

float hg__glyph_between(struct hg__rng *rng, float low, float high)
{
    return low + (high - low) * ((float)(hg__rng_bits(rng) >> 8) * 0x1p-24f);
}

float hg__glyph_normal(struct hg__rng *rng)
{
    float sum = 0;

    for (int i = 0; i < 3; i++)
        sum += hg__glyph_between(rng, -1, 1);
    return sum; /* each has variance 1/3 */
}
