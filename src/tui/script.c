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

/* "wheel-up", "wheel-down"; "press@ROW,COLUMN", "drag@...", "release@..." */
static bool read_pointer(const char *word, struct ui_pointer *pointer)
{
    static const char *const names[] = {[UI_POINTER_PRESS] = "press",
                                        [UI_POINTER_DRAG] = "drag",
                                        [UI_POINTER_RELEASE] = "release",
                                        [UI_POINTER_WHEEL_UP] = "wheel-up",
                                        [UI_POINTER_WHEEL_DOWN] = "wheel-down"};
    size_t length = strcspn(word, "@");
    char rest;

    for (int i = 0; i <= UI_POINTER_WHEEL_DOWN; i++) {
        if (strlen(names[i]) != length || strncmp(word, names[i], length) != 0) {
            continue;
        }
        *pointer = (struct ui_pointer){.kind = (enum ui_pointer_kind)i};
        return word[length] == '\0' ||
               sscanf(word + length, "@%d,%d%c", &pointer->row, &pointer->column, &rest) == 2;
    }
    return false;
}

static bool play(struct ui_script *script, const char *word)
{
    int rows, columns;
    double seconds;
    struct ui_pointer pointer;
    uint32_t key;
    char rest;

    if (strncmp(word, "text:", 5) == 0) {
        type(script, word + 5);
    } else if (is_time(word, &seconds)) {
        script->app.now += (uint64_t)(seconds * 1000);
    } else if (sscanf(word, "%dx%d%c", &columns, &rows, &rest) == 2) {
        return ui_canvas_resize(&script->canvas, rows, columns);
    } else if (read_pointer(word, &pointer)) {
        ui_app_point(&script->app, &pointer);
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
