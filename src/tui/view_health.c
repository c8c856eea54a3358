/* View 5: how the layers do over time, and which samples come out worst and best. */
#include "tui/health.h"

#include <stdlib.h>

static const struct ui_hint own_hints[] = {
    {"[ ]", "choose", 2}, {"Enter", "show it", 2}, {"L", "step axis", 11}, {NULL, NULL, 0}};
static const struct ui_hint page_hints[] = {
    {"PgUp PgDn", "layers", 2}, {"[ ]", "choose", 3}, {"Enter", "show it", 3}, {NULL, NULL, 0}};

static bool begin(struct ui_scene *scene)
{
    scene->health = calloc(1, sizeof *scene->health);
    return scene->health != NULL;
}

static void forget(struct ui_scene *scene)
{
    struct ui_health *health = scene->health;

    for (size_t i = 0; i < sizeof health->memory / sizeof *health->memory; i++) {
        ui_art_memory_reset(&health->memory[i]);
    }
}

static void renew(struct ui_scene *scene)
{
    struct ui_health *health = scene->health;

    health->asked = health->set = false;
    health->show = -1;
    health->top = health->chosen = health->slots = 0;
    forget(scene);
}

static void end(struct ui_scene *scene)
{
    struct ui_health *health = scene->health;

    for (size_t i = 0; health != NULL && i < sizeof health->memory / sizeof *health->memory; i++) {
        ui_art_memory_fini(&health->memory[i]);
    }
    free(health);
    scene->health = NULL;
}

/* Other samples in the list: their pictures are drawn as they are. What stood there while there
 * was nothing yet is to go. */
static bool take(struct ui_scene *scene)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_health *health = scene->health;
    bool known[2] = {snapshot->pulse.known, snapshot->extremes.known};
    bool anew = known[0] != health->known[0] || known[1] != health->known[1];

    health->known[0] = known[0];
    health->known[1] = known[1];
    if (snapshot->extremes.serial != health->serial) {
        health->serial = snapshot->extremes.serial;
        forget(scene);
    }
    return anew && scene->view == 5;
}

static bool ask(struct ui_scene *scene, struct hg_command *command)
{
    bool shown = scene->view == 5;

    *command = (struct hg_command){.kind = HG_DO_HEALTH, .number = shown, .label = -1};
    if (shown == scene->health->asked && scene->health->show >= 0) {
        command->kind = HG_DO_SHOW;
        command->number = scene->health->show;
        return true;
    }
    return shown != scene->health->asked;
}

static void asked(struct ui_scene *scene, const struct hg_command *command)
{
    if (command->kind == HG_DO_SHOW) {
        scene->health->show = -1;
    } else {
        scene->health->asked = command->number != 0;
    }
}

static void fit(const struct ui_scene *scene, const struct ui_layout *layout,
                struct ui_health_page *page)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_rect rect = {1, 0, layout->rows > 3 ? layout->rows - 3 : 0, layout->columns};
    struct ui_health_wishes wishes = {
        .layers = snapshot->pulse.known ? snapshot->pulse.now.layers : 6,
        .image = snapshot->image,
        .rows = snapshot->shape.rows,
        .columns = snapshot->shape.columns,
        .half = scene->theme.art == HG_ART_BLOCKS && scene->theme.utf8};

    ui_health_fit(rect, &wishes, page);
}

static void settle(struct ui_health *health, const struct ui_health_page *page, size_t layers)
{
    health->page = page->page;
    if (health->top + page->page > layers) {
        health->top = layers > page->page ? layers - page->page : 0;
    }
}

static void draw(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    struct ui_health_page page;

    fit(scene, layout, &page);
    settle(scene->health, &page, scene->snapshot->pulse.now.layers);
    ui_panel_health(scene, &page, canvas);
    ui_panel_health_samples(scene, &page, canvas);
}

/* Shows the chosen one where it can be seen large. */
static bool show(struct ui_scene *scene)
{
    struct ui_health *health = scene->health;

    if (health->chosen >= health->slots) {
        return false;
    }
    health->show = health->sample[health->chosen];
    scene->go = 1;
    return true;
}

static bool act(struct ui_scene *scene, enum ui_action action)
{
    struct ui_health *health = scene->health;
    size_t layers = scene->snapshot->pulse.now.layers;

    switch (action) {
    case UI_ACT_LAYER_NEXT:
        health->chosen += health->chosen + 1 < health->slots;
        return true;
    case UI_ACT_LAYER_PREVIOUS:
        health->chosen -= health->chosen > 0;
        return true;
    case UI_ACT_PAGE_NEXT:
        health->top += health->top + health->page < layers ? health->page : 0;
        return true;
    case UI_ACT_PAGE_PREVIOUS:
        health->top -= health->top < health->page ? health->top : health->page;
        return true;
    case UI_ACT_ENTER:
        return show(scene);
    default:
        return false;
    }
}

static bool inside(const struct ui_rect *rect, const struct ui_pointer *pointer)
{
    return pointer->row >= rect->row && pointer->row < rect->row + rect->rows &&
           pointer->column >= rect->column && pointer->column < rect->column + rect->columns;
}

static bool point(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    struct ui_health *health = scene->health;
    bool scrolls = health->page < scene->snapshot->pulse.now.layers;

    if (scrolls && pointer->kind == UI_POINTER_WHEEL_UP) {
        health->top -= health->top > 0;
        return true;
    }
    if (scrolls && pointer->kind == UI_POINTER_WHEEL_DOWN) {
        health->top++;
        return true;
    }
    for (size_t i = 0; pointer->kind == UI_POINTER_PRESS && i < health->slots; i++) {
        if (inside(&health->slot[i], pointer)) {
            health->chosen = i;
            return show(scene);
        }
    }
    return false;
}

static const struct ui_hint *hints(const struct ui_scene *scene)
{
    const struct ui_health *health = scene->health;

    if (health->page < scene->snapshot->pulse.now.layers && scene->snapshot->pulse.known) {
        return page_hints;
    }
    return own_hints;
}

const struct ui_view_ops ui_view_health = {.name = "health",
                                           .draw = draw,
                                           .act = act,
                                           .point = point,
                                           .ask = ask,
                                           .asked = asked,
                                           .take = take,
                                           .begin = begin,
                                           .renew = renew,
                                           .forget = forget,
                                           .end = end,
                                           .hints = hints};
