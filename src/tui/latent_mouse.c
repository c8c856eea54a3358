/* latent_mouse.c - a press, a way and the wheel in view 2. */
#include "tui/latent.h"

#include <math.h>

/* A turn of the wheel moves a slider by this share of its reach. */
static const float notch = 0.025F;

static bool inside(struct ui_rect rect, const struct ui_pointer *pointer)
{
    return pointer->row >= rect.row && pointer->row < rect.row + rect.rows &&
           pointer->column >= rect.column && pointer->column < rect.column + rect.columns;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void ui_latent_choose(struct ui_scene *scene, int slider)
{
    struct ui_latent *latent = scene->latent;
    int count = (int)scene->snapshot->latent.sliders;

    latent->slider = slider < count ? slider : count - 1;
    if (latent->slider >= 0 && latent->slider < latent->first) {
        latent->first = latent->slider;
    } else if (latent->slider >= latent->first + latent->rows) {
        latent->first = latent->slider - latent->rows + 1;
    }
}

static void move_on_plane(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    struct ui_rect body = ui_latent_body(&scene->latent->layout, UI_LATENT_PLANE);
    float x, y;

    ui_latent_middle(&scene->snapshot->latent, body,
                     clamp(pointer->row - body.row, 0, body.rows - 1),
                     clamp(pointer->column - body.column, 0, body.columns - 1), &x, &y);
    ui_latent_to_plane(scene, x, y);
}

/* The slider of a line; -1 = none. */
static int slider_at(const struct ui_scene *scene, const struct ui_pointer *pointer)
{
    const struct ui_latent *latent = scene->latent;
    struct ui_rect rect = latent->layout.place[UI_LATENT_SLIDERS];
    int line = pointer->row - rect.row;

    return inside(rect, pointer) && line < latent->rows ? latent->first + line : -1;
}

static void move_slider(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_spot track = ui_latent_track(shown, scene->latent->layout.place[UI_LATENT_SLIDERS]);
    size_t slider = (size_t)scene->latent->slider;
    int steps = track.columns > 1 ? track.columns - 1 : 1;
    float share = (float)clamp(pointer->column - track.column, 0, steps) / (float)steps;

    ui_latent_to_value(scene, slider,
                       shown->low[slider] + share * (shown->high[slider] - shown->low[slider]));
}

/* To the middle of the picture's part of the plane. False: no picture there. */
static bool move_to_picture(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    const struct ui_latent_layout *layout = &scene->latent->layout;
    struct ui_rect body = ui_latent_body(layout, UI_LATENT_GRID);
    struct ui_rect grid = {0, 0, layout->grid.down, layout->grid.across};
    float x, y;

    if (!inside(body, pointer) || grid.columns == 0) {
        return false;
    }
    ui_latent_middle(&scene->snapshot->latent, grid,
                     (pointer->row - body.row) * grid.rows / body.rows,
                     (pointer->column - body.column) * grid.columns / body.columns, &x, &y);
    ui_latent_to_plane(scene, x, y);
    return true;
}

static bool press(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    struct ui_latent *latent = scene->latent;
    struct ui_rect pca = ui_latent_body(&latent->layout, UI_LATENT_PCA);
    int slider = slider_at(scene, pointer);

    latent->grip = UI_GRIP_NONE;
    if (inside(ui_latent_body(&latent->layout, UI_LATENT_PLANE), pointer)) {
        latent->grip = UI_GRIP_PLANE;
        latent->slider = -1;
        move_on_plane(scene, pointer);
    } else if (slider >= 0) {
        latent->grip = UI_GRIP_SLIDER;
        ui_latent_choose(scene, slider);
        move_slider(scene, pointer);
    } else if (move_to_picture(scene, pointer)) {
        latent->grip = UI_GRIP_GRID;
        latent->slider = -1;
    } else if (inside(pca, pointer)) {
        int64_t sample = ui_plane_near(&latent->pca, pointer->row - pca.row,
                                       pointer->column - pca.column);
        if (sample >= 0) {
            ui_latent_to_sample(scene, (uint32_t)sample);
        }
    } else {
        return false;
    }
    return true;
}

static bool drag(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    switch (scene->latent->grip) {
    case UI_GRIP_PLANE:
        move_on_plane(scene, pointer);
        return true;
    case UI_GRIP_SLIDER:
        move_slider(scene, pointer);
        return true;
    case UI_GRIP_GRID:
        move_to_picture(scene, pointer);
        return true;
    default:
        return false;
    }
}

static bool turn_wheel(struct ui_scene *scene, const struct ui_pointer *pointer, float direction)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    int slider = slider_at(scene, pointer);

    if (slider < 0) {
        return false;
    }
    float step = notch * (shown->high[slider] - shown->low[slider]);
    ui_latent_to_value(scene, (size_t)slider,
                       ui_latent_value(scene, (size_t)slider) + direction * step);
    return true;
}

bool ui_latent_point(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    bool taken = false;

    if (!ui_latent_ready(scene)) {
        return false;
    }
    switch (pointer->kind) {
    case UI_POINTER_PRESS:
        taken = press(scene, pointer);
        break;
    case UI_POINTER_DRAG:
        taken = drag(scene, pointer);
        break;
    case UI_POINTER_RELEASE:
        taken = scene->latent->grip != UI_GRIP_NONE;
        scene->latent->grip = UI_GRIP_NONE;
        break;
    case UI_POINTER_WHEEL_UP:
        taken = turn_wheel(scene, pointer, 1);
        break;
    default:
        taken = turn_wheel(scene, pointer, -1);
        break;
    }
    scene->still |= taken;
    return taken;
}
