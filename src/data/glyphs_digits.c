/* The digits as a pen writes them: for each class a few figures, each a list of
 * places in hundredths of the box, made different for each sample. */
#include "data/glyphs.h"

#include <string.h>

enum { POINTS_MOST = 10, FIGURES_MOST = 3 };

/* What stands at a place: o a smooth curve goes through, c it has a corner, l the
 * pen comes down anew, @ (first) the curve closes here. */
struct figure {
    int weight; /* how often among the figures of its class */
    const char *kinds;
    signed char places[POINTS_MOST][2];
};

static const struct figure figures[HG__DIGIT_CLASSES][FIGURES_MOST] = {
    {{7,
      "@ooooooo",
      {{50, 10}, {30, 19}, {22, 48}, {29, 79}, {49, 90}, {70, 80}, {78, 50}, {70, 19}}},
     {3,
      "oooooooo",
      {{58, 11}, {33, 17}, {22, 48}, {29, 79}, {50, 90}, {73, 76}, {77, 42}, {55, 9}}}},
    {{6, "oo", {{50, 10}, {50, 90}}},
     {3, "oco", {{34, 28}, {53, 10}, {53, 90}}},
     {1, "ocolo", {{34, 27}, {51, 10}, {51, 89}, {32, 90}, {70, 90}}}},
    {{6, "oooooco", {{24, 28}, {36, 12}, {58, 10}, {72, 27}, {62, 50}, {24, 89}, {78, 89}}},
     {4,
      "ooooooooo",
      {{26, 24}, {45, 10}, {68, 20}, {66, 45}, {40, 78}, {25, 86}, {26, 74}, {46, 80}, {80, 88}}}},
    {{7,
      "ooocoooo",
      {{26, 18}, {48, 9}, {69, 24}, {43, 46}, {62, 49}, {75, 68}, {55, 89}, {23, 82}}},
     {3, "occooo", {{25, 12}, {70, 12}, {44, 43}, {70, 53}, {66, 84}, {24, 84}}}},
    {{6, "ocolo", {{32, 12}, {22, 56}, {80, 56}, {67, 34}, {63, 90}}},
     {4, "occo", {{64, 90}, {64, 11}, {19, 63}, {82, 63}}}},
    {{6, "occoooo", {{74, 12}, {36, 13}, {31, 44}, {55, 42}, {73, 63}, {58, 88}, {24, 83}}},
     {4,
      "ocoooolo",
      {{37, 12}, {31, 46}, {58, 44}, {74, 65}, {55, 89}, {24, 84}, {36, 13}, {73, 11}}}},
    {{6,
      "oooooooo",
      {{65, 10}, {41, 29}, {27, 62}, {39, 88}, {65, 84}, {70, 62}, {51, 53}, {29, 68}}},
     {4, "ooooooo", {{50, 9}, {30, 40}, {27, 76}, {50, 90}, {72, 74}, {57, 57}, {30, 66}}}},
    {{6, "oco", {{22, 14}, {77, 14}, {43, 90}}},
     {3, "ocolo", {{22, 15}, {77, 13}, {45, 90}, {36, 50}, {71, 50}}},
     {2, "occo", {{24, 24}, {27, 13}, {77, 14}, {50, 90}}}},
    {{7,
      "@ooooooo",
      {{50, 48}, {69, 30}, {51, 10}, {31, 29}, {50, 48}, {73, 70}, {50, 90}, {27, 70}}},
     {3,
      "ooooooooo",
      {{70, 19}, {49, 10}, {31, 28}, {52, 49}, {72, 71}, {49, 90}, {29, 71}, {50, 49}, {73, 22}}}},
    {{6, "oooocoo", {{71, 28}, {51, 11}, {29, 29}, {43, 49}, {70, 32}, {70, 58}, {62, 90}}},
     {4,
      "oooocooo",
      {{71, 26}, {46, 10}, {29, 32}, {49, 49}, {71, 28}, {72, 66}, {54, 90}, {29, 84}}}}};

/* How one sample is written. */
struct hand {
    float xx, xy, yx, yy, x, y; /* figure to page */
    float side;                 /* pixels of the box */
    float radius;               /* of the pen, in pixels */
};

/* Radius in boxes; without grey, at 64 pixels and more, somewhat broader: a half-covered pixel is
 * no ink there. */
static const float pen = 0.041f, brush = 0.045f;

static struct hand take_hand(struct hg__rng *rng, const struct hg__page *page, bool hard)
{
    float width = (float)hg__page_width(page), height = (float)hg__page_height(page);
    float side = width < height ? width : height;
    float angle = 0.10f * hg__glyph_normal(rng), shear = 0.13f * hg__glyph_normal(rng) - 0.10f;
    float wide = 0.76f * side * (1 + 0.10f * hg__glyph_normal(rng));
    float high = 0.80f * side * (1 + 0.045f * hg__glyph_normal(rng));
    struct hand hand;

    /* Small angles: the rotation's series is near enough and the same everywhere. */
    hand.xx = wide * (1 - angle * angle / 2);
    hand.yx = wide * angle;
    hand.xy = high * (shear - angle);
    hand.yy = high * (1 - angle * angle / 2);
    hand.x = width / 2 + 0.017f * side * hg__glyph_normal(rng);
    hand.y = height / 2 + 0.017f * side * hg__glyph_normal(rng);
    hand.side = side;
    hand.radius = side * ((hard ? brush : pen) + 0.007f * hg__glyph_normal(rng));
    return hand;
}

static struct hg__point write_place(const struct hand *hand, struct hg__rng *rng,
                                    const signed char place[2])
{
    float x = (float)place[0] / 100 - 0.5f + 0.006f * hg__glyph_normal(rng);
    float y = (float)place[1] / 100 - 0.5f + 0.006f * hg__glyph_normal(rng);
    struct hg__point point = {hand->x + hand->xx * x + hand->xy * y,
                              hand->y + hand->yx * x + hand->yy * y};
    return point;
}

static const struct figure *take_figure(const struct figure *class, uint32_t bits)
{
    int sum = 0, at, index = 0;

    for (int i = 0; i < FIGURES_MOST; i++)
        sum += class[i].weight;
    at = (int)(bits % (uint32_t)sum);
    while (at >= class[index].weight)
        at -= class[index++].weight;
    return class + index;
}

void hg__digit_draw(struct hg__page *page, size_t index, uint8_t *pixels)
{
    struct hg__rng rng;
    const struct figure *figure;
    struct hg__point points[POINTS_MOST];
    struct hand hand;
    int first = 0, count;
    bool hard = hg__page_width(page) >= HG__GLYPH_HARD && hg__page_height(page) >= HG__GLYPH_HARD;

    hg__glyph_rng(&rng, index, 0);
    figure = take_figure(figures[index % HG__DIGIT_CLASSES], hg__rng_bits(&rng));
    hand = take_hand(&rng, page, hard);
    count = (int)strlen(figure->kinds);
    for (int i = 0; i < count; i++)
        points[i] = write_place(&hand, &rng, figure->places[i]);
    hg__page_clear(page);
    for (int i = 1; i <= count; i++) {
        char kind = figure->kinds[i]; /* NUL at the end */
        if (kind == 'o')
            continue;
        hg__page_curve(page, points + first, i - first + (kind == 'c'), figure->kinds[0] == '@',
                       hand.radius);
        first = i;
    }
    hg__page_ink(page, hand.radius, hard, pixels);
}
