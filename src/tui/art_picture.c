/* art_picture.c - a picture in half blocks, background colours, Braille or characters. */
#include "tui/art.h"
#include "tui/art_grid.h"

#include <math.h>
#include <stdlib.h>

enum { DITHER_BELOW = 5, SIGN_STEPS = 5, FINE = 16, NONE = -1 };

/* A step is left only when the value is this far from it, in steps: where they are
 * fine, a little more than they differ is not seen. */
static const double keep = 0.7, keep_fine = 0.95;
/* Share of the range at which a difference has its strongest colour. */
static const double saturated = 0.6;

static const char ramp[] = " .:-=+*#%@";
static const char signs[] = "=- +#";

static const unsigned char bayer[4][4] = {
    {0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
/* Bits of the Braille dots, by row and column. */
static const unsigned char dots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

/* How one picture is drawn. */
struct job {
    struct ui_canvas *canvas;
    const struct ui_theme *theme;
    const struct ui_picture *picture;
    struct ui_art_memory *memory; /* NULL: none */
    struct ui_grid grid;
    bool colour;  /* of 3 channels */
    bool signed_; /* two colours around 0 */
    bool split;   /* dots: where it is far from 0, in the colour of the sign */
    int steps;
    bool dither;
};

static size_t plane_size(const struct job *job)
{
    return (size_t)job->grid.source_rows * (size_t)job->grid.source_columns;
}

/* One channel at a sub-pixel; the difference when there is a reference. */
static double channel_value(const struct job *job, int channel, int row, int column)
{
    size_t offset = (size_t)channel * plane_size(job);
    double value = ui_grid_sample(&job->grid, job->picture->values + offset, row, column);

    if (job->picture->reference != NULL) {
        value -= ui_grid_sample(&job->grid, job->picture->reference + offset, row, column);
    }
    return value;
}

/* The value drawn where colour is not: one channel, or of three the luminance. */
static double grey_value(const struct job *job, int row, int column)
{
    const struct ui_picture *picture = job->picture;

    if (picture->channel < 0 && picture->shape.channels == 3) {
        return 0.299 * channel_value(job, 0, row, column) +
               0.587 * channel_value(job, 1, row, column) +
               0.114 * channel_value(job, 2, row, column);
    }
    return channel_value(job, picture->channel < 0 ? 0 : picture->channel, row, column);
}

/* A value as 0..1. */
static double level(const struct job *job, double value)
{
    double range = job->picture->highest - job->picture->lowest;

    if (!(range > 0)) {
        range = 1;
    }
    value = job->picture->reference != NULL ? 0.5 + value / range / (2 * saturated)
            : job->split                    ? fabs(value) / (range / 2)
                                            : (value - job->picture->lowest) / range;
    return value > 0 ? fmin(value, 1) : 0; /* NaN: 0 */
}

static int16_t *remembered(const struct job *job, int row, int column)
{
    return job->memory == NULL
               ? NULL
               : &job->memory->steps[(size_t)row * (size_t)job->grid.columns + (size_t)column];
}

/* The step of a sub-pixel: the nearest one, or the last one while it is near. */
static int grey_step(const struct job *job, int row, int column)
{
    int16_t *last = remembered(job, row, column);
    double place = level(job, grey_value(job, row, column)) * (job->steps - 1), hold = keep;
    int step;

    if (job->dither) {
        place += (bayer[row & 3][column & 3] + 0.5) / 16 - 0.5;
    }
    step = (int)floor(place + 0.5);
    step = step < 0 ? 0 : step >= job->steps ? job->steps - 1 : step;
    if (job->steps > FINE && step > 0) { /* at the bottom it would be seen: ghosts on black */
        hold = keep_fine;
    }
    if (last != NULL && *last != NONE && fabs(place - *last) < hold) {
        return *last;
    }
    if (last != NULL) {
        *last = (int16_t)step;
    }
    return step;
}

static int apart(int16_t colour, const int rgb[3])
{
    int r, g, b;

    ui_colour_split(colour, &r, &g, &b);
    return abs(r - rgb[0]) + abs(g - rgb[1]) + abs(b - rgb[2]);
}

static int16_t rgb_colour(const struct job *job, int row, int column)
{
    enum { SLACK = 24 };
    int16_t *last = remembered(job, row, column);
    int16_t colour;
    int rgb[3];

    for (int i = 0; i < 3; i++) {
        rgb[i] = (int)(255 * level(job, channel_value(job, i, row, column)) + 0.5);
    }
    colour = ui_colour_rgb(job->theme->colours, rgb[0], rgb[1], rgb[2]);
    if (last == NULL) {
        return colour;
    }
    if (*last == NONE || apart(*last, rgb) > apart(colour, rgb) + SLACK) {
        *last = colour;
    }
    return *last;
}

/* Colour of a sub-pixel; UI_DEFAULT below the picture's last row. */
static int16_t colour_at(const struct job *job, int row, int column)
{
    if (row >= job->grid.rows) {
        return UI_DEFAULT;
    }
    if (job->colour) {
        return rgb_colour(job, row, column);
    }
    return job->signed_ ? ui_palette_difference(job->theme, grey_step(job, row, column))
                        : ui_palette_colour(job->theme, grey_step(job, row, column));
}

static void draw_halves(const struct job *job, int row, int column)
{
    int16_t top = colour_at(job, 2 * row, column), bottom = colour_at(job, 2 * row + 1, column);
    struct ui_style style = {top, bottom, 0};
    const struct ui_cell *left = ui_canvas_at(job->canvas, job->grid.rect.row + row,
                                              job->grid.rect.column + column - 1);
    bool same = top == bottom;

    if (same) { /* a blank: with its neighbour's foreground there is less to send */
        style.fg = column > 0 && left != NULL ? left->style.fg : top;
    }
    ui_canvas_set(job->canvas, job->grid.rect.row + row, job->grid.rect.column + column, style,
                  same ? ' ' : 0x2580);
}

/* Half blocks without colours: lit or not. */
static void draw_plain_halves(const struct job *job, int row, int column)
{
    static const uint32_t glyphs[4] = {' ', 0x2580, 0x2584, 0x2588};
    int lit = grey_step(job, 2 * row, column) > 0 ? 1 : 0;

    if (2 * row + 1 < job->grid.rows && grey_step(job, 2 * row + 1, column) > 0) {
        lit += 2;
    }
    ui_canvas_set(job->canvas, job->grid.rect.row + row, job->grid.rect.column + column,
                  job->theme->role[UI_ROLE_VALUE], glyphs[lit]);
}

static void draw_background(const struct job *job, int row, int column)
{
    struct ui_style style = {UI_DEFAULT, colour_at(job, row, column), 0};

    ui_canvas_set(job->canvas, job->grid.rect.row + row, job->grid.rect.column + column, style,
                  ' ');
}

static void draw_ramp(const struct job *job, int row, int column)
{
    struct ui_style style = job->theme->role[UI_ROLE_VALUE];
    int step = grey_step(job, row, column);

    if (job->theme->palette == HG_PALETTE_VIRIDIS && job->theme->colours > 0) {
        style.fg = ui_palette_colour(job->theme,
                                     (step + 1) * ui_palette_steps(job->theme) / (job->steps + 1));
    }
    ui_canvas_set(job->canvas, job->grid.rect.row + row, job->grid.rect.column + column, style,
                  (uint32_t)(unsigned char)ramp[step]);
}

/* A difference in characters: - and = too dark, + and # too bright. */
static void draw_sign(const struct job *job, int row, int column)
{
    struct ui_style style = job->theme->role[UI_ROLE_VALUE];
    int step = grey_step(job, row, column);

    if (job->theme->palette != HG_PALETTE_MONO && step != SIGN_STEPS / 2) {
        style.fg = ui_palette_difference(job->theme, step < SIGN_STEPS / 2 ? 1 : 9);
    }
    ui_canvas_set(job->canvas, job->grid.rect.row + row, job->grid.rect.column + column, style,
                  (uint32_t)(unsigned char)signs[step]);
}

/* What outweighs in a cell of dots: a colour, or bright and dim. */
static struct ui_style sign_style(const struct job *job, int row, int column)
{
    struct ui_style style = job->theme->role[UI_ROLE_VALUE];
    double sum = 0;

    for (int y = 0; y < 4 && 4 * row + y < job->grid.rows; y++) {
        sum += grey_value(job, 4 * row + y, 2 * column) +
               grey_value(job, 4 * row + y, 2 * column + 1);
    }
    style.fg = ui_palette_difference(job->theme, sum < 0 ? 1 : 9);
    if (job->theme->colours == 0 || job->theme->palette == HG_PALETTE_MONO) {
        style.fg = UI_DEFAULT;
        style.attributes |= sum < 0 ? UI_DIM : UI_BOLD;
    }
    return style;
}

static void draw_dots(const struct job *job, int row, int column)
{
    struct ui_style style = job->theme->role[UI_ROLE_VALUE];
    uint32_t mask = 0;
    int lit = 0;

    for (int y = 0; y < 4 && 4 * row + y < job->grid.rows; y++) {
        for (int x = 0; x < 2; x++) {
            if (grey_step(job, 4 * row + y, 2 * column + x) > 0) {
                mask |= dots[y][x];
                lit++;
            }
        }
    }
    if (job->split) {
        style = sign_style(job, row, column);
    } else if (job->theme->palette == HG_PALETTE_VIRIDIS && job->theme->colours > 0) {
        style.fg = ui_palette_colour(job->theme, lit * (ui_palette_steps(job->theme) - 1) / 8);
    }
    ui_canvas_set(job->canvas, job->grid.rect.row + row, job->grid.rect.column + column, style,
                  mask == 0 ? ' ' : 0x2800 + mask);
}

/* Makes the memory fit the grid, all steps forgotten when it did not. */
static bool remember(struct ui_art_memory *memory, const struct job *job)
{
    size_t pixels = (size_t)job->grid.rows * (size_t)job->grid.columns;
    int kind = ((int)job->grid.kind * 1024 + job->steps) * 4 + job->colour * 2 + job->signed_;

    if (memory->rows == job->grid.rows && memory->columns == job->grid.columns &&
        memory->kind == kind && memory->steps != NULL) {
        return true;
    }
    if (pixels > memory->room) {
        int16_t *steps = realloc(memory->steps, pixels * sizeof *steps);
        if (steps == NULL) {
            return false;
        }
        memory->steps = steps;
        memory->room = pixels;
    }
    memory->rows = job->grid.rows;
    memory->columns = job->grid.columns;
    memory->kind = kind;
    for (size_t i = 0; i < pixels; i++) {
        memory->steps[i] = NONE;
    }
    return true;
}

typedef void draw_cell(const struct job *job, int row, int column);

/* Chooses grid, steps and the way to draw a cell. */
static draw_cell *choose(struct job *job, struct ui_rect rect)
{
    const struct ui_theme *theme = job->theme;
    const struct ui_picture *picture = job->picture;
    bool blocks = theme->art == HG_ART_BLOCKS && (theme->colours > 0 || theme->utf8);
    bool coloured = theme->colours > 0 && theme->palette != HG_PALETTE_MONO;
    bool smooth = coloured && ui_palette_steps(theme) > SIGN_STEPS; /* 0 is the middle */
    enum ui_grid_kind kind = UI_GRID_CELLS;
    draw_cell *draw = draw_ramp;

    job->signed_ = picture->reference != NULL ||
                   (picture->diverging && picture->shape.channels != 3 && !(blocks && smooth));
    if (picture->diverging && theme->art == HG_ART_BRAILLE && theme->utf8) {
        kind = UI_GRID_DOTS;
        draw = draw_dots;
        job->steps = 2;
        job->split = job->signed_;
        job->signed_ = false;
    } else if (job->signed_ && !(blocks && coloured)) {
        job->steps = SIGN_STEPS;
        draw = draw_sign;
    } else if (blocks) {
        kind = theme->utf8 ? UI_GRID_HALVES : UI_GRID_CELLS;
        draw = !theme->utf8         ? draw_background
               : theme->colours > 0 ? draw_halves
                                    : draw_plain_halves;
        job->steps = job->signed_ ? UI_DIFFERENCE_STEPS : ui_palette_steps(theme);
        job->colour = coloured && theme->colours >= 16 && picture->channel < 0 &&
                      picture->shape.channels == 3 && !job->signed_;
    } else if (theme->art == HG_ART_BRAILLE && theme->utf8) {
        kind = UI_GRID_DOTS;
        draw = draw_dots;
        job->steps = 2;
    } else {
        job->steps = (int)sizeof ramp - 1;
    }
    job->dither = job->steps < DITHER_BELOW && !job->signed_;
    ui_grid_fit(&job->grid, kind, rect, picture->shape.rows, picture->shape.columns);
    return draw;
}

void ui_art_picture(struct ui_canvas *canvas, const struct ui_theme *theme, struct ui_rect rect,
                    const struct ui_picture *picture, struct ui_art_memory *memory)
{
    struct job job = {.canvas = canvas, .theme = theme, .picture = picture};
    draw_cell *draw;

    if (ui_rect_empty(rect) || picture->values == NULL || picture->shape.channels < 1 ||
        picture->channel >= picture->shape.channels) {
        return;
    }
    draw = choose(&job, rect);
    if (memory != NULL && remember(memory, &job)) {
        job.memory = memory;
    }
    for (int row = 0; row < job.grid.rect.rows; row++) {
        for (int column = 0; column < job.grid.rect.columns; column++) {
            draw(&job, row, column);
        }
    }
}
