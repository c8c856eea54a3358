#include "tui/keymap.h"

#include "tui/canvas.h"
#include "tui/field.h"
#include "tui/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t key;
} names[] = {
    {"space", ' '},
    {"Enter", UI_KEY_ENTER},
    {"Esc", UI_KEY_ESCAPE},
    {"Tab", UI_KEY_TAB},
    {"S-Tab", UI_KEY_BACK_TAB},
    {"Up", UI_KEY_UP},
    {"Down", UI_KEY_DOWN},
    {"Left", UI_KEY_LEFT},
    {"Right", UI_KEY_RIGHT},
    {"Home", UI_KEY_HOME},
    {"End", UI_KEY_END},
    {"PageUp", UI_KEY_PAGE_UP},
    {"PageDown", UI_KEY_PAGE_DOWN},
    {"Insert", UI_KEY_INSERT},
    {"Delete", UI_KEY_DELETE},
    {"Backspace", UI_KEY_BACKSPACE},
};

enum { NAMES = sizeof names / sizeof *names, FUNCTION_KEYS = 12 };

bool ui_key_parse(const char *name, uint32_t *key)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (strcmp(names[i].name, name) == 0) {
            *key = names[i].key;
            return true;
        }
    }
    if (name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z' && name[3] == '\0') {
        *key = (uint32_t)(name[2] - 'a' + 1);
        return true;
    }
    if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
        char *end;
        long number = strtol(name + 1, &end, 10);
        if (*end == '\0' && number <= FUNCTION_KEYS) {
            *key = UI_KEY_F0 + (uint32_t)number;
            return true;
        }
    }
    const char *rest = name;
    *key = ui_next_char(&rest);
    return *key > ' ' && *key != 0x7F && *key != 0xFFFD && *rest == '\0';
}

void ui_key_name(uint32_t key, char *name, size_t size)
{
    struct ui_field field = {0};

    for (size_t i = 0; i < NAMES; i++) {
        if (names[i].key == key) {
            snprintf(name, size, "%s", names[i].name);
            return;
        }
    }
    if (key > UI_KEY_F0 && key <= UI_KEY_F0 + FUNCTION_KEYS) {
        snprintf(name, size, "F%u", (unsigned)(key - UI_KEY_F0));
    } else if (key >= 1 && key <= 26) {
        snprintf(name, size, "C-%c", (int)('a' + key - 1));
    } else {
        ui_field_insert(&field, key);
        snprintf(name, size, "%s", field.text);
    }
}

enum ui_action ui_keymap_action(const struct ui_keymap *keymap, uint32_t key)
{
    for (size_t i = 0; i < keymap->count; i++) {
        if (keymap->entry[i].key == key) {
            return keymap->entry[i].action;
        }
    }
    return UI_ACT_NONE;
}

static void forget(struct ui_keymap *keymap, uint32_t key, enum ui_action action)
{
    size_t kept = 0;

    for (size_t i = 0; i < keymap->count; i++) {
        if (keymap->entry[i].key != key && keymap->entry[i].action != action) {
            keymap->entry[kept++] = keymap->entry[i];
        }
    }
    keymap->count = kept;
}

bool ui_keymap_bind(struct ui_keymap *keymap, enum ui_action action, const char *keys, char *bad,
                    size_t size)
{
    char words[256];
    struct ui_keymap changed = *keymap;

    forget(&changed, 0, action);
    snprintf(words, sizeof words, "%s", keys);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        uint32_t key;
        if (!ui_key_parse(word, &key) || changed.count == UI_KEYMAP_MOST) {
            if (bad != NULL) {
                snprintf(bad, size, "%s", word);
            }
            return false;
        }
        forget(&changed, key, UI_ACT_NONE);
        changed.entry[changed.count].key = key;
        changed.entry[changed.count++].action = action;
    }
    *keymap = changed;
    return true;
}

void ui_keymap_init(struct ui_keymap *keymap)
{
    size_t count;
    const struct ui_action_info *actions = ui_actions(&count);

    keymap->count = 0;
    for (size_t i = 0; i < count; i++) {
        ui_keymap_bind(keymap, actions[i].action, actions[i].keys, NULL, 0);
    }
}
