/* glyphs.h - the drawing behind the built-in pictures, and the pictures themselves.
 *
 * Strokes are polylines drawn with a round pen. A page keeps for each pixel the
 * squared distance to the nearest stroke; what is inked follows from it at the
 * end, so that strokes join without seams whatever their order.
 */
#ifndef HG_DATA_GLYPHS_H
#define HG_DATA_GLYPHS_H

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HG__DIGIT_CLASSES = 10,
    HG__DIGIT_SAMPLES = 4000,
    HG__DIGIT_SIDE = 28,
    HG__FACE_SAMPLES = 512,
    HG__FACE_SIDE = 32,
    HG__GLYPH_MOST = 512, /* pixels a side */
    HG__GLYPH_HARD = 64   /* from this smaller side on digits are drawn without grey */
};

/* ---- pictures: sample `index` is always the same, class index % classes ---- */

struct hg__page;

/* 8-bit grey, height x width, 0 = background, 255 = ink. Where both sides have
 * at least HG__GLYPH_HARD pixels there is no grey in between. */
void hg__digit_draw(struct hg__page *page, size_t index, uint8_t *pixels);

/* 8-bit colour, three planes (R, G, B) of height x width, over black. The class
 * is the mood: hg__face_moods[index % HG__FACE_MOODS]. */
enum { HG__FACE_MOODS = 8 };
extern const char *const hg__face_moods[HG__FACE_MOODS];
void hg__face_draw(struct hg__page *page, size_t index, uint8_t *pixels);

/* ---- the page ---- */

struct hg__point {
    float x, y;
};

/* A page of width x height pixels for as many pictures as wanted; NULL = no memory. */
struct hg__page *hg__page_create(int width, int height);
void hg__page_destroy(struct hg__page *page);
int hg__page_width(const struct hg__page *page);
int hg__page_height(const struct hg__page *page);

/* Forgets all strokes. */
void hg__page_clear(struct hg__page *page);

/* Draws a straight stroke between two places in pixels (0, 0 = upper left
 * corner), exact for pens of up to `reach` pixels radius. */
void hg__page_line(struct hg__page *page, struct hg__point from, struct hg__point to, float reach);

/* Draws a smooth curve (Catmull-Rom) through all points; `closed` joins its ends. */
void hg__page_curve(struct hg__page *page, const struct hg__point *points, int count, bool closed,
                    float reach);

/* How much of each pixel a pen of this radius covers: 0..255, `hard`: 0 or 255. */
void hg__page_ink(const struct hg__page *page, float radius, bool hard, uint8_t *pixels);

/* The same for one pixel: 0..1. */
float hg__page_cover(const struct hg__page *page, int x, int y, float radius);

/* ---- random numbers of sample `index` of a picture set ---- */

/* The sets are the same for every seed: a first picture should not depend on it. */
void hg__glyph_rng(struct hg__rng *rng, size_t index, int set);

/* About normal (the sum of three uniform numbers), deviation 1, within -3..3. */
float hg__glyph_normal(struct hg__rng *rng);

/* Uniform in low..high. */
float hg__glyph_between(struct hg__rng *rng, float low, float high);

#endif
