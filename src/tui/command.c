#include "tui/command.h"

#include "hourglass/spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ui_command table[] = {
    {"set", UI_ARG_KEY_VALUE, UI_ORDER_SET, UI_ACT_NONE, "set KEY VALUE",
     "change an option; without VALUE: show it", false},
    {"write", UI_ARG_FILE_OPTIONAL, UI_ORDER_WRITE, UI_ACT_NONE, "write [FILE]",
     "write the run file; FILE.ini: the experiment; write! replaces it", false},
    {"open", UI_ARG_FILE, UI_ORDER_OPEN, UI_ACT_NONE, "open FILE",
     "another experiment, run or data", false},
    {"export", UI_ARG_FILE, UI_ORDER_NONE, UI_ACT_NONE, "export FILE",
     "ONNX, PyTorch, CSV or picture", true},
    {"recover", UI_ARG_NONE, UI_ORDER_RECOVER, UI_ACT_NONE, "recover",
     "open the run kept when a session was cut off", false},
    {"quit", UI_ARG_NONE, UI_ORDER_QUIT, UI_ACT_NONE, "quit", "quit; quit! discards", false},
    {"run", UI_ARG_NONE, UI_ORDER_ACTION, UI_ACT_RUN, "run", "run or pause", false},
    {"step", UI_ARG_NUMBER_OPTIONAL, UI_ORDER_STEPS, UI_ACT_NONE, "step [N]", "N steps", false},
    {"epoch", UI_ARG_NONE, UI_ORDER_ACTION, UI_ACT_EPOCH, "epoch", "to the end of the epoch",
     false},
    {"sample", UI_ARG_NUMBER, UI_ORDER_SAMPLE, UI_ACT_NONE, "sample N", "show sample N", false},
    {"label", UI_ARG_TEXT_OPTIONAL, UI_ORDER_LABEL, UI_ACT_NONE, "label [NAME]",
     "only samples of this label; without NAME: all", false},
    {"restart", UI_ARG_NUMBER_OPTIONAL, UI_ORDER_RESTART, UI_ACT_NONE, "restart [SEED]",
     "start again", false},
    {"back", UI_ARG_NUMBER_OPTIONAL, UI_ORDER_BACK, UI_ACT_NONE, "back [N]",
     "exactly N steps back in the run's history; without N: as u", false},
    {"forward", UI_ARG_NUMBER_OPTIONAL, UI_ORDER_FORWARD, UI_ACT_NONE, "forward [N]",
     "N steps forward again; without N: as U", false},
    {"fork", UI_ARG_NONE, UI_ORDER_ACTION, UI_ACT_FORK, "fork",
     "race the run against a copy with one change", false},
    {"swap", UI_ARG_NONE, UI_ORDER_ACTION, UI_ACT_SWAP, "swap", "in a race: show the other run",
     false},
    {"keep", UI_ARG_NONE, UI_ORDER_ACTION, UI_ACT_KEEP, "keep",
     "in a race: keep the run that is shown", false},
    {"help", UI_ARG_NONE, UI_ORDER_ACTION, UI_ACT_HELP, "help", "all keys", false},
};

enum { COMMANDS = sizeof table / sizeof *table };

const struct ui_command *ui_commands(size_t *count)
{
    *count = COMMANDS;
    return table;
}

/* NULL and an error when no command or several begin so. */
static const struct ui_command *command_called(const char *name, size_t length, char *error,
                                               size_t size)
{
    const struct ui_command *found = NULL;
    size_t matches = 0;

    for (size_t i = 0; i < COMMANDS; i++) {
        if (strncmp(table[i].name, name, length) != 0) {
            continue;
        }
        if (table[i].name[length] == '\0') {
            return &table[i];
        }
        /* A single letter means the first command of the table that begins so. */
        if (found == NULL || length > 1) {
            found = &table[i];
            matches += length > 1 || matches == 0;
        }
    }
    if (matches == 1) {
        return found;
    }
    snprintf(error, size, "%s '%.*s'; there are set, write, open, quit, step, sample, label, …",
             matches == 0 ? "no command" : "more than one command begins with", (int)length, name);
    return NULL;
}

const struct hg_option *ui_option_called(const char *name)
{
    size_t count;
    const struct hg_option *options = hg_options(&count), *found = NULL;

    if (strchr(name, '.') != NULL) {
        return hg_option_find(name);
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].key, name) == 0) {
            if (found != NULL) {
                return NULL;
            }
            found = &options[i];
        }
    }
    return found;
}

static bool read_number(const char *text, int64_t *number)
{
    char *end;

    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0) {
        return false;
    }
    *number = value;
    return true;
}

static bool parse_set(char *text, struct ui_order *order, char *error, size_t size)
{
    size_t length = strcspn(text, " =");
    char *value = text + length;

    value += strspn(value, " ");
    value += *value == '=';
    value += strspn(value, " ");
    bool asks = *value == '\0';
    char name[48];
    snprintf(name, sizeof name, "%.*s", (int)(length < 47 ? length : 47), text);
    const struct hg_option *option = ui_option_called(name);
    if (option == NULL) {
        snprintf(error, size, "no option '%s'; set KEY VALUE, for instance set train.lr 0.01",
                 name);
        return false;
    }
    order->kind = asks ? UI_ORDER_ASK : UI_ORDER_SET;
    snprintf(order->name, sizeof order->name, "%s.%s", option->section, option->key);
    snprintf(order->text, sizeof order->text, "%s", value);
    return true;
}

static bool parse_argument(const struct ui_command *command, char *text, struct ui_order *order,
                           char *error, size_t size)
{
    bool given = *text != '\0';

    switch (command->argument) {
    case UI_ARG_KEY_VALUE:
        return parse_set(text, order, error, size);
    case UI_ARG_NONE:
        if (given) {
            break;
        }
        return true;
    case UI_ARG_NUMBER:
    case UI_ARG_NUMBER_OPTIONAL:
        if (given ? !read_number(text, &order->number) : command->argument == UI_ARG_NUMBER) {
            break;
        }
        return true;
    case UI_ARG_FILE:
        if (!given) {
            break;
        }
        /* fall through */
    case UI_ARG_FILE_OPTIONAL:
    case UI_ARG_TEXT_OPTIONAL:
        snprintf(order->text, sizeof order->text, "%s", text);
        return true;
    }
    snprintf(error, size, "that is: %s", command->usage);
    return false;
}

bool ui_command_parse(const char *line, struct ui_order *order, char *error, size_t size)
{
    char text[UI_FIELD_TEXT];

    memset(order, 0, sizeof *order);
    order->number = -1;
    line += strspn(line, " :");
    snprintf(text, sizeof text, "%s", line);
    for (size_t end = strlen(text); end > 0 && text[end - 1] == ' '; end--) {
        text[end - 1] = '\0';
    }
    if (*text == '\0') {
        return true;
    }
    size_t length = strcspn(text, " !");
    order->force = text[length] == '!';
    const struct ui_command *command = command_called(text, length, error, size);
    if (command == NULL) {
        return false;
    }
    if (command->later) {
        snprintf(error, size, "%s comes with a later version", command->name);
        return false;
    }
    order->kind = command->kind;
    order->action = command->action;
    char *rest = text + length + order->force;
    return parse_argument(command, rest + strspn(rest, " "), order, error, size);
}

void ui_history_add(struct ui_history *history, const char *line)
{
    bool again = history->count > 0 && strcmp(history->line[history->count - 1], line) == 0;

    if (*line != '\0' && !again) {
        if (history->count == UI_HISTORY) {
            memmove(history->line[0], history->line[1], sizeof history->line[0] * (UI_HISTORY - 1));
            history->count--;
        }
        snprintf(history->line[history->count++], UI_FIELD_TEXT, "%s", line);
    }
    history->at = history->count;
}

void ui_history_move(struct ui_history *history, struct ui_field *field, int direction)
{
    if (direction < 0 ? history->at == 0 : history->at == history->count) {
        return;
    }
    if (history->at == history->count) {
        snprintf(history->typed, sizeof history->typed, "%s", field->text);
    }
    history->at = direction < 0 ? history->at - 1 : history->at + 1;
    ui_field_set(field,
                 history->at == history->count ? history->typed : history->line[history->at]);
}
