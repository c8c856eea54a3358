/* palette.c - colours of the xterm-256 palette, and the scales made of them. */
#include "tui/theme.h"

/* viridis in colours of the 6 x 6 x 6 cube, luminance rising */
static const int16_t viridis_256[] = {53, 54, 24, 30, 36, 72, 77, 113, 149, 184, 220, 226};
static const int16_t viridis_16[] = {4, 6, 10, 11};
static const int16_t viridis_8[] = {4, 6, 2, 3};
static const int16_t grey_16[] = {0, 8, 7, 15};
static const int16_t grey_8[] = {0, 7};
static const int16_t mono_256[] = {16, 231};
static const int16_t mono_16[] = {0, 15};

static const int16_t difference_256[UI_DIFFERENCE_STEPS] = {39, 32, 25,  18,  17, 234,
                                                            52, 94, 130, 172, 214};
static const int16_t difference_16[UI_DIFFERENCE_STEPS] = {12, 12, 4, 4, 0, 0, 0, 3, 3, 11, 11};
static const int16_t difference_8[UI_DIFFERENCE_STEPS] = {4, 4, 4, 4, 0, 0, 0, 3, 3, 3, 3};

enum { GREYS = 24, FIRST_GREY = 232 };

#define SCALE(table) ((struct scale){table, (int)(sizeof(table) / sizeof *(table))})

struct scale {
    const int16_t *colours; /* NULL: the grey ramp */
    int steps;
};

static struct scale scale_of(const struct ui_theme *theme)
{
    if (theme->palette == HG_PALETTE_VIRIDIS) {
        return theme->colours >= 256  ? SCALE(viridis_256)
               : theme->colours >= 16 ? SCALE(viridis_16)
                                      : SCALE(viridis_8);
    }
    if (theme->palette == HG_PALETTE_MONO) {
        return theme->colours >= 256  ? SCALE(mono_256)
               : theme->colours >= 16 ? SCALE(mono_16)
                                      : SCALE(grey_8);
    }
    if (theme->colours >= 256) {
        return (struct scale){NULL, GREYS};
    }
    return theme->colours >= 16 ? SCALE(grey_16) : SCALE(grey_8);
}

int ui_palette_steps(const struct ui_theme *theme)
{
    return theme->colours == 0 ? 2 : scale_of(theme).steps;
}

int16_t ui_palette_colour(const struct ui_theme *theme, int step)
{
    struct scale scale = scale_of(theme);

    if (theme->colours == 0) {
        return UI_DEFAULT;
    }
    step = step < 0 ? 0 : step >= scale.steps ? scale.steps - 1 : step;
    return scale.colours == NULL ? (int16_t)(FIRST_GREY + step) : scale.colours[step];
}

int16_t ui_palette_difference(const struct ui_theme *theme, int step)
{
    step = step < 0 ? 0 : step >= UI_DIFFERENCE_STEPS ? UI_DIFFERENCE_STEPS - 1 : step;
    if (theme->colours == 0) {
        return UI_DEFAULT;
    }
    return theme->colours >= 256  ? difference_256[step]
           : theme->colours >= 16 ? difference_16[step]
                                  : difference_8[step];
}

void ui_colour_split(int16_t colour, int *r, int *g, int *b)
{
    static const unsigned char base[16][3] = {
        {0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
        {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
        {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
        {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255},
    };
    static const unsigned char level[6] = {0, 95, 135, 175, 215, 255};
    int index = colour < 0 ? 7 : colour > 255 ? 255 : colour;

    if (index < 16) {
        *r = base[index][0];
        *g = base[index][1];
        *b = base[index][2];
    } else if (index < FIRST_GREY) {
        *r = level[(index - 16) / 36];
        *g = level[(index - 16) / 6 % 6];
        *b = level[(index - 16) % 6];
    } else {
        *r = *g = *b = 8 + 10 * (index - FIRST_GREY);
    }
}

/* How far two colours look apart; weights after Riemersma's "redmean". */
static int distance(int16_t colour, int r, int g, int b)
{
    int r2, g2, b2, mean;

    ui_colour_split(colour, &r2, &g2, &b2);
    mean = (r + r2) / 2;
    return (512 + mean) * (r - r2) * (r - r2) / 256 + 4 * (g - g2) * (g - g2) +
           (767 - mean) * (b - b2) * (b - b2) / 256;
}

static int cube_level(int value)
{
    return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
}

int16_t ui_colour_rgb(int colours, int r, int g, int b)
{
    int16_t best = 0, cube, grey;
    int mean = (r + g + b) / 3;

    if (colours == 0) {
        return UI_DEFAULT;
    }
    if (colours >= 256) {
        cube = (int16_t)(16 + 36 * cube_level(r) + 6 * cube_level(g) + cube_level(b));
        grey = (int16_t)(FIRST_GREY + (mean < 8 ? 0 : mean > 238 ? GREYS - 1 : (mean - 3) / 10));
        return distance(grey, r, g, b) < distance(cube, r, g, b) ? grey : cube;
    }
    for (int16_t i = 1; i < (colours >= 16 ? 16 : 8); i++) {
        if (distance(i, r, g, b) < distance(best, r, g, b)) {
            best = i;
        }
    }
    return best;
}

int16_t ui_colour_map(int colours, int16_t colour)
{
    int r, g, b;

    if (colour < 0 || colours == 0) {
        return UI_DEFAULT;
    }
    if (colour < colours) {
        return colour;
    }
    ui_colour_split(colour, &r, &g, &b);
    return ui_colour_rgb(colours, r, g, b);
}
