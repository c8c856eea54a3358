/* keys_help.h - keys into the made-up run of screen_help.h, and what then stands on the screen.
 * The stored screens are in tests/screens; HG_UPDATE_SCREENS=1 writes them anew. */
#ifndef HG_TEST_KEYS_HELP_H
#define HG_TEST_KEYS_HELP_H

#include "screen_help.h"

static inline void keys(struct fake *fake, const char *words)
{
    assert_true(ui_script_keys(&fake->script, words));
}

/* What the trainer is told by these keys, the last of it. */
static inline void told(struct fake *fake, const char *words, const char *expected)
{
    fake->told_count = 0;
    keys(fake, words);
    assert_string_equal(fake_last(fake), expected);
}

static inline bool lacks(struct fake *fake, const char *words)
{
    char *text = ui_script_text(&fake->script);
    bool found = strstr(text, words) != NULL;

    free(text);
    return !found;
}

/* A miss is told among the errors: between the results it would swallow the next "ok". */
static inline bool has(struct fake *fake, const char *words)
{
    char *text = ui_script_text(&fake->script);
    bool found = strstr(text, words) != NULL;

    if (!found) {
        print_error("no '%s' in:\n%s\n", words, text);
    }
    free(text);
    return found;
}

static inline void check_screen(struct fake *fake, const char *name)
{
    static char stored[1 << 16];
    char path[512], *text = ui_script_text(&fake->script);
    FILE *file;

    snprintf(path, sizeof path, "%s/tests/screens/%s.txt", HG_SOURCE_DIR, name);
    if (getenv("HG_UPDATE_SCREENS") != NULL) {
        file = fopen(path, "wb");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
    }
    file = fopen(path, "rb");
    stored[file ? fread(stored, 1, sizeof stored - 1, file) : 0] = '\0';
    if (file) {
        fclose(file);
    }
    if (strcmp(stored, text) != 0) {
        fail_msg("%s differs; the screen is now:\n%s", path, text);
    }
    free(text);
}

#endif
