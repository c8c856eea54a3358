/* script.h - the interface driven without a terminal: scripted keys in, screen text out. The clock
 * stands still unless the script says otherwise, so that a script always gives the same screen. */
#ifndef UI_SCRIPT_H
#define UI_SCRIPT_H

#include "tui/app.h"

struct ui_script {
    struct ui_app app;
    struct ui_canvas canvas;
    int cursor[2];
};

struct ui_script_config {
    int rows, columns, colours;
    bool ascii;
    const struct hg_spec *spec;
    bool (*send)(void *self, const struct hg_command *command);
    void *self;
};

bool ui_script_open(struct ui_script *script, const struct ui_script_config *config);
void ui_script_close(struct ui_script *script);

/* Words separated by spaces: a key (as keymap.h spells them), "text:abc" to type (with "_" for a
 * space), "1.5s" to let time pass, "120x40" to resize, "wheel-up", "wheel-down". False: a word
 * that is none of them. */
bool ui_script_keys(struct ui_script *script, const char *words);
/* What is on the screen; free() it. */
char *ui_script_text(struct ui_script *script);
char *ui_script_styled(struct ui_script *script);

#endif
