/* network_layout.c - where the columns of the drawn network stand. */
#include "tui/network.h"

enum {
    SIDE_FROM = 76,  /* columns of a screen with a panel beside the drawing */
    UNDER_FROM = 11, /* rows of one with a panel below it */
    UNDER = 3,
    HEADS_FROM = 8,  /* rows of a drawing with heads */
    MARKS_FROM = 14, /* ... with marks below them */
    KEY_FROM = 12,   /* ... with a key to what it shows */
    HEAD = 10,       /* cells of the last head */
    CLOSEST = 6,     /* cells from column to column, at least */
    FARTHEST = 34,
    EDGE = 5, /* cells of edges between two columns, at least */
    VALUE = 6 /* cells of an activation, a space before it */
};

void ui_network_place(struct ui_network_place *place, struct ui_rect rect)
{
    *place = (struct ui_network_place){.drawing = rect};
    if (rect.columns >= SIDE_FROM && rect.rows >= 6) {
        int wide = rect.columns >= 150 ? 42 : rect.columns >= 110 ? 34 : 26;
        place->side = (struct ui_rect){rect.row, rect.column + rect.columns - wide, rect.rows,
                                       wide};
        place->drawing.columns -= wide + 1;
    } else if (rect.rows >= UNDER_FROM) {
        place->side = (struct ui_rect){rect.row + rect.rows - UNDER, rect.column, UNDER,
                                       rect.columns};
        place->drawing.rows -= UNDER;
    }
    rect = place->drawing;
    place->heads = rect.rows >= MARKS_FROM ? 3 : rect.rows >= HEADS_FROM ? 2 : 0;
    place->top = rect.row + 1 + place->heads;
    place->rows = rect.rows - 1 - place->heads - (rect.rows >= KEY_FROM);
    place->most = place->rows < HG_NETWORK_UNITS ? place->rows : HG_NETWORK_UNITS;
    place->most = place->most > 0 ? place->most : 1;
    place->few = place->most > 9 ? (place->most + 1) / 2 : place->most;
}

static int digits(uint32_t number)
{
    int count = 1;

    for (; number >= 10; number /= 10) {
        count++;
    }
    return count;
}

/* As many columns as fit, the chosen one in their middle. */
static void choose(struct ui_network_columns *columns, const struct hg_network *shown, int room)
{
    int fit = (room - HEAD) / CLOSEST + 1, chosen = (int)(shown->chosen_column - shown->first);

    columns->count = fit < (int)shown->count ? fit : (int)shown->count;
    columns->count = columns->count > 0 ? columns->count : 1;
    columns->first = chosen - columns->count / 2;
    if (columns->first > (int)shown->count - columns->count) {
        columns->first = (int)shown->count - columns->count;
    }
    columns->first = columns->first > 0 ? columns->first : 0;
}

void ui_network_columns(struct ui_network_columns *columns, const struct ui_network_place *place,
                        const struct hg_network *shown)
{
    int room = place->drawing.columns - 2, gaps, left;

    *columns = (struct ui_network_columns){.wide = 1};
    choose(columns, shown, room - 1);
    gaps = columns->count > 1 ? columns->count - 1 : 1;
    for (uint32_t i = 0; i < shown->count; i++) {
        int label = digits(shown->column[i].units - (shown->column[i].units > 0));
        columns->label = label > columns->label ? label : columns->label;
    }
    columns->label++;
    if ((room - columns->label - 1 - VALUE) / gaps >= columns->label + 1 + VALUE + EDGE) {
        columns->values = true;
        columns->wide = columns->label + 1 + VALUE;
    } else if ((room - columns->label - 1) / gaps >= columns->label + 1 + EDGE) {
        columns->wide = columns->label + 1;
    } else {
        columns->label = 0;
    }
    if (columns->wide < HEAD && columns->count > 1) {
        room -= HEAD - columns->wide; /* the last head is wider than the nodes below it */
    }
    columns->pitch = (room - columns->wide) / gaps;
    columns->pitch = columns->pitch < FARTHEST ? columns->pitch : FARTHEST;
    left = place->drawing.column + 1 +
           (room - columns->wide - columns->pitch * (columns->count - 1)) / 2;
    for (int i = 0; i < columns->count; i++) {
        columns->x[i] = left + i * columns->pitch;
    }
}

/* Evenly over the height, but not too far apart. */
int ui_network_row(const struct ui_network_place *place, int count, int index)
{
    enum { APART = 5 };
    int rows = place->rows;

    if (count > 0 && count <= rows) {
        rows = count * (rows / count < APART ? rows / count : APART);
    }
    return place->top + (place->rows - rows) / 2 + (2 * index + 1) * rows / (2 * count);
}
