/* View 4: the weights of the first layer and what each layer gives, as pictures. */
#include "tui/filters.h"

#include <string.h>

static void forget(struct ui_scene *scene)
{
    struct ui_filters *filters = &scene->filters;

    for (int i = 0; i < HG_FILTER_PICTURES; i++) {
        ui_art_memory_reset(&filters->memory[i]);
    }
    ui_art_memory_reset(&filters->input);
}

static void renew(struct ui_scene *scene)
{
    struct ui_filters *filters = &scene->filters;

    filters->level = 0;
    filters->first = 0;
    filters->count = HG_FILTER_PICTURES;
    filters->large = false;
    filters->asked.level = -1;
    filters->shown_level = filters->scale_level = -1;
    forget(scene);
}

static void end(struct ui_scene *scene)
{
    struct ui_filters *filters = &scene->filters;

    for (int i = 0; i < HG_FILTER_PICTURES; i++) {
        ui_art_memory_fini(&filters->memory[i]);
    }
    ui_art_memory_fini(&filters->input);
}

/* Does the snapshot hold other pictures than the canvas? */
static bool take(struct ui_scene *scene)
{
    const struct hg_filters *now = &scene->snapshot->filters;
    struct ui_filters *filters = &scene->filters;

    if (!now->known ||
        (now->level == filters->shown_level && now->first == filters->shown_first &&
         now->count == filters->shown_count && now->sample == filters->shown_sample)) {
        return false;
    }
    filters->shown_level = now->level;
    filters->shown_first = now->first;
    filters->shown_count = now->count;
    filters->shown_sample = now->sample;
    forget(scene);
    return scene->view == 4;
}

static bool ask(struct ui_scene *scene, struct hg_command *command)
{
    const struct ui_filters *filters = &scene->filters;
    int level = scene->view == 4 ? filters->level : -1;

    if (level < 0 && filters->asked.level < 0) {
        return false;
    }
    *command = (struct hg_command){.kind = HG_DO_FILTERS,
                                   .number = level,
                                   .label = -1,
                                   .first = (uint32_t)filters->first,
                                   .count = (uint32_t)filters->count};
    return level != filters->asked.level || filters->first != filters->asked.first ||
           filters->count != filters->asked.count;
}

static void asked(struct ui_scene *scene, const struct hg_command *command)
{
    scene->filters.asked.level = (int)command->number;
    scene->filters.asked.first = command->first;
    scene->filters.asked.count = command->count;
}

static struct ui_rect body_of(const struct ui_layout *layout)
{
    int rows = layout->rows > 3 ? layout->rows - 3 : 0;

    return (struct ui_rect){1, 0, rows, layout->columns};
}

/* A page begins where a whole number of pages lies before it. */
static void settle(struct ui_filters *filters, size_t room, size_t total)
{
    if (room == 0 || total == 0) {
        return;
    }
    filters->count = room;
    if (filters->first >= total) {
        filters->first = total - 1;
    }
    filters->first -= filters->first % room;
}

static void draw(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    size_t room = ui_panel_filters(scene, body_of(layout), canvas);

    if (shown->known && shown->level == scene->filters.level) {
        settle(&scene->filters, room, shown->total);
    }
}

static void turn_layer(struct ui_filters *filters, const struct hg_filters *shown, int direction)
{
    int level = filters->level + direction;

    if (level >= 0 && level < shown->levels) {
        filters->level = level;
        filters->first = 0;
    }
}

static void turn_page(struct ui_filters *filters, const struct hg_filters *shown, bool forward)
{
    if (forward && filters->first + filters->count < shown->total) {
        filters->first += filters->count;
    } else if (!forward) {
        filters->first -= filters->first < filters->count ? filters->first : filters->count;
    }
}

static bool act(struct ui_scene *scene, enum ui_action action)
{
    struct ui_filters *filters = &scene->filters;
    const struct hg_filters *shown = &scene->snapshot->filters;

    switch (action) {
    case UI_ACT_LAYER_NEXT:
    case UI_ACT_LAYER_PREVIOUS:
        turn_layer(filters, shown, action == UI_ACT_LAYER_NEXT ? 1 : -1);
        return true;
    case UI_ACT_PAGE_NEXT:
    case UI_ACT_PAGE_PREVIOUS:
        turn_page(filters, shown, action == UI_ACT_PAGE_NEXT);
        return true;
    case UI_ACT_ENTER:
        filters->large = !filters->large;
        forget(scene);
        return true;
    default:
        return false;
    }
}

const struct ui_view_ops ui_view_filters = {.name = "filters",
                                            .draw = draw,
                                            .act = act,
                                            .ask = ask,
                                            .asked = asked,
                                            .take = take,
                                            .renew = renew,
                                            .forget = forget,
                                            .end = end};
