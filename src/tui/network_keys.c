/* Keys and the mouse in view 3: a unit is chosen, its parameters listed, one of them changed. */
#include "tui/network.h"
#include "tui/term.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    const struct hg_network *shown = ui_network_shown(scene);
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
    const struct hg_network *shown = ui_network_shown(scene);
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

void ui_network_open_field(struct ui_scene *scene)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = ui_network_shown(scene);
    char text[48];

    if (!ui_network_settled(scene) || network->row < shown->page_first ||
        network->row - shown->page_first >= shown->page_count) {
        network->waiting = true; /* Enter came before the trainer's answer */
        return;
    }
    network->edited = shown->page[network->row - shown->page_first];
    if (network->edited.key[0] == '\0') {
        snprintf(scene->say, sizeof scene->say, "That is measured while training: it is not set.");
        scene->say_tone = HG_TONE_PLAIN;
        return;
    }
    snprintf(text, sizeof text, "%.9g", (double)network->edited.value);
    ui_field_offer(&network->field, text, 0);
    network->mode = UI_NETWORK_FIELD;
}

static bool list_key(struct ui_scene *scene, uint32_t key)
{
    struct ui_network *network = scene->network;
    const struct hg_network *shown = ui_network_shown(scene);
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
        ui_network_open_field(scene);
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

bool ui_network_key(struct ui_scene *scene, uint32_t pressed)
{
    scene->network->waiting = false;
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
    const struct hg_network *shown = ui_network_shown(scene);
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

bool ui_network_point(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    enum { ROWS = 3 };
    struct ui_network *network = scene->network;
    bool down = pointer->kind == UI_POINTER_WHEEL_DOWN;

    if (ui_network_shown(scene) == NULL || network->mode > UI_NETWORK_LIST) {
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
