/* What is looked at, and how: views, art, palette, axes. */
#include "tui/app.h"

#include <stdio.h>
#include <string.h>

void ui_app_look(struct ui_app *app, enum ui_action action)
{
    static const char *const arts[] = {"auto", "blocks", "Braille", "ASCII"};
    static const char *const palettes[] = {"auto", "viridis", "grey", "mono"};
    struct ui_scene *scene = &app->scene;
    struct ui_theme old = scene->theme;

    switch (action) {
    case UI_ACT_ART:
        /* some kinds cannot be had in some terminals: go on to the next that differs */
        for (int i = 1; i <= 3 && scene->theme.art == old.art; i++) {
            app->spec.screen.art = 1 + ((int)old.art - 1 + i) % 3;
            ui_app_theme(app);
        }
        ui_app_say(app, HG_TONE_PLAIN, "Pictures in %s.", arts[scene->theme.art]);
        break;
    case UI_ACT_PALETTE:
        for (int i = 1; i <= 3 && scene->theme.palette == old.palette; i++) {
            app->spec.screen.palette = 1 + ((int)old.palette - 1 + i) % 3;
            ui_app_theme(app);
        }
        ui_app_say(app, HG_TONE_PLAIN, "Palette %s.", palettes[scene->theme.palette]);
        break;
    case UI_ACT_LOSS_AXIS:
        scene->linear_loss = !scene->linear_loss;
        memset(&scene->loss_axes, 0, sizeof scene->loss_axes);
        ui_app_say(app, HG_TONE_PLAIN, "Loss axis %s.",
                   scene->linear_loss ? "linear" : "logarithmic");
        break;
    default:
        scene->linear_steps = !scene->linear_steps;
        memset(&scene->loss_axes, 0, sizeof scene->loss_axes);
        ui_app_say(app, HG_TONE_PLAIN, "Step axis %s.",
                   scene->linear_steps ? "linear" : "logarithmic");
        break;
    }
}

void ui_app_say_later(struct ui_app *app, const struct ui_action_info *info)
{
    char key[24];

    if (strncmp(info->name, "view-", 5) == 0) {
        ui_app_say(app, HG_TONE_PLAIN, "%s, comes with a later version", info->help);
    } else {
        snprintf(key, sizeof key, "%.*s", (int)strcspn(info->keys, " "), info->keys);
        ui_app_say(app, HG_TONE_PLAIN, "%s (%s) comes with a later version", info->name, key);
    }
}

void ui_app_view(struct ui_app *app, int number)
{
    if (ui_view(number) == NULL) {
        ui_app_say_later(app, ui_action_find((enum ui_action)((int)UI_ACT_VIEW_1 + number - 1)));
    } else {
        app->view = number;
        app->dirty = app->anew = true;
    }
}

/* The next view that there is. */
static int neighbour(int view, int direction)
{
    do {
        view = 1 + (view - 1 + direction + UI_VIEWS) % UI_VIEWS;
    } while (ui_view(view) == NULL);
    return view;
}

void ui_app_view_beside(struct ui_app *app, int direction)
{
    ui_app_view(app, neighbour(app->view, direction));
}
