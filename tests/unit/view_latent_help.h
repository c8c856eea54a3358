/* view_latent_help.h - view 2 before a trainer that is made up: what it would tell, what it is
 * asked. */
#ifndef HG_TEST_VIEW_LATENT_HELP_H
#define HG_TEST_VIEW_LATENT_HELP_H

#include "keys_help.h"

#include "tui/latent.h"

enum { CODES = 600, GRID = HG_LATENT_CELLS * HG_LATENT_SIDE * HG_LATENT_SIDE };

static struct hg_latent_point points[CODES], pca[CODES];
static float decoded[FAKE_MOST], grid[GRID];

/* Draws; the command of one kind that went out meanwhile, the last of them; NULL = none. */
static inline const struct hg_command *asked(struct fake *fake, enum hg_command_kind kind)
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

static inline void fill_points(struct fake *fake, struct hg_latent_point *point, double spread)
{
    for (size_t i = 0; i < CODES; i++) {
        double angle = (double)(i % 10) * 0.628, away = 0.4 + 0.05 * (double)(i * 37 % 41);
        point[i] = (struct hg_latent_point){(uint32_t)i,
                                            fake->snapshot.classes ? (int)(i % 10) : -1,
                                            (float)(away * cos(angle + spread * sin((double)i))),
                                            (float)(away * sin(angle + spread * cos((double)i)))};
    }
}

static inline void fill_pictures(struct fake *fake)
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

static inline void fill(struct fake *fake, size_t codes)
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

static inline void make_table(struct fake *fake, size_t features)
{
    struct hg_snapshot *snapshot = &fake->snapshot;

    snapshot->image = false;
    snapshot->features = features;
    snapshot->shape = (struct hg_shape){1, 1, (int)features};
    for (size_t i = 0; i < features; i++) {
        fake->output[i] = (float)(i + 1) / (float)features * 0.9F;
    }
}

static inline struct fake *in_view(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    fake_take(fake);
    keys(fake, "20s 2");
    free(ui_script_text(&fake->script));
    return fake;
}

/* With all that can be shown. */
static inline struct fake *looking(int rows, int columns, size_t codes)
{
    struct fake *fake = in_view(rows, columns, false, 256);

    fake->snapshot.codes = codes;
    fill(fake, codes);
    fake_take(fake);
    free(ui_script_text(&fake->script));
    return fake;
}

/* The trainer has done what it was told last. */
static inline void answer(struct fake *fake, float x, float y)
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

/* The cell of the cursor; -1 = it is not seen. */
static inline void where(struct fake *fake, int *row, int *column)
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

#endif
