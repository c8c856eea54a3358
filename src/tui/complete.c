/* Completion of the `:` line. */
#include "tui/command.h"

#include "hourglass/spec.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void offer(struct ui_candidates *candidates, const char *text, const char *prefix)
{
    if (strncmp(text, prefix, strlen(prefix)) == 0 && candidates->count < UI_CANDIDATES &&
        strlen(text) < UI_CANDIDATE_TEXT) {
        snprintf(candidates->text[candidates->count++], UI_CANDIDATE_TEXT, "%s", text);
    }
}

static void offer_commands(struct ui_candidates *candidates, const char *prefix)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);

    for (size_t i = 0; i < count; i++) {
        if (!commands[i].later) {
            offer(candidates, commands[i].name, prefix);
        }
    }
}

/* All of them: what is not live takes effect on restart. */
static void offer_options(struct ui_candidates *candidates, const char *prefix)
{
    size_t count;
    const struct hg_option *options = hg_options(&count);

    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.%s", options[i].section, options[i].key);
        offer(candidates, name, prefix);
        if (strchr(prefix, '.') == NULL && ui_option_called(options[i].key) != NULL &&
            *prefix != '\0') {
            offer(candidates, options[i].key, prefix);
        }
    }
}

static void offer_choices(struct ui_candidates *candidates, const char *name, const char *prefix)
{
    const struct hg_option *option = ui_option_called(name);
    char words[256];

    if (option != NULL && option->type == HG_OPT_YESNO) {
        offer(candidates, "yes", prefix);
        offer(candidates, "no", prefix);
    }
    if (option == NULL || option->type != HG_OPT_CHOICE || option->choices == NULL) {
        return;
    }
    snprintf(words, sizeof words, "%s", option->choices);
    for (char *word = words, *next; word != NULL; word = next) {
        next = strchr(word, '|');
        if (next != NULL) {
            *next++ = '\0';
        }
        offer(candidates, word, prefix);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void offer_files(struct ui_candidates *candidates, const char *prefix)
{
    char folder[UI_CANDIDATE_TEXT] = ".", path[2 * UI_CANDIDATE_TEXT];
    const char *slash = strrchr(prefix, '/');
    int head = slash == NULL ? 0 : (int)(slash - prefix) + 1;

    if (head >= UI_CANDIDATE_TEXT) {
        return;
    }
    if (head > 0) {
        snprintf(folder, sizeof folder, "%.*s", head, prefix);
    }
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        struct stat status;
        if (entry->d_name[0] == '.' && prefix[head] != '.') {
            continue;
        }
        snprintf(path, sizeof path - 1, "%.*s%s", head, prefix, entry->d_name);
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
            strcat(path, "/");
        }
        offer(candidates, path, prefix);
    }
    closedir(dir);
    qsort(candidates->text, candidates->count, sizeof candidates->text[0], by_text);
}

/* Puts the longest common beginning of all candidates in place of the word. */
static void extend(struct ui_field *field, size_t start, const struct ui_candidates *candidates,
                   bool spaced)
{
    char line[UI_FIELD_TEXT + UI_CANDIDATE_TEXT + 1];
    size_t common = strlen(candidates->text[0]);

    for (size_t i = 1; i < candidates->count; i++) {
        size_t same = 0;
        while (same < common && candidates->text[i][same] == candidates->text[0][same]) {
            same++;
        }
        common = same;
    }
    bool done = candidates->count == 1 && spaced && candidates->text[0][common - 1] != '/';
    int head = snprintf(line, sizeof line, "%.*s%.*s%s", (int)start, field->text, (int)common,
                        candidates->text[0], done ? " " : "");
    snprintf(line + head, sizeof line - (size_t)head, "%s", field->text + field->cursor);
    if (strlen(line) < UI_FIELD_TEXT) {
        ui_field_set(field, line);
        field->cursor = (size_t)head;
    }
}

void ui_command_complete(struct ui_field *field, struct ui_candidates *candidates)
{
    char words[UI_FIELD_TEXT], *word[3] = {NULL, NULL, NULL};
    size_t count = 0, start = 0;

    candidates->count = 0;
    snprintf(words, sizeof words, "%.*s", (int)field->cursor, field->text);
    for (char *c = words; count < 3; count++) {
        c += strspn(c, " ");
        start = (size_t)(c - words);
        word[count] = c;
        c += strcspn(c, " ");
        if (*c == '\0') {
            count++;
            break;
        }
        if (count < 2) {
            *c++ = '\0';
        }
    }
    if (count == 1) {
        offer_commands(candidates, word[0]);
    } else if (strcmp(word[0], "set") == 0) {
        if (count == 2) {
            offer_options(candidates, word[1]);
        } else {
            offer_choices(candidates, word[1], word[2]);
        }
    } else if (strcmp(word[0], "write") == 0 || strcmp(word[0], "open") == 0) {
        /* a file's name may hold spaces: all behind the command is the name */
        start = (size_t)(word[1] - words);
        offer_files(candidates, field->text + start);
    }
    if (candidates->count > 0) {
        extend(field, start, candidates, count < 3 && strcmp(word[0], "open") != 0);
    }
}
