/* action.h - what a user can do: one table makes keymap, help page, footer and
 * the check of the man page. */
#ifndef UI_ACTION_H
#define UI_ACTION_H

#include <stdbool.h>
#include <stddef.h>

enum ui_action {
    UI_ACT_NONE,
    /* training */
    UI_ACT_RUN,
    UI_ACT_STEP,
    UI_ACT_STEPS,
    UI_ACT_EPOCH,
    UI_ACT_FASTER,
    UI_ACT_SLOWER,
    UI_ACT_OPTIMIZER_NEXT,
    UI_ACT_OPTIMIZER_PREVIOUS,
    UI_ACT_BATCH_HALVE,
    UI_ACT_BATCH_DOUBLE,
    UI_ACT_BACK,
    UI_ACT_FORWARD,
    UI_ACT_RESTART,
    UI_ACT_RESEED,
    /* looking */
    UI_ACT_NEXT,
    UI_ACT_PREVIOUS,
    UI_ACT_GOTO,
    UI_ACT_FILTER,
    UI_ACT_VIEW_1,
    UI_ACT_VIEW_2,
    UI_ACT_VIEW_3,
    UI_ACT_VIEW_4,
    UI_ACT_VIEW_5,
    UI_ACT_VIEW_6,
    UI_ACT_VIEW_NEXT,
    UI_ACT_VIEW_PREVIOUS,
    UI_ACT_LAYER_NEXT,
    UI_ACT_LAYER_PREVIOUS,
    UI_ACT_PAGE_NEXT,
    UI_ACT_PAGE_PREVIOUS,
    UI_ACT_MARK,
    UI_ACT_WALK,
    UI_ACT_RANDOM_CODE,
    UI_ACT_SAMPLE_CODE,
    UI_ACT_DOCTOR,
    UI_ACT_CHECK,
    UI_ACT_ART,
    UI_ACT_PALETTE,
    UI_ACT_LOSS_AXIS,
    UI_ACT_STEP_AXIS,
    /* keeping */
    UI_ACT_WRITE,
    UI_ACT_WRITE_EXPERIMENT,
    UI_ACT_EXPORT,
    UI_ACT_FORK,
    UI_ACT_SWAP,
    UI_ACT_KEEP,
    /* the program */
    UI_ACT_ENTER,
    UI_ACT_CANCEL,
    UI_ACT_COMMAND,
    UI_ACT_HELP,
    UI_ACT_QUIT,
    UI_ACT_SUSPEND,
    UI_ACT_REDRAW,
    UI_ACT_COUNT
};

/* Heading on the help page. */
enum ui_group { UI_GROUP_TRAIN, UI_GROUP_LOOK, UI_GROUP_KEEP, UI_GROUP_PROGRAM, UI_GROUP_COUNT };

/* One line of the table. */
struct ui_action_info {
    enum ui_action action;
    enum ui_group group;
    const char *name;   /* as [keys] and the man page spell it */
    const char *keys;   /* default keys, separated by spaces, as keymap.h spells them */
    const char *help;   /* one line of the help page */
    const char *shown;  /* keys as the footer prints them; NULL = not in the footer */
    const char *footer; /* the word after them */
    int rank;           /* footer: 0 always there, then the smaller the longer it stays */
    bool later;         /* comes with a later version; pressed, it says so */
};

/* The table, in the order of the help page; `*count` lines. */
const struct ui_action_info *ui_actions(size_t *count);
/* One line of it; never NULL for a real action. */
const struct ui_action_info *ui_action_find(enum ui_action action);
/* By name; UI_ACT_NONE when there is no such. */
enum ui_action ui_action_named(const char *name);
/* Heading of a group. */
const char *ui_group_title(enum ui_group group);

#endif
