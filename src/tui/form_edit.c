/* What the keys and the mouse do in the form. */
#include "tui/form.h"
#include "tui/term.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double factor = 1.25, smallest = 1e-4;
enum { SINGLE = 20, WHEEL = 3 };

/* ---- the next value ---- */

static bool step_word(const char *words, const char *text, int direction, char *out, size_t size)
{
    char copy[256], *word[32], *rest = NULL;
    int count = 0, at = -1;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *next = strtok_r(copy, "|", &rest); next != NULL && count < 32;
         next = strtok_r(NULL, "|", &rest)) {
        if (strcmp(next, text) == 0) {
            at = count;
        }
        word[count++] = next;
    }
    if (at < 0 || count < 2) {
        return false;
    }
    snprintf(out, size, "%s", word[(at + direction + count) % count]);
    return true;
}

/* One by one where numbers are small, then by a quarter, to two digits. */
static bool step_whole(const struct hg_option *option, const char *text, int direction, char *out,
                       size_t size)
{
    char *end;

    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0') {
        return false;
    }
    double next = (double)value + direction;
    if (value > SINGLE || (value == SINGLE && direction > 0)) {
        double moved = (double)value * (direction > 0 ? factor : 1 / factor);
        double unit = pow(10, floor(log10(moved)) - 1);
        next = unit > 1 ? round(moved / unit) * unit : round(moved);
    }
    if (next < option->least || next > option->most || next > 1e15) {
        return false;
    }
    snprintf(out, size, "%.0f", next);
    return true;
}

/* As the keys of the rate do it; nearness to 1 where that is what counts (beta1 = 0.9); 0 lies
 * below the smallest. */
static bool step_real(const struct hg_option *option, const char *text, int direction, char *out,
                      size_t size)
{
    char *end;
    double value = strtod(text, &end);
    bool fraction = option->most <= 1 && !option->open;
    double next = direction > 0 ? value * factor : value / factor;

    if (end == text || *end != '\0') {
        return false;
    }
    if (fraction && (direction > 0 ? value >= 0.5 : value > 0.5)) {
        next = 1 - (1 - value) * (direction > 0 ? 1 / factor : factor);
    } else if (!option->open && option->least >= 0 && value == 0) {
        next = direction > 0 ? smallest : 0;
    } else if (!option->open && option->least >= 0 && next < 0.9 * smallest && direction < 0) {
        next = 0;
    }
    snprintf(out, size, "%.6g", next);
    next = strtod(out, NULL);
    return next != value && next >= option->least && next <= option->most &&
           !(option->open && next <= option->least);
}

bool ui_form_step(const struct hg_option *option, const char *text, int direction, char *out,
                  size_t size)
{
    switch (option->type) {
    case HG_OPT_YESNO:
    case HG_OPT_CHOICE:
        return step_word(option->choices, text, direction, out, size);
    case HG_OPT_INTEGER:
        return step_whole(option, text, direction, out, size);
    case HG_OPT_REAL:
        return step_real(option, text, direction, out, size);
    default:
        return false;
    }
}

/* ---- the cursor ---- */

static void go(struct ui_form *form, size_t to)
{
    form->at = to;
    form->follow = true;
    form->error[0] = '\0';
}

/* To the first field of this section, or of its neighbours. */
static void go_section(struct ui_form *form, int direction)
{
    size_t at = form->at;
    const char *section = form->field[at].option->section;

    if (direction > 0) {
        while (at + 1 < form->fields && strcmp(form->field[at].option->section, section) == 0) {
            at++;
        }
    } else {
        at -= at > 0;
        section = form->field[at].option->section;
        while (at > 0 && strcmp(form->field[at - 1].option->section, section) == 0) {
            at--;
        }
    }
    go(form, at);
}

/* ---- values ---- */

static void set(struct ui_scene *scene, const char *text)
{
    struct ui_form *form = scene->form;
    char name[UI_FORM_NAME];

    ui_form_name(&form->field[form->at], name);
    ui_form_set(scene, name, text, form->error);
    form->at = ui_form_find(form, name) < form->fields ? ui_form_find(form, name) : 0;
}

static void step(struct ui_scene *scene, int direction)
{
    struct ui_form *form = scene->form;
    const struct ui_form_field *field = &form->field[form->at];
    char value[1024], next[64];

    form->error[0] = '\0';
    ui_form_value(form, scene, form->at, value, sizeof value);
    if (field->cluster == 0 && ui_form_step(field->option, value, direction, next, sizeof next)) {
        set(scene, next);
    } else if (field->cluster > 0 || field->option->type == HG_OPT_TEXT ||
               field->option->type == HG_OPT_BUDGET) {
        snprintf(scene->say, sizeof scene->say, "Enter opens this field for typing.");
        scene->say_tone = HG_TONE_PLAIN;
    }
}

/* What was chosen for the user is a good beginning for what he would like. */
static void open_field(struct ui_scene *scene)
{
    struct ui_form *form = scene->form;
    char name[UI_FORM_NAME], value[2048];

    ui_form_name(&form->field[form->at], name);
    ui_form_value(form, scene, form->at, value, sizeof value);
    if (strcmp(value, "auto") == 0 && ui_form_changed(form, name) == NULL &&
        strcmp(hg_spec_origin(&form->chosen, name), "chosen") == 0) {
        hg_spec_get(&form->chosen, name, value, sizeof value);
    }
    form->error[0] = '\0';
    form->follow = true;
    if (strlen(value) >= sizeof form->began) {
        snprintf(form->error, sizeof form->error,
                 "this value is too long to be typed here; the experiment's file can hold it");
        return;
    }
    memcpy(form->began, value, strlen(value) + 1);
    ui_field_offer(&form->edit, value, 0);
    form->open = true;
}

static void trim(char *text)
{
    size_t length = strlen(text), blank = strspn(text, " ");

    memmove(text, text + blank, length - blank + 1);
    for (length -= blank; length > 0 && text[length - 1] == ' '; length--) {
        text[length - 1] = '\0';
    }
}

static void accept(struct ui_scene *scene)
{
    struct ui_form *form = scene->form;
    char text[UI_FIELD_TEXT];

    memcpy(text, form->edit.text, sizeof text);
    trim(text);
    form->error[0] = '\0';
    if (text[0] == '\0' && form->field[form->at].cluster == 0) {
        char what[HG_ERROR_TEXT - 40];
        hg_option_accepts(form->field[form->at].option, what, sizeof what);
        snprintf(form->error, sizeof form->error, "has no value; accepted: %s", what);
        return;
    }
    if (strcmp(text, form->began) != 0) {
        set(scene, text);
    }
    form->open = form->error[0] != '\0';
}

static bool key_open(struct ui_scene *scene, uint32_t key)
{
    struct ui_form *form = scene->form;

    if (key == UI_KEY_ENTER) {
        accept(scene);
    } else if (key == UI_KEY_ESCAPE) {
        form->open = false;
        form->error[0] = '\0';
    } else if (ui_field_key(&form->edit, key)) {
        form->error[0] = '\0';
    }
    return true;
}

static void drop(struct ui_scene *scene)
{
    struct ui_form *form = scene->form;
    char name[UI_FORM_NAME];

    ui_form_name(&form->field[form->at], name);
    form->error[0] = '\0';
    scene->say_tone = HG_TONE_PLAIN;
    if (ui_form_drop(form, name)) {
        snprintf(scene->say, sizeof scene->say, "%s stays as it is.", name);
    } else {
        snprintf(scene->say, sizeof scene->say, "Nothing is changed here.");
    }
}

static bool key_move(struct ui_form *form, uint32_t key)
{
    switch (key) {
    case UI_KEY_UP:
        go(form, form->at - (form->at > 0));
        return true;
    case UI_KEY_DOWN:
        go(form, form->at + (form->at + 1 < form->fields));
        return true;
    case UI_KEY_PAGE_UP:
    case UI_KEY_PAGE_DOWN:
        go_section(form, key == UI_KEY_PAGE_DOWN ? 1 : -1);
        return true;
    case UI_KEY_HOME:
        go(form, 0);
        return true;
    case UI_KEY_END:
        go(form, form->fields - 1);
        return true;
    default:
        return false;
    }
}

bool ui_form_key(struct ui_scene *scene, uint32_t key)
{
    struct ui_form *form = scene->form;

    if (!form->known || form->fields == 0) {
        return false;
    }
    if (form->open) {
        return key_open(scene, key);
    }
    if (key_move(form, key)) {
        return true;
    }
    switch (key) {
    case UI_KEY_LEFT:
    case UI_KEY_RIGHT:
        step(scene, key == UI_KEY_RIGHT ? 1 : -1);
        return true;
    case UI_KEY_ENTER:
        open_field(scene);
        return true;
    case UI_KEY_DELETE:
    case UI_KEY_BACKSPACE:
        drop(scene);
        return true;
    default:
        return false;
    }
}

/* ---- the mouse ---- */

static bool under(const struct ui_form *form, const struct ui_pointer *pointer, size_t *found)
{
    const struct ui_form_page *page = &form->page;
    int row = pointer->row - page->rect.row, column = pointer->column - page->rect.column;

    if (row < 0 || row >= page->rect.rows || column < 0 || page->wide <= 0) {
        return false;
    }
    for (size_t i = 0; i < form->fields; i++) {
        if (form->field[i].line == row + page->top &&
            form->field[i].column == column / page->wide) {
            *found = i;
            return true;
        }
    }
    return false;
}

bool ui_form_point(struct ui_scene *scene, const struct ui_pointer *pointer)
{
    struct ui_form *form = scene->form;
    size_t found;

    if (!form->known || form->open) {
        return form->open;
    }
    switch (pointer->kind) {
    case UI_POINTER_WHEEL_UP:
    case UI_POINTER_WHEEL_DOWN:
        form->page.top += pointer->kind == UI_POINTER_WHEEL_DOWN ? WHEEL : -WHEEL;
        form->follow = false;
        return true;
    case UI_POINTER_PRESS:
        if (!under(form, pointer, &found)) {
            return false;
        }
        if (found == form->at) {
            open_field(scene);
        } else {
            go(form, found);
        }
        return true;
    default:
        return false;
    }
}
