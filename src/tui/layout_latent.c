/* layout_latent.c - where the panels of view 2 stand. */
#include "tui/art_grid.h"
#include "tui/latent.h"

#include <string.h>

enum {
    MARGIN = 2,       /* columns of the decoded picture's panel beside it */
    NARROW = 14,      /* columns of the side, where the screen is narrow */
    SIDE = 28,        /* ... else: a slider or "nearest #3770 "9" at 0.10" */
    WIDE = 58,        /* columns of a screen that is not narrow */
    PLANE_LEAST = 16, /* columns */
    DOUBLE = 45,      /* rows from which a small picture is drawn twice as large */
    TALL = 28,        /* rows from which there is a lower part */
    LOWER_LEAST = 10, /* rows of it, its rule included */
    PCA_LEAST = 7,    /* ... below the bars of a table row */
    BARS_COLUMNS = 42,
    SLIDERS_GOOD = 8,
    GRID_HIGH = 6, /* rows of a picture of the grid that is not told from a smudge */
    GRID_LEAST = 4,
    GRID_ACROSS = 16
};

struct plan {
    const struct ui_latent_wishes *wishes;
    struct ui_latent_layout *out;
    int rows, columns; /* between header and sentence */
    int side, high;    /* columns of the side; rows of the decoded picture with its rule */
    int facts, sliders, lower;
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static void set(struct plan *plan, enum ui_latent_place place, struct ui_rect rect)
{
    bool line = place == UI_LATENT_SLIDERS || place == UI_LATENT_FACTS;

    if (rect.rows >= (line ? 1 : 2) && rect.columns >= 1) {
        rect.row++;
        plan->out->place[place] = rect;
    }
}

/* Cells of the decoded picture, or bars, in at most rows x columns. */
static struct ui_rect decoded_size(const struct plan *plan, int rows, int columns)
{
    const struct ui_latent_wishes *wishes = plan->wishes;
    struct ui_rect room = {0, 0, rows, columns};
    struct ui_grid grid;

    if (!wishes->image) {
        int want = wishes->features > 1000 ? 1000 : (int)wishes->features;
        want = 2 * want - 1 <= rows * 2 / 3 ? 2 * want - 1 : want;
        return (struct ui_rect){0, 0, least(want, most(rows * 2 / 3, least(rows, 4))),
                                least(columns, BARS_COLUMNS)};
    }
    ui_grid_fit(&grid, UI_GRID_HALVES, room, wishes->rows, wishes->columns);
    return grid.rect;
}

/* The side's width and the picture's height. False: no room for a side. */
static bool fit_side(struct plan *plan)
{
    int wide = plan->columns >= WIDE, size = plan->wishes->sliders > 0 ? 2 : 0;
    int below = plan->rows >= 18 ? 2 + size : plan->rows >= 12 ? 2 : plan->rows >= 8 ? 1 : 0;
    int columns = most(plan->columns * 45 / 100, wide ? SIDE + MARGIN : NARROW) - MARGIN;
    int rows = plan->rows - 1 - below;
    struct ui_rect picture;

    if (plan->rows < 5 || plan->columns < PLANE_LEAST + NARROW) {
        return false;
    }
    if (plan->rows >= TALL) { /* some is left for the lower part */
        int some = least((int)plan->wishes->sliders, plan->rows < DOUBLE ? 4 : 2);
        int lower = plan->wishes->image && wide ? LOWER_LEAST + 5 + some : plan->rows / 3;
        rows = least(rows, plan->rows - 1 - lower);
    }
    picture = decoded_size(plan, rows, columns);
    plan->side = most(picture.columns + MARGIN, wide ? SIDE : NARROW);
    plan->side = least(plan->side, plan->columns - PLANE_LEAST);
    plan->high = most(picture.rows, 2) + 1;
    return true;
}

/* How the rows below the decoded picture are shared: facts, sliders, the lower part. */
static void share_side(struct plan *plan)
{
    int rest = plan->rows - plan->high, want = (int)least((int)plan->wishes->sliders, SLIDERS_GOOD);
    int lower_least = plan->wishes->image ? LOWER_LEAST : PCA_LEAST;
    int room;

    plan->facts = least(plan->rows >= TALL ? 3 : 2, most(rest, 0));
    room = rest - plan->facts - 2 - lower_least;
    if (plan->columns >= WIDE && room >= least(want, 2) &&
        (plan->rows >= TALL || !plan->wishes->image)) {
        plan->sliders = most(least(want, room - 3), least(want, least(room, 4)));
        plan->lower = rest - plan->facts - 2 - plan->sliders;
    } else {
        plan->sliders = least((int)least((int)plan->wishes->sliders, 64), rest - plan->facts);
    }
}

static void set_side(struct plan *plan)
{
    int left = plan->columns - plan->side, row = plan->high;
    int gaps = plan->rows - plan->lower - plan->high - plan->sliders - plan->facts;

    set(plan, UI_LATENT_DECODED, (struct ui_rect){0, left, plan->high, plan->side});
    row += gaps > 0;
    set(plan, UI_LATENT_SLIDERS,
        (struct ui_rect){row, left + 1, plan->sliders, plan->side - MARGIN});
    row += plan->sliders + (gaps > 1 && plan->sliders > 0);
    set(plan, UI_LATENT_FACTS, (struct ui_rect){row, left + 1, plan->facts, plan->side - MARGIN});
}

/* As many rows of pictures as can be told from smudges, of the picture's shape. */
static void fit_grid(struct plan *plan, struct ui_rect body)
{
    struct ui_latent_grid *grid = &plan->out->grid;
    int pixels = plan->wishes->rows, good = least(GRID_HIGH, most((pixels + 1) / 2, GRID_LEAST));
    int down = most((body.rows + 1) / (good + 1), 1), wide;

    if (down == 1 && body.rows / 2 >= good - 1) { /* two rows a little smaller, without a gap */
        down = 2;
    }
    grid->high = (body.rows - (down - 1)) / down;
    if (grid->high < good) {
        grid->high = body.rows / down;
    }
    wide = (2 * grid->high * plan->wishes->columns + pixels - 1) / pixels;
    grid->wide = least(most(wide, 2), body.columns);
    grid->down = least(down, HG_LATENT_CELLS / GRID_ACROSS);
    grid->across = least(body.columns / (grid->wide + 1), GRID_ACROSS);
    grid->across = most(grid->across, 1);
}

static void set_lower(struct plan *plan)
{
    int left = plan->columns - plan->side, row = plan->rows - plan->lower;

    set(plan, UI_LATENT_PCA, (struct ui_rect){row, left, plan->lower, plan->side});
    if (plan->wishes->image) {
        set(plan, UI_LATENT_GRID, (struct ui_rect){row, 0, plan->lower, left - 1});
        fit_grid(plan, ui_latent_body(plan->out, UI_LATENT_GRID));
    }
}

void ui_layout_latent(int rows, int columns, const struct ui_latent_wishes *wishes,
                      struct ui_latent_layout *layout)
{
    struct plan plan = {.wishes = wishes, .out = layout, .rows = rows - 3, .columns = columns};
    int upper;

    memset(layout, 0, sizeof *layout);
    if (plan.rows < 2 || columns < 2) {
        return;
    }
    if (!fit_side(&plan)) {
        set(&plan, UI_LATENT_PLANE, (struct ui_rect){0, 0, plan.rows, columns});
        return;
    }
    share_side(&plan);
    set_side(&plan);
    if (plan.lower > 0) {
        set_lower(&plan);
    }
    upper = wishes->image ? plan.rows - plan.lower : plan.rows;
    set(&plan, UI_LATENT_PLANE, (struct ui_rect){0, 0, upper, columns - plan.side - 1});
}

struct ui_rect ui_latent_body(const struct ui_latent_layout *layout, enum ui_latent_place place)
{
    struct ui_rect rect = layout->place[place];

    if (!ui_rect_empty(rect) && place != UI_LATENT_SLIDERS && place != UI_LATENT_FACTS) {
        rect.row++;
        rect.rows--;
    }
    return rect;
}

struct ui_rect ui_latent_slot(const struct ui_latent_grid *grid, struct ui_rect body, int row,
                              int column)
{
    int left = column * body.columns / grid->across, top = row * body.rows / grid->down;
    int right = (column + 1) * body.columns / grid->across;

    return (struct ui_rect){body.row + top, body.column + left + (right - left - grid->wide) / 2,
                            grid->high, grid->wide};
}
