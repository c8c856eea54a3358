/* View 2: the plane of the codes, a cursor that decodes where it stands, PCA's plane beside it. */
#include "tui/latent.h"
#include "tui/term.h"

#include <stdlib.h>
#include <string.h>

enum { FAST = 5, FASTER = 10 };

/* A step of a slider, as a share of its reach; of a page. */
static const float small_step = 0.02F, large_step = 0.1F;

static bool begin(struct ui_scene *scene)
{
    scene->latent = calloc(1, sizeof *scene->latent);
    return scene->latent != NULL;
}

static void forget(struct ui_scene *scene)
{
    struct ui_latent *latent = scene->latent;

    latent->plane.rows = latent->pca.rows = 0;
    ui_art_memory_reset(&latent->decoded);
    for (int i = 0; i < HG_LATENT_CELLS; i++) {
        ui_art_memory_reset(&latent->cell[i]);
    }
}

/* Samples and axes mean others. */
static void forget_places(struct ui_latent *latent)
{
    latent->show = latent->mark[0] = latent->mark[1] = -1;
    latent->slider = -1;
    latent->first = 0;
    latent->walk = 0;
    latent->begun = false;
}

static void renew(struct ui_scene *scene)
{
    struct ui_latent *latent = scene->latent;

    forget(scene);
    latent->shown = latent->known = latent->known_pca = false;
    latent->across = latent->down = 0;
    latent->number = latent->sent = latent->answered = 0;
    latent->placed = latent->slid = false;
    forget_places(latent);
    latent->grip = UI_GRIP_NONE;
}

static void end(struct ui_scene *scene)
{
    struct ui_latent *latent = scene->latent;

    if (latent == NULL) {
        return;
    }
    ui_plane_fini(&latent->plane);
    ui_plane_fini(&latent->pca);
    ui_art_memory_fini(&latent->decoded);
    for (int i = 0; i < HG_LATENT_CELLS; i++) {
        ui_art_memory_fini(&latent->cell[i]);
    }
    free(latent);
    scene->latent = NULL;
}

/* The whole screen when there is something to see at last. */
static bool take(struct ui_scene *scene)
{
    const struct hg_latent *now = &scene->snapshot->latent;
    struct ui_latent *latent = scene->latent;
    bool anew = now->known != latent->known || (now->pca_points > 0) != latent->known_pca;

    if (now->known &&
        (now->codes != latent->codes || scene->snapshot->samples != latent->samples)) {
        forget_places(latent); /* other data, or another network */
        latent->codes = now->codes;
        latent->samples = scene->snapshot->samples;
    }
    latent->known = now->known;
    latent->known_pca = now->pca_points > 0;
    if (now->known && now->answered >= latent->number) {
        latent->placed = latent->slid = false;
    }
    if (now->known && now->answered != latent->taken && scene->view == 2) {
        scene->wake = 1; /* at once */
    }
    latent->taken = now->answered;
    return anew && scene->view == 2;
}

static void draw(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_latent *latent = scene->latent;
    struct ui_latent_wishes wishes = {.image = snapshot->image,
                                      .rows = snapshot->shape.rows,
                                      .columns = snapshot->shape.columns,
                                      .features = snapshot->features,
                                      .sliders = snapshot->latent.known ? snapshot->latent.sliders
                                                                        : snapshot->codes};

    ui_layout_latent(layout->rows, layout->columns, &wishes, &latent->layout);
    ui_panel_plane(scene, canvas);
    ui_panel_decoded(scene, canvas);
    ui_panel_sliders(scene, canvas);
    ui_panel_nearest(scene, canvas);
    ui_panel_grid(scene, canvas);
    ui_panel_pca(scene, canvas);
}

/* ---- keys ---- */

/* By whole cells, so that a key always moves what is seen. */
static void step(struct ui_scene *scene, int down, int right)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_rect body = ui_latent_body(&scene->latent->layout, UI_LATENT_PLANE);
    float x, y, to_x, to_y;
    int row, column;

    if (ui_rect_empty(body)) {
        return;
    }
    ui_latent_here(scene, &x, &y);
    ui_latent_cell(shown, body, x, y, &row, &column);
    row = row + down < 0 ? 0 : row + down < body.rows ? row + down : body.rows - 1;
    column = column + right < 0              ? 0
             : column + right < body.columns ? column + right
                                             : body.columns - 1;
    ui_latent_middle(shown, body, row, column, &to_x, &to_y);
    ui_latent_to_plane(scene, right != 0 ? to_x : x, down != 0 ? to_y : y);
}

static void slide(struct ui_scene *scene, float share)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    size_t slider = (size_t)scene->latent->slider;

    ui_latent_to_value(scene, slider,
                       ui_latent_value(scene, slider) +
                           share * (shown->high[slider] - shown->low[slider]));
}

static void choose_beside(struct ui_scene *scene, int direction)
{
    int count = (int)scene->snapshot->latent.sliders, slider = scene->latent->slider;

    if (count > 0) {
        slider = slider < 0 ? (direction > 0 ? 0 : count - 1) : slider + direction;
        ui_latent_choose(scene, (slider + count) % count);
    }
}

static bool slider_key(struct ui_scene *scene, uint32_t key)
{
    switch (key) {
    case UI_KEY_LEFT:
    case UI_KEY_RIGHT:
        slide(scene, key == UI_KEY_RIGHT ? small_step : -small_step);
        return true;
    case UI_KEY_HOME:
    case UI_KEY_END:
        slide(scene, key == UI_KEY_END ? 1 : -1);
        return true;
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        choose_beside(scene, key == UI_KEY_DOWN ? 1 : -1);
        return true;
    default:
        return false;
    }
}

static bool plane_key(struct ui_scene *scene, uint32_t key)
{
    switch (key) {
    case UI_KEY_LEFT:
    case UI_KEY_RIGHT:
        step(scene, 0, key == UI_KEY_RIGHT ? 1 : -1);
        return true;
    case UI_KEY_HOME:
    case UI_KEY_END:
        step(scene, 0, key == UI_KEY_END ? FASTER : -FASTER);
        return true;
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        step(scene, key == UI_KEY_DOWN ? 1 : -1, 0);
        return true;
    default:
        return false;
    }
}

/* Any key ends a walk, and does what it does besides; Esc does no more, or leaves the sliders. */
static bool key(struct ui_scene *scene, uint32_t key)
{
    struct ui_latent *latent = scene->latent;
    bool walked = latent->walk != 0, taken;

    latent->walk = 0;
    if (!ui_latent_ready(scene)) { /* arrows never change the rate here */
        return key >= UI_KEY_UP && key <= UI_KEY_RIGHT;
    }
    if (key == UI_KEY_ESCAPE) {
        taken = walked || latent->slider >= 0;
        latent->slider = walked ? latent->slider : -1;
    } else {
        taken = latent->slider >= 0 ? slider_key(scene, key) : plane_key(scene, key);
    }
    scene->still |= taken;
    return taken;
}

static void turn_page(struct ui_scene *scene, bool forward)
{
    if (scene->latent->slider >= 0) {
        slide(scene, forward ? -large_step : large_step);
    } else {
        step(scene, forward ? FAST : -FAST, 0);
    }
}

static void go_nearest(struct ui_scene *scene)
{
    const struct hg_latent *shown = &scene->snapshot->latent;

    scene->latent->show = shown->nearest;
    ui_latent_to_sample(scene, shown->nearest);
}

static bool act(struct ui_scene *scene, enum ui_action action)
{
    if (!ui_latent_ready(scene)) {
        return false;
    }
    switch (action) {
    case UI_ACT_ENTER:
        go_nearest(scene);
        break;
    case UI_ACT_LAYER_NEXT:
    case UI_ACT_LAYER_PREVIOUS:
        choose_beside(scene, action == UI_ACT_LAYER_NEXT ? 1 : -1);
        break;
    case UI_ACT_PAGE_NEXT:
    case UI_ACT_PAGE_PREVIOUS:
        turn_page(scene, action == UI_ACT_PAGE_NEXT);
        break;
    case UI_ACT_MARK:
        ui_latent_mark(scene);
        break;
    case UI_ACT_WALK:
        ui_latent_walk(scene);
        break;
    case UI_ACT_RANDOM_CODE:
        ui_latent_to_random(scene);
        break;
    case UI_ACT_SAMPLE_CODE:
        ui_latent_to_sample(scene, scene->snapshot->sample);
        break;
    default:
        return false;
    }
    scene->still = true;
    return true;
}

/* ---- the footer ---- */

static const struct ui_hint *hints(const struct ui_scene *scene)
{
    static const struct ui_hint plane[] = {
        {"arrows", "move", 1}, {"Enter", "nearest", 2}, {"[ ]", "slider", 2},      {"m", "mark", 3},
        {"M", "walk", 4},      {"z", "random", 5},      {".", "to the sample", 6}, {NULL, NULL, 0}};
    static const struct ui_hint sliders[] = {
        {"←→", "value", 1},      {"↑↓", "slider", 1},       {"Esc", "plane", 1},
        {"Enter", "nearest", 2}, {"m", "mark", 4},          {"M", "walk", 4},
        {"z", "random", 5},      {".", "to the sample", 6}, {NULL, NULL, 0}};

    if (!ui_latent_ready(scene)) {
        return NULL;
    }
    return scene->latent->slider >= 0 ? sliders : plane;
}

const struct ui_view_ops ui_view_latent = {.name = "latent",
                                           .draw = draw,
                                           .key = key,
                                           .act = act,
                                           .point = ui_latent_point,
                                           .ask = ui_latent_ask,
                                           .asked = ui_latent_asked,
                                           .take = take,
                                           .begin = begin,
                                           .renew = renew,
                                           .forget = forget,
                                           .end = end,
                                           .hints = hints,
                                           .turns = UI_FRESH_ALL};
