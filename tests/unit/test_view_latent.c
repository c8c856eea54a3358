/* View 2 driven by scripts: the plane, the cursor, sliders, marks and walks, the mouse; where its
 * panels stand at every size. */
#include "keys_help.h"

#include "tui/latent.h"
#include "tui/term_private.h"

enum { CODES = 600, GRID = HG_LATENT_CELLS * HG_LATENT_SIDE * HG_LATENT_SIDE };

static struct hg_latent_point points[CODES], pca[CODES];
static float decoded[FAKE_MOST], grid[GRID];

/* Draws; the command of one kind that went out meanwhile, the last of them; NULL = none. */
static const struct hg_command *asked(struct fake *fake, enum hg_command_kind kind)
{
    const struct hg_command *found = NULL;

    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    for (size_t i = 0; i < fake->told_count; i++) {
        found = fake->told[i].kind == kind ? &fake->told[i] : found;
    }
    return found;
}

/* ---- what a trainer would tell ---- */

static void fill_points(struct fake *fake, struct hg_latent_point *point, double spread)
{
    for (size_t i = 0; i < CODES; i++) {
        double angle = (double)(i % 10) * 0.628, away = 0.4 + 0.05 * (double)(i * 37 % 41);
        point[i] = (struct hg_latent_point){(uint32_t)i,
                                            fake->snapshot.classes ? (int)(i % 10) : -1,
                                            (float)(away * cos(angle + spread * sin((double)i))),
                                            (float)(away * sin(angle + spread * cos((double)i)))};
    }
}

static void fill_pictures(struct fake *fake)
{
    struct hg_latent *latent = &fake->snapshot.latent;
    size_t each = hg_shape_size(latent->cell);

    for (size_t i = 0; i < FAKE_MOST; i++) {
        decoded[i] = fake->output[i];
    }
    for (size_t i = 0; i < latent->grid_rows * latent->grid_columns; i++) {
        for (size_t j = 0; j < each; j++) {
            grid[i * each + j] = fake->output[j] * (float)(i % 5 + 1) / 5;
        }
    }
}

static void fill(struct fake *fake, size_t codes)
{
    struct hg_latent *latent = &fake->snapshot.latent;

    *latent = (struct hg_latent){
        .known = true,
        .serial = latent->serial + 1,
        .codes = codes,
        .sliders = codes,
        .projected = codes > 2,
        .x = 0.1F,
        .y = 0.2F,
        .decoded = decoded,
        .nearest = 377,
        .nearest_label = fake->snapshot.classes ? 7 : -1,
        .distance = 0.1F,
        .usual = 0.08F,
        .points = CODES,
        .point = points,
        .left = -3,
        .right = 3,
        .bottom = -2.5F,
        .top = 2.5F,
        .cell = fake->snapshot.shape,
        .grid = grid,
        .pca_points = CODES,
        .pca = pca,
        .pca_left = -3,
        .pca_right = 3,
        .pca_bottom = -3,
        .pca_top = 3,
        .agreement = {0.84, 0.61},
        .angle = NAN,
        .verdict = "The same data: PCA's plane mixes 4, 7 and 9; this code "
                   "tells most of them apart."};
    for (size_t i = 0; i < codes; i++) {
        latent->low[i] = -3;
        latent->high[i] = 3;
        latent->share[i] = 0.5F / (float)(i + 1);
        latent->position[i] = i == 0 ? 0.1F : i == 1 ? 0.2F : 0;
    }
    fill_points(fake, points, 0.25);
    fill_points(fake, pca, 1);
    if (codes == 1) {
        for (size_t i = 0; i < CODES; i++) {
            points[i].y = pca[i].y = 0;
        }
        latent->y = 0;
    }
    if (fake->snapshot.image && fake->script.app.scene.latent != NULL) {
        latent->grid_columns = (size_t)fake->script.app.scene.latent->layout.grid.across;
        latent->grid_rows = (size_t)fake->script.app.scene.latent->layout.grid.down;
    }
    fill_pictures(fake);
}

static void make_table(struct fake *fake, size_t features)
{
    struct hg_snapshot *snapshot = &fake->snapshot;

    snapshot->image = false;
    snapshot->features = features;
    snapshot->shape = (struct hg_shape){1, 1, (int)features};
    for (size_t i = 0; i < features; i++) {
        fake->output[i] = (float)(i + 1) / (float)features * 0.9F;
    }
}

static struct fake *in_view(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    fake_take(fake);
    keys(fake, "20s 2");
    free(ui_script_text(&fake->script));
    return fake;
}

/* With all that can be shown. */
static struct fake *looking(int rows, int columns, size_t codes)
{
    struct fake *fake = in_view(rows, columns, false, 256);

    fake->snapshot.codes = codes;
    fill(fake, codes);
    fake_take(fake);
    free(ui_script_text(&fake->script));
    return fake;
}

/* The trainer has done what it was told last. */
static void answer(struct fake *fake, float x, float y)
{
    struct hg_latent *latent = &fake->snapshot.latent;

    latent->answered = fake->script.app.scene.latent->number;
    latent->x = x;
    latent->y = y;
    if (!latent->projected) {
        latent->position[0] = x;
        latent->position[1] = y;
    }
    fake_take(fake);
}

/* ---- stored screens ---- */

static void test_sizes_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}, {8, 24}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        struct fake *fake = looking(sizes[i][0], sizes[i][1], 2);
        snprintf(name, sizeof name, "latent-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
}

static void check_kind(size_t codes, bool table, bool ascii, const char *name)
{
    struct fake *fake = in_view(24, 80, ascii, ascii ? 256 : 0);

    if (table) {
        make_table(fake, 4);
        fake->snapshot.classes = 0;
        fake->snapshot.label = -1;
    }
    fake->snapshot.codes = codes;
    fill(fake, codes);
    if (table) {
        fake->snapshot.latent.agreement[0] = fake->snapshot.latent.agreement[1] = NAN;
    }
    fake_take(fake);
    check_screen(fake, name);
    fake_close(fake);
}

static void test_kinds_stored(void **state)
{
    (void)state;
    check_kind(8, false, false, "latent-projected");
    check_kind(1, false, false, "latent-strip");
    check_kind(2, true, false, "latent-table");
    check_kind(2, false, true, "latent-ascii");
}

static void test_nothing_yet(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);

    (void)state;
    assert_true(has(fake, "Looking at the codes"));
    keys(fake, "Up Down Left Right Enter m M z . [ ] PageUp PageDown");
    assert_null(asked(fake, HG_DO_SET)); /* an arrow is no rate here */
    fake_close(fake);
}

/* ---- what is asked for ---- */

static void test_asked(void **state)
{
    struct fake *fake = fake_settled(40, 120);
    const struct hg_command *told;

    (void)state;
    assert_null(asked(fake, HG_DO_LATENT)); /* nothing outside the view */
    keys(fake, "2");
    told = asked(fake, HG_DO_LATENT);
    assert_non_null(told);
    assert_int_equal(told->number, 1);
    assert_true(told->first >= 5 && told->count >= 2); /* of the grid */
    assert_null(asked(fake, HG_DO_LATENT));            /* once */
    fill(fake, 2);
    fake_take(fake);
    told = asked(fake, HG_DO_LATENT_SAMPLE); /* the cursor begins where the sample is */
    assert_non_null(told);
    assert_int_equal(told->first, fake->snapshot.sample);
    keys(fake, "80x24");
    told = asked(fake, HG_DO_LATENT); /* no room for a grid */
    assert_non_null(told);
    assert_int_equal(told->first, 0);
    keys(fake, "1");
    told = asked(fake, HG_DO_LATENT);
    assert_non_null(told);
    assert_int_equal(told->number, 0);
    fake_close(fake);
}

static void where(struct fake *fake, int *row, int *column)
{
    struct ui_rect body = ui_latent_body(&fake->script.app.scene.latent->layout, UI_LATENT_PLANE);

    *row = *column = -1;
    free(ui_script_text(&fake->script));
    for (int y = body.row; y < body.row + body.rows; y++) {
        for (int x = body.column; x < body.column + body.columns; x++) {
            if (ui_canvas_at(&fake->script.canvas, y, x)->text[0] == '+') {
                *row = y;
                *column = x;
            }
        }
    }
}

/* Each key moves by a cell, at once, whatever the trainer does; many make one command. */
static void test_arrows(void **state)
{
    struct fake *fake = looking(24, 80, 2);
    const struct hg_command *told;
    int row, column, to_row, to_column;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    where(fake, &row, &column);
    keys(fake, "Right");
    where(fake, &to_row, &to_column);
    assert_int_equal(to_row, row);
    assert_int_equal(to_column, column + 1);
    keys(fake, "Left Left Up Up Down PageUp End");
    told = asked(fake, HG_DO_LATENT_PLANE);
    assert_non_null(told);
    assert_int_equal(fake->told_count, 1);
    where(fake, &to_row, &to_column);
    assert_int_equal(to_row, row - 6);
    assert_int_equal(to_column, column + 9);
    for (int i = 0; i < 99; i++) { /* to the corner and no farther */
        keys(fake, "Down Right");
    }
    where(fake, &to_row, &to_column);
    struct ui_rect body = ui_latent_body(&fake->script.app.scene.latent->layout, UI_LATENT_PLANE);
    assert_int_equal(to_row, body.row + body.rows - 1);
    assert_int_equal(to_column, body.column + body.columns - 1);
    answer(fake, -3, 2.5F); /* the trainer has the last word */
    where(fake, &to_row, &to_column);
    assert_int_equal(to_row, body.row);
    assert_int_equal(to_column, body.column);
    fake_close(fake);
}

/* A trainer that is busy is not buried in commands; what is wanted last is not lost. */
static void test_patience(void **state)
{
    struct fake *fake = looking(24, 80, 2);
    size_t sent = 0;

    (void)state;
    answer(fake, 0, 0);
    for (int i = 0; i < 50; i++) {
        keys(fake, "Right");
        sent += asked(fake, HG_DO_LATENT_PLANE) != NULL;
    }
    assert_true(sent <= 5);
    answer(fake, 0, 0);
    fake->snapshot.latent.answered--; /* of the last but one */
    fake_take(fake);
    keys(fake, "Left 1s");
    assert_non_null(asked(fake, HG_DO_LATENT_PLANE));
    fake_close(fake);
}

static void test_keys_elsewhere(void **state)
{
    struct fake *fake = looking(24, 80, 2);

    (void)state;
    keys(fake, "+");
    fake->told_count = 0;
    keys(fake, "+");
    assert_string_equal(fake_last(fake), "SET train.lr 0.0015625");
    keys(fake, "n");
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");
    assert_true(has(fake, "arrows move"));
    keys(fake, "1 m");
    assert_true(has(fake, "press 2"));
    fake_close(fake);
}

/* ---- sliders ---- */

static void test_sliders(void **state)
{
    struct fake *fake = looking(24, 80, 8);
    const struct hg_command *told;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    assert_true(has(fake, "axis 1"));
    assert_true(lacks(fake, "axis 8"));
    keys(fake, "]");
    assert_true(has(fake, "▸axis 1"));
    assert_true(has(fake, "Esc plane"));
    keys(fake, "] ] Right Right");
    told = asked(fake, HG_DO_LATENT_AT);
    assert_non_null(told);
    assert_int_equal(told->count, 8);
    assert_float_equal(told->value[2], 0.24F, 1e-4F);
    assert_float_equal(told->value[1], 0.2F, 1e-4F);
    assert_true(has(fake, "+0.24σ")); /* at once */
    keys(fake, "End");
    assert_float_equal(asked(fake, HG_DO_LATENT_AT)->value[2], 3, 1e-4F);
    keys(fake, "Up");
    assert_true(has(fake, "▸axis 2"));
    keys(fake, "[ [");
    assert_true(has(fake, "▸axis 8")); /* around, and into sight */
    keys(fake, "Esc");
    assert_true(lacks(fake, "▸axis"));
    keys(fake, "Right");
    assert_non_null(asked(fake, HG_DO_LATENT_PLANE));
    fake_close(fake);
}

/* ---- samples, marks, walks ---- */

static void test_samples(void **state)
{
    struct fake *fake = looking(40, 120, 2);

    (void)state;
    answer(fake, 0.1F, 0.2F);
    assert_true(has(fake, "nearest #377 \"7\" at 0.100"));
    assert_true(has(fake, "density inside the data"));
    keys(fake, "Enter");
    assert_non_null(asked(fake, HG_DO_SHOW));
    keys(fake, "Enter");
    const struct hg_command *told = asked(fake, HG_DO_LATENT_SAMPLE);
    assert_int_equal(told->first, 377);
    keys(fake, ". 1s");
    assert_int_equal(asked(fake, HG_DO_LATENT_SAMPLE)->first, fake->snapshot.sample);
    keys(fake, "z");
    uint32_t seed = asked(fake, HG_DO_LATENT_RANDOM)->first;
    keys(fake, "z 1s");
    assert_true(asked(fake, HG_DO_LATENT_RANDOM)->first != seed);
    fake_close(fake);
}

static void test_walk(void **state)
{
    struct fake *fake = looking(40, 120, 2);
    const struct hg_command *told;
    float share = 0;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    keys(fake, "M");
    assert_true(has(fake, "A walk needs two samples"));
    keys(fake, "m");
    assert_true(has(fake, "A is #377 \"7\".  Move on, then m marks B."));
    keys(fake, "m");
    assert_true(has(fake, "is A already"));
    fake->snapshot.latent.nearest = 12;
    fake->snapshot.latent.nearest_label = 2;
    fake_take(fake);
    keys(fake, "m");
    assert_true(has(fake, "B is #12 \"2\".  M walks from A to B."));
    assert_true(has(fake, "A #377 \"7\"  B #12 \"2\""));
    keys(fake, "M");
    for (int i = 0; i < 50 && share < 1; i++) {
        told = asked(fake, HG_DO_LATENT_MIX);
        assert_non_null(told);
        assert_int_equal(told->first, 377);
        assert_int_equal(told->count, 12);
        assert_true(told->value[0] >= share);
        share = told->value[0];
        answer(fake, share, share);
        keys(fake, "0.1s");
    }
    assert_float_equal(share, 1, 1e-6F);
    assert_null(asked(fake, HG_DO_LATENT_MIX)); /* it is over */
    keys(fake, "M 0.5s");
    assert_non_null(asked(fake, HG_DO_LATENT_MIX));
    assert_true(has(fake, "walk 25 %"));
    answer(fake, 0, 0);
    keys(fake, "Esc");
    assert_null(asked(fake, HG_DO_LATENT_MIX));
    fake_close(fake);
}

/* ---- the mouse ---- */

static void press(struct fake *fake, const char *kind, int row, int column)
{
    char words[64];

    snprintf(words, sizeof words, "%s@%d,%d", kind, row, column);
    keys(fake, words);
}

static void test_mouse(void **state)
{
    struct fake *fake = looking(40, 120, 2);
    const struct ui_latent_layout *layout = &fake->script.app.scene.latent->layout;
    struct ui_rect body = ui_latent_body(layout, UI_LATENT_PLANE);
    struct ui_rect sliders = layout->place[UI_LATENT_SLIDERS];
    struct ui_rect pictures = ui_latent_body(layout, UI_LATENT_GRID);
    struct ui_spot track = ui_latent_track(&fake->snapshot.latent, sliders);
    const struct hg_command *told;
    int row, column;

    (void)state;
    answer(fake, 0.1F, 0.2F);
    press(fake, "press", body.row + 4, body.column + 9);
    assert_non_null(asked(fake, HG_DO_LATENT_PLANE));
    press(fake, "drag", body.row + 6, body.column + 12);
    where(fake, &row, &column);
    assert_int_equal(row, body.row + 6);
    assert_int_equal(column, body.column + 12);
    press(fake, "drag", 0, 119); /* beyond the edge */
    where(fake, &row, &column);
    assert_int_equal(row, body.row);
    assert_int_equal(column, body.column + body.columns - 1);
    press(fake, "release", 0, 119);
    press(fake, "drag", body.row + 6, body.column + 12); /* nothing is held */
    where(fake, &row, &column);
    assert_int_equal(row, body.row);

    answer(fake, 0, 0);
    press(fake, "press", sliders.row + 1, track.column + track.columns - 1);
    told = asked(fake, HG_DO_LATENT_AT);
    assert_non_null(told);
    assert_float_equal(told->value[1], 3, 1e-4F);
    press(fake, "drag", 0, track.column);
    assert_float_equal(asked(fake, HG_DO_LATENT_AT)->value[1], -3, 1e-4F);
    press(fake, "release", 0, track.column);
    answer(fake, 0, 0);
    press(fake, "wheel-up", sliders.row, track.column);
    assert_float_equal(asked(fake, HG_DO_LATENT_AT)->value[0], 0.15F, 1e-4F);
    fake->told_count = 0;
    press(fake, "wheel-down", body.row, body.column);
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");

    answer(fake, 0, 0);
    press(fake, "press", pictures.row, pictures.column); /* the first picture */
    told = asked(fake, HG_DO_LATENT_PLANE);
    assert_non_null(told);
    assert_float_equal(told->value[0], -3 + 3.0F / (float)layout->grid.across, 1e-4F);
    fake_close(fake);
}

static void reports(const char *text, int mouse, int row, int column)
{
    struct ui_event event = {0};
    bool found = ui_term_mouse_report(text, &event);

    assert_int_equal(found, mouse >= 0);
    if (found) {
        assert_int_equal(event.kind, UI_EVENT_MOUSE);
        assert_int_equal(event.mouse, mouse);
        assert_int_equal(event.row, row);
        assert_int_equal(event.column, column);
    }
}

static void test_reports(void **state)
{
    (void)state;
    reports("<0;21;11M", UI_MOUSE_PRESS, 10, 20);
    reports("<0;21;11m", UI_MOUSE_RELEASE, 10, 20);
    reports("<32;1;1M", UI_MOUSE_DRAG, 0, 0);
    reports("<16;300;200M", UI_MOUSE_PRESS, 199, 299); /* with Ctrl */
    reports("<64;5;6M", UI_MOUSE_WHEEL_UP, 5, 4);
    reports("<65;5;6M", UI_MOUSE_WHEEL_DOWN, 5, 4);
    reports("M !!", UI_MOUSE_PRESS, 0, 0);
    reports("M#!\"", UI_MOUSE_RELEASE, 1, 0);
    reports("M`!!", UI_MOUSE_WHEEL_UP, 0, 0);
    const char *const none[] = {"",        "<2;1;1M", "<35;6;6M",         "<66;1;1M",
                                "<0;0;1M", "<0;1M",   "<0;1;1Mx",         "<-1;1;1M",
                                "M ",      "15~",     "<99999999999;1;1M"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        reports(none[i], -1, 0, 0);
    }
}

/* ---- the plane ---- */

static void test_points_rest(void **state)
{
    static struct ui_plane plane;
    static struct hg_latent_point point[2] = {{1, 3, 0.55F, 0.55F}, {2, 4, -0.5F, 0.5F}};
    struct ui_rect rect = {0, 0, 10, 20};
    struct ui_plane_points from = {point, 2, -1, 1, -1, 1, false};
    int row, column, moved;

    (void)state;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_true(ui_plane_find(&plane, 1, &row, &column));
    assert_int_equal(column, 15);
    assert_int_equal(row, 2);
    assert_int_equal(plane.cell[row * 20 + column], 3);
    point[0].x = 0.47F; /* a little beyond the border */
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_true(ui_plane_find(&plane, 1, &row, &moved));
    assert_int_equal(moved, column);
    point[0].x = 0.44F;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_true(ui_plane_find(&plane, 1, &row, &moved));
    assert_int_equal(moved, column - 1);
    assert_int_equal(ui_plane_near(&plane, row, moved + 1), 1);
    assert_int_equal(ui_plane_near(&plane, 9, 0), -1);
    point[0].x = NAN;
    point[1].y = INFINITY;
    assert_true(ui_plane_update(&plane, rect, &from));
    ui_plane_fini(&plane);
}

/* Several points in a cell: the commonest label, and of two equals the one that was there. */
static void test_votes(void **state)
{
    static struct ui_plane plane;
    struct hg_latent_point point[4] = {{1, 5, 0, 0}, {2, 3, 0, 0}, {3, 3, 0, 0}, {4, 5, 9, 9}};
    struct ui_plane_points from = {point, 4, -10, 10, -10, 10, false};
    struct ui_rect rect = {0, 0, 5, 5};

    (void)state;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_int_equal(plane.cell[2 * 5 + 2], 3);
    point[3].x = point[3].y = 0;
    assert_true(ui_plane_update(&plane, rect, &from));
    assert_int_equal(plane.cell[2 * 5 + 2], 3);
    assert_int_equal(plane.cell[0], UI_PLANE_EMPTY);
    ui_plane_fini(&plane);
}

/* ---- the layout ---- */

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

/* Drawn at any size, on any screen, whatever there is. */
static void test_sizes_drawn(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        struct fake *fake = in_view(24, 80, kind == 1, kind < 2 ? 256 : kind == 2 ? 0 : 16);
        if (kind >= 4) {
            make_table(fake, kind == 4 ? 4 : 900);
        }
        fake->snapshot.codes = kind == 3 ? 32 : kind == 4 ? 1 : 2;
        for (int i = 0; i < 120; i++) {
            char size[32];
            snprintf(size, sizeof size, "%dx%d", 1 + i * 53 % 260, 1 + i * 17 % 71);
            keys(fake, size);
            free(ui_script_text(&fake->script));
            fill(fake, fake->snapshot.codes);
            fake_take(fake);
            keys(fake, "] Right Esc Right m");
            free(ui_script_text(&fake->script));
        }
        fake_close(fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_stored),   cmocka_unit_test(test_kinds_stored),
        cmocka_unit_test(test_nothing_yet),    cmocka_unit_test(test_asked),
        cmocka_unit_test(test_arrows),         cmocka_unit_test(test_patience),
        cmocka_unit_test(test_keys_elsewhere), cmocka_unit_test(test_sliders),
        cmocka_unit_test(test_samples),        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_mouse),          cmocka_unit_test(test_reports),
        cmocka_unit_test(test_points_rest),    cmocka_unit_test(test_votes),
        cmocka_unit_test(test_every_size),     cmocka_unit_test(test_usual_sizes),
        cmocka_unit_test(test_sizes_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
