/* The faces: an emoji-like head whose features follow from its mood, made
 * different for each sample by skin, build, and where the head is turned. */
#include "data/glyphs.h"

#include <math.h>
#include <string.h>

const char *const hg__face_moods[HG__FACE_MOODS] = {"smile",    "sad",   "surprise", "wink",
                                                    "laughing", "angry", "sleepy",   "neutral"};

struct colour {
    float red, green, blue;
};

/* One eye or mouth is an arc (bend: how far its middle hangs below its ends) or
 * an oval; brows slope inwards (positive = angry). */
enum eye { EYE_OVAL, EYE_WIDE, EYE_ARC, EYE_LID };
enum mouth { MOUTH_ARC, MOUTH_OVAL, MOUTH_BOWL };

struct mood {
    enum eye left, right;
    enum mouth mouth;
    float bend, brow_slope, brow_lift; /* in head radii */
};

static const struct mood moods[HG__FACE_MOODS] = {
    {EYE_OVAL, EYE_OVAL, MOUTH_ARC, 0.24f, 0, 0.02f},
    {EYE_OVAL, EYE_OVAL, MOUTH_ARC, -0.20f, -0.12f, 0},
    {EYE_WIDE, EYE_WIDE, MOUTH_OVAL, 0, -0.02f, 0.12f},
    {EYE_OVAL, EYE_LID, MOUTH_ARC, 0.20f, 0, 0.02f},
    {EYE_ARC, EYE_ARC, MOUTH_BOWL, 0.45f, 0, 0.06f},
    {EYE_OVAL, EYE_OVAL, MOUTH_ARC, -0.14f, 0.16f, -0.06f},
    {EYE_LID, EYE_LID, MOUTH_OVAL, 0, -0.04f, 0.02f},
    {EYE_OVAL, EYE_OVAL, MOUTH_ARC, 0, 0, 0}};

static const struct colour skins[] = {{255, 213, 79}, {255, 224, 178}, {241, 194, 125},
                                      {198, 134, 66}, {141, 85, 36},   {255, 202, 40}};
static const struct colour dark = {52, 36, 32}, white = {250, 250, 250}, mouth_red = {150, 30, 45},
                           tongue = {240, 110, 120};

/* One face on its way onto a page. Lengths are in head radii from its centre. */
struct face {
    struct hg__page *page;
    uint8_t *pixels;
    size_t area; /* of one plane */
    float x, y, radius, tall;
    float turn_x, turn_y, tilt;
    float pen, eyes_apart, eye_size, mouth_width;
    struct colour skin;
};

static struct hg__point at(const struct face *face, float x, float y)
{
    struct hg__point point;

    x += face->turn_x;
    y += face->turn_y;
    point.x = face->x + face->radius * (x - face->tilt * y);
    point.y = face->y + face->radius * (y + face->tilt * x);
    return point;
}

static void blend(const struct face *face, size_t place, struct colour colour, float share)
{
    const float parts[3] = {colour.red, colour.green, colour.blue};

    for (size_t plane = 0; plane < 3; plane++) {
        uint8_t *pixel = face->pixels + plane * face->area + place;
        *pixel = (uint8_t)((float)*pixel + (parts[plane] - (float)*pixel) * share + 0.5f);
    }
}

static int within(float value, int most)
{
    return value < 0 ? 0 : value > (float)most ? most : (int)value;
}

/* Fills the oval about `centre`, only what is lower than `from` (in pixels). */
static void oval(const struct face *face, struct hg__point centre, struct hg__point half,
                 float from, struct colour colour)
{
    int width = hg__page_width(face->page), height = hg__page_height(face->page);
    int left = within(centre.x - half.x - 1, width), right = within(centre.x + half.x + 2, width);
    int top = within(centre.y - half.y - 1, height), below = within(centre.y + half.y + 2, height);

    for (int y = top; y < below; y++)
        for (int x = left; x < right; x++) {
            float dx = ((float)x + 0.5f - centre.x) / half.x;
            float dy = ((float)y + 0.5f - centre.y) / half.y;
            float far = sqrtf(dx * dx + dy * dy);
            float steep = hypotf(dx / half.x, dy / half.y);
            /* the distance to the rim, to first order */
            float share = 0.5f - (steep > 0 ? far * (far - 1) / steep : -half.x);
            share = fminf(share, (float)y + 1 - from);
            if (share > 0)
                blend(face, (size_t)y * (size_t)width + (size_t)x, colour, fminf(share, 1));
        }
}

static struct hg__point half(const struct face *face, float x, float y)
{
    struct hg__point point = {fmaxf(face->radius * x, 0.3f), fmaxf(face->radius * y, 0.3f)};
    return point;
}

/* Strokes from one end to the other over a middle that hangs `bend` below. */
static void arc(const struct face *face, const struct hg__point ends[2], float bend, float thick,
                struct colour colour)
{
    struct hg__point points[5];
    float radius = face->radius * thick, edge = radius + 1;
    int width = hg__page_width(face->page), height = hg__page_height(face->page);
    int top = height, below = 0;

    for (int i = 0; i < 5; i++) {
        float t = (float)i / 4, hang = 4 * t * (1 - t) * bend;
        points[i] = at(face, ends[0].x + t * (ends[1].x - ends[0].x),
                       ends[0].y + t * (ends[1].y - ends[0].y) + hang);
        top = within(fminf(points[i].y - edge, (float)top), height);
        below = within(fmaxf(points[i].y + edge + 1, (float)below), height);
    }
    hg__page_clear(face->page);
    hg__page_curve(face->page, points, 5, false, radius);
    for (int y = top; y < below; y++)
        for (int x = 0; x < width; x++) {
            float share = hg__page_cover(face->page, x, y, radius);
            if (share > 0)
                blend(face, (size_t)y * (size_t)width + (size_t)x, colour, share);
        }
}

static void draw_eye(const struct face *face, enum eye kind, float side)
{
    float x = side * face->eyes_apart, y = -0.18f, size = face->eye_size;
    struct hg__point ends[2] = {{x - size * 1.3f, y}, {x + size * 1.3f, y}};

    switch (kind) {
    case EYE_OVAL:
        oval(face, at(face, x, y), half(face, size, size * 1.45f), -1, dark);
        break;
    case EYE_WIDE:
        oval(face, at(face, x, y), half(face, size * 1.7f, size * 2), -1, white);
        oval(face, at(face, x, y), half(face, size * 0.8f, size * 0.9f), -1, dark);
        break;
    case EYE_ARC:
        arc(face, ends, -size * 1.3f, face->pen, dark);
        break;
    case EYE_LID:
        arc(face, ends, size * 0.5f, face->pen, dark);
        break;
    }
}

static void draw_brow(const struct face *face, const struct mood *mood, float side)
{
    float x = side * face->eyes_apart, y = -0.52f - mood->brow_lift;
    struct hg__point ends[2] = {{x - side * 0.17f, y + mood->brow_slope},
                                {x + side * 0.17f, y - mood->brow_slope}};

    arc(face, ends, -0.04f, face->pen * 0.8f, dark);
}

static void draw_mouth(const struct face *face, const struct mood *mood)
{
    float wide = face->mouth_width, y = 0.42f - mood->bend / 3;
    struct hg__point ends[2] = {{-wide, y}, {wide, y}}, middle = at(face, 0, y);

    if (mood->mouth == MOUTH_ARC) {
        arc(face, ends, mood->bend, face->pen, dark);
    } else if (mood->mouth == MOUTH_OVAL) {
        float open = mood->brow_lift > 0.1f ? 0.21f : 0.10f;
        oval(face, at(face, 0, 0.45f), half(face, open * 0.8f, open), -1, mouth_red);
    } else {
        oval(face, middle, half(face, wide * 1.1f, mood->bend), middle.y, mouth_red);
        oval(face, at(face, 0, y + mood->bend * 0.85f), half(face, wide * 0.6f, mood->bend * 0.4f),
             middle.y, tongue);
    }
}

/* Over the head only, so that nothing hangs out: the tongue is inside the bowl by
 * its size, the rest by where it lies. */
static void draw_head(const struct face *face)
{
    struct colour skin = face->skin;
    struct colour shade = {skin.red * 0.8f, skin.green * 0.72f, skin.blue * 0.7f};
    struct hg__point centre = {face->x, face->y}, lit = {face->x, face->y - face->radius * 0.04f};

    oval(face, centre, half(face, 1, face->tall), -1, shade);
    oval(face, lit, half(face, 0.94f, face->tall * 0.93f), -1, skin);
}

static void draw_cheeks(const struct face *face)
{
    struct colour blush = {255, face->skin.green * 0.62f, face->skin.blue * 0.55f + 40};

    blush.red = fminf(255, face->skin.red * 1.05f);
    for (float side = -1; side <= 1; side += 2)
        oval(face, at(face, side * 0.62f, 0.2f), half(face, 0.17f, 0.11f), -1, blush);
}

static struct face take_face(struct hg__rng *rng, struct hg__page *page, uint8_t *pixels)
{
    float width = (float)hg__page_width(page), height = (float)hg__page_height(page);
    float side = fminf(width, height), light = hg__glyph_between(rng, 0.88f, 1);
    struct face face = {.page = page, .pixels = pixels, .area = (size_t)width * (size_t)height};
    struct colour skin = skins[hg__rng_below(rng, sizeof skins / sizeof *skins)];

    face.x = width / 2 + 0.015f * side * hg__glyph_normal(rng);
    face.y = height / 2 + 0.015f * side * hg__glyph_normal(rng);
    face.radius = side * hg__glyph_between(rng, 0.41f, 0.46f);
    face.tall = hg__glyph_between(rng, 0.96f, 1.06f);
    face.turn_x = 0.07f * hg__glyph_normal(rng);
    face.turn_y = 0.04f * hg__glyph_normal(rng);
    face.tilt = 0.07f * hg__glyph_normal(rng);
    face.pen = hg__glyph_between(rng, 0.055f, 0.085f);
    face.eyes_apart = hg__glyph_between(rng, 0.32f, 0.42f);
    face.eye_size = hg__glyph_between(rng, 0.095f, 0.135f);
    face.mouth_width = hg__glyph_between(rng, 0.36f, 0.48f);
    face.skin.red = skin.red * light;
    face.skin.green = skin.green * light;
    face.skin.blue = skin.blue * light;
    return face;
}

void hg__face_draw(struct hg__page *page, size_t index, uint8_t *pixels)
{
    const struct mood *mood = &moods[index % HG__FACE_MOODS];
    struct hg__rng rng;
    struct face face;

    hg__glyph_rng(&rng, index, 1);
    face = take_face(&rng, page, pixels);
    memset(pixels, 0, 3 * face.area);
    draw_head(&face);
    if (hg__glyph_between(&rng, 0, 1) < 0.5f)
        draw_cheeks(&face);
    draw_eye(&face, mood->left, -1);
    draw_eye(&face, mood->right, 1);
    draw_brow(&face, mood, -1);
    draw_brow(&face, mood, 1);
    draw_mouth(&face, mood);
}
