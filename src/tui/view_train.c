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

/* The mouse on the chart's slider, pressed or drawn along it, goes to the kept state there. */
static bool point(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_loss_chart chart = {.kept = snapshot->kept_step, .kept_count = snapshot->kept};
    struct ui_slide *slide = &scene->slide;
    uint64_t step;

    if (pointer->kind == UI_POINTER_PRESS) {
        slide->held = ui_slider_hit(slide->rect, &chart, pointer->row, pointer->column);
    } else if (pointer->kind != UI_POINTER_DRAG && pointer->kind != UI_POINTER_RELEASE) {
        return false;
    }
    if (!slide->held) {
        return false;
    }
    if (ui_slider_step(slide->rect, &chart, &scene->loss_axes, pointer->column, &step) &&
        (pointer->kind == UI_POINTER_PRESS || step != slide->step)) {
        slide->step = step;
        slide->wanted = true;
    }
    slide->held = pointer->kind != UI_POINTER_RELEASE;
    scene->still = true;
    return true;
}

/* One way through the history a drawing, however far the mouse went meanwhile. */
static bool ask(struct ui_scene *scene, struct hg_command *command)
{
    bool seen = scene->view == 1;

    if (seen == scene->unseen) {
        *command = (struct hg_command){.kind = HG_DO_TRAIN, .number = seen, .label = -1};
        return true;
    }
    if (!scene->slide.wanted) {
        return false;
    }
    *command = (struct hg_command){
        .kind = HG_DO_TRAVEL, .number = (int64_t)scene->slide.step, .label = -1};
    return true;
}

static void asked(struct ui_scene *scene, const struct hg_command *command)
{
    if (command->kind == HG_DO_TRAIN) {
        scene->unseen = command->number == 0;
    } else {
        scene->slide.wanted = false;
    }
}

static void renew(struct ui_scene *scene)
{
    scene->slide = (struct ui_slide){.held = false};
    scene->unseen = false; /* a new trainer begins with view 1 */
}

const struct ui_view_ops ui_view_train = {.name = "train",
                                          .draw = draw,
                                          .act = act,
                                          .point = point,
                                          .ask = ask,
                                          .asked = asked,
                                          .renew = renew};
