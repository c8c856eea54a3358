/* View 6: the experiment as a form. */
#include "tui/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HINTS = 8, FOOT = 5, SMALL_FOOT = 3, LEAST = 6 };

static bool begin(struct ui_scene *scene)
{
    scene->form = calloc(1, sizeof *scene->form);
    return scene->form != NULL && ui_form_begin(scene->form);
}

static void end(struct ui_scene *scene)
{
    if (scene->form != NULL) {
        ui_form_end(scene->form);
        free(scene->form);
        scene->form = NULL;
    }
}

static void renew(struct ui_scene *scene)
{
    ui_form_renew(scene->form);
}

/* The field that a refusal is about: "model.loss: ...", or "FILE:LINE: loss: ...". */
static void find_fault(struct ui_form *form, const char *message)
{
    char name[UI_FORM_NAME], mark[UI_FORM_NAME + 8];

    for (size_t i = 0; i < form->fields; i++) {
        ui_form_name(&form->field[i], name);
        size_t length = strlen(name);
        snprintf(mark, sizeof mark, ": %s: ", strchr(name, '.') + 1);
        bool own = strncmp(message, name, length) == 0 && message[length] == ':';
        const char *at = own ? message + length + 2 : strstr(message, mark);
        if (at != NULL) {
            form->at = i;
            form->follow = true;
            snprintf(form->error, sizeof form->error, "%s", own ? at : at + strlen(mark));
            return;
        }
    }
}

static bool take(struct ui_scene *scene)
{
    struct ui_form *form = scene->form;
    const struct hg_snapshot *snapshot = scene->snapshot;
    uint64_t before = form->serial;
    bool news = snapshot->message_serial != form->message_serial;

    ui_form_take(form, snapshot);
    if (form->serial != before) {
        form->sent.name[0] = '\0';
    }
    form->message_serial = snapshot->message_serial;
    if (form->restarting && news && snapshot->message_tone != HG_TONE_PLAIN) {
        form->restarting = false;
        find_fault(form, snapshot->message);
    } else if (form->restarting && ui_form_waiting(form) == 0) {
        form->restarting = false;
    }
    return scene->view == 6 && (form->serial != before || news);
}

static void draw(struct ui_scene *scene, const struct ui_layout *layout, struct ui_canvas *canvas)
{
    int rows = layout->rows > 3 ? layout->rows - 3 : 0;
    int foot = rows >= 3 * LEAST ? FOOT : rows >= 2 * LEAST ? SMALL_FOOT + 1 : 0;

    foot = foot == 0 && rows >= LEAST ? 2 : foot;
    if (!ui_form_take(scene->form, scene->snapshot)) {
        struct ui_rect body = {1, 0, rows, layout->columns};
        ui_blank(canvas, body);
        return;
    }
    ui_form_draw(scene, (struct ui_rect){1, 0, rows - foot, layout->columns}, canvas);
    ui_form_foot(scene, (struct ui_rect){1 + rows - foot, 0, foot, layout->columns}, canvas);
}

static const struct ui_hint *hints(const struct ui_scene *scene)
{
    static const struct ui_hint typing[] = {
        {"Enter", "accept", 0}, {"Esc", "cancel", 0}, {NULL, NULL, 0}};
    static const struct ui_hint plain[] = {{"↑↓", "field", 1},     {"←→", "change", 1},
                                           {"Enter", "type", 1},   {"PgUp PgDn", "section", 4},
                                           {"W", "write .ini", 2}, {NULL, NULL, 0}};
    static const struct ui_hint changed[] = {{"↑↓", "field", 2},     {"←→", "change", 2},
                                             {"Enter", "type", 1},   {"Del", "drop", 1},
                                             {"r", "restart so", 1}, {"PgUp PgDn", "section", 5},
                                             {"W", "write .ini", 1}, {NULL, NULL, 0}};
    const struct ui_form *form = scene->form;

    return form->open ? typing : form->changes > 0 ? changed : plain;
}

static bool cursor(const struct ui_scene *scene, int at[2])
{
    if (!scene->form->open) {
        return false;
    }
    at[0] = scene->form->cursor[0];
    at[1] = scene->form->cursor[1];
    return true;
}

const struct ui_view_ops ui_view_experiment = {.name = "experiment",
                                               .draw = draw,
                                               .key = ui_form_key,
                                               .point = ui_form_point,
                                               .take = take,
                                               .begin = begin,
                                               .renew = renew,
                                               .end = end,
                                               .hints = hints,
                                               .cursor = cursor};
