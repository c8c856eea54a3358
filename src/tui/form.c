/* The experiment, its changes, and the lines that show them. */
#include "tui/form.h"

#include "tui/format.h"

#include "hourglass/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ui_form_begin(struct ui_form *form)
{
    memset(form, 0, sizeof *form);
    form->follow = true;
    return true;
}

static void forget(struct ui_form *form)
{
    if (form->known) {
        hg_spec_fini(&form->now);
        hg_spec_fini(&form->next);
        hg_spec_fini(&form->chosen);
        form->known = false;
    }
}

void ui_form_end(struct ui_form *form)
{
    forget(form);
    if (form->started) {
        hg_spec_fini(&form->start);
    }
    free(form->field);
    free(form->change);
    memset(form, 0, sizeof *form);
}

void ui_form_renew(struct ui_form *form)
{
    forget(form);
    form->fields = form->changes = form->at = 0;
    form->page.top = 0;
    form->follow = true;
    form->open = form->restarting = false;
    form->error[0] = form->sent.name[0] = '\0';
    form->message_serial = 0;
}

/* ---- lines ---- */

static bool add_field(struct ui_form *form, const struct hg_option *option, size_t cluster,
                      bool is_spread)
{
    if (form->fields == form->field_room) {
        size_t room = form->field_room > 0 ? 2 * form->field_room : 64;
        struct ui_form_field *grown = realloc(form->field, room * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        form->field = grown;
        form->field_room = room;
    }
    form->field[form->fields++] = (struct ui_form_field){option, cluster, is_spread, 0, 0};
    return true;
}

static bool list_fields(struct ui_form *form)
{
    size_t count, clusters = (size_t)form->next.gaussians.clusters;
    const struct hg_option *option = hg_options(&count);
    bool made = true;

    if (strcmp(form->next.data.source, "gaussians") != 0) {
        clusters = 0;
    }
    form->fields = 0;
    for (size_t i = 0; i < count && made; i++) {
        made = add_field(form, &option[i], 0, false);
        if (option[i].offset != offsetof(struct hg_spec, gaussians.spread)) {
            continue;
        }
        for (size_t k = 1; k <= clusters && k <= UI_FORM_CLUSTERS && made; k++) {
            made = add_field(form, &option[i], k, false) && add_field(form, &option[i], k, true);
        }
    }
    if (form->at >= form->fields) {
        form->at = form->fields - (form->fields > 0);
    }
    return made;
}

void ui_form_name(const struct ui_form_field *field, char out[UI_FORM_NAME])
{
    if (field->cluster > 0) {
        snprintf(out, UI_FORM_NAME, "gaussians.%s.%zu", field->is_spread ? "spread" : "center",
                 field->cluster);
    } else {
        snprintf(out, UI_FORM_NAME, "%s.%s", field->option->section, field->option->key);
    }
}

size_t ui_form_find(const struct ui_form *form, const char *name)
{
    char own[UI_FORM_NAME];

    for (size_t i = 0; i < form->fields; i++) {
        ui_form_name(&form->field[i], own);
        if (strcmp(own, name) == 0) {
            return i;
        }
    }
    return form->fields;
}

enum ui_form_effect ui_form_effect(const struct hg_option *option)
{
    if (option->live) {
        return UI_FORM_AT_ONCE;
    }
    return option->in_run ? UI_FORM_RESTART : UI_FORM_PROGRAM;
}

/* ---- changes ---- */

static struct ui_form_change *find_change(const struct ui_form *form, const char *name)
{
    for (size_t i = 0; i < form->changes; i++) {
        if (strcmp(form->change[i].name, name) == 0) {
            return &form->change[i];
        }
    }
    return NULL;
}

const struct ui_form_change *ui_form_changed(const struct ui_form *form, const char *name)
{
    return find_change(form, name);
}

static bool waits(const struct ui_form_change *change)
{
    const struct hg_option *option = hg_option_find(change->name);

    return option == NULL || ui_form_effect(option) == UI_FORM_RESTART;
}

size_t ui_form_waiting(const struct ui_form *form)
{
    size_t count = 0;

    for (size_t i = 0; i < form->changes; i++) {
        count += waits(&form->change[i]);
    }
    return count;
}

static enum hg_status apply(struct hg_spec *spec, const struct ui_form_change *change,
                            struct hg_error *error)
{
    return change->text[0] == '\0' ? hg_spec_unset(spec, change->name, error)
                                   : hg_spec_set(spec, change->name, change->text, "form", error);
}

static bool same_value(const struct hg_spec *a, const struct hg_spec *b, const char *name)
{
    char left[2048] = "", right[2048] = "";

    hg_spec_get(a, name, left, sizeof left);
    hg_spec_get(b, name, right, sizeof right);
    return strcmp(left, right) == 0;
}

/* The run's experiment with the changes; those that change nothing (any more) are dropped. */
static bool make_next(struct ui_form *form)
{
    struct hg_spec next;
    size_t kept = 0;

    if (hg_spec_copy(&next, &form->now, NULL) != HG_OK) {
        return false;
    }
    for (size_t i = 0; i < form->changes; i++) {
        if (apply(&next, &form->change[i], NULL) == HG_OK &&
            !same_value(&next, &form->now, form->change[i].name)) {
            form->change[kept++] = form->change[i];
        }
    }
    form->changes = kept;
    hg_spec_fini(&form->next);
    form->next = next;
    return list_fields(form);
}

bool ui_form_drop(struct ui_form *form, const char *name)
{
    struct ui_form_change *change = find_change(form, name);

    if (change == NULL) {
        return false;
    }
    *change = form->change[--form->changes];
    make_next(form);
    return true;
}

static bool add_change(struct ui_form *form, const char *name, const char *text)
{
    struct ui_form_change *change = find_change(form, name);

    if (change == NULL && form->changes == form->change_room) {
        size_t room = form->change_room > 0 ? 2 * form->change_room : 16;
        struct ui_form_change *grown = realloc(form->change, room * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        form->change = grown;
        form->change_room = room;
    }
    change = change != NULL ? change : &form->change[form->changes++];
    snprintf(change->name, sizeof change->name, "%s", name);
    snprintf(change->text, sizeof change->text, "%s", text);
    return make_next(form);
}

/* What was chosen for the user is chosen anew with other data. */
static enum hg_status choose_again(struct hg_spec *spec)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    char name[UI_FORM_NAME];
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < count && status == HG_OK; i++) {
        snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
        if (strcmp(hg_spec_origin(spec, name), "chosen") == 0) {
            status = hg_spec_unset(spec, name, NULL);
        }
    }
    return status;
}

bool ui_form_take(struct ui_form *form, const struct hg_snapshot *snapshot)
{
    struct hg_spec chosen, now, next;

    if (snapshot == NULL || snapshot->spec == NULL ||
        (form->known && form->serial == snapshot->spec_serial)) {
        return form->known;
    }
    if (hg_spec_copy(&chosen, snapshot->spec, NULL) != HG_OK) {
        return form->known;
    }
    if (hg_spec_copy(&now, snapshot->spec, NULL) != HG_OK) {
        hg_spec_fini(&chosen);
        return form->known;
    }
    if (choose_again(&now) != HG_OK || hg_spec_copy(&next, &now, NULL) != HG_OK) {
        hg_spec_fini(&chosen);
        hg_spec_fini(&now);
        return form->known;
    }
    forget(form);
    form->chosen = chosen;
    form->now = now;
    form->next = next;
    form->known = true;
    form->serial = snapshot->spec_serial;
    return make_next(form);
}

/* Without what only another program can put into force: that stays a change. */
const struct hg_spec *ui_form_next(struct ui_form *form)
{
    if (!form->known || ui_form_waiting(form) == 0) {
        return NULL;
    }
    if (form->started) {
        hg_spec_fini(&form->start);
    }
    form->started = hg_spec_copy(&form->start, &form->now, NULL) == HG_OK;
    for (size_t i = 0; i < form->changes && form->started; i++) {
        if (waits(&form->change[i])) {
            apply(&form->start, &form->change[i], NULL);
        }
    }
    form->restarting = form->started;
    return form->started ? &form->start : NULL;
}

/* ---- values ---- */

void ui_form_value(const struct ui_form *form, const struct ui_scene *scene, size_t index,
                   char *out, size_t size)
{
    const struct ui_form_field *field = &form->field[index];
    char name[UI_FORM_NAME];
    bool screen = strcmp(field->option->section, "screen") == 0;

    ui_form_name(field, name);
    out[0] = '\0';
    if (strcmp(form->sent.name, name) == 0 && form->sent.until > scene->now) {
        snprintf(out, size, "%s", form->sent.text);
    } else if (screen && scene->own != NULL) {
        hg_spec_get(scene->own, name, out, size);
    } else if (strcmp(name, "train.beta2") == 0) {
        snprintf(out, size, "%.6g", hg_spec_beta2(&form->next));
    } else {
        hg_spec_get(&form->next, name, out, size);
    }
}

void ui_form_shown(const struct ui_form *form, const struct ui_scene *scene, size_t index,
                   char *out, size_t size)
{
    const struct ui_form_field *field = &form->field[index];
    char name[UI_FORM_NAME], value[1024], raw[1200];

    ui_form_name(field, name);
    ui_form_value(form, scene, index, value, sizeof value);
    snprintf(raw, sizeof raw, "%s", value);
    if (field->cluster > 0 && value[0] == '\0') {
        snprintf(raw, sizeof raw, "%s", field->is_spread ? "as spread" : "drawn by the seed");
    } else if (strcmp(value, "auto") == 0 && find_change(form, name) == NULL &&
               strcmp(hg_spec_origin(&form->chosen, name), "chosen") == 0 &&
               hg_spec_get(&form->chosen, name, value, sizeof value)) {
        snprintf(raw, sizeof raw, "auto: %s", value);
    }
    hg_text_sanitize(out, size, raw);
}

/* ---- setting ---- */

/* "train.lr: 'x' is no number" without the name when it is this field's. */
static void take_error(const char *name, const struct hg_error *error, char *out)
{
    size_t length = strlen(name);
    bool own = strncmp(error->text, name, length) == 0 && error->text[length] == ':';

    hg_text_sanitize(out, HG_ERROR_TEXT, own ? error->text + length + 2 : error->text);
}

/* Is the value one, and does it make sense by itself? What does not fit together is said at the
 * restart. */
static bool accepts(const struct ui_form *form, const struct ui_form_change *change, char *out)
{
    struct hg_spec trial;
    struct hg_error error = {HG_OK, ""};
    size_t length = strlen(change->name);

    if (hg_spec_copy(&trial, &form->next, &error) != HG_OK) {
        snprintf(out, HG_ERROR_TEXT, "%s", error.text);
        return false;
    }
    enum hg_status status = apply(&trial, change, &error);
    if (status == HG_OK && hg_spec_check(&trial, &error) != HG_OK &&
        strncmp(error.text, change->name, length) == 0 && error.text[length] == ':') {
        status = HG_USAGE;
    }
    if (status != HG_OK) {
        take_error(change->name, &error, out);
    }
    hg_spec_fini(&trial);
    return status == HG_OK;
}

bool ui_form_set(struct ui_scene *scene, const char *name, const char *text, char *error)
{
    struct ui_form *form = scene->form;
    const struct hg_option *option = hg_option_find(name);
    struct ui_form_change change;

    error[0] = '\0';
    if (!form->known) {
        snprintf(error, HG_ERROR_TEXT, "there is no experiment yet");
        return false;
    }
    snprintf(change.name, sizeof change.name, "%s", name);
    snprintf(change.text, sizeof change.text, "%s", text);
    if (!accepts(form, &change, error)) {
        return false;
    }
    if (option == NULL || ui_form_effect(option) != UI_FORM_AT_ONCE) {
        if (!add_change(form, name, text)) {
            snprintf(error, HG_ERROR_TEXT, "no memory for another change");
            return false;
        }
        return true;
    }
    snprintf(scene->set_name, sizeof scene->set_name, "%s", name);
    snprintf(scene->set_text, sizeof scene->set_text, "%s", text);
    if (strcmp(option->section, "screen") != 0) {
        snprintf(form->sent.name, sizeof form->sent.name, "%s", name);
        snprintf(form->sent.text, sizeof form->sent.text, "%s", text);
        form->sent.until = scene->now + 1000;
        form->sent.serial = form->serial;
    }
    return true;
}
