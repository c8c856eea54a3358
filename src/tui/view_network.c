/* View 3: the network drawn, a unit of it chosen, its weights read and changed. */
#include "tui/network.h"
#include "tui/term.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEFORE = 8 }; /* of a page of parameters: rows before those shown */

/* ---- its memory ---- */

static bool begin(struct ui_scene *scene)
{
    scene->network = calloc(1, sizeof *scene->network);
    return scene->network != NULL;
}

static void renew(struct ui_scene *scene)
{
    struct ui_network *network = scene->network;

    memset(network, 0, sizeof *network);
    network->column = 1;
    network->most = network->few = 8;
    network->asked.column = network->asked.page = -1;
    network->cursor[0] = -1;
}

static void end(struct ui_scene *scene)
{
    free(scene->network);
    scene->network = NULL;
}

const struct hg_network *ui_network_shown(const struct ui_scene *scene)
{
    const struct hg_network *shown = scene->snapshot->network;

    return shown != NULL && shown->known && shown->count > 0 ? shown : NULL;
}

bool ui_network_settled(const struct ui_scene *scene)
{
    const struct hg_network *shown = ui_network_shown(scene);

    return shown != NULL && shown->chosen_column == scene->network->column &&
           shown->chosen_unit == scene->network->unit;
}

/* ---- the trainer ---- */

/* Another network may have fewer columns and units than are chosen. */
static void follow(struct ui_network *network, const struct hg_network *shown)
{
    const struct hg_network_column *column = ui_network_column(shown, network->column);

    if (network->column >= shown->columns) {
        network->column = shown->columns - 1;
        network->unit = 0;
    } else if (column != NULL && network->unit >= column->units) {
        network->unit = column->units - 1;
    }
}

static bool take(struct ui_scene *scene)
{
    const struct hg_network *now = ui_network_shown(scene);
    struct ui_network *network = scene->network;
    bool anew;

    if (now == NULL) {
        anew = network->shown;
        network->shown = false;
        return anew && scene->view == 3;
    }
    follow(network, now);
    anew = !network->shown || now->chosen_column != network->shown_column ||
           now->chosen_unit != network->shown_unit || now->sample != network->shown_sample ||
           now->page_first != network->shown_page;
    network->shown = true;
    network->shown_column = now->chosen_column;
    network->shown_unit = now->chosen_unit;
    network->shown_sample = now->sample;
    network->shown_page = now->page_first;
    if (network->waiting && network->mode == UI_NETWORK_LIST && scene->view == 3) {
        network->waiting = false;
        ui_network_open_field(scene);
        anew |= network->mode == UI_NETWORK_FIELD;
    }
    return anew && scene->view == 3;
}

/* The page of parameters that holds the rows of the list. */
static int32_t page_of(const struct ui_network *network)
{
    int32_t first = network->asked.page, top = (int32_t)network->top;

    if (network->mode == UI_NETWORK_LOOK) {
        return -1;
    }
    if (first >= 0 && top >= first && top + (int32_t)network->rows <= first + HG_NETWORK_PAGE) {
        return first;
    }
    return top > BEFORE ? top - BEFORE : 0;
}

static bool ask(struct ui_scene *scene, struct hg_command *command)
{
    struct ui_network *network = scene->network;
    int column = scene->view == 3 ? (int)network->column : -1;
    int32_t page = page_of(network);

    if (network->send) {
        *command = (struct hg_command){.kind = HG_DO_EDIT, .label = -1};
        snprintf(command->text, sizeof command->text, "%s", network->edited.key);
        snprintf(command->name, sizeof command->name, "%.47s", network->field.text);
        return true;
    }
    *command = (struct hg_command){.kind = HG_DO_NETWORK,
                                   .number = column,
                                   .first = network->unit,
                                   .count = network->most,
                                   .label = page};
    command->value[0] = (float)network->few;
    if (column < 0) {
        return network->asked.column >= 0;
    }
    return column != network->asked.column || network->unit != network->asked.unit ||
           network->most != network->asked.most || network->few != network->asked.few ||
           page != network->asked.page;
}

static void asked(struct ui_scene *scene, const struct hg_command *command)
{
    struct ui_network *network = scene->network;

    if (command->kind == HG_DO_EDIT) {
        network->send = false;
        return;
    }
    network->asked.column = (int)command->number;
    network->asked.unit = command->first;
    network->asked.most = command->count;
    network->asked.few = (uint32_t)command->value[0];
    network->asked.page = command->label;
}

/* ---- the screen ---- */

static void draw(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    struct ui_network *network = scene->network;
    struct ui_network_place *place = &network->place;
    struct ui_rect rect = {1, 0, layout->rows > 3 ? layout->rows - 3 : 0, layout->columns};
    bool list = network->mode != UI_NETWORK_LOOK;

    network->cursor[0] = -1;
    ui_network_place(place, rect);
    network->most = (uint32_t)place->most;
    network->few = (uint32_t)place->few;
    if (rect.rows < 2 || rect.columns < 12) {
        return;
    }
    if (ui_network_shown(scene) == NULL) {
        ui_put_cut(canvas, (struct ui_spot){2, 1, rect.columns - 2},
                   ui_theme_style(&scene->theme, UI_ROLE_WORD), "Looking into the network …");
        return;
    }
    if (list && place->side.rows < 6) {
        ui_panel_network_list(scene, rect, canvas); /* there is no room beside it */
        return;
    }
    if ((scene->fresh & UI_FRESH_PICTURES) != 0) {
        ui_panel_network(scene, place, canvas);
    }
    if (list) {
        ui_panel_network_list(scene, place->side, canvas);
    } else if (!ui_rect_empty(place->side)) {
        ui_panel_network_unit(scene, place->side, canvas);
    }
}

static bool cursor(const struct ui_scene *scene, int at[2])
{
    const struct ui_network *network = scene->network;

    if (network->mode != UI_NETWORK_FIELD || network->cursor[0] < 0) {
        return false;
    }
    at[0] = network->cursor[0];
    at[1] = network->cursor[1];
    return true;
}

static const struct ui_hint *hints(const struct ui_scene *scene)
{
    static const struct ui_hint look[] = {
        {"←→", "layer", 1}, {"↑↓", "unit", 1}, {"Enter", "weights", 1}, {NULL, NULL, 0}};
    static const struct ui_hint list[] = {
        {"↑↓", "weight", 1}, {"Enter", "change", 1}, {"Esc", "close", 0}, {NULL, NULL, 0}};
    static const struct ui_hint field[] = {
        {"Enter", "set", 0}, {"Esc", "cancel", 0}, {NULL, NULL, UI_HINT_ALONE}};
    static const struct ui_hint confirm[] = {
        {"y", "change it", 0}, {"Esc", "cancel", 0}, {NULL, NULL, UI_HINT_ALONE}};
    static const struct ui_hint *const all[] = {[UI_NETWORK_LOOK] = look,
                                                [UI_NETWORK_LIST] = list,
                                                [UI_NETWORK_FIELD] = field,
                                                [UI_NETWORK_CONFIRM] = confirm};

    return all[scene->network->mode];
}

const struct ui_view_ops ui_view_network = {.name = "network",
                                            .draw = draw,
                                            .key = ui_network_key,
                                            .point = ui_network_point,
                                            .ask = ask,
                                            .asked = asked,
                                            .take = take,
                                            .begin = begin,
                                            .renew = renew,
                                            .end = end,
                                            .hints = hints,
                                            .cursor = cursor};
