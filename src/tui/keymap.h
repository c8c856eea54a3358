/* keymap.h - which key does what. Built from the table of actions; plain data. */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include "tui/action.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UI_KEYMAP_MOST = 160 };

struct ui_keymap {
    size_t count;
    struct {
        uint32_t key; /* code point or enum ui_key (term.h) */
        enum ui_action action;
    } entry[UI_KEYMAP_MOST];
};

/* The default keys. */
void ui_keymap_init(struct ui_keymap *keymap);
/* What a key does; UI_ACT_NONE for one that does nothing. */
enum ui_action ui_keymap_action(const struct ui_keymap *keymap, uint32_t key);
/* Gives an action other keys, separated by spaces; a key taken from another action is
 * lost there. False: `bad` (may be NULL) names the word that is no key; nothing has changed. */
bool ui_keymap_bind(struct ui_keymap *keymap, enum ui_action action, const char *keys, char *bad,
                    size_t size);

/* "space", "Enter", "Esc", "Tab", "S-Tab", "Up", "F1", "C-c", "a", "é" ... and back. */
bool ui_key_parse(const char *name, uint32_t *key);
void ui_key_name(uint32_t key, char *name, size_t size);

#endif
