/* A run and a copy of it: what F, v and k ask and send. */
#include "tui/app.h"

#include "hourglass/text.h"

#include <stdio.h>
#include <string.h>

static const struct hg_rival *rival_of(const struct ui_app *app)
{
    return &app->scene.snapshot->rival;
}

static void ask_keep(struct ui_app *app)
{
    const struct hg_rival *rival = rival_of(app);
    char change[120] = "";

    if (rival->change[0] != '\0') {
        snprintf(change, sizeof change, " with %s", rival->change);
    }
    ui_prompt_open(&app->prompt, UI_ASK_KEEP, "");
    snprintf(app->prompt.label, sizeof app->prompt.label,
             rival->copy ? "Keep the copy%s?  The run as it was is dropped."
                         : "Keep the run as it was?  The copy%s is dropped.",
             change);
}

void ui_app_race(struct ui_app *app, enum ui_action action)
{
    if (action != UI_ACT_FORK && !rival_of(app)->racing) {
        ui_app_say(app, HG_TONE_PLAIN, "No copy races: F makes one.");
    } else if (action == UI_ACT_KEEP) {
        ask_keep(app);
    } else if (action == UI_ACT_SWAP) {
        ui_app_send(app, HG_DO_SWAP, 0, NULL, NULL);
    } else if (rival_of(app)->racing) {
        ui_app_say(app, HG_TONE_PLAIN,
                   "Two runs race already: v shows the other, k keeps the one shown, then F makes "
                   "another copy.\nTwo runs race already: v swaps, k keeps the one shown.");
    } else {
        ui_prompt_open(&app->prompt, UI_ASK_FORK, "");
        snprintf(app->prompt.label, sizeof app->prompt.label,
                 "Race this run against a copy with KEY VALUE:");
    }
}

void ui_app_race_enter(struct ui_app *app, const char *text)
{
    char line[UI_FIELD_TEXT + 8], error[256], safe[300];
    struct ui_order order;

    if (text[strspn(text, " ")] == '\0') {
        ui_app_send(app, HG_DO_FORK, 0, "", "");
        return;
    }
    snprintf(line, sizeof line, "set %s", text);
    if (!ui_command_parse(line, &order, error, sizeof error)) {
        hg_text_sanitize(safe, sizeof safe, error);
        ui_app_say(app, HG_TONE_WARN, "%s", safe);
    } else if (order.kind != UI_ORDER_SET) {
        ui_app_say(app, HG_TONE_WARN, "A value is missing: %s VALUE", order.name);
    } else if (strncmp(order.name, "screen.", 7) == 0) {
        ui_app_say(app, HG_TONE_WARN, "%s is the same for both.", order.name);
    } else {
        ui_app_send(app, HG_DO_FORK, 0, order.name, order.text);
    }
}

/* As behind ":set ". */
void ui_app_race_complete(struct ui_app *app)
{
    static const char set[] = "set ";
    const size_t head = sizeof set - 1;
    struct ui_field *field = &app->prompt.field, line;
    char text[UI_FIELD_TEXT];

    if (field->length + head >= sizeof text) {
        return;
    }
    snprintf(text, sizeof text, "%s%.*s", set, (int)(sizeof text - head - 1), field->text);
    ui_field_set(&line, text);
    line.cursor = field->cursor + head;
    ui_command_complete(&line, &app->prompt.candidates);
    ui_field_set(field, line.text + head);
    field->cursor = line.cursor - head;
}
