/* View 1: input and output, the loss and its floors, the code, the numbers. */
#include "tui/view.h"

static void draw(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    ui_panel_pictures(scene, layout, canvas);
    ui_panel_now(scene, layout, canvas);
    ui_panel_loss(scene, layout, canvas);
    ui_panel_code(scene, layout, canvas);
}

/* Enter shows the next channel of pictures that are neither grey nor RGB. */
static bool act(struct ui_scene *scene, enum ui_action action)
{
    int channels = scene->snapshot->shape.channels;

    if (action != UI_ACT_ENTER || !scene->snapshot->image || channels == 1 || channels == 3) {
        return false;
    }
    scene->channel = (scene->channel + 1) % channels;
    for (int i = 0; i < UI_PICTURE_COUNT; i++) {
        ui_art_memory_reset(&scene->memory[i]);
    }
    return true;
}

const struct ui_view_ops ui_view_train = {.name = "train", .draw = draw, .act = act};
