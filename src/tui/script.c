#include "tui/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ui_script_open(struct ui_script *script, const struct ui_script_config *config)
{
    struct ui_app_config app = {.send = config->send,
                                .self = config->self,
                                .spec = config->spec,
                                .colours = config->colours,
                                .utf8 = !config->ascii};

    memset(script, 0, sizeof *script);
    script->canvas.ascii = config->ascii;
    if (!ui_canvas_resize(&script->canvas, config->rows, config->columns)) {
        return false;
    }
    if (!ui_app_init(&script->app, &app)) {
        ui_canvas_fini(&script->canvas);
        return false;
    }
    script->app.now = 1;
    return true;
}

void ui_script_close(struct ui_script *script)
{
    ui_app_fini(&script->app);
    ui_canvas_fini(&script->canvas);
}

static void type(struct ui_script *script, const char *text)
{
    while (*text != '\0') {
        uint32_t character = ui_next_char(&text);
        ui_app_key(&script->app, character == '_' ? ' ' : character);
    }
}

static bool is_time(const char *word, double *seconds)
{
    char *end;

    *seconds = strtod(word, &end);
    return end != word && strcmp(end, "s") == 0;
}

static bool play(struct ui_script *script, const char *word)
{
    int rows, columns;
    double seconds;
    uint32_t key;
    char rest;

    if (strncmp(word, "text:", 5) == 0) {
        type(script, word + 5);
    } else if (is_time(word, &seconds)) {
        script->app.now += (uint64_t)(seconds * 1000);
    } else if (sscanf(word, "%dx%d%c", &columns, &rows, &rest) == 2) {
        return ui_canvas_resize(&script->canvas, rows, columns);
    } else if (strcmp(word, "wheel-up") == 0 || strcmp(word, "wheel-down") == 0) {
        ui_app_wheel(&script->app, word[6] == 'u' ? -1 : 1);
    } else if (ui_key_parse(word, &key)) {
        ui_app_key(&script->app, key);
    } else {
        return false;
    }
    ui_app_tick(&script->app);
    return true;
}

bool ui_script_keys(struct ui_script *script, const char *words)
{
    char copy[512], *rest = NULL;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (!play(script, word)) {
            return false;
        }
    }
    return true;
}

char *ui_script_text(struct ui_script *script)
{
    ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
    return ui_canvas_text(&script->canvas);
}

char *ui_script_styled(struct ui_script *script)
{
    ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
    return ui_canvas_styled_text(&script->canvas);
}
