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

/* What the trainer measured; NULL: nothing yet. */
static const struct hg_network *shown_of(const struct ui_scene *scene)
{
    const struct hg_network *shown = scene->snapshot->network;

    return shown != NULL && shown->known && shown->count > 0 ? shown : NULL;
}

/* Is what is shown that of the chosen unit? */
static bool settled(const struct ui_scene *scene)
{
    const struct hg_network *shown = shown_of(scene);

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
    const struct hg_network *now = shown_of(scene);
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
    if (shown_of(scene) == NULL) {
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

/* ---- choosing a unit ---- */

/* The node beside row `row` of the screen: it is there that the eye looks. */
static uint32_t nearest(const struct ui_network *network, const struct hg_network_column *column,
                        int row)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < column->count; i++) {
        int count = (int)column->count;
        if (abs(ui_network_row(&network->place, count, (int)i) - row) <
            abs(ui_network_row(&network->place, count, (int)best) - row)) {
            best = i;
        }
    }
    return column->unit[best].unit;
}

/* Row of the chosen node; -1 when it is not shown. */
static int row_of(const struct ui_network *network, const struct hg_network *shown)
{
    const struct hg_network_column *column = ui_network_column(shown, network->column);

    for (uint32_t i = 0; column != NULL && i < column->count; i++) {
        if (column->unit[i].unit == network->unit) {
            return ui_network_row(&network->place, (int)column->count, (int)i);
        }
    }
    return -1;
}

static void choose(struct ui_network *network, uint32_t column, uint32_t unit)
{
    if (network->column < HG_NETWORK_COLUMNS) {
        network->last[network->column] = network->unit;
        network->visited[network->column] = true;
    }
    network->column = column;
    network->unit = unit;
    network->row = network->top = 0;
}

/* To the unit chosen there before, in a column that is shown whole to the one beside this. */
static void turn_column(struct ui_scene *scene, int direction)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = shown_of(scene);
    uint32_t to = network->column + (uint32_t)direction;
    const struct hg_network_column *column;
    uint32_t unit = 0;
    int row;

    if ((direction < 0 && network->column == 0) || (shown != NULL && to >= shown->columns)) {
        return;
    }
    if (shown == NULL) { /* not there yet: it will be seen whether there are so many */
        choose(network, to, 0);
        return;
    }
    column = ui_network_column(shown, to);
    row = row_of(network, shown);
    if (column != NULL && row >= 0) {
        unit = nearest(network, column, row);
    }
    if (to < HG_NETWORK_COLUMNS && network->visited[to] &&
        (column == NULL || column->choice != HG_NETWORK_ALL)) {
        unit = network->last[to];
    }
    choose(network, to, unit);
}

static void turn_unit(struct ui_scene *scene, int by)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = shown_of(scene);
    const struct hg_network_column *column = shown == NULL
                                                 ? NULL
                                                 : ui_network_column(shown, network->column);

    if (column == NULL) {
        return;
    }
    int64_t to = (int64_t)network->unit + by, last = (int64_t)column->units - 1;
    to = to < 0 ? 0 : to > last ? last : to;
    if ((uint32_t)to != network->unit) {
        choose(network, network->column, (uint32_t)to);
    }
}

static bool look_key(struct ui_scene *scene, uint32_t key)
{
    struct ui_network *network = scene->network;

    switch (key) {
    case UI_KEY_LEFT:
    case '[':
    case '<':
        turn_column(scene, -1);
        return true;
    case UI_KEY_RIGHT:
    case ']':
    case '>':
        turn_column(scene, 1);
        return true;
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        turn_unit(scene, key == UI_KEY_UP ? -1 : 1);
        return true;
    case UI_KEY_PAGE_UP:
    case UI_KEY_PAGE_DOWN:
        turn_unit(scene, key == UI_KEY_PAGE_UP ? -(int)network->few : (int)network->few);
        return true;
    case UI_KEY_HOME:
    case UI_KEY_END:
        turn_unit(scene, key == UI_KEY_HOME ? -INT32_MAX : INT32_MAX);
        return true;
    case UI_KEY_ENTER:
        network->mode = UI_NETWORK_LIST;
        network->row = network->top = 0;
        return true;
    default:
        return false;
    }
}

/* ---- the list, and a parameter changed ---- */

static void open_field(struct ui_scene *scene)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = shown_of(scene);
    char text[48];

    if (!settled(scene) || network->row < shown->page_first ||
        network->row - shown->page_first >= shown->page_count) {
        return;
    }
    network->edited = shown->page[network->row - shown->page_first];
    if (network->edited.key[0] == '\0') {
        snprintf(scene->say, sizeof scene->say, "That is measured while training: it is not set.");
        scene->say_tone = HG_TONE_PLAIN;
        return;
    }
    snprintf(text, sizeof text, "%.9g", (double)network->edited.value);
    ui_field_set(&network->field, text);
    network->mode = UI_NETWORK_FIELD;
}

static bool list_key(struct ui_scene *scene, uint32_t key)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = shown_of(scene);
    int64_t last = shown == NULL || shown->weights == 0 ? 0 : (int64_t)shown->weights - 1;
    int64_t row = network->row, page = network->rows > 1 ? network->rows - 1 : 1;

    switch (key) {
    case UI_KEY_UP:
    case UI_KEY_DOWN:
        row += key == UI_KEY_UP ? -1 : 1;
        break;
    case UI_KEY_PAGE_UP:
    case UI_KEY_PAGE_DOWN:
        row += key == UI_KEY_PAGE_UP ? -page : page;
        break;
    case UI_KEY_HOME:
        row = 0;
        break;
    case UI_KEY_END:
        row = last;
        break;
    case UI_KEY_LEFT:
    case UI_KEY_RIGHT:
        turn_column(scene, key == UI_KEY_LEFT ? -1 : 1);
        return true;
    case UI_KEY_ENTER:
        open_field(scene);
        return true;
    case UI_KEY_ESCAPE:
        network->mode = UI_NETWORK_LOOK;
        return true;
    default:
        return false;
    }
    network->row = (uint32_t)(row < 0 ? 0 : row > last ? last : row);
    return true;
}

/* Digits, a point, an exponent; nothing else, and within the range of a float. */
static bool is_number(const char *text)
{
    char *end;
    double value;

    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0') {
        return false;
    }
    value = strtod(text, &end);
    return *end == '\0' && fabs(value) <= (double)FLT_MAX;
}

static void trim(struct ui_field *field)
{
    char text[UI_FIELD_TEXT];
    size_t length;

    snprintf(text, sizeof text, "%s", field->text + strspn(field->text, " "));
    length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        text[--length] = '\0';
    }
    ui_field_set(field, text);
}

/* All keys are the field's. */
static void field_key(struct ui_scene *scene, uint32_t key)
{
    struct ui_network *network = scene->network;

    if (key == UI_KEY_ESCAPE) {
        network->mode = UI_NETWORK_LIST;
    } else if (key != UI_KEY_ENTER) {
        ui_field_key(&network->field, key);
    } else {
        trim(&network->field);
        if (is_number(network->field.text) && network->field.length < 48) {
            network->mode = UI_NETWORK_CONFIRM;
            return;
        }
        snprintf(scene->say, sizeof scene->say,
                 "'%.40s' is no number; accepted: one like -0.25 or 1e-3.", network->field.text);
        scene->say_tone = HG_TONE_WARN;
    }
}

static void confirm_key(struct ui_scene *scene, uint32_t key)
{
    struct ui_network *network = scene->network;

    if (key == 'y' || key == 'Y' || key == UI_KEY_ENTER) {
        network->send = true;
        network->mode = UI_NETWORK_LIST;
    } else if (key == 'n' || key == 'N' || key == UI_KEY_ESCAPE) {
        network->mode = UI_NETWORK_LIST;
    }
}

static bool key(struct ui_scene *scene, uint32_t pressed)
{
    switch (scene->network->mode) {
    case UI_NETWORK_LIST:
        return list_key(scene, pressed);
    case UI_NETWORK_FIELD:
        field_key(scene, pressed);
        return true;
    case UI_NETWORK_CONFIRM:
        confirm_key(scene, pressed);
        return true;
    default:
        return look_key(scene, pressed);
    }
}

/* ---- the mouse ---- */

static bool press(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = shown_of(scene);
    struct ui_network_columns columns;

    ui_network_columns(&columns, &network->place, shown);
    for (int i = 0; i < columns.count; i++) {
        const struct hg_network_column *column = &shown->column[columns.first + i];
        if (pointer->column < columns.x[i] - 1 || pointer->column > columns.x[i] + columns.wide) {
            continue;
        }
        for (uint32_t k = 0; k < column->count; k++) {
            if (ui_network_row(&network->place, (int)column->count, (int)k) == pointer->row) {
                choose(network, shown->first + (uint32_t)(columns.first + i), column->unit[k].unit);
                return true;
            }
        }
    }
    return false;
}

static bool point(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    enum { ROWS = 3 };
    struct ui_network *network = scene->network;
    bool down = pointer->kind == UI_POINTER_WHEEL_DOWN;

    if (shown_of(scene) == NULL || network->mode > UI_NETWORK_LIST) {
        return network->mode > UI_NETWORK_LIST;
    }
    if (pointer->kind == UI_POINTER_PRESS) {
        return press(scene, pointer);
    }
    if (pointer->kind != UI_POINTER_WHEEL_UP && !down) {
        return false;
    }
    for (int i = 0; i < ROWS && network->mode == UI_NETWORK_LIST; i++) {
        list_key(scene, down ? UI_KEY_DOWN : UI_KEY_UP);
    }
    if (network->mode == UI_NETWORK_LOOK) {
        turn_unit(scene, down ? 1 : -1);
    }
    return true;
}

const struct ui_view_ops ui_view_network = {.name = "network",
                                            .draw = draw,
                                            .key = key,
                                            .point = point,
                                            .ask = ask,
                                            .asked = asked,
                                            .take = take,
                                            .begin = begin,
                                            .renew = renew,
                                            .end = end,
                                            .hints = hints,
                                            .cursor = cursor};
