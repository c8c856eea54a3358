/* filters_page.c - how large pictures are drawn, and how many a page takes. */
#include "tui/filters.h"

#include <string.h>

enum {
    LARGEST = 16,      /* cells a pixel may be wide */
    SMALLEST = 16,     /* pixels a cell may stand for */
    LEAST = 6,         /* cells of the longer side of what is drawn whole */
    LEAST_SHRUNK = 10, /* ... of what is drawn smaller than it is */
    NUMBER = 4,        /* cells for the number above a picture */
    WIDE = 12,         /* from here on two cells between pictures */
    MANY = 32,         /* enlarge only while so many fit */
    ENOUGH = 7         /* shrink until so many fit */
};

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* One pixel is up/down cells wide and half as many high. */
static void try_size(struct ui_page *page, const struct ui_page_wishes *wishes, int up, int down)
{
    int halves = (wishes->rows * up + down - 1) / down, gap;

    page->wide = (wishes->columns * up + down - 1) / down;
    page->high = (halves + 1) / 2;
    gap = page->wide >= WIDE ? 2 : 1;
    page->pitch_x = most(page->wide, NUMBER) + gap;
    page->pitch_y = page->high + 1;
    page->across = (page->rect.columns + gap) / page->pitch_x;
    page->down = page->rect.rows / page->pitch_y;
    page->room = (size_t)page->across * (size_t)page->down;
    if (page->wide > page->rect.columns) {
        page->room = 0;
    }
    page->room -= wishes->extra && page->room > 0;
}

static bool enough(const struct ui_page *page, const struct ui_page_wishes *wishes, int up)
{
    size_t want = wishes->large ? 1 : up > 1 ? MANY : ENOUGH;

    return page->room >= (wishes->total < want ? wishes->total : want);
}

static bool visible(const struct ui_page *page, int down)
{
    return most(page->wide, 2 * page->high) >= (down > 1 ? LEAST_SHRUNK : LEAST);
}

/* Where pictures do not fill the row, they stand a little further apart. */
static void spread(struct ui_page *page)
{
    int left;

    if (page->across > 1) {
        left = page->rect.columns - page->across * page->pitch_x;
        page->pitch_x += left / page->across < 2 ? most(left / page->across, 0) : 2;
    }
}

void ui_page_fit(struct ui_page *page, struct ui_rect rect, const struct ui_page_wishes *wishes)
{
    struct ui_page best = {.rect = rect};
    bool found = false;

    *page = best;
    if (ui_rect_empty(rect) || wishes->total == 0) {
        return;
    }
    for (int step = LARGEST; step >= 2 - SMALLEST && !found; step--) {
        int up = step >= 1 ? step : 1, down = step >= 1 ? 1 : 2 - step;
        if (up > 1 && up % 2 != 0 && wishes->even) {
            continue;
        }
        try_size(page, wishes, up, down);
        if (page->room == 0 || (best.room > 0 && !visible(page, down))) {
            continue; /* better a few than some that nobody can see */
        }
        best = *page;
        found = enough(page, wishes, up);
    }
    *page = best;
    spread(page);
}

struct ui_rect ui_page_slot(const struct ui_page *page, size_t index)
{
    int row = (int)(index / (size_t)page->across), column = (int)(index % (size_t)page->across);

    return (struct ui_rect){page->rect.row + row * page->pitch_y + 1,
                            page->rect.column + column * page->pitch_x, page->high, page->wide};
}
