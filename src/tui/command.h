/* command.h - the `:` line: one table of commands, their parsing and completion. */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include "tui/action.h"
#include "tui/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ui_order_kind {
    UI_ORDER_NONE,  /* an empty line */
    UI_ORDER_SET,   /* option `name` = `text` */
    UI_ORDER_ASK,   /* option `name`: what is it? */
    UI_ORDER_WRITE, /* to `text`, "" = where w writes */
    UI_ORDER_OPEN,  /* `text` */
    UI_ORDER_RECOVER,
    UI_ORDER_QUIT,    /* force: discard */
    UI_ORDER_ACTION,  /* do `action`, as its key would */
    UI_ORDER_STEPS,   /* `number` steps */
    UI_ORDER_SAMPLE,  /* show sample `number` */
    UI_ORDER_LABEL,   /* only label `text`, "" = all */
    UI_ORDER_RESTART, /* number: the seed; 0 = the same */
    UI_ORDER_BACK,    /* exactly `number` steps; -1 or 0: to the kept state before */
    UI_ORDER_FORWARD
};

struct ui_order {
    enum ui_order_kind kind;
    enum ui_action action;
    bool force;
    int64_t number;
    char name[48];
    char text[UI_FIELD_TEXT];
};

/* What stands after a command's name. */
enum ui_argument {
    UI_ARG_NONE,
    UI_ARG_KEY_VALUE,
    UI_ARG_FILE,
    UI_ARG_FILE_OPTIONAL,
    UI_ARG_NUMBER,
    UI_ARG_NUMBER_OPTIONAL,
    UI_ARG_TEXT_OPTIONAL
};

struct ui_command {
    const char *name;
    enum ui_argument argument;
    enum ui_order_kind kind;
    enum ui_action action; /* with UI_ORDER_ACTION */
    const char *usage;     /* "set KEY VALUE" */
    const char *help;
    bool later; /* comes with a later version */
};

const struct ui_command *ui_commands(size_t *count);

/* Reads a line (without the colon). An unambiguous beginning of a command's name is
 * enough. False: `error` says what is wrong and what is accepted. */
bool ui_command_parse(const char *line, struct ui_order *order, char *error, size_t size);

/* The option called `name`, "train.lr" or only "lr"; NULL when none or several are. */
struct hg_option;
const struct hg_option *ui_option_called(const char *name);

enum { UI_CANDIDATES = 64, UI_CANDIDATE_TEXT = 256 };
struct ui_candidates {
    size_t count;
    char text[UI_CANDIDATES][UI_CANDIDATE_TEXT]; /* raw bytes: sanitize before showing */
};
/* Completes the word before the cursor as far as it is certain, and lists what it may become. */
void ui_command_complete(struct ui_field *field, struct ui_candidates *candidates);

/* The lines typed before. */
enum { UI_HISTORY = 32 };
struct ui_history {
    char line[UI_HISTORY][UI_FIELD_TEXT];
    size_t count, at; /* at == count: the line being typed */
    char typed[UI_FIELD_TEXT];
};
void ui_history_add(struct ui_history *history, const char *line);
/* direction -1: older, +1: newer. */
void ui_history_move(struct ui_history *history, struct ui_field *field, int direction);

#endif
