#include "tui/layout.h"
#include "tui/art_grid.h"

#include <string.h>

enum {
    MARGIN = 2,        /* columns of a picture panel beside the picture */
    LEAST_PANEL = 12,  /* columns of a picture panel: its title must be readable */
    LEAST_PICTURE = 4, /* rows of a picture */
    CODE_SMALL = 12,
    CODE_GOOD = 20,
    NOW_COLUMNS = 26, /* of the facts */
    NOW_ROWS = 7,
    BARS_COLUMNS = 42,
    BARS_ROWS = 4,
    TALL = 26,     /* rows below the pictures from which code stands under the loss */
    CODE_WIDE = 64 /* columns beside two pictures from which the scatter stays there */
};

/* The space for panels, and what has been decided about the pictures. */
struct plan {
    const struct ui_wishes *wishes;
    struct ui_layout *out;
    int top, rows, columns;
    int panel, high; /* of a picture panel: columns, rows with the rule; 0 = none */
    bool code, loss;
};

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static void set(struct plan *plan, enum ui_place place, int row, int column, int rows, int columns)
{
    if (rows >= 2 && columns >= 1) {
        plan->out->place[place] = (struct ui_rect){plan->top + row, column, rows, columns};
    }
}

/* Rows the loss chart must get, its rule included. */
static int loss_rows(int rows)
{
    return rows >= 18 ? most(6, rows / 5) : rows >= 9 ? 3 + (rows - 9) / 3 : 3;
}

/* Cells of a picture that may take at most rows x columns. */
static struct ui_rect picture_size(const struct ui_wishes *wishes, int rows, int columns)
{
    struct ui_rect room = {0, 0, rows, columns};
    struct ui_grid grid;

    if (!wishes->image) {
        int want = wishes->features > 1000 ? 1000 : (int)wishes->features;
        want = most(want, rows * 2 / 3); /* the scatter beside the bars needs height, too */
        return (struct ui_rect){0, 0, least(rows, most(want, BARS_ROWS)),
                                least(columns, BARS_COLUMNS)};
    }
    ui_grid_fit(&grid, UI_GRID_HALVES, room, wishes->rows, wishes->columns);
    return grid.rect;
}

/* Tries to place two pictures of equal size; true when they can be seen. */
static bool fit_pictures(struct plan *plan, bool code, bool loss)
{
    int beside = !code ? 0 : plan->columns >= 76 ? CODE_GOOD : CODE_SMALL;
    int rows = plan->rows - (loss ? loss_rows(plan->rows) : 0) - 1;
    int columns = (plan->columns - beside) / 2 - MARGIN;
    struct ui_rect size;

    if (rows < LEAST_PICTURE || columns < LEAST_PANEL - MARGIN) {
        return false;
    }
    size = picture_size(plan->wishes, rows, columns);
    plan->panel = most(size.columns + MARGIN, LEAST_PANEL);
    plan->high = most(size.rows, LEAST_PICTURE) + 1;
    plan->code = code;
    plan->loss = loss;
    return true;
}

/* Pictures, difference and facts above; loss and code below. */
static void wide_below(struct plan *plan)
{
    int split = plan->columns * 7 / 12, low = plan->rows - plan->high;

    set(plan, UI_PLACE_DIFFERENCE, 0, 2 * plan->panel, plan->high, plan->panel);
    set(plan, UI_PLACE_NOW, 0, 3 * plan->panel, plan->high, plan->columns - 3 * plan->panel);
    set(plan, UI_PLACE_LOSS, plan->high, 0, low, split);
    set(plan, UI_PLACE_CODE, plan->high, split, low, plan->columns - split);
}

/* A narrow, tall screen: facts beside the pictures; loss and code below each other. */
static void stacked(struct plan *plan)
{
    int low = plan->rows - plan->high, upper = low * 2 / 5;

    set(plan, UI_PLACE_NOW, 0, 2 * plan->panel, plan->high, plan->columns - 2 * plan->panel);
    set(plan, UI_PLACE_LOSS, plan->high, 0, upper, plan->columns);
    set(plan, UI_PLACE_CODE, plan->high + upper, 0, low - upper, plan->columns);
}

/* The row below the pictures: loss, then facts and difference where there is room. */
static void lower_row(struct plan *plan)
{
    int low = plan->rows - plan->high;
    int left = 2 * plan->panel, right = plan->columns - left, error;
    struct ui_rect size;

    if (low <= NOW_ROWS || right < NOW_COLUMNS || left < 40) {
        set(plan, UI_PLACE_LOSS, plan->high, 0, low, plan->columns);
        return;
    }
    set(plan, UI_PLACE_LOSS, plan->high, 0, low, left);
    size = picture_size(plan->wishes, low - 1, most(right - NOW_COLUMNS - MARGIN, 1));
    error = size.columns + MARGIN;
    if (!plan->wishes->image || size.rows < 8 || size.columns < 16) {
        error = 0;
    }
    set(plan, UI_PLACE_NOW, plan->high, left, low, right - error);
    if (error > 0) {
        set(plan, UI_PLACE_DIFFERENCE, plan->high, plan->columns - error, low, error);
    }
}

static void with_pictures(struct plan *plan)
{
    int beside = plan->columns - 2 * plan->panel, low = plan->rows - plan->high;

    if (!plan->loss) {
        plan->high = plan->rows;
    }
    if (!plan->code) {
        plan->panel = plan->columns / 2;
    }
    set(plan, UI_PLACE_INPUT, 0, 0, plan->high, plan->panel);
    set(plan, UI_PLACE_OUTPUT, 0, plan->panel, plan->high, plan->panel);
    if (!plan->loss || !plan->code) {
        set(plan, UI_PLACE_LOSS, plan->high, 0, low, plan->loss ? plan->columns : 0);
        if (plan->code) {
            set(plan, UI_PLACE_CODE, 0, 2 * plan->panel, plan->high, beside);
        }
        return;
    }
    if (plan->wishes->image && beside <= CODE_WIDE && low >= 12 &&
        beside >= plan->panel + NOW_COLUMNS) {
        wide_below(plan);
    } else if (low >= TALL && beside < 40 && beside >= CODE_GOOD) {
        stacked(plan);
    } else {
        set(plan, UI_PLACE_CODE, 0, 2 * plan->panel, plan->high, beside);
        lower_row(plan);
    }
}

/* Header first, then footer, then sentence, as rows allow; the rest is for panels. */
static void lines(struct plan *plan, int rows)
{
    struct ui_rect *place = plan->out->place;
    struct ui_rect line = {0, 0, 1, plan->columns};

    place[UI_PLACE_HEADER] = line;
    plan->top = 1;
    if (rows >= 2) {
        line.row = rows - 1;
        place[UI_PLACE_FOOTER] = line;
    }
    if (rows >= 3) {
        line.row = rows - 2;
        place[UI_PLACE_SENTENCE] = line;
    }
    plan->rows = most(rows - 3, 0);
}

void ui_layout(int rows, int columns, const struct ui_wishes *wishes, struct ui_layout *layout)
{
    struct plan plan = {.wishes = wishes, .out = layout, .columns = columns};

    memset(layout, 0, sizeof *layout);
    layout->rows = rows;
    layout->columns = columns;
    if (rows < 1 || columns < 1) {
        return;
    }
    lines(&plan, rows);
    if (fit_pictures(&plan, true, true) || fit_pictures(&plan, false, true) ||
        fit_pictures(&plan, true, false) || fit_pictures(&plan, false, false)) {
        with_pictures(&plan);
    } else if (plan.rows >= 3 && columns >= LEAST_PANEL) {
        set(&plan, UI_PLACE_LOSS, 0, 0, plan.rows, columns);
    }
}

struct ui_rect ui_layout_body(const struct ui_layout *layout, enum ui_place place)
{
    struct ui_rect rect = layout->place[place];

    if (!ui_rect_empty(rect) && place != UI_PLACE_HEADER && place != UI_PLACE_SENTENCE &&
        place != UI_PLACE_FOOTER) {
        rect.row++;
        rect.rows--;
    }
    return rect;
}

struct ui_spot ui_layout_rule(const struct ui_layout *layout, enum ui_place place)
{
    struct ui_rect rect = layout->place[place];

    return (struct ui_spot){rect.row, rect.column, rect.columns};
}
