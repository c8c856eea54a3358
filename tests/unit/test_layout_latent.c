/* Where the panels of view 2 stand, at every size and for every kind of run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/latent.h"

static const struct ui_latent_wishes wishes[] = {
    {true, 28, 28, 784, 2}, {true, 8, 8, 64, 1},      {true, 32, 32, 3072, 8}, {true, 1, 1, 1, 64},
    {true, 1, 200, 200, 2}, {true, 200, 1, 200, 2},   {true, 112, 96, 9, 16},  {false, 1, 4, 4, 2},
    {false, 1, 1, 1, 1},    {false, 1, 999, 999, 64}, {false, 1, 13, 13, 3},
};

static bool overlap(struct ui_rect a, struct ui_rect b)
{
    return a.row < b.row + b.rows && b.row < a.row + a.rows && a.column < b.column + b.columns &&
           b.column < a.column + a.columns;
}

static const char *check_places(const struct ui_latent_layout *layout, int rows, int columns)
{
    const struct ui_rect *place = layout->place;

    for (int p = 0; p < UI_LATENT_PLACES; p++) {
        struct ui_rect r = place[p], body = ui_latent_body(layout, (enum ui_latent_place)p);
        if (r.rows == 0 && r.columns == 0) {
            continue;
        }
        if (r.rows < 1 || r.columns < 1 || r.row < 1 || r.column < 0 || r.row + r.rows > rows - 2 ||
            r.column + r.columns > columns) {
            return "outside";
        }
        if (body.rows < 1) {
            return "a rule without a body";
        }
        for (int q = 0; q < p; q++) {
            if (overlap(r, place[q])) {
                return "overlap";
            }
        }
    }
    return ui_rect_empty(place[UI_LATENT_PLANE]) && rows >= 5 && columns >= 2 ? "no plane" : NULL;
}

static const char *check_grid(const struct ui_latent_layout *layout)
{
    const struct ui_latent_grid *cells = &layout->grid;
    struct ui_rect body = ui_latent_body(layout, UI_LATENT_GRID);

    if (ui_rect_empty(body)) {
        return cells->across != 0 ? "a grid without a place" : NULL;
    }
    if (cells->across * cells->down > HG_LATENT_CELLS || cells->across < 1 || cells->down < 1) {
        return "too many pictures";
    }
    for (int i = 0; i < cells->across * cells->down; i++) {
        struct ui_rect slot = ui_latent_slot(cells, body, i / cells->across, i % cells->across);
        if (slot.row < body.row || slot.column < body.column || slot.rows < 1 || slot.columns < 1 ||
            slot.row + slot.rows > body.row + body.rows ||
            slot.column + slot.columns > body.column + body.columns) {
            return "a picture outside";
        }
    }
    return NULL;
}

static void test_every_size(void **state)
{
    struct ui_latent_layout layout;

    (void)state;
    for (size_t w = 0; w < sizeof wishes / sizeof *wishes; w++) {
        for (int rows = 1; rows <= 100; rows++) {
            for (int columns = 1; columns <= 300; columns++) {
                const char *wrong;
                ui_layout_latent(rows, columns, &wishes[w], &layout);
                wrong = check_places(&layout, rows, columns);
                wrong = wrong == NULL ? check_grid(&layout) : wrong;
                if (wrong != NULL) {
                    fail_msg("wishes %zu at %d x %d: %s", w, columns, rows, wrong);
                }
            }
        }
    }
}

static void test_usual_sizes(void **state)
{
    struct ui_latent_layout layout;
    const struct ui_rect *place = layout.place;

    (void)state;
    ui_layout_latent(24, 80, &wishes[0], &layout);
    assert_int_equal(place[UI_LATENT_DECODED].rows, 15); /* a pixel half a cell */
    assert_int_equal(place[UI_LATENT_SLIDERS].rows, 2);
    assert_int_equal(place[UI_LATENT_FACTS].rows, 2);
    assert_true(ui_rect_empty(place[UI_LATENT_GRID]));
    for (int large = 0; large < 2; large++) {
        ui_layout_latent(large ? 50 : 40, large ? 200 : 120, &wishes[0], &layout);
        for (int p = 0; p < UI_LATENT_PLACES; p++) {
            assert_false(ui_rect_empty(place[p]));
        }
        assert_true(layout.grid.across * layout.grid.down >= 12);
        assert_int_equal(place[UI_LATENT_DECODED].rows, large ? 29 : 15);
    }
    ui_layout_latent(24, 80, &wishes[7], &layout); /* a table: no grid, PCA's plane below */
    assert_false(ui_rect_empty(place[UI_LATENT_PCA]));
    assert_true(ui_rect_empty(place[UI_LATENT_GRID]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_usual_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
