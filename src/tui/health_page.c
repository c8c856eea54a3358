/* How view 5 fills the screen. */
#include "tui/health.h"

enum { HEAD = 2, MOST_LINES = 4, LEAST_LAYERS = 3, LIST = 5, LEAST_HIGH = 4, CAPTION = 12 };

/* Rule and caption, two pictures above each other. */
static int samples_least(const struct ui_health_wishes *wishes)
{
    return wishes->image ? 2 + 2 * (LEAST_HIGH + 1) : 1 + LIST;
}

/* As many rows a layer as leave the samples what they need. */
static int lines_of(int rows, int layers, int fixed, int least)
{
    int lines = (rows / 2 - fixed) / (layers > 0 ? layers : 1);
    int most = (rows - least - fixed) / (layers > 0 ? layers : 1);

    lines = lines < most ? lines : most;
    return lines < 1 ? 1 : lines > MOST_LINES ? MOST_LINES : lines;
}

static void fit_pictures(const struct ui_health_wishes *wishes, struct ui_health_page *page)
{
    int body = page->samples.rows - 2, room = page->samples.columns / 2;
    int tall = wishes->half ? (wishes->rows + 1) / 2 : wishes->rows;

    page->high = body / 2 < tall ? body / 2 : tall;
    page->wide = wishes->columns * page->high * 2 / (wishes->rows > 0 ? wishes->rows : 1);
    page->wide = page->wide < 1 ? 1 : page->wide > room - 2 ? room - 2 : page->wide;
    page->pitch = (page->wide > CAPTION ? page->wide : CAPTION) + 1;
    page->each = page->high < 1 || page->wide < 1 ? 0 : (size_t)((room - 1) / page->pitch);
    if (page->each > 0) { /* the rest is shared out, so that captions can say more */
        page->pitch = (room - 1) / (int)page->each;
    }
}

void ui_health_fit(struct ui_rect rect, const struct ui_health_wishes *wishes,
                   struct ui_health_page *page)
{
    int layers = wishes->layers < 1000 ? (int)wishes->layers : 1000;
    int least = samples_least(wishes), fixed = HEAD + 1, used;

    *page = (struct ui_health_page){.layers = rect, .lines = 1};
    if (rect.rows < 2 || rect.columns < 12) {
        page->layers.rows = 0;
        return;
    }
    page->bands = rect.rows >= fixed + LEAST_LAYERS + 1;
    fixed = HEAD + page->bands;
    if (rect.rows >= fixed + (layers < LEAST_LAYERS ? layers : LEAST_LAYERS) + least &&
        rect.columns >= 2 * CAPTION + 2) {
        page->lines = lines_of(rect.rows, layers, fixed, least);
        used = fixed + layers * page->lines + (page->lines > 1);
        used = used < rect.rows - least ? used : rect.rows - least;
        page->layers.rows = used;
        page->samples = (struct ui_rect){rect.row + used, rect.column, rect.rows - used,
                                         rect.columns};
    } else {
        page->lines = lines_of(rect.rows, layers, fixed, 0);
    }
    page->page = page->layers.rows > fixed ? (size_t)((page->layers.rows - fixed) / page->lines)
                                           : 0;
    if (ui_rect_empty(page->samples)) {
        return;
    }
    if (wishes->image) {
        fit_pictures(wishes, page);
    } else {
        page->each = (size_t)(page->samples.rows - 1);
    }
    page->each = page->each < HG_EXTREMES ? page->each : HG_EXTREMES;
}
