/* panel_latent.c - view 2: the plane of the codes with the cursor, the decoded grid, PCA's plane. */
#include "tui/latent.h"

#include <math.h>
#include <stdio.h>

/* ---- the plane ---- */

static void put_agreement(char out[64], const char *words, double agreement)
{
    snprintf(out, 64, "%s %.0f %%", words, 100 * agreement);
}

static void draw_plane_rule(const struct ui_scene *scene, struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    const struct ui_rect *rect = &scene->latent->layout.place[UI_LATENT_PLANE];
    struct ui_spot spot = {rect->row, rect->column, rect->columns};
    char axes[64] = "", samples[64], same[64] = "", less[64] = "", all[200], both[200];
    const char *figures[] = {all, both, same, less, axes, samples, NULL};

    if (!shown->known) {
        figures[0] = NULL;
    }
    snprintf(samples, sizeof samples, "%zu samples", shown->points);
    if (shown->projected) {
        double held = 100 * (double)(shown->share[0] + shown->share[1]);
        snprintf(axes, sizeof axes, "main axes 1 and 2 of %zu hold %.0f %%", shown->sliders, held);
    }
    if (isfinite(shown->agreement[0])) {
        put_agreement(same, "nearest has the same label:", shown->agreement[0]);
        put_agreement(less, "same label", shown->agreement[0]);
    }
    snprintf(both, sizeof both, "%s%s%s", axes[0] != '\0' ? axes : samples,
             same[0] != '\0' ? ", " : "", same);
    snprintf(all, sizeof all, "%s%s%s%s%s", samples, axes[0] != '\0' ? ", " : "", axes,
             same[0] != '\0' ? ", " : "", same);
    size_t kept = 0;
    for (size_t i = 0; figures[i] != NULL; i++) {
        if (figures[i][0] != '\0') {
            figures[kept++] = figures[i];
        }
    }
    figures[kept] = NULL;
    ui_rule_fitting(&scene->theme, spot, canvas, "code plane", figures);
}

static void draw_shown(const struct ui_scene *scene, const struct ui_plane *plane,
                       struct ui_rect body, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    int row, column;

    if (ui_plane_find(plane, snapshot->sample, &row, &column)) {
        ui_canvas_set(canvas, body.row + row, body.column + column,
                      ui_theme_label(&scene->theme, snapshot->label, true),
                      ui_theme_glyph(&scene->theme, snapshot->class_names, snapshot->classes,
                                     snapshot->label));
    }
}

static void draw_marks(const struct ui_scene *scene, const struct ui_plane *plane,
                       struct ui_rect body, struct ui_canvas *canvas)
{
    struct ui_style style = ui_theme_style(&scene->theme, UI_ROLE_VALIDATION);
    int row, column;

    style.attributes |= UI_REVERSE | UI_BOLD;
    for (int i = 0; i < 2; i++) {
        if (scene->latent->mark[i] >= 0 &&
            ui_plane_find(plane, (uint32_t)scene->latent->mark[i], &row, &column)) {
            ui_canvas_set(canvas, body.row + row, body.column + column, style, (uint32_t)('A' + i));
        }
    }
}

/* ▸+◂ */
static void draw_cursor(const struct ui_scene *scene, struct ui_rect body, struct ui_canvas *canvas)
{
    struct ui_style style = ui_theme_style(&scene->theme, UI_ROLE_KEY);
    struct ui_style middle = style;
    float x, y;
    int row, column;

    ui_latent_here(scene, &x, &y);
    ui_latent_cell(&scene->snapshot->latent, body, x, y, &row, &column);
    middle.attributes |= UI_REVERSE;
    if (column > 0) {
        ui_canvas_set(canvas, body.row + row, body.column + column - 1, style, 0x25B8);
    }
    if (column + 1 < body.columns) {
        ui_canvas_set(canvas, body.row + row, body.column + column + 1, style, 0x25C2);
    }
    ui_canvas_set(canvas, body.row + row, body.column + column, middle, '+');
}

/* The axis of a code of one value. */
static void draw_axis(const struct ui_scene *scene, struct ui_rect body, struct ui_canvas *canvas)
{
    struct ui_rect axis = {body.row + body.rows - 1, body.column, 1, body.columns};

    if (scene->snapshot->latent.codes == 1) {
        ui_canvas_fill(canvas, axis, ui_theme_style(&scene->theme, UI_ROLE_CHROME), 0x2500);
    }
}

void ui_panel_plane(struct ui_scene *scene, struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_plane *plane = &scene->latent->plane;
    struct ui_rect body = ui_latent_body(&scene->latent->layout, UI_LATENT_PLANE);

    if (ui_rect_empty(body)) {
        return;
    }
    draw_plane_rule(scene, canvas);
    if (!shown->known) {
        struct ui_spot spot = {body.row, body.column + 1, body.columns - 1};
        ui_put_cut(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_WORD),
                   "Looking at the codes …");
        return;
    }
    if ((scene->fresh & UI_FRESH_CODE) != 0 || plane->rows != body.rows ||
        plane->columns != body.columns) {
        struct ui_plane_points points = {.point = shown->point,
                                         .count = shown->points,
                                         .left = shown->left,
                                         .right = shown->right,
                                         .bottom = shown->bottom,
                                         .top = shown->top,
                                         .strip = shown->codes == 1};
        ui_plane_update(plane, body, &points);
    }
    ui_plane_draw(plane, scene, body, canvas);
    draw_axis(scene, body, canvas);
    draw_shown(scene, plane, body, canvas);
    draw_marks(scene, plane, body, canvas);
    draw_cursor(scene, body, canvas);
}

/* ---- the decoded grid ---- */

/* ▸ ◂ around the picture of the part in which the cursor is. */
static void point_at_picture(const struct ui_scene *scene, struct ui_rect body,
                             struct ui_canvas *canvas)
{
    const struct ui_latent_grid *grid = &scene->latent->layout.grid;
    struct ui_rect parts = {0, 0, grid->down, grid->across};
    struct ui_style style = ui_theme_style(&scene->theme, UI_ROLE_KEY);
    struct ui_style plain = {UI_DEFAULT, UI_DEFAULT, 0};
    int here, across;
    float x, y;

    ui_latent_here(scene, &x, &y);
    ui_latent_cell(&scene->snapshot->latent, parts, x, y, &here, &across);
    for (int i = 0; i < 2 * grid->down * grid->across; i++) {
        bool pointed = i >= grid->down * grid->across;
        int cell = i % (grid->down * grid->across);
        int row = cell / grid->across, column = cell % grid->across;
        struct ui_rect slot = ui_latent_slot(grid, body, row, column);
        if (pointed && (row != here || column != across)) {
            continue;
        }
        if (slot.column > body.column) {
            ui_canvas_set(canvas, slot.row + slot.rows / 2, slot.column - 1,
                          pointed ? style : plain, pointed ? 0x25B8 : ' ');
        }
        if (slot.column + slot.columns < body.column + body.columns) {
            ui_canvas_set(canvas, slot.row + slot.rows / 2, slot.column + slot.columns,
                          pointed ? style : plain, pointed ? 0x25C2 : ' ');
        }
    }
}

static void draw_pictures(struct ui_scene *scene, struct ui_rect body, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    const struct hg_latent *shown = &snapshot->latent;
    const struct ui_latent_grid *grid = &scene->latent->layout.grid;
    int channels = shown->cell.channels;

    for (int i = 0; i < grid->down * grid->across && i < HG_LATENT_CELLS; i++) {
        struct ui_rect slot = ui_latent_slot(grid, body, i / grid->across, i % grid->across);
        struct ui_picture picture = {.values = shown->grid + (size_t)i * hg_shape_size(shown->cell),
                                     .shape = shown->cell,
                                     .channel = channels == 1 || channels == 3 ? -1
                                                : scene->channel < channels    ? scene->channel
                                                                               : 0,
                                     .lowest = snapshot->lowest,
                                     .highest = snapshot->highest};
        ui_art_picture(canvas, &scene->theme, slot, &picture, &scene->latent->cell[i]);
    }
}

void ui_panel_grid(struct ui_scene *scene, struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    const struct ui_latent_grid *grid = &scene->latent->layout.grid;
    struct ui_rect rect = scene->latent->layout.place[UI_LATENT_GRID];
    struct ui_rect body = ui_latent_body(&scene->latent->layout, UI_LATENT_GRID);
    struct ui_spot spot = {rect.row, rect.column, rect.columns};
    char figure[64];
    const char *figures[] = {figure, NULL};

    if (ui_rect_empty(body) || grid->across == 0) {
        return;
    }
    snprintf(figure, sizeof figure, "%d × %d of the plane", grid->across, grid->down);
    ui_rule_fitting(&scene->theme, spot, canvas, "decoded grid", figures);
    if (!shown->known) {
        return;
    }
    if ((scene->fresh & UI_FRESH_MORE) != 0 && shown->grid != NULL &&
        shown->grid_rows == (size_t)grid->down && shown->grid_columns == (size_t)grid->across) {
        draw_pictures(scene, body, canvas);
    }
    point_at_picture(scene, body, canvas);
}

/* ---- PCA's plane ---- */

static void draw_pca_rule(const struct ui_scene *scene, struct ui_rect rect,
                          struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_spot spot = {rect.row, rect.column, rect.columns};
    char same[64] = "", less[64] = "", angle[64] = "";
    const char *figures[4] = {NULL, NULL, NULL, NULL};
    const char *title = "PCA plane";
    size_t count = 0;

    if (shown->known && shown->pca_points > 0 && isfinite(shown->angle)) {
        snprintf(angle, sizeof angle, "%.1f° from the code's", shown->angle);
        figures[count++] = angle;
    }
    if (shown->known && shown->pca_points > 0 && isfinite(shown->agreement[1])) {
        put_agreement(same, "nearest has the same label:", shown->agreement[1]);
        put_agreement(less, "same label", shown->agreement[1]);
        figures[count++] = same;
        figures[count++] = less;
    }
    if (count > 0 && ui_width(figures[count - 1], canvas->ascii) + 16 > rect.columns) {
        title = "PCA"; /* for the sake of the figure */
    }
    ui_rule_fitting(&scene->theme, spot, canvas, title, figures);
}

void ui_panel_pca(struct ui_scene *scene, struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_plane *plane = &scene->latent->pca;
    struct ui_rect rect = scene->latent->layout.place[UI_LATENT_PCA];
    struct ui_rect body = ui_latent_body(&scene->latent->layout, UI_LATENT_PCA);

    if (ui_rect_empty(body)) {
        return;
    }
    draw_pca_rule(scene, rect, canvas);
    if (!shown->known || shown->pca_points == 0) {
        return;
    }
    if ((scene->fresh & UI_FRESH_MORE) != 0 || plane->rows != body.rows ||
        plane->columns != body.columns) {
        struct ui_plane_points points = {.point = shown->pca,
                                         .count = shown->pca_points,
                                         .left = shown->pca_left,
                                         .right = shown->pca_right,
                                         .bottom = shown->pca_bottom,
                                         .top = shown->pca_top,
                                         .strip = shown->codes == 1};
        ui_plane_update(plane, body, &points);
    }
    ui_plane_draw(plane, scene, body, canvas);
    draw_axis(scene, body, canvas);
    draw_shown(scene, plane, body, canvas);
    draw_marks(scene, plane, body, canvas);
}
