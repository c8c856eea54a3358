#include "tui/action.h"

#include <string.h>

/* Footer order is table order; ranks say who gives way first. */
static const struct ui_action_info table[] = {
    {UI_ACT_RUN, UI_GROUP_TRAIN, "run", "space", "run or pause", "space", "pause", 1, false},
    {UI_ACT_STEP, UI_GROUP_TRAIN, "step", "s", "one step", "s", "step", 3, false},
    {UI_ACT_STEPS, UI_GROUP_TRAIN, "steps", "S", "N steps (asks)", NULL, NULL, 0, false},
    {UI_ACT_EPOCH, UI_GROUP_TRAIN, "epoch", "e", "run to the end of the epoch", "e", "epoch", 4,
     false},
    {UI_ACT_FASTER, UI_GROUP_TRAIN, "rate-up", "Up + =", "learning rate times 1.25", "↑↓", "rate",
     5, false},
    {UI_ACT_SLOWER, UI_GROUP_TRAIN, "rate-down", "Down -", "learning rate divided by 1.25", NULL,
     NULL, 0, false},
    {UI_ACT_OPTIMIZER_NEXT, UI_GROUP_TRAIN, "optimizer-next", "o",
     "next optimizer (its state starts anew)", "o", "optimizer", 6, false},
    {UI_ACT_OPTIMIZER_PREVIOUS, UI_GROUP_TRAIN, "optimizer-previous", "O", "previous optimizer",
     NULL, NULL, 0, false},
    {UI_ACT_BATCH_HALVE, UI_GROUP_TRAIN, "batch-halve", "b", "batch size divided by 2", "b B",
     "batch", 12, false},
    {UI_ACT_BATCH_DOUBLE, UI_GROUP_TRAIN, "batch-double", "B", "batch size times 2", NULL, NULL, 0,
     false},
    {UI_ACT_RESTART, UI_GROUP_TRAIN, "restart", "r", "start again from the same seed (asks)", "r",
     "restart", 9, false},
    {UI_ACT_RESEED, UI_GROUP_TRAIN, "reseed", "R", "start again from a new seed (asks)", NULL, NULL,
     0, false},
    {UI_ACT_BACK, UI_GROUP_TRAIN, "back", "u", "back in the run's history", NULL, NULL, 0, false},
    {UI_ACT_FORWARD, UI_GROUP_TRAIN, "forward", "U", "forward in the run's history", NULL, NULL, 0,
     false},

    {UI_ACT_NEXT, UI_GROUP_LOOK, "sample-next", "n Right", "next sample", "←→", "sample", 7, false},
    {UI_ACT_PREVIOUS, UI_GROUP_LOOK, "sample-previous", "p Left", "previous sample", NULL, NULL, 0,
     false},
    {UI_ACT_GOTO, UI_GROUP_LOOK, "sample-number", "g", "go to a sample by its number", "g", "go to",
     14, false},
    {UI_ACT_FILTER, UI_GROUP_LOOK, "sample-label", "f", "only samples of one label", "f", "label",
     13, false},
    {UI_ACT_VIEW_1, UI_GROUP_LOOK, "view-1", "1", "view 1, train", NULL, NULL, 0, false},
    {UI_ACT_VIEW_2, UI_GROUP_LOOK, "view-2", "2", "view 2, latent", NULL, NULL, 0, false},
    {UI_ACT_VIEW_3, UI_GROUP_LOOK, "view-3", "3", "view 3, network", NULL, NULL, 0, false},
    {UI_ACT_VIEW_4, UI_GROUP_LOOK, "view-4", "4", "view 4, filters", NULL, NULL, 0, false},
    {UI_ACT_VIEW_5, UI_GROUP_LOOK, "view-5", "5", "view 5, health", NULL, NULL, 0, false},
    {UI_ACT_VIEW_6, UI_GROUP_LOOK, "view-6", "6", "view 6, experiment", NULL, NULL, 0, false},
    {UI_ACT_VIEW_NEXT, UI_GROUP_LOOK, "view-next", "Tab", "next view", "Tab", "view", 9, false},
    {UI_ACT_VIEW_PREVIOUS, UI_GROUP_LOOK, "view-previous", "S-Tab", "previous view", NULL, NULL, 0,
     false},
    {UI_ACT_LAYER_NEXT, UI_GROUP_LOOK, "layer-next", "] >",
     "view 2: next slider; views 3, 4: next layer; view 5: next sample", "[ ]", "layer", 2, false},
    {UI_ACT_LAYER_PREVIOUS, UI_GROUP_LOOK, "layer-previous", "[ <",
     "view 2: previous slider; views 3, 4: previous layer; view 5: sample", NULL, NULL, 0, false},
    {UI_ACT_PAGE_NEXT, UI_GROUP_LOOK, "page-next", "PageDown",
     "view 2: five cells down; view 4: next page; view 5: more layers", "PgUp PgDn", "page", 2,
     false},
    {UI_ACT_PAGE_PREVIOUS, UI_GROUP_LOOK, "page-previous", "PageUp",
     "view 2: five cells up; view 4: previous page; view 5: more layers", NULL, NULL, 0, false},
    {UI_ACT_MARK, UI_GROUP_LOOK, "mark", "m", "view 2: mark the nearest sample as A, then one as B",
     NULL, NULL, 0, false},
    {UI_ACT_WALK, UI_GROUP_LOOK, "walk", "M", "view 2: walk from A to B", NULL, NULL, 0, false},
    {UI_ACT_RANDOM_CODE, UI_GROUP_LOOK, "random-code", "z", "view 2: a random code", NULL, NULL, 0,
     false},
    {UI_ACT_SAMPLE_CODE, UI_GROUP_LOOK, "sample-code", ".", "view 2: to the shown sample's code",
     NULL, NULL, 0, false},
    {UI_ACT_DOCTOR, UI_GROUP_LOOK, "doctor", "d", "what is wrong or right now, and what helps", "d",
     "doctor", 13, false},
    {UI_ACT_CHECK, UI_GROUP_LOOK, "gradient-check", "G", "gradient check of the live model", NULL,
     NULL, 0, false},
    {UI_ACT_ART, UI_GROUP_LOOK, "art", "a", "pictures in blocks, Braille, ASCII", "a", "art", 15,
     false},
    {UI_ACT_PALETTE, UI_GROUP_LOOK, "palette", "c", "next palette", "c", "palette", 16, false},
    {UI_ACT_LOSS_AXIS, UI_GROUP_LOOK, "loss-axis", "l", "loss axis linear or logarithmic", "l L",
     "axes", 11, false},
    {UI_ACT_STEP_AXIS, UI_GROUP_LOOK, "step-axis", "L", "step axis linear or logarithmic", NULL,
     NULL, 0, false},

    {UI_ACT_WRITE, UI_GROUP_KEEP, "write", "w", "write the run file now", "w", "save", 8, false},
    {UI_ACT_WRITE_EXPERIMENT, UI_GROUP_KEEP, "write-experiment", "W",
     "write the experiment as a file (asks for its name)", NULL, NULL, 0, false},
    {UI_ACT_EXPORT, UI_GROUP_KEEP, "export", "x", "export what is shown as PNG", NULL, NULL, 0,
     true},
    {UI_ACT_FORK, UI_GROUP_KEEP, "fork", "F", "race the run against a copy with one change (asks)",
     NULL, NULL, 0, false},
    {UI_ACT_SWAP, UI_GROUP_KEEP, "swap", "v", "in a race: show and steer the other run", "v",
     "swap", 1, false},
    {UI_ACT_KEEP, UI_GROUP_KEEP, "keep", "k", "in a race: keep the run that is shown (asks)", "k",
     "keep", 1, false},

    {UI_ACT_ENTER, UI_GROUP_PROGRAM, "enter", "Enter",
     "accept; view 2: nearest sample; 3: weights; 4: larger; 5: show the sample", NULL, NULL, 0,
     false},
    {UI_ACT_CANCEL, UI_GROUP_PROGRAM, "cancel", "Esc", "close or cancel", NULL, NULL, 0, false},
    {UI_ACT_COMMAND, UI_GROUP_PROGRAM, "command", ":",
     "command line: set KEY VALUE, write FILE, open FILE, …", ":", "command", 10, false},
    {UI_ACT_HELP, UI_GROUP_PROGRAM, "help", "? F1 h", "this page; Esc, ? and q close it", "?",
     "help", 0, false},
    {UI_ACT_QUIT, UI_GROUP_PROGRAM, "quit", "q F10 C-c", "quit (asks when something is unsaved)",
     "q", "quit", 0, false},
    {UI_ACT_SUSPEND, UI_GROUP_PROGRAM, "suspend", "C-z", "back to the shell; fg returns", NULL,
     NULL, 0, false},
    {UI_ACT_REDRAW, UI_GROUP_PROGRAM, "redraw", "C-l", "draw the screen anew", NULL, NULL, 0,
     false},
};

const struct ui_action_info *ui_actions(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

const struct ui_action_info *ui_action_find(enum ui_action action)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].action == action) {
            return &table[i];
        }
    }
    return NULL;
}

enum ui_action ui_action_named(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return table[i].action;
        }
    }
    return UI_ACT_NONE;
}

const char *ui_group_title(enum ui_group group)
{
    static const char *const titles[UI_GROUP_COUNT] = {"Training", "Looking", "Keeping", "Program"};
    return titles[group];
}
