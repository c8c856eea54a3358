/* What the form and the command line share: options set, starting again with changes, the
 * experiment as a file. */
#include "tui/app.h"
#include "tui/form.h"

#include "hourglass/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void tell_screen(struct ui_app *app, const char *name)
{
    char value[300] = "", safe[300];

    hg_spec_get(&app->spec, name, value, sizeof value);
    hg_text_sanitize(safe, sizeof safe, value);
    ui_app_say(app, HG_TONE_PLAIN, "%s = %s", name, safe);
}

static void set_screen(struct ui_app *app, const char *name, const char *text)
{
    struct hg_error error;

    if (hg_spec_set(&app->spec, name, text, ":set", &error) != HG_OK) {
        ui_app_say(app, HG_TONE_BAD, "%s", error.text);
        return;
    }
    ui_app_theme(app);
    app->screen_changed = true;
    tell_screen(app, name);
}

/* What is not live waits in the form for a restart. */
static void set_later(struct ui_app *app, const char *name, const char *text)
{
    char error[HG_ERROR_TEXT];

    if (!ui_form_set(&app->scene, name, text, error)) {
        ui_app_say(app, HG_TONE_BAD, "%s: %s", name, error);
    } else if (ui_form_changed(app->scene.form, name) == NULL) {
        ui_app_say(app, HG_TONE_PLAIN, "%s is that already.", name);
    } else {
        ui_app_say(app, HG_TONE_PLAIN,
                   "%s: noted.  It takes effect on restart: r.\n%s takes effect on restart: r.",
                   name, name);
    }
}

void ui_app_set(struct ui_app *app, const char *name, const char *text)
{
    const struct hg_option *option = hg_option_find(name);

    if (strncmp(name, "screen.", 7) == 0) {
        set_screen(app, name, text);
    } else if (option != NULL && option->live) {
        ui_app_send(app, HG_DO_SET, 0, name, text);
    } else {
        set_later(app, name, text);
    }
    app->anew = true;
}

void ui_app_take_set(struct ui_app *app)
{
    if (app->scene.set_name[0] != '\0') {
        ui_app_set(app, app->scene.set_name, app->scene.set_text);
        app->scene.set_name[0] = '\0';
    }
}

/* ---- starting again ---- */

void ui_app_restart_label(struct ui_app *app)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;
    size_t changes = ui_form_waiting(app->scene.form);
    bool lost = snapshot->unsaved && snapshot->step > 0;

    if (changes == 0) {
        snprintf(app->prompt.label, sizeof app->prompt.label, "Start again from seed %lld?",
                 (long long)snapshot->seed);
    } else {
        snprintf(app->prompt.label, sizeof app->prompt.label, "Start again with %zu change%s?%s",
                 changes, changes == 1 ? "" : "s", lost ? "  What was learned is not saved." : "");
    }
}

void ui_app_restart(struct ui_app *app, int64_t seed)
{
    struct hg_command command = {.kind = HG_DO_RESTART, .number = seed, .label = -1};

    command.spec = ui_form_next(app->scene.form);
    if (!app->config.send(app->config.self, &command)) {
        ui_app_say(app, HG_TONE_WARN, "The trainer is busy: please press it again.");
    }
}

/* ---- the experiment as a file ---- */

bool ui_app_is_experiment(const char *path)
{
    size_t length = strlen(path);

    return length > 4 && strcmp(path + length - 4, ".ini") == 0;
}

void ui_app_write_experiment(struct ui_app *app, const char *path, bool replace)
{
    const struct ui_form *form = app->scene.form;
    struct hg_error error;
    struct hg_spec spec;
    char safe[UI_PATH];

    hg_text_sanitize(safe, sizeof safe, path);
    if (!replace && access(path, F_OK) == 0) {
        ui_prompt_open(&app->prompt, UI_ASK_REPLACE, "");
        snprintf(app->prompt.target, sizeof app->prompt.target, "%s", path);
        snprintf(app->prompt.label, sizeof app->prompt.label, "%.150s exists already.  Replace it?",
                 safe);
        return;
    }
    enum hg_status status = hg_spec_copy(&spec, form->known ? &form->next : &app->spec, &error);
    if (status == HG_OK) {
        spec.screen = app->spec.screen;
        status = hg_spec_write(&spec, path, replace, &error);
        hg_spec_fini(&spec);
    }
    if (status != HG_OK) {
        ui_app_say(app, HG_TONE_BAD, "not written: %s", error.text);
    } else {
        ui_app_say(app, HG_TONE_GOOD, "The experiment is in %s.", safe);
    }
}

/* The name can be changed before it is written: it is what is typed over. */
void ui_app_ask_experiment(struct ui_app *app)
{
    static const char write[] = "write ";
    char line[UI_FIELD_TEXT];

    snprintf(line, sizeof line, "%s%.200s.ini", write, app->spec.name[0] ? app->spec.name : "run");
    ui_prompt_open(&app->prompt, UI_ASK_COMMAND, "");
    ui_field_offer(&app->prompt.field, line, sizeof write - 1);
    snprintf(app->prompt.label, sizeof app->prompt.label, ":");
}
